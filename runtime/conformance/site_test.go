// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sockgen/sockgen/runtime/engineio"
	"github.com/sockgen/sockgen/runtime/socketio"
)

// probePath is an Engine.IO server whose sessions the test itself holds.
const probePath = "/probe.io/"

// patience is how long a test waits for what must come. Only what fails waits
// that long.
const patience = 20 * time.Second

// A site is a conformance server on a loopback port, with a third Engine.IO server
// whose sessions tests can reach, and with records of what the applications saw.
type site struct {
	*Handler
	addr  string
	probe *engineio.Server
	http  *http.Server

	seats     sync.Map // engineio.SID → *seat
	endings   sync.Map // socketio.ID → chan string: its disconnect reasons
	unhandled sync.Map // socketio.ID → chan string: events that nobody listens to
	arrived   sync.Map // the query's t → chan struct{}: closed when the request is there
	tickets   atomic.Int64
	gates     sync.Map // auth's "gate" → chan struct{}: closed to let /gated decide
}

// A seat is the application's end of a session of the probe.
type seat struct {
	*engineio.Session
	messages chan string // in script notation
	closed   chan engineio.CloseReason
}

func (s *seat) Receive(data []byte, binary bool) { s.messages <- show(data, binary) }

func (s *seat) Closed(reason engineio.CloseReason, _ error) { s.closed <- reason }

// say sends text messages, or binary ones in script notation.
func (s *seat) say(t *testing.T, messages ...string) {
	t.Helper()
	for _, text := range messages {
		m := message(t, text)
		if err := s.Send(m); err != nil {
			t.Errorf("Send(%q): %v", text, err)
		}
		m.Release()
	}
}

func message(t *testing.T, text string) *engineio.Message {
	m := engineio.NewMessage()
	if data, ok := binaryOf(t, text); ok {
		m.Attachments = [][]byte{data}
	} else {
		m.Text = append(m.Buffer(), text...)
	}
	return m
}

// heard checks the next messages that the session's application gets.
func (s *seat) heard(t *testing.T, want ...string) {
	t.Helper()
	for _, w := range want {
		if got := next(t, s.messages, "message "+w); got != w {
			t.Fatalf("the application got %q, want %q", got, w)
		}
	}
}

// ends checks the reason why the session ended.
func (s *seat) ends(t *testing.T, want engineio.CloseReason) {
	t.Helper()
	if got := next(t, s.closed, "the session's end"); got != want {
		t.Fatalf("closed with %q, want %q", got, want)
	}
}

// next receives from c.
func next[T any](t *testing.T, c <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(patience):
		t.Fatalf("%s: nothing within %v", what, patience)
		panic("unreachable")
	}
}

// Open makes the site the Handler of its probe. What the query parameter hello
// has is sent at once.
func (s *site) Open(session *engineio.Session) engineio.Receiver {
	seat := &seat{session, make(chan string, 1<<15), make(chan engineio.CloseReason, 4)}
	s.seats.Store(session.ID(), seat)
	for _, text := range session.Request().Query()["hello"] {
		m := engineio.NewMessage()
		m.Text = append(m.Buffer(), text...)
		_ = session.Send(m) // a test that asks for it would miss it
		m.Release()
	}
	return seat
}

func (s *site) seat(t *testing.T, sid string) *seat {
	t.Helper()
	v, ok := s.seats.Load(engineio.SID(sid))
	if !ok {
		t.Fatalf("no session %q", sid)
	}
	return v.(*seat)
}

// socket returns the server's side of a connected socket.
func (s *site) socket(t *testing.T, namespace, sid string) *socketio.Socket {
	t.Helper()
	socket, ok := s.Socket.Of(namespace).Socket(socketio.ID(sid))
	if !ok {
		t.Fatalf("%s has no socket %q", namespace, sid)
	}
	return socket
}

// strings returns the channel of id in m.
func stringsOf(m *sync.Map, id any) chan string {
	c, _ := m.LoadOrStore(id, make(chan string, 1024))
	return c.(chan string)
}

// endsWith checks the reason why a socket ended, and that it ended once.
func (s *site) endsWith(t *testing.T, sid string, want ...string) {
	t.Helper()
	got := next(t, stringsOf(&s.endings, socketio.ID(sid)), "the end of socket "+sid)
	for _, w := range want {
		if got == w {
			return
		}
	}
	t.Fatalf("socket ended with %q, want %q", got, want)
}

// serve starts a site.
func serve(cfg Config) (*site, error) {
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	s := &site{Handler: NewHandler(cfg)}
	engine := EngineConfig(cfg)
	engine.Path = probePath
	s.probe = engineio.NewServer(engine, s)
	s.record()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s.addr = listener.Addr().String()
	s.http = &http.Server{MaxHeaderBytes: 16 << 10, ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError), Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if v, waited := s.arrived.LoadAndDelete(r.URL.Query().Get("t")); waited {
			close(v.(chan struct{}))
		}
		if strings.HasPrefix(r.URL.Path, probePath) {
			s.probe.ServeHTTP(w, r)
		} else {
			s.ServeHTTP(w, r)
		}
	})}
	go s.http.Serve(listener)
	return s, nil
}

