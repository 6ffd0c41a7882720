// SPDX-License-Identifier: Apache-2.0

package typescript

import (
	"slices"

	"github.com/sockgen/sockgen/gen/ir"
)

// A declSet holds declarations that have been reached.
type declSet map[*ir.Decl]bool

// hiddenDecls returns the declarations that a module leaves out: what only the
// server's own state and the talk among its nodes are made of, and the structs
// of positional arguments, which the signatures spell out.
func hiddenDecls(doc *ir.Document) declSet {
	private, public, arguments := declSet{}, declSet{}, declSet{}
	for _, ns := range doc.Namespaces {
		private.reach(ns.Data)
		for _, e := range ns.Cluster {
			private.reach(e.Payload)
		}
	}
	for _, ns := range doc.Namespaces {
		for _, e := range slices.Concat(ns.Client, ns.Server) {
			if e.Positional && e.Payload != nil {
				arguments[e.Payload.Ref] = true
			}
		}
	}
	eachPublicType(doc, public.reach)
	for _, d := range doc.Decls { // nobody uses them, and they use others
		if !private[d] && !arguments[d] {
			public.reachDecl(d)
		}
	}
	hidden := declSet{}
	for _, d := range doc.Decls {
		hidden[d] = !public[d]
	}
	return hidden
}

// strictDecls returns the declarations in the payloads of events that refuse unknown
// fields.
func strictDecls(doc *ir.Document) declSet {
	strict := declSet{}
	for _, ns := range doc.Namespaces {
		for _, e := range slices.Concat(ns.Client, ns.Server) {
			if e.Strict && e.Positional {
				for _, f := range e.Arguments() {
					strict.reach(f.Type)
				}
			} else if e.Strict {
				strict.reach(e.Payload)
			}
		}
	}
	return strict
}

// eachPublicType calls f with every type that a client has to know, wherever one
// begins.
func eachPublicType(doc *ir.Document, f func(*ir.Type)) {
	for _, e := range doc.Errors {
		f(e.Data)
	}
	for _, ns := range doc.Namespaces {
		f(ns.Auth)
		for _, p := range ns.Parts {
			f(p.Type)
		}
		for _, e := range slices.Concat(ns.Client, ns.Server) {
			if !e.Positional {
				f(e.Payload)
			}
			for _, argument := range e.Arguments() {
				f(argument.Type)
			}
			if e.Ack != nil {
				f(e.Ack.Type)
			}
		}
	}
}

// reach adds what t is made of. A nil type is made of nothing.
func (s declSet) reach(t *ir.Type) {
	switch {
	case t == nil:
	case t.Elem != nil:
		s.reach(t.Elem)
	case t.Ref != nil:
		s.reachDecl(t.Ref)
	}
}

func (s declSet) reachDecl(d *ir.Decl) {
	if s[d] {
		return
	}
	s[d] = true
	s.reach(d.Of)
	for _, f := range d.Fields {
		s.reach(f.Type)
	}
	for _, v := range d.Variants {
		s.reachDecl(v.Of)
	}
}

// namesItself reports whether an alias leads back to itself by maps, lists and
// other aliases alone. TypeScript wants the maps in it spelled out.
func namesItself(d *ir.Decl) bool {
	seen := declSet{}
	var follow func(t *ir.Type) bool
	follow = func(t *ir.Type) bool {
		switch {
		case t == nil:
			return false
		case t.Elem != nil:
			return follow(t.Elem)
		case t.Ref == d:
			return true
		case t.Ref == nil || t.Ref.Kind != ir.Alias || seen[t.Ref]:
			return false
		}
		seen[t.Ref] = true
		return follow(t.Ref.Of)
	}
	return d.Kind == ir.Alias && follow(d.Of)
}

// usesBytes reports whether binary data occurs in what a module declares.
func usesBytes(doc *ir.Document) bool {
	found := false
	look := func(t *ir.Type) { found = found || isBytes(t) }
	for _, d := range visibleDecls(doc) {
		if isElsewhere(d) {
			continue
		}
		look(d.Of)
		for _, f := range d.Fields {
			look(f.Type)
		}
	}
	eachPublicType(doc, look)
	return found
}

// Visible returns the declarations that the module of doc has: all but those that clients
// never see.
func Visible(doc *ir.Document) []*ir.Decl { return visibleDecls(doc) }

// visibleDecls returns the declarations that the module has.
func visibleDecls(doc *ir.Document) []*ir.Decl {
	hidden := hiddenDecls(doc)
	var all []*ir.Decl
	for _, d := range doc.Decls {
		if !hidden[d] {
			all = append(all, d)
		}
	}
	return all
}

// isBytes reports whether t is bytes, or a list or map of them. The declarations
// that it refers to are looked at on their own.
func isBytes(t *ir.Type) bool {
	if t == nil {
		return false
	}
	return t.Scalar == ir.Bytes || isBytes(t.Elem)
}
