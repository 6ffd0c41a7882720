// SPDX-License-Identifier: Apache-2.0

package typedclient

import (
	"context"
	"errors"
	"time"

	"github.com/sockgen/sockgen/runtime/client"
	"github.com/sockgen/sockgen/runtime/siowire"
	"github.com/sockgen/sockgen/runtime/typed"
)

// An Event is what is known of a client event beside its types.
type Event struct {
	Name     string
	Ack      typed.AckForm
	Timeout  time.Duration // for the ack, where ctx has no deadline; zero means the client's configuration
	Volatile bool          // may be lost where it cannot be written at once
}

// Emit emits ev with the arguments in e, which it takes over. It queues and does not
// block; see [client.Socket.Emit].
func Emit(ctx context.Context, b *Base, ev Event, e typed.Encoder) error {
	args, err := e.Take(ev.Name)
	switch {
	case err != nil:
		return err
	case ev.Volatile:
		return emitToEmitter(b.socket.Volatile(), ctx, ev.Name, args)
	}
	return emitToSocket(b.socket, ctx, ev.Name, args)
}

// Call emits ev with the arguments in e, which it takes over, and returns what the
// server acknowledges.
func Call(ctx context.Context, b *Base, ev Event, e typed.Encoder) (*typed.Reply, error) {
	args, err := e.Take(ev.Name)
	if err != nil {
		return nil, err
	}
	var answer siowire.Args
	if _, bounded := ctx.Deadline(); ev.Timeout > 0 && !bounded {
		answer, err = callTimed(b.socket.Timeout(ev.Timeout), ctx, ev.Name, args)
	} else {
		answer, err = callSocket(b.socket, ctx, ev.Name, args)
	}
	if err != nil {
		return nil, unanswered(ev.Name, err)
	}
	return typed.NewReply(answer, ev.Name, ev.Ack, b.errors), nil
}

// CallNothing is [Call] for an event that is acknowledged without a value.
func CallNothing(ctx context.Context, b *Base, ev Event, e typed.Encoder) error {
	r, err := Call(ctx, b, ev, e)
	if err != nil {
		return err
	}
	return r.Decode(nil)
}

// On adds a listener of a server event, and returns what removes it again.
func On(b *Base, event string, f func(ctx context.Context, a Arrival)) (stop func()) {
	return b.socket.On(event, func(ctx context.Context, e *client.Event) { f(ctx, Arrival{b, event, e}) })
}

// An Arrival is a server event that has come, while its listener runs.
type Arrival struct {
	base  *Base
	event string
	raw   *client.Event
}

// Decode reads what came with decode, and tells whether it fits the schema: only then
// it is for the application. Otherwise it is reported. The string that recovery adds
// stands behind what the schema has, where decoders do not look.
func (a Arrival) Decode(ctx context.Context, decode func(*typed.Decoder)) bool {
	issues := typed.Decode(a.raw.Args, decode)
	if len(issues) > 0 {
		a.base.report(ctx, a.event, &typed.PayloadError{Issues: issues})
	}
	return len(issues) == 0
}

// Answer acknowledges with the value in e, which it takes over. After an error of the
// listener nothing is acknowledged, but that is reported: the protocol has no form for
// a refusal, and the server's waiting ends with its timeout. Of several listeners the
// first that returns a value acknowledges.
func (a Arrival) Answer(ctx context.Context, e typed.Encoder, err error) {
	args, bad := e.Take(a.event)
	switch {
	case bad != nil:
	case err == nil && a.raw.WantsAck():
		bad = acknowledge(a.raw, args)
	default:
		args.Release() // the server did not ask, or gets no answer
	}
	switch {
	case err != nil:
		a.base.report(ctx, a.event, err)
	case bad != nil && !errors.Is(bad, client.ErrAcked):
		a.base.report(ctx, a.event, bad)
	}
}
