// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"errors"
	"strconv"
	"strings"
	"unicode/utf8"
)

// MaxIssues is how many issues one payload reports; decoding ends at the last.
const MaxIssues = 32

// maxPath bounds a rendered path in bytes: it can contain a map's keys, which
// the peer chose.
const maxPath = 256

// An Issue is one way in which a payload does not fit its schema.
type Issue struct {
	Path    string `json:"path"`    // "text", "members[2].name", `scores["ann"]`; "" is the payload itself
	Message string `json:"message"` // what was expected, and what came when that is short
}

// Invalid is the data of [CodeInvalidPayload].
type Invalid struct {
	Issues []Issue `json:"issues"` // in the order of the payload, at most [MaxIssues]
}

// A PayloadError reports a value that does not fit its schema: what UnmarshalJSON of a
// generated struct was given, or what a client acknowledged. [AsError] turns it into the
// [Error] that the peer sees when its own payload is at fault.
type PayloadError struct {
	Event  string // whose ack it was, or ""
	Issues []Issue

	causes []error
}

// Unwrap returns what types of the application's own have said of values.
func (e *PayloadError) Unwrap() []error { return e.causes }

// Error lists the issues.
func (e *PayloadError) Error() string {
	var b strings.Builder
	b.WriteString("typed: ")
	if e.Event != "" {
		b.WriteString("ack of " + strconv.Quote(e.Event) + ": ")
	}
	writeIssues(&b, e.Issues)
	return b.String()
}

// writeIssues lists issues in one line.
func writeIssues(b *strings.Builder, issues []Issue) {
	for i, issue := range issues {
		if i > 0 {
			b.WriteString("; ")
		}
		if issue.Path != "" {
			b.WriteString(issue.Path + ": ")
		}
		b.WriteString(issue.Message)
	}
}

// shown returns what the peer whose payload has the issues sees of them.
func (e *PayloadError) shown() *Error {
	return &Error{
		Code: CodeInvalidPayload, Message: "the payload does not fit the schema", Data: Invalid{Issues: e.Issues},
		cause: errors.Join(e.causes...),
	}
}

// A step leads from a value to one of its parts.
type step struct {
	kind  stepKind
	name  string // fieldStep and keyStep
	index int    // indexStep
}

type stepKind uint8

const (
	fieldStep stepKind = iota // a struct's field
	keyStep                   // a map's key
	indexStep                 // a list's element
)

// renderPath writes steps as a path.
func renderPath(steps []step) string {
	var b []byte
	for i, s := range steps {
		switch s.kind {
		case fieldStep:
			if i > 0 {
				b = append(b, '.')
			}
			b = append(b, s.name...)
		case keyStep:
			b = append(b, '[')
			b = strconv.AppendQuote(b, cut(s.name, maxPath))
			b = append(b, ']')
		case indexStep:
			b = append(b, '[')
			b = strconv.AppendInt(b, int64(s.index), 10)
			b = append(b, ']')
		}
	}
	return cut(string(b), maxPath)
}

// cut shortens s to at most n bytes at a rune's boundary.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	n -= len("…")
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}
