// SPDX-License-Identifier: Apache-2.0

package naming

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Joiners hold together the parts of an emoji, or keep letters apart in scripts
// that would join them.
const (
	zeroWidthNonJoiner = '\u200c'
	zeroWidthJoiner    = '\u200d'
)

// Hidden returns the first character of s that must not reach generated files: it
// controls, reorders or hides text, or it stands for what an editor could not read.
// A line break is such a character too, a tab is none.
func Hidden(s string) (r rune, found bool) {
	for len(s) > 0 {
		size := 0
		if r, size = TextRune(s); size == 0 {
			return r, true
		}
		s = s[size:]
	}
	return 0, false
}

// TextRune returns the first character of s and how many bytes of text begin with
// it: its own, those of a whole emoji when tags follow it, or 0 when no generated
// file may have it.
func TextRune(s string) (r rune, size int) {
	r, size = utf8.DecodeRuneInString(s)
	switch {
	case r == unicode.ReplacementChar:
		return r, 0
	case r == '\t', unicode.IsPrint(r), unicode.Is(unicode.Zs, r), unicode.Is(unicode.M, r):
		return r, size + emojiTags(r, s[size:])
	case r == zeroWidthJoiner, r == zeroWidthNonJoiner:
		return r, size
	}
	return r, 0
}

// The tags that name a flag of a region, behind the sign that they change.
const (
	tagZero, tagNine = '\U000e0030', '\U000e0039'
	tagA, tagZ       = '\U000e0061', '\U000e007a'
	tagEnd           = '\U000e007f'
	maxTags          = 32
	firstPictograph  = '\U0001f300'
)

// emojiTags returns how many bytes of s are tags of the emoji r, up to the one that
// ends them. Tags that change nothing would hide text.
func emojiTags(r rune, s string) int {
	if r < firstPictograph || !unicode.Is(unicode.So, r) {
		return 0
	}
	count := 0
	for at, tag := range s {
		switch {
		case tag == tagEnd && count > 0:
			return at + utf8.RuneLen(tag)
		case count == maxTags, (tag < tagZero || tag > tagNine) && (tag < tagA || tag > tagZ):
			return 0
		}
		count++
	}
	return 0
}

// accented are letters of European languages, each list behind the ASCII letters that
// stand in for them.
var accented = map[string]string{
	"a": "àáâãäåāăą", "ae": "æ", "c": "çćĉċč", "d": "ďđð", "e": "èéêëēĕėęě", "g": "ĝğġģ", "h": "ĥħ", "i": "ìíîïĩīĭįı",
	"j": "ĵ", "k": "ķ", "l": "ĺļľŀł", "n": "ñńņňŉŋ", "o": "òóôõöøōŏő", "oe": "œ", "r": "ŕŗř", "s": "śŝşšș", "ss": "ß",
	"t": "ţťŧțþ", "u": "ùúûüũūŭůűų", "w": "ŵ", "y": "ýÿŷ", "z": "źżž",
}

// WithoutAccents returns s with ASCII letters in place of accented ones, to propose an
// identifier.
func WithoutAccents(s string) string {
	var b strings.Builder
	for _, r := range s {
		b.WriteString(withoutAccent(r))
	}
	return b.String()
}

func withoutAccent(r rune) string {
	if r < utf8.RuneSelf {
		return string(r)
	}
	lower := unicode.ToLower(r)
	for plain, letters := range accented {
		if strings.ContainsRune(letters, lower) {
			if lower != r {
				return strings.ToUpper(plain[:1]) + plain[1:]
			}
			return plain
		}
	}
	return string(r)
}
