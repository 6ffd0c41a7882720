// SPDX-License-Identifier: Apache-2.0

package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"github.com/sockgen/sockgen/runtime/socketio"
)

// However many events wait behind a handler, it gets the ack that it asks for, and
// other namespaces, acks and heartbeats pass by.
func TestAHandlerAsksWhileThousandsOfEventsWait(t *testing.T) {
	eachWay(t, func(t *testing.T, w way) {
		const rounds, each = 20, 250
		next := 0
		r := newRig(t, w.mem, socketio.Config{}, func(server *socketio.Server) {
			echo(server)
			server.Of("/").On("more", func(ctx context.Context, s *socketio.Socket, e *socketio.Event) {
				for range each {
					if err := s.Emit(ctx, "tick", next); err != nil {
						t.Errorf("tick %d: %v", next, err)
					}
					next++
				}
				_ = e.Ack()
			})
		})
		m := r.manager(w.cfg)
		s, chat := m.Socket("/", SocketConfig{}), m.Socket("/chat", SocketConfig{})
		gate, done, back := make(chan struct{}), make(chan struct{}), make(chan struct{}, 1)
		want := 0
		s.On("tick", func(ctx context.Context, e *Event) {
			<-gate
			var i int
			if err := e.Args.Decode(0, &i); err != nil || i != want {
				t.Errorf("tick %d (%v), want %d", i, err, want)
			}
			if i%1000 == 0 { // also the very first, behind which all the others wait
				if got := ask(t, s, "echo", fmt.Sprint("tick ", i)); got != fmt.Sprint("tick ", i) {
					t.Errorf("tick %d is answered %q", i, got)
				}
			}
			if want++; want == rounds*each {
				close(done)
			}
		})
		chat.On("back", func(context.Context, *Event) { back <- struct{}{} })
		connect(t, s)
		connect(t, chat)
		settle(t, m, w)
		id := s.ID()
		for range rounds {
			if _, err := s.Timeout(patience).EmitWithAck(t.Context(), "more"); err != nil {
				t.Fatal(err)
			}
		}
		if err := chat.Emit(t.Context(), "echo"); err != nil {
			t.Fatal(err)
		}
		within(t, back, "an event in another namespace")
		close(gate)
		within(t, done, "all ticks")
		if s.ID() != id {
			t.Error("the connection was lost meanwhile")
		}
	})
}

// A loop of emits runs at the server's pace: nothing is lost, and what waits is bounded.
func TestALoopOfEmitsWaitsForTheServer(t *testing.T) {
	eachWay(t, func(t *testing.T, w way) {
		const n = 20_000
		got, done := 0, make(chan struct{})
		r := newRig(t, w.mem, socketio.Config{}, func(server *socketio.Server) {
			server.Of("/").On("tick", func(ctx context.Context, s *socketio.Socket, e *socketio.Event) {
				var i int
				if err := e.Args.Decode(0, &i); err != nil || i != got {
					t.Errorf("the server got %d (%v), want %d", i, err, got)
				}
				if got++; got == n {
					close(done)
				}
			})
		})
		cfg := w.cfg
		cfg.Limits.QueueBytes = 64 << 10
		m := r.manager(cfg)
		s := connect(t, m.Socket("/", SocketConfig{}))
		for i := range n {
			if err := s.Emit(t.Context(), "tick", i); err != nil {
				t.Fatalf("tick %d: %v", i, err)
			}
			if i%1000 == 0 {
				m.mu.Lock()
				if sess := m.session; sess != nil {
					sess.mu.Lock()
					if sess.queued > cfg.Limits.QueueBytes {
						t.Errorf("%d bytes wait", sess.queued)
					}
					sess.mu.Unlock()
				}
				m.mu.Unlock()
			}
		}
		within(t, done, "all ticks")
	})
}

