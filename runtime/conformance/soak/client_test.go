// SPDX-License-Identifier: Apache-2.0

package soak

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/gorilla/websocket"

	"github.com/sockgen/sockgen/runtime/internal/memnet"
	"github.com/sockgen/sockgen/runtime/socketio"
)

// A client plays one cycle: one session, by hand, so that it can stop anywhere.
type client struct {
	v     *venue
	n     int // of the cycle
	conns []net.Conn

	sid     string // of the session; empty on WebSocket alone
	line    net.Conn
	answers *bufio.Reader // of line
	waiting []string      // packets that a GET brought

	ws     *websocket.Conn // carries the session, unless nil
	wsLine net.Conn
}

// socketShare is how many cycles there are for each one over real sockets.
const socketShare = 10

func (c *client) overSockets() bool { return c.n%socketShare == 0 }

// variant spreads the variants of an ending, over both networks.
func (c *client) variant(of int) int { return c.n / socketShare % of }

func (c *client) dial() (conn net.Conn, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if c.overSockets() {
		conn, err = new(net.Dialer).DialContext(ctx, "tcp", c.v.tcp.Addr().String())
	} else {
		conn, err = c.v.memory.Dial(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("dial: %w", err)
	}
	c.conns = append(c.conns, conn)
	return conn, conn.SetDeadline(time.Now().Add(patience))
}

// close closes every connection that is still open.
func (c *client) close() {
	for _, conn := range c.conns {
		conn.Close()
	}
}

// reset ends a connection as a crashed host would.
func reset(conn net.Conn) error {
	switch conn := conn.(type) {
	case *memnet.Conn:
		conn.Reset()
	case *net.TCPConn:
		if err := conn.SetLinger(0); err != nil {
			return err
		}
	}
	return conn.Close()
}

// begin sends a request of the polling session without waiting for its answer.
func (c *client) begin(method, body string) error {
	if c.line == nil {
		conn, err := c.dial()
		if err != nil {
			return err
		}
		c.line, c.answers = conn, bufio.NewReaderSize(conn, 1024)
	}
	target := "/socket.io/?EIO=4&transport=polling"
	if c.sid != "" {
		target += "&sid=" + c.sid
	}
	_, err := fmt.Fprintf(c.line, "%s %s HTTP/1.1\r\nHost: soak\r\nContent-Length: %d\r\n\r\n%s", method, target, len(body), body)
	return err
}

// do makes a request of the polling session.
func (c *client) do(method, body string) (status int, answer string, err error) {
	if err := c.begin(method, body); err != nil {
		return 0, "", err
	}
	res, err := http.ReadResponse(c.answers, nil)
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	return res.StatusCode, string(b), err
}

// ok is do for an answer of 200.
func (c *client) ok(method, body string) (string, error) {
	status, answer, err := c.do(method, body)
	if err == nil && status != http.StatusOK {
		err = fmt.Errorf("%s %.40q: %d %q", method, body, status, answer)
	}
	return answer, err
}

// open begins a session, on either transport.
func (c *client) open(overWebSocket bool) error {
	if overWebSocket {
		if err := c.dialWebSocket(); err != nil {
			return err
		}
	} else {
		c.ws = nil
		answer, err := c.ok("GET", "")
		if err != nil {
			return err
		}
		c.waiting = strings.Split(answer, "\x1e")
	}
	packet, err := c.receive()
	if err != nil {
		return err
	}
	text, ok := strings.CutPrefix(packet, "0")
	var handshake struct{ SID string }
	if !ok || json.Unmarshal([]byte(text), &handshake) != nil {
		return fmt.Errorf("the session begins with %q", packet)
	}
	c.sid = handshake.SID
	return nil
}

// dialWebSocket opens a WebSocket: of the polling session, if there is one.
func (c *client) dialWebSocket() error {
	conn, err := c.dial()
	if err != nil {
		return err
	}
	d := websocket.Dialer{
		NetDialContext: func(context.Context, string, string) (net.Conn, error) { return conn, nil },
		ReadBufferSize: 512, WriteBufferSize: 512,
	}
	target := "ws://soak/socket.io/?EIO=4&transport=websocket"
	if c.sid != "" {
		target += "&sid=" + c.sid
	}
	ws, res, err := d.Dial(target, nil)
	if err != nil {
		return fmt.Errorf("WebSocket: %w", err)
	}
	res.Body.Close()
	c.ws, c.wsLine = ws, conn
	return conn.SetDeadline(time.Now().Add(patience)) // gorilla has cleared it
}

// send sends packets.
func (c *client) send(packets ...string) error {
	if c.ws == nil {
		_, err := c.ok("POST", strings.Join(packets, "\x1e"))
		return err
	}
	for _, p := range packets {
		if err := c.ws.WriteMessage(websocket.TextMessage, []byte(p)); err != nil {
			return err
		}
	}
	return nil
}

// errClosed is what receive returns for the packet "1" and for a Close frame.
var errClosed = errors.New("the server closed the session")

// receive returns the next packet that means something. It answers pings.
func (c *client) receive() (string, error) {
	for {
		packet, err := c.next()
		switch {
		case websocket.IsCloseError(err, websocket.CloseNoStatusReceived), packet == "1":
			return "", errClosed
		case err != nil:
			return "", err
		case packet == "2":
			if err := c.send("3"); err != nil && !errors.Is(err, websocket.ErrCloseSent) { // it crossed our Close frame
				return "", err
			}
		case packet != "6":
			return packet, nil
		}
	}
}

func (c *client) next() (string, error) {
	if c.ws != nil {
		_, data, err := c.ws.ReadMessage()
		return string(data), err
	}
	if len(c.waiting) == 0 {
		answer, err := c.ok("GET", "")
		if err != nil {
			return "", err
		}
		c.waiting = strings.Split(answer, "\x1e")
	}
	packet := c.waiting[0]
	c.waiting = c.waiting[1:]
	return packet, nil
}

// want reads the next packets.
func (c *client) want(packets ...string) error {
	for _, want := range packets {
		got, err := c.receive()
		if err != nil {
			return fmt.Errorf("waiting for %q: %w", want, err)
		}
		if got != want {
			return fmt.Errorf("got %q, want %q", got, want)
		}
	}
	return nil
}

// closed reads to the end of the session, which the server causes.
func (c *client) closed() error {
	if packet, err := c.receive(); !errors.Is(err, errClosed) {
		return fmt.Errorf("got %q, %v; want the end", packet, err)
	}
	return nil
}

// A membership is what a CONNECT gives.
type membership struct {
	SID socketio.ID
	PID string
}

// connect joins a namespace; auth may be empty.
func (c *client) connect(namespace, auth string) (m membership, err error) {
	head := "40"
	if namespace != "/" {
		head += namespace + ","
	}
	if err := c.send(head + auth); err != nil {
		return m, err
	}
	packet, err := c.receive()
	if err != nil {
		return m, fmt.Errorf("CONNECT: %w", err)
	}
	reply, ok := strings.CutPrefix(packet, head)
	if !ok || json.Unmarshal([]byte(reply), &m) != nil || m.SID == "" {
		return m, fmt.Errorf("CONNECT answered with %q", packet)
	}
	return m, nil
}

// join opens a session and joins the main namespace.
func (c *client) join(overWebSocket bool) (socketio.ID, error) {
	if err := c.open(overWebSocket); err != nil {
		return "", err
	}
	m, err := c.connect("/", "")
	return m.SID, err
}

// leave ends the session as a client does.
func (c *client) leave() error {
	if c.ws == nil {
		_, err := c.ok("POST", "1")
		return err
	}
	if err := c.ws.WriteControl(websocket.CloseMessage, nil, time.Now().Add(patience)); err != nil {
		return err
	}
	return c.closed()
}

// echo has an event acknowledged.
func (c *client) echo() error {
	if err := c.send(`427["echo"]`); err != nil {
		return err
	}
	return c.want(`437["fine"]`)
}
