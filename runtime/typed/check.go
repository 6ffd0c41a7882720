// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"fmt"
	"math"
	"strconv"
	"time"
	"unicode/utf8"
)

// A judge hears what is wrong with a value that was just read, or written.
type judge interface{ report(message string) }

// A Text holds a string that was just read, or written, to its constraints. The zero
// Text, of a value that was not sound, finds nothing to complain about. So it is with
// [Number], [Size] and [Count].
type Text struct {
	to judge
	s  string
}

// Length requires least to most code points; [NoLimit] leaves the end open.
func (t Text) Length(least, most int) Text {
	if t.to == nil {
		return t
	}
	// Bytes bound code points from above, and most strings are short enough by that alone.
	if len(t.s) > most || len(t.s) < 4*least {
		outOf(t.to, utf8.RuneCountInString(t.s), least, most, "character", "characters")
	}
	return t
}

// Pattern requires that p matches the string somewhere.
func (t Text) Pattern(p *Pattern) Text {
	if t.to != nil && !p.match(t.s) {
		t.to.report("must match " + p.String())
	}
	return t
}

// NoLimit is the open end of a length.
const NoLimit = math.MaxInt

// A Number holds a number that was just read, or written, to its constraints.
type Number[T int64 | int32 | uint32 | uint64 | float32 | float64 | time.Duration] struct {
	to judge
	v  T
}

// Range requires a value from least to most.
func (n Number[T]) Range(least, most T) Number[T] {
	if n.to != nil && (n.v < least || n.v > most) {
		n.to.report("must be from " + numeral(least) + " to " + numeral(most))
	}
	return n
}

// AtLeast requires a value not below least.
func (n Number[T]) AtLeast(least T) Number[T] {
	if n.to != nil && n.v < least {
		n.to.report("must be at least " + numeral(least))
	}
	return n
}

// AtMost requires a value not above most.
func (n Number[T]) AtMost(most T) Number[T] {
	if n.to != nil && n.v > most {
		n.to.report("must be at most " + numeral(most))
	}
	return n
}

// numeral writes v as the wire does.
func numeral(v any) string {
	if d, ok := v.(time.Duration); ok {
		return strconv.FormatInt(d.Milliseconds(), 10)
	}
	return fmt.Sprint(v)
}

// A Size holds bytes that were just read, or written, to their constraint.
type Size struct {
	to judge
	n  int
}

// Length requires least to most bytes; [NoLimit] leaves the end open.
func (s Size) Length(least, most int) Size {
	if s.to != nil {
		outOf(s.to, s.n, least, most, "byte", "bytes")
	}
	return s
}

// A Count holds a list or a map that was just written to its length.
type Count struct {
	to        judge
	n         int
	one, many string
}

// Length requires least to most parts; [NoLimit] leaves the end open.
func (c Count) Length(least, most int) {
	if c.to != nil {
		outOf(c.to, c.n, least, most, c.one, c.many)
	}
}

// outOf tells to of n parts that should have been least to most.
func outOf(to judge, n, least, most int, one, many string) {
	if n < least || n > most {
		to.report("must have " + span(least, most, one, many) + ", has " + strconv.Itoa(n))
	}
}
