// SPDX-License-Identifier: Apache-2.0

package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sockgen/sockgen/runtime/socketio"
)

func TestEventsAndAcksTravelBothWays(t *testing.T) {
	eachWay(t, func(t *testing.T, w way) {
		r := newRig(t, w.mem, socketio.Config{}, func(server *socketio.Server) {
			echo(server)
			server.Of("/").On("askMe", func(ctx context.Context, s *socketio.Socket, e *socketio.Event) {
				got, err := s.EmitWithAck(ctx, "question", "why", []byte{7})
				if err != nil {
					t.Errorf("the server's question: %v", err)
					return
				}
				_ = e.Ack(got)
			})
		})
		m := r.manager(w.cfg)
		s := m.Socket("/", SocketConfig{})
		back := make(chan *Event, 10)
		s.On("back", func(ctx context.Context, e *Event) { back <- e })
		s.On("question", func(ctx context.Context, e *Event) {
			var why string
			var data []byte
			if err := errors.Join(e.Args.Decode(0, &why), e.Args.Decode(1, &data)); err != nil {
				t.Error(err)
			}
			if err := e.Ack("because of "+why, append(data, 8)); err != nil {
				t.Errorf("Ack: %v", err)
			}
			if err := e.Ack("again"); !errors.Is(err, ErrAcked) {
				t.Errorf("the second Ack: %v, want ErrAcked", err)
			}
		})
		connect(t, s)
		for range 2 { // before and after the upgrade
			if err := s.Emit(t.Context(), "echo", "one", 2, map[string]any{"three": []byte{3, 4}}); err != nil {
				t.Fatal(err)
			}
			e := within(t, back, "the echo")
			var three struct{ Three []byte }
			if err := e.Args.Decode(2, &three); err != nil || e.Args.Len() != 3 || !bytes.Equal(three.Three, []byte{3, 4}) {
				t.Errorf("the echo has %d arguments, the third %v (%v)", e.Args.Len(), three, err)
			}
			if e.WantsAck() || !errors.Is(e.Ack(), ErrNoAck) {
				t.Error("an event without ack can be acknowledged")
			}
			got, err := s.EmitWithAck(t.Context(), "askMe")
			if err != nil {
				t.Fatal(err)
			}
			var why string
			var data []byte
			if err := errors.Join(got.Decode(0, &why), got.Decode(1, &data)); err != nil || why != "because of why" || !bytes.Equal(data, []byte{7, 8}) {
				t.Errorf("the answer to the answer: %q, %v (%v)", why, data, err)
			}
			settle(t, m, w)
		}
	})
}

func TestAMegabyteBothWays(t *testing.T) {
	eachWay(t, func(t *testing.T, w way) {
		r := newRig(t, w.mem, socketio.Config{MaxPayload: 3_000_000}, echo)
		m := r.manager(w.cfg)
		s := connect(t, m.Socket("/", SocketConfig{}))
		text := strings.Repeat("ä€😀x", 100_000) // 1,000,000 bytes
		data := bytes.Repeat([]byte{0, 0x1e, 0xff, 1}, 250_000)
		for range 2 {
			got, err := s.Timeout(patience).EmitWithAck(t.Context(), "echo", text, data, data[:1])
			if err != nil {
				t.Fatal(err)
			}
			var gotText string
			var gotData, one []byte
			if err := errors.Join(got.Decode(0, &gotText), got.Decode(1, &gotData), got.Decode(2, &one)); err != nil {
				t.Fatal(err)
			}
			if gotText != text || !bytes.Equal(gotData, data) || !bytes.Equal(one, data[:1]) {
				t.Errorf("came back changed: %d bytes of text, %d and %d binary", len(gotText), len(gotData), len(one))
			}
			settle(t, m, w)
		}
	})
}

// What the server would not take is refused before it costs the connection, up to the
// last byte.
func TestWhatIsLargerThanTheServerAcceptsIsRefused(t *testing.T) {
	eachWay(t, func(t *testing.T, w way) {
		const limit = 10_000
		r := newRig(t, w.mem, socketio.Config{MaxPayload: limit}, echo)
		m := r.manager(w.cfg)
		s := connect(t, m.Socket("/", SocketConfig{}))
		settle(t, m, w)
		frame := len(`420["echo",""]`)
		if _, err := s.EmitWithAck(t.Context(), "echo", strings.Repeat("x", limit-frame+1)); !errors.Is(err, ErrTooLarge) {
			t.Errorf("one byte too many: %v, want ErrTooLarge", err)
		}
		largest := strings.Repeat("x", limit-len(`421["echo",""]`))
		if got := ask(t, s, "echo", largest); got != largest {
			t.Errorf("the largest message came back with %d bytes of %d", len(got), len(largest))
		}
		if m.Transport() == webSocket {
			if _, err := s.EmitWithAck(t.Context(), "echo", make([]byte, limit)); err != nil {
				t.Errorf("the largest attachment: %v", err)
			}
		}
		if _, err := s.EmitWithAck(t.Context(), "echo", make([]byte, limit+1)); !errors.Is(err, ErrTooLarge) {
			t.Errorf("an attachment one byte too large: %v, want ErrTooLarge", err)
		}
	})
}

