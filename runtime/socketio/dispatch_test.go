// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// R175, R247: handlers see events in the order sent, one at a time, and what they
// emit keeps its order.
func TestEventsRunInOrderOneAtATime(t *testing.T) {
	const events = 1000 // fewer than the outgoing queue holds, should the test read slowly
	var running atomic.Int32
	r := newRig(t, Config{}, func(srv *Server) {
		srv.Of("/").On("n", func(ctx context.Context, s *Socket, e *Event) {
			if running.Add(1) != 1 {
				t.Error("two handlers of one socket overlap")
			}
			var n int
			if err := e.Args.Decode(0, &n); err != nil {
				t.Error(err)
			}
			if n%100 == 0 {
				runtime.Gosched()
			}
			emit(t, s, "n", n)
			running.Add(-1)
		})
	})
	c, _ := r.join("/")
	go func() {
		for n := range events {
			c.send(fmt.Sprintf(`42["n",%d]`, n))
		}
	}()
	for n := range events {
		c.want(fmt.Sprintf(`42["n",%d]`, n))
	}
}

// A handler may wait for an ack of its own client, since acks do not queue behind
// events.
func TestHandlerAwaitsAnAckOfItsOwnClient(t *testing.T) {
	r := newRig(t, Config{}, func(srv *Server) {
		srv.Of("/").On("start", func(ctx context.Context, s *Socket, e *Event) {
			args, err := s.EmitWithAck(ctx, "confirm", "sure?")
			if err != nil || args.Len() != 1 {
				t.Errorf("EmitWithAck = %d arguments, %v", args.Len(), err)
				return
			}
			e.Ack(args.At(0))
		})
	})
	c, _ := r.join("/")
	c.send(`425["start"]`, `426["start"]`)
	c.want(`420["confirm","sure?"]`)
	c.send(`430["yes"]`)
	c.want(`435["yes"]`, `421["confirm","sure?"]`)
	c.send(`431["again"]`)
	c.want(`436["again"]`)
}

// R177: while a handler runs for a minute, heartbeats are answered and an event
// behind it waits.
func TestSlowHandlerDoesNotDelayHeartbeats(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{}, func(srv *Server) {
			srv.Of("/").On("slow", func(_ context.Context, s *Socket, e *Event) {
				time.Sleep(time.Minute)
				e.Ack("done")
			})
		})
		c, _ := r.join("/")
		start := time.Now()
		c.send(`421["slow"]`)
		c.ws.SetReadDeadline(time.Time{})
		pings := 0
		for {
			_, data, err := c.ws.ReadMessage()
			if err != nil {
				t.Fatal(err)
			}
			if string(data) == "2" {
				pings++
				c.send("3")
				continue
			}
			if string(data) != `431["done"]` {
				t.Fatalf("got %q", data)
			}
			break
		}
		if waited := time.Since(start); pings != 2 || waited != time.Minute {
			t.Errorf("%d pings, the answer after %v", pings, waited)
		}
		c.ws.Close()
	})
}

// A full inbox stops reading, and nothing is lost or reordered by it.
func TestInboxBackpressure(t *testing.T) {
	for _, tt := range []struct {
		name   string
		lim    Limits
		queued int // events taken in while the first one's handler runs
	}{
		{"bytes", Limits{InboxBytes: 3*(12+eventOverhead) - 20}, 3}, // each event has 12 bytes
		{"one large event", Limits{InboxBytes: 5}, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			gate := make(chan struct{})
			began := make(chan struct{}, 1)
			var handled []string
			var mu sync.Mutex
			r := newRig(t, Config{Limits: tt.lim}, func(srv *Server) {
				srv.Of("/").On("n", func(_ context.Context, _ *Socket, e *Event) {
					mu.Lock()
					handled = append(handled, string(e.Args.At(0)))
					mu.Unlock()
					select {
					case began <- struct{}{}:
					default:
					}
					<-gate
				})
			})
			c, id := r.join("/")
			s, _ := r.Of("/").Socket(id)
			c.send(`42["n",10000]`)
			within(t, began, "the first event")
			for n := 1; n < 50; n++ {
				c.send(fmt.Sprintf(`42["n",%d]`, 10000+n))
			}
			eventually(t, "the reader waits", s.conn.readerWaits)
			if n := s.conn.waiting.Load() / (12 + eventOverhead); n != int64(tt.queued) {
				t.Errorf("%d events in the inbox, want %d", n, tt.queued)
			}
			close(gate)
			eventually(t, "all events are handled", func() bool { mu.Lock(); defer mu.Unlock(); return len(handled) == 50 })
			for n, got := range handled {
				if got != fmt.Sprint(10000+n) {
					t.Fatalf("event %d is %s", n, got)
				}
			}
		})
	}
}

