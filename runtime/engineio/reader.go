// SPDX-License-Identifier: Apache-2.0

package engineio

import (
	"sync/atomic"
	"time"

	"github.com/sockgen/sockgen/runtime/eiowire"
)

// A reader is the goroutine that reads a session's WebSocket. It also runs what the
// application does with a message, see [Session.RunAttached]; should that take
// long, another reader goes on reading in its place.
type reader struct {
	ws       *wsConn
	attached bool        // it runs a function of the application; guarded by Session.mu
	since    time.Time   // when that began, if the timer was armed before; guarded by Session.mu
	replaced atomic.Bool // another one reads; written under Session.mu
}

// patience is how long a reader may be busy with the application until another one
// takes its place. Whatever the peer sends meanwhile waits that long at most.
const patience = time.Millisecond

// RunAttached calls f on the goroutine that called Receive, which alone may call it,
// and returns true. What f sends is written when the goroutine next has to wait for
// the peer: neither f nor its output costs a goroutine or a hand-over between two.
//
// f may take as long as it likes. After a millisecond, or as soon as Detach is
// called, the session's messages are received by another goroutine; f then overlaps
// further calls of Receive, and what it sends is written at once. RunAttached
// returns false without calling f while the session polls.
func (s *Session) RunAttached(f func()) bool {
	s.mu.Lock()
	r := s.reader
	if r == nil || r.attached {
		s.mu.Unlock()
		return false
	}
	r.attached = true
	if s.armed { // for what an earlier function sent
		r.since = time.Now()
	} else {
		s.armLocked(patience)
	}
	s.mu.Unlock()
	returned := false
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		r.attached, r.since = false, time.Time{}
		switch {
		case !returned: // f called runtime.Goexit, or panicked
			s.replaceLocked(r)
		case !r.replaced.Load() && s.queue == nil: // else the timer sees to it that output is written
			s.disarmLocked()
		}
	}()
	f()
	returned = true
	return true
}

// armLocked has impatient called after d.
func (s *Session) armLocked(d time.Duration) {
	s.armed = true
	if s.impatience == nil {
		// Not the Clock's: this is about goroutines, and no peer can tell.
		s.impatience = time.AfterFunc(d, s.impatient)
	} else {
		s.impatience.Reset(d)
	}
}

func (s *Session) disarmLocked() {
	if s.armed {
		s.armed = false
		s.impatience.Stop()
	}
}

// impatient is what the timer calls: a function has run for long, or something was
// sent a while ago by one of those that ran one after the other.
func (s *Session) impatient() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.armed = false
	if r := s.reader; r != nil && r.attached {
		if left := patience - time.Since(r.since); !r.since.IsZero() && left > 0 {
			r.since = time.Time{}
			s.armLocked(left)
		} else {
			s.replaceLocked(r)
		}
	}
	s.callFlusherLocked()
}

// Detach ends what RunAttached may spare: whoever is about to wait within it for
// something that the peer sends calls Detach first. It does nothing otherwise.
func (s *Session) Detach() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.detachLocked()
}

func (s *Session) detachLocked() {
	if r := s.reader; r != nil && r.attached {
		s.replaceLocked(r)
	}
}

// attachedLocked tells whether the reader is busy, and writes what is queued when it
// is done.
func (s *Session) attachedLocked() bool { return s.reader != nil && s.reader.attached }

// replaceLocked has another goroutine go on for r.
func (s *Session) replaceLocked(r *reader) {
	if r.replaced.Swap(true) {
		return
	}
	s.disarmLocked()
	s.receivedLocked()
	next := &reader{ws: r.ws}
	s.reader = next
	s.goLocked(func() { s.read(next) })
}

// Receiving reports whether something is on its way from the peer: a message or a POST
// has begun to arrive and has not ended, or what has arrived waits for Receive to return.
// Limits.BodyRate bounds how long the former takes.
func (s *Session) Receiving() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.receiving:
		return true
	case s.ws != nil:
		return s.ws.conn.midway.Load()
	default:
		return s.post != nil
	}
}

// readLoop reads for the session until the WebSocket ends or another reader takes
// the caller's place.
func (s *Session) readLoop(ws *wsConn) {
	r := &reader{ws: ws}
	s.mu.Lock()
	s.reader = r
	s.mu.Unlock()
	s.read(r)
}

func (s *Session) read(r *reader) {
	for {
		if r.ws.empty() {
			r.ws.conn.await()
		}
		p, err := r.ws.read()
		if err != nil {
			s.wsEnded(r.ws, err)
			return
		}
		// After the session's end this goes on, without effect, until the peer's
		// Close frame comes (R76).
		s.receive(p)
		if r.replaced.Load() {
			return
		}
		if r.ws.messages == 1 || p.Type == eiowire.Pong {
			// The peer may be silent for long now, and a stack that has grown never
			// shrinks to the size of a new one.
			if r.ws.flush(); r.ws.empty() {
				s.mu.Lock()
				s.goLocked(func() { s.read(r) })
				s.mu.Unlock()
				return
			}
		}
	}
}
