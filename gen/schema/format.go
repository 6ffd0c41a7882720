// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/sockgen/sockgen/gen/diag"
)

// Format returns src in the one style that schemas have: two spaces a level, one
// between a key and its value, { a: b } and [a, b], no more than one empty line in
// a row. Comments stay where they are, and what the schema means does not change.
// With diagnostics src is not YAML, and there is no result.
func Format(file string, src []byte) ([]byte, []diag.Diagnostic) {
	doc, diags := Parse(file, src)
	if len(diags) > 0 {
		return nil, diags
	}
	text := strings.TrimPrefix(string(src), "\ufeff")
	text = strings.ReplaceAll(text, "\r\n", "\n")
	f := &formatter{text: text, tokens: scan(text)}
	formatted := []byte(f.format())
	again, diags := Parse(file, formatted)
	if len(diags) > 0 || !Equal(doc.Root, again.Root) || !slices.Equal(comments(text), comments(string(formatted))) {
		return src, nil // written in a way that this formatter does not know: better untouched than changed
	}
	return formatted, nil
}

// Equal tells whether two nodes mean the same, wherever they stand.
func Equal(a, b *Node) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.Kind == b.Kind && a.Text == b.Text && a.Literal == b.Literal &&
		slices.EqualFunc(a.Entries, b.Entries, func(a, b Entry) bool { return Equal(a.Key, b.Key) && Equal(a.Value, b.Value) }) &&
		slices.EqualFunc(a.Items, b.Items, Equal)
}

// comments returns the comments of text, in order.
func comments(text string) []string {
	var list []string
	from := 0
	for _, t := range append(scan(text), token{from: len(text)}) {
		for line := range strings.Lines(text[from:t.from]) {
			if line = strings.TrimSpace(line); line != "" {
				list = append(list, line)
			}
		}
		from = t.to
	}
	return list
}

// A formatter writes the tokens of a text anew, with what stands between them.
type formatter struct {
	text   string
	tokens []token

	out    strings.Builder
	column int     // of the next rune of out, from 0
	levels []shift // the block mappings and lists that the current line is in
	flow   []int   // the column from which each open brace or bracket is indented
	line   shift   // where the current line begins
}

// A shift is a column of the text and the one that takes its place.
type shift struct{ from, to int }

func (f *formatter) format() string {
	before := token{}
	for _, t := range f.tokens {
		f.between(before, t)
		f.token(t)
		before = t
	}
	f.rest(before.to)
	return strings.TrimRight(f.out.String(), "\n") + "\n"
}

func (f *formatter) write(s string) {
	f.out.WriteString(s)
	if i := strings.LastIndexByte(s, '\n'); i >= 0 {
		f.column, s = 0, s[i+1:]
	}
	f.column += utf8.RuneCountInString(s)
}

// columnOf returns the column of a byte of the text, from 0.
func (f *formatter) columnOf(pos int) int {
	return utf8.RuneCountInString(f.text[strings.LastIndexByte(f.text[:pos], '\n')+1 : pos])
}

// between writes what stands between two tokens: space, or lines with comments.
func (f *formatter) between(before, next token) {
	gap := f.text[before.to:next.from]
	first := before.to == 0 && before.kind == 0
	if !first && !strings.Contains(gap, "\n") {
		f.write(f.space(before, next, gap != ""))
		if before.kind == '-' && len(f.flow) == 0 {
			f.levels = append(f.levels, shift{f.columnOf(next.from), f.column})
		}
		return
	}
	target := f.indent(before, next)
	f.lines(gap, before.to, first, func(column int) int {
		if len(f.flow) > 0 {
			return f.flow[len(f.flow)-1] + 2
		}
		if column == f.columnOf(next.from) {
			return target
		}
		return f.nearest(column, target)
	})
	f.enter(next, target)
	f.write(strings.Repeat(" ", target))
}

// lines writes a gap that ends a line: a comment at the end of the line, empty lines
// and lines of comments. at is where the gap begins.
func (f *formatter) lines(gap string, at int, first bool, indent func(column int) int) {
	empty := first // no empty line at the begin
	for i, line := range strings.Split(gap, "\n") {
		comment := strings.TrimSpace(line)
		pos := at + strings.Index(line, "#")
		at += len(line) + 1
		switch {
		case i == 0 && !first:
			f.trailing(comment, pos)
			f.write("\n")
		case comment != "":
			f.write(strings.Repeat(" ", indent(f.columnOf(pos))) + comment + "\n")
			empty = false
		case !empty && at <= len(f.text) && i < strings.Count(gap, "\n"):
			f.write("\n")
			empty = true
		}
	}
}

