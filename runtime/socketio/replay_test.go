// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"fmt"
	"regexp"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// storedIn emits an event and returns what that added to the bytes kept.
func (r *rig) storedIn(n *Namespace, size int) int {
	r.t.Helper()
	_, before := r.kept(n)
	if err := n.Emit(r.t.Context(), "e", strings.Repeat("x", size)); err != nil {
		r.t.Fatal(err)
	}
	_, after := r.kept(n)
	return after - before
}

// The budget is one for all namespaces, and the oldest events of all go first: those of
// a namespace, then those of a child of another, whoever sends.
func TestTheOldestEventsOfAllNamespacesGoFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p *ParentNamespace
		r := newRig(t, Config{Recovery: &Recovery{Budget: 100_000}}, func(srv *Server) {
			srv.Of("/old")
			srv.Of("/loud")
			p = srv.OfPattern(regexp.MustCompile("^/dyn"))
		})
		for _, ns := range []string{"/dyn1", "/dyn2"} {
			r.dial().send("40" + ns + ",")
		}
		synctest.Wait()
		old, loud, children := r.Of("/old"), r.Of("/loud"), p.Children()
		quiet := []*Namespace{old, children[0], old, children[1]} // from the oldest event on
		for _, n := range quiet {
			r.storedIn(n, 10_000)
			time.Sleep(time.Second)
		}
		counts := func() string {
			var list []int
			for _, n := range []*Namespace{old, children[0], children[1]} {
				events, _ := r.kept(n)
				list = append(list, events)
			}
			return fmt.Sprint(list)
		}
		// What is left of the quiet ones, whenever that changes.
		seen := []string{counts()}
		for range 300 {
			r.storedIn(loud, 1000)
			if got := counts(); got != seen[len(seen)-1] {
				seen = append(seen, got)
			}
			if _, used := r.kept(loud); used > 100_000 {
				t.Fatalf("%d bytes are kept", used)
			}
		}
		if got, want := strings.Join(seen, " "), "[2 1 1] [1 1 1] [1 0 1] [0 0 1] [0 0 0]"; got != want {
			t.Errorf("events of the quiet ones: %s, want %s", got, want)
		}
		if events, _ := r.kept(loud); events < 50 {
			t.Errorf("%d events of the loud one are kept", events)
		}
	})
}

// A client loses nothing over what other namespaces send as long as the budget lasts,
// and begins anew afterwards.
func TestTheBudgetIsShared(t *testing.T) {
	r := newRig(t, Config{Recovery: &Recovery{Budget: 50_000}}, func(srv *Server) { srv.Of("/"); srv.Of("/loud") })
	l := &lostClient{}
	c, _ := r.rejoin(l)
	first := l.sid
	r.lose(c)
	r.storedIn(r.Of("/"), 10)
	r.storedIn(r.Of("/loud"), 40_000)
	c, missed := r.rejoin(l)
	if l.sid != first || len(missed) != 1 {
		t.Errorf("came back as %s, was %s, with %d events", l.sid, first, len(missed))
	}
	r.lose(c)
	r.storedIn(r.Of("/"), 10)
	r.storedIn(r.Of("/loud"), 45_000)
	r.storedIn(r.Of("/loud"), 45_000)
	if _, missed = r.rejoin(l); l.sid == first || len(missed) != 0 {
		t.Errorf("came back as the same with %d events", len(missed))
	}
}

// An event that the budget cannot hold costs its own namespace's clients a new start,
// and no other's.
func TestAnEventLargerThanTheBudget(t *testing.T) {
	r := newRig(t, Config{Recovery: &Recovery{Budget: 20_000}}, func(srv *Server) { srv.Of("/"); srv.Of("/large") })
	n, large := r.Of("/"), r.Of("/large")
	r.storedIn(n, 10)
	r.storedIn(large, 10)
	r.storedIn(large, 30_000)
	if events, _ := r.kept(n); events != 1 {
		t.Errorf("%d events of another namespace are kept", events)
	}
	if events, _ := r.kept(large); events != 0 {
		t.Errorf("%d events are kept from before one that is not", events)
	}
	r.storedIn(large, 10)
	if events, _ := r.kept(large); events != 1 {
		t.Errorf("%d events are kept after it", events)
	}
}

