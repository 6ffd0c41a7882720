// SPDX-License-Identifier: Apache-2.0

package check

import (
	"go/token"
	"strings"

	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/ir"
	"github.com/sockgen/sockgen/gen/schema"
)

// scalarAlias reads a declared scalar with its constraints.
func (c *checker) scalarAlias(t *declared, n *schema.Node) {
	word, ok := c.word(n, "scalar")
	if !ok {
		return
	}
	if !isScalar(word) {
		d := c.report(n, diag.UnknownType, "%s is no scalar; scalar names one of %s", diag.Quote(word), scalarList())
		if d.Suggestion = c.suggest(word, scalarNames); d.Suggestion == "" && isScalar(otherNames[word]) {
			d.Suggestion = otherNames[word]
		}
		return
	}
	of := &ir.Type{Kind: ir.ScalarType, Scalar: ir.Scalar(word)}
	c.constrain(of, t.body)
	t.decl.Of = of
	if brand := t.body["brand"]; c.flag(brand, "brand") {
		t.decl.Brand = true
		if of.Scalar == ir.Any {
			c.report(brand, diag.Brand, "any is every value there is, so that a brand could not tell it from others")
		}
		if t.body["go"] != nil {
			c.report(brand, diag.KeyConflict, "a type of another Go package is a type of its own already; leave brand or go out")
		}
	}
	if n := t.body["go"]; n != nil {
		t.decl.Go = c.goType(n, of.Scalar)
	}
}

// containerAlias reads a declared list or map.
func (c *checker) containerAlias(t *declared, n *schema.Node) {
	if n.Kind == schema.Mapping { // what its fields are made of has to be known
		c.later = append(c.later, func() { c.container(t, c.element(n, inType(t).within(t.form.key))) })
		return
	}
	elem, _ := c.typeExpr(n, "the type of the values", false)
	c.container(t, elem)
}

// container makes t a list or map of elem.
func (c *checker) container(t *declared, elem *ir.Type) {
	if elem == nil {
		return
	}
	of := &ir.Type{Kind: ir.ListType, Elem: elem}
	if t.form.key == "map" {
		of.Kind = ir.MapType
	}
	c.constrain(of, t.body)
	t.decl.Of = of
}

// maxGoType is how many bytes the name of a Go type may have.
const maxGoType = 256

// goType reads "import/path.Type".
func (c *checker) goType(n *schema.Node, scalar ir.Scalar) *ir.GoType {
	text, ok := c.word(n, "go")
	if !ok {
		return nil
	}
	if scalar == ir.Bytes {
		c.report(n, diag.GoType, "bytes travel beside the JSON, where no type of another package could encode itself")
		return nil
	}
	slash := strings.LastIndexByte(text, '/')
	dot := strings.LastIndexByte(text, '.')
	if dot <= slash || len(text) > maxGoType {
		c.report(n, diag.GoType, "%s is no type of a Go package; write its import path, a dot and its name: net/netip.Addr", diag.Quote(text))
		return nil
	}
	path, name := text[:dot], text[dot+1:]
	switch {
	case !isImportPath(path):
		c.reportPart(n, 0, dot, diag.GoType, "%s is no import path of Go", diag.Quote(path))
	case path == "C" || path == "unsafe" || path == "main":
		c.reportPart(n, 0, dot, diag.GoType, "generated code does not import %s", diag.Quote(path))
	case !token.IsIdentifier(name) || !token.IsExported(name) || strings.ContainsFunc(name, func(r rune) bool { return r >= 0x80 }):
		c.reportPart(n, dot+1, len(text), diag.GoType, "%s is no exported type; its name is an upper-case letter, then letters and digits", diag.Quote(name))
	default:
		return &ir.GoType{Package: path, Name: name}
	}
	return nil
}

// isImportPath tells whether Go could import path.
func isImportPath(path string) bool {
	for part := range strings.SplitSeq(path, "/") {
		if part == "" || part[0] == '.' || part[len(part)-1] == '.' {
			return false
		}
		for i := range len(part) {
			if c := part[i]; !isAlphanumeric(c) && strings.IndexByte("-._~", c) < 0 {
				return false
			}
		}
	}
	return true
}
