// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"fmt"
	"slices"
	"strconv"
)

// An IntegerEnum is the set of values of an enum whose values are integers. It is made
// once and not changed afterwards.
type IntegerEnum[T ~int64] struct {
	values []T
	index  map[T]bool // of values, when they are too many to compare
	open   bool
}

// Integers returns the closed enum of values.
func Integers[T ~int64](values ...T) *IntegerEnum[T] {
	e := &IntegerEnum[T]{values: values}
	if len(values) < manyFields {
		return e
	}
	e.index = make(map[T]bool, len(values))
	for _, v := range values {
		e.index[v] = true
	}
	return e
}

// Open makes e accept values that it does not know and returns e.
func (e *IntegerEnum[T]) Open() *IntegerEnum[T] {
	e.open = true
	return e
}

// Known tells whether v is one of the values of the schema.
func (e *IntegerEnum[T]) Known(v T) bool {
	if e.index != nil {
		return e.index[v]
	}
	return slices.Contains(e.values, v)
}

// Decode reads a value. Of an open enum it may be any integer that Int reads.
func (e *IntegerEnum[T]) Decode(d *Decoder, v *T) {
	n, ok := d.wholeNumber(-MaxInt, MaxInt)
	switch {
	case !ok:
	case !e.open && !e.Known(T(n)):
		d.report(e.want())
	default:
		*v = T(n)
	}
}

// Encode writes v. Unless e is open, v must be one of its values.
func (e *IntegerEnum[T]) Encode(enc Encoder, v T) {
	if !e.open && !e.Known(v) {
		enc.Fail(fmt.Errorf("%w: %T(%d)", ErrEnum, v, v))
	}
	enc.Int(int64(v))
}

// Unmarshal stores the value that data spells in v, as json.Unmarshaler asks: null
// leaves v alone, and so does an error.
func (e *IntegerEnum[T]) Unmarshal(data []byte, v *T) error {
	if string(data) == "null" {
		return nil
	}
	n, err := strconv.ParseInt(string(data), 10, 64)
	if err != nil || !e.open && !e.Known(T(n)) {
		return fmt.Errorf("%w: %s: %s", ErrEnum, cut(string(data), 64), e.want())
	}
	*v = T(n)
	return nil
}

func (e *IntegerEnum[T]) want() string {
	return wantOneOf(e.values, func(b []byte, v T) []byte { return strconv.AppendInt(b, int64(v), 10) })
}
