// SPDX-License-Identifier: Apache-2.0

package schema

import "strings"

// A token is a piece of a document, as far as it takes to point at a fault or to
// format it. The scanner is not a YAML parser: it runs after one gave up, or with one
// that compares its results.
type token struct {
	kind     byte // one of { } [ ] , : ? - or a kind below
	from, to int  // bytes of the text
	line     int  // from 0, of the first byte
}

// The kinds of token that are longer than a character.
const (
	plainToken  = 'p' // text without quotes, one line of it
	quotedToken = 'q'
	openToken   = 'o' // a quoted text that nobody closes
	blockToken  = '|' // the indicator of a block of text; the block itself is skipped
)

// A scanner splits a text into tokens.
type scanner struct {
	text   string
	pos    int
	line   int
	flow   int // open braces and brackets
	tokens []token
}

// scan returns the tokens of text.
func scan(text string) []token {
	s := &scanner{text: text}
	for s.pos < len(s.text) {
		s.next()
	}
	return s.tokens
}

func (s *scanner) add(kind byte, to int) {
	s.tokens = append(s.tokens, token{kind, s.pos, to, s.line})
	s.line += strings.Count(s.text[s.pos:to], "\n")
	s.pos = to
}

// next reads one token, or the space before one.
func (s *scanner) next() {
	c := s.text[s.pos]
	switch {
	case c == '\n':
		s.line++
		s.pos++
	case c == ' ' || c == '\t' || c == '\r':
		s.pos++
	case c == '#' && (s.pos == 0 || isBlank(s.text[s.pos-1])):
		s.pos = lineEnd(s.text, s.pos)
	case c == '{' || c == '[':
		s.flow++
		s.add(c, s.pos+1)
	case s.flow > 0 && (c == '}' || c == ']'):
		s.flow--
		s.add(c, s.pos+1)
	case s.flow > 0 && (c == ',' || c == '?'):
		s.add(c, s.pos+1)
	case c == ':' && s.endsWord(s.pos+1):
		s.add(c, s.pos+1)
	case c == '-' && s.flow == 0 && s.endsWord(s.pos+1):
		s.add(c, s.pos+1)
	case (c == '&' || c == '*') && !s.endsWord(s.pos+1):
		s.anchor()
	case c == '"' || c == '\'':
		s.quoted(c)
	case (c == '|' || c == '>') && s.flow == 0:
		s.block()
	default:
		s.plain()
	}
}

// endsWord tells whether an indicator before i is one: nothing follows it
// directly, save what ends a value within braces.
func (s *scanner) endsWord(i int) bool {
	return i >= len(s.text) || isBlank(s.text[i]) || s.flow > 0 && strings.IndexByte(",[]{}", s.text[i]) >= 0
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

func lineEnd(text string, from int) int {
	if i := strings.IndexByte(text[from:], '\n'); i >= 0 {
		return from + i
	}
	return len(text)
}

// quoted reads a text between quotes, over several lines if need be.
func (s *scanner) quoted(quote byte) {
	for i := s.pos + 1; i < len(s.text); i++ {
		switch {
		case quote == '"' && s.text[i] == '\\':
			i++
		case s.text[i] != quote:
		case quote == '\'' && i+1 < len(s.text) && s.text[i+1] == quote:
			i++
		default:
			s.add(quotedToken, i+1)
			return
		}
	}
	s.add(openToken, len(s.text))
}

// anchor reads the name of an anchor or of an alias: a value may follow it.
func (s *scanner) anchor() {
	end := s.pos + 1
	for end < len(s.text) && !s.endsWord(end) {
		end++
	}
	s.add(plainToken, end)
}

// block skips a block of text: the lines that are indented deeper than the one
// that announces it.
func (s *scanner) block() {
	indent := indentOf(s.text, s.pos)
	end := lineEnd(s.text, s.pos)
	for end < len(s.text) {
		next := lineEnd(s.text, end+1)
		if line := s.text[end+1 : next]; strings.TrimSpace(line) != "" && indentOf(s.text, end+1) <= indent {
			break
		}
		end = next
	}
	s.add(blockToken, end)
}

// indentOf returns how many spaces begin the line that pos stands in.
func indentOf(text string, pos int) int {
	start := strings.LastIndexByte(text[:pos], '\n') + 1
	n := start
	for n < len(text) && text[n] == ' ' {
		n++
	}
	return n - start
}

// plain reads text without quotes to the end of its line.
func (s *scanner) plain() {
	i := s.pos
	for i < len(s.text) && s.text[i] != '\n' {
		c := s.text[i]
		if c == ':' && s.endsWord(i+1) || c == '#' && i > s.pos && isBlank(s.text[i-1]) ||
			s.flow > 0 && strings.IndexByte(",?[]{}", c) >= 0 {
			break
		}
		i++
	}
	end := s.pos + len(strings.TrimRight(s.text[s.pos:i], " \t\r"))
	s.add(plainToken, max(end, s.pos+1))
}
