package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/sockgen/sockgen/gen"
	"github.com/sockgen/sockgen/gen/diag"
)

// againstLock is what -against says for the releases in the lock file.
const againstLock = "lock"

// breaking compares the schema with an older one.
func breaking(args []string, stdout, stderr io.Writer) int {
	var against, format string
	s, status, ok := command{
		name: "breaking",
		flags: func(flags *flag.FlagSet, s *settings) {
			flags.StringVar(&against, "against", "", "")
			flags.StringVar(&format, "format", "text", "")
			flags.Var(&s.allow, "allow", "")
		},
		check: func(s *settings) error {
			switch {
			case against == "":
				return errors.New("-against is missing; it names a file, a git revision or the word lock")
			case !slices.Contains(diag.Formats(), diag.Format(format)):
				return fmt.Errorf("-format is text, json, sarif or github, and not %q", format)
			}
			return nil
		},
	}.parse(args, stdout, stderr)
	if !ok {
		return status
	}
	c, err := s.compare(against)
	if err != nil {
		fmt.Fprintf(stderr, "sockgen: %v\n", err)
		return statusFail
	}
	fmt.Fprint(stderr, diag.Render(c.Diagnostics))
	switch {
	case diag.HasErrors(c.Diagnostics):
		fmt.Fprintf(stderr, "sockgen: %s in %s, nothing was compared\n", countErrors(c.Diagnostics), s.schema)
		return statusFail
	case diag.HasErrors(c.Older):
		fmt.Fprint(stderr, diag.Render(c.Older))
		fmt.Fprintf(stderr, "sockgen: %s in the schema of %s, nothing was compared\n", countErrors(c.Older), printable(against))
		return statusFail
	}
	for _, path := range gen.Allow(c.Changes, s.allow) {
		fmt.Fprintf(stderr, "sockgen: nothing changed at %q, which is allowed to: take it off the list\n", printable(path))
	}
	switch diag.Format(format) {
	case diag.JSON:
		err = writeJSON(stdout, against, c.Changes)
	case diag.Text:
		err = writeText(stdout, c.Changes)
	default:
		err = diag.Write(stdout, diag.Format(format), located(diag.Format(format), diagnosticsOf(c.Changes, s.schema)))
	}
	if err != nil {
		fmt.Fprintf(stderr, "sockgen: print the changes: %v\n", err)
		return statusFail
	}
	if !gen.HasBreaks(c.Changes) {
		return statusFine
	}
	fmt.Fprintf(stderr, "sockgen: %s\n", countBreaks(c.Changes))
	return statusRefuse
}

// compare reads the schema and what it is compared with. The older diagnostics
// say in which revision a file is.
func (s *settings) compare(against string) (gen.Comparison, error) {
	in, err := s.input()
	if err != nil {
		return gen.Comparison{}, err
	}
	if against == againstLock {
		lock, _, err := s.readLock(true)
		if err != nil {
			return gen.Comparison{}, fmt.Errorf("%w; sockgen lock adds a release to it", err)
		}
		return gen.CompareLock(lock, in), nil
	}
	older, revision, err := s.older(against)
	if err != nil {
		return gen.Comparison{}, err
	}
	c := gen.Compare(older, in)
	for i := range c.Older {
		c.Older[i].Position.File = revision + c.Older[i].Position.File
	}
	return c, nil
}

// older reads the schema that -against names: a file, else the same schema at a
// git revision, which then is what its files' names begin with.
func (s *settings) older(against string) (in gen.Input, prefix string, err error) {
	src, err := readFile(against)
	if err == nil {
		return gen.Input{File: against, Source: src, Read: readFile}, "", nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return in, "", fmt.Errorf("read the older schema: %w", err)
	}
	r, err := openRevision(filepath.Dir(s.schema), against)
	if err != nil {
		return in, "", err
	}
	src, err = r.read(s.schema)
	if errors.Is(err, fs.ErrNotExist) {
		return in, "", fmt.Errorf("there is no %s at %q; if it has been moved, write its old text to a file and give that to -against", s.schema, against)
	}
	if err != nil {
		return in, "", fmt.Errorf("read the older schema: %w", err)
	}
	return gen.Input{File: s.schema, Source: src, Read: r.read}, against + ":", nil
}

// writeText prints one change a line, as compilers print errors.
func writeText(w io.Writer, changes []gen.Change) error {
	var b strings.Builder
	for _, c := range changes {
		if c.Position.Line > 0 {
			fmt.Fprintf(&b, "%s: ", c.Position)
		}
		verdict := c.Verdict.String()
		if c.Allowed {
			verdict += " (allowed)"
		}
		fmt.Fprintf(&b, "%s: %s: %s", verdict, printable(c.Path), printable(c.Message))
		if len(c.Releases) > 0 {
			fmt.Fprintf(&b, " [%s]", printable(strings.Join(c.Releases, ", ")))
		}
		b.WriteByte('\n')
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// breakingChange is the code under which formats for machines have a change.
const breakingChange diag.Code = "breaking-change"

// diagnosticsOf returns the changes that are not safe as diagnostics: errors that break
// older clients, and warnings. What has no place in the schema any more is one of the
// whole file.
func diagnosticsOf(changes []gen.Change, schema string) []diag.Diagnostic {
	var list []diag.Diagnostic
	for _, c := range changes {
		if c.Verdict == gen.Safe {
			continue
		}
		d := diag.Diagnostic{Code: breakingChange, Position: c.Position, Width: 1, Message: c.Path + ": " + c.Message, Severity: diag.Warning}
		if c.Verdict == gen.Breaks && !c.Allowed {
			d.Severity = diag.Error
		}
		if d.Position.File == "" {
			d.Position.File = schema
		}
		d.Line = strings.Repeat(" ", d.Position.Column) // its text is not at hand; columns count from its begin
		list = append(list, d)
	}
	return list
}

// A jsonReport is what -format json prints.
type jsonReport struct {
	Against string       `json:"against"`
	Breaks  bool         `json:"breaks"`
	Changes []jsonChange `json:"changes"`
}

type jsonChange struct {
	Verdict  gen.Verdict `json:"verdict"`
	Allowed  bool        `json:"allowed,omitempty"`
	File     string      `json:"file,omitempty"`
	Line     int         `json:"line,omitempty"`   // from 1
	Column   int         `json:"column,omitempty"` // from 1, in characters
	Path     string      `json:"path"`
	Message  string      `json:"message"`
	Releases []string    `json:"releases,omitempty"`
}

func writeJSON(w io.Writer, against string, changes []gen.Change) error {
	report := jsonReport{Against: against, Breaks: gen.HasBreaks(changes), Changes: []jsonChange{}}
	for _, c := range changes {
		report.Changes = append(report.Changes, jsonChange{c.Verdict, c.Allowed, c.Position.File, c.Position.Line, c.Position.Column, c.Path, c.Message, c.Releases})
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(report)
}

func countBreaks(changes []gen.Change) string {
	n := 0
	for _, c := range changes {
		if c.Verdict == gen.Breaks && !c.Allowed {
			n++
		}
	}
	switch {
	case len(changes) == 1:
		return "the change breaks older clients"
	case n == 1:
		return fmt.Sprintf("1 of %d changes breaks older clients", len(changes))
	}
	return fmt.Sprintf("%d of %d changes break older clients", n, len(changes))
}

// printable returns s without what could steer a terminal.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return unicode.ReplacementChar
	}, s)
}
