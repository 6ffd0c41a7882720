// SPDX-License-Identifier: Apache-2.0

package irtest

import (
	"regexp/syntax"
	"strings"
)

// match draws a string of which a part matches the pattern; it has about most code
// points at most.
func (s *Source) match(pattern string, most int) string {
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		s.fail("pattern %q: %v", pattern, err)
		return ""
	}
	var b strings.Builder
	s.expand(&b, tree.Simplify(), min(most, 8))
	return b.String()
}

// expand writes what one expression may match; a repetition is at most repeat long.
func (s *Source) expand(b *strings.Builder, e *syntax.Regexp, repeat int) {
	switch e.Op {
	case syntax.OpLiteral:
		b.WriteString(string(e.Rune))
	case syntax.OpCharClass:
		i := 2 * s.Rand.IntN(len(e.Rune)/2)
		low, high := e.Rune[i], min(e.Rune[i+1], e.Rune[i]+200)
		r := low + rune(s.Rand.IntN(int(high-low)+1))
		if r >= 0xd800 && r <= 0xdfff {
			r = 'a'
		}
		b.WriteRune(r)
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		b.WriteRune(pick(s, 'a', 'é', '😀', '"'))
	case syntax.OpCapture:
		s.expand(b, e.Sub[0], repeat)
	case syntax.OpConcat:
		for _, sub := range e.Sub {
			s.expand(b, sub, repeat)
		}
	case syntax.OpAlternate:
		s.expand(b, pick(s, e.Sub...), repeat)
	case syntax.OpStar, syntax.OpPlus, syntax.OpQuest:
		least, most := 0, max(repeat, 1)
		if e.Op == syntax.OpPlus {
			least = 1
		}
		if e.Op == syntax.OpQuest {
			most = 1
		}
		for range least + s.Rand.IntN(most-least+1) {
			s.expand(b, e.Sub[0], repeat)
		}
	case syntax.OpRepeat:
		most := e.Max
		if most < 0 {
			most = e.Min + repeat
		}
		for range e.Min + s.Rand.IntN(most-e.Min+1) {
			s.expand(b, e.Sub[0], repeat)
		}
	}
}
