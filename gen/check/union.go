// SPDX-License-Identifier: Apache-2.0

package check

import (
	"strings"

	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/ir"
	"github.com/sockgen/sockgen/gen/language"
	"github.com/sockgen/sockgen/gen/schema"
)

var (
	unionKeys   = keysOf(language.Union)
	variantKeys = keysOf(language.Variant)
)

// union reads a union: a tag, and by its values the structs that it tells apart.
func (c *checker) union(t *declared, n *schema.Node) {
	m, ok := c.mapping(n, "a union", unionKeys)
	if !ok {
		return
	}
	d := t.decl
	if d.Open = c.flag(m["open"], "open"); d.Open && d.Ident != "" {
		c.claim("Unknown"+d.Ident, t.name, "what the open union "+diag.Quote(d.Origin)+" does not know")
	}
	switch tag := m["tag"]; {
	case tag == nil:
		c.report(t.name, diag.MissingKey, "union %s has no tag; it is the key that tells its structs apart on the wire: { tag: kind, of: { … } }", diag.Quote(d.Origin))
	case tag.Kind == schema.Scalar:
		if c.fieldText(tag, tag) && c.travels(tag, 0, len(tag.Text), "a tag", diag.BadName) {
			d.Tag = tag.Text
		}
	default:
		c.word(tag, "the tag")
	}
	of := m["of"]
	switch {
	case of == nil:
		c.report(t.name, diag.MissingKey, "union %s has no structs; write of: { text: Text, … }", diag.Quote(d.Origin))
		return
	case of.Kind == schema.Null || of.Kind == schema.Mapping && len(of.Entries) == 0:
		c.report(of, diag.Union, "union %s has no structs; write of: { text: Text, … }", diag.Quote(d.Origin))
		return
	case of.Kind == schema.Sequence:
		c.report(of, diag.Union, "the structs of a union stand behind the values of its tag: of: { text: Text, … }")
		return
	case !c.isMapping(of, "\"of\""):
		return
	}
	first := map[*ir.Decl]*schema.Node{}
	for _, e := range of.Entries {
		if v, at := c.variant(e, d); v != nil {
			if other, dup := first[v.Of]; dup {
				c.report(at, diag.Union, "struct %s is in this union already, in line %d; Go could not tell the two apart", diag.Quote(v.Of.Origin), other.Pos.Line)
				continue
			}
			first[v.Of] = at
			d.Variants = append(d.Variants, v)
		}
	}
}

// variant reads one entry of "of". It returns the node of the struct's name, too.
func (c *checker) variant(e schema.Entry, union *ir.Decl) (*ir.Variant, *schema.Node) {
	if !c.plainText(e.Key, "a value of a tag", diag.Union) {
		return nil, nil
	}
	v, n := &ir.Variant{Wire: e.Key.Text}, e.Value
	if n.Kind == schema.Mapping {
		if n.Get("type") == nil {
			c.report(n, diag.VariantNotStruct, "a struct within a union is a type of its own, declared under \"types\": write %s", diag.Quote(e.Key.Text+": Name"))
			return nil, nil
		}
		m, _ := c.mapping(n, "a variant", variantKeys)
		v.Doc = c.text(m["doc"], "the doc")
		n = m["type"]
	}
	word, ok := c.word(n, "the struct of a variant")
	if !ok {
		return nil, nil
	}
	t := c.types[word]
	switch {
	case t == nil && (word == "" || isScalar(word) || strings.ContainsAny(word, "<>| []?")):
		c.report(n, diag.VariantNotStruct, "a variant is the name of a declared struct, and %s is not", diag.Quote(word))
		return nil, nil
	case t == nil:
		d := c.report(n, diag.UnknownType, "unknown type %s", diag.Quote(word))
		d.Suggestion = c.suggest(word, c.names)
		return nil, nil
	}
	if t.used = true; t.form == nil {
		return nil, nil // reported where it is declared
	}
	c.reaches(n, t)
	if t.decl.Kind != ir.Struct {
		c.report(n, diag.VariantNotStruct, "a variant is a struct, and %s is %s; put it into the field of one", diag.Quote(word), t.form.says)
		return nil, nil
	}
	for _, f := range t.decl.Fields {
		if f.Wire == union.Tag {
			c.report(n, diag.TagField, "struct %s has a field %s, which is the tag of union %s: rename one of the two",
				diag.Quote(word), diag.Quote(f.Wire), diag.Quote(union.Origin))
			return nil, nil
		}
	}
	v.Of = t.decl
	return v, n
}
