// SPDX-License-Identifier: Apache-2.0

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
// [siowire.Encoder.Value] says. It queues the event. While as much as
// engineio's Limits.QueueBytes waits for the client to read, 1 MiB unless configured,
// Emit waits too: until there is room, ctx ends, or the socket does. So a loop of emits
// runs at the client's pace, and its handler may be the loop. In a Use function the
// event is held back until the CONNECT reply, and ErrHeldFull says that too much is.
//
// Errors: of encoding, ErrReservedName, ErrTooManyAttachments, ErrDisconnected, and the
// cause of ctx's end, if that came before there was room.
func (s *Socket) Emit(ctx context.Context, event string, args ...any) error {
	return s.emitEncoded(ctx, event, encode(args))
}

// emitEncoded is Emit with encoded arguments, nil for none. It takes ownership of
// args and releases it.
func (s *Socket) emitEncoded(ctx context.Context, event string, args *siowire.Encoder) error {
	return Emitter{s: s}.emit(ctx, event, args)
}

// Send emits the event "message".
func (s *Socket) Send(ctx context.Context, args ...any) error { return s.Emit(ctx, "message", args...) }

// An Emitter emits to a socket's client with a choice of how. It is an immutable
// value. The zero Emitter belongs to no socket: what it shall emit fails with
// ErrZeroValue.
type Emitter struct {
	s            *Socket
	volatile     bool
	uncompressed bool
	slow         SlowPolicy
}

// VolatileSocket is an Emitter of volatile events.
type VolatileSocket = Emitter

// Volatile returns s with emits that are dropped unless the transport is writable at
// that moment. What it emits in a Use function is.
func (s *Socket) Volatile() Emitter { return Emitter{s: s, volatile: true} }

// Uncompressed returns s with emits that are not compressed: a secret next to text that
// an attacker chooses shows in the size (BREACH).
// It matters where [Config.PerMessageDeflate] or [Config.HTTPCompression] is on. A
// polling answer is compressed as soon as one event in it may be.
func (s *Socket) Uncompressed() Emitter { return Emitter{s: s, uncompressed: true} }

// Volatile is [Socket.Volatile].
func (v Emitter) Volatile() Emitter {
	v.volatile = true
	return v
}

// Uncompressed is [Socket.Uncompressed].
func (v Emitter) Uncompressed() Emitter {
	v.uncompressed = true
	return v
}

// Emit is [Socket.Emit]. That a volatile event was dropped is not an error.
func (v Emitter) Emit(ctx context.Context, event string, args ...any) error {
	return v.emit(ctx, event, encode(args))
}

// emit takes ownership of args.
func (v Emitter) emit(ctx context.Context, event string, args *siowire.Encoder) error {
	err := v.emitOne(ctx, event, args)
	if v.s != nil {
		v.s.observeEmit(event, err)
	}
	return err
}

func (v Emitter) emitOne(ctx context.Context, event string, args *siowire.Encoder) error {
	s := v.s
	if s == nil {
		release(args)
		return ErrZeroValue
	}
	s.ns.srv.pad(args)
	if err := s.ns.srv.sendable(event, args); err != nil {
		release(args)
		return err
	}
	log := s.ns.order()
	if log != nil && s.current() != pending {
		defer release(args)
		return log.emit(ctx, v, event, args)
	}
	m := s.ns.eventMessage(event, 0, false, args)
	m.NoCompress = v.uncompressed
	s.ns.setSlow(m, event, v.slow)
	defer m.Release()
	sent, err := v.hold(event, args, m)
	if !sent {
		defer release(args)
		if err == nil && log != nil {
			return log.emit(ctx, v, event, args) // accepted a moment ago
		}
		if err == nil {
			sent, err = s.send(ctx, m, v.volatile)
		}
	}
	if sent && s.watched() {
		s.tell(event, sentArgs(m))
	}
	return err
}

// A heldEvent waits for the CONNECT reply. It owns args.
type heldEvent struct {
	name         string
	args         *siowire.Encoder
	uncompressed bool
}

