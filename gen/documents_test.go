// SPDX-License-Identifier: Apache-2.0

package gen_test

import (
	"flag"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/sockgen/sockgen/gen"
	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/internal/schematest"
	"github.com/sockgen/sockgen/internal/counts"
)

// documents is how many random documents an ordinary run tries; "make schemas" tries
// 100,000.
var documents = flag.Uint64("documents", documentsByDefault(), "how many random documents to generate from")

func documentsByDefault() uint64 {
	if raceDetector {
		return 300
	}
	return 2_000
}

// Whatever the document, valid ones with something changed or words in a row: files
// that are well-formed or located errors, and never a panic (G-01).
func TestRandomDocuments(t *testing.T) {
	others := validSchemas(t)
	var next, right, wrong atomic.Uint64
	var workers sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for i := next.Add(1) - 1; i < *documents && !t.Failed(); i = next.Add(1) - 1 {
				files := schematest.Document(i, others)
				ok, fine := judge(t, files)
				if !fine {
					t.Errorf("document %d:\n%s", i, files["events.yaml"])
				}
				if ok {
					right.Add(1)
				} else {
					wrong.Add(1)
				}
			}
		})
	}
	workers.Wait()
	if *documents >= 1000 && (right.Load() == 0 || wrong.Load() < *documents/2) {
		t.Errorf("the random documents are too much alike: %d are right, %d wrong", right.Load(), wrong.Load())
	}
	tell(t, "documents: %s random documents: %s gave files, %s located errors, none a crash",
		counts.Number(*documents), counts.Number(right.Load()), counts.Number(wrong.Load()))
}

// judge generates from files and tells whether they are right. Not fine is when
// there is neither output nor an error, or an error without its place.
func judge(t *testing.T, files map[string]string) (right, fine bool) {
	fine = true
	fail := func(format string, args ...any) {
		fine = false
		t.Errorf(format, args...)
	}
	defer func() {
		if r := recover(); r != nil {
			right = false
			fail("panic: %v", r)
		}
	}()
	out, err := gen.Generate(gen.Input{
		File: "events.yaml", Source: []byte(files["events.yaml"]), GoFolder: folder,
		TypeScript: gen.TypeScriptOptions{React: true, Mock: true, Schemas: true},
		Read: func(name string) ([]byte, error) {
			if text, ok := files[name]; ok {
				return []byte(text), nil
			}
			return nil, fs.ErrNotExist
		},
	})
	if err != nil {
		fail("the check let through what an emitter refuses: %v", err)
	}
	if err == nil && (len(out.Files) == 0) != diag.HasErrors(out.Diagnostics) {
		fail("%d files with diagnostics:\n%s", len(out.Files), diag.Render(out.Diagnostics))
	}
	for _, f := range out.Files {
		if filepath.Ext(f.Name) == ".go" {
			if _, err := parser.ParseFile(token.NewFileSet(), f.Name, f.Data, parser.SkipObjectResolution); err != nil {
				fail("%v", err)
			}
		}
	}
	for _, d := range out.Diagnostics {
		_, known := files[d.Position.File]
		_, explained := diag.Explain(d.Code)
		switch {
		case !known:
			fail("%s: there is no file %q", d, d.Position.File)
		case d.Position.Line < 1 || d.Position.Column < 1 || d.Position.Column > len([]rune(d.Line))+1:
			fail("%s has no place in %q", d, d.Line)
		case d.Message == "" || strings.Contains(d.Message, "%!"):
			fail("%s has a broken message", d)
		case !explained:
			fail("%s has a code that nothing explains", d)
		}
	}
	return len(out.Files) > 0, fine
}

// validSchemas returns the schemas of the check's cases, of which some are wrong,
// and the one that uses the whole language.
func validSchemas(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob("check/testdata/*/events.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("found %d cases, err %v", len(files), err)
	}
	var texts []string
	for _, name := range append(files, "testdata/everything/events.yaml", "testdata/everything/shared.yaml", "../events.yaml") {
		if text := readFile(t, name); len(text) < 50_000 {
			texts = append(texts, string(text))
		}
	}
	return texts
}
