// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync/atomic"

	"github.com/sockgen/sockgen/runtime/engineio"
	"github.com/sockgen/sockgen/runtime/internal/guard"
	"github.com/sockgen/sockgen/runtime/siowire"
)

// An EventMiddleware decides whether an event is handled. It may change e.Name and
// e.Args. An error refuses the event: the functions given to OnError are told, the
// client is not, and an ack that it waits for is never sent.
type EventMiddleware func(ctx context.Context, s *Socket, e *Event) error

// An EventErrorFunc is told that an EventMiddleware refused e.
type EventErrorFunc func(ctx context.Context, s *Socket, e *Event, err error)

// An OutgoingFunc sees an event on its way to the client. Whoever emits or broadcasts
// waits for it, so it must not take long, and calls may overlap. It must not change
// args.
type OutgoingFunc func(s *Socket, event string, args siowire.Args)

// listeners are the functions that one socket was given, which most have none of.
// They never change: each registration replaces them by a copy.
type listeners struct {
	use           []EventMiddleware
	failed        []EventErrorFunc
	events        map[string][]*listener
	any           []*listener
	outgoing      []*outgoingListener
	upgrade       []func(context.Context, *Socket)
	disconnecting []DisconnectFunc
	disconnect    []DisconnectFunc
}

// A listener and its twin are pointers so that one can be told from another.
type listener struct {
	f     EventFunc
	once  bool
	spent atomic.Bool // of a once listener: it was called
}

type outgoingListener struct{ f OutgoingFunc }

// listening replaces the socket's listeners by a changed copy.
func (s *Socket) listening(change func(l *listeners)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fresh := &listeners{}
	if old := s.listeners.Load(); old != nil {
		*fresh = *old
	}
	change(fresh)
	s.listeners.Store(fresh)
}

// with and without return changed copies, since readers may hold the old slice.
func with[T any](list []T, v T) []T { return append(slices.Clip(list), v) }

func without[T comparable](list []T, v T) []T {
	i := slices.Index(list, v)
	if i < 0 {
		return list
	}
	return slices.Delete(slices.Clone(list), i, i+1)
}

// On adds a listener of an event of this socket's client and returns what removes
// it again. Listeners of one event run in the order of their registration, before
// the namespace's handler of the event, which runs too; only one of them all can
// answer an ack. On panics on a reserved name; "disconnecting" and "disconnect" have
// methods of their own.
func (s *Socket) On(event string, f EventFunc) (off func()) {
	return s.listen(event, &listener{f: f})
}

// Once is On for a listener that is removed before its first call.
func (s *Socket) Once(event string, f EventFunc) (off func()) {
	return s.listen(event, &listener{f: f, once: true})
}

func (s *Socket) listen(event string, added *listener) func() {
	if siowire.Reserved(event) {
		panic(fmt.Sprintf("socketio: Socket.On(%q): the name is reserved, so clients cannot send it; see OnDisconnecting and OnDisconnect", event))
	}
	s.listening(func(l *listeners) { l.setEvent(event, with(l.events[event], added)) })
	return func() {
		s.listening(func(l *listeners) { l.setEvent(event, without(l.events[event], added)) })
	}
}

func (l *listeners) setEvent(event string, list []*listener) {
	events := make(map[string][]*listener, len(l.events)+1)
	for name, old := range l.events {
		events[name] = old
	}
	if events[event] = list; len(list) == 0 {
		delete(events, event)
	}
	l.events = events
}

// Off removes all of the socket's listeners of an event.
func (s *Socket) Off(event string) {
	s.listening(func(l *listeners) { l.setEvent(event, nil) })
}

// OnAny adds a listener of all events of this socket's client, and returns what
// removes it again. It runs before the socket's middleware and sees events that
// nobody else listens to.
func (s *Socket) OnAny(f EventFunc) (off func()) {
	added := &listener{f: f}
	s.listening(func(l *listeners) { l.any = with(l.any, added) })
	return func() { s.listening(func(l *listeners) { l.any = without(l.any, added) }) }
}

// PrependAny is OnAny for a listener that runs before those there are.
func (s *Socket) PrependAny(f EventFunc) (off func()) {
	added := &listener{f: f}
	s.listening(func(l *listeners) { l.any = slices.Concat([]*listener{added}, l.any) })
	return func() { s.listening(func(l *listeners) { l.any = without(l.any, added) }) }
}

// OffAny removes the listeners that OnAny and PrependAny added.
func (s *Socket) OffAny() { s.listening(func(l *listeners) { l.any = nil }) }

// OnAnyOutgoing adds a listener of what is sent to this socket's client: its own
// emits and broadcasts that reach it, but not acks, nor volatile events that were
// dropped. It returns what removes the listener again. A listener that emits starts a
// goroutine for that: others may wait for it to return.
func (s *Socket) OnAnyOutgoing(f OutgoingFunc) (off func()) {
	added := &outgoingListener{f}
	s.listening(func(l *listeners) { l.outgoing = with(l.outgoing, added) })
	return func() { s.listening(func(l *listeners) { l.outgoing = without(l.outgoing, added) }) }
}

// PrependAnyOutgoing is OnAnyOutgoing for a listener that runs before those there
// are.
func (s *Socket) PrependAnyOutgoing(f OutgoingFunc) (off func()) {
	added := &outgoingListener{f}
	s.listening(func(l *listeners) { l.outgoing = slices.Concat([]*outgoingListener{added}, l.outgoing) })
	return func() { s.listening(func(l *listeners) { l.outgoing = without(l.outgoing, added) }) }
}

