// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"github.com/sockgen/sockgen/runtime/internal/memnet"
)

// How sockets end: what came before is handled, handlers may
// finish, and a shutdown loses nothing.

// leavings are the ways in which a client ends its socket, or loses it.
var leavings = []struct {
	name   string
	leave  func(c *talker)
	kinds  string // of connections for which this is one
	reason DisconnectReason
}{
	{"DISCONNECT", func(c *talker) { c.send("1") }, "polling websocket upgrade", ClientNamespaceDisconnect},
	{"close packet", func(c *talker) { c.post("1") }, "polling websocket upgrade", TransportClose},
	{"Close frame", func(c *talker) { c.ws.WriteMessage(websocket.CloseMessage, nil) }, "websocket upgrade", TransportClose},
	// Closed whole, a TCP connection with unread answers would forget what it has to send.
	{"connection closed", func(c *talker) { c.ws.UnderlyingConn().(interface{ CloseWrite() error }).CloseWrite() }, "websocket upgrade", TransportClose},
	{"parse error", func(c *talker) { c.post("x") }, "polling websocket upgrade", ParseError},
	{"violation", func(c *talker) { c.send("nonsense") }, "polling websocket upgrade", ForcedClose},
}

// TestWhatArrivedBeforeTheEndIsHandled has a client send events and leave at once: each is
// handled, in order, before the disconnect handlers. Their answers have nowhere to go.
func TestWhatArrivedBeforeTheEndIsHandled(t *testing.T) {
	for _, n := range []int{10, 3000} {
		for _, gated := range []bool{true, false} {
			for _, leaving := range leavings {
				t.Run(fmt.Sprint(n, "/gated ", gated, "/", leaving.name), func(t *testing.T) {
					eachVariant(t, func(t *testing.T, v variant) {
						if !strings.Contains(leaving.kinds, v.kind) {
							return
						}
						seen := make(chan string, n+10)
						gate := newDoor()
						defer gate.open()
						// On a busy machine 3,000 events take seconds, which on loopback are real.
						h := v.open(t, Config{DrainTime: time.Minute}, func(srv *Server) {
							ns := srv.Of("/")
							ns.On("n", func(ctx context.Context, _ *Socket, e *Event) {
								<-gate.c
								seen <- string(e.Args.At(0))
								if err := e.Ack(e.Args.At(0)); err != nil && !errors.Is(err, ErrDisconnected) {
									t.Error(err)
								}
								if ctx.Err() != nil {
									t.Errorf("the ctx of event %s has ended: %v", e.Args.At(0), context.Cause(ctx))
								}
							})
							ns.OnDisconnecting(func(_ context.Context, _ *Socket, reason DisconnectReason) { seen <- "disconnecting " + string(reason) })
							ns.OnDisconnect(func(_ context.Context, _ *Socket, reason DisconnectReason) { seen <- "disconnect " + string(reason) })
						})
						c := h.talk(nil)
						c.upgraded()
						s, _ := h.Of("/").Socket(c.join("/"))
						if !gated {
							gate.open()
						}
						c.sendNumbered("n", n)
						if v.kind != "polling" {
							c.sent() // or the end would overtake it here
						}
						leaving.leave(c)
						if gated {
							within(t, s.Context().Done(), "the socket's end")
							gate.open()
						}
						for i := range n {
							if got := within(t, seen, "an event"); got != fmt.Sprint(i) {
								t.Fatalf("event %d: %q", i, got)
							}
						}
						for _, want := range []string{"disconnecting ", "disconnect "} {
							if got := within(t, seen, want); got != want+string(leaving.reason) {
								t.Errorf("%q, want %q", got, want+string(leaving.reason))
							}
						}
					})
				})
			}
		}
	}
}

