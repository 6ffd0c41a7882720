// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"weak"

	"github.com/gorilla/websocket"
)

// park lets a client join rooms and go.
func (r *rig) park(l *lostClient, rooms ...Room) {
	r.t.Helper()
	c, _ := r.rejoin(l)
	s, _ := r.Of("/").Socket(ID(l.sid))
	if err := s.Join(rooms...); err != nil {
		r.t.Fatal(err)
	}
	c.ws.Close()
	synctest.Wait()
}

// away returns how many presences are kept for clients that are away, and their bytes.
func (r *rig) away() (presences, bytes int) {
	r.recoveries.mu.Lock()
	defer r.recoveries.mu.Unlock()
	return r.recoveries.away.Len(), r.recoveries.bytes
}

// Clients that are away share a budget, and whoever left first gives way. Attempts that
// fail change nothing about the order.
func TestPresencesAreBoundedInBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rooms := make([]Room, 20)
		for i := range rooms {
			rooms[i] = Room(fmt.Sprintf("%02d%s", i, strings.Repeat("x", 98)))
		}
		a := &returns{}
		r := recoverable(t, Recovery{SessionBudget: 10_000}, func(n *Namespace) { n.Use(a.use) })
		clients := make([]*lostClient, 8) // of 3,000 bytes each
		first := make([]string, len(clients))
		for i := range clients {
			clients[i] = &lostClient{}
			r.park(clients[i], rooms...)
			first[i] = clients[i].sid
			if n, bytes := r.away(); bytes > 10_000 || n > 3 {
				t.Errorf("%d presences of %d bytes are kept", n, bytes)
			}
			time.Sleep(time.Second)
			if i == 5 { // the oldest of 3, 4 and 5: it stays so
				<-r.attempt(a, clients[3], attemptDies).entered
				synctest.Wait()
			}
		}
		for i, l := range clients {
			r.rejoin(l)
			if back := l.sid == first[i]; back != (i >= 5) {
				t.Errorf("client %d came back: %v", i, back)
			}
		}
		if n, bytes := r.away(); n != 0 || bytes != 0 {
			t.Errorf("%d presences of %d bytes are kept though all are back", n, bytes)
		}
	})
}

// The last client that may come back to a child gives way to others: then the child
// goes.
func TestAChildGoesWithItsLastPresence(t *testing.T) {
	for _, rec := range []Recovery{{Sessions: 1}, {SessionBudget: presenceOverhead + 100}} {
		synctest.Test(t, func(t *testing.T) {
			var p *ParentNamespace
			r := newRig(t, Config{Recovery: &rec}, func(srv *Server) {
				srv.Of("/")
				p = srv.OfPattern(regexp.MustCompile("^/dyn"))
			})
			c := r.dial()
			c.send("40/dyn,")
			synctest.Wait()
			c.ws.Close()
			synctest.Wait()
			if len(p.Children()) != 1 {
				t.Fatal("the child went before its client could return")
			}
			r.park(&lostClient{})
			if n, _ := r.away(); n != 1 || len(p.Children()) != 0 {
				t.Errorf("%d presences, %d children", n, len(p.Children()))
			}
		})
	}
}

// dialWith connects with a request of about 8 KiB, half of it query.
func (r *rig) dialWith() *client {
	r.t.Helper()
	d := websocket.Dialer{NetDialContext: r.l.DialContext}
	long := strings.Repeat("x", 4000)
	ws, res, err := d.Dial("ws://test/socket.io/?EIO=4&transport=websocket&long="+long, http.Header{"Cookie": {"a=" + long}})
	if err != nil {
		r.t.Fatal(err)
	}
	res.Body.Close()
	c := &client{r.t, ws} // no Cleanup, which would keep it
	c.read()
	return c
}

// What is kept of clients that are away is about what it counts for, and nothing of
// their connections.
func TestWhatAPresenceHolds(t *testing.T) {
	for _, rooms := range []int{0, 5, 40} {
		t.Run(fmt.Sprint(rooms), func(t *testing.T) {
			r := recoverable(t, Recovery{}, func(n *Namespace) {
				n.Use(func(_ context.Context, s *Socket) error {
					for i := range rooms {
						if err := s.Join(Room(fmt.Sprintf("%d %s", i, s.ID()))); err != nil {
							return err
						}
					}
					return nil
				})
			})
			visit := func(clients int) {
				for range clients {
					c := r.dialWith()
					c.send(`40{"long":"` + strings.Repeat("x", 8000) + `"}`)
					c.read()
					c.ws.Close()
				}
				r.settled(t, 0)
				eventually(t, "the end of all sessions", func() bool { return r.Stats().Sessions == 0 })
			}
			visit(50) // fills the pools
			before := inUse()
			const clients = 500
			visit(clients)
			held := (inUse() - before) / clients
			_, bytes := r.away()
			counted := bytes / (clients + 50)
			t.Logf("%d bytes count, %d are held", counted, held)
			if held > counted*5/4+200 {
				t.Errorf("a client that is away holds %d bytes, and counts for %d", held, counted)
			}
		})
	}
}

// Nobody keeps a socket that has gone: neither its presence, nor the attempts that died,
// nor the socket that continues it, whatever the application bound to it.
func TestNothingKeepsALostSocket(t *testing.T) {
	a := &returns{}
	r := recoverable(t, Recovery{}, func(n *Namespace) {
		n.Use(a.use)
		n.OnConnect(func(_ context.Context, s *Socket) { s.bind(&struct{ s *Socket }{s}) })
	})
	l := &lostClient{}
	var gone []weak.Pointer[Socket]
	come := func() *client {
		c := r.attempt(a, l, attemptOK).c
		if err := l.comeBack(c); err != nil {
			t.Fatal(err)
		}
		s, _ := r.Of("/").Socket(ID(l.sid))
		gone = append(gone, weak.Make(s))
		return c
	}
	collected := func(n int) {
		t.Helper()
		eventually(t, "nobody keeps the lost sockets", func() bool {
			runtime.GC()
			for _, s := range gone[:n] {
				if s.Value() != nil {
					return false
				}
			}
			return true
		})
	}
	first := come()
	first.ws.Close()
	r.settled(t, 0)
	collected(1)                                                  // away
	for i, died := range []bool{true, false, false, true, true} { // an attempt before this one
		if died {
			<-r.attempt(a, l, attemptDies).entered
		}
		c := come()
		r.settled(t, 1)
		collected(1 + i) // all but the one that is there
		if i%2 == 0 {
			c.ws.Close()
			r.settled(t, 0)
		} // else it is taken over
	}
}
