// SPDX-License-Identifier: Apache-2.0

package golang

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/sockgen/sockgen/gen/ir"
)

// TestRecursion compares with a search that follows every field.
func TestRecursion(t *testing.T) {
	for seed := range uint64(500) {
		rng := rand.New(rand.NewPCG(seed, 1))
		doc := &ir.Document{Decls: make([]*ir.Decl, 1+rng.IntN(9))}
		for i := range doc.Decls {
			doc.Decls[i] = &ir.Decl{Ident: fmt.Sprint("T", i), Kind: ir.Struct}
		}
		for _, d := range doc.Decls {
			for range rng.IntN(3) {
				of := ref(doc.Decls[rng.IntN(len(doc.Decls))])
				if rng.IntN(5) == 0 {
					of = &ir.Type{Kind: ir.ListType, Elem: of}
				}
				d.Fields = append(d.Fields, &ir.Field{Type: of})
			}
		}
		r, nesting := newLayouts(), newNesting()
		for _, d := range doc.Decls {
			if got, want := nesting.itself(d), holds(d, d, map[*ir.Decl]bool{}); got != want {
				t.Fatalf("seed %d: %s may hold itself: %v, want %v", seed, d.Ident, got, want)
			}
			for i, f := range d.Fields {
				if got, want := r.contains(f.Type, d), reaches(f.Type, d, map[*ir.Decl]bool{}); got != want {
					t.Fatalf("seed %d: field %d of %s contains it: %v, want %v", seed, i, d.Ident, got, want)
				}
			}
		}
	}
}

func reaches(t *ir.Type, owner *ir.Decl, seen map[*ir.Decl]bool) bool {
	inner := structOf(t)
	if inner == nil || seen[inner] {
		return false
	}
	if inner == owner {
		return true
	}
	seen[inner] = true
	for _, f := range inner.Fields {
		if reaches(f.Type, owner, seen) {
			return true
		}
	}
	return false
}

func holds(d, part *ir.Decl, seen map[*ir.Decl]bool) bool {
	for _, inner := range d.Parts() {
		if inner == part {
			return true
		}
		if !seen[inner] {
			seen[inner] = true
			if holds(inner, part, seen) {
				return true
			}
		}
	}
	return false
}
