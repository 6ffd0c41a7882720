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

// enum reads an enum: a list of texts, or a mapping from them to what there is to
// say about each.
func (c *checker) enum(t *declared, n *schema.Node) {
	t.decl.Open = c.flag(t.body["open"], "open")
	r := &enumReader{checker: c, decl: t.decl}
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
		c.report(n, diag.Enum, "enum %s has no value", diag.Quote(t.name.Text))
	}
}

// item reads a value of the form of a list: a text, or a mapping with "value".
func (r *enumReader) item(n *schema.Node) {
	if n.Kind != schema.Mapping {
		r.value(n, nil)
		return
	}
	m, _ := r.mapping(n, "a value of an enum", enumItemKeys)
	if m["value"] == nil {
		r.report(n, diag.MissingKey, "a value of an enum is a text, or { value: … } with its doc")
		return
	}
	r.value(m["value"], m)
}

// entry reads a value of the form of a mapping.
func (r *enumReader) entry(e schema.Entry) {
	switch e.Value.Kind {
	case schema.Null:
		r.value(e.Key, nil)
	case schema.Scalar:
		r.report(e.Value, diag.WrongKind, "a value of an enum says { doc: … }, or nothing, and this is %s", e.Value.Kind)
	default:
		if m, ok := r.mapping(e.Value, "a value of an enum", enumValueKeys); ok {
			r.value(e.Key, m)
		}
	}
}

// value adds the value that stands at n; m is what is said about it.
func (r *enumReader) value(n *schema.Node, m map[string]*schema.Node) {
	empty := n.Kind == schema.Scalar && n.Literal == schema.String && n.Text == ""
	if !empty && !r.plainText(n, "a value of an enum", diag.Enum) {
		return
	}
	what := "value " + diag.Quote(n.Text)
	if first, ok := r.seen.Claim(n.Text, n); !ok {
		r.report(n, diag.Duplicate, "%s is in this enum already, in line %d", what, first.Pos.Line)
		return
	}
	v := &ir.EnumValue{Wire: n.Text, Doc: r.text(m["doc"], "the doc"), Deprecated: r.deprecated(m["deprecated"])}
	ident := r.spell.Pascal(n.Text)
	switch {
	case m["name"] != nil:
		ident = r.override(m["name"])
	case ident == "":
		named := "…"
		if empty {
			named = "Empty"
		}
		r.report(n, diag.BadName, "%s gives no identifier: write { value: %s, name: %s }", what, diag.Quote(n.Text), named)
	}
	if ident != "" && r.decl.Ident != "" {
		v.Ident = r.decl.Ident + ident
		r.claim(v.Ident, n, what+" of type "+diag.Quote(r.decl.Origin))
	}
	r.decl.Values = append(r.decl.Values, v)
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
