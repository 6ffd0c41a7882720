package socketio

import (
	"context"
	"errors"
	"fmt"

	"github.com/sockgen/sockgen/runtime/engineio"
	"github.com/sockgen/sockgen/runtime/siowire"
)

// EmitWithAck emits an event and waits for the client's answer, whose arguments it
// returns. It waits until ctx ends or, if ctx has no deadline, for
// Config.AckTimeout. A handler may call it: answers do not queue behind events,
// unless the inbox is full.
//
// Errors, besides those of Emit: ErrTimeout when the answer did not come in time,
// ErrDisconnected when the socket ended first, the ctx's own when it was cancelled,
// ErrTooManyPending, and ErrNotConnected in a Use function. A late answer is ignored
// and counted.
func (s *Socket) EmitWithAck(ctx context.Context, event string, args ...any) (siowire.Args, error) {
	return s.CallEncoded(ctx, event, encode(args))
}

// CallEncoded is EmitWithAck with encoded arguments, nil for none. It takes ownership
// of args and releases it.
func (s *Socket) CallEncoded(ctx context.Context, event string, args *siowire.Encoder) (siowire.Args, error) {
	id, answer, err := s.ask(event, args)
	if err != nil {
		return siowire.Args{}, err
	}
	expired := make(chan struct{})
	if _, bounded := ctx.Deadline(); !bounded {
		timer := s.ns.srv.cfg.Clock.AfterFunc(s.ns.srv.cfg.AckTimeout, func() { close(expired) })
		defer timer.Stop()
	}
	select {
	case got, ok := <-answer:
		return answered(got, ok)
	case <-ctx.Done():
		err = ctx.Err()
	case <-expired:
		err = ErrTimeout
	}
	if !s.forgetAck(id) { // the answer or the end came at the same moment
		got, ok := <-answer
		return answered(got, ok)
	}
	if errors.Is(err, context.Canceled) {
		return siowire.Args{}, context.Cause(ctx)
	}
	s.ns.srv.count.timeouts.Add(1)
	return siowire.Args{}, fmt.Errorf("%w: the client did not answer %q", ErrTimeout, event)
}

func answered(got siowire.Args, ok bool) (siowire.Args, error) {
	if !ok {
		return siowire.Args{}, ErrDisconnected
	}
	return got, nil
}

// ask sends an event with an ack id and returns where its answer will come: one
// value, or the channel is closed when the socket ends.
func (s *Socket) ask(event string, args *siowire.Encoder) (uint64, chan siowire.Args, error) {
	defer release(args)
	if err := s.ns.srv.sendable(event, args); err != nil {
		return 0, nil, err
	}
	id := (s.ns.nextAck.Add(1) - 1) & siowire.MaxID
	m := s.ns.eventMessage(event, id, true, args)
	defer m.Release()
	answer := make(chan siowire.Args, 1)
	err := s.askLocking(id, answer, m)
	if errors.Is(err, engineio.ErrQueueFull) {
		s.conn.slow()
	}
	if err == nil && s.watched() {
		s.tell(event, sentArgs(m))
	}
	return id, answer, err
}

func (s *Socket) askLocking(id uint64, answer chan siowire.Args, m *engineio.Message) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state == pending {
		return ErrNotConnected
	}
	if len(s.acks) >= s.ns.srv.cfg.Limits.PendingAcks {
		return fmt.Errorf("%w: %d", ErrTooManyPending, len(s.acks))
	}
	if _, err := s.sendLocked(m, false); err != nil {
		return err
	}
	if s.acks == nil {
		s.acks = map[uint64]chan siowire.Args{}
	}
	s.acks[id] = answer
	return nil
}

// forgetAck gives up waiting. It reports false when the answer was faster, or the
// socket's end.
func (s *Socket) forgetAck(id uint64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, waiting := s.acks[id]
	delete(s.acks, id)
	return waiting
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
	delete(s.acks, p.ID)
	s.ns.srv.count.acksReceived.Add(1)
	answer <- p.Args // has room for the one value that is ever sent
	return nil
}
