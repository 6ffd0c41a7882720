// SPDX-License-Identifier: Apache-2.0

package check

import (
	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/schema"
)

// closures returns, for each of the shared files, the files that it imports, itself among
// them: their types mean the same in every document.
func closures(doc *schema.Document, shared []string) map[string]map[string]bool {
	files := map[string]*schema.Document{}
	for _, imported := range doc.Imports {
		files[imported.File] = imported
	}
	all := map[string]map[string]bool{}
	for _, name := range shared {
		within := map[string]bool{}
		var add func(name string)
		add = func(name string) {
			if within[name] || files[name] == nil {
				return
			}
			within[name] = true
			for _, next := range files[name].Direct {
				add(next)
			}
		}
		add(name)
		all[name] = within
	}
	return all
}

// reaches reports a type that n, in a file of several documents, refers to and that each of
// them may declare otherwise.
func (c *checker) reaches(n *schema.Node, t *declared) {
	within := c.shared[n.Pos.File]
	if within == nil || within[t.name.Pos.File] {
		return
	}
	c.report(n, diag.Import, "%s is declared in %s, which %s does not import: several documents have the types of %s, so that it imports what it refers to",
		diag.Quote(t.name.Text), t.name.Pos.File, n.Pos.File, n.Pos.File)
}
