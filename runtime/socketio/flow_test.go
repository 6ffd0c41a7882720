// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// Nobody who reads and obeys is thrown out (docs/limits.md): what a plain loop emits
// arrives, in order, in whatever way the client is connected.

// ackID matches an event that wants an ack.
var ackID = regexp.MustCompile(`^2(/[^,]+,)?\d+\[`)

// softBound is the default of what may wait before an Emit waits too.
const softBound = 1 << 20

// numbered is the argument of the events that these tests count.
func numbered(size int) string { return strings.Repeat("x", size) }

// wantNumbered reads the events "n" with the numbers below n, in each namespace in its
// order.
func (c *talker) wantNumbered(n int, namespaces ...string) {
	c.t.Helper()
	seen := map[string]int{}
	for range n * len(namespaces) {
		got := c.next()
		for _, ns := range namespaces {
			if rest, ok := strings.CutPrefix(got, head("2", ns)+`["n",`); ok {
				if number, _, _ := strings.Cut(rest, ","); number != fmt.Sprint(seen[ns]) {
					c.t.Fatalf("%s: event %d is %.60q", ns, seen[ns], got)
				}
				seen[ns]++
				got = ""
				break
			}
		}
		if got != "" {
			c.t.Fatalf("after %v: %.200q\n%s", seen, got, c.h.log)
		}
	}
}

// A loop is a way to send many events to one socket.
type loop struct {
	name string
	run  func(ctx context.Context, s *Socket, emit func(i int) (string, []any), n int) error
}

var loops = []loop{
	{"emits", func(ctx context.Context, s *Socket, event func(i int) (string, []any), n int) error {
		for i := range n {
			name, args := event(i)
			if err := s.Emit(ctx, name, args...); err != nil {
				return err
			}
		}
		return nil
	}},
	{"broadcasts", func(ctx context.Context, s *Socket, event func(i int) (string, []any), n int) error {
		for i := range n {
			name, args := event(i)
			if err := s.Namespace().To(Room(s.ID())).Emit(ctx, name, args...); err != nil {
				return err
			}
		}
		return nil
	}},
	{"both in turn", func(ctx context.Context, s *Socket, event func(i int) (string, []any), n int) error {
		for i := range n {
			name, args := event(i)
			var err error
			if i%2 == 0 {
				err = s.Emit(ctx, name, args...)
			} else {
				err = s.Namespace().Emit(ctx, name, args...)
			}
			if err != nil {
				return err
			}
		}
		return nil
	}},
}

// volume is how much a test of flow does: all of it, or as much as shows races where the
// race detector makes all of it take minutes. make test runs these tests in both ways.
func volume(all, race int) int {
	if raced {
		return race
	}
	return all
}

// large is the size of an event that is larger than the soft bound.
var large = volume(5_000_000, 1_500_000)

// bursts are what people emit in one go.
var bursts = []struct {
	name string
	n    int
	size func(i int) int
}{
	{"1,500 of 10 bytes", 1500, func(int) int { return 10 }},
	{"100 of 20 KB", 100, func(int) int { return 20_000 }},
	{"5 MB and tiny ones", 20, func(i int) int { return max(10, large*(1-min(i, 1))) }},
	{"tiny ones and 5 MB among them", 20, func(i int) int {
		if i%8 == 4 {
			return large
		}
		return 3
	}},
}

// TestALoopArrives sends bursts in a handler, and from a goroutine of the application,
// to two sockets of one connection at once.
func TestALoopArrives(t *testing.T) {
	for _, burst := range bursts {
		for _, way := range loops {
			t.Run(burst.name+"/"+way.name, func(t *testing.T) {
				eachVariant(t, func(t *testing.T, v variant) {
					event := func(i int) (string, []any) { return "n", []any{i, numbered(burst.size(i))} }
					var running sync.WaitGroup
					h := v.open(t, Config{}, func(srv *Server) {
						for _, name := range []string{"/", "/b"} {
							n := srv.Of(name)
							n.On("loop", func(ctx context.Context, s *Socket, e *Event) {
								if err := way.run(ctx, s, event, burst.n); err != nil {
									t.Error(err)
								}
							})
							n.On("go", func(_ context.Context, s *Socket, e *Event) {
								running.Go(func() {
									if err := way.run(t.Context(), s, event, burst.n); err != nil {
										t.Error(err)
									}
								})
							})
						}
					})
					c := h.talk(nil)
					c.join("/")
					c.join("/b")
					for _, event := range []string{"loop", "go"} {
						c.send(`2["`+event+`"]`, `2/b,["`+event+`"]`)
						c.wantNumbered(burst.n, "/", "/b")
					}
					running.Wait()
					c.wantOpen()
					h.unharmed()
				})
			})
		}
	}
}

