// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/spf13/cobra"

	"github.com/sockgen/sockgen/gen"
	"github.com/sockgen/sockgen/gen/diag"
)

// againstLock is what -against says for the releases in the lock file.
const againstLock = "lock"

// A breakingFlags is what the command line of breaking says.
type breakingFlags struct {
	settings        settings
	against, format string
}

func (a *app) breakingCommand() *cobra.Command {
	b := &breakingFlags{}
	cmd := &cobra.Command{
		Use: "breaking -against what [flags]", Short: "Compares two schemas: what changed, and what breaks older clients",
		Example: "  sockgen breaking -against main\n  sockgen breaking -against lock -format sarif",
		Args:    noArgs,
	}
	b.settings.bind(cmd)
	b.settings.bindMeaning(cmd)
	b.settings.bindLock(cmd)
	cmd.Flags().StringVar(&b.against, "against", "", "`what` to compare with: a file; else the schema at a git revision; the word lock: the releases in the lock")
	cmd.Flags().Var(&b.settings.allow, "allow", "the `path` of a break that you mean, as printed; may be repeated")
	formatFlag(cmd, &b.format, "text, json, sarif or github")
	cmd.RunE = a.runs(func([]string) (int, error) {
		if b.against == "" {
			return 0, errors.New("-against is missing; it names a file, a git revision or the word lock")
		}
		if err := checkFormat(b.format); err != nil {
			return 0, err
		}
		return a.breaking(&b.settings, b.against, diag.Format(b.format)), nil
	})
	return cmd
}

// breaking compares the schemas with older ones.
func (a *app) breaking(s *settings, against string, format diag.Format) int {
	w := a.complete(s)
	if w == nil {
		return statusFail
	}
	var changes []gen.Change
	for _, d := range w.documents {
		c, err := d.compare(against, len(w.documents) > 1)
		if err != nil {
			return a.fail(err)
		}
		if status := a.compared(d, c, against); status != statusFine {
			return status
		}
		for _, path := range gen.Allow(c.Changes, d.allow) {
			fmt.Fprintf(a.stderr, "sockgen: nothing changed at %q, which is allowed to: take it off the list\n", printable(path))
		}
		changes = append(changes, named(c.Changes, d.schema, format != diag.Text || len(w.documents) > 1)...)
	}
	if err := a.printChanges(format, against, changes); err != nil {
		return a.fail(fmt.Errorf("print the changes: %w", err))
	}
	if !gen.HasBreaks(changes) {
		return statusFine
	}
	fmt.Fprintf(a.stderr, "sockgen: %s\n", countBreaks(changes))
	return statusRefuse
}

// compared prints what kept two schemas from being compared.
func (a *app) compared(d *document, c gen.Comparison, against string) int {
	a.say(c.Diagnostics)
	if diag.HasErrors(c.Diagnostics) {
		fmt.Fprintf(a.stderr, "sockgen: %s in %s, nothing was compared\n", countErrors(c.Diagnostics), d.schema)
		return statusFail
	}
	if diag.HasErrors(c.Older) {
		a.say(c.Older)
		fmt.Fprintf(a.stderr, "sockgen: %s in the schema of %s, nothing was compared\n", countErrors(c.Older), printable(against))
		return statusFail
	}
	return statusFine
}

// named returns changes with the name of the schema where they have no place in it, if
// readers could not tell otherwise.
func named(changes []gen.Change, schema string, needed bool) []gen.Change {
	for i := range changes {
		if needed && changes[i].Position.File == "" {
			changes[i].Position.File = schema
		}
	}
	return changes
}

func (a *app) printChanges(format diag.Format, against string, changes []gen.Change) error {
	switch format {
	case diag.JSON:
		return writeJSON(a.stdout, against, changes)
	case diag.Text:
		return writeText(a.stdout, changes)
	}
	return diag.Write(a.stdout, format, located(format, diagnosticsOf(changes)))
}

// compare reads the schema and what it is compared with. The older diagnostics
// say in which revision a file is. Among others, a schema that is new has no changes.
func (d *document) compare(against string, among bool) (gen.Comparison, error) {
	in, err := d.input()
	if err != nil {
		return gen.Comparison{}, err
	}
	if against == againstLock {
		lock, _, err := d.readLock(!among)
		if err != nil {
			return gen.Comparison{}, fmt.Errorf("%w; sockgen lock adds a release to it", err)
		}
		return gen.CompareLock(lock, in), nil
	}
	older, revision, err := d.older(against, among)
	if errors.Is(err, errNewSchema) && among {
		return gen.Comparison{}, nil
	}
	if err != nil {
		return gen.Comparison{}, err
	}
	older.Initialisms = in.Initialisms
	c := gen.Compare(older, in)
	for i := range c.Older {
		c.Older[i].Position.File = revision + c.Older[i].Position.File
	}
	return c, nil
}

// errNewSchema says that an older revision has no such schema.
var errNewSchema = errors.New("if it has been moved, write its old text to a file and give that to -against")

// older reads the schema that -against names: a file, else the same schema at a
// git revision, which then is what its files' names begin with.
func (d *document) older(against string, among bool) (in gen.Input, prefix string, err error) {
	src, err := readFile(against)
	if err == nil && among {
		return in, "", fmt.Errorf("%s is one schema, and sockgen.yaml has several: name the one to compare with it by -schema", against)
	}
	if err == nil {
		return gen.Input{File: against, Source: src, Read: readFile}, "", nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return in, "", fmt.Errorf("read the older schema: %w", err)
	}
	r, err := openRevision(filepath.Dir(d.schema), against)
	if err != nil {
		return in, "", err
	}
	src, err = r.read(d.schema)
	if errors.Is(err, fs.ErrNotExist) {
		return in, "", fmt.Errorf("there is no %s at %q; %w", d.schema, against, errNewSchema)
	}
	if err != nil {
		return in, "", fmt.Errorf("read the older schema: %w", err)
	}
	return gen.Input{File: d.schema, Source: src, Read: r.read}, against + ":", nil
}

// writeText prints one change a line, as compilers print errors.
func writeText(w io.Writer, changes []gen.Change) error {
	var b strings.Builder
	for _, c := range changes {
		if c.Position.File != "" {
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
func diagnosticsOf(changes []gen.Change) []diag.Diagnostic {
	var list []diag.Diagnostic
	for _, c := range changes {
		if c.Verdict == gen.Safe {
			continue
		}
		d := diag.Diagnostic{Code: breakingChange, Position: c.Position, Width: 1, Message: c.Path + ": " + c.Message, Severity: diag.Warning}
		if c.Verdict == gen.Breaks && !c.Allowed {
			d.Severity = diag.Error
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
