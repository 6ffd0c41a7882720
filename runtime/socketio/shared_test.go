// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sockgen/sockgen/runtime/adapter/cluster"
	"github.com/sockgen/sockgen/runtime/adapter/cluster/clustertest"
)

// keepers starts two nodes of a cluster that keeps events and sessions.
func keepers(t *testing.T, network *clustertest.Network, rec Recovery, setUp func(i int, srv *Server)) []*rig {
	t.Helper()
	network.Keeps = true
	factory := network.Factory()
	rigs := make([]*rig, 2)
	for i := range rigs {
		rigs[i] = newRig(t, Config{Adapter: factory, Recovery: &rec}, func(srv *Server) {
			srv.Of("/")
			if setUp != nil {
				setUp(i, srv)
			}
		})
	}
	return rigs
}

// gone waits until a server has no socket any more, and what they left is kept.
func (r *rig) gone() {
	r.t.Helper()
	eventually(r.t, "the end of the sockets", func() bool {
		r.recoveries.mu.Lock()
		defer r.recoveries.mu.Unlock()
		return r.Stats().Sockets == 0 && len(r.recoveries.travellers) == 0
	})
}

// leaves has a client of a server see one event, and lose its connection.
func (r *rig) leaves() (l *lostClient, sid string) {
	r.t.Helper()
	l = &lostClient{}
	c, _ := r.rejoin(l)
	s, _ := r.Of("/").Socket(ID(l.sid))
	emit(r.t, s, "seen")
	l.want(c, `42["seen"]`)
	c.ws.Close()
	r.gone()
	return l, l.sid
}

// profile is a value of SetData.
type profile struct {
	Name  string
	Level int
}

// The id, the rooms, the data as the Go type that it was, and what was missed come back on
// another node, and each event once.
func TestRecoveryOnAnotherNode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := &ends{}
		rigs := keepers(t, &clustertest.Network{}, Recovery{}, func(i int, srv *Server) {
			n := srv.Of("/")
			n.Use(func(_ context.Context, s *Socket) error {
				calls.add(fmt.Sprint(i, " use ", s.Recovered(), " ", string(s.Handshake().Auth)))
				return nil
			})
			n.OnDisconnect(func(_ context.Context, _ *Socket, reason DisconnectReason) {
				calls.add(fmt.Sprint(i, " ", reason))
			})
		})
		ctx, here, there := t.Context(), rigs[0].Of("/"), rigs[1].Of("/")
		l := &lostClient{}
		c, _ := rigs[0].rejoin(l)
		sid, pid := l.sid, l.pid
		s, _ := here.Socket(ID(sid))
		s.SetData(&profile{"Ada", 7})
		if err := s.Join("red"); err != nil {
			t.Fatal(err)
		}
		emit(t, s, "first", 1)
		if err := there.Emit(ctx, "second", []byte{9}); err != nil {
			t.Error(err)
		}
		l.want(c, `42["first",1]`, `451-["second",`+ph0+`]`)
		c.read()
		c.ws.Close()
		rigs[0].gone()
		for _, err := range []error{
			here.To("red").Emit(ctx, "red", 1), there.To("blue").Emit(ctx, "blue"), there.Emit(ctx, "all", "x"),
			here.Except("red").Emit(ctx, "not red"), there.Volatile().Emit(ctx, "volatile"), here.To(Room(sid)).Emit(ctx, "mine"),
		} {
			if err != nil {
				t.Error(err)
			}
		}
		synctest.Wait() // until node 1 has heard of all
		c, missed := rigs[1].rejoin(l)
		if want := []string{`42["red",1]`, `42["all","x"]`, `42["mine"]`}; !slices.Equal(missed, want) || l.sid != sid || l.pid != pid {
			t.Errorf("missed %q, want %q; came back as %s, was %s", missed, want, l.sid, sid)
		}
		again, _ := there.Socket(ID(sid))
		if p, ok := DataOf[*profile](again); !ok || *p != (profile{"Ada", 7}) || !again.Recovered() || !slices.Contains(again.Rooms(), "red") {
			t.Errorf("came back with %+v, %v, rooms %v", p, ok, again.Rooms())
		}
		emit(t, again, "last")
		l.want(c, `42["last"]`)
		c.ws.Close()
		rigs[1].gone()
		if _, missed := rigs[0].rejoin(l); l.sid != sid || len(missed) != 0 {
			t.Errorf("came back as %s with %q", l.sid, missed)
		}
		if got, want := calls.String(), `0 use false {}; 0 transport close; 1 use true {"token":"t"}; 1 transport close; 0 use true {"token":"t"}`; got != want {
			t.Errorf("calls: %s", got)
		}
	})
}

