// SPDX-License-Identifier: Apache-2.0

package engineio

import (
	"errors"
	"time"

	"github.com/sockgen/sockgen/runtime/eiowire"
)

type phase uint8

const (
	phaseIdle    phase = iota // the next ping is due at due
	phasePinged               // a pong is due at due
	phaseClosing              // the ending gives up at due
	phaseStopped
)

// maxStrayPongs is how many pongs nobody asked for are tolerated between two
// pings. One postpones the next ping (R102); a flood is an attack.
const maxStrayPongs = 4

// maxSuspensions is how often the wait for a pong is prolonged by the ping timeout
// because Receive blocks: after that a peer that has vanished is to be noticed.
const maxSuspensions = 2

// A heartbeat is a session's one timer and what it waits for. All of it is
// guarded by Session.mu.
type heartbeat struct {
	timer     Timer
	due       time.Time // for the present phase; the timer may fire earlier and is then set again
	pinged    time.Time // when the last ping was sent
	phase     phase
	extended  bool  // other traffic has lengthened the wait for this pong (R103)
	suspended uint8 // how often the pong was late while Receive blocked, so that it may be unread
	strays    uint8 // pongs without a ping since the last ping
	owed      uint  // pongs still due to pings that were sent while suspended
	final     bool  // the ending gives up at due, whatever the peer does
}

// start begins the schedule when the session opens.
func (h *heartbeat) start(s *Session) {
	if h.phase != phaseIdle || h.timer != nil {
		return
	}
	h.due = s.srv.cfg.Clock.Now().Add(s.srv.cfg.PingInterval)
	h.timer = s.srv.cfg.Clock.AfterFunc(s.srv.cfg.PingInterval, s.onTimer)
}

// set makes d from now the present phase's deadline.
func (h *heartbeat) set(s *Session, p phase, d time.Duration) {
	h.phase = p
	h.postpone(s, d)
}

// postpone makes d from now the deadline of the present wait.
func (h *heartbeat) postpone(s *Session, d time.Duration) {
	now := s.srv.cfg.Clock.Now()
	h.due = now.Add(d)
	if h.timer == nil {
		h.timer = s.srv.cfg.Clock.AfterFunc(d, s.onTimer)
	} else {
		h.wake(s, now)
	}
}

// wake sets the timer for what comes next.
func (h *heartbeat) wake(s *Session, now time.Time) {
	next := h.due
	if again, ok := h.again(s); ok {
		next = again
	}
	h.timer.Reset(max(next.Sub(now), 0))
}

// again is when the client is to be pinged again although its pong is missing; not ok if
// not before due. A client whose pong takes long, behind what it sends or is read late,
// expects pings all the same: it gives up when none comes for the ping interval and the
// ping timeout.
func (h *heartbeat) again(s *Session) (at time.Time, ok bool) {
	patience := s.srv.cfg.PingInterval + s.srv.cfg.PingTimeout
	return h.latest(s), h.phase == phasePinged && h.due.Sub(h.pinged) >= patience
}

// latest is when the client must be pinged lest it gives up.
func (h *heartbeat) latest(s *Session) time.Time {
	return h.pinged.Add(s.srv.cfg.PingInterval + s.srv.cfg.PingTimeout/2)
}

// pingLocked sends a ping, through the queue, whether or not a GET waits (R104, R108).
func (s *Session) pingLocked() {
	s.heart.pinged = s.srv.cfg.Clock.Now()
	s.pushPacketLocked(eiowire.Ping)
}

// slownessLocked returns how much longer to wait for something from the peer, patience in
// all, because it has yet to read what it took its time for, or is sending something
// large, which has half of that; not positive for no longer. Limits.StallTime and
// Limits.BodyRate end a session whose peer does neither.
func (s *Session) slownessLocked(patience time.Duration) time.Duration {
	taking, last, moved := s.writing, s.pollWaited, int64(0) // what is being written is the answer to a GET
	if s.ws != nil {
		c := s.ws.conn
		taking, last, moved = c.waiting.Load() != 0, c.waited.Load(), c.moved.Load()
	} else if s.post != nil {
		moved = s.post.moved.Load()
	}
	if taking {
		return patience
	}
	since := func(nano int64) time.Duration { return time.Since(time.Unix(0, nano)) }
	// What the peer's system has taken by then, the peer itself has yet to read.
	return max(patience-since(last), patience/2-since(moved))
}

