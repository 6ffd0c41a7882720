// SPDX-License-Identifier: Apache-2.0

package client

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sockgen/sockgen/runtime/internal/memnet"
	"github.com/sockgen/sockgen/runtime/socketio"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for what must happen.
const patience = 30 * time.Second

// A rig is a network with a server that can be taken away and put back.
type rig struct {
	t   testing.TB
	mem bool
	url string

	mu       sync.Mutex // guards what follows
	listener net.Listener
	server   *socketio.Server
	served   chan error
	conns    []net.Conn
}

// newRig starts a server, in memory or on loopback. setUp registers what it does.
func newRig(t testing.TB, mem bool, cfg socketio.Config, setUp func(*socketio.Server)) *rig {
	t.Helper()
	r := &rig{t: t, mem: mem, url: "http://server.test"}
	r.start(cfg, setUp)
	t.Cleanup(r.stop)
	return r
}

// start starts a server, on the address of the one before if there was one.
func (r *rig) start(cfg socketio.Config, setUp func(*socketio.Server)) {
	r.t.Helper()
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.DiscardHandler)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.mem {
		r.listener = memnet.Listen()
	} else {
		addr := "127.0.0.1:0"
		if r.listener != nil {
			addr = r.listener.Addr().String()
		}
		l, err := net.Listen("tcp", addr)
		if err != nil {
			r.t.Fatal(err)
		}
		r.listener = l
		r.url = "http://" + l.Addr().String()
	}
	server, served, l := socketio.NewServer(cfg), make(chan error, 1), r.listener
	if setUp != nil {
		setUp(server)
	}
	go func() { served <- server.Serve(l) }()
	r.server, r.served = server, served
}

// stop shuts the server down.
func (r *rig) stop() {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.server == nil {
		return
	}
	if err := r.server.Shutdown(ctx); err != nil {
		r.t.Errorf("Shutdown: %v", err)
	}
	if err := <-r.served; !errors.Is(err, http.ErrServerClosed) {
		r.t.Errorf("Serve: %v", err)
	}
	r.server = nil
}

// dial is the clients' dialer; it remembers connections for cut.
func (r *rig) dial(ctx context.Context, network, addr string) (net.Conn, error) {
	r.mu.Lock()
	l := r.listener
	r.mu.Unlock()
	var conn net.Conn
	var err error
	if mem, ok := l.(*memnet.Listener); ok {
		conn, err = mem.DialContext(ctx, network, addr)
	} else {
		conn, err = (&net.Dialer{}).DialContext(ctx, network, addr)
	}
	if err == nil {
		r.mu.Lock()
		r.conns = append(r.conns, conn)
		r.mu.Unlock()
	}
	return conn, err
}

// cut breaks all connections, as a lost network would.
func (r *rig) cut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, c := range r.conns {
		switch c := c.(type) {
		case *memnet.Conn:
			c.Reset()
		case *net.TCPConn:
			_ = c.SetLinger(0)
			_ = c.Close()
		}
	}
	r.conns = nil
}

// lose breaks the connection of m. Between two polls there is none to break, so it may
// take several attempts.
func (r *rig) lose(m *Manager) {
	r.t.Helper()
	m.mu.Lock()
	sess := m.session
	m.mu.Unlock()
	for range 1000 {
		time.Sleep(50 * time.Millisecond) // the next poll begins, so that the server notices too
		r.cut()
		select {
		case <-sess.ctx.Done():
			return
		case <-time.After(50 * time.Millisecond):
		}
	}
	r.t.Fatal("the session outlives its connections")
}

// manager returns a Manager for the rig's server, which ends with the test.
func (r *rig) manager(cfg Config) *Manager {
	r.t.Helper()
	if cfg.DialContext == nil {
		cfg.DialContext = r.dial
	}
	if cfg.ReconnectionDelay == 0 {
		cfg.ReconnectionDelay, cfg.ReconnectionDelayMax = 10*time.Millisecond, 100*time.Millisecond
	}
	return newManager(r.t, r.url, cfg)
}

func newManager(t testing.TB, url string, cfg Config) *Manager {
	t.Helper()
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.NewTextHandler(testWriter{t}, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	m, err := New(url, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { shut(t, m) })
	return m
}

func shut(t testing.TB, m *Manager) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := m.Close(ctx); err != nil {
		t.Errorf("Close: %v", err)
	}
}

// testWriter writes a log to that of the test.
type testWriter struct{ t testing.TB }

func (w testWriter) Write(p []byte) (int, error) {
	w.t.Logf("%s", bytes.TrimSpace(p))
	return len(p), nil
}

// connect connects a socket in time.
func connect(t testing.TB, s *Socket) *Socket {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := s.Connect(ctx); err != nil {
		t.Fatalf("connect %s: %v", s.Namespace(), err)
	}
	return s
}

// ask is EmitWithAck with one string as the answer.
func ask(t testing.TB, s *Socket, event string, args ...any) string {
	t.Helper()
	got, err := s.Timeout(patience).EmitWithAck(t.Context(), event, args...)
	if err != nil {
		t.Fatalf("%s: %v", event, err)
	}
	var answer string
	if err := got.Decode(0, &answer); err != nil {
		t.Fatalf("the answer to %s: %v", event, err)
	}
	return answer
}

// within fails the test when ch gets nothing in time.
func within[T any](t testing.TB, ch <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-ch:
		return v
	case <-time.After(patience):
		t.Fatalf("nothing came: %s", what)
		panic("unreachable")
	}
}

// eventually waits until f is true.
func eventually(t testing.TB, what string, f func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !f(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never happened: %s", what)
		}
	}
}

// A way is how a connection is made.
type way struct {
	name string
	mem  bool
	cfg  Config
	ends string // the transport that it ends up with
}

func ways() []way {
	var all []way
	for _, mem := range []bool{true, false} {
		net := map[bool]string{true: "memory", false: "loopback"}[mem]
		all = append(all,
			way{net + "/polling", mem, Config{Transports: []string{polling}}, polling},
			way{net + "/websocket", mem, Config{Transports: []string{webSocket}}, webSocket},
			way{net + "/upgrade", mem, Config{}, webSocket},
		)
	}
	return all
}

// eachWay runs a test on every transport, in memory and on loopback.
func eachWay(t *testing.T, f func(t *testing.T, w way)) {
	for _, w := range ways() {
		t.Run(w.name, func(t *testing.T) { f(t, w) })
	}
}

// settle waits for the upgrade, if there is to be one.
func settle(t testing.TB, m *Manager, w way) {
	t.Helper()
	eventually(t, "transport "+w.ends, func() bool { return m.Transport() == w.ends })
}

// echo is a server that answers "echo" with its arguments, as an ack if it is asked for
// one and as the event "back" otherwise.
func echo(server *socketio.Server) {
	for _, name := range []string{"/", "/chat"} {
		server.Of(name).On("echo", func(ctx context.Context, s *socketio.Socket, e *socketio.Event) {
			if e.WantsAck() {
				_ = e.Ack(e.Args)
			} else {
				_ = s.Emit(ctx, "back", e.Args)
			}
		})
	}
}
