// SPDX-License-Identifier: Apache-2.0

package diag

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// A Position is a place in a schema file.
type Position struct {
	File   string // as the user named it
	Line   int    // from 1; 0 means the file as a whole
	Column int    // in runes, from 1
}

// String returns "file:line:column", or the file alone for a whole file.
func (p Position) String() string {
	if p.Line == 0 {
		return escape(p.File)
	}
	return fmt.Sprintf("%s:%d:%d", escape(p.File), p.Line, p.Column)
}

// Compare orders positions by file, line and column.
func (p Position) Compare(q Position) int {
	return cmp.Or(cmp.Compare(p.File, q.File), cmp.Compare(p.Line, q.Line), cmp.Compare(p.Column, q.Column))
}

// A Severity tells whether a diagnostic prevents generation.
type Severity int

// The severities.
const (
	Error   Severity = iota // nothing is generated
	Warning                 // worth a look
)

// String returns the word that diagnostics carry.
func (s Severity) String() string {
	if s == Warning {
		return "warning"
	}
	return "error"
}

// A Diagnostic is one thing to say about a schema.
type Diagnostic struct {
	Code       Code
	Severity   Severity
	Position   Position
	Width      int    // runes to underline; values below 1 count as 1
	Message    string // one sentence without a full stop; quoted input is escaped by Quote
	Suggestion string // what the author may have meant, or ""
	Line       string // the line of the schema at Position, without its end
	Edits      []Edit // what mends it, all of them together; none when a person has to decide
}

// String returns the diagnostic in one line, without the source.
func (d Diagnostic) String() string {
	return fmt.Sprintf("%s: %s[%s]: %s", d.Position, d.Severity, d.Code, d.sentence())
}

// sentence returns the message with the suggestion, fit for a terminal.
func (d Diagnostic) sentence() string {
	s := escape(d.Message)
	if d.Suggestion != "" {
		s += fmt.Sprintf(" (did you mean %s?)", Quote(d.Suggestion))
	}
	return s
}

// HasErrors tells whether a diagnostic in list prevents generation.
func HasErrors(list []Diagnostic) bool {
	return slices.ContainsFunc(list, func(d Diagnostic) bool { return d.Severity == Error })
}

// Sort returns list ordered by position, without the repetitions that a
// mapping used in several places gives rise to. It leaves list alone.
func Sort(list []Diagnostic) []Diagnostic {
	sorted := slices.Clone(list)
	slices.SortStableFunc(sorted, func(a, b Diagnostic) int {
		return cmp.Or(a.Position.Compare(b.Position), cmp.Compare(a.Severity, b.Severity),
			cmp.Compare(a.Code, b.Code), cmp.Compare(a.Message, b.Message))
	})
	return slices.CompactFunc(sorted, func(a, b Diagnostic) bool {
		return a.Position == b.Position && a.Code == b.Code && a.Message == b.Message
	})
}

// Quote returns s between double quotes with control characters, quotes and
// what could reorder a terminal's line escaped, cut after 64 runes.
func Quote(s string) string {
	const limit = 64
	if runes := []rune(s); len(runes) > limit {
		s = string(runes[:limit]) + "…"
	}
	return `"` + strings.ReplaceAll(escape(strings.ReplaceAll(s, `\`, `\\`)), `"`, `\"`) + `"`
}
