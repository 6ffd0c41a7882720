// SPDX-License-Identifier: Apache-2.0

package client

import (
	"context"
	"errors"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sockgen/sockgen/runtime/socketio"
)

func TestTheClientGivesUpASilentServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		dial := scripted(t, speak(nil, openPacket, connectReply))
		m := newManager(t, "http://server.test", Config{Transports: []string{webSocket}, DialContext: dial, NoReconnection: true})
		s := m.Socket("/", SocketConfig{})
		reasons := make(chan DisconnectReason, 1)
		s.OnDisconnect(func(ctx context.Context, reason DisconnectReason) { reasons <- reason })
		connect(t, s)
		began := time.Now()
		if reason := <-reasons; reason != PingTimeout {
			t.Errorf("disconnected with %q", reason)
		}
		if took := time.Since(began); took != 45*time.Second {
			t.Errorf("after %v, want pingInterval + pingTimeout", took)
		}
	})
}

// A connection lives for hours on heartbeats alone, on each transport.
func TestHeartbeatsKeepAConnection(t *testing.T) {
	for _, w := range ways()[:3] {
		t.Run(w.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, true, socketio.Config{}, echo)
				m := r.manager(w.cfg)
				s := m.Socket("/", SocketConfig{})
				s.OnDisconnect(func(ctx context.Context, reason DisconnectReason) {
					if reason != ClientDisconnect {
						t.Errorf("disconnected with %q", reason)
					}
				})
				connect(t, s)
				time.Sleep(3 * time.Hour)
				if ask(t, s, "echo", "still here") != "still here" {
					t.Error("wrong echo")
				}
				shut(t, m)
				r.stop()
			})
		})
	}
}

// A handler that takes long does not keep the client from answering pings, nor from
// getting acks.
func TestASlowHandlerDoesNotHoldUpHeartbeatsAndAcks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, true, socketio.Config{}, echo)
		m := r.manager(Config{})
		s := m.Socket("/", SocketConfig{})
		done := make(chan struct{})
		s.On("back", func(ctx context.Context, e *Event) {
			time.Sleep(10 * time.Minute)
			if got, err := s.EmitWithAck(ctx, "echo", 1); err != nil || string(got.At(0)) != "1" {
				t.Errorf("an ack in a handler: %v", err)
			}
			close(done)
		})
		connect(t, s)
		id := s.ID()
		if err := s.Emit(t.Context(), "echo"); err != nil {
			t.Fatal(err)
		}
		<-done
		if s.ID() != id {
			t.Error("the connection was lost meanwhile")
		}
		shut(t, m)
		r.stop()
	})
}

func TestAttemptsAreSpacedLikeTheOfficialClients(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var at []time.Duration
		began := time.Now()
		dial := func(context.Context, string, string) (net.Conn, error) {
			at = append(at, time.Since(began))
			return nil, errors.New("nobody there")
		}
		m := newManager(t, "http://server.test", Config{DialContext: dial, ReconnectionAttempts: 6, Rand: func() float64 { return 0.5 }})
		if err := m.Socket("/", SocketConfig{}).Connect(t.Context()); !errors.Is(err, ErrGaveUp) {
			t.Errorf("Connect: %v", err)
		}
		want := []time.Duration{0, 1, 3, 7, 12, 17, 22}
		for i := range want {
			want[i] *= time.Second
		}
		if !slices.Equal(at, want) {
			t.Errorf("attempts at %v, want %v", at, want)
		}
	})
}

func TestBackoffIsRandomised(t *testing.T) {
	for _, test := range []struct {
		factor, rand float64
		attempts     int
		want         time.Duration
	}{
		{0, 0, 0, 500 * time.Millisecond},
		{0, 1, 0, 1500 * time.Millisecond},
		{1, 0, 1, 0},
		{-1, 0, 1, 2 * time.Second},
		{0, 1, 10, 5 * time.Second},
		{0, 0, 1_000_000, 2500 * time.Millisecond},
	} {
		cfg := Config{RandomizationFactor: test.factor, Rand: func() float64 { return test.rand }}.withDefaults()
		if got := cfg.backoff(test.attempts); got != test.want {
			t.Errorf("%+v: %v", test, got)
		}
	}
}

