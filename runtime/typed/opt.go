// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
)

// An Opt is a value that may be absent. Its zero value is absent.
type Opt[T any] struct {
	value T
	set   bool
}

// Some returns an Opt that holds v.
func Some[T any](v T) Opt[T] { return Opt[T]{value: v, set: true} }

// None returns an absent Opt.
func None[T any]() Opt[T] { return Opt[T]{} }

// Get returns the value and whether it is present.
func (o Opt[T]) Get() (T, bool) { return o.value, o.set }

// IsSet tells whether the value is present.
func (o Opt[T]) IsSet() bool { return o.set }

// Or returns the value, or fallback when it is absent.
func (o Opt[T]) Or(fallback T) T {
	if o.set {
		return o.value
	}
	return fallback
}

// Put makes the value present and returns a pointer to it, for a decoder to fill.
func (o *Opt[T]) Put() *T {
	o.set = true
	return &o.value
}

// Format prints the value, with the verb and its flags, or <absent>.
func (o Opt[T]) Format(f fmt.State, verb rune) { format(f, verb, o.value, o.set, "<absent>") }

// IsZero tells encoding/json's omitzero that there is nothing to write.
func (o Opt[T]) IsZero() bool { return !o.set }

// MarshalJSON writes the value, or null when it is absent: a field that shall
// vanish instead needs omitzero. Generated structs leave absent fields out.
func (o Opt[T]) MarshalJSON() ([]byte, error) {
	if !o.set {
		return []byte("null"), nil
	}
	return json.Marshal(o.value)
}

// UnmarshalJSON makes the value present, except that null is absent unless T
// itself knows what to make of null, as [Null] does.
func (o *Opt[T]) UnmarshalJSON(data []byte) error {
	var v T
	if _, decodesNull := any(&v).(json.Unmarshaler); !decodesNull && isNull(data) {
		*o = Opt[T]{}
		return nil
	}
	if err := json.Unmarshal(data, &v); err != nil {
		return err
	}
	*o = Some(v)
	return nil
}

// A Null is a value that may be null. Its zero value is null.
type Null[T any] struct {
	value T
	set   bool
}

// NotNull returns a Null that holds v.
func NotNull[T any](v T) Null[T] { return Null[T]{value: v, set: true} }

// Get returns the value and whether there is one; false means null.
func (n Null[T]) Get() (T, bool) { return n.value, n.set }

// IsNull tells whether there is no value.
func (n Null[T]) IsNull() bool { return !n.set }

// Or returns the value, or fallback in place of null.
func (n Null[T]) Or(fallback T) T {
	if n.set {
		return n.value
	}
	return fallback
}

// Put makes the value other than null and returns a pointer to it, for a
// decoder to fill.
func (n *Null[T]) Put() *T {
	n.set = true
	return &n.value
}

// Format prints the value, with the verb and its flags, or <null>.
func (n Null[T]) Format(f fmt.State, verb rune) { format(f, verb, n.value, n.set, "<null>") }

// MarshalJSON writes the value or null.
func (n Null[T]) MarshalJSON() ([]byte, error) {
	if !n.set {
		return []byte("null"), nil
	}
	return json.Marshal(n.value)
}

// UnmarshalJSON reads the value or null.
func (n *Null[T]) UnmarshalJSON(data []byte) error {
	if isNull(data) {
		*n = Null[T]{}
		return nil
	}
	var v T
	if err := json.Unmarshal(data, &v); err != nil {
		return err
	}
	*n = NotNull(v)
	return nil
}

func isNull(data []byte) bool { return string(bytes.TrimSpace(data)) == "null" }

// format prints v as if it stood there by itself.
func format(f fmt.State, verb rune, v any, set bool, otherwise string) {
	if !set {
		_, _ = io.WriteString(f, otherwise) // fmt's buffer takes it
		return
	}
	_, _ = fmt.Fprintf(f, fmt.FormatString(f, verb), v)
}