// OffAnyOutgoing removes the listeners that OnAnyOutgoing and PrependAnyOutgoing
// added.
func (s *Socket) OffAnyOutgoing() { s.listening(func(l *listeners) { l.outgoing = nil }) }

// UseEvent adds a function that decides about each event of this socket's client,
// after the catch-all listeners and before all others. They run in the order of
// their registration until one returns an error; a panic refuses too.
func (s *Socket) UseEvent(f EventMiddleware) {
	s.listening(func(l *listeners) { l.use = with(l.use, f) })
}

// OnError adds a function that is told of events that UseEvent's functions refused.
// Without one they are logged.
func (s *Socket) OnError(f EventErrorFunc) {
	s.listening(func(l *listeners) { l.failed = with(l.failed, f) })
}

// OnUpgrade adds a function that runs once when the socket's connection has moved from
// polling to WebSocket, so that Transport changes: between two events, and after
// OnConnect when that has not run yet. It does not run for connections that begin on
// WebSocket. The functions of the socket run before those of the namespace.
func (s *Socket) OnUpgrade(f func(ctx context.Context, s *Socket)) {
	s.listening(func(l *listeners) { l.upgrade = with(l.upgrade, f) })
}

// upgraded has the worker run OnUpgrade. A socket that is not connected yet has to
// wait: whoever decides about it starts the worker.
func (s *Socket) upgraded() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.todo |= todoUpgrade
	if s.state == connected {
		s.wakeLocked()
	}
}

// OnDisconnecting adds a function that runs once when the socket ends, after its
// last event and while it still is in its rooms: broadcasts reach those who
// are there with it, Join fails, and it does not receive any more. The functions of
// the socket run before those of the namespace.
func (s *Socket) OnDisconnecting(f DisconnectFunc) {
	s.listening(func(l *listeners) { l.disconnecting = with(l.disconnecting, f) })
}

// OnDisconnect adds a function that runs once after the socket has ended and left
// its rooms, before those of the namespace and under the same terms. It does not run
// when it is added after that.
func (s *Socket) OnDisconnect(f DisconnectFunc) {
	s.listening(func(l *listeners) { l.disconnect = with(l.disconnect, f) })
}

// errEventPanicked refuses an event whose middleware did not return.
var errEventPanicked = errors.New("socketio: an event middleware panicked")

// passes asks the catch-all listeners and the middleware about an event. It reports
// whether anybody else may have it.
func (s *Socket) passes(l *listeners, e *Event) bool {
	call(s.ns, "OnAny", s.id, l.any, func(any *listener) { any.f(s.handling(), s, e) })
	for _, use := range l.use {
		if !s.allows(use, e) {
			return false
		}
	}
	if len(l.any)+len(l.use) > 0 && s.expelled() {
		s.ns.srv.count.dropped.Add(1) // by one of them (R178)
		return false
	}
	return true
}

// allows asks one function of the middleware. One that does not return refuses the event.
func (s *Socket) allows(use EventMiddleware, e *Event) bool {
	err := errEventPanicked
	defer func() { // also after runtime.Goexit
		if err != nil {
			s.eventRefused(e, err)
		}
	}()
	s.guard("UseEvent", func() { err = use(s.handling(), s, e) })
	return err == nil
}

func (s *Socket) eventRefused(e *Event, err error) {
	s.ns.srv.count.eventsRefused.Add(1)
	failed := s.listeners.Load().failed
	call(s.ns, "OnError", s.id, failed, func(f EventErrorFunc) { f(s.handling(), s, e, err) })
	if len(failed) == 0 {
		s.ns.srv.quiet.WriteSome(context.Background(), slog.LevelInfo, "event refused "+e.Name, someLines, "socketio: event refused", "namespace", s.ns.name, "socket", string(s.id),
			"event", quoted(e.Name), "cause", report(guard.Text(err)))
	}
}

// hearers returns the socket's listeners of an event that are to be called.
func (s *Socket) hearers(e *Event) (list []EventFunc) {
	l := s.listeners.Load()
	if l == nil {
		return nil
	}
	e.heard = true
	name := e.Name
	for _, one := range l.events[name] {
		if one.once {
			if one.spent.Swap(true) {
				continue
			}
			s.listening(func(l *listeners) { l.setEvent(name, without(l.events[name], one)) })
		}
		list = append(list, one.f)
	}
	return list
}

// watched reports whether somebody listens to what the socket sends.
func (s *Socket) watched() bool {
	l := s.listeners.Load()
	return l != nil && len(l.outgoing) > 0
}

// tell calls the listeners of what is sent. No lock is held.
func (s *Socket) tell(event string, args siowire.Args) {
	for _, one := range s.listeners.Load().outgoing {
		s.ns.apart("OnAnyOutgoing", s.id, func() { one.f(s, event, args) })
	}
}

// sentArgs returns the arguments of a message as listeners may keep them, while the
// message's own memory is used again.
func sentArgs(m *engineio.Message) siowire.Args {
	const any = 1 << 30 // what the application sends has no bounds here
	p, err := siowire.Parse(bytes.Clone(m.Text), siowire.Limits{
		Attachments: any, Depth: any, Values: any, NumberLength: any, NameLength: any, NamespaceBytes: any,
	})
	if err != nil {
		return siowire.Args{} // only Encoder.AppendRaw of something that is not JSON leads here
	}
	p.Args.Attachments = m.Attachments
	return p.Args
}
