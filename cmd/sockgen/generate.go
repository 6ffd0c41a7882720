package main

import (
	"fmt"
	"io"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sockgen/sockgen/gen"
	"github.com/sockgen/sockgen/gen/diag"
)

// A generateFlags is what the command line of generate says.
type generateFlags struct {
	settings settings
	check    bool
	format   string
}

func (a *app) generateCommand() *cobra.Command {
	g := &generateFlags{}
	cmd := &cobra.Command{
		Use: "generate [flags]", Short: "Checks the schema and writes Go and TypeScript, where they changed",
		Example: "  sockgen generate\n  sockgen generate -check -schema api/events.yaml -out internal/gen",
		Args:    noArgs,
	}
	g.settings.bind(cmd)
	g.settings.bindOutput(cmd)
	cmd.Flags().BoolVar(&g.check, "check", false, "write nothing; list the files that are stale and exit with status 1")
	formatFlag(cmd, &g.format, "of diagnostics: text, json, sarif or github")
	cmd.RunE = a.runs(func([]string) (int, error) {
		if err := checkFormat(g.format); err != nil {
			return 0, err
		}
		return a.generate(g), nil
	})
	return cmd
}

// generate reads the schema, renders it in memory, and writes or checks.
func (a *app) generate(g *generateFlags) int {
	s, format := &g.settings, diag.Format(g.format)
	if !a.complete(s) {
		return statusFail
	}
	in, err := s.input()
	if err == nil {
		in.Lock, _, err = s.readLock(s.given("lock"))
	}
	if err != nil {
		return a.fail(err)
	}
	result, err := gen.Generate(in)
	if failed := a.report(format, result.Diagnostics); failed != nil {
		return a.fail(failed)
	}
	if err != nil {
		return a.fail(&ownFault{err, s.schema})
	}
	if diag.HasErrors(result.Diagnostics) {
		fmt.Fprintf(a.stderr, "sockgen: %s, nothing was written\n", countErrors(result.Diagnostics))
		return statusRefuse
	}
	return a.write(s, result.Files, g.check, a.talk(format))
}

// write makes the output folders hold files, or tells with check what differs.
func (a *app) write(s *settings, files []gen.File, check bool, talk io.Writer) int {
	plans, err := makePlans(s, files)
	if err != nil {
		return a.fail(err)
	}
	defer plans.close()
	if check {
		return a.stale(plans, s, talk)
	}
	if err := plans.carryOut(s, talk); err != nil {
		return a.fail(err)
	}
	return statusFine
}

// stale lists what generate would change.
func (a *app) stale(plans plans, s *settings, talk io.Writer) int {
	stale := false
	for _, p := range plans {
		for _, c := range p.changes {
			fmt.Fprintf(talk, "%s: %s\n", p.path(c.name), c.why)
			stale = true
		}
	}
	if !stale {
		return statusFine
	}
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
	fmt.Fprintf(a.stderr, "sockgen: %s does not match %s; run: %s\n", s.written(), s.schema, again)
	return statusRefuse
}

// written names the folders that files go to.
func (s *settings) written() string {
	if rel, err := filepath.Rel(s.goDir, s.tsDir); err == nil && filepath.IsLocal(rel) {
		return s.goDir
	}
	return s.goDir + " or " + s.tsDir
}

func countErrors(diags []diag.Diagnostic) string {
	n := 0
	for _, d := range diags {
		if d.Severity == diag.Error {
			n++
		}
	}
	if n == 1 {
		return "1 error"
	}
	return fmt.Sprintf("%d errors", n)
}
