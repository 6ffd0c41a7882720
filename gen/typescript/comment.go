// SPDX-License-Identifier: Apache-2.0

package typescript

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sockgen/sockgen/gen/naming"
)

// A tag is a block tag of a documentation comment with its text, which stays on
// one line.
type tag struct{ name, text string }

// comment returns a documentation comment of the text, of the tags and, where
// deprecated is not empty, of a @deprecated tag. Without any it returns nil.
func comment(doc, deprecated string, indent int, tags ...tag) []string {
	all := paragraphs(harmless(doc))
	for _, t := range tags {
		all = append(all, []string{t.name, strings.ReplaceAll(strings.TrimSpace(harmless(t.text)), "\n", " ")})
	}
	if deprecated != "" {
		reason := paragraphs(harmless(deprecated))
		if len(reason) == 0 {
			reason = [][]string{nil} // the tag alone
		}
		reason[0] = append([]string{"@deprecated"}, reason[0]...)
		all = append(all, reason...)
	}
	lines := fill(all, lineWidth-indent-len(" * "))
	switch {
	case len(lines) == 0:
		return nil
	case len(lines) == 1 && indent+utf8.RuneCountInString(lines[0])+len("/**  */") <= lineWidth:
		return []string{"/** " + lines[0] + " */"}
	}
	block := []string{"/**"}
	for _, l := range lines {
		block = append(block, strings.TrimRight(" * "+l, " "))
	}
	return append(block, " */")
}

// fill puts the words of each paragraph into lines of at most room columns,
// where the words allow, and an empty line between two paragraphs.
func fill(paragraphs [][]string, room int) []string {
	var lines []string
	for i, words := range paragraphs {
		if i > 0 {
			lines = append(lines, "")
		}
		current := words[0]
		for _, word := range words[1:] {
			if utf8.RuneCountInString(current)+1+utf8.RuneCountInString(word) > room {
				lines = append(lines, current)
				current = word
			} else {
				current += " " + word
			}
		}
		lines = append(lines, current)
	}
	return lines
}

// paragraphs splits text at its empty lines, and each paragraph into words.
func paragraphs(text string) [][]string {
	var all [][]string
	var words []string
	for _, l := range append(strings.Split(text, "\n"), "") {
		fields := strings.Fields(l)
		if len(fields) == 0 && len(words) > 0 {
			all = append(all, words)
			words = nil
		}
		words = append(words, fields...)
	}
	return all
}

// lineEnds makes one of all that ends a line in TypeScript.
var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n")

// harmless rewrites text so that nothing in it acts within a comment: it cannot
// end the comment, be a tag or a directive of the compiler, or hide characters.
func harmless(text string) string {
	text = lineEnds.Replace(text)
	var b strings.Builder
	previous := ' '
	for size := 0; len(text) > 0; text = text[size:] {
		r, whole := naming.TextRune(text)
		if size = whole; whole == 0 {
			_, size = utf8.DecodeRuneInString(text)
		}
		switch {
		case r == '/' && previous == '*':
			b.WriteString(`\/`)
		case r == '@' && unicode.IsSpace(previous):
			b.WriteString(`\@`)
		case r != '\n' && (whole == 0 || unicode.IsSpace(r)):
			r = ' '
			b.WriteRune(r)
		default:
			b.WriteString(text[:size])
		}
		previous = r
	}
	return b.String()
}
