// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"encoding/json"

	"github.com/sockgen/sockgen/runtime/siowire"
)

// A client that gives a request up may say so: with the event $cancel, whose argument is
// the id of the ack. The reader takes it, no handler sees it. It does that only on a
// socket whose CONNECT reply has offered it, which those of generated clients do (R297).

// cancelEvent takes a request back. In a CONNECT reply it says that the server knows.
const cancelEvent = "$cancel"

// An asking is an event that asks for an ack, while its handler runs. The socket's mu
// guards it.
type asking struct {
	runs     bool
	tookBack bool
	id       uint64
	ctx      context.Context // of the handler; nil until it is asked for
	cancel   context.CancelCauseFunc
}

// allowCancel offers the client to take requests back. It is for Use functions.
func (s *Socket) allowCancel() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cancels = true
}

// mayTakeBack reports whether the client may take requests back.
func (s *Socket) mayTakeBack() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cancels
}

// takeBack handles a $cancel, on the reader. It reports false when p is an event like
// any other. An id that no request has is ignored: the answer may be on its way. The error
// is that of a client that sends too much.
func (s *Socket) takeBack(p *siowire.Packet) (taken bool, err error) {
	if p.Name != cancelEvent {
		return false, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.cancels || s.state == pending {
		return false, nil
	}
	if err := s.paceLocked(); err != nil {
		return true, err
	}
	var id uint64
	if p.Args.Len() > 0 && json.Unmarshal(p.Args.At(0), &id) == nil {
		s.cancelLocked(id)
	}
	return true, nil
}

// cancelLocked ends the handler of a request, or takes it out of the inbox.
func (s *Socket) cancelLocked(id uint64) {
	if r := &s.request; r.runs && r.id == id {
		if !r.tookBack {
			r.tookBack = true
			s.ns.srv.count.canceled.Add(1)
		}
		if r.cancel != nil {
			r.cancel(ErrCanceled)
		}
		return
	}
	if e := s.requests[id]; e != nil {
		s.ns.srv.count.canceled.Add(1)
		s.dropRequestLocked(e)
	}
}

// dropRequestLocked sees to it that a request in the inbox is not handled. Its place
// stays until it is its turn; what it carried is let go at once.
func (s *Socket) dropRequestLocked(e *Event) {
	s.forgetRequestLocked(e)
	e.gone, e.Args = true, siowire.Args{}
	freed := e.size - eventOverhead
	e.size = eventOverhead
	s.conn.handled(freed)
	s.skipGoneLocked()
}

// skipGoneLocked takes the events out of the inbox that would be next and were taken
// back, so that what is first is always to be handled.
func (s *Socket) skipGoneLocked() {
	for s.head != nil && s.head.gone {
		s.popLocked().recycle()
	}
}

// noteRequestLocked notes an event that comes into the inbox. Of those that share an id,
// the last counts.
func (s *Socket) noteRequestLocked(e *Event) {
	if !s.cancels || !e.wantsAck {
		return
	}
	if s.requests == nil {
		s.requests = map[uint64]*Event{}
	}
	s.requests[e.id] = e
}

// forgetRequestLocked notes that an event has left the inbox.
func (s *Socket) forgetRequestLocked(e *Event) {
	if s.requests[e.id] == e {
		delete(s.requests, e.id)
	}
}

// beginRequestLocked notes that the handler of e is about to run.
func (s *Socket) beginRequestLocked(e *Event) {
	if s.cancels && e.wantsAck {
		s.request = asking{runs: true, id: e.id}
	}
}

// endRequestLocked notes that the handler has returned. Its ctx ends, or a socket that
// lives long would gather those of all its requests.
func (s *Socket) endRequestLocked() {
	if s.request.cancel != nil {
		s.request.cancel(nil)
	}
	s.request = asking{}
}

// contextLocked returns the ctx of the request's handler. parent is that of all handlers
// of the socket.
func (r *asking) contextLocked(parent context.Context) context.Context {
	if r.ctx == nil {
		r.ctx, r.cancel = context.WithCancelCause(parent)
		if r.tookBack {
			r.cancel(ErrCanceled)
		}
	}
	return r.ctx
}

// tookBack reports whether the request whose handler runs, if it is the one with that
// id, was given up.
func (s *Socket) tookBack(id uint64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.request.tookBack && s.request.id == id
}
