package check

import (
	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/ir"
	"github.com/sockgen/sockgen/gen/naming"
	"github.com/sockgen/sockgen/gen/schema"
)

// A declared is an entry of "types" between declaration and resolution.
type declared struct {
	name *schema.Node
	node *schema.Node            // its value, nil when it was refused
	body map[string]*schema.Node // the keys of its value
	decl *ir.Decl
	used bool
}

// typeKeys are those of a declared type; the keys that a scalar alone may have
// are checked when its kind is known.
var typeKeys = keys{
	known: []string{"struct", "scalar", "doc", "deprecated", "length", "range", "pattern"},
	later: []string{"enum", "union", "list", "map", "brand", "go", "open", "default", "unique"},
}

var scalarKeys = []string{"length", "range", "pattern"}

// declareTypes notes every type with its identifier, so that types may refer to
// each other in any order.
func (c *checker) declareTypes(n *schema.Node) {
	if n == nil || n.Kind == schema.Null || !c.isMapping(n, "types") {
		return
	}
	for _, e := range n.Entries {
		t := &declared{name: e.Key, decl: &ir.Decl{Origin: e.Key.Text}}
		c.types[e.Key.Text] = t // even when it is wrong: it is not unknown
		if !c.name(e.Key, typeRule) {
			continue
		}
		if isScalar(e.Key.Text) {
			c.report(e.Key, diag.ReservedName, "%s is a scalar of the language; choose another name", diag.Quote(e.Key.Text))
			continue
		}
		if word := e.Key.Text; word == "list" || word == "map" || word == "optional" || word == "null" || word == "none" {
			c.report(e.Key, diag.ReservedName, "%s is a word of the language; choose another name", diag.Quote(word))
			continue
		}
		t.decl.Ident = c.ident(e.Key, "type")
		c.claim(t.decl.Ident, e.Key, "type "+diag.Quote(e.Key.Text))
		if e.Value.Kind == schema.Scalar {
			d := c.report(e.Value, diag.WrongKind, "a type is declared as { scalar: … } or { struct: { … } }")
			if isScalar(e.Value.Text) {
				d.Suggestion = "{ scalar: " + e.Value.Text + " }"
			}
			continue
		}
		var ok bool
		if t.body, ok = c.mapping(e.Value, "a type", typeKeys); ok {
			t.node = e.Value
			t.decl.Kind = ir.Alias
			if t.body["struct"] != nil {
				t.decl.Kind = ir.Struct
			}
		}
		c.names = append(c.names, e.Key.Text)
	}
}

// resolveTypes reads what the declared types are.
func (c *checker) resolveTypes() {
	for _, name := range c.names {
		t := c.types[name]
		if t.node == nil {
			continue
		}
		t.decl.Doc = c.text(t.body["doc"], "the doc")
		t.decl.Deprecated = c.deprecated(t.body["deprecated"])
		structure, scalar := t.body["struct"], t.body["scalar"]
		switch {
		case structure != nil && scalar != nil:
			c.report(t.name, diag.KeyConflict, "type %s is a struct or a scalar, not both", diag.Quote(name))
		case structure != nil:
			for _, key := range scalarKeys {
				if n := t.body[key]; n != nil {
					c.report(n, diag.Constraint, "a struct has no %s; its fields may have one", key)
				}
			}
			t.decl.Fields = c.structFields(structure, "a struct")
		case scalar != nil:
			t.decl.Of = c.aliasOf(t.body, scalar)
		case !hasLater(t.node):
			c.report(t.name, diag.MissingKey, "type %s says neither scalar nor struct", diag.Quote(name))
		}
	}
}

// hasLater tells whether a type is of a form that has been reported as
// belonging to a later release.
func hasLater(n *schema.Node) bool {
	for _, key := range []string{"enum", "union", "list", "map"} {
		if n.Get(key) != nil {
			return true
		}
	}
	return false
}