// TestWhatArrivedBeforeAPingTimeoutIsHandled does the same with a client that vanishes.
func TestWhatArrivedBeforeAPingTimeoutIsHandled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seen := &ends{}
		r := newRig(t, Config{}, func(srv *Server) {
			srv.Of("/").On("n", func(_ context.Context, _ *Socket, e *Event) {
				time.Sleep(30 * time.Second)
				seen.add(string(e.Args.At(0)))
			})
			srv.Of("/").OnDisconnect(func(_ context.Context, _ *Socket, reason DisconnectReason) { seen.add(string(reason)) })
		})
		c, _ := r.join("/")
		c.send(`42["n",1]`, `42["n",2]`, `42["n",3]`)
		time.Sleep(2 * time.Minute)
		if got := seen.String(); got != "1; 2; 3; ping timeout" {
			t.Errorf("seen %s", got)
		}
		c.ws.Close()
	})
}

// TestDisconnectDropsWhatWaits holds that after the server's own Disconnect nothing more is
// handled, also when the client's end came first.
func TestDisconnectDropsWhatWaits(t *testing.T) {
	eachVariant(t, func(t *testing.T, v variant) {
		for _, whole := range []bool{false, true} {
			seen := &ends{}
			gate := newDoor()
			defer gate.open()
			h := v.open(t, Config{}, func(srv *Server) {
				srv.Of("/").On("n", func(_ context.Context, _ *Socket, e *Event) {
					seen.add(string(e.Args.At(0)))
					<-gate.c
				})
				srv.Of("/").OnDisconnect(func(_ context.Context, _ *Socket, reason DisconnectReason) { seen.add(string(reason)) })
			})
			c := h.talk(nil)
			c.upgraded()
			s, _ := h.Of("/").Socket(c.join("/"))
			c.sendNumbered("n", 300)
			eventually(t, "299 events wait behind the first", func() bool { return seen.String() == "0" && s.queued() == 299 })
			if whole {
				s.CloseConnection()
			} else {
				s.Disconnect()
			}
			gate.open()
			eventually(t, "the end", func() bool { return seen.String() == "0; server namespace disconnect" })
			c.want("1")
			if whole {
				c.wantGone()
			} else {
				c.wantOpen()
			}
			if st := h.Stats(); st.Dropped != 299 || st.Events > 2 {
				t.Errorf("%+v", st)
			}
		}
	})
}

// TestAHandlersCtxOutlivesItsSocket holds that s.Context() ends with the socket, and the
// ctx of a handler when it has returned, or DrainTime later.
func TestAHandlersCtxOutlivesItsSocket(t *testing.T) {
	leave := map[string]func(c *talker, s *Socket){
		"Disconnect":       func(_ *talker, s *Socket) { s.Disconnect() },
		"Disconnect, true": func(_ *talker, s *Socket) { s.CloseConnection() },
	}
	for _, l := range leavings {
		if strings.Contains(l.kinds, "polling") {
			leave[l.name] = func(c *talker, _ *Socket) { l.leave(c) }
		}
	}
	for name, end := range leave {
		for _, drain := range []time.Duration{0, time.Minute} {
			for _, kind := range []string{"polling", "websocket"} {
				t.Run(fmt.Sprint(name, "/", drain, "/", kind), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						want := drain
						if want == 0 {
							want = 5 * time.Second // the default
						}
						began, took := make(chan struct{}), make(chan time.Duration)
						var first context.Context
						h := variant{kind: kind}.open(t, Config{DrainTime: drain}, func(srv *Server) {
							srv.Of("/").On("first", func(ctx context.Context, s *Socket, _ *Event) {
								first = ctx
								close(began)
								<-s.Context().Done()
								start := time.Now()
								if ctx.Err() != nil {
									t.Error("the handler's ctx ended with the socket")
								}
								<-ctx.Done()
								took <- time.Since(start)
							})
							srv.Of("/").OnDisconnect(func(ctx context.Context, _ *Socket, _ DisconnectReason) {
								if ctx.Err() != nil {
									t.Error("the ctx of OnDisconnect has ended")
								}
								close(took)
							})
						})
						c := h.talk(nil)
						s, _ := h.Of("/").Socket(c.join("/"))
						c.send(`2["first"]`)
						<-began
						end(c, s)
						if got := <-took; got != want {
							t.Errorf("the handler's ctx ended after %v, want %v", got, want)
						}
						<-took
						var cause *DisconnectError
						if err := context.Cause(first); !errors.As(err, &cause) {
							t.Errorf("the cause is %v", err)
						}
					})
				})
			}
		}
	}
}

