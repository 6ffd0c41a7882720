// SPDX-License-Identifier: Apache-2.0

package check

import (
	"slices"
	"strings"

	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/ir"
)

// recursion reports structs of which each value would need another one within.
// A list or a map may be empty, an optional field absent and another one null, so that
// recursion through them ends.
func (c *checker) recursion() {
	state := map[*ir.Decl]int{} // 1 while it is on path, 2 when it is done
	var path []*ir.Decl
	var visit func(d *ir.Decl)
	visit = func(d *ir.Decl) {
		state[d] = 1
		path = append(path, d)
		for _, f := range d.Fields {
			if f.Type == nil || f.Type.Kind != ir.RefType || f.Type.Ref.Kind != ir.Struct || f.Optional || f.Type.Nullable {
				continue
			}
			switch next := f.Type.Ref; state[next] {
			case 0:
				visit(next)
			case 1:
				c.cycle(f, path, next)
			}
		}
		path = path[:len(path)-1]
		state[d] = 2
	}
	for _, name := range c.names {
		if d := c.types[name].decl; state[d] == 0 {
			visit(d)
		}
	}
	if !c.doc.Damaged && !diag.HasErrors(c.diags) { // then every field has its type
		c.aliasCycles()
		c.endlessUnions()
	}
	if !c.doc.Damaged && !diag.HasErrors(c.diags) {
		c.tooDeep()
	}
}

// aliasCycles reports lists and maps that are made of themselves alone: Go's
// aliases cannot be.
func (c *checker) aliasCycles() {
	done := map[*ir.Decl]bool{}
	for _, name := range c.names {
		var path []*ir.Decl // an alias is made of one other at most
		for d := c.types[name].decl; d != nil && !done[d]; d = aliased(d) {
			done[d] = true
			path = append(path, d)
		}
		if len(path) == 0 {
			continue
		}
		from := slices.Index(path, aliased(path[len(path)-1]))
		if from < 0 {
			continue
		}
		for _, d := range path[from:] {
			c.report(c.types[d.Origin].name, diag.Recursion, "%s is made of nothing but itself: put a struct in between", diag.Quote(d.Origin))
		}
	}
}

// aliased returns the alias that the values of the alias d are made of, or nil.
func aliased(d *ir.Decl) *ir.Decl {
	if d.Kind != ir.Alias {
		return nil
	}
	t := d.Of
	for t != nil && (t.Kind == ir.ListType || t.Kind == ir.MapType) {
		t = t.Elem
	}
	if t == nil || t.Kind != ir.RefType || t.Ref.Kind != ir.Alias {
		return nil
	}
	return t.Ref
}

// endlessUnions reports unions of which each variant holds another one without
// end. An open union has an end: a variant that is not known.
func (c *checker) endlessUnions() {
	missing := map[*ir.Decl]int{}       // how many of a declaration's parts have not been found to end
	within := map[*ir.Decl][]*ir.Decl{} // what a declaration is a part of
	ends := map[*ir.Decl]bool{}
	var queue []*ir.Decl // declarations that end
	for _, d := range c.decls() {
		parts := required(d)
		for _, part := range parts {
			within[part] = append(within[part], d)
		}
		missing[d] = len(parts)
		if d.Kind == ir.Union {
			missing[d] = 1
		}
		if d.Open || missing[d] == 0 {
			ends[d], queue = true, append(queue, d)
		}
	}
	for len(queue) > 0 {
		last := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		for _, d := range within[last] {
			if missing[d]--; missing[d] == 0 && !ends[d] {
				ends[d], queue = true, append(queue, d)
			}
		}
	}
	for _, name := range c.names {
		if t := c.types[name]; t.decl.Kind == ir.Union && !ends[t.decl] {
			c.report(t.name, diag.Recursion, "each variant of %s holds another %s without end: make a field of one optional, a list, a map, or add | null",
				diag.Quote(name), diag.Quote(name))
		}
	}
}

// decls returns the declared types and what is declared where it is used.
func (c *checker) decls() []*ir.Decl {
	var all []*ir.Decl
	for _, name := range c.names {
		all = append(all, c.types[name].decl)
	}
	for _, s := range c.inline {
		all = append(all, s.decl)
	}
	return all
}

// required returns the declarations that each value of d holds, or, when d is a
// union, one of which it is.
func required(d *ir.Decl) []*ir.Decl {
	var parts []*ir.Decl
	for _, f := range d.Fields {
		if !f.Optional && !f.Type.Nullable && f.Type.Kind == ir.RefType {
			parts = append(parts, f.Type.Ref)
		}
	}
	for _, v := range d.Variants {
		parts = append(parts, v.Of)
	}
	return parts
}

// cycle reports the field that leads from the end of path back to next.
func (c *checker) cycle(f *ir.Field, path []*ir.Decl, next *ir.Decl) {
	var names []string
	for _, d := range path[slices.Index(path, next):] {
		if len(names) == 8 {
			names = append(names, "…")
			break
		}
		names = append(names, d.Origin)
	}
	c.report(c.fields[f], diag.Recursion, "a value of %s would hold another one without end (%s): make the field optional, a list, a map, or add | null",
		diag.Quote(next.Origin), strings.Join(append(names, next.Origin), " → "))
}

// unused warns of declarations that nothing refers to.
func (c *checker) unused() {
	if c.doc.Damaged || diag.HasErrors(c.diags) {
		return // what refers to them may have been refused
	}
	for _, name := range c.names {
		if t := c.types[name]; !t.used && !t.imported {
			c.report(t.name, diag.UnusedType, "nothing uses type %s", diag.Quote(name)).Severity = diag.Warning
		}
	}
	for _, code := range c.codes {
		if d := c.errors[code]; !d.used && !d.imported && d.unlisted == nil {
			c.report(d.name, diag.UnusedError, "no event and no namespace lists error %s; \"unlisted: true\" says that something else answers it", diag.Quote(code)).Severity = diag.Warning
		}
	}
}
