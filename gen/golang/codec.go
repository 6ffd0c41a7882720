package golang

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/sockgen/sockgen/gen/ir"
)

// codecs renders how every declared type is decoded and encoded.
func (g *generator) codecs(f *jen.File) {
	var patterns []jen.Code
	for _, p := range g.order {
		if name := g.patterns[p]; g.used[name] {
			patterns = append(patterns, jen.Id(name).Op("=").Qual(typedPath, "MustPattern").Call(rawLit(p)))
		}
	}
	switch len(patterns) {
	case 0:
	case 1:
		f.Var().Add(patterns...)
		f.Line()
	default:
		f.Comment("// The patterns of the schema.")
		f.Var().Defs(patterns...)
		f.Line()
	}
	for _, d := range g.doc.Decls {
		switch {
		case d.Kind == ir.Struct:
			g.structCodec(f, d)
		case g.used["decode"+d.Ident]:
			g.aliasDecoder(f, d)
		}
	}
}

// use returns the name of a function or variable of the codecs, which is
// rendered only when something uses it.
func (g *generator) use(name string) *jen.Statement {
	g.used[name] = true
	return jen.Id(name)
}

// findPatterns names a variable for each pattern of the document.
func (g *generator) findPatterns() {
	add := func(t *ir.Type, owner string) {
		for ; t != nil; t = t.Elem {
			p := t.Constraint.Pattern
			if p == "" || g.patterns[p] != "" {
				continue
			}
			if _, err := regexp.Compile(p); err != nil {
				g.fail("%s: pattern: %v", owner, err)
			}
			name := "patternOf" + owner
			for i := 2; g.isPattern(name); i++ {
				name = "patternOf" + owner + strconv.Itoa(i)
			}
			g.patterns[p] = name
			g.order = append(g.order, p)
		}
	}
	for _, d := range g.doc.Decls {
		add(d.Of, d.Ident)
		for _, field := range d.Fields {
			add(field.Type, d.Ident+field.Ident)
		}
	}
	for _, e := range g.doc.Errors {
		add(e.Data, e.Ident)
	}
	for _, ns := range g.doc.Namespaces {
		add(ns.Auth, ns.Prefix+"Auth")
		for _, events := range [][]*ir.Event{ns.Client, ns.Server} {
			for _, e := range events {
				add(e.Payload, ns.Prefix+e.Ident)
				if e.Ack != nil {
					add(e.Ack.Type, ns.Prefix+e.Ident+"Ack")
				}
			}
		}
	}
}

func (g *generator) isPattern(name string) bool {
	for _, other := range g.patterns {
		if other == name {
			return true
		}
	}
	return false
}

func (g *generator) structCodec(f *jen.File, d *ir.Decl) {
	var required, optional []jen.Code
	for _, field := range d.Fields {
		if field.Optional {
			optional = append(optional, jen.Lit(field.Wire))
		} else {
			required = append(required, jen.Lit(field.Wire))
		}
	}
	fields := jen.Qual(typedPath, "Required").Call(required...)
	if len(optional) > 0 {
		fields = fields.Dot("Optional").Call(optional...)
	}
	f.Var().Id("fieldsOf" + d.Ident).Op("=").Add(fields)
	f.Line()

	body := []jen.Code{}
	field := "field"
	for _, fd := range d.Fields {
		body = append(body, jen.Case(jen.Lit(fd.Wire)).Block(g.decodeField(d, fd)...))
	}
	loop := jen.For(jen.Id(field).Op(":=").Range().Id("d").Dot("Object").Call(jen.Id("fieldsOf" + d.Ident)))
	if len(body) == 0 {
		loop = jen.For(jen.Range().Id("d").Dot("Object").Call(jen.Id("fieldsOf" + d.Ident))).Block()
	} else {
		loop = loop.Block(jen.Switch(jen.Id(field)).Block(body...))
	}
	f.Func().Id("decode"+d.Ident).Params(decoderParam(), jen.Id("v").Op("*").Id(d.Ident)).Block(loop)
	f.Line()

	f.Func().Id("encode"+d.Ident).Params(encoderParam(), jen.Id("v").Op("*").Id(d.Ident)).BlockFunc(func(b *jen.Group) {
		b.Id("e").Dot("Open").Call()
		for _, fd := range d.Fields {
			g.encodeField(b, d, fd)
		}
		b.Id("e").Dot("Close").Call()
	})
	f.Line()

	f.Comment("// MarshalJSON writes v as it is sent, but for bytes, which become base64 strings.")
	f.Func().Params(jen.Id("v").Id(d.Ident)).Id("MarshalJSON").Params().Params(jen.Index().Byte(), jen.Error()).Block(
		jen.Return(jen.Qual(typedPath, "MarshalJSON").Call(jen.Op("&").Id("v"), jen.Id("encode"+d.Ident))))
	f.Line()
	f.Comment("// UnmarshalJSON reads what MarshalJSON writes and holds it to the schema.")
	f.Func().Params(jen.Id("v").Op("*").Id(d.Ident)).Id("UnmarshalJSON").Params(jen.Id("data").Index().Byte()).Error().Block(
		jen.Return(jen.Qual(typedPath, "UnmarshalJSON").Call(jen.Id("data"), jen.Id("v"), jen.Id("decode"+d.Ident))))
	f.Line()
}

