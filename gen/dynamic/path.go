// SPDX-License-Identifier: Apache-2.0

package dynamic

import (
	"strconv"
	"unicode/utf8"
)

// A path leads to a value.
type path string

func (p path) field(name string) path {
	if p == "" {
		return path(name)
	}
	return p + path("."+name)
}

func (p path) key(key string) path { return p + path("["+strconv.Quote(cut(key))+"]") }

func (p path) index(i int) path { return p + path("["+strconv.Itoa(i)+"]") }

// cut shortens what is longer than a path may be, at the end of a character.
func cut(s string) string {
	if len(s) <= maxPath {
		return s
	}
	const more = "…"
	end := maxPath - len(more)
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + more
}