// stop ends everything; what clients left behind is cut.
func (s *site) stop() error {
	var errs []error
	for _, shutdown := range []func(context.Context) error{s.probe.Shutdown, s.Shutdown} {
		ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
		if err := shutdown(ctx); err != nil && !errors.Is(err, context.DeadlineExceeded) {
			errs = append(errs, err)
		}
		cancel()
	}
	return errors.Join(append(errs, s.http.Close())...)
}

// record adds to the Socket.IO application what tests look at.
func (s *site) record() {
	for _, name := range []string{"/", "/admin", "/custom", "/b", "/gated"} {
		ns := s.Socket.Of(name)
		ns.OnDisconnect(func(_ context.Context, socket *socketio.Socket, reason socketio.DisconnectReason) {
			stringsOf(&s.endings, socket.ID()) <- string(reason)
		})
		ns.OnUnhandled(func(_ context.Context, socket *socketio.Socket, e *socketio.Event) {
			text := e.Name
			for i := range e.Args.Len() {
				text += " " + string(e.Args.At(i))
			}
			stringsOf(&s.unhandled, socket.ID()) <- text
		})
	}
	main := s.Socket.Of("/")
	main.On("panic", func(context.Context, *socketio.Socket, *socketio.Event) { panic("on purpose") })
	main.On("sleep", func(ctx context.Context, socket *socketio.Socket, e *socketio.Event) {
		var ms int
		if err := e.Args.Decode(0, &ms); err == nil {
			time.Sleep(time.Duration(ms) * time.Millisecond)
		}
		_ = e.Ack() // not every test asks for it
	})
	main.On("ackTwice", func(_ context.Context, socket *socketio.Socket, e *socketio.Event) {
		_ = e.Ack(1)
		_ = e.Ack(2)
	})
	gated := s.Socket.Of("/gated")
	gated.Use(s.gate)
	gated.On("emitback", emitBack("back"))
	gated.OnConnect(func(ctx context.Context, socket *socketio.Socket) { _ = socket.Emit(ctx, "welcome") })
}

// gate is a Use function that emits, joins the room named like the gate, waits for
// the gate and then refuses if the auth object says so.
func (s *site) gate(ctx context.Context, socket *socketio.Socket) error {
	auth := string(socket.Handshake().Auth)
	_, name, _ := strings.Cut(auth, `"gate":"`)
	name, _, _ = strings.Cut(name, `"`)
	_ = socket.Emit(ctx, "early") // held back or dropped, never an error that matters here
	if err := socket.Join(socketio.Room(name)); err != nil {
		return err
	}
	select {
	case <-s.gateOf(name):
	case <-ctx.Done():
	}
	switch {
	case strings.Contains(auth, `"secret"`):
		return errors.New("the database's password is swordfish")
	case strings.Contains(auth, `"panic"`):
		panic("on purpose")
	case strings.Contains(auth, `"refuse"`):
		return &socketio.ConnectError{Message: "refused"}
	}
	return nil
}

var gates atomic.Int64 // made so far

// newGate names a gate that nobody has used, also when tests run repeatedly.
func newGate(purpose string) string {
	return purpose + "-" + strconv.FormatInt(gates.Add(1), 10)
}

func (s *site) gateOf(name string) chan struct{} {
	c, _ := s.gates.LoadOrStore(name, make(chan struct{}))
	return c.(chan struct{})
}

