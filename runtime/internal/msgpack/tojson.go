// SPDX-License-Identifier: Apache-2.0

package msgpack

import (
	"encoding/base64"
	"math"
	"strconv"
	"time"
	"unicode/utf8"
)

// Limits bound what ToJSON accepts.
type Limits struct {
	Depth    int // nested arrays and maps, the outermost included
	Binaries int // binary values
}

// ToJSON reads the one value that data is. In the text a placeholder,
// {"_placeholder":true,"num":0}, stands for each binary value; binaries has them in the
// order of the text, pointing into data.
func ToJSON(data []byte, lim Limits) (text []byte, binaries [][]byte, err error) {
	m := measure{reader: reader{b: data}, lim: lim}
	if err := m.whole(); err != nil {
		return nil, nil, err
	}
	if m.lookalike && m.binaries > 0 {
		return nil, nil, ErrLookalike
	}
	w := writer{reader: reader{b: data}, out: make([]byte, 0, m.size)}
	if m.binaries > 0 {
		w.binaries = make([][]byte, 0, m.binaries)
	}
	w.value()
	return w.out, w.binaries, nil
}

// ToPlainJSON is ToJSON with base64 strings in place of binary values.
func ToPlainJSON(data []byte, lim Limits) ([]byte, error) {
	m := measure{reader: reader{b: data}, lim: lim, plain: true}
	if err := m.whole(); err != nil {
		return nil, err
	}
	w := writer{reader: reader{b: data}, out: make([]byte, 0, m.size), plain: true}
	w.value()
	return w.out, nil
}

// measure checks a value and counts the bytes of its JSON.
type measure struct {
	reader
	lim       Limits
	plain     bool
	size      int
	binaries  int
	lookalike bool // a map says that it is a placeholder
}

// whole measures data, of which nothing may be left.
func (m *measure) whole() error {
	t, err := m.next()
	if err != nil {
		return err
	}
	if err := m.value(t, 0); err != nil {
		return err
	}
	if m.left() > 0 {
		return m.invalid("something follows the value")
	}
	return nil
}

// value measures t and what belongs to it, with depth containers around it.
func (m *measure) value(t token, depth int) error {
	switch t.kind {
	case array, mapping:
		if depth == m.lim.Depth {
			return ErrLimit
		}
		m.size += 2 + max(t.n-1, 0) // at most: a map may leave members out
		if t.kind == array {
			return m.elements(t.n, depth+1)
		}
		return m.members(t.n, depth+1)
	case str:
		m.size += quotedSize(t.b)
	case bin:
		return m.binary(t.b)
	default:
		var scratch [32]byte
		m.size += len(appendScalar(scratch[:0], t))
	}
	return nil
}

func (m *measure) binary(b []byte) error {
	m.binaries++
	if m.plain {
		m.size += 2 + base64.StdEncoding.EncodedLen(len(b))
		return nil
	}
	if m.binaries > m.lim.Binaries {
		return ErrLimit
	}
	var scratch [48]byte
	m.size += len(appendPlaceholder(scratch[:0], m.binaries-1))
	return nil
}

func (m *measure) elements(n, depth int) error {
	for range n {
		t, err := m.next()
		if err != nil {
			return err
		}
		if err := m.value(t, depth); err != nil {
			return err
		}
	}
	return nil
}

func (m *measure) members(n, depth int) error {
	for range n {
		key, err := m.next()
		if err != nil {
			return err
		}
		switch key.kind {
		case str:
			m.size += quotedSize(key.b) + 1
		case integer, unsigned, float:
			var scratch [32]byte
			m.size += len(appendNumericKey(scratch[:0], key)) + 1
		default:
			return m.invalid("the key of a map must be a string or a number")
		}
		t, err := m.next()
		if err != nil {
			return err
		}
		if key.kind == str && string(key.b) == "_placeholder" && t.kind == boolean && t.yes {
			m.lookalike = true
		}
		if err := m.value(t, depth); err != nil {
			return err
		}
	}
	return nil
}

// A writer writes the JSON of bytes that were measured, so that nothing can fail.
type writer struct {
	reader
	out      []byte
	binaries [][]byte
	plain    bool
}

func (w *writer) value() {
	t, _ := w.next()
	w.token(t)
}

func (w *writer) token(t token) {
	switch t.kind {
	case array:
		w.out = append(w.out, '[')
		for i := range t.n {
			if i > 0 {
				w.out = append(w.out, ',')
			}
			w.value()
		}
		w.out = append(w.out, ']')
	case mapping:
		w.out = append(w.out, '{')
		w.members(t.n)
		w.out = append(w.out, '}')
	case str:
		w.out = appendQuoted(w.out, t.b)
	case bin:
		if w.plain {
			w.out = append(w.out, '"')
			w.out = base64.StdEncoding.AppendEncode(w.out, t.b)
			w.out = append(w.out, '"')
			return
		}
		w.out = appendPlaceholder(w.out, len(w.binaries))
		w.binaries = append(w.binaries, t.b)
	default:
		w.out = appendScalar(w.out, t)
	}
}

func (w *writer) members(n int) {
	first := true
	for range n {
		key, _ := w.next()
		t, _ := w.next()
		if t.kind == undefined {
			continue
		}
		if !first {
			w.out = append(w.out, ',')
		}
		first = false
		if key.kind == str {
			w.out = appendQuoted(w.out, key.b)
		} else {
			w.out = appendNumericKey(w.out, key)
		}
		w.out = append(w.out, ':')
		w.token(t)
	}
}

func appendPlaceholder(dst []byte, num int) []byte {
	dst = append(dst, `{"_placeholder":true,"num":`...)
	return append(strconv.AppendInt(dst, int64(num), 10), '}')
}

