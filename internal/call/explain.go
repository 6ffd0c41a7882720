// SPDX-License-Identifier: Apache-2.0

package call

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/sockgen/sockgen/gen/dynamic"
)

// explain returns what is wrong with arguments as an error that shows where, or nil.
// An err is about the argument with the index arg.
func explain(what string, args []json.RawMessage, issues []dynamic.Issue, arg int, err error) error {
	var syntax *dynamic.SyntaxError
	switch {
	case errors.As(err, &syntax):
		hint := ""
		if line := string(args[arg]); len(line) > 0 && !strings.ContainsAny(line, "{[\"'") && !bytes.ContainsAny(args[arg], "\n") {
			hint = fmt.Sprintf("; a string is written '%q'", line)
		}
		return refused("%s: %v%s\n%s", what, err, hint, marked(args[arg], syntax.Offset, syntax.Offset+1))
	case err != nil:
		return err
	case len(issues) == 0:
		return nil
	}
	var b strings.Builder
	for _, issue := range issues {
		fmt.Fprintf(&b, "%s: %v\n", what, issue)
		if issue.End > 0 {
			fmt.Fprintln(&b, marked(args[issue.Arg], issue.Start, issue.End))
		}
	}
	plural := "s"
	if len(issues) == 1 {
		plural = ""
	}
	fmt.Fprintf(&b, "%d mistake%s, nothing was sent", len(issues), plural)
	return &RefusedError{b.String()}
}

// maxShown is how many characters of a line are shown.
const maxShown = 100

// marked returns the line in which a part of a text begins, with carets beneath.
func marked(src []byte, start, end int) string {
	first := bytes.LastIndexByte(src[:start], '\n') + 1
	line := src[first:]
	if i := bytes.IndexByte(line, '\n'); i >= 0 {
		line = line[:i]
	}
	before := utf8.RuneCount(src[first:start])
	carets := max(utf8.RuneCount(src[start:max(start, min(end, first+len(line)))]), 1)
	runes := []rune(strings.Map(visible, string(line)))
	if skip := before - maxShown/2; len(runes) > maxShown && skip > 0 {
		runes, before = append([]rune("…"), runes[skip:]...), before-skip+1
	}
	if len(runes) > maxShown {
		runes = append(runes[:maxShown], '…')
	}
	carets = max(min(carets, len(runes)-before), 1)
	return "    " + string(runes) + "\n    " + strings.Repeat(" ", before) + strings.Repeat("^", carets)
}

// visible keeps what a terminal would obey, or that has no width, from being printed.
func visible(r rune) rune {
	if r == '\t' {
		return ' '
	}
	if r < ' ' && r != '\n' || r >= 0x7f && r < 0xa0 {
		return '?'
	}
	return r
}
