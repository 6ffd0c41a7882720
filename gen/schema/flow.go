// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"strings"

	"github.com/sockgen/sockgen/gen/diag"
)

// flowFault finds what is wrong between braces or brackets.
func (l *locator) flowFault() fault {
	var open []token // braces and brackets that are still open
	done := false    // a value is complete, so that a comma or an end must follow
	keyed := false   // the entry has its key
	for i, t := range l.tokens {
		switch {
		case len(open) == 0:
			if t.kind == '{' || t.kind == '[' {
				open = append(open, t)
			}
			done, keyed = false, false
		case t.kind == '}' || t.kind == ']':
			opener := open[len(open)-1]
			if (opener.kind == '{') != (t.kind == '}') {
				return l.atToken(t, "%s cannot close the %s of line %d", l.quote(t), l.quote(opener), opener.line+1)
			}
			open = open[:len(open)-1]
			done, keyed = true, true // within the braces around, it is the value
		case t.kind == ',':
			done, keyed = false, false
		case t.kind == ':' && keyed && done:
			return l.atToken(t, "a comma is missing before this key; put a value that holds \": \" between quotes")
		case t.kind == ':':
			done, keyed = false, true
		case t.kind == openToken:
			return l.unclosedQuote()
		case t.kind == '?' && i > 0 && touches(l.tokens[i-1], t):
			return l.optionalMarker(i)
		case done:
			if f, bad := l.unseparated(i, open[len(open)-1]); bad {
				return f
			}
		case t.kind == '{' || t.kind == '[':
			open = append(open, t)
			keyed = false
		default:
			done = true
		}
	}
	if len(open) > 0 {
		return l.unclosed(open[len(open)-1])
	}
	return l.structural()
}

func touches(a, b token) bool { return a.to == b.from }

func (l *locator) unclosed(opener token) fault {
	return l.atToken(opener, "this %s is never closed", l.quote(opener))
}

// unseparated explains a token that follows a complete value within opener.
func (l *locator) unseparated(i int, opener token) (fault, bool) {
	t, before := l.tokens[i], l.tokens[i-1]
	if t.line > before.line {
		key := i+1 < len(l.tokens) && l.tokens[i+1].kind == ':'
		if key && indentOf(l.text, t.from) <= indentOf(l.text, opener.from) {
			return l.unclosed(opener), true
		}
		if t.kind == plainToken && before.kind == plainToken && !key {
			return fault{}, false // one text over two lines
		}
	}
	if t.kind == '[' && i+1 < len(l.tokens) && l.tokens[i+1].kind == ']' && touches(before, t) && touches(t, l.tokens[i+1]) {
		f := l.at(t.from, l.tokens[i+1].to, "a list is written list<T>: %s", diag.Quote("list<"+l.text[before.from:before.to]+">"))
		f.code = diag.ListSyntax
		f.repaired = blank(l.text, t.from, l.tokens[i+1].to)
		return f, true
	}
	if word := l.text[before.from:before.to]; t.kind == '{' && touches(before, t) && strings.HasSuffix(word, "<") {
		f := l.atToken(t, "a struct within %s is a type of its own: declare it under \"types\" and write %s", word+"…>", diag.Quote(word+"Name>"))
		f.code = diag.TypeSyntax
		return f, true
	}
	if t.kind == '{' && touches(before, t) && isBarePath(l.text[before.from:t.to]) {
		return l.at(before.from, t.to, "%s", quotePath), true
	}
	if before.kind == plainToken || before.kind == quotedToken || before.kind == '}' || before.kind == ']' {
		return l.atToken(t, "a comma is missing before %s", l.quote(t)), true
	}
	return l.atToken(t, "%s cannot stand here", l.quote(t)), true
}

// optionalMarker explains name? and T? at the question mark i.
func (l *locator) optionalMarker(i int) fault {
	t, word := l.tokens[i], l.text[l.tokens[i-1].from:l.tokens[i-1].to]
	if strings.Contains(strings.TrimPrefix(word, "optional "), " ") {
		f := l.atToken(t, "between braces a question mark ends a text; put the text between quotes")
		f.repaired = blank(l.text, t.from, t.to)
		return f
	}
	f := l.atToken(t, "an optional field carries the word: %s", diag.Quote("optional "+word))
	if i+1 < len(l.tokens) && l.tokens[i+1].kind == ':' {
		f = l.atToken(t, "an optional field carries the word in its type: %s", diag.Quote(word+": optional T"))
	}
	f.code = diag.OptionalMarker
	f.repaired = blank(l.text, t.from, t.to)
	return f
}

// blank returns text with spaces in place of the bytes from:to, which are ASCII,
// so that every position stays what it was.
func blank(text string, from, to int) string {
	return text[:from] + strings.Repeat(" ", to-from) + text[to:]
}
