// SPDX-License-Identifier: Apache-2.0

package golang

import (
	"regexp"
	"slices"
	"strconv"

	"github.com/dave/jennifer/jen"

	"github.com/sockgen/sockgen/gen/ir"
	"github.com/sockgen/sockgen/gen/naming"
)

// codecs renders how every declared type is decoded and encoded. Which functions and
// patterns that takes is known once all are rendered that others use.
func (g *generator) codecs(f *jen.File) {
	positional := positionalStructs(g.doc, g.inputs)
	codecs := map[*ir.Decl]*jen.File{}
	for _, d := range g.doc.Decls {
		if !g.isElsewhere(d) { // the others have methods of their package, and codecs here that are used
			g.pending = append(g.pending, d)
		}
	}
	readers := jen.NewFile(g.doc.Name)
	g.ackReaders(readers)
	for len(g.pending) > 0 {
		d := g.pending[len(g.pending)-1]
		g.pending = g.pending[:len(g.pending)-1]
		if d.Kind == ir.Struct && codecs[d] != nil && !g.isElsewhere(d) {
			continue // a struct has all of its codec
		}
		codecs[d] = jen.NewFile(g.doc.Name)
		g.codec(codecs[d], d, positional[d])
	}
	g.patternVariables(f)
	for _, d := range g.doc.Decls {
		if codecs[d] != nil {
			f.Add(codecs[d].Group)
		}
	}
	f.Add(readers.Group)
	g.inputFunctions(f)
}

// codec renders what is used of how d is decoded and encoded.
func (g *generator) codec(f *jen.File, d *ir.Decl, positional bool) {
	switch d.Kind {
	case ir.Struct:
		g.structCodec(f, d, positional)
	case ir.Enum:
		g.enumCodec(f, d)
	case ir.Union:
		g.unionCodec(f, d)
	case ir.Alias:
		g.aliasCodec(f, d)
	}
}

// patternVariables renders the patterns that are used.
func (g *generator) patternVariables(f *jen.File) {
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
}

// positionalStructs returns the payloads whose fields travel as one argument each.
func positionalStructs(doc *ir.Document, inputs ir.Inputs) map[*ir.Decl]bool {
	found := map[*ir.Decl]bool{}
	for _, ns := range doc.Namespaces {
		for _, e := range slices.Concat(ns.Client, ns.Server, ns.Cluster) {
			if e.Positional && e.Payload != nil {
				found[e.Payload.Ref] = true
				found[inputs.Of(e.Payload).Ref] = true
			}
		}
	}
	return found
}

// use returns the name of a function or variable of the codecs, which is
// rendered only when something uses it.
func (g *generator) use(name string) *jen.Statement {
	if !g.used[name] {
		g.used[name] = true
		if d := g.decls[name[min(len("decode"), len(name)):]]; d != nil && (name == "decode"+d.Ident || name == "encode"+d.Ident) {
			g.pending = append(g.pending, d)
		}
	}
	return jen.Id(name)
}

// findPatterns names a variable for each pattern of the document.
func (g *generator) findPatterns() {
	taken := map[string]bool{}
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
			for i := 2; taken[name]; i++ {
				name = "patternOf" + owner + strconv.Itoa(i)
			}
			taken[name] = true
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
		add(ns.Data, ns.Prefix+"Data")
		for _, part := range ns.Parts {
			add(part.Type, ns.Prefix+part.Ident)
		}
		for _, r := range ns.Rooms {
			for _, part := range r.Parts {
				add(part.Type, r.Ident+naming.Pascal(part.Ident))
			}
		}
		for _, e := range slices.Concat(ns.Client, ns.Server, ns.Cluster) {
			add(e.Payload, ns.Prefix+e.Ident)
			if e.Ack != nil {
				add(e.Ack.Type, ns.Prefix+e.Ident+"Ack")
			}
		}
	}
}

