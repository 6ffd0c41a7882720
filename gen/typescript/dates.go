// SPDX-License-Identifier: Apache-2.0

package typescript

import (
	"slices"

	"github.com/sockgen/sockgen/gen/ir"
)

// date is what a timestamp is to an application that wants Dates.
const date ir.Scalar = "date"

// A dating copies a document in which timestamps become dates. Each declaration and each
// error has one copy.
type dating struct {
	decls  map[*ir.Decl]*ir.Decl
	errors map[*ir.Error]*ir.Error
}

// dated returns doc with dates in place of timestamps.
func dated(doc *ir.Document) *ir.Document {
	c := &dating{map[*ir.Decl]*ir.Decl{}, map[*ir.Error]*ir.Error{}}
	of := *doc
	of.Decls, of.Errors = each(doc.Decls, c.decl), each(doc.Errors, c.failure)
	of.Namespaces = each(doc.Namespaces, c.namespace)
	return &of
}

// each returns what f makes of each element.
func each[T any](list []*T, f func(*T) *T) []*T {
	if list == nil {
		return nil
	}
	of := make([]*T, len(list))
	for i, e := range list {
		of[i] = f(e)
	}
	return of
}

func (c *dating) decl(d *ir.Decl) *ir.Decl {
	if of := c.decls[d]; of != nil || d == nil {
		return of
	}
	of := *d
	c.decls[d] = &of
	of.Of = c.typ(d.Of)
	of.Fields = each(d.Fields, func(f *ir.Field) *ir.Field {
		field := *f
		field.Type = c.typ(f.Type)
		return &field
	})
	of.Variants = each(d.Variants, func(v *ir.Variant) *ir.Variant {
		variant := *v
		variant.Of = c.decl(v.Of)
		return &variant
	})
	return &of
}

func (c *dating) typ(t *ir.Type) *ir.Type {
	if t == nil {
		return nil
	}
	of := *t
	of.Elem, of.Ref = c.typ(t.Elem), c.decl(t.Ref)
	if of.Scalar == ir.Timestamp {
		of.Scalar = date
	}
	return &of
}

func (c *dating) failure(e *ir.Error) *ir.Error {
	if of := c.errors[e]; of != nil {
		return of
	}
	of := *e
	of.Data = c.typ(e.Data)
	c.errors[e] = &of
	return &of
}

func (c *dating) namespace(ns *ir.Namespace) *ir.Namespace {
	of := *ns
	of.Parts = each(ns.Parts, func(p *ir.NamePart) *ir.NamePart {
		part := *p
		part.Type = c.typ(p.Type)
		return &part
	})
	of.Auth, of.Data = c.typ(ns.Auth), c.typ(ns.Data)
	of.ConnectErrors, of.EveryErrors = each(ns.ConnectErrors, c.failure), each(ns.EveryErrors, c.failure)
	of.Client, of.Server, of.Cluster = each(ns.Client, c.event), each(ns.Server, c.event), each(ns.Cluster, c.event)
	return &of
}

func (c *dating) event(e *ir.Event) *ir.Event {
	of := *e
	of.Payload, of.Errors = c.typ(e.Payload), each(e.Errors, c.failure)
	if e.Ack != nil {
		ack := *e.Ack
		ack.Type = c.typ(e.Ack.Type)
		of.Ack = &ack
	}
	return &of
}

// A revivers writes what makes dates of the texts that are received.
type revivers struct {
	holds   declSet // declarations with a date in them, at any depth
	written declSet
	due     []*ir.Decl // whose functions are called and not written
	helpers map[string]bool
}

// reviveHelpers are those that only some documents call.
var reviveHelpers = []string{"inEach", "inField", "reviveVariant", "addEvent"}

func newRevivers(doc *ir.Document) *revivers {
	r := &revivers{holds: declSet{}, written: declSet{}, helpers: map[string]bool{}}
	users := map[*ir.Decl][]*ir.Decl{}
	var hold func(d *ir.Decl)
	hold = func(d *ir.Decl) {
		if !r.holds[d] {
			r.holds[d] = true
			for _, user := range users[d] {
				hold(user)
			}
		}
	}
	var direct []*ir.Decl
	for _, d := range doc.Decls {
		for _, t := range parts(d) {
			for t.Elem != nil {
				t = t.Elem
			}
			switch {
			case t.Scalar == date:
				direct = append(direct, d)
			case t.Ref != nil:
				users[t.Ref] = append(users[t.Ref], d)
			}
		}
	}
	for _, d := range direct {
		hold(d)
	}
	return r
}

// parts returns the types that d is made of.
func parts(d *ir.Decl) (types []*ir.Type) {
	if d.Of != nil {
		types = append(types, d.Of)
	}
	for _, f := range d.Fields {
		types = append(types, f.Type)
	}
	for _, v := range d.Variants {
		types = append(types, &ir.Type{Kind: ir.RefType, Ref: v.Of})
	}
	return types
}

// has tells whether there is a date in t.
func (r *revivers) has(t *ir.Type) bool {
	for t != nil && t.Elem != nil {
		t = t.Elem
	}
	return t != nil && (t.Scalar == date || r.holds[t.Ref])
}

