// SPDX-License-Identifier: Apache-2.0

package check

import (
	"strings"

	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/ir"
	"github.com/sockgen/sockgen/gen/language"
	"github.com/sockgen/sockgen/gen/naming"
	"github.com/sockgen/sockgen/gen/schema"
)

// A declaredError is an entry of "errors".
type declaredError struct {
	name *schema.Node
	data *schema.Node
	err  *ir.Error

	imported bool
	used     bool
	unlisted *schema.Node // "unlisted: true", or nil
}

var errorKeys = keysOf(language.Error)

// declareErrors notes every error of a file with its identifier and message.
func (c *checker) declareErrors(n *schema.Node, imported bool) {
	if n == nil || n.Kind == schema.Null || !c.isMapping(n, "errors") {
		return
	}
	for _, e := range n.Entries {
		if first := c.errors[e.Key.Text]; first != nil {
			c.clash(e.Key, "error", first.name)
			continue
		}
		d := &declaredError{name: e.Key, err: &ir.Error{Code: e.Key.Text}, imported: imported}
		c.errors[e.Key.Text] = d // even when it is wrong: it is not unknown
		if !c.wireName(e.Key, 0, len(e.Key.Text), errorRule, e.Value) {
			continue
		}
		if ir.IsBuiltInCode(e.Key.Text) {
			c.report(e.Key, diag.ReservedName, "%s is a built-in code, which any event may answer; choose another", diag.Quote(e.Key.Text))
			continue
		}
		c.codes = append(c.codes, e.Key.Text)
		d.err.Ident = c.identOr(e.Value.Get("name"), e.Key, "error")
		c.claim(d.err.Ident, e.Key, "error "+diag.Quote(e.Key.Text))
		if d.err.Ident != "" {
			c.claim("Code"+d.err.Ident, e.Key, "the code of error "+diag.Quote(e.Key.Text))
		}
		if e.Value.Kind == schema.Scalar {
			c.report(e.Value, diag.WrongKind, "an error is declared as { message: … }, perhaps with data")
			continue
		}
		m, ok := c.mapping(e.Value, "an error", errorKeys)
		if !ok {
			continue
		}
		d.err.Doc = c.text(m["doc"], "the doc")
		d.err.Message = c.line(m["message"], "the message")
		if m["message"] == nil {
			c.report(e.Key, diag.MissingKey, "error %s has no message; it is what the peer reads", diag.Quote(e.Key.Text))
		} else if d.err.Message == "" && m["message"].Kind == schema.Null {
			c.report(m["message"], diag.BadValue, "the message is empty; it is what the peer reads")
		}
		d.data = m["data"]
		if n := m["unlisted"]; c.flag(n, "unlisted") {
			d.unlisted = n
		}
	}
}

// resolveErrors reads the data of the declared errors.
func (c *checker) resolveErrors() {
	for _, code := range c.codes {
		d := c.errors[code]
		if d.data == nil {
			continue
		}
		ident := d.err.Ident
		if ident != "" {
			ident += "Data"
		}
		d.err.Data = c.value(d.data, ident, code+" data", "the data of error "+diag.Quote(code))
	}
}

// value reads a type expression or an inline struct, which gets the identifier.
func (c *checker) value(n *schema.Node, ident, origin, what string) *ir.Type {
	if n.Kind == schema.Mapping {
		if key := constraintOf(n); key != "" {
			c.report(n, diag.TypeSyntax, "%s is a struct when it is a mapping, so that %s would be a field; a type with a constraint is declared under \"types\"", what, diag.Quote(key))
			return nil
		}
		return c.inlineType(n, ident, origin, what)
	}
	t, _ := c.typeExpr(n, what, false)
	return t
}

// constraintOf returns the key of n that makes it look like the long form of a
// field where a struct is due, or "".
func constraintOf(n *schema.Node) string {
	if n.Get("type") == nil {
		return ""
	}
	for _, key := range []string{"length", "range"} { // "unique" and "default" are likelier names of fields
		if v := n.Get(key); v != nil && v.Kind == schema.Scalar && (strings.Contains(v.Text, "..") || v.Literal == schema.Int) {
			return key
		}
	}
	return ""
}

// errorList resolves a list of codes.
func (c *checker) errorList(n *schema.Node) []*ir.Error {
	if n == nil {
		return nil
	}
	var list []*ir.Error
	var seen naming.Scope[*schema.Node]
	for _, item := range c.list(n, "errors") {
		code, ok := c.word(item, "an error's code")
		if !ok {
			continue
		}
		if first, ok := seen.Claim(code, item); !ok {
			c.report(item, diag.Duplicate, "%s is in this list already, in line %d", diag.Quote(code), first.Pos.Line)
			continue
		}
		if d, ok := c.errors[code]; ok {
			if d.unlisted != nil && !d.used && !d.imported {
				c.report(d.unlisted, diag.KeyConflict, "line %d lists error %s: unlisted is for those that no event and no namespace lists", item.Pos.Line, diag.Quote(code))
			}
			d.used = true
			list = append(list, d.err)
			continue
		}
		if ir.IsBuiltInCode(code) {
			c.report(item, diag.UnknownError, "%s is built in: any event may answer it, and none lists it", diag.Quote(code))
			continue
		}
		d := c.report(item, diag.UnknownError, "unknown error %s; errors are declared under \"errors\"", diag.Quote(code))
		d.Suggestion = c.suggest(code, c.codes)
	}
	return list
}