// Data that came from another node is whatever it is asked for as, and goes on as it was
// left.
func TestDataTravels(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rigs := keepers(t, &clustertest.Network{}, Recovery{}, nil)
		at := func(i int, sid string) *Socket {
			s, _ := rigs[i].Of("/").Socket(ID(sid))
			return s
		}
		l := &lostClient{}
		c, _ := rigs[0].rejoin(l)
		at(0, l.sid).SetData(&profile{"Ada", 7})
		c.ws.Close()
		rigs[0].gone()
		c, _ = rigs[1].rejoin(l)
		s := at(1, l.sid)
		first(DataOf[*profile](s)).Level = 8 // in place, as on one node
		if one := first(DataOf[*profile](s)); one.Level != 8 || one != first(DataOf[*profile](s)) {
			t.Error("the data is decoded twice")
		}
		if v := first(DataOf[map[string]any](s)); v["Name"] != "Ada" || v["Level"] != 8.0 {
			t.Errorf("the data is %v", v)
		}
		if v, ok := DataOf[string](s); ok {
			t.Errorf("the data is %q", v)
		}
		c.ws.Close()
		rigs[1].gone()
		c, _ = rigs[0].rejoin(l)
		if v := first(DataOf[profile](at(0, l.sid))); v != (profile{"Ada", 8}) {
			t.Errorf("the data is %v", v)
		}
		at(0, l.sid).SetData(nil)
		c.ws.Close()
		rigs[0].gone()
		rigs[1].rejoin(l)
		if v, ok := DataOf[profile](at(1, l.sid)); ok {
			t.Errorf("the data is %v", v)
		}
	})
}

func first[T any](v T, _ bool) T { return v }

// A client that comes back while its node takes the connection for alive is let in: that
// node ends the socket, once, and what its functions leave comes along.
func TestTakeOverBetweenNodes(t *testing.T) {
	for _, to := range []int{0, 1} {
		t.Run(fmt.Sprint("to node ", to), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var ends atomic.Int32
				var ended atomic.Bool
				rigs := keepers(t, &clustertest.Network{}, Recovery{}, func(i int, srv *Server) {
					srv.Of("/").OnDisconnect(func(_ context.Context, s *Socket, reason DisconnectReason) {
						if ended.Load() {
							return
						}
						if ends.Add(1); reason != Replaced || !errors.Is(context.Cause(s.Context()), errTakenOver) {
							t.Errorf("ended with %q, %v", reason, context.Cause(s.Context()))
						}
						time.Sleep(time.Second) // a handler takes its time
						s.SetData("final")
					})
				})
				l := &lostClient{}
				c, _ := rigs[0].rejoin(l)
				sid := l.sid
				s, _ := rigs[0].Of("/").Socket(ID(sid))
				s.SetData("early")
				if err := s.Join("red"); err != nil {
					t.Fatal(err)
				}
				emit(t, s, "seen")
				l.want(c, `42["seen"]`)
				emit(t, s, "not seen") // lies in the dead connection
				c2, missed := rigs[to].rejoin(l)
				if !slices.Equal(missed, []string{`42["not seen"]`}) || l.sid != sid || ends.Load() != 1 {
					t.Errorf("missed %q, came back as %s, was %s, %d ends", missed, l.sid, sid, ends.Load())
				}
				again, _ := rigs[to].Of("/").Socket(ID(sid))
				if data, _ := DataOf[string](again); data != "final" || !slices.Contains(again.Rooms(), "red") {
					t.Errorf("came back with %q in %v", data, again.Rooms())
				}
				if n := rigs[0].Stats().Sockets + rigs[1].Stats().Sockets; n != 1 {
					t.Errorf("%d sockets", n)
				}
				emit(t, again, "last")
				l.want(c2, `42["last"]`)
				ended.Store(true)
			})
		})
	}
}

