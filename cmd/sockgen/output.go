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

// A plan is what has to change in the output folder. It is complete, and known to
// touch nothing that sockgen did not write, before the first file changes.
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
	var folders []string
	for _, f := range files {
		if !filepath.IsLocal(filepath.FromSlash(f.Name)) {
			return fmt.Errorf("refuse to write %q outside the output folder", f.Name)
		}
		wanted[f.Name] = true
		if dir := path.Dir(f.Name); strings.HasSuffix(f.Name, ".go") && !slices.Contains(folders, dir) {
			folders = append(folders, dir)
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
		data, err := p.read(name)
		if err != nil {
			return fmt.Errorf("read what is there: %w", err)
		}
		if gen.IsGenerated(data) {
			p.changes = append(p.changes, change{name: name, why: "left over"})
		}
	}
	return nil
}

// carryOut makes the changes and prints each one.
func (p *plan) carryOut(stdout io.Writer) error {
	if p.root == nil {
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
	if len(p.changes) == 0 {
		fmt.Fprintf(stdout, "%s is up to date\n", p.out)
	}
	return nil
}

// write replaces a file as a whole: whoever reads it meanwhile sees the old
// text or the new one.
func (p *plan) write(name string, data []byte) error {
	name = filepath.FromSlash(name)
	dir := filepath.Dir(name)
	if err := p.root.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	temporary := filepath.Join(dir, ".sockgen-"+rand.Text())
	err := p.root.WriteFile(temporary, data, 0o644)
	if err == nil {
		err = p.root.Rename(temporary, name)
	}
	if err != nil {
		_ = p.root.Remove(temporary) // the write's error is the one to tell
	}
	return err
}
