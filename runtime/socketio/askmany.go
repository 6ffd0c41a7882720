// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/engineio"
	"github.com/sockgen/sockgen/runtime/siowire"
)

// An Answer is what one socket answered to a broadcast. Its ID is empty when the
// socket is on another node that does not tell.
type Answer = adapter.Answer

// A MissingError says which sockets did not answer a broadcast in time. It is an
// ErrTimeout to errors.Is.
type MissingError struct {
	IDs []ID // an empty one for a socket of another node that does not tell
}

// Error counts them.
func (e *MissingError) Error() string {
	return fmt.Sprintf("%v: %d sockets did not answer", ErrTimeout, len(e.IDs))
}

// Unwrap returns ErrTimeout.
func (e *MissingError) Unwrap() error { return ErrTimeout }

// An AckBroadcast is a Broadcast whose sockets shall answer, each within a time that
// starts with the emit. It is an immutable value.
type AckBroadcast struct {
	b       Broadcast
	timeout time.Duration
}

// Timeout returns b for events that want answers, each within d of the emit. With a d
// that is not positive nothing is emitted, and the emit fails with ErrInvalidTimeout:
// without a bound one silent client would hold the call for ever.
func (b Broadcast) Timeout(d time.Duration) AckBroadcast { return AckBroadcast{b, d} }

// EmitWithAck emits an event and collects the answers in the order of arrival. It
// returns when every socket has answered or ended, at once when nobody is meant. A
// socket that ends without an answer is not counted.
//
// Errors, with the answers so far: *MissingError when somebody did not answer in
// time or owes too many acks to be asked, ctx's own when it ended before that, an
// [*adapter.MissingNodesError] when a node did not say whom it asked, and those of
// [Broadcast.Emit].
func (b AckBroadcast) EmitWithAck(ctx context.Context, event string, args ...any) ([]Answer, error) {
	var answers []Answer
	err := b.each(ctx, event, encode(args), func(a Answer) bool {
		answers = append(answers, a)
		return true
	})
	return answers, err
}

// Answers is EmitWithAck as an iterator: the event is emitted when the loop begins,
// and each answer is there as soon as it has arrived. An error comes last, with no
// answer. Leaving the loop stops the waiting; answers after that are ignored.
func (b AckBroadcast) Answers(ctx context.Context, event string, args ...any) iter.Seq2[Answer, error] {
	return func(yield func(Answer, error) bool) {
		b.answersEncoded(ctx, event, encode(args))(yield)
	}
}

// each emits and calls answer for each answer, in the caller's goroutine.
func (b AckBroadcast) each(ctx context.Context, event string, args *siowire.Encoder, answer func(Answer) bool) error {
	defer release(args)
	switch {
	case b.b.ns == nil:
		return ErrZeroValue
	case b.b.parent != nil:
		return ErrParentNamespace
	case b.timeout <= 0:
		return ErrInvalidTimeout
	}
	srv := b.b.ns.srv
	if err := srv.sendable(event, args); err != nil {
		return err
	}
	if b.b.options().Nobody() {
		return nil
	}
	asking, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	timer := srv.cfg.Clock.AfterFunc(b.timeout, func() { cancel(ErrTimeout) })
	defer timer.Stop()
	o := b.b.options()
	o.Timeout = b.timeout
	left := false
	var missing []ID
	err := b.b.ns.reach(func(n *Namespace) (err error) {
		missing, err = n.adapter.BroadcastWithAck(asking, adapter.Event{Name: event, Args: args}, o, func(a Answer) bool {
			left = !answer(a)
			return !left
		})
		return err
	})
	switch {
	case left:
		return nil
	case len(missing) == 0:
		return err
	case errors.Is(ctx.Err(), context.Canceled):
		return context.Cause(ctx)
	}
	srv.count.timeouts.Add(uint64(len(missing)))
	if err != nil {
		return errors.Join(&MissingError{missing}, err)
	}
	return &MissingError{missing}
}

// A reply is how waiting for one socket's ack ends.
type reply struct {
	from *Socket
	args siowire.Args
	gone bool // the socket ended first
}

