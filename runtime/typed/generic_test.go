// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"context"
	"time"

	"github.com/sockgen/sockgen/runtime/socketio"
)

// What follows is generated code for any types: what tests call in place of what
// the generator would write for each.

// Required begins a Fields with the names of fields that must be present.
func Required(names ...string) *Fields { return &Fields{Names: names, Required: len(names)} }

// Optional adds the names of fields that may be absent and returns f.
func (f *Fields) Optional(names ...string) *Fields {
	f.Names = append(f.Names[:len(f.Names):len(f.Names)], names...)
	return f
}

// into returns decode for the value at v.
func into[T any](v *T, decode func(*Decoder, *T)) func(*Decoder) {
	if _, nothing := any(v).(*Nothing); nothing {
		return nil
	}
	return func(d *Decoder) { decode(d, v) }
}

// serve registers run for an event with a payload of type P.
func serve[S, P any](m *Mount[S], ev Event, decode func(*Decoder, *P), run func(context.Context, *S, P, func() Encoder) error) {
	m.Handle(ev, func() Handling[S] {
		var p P
		how := Handling[S]{Decode: into(&p, decode), Run: func(ctx context.Context, s *S, answer func() Encoder) error {
			return run(ctx, s, p, answer)
		}}
		if how.Decode != nil {
			how.Payload = &p
		}
		return how
	})
}

func handle[S, P any](m *Mount[S], ev Event, decode func(*Decoder, *P), f func(context.Context, *S, P) error) {
	serve(m, ev, decode, func(ctx context.Context, s *S, p P, _ func() Encoder) error { return f(ctx, s, p) })
}

func handleAck[S, P, A any](m *Mount[S], ev Event, decode func(*Decoder, *P), f func(context.Context, *S, P) (A, error), encode func(Encoder, *A)) {
	ev.Acked = true
	serve(m, ev, decode, func(ctx context.Context, s *S, p P, answer func() Encoder) error {
		ack, err := f(ctx, s, p)
		if err == nil {
			encode(answer(), &ack)
		}
		return err
	})
}

func handleResult[S, P, R any](m *Mount[S], ev Event, decode func(*Decoder, *P), f func(context.Context, *S, P) (R, error), emit func(context.Context, *S, R) error) {
	ev.Emits = true
	serve(m, ev, decode, func(ctx context.Context, s *S, p P, _ func() Encoder) error {
		result, err := f(ctx, s, p)
		if err != nil {
			return Unskipped(err)
		}
		return emit(ctx, s, result)
	})
}

func handleAckResult[S, P, A, R any](m *Mount[S], ev Event, decode func(*Decoder, *P), f func(context.Context, *S, P) (A, R, error), encode func(Encoder, *A), emit func(context.Context, *S, R) error) {
	ev.Acked, ev.Emits = true, true
	serve(m, ev, decode, func(ctx context.Context, s *S, p P, answer func() Encoder) error {
		ack, result, err := f(ctx, s, p)
		if err == nil {
			err = emit(ctx, s, result)
		}
		if err = Unskipped(err); err == nil {
			encode(answer(), &ack)
		}
		return err
	})
}

func handleCluster[S, P any](m *Mount[S], event string, decode func(*Decoder, *P), f func(context.Context, *socketio.Namespace, P) error) {
	m.HandleCluster(event, func(ctx context.Context, e ClusterEvent) error {
		var p P
		if read := into(&p, decode); read != nil {
			if err := e.Decode(read); err != nil {
				return err
			}
		}
		return f(ctx, e.Namespace(), p)
	})
}

func emitCluster[S, P any](ctx context.Context, a Audience[S], event string, p *P, encode func(Encoder, *P)) error {
	e := NewJSON()
	encode(e, p)
	return EmitCluster(ctx, a, event, e)
}

// ackReader returns what reads an ack of type A.
func ackReader[A any](decode func(*Decoder, *A)) func(*Reply, error) (A, error) {
	return func(r *Reply, err error) (A, error) {
		var got, none A
		if err == nil {
			err = r.Decode(into(&got, decode))
		}
		if err != nil {
			return none, err
		}
		return got, nil
	}
}

func askFor[A any](ctx context.Context, to *socketio.Socket, event string, timeout time.Duration, e Encoder, decode func(*Decoder, *A)) (A, error) {
	return ackReader(decode)(Ask(ctx, to, event, timeout, e))
}

func askOneFor[S, A any](ctx context.Context, to Audience[S], event string, timeout time.Duration, e Encoder, decode func(*Decoder, *A)) (A, error) {
	return ackReader(decode)(AskOne(ctx, to, event, timeout, e))
}

func marshal[T any](v *T, encode func(Encoder, *T)) ([]byte, error) {
	e := NewJSON()
	encode(e, v)
	return e.JSON()
}

func unmarshal[T any](data []byte, v *T, decode func(*Decoder, *T)) error {
	return UnmarshalJSON(data, v, func(d *Decoder) { decode(d, v) })
}
