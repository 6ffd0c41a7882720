// SPDX-License-Identifier: Apache-2.0

package diag

import (
	"fmt"
	"strings"
	"unicode"
)

// indent stands before the line of the schema beneath a diagnostic.
const indent = "    "

// window is how many runes of a long source line are shown. A line beyond
// longest bytes was not written for people, and is not shown at all.
const (
	window  = 100
	longest = 10_000
)

// Colors say how text for people is coloured.
type Colors struct{ error, warning, strong, end string }

// The colours: none, and those of a terminal.
var (
	NoColors = Colors{}
	ANSI     = Colors{error: "\x1b[1;31m", warning: "\x1b[1;33m", strong: "\x1b[1m", end: "\x1b[0m"}
)

// of returns what a severity begins with.
func (c Colors) of(s Severity) string {
	if s == Warning {
		return c.warning
	}
	return c.error
}

// Render returns list as text, sorted, each diagnostic with its source line
// and a caret beneath the place. The text ends in a newline unless list is empty.
func Render(list []Diagnostic) string { return RenderIn(NoColors, list) }

// RenderIn is Render in colours.
func RenderIn(c Colors, list []Diagnostic) string {
	var b strings.Builder
	for _, d := range Sort(list) {
		color := c.of(d.Severity)
		fmt.Fprintf(&b, "%s%s:%s %s%s[%s]:%s %s\n", c.strong, d.Position, c.end, color, d.Severity, d.Code, c.end, d.sentence())
		if d.Position.Line > 0 && len(d.Line) <= longest {
			line, caret := excerpt(d)
			mark := strings.TrimLeft(caret, " ")
			fmt.Fprintf(&b, "%s%s\n%s%s%s%s%s\n", indent, line, indent, caret[:len(caret)-len(mark)], color, mark, c.end)
		}
	}
	return b.String()
}

// excerpt returns the source line of d, cut to a window around its column, and
// the line of carets that goes beneath it. Every rune of the source becomes one
// rune of the excerpt, so that the carets line up.
func excerpt(d Diagnostic) (line, caret string) {
	runes := []rune(d.Line)
	column := min(max(d.Position.Column-1, 0), len(runes))
	width := max(1, min(d.Width, len(runes)-column))
	if len(runes) > window {
		start := max(0, min(column-window/2, len(runes)-window))
		end := start + window
		width = max(1, min(width, end-column))
		column -= start
		cut := append([]rune(nil), runes[start:end]...)
		if start > 0 {
			cut[0] = '…'
		}
		if end < len(runes) {
			cut[len(cut)-1] = '…'
		}
		runes = cut
	}
	for i, r := range runes {
		runes[i] = printable(r)
	}
	return strings.TrimRight(string(runes), " "), strings.Repeat(" ", column) + strings.Repeat("^", width)
}

// printable returns a rune of one column that stands for r in an excerpt.
func printable(r rune) rune {
	switch {
	case r == '\t':
		return ' '
	case r < ' ':
		return '\u2400' + r // the Unicode pictures of control characters
	case r == 0x7f:
		return '\u2421'
	case !unicode.IsPrint(r):
		return unicode.ReplacementChar
	}
	return r
}

// escape returns s with everything that is not printable escaped as Go does.
func escape(s string) string {
	clean := true
	for _, r := range s {
		if !unicode.IsPrint(r) || r == unicode.ReplacementChar {
			clean = false
			break
		}
	}
	if clean {
		return s
	}
	var b strings.Builder
	for _, r := range s {
		if unicode.IsPrint(r) && r != unicode.ReplacementChar {
			b.WriteRune(r)
			continue
		}
		quoted := fmt.Sprintf("%+q", r)
		b.WriteString(quoted[1 : len(quoted)-1])
	}
	return b.String()
}
