// SPDX-License-Identifier: Apache-2.0

package golang

import (
	"encoding/json"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/sockgen/sockgen/gen/ir"
)

// A place is an expression for where a value is: a variable, or a pointer to one.
type place struct {
	expr    string
	pointer bool
	as      *jen.Statement // the type that it is converted to, or nil
	code    *jen.Statement // the expression, when it is no name; it has no address
}

// addr returns a pointer to the place.
func (p place) addr() *jen.Statement {
	addr := jen.Op("&").Id(p.expr)
	if p.pointer {
		addr = jen.Id(p.expr)
	}
	if p.as != nil {
		return jen.Parens(jen.Op("*").Add(p.as)).Call(addr)
	}
	return addr
}

// value returns what is at the place.
func (p place) value() *jen.Statement {
	value := jen.Id(p.expr)
	if p.code != nil {
		value = p.code.Clone()
	}
	if p.pointer {
		value = jen.Op("*").Id(p.expr)
	}
	if p.as != nil {
		return p.as.Clone().Call(value)
	}
	return value
}

// method returns a call of a method of what is at the place.
func (p place) method(name string) *jen.Statement {
	if p.code != nil {
		return p.code.Clone().Dot(name).Call()
	}
	return jen.Id(p.expr).Dot(name).Call()
}

// decodeField returns the statements that read a field of v.
func (g *generator) decodeField(owner *ir.Decl, f *ir.Field) []jen.Code {
	at := place{expr: "v." + f.Ident}
	put := place{expr: at.expr + ".Put()", pointer: true}
	make := jen.Id(at.expr).Op("=").New(g.bare(f.Type))
	whenSet := func(body ...jen.Code) []jen.Code {
		return []jen.Code{jen.If(jen.Op("!").Id("d").Dot("Null").Call()).Block(body...)}
	}
	// x holds what may yet be null while the decoder looks.
	whenPut := func(body ...jen.Code) []jen.Code {
		return []jen.Code{jen.If(jen.Id("x").Op(":=").Add(put.addr()), jen.Op("!").Id("d").Dot("Null").Call()).Block(body...)}
	}
	switch g.formOf(owner, f) {
	case optForm:
		return g.decodeBare(put, f.Type)
	case nullForm:
		read := whenSet(g.decodeBare(put, f.Type)...)
		if g.fills(owner, f) && !f.Default.Null { // null takes its place, too
			return append([]jen.Code{jen.Id(at.expr).Op("=").Add(g.typ(f.Type)).Values()}, read...)
		}
		return read
	case optNullForm:
		return whenPut(g.decodeBare(place{expr: "x.Put()", pointer: true}, f.Type)...)
	case pointerForm:
		return append([]jen.Code{make}, g.decodeBare(place{expr: at.expr, pointer: true}, f.Type)...)
	case nullPointerForm:
		return whenSet(append([]jen.Code{make}, g.decodeBare(place{expr: at.expr, pointer: true}, f.Type)...)...)
	case optPointerForm:
		body := []jen.Code{jen.Op("*").Id("x").Op("=").New(g.bare(f.Type))}
		return whenPut(append(body, g.decodeBare(place{expr: "*x", pointer: true}, f.Type)...)...)
	}
	return g.decodeBare(at, f.Type)
}

// decode returns the statements that read a value of t, null included.
func (g *generator) decode(at place, t *ir.Type) []jen.Code {
	if !t.IsNullable() {
		return g.decodeBare(at, t)
	}
	return []jen.Code{jen.If(jen.Op("!").Id("d").Dot("Null").Call()).Block(
		g.decodeBare(place{expr: at.expr + ".Put()", pointer: true}, t)...)}
}

// decodeBare returns the statements that read a value of t other than null.
func (g *generator) decodeBare(at place, t *ir.Type) []jen.Code {
	switch {
	case t.Kind == ir.ListType || t.Kind == ir.MapType:
		return []jen.Code{g.decodeParts(at, t)}
	case t.Kind == ir.RefType && t.Constraint == (ir.Constraint{}):
		return []jen.Code{g.use("decode"+t.Ref.Ident).Call(jen.Id("d"), at.addr())}
	}
	if d := coded(t); d != nil {
		g.fail("%s: a constraint on what is no scalar", d.Ident)
		return nil
	}
	b := base(t)
	if isBranded(t) {
		at.as = g.bare(b)
	}
	return []jen.Code{g.constrainAll(jen.Id("d").Dot(methodOf(b.Scalar)).Call(at.addr()), t, b.Scalar)}
}

