// SPDX-License-Identifier: Apache-2.0

package soak

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/gorilla/websocket"

	"github.com/sockgen/sockgen/runtime/engineio"
	"github.com/sockgen/sockgen/runtime/socketio"
)

// An ending is one way in which connections end.
type ending struct {
	name  string
	cfg   socketio.Config
	slots int                   // cycles at once; many where a cycle waits for a timeout, and zero means 32
	size  int                   // connections that one cycle makes; zero means 1
	cycle func(c *client) error // returns once the connection has ended, for the application too
}

// manySlots are the cycles at once of endings that wait.
const manySlots = 256

func over(c *client) bool { return c.variant(2) == 1 } // WebSocket, or polling

var allEndings = []ending{
	{name: "client: DISCONNECT packet", cycle: func(c *client) error {
		id, err := c.join(over(c))
		if err == nil {
			err = c.send("41")
		}
		if err == nil {
			err = c.v.ends(id, socketio.ClientNamespaceDisconnect)
		}
		return join(err, c.leave)
	}},
	{name: "client: POST of 1", cycle: func(c *client) error {
		id, err := c.join(false)
		if err == nil && c.variant(2) == 1 {
			err = join(c.begin("GET", ""), c.secondLine) // with a GET that waits
		}
		return join(err, c.leave, c.endsWith(&id, socketio.TransportClose))
	}},
	{name: "client: Close frame", cycle: func(c *client) error {
		id, err := c.join(true)
		return join(err, c.leave, c.endsWith(&id, socketio.TransportClose))
	}},
	{name: "client: abrupt FIN", cycle: func(c *client) error {
		id, err := c.join(true)
		return join(err, func() error { return c.wsLine.Close() }, c.endsWith(&id, socketio.TransportClose, socketio.TransportError))
	}},
	{name: "client: reset", cycle: func(c *client) error {
		id, err := c.join(true)
		return join(err, func() error { return reset(c.wsLine) }, c.endsWith(&id, socketio.TransportClose, socketio.TransportError))
	}},
	{name: "client: pending GET dropped", cycle: func(c *client) error {
		id, err := c.join(false)
		drop := c.line.Close
		if c.variant(2) == 1 {
			drop = func() error { return reset(c.line) }
		}
		return join(err, func() error { return c.begin("GET", "") }, pause, drop, c.endsWith(&id, socketio.TransportError, socketio.PingTimeout))
	}, slots: manySlots, cfg: silence},
	{name: "client: vanishes while polling", slots: manySlots, cfg: silence, cycle: func(c *client) error {
		id, err := c.join(false)
		return join(err, func() error { return c.line.Close() }, c.endsWith(&id, socketio.PingTimeout))
	}},
	{name: "client: WebSocket without pongs", slots: manySlots, cfg: silence, cycle: func(c *client) error {
		id, err := c.join(true)
		return join(err, c.endsWith(&id, socketio.PingTimeout), c.unheard)
	}},
	{name: "server: Disconnect()", cycle: func(c *client) error {
		id, err := c.join(over(c))
		return join(err, func() error { return c.send(`42["bye"]`) }, func() error { return c.want("41") },
			c.endsWith(&id, socketio.ServerNamespaceDisconnect), c.leave)
	}},
	{name: "server: CloseConnection()", cycle: func(c *client) error {
		id, err := c.join(over(c))
		return join(err, func() error { return c.send(`42["byebye"]`) }, func() error { return c.want("41") },
			c.endsWith(&id, socketio.ServerNamespaceDisconnect), c.closed)
	}},
	{name: "server: refused by Use", cycle: func(c *client) error {
		return join(c.open(over(c)), func() error { return c.send("40/guarded,") },
			func() error { return c.want(`44/guarded,{"message":"no"}`) }, c.leave)
	}},
	{name: "client: gone while Use decides", cycle: func(c *client) error {
		return join(c.open(over(c)), func() error { return c.send("40/slow,") }, c.leave)
	}},
	{name: "server: no CONNECT in time", slots: manySlots, cfg: socketio.Config{ConnectTimeout: 300 * time.Millisecond}, cycle: func(c *client) error {
		return join(c.open(over(c)), c.closed)
	}},
	{name: "client: malformed packet", cycle: func(c *client) error {
		id, err := c.join(over(c))
		return join(err, func() error { return c.send(`42["echo"`) }, c.endsWith(&id, socketio.ForcedClose), c.closed)
	}},
	{name: "client: malformed frame", cycle: malformedFrame},
	{name: "client: payload too large", cfg: socketio.Config{MaxPayload: 1000}, cycle: tooLarge},
	{name: "client: attachment missing", cycle: func(c *client) error {
		id, err := c.join(over(c))
		return join(err, func() error { return c.send(`451-["echo",{"_placeholder":true,"num":0}]`) }, c.leave,
			c.endsWith(&id, socketio.TransportClose))
	}},
	{name: "upgrade: probe abandoned", cfg: socketio.Config{UpgradeTimeout: time.Second}, slots: manySlots, cycle: probeAbandoned},
	{name: "upgrade: completed, then closed", cycle: func(c *client) error {
		id, err := c.join(false)
		return join(err, c.upgrade, c.echo, c.leave, c.endsWith(&id, socketio.TransportClose))
	}},
	{name: "upgrade: session ends meanwhile", cycle: func(c *client) error {
		id, err := c.join(false)
		return join(err, c.probe, func() error { return c.post("1") }, c.endsWith(&id, socketio.TransportClose), c.probeClosed)
	}},
	{name: "recovery: used", cfg: patient, cycle: recovered},
	{name: "recovery: kept, then expired", slots: manySlots, cfg: recovering, cycle: func(c *client) error {
		id, err := c.join(true)
		return join(err, c.hearNews, func() error { return reset(c.wsLine) }, c.endsWith(&id, socketio.TransportClose, socketio.TransportError))
	}},
	{name: "namespaces: child emptied", cycle: func(c *client) error {
		name := fmt.Sprint("/child-", c.n)
		err := c.open(over(c))
		m, connectErr := membership{}, error(nil)
		if err == nil {
			m, connectErr = c.connect(name, "")
		}
		return join(errors.Join(err, connectErr), func() error { return c.send("41" + name + ",") },
			c.endsWith(&m.SID, socketio.ClientNamespaceDisconnect), c.leave)
	}},
	{name: "acks: one is owed", cycle: func(c *client) error {
		id, err := c.join(over(c))
		return join(err, func() error { return c.send(`42["ask"]`) }, c.asked, c.leave, c.endsWith(&id, socketio.TransportClose))
	}},
	{name: "rooms: joined, then gone", cycle: func(c *client) error {
		id, err := c.join(over(c))
		return join(err, func() error { return c.send(`421["join"]`) }, func() error { return c.want(`431["joined"]`) },
			c.leave, c.endsWith(&id, socketio.TransportClose))
	}},
	{name: "server: shut down", size: party, cycle: shutDown},
}

