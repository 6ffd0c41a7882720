// SPDX-License-Identifier: Apache-2.0

package client

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sockgen/sockgen/runtime/socketio"
)

func TestALostConnectionIsRenewed(t *testing.T) {
	eachWay(t, func(t *testing.T, w way) {
		stall := make(chan struct{})
		var tokens sync.Map
		r := newRig(t, w.mem, socketio.Config{}, func(server *socketio.Server) {
			echo(server)
			server.Of("/").Use(func(ctx context.Context, s *socketio.Socket) error {
				var auth struct{ Token int }
				_ = json.Unmarshal(s.Handshake().Auth, &auth)
				tokens.Store(auth.Token, true)
				return nil
			})
			server.Of("/").On("never", func(context.Context, *socketio.Socket, *socketio.Event) { close(stall) })
		})
		m := r.manager(w.cfg)
		asked := 0
		s := m.Socket("/", SocketConfig{Auth: func(context.Context) (any, error) {
			asked++
			return map[string]int{"token": asked}, nil
		}})
		reasons := make(chan DisconnectReason, 10)
		connects := make(chan string, 10)
		s.OnDisconnect(func(ctx context.Context, reason DisconnectReason) { reasons <- reason })
		s.OnConnect(func(ctx context.Context) { connects <- s.ID() })
		connect(t, s)
		first := within(t, connects, "OnConnect")
		settle(t, m, w)
		failed := make(chan error, 1)
		go func() {
			_, err := s.EmitWithAck(t.Context(), "never")
			failed <- err
		}()
		within(t, stall, "the event whose ack never comes")
		r.lose(m)
		if reason := within(t, reasons, "OnDisconnect"); reason != TransportError && reason != TransportClose {
			t.Errorf("disconnected with %q", reason)
		}
		if err := within(t, failed, "the failed ack"); !errors.Is(err, ErrDisconnected) {
			t.Errorf("the ack failed with %v, want ErrDisconnected", err)
		}
		if got := ask(t, s, "echo", "again"); got != "again" { // sent by whichever connection there is
			t.Errorf("wrong echo %q", got)
		}
		if second := within(t, connects, "OnConnect"); second == first {
			t.Error("the id stayed the same without recovery")
		}
		for _, token := range []int{1, 2} {
			if _, ok := tokens.Load(token); !ok {
				t.Errorf("Auth was not asked anew: no token %d", token)
			}
		}
	})
}

func TestTheServerRestarts(t *testing.T) {
	eachWay(t, func(t *testing.T, w way) {
		r := newRig(t, w.mem, socketio.Config{}, echo)
		m := r.manager(w.cfg)
		s, chat := m.Socket("/", SocketConfig{}), m.Socket("/chat", SocketConfig{})
		reasons := make(chan DisconnectReason, 10)
		var failures atomic.Int32
		s.OnDisconnect(func(ctx context.Context, reason DisconnectReason) { reasons <- reason })
		s.OnConnectError(func(context.Context, error) { failures.Add(1) })
		connect(t, s)
		connect(t, chat)
		settle(t, m, w)
		r.stop()
		// The server says goodbye, but a poll may also find nobody there any more.
		if reason := within(t, reasons, "OnDisconnect"); reason != TransportClose && (w.ends == webSocket || reason != TransportError) {
			t.Errorf("disconnected with %q", reason)
		}
		eventually(t, "an attempt that fails", func() bool { return failures.Load() > 0 })
		if err := s.Emit(t.Context(), "echo", "meanwhile"); err != nil {
			t.Fatal(err)
		}
		back := make(chan string, 1)
		s.On("back", func(ctx context.Context, e *Event) { back <- string(e.Args.At(0)) })
		r.start(socketio.Config{}, echo)
		if got := within(t, back, "what was emitted meanwhile"); got != `"meanwhile"` {
			t.Errorf("got %s", got)
		}
		if ask(t, chat, "echo", "both") != "both" {
			t.Error("wrong echo")
		}
	})
}

