// SPDX-License-Identifier: Apache-2.0

package soak

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"regexp"
	"sync"
	"time"

	"github.com/sockgen/sockgen/runtime/internal/memnet"
	"github.com/sockgen/sockgen/runtime/socketio"
)

// patience is how long a soak waits for what must come. Only what fails waits that
// long.
const patience = 30 * time.Second

// A venue is a server on a loopback port and on a network in memory.
type venue struct {
	srv    *socketio.Server
	memory *memnet.Listener
	tcp    net.Listener
	served chan error

	mu    sync.Mutex // guards what follows
	ended map[socketio.ID]chan socketio.DisconnectReason
	wrong error // the first thing that went wrong in a handler
}

func newVenue(cfg socketio.Config) (*venue, error) {
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	cfg.Logger = slog.New(slog.DiscardHandler)
	v := &venue{
		srv: socketio.NewServer(cfg), memory: memnet.Listen(), tcp: tcp,
		served: make(chan error, 2),
		ended:  map[socketio.ID]chan socketio.DisconnectReason{},
	}
	v.setUp()
	for _, l := range []net.Listener{v.memory, v.tcp} {
		go func() { v.served <- v.srv.Serve(l) }()
	}
	return v, nil
}

// setUp adds the application.
func (v *venue) setUp() {
	n := v.srv.Of("/")
	n.OnDisconnect(v.hasEnded)
	n.On("echo", func(_ context.Context, _ *socketio.Socket, e *socketio.Event) { v.expect(e.Ack("fine")) })
	n.On("join", func(_ context.Context, s *socketio.Socket, e *socketio.Event) {
		rooms := []socketio.Room{"lobby", "floor", socketio.Room("of " + s.ID())}
		v.expect(s.Join(rooms...))
		s.Leave("floor")
		v.expect(e.Ack("joined"))
	})
	n.On("bye", func(_ context.Context, s *socketio.Socket, _ *socketio.Event) { s.Disconnect() })
	n.On("byebye", func(_ context.Context, s *socketio.Socket, _ *socketio.Event) { s.CloseConnection() })
	n.On("news", func(ctx context.Context, s *socketio.Socket, _ *socketio.Event) {
		v.expect(s.Emit(ctx, "news", "fresh"))
	})
	n.On("ask", func(_ context.Context, s *socketio.Socket, _ *socketio.Event) {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if _, err := s.EmitWithAck(ctx, "question"); !errors.Is(err, socketio.ErrDisconnected) {
			v.expect(fmt.Errorf("EmitWithAck: %v, want %v", err, socketio.ErrDisconnected))
		}
	})
	v.srv.Of("/guarded").Use(func(context.Context, *socketio.Socket) error { return &socketio.ConnectError{Message: "no"} })
	v.srv.Of("/slow").Use(func(ctx context.Context, _ *socketio.Socket) error {
		<-ctx.Done()
		return ctx.Err()
	})
	children := v.srv.OfPattern(regexp.MustCompile(`^/child-\d+$`))
	children.OnDisconnect(v.hasEnded)
	children.OnConnect(func(_ context.Context, s *socketio.Socket) {
		if err := s.Join("lobby"); !errors.Is(err, socketio.ErrDisconnected) {
			v.expect(err)
		}
	})
}

// expect notes an error of a handler.
func (v *venue) expect(err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if err != nil && v.wrong == nil {
		v.wrong = err
	}
}

func (v *venue) firstError() error {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.wrong
}

func (v *venue) hasEnded(_ context.Context, s *socketio.Socket, reason socketio.DisconnectReason) {
	v.ending(s.ID()) <- reason // a second time blocks, and so fails
}

// ending returns where the reason for a socket's end comes.
func (v *venue) ending(id socketio.ID) chan socketio.DisconnectReason {
	v.mu.Lock()
	defer v.mu.Unlock()
	c := v.ended[id]
	if c == nil {
		c = make(chan socketio.DisconnectReason, 1)
		v.ended[id] = c
	}
	return c
}

// ends waits for a socket's end and compares the reason.
func (v *venue) ends(id socketio.ID, want ...socketio.DisconnectReason) error {
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case got := <-v.ending(id):
		v.mu.Lock()
		delete(v.ended, id)
		v.mu.Unlock()
		for _, w := range want {
			if got == w {
				return nil
			}
		}
		return fmt.Errorf("the socket ended with %q, want %q", got, want)
	case <-late.C:
		return fmt.Errorf("the socket did not end within %v", patience)
	}
}

// forget drops the ends that no cycle expected, and counts them.
func (v *venue) forget() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	n := len(v.ended)
	clear(v.ended)
	return n
}

// close shuts the server down.
func (v *venue) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	errs := []error{v.srv.Shutdown(ctx)}
	for range 2 {
		if err := <-v.served; !errors.Is(err, http.ErrServerClosed) {
			errs = append(errs, fmt.Errorf("Serve: %w", err))
		}
	}
	return errors.Join(errs...)
}

// held names what a server without connections still holds, but for the namespaces of
// the application.
func held(srv *socketio.Server) error {
	c := takeCensus(srv)
	for _, name := range []string{
		"engineio.Server.sessions", "socketio.Server.conns", "socketio.Namespace.sockets",
		"adapter.Memory.sockets", "adapter.Memory.rooms", "socketio.recoveries.byKey", "socketio.recoveries.away",
		"engineio.Server.open", "engineio.Server.outgoing", "socketio.counters.sockets",
	} {
		n, known := c[name]
		if !known || n != 0 {
			return fmt.Errorf("%s is %d without a connection (known: %t)", name, n, known)
		}
	}
	return nil
}
