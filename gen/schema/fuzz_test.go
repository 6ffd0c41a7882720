// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/sockgen/sockgen/gen/diag"
)

// Whatever the bytes: no panic, and a root or a located diagnostic.
func FuzzParse(f *testing.F) {
	for _, pattern := range []string{"testdata/broken/*.yaml", "../check/testdata/*/events.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range files {
			src, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(src)
		}
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		doc, diags := Parse("events.yaml", src)
		if doc.Root == nil && len(diags) == 0 {
			t.Fatal("neither a root nor a diagnostic")
		}
		for _, d := range diags {
			if d.Code != diag.DocumentLimit && d.Position.Line == 0 || d.Position.Line > len(doc.lines) {
				t.Fatalf("%s is in line %d of %d", d, d.Position.Line, len(doc.lines))
			}
			if n := len([]rune(doc.Line(d.Position.Line))); d.Position.Column > n+1 {
				t.Fatalf("%s is in column %d of %d", d, d.Position.Column, n)
			}
		}
		diag.Render(diags)
	})
}
