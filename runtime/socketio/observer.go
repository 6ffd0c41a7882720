// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/sockgen/sockgen/runtime/engineio"
)

// An Observer is told what a server does, for metrics, traces and audits. Set the functions
// that you want to have called: those that are nil cost nothing, and later versions may add
// more. What they are told has fields, to which later versions may add.
//
// The functions run where the work is done. They must return soon, must not wait for a
// client, and must not change what they get. Calls overlap. A panic is logged and counted.
type Observer struct {
	ConnectionBegin func(ConnectionBegin)
	ConnectionEnd   func(ConnectionEnd)
	SocketBegin     func(SocketBegin) // a CONNECT was accepted
	SocketEnd       func(SocketEnd)
	Event           func(EventDone) // an event of a client was handled
	Emit            func(Emitted)   // something was emitted, to one socket or many
	Limit           func(LimitHit)  // a client has come to a limit; Stats.Limits counts them
	Stuck           func(Stuck)     // a handler runs for longer than Config.StuckTime
	Bus             func(BusGap)    // messages of other nodes may have been lost
}

// A ConnectionBegin says that a client has a connection.
type ConnectionBegin struct {
	Request *Request // that opened it
}

// A ConnectionEnd says that a connection has ended.
type ConnectionEnd struct {
	Request   *Request
	Reason    DisconnectReason
	Err       error // says more, or is nil
	Duration  time.Duration
	HighWater int // the most bytes that have waited for the client at once
}

// A SocketBegin says that a socket is connected.
type SocketBegin struct {
	Socket *Socket
}

// A SocketEnd says that a socket that was connected has ended.
type SocketEnd struct {
	Socket   *Socket
	Reason   DisconnectReason
	Err      error // says more, or is nil
	Duration time.Duration
}

// An Outcome says what became of an event.
type Outcome string

// The outcomes.
const (
	OutcomeHandled   Outcome = "handled"
	OutcomeUnhandled Outcome = "unhandled" // nobody listens for it
	OutcomeRefused   Outcome = "refused"   // by a UseEvent function, or in generated code with an error
	OutcomePanicked  Outcome = "panicked"  // a function did not return
)

// An EventDone says what became of an event of a client, and how long its functions took.
type EventDone struct {
	Socket   *Socket
	Event    string
	Duration time.Duration
	Outcome  Outcome
	Code     string // of the error that generated code has answered, "" for none
}

// An Emitted says that an event was emitted.
type Emitted struct {
	Namespace *Namespace
	Event     string
	Socket    *Socket // that it was for; nil for a broadcast
	Rooms     []Room  // of a broadcast; none for one to everybody
	Err       error   // why it could not be sent, or nil
}

// A LimitHit says that a client has come to a limit.
type LimitHit struct {
	Limit   string   // as docs/limits.md has it, such as "Namespaces" or "Engine.QueueBytes"
	Request *Request // that opened the connection, or that was refused
}

// A Stuck names a function that runs for very long.
type Stuck struct {
	Socket   *Socket
	Function string // such as `event "save"`
	Stack    string // of its goroutine; empty when it could not be had
}

// A BusGap says that messages of other nodes may have been lost in a namespace, because the
// connection to them broke, or because more came than could be held.
type BusGap struct {
	Namespace string
	Cause     error
}

func (s *Server) busGap(namespace string, cause error) {
	s.count.gaps.Add(1)
	if f := s.observer.Bus; f != nil {
		s.observe("Bus", func() { f(BusGap{namespace, cause}) })
	}
}

// observe runs a function of the observer's.
func (s *Server) observe(name string, f func()) { s.guard.Apart(f, "function", "Observer."+name) }

func (s *Server) observeConnection(c *conn) {
	if f := s.observer.ConnectionBegin; f != nil {
		s.observe("ConnectionBegin", func() { f(ConnectionBegin{c.session.Request()}) })
	}
}

// observeEnd is called when a connection has ended, on a goroutine of the session's.
func (s *Server) observeEnd(c *conn, reason engineio.CloseReason, err error) {
	if f := s.observer.ConnectionEnd; f != nil {
		r := c.session.Request()
		end := ConnectionEnd{r, DisconnectReason(reason), err, s.cfg.Clock.Now().Sub(r.Time), c.session.HighWater()}
		s.observe("ConnectionEnd", func() { f(end) })
	}
}