// What waits for room ends with its ctx, its time, its connection and the Manager; what
// belongs to the protocol does not wait.
func TestWaitingForRoomEnds(t *testing.T) {
	full := func(t *testing.T, cfg Config, drops time.Duration) (*Manager, *Socket, *Event) {
		hold := make(chan struct{})
		t.Cleanup(func() { close(hold) })
		cfg.Transports, cfg.NoReconnection = []string{webSocket}, true
		cfg.DialContext = scripted(t, func(w http.ResponseWriter, r *http.Request) {
			upgrader := websocket.Upgrader{}
			ws, err := upgrader.Upgrade(w, r, nil)
			if err != nil {
				return
			}
			defer ws.Close()
			for _, f := range []string{openPacket, connectReply, `427["question"]`} {
				_ = ws.WriteMessage(websocket.TextMessage, []byte(f))
			}
			var drop <-chan time.Time
			if drops > 0 {
				drop = time.After(drops)
			}
			select { // and reads nothing
			case <-hold:
			case <-drop:
			}
		})
		cfg.Limits.QueueBytes, cfg.Limits.BufferBytes = 10_000, 10_000
		m := newManager(t, "http://server.test", cfg)
		s := m.Socket("/", SocketConfig{})
		questions := make(chan *Event, 1)
		s.On("question", func(ctx context.Context, e *Event) { questions <- e })
		connect(t, s)
		e := <-questions
		if err := s.Emit(t.Context(), "fill", strings.Repeat("x", 900_000)); err != nil { // on its way for ever
			t.Fatal(err)
		}
		synctest.Wait()
		if err := s.Emit(t.Context(), "fill", strings.Repeat("x", 10_000)); err != nil {
			t.Fatal(err)
		}
		return m, s, e
	}
	cause := errors.New("lost interest")
	for _, test := range []struct {
		name  string
		cfg   Config
		drops time.Duration // when the server drops the connection
		wait  func(ctx context.Context, m *Manager, s *Socket, e *Event) error
		wants []error
		after time.Duration
	}{
		{"Emit and its ctx", Config{}, 0, func(ctx context.Context, m *Manager, s *Socket, e *Event) error {
			return s.Emit(ctx, "x")
		}, []error{ErrQueueFull, cause}, time.Second},
		{"EmitWithAck and its ctx", Config{}, 0, func(ctx context.Context, m *Manager, s *Socket, e *Event) error {
			_, err := s.EmitWithAck(ctx, "x")
			return err
		}, []error{ErrQueueFull, cause}, time.Second},
		{"EmitWithAck and its deadline", Config{}, 0, func(ctx context.Context, m *Manager, s *Socket, e *Event) error {
			ctx, cancel := context.WithTimeout(ctx, time.Second/2)
			defer cancel()
			_, err := s.EmitWithAck(ctx, "x")
			return err
		}, []error{ErrQueueFull, ErrTimeout}, time.Second / 2},
		{"EmitWithAck and its time", Config{}, 0, func(ctx context.Context, m *Manager, s *Socket, e *Event) error {
			_, err := s.Timeout(time.Second/2).EmitWithAck(ctx, "x")
			return err
		}, []error{ErrQueueFull, ErrTimeout}, time.Second / 2},
		{"the connection, then the buffer takes it", Config{}, time.Second / 2, func(ctx context.Context, m *Manager, s *Socket, e *Event) error {
			return s.Emit(ctx, "x")
		}, nil, time.Second / 2},
		{"the connection of an ack", Config{}, time.Second / 2, func(ctx context.Context, m *Manager, s *Socket, e *Event) error {
			return e.Ack("x")
		}, []error{ErrDisconnected}, time.Second / 2},
		{"the socket of an ack", Config{Limits: Limits{CloseTimeout: time.Second / 2}}, 0, func(ctx context.Context, m *Manager, s *Socket, e *Event) error {
			time.AfterFunc(time.Second/2, s.Disconnect)
			return e.Ack("x")
		}, []error{ErrDisconnected}, time.Second / 2},
		{"the Manager", Config{Limits: Limits{CloseTimeout: time.Second / 4}}, 0, func(ctx context.Context, m *Manager, s *Socket, e *Event) error {
			time.AfterFunc(time.Second/4, func() { _ = m.Close(ctx) })
			return s.Emit(context.Background(), "x")
		}, []error{ErrClosed}, time.Second / 4},
		{"volatile does not wait", Config{}, 0, func(ctx context.Context, m *Manager, s *Socket, e *Event) error {
			return s.Volatile().Emit(ctx, "x")
		}, nil, 0},
		{"Disconnect does not wait", Config{}, 0, func(ctx context.Context, m *Manager, s *Socket, e *Event) error {
			s.Disconnect()
			return nil
		}, nil, 0},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m, s, e := full(t, test.cfg, test.drops)
				ctx, cancel := context.WithCancelCause(t.Context())
				timer := time.AfterFunc(time.Second, func() { cancel(cause) })
				defer timer.Stop()
				began := time.Now()
				err := test.wait(ctx, m, s, e)
				for _, want := range test.wants {
					if !errors.Is(err, want) {
						t.Errorf("%v, want %v", err, want)
					}
				}
				if err != nil && test.wants == nil {
					t.Error(err)
				}
				if took := time.Since(began); took != test.after {
					t.Errorf("after %v, want %v", took, test.after)
				}
				m.mu.Lock()
				defer m.mu.Unlock()
				if len(s.acks) != 0 {
					t.Errorf("%d acks are still waited for", len(s.acks))
				}
			})
		})
	}
}

// A slowConn moves rate bytes a second in each direction.
type slowConn struct {
	net.Conn
	rate int
}

func (c slowConn) pause(n int) { time.Sleep(time.Duration(n) * time.Second / time.Duration(c.rate)) }

