// SPDX-License-Identifier: Apache-2.0

package client

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sockgen/sockgen/runtime/socketio"
)

// Everything at once, while connections break: each call ends, and in the end the
// sockets work.
func TestConcurrentUse(t *testing.T) {
	eachWay(t, func(t *testing.T, w way) {
		r := newRig(t, w.mem, socketio.Config{}, echo)
		m := r.manager(w.cfg)
		sockets := []*Socket{m.Socket("/", SocketConfig{}), m.Socket("/chat", SocketConfig{})}
		var users sync.WaitGroup
		var answered atomic.Int32
		for _, s := range sockets {
			s.On("back", func(ctx context.Context, e *Event) {})
			connect(t, s)
			for range 4 {
				users.Go(func() {
					for i := range 50 {
						_ = s.Volatile().Emit(t.Context(), "echo", i)
						if err := s.Emit(t.Context(), "echo", []byte{byte(i)}); err != nil {
							t.Errorf("Emit: %v", err)
						}
						switch _, err := s.Timeout(2*time.Second).EmitWithAck(t.Context(), "echo", i); {
						case err == nil:
							answered.Add(1)
						case !errors.Is(err, ErrDisconnected) && !errors.Is(err, ErrTimeout):
							t.Errorf("EmitWithAck: %v", err)
						}
						off := s.On("back", func(context.Context, *Event) {})
						off()
						_, _, _, _ = s.ID(), s.Connected(), s.Recovered(), m.Transport()
					}
				})
			}
			users.Go(func() {
				for range 5 {
					time.Sleep(5 * time.Millisecond)
					s.Disconnect()
					if err := s.Open(); err != nil {
						t.Errorf("Open: %v", err)
					}
				}
			})
		}
		users.Go(func() {
			for range 3 {
				time.Sleep(10 * time.Millisecond)
				r.cut()
			}
		})
		users.Wait()
		for _, s := range sockets {
			eventually(t, "an answer", func() bool { // the last cut may not have been noticed yet
				_, err := s.EmitWithAck(t.Context(), "echo", "fine")
				return err == nil
			})
		}
		if n := r.server.Stats().Violations; n != 0 {
			t.Errorf("the server saw %d violations of the protocol", n)
		}
		if answered.Load() == 0 {
			t.Error("no ack arrived")
		}
	})
}

func TestAPanicEndsOneCall(t *testing.T) {
	r := newRig(t, true, socketio.Config{}, echo)
	m := r.manager(Config{})
	s := m.Socket("/", SocketConfig{})
	seen := make(chan string, 10)
	s.On("back", func(ctx context.Context, e *Event) {
		switch string(e.Args.At(0)) {
		case `"panic"`:
			panic("on purpose")
		case `"exit"`:
			runtime.Goexit()
		}
		seen <- string(e.Args.At(0))
	})
	s.Once("back", func(ctx context.Context, e *Event) { seen <- "once" })
	connect(t, s)
	for _, what := range []string{"panic", "exit", "go on"} {
		if err := s.Emit(t.Context(), "echo", what); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{"once", `"go on"`} {
		if got := within(t, seen, want); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
