// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"path/filepath"
	"slices"

	"github.com/sockgen/sockgen/gen/diag"
)

// located returns list with the names of files as readers of a format look for them:
// those of code scanning and of workflow commands start at the top of the repository,
// wherever sockgen runs.
func located(format diag.Format, list []diag.Diagnostic) []diag.Diagnostic {
	if format != diag.SARIF && format != diag.GitHub {
		return list
	}
	root := repositoryRoot()
	list = slices.Clone(list)
	for i := range list {
		list[i].Position.File = fromRoot(root, list[i].Position.File)
		list[i].Edits = slices.Clone(list[i].Edits)
		for j := range list[i].Edits {
			e := &list[i].Edits[j]
			e.Start.File, e.End.File = fromRoot(root, e.Start.File), fromRoot(root, e.End.File)
		}
	}
	return list
}

// fromRoot returns the name of a file from the top of its repository, root, or as it is
// when it is outside.
func fromRoot(root, file string) string {
	if root == "" {
		return file
	}
	abs, err := filepath.Abs(file)
	if err != nil {
		return file
	}
	if real, err := filepath.EvalSymlinks(filepath.Dir(abs)); err == nil {
		abs = filepath.Join(real, filepath.Base(abs))
	}
	rel, err := filepath.Rel(root, abs)
	if err != nil || !filepath.IsLocal(rel) {
		return file
	}
	return filepath.ToSlash(rel)
}

// repositoryRoot returns the top of the repository that sockgen runs in, or "".
func repositoryRoot() string {
	dir, err := os.Getwd()
	if err != nil {
		return ""
	}
	if real, err := filepath.EvalSymlinks(dir); err == nil {
		dir = real
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, ".git")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			return ""
		}
		dir = filepath.Dir(dir)
	}
}
