// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"regexp"
	"regexp/syntax"
	"unicode/utf8"
)

// A Pattern is a compiled pattern of the schema. It is not changed once it is
// made, and may be used from any goroutine.
type Pattern struct {
	expr *regexp.Regexp

	// Most patterns say which characters a name may have: ^[a-z0-9-]+$. Such a one
	// needs no automaton.
	simple bool
	empty  bool                // it matches "" too
	ascii  [utf8.RuneSelf]bool // the characters that it allows
}

// MustPattern compiles a pattern. It panics when RE2 refuses it, which package
// check reports in the schema.
func MustPattern(expr string) *Pattern {
	p := &Pattern{expr: regexp.MustCompile(expr)}
	if tree, err := syntax.Parse(expr, syntax.Perl); err == nil {
		p.simplify(tree.Simplify())
	}
	return p
}

// simplify recognises ^[class]+$ and ^[class]*$ with a class of ASCII.
func (p *Pattern) simplify(tree *syntax.Regexp) {
	if tree.Op != syntax.OpConcat || len(tree.Sub) != 3 ||
		tree.Sub[0].Op != syntax.OpBeginText || tree.Sub[2].Op != syntax.OpEndText {
		return
	}
	repeat := tree.Sub[1]
	if repeat.Op != syntax.OpPlus && repeat.Op != syntax.OpStar || repeat.Sub[0].Op != syntax.OpCharClass {
		return
	}
	ranges := repeat.Sub[0].Rune
	for i := 0; i < len(ranges); i += 2 {
		if ranges[i+1] >= utf8.RuneSelf {
			return
		}
		for r := ranges[i]; r <= ranges[i+1]; r++ {
			p.ascii[r] = true
		}
	}
	p.simple, p.empty = true, repeat.Op == syntax.OpStar
}

// match tells whether p matches s somewhere.
func (p *Pattern) match(s string) bool {
	if !p.simple {
		return p.expr.MatchString(s)
	}
	for i := range len(s) {
		if c := s[i]; c >= utf8.RuneSelf || !p.ascii[c] {
			return false
		}
	}
	return s != "" || p.empty
}

// String returns the pattern as the schema has it.
func (p *Pattern) String() string { return p.expr.String() }
