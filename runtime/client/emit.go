// SPDX-License-Identifier: Apache-2.0

package client

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/sockgen/sockgen/runtime/siowire"
)

// Emit sends an event to the server, with args that are each encoded as
// [siowire.Encoder.Value] says. It puts the event into a queue and returns; while more
// than Limits.QueueBytes wait there it first waits for room, until ctx ends, so that a
// loop of emits runs at the server's pace. Without a connection the event waits for
// one, also before the first Open, unless SocketConfig.NoBuffer is set. It is sent
// once at most: what was on its way when a connection was lost is lost, too.
//
// Errors: of encoding, ErrReservedName, ErrTooManyAttachments, ErrTooLarge,
// ErrQueueFull when ctx ended before there was room (with ctx's own) or when
// Limits.BufferBytes wait for a connection, ErrDisconnected with NoBuffer, and
// ErrClosed.
func (s *Socket) Emit(ctx context.Context, event string, args ...any) error {
	return s.emitEncoded(ctx, event, encode(args))
}

// emitEncoded is Emit with encoded arguments, nil for none. It takes ownership of
// args and releases it.
func (s *Socket) emitEncoded(ctx context.Context, event string, args *siowire.Encoder) error {
	return Emitter{s: s}.emitEncoded(ctx, event, args)
}

// Send emits the event "message".
func (s *Socket) Send(ctx context.Context, args ...any) error { return s.Emit(ctx, "message", args...) }

// An Emitter emits to the server with a choice of how. It is an immutable value. The
// zero value belongs to no socket: its emits fail with ErrZeroValue.
type Emitter struct {
	s        *Socket
	volatile bool
}

// Volatile returns s with emits that are dropped unless the socket is connected and
// nothing else waits to be written.
func (s *Socket) Volatile() Emitter { return Emitter{s: s, volatile: true} }

// Volatile is [Socket.Volatile].
func (v Emitter) Volatile() Emitter {
	v.volatile = true
	return v
}

// Emit is [Socket.Emit]. That a volatile event was dropped is not an error.
func (v Emitter) Emit(ctx context.Context, event string, args ...any) error {
	return v.emitEncoded(ctx, event, encode(args))
}

// emitEncoded is [Socket.emitEncoded]. That a volatile event was dropped is not an
// error.
func (v Emitter) emitEncoded(ctx context.Context, event string, args *siowire.Encoder) error {
	defer release(args)
	s := v.s
	if s == nil {
		return ErrZeroValue
	}
	if err := s.sendable(event, args); err != nil {
		return err
	}
	msg := message{text: siowire.AppendEvent(nil, s.nsp, 0, false, event, args), attachments: attachments(args)}
	return s.untilRoom(ctx, nil, func() (room <-chan struct{}, err error) {
		_, room, err = s.emitLocked(waiting{msg: msg}, v.volatile)
		return room, err
	})
}

// untilRoom calls try with the Manager's lock, and again whenever there may be room in
// the queue, for as long as try wants room. It gives up when ctx ends or gaveUp is
// closed.
func (s *Socket) untilRoom(ctx context.Context, gaveUp <-chan struct{}, try func() (room <-chan struct{}, err error)) error {
	for {
		s.m.mu.Lock()
		room, err := try()
		s.m.mu.Unlock()
		if room == nil {
			return err
		}
		select {
		case <-room:
		case <-gaveUp:
			return fmt.Errorf("%w: %w", ErrQueueFull, ErrTimeout)
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", ErrQueueFull, context.Cause(ctx))
		}
	}
}

// A waiting event is emitted without a connection.
type waiting struct {
	msg  message
	id   uint64 // of its ack
	asks bool   // it has an ack
}

// emitLocked sends an event, or keeps it until there is a connection. While the queue
// is full it does neither, and room is closed when it may not be full any more.
func (s *Socket) emitLocked(w waiting, volatile bool) (accepted bool, room <-chan struct{}, err error) {
	size := w.msg.size()
	if s.m.closed {
		return false, nil, ErrClosed
	}
	if s.state == connected {
		// A session may just have ended, without the socket knowing yet.
		if accepted, room, err = s.m.session.send(w.msg, volatile, false); !errors.Is(err, ErrDisconnected) {
			return accepted, room, err
		}
	}
	switch {
	case volatile:
		return false, nil, nil
	case s.cfg.NoBuffer:
		return false, nil, ErrDisconnected
	case len(s.buffer) > 0 && s.bufferBytes+size > s.m.cfg.Limits.BufferBytes:
		return false, nil, fmt.Errorf("%w: %d events without a connection", ErrQueueFull, len(s.buffer))
	}
	s.buffer = append(s.buffer, w)
	s.bufferBytes += size
	return true, nil, nil
}