func (g *generator) structCodec(f *jen.File, d *ir.Decl, positional bool) {
	own := !g.isElsewhere(d)
	if own || g.used["decode"+d.Ident] {
		g.fields(f, d, positional)
		g.structDecoder(f, d)
	}
	if own || g.used["encode"+d.Ident] {
		f.Func().Id("encode"+d.Ident).Params(encoderParam(), jen.Id("v").Op("*").Add(g.named(d.Ident))).BlockFunc(func(b *jen.Group) {
			if g.nesting.itself(d) {
				b.If(jen.Op("!").Id("e").Dot("Deeper").Call()).Block(jen.Return())
			}
			g.encodeFields(b, d, positional)
		})
		f.Line()
	}
	if !own {
		return
	}
	g.structInput(f, d)
	f.Comment("// MarshalJSON writes v as it is sent, but for bytes, which become base64 strings.")
	f.Func().Params(jen.Id("v").Id(d.Ident)).Id("MarshalJSON").Params().Params(jen.Index().Byte(), jen.Error()).Block(
		jen.Id("e").Op(":=").Qual(typedPath, "NewJSON").Call(),
		jen.Id("encode"+d.Ident).Call(jen.Id("e"), jen.Op("&").Id("v")),
		jen.Return(jen.Id("e").Dot("JSON").Call()))
	f.Line()
	f.Comment("// UnmarshalJSON reads what MarshalJSON writes and holds it to the schema.")
	f.Func().Params(jen.Id("v").Op("*").Id(d.Ident)).Id("UnmarshalJSON").Params(jen.Id("data").Index().Byte()).Error().Block(
		jen.Return(jen.Qual(typedPath, "UnmarshalJSON").Call(jen.Id("data"), jen.Id("v"),
			jen.Func().Params(decoderParam()).Custom(jen.Options{Open: "{ ", Close: " }"}, jen.Id("decode"+d.Ident).Call(jen.Id("d"), jen.Id("v"))))))
	f.Line()
}

// encodeFields writes the statements that write the fields of v, and what is around
// them. Only where it depends on the value, or on who calls, which key is the first,
// does the Encoder find out.
func (g *generator) encodeFields(b *jen.Group, d *ir.Decl, positional bool) {
	first := !positional && !g.variants[d] && len(d.Fields) > 0 && g.isAlwaysWritten(d, d.Fields[0])
	if !first {
		b.Id("e").Dot("Open").Call()
	}
	behind := false // a field that is always written
	for i, fd := range d.Fields {
		name := jsonKey(fd.Wire) + `":`
		key := jen.Id("e")
		switch {
		case i == 0 && first:
			key = key.Dot("Field").Call(rawLit(`{"` + name))
		case behind && !positional:
			key = key.Dot("Field").Call(rawLit(`,"` + name))
		default:
			key = key.Dot("Key").Call(rawLit(`,"` + name))
		}
		g.encodeField(b, key, d, fd)
		behind = behind || g.isAlwaysWritten(d, fd)
		if positional {
			g.encodeGap(b, d, i)
		}
	}
	b.Id("e").Dot("Close").Call()
}

// isAlwaysWritten tells whether every value of owner has f on the wire.
func (g *generator) isAlwaysWritten(owner *ir.Decl, f *ir.Field) bool {
	switch g.formOf(owner, f) {
	case plainForm, nullForm, nullPointerForm:
		return true
	}
	return f.Default != nil
}

// fields renders the list of d's fields.
func (g *generator) fields(f *jen.File, d *ir.Decl, positional bool) {
	var required, optional, nullable []jen.Code
	for _, field := range d.Fields {
		switch {
		case field.Optional:
			optional = append(optional, jen.Lit(field.Wire))
			if field.Type.TakesNull() {
				nullable = append(nullable, jen.Lit(field.Wire))
			}
		case positional && len(optional) > 0:
			g.fail("%s: argument %s follows one that may be absent", d.Origin, field.Wire)
		default:
			required = append(required, jen.Lit(field.Wire))
		}
	}
	var values []jen.Code
	add := func(name string, value *jen.Statement) { values = append(values, jen.Id(name).Op(":").Add(value)) }
	if len(d.Fields) > 0 {
		add("Names", jen.Index().String().Values(append(required, optional...)...))
	}
	if len(required) > 0 {
		add("Required", jen.Lit(len(required)))
	}
	if positional && len(nullable) > 0 {
		add("Nullable", jen.Index().String().Values(nullable...))
	}
	f.Var().Id("fieldsOf"+d.Ident).Op("=").Op("&").Qual(typedPath, "Fields").Values(values...)
	f.Line()
}

