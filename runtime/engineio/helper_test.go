// SPDX-License-Identifier: Apache-2.0

package engineio

import (
	"bufio"
	"context"
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
	"go.uber.org/goleak"

	"github.com/sockgen/sockgen/runtime/internal/memnet"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// An app is the application of a test. Its hooks may be nil.
type app struct {
	echo    bool
	onOpen  func(*peer)
	receive func(p *peer, data []byte, binary bool)
	upgrade func(*peer)
	close   func(*peer)
	opened  chan *peer

	mu  sync.Mutex // guards what follows
	all []*peer
}

// A peer is the server's side of one session.
type peer struct {
	*Session
	app    *app
	closed chan struct{} // closed by Closed

	mu       sync.Mutex // guards what follows
	received []string
	reason   CloseReason
	err      error
	closings int
}

func newApp() *app { return &app{opened: make(chan *peer, 10_000)} }

func (a *app) Open(s *Session) Receiver {
	p := &peer{Session: s, app: a, closed: make(chan struct{})}
	if a.onOpen != nil {
		a.onOpen(p)
	}
	a.mu.Lock()
	a.all = append(a.all, p)
	a.mu.Unlock()
	a.opened <- p
	return p
}

// peer returns the session with an id, which may have ended.
func (a *app) peer(sid string) *peer {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, p := range a.all {
		if string(p.ID()) == sid {
			return p
		}
	}
	return nil
}

func (p *peer) Receive(data []byte, binary bool) {
	p.mu.Lock()
	p.received = append(p.received, show(data, binary))
	p.mu.Unlock()
	if p.app.receive != nil {
		p.app.receive(p, data, binary)
	}
	if p.app.echo {
		m := NewMessage()
		defer m.Release()
		if binary {
			m.Attachments = [][]byte{data}
		} else {
			m.Text = append(m.Buffer(), data...)
		}
		_ = p.Send(m)
	}
}

func (p *peer) Upgraded() {
	if p.app.upgrade != nil {
		p.app.upgrade(p)
	}
}

func (p *peer) Closed(reason CloseReason, err error) {
	p.mu.Lock()
	p.reason, p.err = reason, err
	p.closings++
	first := p.closings == 1
	p.mu.Unlock()
	if first {
		close(p.closed)
	}
	if p.app.close != nil {
		p.app.close(p)
	}
}

func (p *peer) messages() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string{}, p.received...)
}

// wantClosed waits for the end of the session and checks the reason.
func (p *peer) wantClosed(t *testing.T, want CloseReason) {
	t.Helper()
	select {
	case <-p.closed:
	case <-time.After(5 * time.Second):
		t.Fatalf("session still open, want %q", want)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.reason != want || p.closings != 1 {
		t.Errorf("closed %d times with %q (%v), want once with %q", p.closings, p.reason, p.err, want)
	}
}

func (p *peer) wantOpen(t *testing.T) {
	t.Helper()
	select {
	case <-p.closed:
		t.Fatalf("session closed: %q, %v", p.reason, p.err)
	default:
	}
}

// text sends s as a text message.
func (p *peer) text(s string) error {
	m := NewMessage()
	defer m.Release()
	m.Text = append(m.Buffer(), s...)
	return p.Send(m)
}

func show(data []byte, binary bool) string {
	if binary {
		return fmt.Sprintf("<%x>", data)
	}
	return string(data)
}

// A rig is a server with a way to reach it.
type rig struct {
	t    testing.TB
	app  *app
	srv  *Server
	http *http.Server
	dial func() (net.Conn, error)
	mem  *memnet.Listener // nil on loopback
}

// newRig serves on a loopback port, or in memory when mem. The wrappers lie
// around the server, the last one outermost.
func newRig(t testing.TB, mem bool, cfg Config, a *app, wrappers ...func(http.Handler) http.Handler) *rig {
	t.Helper()
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	r := &rig{t: t, app: a, srv: NewServer(cfg, a)}
	var h http.Handler = r.srv
	for _, wrap := range wrappers {
		h = wrap(h)
	}
	r.http = &http.Server{Handler: h, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, 0)}
	var l net.Listener
	if mem {
		r.mem = memnet.Listen()
		l = r.mem
		r.dial = func() (net.Conn, error) { return r.mem.Dial(context.Background()) }
	} else {
		tcp, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		l = tcp
		r.dial = func() (net.Conn, error) { return net.Dial("tcp", tcp.Addr().String()) }
	}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = r.http.Serve(l)
	}()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		defer cancel()
		_ = r.srv.Shutdown(ctx)
		_ = r.http.Close()
		<-served
		select {
		case <-r.srv.idle:
		case <-time.After(5 * time.Second):
			t.Errorf("%d sessions never ended", r.kept())
		}
	})
	return r
}