func TestSeveralNamespacesShareAConnection(t *testing.T) {
	eachWay(t, func(t *testing.T, w way) {
		r := newRig(t, w.mem, socketio.Config{}, func(server *socketio.Server) {
			echo(server)
			server.Of("/secret").Use(func(ctx context.Context, s *socketio.Socket) error {
				var auth struct{ Token string }
				_ = json.Unmarshal(s.Handshake().Auth, &auth)
				if auth.Token != "open sesame" {
					return &socketio.ConnectError{Message: "not authorized", Data: map[string]int{"code": 7}}
				}
				return nil
			})
		})
		m := r.manager(w.cfg)
		root, chat := m.Socket("", SocketConfig{}), m.Socket("chat", SocketConfig{})
		if again := m.Socket("/chat", SocketConfig{}); again != chat {
			t.Error("a namespace has two sockets")
		}
		connect(t, root)
		connect(t, chat)
		if ask(t, root, "echo", "a") != "a" || ask(t, chat, "echo", "b") != "b" {
			t.Error("wrong echo")
		}
		if len(root.ID()) != 20 || root.ID() == chat.ID() {
			t.Errorf("ids %q and %q", root.ID(), chat.ID())
		}

		token := "guess"
		secret := m.Socket("/secret", SocketConfig{Auth: func(context.Context) (any, error) {
			return map[string]string{"token": token}, nil
		}})
		failures := make(chan error, 1)
		secret.OnConnectError(func(ctx context.Context, err error) { failures <- err })
		err := secret.Connect(t.Context())
		var refused *ConnectError
		if !errors.As(err, &refused) || refused.Message != "not authorized" || string(refused.Data) != `{"code":7}` {
			t.Fatalf("refused with %v", err)
		}
		if err := within(t, failures, "OnConnectError"); !errors.As(err, &refused) {
			t.Errorf("OnConnectError got %v", err)
		}
		if secret.Active() || secret.Connected() {
			t.Error("a refused socket is active")
		}
		var unknown *ConnectError
		if err := m.Socket("/unknown", SocketConfig{}).Connect(t.Context()); !errors.As(err, &unknown) || unknown.Message != "Invalid namespace" {
			t.Errorf("an unknown namespace: %v", err)
		}
		token = "open sesame" // the Auth of the refused attempt has returned
		connect(t, secret)

		chat.Disconnect()
		if ask(t, root, "echo", "still here") != "still here" {
			t.Error("wrong echo")
		}
		connect(t, chat)
		if ask(t, chat, "echo", "back") != "back" {
			t.Error("wrong echo")
		}
	})
}

func TestTheServerEndsASocket(t *testing.T) {
	eachWay(t, func(t *testing.T, w way) {
		r := newRig(t, w.mem, socketio.Config{}, func(server *socketio.Server) {
			echo(server)
			server.Of("/").On("kick", func(ctx context.Context, s *socketio.Socket, e *socketio.Event) {
				_ = s.Emit(ctx, "last words")
				s.Disconnect()
			})
		})
		m := r.manager(w.cfg)
		s := m.Socket("/", SocketConfig{})
		seen := make(chan string, 10)
		s.OnConnect(func(context.Context) { seen <- "connected" })
		s.On("last words", func(ctx context.Context, e *Event) { seen <- "last words " + alive(ctx) })
		s.OnDisconnect(func(ctx context.Context, reason DisconnectReason) { seen <- string(reason) })
		connect(t, s)
		settle(t, m, w)
		if err := s.Emit(t.Context(), "kick"); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"connected", "last words alive", "io server disconnect"} {
			if got := within(t, seen, want); got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		}
		if s.Active() || s.ID() != "" {
			t.Error("the socket wants to come back by itself")
		}
		eventually(t, "the end of the connection that nobody wants", func() bool { return m.Transport() == "" })
		connect(t, s)
		if ask(t, s, "echo", "again") != "again" {
			t.Error("wrong echo")
		}
	})
}

func alive(ctx context.Context) string {
	if ctx.Err() != nil {
		return "dead"
	}
	return "alive"
}