// coded returns the declaration whose functions of its own encode what t refers
// to, or nil: scalars are written in place.
func coded(t *ir.Type) *ir.Decl {
	for ; t.Kind == ir.RefType; t = t.Ref.Of {
		d := t.Ref
		if d.Kind != ir.Alias || d.Go != nil || d.Of.Kind == ir.ListType || d.Of.Kind == ir.MapType || d.Of.IsNullable() {
			return d
		}
	}
	return nil
}

// isDefined tells whether d, an alias, is a type of its own in Go: a brand, or a
// list or map that contains itself.
func isDefined(d *ir.Decl) bool {
	return d.Kind == ir.Alias && d.Go == nil && (d.Brand || aliasReaches(d.Of, d, map[*ir.Decl]bool{}))
}

// aliasReaches tells whether t leads to d through lists, maps and aliases alone.
func aliasReaches(t *ir.Type, d *ir.Decl, seen map[*ir.Decl]bool) bool {
	for t.Elem != nil {
		t = t.Elem
	}
	if t.Kind != ir.RefType || t.Ref.Kind != ir.Alias || seen[t.Ref] {
		return false
	}
	if t.Ref == d {
		return true
	}
	seen[t.Ref] = true
	return aliasReaches(t.Ref.Of, d, seen)
}

// methodOf returns the method of Decoder and Encoder for a scalar.
func methodOf(s ir.Scalar) string {
	if s == ir.UUID {
		return "UUID"
	}
	return strings.ToUpper(string(s[:1])) + string(s[1:])
}

func (g *generator) decodeParts(at place, t *ir.Type) *jen.Statement {
	kind := "List"
	if t.Kind == ir.MapType {
		kind = "Map"
	}
	c := t.Constraint
	args := []jen.Code{jen.Id("d"), at.addr()}
	if c.Unique {
		if t.Kind == ir.MapType || !isComparable(t.Elem) {
			g.fail("unique: only lists of scalars and enums whose values Go can compare")
		}
		kind = "Unique" + kind
	} else if c.Length != nil {
		kind = "Bounded" + kind
	}
	if c.Length != nil || c.Unique {
		var length ir.Span
		if c.Length != nil {
			length = *c.Length
		}
		args = append(args, g.lengthEnd(length.Min, jen.Lit(0)), g.lengthEnd(length.Max, jen.Qual(typedPath, "NoLimit")))
	}
	return jen.Qual(typedPath, "Decode"+kind).Call(append(args, g.decoder(t.Elem))...)
}

// isComparable tells whether equal values of t are equal in Go.
func isComparable(t *ir.Type) bool {
	for ; t.Kind == ir.RefType; t = t.Ref.Of {
		if t.Ref.Kind != ir.Alias {
			return t.Ref.Kind == ir.Enum
		}
		if t.Ref.Go != nil {
			return false
		}
	}
	return t.Kind == ir.ScalarType && t.Scalar != ir.Bytes && t.Scalar != ir.Any
}

// constrain appends the checks of c to a call that reads a scalar.
func (g *generator) constrain(read *jen.Statement, c ir.Constraint, s ir.Scalar) *jen.Statement {
	if c.Length != nil {
		if s != ir.String && s != ir.Bytes {
			g.fail("%s has no length", s)
		}
		read = g.lengthCheck(read, c)
	}
	if c.Range != nil {
		read = g.rangeCheck(read, *c.Range, s)
	}
	if c.Pattern != "" {
		if s != ir.String {
			g.fail("%s has no pattern", s)
		}
		read = read.Dot("Pattern").Call(g.use(g.patterns[c.Pattern]))
	}
	return read
}

