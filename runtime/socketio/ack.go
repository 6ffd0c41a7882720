// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sockgen/sockgen/runtime/engineio"
	"github.com/sockgen/sockgen/runtime/siowire"
)

// EmitWithAck emits an event and waits for the client's answer, whose arguments it
// returns. It waits until ctx ends or, if ctx has no deadline, for
// Config.AckTimeout, and that includes the time until there is room to send, as with
// Emit, and until the client owes fewer acks than Limits.PendingAcks. A handler may call
// it: answers do not queue behind events.
//
// Errors, besides those of Emit: ErrTimeout when the answer did not come in time,
// ErrTooManyPending when the event was not even sent because the client owed too many,
// ErrDisconnected when the socket ended first, the ctx's own when it was cancelled, and
// ErrNotConnected in a Use function. A late answer is ignored and counted.
func (s *Socket) EmitWithAck(ctx context.Context, event string, args ...any) (siowire.Args, error) {
	return s.callEncoded(ctx, event, encode(args))
}

// callEncoded is EmitWithAck with encoded arguments, nil for none. It takes ownership
// of args and releases it.
func (s *Socket) callEncoded(ctx context.Context, event string, args *siowire.Encoder) (siowire.Args, error) {
	return Emitter{s: s}.callEncoded(ctx, event, args)
}

// EmitWithAck is [Socket.EmitWithAck]. A volatile event that was dropped is
// ErrTimeout, at once.
func (v Emitter) EmitWithAck(ctx context.Context, event string, args ...any) (siowire.Args, error) {
	return v.callEncoded(ctx, event, encode(args))
}

// callEncoded is EmitWithAck with encoded arguments, nil for none. It takes ownership
// of args and releases it.
func (v Emitter) callEncoded(ctx context.Context, event string, args *siowire.Encoder) (siowire.Args, error) {
	if v.s == nil {
		release(args)
		return siowire.Args{}, ErrZeroValue
	}
	timeout := v.s.ns.srv.cfg.AckTimeout
	if _, bounded := ctx.Deadline(); bounded {
		timeout = 0
	}
	return v.call(ctx, timeout, event, args)
}

// call does what callEncoded does; a timeout of zero means that of ctx alone.
func (v Emitter) call(ctx context.Context, timeout time.Duration, event string, args *siowire.Encoder) (siowire.Args, error) {
	s := v.s
	waiting, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if timeout > 0 {
		timer := s.ns.srv.cfg.Clock.AfterFunc(timeout, func() { cancel(ErrTimeout) })
		defer timer.Stop()
	}
	id, answer, err := v.ask(waiting, event, args)
	if err != nil {
		return siowire.Args{}, s.unasked(event, err)
	}
	s.conn.session.Detach()
	select {
	case got := <-answer:
		return got.result()
	case <-waiting.Done():
	}
	if !s.forgetAck(id) { // the answer or the end came at the same moment
		return (<-answer).result()
	}
	return siowire.Args{}, s.unasked(event, context.Cause(waiting))
}

// unasked is what the caller is told when an event was not answered, because its time
// was up or for another reason.
func (s *Socket) unasked(event string, err error) error {
	if !errors.Is(err, ErrTimeout) && !errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	s.ns.srv.count.timeouts.Add(1)
	if errors.Is(err, ErrTooManyPending) {
		return err
	}
	return fmt.Errorf("%w: the client did not answer %q", ErrTimeout, event)
}

func (r reply) result() (siowire.Args, error) {
	if r.gone {
		return siowire.Args{}, ErrDisconnected
	}
	return r.args, nil
}

// nextAckID returns the next of the ids that all sockets of the namespace share
// (R184).
func (n *Namespace) nextAckID() uint64 { return (n.nextAck.Add(1) - 1) & siowire.MaxID }

