// SPDX-License-Identifier: Apache-2.0

package check

import (
	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/ir"
	"github.com/sockgen/sockgen/gen/schema"
)

// maxDepth is how many structs, lists and maps a value may have within each other. A
// packet has 64 levels, of which its list of arguments and the envelope of an ack are two.
const maxDepth = 62

// tooDeep reports the types with values that no peer reads, since their parts are too far
// within each other. What contains such a type is not reported again. A value of a type
// that contains itself has an end somewhere; only who makes it knows where.
func (c *checker) tooDeep() {
	m := &depths{known: map[*ir.Decl]int{}, within: map[*ir.Decl]bool{}}
	look := func(d *ir.Decl, n *schema.Node, what string) {
		if depth := m.of(d); depth > maxDepth && !m.within[d] {
			c.report(n, diag.TooDeep, "a value of %s may have %d structs, lists and maps within each other, and no more than %d travel: "+
				"join structs that belong together, or refer to a part by its id", what, depth, maxDepth)
		}
	}
	for _, name := range c.names {
		look(c.types[name].decl, c.types[name].name, diag.Quote(name))
	}
	for _, s := range c.inline {
		look(s.decl, s.node, "the struct of "+diag.Quote(s.decl.Origin))
	}
}

// A depths knows how far the parts of declarations are within each other.
type depths struct {
	known  map[*ir.Decl]int  // 0 while it is looked for
	within map[*ir.Decl]bool // those of which a part is too deep by itself
}

func (m *depths) of(d *ir.Decl) int {
	if depth, ok := m.known[d]; ok {
		return depth
	}
	m.known[d] = 0
	inner := 0
	look := func(t *ir.Type) {
		lists := 0
		for ; t.Elem != nil; t = t.Elem {
			lists++
		}
		of := 0
		if t.Ref != nil {
			of = m.of(t.Ref)
		}
		m.within[d] = m.within[d] || of > maxDepth
		inner = max(inner, lists+of)
	}
	switch d.Kind {
	case ir.Alias:
		look(d.Of)
	case ir.Struct:
		for _, f := range d.Fields {
			look(f.Type)
		}
		inner++
	case ir.Union:
		for _, v := range d.Variants {
			look(&ir.Type{Kind: ir.RefType, Ref: v.Of})
		}
	}
	m.known[d] = inner
	return inner
}