// TestShutdownLosesNothing holds that what runs and waits when Shutdown is called is
// finished, that its answers and emits leave, and that then every client is told.
func TestShutdownLosesNothing(t *testing.T) {
	const n, each = 300, 20
	calls := map[string]func(h *hall) error{
		"once": func(h *hall) error { return h.Shutdown(context.Background()) },
		"twice at once": func(h *hall) error {
			var second error
			var wg sync.WaitGroup
			wg.Go(func() { second = h.Shutdown(context.Background()) })
			first := h.Shutdown(context.Background())
			wg.Wait()
			return errors.Join(first, second)
		},
	}
	for name, shutdown := range calls {
		t.Run(name, func(t *testing.T) {
			eachVariant(t, func(t *testing.T, v variant) {
				gate := newDoor()
				defer gate.open()
				h := v.open(t, Config{DrainTime: patience}, func(srv *Server) {
					srv.Of("/").On("n", func(ctx context.Context, s *Socket, e *Event) {
						<-gate.c
						for i := range each {
							if err := s.Emit(ctx, "n", i, numbered(200)); err != nil {
								t.Error(err)
							}
						}
						if err := e.Ack(e.Args.At(0)); err != nil {
							t.Error(err)
						}
					})
				})
				c := h.talk(nil)
				s, _ := h.Of("/").Socket(c.join("/"))
				c.sendNumbered("n", n)
				eventually(t, "all events wait", func() bool { return s.queued() >= n-1 })
				down := make(chan error, 1)
				go func() { down <- shutdown(h) }()
				gate.open()
				for i := range n {
					c.wantNumbered(each, "/")
					c.want(fmt.Sprintf("3%d[%d]", i, i))
				}
				c.wantGone()
				if err := within(t, down, "Shutdown"); err != nil {
					t.Error(err)
				}
				if got := s.Connected(); got {
					t.Error("the socket is connected after Shutdown")
				}
				h.unharmed()
			})
		})
	}
}

// TestShutdownByTheHTTPServer has an http.Server of the application call Shutdown when it
// is shut down itself.
func TestShutdownByTheHTTPServer(t *testing.T) {
	for _, kind := range []string{"polling", "websocket"} {
		t.Run(kind, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				gate := newDoor()
				defer gate.open()
				h := variant{kind: kind}.open(t, Config{}, func(srv *Server) {
					srv.Of("/").On("n", func(_ context.Context, s *Socket, e *Event) {
						<-gate.c
						if err := e.Ack(e.Args.At(0)); err != nil {
							t.Error(err)
						}
					})
				})
				web, down := h.behindHTTP()
				c := h.talk(nil)
				s, _ := h.Of("/").Socket(c.join("/"))
				c.sendNumbered("n", 1)
				eventually(t, "the handler", func() bool { return s.callingNow() != "" })
				stopped := make(chan error, 1)
				go func() { stopped <- web.Shutdown(context.Background()) }()
				synctest.Wait()
				gate.open()
				c.wantAcks(1)
				c.wantGone()
				for _, ended := range []chan error{stopped, down} {
					if err := within(t, ended, "the end"); err != nil {
						t.Error(err)
					}
				}
			})
		})
	}
}

