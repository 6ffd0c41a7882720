// SPDX-License-Identifier: Apache-2.0

package engineio

import (
	"net/http"
	"slices"
	"time"

	"github.com/sockgen/sockgen/runtime/eiowire"
)

const (
	// noopSpacing is the least time between two noops of one upgrade: a client
	// that goes on polling during a slow probe must not spin (R84).
	noopSpacing = 100 * time.Millisecond
	// pollHold is how long a GET that came after the probe's answer waits before
	// it gets a noop: the upgrade packet may be right behind it (R100).
	pollHold = 50 * time.Millisecond
	// maxLingering is how many WebSockets of one session that were given up, or were
	// one too many, may still wait for their peer's Close frame; further ones are cut.
	maxLingering = 4
)

// A probe is an upgrade under way. Its fields are guarded by Session.mu.
type probe struct {
	ws       *wsConn   // nil until the 101
	timer    Timer     // the upgrade timeout; afterwards the wait for the peer's Close
	due      time.Time // when the timer is to act: one that fires late finds a later time here
	probed   bool      // "2probe" came
	lastNoop time.Time
	noop     Timer // the next noop, while one is due
}

// upgrade accepts a WebSocket for a polling session (R80).
func (s *Session) upgrade(w http.ResponseWriter, r *http.Request, q query) {
	p := new(probe)
	s.mu.Lock()
	if s.state != stateOpen {
		s.mu.Unlock()
		s.srv.refuse(w, r, errUpgrade)
		return
	}
	s.tasks++
	defer s.taskDone()
	if s.ws != nil || s.probe != nil {
		s.mu.Unlock()
		s.turnAway(w, r, q)
		return
	}
	s.probe = p
	s.mu.Unlock()

	ws, err := s.accept(w, r, q)
	s.mu.Lock()
	if err != nil {
		if s.probe == p {
			s.probe = nil
		}
		s.mu.Unlock()
		return
	}
	p.ws = ws
	p.due = s.srv.cfg.Clock.Now().Add(s.srv.cfg.UpgradeTimeout)
	p.timer = s.srv.cfg.Clock.AfterFunc(s.srv.cfg.UpgradeTimeout, func() { s.probeTimeout(p) })
	if s.probe != p {
		s.endProbeLocked(p) // the session ended during the 101
	}
	s.goLocked(func() { s.probeLoop(p) })
	s.mu.Unlock()
	ws.flush()
}

// turnAway answers a WebSocket that is one too many with 101 and a Close frame, and
// leaves the session's own one alone (R91). It returns once the connection is closed.
func (s *Session) turnAway(w http.ResponseWriter, r *http.Request, q query) {
	ws, err := s.accept(w, r, q)
	if err != nil {
		return
	}
	s.srv.noteRefusal(r, errUpgrade, http.StatusSwitchingProtocols)
	s.mu.Lock()
	ws.setClose(closeNoStatus)
	patient := s.state != stateClosed && len(s.lingering) < maxLingering
	if patient {
		s.lingering = append(s.lingering, ws)
	}
	s.mu.Unlock()
	ws.flush()
	if patient {
		ws.conn.drain(lingerTime)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forgetLingeringLocked(ws)
	s.dropLocked(ws)
}

func (s *Session) forgetLingeringLocked(ws *wsConn) {
	s.lingering = slices.DeleteFunc(s.lingering, func(other *wsConn) bool { return other == ws })
}

// probeTimeout closes a probe that took too long (R94), and later its connection
// if the peer does not answer the Close frame.
func (s *Session) probeTimeout(p *probe) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch patience := s.srv.cfg.UpgradeTimeout; {
	case s.srv.cfg.Clock.Now().Before(p.due): // it was set again while this call was on its way
	case s.probe != p && s.ws != p.ws:
		s.dropLocked(p.ws)
	case s.probe != p:
	case p.probed && (s.post != nil || s.slownessLocked(patience) > 0):
		s.wakeProbeLocked(p, patience) // the client ends its POST and reads its GET before it moves
	default:
		s.hitLocked(LimitUpgradeTimeout)
		s.endProbeLocked(p)
	}
}

// wakeProbeLocked has probeTimeout called after d, and not before.
func (s *Session) wakeProbeLocked(p *probe, d time.Duration) {
	p.due = s.srv.cfg.Clock.Now().Add(d)
	p.timer.Reset(d)
}

// postedLocked gives a client that has ended its POST the time to move.
func (s *Session) postedLocked() {
	if p := s.probe; p != nil && p.probed {
		s.wakeProbeLocked(p, s.srv.cfg.UpgradeTimeout)
	}
}

// endProbeLocked gives the upgrade up; the session goes on by polling.
func (s *Session) endProbeLocked(p *probe) {
	if s.probe == p {
		s.probe = nil
	}
	if p.noop != nil {
		p.noop.Stop()
	}
	if p.ws == nil {
		return // upgrade comes back here when it has the connection
	}
	p.ws.setClose(closeNoStatus)
	s.wakeProbeLocked(p, s.srv.cfg.Limits.CloseTimeout)
	s.lingering = append(s.lingering, p.ws)
	if len(s.lingering) > maxLingering {
		s.dropLocked(p.ws)
		return
	}
	s.goLocked(p.ws.flush)
}

