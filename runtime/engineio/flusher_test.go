// SPDX-License-Identifier: Apache-2.0

package engineio

import (
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// More peers than there are flushers do not read: the others get theirs, and the
// stuck ones too once they read.
func TestStuckPeersKeepNoFlusher(t *testing.T) {
	r := newRig(t, false, Config{Limits: Limits{QueueHardBytes: 16 << 20}}, newApp())
	type one struct {
		c *wsClient
		p *peer
	}
	connect := func(n int) []one {
		list := make([]one, n)
		for i := range list {
			list[i].c, list[i].p = r.openWS()
			t.Cleanup(func() { list[i].c.Close() })
		}
		return list
	}
	stuck, well := connect(2*runtime.GOMAXPROCS(0)+1), connect(50)
	const messages = 200
	for _, o := range stuck { // with messages that are copied next to their headers, and one that is not
		for i := range messages {
			size := copyLimit / 2
			if i == messages/2 {
				size = 4 << 20
			}
			if err := o.p.text(fmt.Sprint(i, strings.Repeat("x", size))); err != nil {
				t.Fatal(err)
			}
		}
	}
	for i := range 20 {
		text := fmt.Sprint("message ", i)
		for _, o := range well {
			if err := o.p.text(text); err != nil {
				t.Fatal(err)
			}
		}
		for _, o := range well {
			o.c.want("4" + text)
		}
	}
	for _, o := range stuck {
		for i := range messages {
			if got, want := o.c.read(), fmt.Sprint("4", i, "x"); !strings.HasPrefix(got, want) {
				t.Fatalf("message %.10q, want %q…", got, want)
			}
		}
	}
}

// Every session that is due is written, in any number, from many senders at once, and
// no flusher stays.
func TestFlushersWriteWhatIsDue(t *testing.T) {
	for _, mem := range []bool{true, false} {
		r := newRig(t, mem, Config{}, newApp())
		const peers, senders, each = 40, 4, 100
		var all []*peer
		var readers sync.WaitGroup
		for range peers {
			c, p := r.openWS()
			t.Cleanup(func() { c.Close() })
			all = append(all, p)
			readers.Go(func() {
				next := [senders]int{}
				for range senders * each {
					var sender, n int
					got := c.read()
					if _, err := fmt.Sscanf(got, "4%d %d", &sender, &n); err != nil || n != next[sender] {
						t.Errorf("message %q, want number %d of its sender", got, next[sender])
						return
					}
					next[sender]++
				}
			})
		}
		for sender := range senders {
			readers.Go(func() {
				for n := range each {
					for _, p := range all {
						if err := p.text(fmt.Sprint(sender, n)); err != nil {
							t.Error(err)
						}
					}
				}
			})
		}
		readers.Wait()
		r.srv.flushers.wg.Wait()
		f := &r.srv.flushers
		f.mu.Lock()
		if f.first != nil || f.last != nil || f.waiting != 0 || f.working != 0 {
			t.Errorf("in the end %d sessions are due to %d flushers", f.waiting, f.working)
		}
		f.mu.Unlock()
	}
}

// There are no more flushers than processors, and one while few sessions are due.
func TestFlushersAreFew(t *testing.T) {
	const processors = 3
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(processors))
	f := &flushers{}
	counts := func() (working, waiting int) {
		f.mu.Lock()
		defer f.mu.Unlock()
		return f.working, f.waiting
	}
	sessions := make([]Session, 100)
	for i := range sessions {
		sessions[i].mu.Lock() // whoever comes for it waits
		sessions[i].tasks = 2 // one of which never ends
		f.add(&sessions[i])
		if n, _ := counts(); n < 1 || n > processors || i < perFlusher && n > 1 {
			t.Errorf("%d flushers for %d sessions", n, i+1)
		}
	}
	for working, waiting := counts(); working != processors || waiting != len(sessions)-processors; working, waiting = counts() {
		time.Sleep(time.Millisecond)
	}
	for i := range sessions {
		sessions[i].mu.Unlock()
	}
	f.wg.Wait()
	for i := range sessions {
		if sessions[i].tasks != 1 {
			t.Errorf("session %d was visited %d times", i, 2-sessions[i].tasks)
		}
	}
}

// A flusher that leaves is replaced at once, and leaves once only.
func TestFlusherLeaves(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	f := &flushers{working: 1}
	one := &flusher{all: f}
	var s Session
	s.tasks = 2
	f.add(&s)
	if f.waiting != 1 || f.working != 1 {
		t.Errorf("%d sessions wait for %d flushers, want one of each", f.waiting, f.working)
	}
	one.leave()
	one.leave()
	f.wg.Wait()
	if s.tasks != 1 || f.working != 0 || f.waiting != 0 {
		t.Errorf("%d tasks, %d flushers, %d sessions wait", s.tasks, f.working, f.waiting)
	}
	var none *flusher
	none.leave() // a writer that is no flusher
}