// A reader that waits for room in the inbox is released by the socket's end, and
// what waited is dropped (R178, R249).
func TestEndReleasesTheReader(t *testing.T) {
	gate := make(chan struct{})
	seen := &ends{}
	r := newRig(t, Config{Limits: Limits{InboxBytes: 1}}, func(srv *Server) {
		srv.Of("/").On("n", func(context.Context, *Socket, *Event) { seen.add("event"); <-gate })
		srv.Of("/").OnDisconnect(func(_ context.Context, _ *Socket, reason DisconnectReason) { seen.add(string(reason)) })
	})
	c, id := r.join("/")
	s, _ := r.Of("/").Socket(id)
	c.send(`42["n"]`)
	eventually(t, "the first event", func() bool { return seen.String() == "event" })
	c.send(`42["n"]`, `42["n"]`, `42["n"]`)
	eventually(t, "the reader waits", s.conn.readerWaits)
	s.Disconnect()
	c.want("41")
	c.wantOpen() // the reader goes on
	close(gate)
	eventually(t, "OnDisconnect", func() bool { return seen.String() == "event; server namespace disconnect" })
	eventually(t, "the rest is dropped", func() bool { return r.Stats().Dropped == 3 })
	if got := r.Stats(); got.Events != 1 {
		t.Errorf("%d events, want 1", got.Events)
	}
}

// readerWaits reports whether the reader waits for handlers.
func (c *conn) readerWaits() bool { return c.full() && c.paused.Load() > 0 }

// R178, R249: OnDisconnect waits for the handler that runs and for the events that came
// before the client left, and nothing comes after it.
func TestDisconnectComesAfterTheRunningHandler(t *testing.T) {
	gate, began := make(chan struct{}), make(chan struct{})
	seen := &ends{}
	r := newRig(t, Config{}, func(srv *Server) {
		n := srv.Of("/")
		n.OnConnect(func(context.Context, *Socket) { seen.add("connect") })
		n.On("slow", func(ctx context.Context, s *Socket, _ *Event) {
			close(began)
			<-s.Context().Done() // ends with the socket, not with the handler
			<-gate
			if err := s.Emit(ctx, "late"); err != ErrDisconnected {
				t.Errorf("Emit after the end: %v", err)
			}
			if err := s.Join("room"); err != ErrDisconnected {
				t.Errorf("Join after the end: %v", err)
			}
			seen.add("slow")
		})
		n.On("next", func(context.Context, *Socket, *Event) { seen.add("next") })
		n.OnDisconnect(func(ctx context.Context, s *Socket, reason DisconnectReason) {
			if ctx.Err() != nil {
				t.Errorf("OnDisconnect's ctx: %v", ctx.Err())
			}
			if s.Connected() || s.Context().Err() == nil {
				t.Error("the socket is still connected in OnDisconnect")
			}
			seen.add(string(reason))
		})
	})
	c, _ := r.join("/")
	c.send(`42["slow"]`)
	within(t, began, "the handler")
	c.send(`42["next"]`, "41")
	c.wantOpen()
	close(gate)
	eventually(t, "the end", func() bool { return seen.String() == "connect; slow; next; client namespace disconnect" })
}