// A connection that breaks while the client is being let in costs nothing: the next one
// continues the same session.
func TestACutDuringTheReturn(t *testing.T) {
	for _, where := range []string{"restore", "use", "reply"} {
		t.Run(where, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var hold atomic.Bool
				network := &clustertest.Network{}
				rigs := keepers(t, network, Recovery{}, func(i int, srv *Server) {
					srv.Of("/").Use(func(ctx context.Context, s *Socket) error {
						if hold.Load() && i == 1 {
							<-ctx.Done()
						}
						return nil
					})
				})
				l, sid := rigs[0].leaves()
				if err := rigs[1].Of("/").Emit(t.Context(), "missed"); err != nil {
					t.Error(err)
				}
				hold.Store(where == "use")
				if where == "restore" { // node 1 hears what is kept late, and waits for it
					network.Freeze(true)
					if err := rigs[0].Of("/").Emit(t.Context(), "late"); err != nil {
						t.Error(err)
					}
				}
				cut := rigs[1].dial()
				cut.send(`40{"pid":"` + l.pid + `","offset":"` + l.offset + `"}`)
				if where == "reply" {
					cut.read() // the event, and not the reply
				} else {
					time.Sleep(time.Second)
				}
				cut.ws.Close()
				synctest.Wait()
				hold.Store(false)
				network.Freeze(false)
				want := []string{`42["missed"]`}
				if where == "restore" {
					want = append(want, `42["late"]`)
				}
				for _, r := range rigs {
					r.gone()
				}
				if _, missed := rigs[0].rejoin(l); l.sid != sid || !slices.Equal(missed, want) {
					t.Errorf("came back as %s, was %s, with %q", l.sid, sid, missed)
				}
			})
		})
	}
}

// A client that has seen all there was for it continues, also when so much was said in
// other namespaces since that the stream no longer has what it saw last.
func TestRecoveryBesideABusyNamespace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := &clustertest.Network{}
		rigs := keepers(t, network, Recovery{}, func(_ int, srv *Server) { srv.Of("/busy") })
		l := &lostClient{}
		c, _ := rigs[0].rejoin(l)
		sid := l.sid
		if err := rigs[1].Of("/").Emit(t.Context(), "seen"); err != nil {
			t.Error(err)
		}
		l.want(c, `42["seen"]`)
		for range 20 {
			if err := rigs[1].Of("/busy").Emit(t.Context(), "busy"); err != nil {
				t.Error(err)
			}
		}
		synctest.Wait()
		network.Trim(5)
		c.ws.Close()
		rigs[0].gone()
		if err := rigs[1].Of("/").Emit(t.Context(), "missed"); err != nil {
			t.Error(err)
		}
		if _, missed := rigs[1].rejoin(l); l.sid != sid || !slices.Equal(missed, []string{`42["missed"]`}) {
			t.Errorf("came back as %s, was %s, with %q", l.sid, sid, missed)
		}
	})
}

