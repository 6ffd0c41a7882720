// SPDX-License-Identifier: Apache-2.0

package engineio

import (
	"errors"
	"slices"
	"time"
)

var errBudget = errors.New("engineio: the server's outgoing budget is used up, and this session's output has waited longest")

// holdLocked takes the queue's reference to m, whose size is n, and sees to it
// that what waits in all sessions together stays within the server's budget.
func (s *Session) holdLocked(m *Message, n int) {
	srv := s.srv
	if m.enqueue(&srv.outgoing, n) && srv.outgoing.Load() > int64(srv.cfg.Limits.OutgoingBudget) && srv.relieving.CompareAndSwap(false, true) {
		s.goLocked(srv.relieve)
	}
}

// relieve ends sessions until the budget holds, those first whose output has
// waited longest. One goroutine runs it at a time.
func (s *Server) relieve() {
	defer s.relieving.Store(false)
	type waiting struct {
		session *Session
		since   time.Time
	}
	var list []waiting
	for _, session := range s.list() {
		if since, ok := session.waitingSince(); ok {
			list = append(list, waiting{session, since})
		}
	}
	slices.SortFunc(list, func(a, b waiting) int { return a.since.Compare(b.since) })
	for _, w := range list {
		if s.outgoing.Load() <= int64(s.cfg.Limits.OutgoingBudget) {
			return
		}
		w.session.evict()
	}
}

// waitingSince tells since when the oldest message of the session waits, if any.
func (s *Session) waitingSince() (time.Time, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.bytes == 0:
		return time.Time{}, false
	case s.writing:
		return s.writingSince, true
	case s.queue != nil:
		return s.queue.since, true
	}
	return time.Time{}, false
}

// evict drops the session and its output. A write under way is cut on WebSocket,
// while a polling answer ends by itself or by its deadline. Either is waited for a
// moment, so that what it frees is seen before the next session is judged.
func (s *Session) evict() {
	const patience = 50
	s.mu.Lock()
	if s.state != stateClosed {
		s.srv.evicted.Add(1)
		s.hitLocked(LimitOutgoing)
	}
	s.abortLocked(TransportError, errBudget, closePolicy, answerClose)
	if s.ws != nil && s.writing {
		s.dropLocked(s.ws)
	}
	s.mu.Unlock()
	for range patience {
		s.mu.Lock()
		writing := s.writing
		s.mu.Unlock()
		if !writing {
			break
		}
		time.Sleep(time.Millisecond)
	}
}
