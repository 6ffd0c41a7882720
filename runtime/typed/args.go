package typed

import (
	"slices"

	"github.com/sockgen/sockgen/runtime/siowire"
)

// Decode reads what came with an event or ack into v: its first argument, or all
// of them when decode is [Positional]. More arguments are ignored, a newer peer may
// send them. It returns nil when they fit the schema.
func Decode[T any](args siowire.Args, v *T, decode func(*Decoder, *T)) []Issue {
	return read(args, v, decode)
}

func read[T any](args siowire.Args, v *T, decode func(*Decoder, *T)) []Issue {
	if _, nothing := any(v).(*Nothing); nothing {
		return nil
	}
	var first []byte
	if args.Len() > 0 {
		first = args.At(0)
	}
	d := newDecoder(first, args.Attachments)
	defer d.release()
	d.args, d.missing = args, args.Len() == 0
	decode(d, v)
	return d.issues
}

// Positional returns a decoder of an event whose payload travels as several
// arguments: decode reads a struct, and gets its fields from one argument each, in
// the order of the schema.
//
// JavaScript sends null where an argument is undefined, so null stands for an
// absent one unless [Fields.Nullable] says that it is a value.
func Positional[T any](decode func(*Decoder, *T)) func(*Decoder, *T) {
	return func(d *Decoder, v *T) {
		d.positional = true
		decode(d, v)
	}
}

// Strict returns a decoder for which every field that the schema does not have is
// an issue, at any depth.
func Strict[T any](decode func(*Decoder, *T)) func(*Decoder, *T) {
	return func(d *Decoder, v *T) {
		d.strict = true
		decode(d, v)
	}
}

// Reserve keeps places for the n arguments of an event: where the runtime appends one
// of its own, an offset for recovery, null stands for those that are absent. Else a
// client would take the offset for the first of them (R223).
func (e Encoder) Reserve(n int) { reserve(e.args, n) }

// arguments is object for a struct whose fields are the arguments themselves.
func (d *Decoder) arguments(f *Fields, yield func(string) bool) {
	d.positional, d.missing = false, false
	d.path = append(d.path, step{kind: fieldStep, name: "args"}, step{kind: indexStep})
	at := len(d.path) - 1
	for i, name := range f.names {
		d.path[at].index = i
		if i >= d.args.Len() {
			if i < f.required {
				d.report("is required")
			}
			continue
		}
		d.json = reader{b: d.args.At(i)}
		if i >= f.required && !slices.Contains(f.nullable, name) && d.Null() {
			continue
		}
		if !yield(name) {
			d.ended = true
		}
		if d.ended {
			return
		}
	}
	d.path = d.path[:at-1]
}
