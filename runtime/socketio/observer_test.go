// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/engineio"
	"github.com/sockgen/sockgen/runtime/siowire"
)

// A record is what an Observer was told, in order.
type record struct {
	mu    sync.Mutex // guards lines
	lines []string
}

func (r *record) add(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lines = append(r.lines, fmt.Sprintf(format, args...))
}

// take returns what was told since, and forgets it.
func (r *record) take() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := strings.Join(r.lines, "; ")
	r.lines = nil
	return s
}

// observer writes everything down, and then does more.
func (r *record) observer(more func()) *Observer {
	return &Observer{
		ConnectionBegin: func(b ConnectionBegin) { defer more(); r.add("connection %v", b.Request != nil) },
		ConnectionEnd: func(e ConnectionEnd) {
			defer more()
			r.add("connection ended %s after %v, %v", e.Reason, e.Duration, e.HighWater > 0)
		},
		SocketBegin: func(b SocketBegin) { defer more(); r.add("socket of %s", b.Socket.Namespace().Name()) },
		SocketEnd:   func(e SocketEnd) { defer more(); r.add("socket ended %s after %v", e.Reason, e.Duration) },
		Event:       func(e EventDone) { defer more(); r.add("event %s %s in %v", e.Event, e.Outcome, e.Duration) },
		Emit: func(e Emitted) {
			defer more()
			r.add("emit %s to %v%v %v", e.Event, e.Socket != nil, e.Rooms, e.Err)
		},
		Limit: func(h LimitHit) { defer more(); r.add("limit %s %v", h.Limit, h.Request != nil) },
		Stuck: func(s Stuck) {
			defer more()
			r.add("stuck %s %v", s.Function, strings.Contains(s.Stack, "TestAnObserver") && strings.Contains(s.Stack, "time.Sleep"))
		},
	}
}

func observed(srv *Server) {
	n := srv.Of("/")
	n.On("slow", func(_ context.Context, _ *Socket, e *Event) { time.Sleep(2 * time.Second); e.Ack() })
	n.On("bad", func(context.Context, *Socket, *Event) { panic("boom") })
	n.On("ask", func(_ context.Context, s *Socket, e *Event) {
		_ = s.Emit(context.Background(), "news", 1)
		_ = n.To("red").Emit(context.Background(), "news", 2)
		_ = s.Emit(context.Background(), "disconnect")
	})
	n.On("join", func(_ context.Context, s *Socket, e *Event) {
		if err := s.Join("a", "b", "c"); errors.Is(err, ErrTooManyRooms) {
			e.Ack()
		}
	})
	n.OnConnect(func(_ context.Context, s *Socket) {
		s.UseEvent(func(_ context.Context, _ *Socket, e *Event) error {
			if e.Name == "forbidden" {
				return errors.New("no")
			}
			return nil
		})
	})
}

// TestAnObserverIsTold plays one connection and compares all that is told.
func TestAnObserverIsTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told record
		h := variant{kind: "websocket"}.open(t, Config{Observer: told.observer(func() {}), Limits: Limits{Rooms: 2}}, observed)
		want := func(want string) {
			t.Helper()
			synctest.Wait()
			if got := told.take(); got != want {
				t.Errorf("told %q\nwant %q", got, want)
			}
		}
		c := h.talk(nil)
		want("connection true")
		c.join("/")
		want("socket of /")
		c.send(`21["slow"]`)
		c.want(`31[]`)
		want("event slow handled in 2s")
		c.send(`2["bad"]`, `2["nobody"]`, `2["forbidden"]`)
		want("event bad panicked in 0s; event nobody unhandled in 0s; event forbidden refused in 0s")
		c.send(`2["ask"]`)
		c.want(`2["news",1]`)
		want(`emit news to true[] <nil>; emit news to false[red] <nil>; emit disconnect to true[] socketio: reserved event name: "disconnect" is for the library itself; event ask handled in 0s`)
		c.send(`22["join"]`)
		c.want(`32[]`)
		synctest.Wait()
		if got := told.take(); !strings.Contains(got, "limit Rooms true") || !strings.Contains(got, "event join handled in 0s") {
			t.Errorf("told %q", got)
		}
		c.leave()
		synctest.Wait()
		got := told.take()
		if !strings.Contains(got, "socket ended transport close after 2s") || !strings.Contains(got, "connection ended transport close after 2s, true") {
			t.Errorf("told %q", got)
		}
		if st := h.Stats(); st.Limits["Rooms"] != 1 || st.Limits["Engine.QueueBytes"] != 0 || len(st.Limits) < 35 {
			t.Errorf("%v", st.Limits)
		}
	})
}