// probeLoop reads the probing WebSocket, and goes on reading for the session
// after the switch.
func (s *Session) probeLoop(p *probe) {
	for {
		packet, err := p.ws.read()
		switch {
		case err != nil:
		case packet.Type == eiowire.Ping && string(packet.Data) == "probe":
			s.probed(p)
		case packet.Type == eiowire.Upgrade && !packet.Binary: // R92: also without a probe
			if s.switchTo(p) {
				defer s.readLoop(p.ws) // also after runtime.Goexit in Upgraded
				s.announceUpgrade()
				return
			}
		default:
			s.mu.Lock()
			if s.probe == p {
				s.endProbeLocked(p) // R93
			}
			s.mu.Unlock()
		}
		if err != nil {
			s.mu.Lock()
			if s.probe == p {
				s.probe = nil // R95: a new attempt is allowed
			}
			p.stop()
			s.mu.Unlock()
			s.wsEnded(p.ws, err)
			s.mu.Lock()
			s.forgetLingeringLocked(p.ws)
			s.mu.Unlock()
			return
		}
	}
}

// stop stops the timers.
func (p *probe) stop() {
	p.timer.Stop()
	if p.noop != nil {
		p.noop.Stop()
	}
}

// probed answers "2probe" and releases the pending GET (R82, R83).
func (s *Session) probed(p *probe) {
	s.mu.Lock()
	if s.probe != p {
		s.mu.Unlock()
		return
	}
	p.ws.replyLocked(opText, "3probe")
	s.mu.Unlock()
	p.ws.flush() // before the noop, so that the client pauses polling instead of asking again
	s.mu.Lock()
	if s.probe == p {
		p.probed = true
		s.releaseProbedLocked(p)
	}
	s.mu.Unlock()
	if r, wanted := s.receiver.(SwitchReceiver); wanted {
		returned := false
		defer s.contain("Switching", &returned)
		r.Switching()
		returned = true
	}
}

// Switching reports whether the client is about to move to WebSocket: its probe was
// answered, so it has stopped polling, and only waits for the answer to its last POST.
// Until it has moved, nothing that is sent leaves. A Receive that waits for that would
// wait for itself.
func (s *Session) Switching() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.probe != nil && s.probe.probed
}

// holdPollLocked is for a GET that arrives during an upgrade.
func (s *Session) holdPollLocked(g *poll) {
	if s.probe.probed {
		g.afterProbe, g.since = true, s.srv.cfg.Clock.Now()
		s.releaseProbedLocked(s.probe)
	}
}

// releaseProbedLocked answers the pending GET with a noop, now or when it is due.
func (s *Session) releaseProbedLocked(p *probe) {
	if s.poll == nil {
		return
	}
	now := s.srv.cfg.Clock.Now()
	var due time.Time
	if !p.lastNoop.IsZero() {
		due = p.lastNoop.Add(noopSpacing)
	}
	if held := s.poll.since.Add(pollHold); s.poll.afterProbe && held.After(due) {
		due = held
	}
	wait := due.Sub(now)
	switch {
	case wait <= 0:
		p.lastNoop = now
		s.releasePollLocked(answerNoop)
	case p.noop == nil:
		p.noop = s.srv.cfg.Clock.AfterFunc(wait, func() { s.noopDue(p) })
	default:
		p.noop.Reset(wait)
	}
}

func (s *Session) noopDue(p *probe) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.probe == p {
		s.releaseProbedLocked(p)
	}
}

// switchTo makes the probing WebSocket the session's transport (R86). It reports
// false when the upgrade was given up meanwhile.
func (s *Session) switchTo(p *probe) bool {
	s.mu.Lock()
	if s.probe != p || s.state == stateClosed {
		s.mu.Unlock()
		return false
	}
	s.probe = nil
	p.stop()
	s.ws = p.ws
	if g := s.poll; g != nil {
		if g.afterProbe {
			s.releasePollLocked(answerUpgraded) // R100
		} else {
			s.releasePollLocked(answerClose) // R87
		}
	}
	if s.state == stateClosing { // R97
		s.ws.setClose(closeNoStatus)
	}
	// A poll's answer that is being written holds the write: the first frame
	// cannot overtake it (R88).
	s.wakeWriterLocked()
	var posted chan struct{}
	if s.post != nil {
		posted = make(chan struct{})
		s.post.done = posted
	}
	s.mu.Unlock()
	if posted != nil {
		<-posted // its messages come first (R246)
	}
	return true
}

// announceUpgrade tells the application, on the reader.
func (s *Session) announceUpgrade() {
	u, wanted := s.receiver.(UpgradeReceiver)
	s.mu.Lock()
	wanted = wanted && !s.closed
	s.mu.Unlock()
	if !wanted {
		return
	}
	returned := false
	defer s.contain("Upgraded", &returned)
	u.Upgraded()
	returned = true
}
