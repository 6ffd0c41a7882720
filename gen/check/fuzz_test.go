// SPDX-License-Identifier: Apache-2.0

package check

import (
	"io/fs"
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
	const shared = "sockgen: 1\ntypes: { Shared: { scalar: string } }\n"
	f.Fuzz(func(t *testing.T, src []byte) {
		located(t, map[string]string{"events.yaml": string(src), "shared.yaml": shared})
		if first, second := outcome("events.yaml", src, nil), outcome("events.yaml", src, nil); first != second {
			t.Fatalf("two outcomes:\n%s\n%s", first, second)
		}
	})
}

// located checks a schema. It fails t when there is neither a document nor an error,
// or an error without its place.
func located(t *testing.T, files map[string]string) {
	read := func(name string) ([]byte, error) {
		if text, ok := files[name]; ok {
			return []byte(text), nil
		}
		return nil, fs.ErrNotExist
	}
	doc, diags := schema.Load("events.yaml", []byte(files["events.yaml"]), read)
	out, more := allTargets.Check(doc)
	diags = append(diags, more...)
	if (out == nil) != diag.HasErrors(diags) {
		t.Errorf("document %v with diagnostics:\n%s", out != nil, diag.Render(diags))
	}
	for _, d := range diags {
		if _, known := files[d.Position.File]; !known || d.Position.Line < 1 || d.Position.Column < 1 || d.Position.Column > len([]rune(d.Line))+1 {
			t.Errorf("%s has no place in %q", d, d.Line)
		}
	}
}
