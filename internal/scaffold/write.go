// SPDX-License-Identifier: Apache-2.0

package scaffold

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// CheckEmpty says that a folder, in which a project of its own shall begin, holds
// something. A version control's folder does not count.
func CheckEmpty(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look into the folder: %w", err)
	}
	for _, e := range entries {
		if !slices.Contains([]string{".git", ".hg", ".jj"}, e.Name()) {
			return fmt.Errorf("%s is not empty, it has %s: choose another folder with -dir, or -into for a package of the module that is there", dir, e.Name())
		}
	}
	return nil
}

// Write writes files into a folder, and calls wrote after each. When one of them is
// there already, it writes none.
func Write(dir string, files []File, wrote func(name string)) error {
	for _, f := range files {
		name := filepath.Join(dir, filepath.FromSlash(f.Name))
		if _, err := os.Lstat(name); err == nil {
			return fmt.Errorf("%s is there already; nothing was written", name)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("look for %s: %w", name, err)
		}
	}
	for _, f := range files {
		name := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return fmt.Errorf("make the folder: %w", err)
		}
		// O_EXCL: whoever wrote one in the meantime keeps it.
		out, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if err != nil {
			return fmt.Errorf("write a file: %w", err)
		}
		_, err = out.Write(f.Data)
		if err := errors.Join(err, out.Close()); err != nil {
			return fmt.Errorf("write %s: %w", name, err)
		}
		wrote(name)
	}
	return nil
}
