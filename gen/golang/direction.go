// SPDX-License-Identifier: Apache-2.0

package golang

import (
	"github.com/dave/jennifer/jen"

	"github.com/sockgen/sockgen/gen/ir"
)

// withInputs returns doc with what is sent of the declarations in which a value has a
// default, each behind the declaration itself.
func withInputs(doc *ir.Document) (*ir.Document, ir.Inputs) {
	inputs := doc.Inputs()
	copied := *doc
	copied.Decls = nil
	for _, d := range doc.Decls {
		copied.Decls = append(copied.Decls, d)
		if sent := inputs[d]; sent != nil {
			copied.Decls = append(copied.Decls, sent)
		}
	}
	return &copied, inputs
}

// fills tells whether a received owner has the default of f where that is absent. What is
// sent may leave it out.
func (g *generator) fills(owner *ir.Decl, f *ir.Field) bool {
	return f.Default != nil && g.receiveds[owner] == nil
}

// sent returns the Go type of what is sent of t.
func (g *generator) sent(t *ir.Type) *jen.Statement { return g.typ(g.inputs.Of(t)) }

// encodeDefault writes the statements that write a field which may be absent from v, what
// is sent: with its default where it is. TypeScript's types say that it has come.
func (g *generator) encodeDefault(b *jen.Group, key *jen.Statement, owner *ir.Decl, f *ir.Field) {
	at, x := jen.Id("v."+f.Ident), jen.Id("x")
	switch form := g.formOf(owner, f); {
	case form == optPointerForm: // nothing but null is the default of a struct
		b.If(x.Clone().Op(":=").Add(at).Dot("Or").Call(jen.Nil()), x.Clone().Op("!=").Nil()).BlockFunc(func(b *jen.Group) {
			g.encodeBare(b, key, place{expr: "x", pointer: true}, f.Type)
		}).Else().Block(key.Clone().Dot("Null").Call())
	case form == optNullForm:
		null := g.typ(f.Type).Values()
		if !f.Default.Null {
			null = g.defaultValue(owner, f)
		}
		g.encode(b, key, place{code: at.Dot("Or").Call(null)}, f.Type)
	case form == nilForm:
		b.BlockFunc(func(b *jen.Group) {
			b.Add(x.Clone()).Op(":=").Add(at)
			b.If(x.Clone().Op("==").Nil()).Block(x.Clone().Op("=").Add(g.defaultValue(owner, f)))
			g.encodeBare(b, key, place{expr: "x"}, f.Type)
		})
	case coded(f.Type) != nil: // an enum: of other declarations nothing but null is a default
		b.Add(g.values(coded(f.Type))).Dot("Encode").Call(key, at.Dot("Or").Call(g.defaultValue(owner, f)))
	default:
		g.encodeBare(b, key, place{code: at.Dot("Or").Call(g.defaultValue(owner, f))}, f.Type)
	}
}

// structInput renders the method that makes of a received d what is sent of it, where
// the two differ.
func (g *generator) structInput(f *jen.File, d *ir.Decl) {
	sent := g.inputs[d]
	if sent == nil {
		return
	}
	receiver := jen.Id("v").Id(d.Ident)
	result := jen.Return(jen.Id(sent.Ident).CustomFunc(jen.Options{Open: "{", Close: "}", Separator: ",", Multi: true}, func(values *jen.Group) {
		for i, field := range d.Fields {
			values.Id(field.Ident).Op(":").Add(g.fieldInput(d, field, sent, sent.Fields[i]))
		}
	}))
	f.Comment("// AsInput returns v as it is sent, with all that v has.")
	if !g.nesting.itself(d) {
		f.Func().Params(receiver).Id("AsInput").Params().Id(sent.Ident).Block(result)
		f.Line()
		return
	}
	f.Comment("// What is too deep to be sent is cut off, and sending the rest fails with typed.ErrTooDeep.")
	f.Func().Params(receiver.Clone()).Id("AsInput").Params().Id(sent.Ident).Block(
		jen.Return(jen.Id("v").Dot(inputWithin).Call(newConversion())))
	f.Line()
	f.Func().Params(receiver.Clone()).Id(inputWithin).Params(conversionParam()).Id(sent.Ident).Block(append(goDeeper(jen.Id(sent.Ident).Values()), result)...)
	f.Line()
}

// inputWithin is the method that makes what is sent of a struct which may contain itself.
// Its parameter notes how deep that is.
const inputWithin = "inputWithin"

func newConversion() *jen.Statement { return jen.Op("&").Qual(typedPath, "Conversion").Values() }

func conversionParam() *jen.Statement { return jen.Id("c").Op("*").Qual(typedPath, "Conversion") }

// goDeeper renders the way into a value, unless that is too deep: then zero is returned.
func goDeeper(zero *jen.Statement) []jen.Code {
	return []jen.Code{
		jen.If(jen.Op("!").Id("c").Dot("Deeper").Call()).Block(jen.Return(zero)),
		jen.Defer().Id("c").Dot("Leave").Call(),
	}
}

// conversion returns the argument for a conversion of d within that of owner, which may be
// the same one.
func (g *generator) conversion(owner, d *ir.Decl) *jen.Statement {
	if g.nesting.itself(owner) && g.nesting.number(owner) == g.nesting.number(d) {
		return jen.Id("c")
	}
	return newConversion()
}

