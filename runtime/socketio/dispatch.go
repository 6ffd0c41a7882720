package socketio

import (
	"fmt"
	"runtime/debug"
	"slices"
)

// enqueue puts an event into the inbox. While that is full it blocks, and with it
// everything that the connection sends (backpressure); the end of the socket
// releases it. start says that the caller is to call attend. Errors: errNotJoined
// before the CONNECT reply, ErrDisconnected.
func (s *Socket) enqueue(e *Event) (start bool, err error) {
	lim := &s.ns.srv.cfg.Limits
	s.mu.Lock()
	for s.state == connected && (s.inbox >= lim.Inbox || s.inbox > 0 && s.inboxBytes+e.size > lim.InboxBytes) {
		s.space = make(chan struct{})
		space := s.space
		s.mu.Unlock()
		s.conn.session.Flush()
		<-space
		s.mu.Lock()
	}
	defer s.mu.Unlock()
	switch s.state {
	case pending:
		return false, errNotJoined
	case connected:
	default:
		return false, ErrDisconnected
	}
	if s.tail == nil {
		s.head = e
	} else {
		s.tail.next = e
	}
	s.tail = e
	s.inbox++
	s.inboxBytes += e.size
	start = !s.running
	s.running = true
	return start, nil
}

// attend is the worker that enqueue wants: on the reader if possible, which would
// otherwise have to start a goroutine and to wait.
func (s *Socket) attend() {
	if !s.conn.session.RunAttached(s.work) {
		go s.work()
	}
}

// releaseReaderLocked lets a reader that waits in enqueue look again.
func (s *Socket) releaseReaderLocked() {
	if s.space != nil {
		close(s.space)
		s.space = nil
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
	s.doing, s.event = s.dueLocked(), ""
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
		e := s.head
		s.head, e.next = e.next, nil
		if s.head == nil {
			s.tail = nil
		}
		s.inbox--
		s.inboxBytes -= e.size
		s.releaseReaderLocked()
		s.event = e.Name
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
	return [...]string{runUse: "Use", runConnect: "OnConnect", runUpgrade: "OnUpgrade", runDisconnecting: "OnDisconnecting", runDisconnect: "OnDisconnect"}[s.doing]
}

// retire ends the worker if nothing came meanwhile, and tells whether the socket is
// over and done with.
func (s *Socket) retire() (idle, over bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dueLocked() != nothing {
		return false, false
	}
	s.running = false
	return true, s.state == ended
}

func (s *Socket) perform(what task, e *Event) {
	h := s.ns.handlers.Load()
	switch what {
	case runUse:
		s.decide()
	case runConnect:
		for _, f := range h.connect {
			s.guard("OnConnect", func() { f(s.ctx, s) })
		}
	case runUpgrade:
		for _, f := range slices.Concat(s.given().upgrade, h.upgrade) {
			s.guard("OnUpgrade", func() { f(s.ctx, s) })
		}
	case runEvent:
		s.dispatch(h, e)
	case runDisconnecting:
		defer s.finish(connected) // also after runtime.Goexit
		for _, f := range slices.Concat(s.given().disconnecting, h.disconnecting) {
			s.guard("OnDisconnecting", func() { f(s.ns.srv.ctx, s, s.reason) })
		}
	case runDisconnect:
		for _, f := range slices.Concat(s.given().disconnect, h.disconnect) {
			s.guard("OnDisconnect", func() { f(s.ns.srv.ctx, s, s.reason) })
		}
	}
}

// dispatch hands an event to the socket's listeners and to the namespace's handler.
func (s *Socket) dispatch(h *handlers, e *Event) {
	s.ns.srv.count.events.Add(1)
	if l := s.listeners.Load(); l != nil {
		e.heard = true
		if !s.passes(l, e) {
			return
		}
	}
	heard := s.hear(e)
	f := h.events[e.Name]
	if f == nil {
		if heard {
			return
		}
		s.ns.srv.count.unhandled.Add(1)
		if f = h.unhandled; f == nil {
			return
		}
	}
	defer s.ns.contain(e.Name, s.id)
	f(s.ctx, s, e)
}

// given returns the socket's listeners, none if it has none.
func (s *Socket) given() *listeners {
	if l := s.listeners.Load(); l != nil {
		return l
	}
	return &listeners{}
}

// guard runs a function of the application and contains its panic.
func (s *Socket) guard(what string, f func()) {
	defer s.ns.contain(what, s.id)
	f()
}

// guard runs a function of the application that belongs to no socket.
func (n *Namespace) guard(what string, f func()) {
	defer n.contain(what, "")
	f()
}

// contain keeps a panic from ending more than the call that raised it (R253). It is
// deferred.
func (n *Namespace) contain(what string, id ID) {
	v := recover()
	if v == nil {
		return
	}
	n.srv.count.panics.Add(1)
	n.srv.cfg.Logger.Error("socketio: a handler panicked", "namespace", n.name, "socket", string(id),
		"handler", quoted(what), "panic", report(fmt.Sprint(v)), "stack", string(debug.Stack()))
}
