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

// A plans is what has to change in all output folders. It is complete, and known
// to touch nothing that sockgen did not write, before the first file changes.
type plans []*plan

// makePlans compares files with the output folders, one for each language.
func makePlans(s *settings, files []gen.File) (plans, error) {
	var goFiles, tsFiles []gen.File
	for _, f := range files {
		if path.Ext(f.Name) == ".ts" {
			tsFiles = append(tsFiles, gen.File{Name: strings.TrimPrefix(f.Name, "ts/"), Data: f.Data})
		} else {
			goFiles = append(goFiles, f)
		}
	}
	var all plans
	for _, to := range []struct {
		out   string
		files []gen.File
	}{{s.goDir, goFiles}, {s.tsDir, tsFiles}} {
		p, err := makePlan(to.out, to.files)
		if err != nil {
			all.close()
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

func (all plans) close() {
	for _, p := range all {
		p.close()
	}
}

// carryOut makes the changes and prints each one.
func (all plans) carryOut(s *settings, stdout io.Writer) error {
	changes := 0
	for _, p := range all {
		if err := p.carryOut(stdout); err != nil {
			return err
		}
		changes += len(p.changes)
	}
	if changes == 0 {
		fmt.Fprintf(stdout, "%s is up to date\n", strings.ReplaceAll(s.written(), " or ", " and "))
	}
	return nil
}

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
		old, err := p.read(f.Name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			p.changes = append(p.changes, change{f.Name, "missing", f.Data})
		case err != nil:
			return fmt.Errorf("read what is there: %w", err)
		case bytes.Equal(old, f.Data):
		case len(old) > 0 && !gen.IsGenerated(old):
			return fmt.Errorf("%s was not written by sockgen; move it away, or choose another folder with -out", p.path(f.Name))
		default:
			p.changes = append(p.changes, change{f.Name, "stale", f.Data})
		}
	}
	for _, dir := range folders {
		if err := p.leftovers(dir, wanted); err != nil {
			return err
		}
	}
	for _, stem := range modules {
		for _, name := range []string{stem + ".react.ts", stem + ".mock.ts", stem + ".schemas.ts"} {
			if err := p.leftover(name, wanted); err != nil {
				return err
			}
		}
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
