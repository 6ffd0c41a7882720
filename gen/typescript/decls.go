// SPDX-License-Identifier: Apache-2.0

package typescript

import (
	"strings"

	"github.com/sockgen/sockgen/gen/ir"
)

// brandKey is the key of the property, there for the type alone, that makes a
// scalar a type of its own.
const brandKey = "brand"

// declarations writes the document's types: what is received of each and, where it
// differs, what is sent.
func (m *module) declarations(doc *ir.Document) {
	for _, d := range visibleDecls(doc) {
		if isElsewhere(d) {
			continue
		}
		received := d
		if d.Kind == ir.Struct {
			all := *d
			all.Fields, received = receivedFields(d.Fields), &all
		}
		m.decl(received)
		if sent := m.inputs[d]; sent != nil {
			m.decl(sent)
		}
	}
}

func (m *module) decl(d *ir.Decl) {
	what := "the type " + quote(d.Origin)
	switch d.Kind {
	case ir.Alias:
		m.alias(d, what)
	case ir.Enum:
		m.enum(d, what)
	case ir.Union:
		m.union(d, what)
	case ir.Struct:
		var members []member
		for _, f := range d.Fields {
			key := "readonly " + propertyKey(f.Wire)
			if f.Optional {
				key += "?"
			}
			members = append(members, member{doc: fieldDoc(f), deprecated: f.Deprecated, key: key, typ: fieldLayout(f)})
		}
		m.iface(d.Ident, what, d.Doc, d.Deprecated, members)
	}
}

// alias writes another name for a scalar, a list or a map.
func (m *module) alias(d *ir.Decl, what string) {
	nullable := isNullable(d.Of) && !isReference(d.Of)
	doc := withFacts(d.Doc, d.Of)
	switch {
	case d.Brand:
		m.brand(d, what, doc)
	case namesItself(d):
		switch {
		case isNullable(d.Of):
			m.unionType(d.Ident, what, doc, d.Deprecated, []layout{selfNamingPlain(d.Of), text("null")})
		case d.Of.Kind == ir.MapType:
			m.heldAlias(d.Ident, what, doc, d.Deprecated, selfNaming(d.Of, aliased))
		default:
			m.aliasType(d.Ident, what, doc, d.Deprecated, selfNaming(d.Of, aliased))
		}
	case nullable:
		m.unionType(d.Ident, what, doc, d.Deprecated, withNull(d.Of))
	default:
		m.aliasType(d.Ident, what, doc, d.Deprecated, typeLayout(d.Of, aliased))
	}
}

// selfNaming is the layout of an alias that names itself, where Record would be
// refused as circular.
func selfNaming(t *ir.Type, at position) layout {
	switch {
	case isNullable(t) && t.Kind == ir.RefType:
		return typeLayout(t, at)
	case isNullable(t):
		return union([]layout{selfNamingPlain(t), text("null")}, at)
	}
	return selfNamingPlain(t)
}

func selfNamingPlain(t *ir.Type) layout {
	switch {
	case t.Kind == ir.MapType:
		return objectType(sequence{
			text("readonly "), groupOf(text("["), indented{sequence{softLine, text("key: string")}}, softLine, text("]")), text(": "),
			selfNaming(t.Elem, annotation),
		})
	case t.Kind == ir.ListType && (isNullable(t.Elem) || t.Elem.Kind == ir.ListType):
		return sequence{text("readonly ("), selfNaming(t.Elem, element), text(")[]")}
	case t.Kind == ir.ListType:
		return sequence{text("readonly "), selfNaming(t.Elem, element), text("[]")}
	default:
		return plainType(t, aliased)
	}
}

// objectType returns an object type of one property.
func objectType(property layout) layout {
	return groupOf(text("{"), indented{sequence{space, property, ifBroken{text(";"), text("")}}}, space, text("}"))
}

// heldAlias writes an alias of a type that prettier keeps beside the equals sign.
func (m *module) heldAlias(ident, what, doc, deprecated string, typ layout) {
	begins := m.declares("type", ident, what)
	m.begin(doc, deprecated)
	m.print(sequence{text(begins + " = "), typ, text(";")})
	m.export(ident, false)
}

// brand writes a type that no other one of the same scalar is assignable to, and
// the function that makes one.
func (m *module) brand(d *ir.Decl, what, doc string) {
	mark := objectType(text("readonly [" + brandKey + "]: " + quote(d.Ident)))
	branded := sequence{scalarTypes[d.Of.Scalar], text(" & "), mark}
	begins, name := m.declares("type", d.Ident, what), localName(d.Ident)
	m.begin(doc, d.Deprecated)
	if isNullable(d.Of) {
		m.print(unionAlias(begins, []layout{sequence{text("("), branded, text(")")}, text("null")}))
	} else {
		m.print(alias(begins, branded))
	}
	m.begin("Takes the value for a "+d.Ident+". The server checks it.", d.Deprecated)
	m.print(sequence{
		groupOf(text(strings.Replace(begins, "type", "function", 1)), parameters([]parameter{valueParameter("value", d.Of)}), text(": "+name)),
		text(" {"),
		indented{sequence{hardLine, text("return value as " + name + ";")}},
		hardLine,
		text("}"),
	})
	m.export(d.Ident, true)
}

