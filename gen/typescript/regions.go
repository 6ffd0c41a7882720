// SPDX-License-Identifier: Apache-2.0

package typescript

import (
	"embed"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// The helper files are TypeScript that the compiler, eslint and prettier check as it
// stands. Comments divide them into regions:
//
//	// #region NAME           kept where the document needs it
//	// #else                  what stands in its place elsewhere, each line a comment
//	// #endregion
//	// #region document NAME  an example of what the emitter writes there
//
//go:embed helpers/*.ts
var helperSources embed.FS

// Each helper file is read once.
var (
	moduleHelpers = sync.OnceValue(func() *region { return readHelpers("module.ts") })
	reactHelpers  = sync.OnceValue(func() *region { return readHelpers("react.ts") })
	vueHelpers    = sync.OnceValue(func() *region { return readHelpers("vue.ts") })
	svelteHelpers = sync.OnceValue(func() *region { return readHelpers("svelte.ts") })
	followHelpers = sync.OnceValue(func() *region { return readHelpers("follow.ts") })
	mockHelpers   = sync.OnceValue(func() *region { return readHelpers("mock.ts") })
	schemaHelpers = sync.OnceValue(func() *region { return readHelpers("schemas.ts") })
)

// A region is a named part of a helper file; the file itself is one without a name.
type region struct {
	name      string
	document  bool // what it holds is an example
	parts     []part
	otherwise []part // lines alone
}

// A part is a line of text or, when there is one, a region.
type part struct {
	line   string
	region *region
}

func readHelpers(name string) *region {
	source, err := helperSources.ReadFile("helpers/" + name)
	if err != nil {
		panic(err)
	}
	r, err := parseRegions(string(source))
	if err != nil {
		panic(fmt.Sprintf("helpers/%s: %v", name, err))
	}
	return r
}

// parseRegions reads a helper file.
func parseRegions(source string) (*region, error) {
	open := []*region{{}}
	elsewhere := false // behind #else
	for i, line := range strings.SplitAfter(source, "\n") {
		in := open[len(open)-1]
		mark, marked := strings.CutPrefix(strings.TrimSpace(line), "// #")
		words := append(strings.Fields(mark), "")
		switch {
		case elsewhere && !marked:
			in.otherwise = append(in.otherwise, part{line: strings.Replace(line, "// ", "", 1)})
		case !marked:
			in.parts = append(in.parts, part{line: line})
		case words[0] == "region" && len(words) > 2:
			words = words[:len(words)-1]
			inner := &region{name: words[len(words)-1], document: words[1] == "document"}
			in.parts = append(in.parts, part{region: inner})
			open = append(open, inner)
		case words[0] == "else" && len(open) > 1:
			elsewhere = true
		case words[0] == "endregion" && len(open) > 1:
			open, elsewhere = open[:len(open)-1], false
		default:
			return nil, fmt.Errorf("line %d: %q is out of place", i+1, strings.TrimSpace(line))
		}
	}
	if len(open) > 1 {
		return nil, fmt.Errorf("the region %s has no end", open[len(open)-1].name)
	}
	return open[0], nil
}

// regions returns the regions that r consists of, besides those of the document.
func (r *region) regions() []*region {
	var all []*region
	for _, p := range r.parts {
		if p.region != nil && !p.region.document {
			all = append(all, p.region)
		}
	}
	return all
}

// has tells whether r has a region of the name.
func (r *region) has(name string) bool {
	return slices.ContainsFunc(r.regions(), func(inner *region) bool { return inner.name == name })
}

// named returns the region of r that has the name.
func (r *region) named(name string) *region {
	for _, inner := range r.regions() {
		if inner.name == name {
			return inner
		}
	}
	panic("no helpers are called " + name)
}

// text returns what stands in r, all regions kept.
func (r *region) text() string {
	var b strings.Builder
	for _, p := range r.parts {
		if b.WriteString(p.line); p.region != nil {
			b.WriteString(p.region.text())
		}
	}
	return b.String()
}

// A filling says what a file gets of a helper file.
type filling struct {
	private  bool              // nothing is exported
	beside   string            // what imports call the module, in place of "./module"
	keep     map[string]bool   // the regions
	document map[string]func() // writes what the document has there
}

// fill writes a region.
func (m *module) fill(r *region, with filling) {
	for _, p := range r.parts {
		if p.region == nil {
			m.helperLine(p.line, with)
			continue
		}
		keep, known := with.keep[p.region.name]
		write := with.document[p.region.name]
		switch {
		case p.region.document && write != nil:
			write()
		case p.region.document || !known:
			panic("nobody says what is written of the region " + p.region.name)
		case keep:
			m.fill(p.region, with)
		default:
			for _, other := range p.region.otherwise {
				m.helperLine(other.line, with)
			}
		}
	}
}

// helperLine writes a line, and no second one that is empty.
func (m *module) helperLine(line string, with filling) {
	if line == "\n" {
		m.gap()
		return
	}
	if with.private {
		line = strings.TrimPrefix(line, "export ")
	}
	m.out.WriteString(strings.Replace(line, `"./module"`, with.beside, 1))
}
