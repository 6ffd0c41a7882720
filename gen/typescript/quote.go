// SPDX-License-Identifier: Apache-2.0

package typescript

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf16"
)

// quote returns s as a string literal, in double quotes unless single ones save
// escapes. It is all ASCII: letters that look like others, line separators and
// marks of direction show what they are.
func quote(s string) string {
	mark := '"'
	if strings.Count(s, `"`) > strings.Count(s, `'`) {
		mark = '\''
	}
	var b strings.Builder
	b.WriteRune(mark)
	for _, r := range s {
		switch {
		case r == mark || r == '\\':
			b.WriteRune('\\')
			b.WriteRune(r)
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\r':
			b.WriteString(`\r`)
		case r == '\t':
			b.WriteString(`\t`)
		case ' ' <= r && r < unicode.MaxASCII:
			b.WriteRune(r)
		default:
			for _, unit := range utf16.Encode([]rune{r}) {
				fmt.Fprintf(&b, `\u%04x`, unit)
			}
		}
	}
	b.WriteRune(mark)
	return b.String()
}

// propertyKey returns name as the key of a property, in quotes only where it
// needs them.
func propertyKey(name string) text {
	if isWord(name) {
		return text(name)
	}
	return text(quote(name))
}

// isWord reports whether name is an identifier of letters, digits, "$" and "_".
func isWord(name string) bool {
	for i, r := range name {
		letter := r == '$' || r == '_' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
		if !letter && (i == 0 || r < '0' || r > '9') {
			return false
		}
	}
	return name != ""
}
