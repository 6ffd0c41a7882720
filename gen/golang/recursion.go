// SPDX-License-Identifier: Apache-2.0

package golang

import "github.com/sockgen/sockgen/gen/ir"

// A recursion tells which types contain themselves. It numbers the types such that those
// which contain each other have the same number, in one pass over all that they hold
// (Tarjan's algorithm).
type recursion struct {
	parts   func(*ir.Decl) []*ir.Decl // what a type contains
	numbers map[*ir.Decl]int          // of those that are done
	sizes   map[int]int               // how many have a number
	loops   map[*ir.Decl]bool         // those that contain themselves at once
	found   map[*ir.Decl]int          // how many were found before a type, from 1
	stack   []*ir.Decl                // found and not done
}

// newLayouts returns what tells which structs Go could not lay out: those within a field
// of themselves, other than through a list or a map.
func newLayouts() *recursion { return newRecursion(structsOf) }

// newNesting returns what tells which types have values that may hold values of the same
// type, and so each other in a circle.
func newNesting() *recursion { return newRecursion((*ir.Decl).Parts) }

func newRecursion(parts func(*ir.Decl) []*ir.Decl) *recursion {
	return &recursion{parts: parts, numbers: map[*ir.Decl]int{}, sizes: map[int]int{}, loops: map[*ir.Decl]bool{}, found: map[*ir.Decl]int{}}
}

// number returns d's number.
func (r *recursion) number(d *ir.Decl) int {
	if r.found[d] == 0 {
		r.visit(d)
	}
	return r.numbers[d]
}

// visit numbers d and what it contains, and returns the earliest type on the stack, by
// found, that d contains.
func (r *recursion) visit(d *ir.Decl) (earliest int) {
	r.found[d] = len(r.found) + 1
	earliest = r.found[d]
	r.stack = append(r.stack, d)
	for _, inner := range r.parts(d) {
		if inner == d {
			r.loops[d] = true
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
			r.sizes[earliest]++
			done = top == d
		}
	}
	return earliest
}

// contains tells whether a value of t, the type of a field of owner, has one of owner
// within it.
func (r *recursion) contains(t *ir.Type, owner *ir.Decl) bool {
	inner := structOf(t)
	return inner != nil && r.number(inner) == r.number(owner)
}

// itself tells whether a value of d may have one of d within it.
func (r *recursion) itself(d *ir.Decl) bool { return r.sizes[r.number(d)] > 1 || r.loops[d] }

// structsOf returns the structs that fields of d hold, if it is a struct.
func structsOf(d *ir.Decl) (list []*ir.Decl) {
	if d.Kind != ir.Struct {
		return nil
	}
	for _, f := range d.Fields {
		if inner := structOf(f.Type); inner != nil {
			list = append(list, inner)
		}
	}
	return list
}

// structOf returns the struct that a field of type t holds, or nil.
func structOf(t *ir.Type) *ir.Decl {
	if t.Kind != ir.RefType || t.Ref.Kind != ir.Struct {
		return nil
	}
	return t.Ref
}
