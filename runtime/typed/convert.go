// SPDX-License-Identifier: Apache-2.0

package typed

// What generated code makes of a received value, to send it on: each function turns one
// that converts a value into one that converts what holds such values.

// OptOf returns a function that converts what an Opt holds.
func OptOf[A, B any](f func(A) B) func(Opt[A]) Opt[B] {
	return func(v Opt[A]) Opt[B] {
		if !v.set {
			return Opt[B]{}
		}
		return Some(f(v.value))
	}
}

// NullOf returns a function that converts what a Null holds.
func NullOf[A, B any](f func(A) B) func(Null[A]) Null[B] {
	return func(v Null[A]) Null[B] {
		if !v.set {
			return Null[B]{}
		}
		return NotNull(f(v.value))
	}
}

// PointerTo returns a function that converts what a pointer leads to.
func PointerTo[A, B any](f func(A) B) func(*A) *B {
	return func(v *A) *B {
		if v == nil {
			return nil
		}
		to := f(*v)
		return &to
	}
}

// ListOf returns a function that converts the elements of a list.
func ListOf[A, B any](f func(A) B) func([]A) []B {
	return func(v []A) []B {
		if v == nil {
			return nil
		}
		list := make([]B, len(v))
		for i, x := range v {
			list[i] = f(x)
		}
		return list
	}
}

// MapOf returns a function that converts the values of a map.
func MapOf[A, B any](f func(A) B) func(map[string]A) map[string]B {
	return func(v map[string]A) map[string]B {
		if v == nil {
			return nil
		}
		m := make(map[string]B, len(v))
		for key, x := range v {
			m[key] = f(x)
		}
		return m
	}
}

// A Conversion bounds how deep values are converted: one may hold itself. What is cut off
// is beyond what an Encoder writes, so that sending the result fails.
type Conversion struct {
	depth int
	cut   bool // something was too deep: the rest is not converted
}

// Deeper goes into a value of a type that may hold values of the same type, until Leave. It
// reports false when that is within too many others.
func (c *Conversion) Deeper() bool {
	if c.depth > deepest || c.cut {
		c.cut = true
		return false
	}
	c.depth++
	return true
}

// Leave leaves the value that Deeper went into.
func (c *Conversion) Leave() { c.depth-- }
