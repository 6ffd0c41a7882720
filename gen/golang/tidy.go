// SPDX-License-Identifier: Apache-2.0

package golang

import (
	"bytes"
	"strings"
)

// gofmt takes half of the time of a generator, and nearly all that it prints are functions
// of few forms. tidy prints those as gofmt would, from what jennifer writes: its lines end
// where they shall, and what is left is the space between tokens and at the beginning of
// lines. It leaves to gofmt whatever it is not sure of.

// tidy appends src, which is one declaration with its comments, to out. It reports false
// when src is not of a form that it knows.
func tidy(out, src []byte) ([]byte, bool) {
	comments, code := cutComments(src)
	if !bytes.HasPrefix(code, []byte("func ")) && !bytes.HasPrefix(code, []byte("var ")) || bytes.HasPrefix(code, []byte("var (")) {
		return nil, false
	}
	for line := range bytes.Lines(comments) {
		if !isPlainComment(bytes.TrimSuffix(line, []byte("\n"))) {
			return nil, false
		}
		out = append(out, line...)
	}
	tokens, ok := scan(code)
	if !ok {
		return nil, false
	}
	t := tidier{tokens: tokens, out: out}
	t.match()
	if !t.ok {
		return nil, false
	}
	t.print()
	return t.out, t.ok
}

// cutComments divides a declaration into the comments before it and the rest.
func cutComments(src []byte) (comments, code []byte) {
	code = src
	for bytes.HasPrefix(code, []byte("//")) {
		end := bytes.IndexByte(code, '\n') + 1
		if end == 0 {
			return src, nil
		}
		code = code[end:]
	}
	return src[:len(src)-len(code)], code
}

// isPlainComment tells whether a line of a doc comment stays as it is whatever stands
// around it: gofmt arranges lists, headings, code and links.
func isPlainComment(line []byte) bool {
	text, ok := bytes.CutPrefix(line, []byte("// "))
	if !ok || len(text) == 0 {
		return string(line) == "//"
	}
	first := text[0]
	return first != ' ' && first != '\t' && strings.IndexByte("-*+#[", first) < 0 && (first < '0' || first > '9') && first < 0x80 && text[len(text)-1] != ' '
}

// A lexeme is a token of Go. A line ends behind it when newline is set.
type lexeme struct {
	text    string
	kind    lexemeKind
	newline bool
	partner int  // of brackets: the other one
	args    int  // of an opening bracket: how many commas it has, not counting one at its end
	sig     bool // of parentheses: parameters or results of a function
	block   bool // of braces: statements, not elements
}

type lexemeKind uint8

const (
	word     lexemeKind = iota // an identifier or literal
	keyword                    // that is no operand
	operator                   // with an operand on both sides, or one on the right
	mark                       // brackets, commas and the like
)

var keywords = set("func", "return", "if", "else", "for", "range", "switch", "case", "default", "var", "defer", "map")

// scan divides source into tokens.
func scan(source []byte) (tokens []lexeme, ok bool) {
	code := string(source)
	tokens = make([]lexeme, 0, len(code)/4)
	for i := 0; i < len(code); {
		c := code[i]
		end := i + 1
		kind := mark
		switch {
		case c == '\n':
			if len(tokens) > 0 {
				if tokens[len(tokens)-1].newline {
					return nil, false // an empty line
				}
				tokens[len(tokens)-1].newline = true
			}
			i++
			continue
		case c == ' ' || c == '\t':
			i++
			continue
		case c == '/':
			return nil, false // a comment
		case c == '"' || c == '`' || c == '\'':
			if end = literalEnd(code, i); end == 0 {
				return nil, false
			}
			kind = word
		case isWordByte(c):
			for end < len(code) && isWordByte(code[end]) {
				end++
			}
			kind = word
			if '0' <= c && c <= '9' { // 0.5, 1e-7
				for end < len(code) && (isWordByte(code[end]) || code[end] == '.' || (code[end] == '-' || code[end] == '+') && (code[end-1] == 'e' || code[end-1] == 'E')) {
					end++
				}
			} else if keywords[code[i:end]] {
				kind = keyword
			}
		case strings.IndexByte(":=!<>&|+-*", c) >= 0:
			kind = operator
			if end < len(code) && (code[end] == '=' || code[end] == c && (c == '&' || c == '|')) {
				end++
			} else if c == ':' {
				kind = mark
			}
		case strings.HasPrefix(code[i:], "..."):
			end = i + 3
		case strings.IndexByte("(){}[],.;", c) < 0:
			return nil, false
		}
		tokens = append(tokens, lexeme{text: code[i:end], kind: kind, partner: -1})
		i = end
	}
	return tokens, len(tokens) > 0
}

func isWordByte(c byte) bool {
	return c == '_' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c >= 0x80
}

// literalEnd returns where the literal ends that begins at i, 0 when it goes over lines.
func literalEnd(code string, i int) int {
	quote := code[i]
	for i++; i < len(code); i++ {
		switch {
		case code[i] == quote:
			return i + 1
		case code[i] == '\n':
			return 0
		case code[i] == '\\' && quote != '`':
			i++
		}
	}
	return 0
}
