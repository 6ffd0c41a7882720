package socketio

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/sockgen/sockgen/runtime/engineio"
	"github.com/sockgen/sockgen/runtime/siowire"
)

// Emit sends an event to this socket's client, with args that are each encoded as
// [siowire.Encoder.Value] says. It queues and does not block, so ctx is there for
// symmetry with what does. In a Use function the event is held back until the
// CONNECT reply, and ErrHeldFull says that too much is.
//
// Errors: of encoding, ErrReservedName (R147), ErrTooManyAttachments (R209),
// ErrDisconnected, and engineio.ErrQueueFull, whereupon the connection is closed.
func (s *Socket) Emit(ctx context.Context, event string, args ...any) error {
	return s.EmitEncoded(ctx, event, encode(args))
}

// EmitEncoded is Emit with encoded arguments, nil for none. It takes ownership of
// args and releases it.
func (s *Socket) EmitEncoded(_ context.Context, event string, args *siowire.Encoder) error {
	return s.emit(event, args, false)
}

// A VolatileSocket emits to a socket's client only when its transport is writable at
// that moment, and drops the event otherwise (R190).
type VolatileSocket struct{ s *Socket }

// Volatile returns s with emits that may be dropped. What it emits in a Use function
// is.
func (s *Socket) Volatile() VolatileSocket { return VolatileSocket{s} }

// Emit is [Socket.Emit]. That the event was dropped is not an error.
func (v VolatileSocket) Emit(ctx context.Context, event string, args ...any) error {
	return v.EmitEncoded(ctx, event, encode(args))
}

// EmitEncoded is [Socket.EmitEncoded]. That the event was dropped is not an error.
func (v VolatileSocket) EmitEncoded(_ context.Context, event string, args *siowire.Encoder) error {
	return v.s.emit(event, args, true)
}

func (s *Socket) emit(event string, args *siowire.Encoder, volatile bool) error {
	defer release(args)
	if err := s.ns.srv.sendable(event, args); err != nil {
		return err
	}
	return s.send(s.ns.eventMessage(event, 0, false, args), volatile)
}

// send queues m and takes over the caller's reference.
func (s *Socket) send(m *engineio.Message, volatile bool) error {
	err, held := s.sendHeld(m, volatile)
	if !held {
		m.Release()
	}
	if errors.Is(err, engineio.ErrQueueFull) {
		s.conn.slow()
	}
	return err
}

// sendHeld does the part of send that happens under the lock. held says that m now
// belongs to the socket.
func (s *Socket) sendHeld(m *engineio.Message, volatile bool) (err error, held bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != pending || volatile {
		return s.sendLocked(m, volatile), false
	}
	size := len(m.Text)
	for _, a := range m.Attachments {
		size += len(a)
	}
	lim := &s.ns.srv.cfg.Limits
	if len(s.held) >= lim.Held || (len(s.held) > 0 && s.heldBytes+size > lim.HeldBytes) {
		return ErrHeldFull, false
	}
	s.held = append(s.held, m)
	s.heldBytes += size
	return nil, true
}

// sendLocked sends to a connected socket. The lock keeps a DISCONNECT from
// overtaking m, or m from following it (R179).
func (s *Socket) sendLocked(m *engineio.Message, volatile bool) error {
	switch {
	case s.state == connected && volatile:
		if !s.conn.session.SendVolatile(m) {
			s.ns.srv.count.volatileDropped.Add(1)
		}
		return nil
	case s.state == connected:
		err := s.conn.session.Send(m)
		if errors.Is(err, engineio.ErrSessionClosed) {
			return ErrDisconnected // its end is on the way
		}
		return err
	case volatile && s.state == pending:
		s.ns.srv.count.volatileDropped.Add(1)
		return nil
	}
	return ErrDisconnected
}

// deliver sends a broadcast's message, which stays the caller's. Sockets that are
// not connected do not get it.
func (s *Socket) deliver(m *engineio.Message, volatile bool) {
	s.mu.Lock()
	var err error
	if s.state == connected {
		err = s.sendLocked(m, volatile)
	}
	s.mu.Unlock()
	if errors.Is(err, engineio.ErrQueueFull) {
		s.conn.slow()
	}
}

// eventMessage encodes an event; the caller gets its one reference.
func (n *Namespace) eventMessage(event string, id uint64, hasID bool, args *siowire.Encoder) *engineio.Message {
	m := engineio.NewMessage()
	m.Text = siowire.AppendEvent(m.Buffer(), n.name, id, hasID, event, args)
	attach(m, args)
	return m
}

// attach gives the attachments to m. The slice that holds them is the Encoder's and
// goes back to its pool.
func attach(m *engineio.Message, args *siowire.Encoder) {
	if args != nil && len(args.Attachments) > 0 {
		m.Attachments = slices.Clone(args.Attachments)
	}
}

// sendable reports why an event cannot be sent, nil if it can.
func (s *Server) sendable(event string, args *siowire.Encoder) error {
	if siowire.Reserved(event) {
		return fmt.Errorf("%w: %q is for the library itself", ErrReservedName, event)
	}
	return s.encodable(args)
}

// encodable reports why args cannot be sent, nil if they can.
func (s *Server) encodable(args *siowire.Encoder) error {
	if args == nil {
		return nil
	}
	if err := args.Err(); err != nil {
		return err
	}
	if n, most := len(args.Attachments), s.cfg.Limits.Packet.Attachments; n > most {
		return fmt.Errorf("%w: %d, and clients accept %d unless both sides are configured for more (Limits.Packet.Attachments)", ErrTooManyAttachments, n, most)
	}
	return nil
}
