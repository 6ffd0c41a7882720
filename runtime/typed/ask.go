// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"time"

	"github.com/sockgen/sockgen/runtime/siowire"
	"github.com/sockgen/sockgen/runtime/socketio"
)

// An Emitter is a socket, or one with a choice of how events go to it, such as Volatile.
type Emitter interface {
	*socketio.Socket | socketio.Emitter
}

// usable returns why the arguments in e cannot be sent, and then releases them.
func (e Encoder) usable(event string) error {
	err := e.err(event)
	if err == nil {
		return nil
	}
	e.args.Release()
	if _, ok := err.(*SendError); ok {
		return err
	}
	return fmt.Errorf("typed: encode %q: %w", event, err)
}

// Emit emits event with the arguments in e, which it takes over.
func Emit[T Emitter](ctx context.Context, to T, event string, e Encoder) error {
	if err := e.usable(event); err != nil {
		return err
	}
	if s, ok := any(to).(*socketio.Socket); ok {
		return emitToSocket(s, ctx, event, e.args)
	}
	return emitToEmitter(any(to).(socketio.Emitter), ctx, event, e.args)
}

// Ask emits event with the arguments in e, which it takes over, to one socket
// and returns what it acknowledges. It waits until ctx ends and no longer than
// timeout; with a timeout of 0 and no deadline, as long as the server's
// configuration says.
//
// errors.Is finds [CodeTimeout] in an error when the ack did not come in time, and
// [CodeDisconnected] when the socket ended first.
func Ask(ctx context.Context, to *socketio.Socket, event string, timeout time.Duration, e Encoder) (*Reply, error) {
	if err := e.usable(event); err != nil {
		return nil, err
	}
	var args siowire.Args
	var err error
	if timeout > 0 {
		args, err = callTimed(to.Timeout(timeout), ctx, event, e.args)
	} else {
		args, err = callSocket(to, ctx, event, e.args)
	}
	if err != nil {
		return nil, unanswered(event, err)
	}
	return NewReply(args, event, Plain, nil), nil
}

// AskNothing is [Ask] for an event that is acknowledged without a value.
func AskNothing(ctx context.Context, to *socketio.Socket, event string, timeout time.Duration, e Encoder) error {
	_, err := Ask(ctx, to, event, timeout, e)
	return err
}

// AskOne is [Ask] for an audience of one socket, which may be on another node.
// When there is no such socket, errors.Is finds [CodeDisconnected].
func AskOne[S any](ctx context.Context, to Audience[S], event string, timeout time.Duration, e Encoder) (r *Reply, err error) {
	if err := e.usable(event); err != nil {
		return r, err
	}
	err = to.take(e, func(b socketio.Broadcast) error {
		for answer, err := range answersOf(timeoutOr(b, timeout), ctx, event, e.args) {
			if err != nil {
				return unanswered(event, err)
			}
			r = NewReply(answer.Args, event, Plain, nil)
			return nil
		}
		return unanswered(event, socketio.ErrDisconnected)
	})
	return r, err
}

// AskOneNothing is [AskOne] for an event that is acknowledged without a value.
func AskOneNothing[S any](ctx context.Context, to Audience[S], event string, timeout time.Duration, e Encoder) error {
	_, err := AskOne(ctx, to, event, timeout, e)
	return err
}

// A Result is what one socket of several acknowledged.
type Result[T any] struct {
	Value T
	Err   error // why there is no Value
}

// AskAll emits event with the arguments that encode writes to all sockets of to
// and yields what each acknowledges, in the order of arrival. Each loop over the
// result emits anew, when it begins; leaving it stops the waiting.
//
// A socket whose ack does not fit the schema has a [*PayloadError]. After the
// answers come the sockets without one: errors.Is finds [CodeTimeout] in the
// error of those that did not answer within timeout and before ctx ended, and
// [CodeDisconnected] in that of this node's sockets that ended first; those of
// other nodes are then left out. The id is empty when another node does not
// tell it, and with an error that is about no socket, which comes last.
//
// It is kept from being inlined, or each call would repeat what it consists of.
//
//go:noinline
func AskAll[S, A any](ctx context.Context, to Audience[S], event string, timeout time.Duration, encode func(Encoder), read func(*Reply, error) (A, error)) iter.Seq2[socketio.ID, Result[A]] {
	return func(yield func(socketio.ID, Result[A]) bool) {
		ask(ctx, to, event, timeout, encode, func(id socketio.ID, r *Reply, err error) bool {
			value, err := read(r, err)
			return yield(id, Result[A]{value, err})
		})
	}
}

// ask is one loop over what [AskAll] returns. yield gets a reply, or why there is none.
func ask[S any](ctx context.Context, to Audience[S], event string, timeout time.Duration, encode func(Encoder), yield func(socketio.ID, *Reply, error) bool) {
	e := NewEncoder()
	encode(e)
	err := e.usable(event)
	if err == nil {
		err = to.take(e, func(b socketio.Broadcast) error {
			round := askRound{event: event, yield: yield, asked: to.ids(), connected: to.connected}
			return round.run(answersOf(timeoutOr(b, timeout), ctx, event, e.args))
		})
	}
	if err != nil && !errors.Is(err, errLeft) {
		yield("", nil, err)
	}
}

// errLeft says that the loop over answers was left.
var errLeft = errors.New("typed: nobody wants more answers")

// An askRound hands the answers to one AskAll over.
type askRound struct {
	event     string
	yield     func(socketio.ID, *Reply, error) bool
	asked     []socketio.ID // this node's sockets shortly before, sorted
	connected func(socketio.ID) bool
}

func (r *askRound) run(answers iter.Seq2[socketio.Answer, error]) error {
	heard := map[socketio.ID]bool{}
	var missing *socketio.MissingError
	for answer, err := range answers {
		switch {
		case errors.As(err, &missing):
			continue // the last one
		case err != nil:
			return unanswered(r.event, err)
		}
		heard[answer.ID] = true
		if !r.yield(answer.ID, NewReply(answer.Args, r.event, Plain, nil), nil) {
			return errLeft
		}
	}
	if missing != nil {
		for _, id := range missing.IDs {
			heard[id] = true
			if !r.yield(id, nil, unanswered(r.event, missing)) {
				return errLeft
			}
		}
	}
	for _, id := range r.asked {
		if heard[id] || r.connected(id) { // the latter left the rooms a moment before
			continue
		}
		if !r.yield(id, nil, unanswered(r.event, socketio.ErrDisconnected)) {
			return errLeft
		}
	}
	return nil
}

// An unansweredError says with a [Code] why an ack did not come. It is no
// [Error], so a handler that returns it does not tell its own client that code.
type unansweredError struct {
	code  Code
	event string
	cause error
}

// unanswered returns err, which an event with ack failed with, for errors.Is to
// find the code in it.
func unanswered(event string, err error) error {
	switch {
	case errors.Is(err, socketio.ErrTimeout), errors.Is(err, context.DeadlineExceeded):
		return &unansweredError{CodeTimeout, event, err}
	case errors.Is(err, socketio.ErrDisconnected):
		return &unansweredError{CodeDisconnected, event, err}
	}
	return fmt.Errorf("typed: ack of %q: %w", event, err)
}

func (e *unansweredError) Error() string {
	return fmt.Sprintf("typed: ack of %q: %v", e.event, e.cause)
}

func (e *unansweredError) Unwrap() error { return e.cause }

func (e *unansweredError) Is(target error) bool {
	code, ok := target.(Code)
	return ok && code == e.code
}
