// SPDX-License-Identifier: Apache-2.0

package compat_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/sockgen/sockgen/gen/compat"
	"github.com/sockgen/sockgen/gen/ir"
)

// A writer draws a document of one namespace. Its choices are few, so that two
// documents are alike now and then.
type writer struct {
	*rapid.T
	doc *ir.Document
}

func (w *writer) upTo(most int) int { return rapid.IntRange(0, most).Draw(w.T, "number") }
func (w *writer) flip() bool        { return rapid.Bool().Draw(w.T, "flip") }

func pick[T any](w *writer, of ...T) T { return rapid.SampledFrom(of).Draw(w.T, "choice") }

// draw returns a random document. Types refer to each other in every way,
// themselves included.
func draw(t *rapid.T) *ir.Document {
	w := &writer{T: t, doc: &ir.Document{}}
	structs := 1 + w.upTo(2)
	for i := range structs {
		w.doc.Decls = append(w.doc.Decls, &ir.Decl{Ident: fmt.Sprintf("S%d", i), Kind: ir.Struct})
	}
	for i := range w.upTo(2) {
		kind := pick(w, ir.Alias, ir.Enum, ir.Union)
		w.doc.Decls = append(w.doc.Decls, &ir.Decl{Ident: fmt.Sprintf("T%d", i), Kind: kind, Open: kind != ir.Alias && w.flip()})
	}
	for _, d := range w.doc.Decls {
		w.fill(d, w.doc.Decls[:structs])
	}
	ns := &ir.Namespace{Path: "/"}
	e := &ir.Error{Code: "e", Ident: "E"}
	if w.flip() {
		e.Data = w.typ(1)
	}
	w.doc.Errors = []*ir.Error{e}
	if w.flip() {
		ns.Auth = &ir.Type{Kind: ir.RefType, Ref: w.doc.Decls[0]}
	}
	ns.Client = w.events("c", e)
	ns.Server = w.events("s", nil)
	w.doc.Namespaces = []*ir.Namespace{ns}
	return w.doc
}

func (w *writer) fill(d *ir.Decl, structs []*ir.Decl) {
	switch d.Kind {
	case ir.Struct:
		d.Fields = w.fields()
	case ir.Alias:
		d.Of = pick(w, &ir.Type{Kind: ir.ListType, Elem: w.scalar()}, w.scalar())
	case ir.Enum:
		for _, v := range []string{"a", "b", "c"}[:1+w.upTo(2)] {
			d.Values = append(d.Values, &ir.EnumValue{Wire: v})
		}
	case ir.Union:
		d.Tag = pick(w, "k", "l")
		for i := range 1 + w.upTo(len(structs)-1) {
			d.Variants = append(d.Variants, &ir.Variant{Wire: fmt.Sprint(i), Of: structs[i]})
		}
	}
}

func (w *writer) fields() []*ir.Field {
	var fields []*ir.Field
	for _, name := range []string{"x", "y", "z"}[:w.upTo(3)] {
		fields = append(fields, &ir.Field{Wire: name, Type: w.typ(0), Optional: w.flip()})
	}
	return fields
}

func (w *writer) events(name string, e *ir.Error) []*ir.Event {
	var events []*ir.Event
	for i := range w.upTo(2) {
		event := &ir.Event{Wire: fmt.Sprint(name, i), Strict: w.flip()}
		if w.flip() {
			event.Payload = w.typ(0)
		}
		if w.flip() {
			event.Ack = &ir.Ack{}
			if w.flip() {
				event.Ack.Type = w.typ(0)
			}
		}
		if e != nil && w.flip() {
			event.Errors = []*ir.Error{e}
		}
		events = append(events, event)
	}
	return events
}

func (w *writer) scalar() *ir.Type {
	t := &ir.Type{Kind: ir.ScalarType, Scalar: pick(w, ir.Int, ir.Int32, ir.String, ir.Any, ir.Bytes, ir.Float64)}
	t.Nullable = w.flip() && t.Scalar != ir.Any
	if t.Scalar == ir.String && w.flip() {
		t.Constraint.Length = &ir.Span{Min: pick(w, "", "0", "1"), Max: "9"}
	}
	return t
}

func (w *writer) typ(depth int) *ir.Type {
	if depth > 1 || w.upTo(2) == 0 {
		return w.scalar()
	}
	switch w.upTo(3) {
	case 0:
		return &ir.Type{Kind: ir.ListType, Elem: w.typ(depth + 1), Nullable: w.flip()}
	case 1:
		return &ir.Type{Kind: ir.MapType, Elem: w.typ(depth + 1)}
	}
	return &ir.Type{Kind: ir.RefType, Ref: pick(w, w.doc.Decls...), Nullable: w.flip()}
}

// disguise returns a document that says the same on the wire: each reference
// may lead to another copy of what it named, and nothing is where it was.
func disguise(t *rapid.T, doc *ir.Document) *ir.Document {
	d := &disguiser{T: t, copies: map[*ir.Decl][]*ir.Decl{}}
	ns := *doc.Namespaces[0]
	ns.Auth = d.typ(ns.Auth)
	codes := map[*ir.Error]*ir.Error{}
	for _, e := range doc.Errors {
		codes[e] = &ir.Error{Code: e.Code, Ident: "Other", Message: "other", Data: d.typ(e.Data)}
	}
	ns.Client, ns.Server = d.events(ns.Client, codes), d.events(ns.Server, codes)
	return &ir.Document{Name: "other", Version: "9", Namespaces: []*ir.Namespace{&ns}}
}

