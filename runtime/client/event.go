// SPDX-License-Identifier: Apache-2.0

package client

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/sockgen/sockgen/runtime/siowire"
)

// An Event is one event from the server. Its methods may be called from any
// goroutine, also after the handler has returned.
type Event struct {
	Name        string
	NumericName bool         // the name was a JSON number; Name has its digits
	Args        siowire.Args // the arguments after the name; they must not be changed

	socket   *Socket
	session  *session        // that brought it
	ctx      context.Context // the handlers'
	id       uint64
	wantsAck bool
	acked    atomic.Bool
	size     int // in bytes, with attachments and what it costs to keep it
}

// eventCost is about what an event takes besides its packet while it waits.
const eventCost = 400

func newEvent(s *Socket, sess *session, p siowire.Packet, size int) *Event {
	return &Event{
		Name: p.Name, NumericName: p.NumericName, Args: p.Args,
		socket: s, session: sess, ctx: s.ctx, id: p.ID, wantsAck: p.HasID, size: size + p.Args.Held() + eventCost,
	}
}

// WantsAck reports whether the server waits for an answer.
func (e *Event) WantsAck() bool { return e.wantsAck }

// Ack answers the event with args, each encoded as [siowire.Encoder.Value] says.
// Like Emit it waits while too much is on its way.
// Errors: ErrNoAck when nobody waits for one, ErrAcked after the first answer,
// ErrDisconnected when the connection that brought the event is gone, ErrTooLarge,
// ErrTooManyAttachments, and those of encoding. An answer that could not be sent for
// one of the last three does not count.
func (e *Event) Ack(args ...any) error { return e.ackEncoded(encode(args)) }

// ackEncoded is Ack with encoded arguments, nil for none. It takes ownership of args
// and releases it.
func (e *Event) ackEncoded(args *siowire.Encoder) error {
	defer release(args)
	if !e.wantsAck {
		return ErrNoAck
	}
	s := e.socket
	if err := s.encodable(args); err != nil {
		return err
	}
	if e.acked.Swap(true) {
		return ErrAcked
	}
	msg := message{text: siowire.AppendAck(nil, s.nsp, e.id, args), attachments: attachments(args)}
	err := s.untilRoom(e.ctx, nil, func() (room <-chan struct{}, err error) {
		if s.m.session != e.session || s.state != connected {
			return nil, ErrDisconnected
		}
		_, room, err = e.session.send(msg, false, false)
		return room, err
	})
	if err != nil {
		e.acked.Store(false)
	}
	if errors.Is(err, ErrQueueFull) { // the socket ended meanwhile
		return ErrDisconnected
	}
	return err
}
