package engineio

// A heartbeat's timer may fire late, on a machine that is busy. What its time means does
// not depend on that: whoever finds that a deadline has passed does what the timer would
// have done, and the timer then finds it done.

// punctual does what the timer is late with. A request of the session calls it before
// it looks at the session's state.
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

// pongOverdueLocked ends a session whose pong did not come in time, whatever came
// instead or after (R103).
func (s *Session) pongOverdueLocked() {
	if s.heart.phase == phasePinged && !s.receiving && s.heart.overdue(s) && s.slownessLocked(2*s.srv.cfg.PingTimeout) <= 0 {
		s.abortLocked(PingTimeout, nil, closeNoStatus, answerClose)
	}
}
