// SPDX-License-Identifier: Apache-2.0

package client

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/sockgen/sockgen/runtime/siowire"
)

// A reply is what became of an event that asked for an ack.
type reply struct {
	args siowire.Args
	err  error
}

// EmitWithAck emits an event and waits for the server's answer, whose arguments it
// returns. It waits until ctx ends or, if ctx has no deadline, for Config.AckTimeout,
// the time without a connection or without room in the queue included. A handler may
// call it, however many events wait behind it: answers do not queue behind events.
//
// Errors, besides those of Emit: ErrTimeout when the answer did not come in time,
// ErrDisconnected when the connection ended between the event and its answer, and the
// ctx's own when it was cancelled. A late answer is ignored. A server that offers it, as
// those of generated code do, is told when the waiting ends without an answer: the ctx of
// its handler ends, too.
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
	timeout := v.s.m.cfg.AckTimeout
	if _, bounded := ctx.Deadline(); bounded {
		timeout = 0
	}
	return v.call(ctx, timeout, event, args)
}

// call does what callEncoded does; a timeout of zero means that of ctx alone.
func (v Emitter) call(ctx context.Context, timeout time.Duration, event string, args *siowire.Encoder) (siowire.Args, error) {
	s := v.s
	if s == nil {
		release(args)
		return siowire.Args{}, ErrZeroValue
	}
	expired := make(chan struct{})
	if timeout > 0 {
		timer := s.m.cfg.Clock.AfterFunc(timeout, func() { close(expired) })
		defer timer.Stop()
	}
	id, answer, err := v.ask(ctx, expired, event, args)
	if err != nil {
		if errors.Is(err, context.DeadlineExceeded) {
			err = fmt.Errorf("%w: %w", ErrTimeout, err)
		}
		return siowire.Args{}, err
	}
	select {
	case got := <-answer:
		return got.args, got.err
	case <-ctx.Done():
		err = ctx.Err()
	case <-expired:
		err = ErrTimeout
	}
	if !s.forgetAck(id) { // the answer or the end came at the same moment
		got := <-answer
		return got.args, got.err
	}
	if errors.Is(err, context.Canceled) {
		return siowire.Args{}, context.Cause(ctx)
	}
	return siowire.Args{}, fmt.Errorf("%w: the server did not answer %q", ErrTimeout, event)
}

// ask sends an event with an ack id and returns where the one reply will come. It waits
// for room as untilRoom does.
func (v Emitter) ask(ctx context.Context, expired <-chan struct{}, event string, args *siowire.Encoder) (uint64, <-chan reply, error) {
	defer release(args)
	s := v.s
	if err := s.sendable(event, args); err != nil {
		return 0, nil, err
	}
	// Ids grow for as long as the socket lives, also over connections (R264).
	id := (s.nextAck.Add(1) - 1) & siowire.MaxID
	msg := message{text: siowire.AppendEvent(nil, s.nsp, id, true, event, args), attachments: attachments(args)}
	answer := make(chan reply, 1)
	err := s.untilRoom(ctx, expired, func() (room <-chan struct{}, err error) {
		accepted, room, err := s.emitLocked(waiting{msg: msg, id: id, asks: true}, v.volatile)
		switch {
		case accepted:
			s.acks[id] = answer
		case err == nil && room == nil:
			err = fmt.Errorf("%w: the volatile event %q was dropped", ErrTimeout, event)
		}
		return room, err
	})
	return id, answer, err
}

// forgetAck gives up waiting, and emitting if that has not happened yet. It reports
// false when the answer was faster, or the end.
func (s *Socket) forgetAck(id uint64) bool {
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	_, pending := s.acks[id]
	delete(s.acks, id)
	if !s.unbufferLocked(id) && pending {
		s.takeBackLocked(id)
	}
	return pending
}

// cancelEvent tells a server that offers it that a request is given up (R297).
const cancelEvent = "$cancel"

// takeBackLocked tells the server that nobody waits for the answer to an event that was
// sent, if it wants to know.
func (s *Socket) takeBackLocked(id uint64) {
	if !s.takesBack || s.state != connected {
		return
	}
	args := encode([]any{id})
	defer release(args)
	s.m.sendLocked(message{text: siowire.AppendEvent(nil, s.nsp, 0, false, cancelEvent, args)})
}

// acknowledgedLocked handles an ACK packet. Ids that nobody waits for are ignored
// (R150, R185).
func (s *Socket) acknowledgedLocked(p siowire.Packet) {
	if p.HasID && s.state == connected {
		s.answerLocked(p.ID, reply{args: p.Args})
	}
}

// answerLocked hands the one reply over; there is room for it.
func (s *Socket) answerLocked(id uint64, r reply) {
	if answer, pending := s.acks[id]; pending {
		delete(s.acks, id)
		answer <- r
	}
}

// failAcksLocked ends the waiting for acks of events that were sent, and of those in
// the buffer too when nothing will send them.
func (s *Socket) failAcksLocked(err error, buffered bool) {
	unsent := map[uint64]bool{}
	if !buffered {
		for i := range s.buffer {
			if s.buffer[i].asks {
				unsent[s.buffer[i].id] = true
			}
		}
	}
	for id := range s.acks {
		if !unsent[id] {
			s.answerLocked(id, reply{err: err})
		}
	}
}
