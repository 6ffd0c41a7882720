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
	return Emitter{s: s}.CallEncoded(ctx, event, args)
}

// EmitWithAck is [Socket.EmitWithAck]. A volatile event that was dropped is
// ErrTimeout, at once.
func (v Emitter) EmitWithAck(ctx context.Context, event string, args ...any) (siowire.Args, error) {
	return v.CallEncoded(ctx, event, encode(args))
}

// CallEncoded is EmitWithAck with encoded arguments, nil for none. It takes ownership
// of args and releases it.
func (v Emitter) CallEncoded(ctx context.Context, event string, args *siowire.Encoder) (siowire.Args, error) {
	timeout := v.s.ns.srv.cfg.AckTimeout
	if _, bounded := ctx.Deadline(); bounded {
		timeout = 0
	}
	return v.call(ctx, timeout, event, args)
}

// call does what CallEncoded does; a timeout of zero means that of ctx alone.
func (v Emitter) call(ctx context.Context, timeout time.Duration, event string, args *siowire.Encoder) (siowire.Args, error) {
	s := v.s
	id, answer, err := v.ask(event, args)
	if err != nil {
		return siowire.Args{}, err
	}
	s.conn.session.Detach()
	expired := make(chan struct{})
	if timeout > 0 {
		timer := s.ns.srv.cfg.Clock.AfterFunc(timeout, func() { close(expired) })
		defer timer.Stop()
	}
	select {
	case got := <-answer:
		return got.result()
	case <-ctx.Done():
		err = ctx.Err()
	case <-expired:
		err = ErrTimeout
	}
	if !s.forgetAck(id) { // the answer or the end came at the same moment
		return (<-answer).result()
	}
	if errors.Is(err, context.Canceled) {
		return siowire.Args{}, context.Cause(ctx)
	}
	s.ns.srv.count.timeouts.Add(1)
	return siowire.Args{}, fmt.Errorf("%w: the client did not answer %q", ErrTimeout, event)
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

// ask sends an event with an ack id and returns where the one reply will come.
func (v Emitter) ask(event string, args *siowire.Encoder) (uint64, chan reply, error) {
	defer release(args)
	s := v.s
	if err := s.ns.srv.sendable(event, args); err != nil {
		return 0, nil, err
	}
	id := s.ns.nextAckID()
	m := s.ns.eventMessage(event, id, true, args)
	m.NoCompress = v.uncompressed
	defer m.Release()
	answer := make(chan reply, 1)
	sent, err := s.askLocking(id, answer, m, v.volatile)
	switch {
	case errors.Is(err, engineio.ErrQueueFull):
		s.conn.slow()
	case err == nil && !sent:
		err = fmt.Errorf("%w: the volatile event %q was dropped", ErrTimeout, event)
	}
	if sent && s.watched() {
		s.tell(event, sentArgs(m))
	}
	return id, answer, err
}

// askLocking sends m, which asks for an ack, and has the one reply sent to answer,
// where there is room for it.
func (s *Socket) askLocking(id uint64, answer chan<- reply, m *engineio.Message, volatile bool) (sent bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state == pending {
		return false, ErrNotConnected
	}
	if len(s.acks) >= s.ns.srv.cfg.Limits.PendingAcks {
		return false, fmt.Errorf("%w: %d", ErrTooManyPending, len(s.acks))
	}
	if sent, err = s.sendLocked(m, volatile); !sent {
		return false, err
	}
	if s.acks == nil {
		s.acks = map[uint64]chan<- reply{}
	}
	s.acks[id] = answer
	return true, nil
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
	answer <- reply{from: s, args: p.Args}
	return nil
}
