// SPDX-License-Identifier: Apache-2.0

package golang

import (
	"bytes"
	"fmt"
	goformat "go/format"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sockgen/sockgen/gen/internal/schematest"
)

// isFormatted fails when gofmt would change a file.
func isFormatted(t *testing.T, f File) {
	t.Helper()
	want, err := goformat.Source(f.Data)
	if err != nil {
		t.Fatalf("%s: %v\n%s", f.Name, err, f.Data)
	}
	if diff := cmp.Diff(string(want), string(f.Data)); diff != "" {
		t.Errorf("%s: (-gofmt +tidy)\n%s", f.Name, diff)
	}
}

// TestTidyIsGofmt holds what tidy prints to what gofmt would: that of the golden documents,
// and of random schemas.
func TestTidyIsGofmt(t *testing.T) {
	for _, tt := range documents {
		for _, f := range render(t, tt.name, tt.doc()) {
			isFormatted(t, f)
		}
	}
	for seed := range uint64(12) {
		files := schematest.RandomFiles(seed, seed%2 == 1)
		doc := load(t, fmt.Sprintf("random%d", seed), func(name string) ([]byte, error) {
			if text, ok := files[filepath.ToSlash(name)]; ok {
				return []byte(text), nil
			}
			return nil, os.ErrNotExist
		})
		for _, f := range render(t, "random", doc) {
			isFormatted(t, f)
		}
	}
}

// Of what people write, gofmt has to print the declarations of types alone, and of what
// mounts them.
func TestTidyKnowsMost(t *testing.T) {
	doc := load(t, "many", func(string) ([]byte, error) { return []byte(schematest.Distinct(40)), nil })
	g, err := prepare(doc)
	if err != nil {
		t.Fatal(err)
	}
	api, codec := g.newFile(), g.newFile()
	g.document(api)
	(&namespace{generator: g, ns: doc.Namespaces[0], f: api}).render()
	g.codecs(codec)
	for _, s := range []source{{"api", api}, {"codec", codec}} {
		var raw bytes.Buffer
		if err := s.file.Render(&raw); err != nil {
			t.Fatal(err)
		}
		_, body := splitImports(raw.Bytes())
		for _, d := range declarations(body) {
			_, code := cutComments(d.text)
			if _, ok := tidy(nil, d.text); !ok && bytes.HasPrefix(code, []byte("func ")) {
				t.Errorf("%s: gofmt has to print\n%s", s.name, d.text)
			}
		}
	}
}
