// SPDX-License-Identifier: Apache-2.0

package golang

import (
	"slices"
	"strconv"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/sockgen/sockgen/gen/ir"
)

// document renders what the document has once: its types and errors.
func (g *generator) document(f *jen.File) {
	about := " has the events of " + oneLine(g.doc.Source) + ", typed."
	if len(g.doc.Namespaces) == 0 {
		about = " has the types of " + oneLine(g.doc.Source) + ", which several documents import."
	}
	c := (&comment{}).add("Package " + g.doc.Name + about)
	if g.doc.Doc != "" {
		c.paragraph(g.doc.Doc)
	}
	for _, line := range c.lines {
		f.PackageComment(strings.TrimRight("// "+visible(line), " "))
	}
	f.Const().Id("_").Op("=").Qual(typedPath, "IsAtLeastVersion1").
		Comment("// does not compile with an older runtime: update it, or run sockgen again")
	f.Line()
	roles := g.roles()
	for _, d := range g.doc.Decls {
		g.decl(f, d, roles)
	}
	g.errors(f)
}

func (g *generator) decl(f *jen.File, d *ir.Decl, roles map[*ir.Decl]string) {
	role := roles[d]
	if role == "" {
		role = "is the schema's " + strconv.Quote(d.Origin) + "."
	}
	c := newComment(d.Ident, d.Doc, role)
	switch {
	case d.Kind == ir.Union:
		c = variants(c, d)
	case d.Kind == ir.Alias:
		c.add(d.Of.FactsInGo())
	}
	c.deprecated(d.Deprecated).to(f.Group)
	if isElsewhere(d) {
		elsewhere(f, d)
		return
	}
	switch d.Kind {
	case ir.Alias:
		g.alias(f, d)
	case ir.Enum:
		g.enum(f, d)
	case ir.Union:
		g.union(f, d)
	default:
		f.Type().Id(d.Ident).StructFunc(func(s *jen.Group) {
			for i, field := range d.Fields {
				text := ir.Sentences(field.Doc, field.Type.FactsInGo())
				if l := field.Default; l != nil {
					text = ir.Sentences(text, "Default: "+literalText(field.Type, l)+".")
				}
				c := (&comment{}).add(text).deprecated(field.Deprecated)
				member(s, jen.Id(field.Ident).Add(g.fieldType(d, field)).Add(tags(field)), c, i > 0)
			}
		})
		f.Line()
	}
}

// tags returns the tags of a field as Go writes them.
func tags(f *ir.Field) *jen.Statement {
	if len(f.Tags) == 0 {
		return jen.Null()
	}
	var list []string
	for _, t := range f.Tags {
		list = append(list, t.Key+":"+strconv.Quote(t.Value))
	}
	text := strings.Join(list, " ")
	if strconv.CanBackquote(text) {
		return jen.Op("`" + text + "`")
	}
	return jen.Lit(text)
}

func (g *generator) alias(f *jen.File, d *ir.Decl) {
	of := g.typ(d.Of)
	if d.Go != nil {
		of = g.customType(d)
	}
	name := f.Type().Id(d.Ident)
	if !isDefined(d) {
		name = name.Op("=")
	}
	name.Add(of)
	f.Line()
}

// member prints a field of a struct or a constant of a list with its comment:
// behind it when that is short.
func member(s *jen.Group, code *jen.Statement, c *comment, follows bool) {
	if len(c.lines) == 1 && len(c.lines[0]) <= 80 {
		s.Add(code).Comment("// " + visible(c.lines[0]))
		return
	}
	if follows && len(c.lines) > 0 {
		s.Line()
	}
	c.to(s)
	s.Add(code)
}

// literalText returns a default of a t as a comment shows it.
func literalText(t *ir.Type, l *ir.Literal) string {
	switch {
	case l.Null:
		return "null"
	case l.List != nil:
		var parts []string
		for _, e := range l.List {
			parts = append(parts, literalText(base(t).Elem, e))
		}
		return "[" + strings.Join(parts, ", ") + "]"
	case l.Enum != nil:
		return l.Enum.Ident
	case base(t).Scalar == ir.String:
		return strconv.Quote(l.Text)
	}
	return l.Text
}

// roles says what the structs are for that the schema writes inline.
func (g *generator) roles() map[*ir.Decl]string {
	roles := map[*ir.Decl]string{}
	note := func(t *ir.Type, role string) {
		if t != nil && t.Kind == ir.RefType && roles[t.Ref] == "" && t.Ref.Origin != t.Ref.Ident {
			roles[t.Ref] = role
		}
	}
	for _, e := range g.doc.Errors {
		note(e.Data, "is what accompanies "+strconv.Quote(e.Code)+".")
	}
	for _, ns := range g.doc.Namespaces {
		note(ns.Auth, "is what a client presents to enter "+oneLine(ns.Path)+".")
		note(ns.Data, "is what the server keeps of a socket in "+oneLine(ns.Path)+".")
		for _, e := range slices.Concat(ns.Client, ns.Server, ns.Cluster) {
			if e.Positional {
				note(e.Payload, "holds the arguments of "+strconv.Quote(e.Wire)+".")
			}
			note(e.Payload, "is the payload of "+strconv.Quote(e.Wire)+".")
			if e.Ack != nil {
				note(e.Ack.Type, "acknowledges "+strconv.Quote(e.Wire)+".")
			}
		}
	}
	return roles
}

// errors renders the codes and, for each, a variable or a function that makes
// the error with its data.
func (g *generator) errors(f *jen.File) {
	if len(g.doc.Errors) == 0 {
		return
	}
	f.Comment("// The codes of the errors below: errors.Is tells them apart.")
	f.Const().DefsFunc(func(c *jen.Group) {
		for _, e := range g.doc.Errors {
			c.Id("Code"+e.Ident).Qual(typedPath, "Code").Op("=").Lit(e.Code)
		}
	})
	f.Line()
	for _, e := range g.doc.Errors {
		refuses := "tells the peer: " + oneLine(e.Message) + "."
		newComment(e.Ident, e.Doc, refuses).to(f.Group)
		if e.Data == nil {
			f.Var().Id(e.Ident).Op("=").Qual(typedPath, "NewError").Call(jen.Id("Code"+e.Ident), jen.Lit(e.Message))
			f.Line()
			continue
		}
		f.Func().Id(e.Ident).Params(jen.Id("data").Add(g.sent(e.Data))).Op("*").Qual(typedPath, "Error").Block(
			jen.Return(jen.Qual(typedPath, "NewErrorWith").Call(
				jen.Id("Code"+e.Ident), jen.Lit(e.Message), jen.Id("data"), g.encoder(g.inputs.Of(e.Data)))),
		)
		f.Line()
	}
}
