package client

import (
	"context"
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
	size     int // in bytes, with attachments
}

func newEvent(s *Socket, sess *session, p siowire.Packet, size int) *Event {
	return &Event{
		Name: p.Name, NumericName: p.NumericName, Args: p.Args,
		socket: s, session: sess, ctx: s.ctx, id: p.ID, wantsAck: p.HasID, size: size,
	}
}

// WantsAck reports whether the server waits for an answer.
func (e *Event) WantsAck() bool { return e.wantsAck }

// Ack answers the event with args, each encoded as [siowire.Encoder.Value] says.
// Errors: ErrNoAck when nobody waits for one, ErrAcked after the first answer (R181),
// ErrDisconnected when the connection that brought the event is gone, ErrTooLarge,
// ErrTooManyAttachments, ErrQueueFull, and those of encoding. An answer that could
// not be sent for one of the last four does not count.
func (e *Event) Ack(args ...any) error { return e.AckEncoded(encode(args)) }

// AckEncoded is Ack with encoded arguments, nil for none. It takes ownership of args
// and releases it.
func (e *Event) AckEncoded(args *siowire.Encoder) error {
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
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	if s.m.session != e.session || s.state != connected {
		return ErrDisconnected
	}
	_, err := e.session.send(msg, false, false)
	if err != nil {
		e.acked.Store(false)
	}
	return err
}