// private starts a site for one test.
func private(t *testing.T, cfg Config) *site {
	t.Helper()
	s, err := serve(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.stop(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// A reply is a complete HTTP answer.
type reply struct {
	status int
	header http.Header
	body   string
	length int64 // the Content-Length, -1 without
	err    error
}

// is checks status and body.
func (r reply) is(t *testing.T, status int, body string) {
	t.Helper()
	if r.err != nil || r.status != status || r.body != body {
		t.Fatalf("answered %d %q (%v), want %d %q", r.status, r.body, r.err, status, body)
	}
}

// refused checks for one of the answers of R14.
func (r reply) refused(t *testing.T, code int) {
	t.Helper()
	texts := []string{"Transport unknown", "Session ID unknown", "Bad handshake method", "Bad request", "Forbidden", "Unsupported protocol version"}
	status := 400
	if code == 4 {
		status = 403
	}
	r.is(t, status, fmt.Sprintf(`{"code":%d,"message":"%s"}`, code, texts[code]))
}

// A pending is a request whose answer has not been waited for yet.
type pending struct {
	conn net.Conn
	done chan struct{}
	got  reply // set before done is closed
}

// begin sends a request on a connection of its own. Headers are whole lines; one
// that starts with "Transfer-Encoding" replaces the Content-Length.
func (s *site) begin(t *testing.T, method, target, body string, headers ...string) *pending {
	t.Helper()
	head := method + " " + target + " HTTP/1.1\r\nHost: " + s.addr + "\r\nConnection: close\r\n"
	sized := method != "POST"
	for _, line := range headers {
		head += line + "\r\n"
		sized = sized || strings.HasPrefix(line, "Transfer-Encoding") || strings.HasPrefix(line, "Content-Length")
	}
	if !sized {
		head += fmt.Sprintf("Content-Length: %d\r\n", len(body))
	}
	return s.beginRaw(t, method, head+"\r\n"+body)
}

func (s *site) beginRaw(t *testing.T, method, request string) *pending {
	t.Helper()
	conn, err := net.Dial("tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	p := &pending{conn: conn, done: make(chan struct{})}
	conn.SetDeadline(time.Now().Add(patience))
	go func() {
		defer close(p.done)
		p.got = readReply(conn, method)
	}()
	t.Cleanup(func() {
		conn.Close()
		<-p.done
	})
	if _, err := io.WriteString(conn, request); err != nil && len(request) < 1<<16 {
		t.Fatal(err) // a large request may be refused before its end
	}
	return p
}

// wait returns the answer.
func (p *pending) wait() reply {
	<-p.done
	return p.got
}

// answered reports whether the answer is there within d.
func (p *pending) answered(d time.Duration) bool {
	select {
	case <-p.done:
		return true
	case <-time.After(d):
		return false
	}
}

// abort drops the connection.
func (p *pending) abort() {
	p.conn.Close()
	<-p.done
}

func (s *site) do(t *testing.T, method, target, body string, headers ...string) reply {
	t.Helper()
	p := s.begin(t, method, target, body, headers...)
	defer p.conn.Close()
	return p.wait()
}

func (s *site) get(t *testing.T, target string, headers ...string) reply {
	t.Helper()
	return s.do(t, "GET", target, "", headers...)
}

// A session is the client's side of a polling session.
type session struct {
	t      *testing.T
	site   *site
	target string // with the sid
	sid    string
}

// poll opens a session by polling. query is added to the handshake's.
func (s *site) poll(t *testing.T, path string, query ...string) *session {
	t.Helper()
	target := path + "?EIO=4&transport=polling" + strings.Join(query, "")
	r := s.get(t, target)
	sid := sidOf(t, r.body)
	return &session{t, s, path + "?EIO=4&transport=polling&sid=" + url.QueryEscape(sid), sid}
}

func (c *session) get() reply {
	c.t.Helper()
	return c.site.get(c.t, c.target)
}

// wait begins a GET that must not be answered at once.
func (c *session) wait() *pending {
	c.t.Helper()
	p := c.arrive("GET", "")
	if p.answered(0) {
		c.t.Fatalf("the GET does not wait: %+v", p.got)
	}
	return p
}

// arrive begins a request and waits until the server works on it.
func (c *session) arrive(method, body string, headers ...string) *pending {
	c.t.Helper()
	ticket := strconv.FormatInt(c.site.tickets.Add(1), 10)
	there := make(chan struct{})
	c.site.arrived.Store(ticket, there)
	p := c.site.begin(c.t, method, c.target+"&t="+ticket, body, headers...)
	next(c.t, there, "the request's arrival")
	time.Sleep(settle / 2) // from the handler's first line to where the request waits
	return p
}

// settle is how long something is given that nobody can wait for, and the time in
// which nothing must happen.
const settle = 120 * time.Millisecond

func (c *session) post(body string, headers ...string) reply {
	c.t.Helper()
	return c.site.do(c.t, "POST", c.target, body, headers...)
}

// ok posts what must be accepted.
func (c *session) ok(body string) {
	c.t.Helper()
	c.post(body).is(c.t, 200, "ok")
}

// gone checks that the session has ended.
func (c *session) gone() {
	c.t.Helper()
	c.get().refused(c.t, 1)
}

func (c *session) seat() *seat {
	c.t.Helper()
	return c.site.seat(c.t, c.sid)
}

// headersRefused sends headers that are too large and returns the answer, or
// nothing when the connection was cut before it could be read.
func headersRefused(t *testing.T, s *site, headers string) string {
	t.Helper()
	conn, err := net.Dial("tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(patience))
	_, _ = io.WriteString(conn, "GET "+polling+" HTTP/1.1\r\nHost: "+s.addr+"\r\n"+headers+"\r\n")
	answer, err := io.ReadAll(conn)
	if ne := net.Error(nil); errors.As(err, &ne) && ne.Timeout() {
		t.Fatal("no answer to a request with too many headers")
	}
	return string(answer)
}

// impatientServer cuts every answer that takes longer than 300 ms, unless the
// handler asks for more time.
func impatientServer(h http.Handler) *http.Server {
	return &http.Server{Handler: h, ReadTimeout: 300 * time.Millisecond, WriteTimeout: 300 * time.Millisecond}
}

// listen serves h on a port of its own until the test ends.
func listen(t *testing.T, h http.Handler) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: h}
	go server.Serve(listener)
	t.Cleanup(func() { server.Close() })
	return listener.Addr().String()
}
