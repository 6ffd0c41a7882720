package check

import (
	"slices"
	"strings"

	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/ir"
)

// recursion reports structs of which each value would need another one within.
// A list or a map may be empty and an optional field absent, so that recursion
// through them ends.
func (c *checker) recursion() {
	state := map[*ir.Decl]int{} // 1 while it is on path, 2 when it is done
	var path []*ir.Decl
	var visit func(d *ir.Decl)
	visit = func(d *ir.Decl) {
		state[d] = 1
		path = append(path, d)
		for _, f := range d.Fields {
			if f.Type == nil || f.Type.Kind != ir.RefType || f.Optional {
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
	c.report(c.fields[f], diag.Recursion, "a value of %s would hold another one without end (%s): make the field optional, a list or a map",
		diag.Quote(next.Origin), strings.Join(append(names, next.Origin), " → "))
}

// unused warns of declarations that nothing refers to.
func (c *checker) unused() {
	if c.doc.Damaged || diag.HasErrors(c.diags) {
		return // what refers to them may have been refused
	}
	for _, name := range c.names {
		if t := c.types[name]; !t.used {
			c.report(t.name, diag.UnusedType, "nothing uses type %s", diag.Quote(name)).Severity = diag.Warning
		}
	}
	for _, code := range c.codes {
		if d := c.errors[code]; !d.used {
			c.report(d.name, diag.UnusedError, "no event and no namespace lists error %s", diag.Quote(code)).Severity = diag.Warning
		}
	}
}