// Read implements net.Conn.
func (c slowConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p[:min(len(p), c.rate)])
	c.pause(n)
	return n, err
}

// Write implements net.Conn.
func (c slowConn) Write(p []byte) (written int, err error) {
	for written < len(p) && err == nil {
		var n int
		n, err = c.Conn.Write(p[written:min(len(p), written+c.rate)])
		written += n
		c.pause(n)
	}
	return written, err
}

func slow(rate int, dial func(context.Context, string, string) (net.Conn, error)) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := dial(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		return slowConn{c, rate}, nil
	}
}

// A message that takes minutes is waited for in both directions, as long as it moves.
func TestASlowConnectionIsNotCut(t *testing.T) {
	const rate, size = 10_000, 2_000_000 // more than three minutes
	for _, transport := range []string{polling, webSocket} {
		t.Run(transport, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				large := strings.Repeat("x", size)
				taken := make(chan int, 1)
				handle := speakLarge(large, taken)
				if transport == polling {
					handle = pollLarge(large, taken)
				}
				m := newManager(t, "http://server.test", Config{
					Transports: []string{transport}, DialContext: slow(rate, scripted(t, handle)), NoReconnection: true,
				})
				s := m.Socket("/", SocketConfig{})
				got := make(chan int, 2)
				s.OnDisconnect(func(ctx context.Context, reason DisconnectReason) {
					if reason != ClientDisconnect {
						t.Errorf("disconnected with %q", reason)
						got <- -1
					}
				})
				s.On("large", func(ctx context.Context, e *Event) { got <- len(e.Args.At(0)) })
				s.On("binary", func(ctx context.Context, e *Event) { got <- len(e.Args.Attachments[1]) })
				connect(t, s)
				if n := withinHour(t, got, "the text"); n != size+2 {
					t.Errorf("%d bytes of text came", n)
				}
				if n := withinHour(t, got, "the attachment"); n != size {
					t.Errorf("%d bytes of the second attachment came", n)
				}
				if err := s.Emit(t.Context(), "large", large); err != nil {
					t.Fatal(err)
				}
				ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
				defer cancel()
				if err := m.Close(ctx); err != nil { // waits until all has left
					t.Error(err)
				}
				if n := withinHour(t, taken, "the answer"); n < size {
					t.Errorf("the server got %d bytes", n)
				}
				time.Sleep(time.Minute) // the slow connections have ended, too
			})
		})
	}
}

// withinHour is within for what is slow, in fake time.
func withinHour(t *testing.T, ch <-chan int, what string) int {
	select {
	case n := <-ch:
		return n
	case <-time.After(time.Hour):
		t.Fatalf("nothing came: %s", what)
		return 0
	}
}

// What a server sends first. Pings come behind it, and then in time.
func largePackets(large string) []string {
	return []string{connectReply, `42["large","` + large + `"]`, `452-["binary",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]`}
}

func speakLarge(large string, taken chan<- int) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		upgrader := websocket.Upgrader{}
		ws, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer ws.Close()
		open := strings.Replace(openPacket, "1000000", "10000000", 1)
		for _, f := range append([]string{open}, largePackets(large)...) {
			_ = ws.WriteMessage(websocket.TextMessage, []byte(f))
		}
		for range 2 {
			_ = ws.WriteMessage(websocket.BinaryMessage, []byte(large))
		}
		var pinging sync.WaitGroup
		defer pinging.Wait()
		gone := make(chan struct{})
		defer close(gone)
		pinging.Go(func() {
			for {
				select {
				case <-gone:
					return
				case <-time.After(25 * time.Second):
					_ = ws.WriteMessage(websocket.TextMessage, []byte("2"))
				}
			}
		})
		for {
			_, data, err := ws.ReadMessage()
			if err != nil {
				return
			}
			if len(data) > 1000 {
				taken <- len(data)
			}
		}
	}
}

func pollLarge(large string, taken chan<- int) http.HandlerFunc {
	var mu sync.Mutex
	polls := 0
	b64 := "b" + strings.Repeat("eHh4", len(large)/3) + "eHg="
	payloads := []string{strings.Replace(openPacket, "1000000", "10000000", 1)}
	payloads = append(payloads, largePackets(large)...)
	payloads = append(payloads, b64, b64) // each attachment in a poll of its own
	return func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			body, err := io.ReadAll(r.Body)
			if err == nil && len(body) > 1000 {
				taken <- len(body)
			}
			_, _ = io.WriteString(w, "ok")
			return
		}
		mu.Lock()
		n := polls
		polls++
		mu.Unlock()
		if n >= len(payloads) {
			select {
			case <-r.Context().Done():
			case <-time.After(25 * time.Second):
				_, _ = io.WriteString(w, "2")
			}
			return
		}
		_, _ = io.WriteString(w, payloads[n])
	}
}

