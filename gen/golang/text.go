// SPDX-License-Identifier: Apache-2.0

package golang

import (
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/dave/jennifer/jen"

	"github.com/sockgen/sockgen/gen/ir"
)

// A comment is a doc comment under construction: paragraphs of lines.
type comment struct{ lines []string }

// newComment returns the doc comment of ident, whose schema says doc; without
// doc it says otherwise.
func newComment(ident, doc, otherwise string) *comment {
	c := &comment{}
	if strings.TrimSpace(doc) == "" {
		return c.add(ident + " " + otherwise)
	}
	return c.add(introduce(ident, doc))
}

// introduce joins an identifier and the phrase that describes it.
func introduce(ident, doc string) string {
	first, _, _ := strings.Cut(strings.TrimSpace(doc), " ")
	switch first {
	case "A", "An", "The", "One", "What", "Who", "How", "Where", "When", "Why", "Whether", "Somebody", "Someone", "Something", "Everybody", "Everything", "All", "Each":
		return ident + " is " + lowerFirst(doc)
	}
	return ident + ": " + lowerFirst(doc)
}

// lowerFirst writes a sentence as it continues another, unless it begins with
// what looks like a name.
func lowerFirst(s string) string {
	s = strings.TrimSpace(s)
	r, size := utf8.DecodeRuneInString(s)
	next, _ := utf8.DecodeRuneInString(s[size:])
	if s == "" || unicode.IsUpper(next) || unicode.IsDigit(next) || r == 'I' && next == ' ' {
		return s
	}
	return string(unicode.ToLower(r)) + s[size:]
}

// add appends a text of one or more lines.
func (c *comment) add(text string) *comment {
	for _, line := range strings.FieldsFunc(text, func(r rune) bool { return r == '\r' || r == '\n' }) {
		c.lines = append(c.lines, strings.TrimSpace(line))
	}
	return c
}

// payloadFacts says what the schema has of a payload that has no name for it.
func (c *comment) payloadFacts(e *ir.Event) *comment {
	if e.Payload != nil {
		if facts := e.Payload.FactsInGo(); facts != "" {
			c.add("The payload: " + lowerFirst(facts))
		}
	}
	return c
}

// bullet begins a line that is an item of a list.
const bullet = "  - "

// item appends an item of a list.
func (c *comment) item(text string) { c.lines = append(c.lines, bullet+oneLine(text)) }

// paragraph appends a text that stands apart.
func (c *comment) paragraph(text string) *comment {
	c.lines = append(c.lines, "")
	return c.add(text)
}

// deprecated appends the paragraph that tools recognise, unless why is empty.
func (c *comment) deprecated(why string) *comment {
	if why = strings.TrimSpace(why); why != "" {
		c.paragraph("Deprecated: " + oneLine(why))
	}
	return c
}

// to prints the comment into g.
func (c *comment) to(g *jen.Group) {
	for _, line := range c.lines {
		// Each line begins with "// " for jennifer to leave it as it is, and so that no
		// text can become a directive such as //go:embed.
		text := visible(line)
		if strings.HasPrefix(line, bullet) {
			text = "  " + text
		}
		g.Comment(strings.TrimRight("// "+text, " "))
	}
}

// visible returns s without what a Go comment cannot contain and without the
// one directive that may follow a space.
func visible(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || r == '\ufeff' || r == utf8.RuneError || r == '\u2028' || r == '\u2029' {
			return ' '
		}
		return r
	}, s)
	s = strings.TrimSpace(s)
	if strings.HasPrefix(s, "+build") {
		return "+ build" + strings.TrimPrefix(s, "+build")
	}
	return s
}

// oneLine returns s as a single line.
func oneLine(s string) string { return strings.Join(strings.Fields(visible(s)), " ") }

// rawLit returns a string literal, between backquotes when that spares escapes.
func rawLit(s string) *jen.Statement {
	if strings.ContainsAny(s, `\"`) && strconv.CanBackquote(s) {
		return jen.Op("`" + s + "`")
	}
	return jen.Lit(s)
}

var decimal = regexp.MustCompile(`^[+-]?[0-9]*\.?[0-9]+([eE][+-]?[0-9]{1,3})?$`)

// numeral returns a number of the schema as a literal of scalar, or false when
// it is none. Leading zeros go, since Go would read them as octal.
func numeral(text string, scalar ir.Scalar) (*jen.Statement, bool) {
	if !decimal.MatchString(text) {
		return nil, false
	}
	n, ok := new(big.Rat).SetString(text)
	if !ok {
		return nil, false
	}
	float := scalar == ir.Float32 || scalar == ir.Float64
	if n.IsInt() && (!float || n.Num().BitLen() <= 53) { // Go computes no constant of 1e300's digits
		return jen.Op(n.Num().String()), true
	}
	if !float {
		return nil, false
	}
	f, _ := n.Float64()
	return jen.Op(strconv.FormatFloat(f, 'g', -1, 64)), true
}
