// SPDX-License-Identifier: Apache-2.0

package msgpack

import (
	"encoding/binary"
	"errors"
	"math"
	"slices"
	"strconv"

	"github.com/sockgen/sockgen/runtime/siowire"
)

// deepest bounds the recursion over text; arguments that are nested deeper cannot be
// sent.
const deepest = 512

var (
	errText   = errors.New("msgpack: the text is not JSON")
	errDeep   = errors.New("msgpack: the text is nested too deeply")
	errNumber = errors.New("msgpack: a placeholder refers to no binary value")
	errFanOut = errors.New("msgpack: binary values are referred to too often")
)

// AppendJSON appends the value that text has as JSON, with binaries in place of the
// placeholders that stand for them. Numbers take the form that notepack.io and
// @msgpack/msgpack give them: integers the shortest, everything else 64-bit floats.
// Integers beyond 2^53 keep their digits, where those two lose some.
//
// Without binaries a placeholder is ordinary data. It is an error when placeholders
// refer to them more often than [siowire.DefaultAttachments] times and than there are
// binaries. With an error, dst has what fitted.
func AppendJSON(dst, text []byte, binaries [][]byte) ([]byte, error) {
	size := len(text) // more than it takes, but for many floats
	for _, b := range binaries {
		size += len(b)
	}
	t := transcoder{text: text, out: slices.Grow(dst, size), binaries: binaries}
	if err := t.value(0); err != nil {
		return t.out, err
	}
	if t.space(); t.i < len(text) {
		return t.out, errText
	}
	return t.out, nil
}

// A transcoder goes once over JSON. It asks for no more than it needs to find its way,
// since the text was checked or written by this process.
type transcoder struct {
	text     []byte
	i        int
	out      []byte
	binaries [][]byte
	referred int // placeholders so far
}

func (t *transcoder) space() {
	for t.i < len(t.text) {
		switch t.text[t.i] {
		case ' ', '\t', '\n', '\r':
			t.i++
		default:
			return
		}
	}
}

// peek returns the next character after white space, 0 at the end.
func (t *transcoder) peek() byte {
	if t.space(); t.i < len(t.text) {
		return t.text[t.i]
	}
	return 0
}

func (t *transcoder) value(depth int) error {
	if depth > deepest {
		return errDeep
	}
	switch c := t.peek(); {
	case c == '"':
		_, err := t.str()
		return err
	case c == '[':
		return t.array(depth)
	case c == '{':
		return t.object(depth)
	case c == '-' || '0' <= c && c <= '9':
		return t.number()
	}
	return t.literal()
}

func (t *transcoder) literal() error {
	rest := t.text[t.i:]
	for _, known := range []struct {
		word string
		code byte
	}{{"null", 0xc0}, {"false", 0xc2}, {"true", 0xc3}} {
		if len(rest) >= len(known.word) && string(rest[:len(known.word)]) == known.word {
			t.i += len(known.word)
			t.out = append(t.out, known.code)
			return nil
		}
	}
	return errText
}

// raw returns what stands between the quotes of the next string.
func (t *transcoder) raw() (text []byte, escaped bool, err error) {
	start := t.i + 1
	for i := start; i < len(t.text); i++ {
		switch t.text[i] {
		case '"':
			t.i = i + 1
			return t.text[start:i], escaped, nil
		case '\\':
			escaped = true
			i++
		}
	}
	return nil, false, errText
}

// str appends a string and returns its characters.
func (t *transcoder) str() ([]byte, error) {
	text, escaped, err := t.raw()
	if err != nil {
		return nil, err
	}
	if escaped {
		if !escapes(text) {
			return nil, errText
		}
		text = siowire.AppendUnquoted(make([]byte, 0, len(text)), text)
	}
	t.out = append(appendHead(t.out, 0xa0, 31, 0xd9, len(text)), text...)
	return text, nil
}

// escapes reports whether each escape in text is whole.
func escapes(text []byte) bool {
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' {
			continue
		}
		if i++; i == len(text) {
			return false
		}
		if text[i] != 'u' {
			continue
		}
		if len(text)-i < 5 {
			return false
		}
		if _, err := strconv.ParseUint(string(text[i+1:i+5]), 16, 16); err != nil {
			return false
		}
		i += 4
	}
	return true
}

func (t *transcoder) array(depth int) error {
	t.i++
	start := len(t.out)
	t.out = append(t.out, 0)
	n := 0
	if t.peek() == ']' {
		t.i++
	} else {
		for more := true; more; n++ {
			if err := t.value(depth + 1); err != nil {
				return err
			}
			var err error
			if more, err = t.goesOn(']'); err != nil {
				return err
			}
		}
	}
	t.out = insertHead(t.out, start, 0x90, 0xdc, n)
	return nil
}

// goesOn takes the comma or the end of a container.
func (t *transcoder) goesOn(end byte) (bool, error) {
	c := t.peek()
	if c != ',' && c != end {
		return false, errText
	}
	t.i++
	return c == ',', nil
}

func (t *transcoder) object(depth int) error {
	t.i++
	start := len(t.out)
	t.out = append(t.out, 0)
	n := 0
	var mark placeholder
	if t.peek() == '}' {
		t.i++
	} else {
		for more := true; more; n++ {
			if err := t.member(depth, &mark); err != nil {
				return err
			}
			var err error
			if more, err = t.goesOn('}'); err != nil {
				return err
			}
		}
	}
	if mark.marked && len(t.binaries) > 0 {
		return t.binary(start, mark.num)
	}
	t.out = insertHead(t.out, start, 0x80, 0xde, n)
	return nil
}