// flushLocked sends what waited for the connection. What the server would not take is
// dropped, which the log tells.
func (s *Socket) flushLocked() {
	for i, w := range s.buffer {
		_, _, err := s.m.session.send(w.msg, false, true)
		switch {
		case err == nil:
		case errors.Is(err, ErrDisconnected): // already again
			s.buffer = slices.Clone(s.buffer[i:])
			s.bufferBytes = 0
			for i := range s.buffer {
				s.bufferBytes += s.buffer[i].msg.size()
			}
			return
		case w.asks:
			s.answerLocked(w.id, reply{err: err})
		default:
			s.m.cfg.Logger.Warn("client: a buffered event was dropped", "namespace", plain(s.nsp), "error", err)
		}
	}
	s.buffer, s.bufferBytes = nil, 0
}

// unbufferLocked takes back the event that asks for the ack id, and reports whether it
// still waited for a connection.
func (s *Socket) unbufferLocked(id uint64) bool {
	i := slices.IndexFunc(s.buffer, func(w waiting) bool { return w.asks && w.id == id })
	if i < 0 {
		return false
	}
	s.bufferBytes -= s.buffer[i].msg.size()
	s.buffer = slices.Delete(s.buffer, i, i+1)
	return true
}

// encode encodes arguments one by one; nil for none.
func encode(args []any) *siowire.Encoder {
	if len(args) == 0 {
		return nil
	}
	e := siowire.NewEncoder()
	for _, a := range args {
		_ = e.Value(a) // remembered as Err
	}
	return e
}

func release(e *siowire.Encoder) {
	if e != nil {
		e.Release()
	}
}

// attachments returns those of e, nil for none.
func attachments(e *siowire.Encoder) [][]byte {
	if e == nil || len(e.Attachments) == 0 {
		return nil
	}
	return slices.Clone(e.Attachments)
}

// sendable reports what keeps an event from being sent.
func (s *Socket) sendable(event string, args *siowire.Encoder) error {
	if siowire.Reserved(event) {
		return fmt.Errorf("%w: %q", ErrReservedName, event)
	}
	return s.encodable(args)
}

func (s *Socket) encodable(args *siowire.Encoder) error {
	if args == nil {
		return nil
	}
	if err := args.Err(); err != nil {
		return err
	}
	if n, limit := len(args.Attachments), s.m.cfg.Limits.Packet.Attachments; n > limit {
		return fmt.Errorf("%w: %d, the limit is %d", ErrTooManyAttachments, n, limit)
	}
	return nil
}

// Timeout returns s with acks that must arrive within d, also when the ctx has a later
// deadline. With a d that is not positive nothing is emitted, and the emit fails with
// ErrInvalidTimeout.
func (s *Socket) Timeout(d time.Duration) TimedSocket { return Emitter{s: s}.Timeout(d) }

// Timeout is [Socket.Timeout].
func (v Emitter) Timeout(d time.Duration) TimedSocket { return TimedSocket{v, d} }

// A TimedSocket asks the server for acks within a time of its own. The zero value
// belongs to no socket: its emits fail with ErrZeroValue.
type TimedSocket struct {
	v       Emitter
	timeout time.Duration
}

// EmitWithAck is [Socket.EmitWithAck] within the time.
func (t TimedSocket) EmitWithAck(ctx context.Context, event string, args ...any) (siowire.Args, error) {
	return t.callEncoded(ctx, event, encode(args))
}

// callEncoded is [Socket.callEncoded] within the time.
func (t TimedSocket) callEncoded(ctx context.Context, event string, args *siowire.Encoder) (siowire.Args, error) {
	if t.v.s != nil && t.timeout <= 0 {
		release(args)
		return siowire.Args{}, ErrInvalidTimeout
	}
	return t.v.call(ctx, t.timeout, event, args)
}