// ask sends an event with an ack id, as soon as there is room, and returns where the
// one reply will come.
func (v Emitter) ask(ctx context.Context, event string, args *siowire.Encoder) (uint64, chan reply, error) {
	defer release(args)
	s := v.s
	if err := s.ns.srv.sendable(event, args); err != nil {
		return 0, nil, err
	}
	id := s.ns.nextAckID()
	m := s.ns.eventMessage(event, id, true, args)
	m.NoCompress = v.uncompressed
	s.ns.setSlow(m, event, v.slow)
	defer m.Release()
	answer := make(chan reply, 1)
	sent, err := s.askInTurn(ctx, id, answer, m, v.volatile)
	if err == nil && !sent {
		err = fmt.Errorf("%w: the volatile event %q was dropped", ErrTimeout, event)
	}
	if sent && s.watched() {
		s.tell(event, sentArgs(m))
	}
	return id, answer, err
}

// askInTurn is askLocking as soon as there is room for one more message and one more
// ack.
func (s *Socket) askInTurn(ctx context.Context, id uint64, answer chan<- reply, m *engineio.Message, volatile bool) (sent bool, err error) {
	for {
		sent, err = s.askLocking(id, answer, m, volatile, nil)
		switch {
		case errors.Is(err, engineio.ErrBusy):
			err = s.awaitRoom(ctx)
		case errors.Is(err, ErrTooManyPending):
			s.conn.hit(limitPendingAcks)
			err = s.awaitAck(ctx, err)
		default:
			s.closeIfFull(err)
			return sent, err
		}
		if err != nil {
			return false, err
		}
	}
}

// awaitAck waits until the client owes fewer acks. When ctx ends first it returns crowded
// and the cause.
func (s *Socket) awaitAck(ctx context.Context, crowded error) error {
	s.conn.session.Detach()
	s.conn.session.Flush()
	s.mu.Lock()
	if len(s.acks) < s.ns.srv.cfg.Limits.PendingAcks {
		s.mu.Unlock()
		return nil
	}
	if s.owes == nil {
		s.owes = make(chan struct{})
	}
	less := s.owes
	s.mu.Unlock()
	select {
	case <-less:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("%w: %w", crowded, context.Cause(ctx))
	}
}

// owesLessLocked lets those look again who wait in awaitAck.
func (s *Socket) owesLessLocked() {
	if s.owes != nil {
		close(s.owes)
		s.owes = nil
	}
}

// askLocking sends m, which asks for an ack, and has the one reply sent to answer,
// where there is room for it.
func (s *Socket) askLocking(id uint64, answer chan<- reply, m *engineio.Message, volatile bool, d *delivery) (sent bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state == pending {
		return false, ErrNotConnected
	}
	if s.state == connected && len(s.acks) >= s.ns.srv.cfg.Limits.PendingAcks {
		return false, fmt.Errorf("%w: %d", ErrTooManyPending, len(s.acks))
	}
	if sent, err = s.sendLocked(m, volatile, d); !sent {
		return false, err
	}
	if s.acks == nil {
		s.acks = map[uint64]chan<- reply{}
	}
	s.acks[id] = answer
	if s.conn.asked.Add(1) == 1 {
		s.conn.releaseReader() // the answer may be behind what it has not read
	}
	return true, nil
}

// answered notes that n acks are not waited for any more.
func (c *conn) answered(n int) { c.asked.Add(-int64(n)) }

// forgetAck gives up waiting. It reports false when the answer was faster, or the
// socket's end.
func (s *Socket) forgetAck(id uint64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, waiting := s.acks[id]
	if waiting {
		s.doneLocked(id)
	}
	return waiting
}

// doneLocked takes an ack off those that are waited for.
func (s *Socket) doneLocked(id uint64) {
	delete(s.acks, id)
	s.conn.answered(1)
	s.owesLessLocked()
}

// acknowledged handles an ACK packet, on the connection's reader. Ids are looked up
// in this socket's table alone (R186); those that nobody waits for are ignored
// (R150, R185).
func (s *Socket) acknowledged(p siowire.Packet) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state == pending {
		return errNotJoined
	}
	answer, waiting := s.acks[p.ID]
	if !waiting || !p.HasID {
		s.ns.srv.count.lateAcks.Add(1)
		return nil
	}
	s.doneLocked(p.ID)
	s.ns.srv.count.acksReceived.Add(1)
	answer <- reply{from: s, args: p.Args}
	return nil
}
