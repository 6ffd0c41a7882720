package typed

import (
	"fmt"
	"math"
	"strconv"
	"time"
	"unicode/utf8"
)

// A Text holds a string that was just read to its constraints. The zero Text,
// of a value that was not sound, finds nothing to complain about. So it is with
// [Number] and [Size].
type Text struct {
	d *Decoder
	s string
}

// Length requires least to most code points; [NoLimit] leaves the end open.
func (t Text) Length(least, most int) Text {
	if t.d == nil {
		return t
	}
	// Bytes bound code points from above, and most strings are short enough by that alone.
	if len(t.s) > most || len(t.s) < 4*least {
		if n := utf8.RuneCountInString(t.s); n < least || n > most {
			t.d.report("must have " + span(least, most, "character", "characters") + ", has " + strconv.Itoa(n))
		}
	}
	return t
}

// Pattern requires that p matches the string somewhere.
func (t Text) Pattern(p *Pattern) Text {
	if t.d != nil && !p.match(t.s) {
		t.d.report("must match " + p.String())
	}
	return t
}

// NoLimit is the open end of a length.
const NoLimit = math.MaxInt

// A Number holds a number that was just read to its constraints.
type Number[T int64 | int32 | uint32 | uint64 | float32 | float64 | time.Duration] struct {
	d *Decoder
	v T
}

// Range requires a value from least to most.
func (n Number[T]) Range(least, most T) Number[T] {
	if n.d != nil && (n.v < least || n.v > most) {
		n.d.report("must be from " + numeral(least) + " to " + numeral(most))
	}
	return n
}

// AtLeast requires a value not below least.
func (n Number[T]) AtLeast(least T) Number[T] {
	if n.d != nil && n.v < least {
		n.d.report("must be at least " + numeral(least))
	}
	return n
}

// AtMost requires a value not above most.
func (n Number[T]) AtMost(most T) Number[T] {
	if n.d != nil && n.v > most {
		n.d.report("must be at most " + numeral(most))
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

// A Size holds bytes that were just read to their constraint.
type Size struct {
	d *Decoder
	n int
}

// Length requires least to most bytes; [NoLimit] leaves the end open.
func (s Size) Length(least, most int) Size {
	if s.d != nil && (s.n < least || s.n > most) {
		s.d.report("must have " + span(least, most, "byte", "bytes") + ", has " + strconv.Itoa(s.n))
	}
	return s
}
