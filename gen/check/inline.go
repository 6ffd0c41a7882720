// SPDX-License-Identifier: Apache-2.0

package check

import (
	"slices"

	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/ir"
	"github.com/sockgen/sockgen/gen/language"
	"github.com/sockgen/sockgen/gen/schema"
)

// inPlaceKeys declare the type of a field where it stands, in place of "type".
var inPlaceKeys = []string{"enum", "struct", "list", "map"}

// saysType tells whether the long form of a field says its type.
func saysType(n *schema.Node) bool {
	return n.Get("type") != nil || slices.ContainsFunc(inPlaceKeys, func(key string) bool {
		value := n.Get(key)
		return value != nil && (value.Kind != schema.Scalar || partNames[key] != "") // a field called enum has a type
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
	if n := m["nullable"]; n != nil {
		c.report(n, diag.KeyConflict, "nullable is for what is declared here; a type says itself that it may be null: T | null")
	}
}

// A place is where a type is declared without a name of its own.
type place struct {
	ident  string // of what is declared there, "" when something about it was reported
	origin string
	what   string // for the reader
	depth  int    // how many lists and maps it is within
}

// inField returns the place of f, a field of owner.
func inField(f *ir.Field, owner *ir.Decl, what string) place {
	p := place{origin: owner.Origin + "." + f.Wire, what: what}
	if owner.Ident != "" && f.Ident != "" {
		p.ident = owner.Ident + f.Ident
	}
	return p
}

// inType returns the place of a declared type.
func inType(t *declared) place {
	return place{ident: t.decl.Ident, origin: t.decl.Origin, what: "type " + diag.Quote(t.name.Text)}
}

// within returns the place of the values of a list or map at p.
func (p place) within(key string) place {
	if p.ident != "" {
		p.ident += partNames[key]
	}
	p.what, p.depth = "what "+p.what+" holds", p.depth+1
	return p
}

// partNames are what identifiers call the values of a list and of a map.
var partNames = map[string]string{"list": "Item", "map": "Value"}

// inPlace declares what the keys in m say that stands at p. It is called after the place.
func (c *checker) inPlace(m map[string]*schema.Node, p place) *ir.Type {
	form := ""
	for _, key := range inPlaceKeys {
		switch {
		case m[key] == nil:
		case form != "":
			c.report(m[key], diag.KeyConflict, "%s is %s or %s, not both", p.what, inPlaceForms[form], inPlaceForms[key])
		default:
			form = key
		}
	}
	if n := m["open"]; n != nil && form != "enum" {
		c.report(n, diag.KeyConflict, "open is for an enum, and this is %s", inPlaceForms[form])
	}
	t := c.placed(form, m, p)
	if t != nil && c.flag(m["nullable"], "nullable") {
		t.Nullable = true
	}
	return t
}

// inPlaceForms are what the keys of inPlaceKeys declare.
var inPlaceForms = map[string]string{"enum": "an enum", "struct": "a struct", "list": "a list", "map": "a map"}

// placed declares what one key of m says.
func (c *checker) placed(form string, m map[string]*schema.Node, p place) *ir.Type {
	n := m[form]
	d := &ir.Decl{Ident: p.ident, Origin: p.origin}
	switch form {
	case "enum":
		d.Kind, d.Open = ir.Enum, c.flag(m["open"], "open")
		c.enumValues(d, n)
		return c.inlineDecl(n, d)
	case "struct":
		d.Kind = ir.Struct
		d.Fields = c.structFields(n, d, p.what)
		return c.inlineDecl(n, d)
	}
	elem := c.element(n, p.within(form))
	if elem == nil {
		return nil
	}
	t := &ir.Type{Kind: ir.ListType, Elem: elem}
	if form == "map" {
		t.Kind = ir.MapType
	}
	return t
}

var elementKeys = keysOf(language.Element)

// element reads what a list or map holds: a type, or what is declared there.
func (c *checker) element(n *schema.Node, p place) *ir.Type {
	if p.depth > maxTypeDepth {
		c.report(n, diag.DocumentLimit, "the type nests more than %d lists and maps", maxTypeDepth)
		return nil
	}
	if n.Kind != schema.Mapping {
		t, _ := c.typeExpr(n, "the type of "+p.what, false)
		return t
	}
	m, _ := c.mapping(n, "the values of a list or map", elementKeys)
	declares := func(key string) bool { return m[key] != nil }
	if n.Get("type") != nil {
		return nil // which is an unknown key: declare the type, or write its name alone
	}
	if !slices.ContainsFunc(inPlaceKeys, declares) {
		c.report(n, diag.MissingKey, "%s is a type, or one of { struct: … }, { enum: … }, { list: … } and { map: … }", p.what)
		return nil
	}
	return c.inPlace(m, p)
}