func decoderParam() *jen.Statement { return jen.Id("d").Op("*").Qual(typedPath, "Decoder") }
func encoderParam() *jen.Statement { return jen.Id("e").Qual(typedPath, "Encoder") }

func (g *generator) aliasDecoder(f *jen.File, d *ir.Decl) {
	f.Func().Id("decode"+d.Ident).Params(decoderParam(), jen.Id("v").Op("*").Id(d.Ident)).
		Block(g.decode(place{"v", true}, d.Of, 0)...)
	f.Line()
}

// A place is an expression for where a value is: a variable, or a pointer to one.
type place struct {
	expr    string
	pointer bool
}

// addr returns a pointer to the place.
func (p place) addr() *jen.Statement {
	if p.pointer {
		return jen.Id(p.expr)
	}
	return jen.Op("&").Id(p.expr)
}

// value returns what is at the place.
func (p place) value() *jen.Statement {
	if p.pointer {
		return jen.Op("*").Id(p.expr)
	}
	return jen.Id(p.expr)
}

// method returns a call of a method of what is at the place.
func (p place) method(name string) *jen.Statement { return jen.Id(p.expr).Dot(name).Call() }

// loopVariable returns the variable of the loop that is depth loops deep.
func loopVariable(depth int) string {
	if depth < 3 {
		return string("xyz"[depth])
	}
	return "x" + strconv.Itoa(depth)
}

// decodeField returns the statements that read a field of v.
func (g *generator) decodeField(owner *ir.Decl, f *ir.Field) []jen.Code {
	at := place{"v." + f.Ident, false}
	put := place{at.expr + ".Put()", true}
	make := jen.Id(at.expr).Op("=").New(g.bare(f.Type))
	whenSet := func(body ...jen.Code) []jen.Code {
		return []jen.Code{jen.If(jen.Op("!").Id("d").Dot("Null").Call()).Block(body...)}
	}
	// x holds what may yet be null while the decoder looks.
	whenPut := func(body ...jen.Code) []jen.Code {
		return []jen.Code{jen.If(jen.Id("x").Op(":=").Add(put.addr()), jen.Op("!").Id("d").Dot("Null").Call()).Block(body...)}
	}
	switch formOf(owner, f) {
	case optForm:
		return g.decodeBare(put, f.Type, 0)
	case nullForm:
		return whenSet(g.decodeBare(put, f.Type, 0)...)
	case optNullForm:
		return whenPut(g.decodeBare(place{"x.Put()", true}, f.Type, 1)...)
	case pointerForm:
		return append([]jen.Code{make}, g.decodeBare(place{at.expr, true}, f.Type, 0)...)
	case nullPointerForm:
		return whenSet(append([]jen.Code{make}, g.decodeBare(place{at.expr, true}, f.Type, 0)...)...)
	case optPointerForm:
		body := []jen.Code{jen.Op("*").Id("x").Op("=").New(g.bare(f.Type))}
		return whenPut(append(body, g.decodeBare(place{"*x", true}, f.Type, 1)...)...)
	}
	return g.decodeBare(at, f.Type, 0)
}

// decode returns the statements that read a value of t, null included.
func (g *generator) decode(at place, t *ir.Type, depth int) []jen.Code {
	if !isNullable(t) {
		return g.decodeBare(at, t, depth)
	}
	return []jen.Code{jen.If(jen.Op("!").Id("d").Dot("Null").Call()).Block(
		g.decodeBare(place{at.expr + ".Put()", true}, t, depth)...)}
}

// decodeBare returns the statements that read a value of t other than null.
func (g *generator) decodeBare(at place, t *ir.Type, depth int) []jen.Code {
	switch t.Kind {
	case ir.ListType, ir.MapType:
		return []jen.Code{g.decodeParts(at, t, depth)}
	case ir.RefType:
		if t.Constraint == (ir.Constraint{}) || t.Ref.Kind == ir.Struct {
			return []jen.Code{g.use("decode"+t.Ref.Ident).Call(jen.Id("d"), at.addr())}
		}
	}
	b := base(t)
	if b.Kind != ir.ScalarType {
		g.fail("%s: a constraint on an alias of what is no scalar", t.Ref.Ident)
		return nil
	}
	read := jen.Id("d").Dot(methodOf(b.Scalar)).Call(at.addr())
	for ; ; t = t.Ref.Of {
		read = g.constrain(read, t.Constraint, b.Scalar)
		if t.Kind != ir.RefType {
			return []jen.Code{read}
		}
	}
}

// methodOf returns the method of Decoder and Encoder for a scalar.
func methodOf(s ir.Scalar) string {
	if s == ir.UUID {
		return "UUID"
	}
	return strings.ToUpper(string(s[:1])) + string(s[1:])
}

