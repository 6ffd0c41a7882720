// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"errors"
	"fmt"
	"strconv"
	"unicode/utf8"
)

// maxOpen is how many code points an unknown value of an open enum, or an unknown
// tag of an open union, may have.
const maxOpen = 256

// ErrEnum is what encoding a value that a closed enum does not have fails with.
var ErrEnum = errors.New("typed: not a value of the enum")

// An Enum is the set of values of an enum. It is made once and not changed
// afterwards.
type Enum[T ~string] struct {
	values []T
	index  map[string]T // of values, when they are too many to compare
	open   bool
}

// Values returns the closed enum of values.
func Values[T ~string](values ...T) *Enum[T] {
	e := &Enum[T]{values: values}
	if len(values) < manyFields {
		return e
	}
	e.index = make(map[string]T, len(values))
	for _, v := range values {
		e.index[string(v)] = v
	}
	return e
}

// Open makes e accept values that it does not know and returns e.
func (e *Enum[T]) Open() *Enum[T] {
	e.open = true
	return e
}

// Known tells whether v is one of the values of the schema.
func (e *Enum[T]) Known(v T) bool {
	_, ok := find(e, string(v))
	return ok
}

// find returns the value that is spelled s.
func find[T ~string, S string | []byte](e *Enum[T], s S) (T, bool) {
	if e.index != nil {
		v, ok := e.index[string(s)]
		return v, ok
	}
	for _, v := range e.values {
		if string(v) == string(s) {
			return v, true
		}
	}
	return "", false
}

// Decode reads a value. Of an open enum it may be any string of up to 256 code
// points.
func (e *Enum[T]) Decode(d *Decoder, v *T) {
	s, ok := d.text("string")
	if !ok {
		return
	}
	known, ok := find(e, s)
	switch {
	case ok:
		*v = known // the schema's own string: nothing is copied
	case !e.open:
		d.report(wantOneOf(e.values, appendQuoted[T]))
	case utf8.RuneCount(s) > maxOpen:
		d.report("must have " + span(0, maxOpen, "character", "characters") + ", has " + strconv.Itoa(utf8.RuneCount(s)))
	default:
		*v = T(s)
	}
}

// Encode writes v. Unless e is open, v must be one of its values.
func (e *Enum[T]) Encode(enc Encoder, v T) {
	if !e.open && !e.Known(v) {
		enc.Fail(fmt.Errorf("%w: %T(%q)", ErrEnum, v, cut(string(v), 64)))
	}
	enc.String(string(v))
}

// UnmarshalText stores the value that is spelled text in v, as
// encoding.TextUnmarshaler asks. An error leaves v alone.
func (e *Enum[T]) UnmarshalText(text []byte, v *T) error {
	known, ok := find(e, text)
	if !ok {
		return fmt.Errorf("%w: %q: %s", ErrEnum, cut(string(text), 64), wantOneOf(e.values, appendQuoted[T]))
	}
	*v = known
	return nil
}

// maxListed is how many values an issue names.
const maxListed = 8

// wantOneOf says what there is to choose from.
func wantOneOf[T any](values []T, appendValue func([]byte, T) []byte) string {
	b := []byte("want one of ")
	if len(values) == 1 {
		b = []byte("want ")
	}
	for i, v := range values {
		if i == maxListed {
			return string(b) + ", … (" + strconv.Itoa(len(values)) + " in all)"
		}
		if i > 0 {
			b = append(b, ", "...)
		}
		b = appendValue(b, v)
	}
	return string(b)
}

func appendQuoted[T ~string](b []byte, v T) []byte { return strconv.AppendQuote(b, string(v)) }
