package main

import (
	"flag"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/sockgen/sockgen/gen"
	"github.com/sockgen/sockgen/gen/diag"
)

// generate reads the schema, renders it in memory, and writes or checks.
func generate(args []string, stdout, stderr io.Writer) int {
	var check bool
	var format string
	s, status, ok := command{name: "generate", flags: func(flags *flag.FlagSet, s *settings) {
		flags.StringVar(&s.out, "out", "", "")
		flags.StringVar(&s.goDir, "go", "", "")
		flags.StringVar(&s.tsDir, "typescript", "", "")
		flags.BoolVar(&s.ts.React, "react", false, "")
		flags.BoolVar(&s.ts.Mock, "mock", false, "")
		flags.BoolVar(&s.ts.Schemas, "schemas", false, "")
		flags.BoolVar(&check, "check", false, "")
		flags.StringVar(&format, "format", string(diag.Text), "")
	}, check: func(*settings) error {
		if !slices.Contains(diag.Formats(), diag.Format(format)) {
			return fmt.Errorf("-format is text, json, sarif or github, and not %q", format)
		}
		return nil
	}}.parse(args, stdout, stderr)
	if !ok {
		return status
	}
	diagnostics := stderr
	if diag.Format(format) != diag.Text {
		// stdout is the report's alone: it can go to a file as it is.
		diagnostics, stdout = stdout, stderr
	}
	in, err := s.input()
	if err == nil {
		in.Lock, _, err = s.readLock(s.given["lock"])
	}
	if err != nil {
		fmt.Fprintf(stderr, "sockgen: %v\n", err)
		return statusFail
	}
	result, err := gen.Generate(in)
	if failed := diag.Write(diagnostics, diag.Format(format), located(diag.Format(format), result.Diagnostics)); failed != nil {
		fmt.Fprintf(stderr, "sockgen: print the diagnostics: %v\n", failed)
		return statusFail
	}
	if err != nil {
		fmt.Fprintf(stderr, "sockgen: %v; this is a fault of sockgen, not of %s\n", err, s.schema)
		return statusFail
	}
	if diag.HasErrors(result.Diagnostics) {
		fmt.Fprintf(stderr, "sockgen: %s, nothing was written\n", countErrors(result.Diagnostics))
		return statusRefuse
	}
	return s.write(result.Files, check, stdout, stderr)
}

// write makes the output folders hold files, or tells with check what differs.
func (s *settings) write(files []gen.File, check bool, stdout, stderr io.Writer) int {
	plans, err := makePlans(s, files)
	if err != nil {
		fmt.Fprintf(stderr, "sockgen: %v\n", err)
		return statusFail
	}
	defer plans.close()
	if check {
		return report(plans, s, stdout, stderr)
	}
	if err := plans.carryOut(s, stdout); err != nil {
		fmt.Fprintf(stderr, "sockgen: %v\n", err)
		return statusFail
	}
	return statusFine
}

// report lists what generate would change.
func report(plans plans, s *settings, stdout, stderr io.Writer) int {
	stale := false
	for _, p := range plans {
		for _, c := range p.changes {
			fmt.Fprintf(stdout, "%s: %s\n", p.path(c.name), c.why)
			stale = true
		}
	}
	if !stale {
		return statusFine
	}
	again := "sockgen generate"
	for _, arg := range s.args {
		if name := strings.TrimLeft(arg, "-"); name == "check" || strings.HasPrefix(name, "check=") {
			continue
		}
		if strings.ContainsAny(arg, " \t\n\"'`$\\&|;<>()*?[]#~!{}") || arg == "" {
			arg = strconv.Quote(arg)
		}
		again += " " + arg
	}
	fmt.Fprintf(stderr, "sockgen: %s does not match %s; run: %s\n", s.written(), s.schema, again)
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
