// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"github.com/sockgen/sockgen/runtime/internal/memnet"
)

// A variant is a way to reach a server.
type variant struct {
	kind     string // "polling", "websocket", or "upgrade": the client upgrades while it talks
	loopback bool   // through the kernel and in real time; otherwise in memory and in fake time
	recovery *Recovery
}

// eachVariant runs f in every variant, with recovery and without.
func eachVariant(t *testing.T, f func(t *testing.T, v variant)) {
	eachRecovery(t, func(t *testing.T, recovery *Recovery) {
		for _, kind := range []string{"polling", "websocket", "upgrade"} {
			t.Run(kind, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { f(t, variant{kind, false, recovery}) })
			})
			t.Run(kind+" on loopback", func(t *testing.T) { f(t, variant{kind, true, recovery}) })
		}
	})
}

// A hall is a server and the network in front of it.
type hall struct {
	*Server
	t      testing.TB
	v      variant
	l      net.Listener
	dial   func(ctx context.Context, network, addr string) (net.Conn, error)
	log    *lockedBuffer
	slow   bool // the network is: a client may hear nothing for long
	served chan error
}

// open serves with cfg, to which it adds what the variant says. The server ends with
// the test.
func (v variant) open(t testing.TB, cfg Config, setUp func(*Server)) *hall {
	t.Helper()
	if !v.loopback {
		return v.openOn(t, memnet.Listen(), cfg, setUp)
	}
	return v.openOn(t, listenTCP(t), cfg, setUp)
}

func listenTCP(t testing.TB) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// dialer connects to the server of a listener, whatever address is asked for.
func dialer(l net.Listener) func(ctx context.Context, network, addr string) (net.Conn, error) {
	if l, ok := l.(*memnet.Listener); ok {
		return l.DialContext
	}
	return func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "tcp", l.Addr().String())
	}
}

// openOn is open for a listener that is there.
func (v variant) openOn(t testing.TB, l net.Listener, cfg Config, setUp func(*Server)) *hall {
	t.Helper()
	h := &hall{t: t, v: v, l: l, dial: dialer(l), log: &lockedBuffer{}, served: make(chan error, 1)}
	cfg.Recovery = v.recovery
	cfg.Logger = slog.New(slog.NewTextHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	h.Server = NewServer(cfg)
	setUp(h.Server)
	h.Of("/alive").On("echo", func(_ context.Context, _ *Socket, e *Event) { e.Ack() })
	go func() { h.served <- h.Serve(h.l) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := h.Shutdown(ctx); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		<-h.served
	})
	return h
}

// unharmed checks that nobody was thrown out.
func (h *hall) unharmed() {
	h.t.Helper()
	if st := h.Stats(); st.SlowConsumers != 0 || st.Violations != 0 || st.Panics != 0 {
		h.t.Errorf("%+v\n%s", st, h.log)
	}
}

// A talker is a client that reads and obeys, as the official ones do: it reads all the
// time, answers pings, and has one GET and one POST under way at most.
type talker struct {
	t       testing.TB
	h       *hall
	http    *http.Client
	sid     string
	hear    func(packet string) // gets the Socket.IO packets in order, one at a time; may be slow
	polls   sync.WaitGroup      // the loop of GETs
	posts   sync.WaitGroup      // the loop of POSTs
	probes  sync.WaitGroup      // the upgrade and what reads after it
	gone    chan struct{}       // closed when the connection has ended
	alive   chan struct{}       // says that a packet came
	leaving chan struct{}       // closed by leave
	fresh   chan struct{}       // says that there is something in heard

	mu      sync.Mutex // guards what follows
	heard   []string   // for next
	ws      *websocket.Conn
	pausing bool // polling is to stop, for the upgrade
	sending bool // a POST is under way, or a write
	outbox  []string
	left    bool   // the test ended the connection
	end     string // how the connection ended
}

