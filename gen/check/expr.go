// SPDX-License-Identifier: Apache-2.0

package check

import (
	"strings"

	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/ir"
	"github.com/sockgen/sockgen/gen/language"
	"github.com/sockgen/sockgen/gen/schema"
)

// scalarNames are the scalars of the language, as the documentation lists them.
var scalarNames = language.Texts(language.Scalars)

func isScalar(word string) bool {
	for _, s := range scalarNames {
		if s == word {
			return true
		}
	}
	return false
}

func scalarList() string { return strings.Join(scalarNames, ", ") }

// maxTypeDepth is how many lists and maps a type expression may nest.
const maxTypeDepth = 8

// typeExpr reads a type expression: "optional"? base ("|" "null")?. It returns
// nil after it reported what is wrong. Only a field may be optional.
func (c *checker) typeExpr(n *schema.Node, what string, field bool) (t *ir.Type, optional bool) {
	switch n.Kind {
	case schema.Scalar:
	case schema.Invalid:
		return nil, false
	case schema.Sequence:
		c.report(n, diag.ListSyntax, "%s is a text; a list of T is written list<T>", what)
		return nil, false
	default:
		c.report(n, diag.WrongKind, "%s is a text such as string or list<T>, and this is %s", what, n.Kind)
		return nil, false
	}
	p := &exprParser{c: c, n: n, end: len(n.Text)}
	if rest, ok := p.cutWord("optional"); ok {
		if p.pos = rest; !field {
			c.reportPart(n, 0, len(n.Text), diag.TypeSyntax, "only a field can be optional; %s cannot", what)
			return nil, false
		}
		optional = true
	}
	if t = p.parse(0); t == nil {
		return nil, optional
	}
	if p.space(); p.pos < p.end {
		p.trailing()
		return nil, optional
	}
	return t, optional
}

// partType reads a type expression that is the part Text[from:to] of n.
func (c *checker) partType(n *schema.Node, from, to int) *ir.Type {
	p := &exprParser{c: c, n: n, pos: from, end: to}
	t := p.parse(0)
	if t == nil {
		return nil
	}
	if p.space(); p.pos < p.end {
		p.trailing()
		return nil
	}
	return t
}

// An exprParser reads the type expression in n's text, by recursive descent.
// Each method that returns nil has reported why.
type exprParser struct {
	c   *checker
	n   *schema.Node
	pos int // the next byte of n.Text
	end int // where the expression ends in n.Text
}

func (p *exprParser) space() {
	for p.pos < p.end && strings.IndexByte(" \t\n", p.n.Text[p.pos]) >= 0 {
		p.pos++
	}
}

// cutWord returns where word ends when it comes next and something follows it.
func (p *exprParser) cutWord(word string) (end int, ok bool) {
	p.space()
	rest := p.n.Text[p.pos:p.end]
	if !strings.HasPrefix(rest, word) || len(rest) == len(word) || strings.IndexByte(" \t\n", rest[len(word)]) < 0 {
		return p.pos, false
	}
	return p.pos + len(word), true
}

// identifier reads a run of letters, digits and _.
func (p *exprParser) identifier() (from, to int) {
	p.space()
	from = p.pos
	for p.pos < p.end && (isAlphanumeric(p.n.Text[p.pos]) || p.n.Text[p.pos] == '_') {
		p.pos++
	}
	return from, p.pos
}

// accept reads s when it comes next.
func (p *exprParser) accept(s string) bool {
	p.space()
	if !strings.HasPrefix(p.n.Text[p.pos:p.end], s) {
		return false
	}
	p.pos += len(s)
	return true
}

// parse reads base ("|" "null")?.
func (p *exprParser) parse(depth int) *ir.Type {
	from, to := p.identifier()
	word := p.n.Text[from:to]
	var t *ir.Type
	switch {
	case depth > maxTypeDepth:
		p.c.report(p.n, diag.DocumentLimit, "the type nests more than %d lists and maps", maxTypeDepth)
		return nil
	case word == "":
		p.missing()
		return nil
	case word == "list" || word == "map":
		t = p.container(word, from, to, depth)
	case word == "optional":
		p.c.reportPart(p.n, from, to, diag.TypeSyntax, "optional stands before the whole type of a field, and nowhere else")
		return nil
	case word == "null":
		p.c.reportPart(p.n, from, to, diag.TypeSyntax, "null is written behind the type that it extends: T | null")
		return nil
	default:
		t = p.named(word, from, to)
	}
	if t == nil {
		return nil
	}
	return p.nullable(t)
}

// nullable reads ("|" "null")?.
func (p *exprParser) nullable(t *ir.Type) *ir.Type {
	if !p.accept("|") {
		return t
	}
	from, to := p.identifier()
	if p.n.Text[from:to] != "null" {
		p.c.reportPart(p.n, from, max(to, from), diag.TypeSyntax, "behind | stands null alone; a choice between types is a declared union")
		return nil
	}
	if t.Kind == ir.ScalarType && t.Scalar == ir.Any {
		p.c.reportPart(p.n, from, to, diag.TypeSyntax, "any includes null: leave | null out")
		return nil
	}
	t.Nullable = true
	return t
}

