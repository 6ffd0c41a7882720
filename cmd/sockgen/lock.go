// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/sockgen/sockgen/gen"
	"github.com/sockgen/sockgen/gen/diag"
)

func (a *app) lockCommand() *cobra.Command {
	s := &settings{}
	cmd := &cobra.Command{
		Use: "lock [flags]", Short: "Records the schema in sockgen.lock, for a release",
		Args: noArgs,
		RunE: a.runs(func([]string) (int, error) { return a.lock(s), nil }),
	}
	s.bind(cmd)
	s.bindMeaning(cmd)
	s.bindLock(cmd)
	return cmd
}

// A release is a schema that goes into its lock.
type release struct {
	file          string
	before, after []byte
	added         []gen.Release
}

// lock adds the schemas as they are to their lock files: all of them or none.
func (a *app) lock(s *settings) int {
	w := a.complete(s)
	if w == nil {
		return statusFail
	}
	var all []release
	var diags []diag.Diagnostic
	for _, d := range w.documents {
		r, more, err := d.release()
		if err != nil {
			return a.fail(err)
		}
		all, diags = append(all, r), append(diags, more...)
	}
	diags = diag.Sort(diags)
	a.say(diags)
	if diag.HasErrors(diags) {
		fmt.Fprintf(a.stderr, "sockgen: %s, nothing was locked\n", countErrors(diags))
		return statusRefuse
	}
	for _, r := range all {
		if bytes.Equal(r.before, r.after) {
			fmt.Fprintf(a.stdout, "%s is up to date\n", r.file)
			continue
		}
		if err := replaceFile(r.file, r.after); err != nil {
			return a.fail(fmt.Errorf("write %s: %w", r.file, err))
		}
		for _, added := range r.added {
			fmt.Fprintf(a.stdout, "locked %s %s\n", added.Namespace, added.Fingerprint)
		}
		fmt.Fprintf(a.stdout, "wrote %s\n", r.file)
	}
	return statusFine
}

// release reads the schema and its lock, to which it is added.
func (d *document) release() (release, []diag.Diagnostic, error) {
	r := release{file: d.lock}
	if err := d.ownLock(); err != nil {
		return r, nil, err
	}
	in, err := d.input()
	if err != nil {
		return r, nil, err
	}
	lock, before, err := d.readLock(false)
	if err != nil {
		return r, nil, err
	}
	var diags []diag.Diagnostic
	r.before = before
	r.added, diags = lock.Add(in)
	if !diag.HasErrors(diags) {
		r.after, err = lock.Text()
	}
	return r, diags, err
}

// replaceFile writes a file as a whole; its folder must be there.
func replaceFile(name string, data []byte) error {
	root, err := os.OpenRoot(filepath.Dir(name))
	if err != nil {
		return err
	}
	defer root.Close()
	return replace(root, filepath.Base(name), data)
}
