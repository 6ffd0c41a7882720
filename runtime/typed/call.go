package typed

import (
	"context"
	"fmt"

	"github.com/sockgen/sockgen/runtime/siowire"
	"github.com/sockgen/sockgen/runtime/socketio"
)

// An Emitter is a socket, with or without Volatile.
type Emitter interface {
	EmitEncoded(ctx context.Context, event string, args *siowire.Encoder) error
}

// usable returns why the arguments in e cannot be sent, and then releases them.
func (e Encoder) usable(event string) error {
	err := e.args.Err()
	if err == nil {
		return nil
	}
	e.args.Release()
	return fmt.Errorf("typed: encode %q: %w", event, err)
}

// Emit emits event with the arguments in e, which it takes over.
func Emit(ctx context.Context, to Emitter, event string, e Encoder) error {
	if err := e.usable(event); err != nil {
		return err
	}
	return to.EmitEncoded(ctx, event, e.args)
}

// Call emits event with the arguments in e, which it takes over, to one socket
// and returns what it acknowledges. It waits until ctx ends, or as long as the
// server's configuration says when ctx has no deadline. An ack that does not fit
// the schema is a [*PayloadError].
func Call[A any](ctx context.Context, to *socketio.Socket, event string, e Encoder, decode func(*Decoder, *A)) (A, error) {
	var ack A
	if err := e.usable(event); err != nil {
		return ack, err
	}
	args, err := to.CallEncoded(ctx, event, e.args)
	if err != nil {
		return ack, err
	}
	if issues := read(args, &ack, decode); len(issues) > 0 {
		var none A
		return none, &PayloadError{Event: event, Issues: issues}
	}
	return ack, nil
}

// CallNothing is [Call] for an event that is acknowledged without a value.
func CallNothing(ctx context.Context, to *socketio.Socket, event string, e Encoder) error {
	_, err := Call(ctx, to, event, e, DecodeNothing)
	return err
}

// read decodes the first of args into v. More arguments are ignored: a newer
// peer may send them.
func read[T any](args siowire.Args, v *T, decode func(*Decoder, *T)) []Issue {
	if _, nothing := any(v).(*Nothing); nothing {
		return nil
	}
	if args.Len() == 0 {
		return []Issue{{Message: "is required"}}
	}
	d := newDecoder(args.At(0), args.Attachments)
	defer d.release()
	decode(d, v)
	return d.issues
}