// The events of a child that goes, and of all namespaces when the server ends, go with
// it.
func TestEventsGoWithTheirNamespace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p *ParentNamespace
		r := newRig(t, Config{Recovery: &Recovery{}}, func(srv *Server) {
			srv.Of("/")
			p = srv.OfPattern(regexp.MustCompile("^/dyn"))
		})
		c := r.dial()
		c.send("40/dyn,")
		synctest.Wait()
		child := p.Children()[0]
		r.storedIn(r.Of("/"), 10)
		_, before := r.kept(child)
		r.storedIn(child, 10)
		c.send("41/dyn,")
		synctest.Wait()
		if events, used := r.kept(child); events != 0 || used != before {
			t.Errorf("%d events of the child are kept, %d bytes, before it %d", events, used, before)
		}
		r.storedIn(child, 10) // nobody can ask for it
		if events, used := r.kept(child); events != 0 || used != before {
			t.Errorf("%d events of a child that has gone are kept", events)
		}
		if err := r.Shutdown(t.Context()); err != nil {
			t.Error(err)
		}
		if events, used := r.kept(r.Of("/")); events != 0 || used != 0 {
			t.Errorf("%d events, %d bytes are kept after the end", events, used)
		}
	})
}

// Many namespaces store, are asked and go at once.
func TestTheBudgetUnderRaces(t *testing.T) {
	const budget = 60_000
	r := newRig(t, Config{Recovery: &Recovery{Budget: budget}}, func(srv *Server) {
		srv.Of("/")
		srv.OfPattern(regexp.MustCompile("^/dyn"))
	})
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			n := r.Of(fmt.Sprint("/ns", i))
			for range 500 {
				n.Emit(t.Context(), "e", strings.Repeat("x", 50*i))
			}
		})
		wg.Go(func() {
			l := &lostClient{}
			for range 10 {
				c, _ := r.rejoin(l)
				r.Of("/").Emit(t.Context(), "e", i)
				c.ws.Close()
			}
		})
		wg.Go(func() {
			for range 10 {
				c := r.dial()
				c.send(fmt.Sprintf("40/dyn%d,", i))
				c.read()
				r.Of("/").Emit(t.Context(), "e", i)
				c.ws.Close()
			}
		})
	}
	wg.Wait()
	r.recoveries.replay.mu.Lock()
	defer r.recoveries.replay.mu.Unlock()
	sum := 0
	for place, l := range r.recoveries.replay.logs {
		if l.place != place || len(l.entries) == 0 {
			t.Errorf("%s: place %d of %d, %d events", l.ns.name, l.place, place, len(l.entries))
		}
		for _, e := range l.entries {
			sum += e.size
		}
	}
	if used := r.recoveries.replay.used; used != sum || used > budget {
		t.Errorf("%d bytes count, %d are kept", used, sum)
	}
}

// inUse returns the bytes in use once garbage is gone.
func inUse() int {
	for range 3 { // pools give up their memory in two turns
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int(m.HeapAlloc)
}

// The budget counts what is really held, also of many tiny events, of events after
// large ones, whose buffers are in the pool, and of events to many rooms.
func TestTheBudgetCountsWhatIsHeld(t *testing.T) {
	rooms := make([]Room, 50)
	for i := range rooms {
		rooms[i] = Room(fmt.Sprintf("room %02d %s", i, strings.Repeat("x", 100)))
	}
	for _, tt := range []struct {
		name string
		emit func(n *Namespace, i int) error
	}{
		{"tiny", func(n *Namespace, i int) error { return n.Emit(t.Context(), "e") }},
		{"after large ones", func(n *Namespace, i int) error {
			if i%4 == 0 {
				n.Volatile().Emit(t.Context(), "e", strings.Repeat("x", 60_000))
			}
			return n.Emit(t.Context(), "e", i)
		}},
		{"text", func(n *Namespace, i int) error { return n.Emit(t.Context(), "e", strings.Repeat("x", 700)) }},
		{"attachments", func(n *Namespace, i int) error {
			return n.Emit(t.Context(), "e", make([]byte, 100), make([]byte, 100), make([]byte, 100))
		}},
		{"rooms", func(n *Namespace, i int) error {
			own := make([]Room, len(rooms))
			for i, room := range rooms {
				own[i] = Room(strings.Clone(string(room)))
			}
			return n.To(own...).Emit(t.Context(), "e", i)
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			const budget = 4 << 20
			r := recoverable(t, Recovery{Budget: budget}, nil)
			before := inUse()
			for i := 0; ; i++ {
				_, was := r.kept(r.Of("/"))
				if err := tt.emit(r.Of("/"), i); err != nil {
					t.Fatal(err)
				}
				if _, used := r.kept(r.Of("/")); used <= was {
					break // the budget is used up
				}
			}
			events, used := r.kept(r.Of("/"))
			held := inUse() - before
			if held > used*11/10+100_000 || held < used/2 {
				t.Errorf("%d events count %d bytes and hold %d", events, used, held)
			}
			t.Logf("%d events count %d bytes and hold %d", events, used, held)
		})
	}
}
