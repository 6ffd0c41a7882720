// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"slices"
)

// attend is the worker that enqueue wants: on the reader if possible, which would
// otherwise have to start a goroutine and to wait.
func (s *Socket) attend() {
	if !s.conn.session.RunAttached(s.work) {
		go s.work()
	}
}

// wake starts the worker unless it runs.
func (s *Socket) wake() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state < ending {
		s.wakeLocked()
	}
}

// wakeLocked starts the worker unless it runs. The connection counts the socket
// until a worker finds it ended with nothing left to do, and the server's shutdown
// waits for the connection.
func (s *Socket) wakeLocked() {
	if !s.running {
		s.running = true
		go s.work()
	}
}

// work is the worker: it runs whatever is due, one thing at a time, then lets the
// session write what that produced, and ends.
func (s *Socket) work() {
	finished := false
	defer func() {
		if !finished { // an application function called runtime.Goexit
			go s.work()
		}
	}()
	flushed := false
	for {
		what, e := s.next()
		if what != nothing {
			s.perform(what, e)
			flushed = false
			continue
		}
		if !flushed {
			s.conn.session.Flush()
			flushed = true
			continue
		}
		if idle, over := s.retire(); idle {
			finished = true
			if over {
				s.conn.done(s)
			}
			return
		}
		flushed = false
	}
}

// A task is one thing that the worker does.
type task uint8

const (
	nothing task = iota
	runUse
	runConnect
	runUpgrade
	runEvent
	runDisconnecting
	runDisconnect
)

// next takes the next task, and the event if it is one.
func (s *Socket) next() (task, *Event) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.endRequestLocked()
	s.doing, s.event = s.dueLocked(), ""
	s.step++
	switch s.doing {
	case runUse:
		s.todo &^= todoUse
	case runConnect:
		s.todo &^= todoConnect
	case runUpgrade:
		s.todo &^= todoUpgrade
	case runDisconnecting:
		s.todo &^= todoDisconnecting
	case runDisconnect:
		s.todo &^= todoDisconnect
	case runEvent:
		e := s.takeLocked()
		s.event = e.Name
		s.beginRequestLocked(e)
		return runEvent, e
	}
	return s.doing, nil
}

// dueLocked returns what comes next in a socket's life. OnDisconnect waits until the
// end is complete, and the end then wakes the worker.
func (s *Socket) dueLocked() task {
	switch {
	case s.todo&todoUse != 0 && s.state == pending:
		return runUse
	case s.todo&todoConnect != 0:
		return runConnect
	case s.todo&todoUpgrade != 0 && s.state == connected:
		return runUpgrade
	case s.head != nil:
		return runEvent
	case s.todo&todoDisconnecting != 0:
		return runDisconnecting
	case s.todo&todoDisconnect != 0 && s.state == ended:
		return runDisconnect
	}
	return nothing
}

// callingNow names the function that the worker is in, "" for none.
func (s *Socket) callingNow() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.doing == runEvent {
		return "event " + quoted(s.event)
	}
	return taskNames[s.doing]
}

var taskNames = [...]string{runUse: "Use", runConnect: "OnConnect", runUpgrade: "OnUpgrade", runEvent: "event", runDisconnecting: "OnDisconnecting", runDisconnect: "OnDisconnect"}

// retire ends the worker if nothing came meanwhile, and tells whether the socket is
// over and done with.
func (s *Socket) retire() (idle, over bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dueLocked() != nothing {
		return false, false
	}
	s.running = false
	if s.idle != nil {
		close(s.idle)
		s.idle = nil
	}
	return true, s.state == ended
}

