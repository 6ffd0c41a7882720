// SPDX-License-Identifier: Apache-2.0

package siowire

import (
	"fmt"
	"math"
	"slices"
)

// Args returns the arguments that e has collected, as a receiver would see them. They do
// not point into e, but share the attachments with it. e must not have failed.
func (e *Encoder) Args() (Args, error) {
	if e == nil || e.n == 0 {
		return Args{}, nil
	}
	text := make([]byte, 0, len(e.B)+2)
	text = append(append(append(text, '['), e.B...), ']')
	lim := Limits{Attachments: math.MaxInt, Depth: 1 << 20, NumberLength: math.MaxInt}
	return ParseArgs(text, slices.Clone(e.Attachments), lim)
}

// Skip returns the arguments after the first n. It panics unless 0 <= n <= Len.
func (a Args) Skip(n int) Args {
	if uint(n) > uint(a.n) {
		panic(fmt.Sprintf("siowire: %d of %d arguments skipped", n, a.n))
	}
	if n == 0 {
		return a
	}
	rest := Args{frame: a.frame, Attachments: a.Attachments}
	for i := n; i < a.n; i++ {
		if i >= len(a.first) && rest.n == len(rest.first) {
			rest.more = a.more[i-len(a.first):]
			rest.n = a.n - n
			return rest
		}
		s := a.span(i)
		rest.add(s.start, s.end)
	}
	return rest
}

// checkValue reports whether text is one JSON value, in which placeholders refer to one
// of so many attachments.
func checkValue(text []byte, attachments int, lim Limits) error {
	p := parser{Parser: makeParser(lim, nil)}
	if p.scans(text, attachments) && p.s.value(0) && p.s.end() {
		return nil
	}
	return p.s.err
}
