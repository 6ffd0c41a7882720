// SPDX-License-Identifier: Apache-2.0

package check

import (
	"strings"

	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/ir"
	"github.com/sockgen/sockgen/gen/naming"
	"github.com/sockgen/sockgen/gen/schema"
)

// shape returns a template with its parameters made alike.
func shape(parts []*ir.NamePart) string {
	var b strings.Builder
	for _, p := range parts {
		if p.Type == nil {
			b.WriteString(p.Text)
		} else {
			b.WriteString("{}")
		}
	}
	return b.String()
}

// roomTypes are what a room's parameter may be. Go types are not for the parameters of
// namespaces, which Go must be able to compare.
const roomTypes = "a string, an enum, a uuid, a bool, a whole number, or a Go type that travels as a string"

// A templateKind tells the names of rooms from the paths of namespaces.
type templateKind struct {
	what   string // "a room's name"
	param  string // "a room's parameter"
	code   diag.Code
	others string // what a literal may hold beside letters and digits; "" for any text
	first  string // why none begins with a parameter
	two    string // what would become of two parameters in a row
	types  string // of parameters
	apart  string // what keeps two parameters apart, one of these between them; "" when any text does
	ident  func(s naming.Speller, name string) string
}

var (
	roomTemplate = &templateKind{
		what: "a room's name", param: "a room's parameter", code: diag.RoomSyntax, types: roomTypes, ident: naming.Speller.Camel,
		first: "a room's name begins with a text, or a parameter could make it the private room of a socket",
		two:   "two parameters need a text between them, or two rooms could have one name",
	}
	pathTemplate = &templateKind{
		what: "a namespace", param: "a namespace's parameter", code: diag.NamespaceSyntax, types: "a string, an enum, a uuid, a bool or a whole number", others: "_-./:@+=", ident: naming.Speller.Pascal,
		apart: "/:@+=", // values hold none of these, since they are escaped
		first: "a namespace is a path that begins with /",
		two:   "two parameters need a text between them, or two sets of values could have one path",
	}
)

// A template reads a name with parameters such as {id: RoomID}.
type template struct {
	c     *checker
	n     *schema.Node
	kind  *templateKind
	parts []*ir.NamePart
	names naming.Scope[int]
	bad   bool
}

// parse returns the parts, or nil after it reported what is wrong.
func (t *template) parse() []*ir.NamePart {
	text := t.n.Text
	if text == "" {
		t.c.report(t.n, t.kind.code, `a room's name is empty; it is a text such as "room:{id: RoomID}"`)
		return nil
	}
	for pos := 0; pos < len(text); {
		if text[pos] == '{' {
			end := strings.IndexByte(text[pos:], '}')
			if end < 0 {
				t.fail(pos, len(text), "the parameter lacks a closing }")
				break
			}
			t.param(pos+1, pos+end)
			pos += end + 1
			continue
		}
		end := strings.IndexByte(text[pos:], '{')
		if end < 0 {
			end = len(text) - pos
		}
		t.literal(pos, pos+end)
		pos += end
	}
	if t.bad {
		return nil
	}
	return t.parts
}

func (t *template) fail(from, to int, format string, args ...any) {
	t.bad = true
	t.c.reportPart(t.n, from, to, t.kind.code, format, args...)
}

func (t *template) literal(from, to int) {
	text := t.n.Text[from:to]
	if t.kind.others == "" {
		if !t.c.travels(t.n, from, to, t.kind.what, t.kind.code) {
			t.bad = true
		} else if at := strings.IndexByte(text, '}'); at >= 0 {
			t.fail(from+at, from+at+1, "%s has a } without the { of a parameter", t.kind.what)
		}
		t.parts = append(t.parts, &ir.NamePart{Text: text})
		return
	}
	for i, r := range text {
		if r >= 0x80 || !isAlphanumeric(byte(r)) && !strings.ContainsRune(t.kind.others, r) {
			t.fail(from+i, from+i+len(string(r)), "%s cannot hold %s", t.kind.what, diag.Quote(string(r)))
			return
		}
	}
	t.parts = append(t.parts, &ir.NamePart{Text: text})
}

// param reads the inside of { }.
func (t *template) param(from, to int) {
	text := t.n.Text
	if from == 1 {
		t.fail(0, to+1, "%s", t.kind.first)
	} else {
		t.separated(from, to)
	}
	colon := strings.IndexByte(text[from:to], ':')
	if colon < 0 {
		t.fail(from-1, to+1, "a parameter has a type: write %s", diag.Quote("{"+strings.TrimSpace(text[from:to])+": string}"))
		return
	}
	nameFrom, nameTo := trim(text, from, from+colon)
	if !t.c.namePart(t.n, nameFrom, nameTo, paramRule) {
		t.bad = true
		return
	}
	name := text[nameFrom:nameTo]
	ident := t.kind.ident(t.c.spell, name)
	if naming.IsGoKeyword(ident) || naming.IsGoPredeclared(ident) || naming.IsTypeScriptReserved(ident) {
		t.bad = true
		t.c.reportPart(t.n, nameFrom, nameTo, diag.ReservedName, "no parameter is called %s, which Go or TypeScript keeps for itself", diag.Quote(ident))
	}
	if _, ok := t.names.Claim(ident, 0); !ok {
		t.fail(nameFrom, nameTo, "two parameters would be called %s", ident)
	}
	typ := t.paramType(from+colon+1, to)
	if typ == nil {
		t.bad = true
		return
	}
	t.parts = append(t.parts, &ir.NamePart{Wire: name, Ident: ident, Type: typ})
}

// separated reports a parameter that stands too near to the one before it.
func (t *template) separated(from, to int) {
	last := len(t.parts) - 1
	switch {
	case last >= 0 && t.parts[last].Type != nil:
		t.fail(from-1, to+1, "%s", t.kind.two)
	case last >= 1 && t.kind.apart != "" && !strings.ContainsAny(t.parts[last].Text, t.kind.apart):
		t.fail(from-1, to+1, "values may hold %s, so that two sets of them could have one path: put one of %s between the two parameters",
			diag.Quote(t.parts[last].Text), strings.Join(strings.Split(t.kind.apart, ""), " "))
	}
}

// paramType reads a parameter's type, which must have one text for each value.
func (t *template) paramType(from, to int) *ir.Type {
	from, to = trim(t.n.Text, from, to)
	typ := t.c.partType(t.n, from, to)
	if typ == nil {
		return nil
	}
	if hasText(typ, t.kind.types == roomTypes) {
		return typ
	}
	t.fail(from, to, "%s is %s", t.kind.param, t.kind.types)
	return nil
}

// hasText tells whether each value of typ has one text, which may be that of a Go type
// where those are known.
func hasText(typ *ir.Type, goTypes bool) bool {
	switch b := base(typ); {
	case typ.Nullable:
		return false
	case typ.Kind == ir.RefType && typ.Ref.Kind == ir.Alias && typ.Ref.Go != nil:
		return goTypes && typ.Ref.GoText()
	case b.Kind == ir.RefType:
		return b.Ref.Kind == ir.Enum
	default:
		return b.Kind == ir.ScalarType && (b.Scalar == ir.String || b.Scalar == ir.UUID || b.Scalar == ir.Bool || limitsOf[b.Scalar].whole)
	}
}

// trim moves from and to past space.
func trim(text string, from, to int) (int, int) {
	for from < to && text[from] == ' ' {
		from++
	}
	for to > from && text[to-1] == ' ' {
		to--
	}
	return from, to
}