// talk opens a connection. Packets are read from it by next, or given to hear.
func (h *hall) talk(hear func(c *talker, packet string)) *talker {
	h.t.Helper()
	c := h.newTalker()
	if hear != nil {
		c.hear = func(packet string) { hear(c, packet) }
	}
	if h.v.kind == "websocket" {
		ws := c.dialWS("")
		c.ws = ws
		_, open, err := ws.ReadMessage()
		if err != nil || !strings.HasPrefix(string(open), "0{") {
			h.t.Fatalf("the session begins with %q, %v", open, err)
		}
		c.expectPings(string(open))
		c.probes.Go(func() { c.readWS(ws) })
	} else {
		c.expectPings(c.handshake())
		c.polls.Go(c.poll)
		if h.v.kind == "upgrade" {
			c.probes.Go(c.upgrade)
		}
	}
	h.t.Cleanup(c.leave)
	return c
}

func (h *hall) newTalker() *talker {
	c := &talker{t: h.t, h: h, gone: make(chan struct{}), leaving: make(chan struct{}), fresh: make(chan struct{}, 1)}
	c.hear = c.keep
	c.http = &http.Client{Transport: &http.Transport{DialContext: h.dial, MaxIdleConnsPerHost: 4}}
	return c
}

// handshake begins a polling session, whose requests are the caller's.
func (h *hall) handshake() *talker {
	c := h.newTalker()
	c.handshake()
	return c
}

func (c *talker) handshake() (open string) {
	c.t.Helper()
	open, err := c.do("GET", "")
	_, rest, ok := strings.Cut(open, `"sid":"`)
	if !ok {
		c.t.Fatalf("handshake answered %q, %v", open, err)
	}
	c.sid, _, _ = strings.Cut(rest, `"`)
	return open
}

// expectPings has the test fail when the server is silent for longer than an official
// client waits for a ping, while the client is reading.
func (c *talker) expectPings(open string) {
	var times struct{ PingInterval, PingTimeout int }
	if err := json.Unmarshal([]byte(open[1:]), &times); err != nil {
		c.t.Fatalf("the session begins with %q, %v", open, err)
	}
	if c.h.slow {
		return
	}
	patience := time.Duration(times.PingInterval+times.PingTimeout) * time.Millisecond
	c.alive = make(chan struct{}, 1)
	c.probes.Go(func() {
		timer := time.NewTimer(patience)
		defer timer.Stop()
		for {
			select {
			case <-c.gone:
				return
			case <-c.leaving:
				return
			case <-c.alive:
				timer.Reset(patience)
			case <-timer.C:
				c.mu.Lock()
				defer c.mu.Unlock()
				if c.end == "" {
					c.t.Errorf("the client heard nothing for %v", patience)
				}
				return
			}
		}
	})
}

// upgraded waits until the client has moved to WebSocket, if that is its kind.
func (c *talker) upgraded() {
	c.t.Helper()
	eventually(c.t, "the upgrade", func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		return c.ws != nil || c.h.v.kind != "upgrade"
	})
}

func (c *talker) dialWS(query string) *websocket.Conn {
	d := websocket.Dialer{NetDialContext: c.h.dial}
	ws, res, err := d.Dial("ws://test/socket.io/?EIO=4&transport=websocket"+query, nil)
	if err != nil {
		c.t.Errorf("dial: %v", err)
		return nil
	}
	res.Body.Close()
	return ws
}

// do makes one request.
func (c *talker) do(method, body string) (string, error) {
	url := "http://test/socket.io/?EIO=4&transport=polling"
	if c.sid != "" {
		url += "&sid=" + c.sid
	}
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		return "", err
	}
	res, err := c.http.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != 200 {
		err = fmt.Errorf("%s answered %d %.100q", method, res.StatusCode, b)
	}
	return string(b), err
}