// TestAnObserverThatPanics does no harm, and neither does one that ends its goroutine.
func TestAnObserverThatPanics(t *testing.T) {
	for name, more := range map[string]func(){"panic": func() { panic("boom") }, "Goexit": runtime.Goexit} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var told record
				h := variant{kind: "websocket"}.open(t, Config{Observer: told.observer(more), Limits: Limits{Rooms: 2}}, observed)
				c := h.talk(nil)
				c.join("/")
				c.send(`2["bad"]`, `2["ask"]`, `22["join"]`)
				c.want(`2["news",1]`, `32[]`)
				c.leave()
				synctest.Wait()
				if n := uint64(len(told.lines)); n < 9 || h.Stats().Panics != n+1 {
					t.Errorf("%d calls, %d panics", n, h.Stats().Panics)
				}
			})
		})
	}
}

// TestAnObserverHearsOfStuckHandlers: a handler that runs for long is named once, with its
// stack; others are not, however many there were.
func TestAnObserverHearsOfStuckHandlers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var told record
		free := make(chan struct{})
		cfg := Config{Observer: &Observer{Stuck: told.observer(func() {}).Stuck}}
		h := variant{kind: "websocket"}.open(t, cfg, func(srv *Server) {
			srv.Of("/").On("hang", func(context.Context, *Socket, *Event) {
				for open := true; open; time.Sleep(time.Minute) {
					select {
					case <-free:
						open = false
					default:
					}
				}
			})
			srv.Of("/").On("long", func(_ context.Context, _ *Socket, e *Event) { time.Sleep(20 * time.Second); e.Ack() })
		})
		busy, stuck := h.talk(nil), h.talk(nil)
		busy.join("/")
		stuck.join("/")
		begun := time.Now()
		stuck.send(`2["hang"]`)
		for told.take() == "" {
			busy.send(`21["long"]`) // its handler is in a function at every look, and never for long
			busy.want(`31[]`)
			if time.Since(begun) > 2*time.Minute {
				t.Fatal("nothing was told")
			}
		}
		time.Sleep(5 * time.Minute)
		close(free)
		synctest.Wait()
		if got := told.take(); got != "" || h.Stats().Stuck != 1 {
			t.Errorf("told %q more; %d were stuck", got, h.Stats().Stuck)
		}
		line := ""
		for l := range strings.Lines(h.log.String()) {
			if strings.Contains(l, "has not returned for 30s") {
				line += l
			}
		}
		if strings.Count(line, "\n") != 1 || !strings.Contains(line, `function="event \"hang\""`) || !strings.Contains(line, "observer_test.go") {
			t.Errorf("logged %q", line)
		}
		time.Sleep(2 * time.Minute)
	})
}

// TestEventRate holds R-06 where a rate is set: who keeps to it, and who obeys the warning,
// loses nothing; who goes on is closed.
func TestEventRate(t *testing.T) {
	for _, kind := range []string{"polling", "websocket"} {
		t.Run(kind, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var n int
				lim := Limits{EventRate: 10, EventBurst: 20}
				h := variant{kind: kind}.open(t, Config{Limits: lim}, func(srv *Server) {
					srv.Of("/").On("e", func(context.Context, *Socket, *Event) { n++ })
				})
				send := func(c *talker, events int) { c.send(slices.Repeat([]string{`2["e"]`}, events)...) }
				honest := h.talk(nil)
				honest.join("/")
				for range 100 {
					send(honest, 1)
					time.Sleep(100 * time.Millisecond)
				}
				send(honest, 20) // a burst
				synctest.Wait()
				obeying := h.talk(nil)
				obeying.join("/")
				send(obeying, 30)
				obeying.want(`2["$error",{"code":"rate_limited","message":"too many events","data":{"retryAfterMs":100}}]`)
				time.Sleep(3 * time.Second)
				send(obeying, 15)
				synctest.Wait()
				if n != 165 {
					t.Errorf("%d events were handled", n)
				}
				h.unharmed()
				flood := h.talk(nil)
				flood.join("/")
				go send(flood, 1000)
				<-flood.ended()
				synctest.Wait()
				if st := h.Stats(); n != 165+40 || st.Violations != 1 || st.Limits["EventRate"] != 3 {
					t.Errorf("%d events were handled; %+v", n, st)
				}
				honest.wantOpen()
			})
		})
	}
}

