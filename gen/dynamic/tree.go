// SPDX-License-Identifier: Apache-2.0

package dynamic

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A kind is what JSON calls a type.
type kind int

const (
	null kind = iota
	boolean
	number
	text
	array
	object
)

func (k kind) String() string {
	return [...]string{"null", "boolean", "number", "string", "array", "object"}[k]
}

// A node is a value in a text of JSON, together with its place there.
type node struct {
	kind       kind
	start, end int    // in the text
	raw        []byte // what stands there
	text       string // of a string
	half       bool   // the string has half of a surrogate pair
	items      []*node
	members    []member // in order; a key may be there twice
}

type member struct {
	key        string
	start, end int // of the key
	value      *node
}

// A SyntaxError says that a text is not JSON.
type SyntaxError struct {
	Offset  int // in bytes, where the mistake is
	Message string
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("not well-formed JSON: %s", e.Message)
}

// parse reads a text that holds one value.
func parse(src []byte) (*node, error) {
	if !utf8.Valid(src) {
		at := 0
		for at < len(src) {
			r, size := utf8.DecodeRune(src[at:])
			if r == utf8.RuneError && size < 2 {
				break
			}
			at += size
		}
		return nil, &SyntaxError{at, "a byte that is no UTF-8"}
	}
	var syntax *json.SyntaxError
	if err := json.Unmarshal(src, new(json.RawMessage)); errors.As(err, &syntax) {
		const end = "unexpected end of JSON input"
		at := int(syntax.Offset) - 1 // the offset is behind the byte that is wrong
		// The end within a word or a number is told as a space that is not there.
		if syntax.Error() == end || strings.HasPrefix(syntax.Error(), "invalid character ' '") && src[at] != ' ' {
			return nil, &SyntaxError{len(src), end}
		}
		return nil, &SyntaxError{at, syntax.Error()}
	} else if err != nil {
		return nil, &SyntaxError{0, err.Error()}
	}
	p := &parser{src: src}
	return p.value(), nil
}

// A parser reads a text that is known to be JSON.
type parser struct {
	src []byte
	at  int
}

// next skips white space and returns the byte behind it.
func (p *parser) next() byte {
	for p.src[p.at] == ' ' || p.src[p.at] == '\t' || p.src[p.at] == '\n' || p.src[p.at] == '\r' {
		p.at++
	}
	return p.src[p.at]
}

func (p *parser) value() *node {
	first := p.next()
	n := &node{start: p.at}
	switch first {
	case '{':
		n.kind = object
		p.list('}', func() {
			p.next()
			start := p.at
			key, _ := p.text()
			end := p.at
			p.next()
			p.at++ // the colon
			n.members = append(n.members, member{key, start, end, p.value()})
		})
	case '[':
		n.kind = array
		p.list(']', func() { n.items = append(n.items, p.value()) })
	case '"':
		n.kind = text
		n.text, n.half = p.text()
	default:
		n.kind = map[byte]kind{'n': null, 't': boolean, 'f': boolean}[first]
		if first == '-' || first >= '0' && first <= '9' {
			n.kind = number
		}
		p.word()
	}
	n.end = p.at
	n.raw = p.src[n.start:n.end]
	return n
}

// list reads what is between two brackets, of which the second is end.
func (p *parser) list(end byte, item func()) {
	p.at++
	for p.next() != end {
		if p.src[p.at] == ',' {
			p.at++
		}
		item()
	}
	p.at++
}

// word reads a number, true, false or null.
func (p *parser) word() {
	for p.at < len(p.src) {
		switch p.src[p.at] {
		case ',', ']', '}', ' ', '\t', '\n', '\r':
			return
		}
		p.at++
	}
}

// text reads a string, and tells whether it has half of a surrogate pair.
func (p *parser) text() (s string, half bool) {
	start := p.at
	for p.at++; p.src[p.at] != '"'; p.at++ {
		if p.src[p.at] == '\\' {
			p.at++
		}
	}
	p.at++
	raw := p.src[start:p.at]
	_ = json.Unmarshal(raw, &s) // the text is known to be JSON
	return s, hasHalf(raw)
}

// hasHalf tells whether one of the escapes of a string stands for half of a character.
func hasHalf(raw []byte) bool {
	unit := func(at int) uint64 {
		if at+6 > len(raw) || raw[at] != '\\' || raw[at+1] != 'u' {
			return 0
		}
		n, _ := strconv.ParseUint(string(raw[at+2:at+6]), 16, 32) // four digits, or it would not be JSON
		return n
	}
	for at := 0; at < len(raw); at++ {
		if raw[at] != '\\' {
			continue
		}
		switch u := unit(at); {
		case u >= 0xdc00 && u < 0xe000:
			return true
		case u >= 0xd800 && u < 0xdc00:
			if low := unit(at + 6); low < 0xdc00 || low >= 0xe000 {
				return true
			}
			at += 6
		}
		at++ // what is escaped
	}
	return false
}