// While reading is paused, a server that is gone is missed after twice the time.
func TestAPausedReaderMissesItsServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		frames := []string{openPacket, connectReply, `42["x"]`, `42["x"]`, `42["x"]`, `42["x"]`}
		cfg := Config{Transports: []string{webSocket}, DialContext: scripted(t, speak(nil, frames...)), NoReconnection: true}
		cfg.Limits.InboxBytes = 2 * eventCost
		m := newManager(t, "http://server.test", cfg)
		s := m.Socket("/", SocketConfig{})
		gate, reasons := make(chan struct{}), make(chan DisconnectReason, 1)
		s.On("x", func(context.Context, *Event) { <-gate })
		s.OnDisconnect(func(ctx context.Context, reason DisconnectReason) { reasons <- reason })
		connect(t, s)
		synctest.Wait()
		m.mu.Lock()
		sess, paused := m.session, s.space != nil
		m.mu.Unlock()
		if !paused {
			t.Fatal("the reader is not paused")
		}
		began := time.Now()
		<-sess.ctx.Done()
		if took := time.Since(began); took != 90*time.Second {
			t.Errorf("the connection ended after %v, want twice pingInterval + pingTimeout", took)
		}
		close(gate)
		if reason := <-reasons; reason != PingTimeout {
			t.Errorf("disconnected with %q", reason)
		}
	})
}

// Thousands of goroutines may wait for an ack each.
func TestThousandsOfPendingAcks(t *testing.T) {
	const n = 3000
	r := newRig(t, true, socketio.Config{}, echo)
	m := r.manager(Config{Transports: []string{webSocket}})
	s := m.Socket("/", SocketConfig{})
	var asking sync.WaitGroup
	for i := range n {
		asking.Go(func() {
			got, err := s.Timeout(patience).EmitWithAck(t.Context(), "echo", i)
			if err != nil || string(got.At(0)) != fmt.Sprint(i) {
				t.Errorf("ack %d: %v", i, err)
			}
		})
	}
	eventually(t, "all wait", func() bool {
		m.mu.Lock()
		defer m.mu.Unlock()
		return len(s.acks) == n
	})
	connect(t, s)
	asking.Wait()
}

// Pings are no progress of the attachments that are due.
func TestPingsDoNotReplaceAttachments(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		pinging := func(w http.ResponseWriter, r *http.Request) {
			upgrader := websocket.Upgrader{}
			ws, err := upgrader.Upgrade(w, r, nil)
			if err != nil {
				return
			}
			defer ws.Close()
			for _, f := range []string{openPacket, connectReply, `451-["x",{"_placeholder":true,"num":0}]`} {
				_ = ws.WriteMessage(websocket.TextMessage, []byte(f))
			}
			for ws.WriteMessage(websocket.TextMessage, []byte("2")) == nil {
				time.Sleep(7 * time.Second)
			}
		}
		m := newManager(t, "http://server.test", Config{Transports: []string{webSocket}, DialContext: scripted(t, pinging), NoReconnection: true})
		s := m.Socket("/", SocketConfig{})
		reasons := make(chan DisconnectReason, 1)
		s.OnDisconnect(func(ctx context.Context, reason DisconnectReason) { reasons <- reason })
		connect(t, s)
		began := time.Now()
		if reason := <-reasons; reason != ParseError || time.Since(began) != 30*time.Second {
			t.Errorf("disconnected with %q after %v", reason, time.Since(began))
		}
		shut(t, m)
		time.Sleep(time.Minute) // the server has noticed
	})
}

// A server that is busy with what came before does not read. It is waited for, as long as
// its heartbeat comes.
func TestAServerThatIsBusyIsWaitedFor(t *testing.T) {
	for _, transports := range [][]string{{polling}, {webSocket}, {polling, webSocket}} {
		t.Run(strings.Join(transports, ", "), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				const n = 8
				got := make(chan int, n)
				r := newRig(t, true, socketio.Config{}, func(server *socketio.Server) {
					server.Of("/").On("work", func(ctx context.Context, s *socketio.Socket, e *socketio.Event) {
						time.Sleep(15 * time.Second)
						got <- e.Args.Len()
					})
				})
				m := r.manager(Config{Transports: transports, NoReconnection: true})
				s := connect(t, m.Socket("/", SocketConfig{}))
				s.OnDisconnect(func(ctx context.Context, reason DisconnectReason) {
					if reason != ClientDisconnect {
						t.Errorf("disconnected with %q", reason)
					}
				})
				for range n {
					if err := s.Emit(t.Context(), "work", strings.Repeat("x", 500_000)); err != nil {
						t.Fatal(err)
					}
				}
				for range n {
					withinHour(t, got, "what was emitted")
				}
			})
		})
	}
}