// lengthCheck appends the check of a length to call.
func (g *generator) lengthCheck(call *jen.Statement, c ir.Constraint) *jen.Statement {
	if c.Length == nil {
		return call
	}
	return call.Dot("Length").Call(g.lengthEnd(c.Length.Min, jen.Lit(0)), g.lengthEnd(c.Length.Max, jen.Qual(typedPath, "NoLimit")))
}

func (g *generator) rangeCheck(read *jen.Statement, r ir.Span, s ir.Scalar) *jen.Statement {
	switch s {
	case ir.Int, ir.Int32, ir.Uint32, ir.Int64, ir.Uint64, ir.Float32, ir.Float64, ir.Duration:
	default:
		g.fail("%s has no range", s)
		return read
	}
	least, most := g.rangeEnd(r.Min, s), g.rangeEnd(r.Max, s)
	switch {
	case least != nil && most != nil:
		return read.Dot("Range").Call(least, most)
	case least != nil:
		return read.Dot("AtLeast").Call(least)
	case most != nil:
		return read.Dot("AtMost").Call(most)
	}
	return read
}

func (g *generator) rangeEnd(text string, s ir.Scalar) *jen.Statement {
	if text == "" {
		return nil
	}
	n, ok := numeral(text, s)
	if !ok {
		g.fail("%q is no %s", text, s)
		return nil
	}
	if s == ir.Duration {
		return n.Op("*").Qual("time", "Millisecond")
	}
	return n
}

func (g *generator) lengthEnd(text string, open *jen.Statement) *jen.Statement {
	if text == "" {
		return open
	}
	n, ok := numeral(text, ir.Int)
	if !ok {
		g.fail("%q is no length", text)
		return open
	}
	return n
}

// isPlainScalar tells whether t is a scalar with all of its values, and no other.
func isPlainScalar(t *ir.Type) bool {
	return t.Kind == ir.ScalarType && t.Constraint == (ir.Constraint{}) && !t.IsNullable()
}

// decoder returns a function that reads a value of t.
func (g *generator) decoder(t *ir.Type) *jen.Statement {
	if t == nil {
		return jen.Qual(typedPath, "DecodeNothing")
	}
	if t.Kind == ir.RefType && !t.Nullable && t.Constraint == (ir.Constraint{}) {
		return g.use("decode" + t.Ref.Ident)
	}
	if isPlainScalar(t) {
		return jen.Qual(typedPath, "Decode"+methodOf(t.Scalar))
	}
	return jen.Func().Params(decoderParam(), jen.Id("v").Op("*").Add(g.typ(t))).Block(g.decode(place{expr: "v", pointer: true}, t)...)
}

// encoder returns a function that writes a value of t.
func (g *generator) encoder(t *ir.Type) *jen.Statement {
	if d := coded(t); d != nil && !t.Nullable {
		return g.use("encode" + d.Ident)
	}
	if isPlainScalar(t) {
		return jen.Qual(typedPath, "Encode"+methodOf(t.Scalar))
	}
	return jen.Func().Params(encoderParam(), jen.Id("v").Op("*").Add(g.typ(t))).BlockFunc(func(b *jen.Group) {
		g.encode(b, jen.Id("e"), place{expr: "v", pointer: true}, t)
	})
}

// encodeField writes the statements that write a field of v, to key.
func (g *generator) encodeField(b *jen.Group, key *jen.Statement, owner *ir.Decl, f *ir.Field) {
	if g.receiveds[owner] != nil && f.Default != nil {
		g.encodeDefault(b, key, owner, f)
		return
	}
	at := place{expr: "v." + f.Ident}
	x := place{expr: "x"}
	get := []jen.Code{jen.List(jen.Id("x"), jen.Id("ok")).Op(":=").Add(at.method("Get")), jen.Id("ok")}
	switch g.formOf(owner, f) {
	case optForm:
		b.If(get...).BlockFunc(func(b *jen.Group) { g.encodeBare(b, key, x, f.Type) })
	case optNullForm:
		b.If(get...).BlockFunc(func(b *jen.Group) { g.encode(b, key, x, f.Type) })
	case nilForm:
		b.If(jen.Id(at.expr).Op("!=").Nil()).BlockFunc(func(b *jen.Group) { g.encodeBare(b, key, at, f.Type) })
	case pointerForm:
		b.If(jen.Id(at.expr).Op("!=").Nil()).BlockFunc(func(b *jen.Group) { g.encodeBare(b, key, place{expr: at.expr, pointer: true}, f.Type) })
	case nullPointerForm:
		g.encodePointer(b, key, at.expr, f.Type)
	case optPointerForm:
		b.If(get...).BlockFunc(func(b *jen.Group) { g.encodePointer(b, key, "x", f.Type) })
	default:
		g.encode(b, key, at, f.Type)
	}
}

