// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sockgen/sockgen/gen"
)

// A plans is what has to change on disk. It is complete, and known to touch nothing
// that sockgen did not write, before the first file changes.
type plans struct {
	folders   []*plan
	leftovers []string // files that the manifest knows, and that no folder plans to remove
	manifest  *manifest
	text      []byte // of the manifest, nil when it is right
}

// makePlans compares what was rendered with what is there.
func makePlans(w *workspace, all []rendering) (*plans, error) {
	p := &plans{}
	written := map[*document][]string{}
	from := map[string]*document{} // what a file comes from
	var documents []*document
	inFolder := map[string][]gen.File{}
	var folders []string
	for _, r := range all {
		documents = append(documents, r.document)
		for _, f := range r.files {
			out, name := r.document.goDir, f.Name
			if path.Ext(f.Name) == ".ts" {
				out, name = r.document.tsDir, strings.TrimPrefix(f.Name, "ts/")
			}
			out = filepath.Clean(out)
			file := filepath.Join(out, filepath.FromSlash(name))
			if other, taken := from[file]; taken {
				return nil, r.document.collides(other, file)
			}
			from[file] = r.document
			written[r.document] = append(written[r.document], file)
			if !slices.Contains(folders, out) {
				folders = append(folders, out)
			}
			inFolder[out] = append(inFolder[out], gen.File{Name: name, Data: f.Data})
		}
	}
	for _, out := range folders {
		f, err := makePlan(out, inFolder[out])
		if err != nil {
			p.close()
			return nil, err
		}
		p.folders = append(p.folders, f)
	}
	if err := p.note(w, documents, written); err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

// collides says that another document would write a file, too.
func (d *document) collides(other *document, file string) error {
	mend := "give them different names under info, or different folders in sockgen.yaml"
	if d.shared || other.shared {
		mend = "the types of an imported file that several documents share are called after the file, so give one of them another name"
	}
	return fmt.Errorf("%s and %s would both write %s: %s", other.schema, d.schema, file, mend)
}

// note compares the manifest with what is written now.
func (p *plans) note(w *workspace, documents []*document, written map[*document][]string) (err error) {
	if p.manifest, err = readManifest(w.manifest); err != nil {
		return err
	}
	gone := p.manifest.update(w, documents, written)
	left, err := p.manifest.leftovers(gone)
	if err != nil {
		return err
	}
	for _, file := range left {
		if !p.removes(file) {
			p.leftovers = append(p.leftovers, file)
		}
	}
	if text := p.manifest.render(); !bytes.Equal(text, p.manifest.text) {
		p.text = text
	}
	return nil
}

// removes tells whether a folder plans to remove a file, however the two are named.
func (p *plans) removes(file string) bool {
	for _, f := range p.folders {
		for _, c := range f.changes {
			if c.data == nil && sameFile(f.path(c.name), file) {
				return true
			}
		}
	}
	return false
}

func sameFile(a, b string) bool {
	first, err := os.Stat(a)
	if err != nil {
		return false
	}
	second, err := os.Stat(b)
	return err == nil && os.SameFile(first, second)
}

func (p *plans) close() {
	for _, f := range p.folders {
		f.close()
	}
}

// stale prints what is not as it should be, and tells whether there is anything.
func (p *plans) stale(talk io.Writer) bool {
	n := 0
	line := func(file, why string) {
		fmt.Fprintf(talk, "%s: %s\n", file, why)
		n++
	}
	for _, f := range p.folders {
		for _, c := range f.changes {
			line(f.path(c.name), c.why)
		}
	}
	for _, file := range p.leftovers {
		line(file, "left over")
	}
	switch {
	case p.text == nil:
	case p.manifest.text == nil:
		line(p.manifest.file, "missing")
	default:
		line(p.manifest.file, "stale")
	}
	return n > 0
}

// carryOut makes the changes and prints each one. It tells whether there was any.
func (p *plans) carryOut(talk io.Writer) (changed bool, err error) {
	for _, f := range p.folders {
		if err := f.carryOut(talk); err != nil {
			return true, err
		}
		changed = changed || len(f.changes) > 0
	}
	for _, file := range p.leftovers {
		if err := os.Remove(file); err != nil {
			return true, fmt.Errorf("remove %s: %w", file, err)
		}
		removeEmpty(filepath.Dir(file))
		fmt.Fprintf(talk, "removed %s\n", file)
	}
	if p.text != nil {
		if err := os.MkdirAll(filepath.Dir(p.manifest.file), 0o755); err != nil {
			return true, fmt.Errorf("make the folder of the manifest: %w", err)
		}
		if err := replaceFile(p.manifest.file, p.text); err != nil {
			return true, fmt.Errorf("write %s: %w", p.manifest.file, err)
		}
		fmt.Fprintf(talk, "wrote %s\n", p.manifest.file)
	}
	return changed || len(p.leftovers) > 0 || p.text != nil, nil
}

// fold returns data with the ends of lines that git gives files on every system.
func fold(data []byte) []byte { return bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n")) }

// A plan is what has to change in one output folder.
type plan struct {
	out     string
	root    *os.Root // confines every path to the output folder, links included; nil when the folder is missing
	changes []change
}

// A change writes a file or removes one.
type change struct {
	name string // slash-separated, relative to the output folder
	why  string // what -check says
	data []byte // nil removes the file
}

// makePlan compares files with the output folder.
func makePlan(out string, files []gen.File) (*plan, error) {
	p := &plan{out: out}
	root, err := os.OpenRoot(out)
	if err == nil {
		p.root = root
	} else if !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("open the output folder: %w", err)
	}
	if err := p.compare(files); err != nil {
		p.close()
		return nil, err
	}
	return p, nil
}

func (p *plan) close() {
	if p.root != nil {
		p.root.Close()
	}
}

// path returns a file of the output folder as the user would name it.
func (p *plan) path(name string) string { return filepath.Join(p.out, filepath.FromSlash(name)) }

func (p *plan) compare(files []gen.File) error {
	wanted := map[string]bool{}
	var folders, modules []string
	for _, f := range files {
		if !filepath.IsLocal(filepath.FromSlash(f.Name)) {
			return fmt.Errorf("refuse to write %q outside the output folder", f.Name)
		}
		wanted[f.Name] = true
		if dir := path.Dir(f.Name); strings.HasSuffix(f.Name, ".go") && !slices.Contains(folders, dir) {
			folders = append(folders, dir)
		}
		if stem, ok := strings.CutSuffix(f.Name, ".ts"); ok && !strings.Contains(stem, ".") {
			modules = append(modules, stem)
		}
		if err := p.compareFile(f); err != nil {
			return err
		}
	}
	for _, dir := range folders {
		if err := p.leftovers(dir, wanted); err != nil {
			return err
		}
	}
	for _, stem := range modules {
		for _, name := range []string{stem + ".react.ts", stem + ".vue.ts", stem + ".stores.ts", stem + ".mock.ts", stem + ".schemas.ts"} {
			if err := p.leftover(name, wanted); err != nil {
				return err
			}
		}
	}
	return nil
}

// compareFile compares a file with the one that is there. What stands above our header
// there, such as a licence, stays.
func (p *plan) compareFile(f gen.File) error {
	old, err := p.read(f.Name)
	above, ours := gen.AboveHeader(old)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		p.changes = append(p.changes, change{f.Name, "missing", f.Data})
	case err != nil:
		return fmt.Errorf("read what is there: %w", err)
	case bytes.Equal(fold(old[len(above):]), f.Data):
	case len(old) > 0 && !ours:
		return fmt.Errorf("%s was not written by sockgen; move it away, or choose another folder with -out", p.path(f.Name))
	default:
		p.changes = append(p.changes, change{f.Name, "stale", slices.Concat(above, f.Data)})
	}
	return nil
}

