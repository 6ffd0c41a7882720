// SPDX-License-Identifier: Apache-2.0

package golang

import (
	"github.com/dave/jennifer/jen"

	"github.com/sockgen/sockgen/gen/ir"
)

// withParams returns doc with a struct for the parameters of each namespace that
// has some.
func withParams(doc *ir.Document) *ir.Document {
	copied := *doc
	copied.Decls = append([]*ir.Decl{}, doc.Decls...)
	for _, ns := range doc.Namespaces {
		if len(ns.Parts) > 0 {
			copied.Decls = append(copied.Decls, paramsOf(ns))
		}
	}
	return &copied
}

// paramsOf returns the struct of the namespace's parameters.
func paramsOf(ns *ir.Namespace) *ir.Decl {
	d := &ir.Decl{
		Ident: ns.Prefix + "Params", Origin: ns.Path + " parameters", Kind: ir.Struct,
		Doc: "What the name of a namespace " + oneLine(ns.Path) + " tells.",
	}
	for _, p := range ns.Parts {
		if p.Type != nil {
			d.Fields = append(d.Fields, &ir.Field{Wire: p.Wire, Ident: p.Ident, Type: p.Type})
		}
	}
	return d
}

func (n *namespace) hasParams() bool { return len(n.ns.Parts) > 0 }

// path renders what holds the namespace's path.
func (n *namespace) path() {
	if !n.hasParams() {
		n.f.Const().Id(n.pathName()).Op("=").Lit(n.ns.Path)
		n.f.Line()
		return
	}
	var texts []jen.Code
	args := []jen.Code{n.decoder(&ir.Type{Kind: ir.RefType, Ref: n.params}), nil}
	for _, p := range n.ns.Parts {
		part := []jen.Code{jen.Id("Text").Op(":").Lit(p.Text)}
		if p.Type != nil {
			text, bare := n.paramText(p, jen.Id("p").Dot(p.Ident))
			texts = append(texts, text)
			part = []jen.Code{jen.Id("Param").Op(":").Lit(p.Wire)}
			if bare {
				part = append(part, jen.Id("Bare").Op(":").True())
			}
		}
		args = append(args, jen.Qual(typedPath, "PathPart").Values(part...))
	}
	args[1] = jen.Func().Params(jen.Id("p").Op("*").Add(n.id("Params"))).Index().String().Block(
		jen.Return(jen.Index().String().Values(texts...)))
	n.f.Var().Id(n.pathName()).Op("=").Qual(typedPath, "NewPath").Add(lines(args...))
	n.f.Line()
}

// paramText returns the text of value, a parameter of a room or path, and whether
// it is a number or bool in JSON.
func (n *namespace) paramText(p *ir.NamePart, value *jen.Statement) (text *jen.Statement, bare bool) {
	t := base(p.Type)
	if p.Type.Kind == ir.RefType && p.Type.Ref.GoText() && !p.Type.Nullable {
		return jen.Qual(typedPath, "TextOf").Call(value), false
	}
	if p.Type.Nullable || t.Nullable || isForeign(p.Type) {
		n.fail("parameter %s has a type that no name can contain", p.Wire)
		return jen.Lit(""), false
	}
	if t.Kind == ir.RefType && t.Ref.Integers() {
		return jen.Qual("strconv", "FormatInt").Call(jen.Int64().Call(value), jen.Lit(10)), true
	}
	if t.Kind == ir.RefType && t.Ref.Kind == ir.Enum {
		return jen.String().Call(value), false
	}
	format := func(function string, widen *jen.Statement, convert bool) *jen.Statement {
		if convert || isBranded(p.Type) {
			value = widen.Call(value)
		}
		args := []jen.Code{value, jen.Lit(10)}
		if function == "FormatBool" {
			args = args[:1]
		}
		return jen.Qual("strconv", function).Call(args...)
	}
	if t.Kind == ir.ScalarType {
		switch t.Scalar {
		case ir.String, ir.UUID:
			if isBranded(p.Type) {
				value = jen.String().Call(value)
			}
			return value, false
		case ir.Bool:
			return format("FormatBool", jen.Bool(), false), true
		case ir.Int:
			return format("FormatInt", jen.Int64(), false), true
		case ir.Int64:
			return format("FormatInt", jen.Int64(), false), false
		case ir.Int32:
			return format("FormatInt", jen.Int64(), true), true
		case ir.Uint64:
			return format("FormatUint", jen.Uint64(), false), false
		case ir.Uint32:
			return format("FormatUint", jen.Uint64(), true), true
		}
	}
	n.fail("parameter %s has a type that no name can contain", p.Wire)
	return jen.Lit(""), false
}

// isBranded tells whether t is a Go type of its own and not another name of one.
func isBranded(t *ir.Type) bool {
	for ; t.Kind == ir.RefType && t.Ref.Kind == ir.Alias; t = t.Ref.Of {
		if t.Ref.Brand {
			return true
		}
	}
	return false
}

// isForeign tells whether Go has somebody else's type for t.
func isForeign(t *ir.Type) bool {
	for ; t.Kind == ir.RefType && t.Ref.Kind == ir.Alias; t = t.Ref.Of {
		if t.Ref.Go != nil {
			return true
		}
	}
	return false
}
