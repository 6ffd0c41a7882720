// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sockgen/sockgen/gen/diag"
)

// A generateFlags is what the command line of generate says.
type generateFlags struct {
	settings settings
	check    bool
	watch    bool
	poll     bool
	format   string
}

func (a *app) generateCommand() *cobra.Command {
	g := &generateFlags{}
	cmd := &cobra.Command{
		Use: "generate [flags]", Short: "Checks the schema and writes the Go and TypeScript files that changed",
		Example: "  sockgen generate\n  sockgen generate -check -schema api/events.yaml -out internal/gen",
		Args:    noArgs,
	}
	g.settings.bind(cmd)
	g.settings.bindMeaning(cmd)
	g.settings.bindLock(cmd)
	g.settings.bindOutput(cmd)
	cmd.Flags().BoolVar(&g.check, "check", false, "write nothing; list the files that are stale and exit with status 1")
	cmd.Flags().BoolVar(&g.watch, "watch", false, "keep running, and generate again when a file changes")
	cmd.Flags().BoolVar(&g.poll, "poll", false, "with -watch: look for changes, where the file system does not tell of them")
	formatFlag(cmd, &g.format, "of diagnostics: text, json, sarif or github")
	cmd.RunE = a.runs(func([]string) (int, error) {
		if err := checkFormat(g.format); err != nil {
			return 0, err
		}
		if g.watch {
			if g.check {
				return 0, errors.New("-watch writes, and -check does not: choose one")
			}
			return a.watch(g), nil
		}
		return a.generate(g, &renderer{}), nil
	})
	return cmd
}

// generate reads the schemas, renders them in memory, and writes or checks.
func (a *app) generate(g *generateFlags, r *renderer) int {
	g.settings.read = r.read(files{})
	w := a.complete(&g.settings)
	if w == nil {
		return statusFail
	}
	all, diags, err := r.render(w, g.settings.given("lock"))
	if failed := a.report(diag.Format(g.format), diags); failed != nil {
		return a.fail(failed)
	}
	if err != nil {
		return a.fail(err)
	}
	if diag.HasErrors(diags) {
		fmt.Fprintf(a.stderr, "sockgen: %s, nothing was written\n", countErrors(diags))
		return statusRefuse
	}
	return a.write(w, all, g.check, a.talk(diag.Format(g.format)))
}

// write makes the output folders hold what was rendered, or tells with check what differs.
func (a *app) write(w *workspace, all []rendering, check bool, talk io.Writer) int {
	plans, err := makePlans(w, all)
	if err != nil {
		return a.fail(err)
	}
	defer plans.close()
	if check {
		if !plans.stale(talk) {
			return statusFine
		}
		fmt.Fprintf(a.stderr, "sockgen: %s does not match %s; run: %s\n", w.written("or"), w.names(), a.again())
		return statusRefuse
	}
	changed, err := plans.carryOut(talk)
	if err != nil {
		return a.fail(err)
	}
	if !changed {
		fmt.Fprintf(talk, "%s is up to date\n", w.written("and"))
	}
	return statusFine
}

// again returns the command line without -check.
func (a *app) again() string {
	again := "sockgen generate"
	for _, arg := range a.args {
		if name := strings.TrimLeft(arg, "-"); name == "check" || strings.HasPrefix(name, "check=") {
			continue
		}
		if name, long := strings.CutPrefix(arg, "--"); long {
			arg = "-" + name
		}
		if strings.ContainsAny(arg, " \t\n\"'`$\\&|;<>()*?[]#~!{}") || arg == "" {
			arg = strconv.Quote(arg)
		}
		again += " " + arg
	}
	return again
}

// written names the folders that files go to, but for those within others.
func (w *workspace) written(word string) string {
	var folders []string
	for _, d := range w.documents {
		for _, dir := range []string{filepath.Clean(d.goDir), filepath.Clean(d.tsDir)} {
			if !slices.ContainsFunc(folders, func(f string) bool { return within(f, dir) }) {
				folders = slices.DeleteFunc(folders, func(f string) bool { return within(dir, f) })
				folders = append(folders, dir)
			}
		}
	}
	if len(folders) > 3 {
		return "what was generated"
	}
	return strings.ReplaceAll(enumerate(folders), " and ", " "+word+" ")
}

// within tells whether a folder is another one or below it.
func within(dir, inner string) bool {
	rel, err := filepath.Rel(dir, inner)
	return err == nil && filepath.IsLocal(rel)
}

func countErrors(diags []diag.Diagnostic) string {
	n := 0
	for _, d := range diags {
		if d.Severity == diag.Error {
			n++
		}
	}
	return number(n, "error")
}