// trailing writes a comment behind a line, in the column that it had if there is
// space: people align them.
func (f *formatter) trailing(comment string, pos int) {
	if comment == "" {
		return
	}
	column := f.columnOf(pos) + f.line.to - f.line.from
	f.write(strings.Repeat(" ", max(1, column-f.column)) + comment)
}

// rest writes what stands behind the last token.
func (f *formatter) rest(from int) {
	gap := f.text[from:]
	if !strings.Contains(gap, "\n") {
		gap += "\n"
	}
	f.lines(gap, from, len(f.tokens) == 0, func(column int) int { return f.nearest(column, 0) })
}

// indent returns the column that the first token of a line gets.
func (f *formatter) indent(before, t token) int {
	if len(f.flow) > 0 {
		base := f.flow[len(f.flow)-1]
		if t.kind == '}' || t.kind == ']' {
			return base
		}
		if before.kind == ':' {
			return base + 4 // a value beneath its key
		}
		return base + 2
	}
	column := f.columnOf(t.from)
	deeper := 0
	for _, l := range f.levels {
		switch {
		case l.from == column:
			return l.to
		case l.from < column:
			deeper = l.to + 2
		}
	}
	return deeper
}

// enter notes that t begins a line in a column of out.
func (f *formatter) enter(t token, column int) {
	from := f.columnOf(t.from)
	f.line = shift{from, column}
	if len(f.flow) > 0 {
		return
	}
	f.levels = slices.DeleteFunc(f.levels, func(l shift) bool { return l.from >= from })
	f.levels = append(f.levels, f.line)
}

// nearest returns the column of a line of comments that stood in another one than
// what follows it.
func (f *formatter) nearest(column, otherwise int) int {
	for _, l := range slices.Backward(f.levels) {
		if l.from <= column {
			return l.to
		}
	}
	return otherwise
}

// space returns what stands between two tokens of a line.
func (f *formatter) space(before, next token, spaced bool) string {
	const open, closed = "{[", "}]"
	switch {
	case len(f.flow) == 0 && before.kind == ':' || before.kind == '-':
		return " "
	case strings.IndexByte(open, before.kind) >= 0 && strings.IndexByte(closed, next.kind) >= 0:
		return ""
	case before.kind == '[', next.kind == ']', next.kind == ',', next.kind == ':':
		return ""
	case before.kind == '{', next.kind == '}', before.kind == ',', before.kind == ':':
		return " "
	case spaced:
		return " "
	}
	return ""
}

// token writes one token.
func (f *formatter) token(t token) {
	text := f.text[t.from:t.to]
	switch t.kind {
	case '{', '[':
		base := f.line.to
		if len(f.flow) == 0 && len(f.levels) > 0 {
			base = f.levels[len(f.levels)-1].to
		}
		f.flow = append(f.flow, base)
	case '}', ']':
		f.flow = f.flow[:max(0, len(f.flow)-1)]
	case blockToken:
		text = f.block(text)
	}
	f.write(text)
}

// block returns a block of text with its lines two columns right of the line that
// announces it.
func (f *formatter) block(text string) string {
	head, body, _ := strings.Cut(text, "\n")
	head = strings.TrimRight(head, " \t")
	indicator, _, _ := strings.Cut(head, " ")
	lines := strings.Split(body, "\n")
	if strings.ContainsAny(indicator, "123456789") {
		return text // the lines stand where the indicator says
	}
	least := -1
	for _, line := range lines {
		if n := len(line) - len(strings.TrimLeft(line, " ")); strings.TrimSpace(line) != "" && (least < 0 || n < least) {
			least = n
		}
	}
	if least < 0 {
		return text
	}
	if !strings.Contains(indicator, "+") { // one empty line at the end is as good as several
		for len(lines) > 1 && strings.TrimSpace(lines[len(lines)-1])+strings.TrimSpace(lines[len(lines)-2]) == "" {
			lines = lines[:len(lines)-1]
		}
	}
	for i, line := range lines {
		if len(line) <= least && strings.TrimSpace(line) == "" {
			lines[i] = ""
			continue
		}
		lines[i] = strings.Repeat(" ", f.line.to+2) + line[least:]
	}
	return head + "\n" + strings.Join(lines, "\n")
}
