// SPDX-License-Identifier: Apache-2.0

package ir

import "slices"

// Reached returns the declarations that generated code needs: those of the document's own
// file, and what they, the errors and the namespaces are made of.
func (doc *Document) Reached() map[*Decl]bool {
	found := map[*Decl]bool{}
	var add func(d *Decl)
	reach := func(t *Type) {
		for ; t != nil; t = t.Elem {
			if t.Ref != nil {
				add(t.Ref)
			}
		}
	}
	add = func(d *Decl) {
		if found[d] {
			return
		}
		found[d] = true
		for _, part := range d.Parts() {
			add(part)
		}
	}
	for _, d := range doc.Decls {
		if d.File == "" {
			add(d)
		}
	}
	for _, e := range doc.Errors {
		reach(e.Data)
	}
	for _, ns := range doc.Namespaces {
		ns.eachType(reach)
	}
	return found
}

// eachType calls f with every type that the namespace mentions; some are nil.
func (ns *Namespace) eachType(f func(*Type)) {
	f(ns.Auth)
	f(ns.Data)
	for _, p := range ns.Parts {
		f(p.Type)
	}
	for _, r := range ns.Rooms {
		for _, p := range r.Parts {
			f(p.Type)
		}
	}
	for _, e := range slices.Concat(ns.Client, ns.Server, ns.Cluster) {
		f(e.Payload)
		if e.Ack != nil {
			f(e.Ack.Type)
		}
	}
}

// Prune leaves out the declarations of imported files that nothing needs.
func (doc *Document) Prune() {
	needed := doc.Reached()
	doc.Decls = slices.DeleteFunc(doc.Decls, func(d *Decl) bool { return !needed[d] })
}

// Closure returns those of doc's declarations that are among the given ones, by their
// identifiers, and what they are made of, in the document's order.
func (doc *Document) Closure(idents map[string]bool) []*Decl {
	part := &Document{}
	for _, d := range doc.Decls {
		if idents[d.Ident] {
			part.Errors = append(part.Errors, &Error{Data: &Type{Kind: RefType, Ref: d}})
		}
	}
	found := part.Reached()
	var all []*Decl
	for _, d := range doc.Decls {
		if found[d] {
			all = append(all, d)
		}
	}
	return all
}
