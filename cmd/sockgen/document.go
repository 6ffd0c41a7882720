// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/mod/module"

	"github.com/sockgen/sockgen/gen"
)

// maxRead is how many bytes of a file are read. The limits of what is in it are
// lower; this one keeps a wrong -schema such as a device from filling memory.
const maxRead = 64 << 20

// A document is one schema with its settings. Its paths are as the user named them.
type document struct {
	schema string
	lock   string
	goDir  string
	tsDir  string
	ts     gen.TypeScriptOptions
	lints  gen.LintOptions

	initialisms []string
	allow       []string
	sharesLock  string // the schema that has the same lock, or ""
	shared      bool   // it is an imported file, of which several documents have the types

	read func(name string) ([]byte, error) // what the schema is made of
}

// input reads the schema, for commands that write nothing from it.
func (d *document) input() (gen.Input, error) {
	src, err := d.read(d.schema)
	if err != nil {
		return gen.Input{}, fmt.Errorf("read the schema: %w", err)
	}
	return gen.Input{File: d.schema, Source: src, Read: d.read, TypeScript: d.ts, Initialisms: d.initialisms}, nil
}

// inputs reads the schema together with where its files go and what was released.
func (d *document) inputs(mustLock bool) (gen.Input, error) {
	in, err := d.input()
	if err != nil {
		return in, err
	}
	if in.GoFolder, err = importPath(d.goDir); err != nil {
		return in, err
	}
	if err := importable(d.goDir, in.GoFolder); err != nil {
		return in, err
	}
	in.Lock, _, err = d.readLock(mustLock)
	return in, err
}

// readLock reads the lock file. Where it is missing, it is empty, unless it must be
// there. Two documents cannot share one: both may have a namespace of one path.
func (d *document) readLock(must bool) (*gen.Lock, []byte, error) {
	data, err := d.read(d.lock)
	if err != nil && (!errors.Is(err, fs.ErrNotExist) || must) {
		return nil, nil, fmt.Errorf("read the lock: %w", err)
	}
	if err == nil {
		if err := d.ownLock(); err != nil {
			return nil, nil, err
		}
	}
	lock, err := gen.ParseLock(data)
	if err != nil {
		return nil, nil, fmt.Errorf("%s cannot be used: %w", printable(d.lock), err)
	}
	return lock, data, nil
}

// ownLock says that another document has the same lock.
func (d *document) ownLock() error {
	if d.sharesLock == "" {
		return nil
	}
	return fmt.Errorf("%s and %s would share %s: give one of them another lock, with { schema: …, lock: … } in sockgen.yaml", d.sharesLock, d.schema, d.lock)
}

// importPath returns how Go imports the packages in dir, which need not be there
// yet: as the go.mod of the nearest folder above tells. It is "" outside a module.
func importPath(dir string) (string, error) {
	root, err := moduleRoot(dir)
	if err != nil || root == "" {
		return "", err
	}
	data, err := readFile(filepath.Join(root, "go.mod"))
	if err != nil {
		return "", fmt.Errorf("find the Go module: %w", err)
	}
	rel, err := relative(root, dir)
	module := modulePath(data)
	if err != nil || module == "" {
		return "", err
	}
	return path.Join(module, rel), nil
}

// moduleRoot returns the folder of the nearest go.mod in dir, which need not be there
// yet, or above it; "" if there is none.
func moduleRoot(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("find the Go module: %w", err)
	}
	for root := dir; ; root = filepath.Dir(root) {
		_, err := os.Stat(filepath.Join(root, "go.mod"))
		switch {
		case err == nil:
			return root, nil
		case !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, syscall.ENOTDIR): // the folder may be a file, which is reported later
			return "", fmt.Errorf("find the Go module: %w", err)
		case root == filepath.Dir(root):
			return "", nil
		}
	}
}

// importable says why Go could not import packages in dir, whose import path is
// folder: "" outside a module, where what the command line says must do.
func importable(dir, folder string) error {
	if folder == "" && filepath.IsLocal(dir) {
		folder = path.Join("example.com", filepath.ToSlash(dir))
	}
	if folder == "" {
		return nil
	}
	var bad *module.InvalidPathError
	if err := module.CheckImportPath(folder); errors.As(err, &bad) && strings.Contains(folder, "/") {
		return fmt.Errorf("packages in %q cannot be imported: %w; name another folder for them, with -go or -out", filepath.ToSlash(dir), bad.Err)
	}
	return nil
}

// modulePath returns what the module directive of a go.mod says, or "".
func modulePath(mod []byte) string {
	for line := range strings.Lines(string(mod)) {
		line, _, _ = strings.Cut(line, "//")
		if words := strings.Fields(line); len(words) == 2 && words[0] == "module" {
			if name, err := strconv.Unquote(words[1]); err == nil {
				return name
			}
			return words[1]
		}
	}
	return ""
}

// readFile reads the schema, a file that it imports, or another one by its
// slash-separated or native name.
func readFile(name string) ([]byte, error) {
	f, err := os.Open(filepath.FromSlash(name))
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxRead))
}
