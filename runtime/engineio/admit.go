// SPDX-License-Identifier: Apache-2.0

package engineio

import (
	"container/list"
	"context"
	"net/http"
	"time"
)

// Limits.Sessions and Limits.SessionsPerIP count sessions until they are gone, with all
// their goroutines and connections. But a client that comes back must not be refused
// because of what it left behind: sessions that end give way to new ones, the oldest
// first.

// roomWait is how long a handshake waits for a session that gives way. It is gone at
// once unless the application still works for it.
const roomWait = time.Second

// An ending is a session's place among those that end. Server.mu guards it.
type ending struct {
	all     *list.Element // in Server.ending; nil once it gives way
	address *list.Element // in the ending of its address; nil as well, or when addresses are not counted
	gone    chan struct{} // closed when it is; made when it gives way
}

// An address counts the sessions of one remote address. Server.mu guards it.
type address struct {
	sessions int
	ending   list.List
}

// admit registers session under the id that the application made, if it makes them. If
// there is no room, a session that ends makes some.
func (s *Server) admit(r *http.Request, session *Session, id SID, err error) *refusal {
	if s.memory.tight() {
		return errMemory
	}
	if s.lenient() {
		s.reportCrowd(r, session.ip)
	}
	const tries = 3 // others may be faster to take the room
	for try := 1; ; try++ {
		s.mu.Lock()
		refused := s.crowdedLocked(session.ip)
		if refused == nil {
			refused = s.registerLocked(session, id, err)
			s.mu.Unlock()
			return refused
		}
		var oldest *Session
		if try <= tries {
			oldest = s.givingWayLocked(session.ip, refused)
		}
		s.mu.Unlock()
		if oldest == nil || !s.awaitGone(r.Context(), oldest) {
			return refused
		}
	}
}

// crowdedLocked says why there is no room for another session, nil if there is.
func (s *Server) crowdedLocked(ip string) *refusal {
	lim := &s.cfg.Limits
	a := s.addresses[ip]
	switch {
	case s.stopping:
		return errStopping
	case s.lenient():
		return nil
	case lim.Sessions > 0 && len(s.sessions) >= lim.Sessions:
		return errSessions
	case a != nil && a.sessions >= lim.SessionsPerIP:
		return errSessionsPerIP
	}
	return nil
}

// reportCrowd notes which limits would have refused another session.
func (s *Server) reportCrowd(r *http.Request, ip string) {
	lim := &s.cfg.Limits
	s.mu.Lock()
	a := s.addresses[ip]
	many, manyOfOne := lim.Sessions > 0 && len(s.sessions) >= lim.Sessions, a != nil && a.sessions >= lim.SessionsPerIP
	s.mu.Unlock()
	if many {
		s.hit(LimitSessions, s.facts(r))
	}
	if manyOfOne {
		s.hit(LimitSessionsPerIP, s.facts(r))
	}
}

// givingWayLocked returns the session that gives way, where refused is why there is no
// room. Nobody else gets it.
func (s *Server) givingWayLocked(ip string, refused *refusal) *Session {
	var first *list.Element
	switch refused {
	case errSessions:
		first = s.ending.Front()
	case errSessionsPerIP:
		first = s.addresses[ip].ending.Front()
	}
	if first == nil {
		return nil
	}
	oldest := first.Value.(*Session)
	s.unlistLocked(oldest)
	oldest.ending.gone = make(chan struct{})
	return oldest
}

// awaitGone cuts a session that gives way and waits for its end, for a moment at most.
func (s *Server) awaitGone(ctx context.Context, session *Session) bool {
	session.cut()
	late := make(chan struct{})
	timer := s.cfg.Clock.AfterFunc(roomWait, func() { close(late) })
	defer timer.Stop()
	select {
	case <-session.ending.gone:
		return true
	case <-late:
	case <-ctx.Done():
	}
	return false
}

// ended is called once for each session, when its end begins. Its mu is held.
func (s *Server) ended(session *Session, err error) {
	s.mu.Lock()
	s.open--
	if s.cfg.Limits.Sessions > 0 || session.ip != "" {
		session.ending = &ending{all: s.ending.PushBack(session)}
		if a := s.addresses[session.ip]; a != nil {
			session.ending.address = a.ending.PushBack(session)
		}
	}
	s.mu.Unlock()
	if f, ok := s.countFault(err); ok {
		// In a goroutine, since a log may be anything, even a Send to this session.
		session.goLocked(func() { s.logFault(f, err, &session.request) })
	}
}

// unlistLocked takes a session out of those that could give way.
func (s *Server) unlistLocked(session *Session) {
	e := session.ending
	if e == nil || e.all == nil {
		return
	}
	s.ending.Remove(e.all)
	if e.address != nil {
		s.addresses[session.ip].ending.Remove(e.address)
	}
	e.all, e.address = nil, nil
}

// forget removes a session whose last task has ended. The session's mu is held.
func (s *Server) forget(session *Session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sessions, session.id)
	s.unlistLocked(session)
	if a := s.addresses[session.ip]; a != nil {
		if a.sessions--; a.sessions == 0 {
			delete(s.addresses, session.ip)
		}
	}
	if e := session.ending; e != nil && e.gone != nil {
		close(e.gone)
	}
	if s.stopping && len(s.sessions) == 0 {
		close(s.idle)
	}
}
