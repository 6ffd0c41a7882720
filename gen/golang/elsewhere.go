// SPDX-License-Identifier: Apache-2.0

package golang

import (
	"github.com/dave/jennifer/jen"

	"github.com/sockgen/sockgen/gen/ir"
)

// isElsewhere tells whether a declaration has a package that it shares with those of other
// documents. This one has another name for it.
func isElsewhere(d *ir.Decl) bool { return d.Module != nil && d.Module.GoPath != "" }

// elsewhere renders the other name of a declaration that another package has.
func elsewhere(f *jen.File, d *ir.Decl) {
	alias := func(ident string) *jen.Statement {
		return f.Type().Id(ident).Op("=").Qual(d.Module.GoPath, ident)
	}
	alias(d.Ident)
	f.Line()
	switch {
	case d.Kind == ir.Enum:
		f.Comment("// The values of " + d.Ident + ".")
		f.Const().DefsFunc(func(s *jen.Group) {
			for i, v := range d.Values {
				value := jen.Id(v.Ident).Op("=").Qual(d.Module.GoPath, v.Ident)
				member(s, value, (&comment{}).add(v.Doc).deprecated(v.Deprecated), i > 0)
			}
		})
		f.Line()
	case d.Kind == ir.Union && d.Open:
		name := "Unknown" + d.Ident
		f.Comment("// " + name + " is a variant of " + d.Ident + " that the schema does not have: a newer peer sent it.")
		alias(name)
		f.Line()
	}
}

// isElsewhere tells whether this package has no more of a declaration than the codec that
// it uses: another package has the type.
func (g *generator) isElsewhere(d *ir.Decl) bool { return g.home != "" || isElsewhere(d) }

// isSealed tells whether the variants of a union have a method that no other type has.
// Structs of another package cannot get one.
func isSealed(d *ir.Decl) bool {
	for _, v := range d.Variants {
		if isElsewhere(v.Of) {
			return false
		}
	}
	return true
}
