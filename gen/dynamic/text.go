// SPDX-License-Identifier: Apache-2.0

package dynamic

import (
	"fmt"
	"regexp/syntax"
	"strings"

	"github.com/sockgen/sockgen/gen/ir"
)

// string makes a text that satisfies the constraints: one that fits the name, else
// one that fits the pattern.
func (m *Maker) string(t resolved, h hint) (string, error) {
	write := smith(h)
	if write == nil {
		write = func(m *Maker) string { return pick(m, sentences) }
	}
	least, most := ir.LengthOf(t.constraints)
	for range 20 {
		s := write(m)
		for _, s := range []string{s, fitted(s, least, most), strings.ToLower(s), strings.ToUpper(s), fitted(slug(s), least, most)} {
			if len(textIssues(t.constraints, s)) == 0 {
				return s, nil
			}
		}
	}
	for _, c := range t.constraints {
		if c.Pattern == "" {
			continue
		}
		for tries := range 2000 {
			s := m.matching(c.Pattern, 1+tries%12, least, most)
			if len(textIssues(t.constraints, s)) == 0 {
				return s, nil
			}
		}
		return "", fmt.Errorf("found no text that fits %s and its length", c.Pattern)
	}
	return m.letters("abcdefghijklmnopqrstuvwxyz", least), nil
}

// fitted cuts a text that is too long, and repeats one that is too short.
func fitted(s string, least, most int) string {
	if s == "" {
		s = "a"
	}
	runes := []rune(s)
	for whole := runes; len(runes) < least; {
		runes = append(runes, whole...)
	}
	return string(runes[:min(len(runes), most)])
}

// matching returns a text of which a part matches a pattern. What repeats does so
// about so often.
func (m *Maker) matching(pattern string, often, least, most int) string {
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return "" // not a pattern of a schema
	}
	if m.chance(4) {
		often = max(least, 1)
	}
	var b strings.Builder
	m.expand(&b, tree.Simplify(), min(often, max(most, 1)))
	return b.String()
}

// expand writes what one expression may match.
func (m *Maker) expand(b *strings.Builder, e *syntax.Regexp, often int) {
	repeat := func(least, most int) {
		for range least + m.Rand.IntN(most-least+1) {
			m.expand(b, e.Sub[0], often)
		}
	}
	switch e.Op {
	case syntax.OpLiteral:
		b.WriteString(string(e.Rune))
	case syntax.OpCharClass:
		b.WriteRune(m.rune(e.Rune))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		b.WriteRune('a' + rune(m.Rand.IntN(26)))
	case syntax.OpCapture:
		m.expand(b, e.Sub[0], often)
	case syntax.OpConcat:
		for _, sub := range e.Sub {
			m.expand(b, sub, often)
		}
	case syntax.OpAlternate:
		m.expand(b, pick(m, e.Sub), often)
	case syntax.OpStar:
		repeat(0, often)
	case syntax.OpPlus:
		repeat(1, max(often, 1))
	case syntax.OpQuest:
		repeat(0, 1)
	case syntax.OpRepeat:
		most := e.Max
		if most < 0 {
			most = e.Min + often
		}
		repeat(e.Min, most)
	}
}

// rune chooses a character of a class, given by its ranges: a usual one where there is
// any.
func (m *Maker) rune(ranges []rune) rune {
	var usual []rune
	for i := 0; i+1 < len(ranges); i += 2 {
		for _, r := range "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_" {
			if r >= ranges[i] && r <= ranges[i+1] {
				usual = append(usual, r)
			}
		}
	}
	if len(usual) > 0 {
		return pick(m, usual)
	}
	i := 2 * m.Rand.IntN(len(ranges)/2)
	r := ranges[i] + rune(m.Rand.IntN(int(min(ranges[i+1]-ranges[i], 200))+1))
	if r >= 0xd800 && r <= 0xdfff {
		return 0xe000
	}
	return r
}

// text makes the scalars that travel as strings.
func (m *Maker) text(t resolved, h hint) (string, error) {
	switch t.Scalar {
	case ir.Timestamp:
		return m.timestamp(), nil
	case ir.UUID:
		return m.uuid(), nil
	}
	return m.string(t, h)
}

// timestamp returns a time within the last hour.
func (m *Maker) timestamp() string {
	return m.Now.Add(-milliseconds(m.Rand.Int64N(3_600_000))).UTC().Format("2006-01-02T15:04:05.000Z")
}

func (m *Maker) uuid() string {
	hex := []byte(m.letters("0123456789abcdef", 32))
	hex[12] = '4'
	hex[16] = "89ab"[m.Rand.IntN(4)]
	return fmt.Sprintf("%s-%s-%s-%s-%s", hex[:8], hex[8:12], hex[12:16], hex[16:20], hex[20:])
}
