package check

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/schema"
)

// Whatever the bytes: no panic, and a document or a located error; and a
// document is the same when it is made again.
func FuzzCheck(f *testing.F) {
	files, err := filepath.Glob("testdata/*/events.yaml")
	if err != nil || len(files) == 0 {
		f.Fatalf("found %d cases, err %v", len(files), err)
	}
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(src)
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		doc, diags := schema.Parse("events.yaml", src)
		out, more := Check(doc)
		diags = append(diags, more...)
		if (out == nil) != diag.HasErrors(diags) {
			t.Fatalf("document %v with diagnostics:\n%s", out != nil, diag.Render(diags))
		}
		for _, d := range diags {
			if d.Position.Line < 1 && d.Code != diag.DocumentLimit || d.Position.Column > len([]rune(d.Line))+1 {
				t.Fatalf("%s has no place in %q", d, d.Line)
			}
		}
		if first, second := outcome("events.yaml", src, nil), outcome("events.yaml", src, nil); first != second {
			t.Fatalf("two outcomes:\n%s\n%s", first, second)
		}
	})
}
