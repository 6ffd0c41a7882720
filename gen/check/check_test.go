// SPDX-License-Identifier: Apache-2.0

package check

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/golang"
	"github.com/sockgen/sockgen/gen/ir"
	"github.com/sockgen/sockgen/gen/schema"
	"github.com/sockgen/sockgen/gen/typescript"
	"github.com/sockgen/sockgen/internal/counts"
)

var update = flag.Bool("update", false, "rewrite the expectations in testdata")

// allTargets are the options of sockgen.
var allTargets = Options{Targets: []ir.Target{golang.Target{}, typescript.Target{}}}

// outcome returns what a schema yields as text: its diagnostics, then the
// document when it has no errors. read has the files that it imports.
func outcome(file string, src []byte, read func(string) ([]byte, error)) string {
	doc, diags := schema.Load(file, src, read)
	out, more := allTargets.Check(doc)
	diags = append(diags, more...)
	text := diag.Render(diags)
	if out != nil && !diag.HasErrors(diags) {
		text += dump(out)
	}
	return text
}

// Every case is a schema and what it yields: diagnostics, or the document.
func TestCases(t *testing.T) {
	files, err := filepath.Glob("testdata/*/events.yaml")
	if err != nil || len(files) < 150 {
		t.Fatalf("found %d cases, err %v", len(files), err)
	}
	var wrong atomic.Int32
	t.Cleanup(func() {
		if n := wrong.Load(); n < 120 {
			t.Errorf("%d cases are wrong schemas; there were 120 at least", n)
		}
		counts.Print(t, "diagnostics: %s wrong schemas, each mistake at its place; %s right ones", counts.Number(wrong.Load()), counts.Number(len(files)-int(wrong.Load())))
	})
	for _, file := range files {
		dir := filepath.Dir(file)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := outcome("events.yaml", src, func(name string) ([]byte, error) {
				return os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
			})
			if strings.Contains(got, ": error[") {
				wrong.Add(1)
			}
			golden(t, filepath.Join(dir, "want.txt"), got)
		})
	}
}

// The schema of this repository gives rise to no diagnostic.
func TestRepositorySchema(t *testing.T) {
	src, err := os.ReadFile("../../events.yaml")
	if err != nil {
		t.Fatal(err)
	}
	doc, diags := schema.Parse("events.yaml", src)
	out, more := Check(doc)
	if diags = append(diags, more...); len(diags) > 0 || out == nil {
		t.Errorf("diagnostics:\n%s", diag.Render(diags))
	}
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got); -update rewrites it:\n%s", file, diff)
	}
}