func (g *generator) decodeParts(at place, t *ir.Type, depth int) *jen.Statement {
	function := "Elements"
	if t.Kind == ir.MapType {
		function = "Entries"
	}
	args := []jen.Code{jen.Id("d"), at.addr()}
	if l := t.Constraint.Length; l != nil {
		function = "Bounded" + function
		args = append(args, g.lengthEnd(l.Min, jen.Lit(0)), g.lengthEnd(l.Max, jen.Qual(typedPath, "NoLimit")))
	}
	x := loopVariable(depth)
	return jen.For(jen.Id(x).Op(":=").Range().Qual(typedPath, function).Call(args...)).
		Block(g.decode(place{x, true}, t.Elem, depth+1)...)
}

// constrain appends the checks of c to a call that reads a scalar.
func (g *generator) constrain(read *jen.Statement, c ir.Constraint, s ir.Scalar) *jen.Statement {
	if c.Length != nil {
		if s != ir.String && s != ir.Bytes {
			g.fail("%s has no length", s)
		}
		read = read.Dot("Length").Call(g.lengthEnd(c.Length.Min, jen.Lit(0)), g.lengthEnd(c.Length.Max, jen.Qual(typedPath, "NoLimit")))
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

// decoder returns a function that reads a value of t.
func (g *generator) decoder(t *ir.Type) *jen.Statement {
	if t == nil {
		return jen.Qual(typedPath, "DecodeNothing")
	}
	if t.Kind == ir.RefType && !t.Nullable && t.Constraint == (ir.Constraint{}) {
		return g.use("decode" + t.Ref.Ident)
	}
	return jen.Func().Params(decoderParam(), jen.Id("v").Op("*").Add(g.typ(t))).Block(g.decode(place{"v", true}, t, 0)...)
}

// encoder returns a function that writes a value of t.
func (g *generator) encoder(t *ir.Type) *jen.Statement {
	if isStruct(t) {
		return jen.Id("encode" + t.Ref.Ident)
	}
	return jen.Func().Params(encoderParam(), jen.Id("v").Op("*").Add(g.typ(t))).BlockFunc(func(b *jen.Group) {
		g.encode(b, jen.Id("e"), place{"v", true}, t)
	})
}

// encodeField writes the statements that write a field of v.
func (g *generator) encodeField(b *jen.Group, owner *ir.Decl, f *ir.Field) {
	at := place{"v." + f.Ident, false}
	key := jen.Id("e").Dot("Key").Call(jen.Lit(jsonKey(f.Wire)))
	x := place{"x", false}
	get := []jen.Code{jen.List(jen.Id("x"), jen.Id("ok")).Op(":=").Add(at.method("Get")), jen.Id("ok")}
	switch formOf(owner, f) {
	case optForm:
		b.If(get...).BlockFunc(func(b *jen.Group) { g.encodeBare(b, key, x, f.Type) })
	case optNullForm:
		b.If(get...).BlockFunc(func(b *jen.Group) { g.encode(b, key, x, f.Type) })
	case nilForm:
		b.If(jen.Id(at.expr).Op("!=").Nil()).BlockFunc(func(b *jen.Group) { g.encodeBare(b, key, at, f.Type) })
	case pointerForm:
		b.If(jen.Id(at.expr).Op("!=").Nil()).BlockFunc(func(b *jen.Group) { g.encodeBare(b, key, place{at.expr, true}, f.Type) })
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
		g.encodeBare(b, e, place{pointer, true}, t)
	}).Else().Block(e.Clone().Dot("Null").Call())
}

// encode writes the statements that write a value of t, null included, to e.
func (g *generator) encode(b *jen.Group, e *jen.Statement, at place, t *ir.Type) {
	if !isNullable(t) {
		g.encodeBare(b, e, at, t)
		return
	}
	b.If(jen.List(jen.Id("x"), jen.Id("ok")).Op(":=").Add(at.method("Get")), jen.Id("ok")).BlockFunc(func(b *jen.Group) {
		g.encodeBare(b, e, place{"x", false}, t)
	}).Else().Block(e.Clone().Dot("Null").Call())
}

// encodeBare writes the statements that write a value of t other than null.
func (g *generator) encodeBare(b *jen.Group, e *jen.Statement, at place, t *ir.Type) {
	switch t.Kind {
	case ir.ListType:
		b.Qual(typedPath, "EncodeList").Call(e.Clone(), at.value(), g.encoder(t.Elem))
		return
	case ir.MapType:
		b.Qual(typedPath, "EncodeMap").Call(e.Clone(), at.value(), g.encoder(t.Elem))
		return
	case ir.RefType:
		if t.Ref.Kind == ir.Struct {
			b.Id("encode"+t.Ref.Ident).Call(e.Clone(), at.addr())
			return
		}
	}
	if s := base(t); s.Kind == ir.ScalarType && s.Scalar != "" {
		b.Add(e.Clone()).Dot(methodOf(s.Scalar)).Call(at.value())
		return
	}
	g.fail("nothing encodes a type of kind %d", t.Kind)
}