func (p *plan) read(name string) ([]byte, error) {
	if p.root == nil {
		return nil, fs.ErrNotExist
	}
	return p.root.ReadFile(filepath.FromSlash(name))
}

// leftovers plans to remove the Go files that an earlier schema gave rise to:
// they would not compile beside the new ones. Files without sockgen's header stay.
func (p *plan) leftovers(dir string, wanted map[string]bool) error {
	if p.root == nil {
		return nil
	}
	entries, err := fs.ReadDir(p.root.FS(), dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("list the output folder: %w", err)
	}
	for _, e := range entries {
		name := path.Join(dir, e.Name())
		if wanted[name] || !e.Type().IsRegular() || path.Ext(name) != ".go" {
			continue
		}
		if err := p.leftover(name, wanted); err != nil {
			return err
		}
	}
	return nil
}

// leftover plans to remove a file if sockgen wrote it once and no longer does.
func (p *plan) leftover(name string, wanted map[string]bool) error {
	if wanted[name] {
		return nil
	}
	data, err := p.read(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read what is there: %w", err)
	}
	if gen.IsGenerated(data) {
		p.changes = append(p.changes, change{name: name, why: "left over"})
	}
	return nil
}

// carryOut makes the changes and prints each one.
func (p *plan) carryOut(stdout io.Writer) error {
	if p.root == nil && len(p.changes) > 0 {
		if err := os.MkdirAll(p.out, 0o755); err != nil {
			return fmt.Errorf("make the output folder: %w", err)
		}
		root, err := os.OpenRoot(p.out)
		if err != nil {
			return fmt.Errorf("open the output folder: %w", err)
		}
		p.root = root
	}
	for _, c := range p.changes {
		verb, failed := "wrote", "write"
		var err error
		if c.data == nil {
			verb, failed = "removed", "remove"
			err = p.root.Remove(filepath.FromSlash(c.name))
		} else {
			err = p.write(c.name, c.data)
		}
		if err != nil {
			return fmt.Errorf("%s %s: %w", failed, p.path(c.name), err)
		}
		fmt.Fprintf(stdout, "%s %s\n", verb, p.path(c.name))
	}
	return nil
}

// write replaces a file as a whole: whoever reads it meanwhile sees the old
// text or the new one.
func (p *plan) write(name string, data []byte) error {
	name = filepath.FromSlash(name)
	if err := p.root.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return replace(p.root, name, data)
}

// replace is write for a file whose folder is there, within root.
func replace(root *os.Root, name string, data []byte) error {
	temporary := filepath.Join(filepath.Dir(name), ".sockgen-"+rand.Text())
	err := root.WriteFile(temporary, data, 0o644)
	if err == nil {
		err = root.Rename(temporary, name)
	}
	if err != nil {
		_ = root.Remove(temporary) // the write's error is the one to tell
	}
	return err
}
