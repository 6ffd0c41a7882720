// SPDX-License-Identifier: Apache-2.0

package golang

import (
	"strconv"

	"github.com/dave/jennifer/jen"

	"github.com/sockgen/sockgen/gen/ir"
)

// enum renders the type of an enum and its values.
func (g *generator) enum(f *jen.File, d *ir.Decl) {
	of := jen.String()
	if d.Integers() {
		of = jen.Int64()
	}
	f.Type().Id(d.Ident).Add(of)
	f.Line()
	f.Comment("// The values of " + d.Ident + ".")
	f.Const().DefsFunc(func(s *jen.Group) {
		for i, v := range d.Values {
			value := jen.Id(v.Ident).Id(d.Ident).Op("=")
			if v.Integer {
				value.Op(v.Wire)
			} else {
				value.Lit(v.Wire)
			}
			member(s, value, (&comment{}).add(v.Doc).deprecated(v.Deprecated), i > 0)
		}
	})
	f.Line()
	if d.Open {
		f.Comment("// Known tells whether the schema has v; a newer peer may send other values.")
	} else {
		f.Comment("// Known tells whether the schema has v; no other value is sent or received.")
	}
	f.Func().Params(jen.Id("v").Id(d.Ident)).Id("Known").Params().Bool().Block(
		jen.Return(jen.Id("valuesOf" + d.Ident).Dot("Known").Call(jen.Id("v"))))
	f.Line()
}

// values returns the variable that holds the values of an enum.
func (g *generator) values(d *ir.Decl) *jen.Statement {
	name := "valuesOf" + d.Ident
	if g.isElsewhere(d) && !g.used[name] {
		g.pending = append(g.pending, d) // it is here only when something uses it
	}
	return g.use(name)
}

// enumCodec renders how the values of an enum are decoded and encoded.
func (g *generator) enumCodec(f *jen.File, d *ir.Decl) {
	var values []jen.Code
	for _, v := range d.Values {
		values = append(values, g.named(v.Ident))
	}
	set := jen.Qual(typedPath, "Values").Call(values...)
	if d.Integers() {
		set = jen.Qual(typedPath, "Integers").Call(values...)
	}
	if d.Open {
		set = set.Dot("Open").Call()
	}
	name := "valuesOf" + d.Ident
	if g.isElsewhere(d) && !g.used[name] && !g.used["decode"+d.Ident] && !g.used["encode"+d.Ident] {
		return
	}
	f.Var().Id(name).Op("=").Add(set)
	f.Line()
	if g.used["decode"+d.Ident] {
		f.Func().Id("decode"+d.Ident).Params(decoderParam(), jen.Id("v").Op("*").Add(g.named(d.Ident))).Block(
			jen.Id(name).Dot("Decode").Call(jen.Id("d"), jen.Id("v")))
		f.Line()
	}
	if g.used["encode"+d.Ident] {
		f.Func().Id("encode"+d.Ident).Params(encoderParam(), jen.Id("v").Op("*").Add(g.named(d.Ident))).Block(
			jen.Id(name).Dot("Encode").Call(jen.Id("e"), jen.Op("*").Id("v")))
		f.Line()
	}
	if d.Open || g.isElsewhere(d) {
		return
	}
	if d.Integers() {
		f.Comment("// UnmarshalJSON refuses what is no value of " + d.Ident + ".")
		f.Func().Params(jen.Id("v").Op("*").Id(d.Ident)).Id("UnmarshalJSON").Params(jen.Id("data").Index().Byte()).Error().Block(
			jen.Return(jen.Id(name).Dot("Unmarshal").Call(jen.Id("data"), jen.Id("v"))))
		f.Line()
		return
	}
	f.Comment("// UnmarshalText refuses what is no value of " + d.Ident + "; encoding/json calls it.")
	f.Func().Params(jen.Id("v").Op("*").Id(d.Ident)).Id("UnmarshalText").Params(jen.Id("text").Index().Byte()).Error().Block(
		jen.Return(jen.Id(name).Dot("UnmarshalText").Call(jen.Id("text"), jen.Id("v"))))
	f.Line()
}

// union renders the interface of a union and what implements it.
func (g *generator) union(f *jen.File, d *ir.Decl) {
	method := "is" + d.Ident
	sealed := isSealed(d)
	if sealed {
		f.Type().Id(d.Ident).Interface(jen.Id(method).Params())
		f.Line()
		for _, v := range d.Variants {
			f.Func().Params(jen.Id(v.Of.Ident)).Id(method).Params().Block()
		}
	} else {
		f.Type().Id(d.Ident).Interface(jen.Qual("encoding/json", "Marshaler"))
	}
	f.Line()
	if !d.Open {
		return
	}
	name := "Unknown" + d.Ident
	f.Comment("// " + name + " is a variant of " + d.Ident + " that the schema does not have: a newer peer sent it.")
	f.Type().Id(name).Struct(
		jen.Id("Tag").String().Comment("// Its "+visible(strconv.Quote(d.Tag))+"."),
		jen.Id("Raw").Qual("encoding/json", "RawMessage").Comment("// The whole object, the tag included."),
	)
	f.Line()
	if sealed {
		f.Func().Params(jen.Id(name)).Id(method).Params().Block()
	} else {
		f.Comment("// MarshalJSON returns the whole object.")
		f.Func().Params(jen.Id("v").Id(name)).Id("MarshalJSON").Params().Params(jen.Index().Byte(), jen.Error()).Block(
			jen.Return(jen.Id("v.Raw").Dot("MarshalJSON").Call()))
	}
	f.Line()
}

