// SPDX-License-Identifier: Apache-2.0

package check

import (
	"slices"
	"strings"

	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/ir"
	"github.com/sockgen/sockgen/gen/language"
	"github.com/sockgen/sockgen/gen/naming"
	"github.com/sockgen/sockgen/gen/schema"
)

// A declared is an entry of "types" between declaration and resolution.
type declared struct {
	name     *schema.Node
	node     *schema.Node            // its value, nil when it was refused
	body     map[string]*schema.Node // the keys of its value
	form     *typeForm               // nil when it was refused
	decl     *ir.Decl
	imported bool
	used     bool
}

// A typeForm is one of the things that a declared type can be.
type typeForm struct {
	key     string // of its declaration
	says    string // "a scalar"
	kind    ir.DeclKind
	own     []string // keys that it may have beside those of every type
	resolve func(c *checker, t *declared, n *schema.Node)
}

// typeForms are in the order in which they are resolved: a default needs the
// values of its enum, a list the scalar that its elements are, a union the fields
// of its structs. (A function returns them, since they refer to what uses them.)
func typeForms() []*typeForm {
	return []*typeForm{
		{"enum", "an enum", ir.Enum, []string{"open"}, (*checker).enum},
		{"scalar", "a scalar", ir.Alias, []string{"length", "range", "pattern", "brand", "go"}, (*checker).scalarAlias},
		{"list", "a list", ir.Alias, []string{"length", "unique"}, (*checker).containerAlias},
		{"map", "a map", ir.Alias, []string{"length"}, (*checker).containerAlias},
		{"struct", "a struct", ir.Struct, nil, func(c *checker, t *declared, n *schema.Node) {
			t.decl.Fields = c.structFields(n, t.decl, "a struct")
		}},
		{"union", "a union", ir.Union, nil, (*checker).union},
	}
}

// typeKeys are those of every declared type; which ones go together is checked
// when its form is known.
var typeKeys = keysOf(language.Type)

// languageWords cannot name a type: in a type expression they mean something else.
var languageWords = []string{"list", "map", "optional", "null", "none"}

// declareTypes notes every type of a file with its identifier, so that types may
// refer to each other in any order.
func (c *checker) declareTypes(n *schema.Node, imported bool) {
	if n == nil || n.Kind == schema.Null || !c.isMapping(n, "types") {
		return
	}
	for _, e := range n.Entries {
		if first := c.types[e.Key.Text]; first != nil {
			c.clash(e.Key, "type", first.name)
			continue
		}
		t := &declared{name: e.Key, decl: &ir.Decl{Origin: e.Key.Text}, imported: imported}
		c.types[e.Key.Text] = t // even when it is wrong: it is not unknown
		if !c.name(e.Key, typeRule) {
			continue
		}
		if isScalar(e.Key.Text) {
			c.report(e.Key, diag.ReservedName, "%s is a scalar of the language; choose another name", diag.Quote(e.Key.Text))
			continue
		}
		if slices.Contains(languageWords, e.Key.Text) {
			c.report(e.Key, diag.ReservedName, "%s is a word of the language; choose another name", diag.Quote(e.Key.Text))
			continue
		}
		c.declareType(t, e.Key, e.Value)
	}
}

// clash reports a name that another file has declared; within one file, it is a
// duplicate key.
func (c *checker) clash(n *schema.Node, what string, first *schema.Node) {
	if first == n {
		return // one file twice, through an alias of the operating system
	}
	c.report(n, diag.ImportClash, "%s %s is declared in %s, too: names of imported files merge, so rename one of the two",
		what, diag.Quote(n.Text), first.Pos)
	c.report(first, diag.ImportClash, "%s %s is declared in %s, too: names of imported files merge, so rename one of the two",
		what, diag.Quote(n.Text), n.Pos)
}

// declareType reads the keys of one type.
func (c *checker) declareType(t *declared, key, value *schema.Node) {
	if fields := bareFields(value); fields != "" {
		c.report(key, diag.MissingKey, "type %s says none of struct, scalar, enum, union, list and map; its fields stand under struct: write { struct: { %s: … } }", diag.Quote(key.Text), fields)
		c.names = append(c.names, key.Text)
		return
	}
	t.decl.Ident = c.typeIdent(key, value.Get("name"))
	c.claim(t.decl.Ident, key, "type "+diag.Quote(key.Text))
	if value.Kind == schema.Scalar {
		d := c.report(value, diag.WrongKind, "a type is declared as { scalar: … }, { struct: { … } }, { enum: [ … ] }, { union: { … } }, { list: … } or { map: … }")
		if isScalar(value.Text) {
			d.Suggestion = "{ scalar: " + value.Text + " }"
		}
		return
	}
	var ok bool
	if t.body, ok = c.mapping(value, "a type", typeKeys); ok {
		if t.form = c.form(t); t.form != nil {
			t.node, t.decl.Kind = value, t.form.kind
		}
	}
	c.names = append(c.names, key.Text)
}

