// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"github.com/sockgen/sockgen/runtime/engineio"
	"github.com/sockgen/sockgen/runtime/siowire"
)

// leave handles the client's DISCONNECT (R192). It fails with errNotJoined while the
// CONNECT is not answered.
func (s *Socket) leave() error {
	if s.current() == pending {
		return errNotJoined
	}
	if !s.end(ClientNamespaceDisconnect, nil, false) {
		return ErrDisconnected
	}
	return nil
}

// endConnected ends a connected socket and tells its client (R194). Of one whose end
// has begun it drops what waits for handlers.
func (s *Socket) endConnected(reason DisconnectReason) {
	if s.current() != pending {
		s.end(reason, nil, true)
	}
}

// end ends the socket. With bye, which is for the server's own Disconnect, the client
// is told and what waits for handlers is dropped; otherwise it is handled first (R178).
// err says more than reason, or is nil. It reports whether this was the call that did.
// For sockets that were connected the worker then runs OnDisconnecting and
// OnDisconnect.
func (s *Socket) end(reason DisconnectReason, err error, bye bool) bool {
	e, begun := s.beginEnd(reason, bye)
	if !begun {
		return false
	}
	switch {
	case s.journey != nil:
		s.part(e)
	case s.presence == nil:
	case e.was == connected:
		s.park(e.last)
	case e.unclaim:
		defer s.ns.srv.recoveries.unclaim(s) // last: the next one has the same id
	case s.resumes != nil:
		s.ns.srv.recoveries.forget(s)
	}

	// The client may CONNECT again as soon as it has read the DISCONNECT (R193).
	s.conn.remove(s, bye)
	if bye {
		m := engineio.NewMessage()
		m.Text = siowire.AppendDisconnect(m.Buffer(), s.ns.name)
		s.conn.session.SendAnyway(m) // whose error is the connection's end
		m.Release()
	}
	for _, h := range e.held {
		release(h.args)
	}
	if reason == "" {
		s.cancel(nil)
	} else {
		s.cancel(&DisconnectError{reason, err})
	}
	s.conn.answered(len(e.acks))
	for _, ch := range e.acks {
		ch <- reply{from: s, gone: true} // R188; there is room
	}
	s.ns.delete(s)
	s.mu.Lock()
	s.boundHandlersLocked()
	if e.was == connected {
		s.todo |= todoDisconnecting
		s.wakeLocked()
	}
	s.mu.Unlock()
	if e.was != connected {
		s.finish(e.was)
	}
	return true
}

// An endOf is what a socket had when its end began.
type endOf struct {
	was     state
	held    []heldEvent
	acks    map[uint64]chan<- reply
	last    uint64 // position in the log
	place   string // offset of what the adapter keeps
	unclaim bool   // another CONNECT may continue what this one did not
}

// beginEnd stops everything that goes in and out, but for what waits for handlers
// unless drop. It reports false when the end has begun already; the server's own
// Disconnect still drops what waits then.
func (s *Socket) beginEnd(reason DisconnectReason, drop bool) (e endOf, begun bool) {
	if log := s.ns.log; log != nil {
		log.mu.Lock() // so that it is clear which events come before the end
		defer log.mu.Unlock()
		e.last = log.last
	}
	if shared := s.ns.shared; shared != nil {
		shared.mu.Lock() // likewise
		defer shared.mu.Unlock()
		e.place = shared.placeLocked()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if drop {
		s.dropped = true
		s.dropInboxLocked()
	}
	if s.state >= ending {
		return e, false
	}
	e.was, e.held, e.acks = s.state, s.held, s.acks
	continues := s.resumes != nil || s.journey != nil && s.journey.back != nil
	e.unclaim = continues && !s.unclaimable && reason != "" // "" is for refusals
	s.state, s.reason = ending, reason
	s.held, s.acks = nil, nil
	s.owesLessLocked()
	return e, true
}

// finish does what is left of the end once the OnDisconnecting functions have run:
// the rooms are left.
func (s *Socket) finish(was state) {
	s.leaveRooms()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state = ended
	s.todo &^= todoUse // while an OnConnect that has not begun still comes first
	if was == connected {
		s.ns.srv.count.sockets.Add(-1)
		s.todo |= todoDisconnect
	}
	s.wakeLocked()
}

// leaveRooms undoes all joins (R171, R198).
func (s *Socket) leaveRooms() {
	s.roomMu.Lock()
	defer s.roomMu.Unlock()
	s.left = true
	if s.entered { // otherwise the id may be another's
		s.ns.adapter.RemoveAll(s.id)
	}
}