// enum writes an object of the values and the type of them.
func (m *module) enum(d *ir.Decl, what string) {
	begins, name := m.declares("const", d.Ident, what), localName(d.Ident)
	m.begin(d.Doc, d.Deprecated)
	m.line(begins + " = {")
	for _, v := range d.Values {
		body := sequence{}
		for _, l := range comment(v.Doc, v.Deprecated, 2) {
			body = append(body, hardLine, text(l))
		}
		body = append(body, hardLine, entry(v), text(","))
		m.indentedLines(body)
	}
	m.line("} as const;")
	values := text("(typeof " + name + ")[keyof typeof " + name + "]")
	begins = strings.Replace(begins, "const", "type", 1)
	m.begin(d.Doc, d.Deprecated)
	if d.Open {
		other := text("(string & {})")
		if d.Integers() {
			other = "(number & {})"
		}
		m.print(unionAlias(begins, []layout{values, other}))
	} else {
		m.print(alias(begins, values))
	}
	m.export(d.Ident, true)
}

// entry returns the property of an enum's object, whose key is its value, or of an
// integer its name.
func entry(v *ir.EnumValue) layout {
	key, literal := objectKey(v.Wire), text(valueLiteral(v))
	if v.Integer {
		key = objectKey(v.Key)
	}
	if len(key) <= 2 || v.Integer {
		return sequence{key, text(": "), literal} // prettier leaves what stands beside so short a key, and numbers
	}
	return groupOf(key, text(":"), groupOf(indented{space}, indented{literal}))
}

// valueLiteral returns a value of an enum as TypeScript writes it.
func valueLiteral(v *ir.EnumValue) string {
	if v.Integer {
		return v.Wire
	}
	return quote(v.Wire)
}

// objectKey is propertyKey within an object of JavaScript's, where __proto__
// would be the prototype.
func objectKey(name string) text {
	if name == "__proto__" {
		return `["__proto__"]`
	}
	return propertyKey(name)
}

// union writes a discriminated union: each struct together with its tag.
func (m *module) union(d *ir.Decl, what string) {
	key := "readonly " + propertyKey(d.Tag) + ": "
	alone := len(d.Variants) == 1 && !d.Open
	var types []layout
	doc := d.Doc
	for _, v := range d.Variants {
		tag := objectType(key + text(quote(v.Wire)))
		switch both := (sequence{tag, text(" & " + localName(v.Of.Ident))}); {
		case len(v.Of.Fields) == 0:
			types = append(types, tag)
		case alone:
			types = append(types, both)
		default:
			types = append(types, sequence{text("("), both, text(")")})
		}
		if v.Doc != "" {
			doc += "\n\n" + quote(v.Wire) + ": " + v.Doc
		}
	}
	if alone {
		m.heldAlias(d.Ident, what, doc, d.Deprecated, types[0])
		return
	}
	if d.Open {
		// An intersection with string would not let TypeScript tell the others
		// apart; a pattern that no tag of the schema fits does.
		types = append(types, groupOf(
			text("{"),
			indented{sequence{
				hardLine, text("/** One that this file does not know. No string of the schema ends in NUL. */"),
				hardLine, key, text("`${string}\\u0000`;"),
				hardLine, text("readonly [key: string]: unknown;"),
			}},
			hardLine, text("}"),
		))
	}
	m.unionType(d.Ident, what, doc, d.Deprecated, types)
}

// marks declares the key that brands need.
func (m *module) marks(doc *ir.Document) {
	brands := false
	for _, d := range visibleDecls(doc) {
		brands = brands || d.Kind == ir.Alias && d.Brand && !isElsewhere(d)
	}
	if brands {
		m.claim(brandKey, "the mark of a brand")
		m.begin("Marks the values of a type of their own. It exists for the types alone.", "")
		m.line("declare const " + brandKey + ": unique symbol;")
	}
}

// fieldDoc returns the documentation of a field, with its default where it may be
// absent.
func fieldDoc(f *ir.Field) string {
	doc := withFacts(f.Doc, f.Type)
	if f.Default == nil || !f.Optional {
		return doc
	}
	return ir.Sentences(doc, literalText(f.Type, f.Default)+" when absent.")
}

// literalText returns a default as TypeScript writes it.
func literalText(t *ir.Type, l *ir.Literal) string {
	switch {
	case l.Null:
		return "null"
	case l.List != nil:
		return "[" + strings.Join(elementTexts(t, l, literalText), ", ") + "]"
	case l.Enum != nil:
		return valueLiteral(l.Enum)
	}
	for t.Kind == ir.RefType && t.Ref.Of != nil {
		t = t.Ref.Of
	}
	switch t.Scalar {
	case ir.Bool, ir.Int, ir.Int32, ir.Uint32, ir.Float32, ir.Float64, ir.Duration:
		return l.Text
	default:
		return quote(l.Text)
	}
}

// elementTexts returns the elements of a default that is a list, as write writes them.
func elementTexts(t *ir.Type, l *ir.Literal, write func(*ir.Type, *ir.Literal) string) []string {
	for t.Kind == ir.RefType {
		t = t.Ref.Of
	}
	var texts []string
	for _, e := range l.List {
		texts = append(texts, write(t.Elem, e))
	}
	return texts
}