// What cannot be continued begins anew, without an error.
func TestNotRecoveredInACluster(t *testing.T) {
	for name, spoil := range map[string]func(network *clustertest.Network, r *rig, l *lostClient){
		"trimmed":       func(network *clustertest.Network, _ *rig, _ *lostClient) { network.Trim(0) },
		"no such pid":   func(_ *clustertest.Network, _ *rig, l *lostClient) { l.pid = strings.Repeat("x", 20) },
		"no offset":     func(_ *clustertest.Network, _ *rig, l *lostClient) { l.offset = "hello" },
		"of the future": func(_ *clustertest.Network, _ *rig, l *lostClient) { l.offset = "1000-99" },
		"too many": func(_ *clustertest.Network, r *rig, _ *lostClient) {
			for range 11 {
				r.Of("/").Emit(r.t.Context(), "e")
			}
		},
		"too long": func(*clustertest.Network, *rig, *lostClient) { time.Sleep(3 * time.Minute) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				network := &clustertest.Network{}
				rigs := keepers(t, network, Recovery{Packets: 10}, nil)
				l, sid := rigs[0].leaves()
				if err := rigs[0].Of("/").Emit(t.Context(), "missed"); err != nil {
					t.Error(err)
				}
				spoil(network, rigs[0], l)
				synctest.Wait()
				if _, missed := rigs[1].rejoin(l); l.sid == sid || len(missed) != 0 {
					t.Errorf("came back as %s with %q", l.sid, missed)
				}
			})
		})
	}
}

// While the network is slow this node's sockets are served at once. What was sent without
// a place keeps a client from continuing where that is not certain, and comes once.
func TestASlowNetworkAndRecovery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := &clustertest.Network{}
		rigs := keepers(t, network, Recovery{}, nil)
		here := rigs[0].Of("/")
		var lost [3]lostClient
		var clients [3]*client
		for i := range lost {
			clients[i], _ = rigs[0].rejoin(&lost[i])
		}
		all := func(events ...string) {
			t.Helper()
			for i, c := range clients {
				if c != nil {
					lost[i].want(c, events...)
				}
			}
		}
		emitAll := func(event string, most time.Duration) {
			t.Helper()
			begun := time.Now()
			if err := here.Emit(t.Context(), event); err != nil {
				t.Error(err)
			}
			if took := time.Since(begun); took > most {
				t.Errorf("%s took %v", event, took)
			}
		}
		emitAll("one", 0)
		all(`42["one"]`)
		network.Freeze(true)
		emitAll("two", time.Second)
		emitAll("three", 0) // once it is known to be slow nobody waits
		all(`42["two"]`, `42["three"]`)
		clients[0].ws.Close()
		clients[0] = nil
		synctest.Wait()
		network.Freeze(false)
		synctest.Wait()
		emitAll("four", 0)
		all(`42["four"]`)
		clients[1].ws.Close()
		synctest.Wait()
		emitAll("five", 0)
		sids := [2]string{lost[0].sid, lost[1].sid}
		if _, missed := rigs[1].rejoin(&lost[0]); lost[0].sid == sids[0] || len(missed) != 0 {
			t.Errorf("the client that may have seen two and three came back with %q", missed)
		}
		if _, missed := rigs[1].rejoin(&lost[1]); lost[1].sid != sids[1] || !slices.Equal(missed, []string{`42["five"]`}) {
			t.Errorf("the client that has seen four came back as new: %v, with %q", lost[1].sid != sids[1], missed)
		}
		lost[2].want(clients[2], `42["five"]`)
		emitAll("six", 0)
		lost[2].want(clients[2], `42["six"]`) // and nothing twice in between
	})
}

// A node that shuts down leaves its clients to the others.
func TestShutdownLeavesClients(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rigs := keepers(t, &clustertest.Network{}, Recovery{}, nil)
		l := &lostClient{}
		c, _ := rigs[0].rejoin(l)
		sid := l.sid
		s, _ := rigs[0].Of("/").Socket(ID(sid))
		s.SetData(profile{"Ada", 7})
		emit(t, s, "seen")
		l.want(c, `42["seen"]`)
		if err := rigs[0].Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		if err := rigs[1].Of("/").Emit(t.Context(), "missed"); err != nil {
			t.Error(err)
		}
		if _, missed := rigs[1].rejoin(l); l.sid != sid || !slices.Equal(missed, []string{`42["missed"]`}) {
			t.Errorf("came back as %s with %q", l.sid, missed)
		}
	})
}

