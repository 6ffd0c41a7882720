// SPDX-License-Identifier: Apache-2.0

package siowire

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// A scanner validates one JSON text in a single pass. It allocates nothing unless
// it is asked to collect placeholders.
type scanner struct {
	b      []byte
	i      int // next byte
	base   int // what offsets in errors count from: where b begins in the packet
	values int // JSON values seen
	err    *Error

	maxDepth, maxValues, maxNumber int

	attachments int // above 0: placeholders must point below it
	collect     bool
	found       []placeholder // what collect gathered, in the order of the text
}

// A placeholder is an object that stands for an attachment.
type placeholder struct {
	span
	num int
}

func (s *scanner) fail(kind error, detail string) bool {
	s.err = &Error{Kind: kind, Offset: s.base + s.i, Detail: detail}
	return false
}

func (s *scanner) invalid(detail string) bool { return s.fail(ErrPayload, detail) }

// beyond is invalid for what is beyond a limit.
func (s *scanner) beyond(limit, detail string) bool {
	s.invalid(detail)
	s.err.Limit = limit
	return false
}

func (s *scanner) space() {
	for s.i < len(s.b) {
		switch s.b[s.i] {
		case ' ', '\t', '\n', '\r':
			s.i++
		default:
			return
		}
	}
}

// end reports whether nothing but white space is left.
func (s *scanner) end() bool {
	s.space()
	return s.i == len(s.b) || s.invalid("something follows the JSON text")
}

// value scans one value, with depth containers open around it.
func (s *scanner) value(depth int) bool {
	s.space()
	if s.i >= len(s.b) {
		return s.invalid("the JSON text ends where a value should be")
	}
	if s.values++; s.values > s.maxValues {
		return s.beyond("Values", "more JSON values than the limit")
	}
	switch c := s.b[s.i]; c {
	case '"':
		return s.str()
	case '{':
		return s.object(depth + 1)
	case '[':
		return s.array(depth + 1)
	case 't':
		return s.literal("true")
	case 'f':
		return s.literal("false")
	case 'n':
		return s.literal("null")
	default:
		if c == '-' || isDigit(c) {
			return s.number()
		}
		return s.invalid("no JSON value begins like this")
	}
}

func (s *scanner) literal(want string) bool {
	if len(s.b)-s.i < len(want) || string(s.b[s.i:s.i+len(want)]) != want {
		return s.invalid("misspelt literal")
	}
	s.i += len(want)
	return true
}

func (s *scanner) array(depth int) bool {
	if depth > s.maxDepth {
		return s.beyond("Depth", "nested deeper than the limit")
	}
	s.i++
	s.space()
	if s.i < len(s.b) && s.b[s.i] == ']' {
		s.i++
		return true
	}
	for {
		if !s.value(depth) {
			return false
		}
		s.space()
		switch {
		case s.i >= len(s.b):
			return s.invalid("the JSON text ends inside an array")
		case s.b[s.i] == ',':
			s.i++
		case s.b[s.i] == ']':
			s.i++
			return true
		default:
			return s.invalid("an array needs a comma or its end here")
		}
	}
}

func (s *scanner) object(depth int) bool {
	if depth > s.maxDepth {
		return s.beyond("Depth", "nested deeper than the limit")
	}
	start := s.i
	var m members
	s.i++
	s.space()
	if s.i < len(s.b) && s.b[s.i] == '}' {
		s.i++
		return true
	}
	for {
		if !s.member(depth, &m) {
			return false
		}
		s.space()
		switch {
		case s.i >= len(s.b):
			return s.invalid("the JSON text ends inside an object")
		case s.b[s.i] == ',':
			s.i++
		case s.b[s.i] == '}':
			s.i++
			return s.attachments == 0 || s.placeholder(start, &m)
		default:
			return s.invalid("an object needs a comma or its end here")
		}
	}
}

// member scans one key, its colon and its value.
func (s *scanner) member(depth int, m *members) bool {
	s.space()
	if s.i >= len(s.b) || s.b[s.i] != '"' {
		return s.invalid("an object needs a key here")
	}
	key := s.i
	if !s.str() {
		return false
	}
	keyEnd := s.i
	s.space()
	if s.i >= len(s.b) || s.b[s.i] != ':' {
		return s.invalid("a key needs its colon")
	}
	s.i++
	s.space()
	start := s.i
	if !s.value(depth) {
		return false
	}
	if s.attachments > 0 {
		m.note(s.b[key+1:keyEnd-1], s.b[start:s.i])
	}
	return true
}

// members remembers what decides whether an object is a placeholder.
type members struct {
	marks, nums int    // how often each key occurred
	marked      bool   // "_placeholder" was true at least once
	num         []byte // the last "num"
}