// container reads "<" T ">" behind list or map.
func (p *exprParser) container(word string, from, to, depth int) *ir.Type {
	kind := ir.ListType
	if word == "map" {
		kind = ir.MapType
	}
	if !p.accept("<") {
		p.c.reportPart(p.n, from, to, diag.TypeSyntax, "%s needs the type of its values: write %s<T>", word, word)
		return nil
	}
	elem := p.parse(depth + 1)
	if elem == nil {
		return nil
	}
	p.space()
	if p.pos < p.end && p.n.Text[p.pos] == ',' {
		if word == "map" {
			p.c.report(p.n, diag.FlowComma, "the keys of a map are always strings: write map<T>")
		} else {
			p.c.report(p.n, diag.FlowComma, "a list has one type: write list<T>")
		}
		return nil
	}
	if !p.accept(">") {
		if p.pos < p.end && p.n.Text[p.pos] == '?' {
			p.c.reportPart(p.n, p.pos, p.pos+1, diag.OptionalMarker, "a value of a %s is there or not, it cannot be optional; one that may be null is written T | null", word)
			return nil
		}
		p.trailing()
		return nil
	}
	return &ir.Type{Kind: kind, Elem: elem}
}

// named reads a scalar or a declared type.
func (p *exprParser) named(word string, from, to int) *ir.Type {
	if isScalar(word) {
		return &ir.Type{Kind: ir.ScalarType, Scalar: ir.Scalar(word)}
	}
	if t, ok := p.c.types[word]; ok {
		t.used = true
		if t.node == nil {
			return nil // reported where it is declared
		}
		p.c.reaches(p.n, t)
		return &ir.Type{Kind: ir.RefType, Ref: t.decl}
	}
	d := p.c.reportPart(p.n, from, to, diag.UnknownType, "unknown type %s", diag.Quote(word))
	if d.Suggestion = otherNames[word]; d.Suggestion == "" {
		d.Suggestion = p.c.suggest(word, p.c.names, scalarNames)
	}
	return nil
}

// otherNames are what other languages call our scalars.
var otherNames = map[string]string{
	"number": "float64", "boolean": "bool", "integer": "int", "long": "int64", "short": "int32", "float": "float32",
	"double": "float64", "str": "string", "text": "string", "date": "timestamp", "datetime": "timestamp",
	"time": "timestamp", "Buffer": "bytes", "buffer": "bytes", "bytea": "bytes", "ArrayBuffer": "bytes", "Uint8Array": "bytes", "Date": "timestamp", "Array": "list<T>", "Record": "map<T>", "Map": "map<T>", "binary": "bytes", "blob": "bytes", "byte": "bytes",
	"object": "any", "unknown": "any", "json": "any", "array": "list<T>", "dict": "map<T>",
	"record": "map<T>", "uint": "uint64", "decimal": "string", "interface": "any",
}

// missing reports that a type should stand at p.pos.
func (p *exprParser) missing() {
	text := p.n.Text[:p.end]
	switch {
	case strings.TrimSpace(text) == "":
		p.c.report(p.n, diag.TypeSyntax, "a type is missing here")
	case strings.HasPrefix(text[p.pos:], "[]"):
		p.c.report(p.n, diag.ListSyntax, "a list of T is written list<T>")
	default:
		p.c.reportPart(p.n, p.pos, len(text), diag.TypeSyntax, "%s is no type; a type is a scalar, a declared type, list<T> or map<T>, perhaps with | null", diag.Quote(text))
	}
}

// trailing reports what stands behind a type and does not belong there.
func (p *exprParser) trailing() {
	text := p.n.Text[:p.end]
	if p.pos >= len(text) {
		p.c.reportPart(p.n, max(0, len(text)-1), len(text), diag.TypeSyntax, "a > is missing behind this: write %s", diag.Quote(text+strings.Repeat(">", max(1, strings.Count(text, "<")-strings.Count(text, ">")))))
		return
	}
	rest := text[p.pos:]
	before := strings.TrimSpace(text[:p.pos])
	switch {
	case strings.HasPrefix(rest, "[]"):
		p.c.reportPart(p.n, p.pos, p.pos+2, diag.ListSyntax, "a list is written list<T>: %s", diag.Quote("list<"+before+">"))
	case rest[0] == '?':
		p.c.reportPart(p.n, p.pos, p.pos+1, diag.OptionalMarker, "an optional field carries the word: %s", diag.Quote("optional "+before))
	case strings.HasPrefix(rest, "..") || rest[0] == '(' || rest[0] == '{':
		p.c.reportPart(p.n, p.pos, len(text), diag.TypeSyntax, "a constraint is a key of the long form: { type: %s, length: 1..64 }", before)
	default:
		p.c.reportPart(p.n, p.pos, len(text), diag.TypeSyntax, "the type ends before %s", diag.Quote(rest))
	}
}