// hold keeps an event of a pending socket, which m is, until the CONNECT reply. held
// says that args now belongs to the socket.
func (v Emitter) hold(event string, args *siowire.Encoder, m *engineio.Message) (held bool, err error) {
	s := v.s
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != pending || v.volatile {
		return false, nil
	}
	if s.heldBytes >= s.ns.srv.cfg.Limits.HeldBytes {
		s.conn.hit(limitHeldBytes)
		return false, ErrHeldFull
	}
	s.held = append(s.held, heldEvent{event, args, v.uncompressed})
	s.heldBytes += m.Size()
	return true, nil
}

// send queues m, which stays the caller's, as soon as there is room.
func (s *Socket) send(ctx context.Context, m *engineio.Message, volatile bool) (sent bool, err error) {
	for {
		s.mu.Lock()
		sent, err = s.sendLocked(m, volatile, nil)
		s.mu.Unlock()
		if !errors.Is(err, engineio.ErrBusy) {
			s.closeIfFull(err)
			return sent, err
		}
		if err := s.awaitRoom(ctx); err != nil {
			return false, err
		}
	}
}

// awaitRoom waits until there is room for one more message.
func (s *Socket) awaitRoom(ctx context.Context) error {
	err := s.conn.session.AwaitRoom(ctx, s.ctx.Done())
	if errors.Is(err, engineio.ErrSessionClosed) {
		return ErrDisconnected
	}
	return err
}

// closeIfFull closes the connection of a socket to which nothing more could be sent.
func (s *Socket) closeIfFull(err error) {
	if errors.Is(err, engineio.ErrQueueFull) {
		s.conn.slow()
	}
}

// sendLocked sends to a connected socket: as part of d, or with ErrBusy when d is nil
// and the caller is to wait. The lock keeps a DISCONNECT from overtaking m, or m from
// following it (R179).
func (s *Socket) sendLocked(m *engineio.Message, volatile bool, d *delivery) (sent bool, err error) {
	switch {
	case s.state == connected && volatile && m.Slow != engineio.SlowLatest:
		if !s.conn.session.SendVolatile(m) {
			s.ns.srv.count.volatileDropped.Add(1)
			return false, nil
		}
		return true, nil
	case s.state == connected:
		var err error
		if d == nil {
			err = s.conn.session.TrySend(m)
		} else {
			d.lags, err = s.conn.session.Deliver(m)
		}
		if errors.Is(err, engineio.ErrSessionClosed) {
			return false, ErrDisconnected // its end is on the way
		}
		if errors.Is(err, engineio.ErrDropped) {
			s.ns.srv.count.volatileDropped.Add(1)
			return false, nil
		}
		return err == nil, err
	case volatile && s.state == pending:
		s.ns.srv.count.volatileDropped.Add(1)
		return false, nil
	}
	return false, ErrDisconnected
}

// A delivery is one message on its way to many sockets.
type delivery struct {
	m        *engineio.Message
	volatile bool
	lags     bool                // the session of the last Deliver does
	watched  []*Socket           // whose listeners are to be told
	lagging  []*engineio.Session // who are to catch up before more is sent
	full     []*conn             // who did not
}

// sendLocked sends to one socket.
func (d *delivery) sendLocked(s *Socket) (sent bool) {
	sent, err := s.sendLocked(d.m, d.volatile, d)
	d.note(s, sent, err)
	return sent
}

// note takes note of what is to follow a message for one socket.
func (d *delivery) note(s *Socket, sent bool, err error) {
	if d.lags {
		d.lags = false
		d.lagging = append(d.lagging, s.conn.session)
	}
	if errors.Is(err, engineio.ErrQueueFull) {
		d.full = append(d.full, s.conn)
	}
	if sent && s.watched() {
		d.watched = append(d.watched, s)
	}
}

// finish closes the connections of those who were full, and holds the caller back for a
// moment if some of the others lag. No lock is held.
func (d *delivery) finish() {
	for _, c := range d.full {
		c.slow()
	}
	if len(d.lagging) > 0 {
		engineio.Pace(d.lagging)
	}
}

// deliver sends a broadcast's message. Sockets that are not connected do not get it.
func (s *Socket) deliver(d *delivery) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state == connected {
		d.sendLocked(s)
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