// function returns the function for a type that has a date in it.
func (r *revivers) function(t *ir.Type) layout {
	switch {
	case t.Elem != nil:
		return r.call("inEach", r.function(t.Elem))
	case t.Ref != nil:
		if !r.written[t.Ref] {
			r.written[t.Ref] = true
			r.due = append(r.due, t.Ref)
		}
		return text("revive" + t.Ref.Ident)
	}
	return text("toDate")
}

// call is a helper with its arguments.
func (r *revivers) call(helper string, arguments ...layout) layout {
	r.helpers[helper] = true
	return groupOf(text(helper+"("), items(arguments), text(")"))
}

// received tells whether what the server sends in ns has a date.
func (r *revivers) received(ns *ir.Namespace) bool {
	return len(r.statements(ns)) > 0
}

// statements returns the calls that say where dates are in what the server of ns sends.
func (r *revivers) statements(ns *ir.Namespace) (calls []layout) {
	set := func(table, key string, function layout) {
		calls = append(calls, groupOf(text("dates."+table+".set("), items([]layout{text(quote(key)), function}), text(");")))
	}
	for _, e := range ns.Server {
		if given := r.event(e); given != nil {
			r.helpers["addEvent"] = true
			given = append([]layout{text("dates"), text(quote(e.Wire))}, given...)
			calls = append(calls, groupOf(text("addEvent("), items(given), text(");")))
		}
	}
	for _, e := range ns.Client {
		switch {
		case e.Ack == nil || !r.has(e.Ack.Type):
		case e.Ack.Plain:
			set("answers", e.Wire, r.function(e.Ack.Type))
		default:
			set("answers", e.Wire, r.call("inField", text(`"value"`), r.function(e.Ack.Type)))
		}
	}
	for _, e := range ns.Errors() {
		if r.has(e.Data) {
			set("failures", e.Code, r.function(e.Data))
		}
	}
	return calls
}

// event returns the functions for the arguments of an event, nil where it has no dates.
func (r *revivers) event(e *ir.Event) []layout {
	var types []*ir.Type
	if fields := e.Arguments(); fields == nil {
		types = append(types, e.Payload)
	} else {
		for _, f := range fields {
			types = append(types, f.Type)
		}
	}
	if !slices.ContainsFunc(types, r.has) {
		return nil
	}
	var given []layout
	for _, t := range types {
		if r.has(t) {
			given = append(given, r.function(t))
		} else {
			given = append(given, text("undefined"))
		}
	}
	return given
}

// datesIdent names the function that says where the dates of a namespace are.
func datesIdent(ns *ir.Namespace) string { return "datesOf" + ns.Prefix }

// revivers writes the functions for what is received in the namespaces.
func (m *module) revivers(doc *ir.Document) {
	r := m.dates
	if r == nil {
		return
	}
	for _, ns := range doc.Namespaces {
		calls := r.statements(ns)
		if len(calls) == 0 {
			continue
		}
		m.claim(datesIdent(ns), "what finds the dates of "+quote(ns.Path))
		m.begin("Says where dates are in what the server sends in "+quote(ns.Path)+".", "")
		calls = append([]layout{text("const dates = noDates();")}, calls...)
		m.function(datesIdent(ns)+"(): Dates", append(calls, text("return dates;")))
	}
	for len(r.due) > 0 {
		d := r.due[0]
		r.due = r.due[1:]
		m.claim("revive"+d.Ident, "what finds the dates of "+quote(d.Origin))
		m.gap()
		m.function("revive"+d.Ident+"(value: unknown): unknown", r.body(d))
	}
}

// keepDates says which of the helpers of dates a module has.
func (m *module) keepDates(doc *ir.Document, keep map[string]bool) {
	r := m.dates
	keep["dates"] = r != nil && slices.ContainsFunc(doc.Namespaces, r.received)
	for _, helper := range reviveHelpers {
		keep[helper] = keep["dates"] && r.helpers[helper]
	}
}

// function writes a function of statements.
func (m *module) function(begins string, statements []layout) {
	m.print(sequence{text("function " + begins + " {"), indented{sequence{hardLine, join(hardLine, statements)}}, hardLine, text("}")})
}

// body returns the statements that make the dates of d, and return its value.
func (r *revivers) body(d *ir.Decl) (statements []layout) {
	if d.Of != nil {
		return []layout{sequence{text("return "), r.function(d.Of), text("(value);")}}
	}
	call := func(helper string, arguments ...layout) {
		statements = append(statements, groupOf(text(helper+"("), items(append([]layout{text("value")}, arguments...)), text(");")))
	}
	for _, f := range d.Fields {
		if r.has(f.Type) {
			call("reviveField", text(quote(f.Wire)), r.function(f.Type))
		}
	}
	for _, v := range d.Variants {
		if r.holds[v.Of] {
			r.helpers["reviveVariant"] = true
			call("reviveVariant", text(quote(d.Tag)), text(quote(v.Wire)), r.function(&ir.Type{Kind: ir.RefType, Ref: v.Of}))
		}
	}
	return append(statements, text("return value;"))
}
