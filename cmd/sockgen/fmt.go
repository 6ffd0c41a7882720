// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"fmt"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"github.com/sockgen/sockgen/gen"
	"github.com/sockgen/sockgen/gen/diag"
)

func (a *app) fmtCommand() *cobra.Command {
	s, check := &settings{}, false
	cmd := &cobra.Command{
		Use: "fmt [flags]", Short: "Formats the schema and its imports",
		Example: "  sockgen fmt\n  sockgen fmt -check",
		Args:    noArgs,
		RunE:    a.runs(func([]string) (int, error) { return a.format(s, check), nil }),
	}
	s.bind(cmd)
	cmd.Flags().BoolVar(&check, "check", false, "write nothing; list the files that are not in form and exit with status 1")
	return cmd
}

// format formats the schemas and the files that they import, or lists with check
// those that are not in form. Where one is no YAML, nothing is written.
func (a *app) format(s *settings, check bool) int {
	w := a.complete(s)
	if w == nil {
		return statusFail
	}
	var files []gen.File
	var diags []diag.Diagnostic
	for _, d := range w.documents {
		in, err := d.input()
		if err != nil {
			return a.fail(err)
		}
		more, found := gen.Format(in)
		files, diags = append(files, more...), append(diags, found...)
	}
	if diags = diag.Sort(diags); len(diags) > 0 {
		a.say(diags)
		fmt.Fprintf(a.stderr, "sockgen: %s, nothing was formatted\n", countErrors(diags))
		return statusRefuse
	}
	changed, err := changedFiles(files)
	if err != nil {
		return a.fail(err)
	}
	for _, f := range changed {
		if check {
			fmt.Fprintf(a.stdout, "%s: not in form\n", f.Name)
			continue
		}
		if err := rewrite(f.Name, f.Data); err != nil {
			return a.fail(err)
		}
		fmt.Fprintf(a.stdout, "formatted %s\n", f.Name)
	}
	if check && len(changed) > 0 {
		fmt.Fprintf(a.stderr, "sockgen: %s not in form; run: sockgen fmt\n", number(len(changed), "file"))
		return statusRefuse
	}
	return statusFine
}

// changedFiles returns the files that have another text on disk, each once. Ends of
// lines do not count: git may change them.
func changedFiles(files []gen.File) ([]gen.File, error) {
	var changed []gen.File
	for _, f := range files {
		name := filepath.Clean(filepath.FromSlash(f.Name))
		if slices.ContainsFunc(changed, func(c gen.File) bool { return c.Name == name }) {
			continue
		}
		data, err := readFile(name)
		if err != nil {
			return nil, err
		}
		if !bytes.Equal(fold(data), f.Data) {
			changed = append(changed, gen.File{Name: name, Data: f.Data})
		}
	}
	return changed, nil
}

// rewrite replaces the text of a file that somebody wrote. A link stays one.
func rewrite(name string, data []byte) error {
	real, err := filepath.EvalSymlinks(name)
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	if err := replaceFile(real, data); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	return nil
}