// poll reads by GET until the connection ends, or is upgraded.
func (c *talker) poll() {
	for {
		c.mu.Lock()
		stop := c.pausing || c.end != ""
		c.mu.Unlock()
		if stop {
			return
		}
		payload, err := c.do("GET", "")
		if err != nil {
			c.over(err.Error())
			return
		}
		for packet := range strings.SplitSeq(payload, "\x1e") {
			if packet == "1" {
				c.over("closed")
				return
			}
			c.take(packet)
		}
	}
}

// upgrade moves to WebSocket as the official client does: it probes, stops polling,
// and has everything that it sends wait meanwhile.
func (c *talker) upgrade() {
	ws := c.dialWS("&sid=" + c.sid)
	if ws == nil {
		return
	}
	ws.WriteMessage(websocket.TextMessage, []byte("2probe"))
	if _, got, err := ws.ReadMessage(); err != nil || string(got) != "3probe" {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.end == "" && !c.left {
			c.t.Errorf("the probe was answered with %q, %v", got, err)
		}
		ws.Close()
		return
	}
	c.mu.Lock()
	c.pausing = true
	c.mu.Unlock()
	c.polls.Wait()
	c.posts.Wait()
	c.mu.Lock()
	if c.left {
		c.mu.Unlock()
		ws.Close()
		return
	}
	ws.WriteMessage(websocket.TextMessage, []byte("5"))
	c.ws = ws
	c.mu.Unlock()
	c.flush()
	c.readWS(ws)
}

func (c *talker) readWS(ws *websocket.Conn) {
	for {
		_, data, err := ws.ReadMessage()
		if err != nil {
			c.over(err.Error())
			ws.Close()
			return
		}
		c.take(string(data))
	}
}

// take handles one packet.
func (c *talker) take(packet string) {
	select {
	case c.alive <- struct{}{}:
	default:
	}
	switch {
	case packet == "2":
		c.post("3")
	case strings.HasPrefix(packet, "4"):
		c.hear(packet[1:])
	}
}

// over notes that the connection has ended.
func (c *talker) over(how string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.end != "" {
		return
	}
	if c.end = how; c.left {
		c.end = "left"
	}
	close(c.gone)
}

// send sends Socket.IO packets.
func (c *talker) send(packets ...string) {
	for _, p := range packets {
		c.post("4" + p)
	}
}

// post sends an Engine.IO packet, a binary one as "b" and base64, as soon as the
// transport is free.
func (c *talker) post(packet string) {
	c.mu.Lock()
	c.outbox = append(c.outbox, packet)
	c.mu.Unlock()
	c.flush()
}

// flush has what waits sent.
func (c *talker) flush() {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.sending && len(c.outbox) > 0 && c.end == "" && (c.ws != nil || !c.pausing) {
		c.sending = true
		c.posts.Go(c.drain)
	}
}

// payloadSize and payloadPackets bound one POST.
const (
	payloadSize    = 900_000
	payloadPackets = 16_000
)

// drain sends until nothing waits.
func (c *talker) drain() {
	for {
		c.mu.Lock()
		if len(c.outbox) == 0 || c.end != "" || c.ws == nil && c.pausing {
			c.sending = false
			c.mu.Unlock()
			return
		}
		ws := c.ws
		n, size := 0, 0
		for ws == nil && n < len(c.outbox) && n < payloadPackets && (n == 0 || size+len(c.outbox[n]) < payloadSize) {
			size += len(c.outbox[n]) + 1
			n++
		}
		if ws != nil {
			n = len(c.outbox)
		}
		batch := c.outbox[:n:n]
		c.outbox = c.outbox[n:]
		c.mu.Unlock()
		if ws == nil {
			if _, err := c.do("POST", strings.Join(batch, "\x1e")); err != nil {
				c.over(err.Error())
			}
			continue
		}
		for _, packet := range batch {
			kind, data := websocket.TextMessage, []byte(packet)
			if packet[0] == 'b' {
				kind = websocket.BinaryMessage
				data, _ = base64.StdEncoding.DecodeString(packet[1:])
			}
			if ws.WriteMessage(kind, data) != nil {
				break // the reader says why
			}
		}
	}
}

