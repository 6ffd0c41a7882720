// SPDX-License-Identifier: Apache-2.0

package client

import (
	"context"
	"fmt"
	"slices"

	"github.com/sockgen/sockgen/runtime/siowire"
)

// An EventFunc handles an event. ctx ends with the socket: when Disconnect or Close
// is called, or after the handlers of what came before the server ended it. It does
// not end with a connection that the client renews.
type EventFunc func(ctx context.Context, e *Event)

// A listener is one function of the application.
type listener struct {
	event      EventFunc
	connect    func(ctx context.Context)
	failure    func(ctx context.Context, err error)
	disconnect func(ctx context.Context, reason DisconnectReason)
	once       bool
}

// On adds a handler of an event and returns what removes it again. Handlers of one
// event run in the order of their registration; only one can answer an ack. On panics
// on a reserved name; OnConnect, OnConnectError and OnDisconnect are for these.
func (s *Socket) On(event string, f EventFunc) (off func()) {
	return s.listen(event, &listener{event: f})
}

// Once is On for a handler that is removed before its first call.
func (s *Socket) Once(event string, f EventFunc) (off func()) {
	return s.listen(event, &listener{event: f, once: true})
}

// OnAny adds a handler of all events, and returns what removes it again. It runs before
// the others and also for events that nobody else handles, which are dropped otherwise.
func (s *Socket) OnAny(f EventFunc) (off func()) { return s.add(&s.any, &listener{event: f}) }

// OnConnect adds a function that runs whenever the socket is connected, before events
// of that connection, and returns what removes it again.
func (s *Socket) OnConnect(f func(ctx context.Context)) (off func()) {
	return s.add(&s.changed, &listener{connect: f})
}

// OnConnectError adds a function that is told of every failed attempt to connect, and
// returns what removes it again. After a *ConnectError and errors that wrap ErrGaveUp
// the client does not try again by itself. ctx ends with Close.
func (s *Socket) OnConnectError(f func(ctx context.Context, err error)) (off func()) {
	return s.add(&s.changed, &listener{failure: f})
}

// OnDisconnect adds a function that runs when a connected socket is so no longer, after
// the events of that connection, and returns what removes it again. While a handler
// holds up dozens of connections that come and go, only the last ones are told of, here
// and in OnConnect. ctx ends with Close.
func (s *Socket) OnDisconnect(f func(ctx context.Context, reason DisconnectReason)) (off func()) {
	return s.add(&s.changed, &listener{disconnect: f})
}

func (s *Socket) listen(event string, l *listener) (off func()) {
	if siowire.Reserved(event) {
		panic(fmt.Sprintf("client: %q is a reserved event name: use OnConnect, OnConnectError or OnDisconnect", event))
	}
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	s.events[event] = append(slices.Clone(s.events[event]), l)
	return func() {
		s.m.mu.Lock()
		defer s.m.mu.Unlock()
		s.unlistenLocked(event, l)
	}
}

func (s *Socket) unlistenLocked(event string, l *listener) {
	if rest := without(s.events[event], l); len(rest) > 0 {
		s.events[event] = rest
	} else {
		delete(s.events, event)
	}
}

func (s *Socket) add(to *[]*listener, l *listener) (off func()) {
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	*to = append(slices.Clone(*to), l)
	return func() {
		s.m.mu.Lock()
		defer s.m.mu.Unlock()
		*to = without(*to, l)
	}
}

// without returns a copy of list without l. Lists are not changed, since the worker
// may walk one.
func without(list []*listener, l *listener) []*listener {
	return slices.DeleteFunc(slices.Clone(list), func(other *listener) bool { return other == l })
}

// A task is one thing that the worker does.
type task struct {
	what   kind
	event  *Event
	ctx    context.Context // of runConnect
	err    error
	reason DisconnectReason
	cancel context.CancelFunc
}

// A kind says what a task is.
type kind uint8

const (
	runEvent kind = iota
	runConnect
	runConnectError
	runDisconnect
	runCancel // the handlers' context ends
)

// names are for the log.
var names = [...]string{runEvent: "a handler", runConnect: "OnConnect", runConnectError: "OnConnectError", runDisconnect: "OnDisconnect", runCancel: ""}

// pushLocked gives the worker a task and starts it unless it runs. While a handler does
// not return, what connections that come and go leave behind does not pile up for ever:
// when there are many tasks, a connect that nobody was told of is taken back by its
// disconnect, and of failures in a row the latest stays.
func (s *Socket) pushLocked(t task) {
	const many = 64
	if n := len(s.due); n > many {
		last := s.due[n-1].what
		switch {
		case t.what == runDisconnect && last == runConnect:
			s.due = s.due[:n-1]
			return
		case t.what == runConnectError && last == runConnectError:
			s.due[n-1] = t
			return
		case t.what == runCancel && last == runCancel:
			s.due[n-1].cancel()
			s.due[n-1] = t
			return
		}
	}
	if t.what == runEvent {
		s.inbox++
		s.inboxBytes += t.event.size
	}
	s.due = append(s.due, t)
	if !s.running {
		s.running = true
		s.m.goLocked(s.work)
	}
}

// roomLocked lets a reader that waits for room in the inbox look again.
func (s *Socket) roomLocked() {
	if s.space != nil {
		close(s.space)
		s.space = nil
	}
}

// work is the worker: it runs what is due, one thing at a time, and ends.
func (s *Socket) work() {
	finished := false
	defer func() {
		if !finished { // a function of the application called runtime.Goexit
			s.m.mu.Lock()
			defer s.m.mu.Unlock()
			s.m.goLocked(s.work)
		}
	}()
	for {
		t, some := s.next()
		if !some {
			finished = true
			return
		}
		s.perform(t)
	}
}

// next takes the next task. Without one the worker does not count as running any more.
func (s *Socket) next() (t task, some bool) {
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	if len(s.due) == 0 {
		s.running, s.due, s.doing = false, nil, ""
		return task{}, false
	}
	t = s.due[0]
	s.due[0] = task{}
	s.due = s.due[1:]
	s.doing = names[t.what]
	if t.what == runEvent {
		s.inbox--
		s.inboxBytes -= t.event.size
		s.roomLocked()
	}
	return t, true
}

// perform calls the functions that a task is for.
func (s *Socket) perform(t task) {
	switch t.what {
	case runEvent:
		s.each("event "+plain(t.event.Name), s.handlers(t.event.Name), func(l *listener) { l.event(t.event.ctx, t.event) })
	case runCancel:
		t.cancel()
	default:
		s.m.mu.Lock()
		list := s.changed
		s.m.mu.Unlock()
		s.each(names[t.what], list, func(l *listener) { s.notify(l, t) })
	}
}

// notify tells one listener of what happened to the connection, if it wants to know.
func (s *Socket) notify(l *listener, t task) {
	switch {
	case t.what == runConnect && l.connect != nil:
		l.connect(t.ctx)
	case t.what == runConnectError && l.failure != nil:
		l.failure(s.m.ctx, t.err)
	case t.what == runDisconnect && l.disconnect != nil:
		l.disconnect(s.m.ctx, t.reason)
	}
}

// handlers returns those of an event, in the order in which they run, and takes away
// those that run once.
func (s *Socket) handlers(event string) []*listener {
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	list := s.events[event]
	for _, l := range list {
		if l.once {
			s.unlistenLocked(event, l)
		}
	}
	if len(s.any) == 0 {
		return list
	}
	return slices.Concat(s.any, list)
}
