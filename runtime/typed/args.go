// SPDX-License-Identifier: Apache-2.0

package typed

import "github.com/sockgen/sockgen/runtime/siowire"

// Decode reads what came with an event or ack with decode: its first argument, or all
// of them after [Decoder.Positional]. More arguments are ignored, a newer peer may
// send them. It returns nil when they fit the schema. A decode of nil stands for an
// event that carries nothing.
func Decode(args siowire.Args, decode func(*Decoder)) []Issue {
	if bad := decodeArgs(args, "", decode); bad != nil {
		return bad.Issues
	}
	return nil
}

// decodeArgs is [Decode] for what came with event.
func decodeArgs(args siowire.Args, event string, decode func(*Decoder)) *PayloadError {
	if decode == nil {
		return nil
	}
	var first []byte
	if args.Len() > 0 {
		first = args.At(0)
	}
	d := newDecoder(first, args.Attachments)
	defer d.release()
	d.args, d.missing = args, args.Len() == 0
	decode(d)
	return d.failure(event)
}

// Positional makes the struct that is read next one whose fields travel as an argument
// each, in the order of the schema.
//
// JavaScript sends null where an argument is undefined, so null stands for an
// absent one unless Nullable of [Fields] says that it is a value.
func (d *Decoder) Positional() { d.positional = true }

// Strict makes every field that the schema does not have an issue, at any depth.
func (d *Decoder) Strict() { d.strict = true }

// Reserve keeps places for the n arguments of an event: where the runtime appends one
// of its own, an offset for recovery, null stands for those that are absent. Else a
// client would take the offset for the first of them.
func (e Encoder) Reserve(n int) { reserve(e.args, n) }

// argument appends the steps to an argument that is a struct's field.
func argument(path []step, n int) []step {
	return append(path, step{kind: fieldStep, name: "args"}, step{kind: indexStep, index: n})
}