// sent waits until everything has been sent.
func (c *talker) sent() {
	c.t.Helper()
	eventually(c.t, "everything is sent", func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		return !c.sending && len(c.outbox) == 0 || c.end != ""
	})
}

// leave drops the connection and waits for everything that the talker runs.
func (c *talker) leave() {
	c.mu.Lock()
	if !c.left {
		close(c.leaving)
	}
	c.left, c.pausing = true, true
	ws := c.ws
	c.mu.Unlock()
	if ws != nil {
		ws.Close()
	} else if c.h.v.kind != "websocket" {
		c.do("POST", "1")
	}
	c.polls.Wait()
	c.probes.Wait()
	c.posts.Wait()
	c.over("left")
	c.http.CloseIdleConnections()
}

// keep puts a packet where next finds it.
func (c *talker) keep(packet string) {
	c.mu.Lock()
	c.heard = append(c.heard, packet)
	c.mu.Unlock()
	select {
	case c.fresh <- struct{}{}:
	default:
	}
}

// kept takes the first packet that was kept.
func (c *talker) kept() (packet string, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.heard) == 0 {
		return "", false
	}
	packet = c.heard[0]
	c.heard = c.heard[1:]
	return packet, true
}

// next returns the next packet, or how the connection ended.
func (c *talker) next() string {
	c.t.Helper()
	late := time.NewTimer(waiting)
	defer late.Stop()
	for {
		if packet, ok := c.kept(); ok {
			return packet
		}
		select {
		case <-c.fresh:
			continue
		case <-c.gone:
		case <-late.C:
			c.t.Fatalf("nothing came for %v\n%s", waiting, c.h.log)
		}
		if packet, ok := c.kept(); ok {
			return packet
		}
		return "gone: " + c.end
	}
}

// waiting is how long a test waits for the next packet.
const waiting = 5 * time.Minute

// want reads packets and compares them, with any id for <SID>, and without what
// recovery adds.
func (c *talker) want(packets ...string) {
	c.t.Helper()
	for _, want := range packets {
		if got := c.plain(c.next()); got != want {
			c.t.Fatalf("got %.200q, want %.200q\n%s", got, want, c.h.log)
		}
	}
}

// plain returns a packet without ids and offsets.
func (c *talker) plain(packet string) string {
	if i := strings.LastIndex(packet, `","pid":"`); i > 0 && packet[0] == '0' {
		packet = packet[:i] + `"}`
	}
	if c.h.v.recovery != nil && packet[0] == '2' && !ackID.MatchString(packet) {
		if i := strings.LastIndex(packet, `,"`); i > 0 {
			packet = packet[:i] + "]"
		}
	}
	return anonymous(packet)
}

// join joins a namespace.
func (c *talker) join(namespace string) ID {
	c.t.Helper()
	c.send(head("0", namespace))
	_, rest, ok := strings.Cut(c.next(), `"sid":"`)
	if !ok {
		c.t.Fatalf("CONNECT %s answered with %q", namespace, rest)
	}
	return ID(rest[:20])
}

// head begins a packet for a namespace.
func head(kind, namespace string) string {
	if namespace == "/" {
		return kind
	}
	return kind + namespace + ","
}

// wantOpen checks that the connection lives and that nothing else was sent.
func (c *talker) wantOpen() {
	c.t.Helper()
	c.send("0/alive,", `2/alive,7["echo"]`)
	c.want(`0/alive,{"sid":"<SID>"}`, `3/alive,7[]`)
	c.send("1/alive,")
}

// wantGone checks that the connection ends.
func (c *talker) wantGone() string {
	c.t.Helper()
	return within(c.t, c.ended(), "the end of the connection")
}

func (c *talker) ended() <-chan string {
	how := make(chan string, 1)
	go func() {
		<-c.gone
		how <- c.end
	}()
	return how
}