func (g *generator) structDecoder(f *jen.File, d *ir.Decl) {
	var body, cases []jen.Code
	for _, fd := range d.Fields {
		if g.fills(d, fd) && !fd.Default.Null {
			body = append(body, jen.Id("v."+fd.Ident).Op("=").Add(g.defaultValue(d, fd)))
		}
		cases = append(cases, jen.Case(jen.Lit(fd.Wire)).Block(g.decodeField(d, fd)...))
	}
	object := jen.Id("d").Dot("Object").Call(jen.Id("fieldsOf" + d.Ident))
	body = append(body, jen.Id("o").Op(":=").Add(object))
	loop := jen.For(jen.Id("o").Dot("Next").Call())
	if len(cases) == 0 {
		body = append(body, loop.Block())
	} else {
		body = append(body, loop.Block(jen.Switch(jen.Id("o").Dot("Field")).Block(cases...)))
	}
	f.Func().Id("decode"+d.Ident).Params(decoderParam(), jen.Id("v").Op("*").Add(g.named(d.Ident))).Block(body...)
	f.Line()
}

// encodeGap writes what keeps the place of argument i when it is absent and a later
// one is not.
func (g *generator) encodeGap(b *jen.Group, d *ir.Decl, i int) {
	if f := d.Fields[i]; !f.Optional || f.Default != nil {
		return
	}
	present := func(f *ir.Field) *jen.Statement {
		switch g.formOf(d, f) {
		case nilForm, pointerForm:
			return jen.Id("v." + f.Ident).Op("!=").Nil()
		}
		return jen.Id("v." + f.Ident).Dot("IsSet").Call()
	}
	later := d.Fields[i+1:]
	if len(later) == 0 {
		return
	}
	absent := jen.Op("!").Add(present(d.Fields[i]))
	if form := g.formOf(d, d.Fields[i]); form == nilForm || form == pointerForm {
		absent = jen.Id("v." + d.Fields[i].Ident).Op("==").Nil()
	}
	always := slices.ContainsFunc(later, func(f *ir.Field) bool { return f.Default != nil })
	if !always {
		follows := present(later[0])
		for _, f := range later[1:] {
			follows = follows.Op("||").Add(present(f))
		}
		if len(later) > 1 {
			follows = jen.Parens(follows)
		}
		absent = absent.Op("&&").Add(follows)
	}
	b.If(absent).Block(jen.Id("e").Dot("Gap").Call())
}

func decoderParam() *jen.Statement { return jen.Id("d").Op("*").Qual(typedPath, "Decoder") }
func encoderParam() *jen.Statement { return jen.Id("e").Qual(typedPath, "Encoder") }

func (g *generator) aliasCodec(f *jen.File, d *ir.Decl) {
	if d.Go != nil {
		g.customCodec(f, d)
		return
	}
	v := place{expr: "v", pointer: true}
	if isDefined(d) {
		v.as = g.bare(d.Of)
	}
	if g.used["decode"+d.Ident] {
		f.Func().Id("decode"+d.Ident).Params(decoderParam(), jen.Id("v").Op("*").Add(g.named(d.Ident))).Block(g.decode(v, d.Of)...)
		f.Line()
	}
	if g.used["encode"+d.Ident] {
		f.Func().Id("encode"+d.Ident).Params(encoderParam(), jen.Id("v").Op("*").Add(g.named(d.Ident))).BlockFunc(func(b *jen.Group) {
			g.encode(b, jen.Id("e"), v, d.Of)
		})
		f.Line()
	}
}
