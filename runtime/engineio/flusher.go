// SPDX-License-Identifier: Apache-2.0

package engineio

import (
	"runtime"
	"sync"
)

// The flushers of a server write what its sessions have queued when nobody else is
// about to: a broadcast makes thousands of sessions due at once, and a goroutine for
// each of them, with a stack that its first write has to grow, would cost more than
// the writing. There are no more flushers than processors, and none while nothing is
// due. A flusher never waits for a peer: should a write have to, the flusher leaves
// the others to a new one and finishes that session alone.
type flushers struct {
	mu          sync.Mutex // guards what follows; nothing is locked while holding it
	first, last *Session   // due, linked by Session.due
	waiting     int        // how many are due
	working     int        // flushers that will come for them
	wg          sync.WaitGroup
}

// A flusher is one of them.
type flusher struct {
	all  *flushers
	left bool // it works for one session only
}

// perFlusher is how many sessions are left to a flusher before another one helps.
const perFlusher = 16

// add makes s due. Its mu is held, and its flusher and tasks count the flusher that
// will come.
func (f *flushers) add(s *Session) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.last == nil {
		f.first = s
	} else {
		f.last.due = s
	}
	f.last = s
	f.waiting++
	f.staffLocked()
}

// staffLocked sees to it that there are flushers for what is due.
func (f *flushers) staffLocked() {
	if f.waiting > f.working*perFlusher && f.working < runtime.GOMAXPROCS(0) {
		f.working++
		f.wg.Go(func() {
			runtime.Gosched() // lets the sender go on, so that one write carries more
			one := &flusher{all: f}
			for s := f.next(); s != nil; s = f.next() {
				s.flushLater(one)
				if one.left {
					return
				}
			}
		})
	}
}

// next takes the session that has been due the longest; nil ends the flusher.
func (f *flushers) next() *Session {
	f.mu.Lock()
	defer f.mu.Unlock()
	s := f.first
	if s == nil {
		f.working--
		return nil
	}
	f.first, s.due = s.due, nil
	if f.first == nil {
		f.last = nil
	}
	f.waiting--
	return s
}

// leave is called before a write that may wait for the peer.
func (f *flusher) leave() {
	if f == nil || f.left {
		return
	}
	f.left = true
	f.all.mu.Lock()
	defer f.all.mu.Unlock()
	f.all.working--
	f.all.staffLocked()
}
