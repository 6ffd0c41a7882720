package socketio

import (
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
	size     int    // in bytes, with attachments
	next     *Event // in the inbox; the socket's mu guards it
}

// WantsAck reports whether the client waits for an answer.
func (e *Event) WantsAck() bool { return e.wantsAck }

// Ack answers the event with args, each encoded as [siowire.Encoder.Value] says.
// Errors: ErrNoAck when nobody waits for one, ErrAcked after the first answer
// (R181), ErrDisconnected (R179), ErrTooManyAttachments, those of encoding and of
// the session's queue. An answer that could not be encoded does not count.
func (e *Event) Ack(args ...any) error { return e.AckEncoded(encode(args)) }

// AckEncoded is Ack with encoded arguments, nil for none. It takes ownership of args
// and releases it.
func (e *Event) AckEncoded(args *siowire.Encoder) error {
	defer release(args)
	if !e.wantsAck {
		return ErrNoAck
	}
	s := e.socket
	if err := s.ns.srv.encodable(args); err != nil {
		return err
	}
	if e.acked.Swap(true) {
		return ErrAcked
	}
	m := engineio.NewMessage()
	m.Text = siowire.AppendAck(m.Buffer(), s.ns.name, e.id, args)
	attach(m, args)
	defer m.Release()
	_, err := s.send(m, false)
	if err == nil {
		s.ns.srv.count.acksSent.Add(1)
	}
	return err
}
