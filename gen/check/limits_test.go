// SPDX-License-Identifier: Apache-2.0

package check

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/schema"
)

// A large schema is checked and reported on in a few seconds,
// however it is laid out and however much is wrong with it (G-02).
func TestLargeSchemas(t *testing.T) {
	const size = 200_000 // bytes; 4 MiB are allowed
	repeat := func(begin, end string, part func(i int) string) string {
		var b strings.Builder
		b.WriteString(begin)
		for i := 0; b.Len() < size-len(end)-200; i++ {
			b.WriteString(part(i))
		}
		return b.String() + end
	}
	const namespaces = "namespaces: { /: { server: { a: any } } }\n"
	for _, test := range []struct{ name, text string }{
		{"one line", repeat("sockgen: 1\ntypes: { ", "}\n"+namespaces, func(i int) string { return fmt.Sprintf("T%d: { scalar: string }, ", i) })},
		{"one line, all wrong", repeat("sockgen: 1\ntypes: { ", "}\n"+namespaces, func(i int) string { return fmt.Sprintf("T%d: { scalar: Nothing%d }, ", i, i) })},
		{"unknown types", repeat("sockgen: 1\ntypes:\n", namespaces, func(i int) string { return fmt.Sprintf("  T%d: { struct: { a: U%d, b: Wrong%d } }\n", i, i, i) })},
		{"unknown keys", repeat("sockgen: 1\n"+namespaces, "", func(i int) string { return fmt.Sprintf("key%d: 1\n", i) })},
		{"a ring of structs", repeat("sockgen: 1\ntypes:\n  T0: { struct: { a: T0 } }\n", namespaces, func(i int) string { return fmt.Sprintf("  T%d: { struct: { a: T%d, b: T0 } }\n", i+1, i+2) })},
		{"results without a target", repeat("sockgen: 1\nnamespaces:\n  /:\n    client:\n", "", func(i int) string { return fmt.Sprintf("      a%d -> b%d: string\n", i, i) })},
		{"collisions", repeat("sockgen: 1\nnamespaces:\n  /:\n    client:\n", "", func(i int) string {
			return fmt.Sprintf("      a%s: string\n", strings.Repeat("_", i%100)+strings.Repeat(":", i/100))
		})},
		{"a chain of aliases", repeat("sockgen: 1\ntypes:\n  A0: { list: string }\n", namespaces, func(i int) string { return fmt.Sprintf("  A%d: { list: A%d }\n", i+1, i) })},
		{"endless unions", repeat("sockgen: 1\ntypes:\n  U0: { union: { tag: k, of: { a: S0 } } }\n  S0: { struct: { x: U0 } }\n", namespaces, func(i int) string {
			return fmt.Sprintf("  U%d: { union: { tag: k, of: { a: S%d } } }\n  S%d: { struct: { x: U%d } }\n", i+1, i, i+1, i+1)
		})},
		{"one enum", repeat("sockgen: 1\ntypes: { E: { enum: [", "] } }\n"+namespaces, func(i int) string { return fmt.Sprintf("v%d, w-%d, ", i, i/2) })},
		{"one union", repeat("sockgen: 1\ntypes:\n  S: { struct: {} }\n  U: { union: { tag: k, of: { ", "} } }\n"+namespaces, func(i int) string { return fmt.Sprintf("v%d: S, ", i) })},
		{"args", repeat("sockgen: 1\nnamespaces: { /: { client: { a: { args: [", "] } } } }\n", func(i int) string { return fmt.Sprintf("int, { name: x%d, type: Missing%d }, ", i/2, i) })},
		{"imports", repeat("sockgen: 1\nimports: [", "]\n"+namespaces, func(i int) string { return fmt.Sprintf("f%d.yaml, ", i) })},
		{"lists by aliases", repeat("sockgen: 1\ntypes: { A: &a { struct: { b: Nothing } } }\nother: [", "]\n", func(i int) string { return "*a, " })},
	} {
		t.Run(test.name, func(t *testing.T) {
			begin := time.Now()
			doc, diags := schema.Load("events.yaml", []byte(test.text), nil)
			_, more := allTargets.Check(doc)
			text := diag.Render(append(diags, more...))
			if took := time.Since(begin); took > 20*time.Second {
				t.Errorf("took %s", took)
			} else {
				t.Logf("%s for %d bytes of diagnostics", took, len(text))
			}
		})
	}
}
