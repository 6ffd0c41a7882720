// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// What a client sends waits for handlers without holding up anything else and a
// client that sends a lot at once is not thrown out.

// sendNumbered sends n events with an ack id.
func (c *talker) sendNumbered(event string, n int) {
	for i := range n {
		c.send(fmt.Sprintf(`2%d["%s",%d]`, i, event, i))
	}
}

// wantAcks reads the answers to n events, each of which is its number.
func (c *talker) wantAcks(n int) {
	c.t.Helper()
	for i := range n {
		if got, want := c.next(), fmt.Sprintf("3%d[%d]", i, i); got != want {
			c.t.Fatalf("answer %d: %.100q\n%s", i, got, c.h.log)
		}
	}
}

// TestEveryWaitingEventMayAsk has a client send events whose handlers each ask that
// client something, before it reads anything.
func TestEveryWaitingEventMayAsk(t *testing.T) {
	for _, n := range []int{300, volume(5000, 1000)} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			eachVariant(t, func(t *testing.T, v variant) {
				h := v.open(t, Config{}, func(srv *Server) {
					srv.Of("/").On("ask", func(ctx context.Context, s *Socket, e *Event) {
						if got, err := s.EmitWithAck(ctx, "q"); err != nil || string(got.At(0)) != `"yes"` {
							t.Errorf("event %s: %v", e.Args.At(0), err)
						}
						if err := e.Ack(e.Args.At(0)); err != nil {
							t.Error(err)
						}
					})
				})
				c := h.talk(answers)
				c.join("/")
				c.sendNumbered("ask", n)
				c.wantAcks(n)
				c.wantOpen()
				h.unharmed()
			})
		})
	}
}

// TestASlowNamespaceDelaysNobody holds that events of another namespace, answers,
// leaving and joining pass by 400 events whose handlers do not return.
func TestASlowNamespaceDelaysNobody(t *testing.T) {
	const n = 400
	eachVariant(t, func(t *testing.T, v variant) {
		gate := newDoor()
		defer gate.open()
		h := v.open(t, Config{}, func(srv *Server) {
			srv.Of("/").On("slow", func(_ context.Context, _ *Socket, e *Event) {
				<-gate.c
				e.Ack(e.Args.At(0))
			})
		})
		c := h.talk(answers)
		id := c.join("/")
		s, _ := h.Of("/").Socket(id)
		c.sendNumbered("slow", n)
		c.wantOpen()
		if _, err := s.EmitWithAck(t.Context(), "q"); err != nil {
			t.Errorf("an answer behind %d events: %v", n, err)
		}
		c.wantOpen() // again: it has left and joins anew
		gate.open()
		c.wantAcks(n)
		h.unharmed()
	})
}

// TestManyEventsAtOnce has a client send 60,000 small events in one go.
func TestManyEventsAtOnce(t *testing.T) {
	n := volume(60_000, 12_000)
	eachVariant(t, func(t *testing.T, v variant) {
		h := v.open(t, Config{}, func(srv *Server) {
			next := 0
			srv.Of("/").On("n", func(_ context.Context, _ *Socket, e *Event) {
				if got := string(e.Args.At(0)); got != fmt.Sprint(next) {
					t.Errorf("event %d is %s", next, got)
				}
				next++
				e.Ack(e.Args.At(0))
			})
		})
		c := h.talk(nil)
		c.join("/")
		c.sendNumbered("n", n)
		c.wantAcks(n)
		c.wantOpen()
		h.unharmed()
	})
}