// bareFields returns the first field of a struct that was written without "struct", or
// "" when n is something else.
func bareFields(n *schema.Node) string {
	for _, form := range typeForms() {
		if n.Kind != schema.Mapping || n.Get(form.key) != nil {
			return ""
		}
	}
	for _, e := range n.Entries {
		known := slices.Contains(typeKeys.known, e.Key.Text) || otherKeys[e.Key.Text] != nil || diag.Suggest(e.Key.Text, typeKeys.known) != ""
		if !known && (e.Value.Kind == schema.Scalar || e.Value.Kind == schema.Mapping) {
			return e.Key.Text
		}
	}
	return ""
}

// typeIdent returns the identifier of a type: its words, or what "name" says.
func (c *checker) typeIdent(key, name *schema.Node) string {
	if name != nil {
		return c.override(name)
	}
	return c.ident(key, "type")
}

// form returns the one thing that t says it is.
func (c *checker) form(t *declared) *typeForm {
	var form *typeForm
	for _, f := range c.forms {
		switch {
		case t.body[f.key] == nil:
		case form != nil:
			c.report(t.name, diag.KeyConflict, "type %s is %s or %s, not both", diag.Quote(t.name.Text), form.says, f.says)
			return nil
		default:
			form = f
		}
	}
	if form == nil {
		c.report(t.name, diag.MissingKey, "type %s says none of struct, scalar, enum, union, list and map", diag.Quote(t.name.Text))
	}
	return form
}

// resolveTypes reads what the declared types are.
func (c *checker) resolveTypes() {
	for _, form := range c.forms {
		for _, name := range c.names {
			if t := c.types[name]; t.form == form {
				t.decl.Doc = c.text(t.body["doc"], "the doc")
				t.decl.Deprecated = c.deprecated(t.body["deprecated"])
				c.foreignKeys(t)
				form.resolve(c, t, t.body[form.key])
			}
		}
	}
	for _, fill := range c.later {
		fill()
	}
}

// formKeys are the keys that belong to some forms of a type, with the code and
// the advice for the others.
var formKeys = []struct {
	key    string
	code   diag.Code
	advice string
}{
	{"length", diag.Constraint, "%s has no length"},
	{"range", diag.Constraint, "%s has no range"},
	{"pattern", diag.Constraint, "%s has no pattern"},
	{"unique", diag.Constraint, "%s has no unique; it is for lists"},
	{"brand", diag.Brand, "%s is a type of its own already; brand is for scalars"},
	{"go", diag.GoType, "%s has no type of another Go package; go is for scalars"},
	{"open", diag.KeyConflict, "%s is not open here; an enum may be, and a union says so beside its tag"},
	{"default", diag.Default, "%s has no default; a field may have one"},
}

// foreignKeys reports the keys of t that belong to types of another form, and
// takes them away.
func (c *checker) foreignKeys(t *declared) {
	for _, k := range formKeys {
		if n := t.body[k.key]; n != nil && !slices.Contains(t.form.own, k.key) {
			advice := k.advice
			if k.code == diag.Constraint && k.key != "unique" && t.form.kind == ir.Struct {
				advice += "; its fields may have one"
			}
			c.report(n, k.code, advice, t.form.says)
			delete(t.body, k.key)
		}
	}
}

// inlineType declares the struct that stands at n under an identifier of its own.
func (c *checker) inlineType(n *schema.Node, ident, origin, what string) *ir.Type {
	decl := &ir.Decl{Ident: ident, Kind: ir.Struct, Origin: origin}
	decl.Fields = c.structFields(n, decl, what)
	return c.inlineDecl(n, decl)
}

func (c *checker) inlineDecl(n *schema.Node, decl *ir.Decl) *ir.Type {
	c.claim(decl.Ident, n, "the "+inlineKinds[decl.Kind]+" of "+decl.Origin)
	c.inline = append(c.inline, inlineStruct{decl, n})
	return &ir.Type{Kind: ir.RefType, Ref: decl}
}

// inlineKinds are the kinds of what is declared where it is used.
var inlineKinds = map[ir.DeclKind]string{ir.Struct: "struct", ir.Enum: "enum"}

