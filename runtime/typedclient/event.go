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
func Call[A any](ctx context.Context, b *Base, ev Event, e typed.Encoder, decode func(*typed.Decoder, *A)) (A, error) {
	var none A
	args, err := e.Take(ev.Name)
	if err != nil {
		return none, err
	}
	var answer siowire.Args
	if _, bounded := ctx.Deadline(); ev.Timeout > 0 && !bounded {
		answer, err = callTimed(b.socket.Timeout(ev.Timeout), ctx, ev.Name, args)
	} else {
		answer, err = callSocket(b.socket, ctx, ev.Name, args)
	}
	if err != nil {
		return none, unanswered(ev.Name, err)
	}
	return typed.DecodeReply(answer, ev.Name, ev.Ack, decode, b.errors)
}

// CallNothing is [Call] for an event that is acknowledged without a value.
func CallNothing(ctx context.Context, b *Base, ev Event, e typed.Encoder) error {
	_, err := Call(ctx, b, ev, e, typed.DecodeNothing)
	return err
}

// On adds a listener of a server event, and returns what removes it again. The
// listener gets payloads that fit the schema alone.
func On[P any](b *Base, event string, decode func(*typed.Decoder, *P), f func(context.Context, P)) (stop func()) {
	return listen(b, event, decode, func(ctx context.Context, _ *client.Event, p P) { f(ctx, p) })
}

// OnAck is On for an event with ack, which carries what the listener returns as
// encode writes it. When it returns an error nothing is acknowledged: the protocol
// has no form for a refusal, and the server's waiting ends with its timeout. Of
// several listeners the first that returns a value acknowledges.
func OnAck[P, A any](b *Base, event string, decode func(*typed.Decoder, *P), f func(context.Context, P) (A, error), encode func(typed.Encoder, *A)) (stop func()) {
	return listen(b, event, decode, func(ctx context.Context, e *client.Event, p P) {
		ack, err := f(ctx, p)
		if err != nil {
			b.report(ctx, event, err)
			return
		}
		out := typed.NewEncoder()
		if _, nothing := any(&ack).(*typed.Nothing); !nothing {
			encode(out.Next(), &ack)
		}
		b.acknowledge(ctx, event, e, out)
	})
}

// OnAckNothing is [OnAck] for an event that is acknowledged without a value.
func OnAckNothing[P any](b *Base, event string, decode func(*typed.Decoder, *P), f func(context.Context, P) error) (stop func()) {
	return OnAck(b, event, decode, func(ctx context.Context, p P) (typed.Nothing, error) {
		return typed.Nothing{}, f(ctx, p)
	}, typed.EncodeNothing)
}

func (b *Base) acknowledge(ctx context.Context, event string, e *client.Event, out typed.Encoder) {
	args, err := out.Take(event)
	switch {
	case err != nil:
	case e.WantsAck():
		err = acknowledge(e, args)
	default:
		args.Release() // the server did not ask
	}
	if err != nil && !errors.Is(err, client.ErrAcked) {
		b.report(ctx, event, err)
	}
}

// listen adds f for an event, without the string that recovery adds (R223): it
// stands behind what the schema has, where decoders do not look.
func listen[P any](b *Base, event string, decode func(*typed.Decoder, *P), f func(context.Context, *client.Event, P)) (stop func()) {
	return b.socket.On(event, func(ctx context.Context, e *client.Event) {
		var p P
		if issues := typed.Decode(e.Args, &p, decode); len(issues) > 0 {
			b.report(ctx, event, &typed.PayloadError{Issues: issues})
			return
		}
		f(ctx, e, p)
	})
}
