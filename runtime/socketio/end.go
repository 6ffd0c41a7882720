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

// endConnected ends a connected socket and tells its client (R194).
func (s *Socket) endConnected(reason DisconnectReason) {
	if s.current() == connected {
		s.end(reason, nil, true)
	}
}

// end ends the socket, with a DISCONNECT packet if bye. err says more than reason, or
// is nil. It reports whether this was
// the call that did. For sockets that were connected the worker runs OnDisconnecting,
// if there is any, and OnDisconnect.
func (s *Socket) end(reason DisconnectReason, err error, bye bool) bool {
	e, begun := s.beginEnd(reason)
	if !begun {
		return false
	}
	switch {
	case s.presence == nil:
	case e.was == connected:
		s.park(e.last)
	case e.unclaim:
		s.ns.srv.recoveries.unclaim(s.resumes.from)
	}

	// The client may CONNECT again as soon as it has read the DISCONNECT (R193).
	s.conn.remove(s, bye)
	if bye {
		m := engineio.NewMessage()
		m.Text = siowire.AppendDisconnect(m.Buffer(), s.ns.name)
		s.conn.session.Send(m) // the peer is gone or does not read: it ends either way
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
	for _, ch := range e.acks {
		ch <- reply{from: s, gone: true} // R188; there is room
	}
	s.ns.delete(s)
	if e.was == connected && len(s.given().disconnecting)+len(s.ns.handlers.Load().disconnecting) > 0 {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.todo |= todoDisconnecting
		s.wakeLocked()
		return true
	}
	s.finish(e.was)
	return true
}

// An endOf is what a socket had when its end began.
type endOf struct {
	was     state
	held    []heldEvent
	acks    map[uint64]chan<- reply
	last    uint64 // position in the log
	unclaim bool   // another CONNECT may continue what this one did not
}

// beginEnd stops everything that goes in and out. It reports false when the end has
// begun already.
func (s *Socket) beginEnd(reason DisconnectReason) (e endOf, begun bool) {
	if log := s.ns.log; log != nil {
		log.mu.Lock() // so that it is clear which events come before the end
		defer log.mu.Unlock()
		e.last = log.last
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state >= ending {
		return e, false
	}
	e.was, e.held, e.acks = s.state, s.held, s.acks
	e.unclaim = s.resumes != nil && !s.unclaimable && reason != "" // "" is for refusals
	s.state, s.reason = ending, reason
	s.ns.srv.count.dropped.Add(uint64(s.inbox))
	s.head, s.tail, s.inbox, s.inboxBytes = nil, nil, 0, 0
	s.held, s.acks = nil, nil
	s.releaseReaderLocked()
	return e, true
}

// finish does what is left of the end once the OnDisconnecting functions have run:
// the rooms are left.
func (s *Socket) finish(was state) {
	s.leaveRooms(was)
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

// leaveRooms undoes all joins (R171, R198) and keeps their names for OnDisconnect.
func (s *Socket) leaveRooms(was state) {
	s.roomMu.Lock()
	defer s.roomMu.Unlock()
	h := s.ns.handlers.Load()
	heard := len(h.disconnect)+len(s.given().disconnect) > 0
	if heard && (was == connected || len(h.use) > 0) {
		s.rooms = s.ns.adapter.Rooms(s.id)
	}
	s.left = true
	s.ns.adapter.RemoveAll(s.id)
}
