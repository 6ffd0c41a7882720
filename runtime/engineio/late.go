// SPDX-License-Identifier: Apache-2.0

package engineio

// A heartbeat's timer may fire late, on a machine that is busy. A GET that finds its
// deadline passed does what the timer would have done, and the timer then finds it done.
// What the peer sends is heard all the same: on such a machine it may have come in time.

// punctual does what the timer is late with. A GET of the session calls it before it
// looks at the session's state.
func (s *Session) punctual() {
	for range 2 { // the ping that is due, then the pong that it waits for
		if !s.late() {
			return
		}
		s.onTimer()
	}
}

func (s *Session) late() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.heart.timer != nil && s.heart.phase != phaseStopped && s.heart.overdue(s)
}

// overdue reports whether the present phase's deadline has passed.
func (h *heartbeat) overdue(s *Session) bool { return !s.srv.cfg.Clock.Now().Before(h.due) }
