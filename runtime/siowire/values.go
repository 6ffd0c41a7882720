package siowire

import (
	"fmt"
	"math"
)

// Args returns the arguments that e has collected, as a receiver would see them. They
// point into e and are valid until it changes. e must not have failed.
func (e *Encoder) Args() (Args, error) {
	if e == nil || e.n == 0 {
		return Args{}, nil
	}
	lim := Limits{Attachments: math.MaxInt, Depth: 1000, NumberLength: math.MaxInt}
	return parseValues(e.B, e.Attachments, lim)
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

// parseValues reads arguments separated by commas, without brackets around them.
// Placeholders among them stand for attachments. The result points into both.
func parseValues(text []byte, attachments [][]byte, lim Limits) (Args, error) {
	s, err := newScanner(text, len(attachments), lim)
	if err != nil {
		return Args{}, err
	}
	args := Args{frame: text, Attachments: attachments}
	if s.space(); s.i == len(text) {
		return args, nil
	}
	for {
		s.space()
		start := s.i
		if !s.value(1) {
			return Args{}, s.err
		}
		args.add(uint32(start), uint32(s.i))
		if s.space(); s.i == len(text) {
			return args, nil
		}
		if text[s.i] != ',' {
			s.invalid("arguments need a comma between them")
			return Args{}, s.err
		}
		s.i++
	}
}

// checkValue reports whether text is one JSON value, in which placeholders refer to one
// of so many attachments.
func checkValue(text []byte, attachments int, lim Limits) error {
	s, err := newScanner(text, attachments, lim)
	if err != nil {
		return err
	}
	if s.value(0) && s.end() {
		return nil
	}
	return s.err
}

// newScanner returns one over text, in which placeholders may refer to so many
// attachments.
func newScanner(text []byte, attachments int, lim Limits) (*scanner, error) {
	lim = lim.withDefaults()
	s := &scanner{b: text, maxDepth: lim.Depth, maxValues: lim.Values, maxNumber: lim.NumberLength, attachments: attachments}
	switch {
	case len(text) > math.MaxUint32:
		s.invalid("longer than 4 GiB")
	case attachments > lim.Attachments:
		s.fail(ErrTooManyAttachments, "more attachments than the limit")
	default:
		return s, nil
	}
	return nil, s.err
}