// appendNumericKey appends a number as a key: JavaScript makes it a string.
func appendNumericKey(dst []byte, t token) []byte {
	if t.kind == float && (math.IsNaN(t.f) || math.IsInf(t.f, 0)) {
		switch {
		case t.f > 0:
			return append(dst, `"Infinity"`...)
		case t.f < 0:
			return append(dst, `"-Infinity"`...)
		}
		return append(dst, `"NaN"`...)
	}
	if t.kind == float && t.f == 0 {
		return append(dst, `"0"`...)
	}
	dst = append(dst, '"')
	return append(appendScalar(dst, t), '"')
}

// appendScalar appends what is neither a container nor made of bytes.
func appendScalar(dst []byte, t token) []byte {
	switch t.kind {
	case boolean:
		return strconv.AppendBool(dst, t.yes)
	case integer:
		return strconv.AppendInt(dst, t.i, 10)
	case unsigned:
		return strconv.AppendUint(dst, t.u, 10)
	case float:
		return AppendFloat(dst, t.f)
	case date:
		return appendDate(dst, t.i)
	}
	return append(dst, "null"...)
}

// AppendFloat appends f as JSON.stringify prints it, but for -0, which keeps its sign.
func AppendFloat(dst []byte, f float64) []byte {
	size := math.Abs(f)
	switch {
	case math.IsNaN(f) || math.IsInf(f, 0):
		return append(dst, "null"...)
	case size == 0 || size >= 1e-6 && size < 1e21:
		return strconv.AppendFloat(dst, f, 'f', -1, 64)
	}
	var scratch [32]byte
	digits := strconv.AppendFloat(scratch[:0], f, 'e', -1, 64)
	// Go writes two digits of an exponent at least, JavaScript one.
	if n := len(digits); digits[n-2] == '0' && (digits[n-3] == '-' || digits[n-3] == '+') {
		digits[n-2] = digits[n-1]
		digits = digits[:n-1]
	}
	return append(dst, digits...)
}

// appendDate appends what Date's toJSON gives: a year beyond four digits has six and a
// sign.
func appendDate(dst []byte, ms int64) []byte {
	t := time.UnixMilli(ms).UTC()
	year, digits := t.Year(), 6
	dst = append(dst, '"')
	switch {
	case year > 9999:
		dst = append(dst, '+')
	case year < 0:
		dst, year = append(dst, '-'), -year
	default:
		digits = 4
	}
	var scratch [32]byte
	padded := strconv.AppendInt(scratch[:0], int64(1_000_000+year), 10)
	dst = append(dst, padded[len(padded)-digits:]...)
	// Formatting takes more bytes for a moment than it gives.
	return append(append(dst, t.AppendFormat(scratch[:0], "-01-02T15:04:05.000Z")...), '"')
}

const digits16 = "0123456789abcdef"

// escaped returns the letter that JSON has for a character, 0 for none.
func escaped(c byte) byte {
	switch c {
	case '"', '\\':
		return c
	case '\b':
		return 'b'
	case '\f':
		return 'f'
	case '\n':
		return 'n'
	case '\r':
		return 'r'
	case '\t':
		return 't'
	}
	return 0
}

// quotedSize returns the length of what appendQuoted appends.
func quotedSize(b []byte) int {
	size := len(b) + 2
	for i := 0; i < len(b); {
		c := b[i]
		switch {
		case c >= utf8.RuneSelf:
			n, ok := character(b[i:])
			if !ok {
				size += len("\ufffd") - n
			}
			i += n
			continue
		case c == '"' || c == '\\' || c < ' ' && escaped(c) != 0:
			size++
		case c < ' ':
			size += 5
		}
		i++
	}
	return size
}

// appendQuoted appends b as a JSON string.
func appendQuoted(dst, b []byte) []byte {
	dst = append(dst, '"')
	from := 0
	for i := 0; i < len(b); {
		c := b[i]
		if c >= ' ' && c != '"' && c != '\\' && c < utf8.RuneSelf {
			i++
			continue
		}
		n, ok := 1, false
		if c >= utf8.RuneSelf {
			if n, ok = character(b[i:]); ok {
				i += n
				continue
			}
		}
		dst = append(dst, b[from:i]...)
		switch letter := escaped(c); {
		case c >= utf8.RuneSelf:
			dst = append(dst, "\ufffd"...)
		case letter != 0:
			dst = append(dst, '\\', letter)
		default:
			dst = append(dst, '\\', 'u', '0', '0', digits16[c>>4], digits16[c&15])
		}
		i += n
		from = i
	}
	dst = append(dst, b[from:]...)
	return append(dst, '"')
}

// character returns how many bytes of b, which begins with one that is not ASCII, are
// one character; without ok, how many of them one U+FFFD stands for: the longest
// beginning of a character, or one byte.
func character(b []byte) (n int, ok bool) {
	r, size := utf8.DecodeRune(b)
	if r != utf8.RuneError || size > 1 {
		return size, true
	}
	most, low, high := 0, byte(0x80), byte(0xbf)
	switch c := b[0]; {
	case c >= 0xc2 && c <= 0xdf:
		most = 2
	case c >= 0xe0 && c <= 0xef:
		most = 3
		if c == 0xe0 {
			low = 0xa0
		} else if c == 0xed {
			high = 0x9f
		}
	case c >= 0xf0 && c <= 0xf4:
		most = 4
		if c == 0xf0 {
			low = 0x90
		} else if c == 0xf4 {
			high = 0x8f
		}
	}
	for n = 1; n < most && n < len(b) && b[n] >= low && b[n] <= high; n++ {
		low, high = 0x80, 0xbf
	}
	return n, false
}
