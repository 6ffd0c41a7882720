// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// R193: a client may leave and join as fast as it likes. Sockets that left and whose
// functions are about to run slow it down, but do not count against its namespaces.
func TestLeaveAndJoinLoop(t *testing.T) {
	for _, recovery := range []*Recovery{nil, {}} {
		for _, limit := range []int{1, 2, 32} {
			t.Run(fmt.Sprint(limit, " recovery ", recovery != nil), func(t *testing.T) {
				const rounds = 500
				var connects, disconnects atomic.Int32
				r := newRig(t, Config{Recovery: recovery, Limits: Limits{Namespaces: limit}}, func(srv *Server) {
					for _, name := range []string{"/a", "/b"} {
						n := srv.Of(name)
						n.OnConnect(func(context.Context, *Socket) { connects.Add(1) })
						n.OnDisconnect(func(context.Context, *Socket, DisconnectReason) {
							time.Sleep(100 * time.Microsecond)
							disconnects.Add(1)
						})
					}
				})
				c := r.dial()
				sent := make(chan struct{})
				go func() {
					defer close(sent)
					for i := range rounds {
						name := []string{"/a", "/b"}[i%2]
						c.send("40"+name+",", "41"+name+",")
					}
				}()
				for i := range rounds {
					want := fmt.Sprintf("40/%c,", 'a'+i%2)
					if got := c.read(); len(got) < len(want) || got[:len(want)] != want {
						t.Fatalf("CONNECT %d answered with %s", i, got)
					}
				}
				<-sent
				eventually(t, "every socket has ended", func() bool { return disconnects.Load() == rounds })
				if n := connects.Load(); n != rounds {
					t.Errorf("%d sockets connected, want %d", n, rounds)
				}
				c.send("40/alive,")
				if got := c.read(); !strings.HasPrefix(got, "40/alive,") {
					t.Errorf("got %s", got)
				}
			})
		}
	}
}

// R230: a client that has all the namespaces it may have, and cannot continue, starts
// anew: the socket that could not continue does not count.
func TestRestartAtTheLimit(t *testing.T) {
	r := newRig(t, Config{Recovery: &Recovery{}, Limits: Limits{Namespaces: 1}}, func(srv *Server) { srv.Of("/") })
	l := &lostClient{}
	c, _ := r.rejoin(l)
	r.lose(c)
	before := l.sid
	l.offset = "unknown"
	c, _ = r.rejoin(l)
	if l.sid == before {
		t.Error("the socket was continued from an offset that nobody gave")
	}
	c.ws.Close()
}

// The reader waits for the functions of sockets that left only so long, and not beyond
// the end of the connection.
func TestLeaversThatHang(t *testing.T) {
	hanging := func(t *testing.T) (*rig, *client, chan struct{}) {
		gate := make(chan struct{})
		r := newRig(t, Config{Limits: Limits{Namespaces: 2}}, func(srv *Server) {
			srv.Of("/").OnDisconnect(func(context.Context, *Socket, DisconnectReason) { <-gate })
		})
		c := r.dial()
		for range 2 {
			c.join("/")
			c.send("41")
		}
		return r, c, gate
	}
	t.Run("refused", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			_, c, gate := hanging(t)
			start := time.Now()
			c.send("40")
			c.want(`44{"message":"too many namespaces"}`)
			if waited := time.Since(start); waited != leavePatience {
				t.Errorf("refused after %v, want %v", waited, leavePatience)
			}
			close(gate)
			synctest.Wait()
			c.wantOpen()
			c.ws.Close()
		})
	})
	t.Run("released", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			_, c, gate := hanging(t)
			c.send("40")
			time.Sleep(leavePatience / 2)
			close(gate)
			c.want(`40{"sid":"<SID>"}`)
			c.ws.Close()
		})
	})
	t.Run("the connection ends", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r, c, gate := hanging(t)
			c.send("40")
			synctest.Wait()
			start := time.Now()
			conn := r.newest()
			conn.slow()
			c.want("closed")
			if waited := time.Since(start); waited != 0 {
				t.Errorf("the reader went on after %v", waited)
			}
			close(gate)
			c.ws.Close()
		})
	})
	t.Run("members count", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r, c, gate := hanging(t)
			close(gate)
			synctest.Wait()
			r.Of("/b")
			c.join("/")
			c.join("/b")
			start := time.Now()
			c.send("40/alive,")
			c.want(`44/alive,{"message":"too many namespaces"}`)
			if waited := time.Since(start); waited != 0 {
				t.Errorf("refused after %v", waited)
			}
			c.ws.Close()
		})
	})
}