func TestRecovery(t *testing.T) {
	eachWay(t, func(t *testing.T, w way) {
		r := newRig(t, w.mem, socketio.Config{Recovery: &socketio.Recovery{}}, func(server *socketio.Server) {
			server.Of("/").OnConnect(func(ctx context.Context, s *socketio.Socket) {
				if !s.Recovered() {
					_ = s.Join("news")
					_ = s.Emit(ctx, "news", 0)
				}
			})
		})
		cfg := w.cfg
		cfg.ReconnectionDelay = 300 * time.Millisecond // the server has to notice the loss first
		m := r.manager(cfg)
		s := m.Socket("/", SocketConfig{Auth: func(context.Context) (any, error) { return struct{}{}, nil }})
		got := make(chan string, 100)
		s.OnConnect(func(context.Context) { got <- "connect " + strconv.FormatBool(s.Recovered()) })
		s.OnDisconnect(func(context.Context, DisconnectReason) { got <- "disconnect" })
		s.On("news", func(ctx context.Context, e *Event) {
			if e.Args.Len() != 2 {
				t.Errorf("an event with %d arguments, want its own and the offset", e.Args.Len())
			}
			got <- "news " + string(e.Args.At(0))
		})
		want := func(texts ...string) {
			t.Helper()
			for _, text := range texts {
				if have := within(t, got, text); have != text {
					t.Fatalf("got %q, want %q", have, text)
				}
			}
		}
		connect(t, s)
		want("connect false", "news 0")
		settle(t, m, w)
		id := s.ID()
		r.lose(m)
		want("disconnect")
		for i := range 3 {
			if err := r.server.Of("/").To("news").Emit(t.Context(), "news", i+1); err != nil {
				t.Fatal(err)
			}
		}
		want("connect true", "news 1", "news 2", "news 3")
		if s.ID() != id {
			t.Errorf("the id changed from %s to %s", id, s.ID())
		}
		// After a restart the server knows nobody; the next socket is a new one.
		r.stop()
		r.start(socketio.Config{Recovery: &socketio.Recovery{}}, func(server *socketio.Server) { server.Of("/") })
		want("disconnect", "connect false")
	})
}

func TestGivingUp(t *testing.T) {
	r := newRig(t, true, socketio.Config{}, nil)
	r.stop()
	for _, test := range []struct {
		name     string
		cfg      Config
		attempts int32
	}{
		{"no reconnection", Config{NoReconnection: true}, 1},
		{"two reconnections", Config{ReconnectionAttempts: 2}, 3},
	} {
		t.Run(test.name, func(t *testing.T) {
			m := r.manager(test.cfg)
			s := m.Socket("/", SocketConfig{})
			var failures atomic.Int32
			s.OnConnectError(func(ctx context.Context, err error) {
				if last := failures.Add(1) == test.attempts; last != errors.Is(err, ErrGaveUp) {
					t.Errorf("failure %d: %v", failures.Load(), err)
				}
			})
			for range 2 { // the application may try again
				failures.Store(0)
				if err := s.Connect(t.Context()); !errors.Is(err, ErrGaveUp) {
					t.Errorf("Connect: %v, want ErrGaveUp", err)
				}
				eventually(t, "the failures", func() bool { return failures.Load() == test.attempts })
				if s.Active() {
					t.Error("the socket is still active")
				}
			}
		})
	}
}

func TestNoReconnectionAfterALoss(t *testing.T) {
	r := newRig(t, true, socketio.Config{}, echo)
	m := r.manager(Config{NoReconnection: true})
	s := m.Socket("/", SocketConfig{})
	gone := make(chan DisconnectReason, 1)
	s.OnDisconnect(func(ctx context.Context, reason DisconnectReason) { gone <- reason })
	connect(t, s)
	r.lose(m)
	within(t, gone, "OnDisconnect")
	eventually(t, "the socket gives up", func() bool { return !s.Active() })
	if err := s.Emit(t.Context(), "echo", "later"); err != nil {
		t.Error(err)
	}
	back := make(chan string, 1)
	s.On("back", func(ctx context.Context, e *Event) { back <- string(e.Args.At(0)) })
	connect(t, s)
	if got := within(t, back, "what waited"); got != `"later"` {
		t.Errorf("got %s", got)
	}
}