// variants appends to the doc comment of a union what it may hold.
func variants(c *comment, d *ir.Decl) *comment {
	c.paragraph("Its variants, by their " + strconv.Quote(d.Tag) + ":")
	c.lines = append(c.lines, "")
	for _, v := range d.Variants {
		line := strconv.Quote(v.Wire) + ": [" + v.Of.Ident + "]"
		if v.Doc != "" {
			line += ", " + lowerFirst(v.Doc)
		}
		c.item(line)
	}
	if d.Open {
		c.item("any other: [Unknown" + d.Ident + "]")
	}
	if !isElsewhere(d) && !isSealed(d) {
		c.paragraph("A value of another type compiles, since structs of other packages are among the variants, and is refused when it is sent.")
	}
	return c
}

// unionCodec renders how a union is decoded and encoded.
func (g *generator) unionCodec(f *jen.File, d *ir.Decl) {
	if !g.used["decode"+d.Ident] && !g.used["encode"+d.Ident] {
		return
	}
	name := "variantsOf" + d.Ident
	values := []jen.Code{jen.Lit(d.Tag)}
	for _, v := range d.Variants {
		values = append(values, jen.Lit(v.Wire))
		if v.Of.Kind != ir.Struct {
			g.fail("%s: variant %q is no struct", d.Ident, v.Wire)
			return
		}
	}
	set := jen.Qual(typedPath, "Variants").Call(values...)
	if d.Open {
		set = set.Dot("Open").Call()
	}
	f.Var().Id(name).Op("=").Add(set)
	f.Line()
	if g.used["decode"+d.Ident] {
		g.unionDecoder(f, d, name)
	}
	if g.used["encode"+d.Ident] {
		g.unionEncoder(f, d, name)
	}
}

func (g *generator) unionDecoder(f *jen.File, d *ir.Decl, set string) {
	var cases []jen.Code
	read := func(ident string, read ...jen.Code) []jen.Code {
		body := append([]jen.Code{jen.Var().Id("x").Add(g.named(ident))}, read...)
		return append(body, jen.Op("*").Id("v").Op("=").Id("x"))
	}
	for _, v := range d.Variants {
		cases = append(cases, jen.Case(jen.Lit(v.Wire)).Block(
			read(v.Of.Ident, g.use("decode"+v.Of.Ident).Call(jen.Id("d"), jen.Op("&").Id("x")))...))
	}
	look := jen.Id("d").Dot("Variant").Call(jen.Id(set))
	choose := jen.Switch(look)
	if d.Open {
		unknown := g.named("Unknown" + d.Ident)
		choose = jen.Switch(jen.Id("tag").Op(":=").Add(look), jen.Id("tag"))
		cases = append(cases,
			jen.Case(jen.Lit("")).Comment("// it is not sound"),
			jen.Default().Block(
				jen.Id("x").Op(":=").Add(unknown).Values(jen.Id("Tag").Op(":").Id("tag")),
				jen.Id("d").Dot("Unknown").Call(jen.Op("&").Id("x.Raw")),
				jen.Op("*").Id("v").Op("=").Id("x"),
			))
	}
	f.Func().Id("decode"+d.Ident).Params(decoderParam(), jen.Id("v").Op("*").Add(g.named(d.Ident))).Block(choose.Block(cases...))
	f.Line()
}

func (g *generator) unionEncoder(f *jen.File, d *ir.Decl, set string) {
	var cases []jen.Code
	for _, v := range d.Variants {
		tagged := jen.Id("e").Dot("Tag").Call(jen.Lit(jsonKey(d.Tag)), jen.Lit(jsonKey(v.Wire)))
		cases = append(cases, jen.Case(g.named(v.Of.Ident)).Block(
			g.use("encode"+v.Of.Ident).Call(tagged, jen.Op("&").Id("x"))))
	}
	if d.Open {
		cases = append(cases, jen.Case(g.named("Unknown"+d.Ident)).Block(
			jen.Id("e").Dot("Unknown").Call(jen.Id(set), jen.Id("x.Tag"), jen.Id("x.Raw"))))
	}
	cases = append(cases, jen.Default().Block(jen.Id("e").Dot("NotVariant").Call(jen.Lit(d.Ident), jen.Id("x"))))
	f.Func().Id("encode"+d.Ident).Params(encoderParam(), jen.Id("v").Op("*").Add(g.named(d.Ident))).Block(
		jen.Switch(jen.Id("x").Op(":=").Parens(jen.Op("*").Id("v")).Assert(jen.Type())).Block(cases...))
	f.Line()
}
