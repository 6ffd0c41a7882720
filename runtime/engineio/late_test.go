// SPDX-License-Identifier: Apache-2.0

package engineio

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// A lateClock tells the time, but its timers fire only when fire is called.
type lateClock struct {
	mu  sync.Mutex // guards what follows
	now time.Time
	fs  []func()
}

type noTimer struct{}

func (noTimer) Stop() bool               { return true }
func (noTimer) Reset(time.Duration) bool { return true }

func (c *lateClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *lateClock) AfterFunc(_ time.Duration, f func()) Timer {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.fs = append(c.fs, f)
	return noTimer{}
}

func (c *lateClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// fire runs every timer's function, whether it is due or not.
func (c *lateClock) fire() {
	c.mu.Lock()
	fs := c.fs
	c.mu.Unlock()
	for _, f := range fs {
		f()
	}
}

// TestLateTimerAndRequests holds R103 and R104 when the timer has not fired: a GET after
// the deadline is told so. A pong is heard, since it may have come in time.
func TestLateTimerAndRequests(t *testing.T) {
	for _, tt := range []struct {
		name    string
		after   time.Duration
		request func(r *rig, sid string) reply
		want    string // the answer's body
	}{
		{"GET in time", 499 * time.Millisecond, func(r *rig, sid string) reply { return r.get(sid) }, "2"},
		{"POST in time", 499 * time.Millisecond, func(r *rig, sid string) reply { return r.post(sid, "3") }, "ok"},
		{"GET", 500 * time.Millisecond, func(r *rig, sid string) reply { return r.get(sid) }, body1},
		{"POST of a pong", 500 * time.Millisecond, func(r *rig, sid string) reply { return r.post(sid, "3") }, "ok"},
		{"upgrade", 500 * time.Millisecond, func(r *rig, sid string) reply {
			return r.do("GET", wsQuery+"&sid="+sid, "", upgradeHeaders...)
		}, "Session ID unknown"},
		{"much later", time.Hour, func(r *rig, sid string) reply { return r.get(sid) }, body1},
	} {
		for _, pinged := range []bool{true, false} { // whether the first of the two timers was late too
			t.Run(tt.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					clock := &lateClock{now: time.Unix(1000, 0)}
					r := newRig(t, true, Config{PingInterval: 300 * time.Millisecond, PingTimeout: 200 * time.Millisecond, Clock: clock}, newApp())
					sid, p := r.open()
					synctest.Wait() // the heartbeat begins behind the answer
					clock.advance(300 * time.Millisecond)
					if pinged {
						clock.fire()
						synctest.Wait() // for the ping
					}
					clock.advance(tt.after - 300*time.Millisecond)
					if a := tt.request(r, sid); a.body != tt.want {
						t.Errorf("answer %v, want %q", a, tt.want)
					}
					synctest.Wait()
					if tt.after < 500*time.Millisecond || tt.want == "ok" {
						p.wantOpen(t)
						return
					}
					p.wantClosed(t, PingTimeout)
					if len(p.messages()) != 0 {
						t.Error("a message was delivered")
					}
					clock.fire() // finds it done
					p.wantClosed(t, PingTimeout)
				})
			})
		}
	}
}

// TestLateTimerAndFrames holds the same for WebSocket.
func TestLateTimerAndFrames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := &lateClock{now: time.Unix(1000, 0)}
		r := newRig(t, true, Config{Clock: clock}, newApp())
		c, p := r.openWS()
		defer c.Close()
		clock.advance(25 * time.Second)
		clock.fire()
		c.want("2")
		clock.advance(21 * time.Second)
		c.send("3")
		synctest.Wait()
		clock.fire()
		p.wantOpen(t)
	})
}

// TestLateTimerWhileReceiveBlocks holds that a pong which could not be read in time is
// none of the peer's fault, late timer or not.
func TestLateTimerWhileReceiveBlocks(t *testing.T) {
	for _, kind := range []transportKind{"websocket", "upgrade"} {
		for _, fires := range []bool{true, false} {
			synctest.Test(t, func(t *testing.T) {
				clock := &lateClock{now: time.Unix(1000, 0)}
				a := newApp()
				release := make(chan struct{})
				a.receive = func(_ *peer, data []byte, _ bool) {
					if string(data) == "block" {
						<-release
					}
				}
				r := newRig(t, true, Config{Clock: clock}, a)
				l, p := r.connect(kind)
				defer l.close()
				clock.advance(25 * time.Second)
				clock.fire()
				l.want("2")
				l.send("4block")
				l.send("3")
				l.send("4after")
				synctest.Wait()
				clock.advance(50 * time.Second)
				if fires {
					clock.fire()
				}
				close(release)
				synctest.Wait()
				p.wantOpen(t)
				if got := len(p.messages()); got != 2 {
					t.Errorf("%d messages, want 2", got)
				}
			})
		}
	}
}

// TestLateTimerAndUpgrade has the upgrade's timer fire when it has just been set again:
// the client's POST took as long as an upgrade may, and ended before the timer got the
// lock. The client gets its time to move all the same.
func TestLateTimerAndUpgrade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		clock := &lateClock{now: time.Unix(1000, 0)}
		a := newApp()
		release := make(chan struct{})
		a.receive = func(_ *peer, data []byte, _ bool) {
			if string(data) == "block" {
				<-release
			}
		}
		r := newRig(t, true, Config{Clock: clock}, a)
		sid, p, c := r.probing()
		defer c.Close()
		posted := make(chan reply, 1)
		go func() { posted <- r.post(sid, "4block") }()
		synctest.Wait()
		clock.advance(10 * time.Second)
		close(release)
		(<-posted).want(t, 200, "ok")
		synctest.Wait()
		clock.fire()
		c.send("5")
		c.send("4moved")
		synctest.Wait()
		if got := p.messages(); len(got) != 2 {
			t.Errorf("got %q", got)
		}
	})
}