func TestAuthThatFailsIsAskedAgain(t *testing.T) {
	r := newRig(t, true, socketio.Config{}, echo)
	m := r.manager(Config{})
	outcomes := []func() (any, error){
		func() (any, error) { return nil, errors.New("no token today") },
		func() (any, error) { panic("no token at all") },
		func() (any, error) { return []int{1}, nil },
		func() (any, error) { return make(chan int), nil },
		func() (any, error) { return map[string]string{"token": "x"}, nil },
	}
	var asked atomic.Int32
	s := m.Socket("/", SocketConfig{Auth: func(context.Context) (any, error) { return outcomes[asked.Add(1)-1]() }})
	var failures atomic.Int32
	s.OnConnectError(func(ctx context.Context, err error) { failures.Add(1) })
	connect(t, s)
	eventually(t, "four failures", func() bool { return failures.Load() == 4 })

	strict := r.manager(Config{NoReconnection: true})
	asked.Store(0)
	s = strict.Socket("/", SocketConfig{Auth: func(context.Context) (any, error) { return outcomes[asked.Add(1)-1]() }})
	if err := s.Connect(t.Context()); err == nil || s.Active() {
		t.Errorf("Connect: %v", err)
	}
}

func TestConnectEndsWithItsContext(t *testing.T) {
	r := newRig(t, true, socketio.Config{}, nil)
	r.stop()
	m := r.manager(Config{})
	s := m.Socket("/", SocketConfig{})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	err := s.Connect(ctx)
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Connect: %v", err)
	}
	if s.Active() {
		t.Error("the socket that Connect has opened is still active")
	}
	if err := s.Open(); err != nil {
		t.Fatal(err)
	}
	ctx, cancel = context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := s.Connect(ctx); !errors.Is(err, context.DeadlineExceeded) || !s.Active() {
		t.Errorf("Connect: %v; it must leave alone what another call has opened", err)
	}
	waiting := make(chan error, 1)
	go func() { waiting <- s.Connect(context.Background()) }()
	eventually(t, "Connect waits", func() bool {
		m.mu.Lock()
		defer m.mu.Unlock()
		return len(s.waiters) == 1
	})
	s.Disconnect()
	if err := within(t, waiting, "Connect"); !errors.Is(err, ErrDisconnected) {
		t.Errorf("Connect during Disconnect: %v", err)
	}
}

func TestDial(t *testing.T) {
	r := newRig(t, true, socketio.Config{}, echo)
	m, err := Dial(t.Context(), r.url, Config{DialContext: r.dial})
	if err != nil {
		t.Fatal(err)
	}
	if m.Transport() == "" {
		t.Error("there is no connection after Dial")
	}
	if s := connect(t, m.Socket("/", SocketConfig{})); ask(t, s, "echo", "x") != "x" {
		t.Error("wrong echo")
	}
	shut(t, m)
	m, err = Dial(t.Context(), r.url, Config{DialContext: r.dial})
	if err != nil {
		t.Fatal(err)
	}
	shut(t, m) // without any socket
	r.stop()
	if _, err = Dial(t.Context(), r.url, Config{DialContext: r.dial}); err == nil {
		t.Error("Dial without a server succeeds")
	}
	if _, err = Dial(t.Context(), "ftp://server.test", Config{}); err == nil {
		t.Error("Dial of a strange URL succeeds")
	}
}

// A handler that does not return keeps reading from the connection bounded, and what
// it makes wait arrives in order once it returns.
func TestAFullInboxPausesReading(t *testing.T) {
	eachWay(t, func(t *testing.T, w way) {
		const n = 300
		r := newRig(t, w.mem, socketio.Config{}, func(server *socketio.Server) {
			server.Of("/").On("start", func(ctx context.Context, s *socketio.Socket, e *socketio.Event) {
				for i := range n {
					if err := s.Emit(ctx, "tick", i); err != nil {
						t.Errorf("tick %d: %v", i, err)
					}
				}
			})
		})
		cfg := w.cfg
		cfg.Limits.InboxBytes = 4 * eventCost
		m := r.manager(cfg)
		s := m.Socket("/", SocketConfig{})
		release, done := make(chan struct{}), make(chan struct{})
		var got []int
		s.On("tick", func(ctx context.Context, e *Event) {
			<-release
			var i int
			if err := e.Args.Decode(0, &i); err != nil {
				t.Error(err)
			}
			if got = append(got, i); len(got) == n {
				close(done)
			}
		})
		connect(t, s)
		settle(t, m, w)
		if err := s.Emit(t.Context(), "start"); err != nil {
			t.Fatal(err)
		}
		eventually(t, "the inbox is full and the reader waits", func() bool {
			m.mu.Lock()
			defer m.mu.Unlock()
			return s.inbox == 3 && s.space != nil
		})
		close(release)
		within(t, done, "all ticks")
		if !slices.IsSorted(got) {
			t.Errorf("out of order: %v", got)
		}
	})
}
