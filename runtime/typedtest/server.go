// SPDX-License-Identifier: Apache-2.0

package typedtest

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/sockgen/sockgen/runtime/client"
	"github.com/sockgen/sockgen/runtime/internal/memnet"
	"github.com/sockgen/sockgen/runtime/socketio"
)

// URL is where clients find the server, through the dialer of a Server alone.
const URL = "http://server.test"

// patience is how long the end of a test may take.
const patience = 30 * time.Second

// A Server serves in memory until its test ends. Its methods may be called from any
// goroutine.
type Server struct {
	t        testing.TB
	io       *socketio.Server
	listener *memnet.Listener

	mu    sync.Mutex // guards what follows
	conns []*memnet.Conn
}

// New serves what mount registers. When the test ends, the managers are closed and
// then the server is shut down; the test fails if some handler goes on for longer
// than 30 seconds.
func New(t testing.TB, mount func(srv *socketio.Server)) *Server {
	t.Helper()
	return NewConfig(t, socketio.Config{}, mount)
}

// NewConfig is New for a server that cfg tunes. Its log is the test's unless cfg has
// a Logger.
func NewConfig(t testing.TB, cfg socketio.Config, mount func(srv *socketio.Server)) *Server {
	t.Helper()
	log := &testLog{t: t}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.NewTextHandler(log, nil))
	}
	s := &Server{t: t, io: socketio.NewServer(cfg), listener: memnet.Listen()}
	mount(s.io)
	served := make(chan error, 1)
	go func() { served <- s.io.Serve(s.listener) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := s.io.Shutdown(ctx); err != nil {
			t.Errorf("typedtest: shut the server down: %v", err)
		}
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("typedtest: serve: %v", err)
		}
		log.end()
	})
	return s
}

// IO returns the server that mount got.
func (s *Server) IO() *socketio.Server { return s.io }

// Manager returns a connection of its own, which is closed when the test ends.
func (s *Server) Manager() *client.Manager {
	s.t.Helper()
	return s.ManagerConfig(client.Config{})
}

// ManagerConfig is Manager with a connection that cfg tunes. Where cfg does not say
// otherwise, it is a WebSocket, a lost connection is renewed within a tenth of a
// second, and the log is the test's.
func (s *Server) ManagerConfig(cfg client.Config) *client.Manager {
	s.t.Helper()
	cfg.DialContext = s.dial
	if cfg.Transports == nil {
		cfg.Transports = []string{"websocket"}
	}
	if cfg.ReconnectionDelay == 0 && cfg.ReconnectionDelayMax == 0 {
		cfg.ReconnectionDelay, cfg.ReconnectionDelayMax = 10*time.Millisecond, 100*time.Millisecond
	}
	log := &testLog{t: s.t}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.NewTextHandler(log, nil))
	}
	// A proxy of the environment would be dialed in place of the server.
	cfg.Proxy = func(*http.Request) (*url.URL, error) { return nil, nil }
	m, err := client.New(URL, cfg)
	if err != nil {
		s.t.Fatalf("typedtest: %v", err)
	}
	s.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := m.Close(ctx); err != nil {
			s.t.Errorf("typedtest: %v", err)
		}
		log.end()
	})
	return m
}

// Cut breaks all connections, as a lost network would. Clients make new ones.
func (s *Server) Cut() {
	s.mu.Lock()
	conns := s.conns
	s.conns = nil
	s.mu.Unlock()
	for _, c := range conns {
		c.Reset()
	}
}

func (s *Server) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	conn, err := s.listener.Dial(ctx)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conns = append(s.conns, conn)
	return conn, nil
}

// A testLog writes to the log of a test that has not ended: a line after that would
// panic.
type testLog struct {
	t testing.TB

	mu    sync.Mutex // guards ended
	ended bool
}

func (l *testLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.ended {
		l.t.Logf("%s", bytes.TrimSpace(p))
	}
	return len(p), nil
}

func (l *testLog) end() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.ended = true
}

// Connect connects a client, and fails the test when that does not succeed. It is to
// be called by the test's own goroutine.
func (s *Server) Connect(c interface{ Connect(context.Context) error }) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	s.Check(c.Connect(ctx))
}

// Check ends the test with err unless it is nil. It is to be called by the test's own
// goroutine.
func (s *Server) Check(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}