// A child that no node has comes again for a client that comes back to it.
func TestRecoveryInAChildOfAnotherNode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rigs := keepers(t, &clustertest.Network{}, Recovery{}, func(i int, srv *Server) {
			srv.OfPattern(regexp.MustCompile("^/m/"))
			srv.OfFunc(func(_ context.Context, name string, _ json.RawMessage) bool { return strings.HasPrefix(name, "/f/") })
		})
		for _, name := range []string{"/m/1", "/f/1"} {
			c := rigs[0].dial()
			c.send("40" + name + ",")
			reply := regexp.MustCompile(`"sid":"(.*)","pid":"(.*)"`).FindStringSubmatch(c.read())
			n := rigs[0].Namespaces()
			if err := n[slices.IndexFunc(n, func(n *Namespace) bool { return n.Name() == name })].Emit(t.Context(), "seen"); err != nil {
				t.Error(err)
			}
			l := &lostClient{}
			l.see(c.read())
			c.ws.Close()
			rigs[0].gone()
			back := rigs[1].dial()
			back.send(`40` + name + `,{"pid":"` + reply[2] + `","offset":"` + l.offset + `"}`)
			if got := back.read(); !strings.Contains(got, reply[1]) {
				t.Errorf("came back with %s, was %s", got, reply[1])
			}
			back.ws.Close()
			rigs[1].gone()
		}
	})
}

// Events of all nodes, to rooms and to single sockets, reach a client that is away again
// and again: each once, in one order.
func TestComingAndGoing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := &clustertest.Network{Config: cluster.Config{}}
		rigs := keepers(t, network, Recovery{}, nil)
		l := &lostClient{}
		c, _ := rigs[0].rejoin(l)
		sid := l.sid
		stop := make(chan struct{})
		over := sync.OnceFunc(func() { close(stop) })
		defer over()
		done := make(chan int, 2)
		for i, r := range rigs {
			go func() {
				count := 0
				for ; ; count++ {
					select {
					case <-stop:
						done <- count
						return
					default:
					}
					r.Of("/").Emit(context.Background(), fmt.Sprint("node ", i), count)
					time.Sleep(3 * time.Millisecond)
				}
			}()
		}
		var got []string
		for turn := range 20 {
			for range 7 {
				got = append(got, l.see(c.read()))
			}
			c.ws.Close()
			if turn%3 == 0 {
				time.Sleep(10 * time.Millisecond)
			}
			var missed []string
			c, missed = rigs[(turn+1)%2].rejoin(l)
			got = append(got, missed...)
			if l.sid != sid {
				t.Fatalf("turn %d: came back as another", turn)
			}
		}
		over()
		counts := []int{<-done, <-done}
		if err := rigs[0].Of("/").Emit(t.Context(), "end"); err != nil {
			t.Error(err)
		}
		for got[len(got)-1] != `42["end"]` {
			got = append(got, l.see(c.read()))
		}
		eachOnce(t, got[:len(got)-1], counts)
	})
}

// eachOnce checks that a client got all that two nodes emitted, that of each in its order.
func eachOnce(t *testing.T, got []string, counts []int) {
	t.Helper()
	next := [2]int{}
	for _, event := range got {
		var node, number int
		if _, err := fmt.Sscanf(event, `42["node %d",%d]`, &node, &number); err != nil || number != next[node] {
			t.Fatalf("got %s, want number %d", event, next[node])
		}
		next[node]++
	}
	if next[0]+next[1] != counts[0]+counts[1] {
		t.Errorf("got %v of %v", next, counts)
	}
}