// closing bounds the time that an ending may take.
func (h *heartbeat) closing(s *Session) {
	if h.phase != phaseClosing && h.phase != phaseStopped {
		h.set(s, phaseClosing, s.srv.cfg.Limits.CloseTimeout)
	}
}

func (h *heartbeat) stop() {
	h.phase = phaseStopped
	if h.timer != nil {
		h.timer.Stop()
	}
}

// traffic notes a packet other than a pong. The first one during a wait extends
// it once by the ping timeout: the pong may be queued behind a large upload (R103).
func (h *heartbeat) traffic(s *Session) {
	if h.phase == phasePinged && !h.extended {
		h.extended = true
		h.due = h.due.Add(s.srv.cfg.PingTimeout)
	}
}

// resume ends the suspension when Receive returned: the peer's pong now has the
// ping timeout once more to be read.
func (h *heartbeat) resume(s *Session) {
	// A timer that is late has not suspended it yet; what came before was in time.
	if h.suspended > 0 || h.phase == phasePinged && h.overdue(s) {
		h.suspended = 0
		if h.phase == phasePinged {
			h.set(s, phasePinged, s.srv.cfg.PingTimeout)
		}
	}
}

// pong handles a pong. It reports whether to go on reading.
func (s *Session) pong() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	h := &s.heart
	if h.phase != phasePinged {
		if h.owed > 0 {
			h.owed--
		} else if h.strays++; h.strays > maxStrayPongs {
			s.abortLocked(TransportError, ErrPacket.with(errors.New("more pongs than pings")), closeNoStatus, answerClose)
			return false
		}
	}
	next := s.srv.cfg.PingInterval // counted from the pong (R102), unless that was read late
	if !h.pinged.IsZero() {
		next = max(min(next, h.latest(s).Sub(s.srv.cfg.Clock.Now())), 0)
	}
	h.set(s, phaseIdle, next)
	return true
}

// traffic is heartbeat.traffic for packets that are not delivered. It reports
// whether to go on reading.
func (s *Session) traffic() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.heart.traffic(s)
	return !s.closed
}

// onTimer runs in the timer's goroutine. It tests due because a Reset may come
// while it already waits for the lock.
func (s *Session) onTimer() {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := &s.heart
	if h.phase == phaseStopped {
		return
	}
	if now := s.srv.cfg.Clock.Now(); h.due.After(now) {
		if again, ok := h.again(s); ok && !again.After(now) {
			h.owed++
			s.pingLocked()
		}
		h.wake(s, now)
		return
	}
	switch h.phase {
	case phaseIdle:
		// The pong's deadline counts from when the ping was due, so that a late
		// timer does not stretch it (R105).
		h.phase, h.due = phasePinged, h.due.Add(s.srv.cfg.PingTimeout)
		h.extended, h.suspended, h.strays = false, 0, 0
		s.pingLocked()
		h.wake(s, h.pinged)
	case phasePinged:
		if s.receiving && h.suspended < maxSuspensions {
			// The pong may be unread. The client still expects its pings (R107, R177).
			h.suspended++
			h.owed++
			s.pingLocked()
			h.postpone(s, s.srv.cfg.PingTimeout)
			return
		}
		if d := s.slownessLocked(2 * s.srv.cfg.PingTimeout); d > 0 {
			h.postpone(s, d)
			return
		}
		s.abortLocked(PingTimeout, nil, closeNoStatus, answerClose)
	case phaseClosing:
		if d := s.slownessLocked(s.srv.cfg.Limits.CloseTimeout); d > 0 && !h.final {
			h.postpone(s, d)
			return
		}
		s.hitLocked(LimitCloseTimeout)
		s.dropQueueLocked()
		s.closedLocked()
		s.releasePollLocked(answerClose)
		if s.ws != nil {
			s.dropLocked(s.ws)
		}
	}
}
