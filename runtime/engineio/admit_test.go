// SPDX-License-Identifier: Apache-2.0

package engineio

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestSessionsCountUntilTheyAreGone holds that sessions which end are in the limit as
// long as the application works for them, however many came.
func TestSessionsCountUntilTheyAreGone(t *testing.T) {
	for _, lim := range []Limits{{Sessions: 5}, {SessionsPerIP: 5}} {
		for _, query := range []string{polling, wsQuery} {
			synctest.Test(t, func(t *testing.T) {
				a := newApp()
				release := make(chan struct{})
				a.receive = func(*peer, []byte, bool) { <-release }
				r := newRig(t, true, Config{Limits: lim, PingInterval: time.Hour}, a)
				var headers []string
				if query == wsQuery {
					headers = upgradeHeaders
				}
				start := time.Now()
				for i := range 40 {
					if i < 5 && query == polling {
						sid, _ := r.open()
						c := r.begin(request("POST", polling+"&sid="+sid, "4stuck\x1e4x"))
						synctest.Wait()
						r.post(sid, "1") // a second POST ends the session
						c.Close()
					} else if i < 5 {
						c := r.rawWS("")
						p := r.opened()
						c.write(frame(0x81, true, "4stuck"))
						synctest.Wait()
						p.Close(ForcedClose)
						c.Close()
					} else if a := r.do("GET", query, "", headers...); a.status != 503 {
						t.Errorf("session %d: %v", i, a)
					}
					synctest.Wait()
					if n := r.kept(); n > 5 {
						t.Errorf("%d sessions live after %d", n, i)
					}
				}
				if st := r.srv.Stats(); st.Open != 0 || st.Ending != 5 {
					t.Errorf("%d open, %d ending", st.Open, st.Ending)
				}
				if d := time.Since(start); d > 5*roomWait+time.Second {
					t.Errorf("the refused ones waited %v", d)
				}
				close(release)
				synctest.Wait()
				if st := r.srv.Stats(); st.Ending != 0 || len(r.srv.addresses) != 0 || r.srv.ending.Len() != 0 {
					t.Errorf("%d ending, %d addresses, %d listed", st.Ending, len(r.srv.addresses), r.srv.ending.Len())
				}
				r.open()
			})
		}
	}
}

// TestEndingSessionsGiveWay holds that a client may come back at once, though what it
// left waits half a minute for a peer that has gone.
func TestEndingSessionsGiveWay(t *testing.T) {
	for _, lim := range []Limits{{Sessions: 2}, {SessionsPerIP: 2}} {
		eachTransport(t, func(t *testing.T, kind transportKind) {
			r := newRig(t, true, Config{Limits: lim, PingInterval: time.Hour}, newApp())
			first, p := r.connect(kind)
			defer first.close()
			second, q := r.connect(kind)
			defer second.close()
			start := time.Now()
			for i := range 20 {
				_ = p.text("unread")
				p.Close(ForcedClose) // the client does not come for it, nor answer the Close frame
				synctest.Wait()
				if n := r.kept(); n != 2 {
					t.Fatalf("%d sessions, want the ending one and the other", n)
				}
				if kind == "polling" {
					_, p = r.open()
					continue
				}
				l, next := r.connect(kind)
				defer l.close()
				p = next
				if d := time.Since(start); d > 100*time.Millisecond*time.Duration(i+1) {
					t.Fatalf("session %d took %v", i, d)
				}
			}
			q.wantOpen(t)
			p.wantOpen(t)
			if a := r.do("GET", polling, ""); a.status != 503 {
				t.Errorf("with two open sessions: %v", a)
			}
		})
	}
}

// TestOldestGivesWay holds the order, and that each makes room for one.
func TestOldestGivesWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, true, Config{Limits: Limits{Sessions: 3}}, newApp())
		var list []*peer
		for range 3 {
			_, p := r.open()
			list = append(list, p)
		}
		for _, i := range []int{1, 0, 2} {
			_ = list[i].text("unread")
			list[i].Close(ForcedClose)
			time.Sleep(time.Second)
		}
		for n, i := range []int{1, 0, 2} {
			r.open()
			if r.srv.lookup(list[i].ID()) != nil || r.kept() != 3 {
				t.Errorf("after %d new ones, %d are there", n+1, r.kept())
			}
		}
		if a := r.do("GET", polling, ""); a.status != 503 {
			t.Errorf("a fourth: %v", a)
		}
	})
}

// TestCrowdAtTheDoor holds the limit while many clients come and go at once.
func TestCrowdAtTheDoor(t *testing.T) {
	const limit = 8
	r := newRig(t, false, Config{Limits: Limits{Sessions: limit, SessionsPerIP: limit - 1}}, newApp())
	var wg sync.WaitGroup
	stop := make(chan struct{})
	wg.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
			}
			if n := r.kept(); n > limit-1 {
				t.Errorf("%d sessions", n)
				return
			}
		}
	})
	var clients sync.WaitGroup
	for range 20 {
		clients.Go(func() {
			for range 30 {
				switch a := r.do("GET", polling, ""); a.status {
				case 200:
					p := r.app.peer(a.body[9:29])
					_ = p.text("unread")
					p.Close(ForcedClose)
				case 503:
				default:
					t.Error(fmt.Sprint(a))
				}
			}
		})
	}
	clients.Wait()
	close(stop)
	wg.Wait()
}