// structFields reads the fields of a struct, which is owner's.
func (c *checker) structFields(n *schema.Node, owner *ir.Decl, what string) []*ir.Field {
	if n.Kind == schema.Null || !c.isMapping(n, what) {
		return nil
	}
	scope := c.fieldScope()
	fields := []*ir.Field{}
	for _, e := range n.Entries {
		if f := c.field(e.Key, e.Value, owner); f != nil {
			c.claimField(scope, f, e.Key)
			fields = append(fields, f)
		}
	}
	return fields
}

// fieldScope returns the scope of a struct's members in Go.
func (c *checker) fieldScope() *naming.Scope[owner] {
	var scope naming.Scope[owner]
	for _, name := range c.own.Members {
		scope.Claim(name, owner{what: "a method of each struct"})
	}
	return &scope
}

func (c *checker) claimField(scope *naming.Scope[owner], f *ir.Field, n *schema.Node) {
	if f.Ident == "" {
		return // already reported
	}
	who := owner{"field " + diag.Quote(f.Wire), n}
	if first, ok := scope.Claim(f.Ident, who); !ok {
		c.collision(n, who.what, f.Ident, first)
	}
}

var fieldKeys = keysOf(language.Field)

// fieldHints are the keys that tell the long form of a field from a struct.
var fieldHints = []string{"type", "optional", "doc", "length", "range", "pattern", "deprecated"}

// field reads one field of owner, in its short form or its long one. It returns nil when
// the field's name is unusable.
func (c *checker) field(key, value *schema.Node, owner *ir.Decl) *ir.Field {
	if !c.fieldText(key, value) || !c.wireName(key, 0, len(key.Text), fieldRule, value) {
		return nil
	}
	f := &ir.Field{Wire: key.Text}
	c.fields[f] = key
	if value.Kind != schema.Mapping {
		if f.Ident = c.ident(key, "field"); f.Ident == "" {
			return nil
		}
		f.Type, f.Optional = c.typeExpr(value, "the type of field "+diag.Quote(key.Text), true)
		return f
	}
	if !saysType(value) {
		c.untyped(key, value)
		f.Ident = c.ident(key, "field")
		return f
	}
	m, _ := c.mapping(value, "a field", fieldKeys)
	f.Ident = c.identOr(m["name"], key, "field")
	c.longField(f, m, owner, "field "+diag.Quote(key.Text))
	return f
}

// untyped reports a field that does not say its type.
func (c *checker) untyped(key, value *schema.Node) {
	if looksLong(value) {
		c.mapping(value, "a field", fieldKeys)
		c.report(key, diag.MissingKey, "field %s has no type", diag.Quote(key.Text))
		return
	}
	first := "…"
	if len(value.Entries) > 0 {
		first = value.Entries[0].Key.Text + ": …"
	}
	c.report(key, diag.MissingKey, "field %s has no type; the fields of a struct within a struct stand under struct: write { struct: { %s } }", diag.Quote(key.Text), first)
}

// longField reads the keys of the long form of a field of owner, but for its name.
func (c *checker) longField(f *ir.Field, m map[string]*schema.Node, owner *ir.Decl, what string) {
	if n := m["type"]; n != nil {
		f.Type, f.Optional = c.typeExpr(n, "the type of "+what, true)
		c.notBoth(m, what)
	} else {
		f.Type = c.inPlace(m, inField(f, owner, what))
	}
	f.Optional = c.flag(m["optional"], "optional") || f.Optional
	f.Doc = c.text(m["doc"], "the doc")
	f.Deprecated = c.deprecated(m["deprecated"])
	if m["go"] != nil {
		f.Tags = c.goField(m["go"])
	}
	if f.Type != nil {
		c.constrain(f.Type, m)
	}
	if n := m["default"]; n != nil {
		f.Optional = true
		if f.Type != nil {
			f.Default = c.defaultValue(n, f.Type)
		}
	}
}

// looksLong tells whether a mapping without a type is the long form of a field
// rather than a struct.
func looksLong(n *schema.Node) bool {
	for _, e := range n.Entries {
		if slices.Contains(fieldHints, e.Key.Text) || diag.Suggest(e.Key.Text, fieldHints) != "" {
			return true
		}
	}
	return false
}

// fieldText reports what people mistake for the name of a field, and what JavaScript
// would.
func (c *checker) fieldText(key, value *schema.Node) bool {
	name := key.Text
	if n := len(name); n > 1 && name[n-1] == '?' && value.Get("name") == nil {
		c.report(key, diag.OptionalMarker, "an optional field carries the word in its type: write %s", diag.Quote(strings.TrimSuffix(name, "?")+": optional T"))
		return false
	}
	if name == "__proto__" {
		c.report(key, diag.ReservedName, `no field is called "__proto__": JavaScript would take its value for a prototype`)
		return false
	}
	return true
}
