// SPDX-License-Identifier: Apache-2.0

package ir

import (
	"maps"
	"slices"
)

// InputIdent names what is sent of a declaration in which a value has a default. The
// value may be absent from it, and is always there in what is received, which has the
// declaration's own name.
func (d *Decl) InputIdent() string { return d.Ident + "Input" }

// Inputs are what is sent of the declarations in which a value has a default: copies
// that have another name, in whose fields the value may be absent. The declarations
// themselves are what is received.
type Inputs map[*Decl]*Decl

// Inputs returns what is sent of the declarations in which a value has a default, at
// any depth, unless they are the server's own state alone, which nobody sends.
func (doc *Document) Inputs() Inputs {
	own := doc.ownState()
	in := Inputs{}
	for d := range doc.WithDefaults() {
		if own[d] && d.Module == nil { // other documents may send what is shared
			continue
		}
		sent := *d
		sent.Ident = d.InputIdent()
		sent.Doc = "What is sent as " + d.Ident + ": values that have a default may be absent."
		in[d] = &sent
	}
	for d, sent := range in {
		sent.Of = in.Of(d.Of)
		sent.Fields = in.Fields(d.Fields)
		sent.Variants = nil
		for _, v := range d.Variants {
			variant := *v
			if of, ok := in[v.Of]; ok {
				variant.Of = of
			}
			sent.Variants = append(sent.Variants, &variant)
		}
	}
	return in
}

// Of returns the type of a value that is sent.
func (in Inputs) Of(t *Type) *Type {
	switch {
	case t == nil:
		return nil
	case t.Elem != nil:
		of := *t
		of.Elem = in.Of(t.Elem)
		return &of
	case in[t.Ref] != nil:
		of := *t
		of.Ref = in[t.Ref]
		return &of
	}
	return t
}

// Differ tells whether what is sent of t is not what is received.
func (in Inputs) Differ(t *Type) bool {
	for ; t != nil; t = t.Elem {
		if in[t.Ref] != nil {
			return true
		}
	}
	return false
}

// Fields returns fields as they are sent.
func (in Inputs) Fields(fields []*Field) []*Field {
	var list []*Field
	for _, f := range fields {
		sent := *f
		sent.Type = in.Of(f.Type)
		list = append(list, &sent)
	}
	return list
}

// WithDefaults returns the declarations in which a value has a default, at any depth:
// what is sent of them is not what is received.
func (doc *Document) WithDefaults() map[*Decl]bool {
	found, holders := map[*Decl]bool{}, map[*Decl][]*Decl{}
	var add func(d *Decl)
	add = func(d *Decl) {
		if found[d] {
			return
		}
		found[d] = true
		for _, holder := range holders[d] {
			add(holder)
		}
	}
	for _, d := range doc.Decls {
		for _, part := range d.Parts() {
			holders[part] = append(holders[part], d)
		}
	}
	for _, d := range doc.Decls {
		for _, f := range d.Fields {
			if f.Default != nil {
				add(d)
			}
		}
	}
	return found
}

// ownState returns the declarations that occur in what a server keeps of its sockets
// and in nothing that travels.
func (doc *Document) ownState() map[*Decl]bool {
	kept, travels := map[*Decl]bool{}, map[*Decl]bool{}
	for _, e := range doc.Errors {
		e.Data.reach(travels)
	}
	for _, ns := range doc.Namespaces {
		ns.Data.reach(kept)
		ns.Auth.reach(travels)
		for _, e := range slices.Concat(ns.Client, ns.Server, ns.Cluster) {
			e.Payload.reach(travels)
			if e.Ack != nil {
				e.Ack.Type.reach(travels)
			}
		}
	}
	maps.DeleteFunc(kept, func(d *Decl, _ bool) bool { return travels[d] })
	return kept
}

// reach adds the declarations that t is made of. A nil type is made of nothing.
func (t *Type) reach(found map[*Decl]bool) {
	for ; t != nil; t = t.Elem {
		if t.Ref != nil {
			t.Ref.reach(found)
		}
	}
}

func (d *Decl) reach(found map[*Decl]bool) {
	if found[d] {
		return
	}
	found[d] = true
	for _, part := range d.Parts() {
		part.reach(found)
	}
}

// Parts returns the declarations that d itself is made of, as often as it mentions them.
func (d *Decl) Parts() []*Decl {
	var parts []*Decl
	look := func(t *Type) {
		for ; t != nil; t = t.Elem {
			if t.Ref != nil {
				parts = append(parts, t.Ref)
			}
		}
	}
	look(d.Of)
	for _, f := range d.Fields {
		look(f.Type)
	}
	for _, v := range d.Variants {
		parts = append(parts, v.Of)
	}
	return parts
}