// TestASnapshotWhileConnecting emits 1.2 MB to each of 40 clients that connect at once,
// before their CONNECT reply and right after it, in one event and in many.
func TestASnapshotWhileConnecting(t *testing.T) {
	snapshots := []struct{ n, size int }{{1, 1_200_000}, {60, 20_000}, {2000, 150}}
	eachVariant(t, func(t *testing.T, v variant) {
		h := v.open(t, Config{}, func(srv *Server) {
			for i, snapshot := range snapshots {
				emit := func(ctx context.Context, s *Socket) {
					for i := range snapshot.n {
						if err := s.Emit(ctx, "n", i, numbered(snapshot.size)); err != nil {
							t.Errorf("event %d: %v", i, err)
							return
						}
					}
				}
				srv.Of(fmt.Sprint("/use", i)).Use(func(ctx context.Context, s *Socket) error { emit(ctx, s); return nil })
				srv.Of(fmt.Sprint("/on", i)).OnConnect(emit)
			}
		})
		var clients sync.WaitGroup
		for range volume(40, 5) {
			c := h.talk(nil)
			clients.Go(func() {
				for i, snapshot := range snapshots {
					for _, name := range []string{fmt.Sprint("/use", i), fmt.Sprint("/on", i)} {
						c.send("0" + name + ",")
						c.want("0" + name + `,{"sid":"<SID>"}`)
						c.wantNumbered(snapshot.n, name)
						c.send("1" + name + ",")
					}
				}
			})
		}
		clients.Wait()
		h.unharmed()
	})
}

// TestAHistoryWhileConnecting emits 2,000 events before the CONNECT reply to a client
// that joins two namespaces in one go.
func TestAHistoryWhileConnecting(t *testing.T) {
	const n = 2000
	eachVariant(t, func(t *testing.T, v variant) {
		h := v.open(t, Config{}, func(srv *Server) {
			for _, name := range []string{"/", "/b"} {
				srv.Of(name).Use(func(ctx context.Context, s *Socket) error {
					for i := range n {
						if err := s.Emit(ctx, "n", i, numbered(1000)); err != nil {
							return err
						}
					}
					return nil
				})
			}
		})
		c := h.talk(nil)
		c.send("0", "0/b,")
		replies := 0
		seen := map[string]int{}
		for replies+seen["2"]+seen["2/b,"] < 2+2*n {
			got := c.next()
			if strings.HasPrefix(got, "0") {
				replies++
				continue
			}
			ns, rest, _ := strings.Cut(got, `["n",`)
			if number, _, _ := strings.Cut(rest, ","); number != fmt.Sprint(seen[ns]) {
				t.Fatalf("%q: event %d is %.60q", ns, seen[ns], got)
			}
			seen[ns]++
		}
		c.wantOpen()
		h.unharmed()
	})
}

// TestWhispersDoNotThrowOut has one member whisper 20,000 times to another who reads.
func TestWhispersDoNotThrowOut(t *testing.T) {
	n := volume(20_000, 4_000)
	eachVariant(t, func(t *testing.T, v variant) {
		h := v.open(t, Config{}, func(srv *Server) {
			srv.Of("/").On("whisper", func(ctx context.Context, s *Socket, e *Event) {
				var to ID
				if err := e.Args.Decode(0, &to); err != nil {
					t.Error(err)
				}
				if err := s.To(Room(to)).Emit(ctx, "n", e.Args.At(1), "psst"); err != nil {
					t.Error(err)
				}
			})
		})
		listener, speaker := h.talk(nil), h.talk(nil)
		id := listener.join("/")
		speaker.join("/")
		for i := range n {
			speaker.send(fmt.Sprintf(`2["whisper","%s",%d]`, id, i))
		}
		listener.wantNumbered(n, "/")
		listener.wantOpen()
		speaker.wantOpen()
		h.unharmed()
	})
}

// TestALoopHoldsBoundedMemory emits 100,000 events in a loop: what waits stays within
// the soft bound and one message.
func TestALoopHoldsBoundedMemory(t *testing.T) {
	const size = 100
	n := volume(100_000, 15_000)
	eachVariant(t, func(t *testing.T, v variant) {
		most := 0
		h := v.open(t, Config{}, func(srv *Server) {
			srv.Of("/").On("loop", func(ctx context.Context, s *Socket, e *Event) {
				for i := range n {
					if err := s.Emit(ctx, "n", i, numbered(size)); err != nil {
						t.Errorf("event %d: %v", i, err)
						return
					}
					most = max(most, s.Waiting())
				}
				e.Ack()
			})
		})
		c := h.talk(nil)
		c.join("/")
		c.send(`21["loop"]`)
		c.wantNumbered(n, "/")
		c.want("31[]")
		if bound := softBound + 2*size + 1000; most > bound {
			t.Errorf("%d bytes waited, want at most %d", most, bound)
		}
		c.wantOpen()
		h.unharmed()
	})
}

// answers makes a client that answers every event that wants an ack, and remembers the
// rest.
func answers(c *talker, packet string) {
	if !ackID.MatchString(packet) {
		c.keep(packet)
		return
	}
	begin, _, _ := strings.Cut(packet[1:], "[")
	c.send("3" + begin + `["yes"]`)
}

