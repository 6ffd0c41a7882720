package golang

import (
	"strconv"

	"github.com/dave/jennifer/jen"

	"github.com/sockgen/sockgen/gen/ir"
)

// document renders what the document has once: its types and errors.
func (g *generator) document(f *jen.File) {
	doc := g.doc.Doc
	if doc == "" {
		doc = "the events of " + oneLine(g.doc.Source)
	}
	c := (&comment{}).add(introduce("Package "+g.doc.Name, doc))
	for _, line := range c.lines {
		f.PackageComment("// " + visible(line))
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
	newComment(d.Ident, d.Doc, role).deprecated(d.Deprecated).to(f.Group)
	if d.Kind == ir.Alias {
		f.Type().Id(d.Ident).Op("=").Add(g.typ(d.Of))
		f.Line()
		return
	}
	f.Type().Id(d.Ident).StructFunc(func(s *jen.Group) {
		for i, field := range d.Fields {
			c := (&comment{}).add(field.Doc).deprecated(field.Deprecated)
			if i > 0 && len(c.lines) > 1 {
				s.Line()
			}
			switch {
			case len(c.lines) == 1 && len(c.lines[0]) <= 80:
				s.Id(field.Ident).Add(g.fieldType(d, field)).Comment("// " + visible(c.lines[0]))
			default:
				c.to(s)
				s.Id(field.Ident).Add(g.fieldType(d, field))
			}
		}
	})
	f.Line()
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
		for _, events := range [][]*ir.Event{ns.Client, ns.Server} {
			for _, e := range events {
				note(e.Payload, "is the payload of "+strconv.Quote(e.Wire)+".")
				if e.Ack != nil {
					note(e.Ack.Type, "acknowledges "+strconv.Quote(e.Wire)+".")
				}
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
		f.Func().Id(e.Ident).Params(jen.Id("data").Add(g.typ(e.Data))).Op("*").Qual(typedPath, "Error").Block(
			jen.Return(jen.Qual(typedPath, "NewErrorWith").Call(
				jen.Id("Code"+e.Ident), jen.Lit(e.Message), jen.Id("data"), g.encoder(e.Data))),
		)
		f.Line()
	}
}
