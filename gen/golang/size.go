// SPDX-License-Identifier: Apache-2.0

package golang

import "github.com/sockgen/sockgen/gen/ir"

// maxInline is how many bytes a struct may have that a field which may be absent or null
// holds itself. A larger one is behind a pointer, so that a message of a few bytes is no
// value of many kilobytes, of which most is absent.
const maxInline = 128

// A layout is how many bytes a Go value takes on a 64-bit machine, and to a multiple of
// how many it is put.
type layout struct{ size, align int }

var (
	word1 = layout{8, 8}  // a pointer, a map, a number of 64 bits
	word2 = layout{16, 8} // a string, an interface
	word3 = layout{24, 8} // a slice, a time.Time, and for want of knowledge whatever is custom
)

// then returns the layout of a struct whose fields so far have l, once it has next, too.
func (l layout) then(next layout) layout {
	return layout{l.padded(next.align) + next.size, max(l.align, next.align)}
}

// padded returns the size up to the next multiple of align.
func (l layout) padded(align int) int { return (l.size + align - 1) / align * align }

// isLarge tells whether d, or what is sent of it, is larger than what a field should hold
// that may be without it.
func (g *generator) isLarge(d *ir.Decl) bool {
	large, known := g.large[d]
	if !known {
		large = g.layoutOf(d).size > maxInline
		for _, other := range []*ir.Decl{g.inputs[d], g.receiveds[d]} {
			if other != nil { // both are held in the same way
				large = large || g.layoutOf(other).size > maxInline
			}
		}
		g.large[d] = large
	}
	return large
}

// layoutOf returns the layout of a struct.
func (g *generator) layoutOf(d *ir.Decl) layout {
	if l, ok := g.layouts[d]; ok {
		return l
	}
	l := layout{0, 1}
	g.layouts[d] = l // a struct that needs itself has no layout, and is refused elsewhere
	for _, f := range d.Fields {
		l = l.then(g.fieldLayout(d, f))
	}
	l.size = l.padded(l.align)
	g.layouts[d] = l
	return l
}

// fieldLayout returns the layout of a field of owner. What contains owner again is behind
// a pointer, so that this ends.
func (g *generator) fieldLayout(owner *ir.Decl, f *ir.Field) layout {
	flagged := func(l layout) layout { return l.then(layout{1, 1}).whole() }
	switch g.formOf(owner, f) {
	case pointerForm, nullPointerForm:
		return word1
	case optPointerForm:
		return flagged(word1)
	case optForm, nullForm:
		return flagged(g.bareLayout(f.Type))
	case optNullForm:
		return flagged(flagged(g.bareLayout(f.Type)))
	}
	return g.bareLayout(f.Type)
}

// whole returns the layout of a struct that ends with l.
func (l layout) whole() layout { return layout{l.padded(l.align), l.align} }

// bareLayout returns the layout of t's values other than null.
func (g *generator) bareLayout(t *ir.Type) layout {
	switch {
	case isForeign(t):
		return word3
	case t.Kind == ir.MapType:
		return word1
	case t.Kind == ir.ListType:
		return word3
	case t.Kind == ir.RefType && t.Ref.Kind == ir.Alias:
		l := g.bareLayout(t.Ref.Of)
		if t.Ref.Of.IsNullable() {
			l = l.then(layout{1, 1}).whole()
		}
		return l
	case t.Kind == ir.RefType && t.Ref.Kind == ir.Struct:
		return g.layoutOf(t.Ref)
	case t.Kind == ir.RefType: // an enum or a union
		return word2
	}
	switch t.Scalar {
	case ir.Bool:
		return layout{1, 1}
	case ir.Int32, ir.Uint32, ir.Float32:
		return layout{4, 4}
	case ir.String, ir.UUID:
		return word2
	case ir.Bytes, ir.Timestamp, ir.Any:
		return word3
	}
	return word1
}
