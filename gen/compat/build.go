// SPDX-License-Identifier: Apache-2.0

package compat

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/sockgen/sockgen/gen/ir"
)

// New returns the model of a namespace of doc. It keeps nothing of either.
func New(doc *ir.Document, ns *ir.Namespace) *Model {
	b := &builder{m: &Model{
		Version: doc.Version,
		Errors:  map[string]*Type{},
		Client:  map[string]*Event{},
		Server:  map[string]*Event{},
		Types:   map[string]*Shape{},
	}}
	b.path(ns)
	if ns.Auth != nil {
		b.m.Auth = b.typ(ns.Auth)
	}
	b.m.Connect = b.codes(ns.ConnectErrors)
	for _, e := range ns.Client {
		event := b.event(e)
		event.Errors = b.codes(ns.Failures(e))
		if e.Rate != nil {
			event.Rate = &Rate{Count: e.Rate.Count, Seconds: int(e.Rate.Per.Seconds())}
			if by := e.Rate.By; by != nil {
				event.Rate.By = by.Wire
			}
		}
		b.m.Client[e.Wire] = event
	}
	for _, e := range ns.Server {
		b.m.Server[e.Wire] = b.event(e)
	}
	return b.m
}

// Models returns the models of all namespaces of doc, in its order.
func Models(doc *ir.Document) []*Model {
	var models []*Model
	for _, ns := range doc.Namespaces {
		models = append(models, New(doc, ns))
	}
	return models
}

// PathOf returns the path of ns as a Model has it.
func PathOf(ns *ir.Namespace) string {
	if ns.Parts == nil {
		return ns.Path
	}
	var path strings.Builder
	for _, part := range ns.Parts {
		if part.Type == nil {
			path.WriteString(part.Text)
		} else {
			path.WriteString("{}")
		}
	}
	return path.String()
}

// A builder makes one Model; types are added where something reaches them.
type builder struct{ m *Model }

func (b *builder) path(ns *ir.Namespace) {
	b.m.Path = PathOf(ns)
	for _, part := range ns.Parts {
		if part.Type != nil {
			b.m.Params = append(b.m.Params, b.typ(part.Type))
		}
	}
}

// codes returns the codes of list, whose data the model then has.
func (b *builder) codes(list []*ir.Error) []string {
	var codes []string
	for _, e := range list {
		codes = append(codes, e.Code)
		if _, ok := b.m.Errors[e.Code]; ok {
			continue
		}
		b.m.Errors[e.Code] = nil
		if e.Data != nil {
			b.m.Errors[e.Code] = b.typ(e.Data)
		}
	}
	slices.Sort(codes)
	return slices.Compact(codes)
}

// event returns e without its errors.
func (b *builder) event(e *ir.Event) *Event {
	event := &Event{Strict: e.Strict}
	switch {
	case e.Payload == nil:
		event.Strict = false // nothing could be unknown
	case e.Positional:
		for _, f := range e.Payload.Ref.Fields {
			event.Args = append(event.Args, b.field(f))
		}
	default:
		event.Args = []*Field{{Type: *b.typ(e.Payload)}}
	}
	if e.Ack != nil {
		event.Ack = &Ack{Plain: e.Ack.Plain}
		if e.Ack.Type != nil {
			event.Ack.Type = b.typ(e.Ack.Type)
		}
	}
	return event
}

func (b *builder) field(f *ir.Field) *Field {
	field := &Field{Type: *b.typ(f.Type), Optional: f.Optional}
	if f.Default != nil {
		field.Default = b.literal(f.Default, &field.Type)
	}
	return field
}

// literal returns a default as the JSON that travels in its place.
func (b *builder) literal(l *ir.Literal, t *Type) string {
	switch {
	case l.Null:
		return "null"
	case l.List != nil:
		return b.list(l, t)
	case l.Enum != nil && l.Enum.Integer:
		return l.Enum.Wire
	case l.Enum != nil:
		return quoteJSON(l.Enum.Wire)
	}
	r, _ := b.m.resolve(t)
	switch r.Scalar {
	case string(ir.Bool):
		return l.Text
	case string(ir.Int), string(ir.Int32), string(ir.Uint32), string(ir.Duration), string(ir.Float32), string(ir.Float64):
		if number.MatchString(l.Text) {
			return canonical(l.Text)
		}
		return l.Text
	}
	return quoteJSON(l.Text)
}

// list returns a default that is a list.
func (b *builder) list(l *ir.Literal, t *Type) string {
	r, _ := b.m.resolve(t)
	var parts []string
	for _, e := range l.List {
		parts = append(parts, b.literal(e, r.List))
	}
	return "[" + strings.Join(parts, ",") + "]"
}

func quoteJSON(s string) string {
	text, _ := json.Marshal(s) // a string always has a form
	return string(text)
}

// typ returns the type that t is on the wire. Declared scalars are written out.
func (b *builder) typ(t *ir.Type) *Type {
	out := &Type{Null: t.Nullable, Unique: t.Constraint.Unique}
	out.Length = spanText(t.Constraint.Length, "0", "")
	if p := t.Constraint.Pattern; p != "" {
		out.Pattern = []string{p}
	}
	switch t.Kind {
	case ir.ScalarType:
		out.Scalar = string(t.Scalar)
		l := limits[out.Scalar]
		out.Range = spanText(t.Constraint.Range, l.min, l.max)
		if t.Scalar == ir.Any {
			out.Null = false // any holds it anyway
		}
	case ir.ListType:
		out.List = b.typ(t.Elem)
	case ir.MapType:
		out.Map = b.typ(t.Elem)
	case ir.RefType:
		if t.Ref.Kind == ir.Alias && (t.Ref.Of.Kind == ir.ScalarType || t.Ref.Of.Kind == ir.RefType) {
			out.Range = spanText(t.Constraint.Range, "", "")
			return narrow(b.typ(t.Ref.Of), out)
		}
		out.Ref = b.shape(t.Ref)
	}
	return out
}

// shape adds d to the model, once, and returns its name there.
func (b *builder) shape(d *ir.Decl) string {
	if _, ok := b.m.Types[d.Ident]; ok {
		return d.Ident
	}
	s := &Shape{Open: d.Open}
	b.m.Types[d.Ident] = s // before its parts, which may refer to it
	switch d.Kind {
	case ir.Struct:
		s.Kind, s.Fields = Struct, map[string]*Field{}
		for _, f := range d.Fields {
			s.Fields[f.Wire] = b.field(f)
		}
	case ir.Alias:
		s.Kind, s.Alias = Alias, b.typ(d.Of)
	case ir.Enum:
		s.Kind = Enum
		if d.Integers() {
			s.Kind = Integers
		}
		for _, v := range d.Values {
			s.Values = append(s.Values, v.Wire)
		}
		slices.Sort(s.Values)
	case ir.Union:
		s.Kind, s.Tag, s.Of = Union, d.Tag, map[string]string{}
		for _, v := range d.Variants {
			s.Of[v.Wire] = b.shape(v.Of)
		}
	}
	return d.Ident
}