// note looks at one member. Escapes in the key count like the characters that they
// stand for, since that is how every decoder of the payload will read them.
func (m *members) note(key, value []byte) {
	const longest = len("_placeholder") * len(`\u005f`)
	if len(key) > longest {
		return
	}
	for _, c := range key {
		if c == '\\' {
			key = unquote(key)
			break
		}
	}
	switch string(key) {
	case "_placeholder":
		m.marks++
		m.marked = m.marked || string(value) == "true"
	case "num":
		m.nums++
		m.num = value
	}
}

// placeholder checks the object that began at start once all its members are
// known (R203, R206). A repeated key is refused, because decoders differ in which
// of the two they take.
func (s *scanner) placeholder(start int, m *members) bool {
	if !m.marked {
		return true
	}
	if m.marks > 1 || m.nums != 1 {
		return s.fail(ErrPlaceholder, "a placeholder needs _placeholder and num exactly once")
	}
	num, ok := smallInt(m.num, s.attachments)
	if !ok {
		return s.fail(ErrPlaceholder, "a placeholder's num must be the index of an attachment")
	}
	if s.collect {
		s.found = append(s.found, placeholder{span{uint32(start), uint32(s.i)}, num})
	}
	return true
}

// smallInt reads plain digits without leading zeros, below limit.
func smallInt(b []byte, limit int) (int, bool) {
	if len(b) == 0 || len(b) > 9 || (b[0] == '0' && len(b) > 1) {
		return 0, false
	}
	n := 0
	for _, c := range b {
		if !isDigit(c) {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, n < limit
}

func (s *scanner) number() bool {
	start := s.i
	if s.b[s.i] == '-' {
		s.i++
	}
	zero := s.i < len(s.b) && s.b[s.i] == '0'
	if n := s.digits(); n == 0 || (zero && n > 1) {
		return s.invalid("a number needs digits, without a leading zero")
	}
	if s.i < len(s.b) && s.b[s.i] == '.' {
		s.i++
		if s.digits() == 0 {
			return s.invalid("a number needs digits after its point")
		}
	}
	if s.i < len(s.b) && (s.b[s.i] == 'e' || s.b[s.i] == 'E') {
		s.i++
		if s.i < len(s.b) && (s.b[s.i] == '+' || s.b[s.i] == '-') {
			s.i++
		}
		if s.digits() == 0 {
			return s.invalid("a number needs digits in its exponent")
		}
	}
	if s.i-start > s.maxNumber {
		return s.beyond("NumberLength", "a number is longer than the limit")
	}
	return true
}

// digits skips a run of digits and returns how many there were.
func (s *scanner) digits() int {
	start := s.i
	for s.i < len(s.b) && isDigit(s.b[s.i]) {
		s.i++
	}
	return s.i - start
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// str scans a string, from its opening quote to past its closing one.
func (s *scanner) str() bool {
	s.i++
	for {
		s.i += plain(s.b[s.i:])
		if s.i >= len(s.b) {
			return s.invalid("the JSON text ends inside a string")
		}
		switch c := s.b[s.i]; {
		case c == '"':
			s.i++
			return true
		case c == '\\':
			if !s.escape() {
				return false
			}
		case c < ' ':
			return s.invalid("a control character in a string must be escaped")
		default:
			r, size := utf8.DecodeRune(s.b[s.i:])
			if r == utf8.RuneError && size == 1 {
				return s.invalid("the text is not valid UTF-8")
			}
			s.i += size
		}
	}
}

const (
	lows  = 0x0101010101010101
	highs = 0x8080808080808080
)

// plain returns how many bytes at the start of b are ASCII that needs no second
// look inside a string. It tests eight bytes at a time.
func plain(b []byte) int {
	i := 0
	for ; len(b)-i >= 8; i += 8 {
		w := binary.LittleEndian.Uint64(b[i:])
		// A byte's high bit is set where it is below ' ', a quote, a backslash, or
		// not ASCII. A borrow can only mark a byte above one that is marked itself, so
		// the lowest mark is exact.
		special := ((w - lows*' ') | ((w ^ lows*'"') - lows) | ((w ^ lows*'\\') - lows) | w) & highs
		if special != 0 {
			return i + bits.TrailingZeros64(special)/8
		}
	}
	for ; i < len(b); i++ {
		if c := b[i]; c < ' ' || c == '"' || c == '\\' || c >= utf8.RuneSelf {
			break
		}
	}
	return i
}

func (s *scanner) escape() bool {
	if s.i+1 >= len(s.b) {
		return s.invalid("the JSON text ends inside a string")
	}
	switch s.b[s.i+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		s.i += 2
		return true
	case 'u':
		if _, ok := hex4(s.b[s.i+2:]); ok {
			s.i += 6
			return true
		}
	}
	return s.invalid("no such escape in a string")
}

func hex4(b []byte) (rune, bool) {
	if len(b) < 4 {
		return 0, false
	}
	var r rune
	for _, c := range b[:4] {
		switch {
		case isDigit(c):
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}