// TestAFullInboxSuspendsThePingTimeout holds that a client whose pongs wait behind its
// events, because the inbox is full, is not taken for gone while a handler takes a minute;
// and that a client that is gone is noticed after two more ping timeouts.
func TestAFullInboxSuspendsThePingTimeout(t *testing.T) {
	const n = 100
	for _, kind := range []string{"polling", "websocket", "upgrade"} {
		for _, vanishes := range []bool{false, true} {
			t.Run(fmt.Sprint(kind, "/vanishes ", vanishes), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					gate := newDoor()
					defer gate.open()
					handled := 0
					h := variant{kind: kind}.open(t, Config{Limits: Limits{InboxBytes: 1000}}, func(srv *Server) {
						srv.Of("/").On("n", func(_ context.Context, _ *Socket, e *Event) {
							<-gate.c
							handled++
							e.Ack(e.Args.At(0))
						})
					})
					d := newDoor()
					defer d.open()
					c := h.talk(func(c *talker, packet string) {
						if vanishes {
							d.closed(c, packet)
							return
						}
						c.keep(packet)
					})
					c.upgraded()
					s, _ := h.Of("/").Socket(c.join("/"))
					begun := time.Now()
					c.sendNumbered("n", n)
					eventually(t, "the inbox is full", s.conn.readerWaits)
					if vanishes {
						c.mu.Lock()
						c.end = "vanished" // it sends nothing more
						c.mu.Unlock()
						<-s.Context().Done()
						// The ping after 25 s, three timeouts, and one more should the pong have been near.
						if took := time.Since(begun); took < 45*time.Second || took > 110*time.Second {
							t.Errorf("noticed after %v", took)
						}
						var end *DisconnectError
						if !errors.As(context.Cause(s.Context()), &end) || end.Reason != PingTimeout {
							t.Errorf("it ended: %v", context.Cause(s.Context()))
						}
						return
					}
					time.Sleep(time.Minute)
					gate.open()
					c.wantAcks(n)
					time.Sleep(2 * time.Minute)
					c.wantOpen()
					h.unharmed()
				})
			})
		}
	}
}

// TestSlowHandlersBehindAFullInbox has a client send more than the inbox holds, for
// handlers that take a second each, for several minutes: its pongs wait all that time
// behind its events.
func TestSlowHandlersBehindAFullInbox(t *testing.T) {
	const n = 600
	for _, kind := range []string{"polling", "websocket", "upgrade"} {
		t.Run(kind, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := variant{kind: kind}.open(t, Config{Limits: Limits{InboxBytes: 5000}}, func(srv *Server) {
					srv.Of("/").On("n", func(_ context.Context, _ *Socket, e *Event) {
						time.Sleep(time.Second)
						e.Ack(e.Args.At(0))
					})
				})
				c := h.talk(nil)
				c.join("/")
				c.sendNumbered("n", n)
				c.wantAcks(n)
				c.wantOpen()
				h.unharmed()
			})
		})
	}
}

// TestAnUpgradeBehindAFullInbox has a client upgrade while its POST waits for handlers,
// which wait for it to read or are slow. Official clients wait for the answer to that
// POST before they move.
func TestAnUpgradeBehindAFullInbox(t *testing.T) {
	const n = 9000
	answer := numbered(1000)
	for _, tt := range []struct {
		name  string
		first bool // the POST comes before the probe
	}{{"the POST comes first", true}, {"the probe comes first", false}} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				gate := newDoor()
				defer gate.open()
				h := variant{kind: "polling"}.open(t, Config{}, func(srv *Server) {
					srv.Of("/").On("get", func(_ context.Context, s *Socket, e *Event) {
						if tt.first {
							<-gate.c
						}
						if err := e.Ack(answer); err != nil {
							t.Error(err)
						}
					})
				})
				c := h.handshake()
				defer c.http.CloseIdleConnections()
				c.do("POST", "40")
				c.do("GET", "")
				var events []string
				for i := range n {
					events = append(events, fmt.Sprintf(`42%d["get"]`, i))
				}
				posted, polled := make(chan string, 1), make(chan string, 1)
				post := func() { got, err := c.do("POST", strings.Join(events, "\x1e")); posted <- fmt.Sprint(got, err) }
				go func() { got, _ := c.do("GET", ""); polled <- got }()
				synctest.Wait()
				if tt.first {
					go post()
					synctest.Wait()
				}
				ws := c.dialWS("&sid=" + c.sid)
				defer ws.Close()
				w := &client{t, ws}
				w.send("2probe")
				w.want("3probe")
				if got := <-polled; got != "6" {
					t.Errorf("the GET got %.60q", got)
				}
				if !tt.first {
					go post()
				}
				if got := within(t, posted, "the answer to the POST"); got != "ok<nil>" {
					t.Errorf("the POST got %q", got)
				}
				w.send("5")
				gate.open()
				for i := range n {
					w.want(fmt.Sprintf(`43%d["%s"]`, i, answer))
				}
				h.unharmed()
			})
		})
	}
}