// awaitIdle waits until the worker has nothing to do for a moment.
func (s *Socket) awaitIdle(ctx context.Context) error {
	s.mu.Lock()
	if !s.running {
		s.mu.Unlock()
		return nil
	}
	if s.idle == nil {
		s.idle = make(chan struct{})
	}
	idle := s.idle
	s.mu.Unlock()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// perform does one task. No panic leaves it (R253); runtime.Goexit does.
func (s *Socket) perform(what task, e *Event) {
	name := taskNames[what]
	if e != nil {
		name = e.Name
	}
	returned := false
	defer s.ns.contain(name, s.id, &returned)
	h := s.ns.handlers.Load()
	switch what {
	case runUse:
		s.decide()
	case runConnect:
		s.observeBegin()
		call(s.ns, name, s.id, h.connect, s.tellOf)
	case runUpgrade:
		call(s.ns, name, s.id, slices.Concat(s.given().upgrade, h.upgrade), s.tellOf)
	case runEvent:
		s.dispatch(h, e)
	case runDisconnecting:
		defer s.finish(connected) // also after runtime.Goexit
		call(s.ns, name, s.id, slices.Concat(s.given().disconnecting, h.disconnecting), s.tellOfEnd)
	case runDisconnect:
		s.observeEnd()
		call(s.ns, name, s.id, slices.Concat(s.given().disconnect, h.disconnect), s.tellOfEnd)
	}
	returned = true
}

func (s *Socket) tellOf(f func(context.Context, *Socket)) { f(s.handling(), s) }

func (s *Socket) tellOfEnd(f DisconnectFunc) { f(s.conn.ctx, s, s.reason) }

// dispatch hands an event to the socket's listeners and to the namespace's handler.
func (s *Socket) dispatch(h *handlers, e *Event) {
	s.ns.srv.count.events.Add(1)
	if s.ns.srv.observer.Event != nil {
		s.observed(e, func() Outcome { return s.handle(h, e) })
		return
	}
	s.handle(h, e)
}

// handle calls whoever is to hear of an event.
func (s *Socket) handle(h *handlers, e *Event) Outcome {
	if l := s.listeners.Load(); l != nil {
		e.heard = true
		if !s.passes(l, e) {
			return OutcomeRefused
		}
	}
	list, outcome := s.hearers(e), OutcomeHandled
	f := h.events[e.Name]
	if f == nil && len(list) == 0 {
		s.ns.srv.count.unhandled.Add(1)
		f, outcome = h.unhandled, OutcomeUnhandled
	}
	if len(list) == 0 && f != nil {
		f(s.handling(), s, e)
		return outcome
	}
	if f != nil {
		list = append(list, f)
	}
	call(s.ns, e.Name, s.id, list, func(f EventFunc) {
		returned := false
		defer func() {
			if !returned {
				outcome = OutcomePanicked
			}
		}()
		f(s.handling(), s, e)
		returned = true
	})
	return outcome
}

// handling returns the context of the functions that handle what came from the client.
// It outlives the socket until they have returned, or for Config.DrainTime.
func (s *Socket) handling() context.Context {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.handlers == nil {
		s.handlers, s.cancelHandlers = context.WithCancelCause(s.conn.ctx)
		if s.state >= ending {
			s.boundHandlersLocked()
		}
	}
	if s.request.runs {
		return s.request.contextLocked(s.handlers)
	}
	return s.handlers
}

// boundHandlersLocked ends the handlers' context, if it has begun, DrainTime after the
// socket's end.
func (s *Socket) boundHandlersLocked() {
	if s.handlers != nil && s.drain == nil {
		cancel := s.cancelHandlers
		s.drain = s.ns.srv.cfg.Clock.AfterFunc(s.ns.srv.cfg.DrainTime, func() { cancel(context.Cause(s.ctx)) })
	}
}

// endHandlers ends the handlers' context once they have all returned.
func (s *Socket) endHandlers() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.drain != nil {
		s.drain.Stop()
	}
	if s.handlers != nil {
		s.cancelHandlers(context.Cause(s.ctx))
	}
}

// given returns the socket's listeners, none if it has none.
func (s *Socket) given() *listeners {
	if l := s.listeners.Load(); l != nil {
		return l
	}
	return &listeners{}
}