// silence is the configuration of a server whose clients fall silent.
var silence = socketio.Config{PingInterval: time.Second, PingTimeout: time.Second}

// recovering is the configuration of a server that remembers for a moment.
var recovering = socketio.Config{
	Recovery:     &socketio.Recovery{MaxDisconnectionDuration: 500 * time.Millisecond},
	PingInterval: time.Second, PingTimeout: time.Second,
}

// patient is recovering for clients that come back, even if the machine is busy.
var patient = socketio.Config{
	Recovery:     &socketio.Recovery{MaxDisconnectionDuration: 4 * time.Second},
	PingInterval: 500 * time.Millisecond, PingTimeout: 1500 * time.Millisecond,
}

// join is err, or else the first error of the steps.
func join(err error, steps ...func() error) error {
	for i, step := range steps {
		if err != nil {
			return err
		}
		if err = step(); err != nil {
			err = fmt.Errorf("step %d: %w", i+1, err)
		}
	}
	return err
}

// pause lets a request arrive. Without it most connections would be gone before.
func pause() error {
	time.Sleep(time.Millisecond)
	return nil
}

// endsWith waits for the end of a socket, whose id is there by then.
func (c *client) endsWith(id *socketio.ID, reasons ...socketio.DisconnectReason) func() error {
	return func() error { return c.v.ends(*id, reasons...) }
}

// secondLine makes the next request take another connection, as the one at hand is
// busy.
func (c *client) secondLine() error {
	c.line = nil
	return pause()
}

// post is a POST on a connection of its own.
func (c *client) post(packets string) error {
	ws := c.ws
	c.line, c.ws = nil, nil
	err := c.send(packets)
	c.ws = ws
	return err
}

// unheard reads a ping that it does not answer, and the end. A server whose timer was as
// late as the answer may be has left the ping out.
func (c *client) unheard() error {
	packet, err := c.next()
	switch {
	case packet == "2":
		return c.closed()
	case websocket.IsCloseError(err, websocket.CloseNoStatusReceived):
		return nil
	}
	return fmt.Errorf("got %q, %v; want a ping", packet, err)
}

func malformedFrame(c *client) error {
	id, err := c.join(over(c))
	if err != nil {
		return err
	}
	if c.ws == nil {
		status, answer, err := c.do("POST", "?")
		if err == nil && status != http.StatusBadRequest {
			err = fmt.Errorf("answered with %d %q", status, answer)
		}
		return join(err, c.endsWith(&id, socketio.ParseError, socketio.TransportError))
	}
	if _, err := c.wsLine.Write([]byte{0xf1, 0x80, 0, 0, 0, 0}); err != nil {
		return err
	}
	return join(c.endedWithCode(websocket.CloseProtocolError), c.endsWith(&id, socketio.TransportError))
}