func TestTheClientEndsASocket(t *testing.T) {
	eachWay(t, func(t *testing.T, w way) {
		reasons := make(chan socketio.DisconnectReason, 10)
		r := newRig(t, w.mem, socketio.Config{}, func(server *socketio.Server) {
			root := server.Of("/")
			root.OnDisconnect(func(ctx context.Context, s *socketio.Socket, reason socketio.DisconnectReason) { reasons <- reason })
		})
		m := r.manager(w.cfg)
		s := connect(t, m.Socket("/", SocketConfig{}))
		ended := make(chan DisconnectReason, 1)
		s.OnDisconnect(func(ctx context.Context, reason DisconnectReason) { ended <- reason })
		settle(t, m, w)
		s.Disconnect()
		if reason := within(t, ended, "OnDisconnect"); reason != ClientDisconnect {
			t.Errorf("disconnected with %q", reason)
		}
		if reason := within(t, reasons, "the server's OnDisconnect"); reason != socketio.ClientNamespaceDisconnect {
			t.Errorf("the server has %q", reason)
		}
		s.Disconnect() // has no effect
		shut(t, m)
		if err := s.Emit(t.Context(), "late"); !errors.Is(err, ErrClosed) {
			t.Errorf("Emit after Close: %v", err)
		}
		if err := s.Open(); !errors.Is(err, ErrClosed) {
			t.Errorf("Open after Close: %v", err)
		}
		if err := s.Connect(t.Context()); !errors.Is(err, ErrClosed) {
			t.Errorf("Connect after Close: %v", err)
		}
	})
}

func TestEmitsWaitForAConnection(t *testing.T) {
	eachWay(t, func(t *testing.T, w way) {
		r := newRig(t, w.mem, socketio.Config{}, echo)
		m := r.manager(w.cfg)
		s := m.Socket("/", SocketConfig{})
		var got []string
		all := make(chan struct{})
		s.On("back", func(ctx context.Context, e *Event) {
			if got = append(got, string(e.Args.At(0))); len(got) == 3 {
				close(all)
			}
		})
		for i := range 3 {
			if err := s.Emit(t.Context(), "echo", i); err != nil {
				t.Fatal(err)
			}
			if err := s.Volatile().Emit(t.Context(), "echo", "volatile"); err != nil {
				t.Fatal(err)
			}
		}
		answered := make(chan string, 1)
		go func() {
			got, err := s.EmitWithAck(t.Context(), "echo", "early")
			if err != nil {
				answered <- err.Error()
				return
			}
			answered <- string(got.At(0))
		}()
		eventually(t, "the event with ack waits", func() bool {
			m.mu.Lock()
			defer m.mu.Unlock()
			return len(s.buffer) == 4
		})
		if _, err := s.Volatile().EmitWithAck(t.Context(), "echo"); !errors.Is(err, ErrTimeout) {
			t.Errorf("a volatile event with ack: %v", err)
		}
		if _, err := s.Timeout(time.Millisecond).EmitWithAck(t.Context(), "echo", "too late"); !errors.Is(err, ErrTimeout) {
			t.Errorf("an ack without a connection: %v", err)
		}
		connect(t, s)
		within(t, all, "what was emitted before")
		if want := []string{"0", "1", "2"}; !slices.Equal(got, want) {
			t.Errorf("the server got %v, want %v", got, want)
		}
		if got := within(t, answered, "the ack"); got != `"early"` {
			t.Errorf("the ack is %s", got)
		}
		strict := m.Socket("/chat", SocketConfig{NoBuffer: true})
		if err := strict.Emit(t.Context(), "echo"); !errors.Is(err, ErrDisconnected) {
			t.Errorf("NoBuffer: %v", err)
		}
	})
}

func TestTenThousandEventsKeepTheirOrderAcrossAnUpgrade(t *testing.T) {
	for _, mem := range []bool{true, false} {
		t.Run(map[bool]string{true: "memory", false: "loopback"}[mem], func(t *testing.T) {
			const n = 10_000
			r := newRig(t, mem, socketio.Config{}, func(server *socketio.Server) {
				next := 0
				server.Of("/").On("echo", func(ctx context.Context, s *socketio.Socket, e *socketio.Event) {
					var i int
					if err := e.Args.Decode(0, &i); err != nil || i != next {
						t.Errorf("the server got event %d (%v), want %d", i, err, next)
					}
					next++
					if err := s.Emit(ctx, "back", i); err != nil {
						t.Errorf("back %d: %v", i, err)
					}
				})
			})
			m := r.manager(Config{})
			s := m.Socket("/", SocketConfig{})
			done := make(chan struct{})
			next := 0
			window := make(chan struct{}, 500) // the server's queue has room for these
			s.On("back", func(ctx context.Context, e *Event) {
				var i int
				if err := e.Args.Decode(0, &i); err != nil || i != next {
					t.Errorf("the client got event %d (%v), want %d", i, err, next)
				}
				<-window
				if next++; next == n {
					close(done)
				}
			})
			connect(t, s)
			for i := range n {
				window <- struct{}{}
				if err := s.Emit(t.Context(), "echo", i); err != nil {
					t.Fatal(err)
				}
			}
			within(t, done, "all events")
			if m.Transport() != webSocket {
				t.Errorf("the connection still uses %s", m.Transport())
			}
		})
	}
}
