// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestImportPath(t *testing.T) {
	for _, c := range []struct{ mod, dir, want string }{
		{"module example.com/app\n\ngo 1.26\n", "generated", "example.com/app/generated"},
		{"// The app.\nmodule \"example.com/app\" // ours\n", "a/b", "example.com/app/a/b"},
		{"module example.com/app\r\n", ".", "example.com/app"},
		{"go 1.26\n", "generated", ""},
	} {
		root := t.TempDir()
		if err := os.WriteFile(filepath.Join(root, "go.mod"), []byte(c.mod), 0o644); err != nil {
			t.Fatal(err)
		}
		if got, err := importPath(filepath.Join(root, filepath.FromSlash(c.dir))); got != c.want || err != nil {
			t.Errorf("%q, %s: %q, %v; want %q", c.mod, c.dir, got, err, c.want)
		}
	}
}
