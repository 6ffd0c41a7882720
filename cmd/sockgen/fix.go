// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/sockgen/sockgen/gen"
	"github.com/sockgen/sockgen/gen/diag"
)

func (a *app) fixCommand() *cobra.Command {
	s, check := &settings{}, false
	cmd := &cobra.Command{
		Use: "fix [flags]", Short: "Fixes mistakes of the schema that have one remedy",
		Example: "  sockgen fix\n  sockgen fix -check",
		Args:    noArgs,
		RunE:    a.runs(func([]string) (int, error) { return a.fix(s, check), nil }),
	}
	s.bind(cmd)
	s.bindMeaning(cmd)
	cmd.Flags().BoolVar(&check, "check", false, "write nothing; list what would be mended and exit with status 1 if there is anything")
	return cmd
}

// fix mends the schemas and the files that they import, and prints what is left.
func (a *app) fix(s *settings, check bool) int {
	w := a.complete(s)
	if w == nil {
		return statusFail
	}
	var mended, left []diag.Diagnostic
	for _, d := range w.documents {
		in, err := d.input()
		if err != nil {
			return a.fail(err)
		}
		f := gen.Fix(in)
		mended, left = append(mended, f.Fixed...), append(left, f.Left...)
		if check {
			continue
		}
		for _, file := range f.Files { // at once: another document may import it, too
			if err := rewrite(filepath.FromSlash(file.Name), file.Data); err != nil {
				return a.fail(err)
			}
		}
	}
	verb := "fixed"
	if check {
		verb = "would fix"
	}
	for _, d := range diag.Sort(mended) {
		fmt.Fprintf(a.stdout, "%s %s\n", verb, d)
	}
	left = diag.Sort(left)
	a.say(left)
	switch {
	case diag.HasErrors(left):
		fmt.Fprintf(a.stderr, "sockgen: %s left to mend by hand\n", countErrors(left))
		return statusRefuse
	case check && len(mended) > 0:
		return statusRefuse
	}
	return statusFine
}