// DeliverWithAck implements adapter.Local. One id serves all sockets (R184).
func (l local) DeliverWithAck(ctx context.Context, ids iter.Seq[ID], e adapter.Event, o adapter.Options, asked func(n int), answer func(Answer) bool) []ID {
	told := asked == nil
	tell := func(n int) {
		if !told {
			told = true
			asked(n)
		}
	}
	defer tell(0) // another node waits for it, whatever happens here
	if !l.sendable(e) {
		return nil
	}
	targets := l.connected(ids)
	round := &ackRound{id: l.ns.nextAckID(), replies: make(chan reply, len(targets)), waiting: map[*Socket]struct{}{}}
	if len(targets) > 0 {
		m := l.ns.eventMessage(e.Name, round.id, true, e.Args)
		m.NoCompress = o.Uncompressed
		l.ns.setSlow(m, e.Name, o.Slow)
		round.ask(targets, e.Name, m, o.Volatile)
		m.Release()
	}
	defer round.forget() // also when asked or answer panics: nobody waits any more
	tell(len(round.waiting) + len(round.missing))
	round.collect(ctx, answer)
	slices.Sort(round.missing)
	return round.missing
}

// connected returns the sockets of ids that are.
func (l local) connected(ids iter.Seq[ID]) []*Socket {
	var list []*Socket
	for id := range ids {
		if s := l.ns.lookup(id); s != nil {
			list = append(list, s)
		}
	}
	return list
}

// An ackRound is one broadcast whose answers are awaited, by one goroutine.
type ackRound struct {
	id      uint64
	replies chan reply // has room for one of each socket that was asked
	waiting map[*Socket]struct{}
	missing []ID
}

// ask sends m to the sockets. One whose client owes too many acks is missing at once;
// one that ended meanwhile, or is passed over because m is volatile, does not count.
func (r *ackRound) ask(targets []*Socket, event string, m *engineio.Message, volatile bool) {
	d := delivery{}
	for _, s := range targets {
		sent, err := s.askLocking(r.id, r.replies, m, volatile, &d)
		if errors.Is(err, ErrTooManyPending) {
			s.conn.hit(limitPendingAcks)
			r.missing = append(r.missing, s.id)
		}
		if sent {
			r.waiting[s] = struct{}{}
			s.conn.session.Flush()
		}
		d.note(s, sent, err)
	}
	if len(d.watched) > 0 {
		args := sentArgs(m)
		for _, s := range d.watched {
			s.tell(event, args)
		}
	}
	d.finish()
}

// collect hands the answers over until there are no more, nobody wants them, or ctx
// ends.
func (r *ackRound) collect(ctx context.Context, answer func(Answer) bool) {
	stopped := false
	take := func(got reply) {
		delete(r.waiting, got.from)
		if !got.gone && !stopped {
			stopped = !answer(Answer{ID: got.from.id, Args: got.args})
		}
	}
	for len(r.waiting) > 0 && !stopped {
		select {
		case got := <-r.replies:
			take(got)
		case <-ctx.Done():
			// Whose ack is forgotten now will not answer; the others have.
			for _, s := range slices.Collect(maps.Keys(r.waiting)) {
				if s.forgetAck(r.id) {
					delete(r.waiting, s)
					r.missing = append(r.missing, s.id)
				}
			}
			for len(r.waiting) > 0 {
				take(<-r.replies)
			}
		}
	}
	r.missing = slices.AppendSeq(r.missing, ids(maps.Keys(r.waiting)))
}

// forget gives up waiting.
func (r *ackRound) forget() {
	for s := range r.waiting {
		s.forgetAck(r.id)
	}
}

func ids(sockets iter.Seq[*Socket]) iter.Seq[ID] {
	return func(yield func(ID) bool) {
		for s := range sockets {
			if !yield(s.id) {
				return
			}
		}
	}
}

// A TimedSocket asks a socket's client for acks within a time of its own.
type TimedSocket struct {
	v       Emitter
	timeout time.Duration
}

// Timeout returns s with acks that must arrive within d, also when the ctx has a
// later deadline. With a d that is not positive nothing is emitted, and the emit fails
// with ErrInvalidTimeout.
func (s *Socket) Timeout(d time.Duration) TimedSocket { return Emitter{s: s}.Timeout(d) }

// Timeout is [Socket.Timeout].
func (v Emitter) Timeout(d time.Duration) TimedSocket { return TimedSocket{v, d} }

// EmitWithAck is [Socket.EmitWithAck] within the time.
func (t TimedSocket) EmitWithAck(ctx context.Context, event string, args ...any) (siowire.Args, error) {
	return t.callEncoded(ctx, event, encode(args))
}

// callEncoded is [Socket.callEncoded] within the time.
func (t TimedSocket) callEncoded(ctx context.Context, event string, args *siowire.Encoder) (siowire.Args, error) {
	if t.v.s == nil {
		release(args)
		return siowire.Args{}, ErrZeroValue
	}
	if t.timeout <= 0 {
		release(args)
		return siowire.Args{}, ErrInvalidTimeout
	}
	return t.v.call(ctx, t.timeout, event, args)
}