// behindHTTP has further connections served by an http.Server, whose Shutdown calls that
// of the Server.
func (h *hall) behindHTTP() (web *http.Server, down chan error) {
	l := memnet.Listen()
	h.dial = l.DialContext
	web = &http.Server{Handler: h.Server}
	down = make(chan error, 1)
	web.RegisterOnShutdown(func() { down <- h.Shutdown(context.Background()) })
	served := make(chan error, 1)
	go func() { served <- web.Serve(l) }()
	h.t.Cleanup(func() { web.Close(); <-served })
	return web, down
}

// TestShutdownInBatches holds that Config.Drain spreads the ends over time, however
// often Shutdown is called meanwhile.
func TestShutdownInBatches(t *testing.T) {
	const clients, batch = 23, 5
	for _, calls := range []int{1, 3} {
		t.Run(fmt.Sprint(calls), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var mu sync.Mutex
				var ended []time.Duration
				var start time.Time
				h := variant{kind: "websocket"}.open(t, Config{Drain: Drain{Batch: batch, Every: 10 * time.Second}}, func(srv *Server) {
					srv.Of("/").OnDisconnect(func(_ context.Context, _ *Socket, reason DisconnectReason) {
						mu.Lock()
						defer mu.Unlock()
						ended = append(ended, time.Since(start))
						if reason != ServerShuttingDown {
							t.Errorf("reason %q", reason)
						}
					})
				})
				for range clients {
					h.talk(nil).join("/")
				}
				start = time.Now()
				var wg sync.WaitGroup
				for range calls {
					wg.Go(func() {
						if err := h.Shutdown(context.Background()); err != nil {
							t.Error(err)
						}
					})
				}
				wg.Wait()
				slices.Sort(ended)
				for i, d := range ended {
					if want := time.Duration(i/batch) * 10 * time.Second; d != want {
						t.Errorf("end %d came after %v, want %v", i+1, d, want)
					}
				}
				if len(ended) != clients {
					t.Errorf("%d ends, want %d", len(ended), clients)
				}
			})
		})
	}
}

// TestShutdownNamesAStuckHandler holds that a handler which does not return is named when
// the deadline of Shutdown has come, that its ctx ends then, and that others are served.
func TestShutdownNamesAStuckHandler(t *testing.T) {
	for _, kind := range []string{"polling", "websocket", "upgrade"} {
		t.Run(kind, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				gate := newDoor()
				defer gate.open()
				began, freed := make(chan bool, 1), make(chan time.Duration, 1)
				start := time.Now()
				h := variant{kind: kind}.open(t, Config{}, func(srv *Server) {
					srv.Of("/").On("stuck", func(ctx context.Context, _ *Socket, _ *Event) {
						began <- true
						<-ctx.Done()
						freed <- time.Since(start)
						<-gate.c
					})
					srv.Of("/b").On("n", func(_ context.Context, _ *Socket, e *Event) {
						time.Sleep(time.Second)
						e.Ack(e.Args.At(0))
					})
				})
				c, other := h.talk(nil), h.talk(nil)
				c.join("/")
				other.join("/b")
				c.send(`2["stuck"]`)
				other.send(`2/b,5["n",5]`)
				within(t, began, "the event of a client that may still be moving to WebSocket")
				time.Sleep(time.Millisecond)
				start = time.Now()
				ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second)
				defer cancel()
				err := h.Shutdown(ctx)
				if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), `/ event "stuck" (1)`) {
					t.Errorf("Shutdown = %v", err)
				}
				if took := time.Since(start); took != 8*time.Second {
					t.Errorf("Shutdown took %v", took)
				}
				if d := within(t, freed, "the end of its ctx"); d != 8*time.Second {
					t.Errorf("the ctx of the stuck handler ended after %v", d)
				}
				other.want("3/b,5[5]")
				gate.open()
			})
		})
	}
}

// queued returns how many events wait for the socket's handlers.
func (s *Socket) queued() (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for e := s.head; e != nil; e = e.next {
		n++
	}
	return n
}