// jsonKey returns name as JSON spells it between its quotes.
func jsonKey(name string) string {
	quoted, _ := json.Marshal(name) // strings always marshal
	return string(quoted[1 : len(quoted)-1])
}

// encodePointer writes what pointer points to, or null.
func (g *generator) encodePointer(b *jen.Group, e *jen.Statement, pointer string, t *ir.Type) {
	b.If(jen.Id(pointer).Op("!=").Nil()).BlockFunc(func(b *jen.Group) {
		g.encodeBare(b, e, place{expr: pointer, pointer: true}, t)
	}).Else().Block(e.Clone().Dot("Null").Call())
}

// encode writes the statements that write a value of t, null included, to e.
func (g *generator) encode(b *jen.Group, e *jen.Statement, at place, t *ir.Type) {
	if !t.IsNullable() {
		g.encodeBare(b, e, at, t)
		return
	}
	b.If(jen.List(jen.Id("x"), jen.Id("ok")).Op(":=").Add(at.method("Get")), jen.Id("ok")).BlockFunc(func(b *jen.Group) {
		g.encodeBare(b, e, place{expr: "x"}, t)
	}).Else().Block(e.Clone().Dot("Null").Call())
}

// encodeBare writes the statements that write a value of t other than null.
func (g *generator) encodeBare(b *jen.Group, e *jen.Statement, at place, t *ir.Type) {
	switch t.Kind {
	case ir.ListType:
		function := "EncodeList"
		if t.Constraint.Unique {
			function = "EncodeUnique"
		}
		b.Add(g.lengthCheck(jen.Qual(typedPath, function).Call(e.Clone(), at.value(), g.encoder(t.Elem)), t.Constraint))
		return
	case ir.MapType:
		write := jen.Func().Params(encoderParam(), jen.Id("v").Add(g.typ(t.Elem))).BlockFunc(func(b *jen.Group) {
			g.encode(b, jen.Id("e"), place{expr: "v"}, t.Elem)
		})
		b.Add(g.lengthCheck(jen.Qual(typedPath, "EncodeMap").Call(e.Clone(), at.value(), write), t.Constraint))
		return
	}
	if d := coded(t); d != nil {
		b.Add(g.use("encode"+d.Ident)).Call(e.Clone(), at.addr())
		return
	}
	scalar := base(t)
	if scalar.Kind != ir.ScalarType || scalar.Scalar == "" {
		g.fail("nothing encodes a type of kind %d", t.Kind)
		return
	}
	if isBranded(t) {
		at.as = g.bare(scalar)
	}
	write := e.Clone()
	if isConstrained(t) {
		write = write.Dot("Checked").Call()
	}
	b.Add(g.constrainAll(write.Dot(methodOf(scalar.Scalar)).Call(at.value()), t, scalar.Scalar))
}

// isConstrained tells whether t, a scalar or an alias of one, allows some of its values
// only.
func isConstrained(t *ir.Type) bool {
	for ; t.Constraint == (ir.Constraint{}); t = t.Ref.Of {
		if t.Kind != ir.RefType {
			return false
		}
	}
	return true
}

// constrainAll appends the checks of t, a scalar or an alias of one, to a call that reads
// or writes one.
func (g *generator) constrainAll(call *jen.Statement, t *ir.Type, s ir.Scalar) *jen.Statement {
	for ; ; t = t.Ref.Of {
		call = g.constrain(call, t.Constraint, s)
		if t.Kind != ir.RefType {
			return call
		}
	}
}
