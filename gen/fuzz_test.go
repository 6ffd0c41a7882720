// SPDX-License-Identifier: Apache-2.0

package gen_test

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"testing"

	"github.com/sockgen/sockgen/gen/diag"
)

// Whatever the bytes: files that parse, or a located error; never a panic, and
// never an emitter that refuses what the check let through.
func FuzzGenerate(f *testing.F) {
	seeds, err := filepath.Glob("check/testdata/*/events.yaml")
	if err != nil || len(seeds) == 0 {
		f.Fatalf("found %d seeds, err %v", len(seeds), err)
	}
	for _, name := range seeds {
		f.Add(readFile(f, name))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		files, diags, err := generate(src)
		if err != nil {
			t.Fatal(err)
		}
		if (len(files) == 0) != diag.HasErrors(diags) {
			t.Fatalf("%d files with diagnostics:\n%s", len(files), diag.Render(diags))
		}
		for _, file := range files {
			if filepath.Ext(file.Name) == ".go" {
				if _, err := parser.ParseFile(token.NewFileSet(), file.Name, file.Data, parser.SkipObjectResolution); err != nil {
					t.Fatal(err)
				}
			}
		}
	})
}