// TestReportOnly holds that limits on counts are told and not enforced, where that is asked
// for, and that those on memory are.
func TestReportOnly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lim := Limits{ReportOnly: true, EventRate: 1, EventBurst: 1, Namespaces: 2, Rooms: 1, Refusals: 1}
		lim.Engine.Sessions, lim.Engine.PacketsPerPost = 1, 3
		h := variant{kind: "polling"}.open(t, Config{Limits: lim}, func(srv *Server) {
			srv.Of("/").On("join", func(_ context.Context, s *Socket, e *Event) { e.Ack(s.Join("a", "b", "c") == nil) })
			srv.Of("/no").Use(func(context.Context, *Socket) error { return &ConnectError{Message: "no"} })
			for _, name := range []string{"/a", "/b", "/c"} {
				srv.Of(name)
			}
		})
		c, other := h.talk(nil), h.talk(nil)
		c.join("/")
		for _, name := range []string{"/a", "/b", "/c"} {
			c.join(name)
		}
		for range 3 {
			c.send("0/no,")
			c.want(`4/no,{"message":"no"}`)
		}
		for range 5 {
			c.send(`21["join"]`)
			c.want(`31[true]`)
		}
		c.post(strings.Repeat("6\x1e", 10) + "6")
		other.join("/")
		synctest.Wait()
		st := h.Stats()
		for _, name := range []string{"EventRate", "Namespaces", "Rooms", "Refusals", "Engine.Sessions", "Engine.PacketsPerPost"} {
			if st.Limits[name] == 0 {
				t.Errorf("%s was not reported: %v", name, st.Limits)
			}
		}
		h.unharmed()
		c.wantOpen()
	})
}

// TestContradictions are refused before anything is served.
func TestContradictions(t *testing.T) {
	for want, cfg := range map[string]Config{
		"InboxHardBytes":                {Limits: Limits{InboxBytes: 100, InboxHardBytes: 50}},
		"EventBurst":                    {Limits: Limits{EventBurst: 5}},
		"Recovery.Budget":               {Recovery: &Recovery{Budget: 10, Bytes: 20}},
		"Limits.IncomingBudget":         {Limits: Limits{Engine: engineio.Limits{IncomingBudget: 100}}},
		"Limits.OutgoingBudget":         {Limits: Limits{Engine: engineio.Limits{OutgoingBudget: 100, QueueBytes: 200}}},
		"Limits.Sessions ":              {Limits: Limits{Engine: engineio.Limits{Sessions: 5, SessionsPerIP: 6}}},
		"Limits.MemoryPercent":          {Limits: Limits{Engine: engineio.Limits{MemoryPercent: 101}}},
		"Limits.QueueHardBytes":         {Limits: Limits{Engine: engineio.Limits{QueueBytes: 6, QueueHardBytes: 5}}},
		"AuthBytes is more than":        {MaxPayload: 1000, Limits: Limits{Packet: packetLimits(2000)}},
		`"*" together with Credentials`: {CORS: CORS{Origins: []string{"*"}, Credentials: true}},
	} {
		if err := cfg.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: Validate says %v", want, err)
		}
	}
	for _, cfg := range []Config{{}, {MaxPayload: 100}, {Limits: Limits{InboxHardBytes: 10}}, {Recovery: &Recovery{}}, {Limits: Limits{EventRate: 1}}} {
		if err := cfg.Validate(); err != nil {
			t.Errorf("%+v: %v", cfg, err)
		}
	}
}

func packetLimits(auth int) (l siowire.Limits) {
	l.AuthBytes = auth
	return l
}

// TestAnObserverHearsOfTheBus: an adapter tells that messages of other nodes may be lost.
func TestAnObserverHearsOfTheBus(t *testing.T) {
	var told []string
	var gap func(string, error)
	cfg := Config{
		Observer: &Observer{Bus: func(g BusGap) { told = append(told, g.Namespace+" "+g.Cause.Error()) }},
		Adapter:  func(env adapter.Environment) (adapter.Hub, error) { gap = env.Gap; return adapter.InMemory(env) },
	}
	r := newRig(t, cfg, nil)
	gap("/chat", errors.New("the connection was lost"))
	if r.Stats().Gaps != 1 || !slices.Equal(told, []string{"/chat the connection was lost"}) {
		t.Errorf("%d gaps, told %q", r.Stats().Gaps, told)
	}
}