// kept returns how many sessions the server still knows, ended ones included.
func (r *rig) kept() int {
	r.srv.mu.Lock()
	defer r.srv.mu.Unlock()
	return len(r.srv.sessions)
}

// opened returns the next session that the application saw.
func (r *rig) opened() *peer {
	r.t.Helper()
	select {
	case p := <-r.app.opened:
		return p
	case <-time.After(5 * time.Second):
		r.t.Fatal("no session was opened")
		return nil
	}
}

// A reply is an HTTP answer, read to its end.
type reply struct {
	status int
	header http.Header
	body   string
}

func (a reply) String() string { return fmt.Sprintf("%d %q", a.status, a.body) }

// begin sends raw HTTP on a connection of its own.
func (r *rig) begin(request string) net.Conn {
	r.t.Helper()
	c, err := r.dial()
	if err != nil {
		r.t.Fatal(err)
	}
	if _, err := io.WriteString(c, request); err != nil {
		r.t.Fatal(err)
	}
	return c
}

// finish reads the answer to a request sent by begin.
func (r *rig) finish(c net.Conn, method string) reply {
	r.t.Helper()
	defer c.Close()
	_ = c.SetReadDeadline(time.Now().Add(10 * time.Minute))
	res, err := http.ReadResponse(bufio.NewReader(c), &http.Request{Method: method})
	if err != nil {
		return reply{status: -1, body: err.Error()}
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		r.t.Errorf("answer's body: %v", err)
	}
	return reply{res.StatusCode, res.Header, string(body)}
}

// request builds a request; headers are whole lines.
func request(method, query, body string, headers ...string) string {
	if body != "" || method == "POST" {
		headers = append(headers, fmt.Sprintf("Content-Length: %d", len(body)))
	}
	lines := append([]string{method + " /engine.io/" + query + " HTTP/1.1", "Host: server.test"}, headers...)
	return strings.Join(lines, "\r\n") + "\r\n\r\n" + body
}

func (r *rig) do(method, query, body string, headers ...string) reply {
	r.t.Helper()
	return r.finish(r.begin(request(method, query, body, headers...)), method)
}

const polling = "?EIO=4&transport=polling"

// open opens a session by polling.
func (r *rig) open(headers ...string) (sid string, p *peer) {
	r.t.Helper()
	a := r.do("GET", polling, "", headers...)
	if a.status != 200 || len(a.body) < 30 {
		r.t.Fatalf("handshake: %v", a)
	}
	sid = a.body[9:29]
	r.opened() // some session's, when tests open several at once
	return sid, r.app.peer(sid)
}

func (r *rig) get(sid string) reply { r.t.Helper(); return r.do("GET", polling+"&sid="+sid, "") }
func (r *rig) post(sid, body string) reply {
	r.t.Helper()
	return r.do("POST", polling+"&sid="+sid, body)
}

// pending starts a GET and waits until the server holds it.
func (r *rig) pending(sid string, p *peer) net.Conn {
	r.t.Helper()
	c := r.begin(request("GET", polling+"&sid="+sid, ""))
	for range 5000 {
		p.Session.mu.Lock()
		waits := p.poll != nil
		p.Session.mu.Unlock()
		if waits {
			return c
		}
		time.Sleep(time.Millisecond)
	}
	r.t.Fatal("the GET never became pending")
	return nil
}

// want checks status and body.
func (a reply) want(t testing.TB, status int, body string) {
	t.Helper()
	if a.status != status || a.body != body {
		t.Errorf("answer %v, want %d %q", a, status, body)
	}
}

// A wsClient is the peer's end of a WebSocket.
type wsClient struct {
	*websocket.Conn
	t testing.TB
}

