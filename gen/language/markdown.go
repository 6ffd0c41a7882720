// SPDX-License-Identifier: Apache-2.0

package language

import (
	"fmt"
	"slices"
	"strings"
)

// Markdown returns a page with a table of the keys of each mapping.
func Markdown() []byte {
	var b strings.Builder
	b.WriteString("# Every key of the schema language\n\n" +
		"What `events.yaml` can say, key by key. [The schema language](schema.md) explains it with examples. A test compares this\n" +
		"page with what `sockgen` knows; editors have the same by `sockgen schema`.\n")
	for _, m := range Mappings() {
		fmt.Fprintf(&b, "\n## %s\n\n| Key | Value | |\n|---|---|---|\n", m.What)
		for _, k := range m.Keys {
			if k.Refused {
				continue
			}
			doc := k.Doc
			if k.Required {
				doc += " It must be there."
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s |\n", k.Name, cell(k.Value.String()), cell(doc))
		}
		if m.Own != "" {
			fmt.Fprintf(&b, "| `%s…` | anything | Keys of your own, such as places for YAML's anchors. |\n", m.Own)
		}
	}
	b.WriteString("\n## Scalars\n\n| Scalar | |\n|---|---|\n")
	for _, w := range Scalars {
		fmt.Fprintf(&b, "| `%s` | %s |\n", w.Text, cell(w.Doc))
	}
	return []byte(b.String())
}

// cell returns text as it stands in a table.
func cell(text string) string { return strings.ReplaceAll(text, "|", `\|`) }

// titleOf returns what readers call a mapping.
func titleOf(name string) string {
	all := Mappings()
	return strings.ToLower(all[slices.IndexFunc(all, func(m Mapping) bool { return m.Name == name })].What)
}

// anchorOf returns where the page tells of a mapping.
func anchorOf(name string) string { return strings.ReplaceAll(titleOf(name), " ", "-") }
