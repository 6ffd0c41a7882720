// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"fmt"
	"strings"

	"github.com/sockgen/sockgen/gen/diag"
)

// A level is a mapping or a list that is open where lines are indented.
type level struct {
	indent int
	list   bool
	line   int // of its first entry, from 0
}

// structural follows the indentation of the lines to the first one that fits
// none before it. It is the answer to "did not find expected key" and its kin,
// which the parser reports at the beginning of the mapping around the fault.
func (l *locator) structural() fault {
	var levels []level
	pending := true // the line before ended where a value is due
	for i := 0; i < len(l.tokens); {
		end := l.statement(i)
		if t := l.tokens[i]; i > 0 && l.column(t) == 0 && strings.HasPrefix(l.text[t.from:t.to], "---") {
			f := l.atToken(t, "a second document begins here; a schema is one document")
			f.code = diag.MultipleDocuments
			return f
		}
		if f, bad := l.behind(i, end); bad {
			return f
		}
		var f fault
		var bad bool
		if levels, f, bad = l.place(levels, i, end, pending); bad {
			return f
		}
		last := l.tokens[end-1]
		pending = last.kind == ':' || last.kind == '-' || l.isProperty(last)
		i = end
	}
	return l.fallback()
}

// statement returns the end of the tokens that begin at i and belong to one line,
// or to several where braces, brackets or quotes reach over the end of a line.
func (l *locator) statement(i int) int {
	depth, line := 0, l.tokens[i].line
	for ; i < len(l.tokens); i++ {
		t := l.tokens[i]
		if depth == 0 && t.line != line {
			return i
		}
		switch t.kind {
		case '{', '[':
			depth++
		case '}', ']':
			depth = max(0, depth-1)
		}
		line = t.line + strings.Count(l.text[t.from:t.to], "\n")
		if t.kind == blockToken {
			line = t.line
		}
	}
	return i
}

// behind finds text behind a closing quote, brace or bracket.
func (l *locator) behind(i, end int) (fault, bool) {
	depth := 0
	for ; i+1 < end; i++ {
		t, next := l.tokens[i], l.tokens[i+1]
		switch t.kind {
		case '{', '[':
			depth++
			continue
		case '}', ']':
			depth = max(0, depth-1)
		case quotedToken:
		default:
			continue
		}
		if depth > 0 || next.kind == ':' || next.kind == ',' {
			continue
		}
		if t.kind == quotedToken && strings.Contains(l.text[t.from:t.to], "\n") {
			return l.at(t.from, t.from+1, "the text that begins here ends in line %d, and more follows it: is a closing quote missing?", next.line+1), true
		}
		if c := l.text[next.from]; c == '}' || c == ']' {
			return l.at(next.from, next.from+1, "this %s closes nothing", diag.Quote(string(c))), true
		}
		return l.atToken(next, "nothing can stand behind %s here; put the whole value between quotes", l.quote(token{from: t.to - 1, to: t.to})), true
	}
	return fault{}, false
}

// place finds the level of the statement i:end and opens those that it begins.
func (l *locator) place(levels []level, i, end int, pending bool) ([]level, fault, bool) {
	t := l.tokens[i]
	indent := l.column(t)
	above := levels
	for len(levels) > 0 && levels[len(levels)-1].indent > indent {
		levels = levels[:len(levels)-1]
		pending = false
	}
	top := level{indent: -1}
	if len(levels) > 0 {
		top = levels[len(levels)-1]
	}
	list, key := t.kind == '-', l.hasKey(i, end)
	if indent == top.indent && top.list && !list && len(levels) > 1 && levels[len(levels)-2].indent == indent {
		levels = levels[:len(levels)-1] // a list may stand at its key's own indentation
		top = levels[len(levels)-1]
	}
	switch {
	case indent > top.indent && !pending && len(levels) > 0 && (list || key):
		return levels, l.misplaced(t, above), true
	case indent > top.indent && (list || key), indent == top.indent && list && !top.list && pending:
		levels = append(levels, level{indent, list, t.line})
	case indent == top.indent && list && !top.list:
		return levels, l.atToken(t, "a list item cannot stand among the keys of a mapping"), true
	case indent == top.indent && !list && top.list:
		return levels, l.atToken(t, "%s cannot stand among the items of the list that begins in line %d", l.quote(t), top.line+1), true
	case indent == top.indent && !list && !key && len(levels) > 0 && t.kind != openToken:
		return levels, l.atToken(t, "a colon is missing behind %s", l.quote(t)), true
	}
	if list && i+1 < end {
		return l.place(levels, i+1, end, true)
	}
	return levels, fault{}, false
}

// misplaced explains a line that is indented like none of those around it.
func (l *locator) misplaced(t token, levels []level) fault {
	var indents []string
	for _, v := range levels {
		if s := fmt.Sprint(v.indent); len(indents) == 0 || indents[len(indents)-1] != s {
			indents = append(indents, s)
		}
	}
	return l.atToken(t, "this line is indented by %d, which none of the lines above that it could belong with is (%s)",
		l.column(t), strings.Join(indents, ", "))
}

// column returns how many bytes stand before t in its line.
func (l *locator) column(t token) int {
	return t.from - (strings.LastIndexByte(l.text[:t.from], '\n') + 1)
}

// hasKey tells whether the statement has a key outside braces.
func (l *locator) hasKey(i, end int) bool {
	depth := 0
	for ; i < end; i++ {
		switch l.tokens[i].kind {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case ':':
			if depth == 0 {
				return true
			}
		}
	}
	return false
}

// isProperty tells whether t is an anchor or a tag, behind which a value is due.
func (l *locator) isProperty(t token) bool {
	return t.kind == plainToken && strings.IndexByte("&!", l.text[t.from]) >= 0
}

// fallback points at the last line that the parser read, in the parser's words.
func (l *locator) fallback() fault {
	for i := len(l.tokens) - 1; i >= 0; i-- {
		if t := l.tokens[i]; t.from < l.read {
			for i > 0 && l.tokens[i-1].line == t.line {
				i--
			}
			return l.atToken(l.tokens[i], "%s", l.problem)
		}
	}
	return l.at(0, 0, "%s", l.problem)
}
