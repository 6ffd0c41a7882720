// SPDX-License-Identifier: Apache-2.0

package golang

import "github.com/sockgen/sockgen/gen/ir"

// A recursion tells which structs contain themselves, other than through a list or a
// map: Go could not lay them out. It numbers the structs such that those which contain
// each other have the same number, in one pass over all fields (Tarjan's algorithm).
type recursion struct {
	numbers map[*ir.Decl]int // of those that are done
	found   map[*ir.Decl]int // how many were found before a struct, from 1
	stack   []*ir.Decl       // found and not done
}

// recursionOf looks at all structs of doc.
func recursionOf(doc *ir.Document) *recursion {
	r := &recursion{numbers: map[*ir.Decl]int{}, found: map[*ir.Decl]int{}}
	for _, d := range doc.Decls {
		if d.Kind == ir.Struct && r.found[d] == 0 {
			r.visit(d)
		}
	}
	return r
}

// visit numbers d and what it contains, and returns the earliest struct on the stack,
// by found, that d contains.
func (r *recursion) visit(d *ir.Decl) (earliest int) {
	r.found[d] = len(r.found) + 1
	earliest = r.found[d]
	r.stack = append(r.stack, d)
	for _, f := range d.Fields {
		inner := structOf(f.Type)
		if inner == nil {
			continue
		}
		if r.found[inner] == 0 {
			earliest = min(earliest, r.visit(inner))
		} else if r.numbers[inner] == 0 {
			earliest = min(earliest, r.found[inner])
		}
	}
	if earliest == r.found[d] { // d and what is above it contain each other, and nothing below
		for done := false; !done; {
			top := r.stack[len(r.stack)-1]
			r.stack = r.stack[:len(r.stack)-1]
			r.numbers[top] = earliest
			done = top == d
		}
	}
	return earliest
}

// contains tells whether a value of t, the type of a field of owner, has one of owner
// within it.
func (r *recursion) contains(t *ir.Type, owner *ir.Decl) bool {
	inner := structOf(t)
	return inner != nil && r.numbers[inner] != 0 && r.numbers[inner] == r.numbers[owner]
}

// structOf returns the struct that a field of type t holds, or nil.
func structOf(t *ir.Type) *ir.Decl {
	if t.Kind != ir.RefType || t.Ref.Kind != ir.Struct {
		return nil
	}
	return t.Ref
}