// TestALoopOfQuestions asks a client in a loop, one question after the other and many at
// once, more than Limits.PendingAcks.
func TestALoopOfQuestions(t *testing.T) {
	eachVariant(t, func(t *testing.T, v variant) {
		h := v.open(t, Config{}, func(srv *Server) {
			for _, name := range []string{"/", "/b"} {
				n := srv.Of(name)
				ask := func(ctx context.Context, s *Socket) {
					if got, err := s.EmitWithAck(ctx, "q", numbered(2000)); err != nil || string(got.At(0)) != `"yes"` {
						t.Errorf("EmitWithAck: %v", err)
					}
				}
				n.On("one by one", func(ctx context.Context, s *Socket, e *Event) {
					for range 300 {
						ask(ctx, s)
					}
					e.Ack()
				})
				n.On("at once", func(ctx context.Context, s *Socket, e *Event) {
					ctx, cancel := context.WithTimeout(ctx, patience)
					defer cancel()
					var wg sync.WaitGroup
					for range 3000 {
						wg.Go(func() { ask(ctx, s) })
					}
					wg.Wait()
					e.Ack()
				})
			}
		})
		c := h.talk(answers)
		c.join("/")
		c.join("/b")
		c.send(`21["one by one"]`, `22["at once"]`, `2/b,1["at once"]`, `2/b,2["one by one"]`)
		done := map[string]bool{}
		for range 4 {
			done[c.next()] = true
		}
		for _, want := range []string{"31[]", "32[]", "3/b,1[]", "3/b,2[]"} {
			if !done[want] {
				t.Errorf("%s is missing in %v", want, done)
			}
		}
		c.wantOpen()
		h.unharmed()
	})
}

// TestAcksToASlowReader pipelines 5,000 events with answers of 10 KB to a client that
// takes its time to read them.
func TestAcksToASlowReader(t *testing.T) {
	n := volume(5000, 1000)
	eachVariant(t, func(t *testing.T, v variant) {
		var most atomic.Int64
		answer := numbered(10_000)
		h := v.open(t, Config{}, func(srv *Server) {
			srv.Of("/").On("get", func(_ context.Context, s *Socket, e *Event) {
				if err := e.Ack(answer); err != nil {
					t.Error(err)
				}
				most.Store(max(most.Load(), int64(s.Waiting())))
			})
		})
		heard := 0
		c := h.talk(func(c *talker, packet string) {
			if heard++; heard%50 == 0 {
				time.Sleep(time.Millisecond)
			}
			c.keep(packet)
		})
		c.join("/")
		for i := range n {
			c.send(fmt.Sprintf(`2%d["get"]`, i))
		}
		for i := range n {
			if got, want := c.next(), fmt.Sprintf(`3%d["%s"]`, i, answer); got != want {
				t.Fatalf("answer %d: %.60q\n%s", i, got, h.log)
			}
		}
		if bound := int64(softBound + 12_000); most.Load() > bound {
			t.Errorf("%d bytes waited, want at most %d", most.Load(), bound)
		}
		c.wantOpen()
		h.unharmed()
	})
}

// TestASlowReaderIsToldEverything has a client read 12 MB at 250 KB/s, which takes
// longer than every timeout there is, and then more; it is served, also when the server
// ends the connection meanwhile.
func TestASlowReaderIsToldEverything(t *testing.T) {
	ends := map[string]func(s *Socket){
		"nothing":          func(*Socket) {},
		"Disconnect":       func(s *Socket) { s.Disconnect() },
		"Disconnect, true": func(s *Socket) { s.CloseConnection() },
	}
	const n = 13
	for name, end := range ends {
		for _, size := range []int{1_000_000, 12_000_000 / n / 100} {
			t.Run(fmt.Sprint(name, "/", size), func(t *testing.T) {
				for _, kind := range []string{"polling", "websocket", "upgrade"} {
					t.Run(kind, func(t *testing.T) {
						synctest.Test(t, func(t *testing.T) {
							v := variant{kind: kind}
							h := v.open(t, Config{}, func(srv *Server) {
								srv.Of("/").On("go", func(ctx context.Context, s *Socket, _ *Event) {
									for i := range n * 1_000_000 / size {
										if err := s.Namespace().Emit(ctx, "n", i, numbered(size)); err != nil {
											t.Error(err)
										}
									}
									end(s)
								})
							})
							h.readsSlowly(250_000)
							c := h.talk(nil)
							c.join("/")
							c.send(`2["go"]`)
							c.wantNumbered(n*1_000_000/size, "/")
							switch name {
							case "nothing":
								c.wantOpen()
							case "Disconnect":
								c.want("1")
								c.wantOpen()
							default:
								c.want("1")
								c.wantGone()
							}
							h.unharmed()
						})
					})
				}
			})
		}
	}
}