func (s *Socket) observeBegin() {
	if f := s.ns.srv.observer.SocketBegin; f != nil {
		s.ns.srv.observe("SocketBegin", func() { f(SocketBegin{s}) })
	}
}

func (s *Socket) observeEnd() {
	srv := s.ns.srv
	if f := srv.observer.SocketEnd; f != nil {
		end := SocketEnd{Socket: s, Reason: s.reason, Duration: srv.cfg.Clock.Now().Sub(s.time)}
		if cause, ok := errors.AsType[*DisconnectError](context.Cause(s.ctx)); ok {
			end.Err = cause.Err
		}
		srv.observe("SocketEnd", func() { f(end) })
	}
}

// observed runs handle, which does what e needs, and tells what became of it. e may be
// another event by then.
func (s *Socket) observed(e *Event, handle func() Outcome) {
	srv := s.ns.srv
	f := srv.observer.Event
	begun := srv.cfg.Clock.Now()
	done := EventDone{Socket: s, Event: e.Name, Outcome: OutcomePanicked}
	code := new(string)
	e.code = code
	defer func() { // also after runtime.Goexit and while it panics
		done.Duration, done.Code = srv.cfg.Clock.Now().Sub(begun), *code
		if done.Code != "" && done.Outcome == OutcomeHandled {
			done.Outcome = OutcomeRefused
		}
		srv.observe("Event", func() { f(done) })
	}()
	done.Outcome = handle()
}

// refused notes with which error generated code has answered, while its handler runs.
func (e *Event) refused(code string) {
	if e.code != nil {
		*e.code = code
	}
}

// observeEmit tells of an event that was emitted to one socket.
func (s *Socket) observeEmit(event string, err error) {
	if f := s.ns.srv.observer.Emit; f != nil {
		s.ns.srv.observe("Emit", func() { f(Emitted{s.ns, event, s, nil, err}) })
	}
}

// observeEmit tells of a broadcast.
func (n *Namespace) observeEmit(event string, rooms []Room, err error) {
	if f := n.srv.observer.Emit; f != nil {
		n.srv.observe("Emit", func() { f(Emitted{n, event, nil, rooms, err}) })
	}
}

// A limit is one of this package's, by its place in limitNames.
type limit int

const (
	limitNamespaces limit = iota
	limitChildNamespaces
	limitStrangeConnects
	limitRefusals
	limitRooms
	limitRoomBytes
	limitInboxBytes
	limitPendingAcks
	limitHeldBytes
	limitAssemblyTime
	limitAssemblyBytes
	limitConnectTimeout
	limitEventRate
	limitPacket // and on: those of siowire
)

var limitNames = [...]string{
	"Namespaces", "ChildNamespaces", "StrangeConnects", "Refusals", "Rooms", "RoomBytes", "InboxBytes", "PendingAcks", "HeldBytes",
	"AssemblyTime", "AssemblyBytes", "ConnectTimeout", "EventRate",
	"Packet.Attachments", "Packet.Depth", "Packet.Values", "Packet.NumberLength", "Packet.NameLength", "Packet.NamespaceBytes",
	"Packet.AuthBytes", "Packet.AuthDepth",
}

// hit counts that a client has come to a limit, and has the observer told. Any lock but the
// session's may be held.
func (c *conn) hit(l limit) {
	c.srv.count.hits[l].Add(1)
	if c.srv.observer.Limit != nil {
		c.session.Go(func() { c.srv.tellLimit(limitNames[l], c.session.Request()) })
	}
}

func (s *Server) tellLimit(name string, r *Request) {
	s.observe("Limit", func() { s.observer.Limit(LimitHit{name, r}) })
}

// engineLimit is the name of a limit of the connections beneath.
func engineLimit(l engineio.Limit) string { return strings.Replace(string(l), "Limits.", "Engine.", 1) }

// limits returns how often each limit was reached.
func (s *Server) limits(engine engineio.Stats) map[string]uint64 {
	m := make(map[string]uint64, len(limitNames)+len(engine.Limits))
	for i, name := range limitNames {
		m[name] = s.count.hits[i].Load()
	}
	for l, n := range engine.Limits {
		m[engineLimit(l)] = n
	}
	return m
}
