// SPDX-License-Identifier: Apache-2.0

package check

import (
	"slices"

	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/ir"
	"github.com/sockgen/sockgen/gen/schema"
)

// inPlaceKeys declare the type of a field where it stands, in place of "type".
var inPlaceKeys = []string{"enum", "struct"}

// saysType tells whether the long form of a field says its type.
func saysType(n *schema.Node) bool {
	return n.Get("type") != nil || slices.ContainsFunc(inPlaceKeys, func(key string) bool {
		value := n.Get(key)
		return value != nil && value.Kind != schema.Scalar // a field of that name has a type
	})
}

// notBoth reports what declares a type beside "type".
func (c *checker) notBoth(m map[string]*schema.Node, what string) {
	for _, key := range inPlaceKeys {
		if n := m[key]; n != nil {
			c.report(n, diag.KeyConflict, "%s says its type, and %s declares another one in its place: leave one of the two out", what, key)
		}
	}
	if n := m["open"]; n != nil {
		c.report(n, diag.KeyConflict, "open is for an enum that is declared here; a declared type says so itself")
	}
}

// inPlace declares the enum or the struct that stands in f, a field of owner. It is called
// after both.
func (c *checker) inPlace(f *ir.Field, m map[string]*schema.Node, owner *ir.Decl, what string) *ir.Type {
	d := &ir.Decl{Kind: ir.Enum, Origin: owner.Origin + "." + f.Wire}
	if owner.Ident != "" && f.Ident != "" {
		d.Ident = owner.Ident + f.Ident
	}
	n := m["enum"]
	if n != nil {
		if m["struct"] != nil {
			c.report(m["struct"], diag.KeyConflict, "%s is an enum or a struct, not both", what)
		}
		d.Open = c.flag(m["open"], "open")
		c.enumValues(d, n)
		return c.inlineDecl(n, d)
	}
	if n := m["open"]; n != nil {
		c.report(n, diag.KeyConflict, "open is for an enum, and this is a struct")
	}
	n, d.Kind = m["struct"], ir.Struct
	d.Fields = c.structFields(n, d, what)
	return c.inlineDecl(n, d)
}