// A placeholder is what an object has of one.
type placeholder struct {
	marked bool
	num    []byte // the text of its number
}

func (t *transcoder) member(depth int, mark *placeholder) error {
	if t.peek() != '"' {
		return errText
	}
	key, err := t.str()
	if err != nil {
		return err
	}
	if t.peek() != ':' {
		return errText
	}
	t.i++
	t.space()
	from := t.i
	if err := t.value(depth + 1); err != nil {
		return err
	}
	switch value := t.text[from:t.i]; string(key) {
	case "_placeholder":
		mark.marked = mark.marked || string(value) == "true"
	case "num":
		mark.num = value
	}
	return nil
}

// binary replaces the object that begins at start of the output by what it stands for.
func (t *transcoder) binary(start int, num []byte) error {
	n, err := strconv.ParseUint(string(num), 10, 31)
	if err != nil || n >= uint64(len(t.binaries)) {
		return errNumber
	}
	if t.referred++; t.referred > max(siowire.DefaultAttachments, len(t.binaries)) {
		return errFanOut
	}
	t.out = appendBinary(t.out[:start], t.binaries[n])
	return nil
}

func appendBinary(dst, b []byte) []byte {
	return append(appendHead(dst, 0, -1, 0xc4, len(b)), b...)
}

// appendHead appends the head of a string or of binary: short|n where n is at most
// shortest, else one of three codes with one, two or four bytes.
func appendHead(dst []byte, short byte, shortest int, code byte, n int) []byte {
	switch {
	case n <= shortest:
		return append(dst, short|byte(n))
	case n < 1<<8:
		return append(dst, code, byte(n))
	case n < 1<<16:
		return binary.BigEndian.AppendUint16(append(dst, code+1), uint16(n))
	}
	return binary.BigEndian.AppendUint32(append(dst, code+2), uint32(n))
}

// insertHead writes the head of a container of n, for which the byte at start is
// reserved. A long one needs more, so what follows moves.
func insertHead(dst []byte, start int, short, code byte, n int) []byte {
	if n < 16 {
		dst[start] = short | byte(n)
		return dst
	}
	extra := 2
	if n >= 1<<16 {
		extra = 4
	}
	dst = append(dst, make([]byte, extra)...)
	copy(dst[start+1+extra:], dst[start+1:len(dst)-extra])
	if extra == 2 {
		dst[start] = code
		binary.BigEndian.PutUint16(dst[start+1:], uint16(n))
	} else {
		dst[start] = code + 1
		binary.BigEndian.PutUint32(dst[start+1:], uint32(n))
	}
	return dst
}

func (t *transcoder) number() error {
	start, whole := t.i, true
	for ; t.i < len(t.text); t.i++ {
		c := t.text[t.i]
		if c == '.' || c == 'e' || c == 'E' {
			whole = false
		} else if c != '-' && c != '+' && (c < '0' || c > '9') {
			break
		}
	}
	text := string(t.text[start:t.i])
	if whole && text != "-0" {
		if i, err := strconv.ParseInt(text, 10, 64); err == nil {
			t.out = appendInt(t.out, i)
			return nil
		}
		if u, err := strconv.ParseUint(text, 10, 64); err == nil {
			t.out = binary.BigEndian.AppendUint64(append(t.out, 0xcf), u)
			return nil
		}
	}
	f, err := strconv.ParseFloat(text, 64)
	switch {
	case err == nil:
		t.out = appendFloat(t.out, f)
	case errors.Is(err, strconv.ErrRange): // to JavaScript infinite, which it prints as null
		t.out = append(t.out, 0xc0)
	default:
		return errText
	}
	return nil
}

// appendFloat appends f as an integer where it is one, as JavaScript does. -0 stays a
// float, so that its sign arrives.
func appendFloat(dst []byte, f float64) []byte {
	if f == math.Trunc(f) && math.Abs(f) < 1<<63 && (f != 0 || !math.Signbit(f)) {
		return appendInt(dst, int64(f))
	}
	return binary.BigEndian.AppendUint64(append(dst, 0xcb), math.Float64bits(f))
}

func appendInt(dst []byte, i int64) []byte {
	switch {
	case i >= -32 && i < 128:
		return append(dst, byte(i))
	case i >= 0 && i < 1<<8:
		return append(dst, 0xcc, byte(i))
	case i >= 0 && i < 1<<16:
		return binary.BigEndian.AppendUint16(append(dst, 0xcd), uint16(i))
	case i >= 0 && i < 1<<32:
		return binary.BigEndian.AppendUint32(append(dst, 0xce), uint32(i))
	case i >= 0:
		return binary.BigEndian.AppendUint64(append(dst, 0xcf), uint64(i))
	case i >= math.MinInt8:
		return append(dst, 0xd0, byte(i))
	case i >= math.MinInt16:
		return binary.BigEndian.AppendUint16(append(dst, 0xd1), uint16(i))
	case i >= math.MinInt32:
		return binary.BigEndian.AppendUint32(append(dst, 0xd2), uint32(i))
	}
	return binary.BigEndian.AppendUint64(append(dst, 0xd3), uint64(i))
}