type disguiser struct {
	*rapid.T
	copies map[*ir.Decl][]*ir.Decl
	made   int
}

func shuffled[T any](t *rapid.T, list []T) []T {
	if len(list) == 0 {
		return nil
	}
	return rapid.Permutation(list).Draw(t, "order")
}

func (d *disguiser) decl(old *ir.Decl) *ir.Decl {
	if n := len(d.copies[old]); n > 0 && (n >= 3 || rapid.Bool().Draw(d.T, "share")) {
		return d.copies[old][rapid.IntRange(0, n-1).Draw(d.T, "copy")]
	}
	d.made++
	decl := *old
	decl.Ident, decl.Doc = fmt.Sprintf("D%d", d.made), "Another."
	d.copies[old] = append(d.copies[old], &decl)
	decl.Of = d.typ(old.Of)
	decl.Fields, decl.Values, decl.Variants = nil, shuffled(d.T, old.Values), nil
	for _, f := range shuffled(d.T, old.Fields) {
		decl.Fields = append(decl.Fields, &ir.Field{Wire: f.Wire, Ident: "Other", Type: d.typ(f.Type), Optional: f.Optional})
	}
	for _, v := range shuffled(d.T, old.Variants) {
		decl.Variants = append(decl.Variants, &ir.Variant{Wire: v.Wire, Of: d.decl(v.Of)})
	}
	return &decl
}

func (d *disguiser) typ(old *ir.Type) *ir.Type {
	if old == nil {
		return nil
	}
	t := *old
	t.Elem = d.typ(old.Elem)
	if t.Kind == ir.RefType {
		if alias := t.Ref; alias.Kind == ir.Alias && rapid.Bool().Draw(d.T, "write out") {
			t = *d.typ(alias.Of)
			t.Nullable = (t.Nullable || old.Nullable) && t.Scalar != ir.Any
		} else {
			t.Ref = d.decl(t.Ref)
		}
	}
	return &t
}

func (d *disguiser) events(old []*ir.Event, codes map[*ir.Error]*ir.Error) []*ir.Event {
	var events []*ir.Event
	for _, e := range shuffled(d.T, old) {
		event := &ir.Event{Wire: e.Wire, Strict: e.Strict, Payload: d.typ(e.Payload), Ident: "Other", Volatile: true}
		if e.Ack != nil {
			event.Ack = &ir.Ack{Plain: e.Ack.Plain, Type: d.typ(e.Ack.Type)}
		}
		for _, code := range e.Errors {
			event.Errors = append(event.Errors, codes[code])
		}
		events = append(events, event)
	}
	return events
}

// A document in disguise has the same fingerprint, and nothing has changed.
func TestRandomDisguise(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		doc := draw(t)
		a, b := compat.Models(doc)[0], compat.Models(disguise(t, doc))[0]
		if a.Fingerprint() != b.Fingerprint() {
			t.Fatalf("fingerprints %s and %s", a.Fingerprint(), b.Fingerprint())
		}
		if changes := slices.Concat(compat.Compare(a, b), compat.Compare(b, a)); len(changes) > 0 {
			t.Fatalf("changes:\n%s", lines(changes))
		}
	})
}

// Two documents have one fingerprint exactly when comparing them finds nothing,
// whichever is the older one.
func TestRandomPairs(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := compat.Models(draw(t))[0], compat.Models(draw(t))[0]
		equal := a.Fingerprint() == b.Fingerprint()
		for _, changes := range [][]compat.Change{compat.Compare(a, b), compat.Compare(b, a)} {
			if equal != (len(changes) == 0) {
				t.Fatalf("equal fingerprints: %t; changes:\n%s", equal, lines(changes))
			}
		}
	})
}

// Whatever changes at one place, deep in a document, changes the fingerprint, and
// is reported.
func TestRandomChange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		doc := draw(t)
		before := compat.Models(doc)[0]
		ns := doc.Namespaces[0]
		var reachable []*ir.Decl
		for _, d := range doc.Decls {
			if _, ok := before.Types[d.Ident]; ok {
				reachable = append(reachable, d)
			}
		}
		if len(reachable) == 0 {
			ns.Client = append(ns.Client, &ir.Event{Wire: "another"})
		} else {
			change(t, rapid.SampledFrom(reachable).Draw(t, "where"))
		}
		after := compat.Models(doc)[0]
		if before.Fingerprint() == after.Fingerprint() {
			t.Fatalf("the fingerprint stays %s", before.Fingerprint())
		}
		if len(compat.Compare(before, after)) == 0 {
			t.Fatal("no change is reported")
		}
	})
}

// change changes a declaration in one of the ways in which it can change.
func change(t *rapid.T, d *ir.Decl) {
	switch d.Kind {
	case ir.Struct:
		if len(d.Fields) > 0 && rapid.Bool().Draw(t, "a field that is there") {
			f := rapid.SampledFrom(d.Fields).Draw(t, "field")
			f.Optional = !f.Optional
			return
		}
		d.Fields = append(d.Fields, &ir.Field{Wire: "more", Type: &ir.Type{Scalar: ir.Bool}})
	case ir.Alias:
		d.Of = &ir.Type{Kind: ir.MapType, Elem: d.Of}
	case ir.Enum:
		d.Values = append(d.Values, &ir.EnumValue{Wire: "more"})
	case ir.Union:
		d.Tag += "g"
	}
}
