package typescript

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// comment returns a documentation comment of the text and, where deprecated is
// not empty, a @deprecated tag. Without either it returns nil.
func comment(doc, deprecated string, indent int) []string {
	room := lineWidth - indent - len(" * ")
	lines := wrap(doc, room)
	if deprecated != "" {
		if len(lines) > 0 {
			lines = append(lines, "")
		}
		first, rest, _ := strings.Cut(strings.Join(wrap("· "+deprecated, room-len("@deprecated")), "\n"), "\n")
		lines = append(lines, "@deprecated"+strings.TrimPrefix(first, "·"))
		if rest != "" {
			lines = append(lines, strings.Split(rest, "\n")...)
		}
	}
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

// wrap breaks doc into lines of at most room columns, where its words allow.
// The document's own empty lines remain, as separators of paragraphs.
func wrap(doc string, room int) []string {
	var lines []string
	for _, paragraph := range paragraphs(harmless(doc)) {
		if len(lines) > 0 {
			lines = append(lines, "")
		}
		current := ""
		for _, word := range paragraph {
			switch {
			case current == "":
				current = word
			case utf8.RuneCountInString(current)+1+utf8.RuneCountInString(word) > room:
				lines = append(lines, current)
				current = word
			default:
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

// harmless rewrites text so that nothing in it acts within a comment: it cannot
// end the comment, be a tag or a directive of the compiler, or hide characters.
func harmless(text string) string {
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n").Replace(text)
	var b strings.Builder
	previous := ' '
	for _, r := range text {
		switch {
		case r == '/' && previous == '*':
			b.WriteString(`\/`)
		case r == '@' && unicode.IsSpace(previous):
			b.WriteString(`\@`)
		case r != '\n' && unicode.IsSpace(r), unicode.IsControl(r) && r != '\n', unicode.Is(unicode.Cf, r), r == unicode.ReplacementChar:
			r = ' '
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
		previous = r
	}
	return b.String()
}