// R253: a panic ends one call. It is logged with its stack, and what a peer chose is
// quoted in the log and cut.
func TestPanicsAreContained(t *testing.T) {
	name := "evil\nname" + strings.Repeat("x", 200)
	r := newRig(t, Config{}, func(srv *Server) {
		n := srv.Of("/")
		n.OnConnect(func(context.Context, *Socket) { panic("in OnConnect") })
		n.OnDisconnect(func(context.Context, *Socket, DisconnectReason) { panic("in OnDisconnect") })
		n.OnUnhandled(func(_ context.Context, _ *Socket, e *Event) { panic("boom\nboom") })
		n.On("exit", func(context.Context, *Socket, *Event) { runtime.Goexit() })
		n.On("fine", func(_ context.Context, s *Socket, e *Event) { e.Ack() })
		bad := srv.Of("bad")
		bad.Use(func(_ context.Context, s *Socket) error {
			s.Join("room")
			panic("in Use")
		})
		srv.Of("exit").Use(func(context.Context, *Socket) error { runtime.Goexit(); return nil })
	})
	c, _ := r.join("/")
	c.send(`42["` + strings.ReplaceAll(name, "\n", `\n`) + `"]`)
	c.send(`42["exit"]`, `421["fine"]`)
	c.want("431[]")
	c.send("40/bad,")
	c.want(`44/bad,{"message":"connection refused"}`)
	c.send("40/exit,")
	c.want(`44/exit,{"message":"connection refused"}`)
	c.send("41", "40")
	c.want(`40{"sid":"<SID>"}`)
	c.wantOpen()
	eventually(t, "seven of them", func() bool { return r.Stats().Panics == 7 }) // OnConnect twice
	if rooms := r.Of("bad").adapter.Members("room"); len(rooms) != 0 {
		t.Errorf("a refused socket is still in a room: %q", rooms)
	}
	log := r.log.String()
	for _, want := range []string{`boom\\nboom`, "dispatch_test.go", `evil\\nname`} {
		if !strings.Contains(log, want) {
			t.Errorf("the log lacks %s:\n%s", want, log)
		}
	}
	if strings.Contains(log, strings.Repeat("x", 130)) {
		t.Error("the log has more than 128 bytes of what a peer chose")
	}
}

// The worker exists only while there is work.
func TestIdleSocketsHaveNoGoroutine(t *testing.T) {
	r := newRig(t, Config{}, func(srv *Server) {
		srv.Of("/").On("ping?", func(_ context.Context, _ *Socket, e *Event) { e.Ack() })
	})
	c, id := r.join("/")
	c.send(`421["ping?"]`)
	c.want("431[]")
	s, _ := r.Of("/").Socket(id)
	eventually(t, "the worker ends", func() bool { s.mu.Lock(); defer s.mu.Unlock(); return !s.running })
}

func TestUnhandledEventsAreCounted(t *testing.T) {
	r := newRig(t, Config{}, nil)
	r.Of("/")
	c, _ := r.join("/")
	c.send(`421["nobody"]`) // R176: never answered
	c.wantOpen()
	eventually(t, "the count", func() bool { return r.Stats().Unhandled == 1 })
}

// Disconnects from everywhere at once end a socket once.
func TestDisconnectIsIdempotent(t *testing.T) {
	var count atomic.Int32
	r := newRig(t, Config{}, func(srv *Server) {
		srv.Of("/").OnDisconnect(func(context.Context, *Socket, DisconnectReason) { count.Add(1) })
	})
	for range 20 {
		count.Store(0)
		c, id := r.join("/")
		s, _ := r.Of("/").Socket(id)
		var wg sync.WaitGroup
		for i := range 64 {
			wg.Go(func() {
				if i == 7 {
					c.send("41")
				} else {
					s.Disconnect()
				}
			})
		}
		wg.Wait()
		eventually(t, "OnDisconnect", func() bool { return count.Load() > 0 })
		c.send("40/alive,")
		if got := c.read(); got == "41" { // unless the client's own was first
			c.want(`40/alive,{"sid":"<SID>"}`)
		} else if !strings.HasPrefix(got, "40/alive,") {
			t.Fatalf("got %q", got)
		}
		if n := count.Load(); n != 1 {
			t.Fatalf("OnDisconnect ran %d times", n)
		}
	}
	if got := r.Stats().Sockets; got != 20 { // those of /alive
		t.Errorf("%d sockets counted, want 20", got)
	}
}