// aliasOf reads a declared scalar with its constraints.
func (c *checker) aliasOf(body map[string]*schema.Node, n *schema.Node) *ir.Type {
	word, ok := c.word(n, "scalar")
	if !ok {
		return nil
	}
	if !isScalar(word) {
		d := c.report(n, diag.UnknownType, "%s is no scalar; scalar names one of %s", diag.Quote(word), scalarList())
		d.Suggestion = c.suggest(word, scalarNames)
		return nil
	}
	t := &ir.Type{Kind: ir.ScalarType, Scalar: ir.Scalar(word)}
	c.constrain(t, body)
	return t
}

// inlineType declares the struct that stands at n under an identifier of its own.
func (c *checker) inlineType(n *schema.Node, ident, origin, what string) *ir.Type {
	decl := &ir.Decl{Ident: ident, Kind: ir.Struct, Origin: origin}
	c.claim(ident, n, "the struct of "+origin)
	decl.Fields = c.structFields(n, what)
	c.inline = append(c.inline, inlineStruct{decl, n})
	return &ir.Type{Kind: ir.RefType, Ref: decl}
}

// structFields reads the fields of a struct.
func (c *checker) structFields(n *schema.Node, what string) []*ir.Field {
	if n.Kind == schema.Null || !c.isMapping(n, what) {
		return nil
	}
	var scope naming.Scope[owner]
	for _, name := range fieldMethods {
		scope.Claim(name, owner{what: "a method of each struct"})
	}
	fields := []*ir.Field{}
	for _, e := range n.Entries {
		if f := c.field(e.Key, e.Value); f != nil {
			who := owner{"field " + diag.Quote(f.Wire), e.Key}
			if first, ok := scope.Claim(f.Ident, who); !ok {
				c.collision(e.Key, who.what, f.Ident, first)
			}
			fields = append(fields, f)
		}
	}
	return fields
}

var fieldKeys = keys{
	known: []string{"type", "optional", "doc", "length", "range", "pattern", "deprecated"},
	later: []string{"default", "unique"},
}

// field reads one field, in its short form or its long one. It returns nil when
// the field's name is unusable.
func (c *checker) field(key, value *schema.Node) *ir.Field {
	if !c.fieldName(key) {
		return nil
	}
	f := &ir.Field{Wire: key.Text, Ident: c.ident(key, "field")}
	if f.Ident == "" {
		return nil
	}
	c.fields[f] = key
	if value.Kind != schema.Mapping {
		f.Type, f.Optional = c.typeExpr(value, "the type of field "+diag.Quote(key.Text), true)
		return f
	}
	if value.Get("type") == nil {
		if looksLong(value) {
			c.mapping(value, "a field", fieldKeys)
			c.report(key, diag.MissingKey, "field %s has no type", diag.Quote(key.Text))
		} else {
			c.report(key, diag.MissingKey, "field %s has no type; a struct within a struct is a type of its own, declared under \"types\"", diag.Quote(key.Text))
		}
		return f
	}
	m, _ := c.mapping(value, "a field", fieldKeys)
	f.Type, f.Optional = c.typeExpr(m["type"], "the type of field "+diag.Quote(key.Text), true)
	f.Optional = c.flag(m["optional"], "optional") || f.Optional
	f.Doc = c.text(m["doc"], "the doc")
	f.Deprecated = c.deprecated(m["deprecated"])
	if f.Type != nil {
		c.constrain(f.Type, m)
	}
	return f
}

// looksLong tells whether a mapping without a type is the long form of a field
// rather than a struct.
func looksLong(n *schema.Node) bool {
	for _, e := range n.Entries {
		if isOneOf(e.Key.Text, fieldKeys.known) || diag.Suggest(e.Key.Text, fieldKeys.known) != "" {
			return true
		}
	}
	return false
}

// fieldName reports a name that a field cannot have.
func (c *checker) fieldName(key *schema.Node) bool {
	name := key.Text
	if n := len(name); n > 1 && name[n-1] == '?' {
		c.report(key, diag.OptionalMarker, "an optional field carries the word in its type: write %s", diag.Quote(name[:n-1]+": optional T"))
		return false
	}
	if name == "__proto__" {
		c.report(key, diag.ReservedName, `no field is called "__proto__": JavaScript would take its value for a prototype`)
		return false
	}
	return c.name(key, fieldRule)
}
