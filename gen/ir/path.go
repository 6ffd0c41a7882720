// SPDX-License-Identifier: Apache-2.0

package ir

import (
	"strconv"
	"unicode/utf8"
)

// MaxPath is where an issue's path ends, in bytes.
const MaxPath = 256

// A Path leads to a value within a payload, as the issues of generated code spell it:
// "messages[3].text". The empty one leads to the payload.
type Path string

// Field returns the path of a struct's field.
func (p Path) Field(name string) Path {
	if p == "" {
		return Path(name)
	}
	return p + Path("."+name)
}

// Key returns the path of a map's entry.
func (p Path) Key(key string) Path { return p + Path("["+strconv.Quote(CutPath(key))+"]") }

// Index returns the path of a list's element.
func (p Path) Index(i int) Path { return p + Path("["+strconv.Itoa(i)+"]") }

// String returns the path as an issue has it.
func (p Path) String() string { return CutPath(string(p)) }

// CutPath shortens what is longer than a path may be, at the end of a character.
func CutPath(s string) string {
	if len(s) <= MaxPath {
		return s
	}
	const more = "…"
	end := MaxPath - len(more)
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + more
}