// ws dials a WebSocket.
func (r *rig) ws(query string, headers ...string) (*wsClient, *http.Response, error) {
	h := http.Header{}
	for _, line := range headers {
		k, v, _ := strings.Cut(line, ": ")
		h.Add(k, v)
	}
	d := websocket.Dialer{NetDial: func(string, string) (net.Conn, error) { return r.dial() }}
	c, res, err := d.Dial("ws://server.test/engine.io/"+query, h)
	if err != nil {
		return nil, res, err
	}
	return &wsClient{c, r.t}, res, nil
}

// openWS opens a session on WebSocket.
func (r *rig) openWS() (*wsClient, *peer) {
	r.t.Helper()
	c, _, err := r.ws("?EIO=4&transport=websocket")
	if err != nil {
		r.t.Fatal(err)
	}
	if open := c.read(); !strings.HasPrefix(open, `0{"sid":"`) {
		r.t.Fatalf("first frame %q", open)
	}
	return c, r.opened()
}

// upgrade takes a polling session to WebSocket.
func (r *rig) upgrade(sid string) *wsClient {
	r.t.Helper()
	c, _, err := r.ws("?EIO=4&transport=websocket&sid=" + sid)
	if err != nil {
		r.t.Fatal(err)
	}
	c.send("2probe")
	c.want("3probe")
	c.send("5")
	return c
}

func (c *wsClient) send(s string) {
	c.t.Helper()
	if err := c.WriteMessage(websocket.TextMessage, []byte(s)); err != nil {
		c.t.Errorf("send %.40q: %v", s, err)
	}
}

// read returns the next message: text as it is, binary as <hex>, the end as
// "close" with its code.
func (c *wsClient) read() string {
	c.t.Helper()
	_ = c.SetReadDeadline(time.Now().Add(10 * time.Minute))
	kind, data, err := c.ReadMessage()
	if err != nil {
		if e, ok := err.(*websocket.CloseError); ok && e.Text == "" {
			return fmt.Sprintf("close %d", e.Code)
		}
		return err.Error()
	}
	return show(data, kind == websocket.BinaryMessage)
}

func (c *wsClient) want(want string) {
	c.t.Helper()
	if got := c.read(); got != want {
		c.t.Errorf("frame %.80q, want %.80q", got, want)
	}
}

// A transportKind is how a session test reaches the server.
type transportKind string

var kinds = []transportKind{"polling", "websocket", "upgrade"}

// A link is a client of any transportKind.
type link struct {
	r    *rig
	kind transportKind
	sid  string
	ws   *wsClient
	got  []string // read and not yet returned
}

func (r *rig) connect(kind transportKind) (*link, *peer) {
	r.t.Helper()
	l := &link{r: r, kind: kind}
	var p *peer
	if kind == "websocket" {
		l.ws, p = r.openWS()
		return l, p
	}
	l.sid, p = r.open()
	if kind == "upgrade" {
		l.ws = r.upgrade(l.sid)
		for p.Transport() != transportWebSocket {
			time.Sleep(time.Millisecond)
		}
	}
	return l, p
}

// send delivers one packet to the server.
func (l *link) send(packet string) {
	l.r.t.Helper()
	if l.ws != nil {
		l.ws.send(packet)
		return
	}
	if a := l.r.post(l.sid, packet); a.status != 200 {
		l.r.t.Errorf("POST %q: %v", packet, a)
	}
}

// read returns the next text packet; on polling the ending "1" is "close 1005".
func (l *link) read() string {
	l.r.t.Helper()
	if l.ws != nil {
		return l.ws.read()
	}
	for len(l.got) == 0 {
		a := l.r.get(l.sid)
		if a.status != 200 {
			return a.String()
		}
		l.got = strings.Split(a.body, "\x1e")
	}
	next := l.got[0]
	l.got = l.got[1:]
	switch next {
	case "1":
		return "close 1005"
	case "6":
		return l.read()
	}
	return next
}

func (l *link) want(want string) {
	l.r.t.Helper()
	if got := l.read(); got != want {
		l.r.t.Errorf("%s: packet %q, want %q", l.kind, got, want)
	}
}

func (l *link) close() {
	if l.ws != nil {
		l.ws.Close()
	}
}

// eachTransport runs f in a bubble of fake time for each kind of connection.
func eachTransport(t *testing.T, f func(t *testing.T, kind transportKind)) {
	for _, kind := range kinds {
		t.Run(string(kind), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { f(t, kind) })
		})
	}
}
