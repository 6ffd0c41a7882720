// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/sockgen/sockgen/runtime/engineio"
	"github.com/sockgen/sockgen/runtime/siowire"
)

// An Event is one event from a client. Its methods may be called from any
// goroutine, also after the handler has returned.
type Event struct {
	Name        string
	NumericName bool         // the name was a JSON number; Name has its digits
	Args        siowire.Args // the arguments after the name; they must not be changed

	socket   *Socket
	id       uint64
	wantsAck bool
	acked    atomic.Bool
	code     *string // where refused writes; nil without an Observer
	heard    bool    // listeners have had it, who may have kept it
	gone     bool    // its client took it back while it waited; the socket's mu guards it
	size     int     // what it counts for in the inbox, in bytes
	next     *Event  // in the inbox; the socket's mu guards it
}

var events = sync.Pool{New: func() any { return new(Event) }}

// newEvent returns the event that p is, of size bytes.
func newEvent(s *Socket, p *siowire.Packet, size int) *Event {
	e := events.Get().(*Event)
	e.Name, e.NumericName, e.Args = p.Name, p.NumericName, p.Args
	e.socket, e.id, e.wantsAck, e.size = s, p.ID, p.HasID, size+p.Args.Held()+eventOverhead
	return e
}

// recycle gives the memory of e back, for another event. A handler may call it as the
// last thing that it does; nobody may use e afterwards, nor any copy of e.Args that
// was made for later. It is never necessary.
func (e *Event) recycle() {
	if e.heard {
		return
	}
	e.acked.Store(false)
	e.Name, e.NumericName, e.Args = "", false, siowire.Args{}
	e.socket, e.id, e.wantsAck, e.size, e.heard, e.gone, e.code, e.next = nil, 0, false, 0, false, false, nil, nil
	events.Put(e)
}

// WantsAck reports whether the client waits for an answer.
func (e *Event) WantsAck() bool { return e.wantsAck }

// Ack answers the event with args, each encoded as [siowire.Encoder.Value] says.
// Errors: ErrNoAck when nobody waits for one, ErrAcked after the first answer,
// ErrCanceled when the client has given the request up, ErrDisconnected, ErrTooManyAttachments, those of encoding and of
// the session's queue. An answer that could not be encoded does not count. Ack waits
// as [Socket.Emit] does, until the socket's end.
func (e *Event) Ack(args ...any) error { return e.ackEncoded(encode(args)) }

// ackEncoded is Ack with encoded arguments, nil for none. It takes ownership of args
// and releases it.
func (e *Event) ackEncoded(args *siowire.Encoder) error {
	defer release(args)
	if !e.wantsAck {
		return ErrNoAck
	}
	s := e.socket
	if err := s.ns.srv.encodable(args); err != nil {
		return err
	}
	if s.tookBack(e.id) {
		return ErrCanceled
	}
	if e.acked.Swap(true) {
		return ErrAcked
	}
	m := engineio.NewMessage()
	m.Text = siowire.AppendAck(m.Buffer(), s.ns.name, e.id, args)
	attach(m, args)
	defer m.Release()
	_, err := s.send(context.Background(), m, false)
	if err == nil {
		s.ns.srv.count.acksSent.Add(1)
	}
	return err
}