// fieldInput returns what a field of v, a received struct, is in what is sent of it.
func (g *generator) fieldInput(owner *ir.Decl, f *ir.Field, sentOwner *ir.Decl, sent *ir.Field) *jen.Statement {
	value := jen.Id("v." + f.Ident)
	form, sentForm := g.formOf(owner, f), g.formOf(sentOwner, sent)
	if g.inputs.Differ(f.Type) {
		value = g.convertForm(form, g.converter(owner, f.Type)).Call(value)
	}
	switch {
	case form == sentForm:
	case sentForm == optForm, sentForm == optNullForm, sentForm == optPointerForm:
		value = jen.Qual(typedPath, "Some").Call(value)
	}
	return value
}

// convertForm returns a function that converts what a field of such a form holds, where
// convert converts the value in it.
func (g *generator) convertForm(form fieldForm, convert *jen.Statement) *jen.Statement {
	around := func(functions ...string) *jen.Statement {
		for _, function := range functions {
			convert = jen.Qual(typedPath, function).Call(convert)
		}
		return convert
	}
	switch form {
	case optForm:
		return around("OptOf")
	case nullForm:
		return around("NullOf")
	case optNullForm:
		return around("NullOf", "OptOf")
	case pointerForm, nullPointerForm:
		return around("PointerTo")
	case optPointerForm:
		return around("PointerTo", "OptOf")
	}
	return convert
}

// converter returns a function that makes of a received value of t, other than null,
// what is sent of it. It is used where one of owner is made.
func (g *generator) converter(owner *ir.Decl, t *ir.Type) *jen.Statement {
	switch {
	case t.Kind == ir.ListType:
		return jen.Qual(typedPath, "ListOf").Call(g.nullableConverter(owner, t.Elem))
	case t.Kind == ir.MapType:
		return jen.Qual(typedPath, "MapOf").Call(g.nullableConverter(owner, t.Elem))
	case t.Ref.Kind == ir.Alias && !isDefined(t.Ref):
		return g.nullableConverter(owner, t.Ref.Of)
	}
	d := t.Ref
	within := g.nesting.itself(owner) && g.nesting.number(owner) == g.nesting.number(d)
	switch {
	case d.Kind == ir.Struct && !within:
		return jen.Id(d.Ident).Dot("AsInput")
	case d.Kind != ir.Struct && !g.nesting.itself(d):
		return g.use("inputOf" + d.Ident)
	}
	convert := jen.Id("v").Dot(inputWithin).Call(jen.Id("c"))
	if d.Kind != ir.Struct {
		convert = g.use("inputOf"+d.Ident).Call(jen.Id("v"), g.conversion(owner, d))
	}
	return jen.Func().Params(jen.Id("v").Id(d.Ident)).Id(g.inputs[d].Ident).Custom(jen.Options{Open: "{ ", Close: " }"}, jen.Return(convert))
}

func (g *generator) nullableConverter(owner *ir.Decl, t *ir.Type) *jen.Statement {
	if t.IsNullable() {
		return jen.Qual(typedPath, "NullOf").Call(g.converter(owner, t))
	}
	return g.converter(owner, t)
}

// inputFunctions renders the functions that make of received unions, and of aliases
// that contain themselves, what is sent of them.
func (g *generator) inputFunctions(f *jen.File) {
	for again := true; again; { // the one may use the other
		again = false
		for _, d := range g.doc.Decls {
			name := "inputOf" + d.Ident
			if !g.used[name] || g.converted[d] {
				continue
			}
			g.converted[d], again = true, true
			sent := g.inputs[d]
			params := []jen.Code{jen.Id("v").Id(d.Ident)}
			if g.nesting.itself(d) {
				params = append(params, conversionParam())
			}
			f.Func().Id(name).Params(params...).Id(sent.Ident).BlockFunc(func(b *jen.Group) {
				if d.Kind == ir.Union {
					g.unionInput(b, d, sent)
					return
				}
				for _, line := range goDeeper(jen.Nil()) { // it contains itself, in a list or map
					b.Add(line)
				}
				b.Return(g.nullableConverter(d, d.Of).Call(jen.Id("v")))
			})
			f.Line()
		}
	}
}

// unionInput renders what becomes of each variant.
func (g *generator) unionInput(b *jen.Group, d, sent *ir.Decl) {
	var cases []jen.Code
	for _, v := range d.Variants {
		value := jen.Id("x")
		switch {
		case g.inputs[v.Of] == nil:
		case g.nesting.itself(d) && g.nesting.number(d) == g.nesting.number(v.Of):
			value = value.Dot(inputWithin).Call(jen.Id("c"))
		default:
			value = value.Dot("AsInput").Call()
		}
		cases = append(cases, jen.Case(jen.Id(v.Of.Ident)).Block(jen.Return(value)))
	}
	if d.Open {
		cases = append(cases, jen.Case(jen.Id("Unknown"+d.Ident)).Block(jen.Return(jen.Id("Unknown"+sent.Ident).Call(jen.Id("x")))))
	}
	b.Switch(jen.Id("x").Op(":=").Id("v").Assert(jen.Type())).Block(cases...)
	b.Return(jen.Nil())
}
