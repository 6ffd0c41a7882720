// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"unicode"
)

// A revision is a commit of the git repository that the schema is in. It reads
// files as they were then; the working tree stays as it is.
type revision struct {
	folder string // of the schema, as the user named it; git runs there
	prefix string // of folder within the repository, slash-separated
	commit string // in hexadecimal digits, so that no argument of git is the user's own
}

// openRevision finds a revision in the repository of the folder.
func openRevision(folder, name string) (*revision, error) {
	// git would take a dash for an option, and a colon for a path.
	if strings.HasPrefix(name, "-") || strings.ContainsFunc(name, func(r rune) bool { return r == ':' || !unicode.IsPrint(r) }) {
		return nil, fmt.Errorf("%q is no file, and no name of a git revision either", name)
	}
	prefix, err := git(folder, "rev-parse", "--show-prefix")
	if err != nil {
		return nil, fmt.Errorf("%q is no file, and as a git revision it cannot be looked up: %w", name, err)
	}
	commit, err := git(folder, "rev-parse", "--verify", "--quiet", name+"^{commit}")
	if err != nil {
		return nil, fmt.Errorf("%q is no file and no revision of this git repository; a branch must have been fetched", name)
	}
	line := func(b []byte) string { return strings.TrimSuffix(string(b), "\n") }
	return &revision{folder: folder, prefix: line(prefix), commit: line(commit)}, nil
}

// read returns a file, named as the user would name it today. An error is
// fs.ErrNotExist when the commit has none.
func (r *revision) read(name string) ([]byte, error) {
	relative, err := filepath.Rel(r.folder, filepath.FromSlash(name))
	if err != nil {
		return nil, err
	}
	inside := path.Join(r.prefix, filepath.ToSlash(relative))
	if inside == ".." || strings.HasPrefix(inside, "../") {
		return nil, fmt.Errorf("%s is outside of the git repository", name)
	}
	object := r.commit + ":" + inside
	if _, err := git(r.folder, "cat-file", "-e", object); err != nil {
		return nil, fs.ErrNotExist
	}
	return git(r.folder, "cat-file", "blob", object)
}

// git runs git in a folder and returns what it prints.
func git(folder string, args ...string) ([]byte, error) {
	command := exec.Command("git", args...)
	command.Dir = folder
	command.Env = append(os.Environ(), "LC_ALL=C")
	var stderr bytes.Buffer
	command.Stderr = &stderr
	out, err := command.Output()
	if errors.Is(err, exec.ErrNotFound) {
		return nil, errors.New("git is not installed")
	}
	if err != nil {
		line, _, _ := strings.Cut(strings.TrimSpace(stderr.String()), "\n")
		return nil, fmt.Errorf("git %s: %s", args[0], printable(strings.TrimPrefix(line, "fatal: ")))
	}
	return out, nil
}
