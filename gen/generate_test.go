// SPDX-License-Identifier: Apache-2.0

package gen_test

import (
	"bytes"
	"flag"
	"go/format"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sockgen/sockgen/gen"
	"github.com/sockgen/sockgen/gen/diag"
)

var update = flag.Bool("update", false, "rewrite the expectations in testdata")

// generate renders a schema of a single file.
func generate(src []byte) ([]gen.File, []diag.Diagnostic, error) {
	out, err := gen.Generate(gen.Input{File: "events.yaml", Source: src})
	return out.Files, out.Diagnostics, err
}

// mustGenerate renders a schema that is right.
func mustGenerate(t testing.TB, src []byte) []gen.File {
	t.Helper()
	files, diags, err := generate(src)
	if err != nil || diag.HasErrors(diags) {
		t.Fatalf("generate: %v\n%s", err, diag.Render(diags))
	}
	return files
}

func readFile(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// The schema that the project begins with yields the files in testdata/first.
func TestGolden(t *testing.T) {
	const dir = "testdata/first"
	files := mustGenerate(t, readFile(t, filepath.Join(dir, "events.yaml")))
	if *update {
		if err := os.RemoveAll(filepath.Join(dir, "want")); err != nil {
			t.Fatal(err)
		}
		for _, f := range files {
			name := filepath.Join(dir, "want", filepath.FromSlash(f.Name)+".txt")
			if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, f.Data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	want := map[string]string{}
	for name, data := range tree(t, filepath.Join(dir, "want")) {
		want[strings.TrimSuffix(name, ".txt")] = data
	}
	if diff := cmp.Diff(want, contents(files)); diff != "" {
		t.Errorf("files differ (-want +got); -update rewrites them:\n%s", diff)
	}
}

// What is committed is what the schemas that sockgen.yaml lists yield.
func TestGeneratedIsFresh(t *testing.T) {
	config, diags := gen.ParseConfig("sockgen.yaml", readFile(t, "../sockgen.yaml"))
	if diag.HasErrors(diags) {
		t.Fatal(diag.Render(diags))
	}
	fresh := map[string]map[string]string{} // by the folders that they are written to
	for _, d := range config.Documents {
		dir := d.GoDir
		if dir == "" {
			dir = "generated"
		}
		if fresh[dir] == nil {
			fresh[dir] = map[string]string{}
		}
		out, err := gen.Generate(gen.Input{
			File: "events.yaml", Source: readFile(t, "../"+d.Schema), GoFolder: "github.com/sockgen/sockgen/" + dir,
			Initialisms: d.Initialisms, TypeScript: d.TypeScript,
		})
		if err != nil || diag.HasErrors(out.Diagnostics) {
			t.Fatalf("generate: %v\n%s", err, diag.Render(out.Diagnostics))
		}
		for name, data := range contents(out.Files) {
			fresh[dir][name] = data
		}
	}
	for dir, files := range fresh {
		if diff := cmp.Diff(tree(t, "../"+dir), files); diff != "" {
			t.Errorf("%s is stale, run: make generate\n(-committed +fresh)\n%s", dir, diff)
		}
	}
}

func contents(files []gen.File) map[string]string {
	m := map[string]string{}
	for _, f := range files {
		m[f.Name] = string(f.Data)
	}
	return m
}

// tree returns the files beneath dir by their slash-separated names.
func tree(t testing.TB, dir string) map[string]string {
	t.Helper()
	m := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		m[filepath.ToSlash(name)] = string(readFile(t, path))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// The same schema gives the same bytes, run after run (G-03).
func TestDeterministic(t *testing.T) {
	src := readFile(t, "../events.yaml")
	first := mustGenerate(t, src)
	for i := range 100 {
		again := mustGenerate(t, src)
		if len(again) != len(first) {
			t.Fatalf("run %d gave %d files, the first %d", i, len(again), len(first))
		}
		for j, f := range again {
			if f.Name != first[j].Name || !bytes.Equal(f.Data, first[j].Data) {
				t.Fatalf("run %d gave another %s", i, f.Name)
			}
		}
	}
}

// Every file says that it is generated, is formatted, and ends in one newline.
func TestFilesAreWellFormed(t *testing.T) {
	for _, f := range mustGenerate(t, readFile(t, "../events.yaml")) {
		if !gen.IsGenerated(f.Data) {
			t.Errorf("%s lacks the header", f.Name)
		}
		if !bytes.HasSuffix(f.Data, []byte("\n")) || bytes.HasSuffix(f.Data, []byte("\n\n")) {
			t.Errorf("%s does not end in one newline", f.Name)
		}
		if strings.HasSuffix(f.Name, ".go") {
			formatted, err := format.Source(f.Data)
			if err != nil || !bytes.Equal(formatted, f.Data) {
				t.Errorf("%s is not as gofmt has it: %v", f.Name, err)
			}
		}
	}
}

// A wrong schema renders nothing, whatever else is right.
func TestWrongSchemaRendersNothing(t *testing.T) {
	for _, src := range []string{"", "a: b: c\n", "sockgen: 1\nnamespaces: { /: { server: { a: Nothing } } }\n", "sockgen: 1\nnamespaces: { /: { server: { a: { payload: { x: string[] } } } } }\n"} {
		files, diags, err := generate([]byte(src))
		if err != nil || len(files) > 0 || !diag.HasErrors(diags) {
			t.Errorf("%q: %d files, error %v, diagnostics:\n%s", src, len(files), err, diag.Render(diags))
		}
	}
}

// The header, and nothing else, makes a file ours.
func TestIsGenerated(t *testing.T) {
	for _, test := range []struct {
		data string
		want bool
	}{
		{"// Code generated by sockgen from events.yaml. DO NOT EDIT.\n\npackage x\n", true},
		{"// Code generated by sockgen from events.yaml. DO NOT EDIT.\r\npackage x\r\n", true},
		{"// Code generated by sockgen from events.yaml. DO NOT EDIT.", true},
		{"// Code generated by protoc-gen-go. DO NOT EDIT.\n", false},
		{"package x\n// Code generated by sockgen from events.yaml. DO NOT EDIT.\n", false},
		{"// Code generated by sockgen from events.yaml.\n", false},
		{"", false},
	} {
		if got := gen.IsGenerated([]byte(test.data)); got != test.want {
			t.Errorf("IsGenerated(%q) = %v", test.data, got)
		}
	}
}

// A licence or a comment for linters may stand above the header; code may not.
func TestAboveHeader(t *testing.T) {
	const header = "// Code generated by sockgen from events.yaml. DO NOT EDIT.\n"
	for _, test := range []struct {
		data, above string
		ok          bool
	}{
		{header + "package chat\n", "", true},
		{"// Copyright us.\n\n" + header, "// Copyright us.\n\n", true},
		{"/* Copyright us. */\r\n/*\n" + header + "*/\n" + header, "/* Copyright us. */\r\n/*\n" + header + "*/\n", true},
		{strings.TrimSuffix(header, "\n") + "\r\nx\r\n", "", true},
		{"package chat\n" + header, "", false},
		{"/* x */ export {}\n" + header, "", false},
		{"// Code generated by protoc. DO NOT EDIT.\n", "", false},
		{"", "", false},
	} {
		above, ok := gen.AboveHeader([]byte(test.data))
		if string(above) != test.above || ok != test.ok || gen.IsGenerated([]byte(test.data)) != ok {
			t.Errorf("%q: %q, %v", test.data, above, ok)
		}
	}
}