func TestTimeouts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		silent := func(w http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
		for _, transport := range []string{polling, webSocket} {
			began := time.Now()
			_, err := Dial(t.Context(), "http://server.test", Config{Transports: []string{transport}, DialContext: scripted(t, silent)})
			if took := time.Since(began); !errors.Is(err, ErrTimeout) || took != 20*time.Second {
				t.Errorf("%s: an attempt ended with %v after %v", transport, err, took)
			}
		}

		dial := scripted(t, speak(nil, openPacket, connectReply))
		m := newManager(t, "http://server.test", Config{Transports: []string{webSocket}, DialContext: dial})
		s := connect(t, m.Socket("/", SocketConfig{}))
		short, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		for _, test := range []struct {
			ask  func() error
			want time.Duration
		}{
			{func() error { _, err := s.EmitWithAck(t.Context(), "x"); return err }, 10 * time.Second},
			{func() error { _, err := s.Timeout(3*time.Second).EmitWithAck(t.Context(), "x"); return err }, 3 * time.Second},
			{func() error { _, err := s.EmitWithAck(short, "x"); return err }, 0},
		} {
			began := time.Now()
			err := test.ask()
			if took := time.Since(began); !errors.Is(err, ErrTimeout) || took != test.want {
				t.Errorf("%v after %v, want ErrTimeout after %v", err, took, test.want)
			}
		}
		cause := errors.New("lost interest")
		ctx, stop := context.WithCancelCause(t.Context())
		stop(cause)
		if _, err := s.EmitWithAck(ctx, "x"); !errors.Is(err, cause) {
			t.Errorf("a cancelled ack: %v", err)
		}
		m.mu.Lock()
		defer m.mu.Unlock()
		if len(s.acks) != 0 {
			t.Errorf("%d acks are still waited for", len(s.acks))
		}
	})
}

func TestAttachmentsThatDoNotArrive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		frames := []string{openPacket, connectReply, `452-["x",{"_placeholder":true,"num":0}]`, "<1>"}
		dial := scripted(t, speak(nil, frames...))
		m := newManager(t, "http://server.test", Config{Transports: []string{webSocket}, DialContext: dial, NoReconnection: true})
		s := m.Socket("/", SocketConfig{})
		reasons := make(chan DisconnectReason, 1)
		s.OnDisconnect(func(ctx context.Context, reason DisconnectReason) { reasons <- reason })
		connect(t, s)
		began := time.Now()
		if reason := <-reasons; reason != ParseError || time.Since(began) != 30*time.Second {
			t.Errorf("disconnected with %q after %v", reason, time.Since(began))
		}
	})
}

// An upgrade that cannot be had leaves the connection polling.
func TestAnUpgradeThatFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, true, socketio.Config{}, echo)
		var tried atomic.Int32
		m := r.manager(Config{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			if tried.Add(1) == 2 {
				return nil, errors.New("a proxy that knows no WebSocket")
			}
			return r.dial(ctx, network, addr)
		}})
		s := connect(t, m.Socket("/", SocketConfig{}))
		time.Sleep(time.Minute)
		if ask(t, s, "echo", "x") != "x" || m.Transport() == "" {
			t.Error("the connection suffers from a failed upgrade")
		}
		shut(t, m)
		r.stop()
	})
}

func TestCloseNamesWhatStillRuns(t *testing.T) {
	r := newRig(t, true, socketio.Config{}, echo)
	m := r.manager(Config{})
	s := m.Socket("/chat", SocketConfig{})
	entered, release := make(chan context.Context), make(chan struct{})
	s.On("back", func(ctx context.Context, e *Event) {
		entered <- ctx
		<-release
	})
	connect(t, s)
	if err := s.Emit(t.Context(), "echo"); err != nil {
		t.Fatal(err)
	}
	handling := within(t, entered, "the handler")
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	err := m.Close(ctx)
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "a handler of /chat") {
		t.Errorf("Close: %v", err)
	}
	if handling.Err() == nil {
		t.Error("the handler's context has not ended")
	}
	close(release)
}