// TestManyValues has a client send as many values and arguments as fit into one message.
func TestManyValues(t *testing.T) {
	for name, tt := range map[string]struct{ args, want string }{
		"300,000 numbers":   {"[1" + strings.Repeat(",1", 299_999) + "]", "1"},
		"300,000 arguments": {"1" + strings.Repeat(",1", 299_999), "300000"},
		"200,000 objects":   {"[{}" + strings.Repeat(",{}", 199_999) + "]", "1"},
	} {
		t.Run(name, func(t *testing.T) {
			eachVariant(t, func(t *testing.T, v variant) {
				h := v.open(t, Config{}, func(srv *Server) {
					srv.Of("/").On("many", func(_ context.Context, _ *Socket, e *Event) { e.Ack(e.Args.Len()) })
				})
				c := h.talk(nil)
				c.join("/")
				c.send(`21["many",` + tt.args + `]`)
				c.want("31[" + tt.want + "]")
				h.unharmed()
			})
		})
	}
}

// TestArgumentsCountInTheInbox holds that what many arguments hold counts as waiting.
func TestArgumentsCountInTheInbox(t *testing.T) {
	gate := make(chan struct{})
	r := newRig(t, Config{}, func(srv *Server) {
		srv.Of("/").On("many", func(context.Context, *Socket, *Event) { <-gate })
	})
	defer close(gate)
	c, _ := r.join("/")
	s := r.Of("/").Sockets()[0]
	c.send(`42["many"]`, `42["many"`+strings.Repeat(",1", 100_000)+`]`)
	eventually(t, "the event waits", func() bool { return s.conn.waiting.Load() >= 200_000+8*100_000 })
}

// TestASlowClientMoves has a client upgrade while a POST takes three quarters of a minute.
// Official clients end it before they move, and expect pings meanwhile.
func TestASlowClientMoves(t *testing.T) {
	for _, kind := range []string{"polling", "websocket", "upgrade"} {
		t.Run(kind, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := variant{kind: kind}.open(t, Config{}, func(srv *Server) {
					srv.Of("/").On("n", func(_ context.Context, _ *Socket, e *Event) { e.Ack(e.Args.Len()) })
				})
				h.sendsSlowly(20_000)
				c := h.talk(nil)
				c.join("/")
				for i := range 4 {
					c.send(fmt.Sprintf(`2%d["n","%s"]`, i, strings.Repeat("x", 850_000)))
				}
				for i := range 4 {
					c.want(fmt.Sprintf("3%d[1]", i))
				}
				c.upgraded()
				c.wantOpen()
				h.unharmed()
			})
		})
	}
}

// TestSlowHandlersAndPings has handlers that take so long that pongs are read late, again
// and again. The client expects pings all the same.
func TestSlowHandlersAndPings(t *testing.T) {
	for _, kind := range []string{"polling", "websocket", "upgrade"} {
		for _, took := range []time.Duration{3 * time.Second, 15 * time.Second, 19 * time.Second, 24 * time.Second, 30 * time.Second} {
			t.Run(fmt.Sprint(kind, ", ", took), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					h := variant{kind: kind}.open(t, Config{}, func(srv *Server) {
						srv.Of("/").On("n", func(_ context.Context, _ *Socket, e *Event) {
							time.Sleep(took)
							e.Ack(e.Args.Len())
						})
					})
					c := h.talk(nil)
					c.join("/")
					for i := range 12 {
						c.send(fmt.Sprintf(`2%d["n","%s"]`, i, strings.Repeat("x", 600_000)))
					}
					for i := range 12 {
						c.want(fmt.Sprintf("3%d[1]", i))
					}
					c.wantOpen()
					h.unharmed()
				})
			})
		}
	}
}