func tooLarge(c *client) error {
	id, err := c.join(over(c))
	if err != nil {
		return err
	}
	packet := `42["echo","` + string(make([]byte, 2000)) + `"]`
	if c.ws == nil {
		status, answer, err := c.do("POST", packet)
		if err == nil && status != http.StatusRequestEntityTooLarge {
			err = fmt.Errorf("answered with %d %q", status, answer)
		}
		// The session goes on (R57), the connection does not.
		return join(err, func() error { return c.post("1") }, c.endsWith(&id, socketio.TransportClose))
	}
	return join(c.send(packet), func() error { return c.endedWithCode(websocket.CloseMessageTooBig) }, c.endsWith(&id, socketio.TransportError))
}

// endedWithCode reads to the server's Close frame.
func (c *client) endedWithCode(code int) error {
	if _, _, err := c.ws.ReadMessage(); !websocket.IsCloseError(err, code) {
		return fmt.Errorf("got %v, want a Close frame with %d", err, code)
	}
	return nil
}

// probe brings an upgrade as far as the answer to the probe.
func (c *client) probe() error {
	if err := c.dialWebSocket(); err != nil {
		return err
	}
	return join(c.send("2probe"), func() error { return c.want("3probe") })
}

func (c *client) upgrade() error {
	return join(c.probe(), func() error { return c.send("5") })
}

// probeClosed reads to the end of a probing WebSocket.
func (c *client) probeClosed() error {
	if _, _, err := c.ws.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseNoStatusReceived) {
		return fmt.Errorf("got %v, want a Close frame", err)
	}
	return nil
}

// probeAbandoned gives an upgrade up in one of three ways, and goes on polling.
func probeAbandoned(c *client) error {
	id, err := c.join(false)
	if err = join(err, c.probe); err != nil {
		return err
	}
	switch c.variant(3) {
	case 0:
		err = c.wsLine.Close()
	case 1:
		err = reset(c.wsLine)
	case 2:
		err = c.probeClosed() // after UpgradeTimeout
	}
	c.ws = nil
	return join(err, c.echo, c.leave, c.endsWith(&id, socketio.TransportClose))
}

// hearNews gets an event, which a recovering server remembers.
func (c *client) hearNews() error {
	_, err := c.news()
	return err
}

func (c *client) news() (offset string, err error) {
	if err := c.send(`42["news"]`); err != nil {
		return "", err
	}
	packet, err := c.receive()
	if err != nil {
		return "", err
	}
	const head = `42["news","fresh","`
	if len(packet) < len(head)+3 || packet[:len(head)] != head {
		return "", fmt.Errorf("got %q", packet)
	}
	return packet[len(head) : len(packet)-2], nil
}

// recovered loses a connection and continues on another one.
func recovered(c *client) error {
	if err := c.open(true); err != nil {
		return err
	}
	m, err := c.connect("/", "")
	if err != nil {
		return err
	}
	offset, err := c.news()
	if err = join(err, func() error { return reset(c.wsLine) }, c.endsWith(&m.SID, socketio.TransportClose, socketio.TransportError)); err != nil {
		return err
	}
	c.sid = ""
	if err := c.open(over(c)); err != nil {
		return err
	}
	again, err := c.connect("/", fmt.Sprintf(`{"pid":%q,"offset":%q}`, m.PID, offset))
	if err != nil {
		return err
	}
	if again.SID != m.SID {
		return fmt.Errorf("a client that came back got %q, was %q", again.SID, m.SID)
	}
	return join(c.send("41"), c.endsWith(&m.SID, socketio.ClientNamespaceDisconnect), c.leave)
}

// asked gets an event that wants an ack.
func (c *client) asked() error {
	packet, err := c.receive()
	const tail = `["question"]`
	if err == nil && (len(packet) <= len(tail)+2 || packet[len(packet)-len(tail):] != tail) {
		err = fmt.Errorf("got %q", packet)
	}
	return err
}

// party is how many clients a server has that is shut down.
const party = 8

// shutDown ends a server of its own that has clients of all kinds.
func shutDown(host *client) (err error) {
	v, err := newVenue(socketio.Config{Recovery: recovering.Recovery, Clock: &timers, Limits: socketio.Limits{Engine: engineio.Limits{CloseTimeout: 5 * time.Second}}})
	if err != nil {
		return err
	}
	var guests []*client
	defer func() {
		for _, g := range guests {
			g.close()
		}
	}()
	var ids []socketio.ID
	for i := range party {
		g := &client{v: v, n: host.n*socketShare + i%2*(i+1)} // every other one over real sockets
		guests = append(guests, g)
		id, joinErr := g.join(i%4 < 2)
		if joinErr == nil && i == 2 {
			joinErr = g.probe()
		}
		if joinErr != nil {
			return errors.Join(joinErr, v.close())
		}
		ids = append(ids, id)
	}
	closed := make(chan error, 1)
	go func() { closed <- v.close() }()
	for i, g := range guests {
		switch {
		case i%4 < 2:
			err = errors.Join(err, g.closed())
		case i == 2:
			err = errors.Join(err, g.probeClosed())
		}
		err = errors.Join(err, v.ends(ids[i], socketio.ServerShuttingDown))
	}
	return errors.Join(err, <-closed, held(v.srv), v.firstError())
}
