// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/sockgen/sockgen/gen/diag"
)

// folder serves files from memory and notes what was read.
type folder struct {
	files map[string]string
	read  []string
}

func (f *folder) open(name string) ([]byte, error) {
	f.read = append(f.read, name)
	text, ok := f.files[name]
	if !ok {
		return nil, fmt.Errorf("open %s: %w", name, fs.ErrNotExist)
	}
	return []byte(text), nil
}

// Paths are relative to the file that imports; each file is read once, and comes
// after those that it imports.
func TestLoad(t *testing.T) {
	f := &folder{files: map[string]string{
		"api/shared.yaml":   "imports: [./deep/a.yaml]\n",
		"api/deep/a.yaml":   "imports: [../../top.yaml]\n",
		"top.yaml":          "a: b\n",
		"api/other.yaml":    "imports: [shared.yaml, deep/../deep/a.yaml]\n",
		"../outside/x.yaml": "",
	}}
	doc, diags := Load("./api/chat.yaml", []byte("imports: [./shared.yaml, other.yaml, ../../outside/x.yaml]\n"), f.open)
	if len(diags) > 0 || doc.Damaged {
		t.Fatalf("%s", diag.Render(diags))
	}
	var names []string
	for _, d := range doc.Imports {
		names = append(names, d.File)
	}
	if want := []string{"top.yaml", "api/deep/a.yaml", "api/shared.yaml", "api/other.yaml", "../outside/x.yaml"}; !slices.Equal(names, want) {
		t.Errorf("imports are %q, want %q", names, want)
	}
	slices.Sort(f.read)
	if len(slices.Compact(slices.Clone(f.read))) != len(f.read) {
		t.Errorf("read %q", f.read)
	}
	if got := doc.LineAt(diag.Position{File: "top.yaml", Line: 1}); got != "a: b" {
		t.Errorf("the line of an imported file is %q", got)
	}
	if got := doc.LineAt(diag.Position{File: "./api/chat.yaml", Line: 1}); !strings.HasPrefix(got, "imports") {
		t.Errorf("the line of the file itself is %q", got)
	}
}

// Many files, many bytes, many names in a circle and a disk that fails end in one
// located error each.
func TestLoadBounds(t *testing.T) {
	chain := func(name string) ([]byte, error) {
		var n int
		fmt.Sscanf(name, "%d.yaml", &n)
		return fmt.Appendf(nil, "imports: [%d.yaml]\n", n+1), nil
	}
	ring := func(name string) ([]byte, error) {
		var n int
		fmt.Sscanf(name, "%d.yaml", &n)
		return fmt.Appendf(nil, "imports: [%d.yaml]\n", (n+1)%20), nil
	}
	large := func(name string) ([]byte, error) {
		text, err := chain(name)
		return append(text, strings.Repeat("# a comment of some length\n", 1<<15)...), err
	}
	for _, test := range []struct {
		name string
		read func(string) ([]byte, error)
		code diag.Code
		says string
	}{
		{"files", chain, diag.DocumentLimit, "more than 100 files"},
		{"bytes", large, diag.DocumentLimit, "bytes together"},
		{"ring", ring, diag.ImportCycle, "7.yaml → … → 0.yaml"},
		{"disk", func(string) ([]byte, error) { return nil, errors.New("disk on fire") }, diag.Import, "disk on fire"},
		{"nil", nil, diag.Import, "there is no file"},
	} {
		t.Run(test.name, func(t *testing.T) {
			doc, diags := Load("events.yaml", []byte("imports: [0.yaml]\n"), test.read)
			if len(diags) != 1 || diags[0].Code != test.code || !strings.Contains(diags[0].Message, test.says) || diags[0].Position.Line != 1 {
				t.Errorf("%s", diag.Render(diags))
			}
			if !doc.Damaged || len(doc.Imports) > 99 {
				t.Errorf("damaged %v with %d imports", doc.Damaged, len(doc.Imports))
			}
		})
	}
}

// What cannot be read names its file and line, wherever that is.
func TestLoadBrokenImport(t *testing.T) {
	f := &folder{files: map[string]string{"a.yaml": "ok: 1\nb: { c: d\n"}}
	doc, diags := Load("events.yaml", []byte("imports: a.yaml\n"), f.open)
	if len(diags) != 1 || diags[0].Position.File != "a.yaml" || diags[0].Position.Line != 2 || diags[0].Line != "b: { c: d" || !doc.Damaged {
		t.Errorf("%s", diag.Render(diags))
	}
}
