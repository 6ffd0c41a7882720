// SPDX-License-Identifier: Apache-2.0

package check

import (
	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/ir"
	"github.com/sockgen/sockgen/gen/language"
	"github.com/sockgen/sockgen/gen/naming"
	"github.com/sockgen/sockgen/gen/schema"
)

var (
	enumValueKeys = keysOf(language.EnumValue)
	enumItemKeys  = keysOf(language.EnumItem)
)

// An enumReader reads the values of one enum.
type enumReader struct {
	*checker
	decl *ir.Decl
	seen naming.Scope[*schema.Node]
}

// enum reads a declared enum.
func (c *checker) enum(t *declared, n *schema.Node) {
	t.decl.Open = c.flag(t.body["open"], "open")
	c.enumValues(t.decl, n)
}

// enumValues reads the values of an enum: a list of texts, a mapping from them to what
// there is to say about each, or a mapping from names to integers.
func (c *checker) enumValues(d *ir.Decl, n *schema.Node) {
	r := &enumReader{checker: c, decl: d}
	switch n.Kind {
	case schema.Invalid:
		return
	case schema.Sequence:
		for _, item := range n.Items {
			r.item(item)
		}
	case schema.Mapping:
		for _, e := range n.Entries {
			r.entry(e)
		}
	case schema.Null:
	default:
		c.report(n, diag.WrongKind, "an enum is a list of texts or a mapping, and this is %s", n.Kind)
		return
	}
	if len(n.Items) == 0 && len(n.Entries) == 0 {
		c.report(n, diag.Enum, "enum %s has no value", diag.Quote(d.Origin))
	}
}

// item reads a value of the form of a list: a text, or a mapping with "value".
func (r *enumReader) item(n *schema.Node) {
	if n.Kind != schema.Mapping {
		if isInteger(n) {
			r.report(n, diag.QuoteIt, "YAML takes this for a number: put it between quotes, or name it, { low: %s }, for an enum of integers", n.Text)
			return
		}
		r.value(n, nil, nil)
		return
	}
	m, _ := r.mapping(n, "a value of an enum", enumItemKeys)
	switch {
	case m["value"] == nil:
		r.report(n, diag.MissingKey, "a value of an enum is a text, or { value: … } with its doc")
	case isInteger(m["value"]) && m["name"] == nil:
		r.report(n, diag.MissingKey, "an integer of an enum needs a name: write { value: %s, name: … }, or put it between quotes for a text", m["value"].Text)
	case isInteger(m["value"]):
		r.value(m["value"], m["name"], m)
	default:
		r.value(m["value"], nil, m)
	}
}

// entry reads a value of the form of a mapping: a text, with what there is to say about
// it, or a name with its integer.
func (r *enumReader) entry(e schema.Entry) {
	switch {
	case e.Value.Kind == schema.Null:
		r.value(e.Key, nil, nil)
	case isInteger(e.Value):
		r.value(e.Value, e.Key, nil)
	case e.Value.Kind == schema.Scalar:
		r.report(e.Value, diag.WrongKind, "a value of an enum says { doc: … }, its integer or nothing, and this is %s", e.Value.Kind)
	default:
		m, ok := r.mapping(e.Value, "a value of an enum", enumValueKeys)
		switch n := m["value"]; {
		case !ok:
		case n == nil:
			r.value(e.Key, nil, m)
		case isInteger(n):
			r.value(n, e.Key, m)
		default:
			r.report(n, diag.WrongKind, "value is the whole number that %s stands for", diag.Quote(e.Key.Text))
		}
	}
}

// isInteger tells whether n is a whole number.
func isInteger(n *schema.Node) bool {
	return n.Kind == schema.Scalar && n.Literal == schema.Int
}

// value adds the value that stands at n; m is what is said about it, and key is the name
// of an integer.
func (r *enumReader) value(n, key *schema.Node, m map[string]*schema.Node) {
	v := &ir.EnumValue{Wire: n.Text, Integer: key != nil}
	if v.Integer {
		if !r.integer(n, v, key) {
			return
		}
	} else if empty := n.Kind == schema.Scalar && n.Literal == schema.String && n.Text == ""; !empty && !r.plainText(n, "a value of an enum", diag.Enum) {
		return
	}
	what := "value " + diag.Quote(n.Text)
	if first, ok := r.seen.Claim(v.Wire, n); !ok {
		r.report(n, diag.Duplicate, "%s is in this enum already, in line %d", what, first.Pos.Line)
		return
	}
	if r.decl.Values != nil && r.decl.Integers() != v.Integer {
		r.report(n, diag.Enum, "the values of an enum are all texts or all integers")
		return
	}
	v.Doc, v.Deprecated = r.text(m["doc"], "the doc"), r.deprecated(m["deprecated"])
	r.named(v, n, m["name"], what)
	r.decl.Values = append(r.decl.Values, v)
}

// named finds the identifier of a value: by its own words, or what "name" says.
func (r *enumReader) named(v *ir.EnumValue, n, name *schema.Node, what string) {
	text := keyOf(v)
	ident := r.spell.Pascal(text)
	switch {
	case name != nil:
		ident = r.override(name)
	case ident == "":
		named := "…"
		if text == "" {
			named = "Empty"
		}
		r.report(n, diag.BadName, "%s gives no identifier: write { value: %s, name: %s }", what, diag.Quote(n.Text), named)
	}
	if ident != "" && r.decl.Ident != "" {
		v.Ident = r.decl.Ident + ident
		r.claim(v.Ident, n, what+" of type "+diag.Quote(r.decl.Origin))
	}
}

// keyOf returns what the schema calls a value.
func keyOf(v *ir.EnumValue) string {
	if v.Integer {
		return v.Key
	}
	return v.Wire
}

// integer reads the integer at n, which key names.
func (r *enumReader) integer(n *schema.Node, v *ir.EnumValue, key *schema.Node) bool {
	lim := limitsOf[ir.Int]
	if !number.MatchString(n.Text) || !within(n.Text, &ir.Span{Min: lim.min, Max: lim.max}) {
		r.report(n, diag.Enum, "an integer of an enum is a whole number from %s to %s", lim.min, lim.max)
		return false
	}
	if !r.plainText(key, "the name of an integer", diag.Enum) {
		return false
	}
	v.Wire, v.Key = rational(n.Text).Num().String(), key.Text
	return true
}

// plainText reports a text that cannot travel as a value of an enum or of a tag.
func (c *checker) plainText(n *schema.Node, what string, code diag.Code) bool {
	switch {
	case n.Kind == schema.Invalid:
		return false
	case n.Kind == schema.Null:
		c.report(n, diag.QuoteIt, "YAML takes this for nothing, and %s is a text: put it between quotes", what)
		return false
	case n.Kind != schema.Scalar:
		c.report(n, diag.WrongKind, "%s is a text, and this is %s", what, n.Kind)
		return false
	case n.Literal != schema.String:
		c.report(n, diag.QuoteIt, "YAML takes this for %s, and %s is a text: put it between quotes", n.Literal, what)
		return false
	case n.Text == "__proto__":
		c.report(n, diag.ReservedName, `%s cannot be "__proto__": JavaScript would take it for a prototype`, what)
		return false
	}
	return c.travels(n, 0, len(n.Text), what, code)
}
