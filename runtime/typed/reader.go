// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"encoding/binary"
	"math/bits"

	"github.com/sockgen/sockgen/runtime/siowire"
)

// A reader walks through one JSON text, value by value. Texts of peers were
// validated with their packet, others before they got here: a reader checks no more
// than it needs to keep its place, and never looks beyond the end.
type reader struct {
	b []byte
	i int // next byte
}

// A kind is a type of JSON.
type kind uint8

const (
	noKind kind = iota // the text ends here, or no value begins like this
	nullKind
	boolKind
	numberKind
	stringKind
	arrayKind
	objectKind
)

func (k kind) String() string {
	return [...]string{"nothing", "null", "boolean", "number", "string", "array", "object"}[k]
}

// kinds has what begins with a byte.
var kinds = [256]kind{
	'n': nullKind, 't': boolKind, 'f': boolKind, '"': stringKind, '[': arrayKind, '{': objectKind,
	'-': numberKind, '0': numberKind, '1': numberKind, '2': numberKind, '3': numberKind, '4': numberKind,
	'5': numberKind, '6': numberKind, '7': numberKind, '8': numberKind, '9': numberKind,
}

// peek returns the kind of the next value and goes to where it begins.
func (r *reader) peek() kind {
	if r.i < len(r.b) {
		if k := kinds[r.b[r.i]]; k != noKind {
			return k
		}
	}
	return r.peekBehindSpace()
}

func (r *reader) peekBehindSpace() kind {
	if r.space(); r.i < len(r.b) {
		return kinds[r.b[r.i]]
	}
	return noKind
}

func (r *reader) space() {
	for r.i < len(r.b) {
		switch r.b[r.i] {
		case ' ', '\t', '\n', '\r':
			r.i++
		default:
			return
		}
	}
}

// byte consumes c, behind white space, and reports whether it was there.
func (r *reader) byte(c byte) bool {
	if r.i < len(r.b) && r.b[r.i] == c {
		r.i++
		return true
	}
	if r.space(); r.i < len(r.b) && r.b[r.i] == c {
		r.i++
		return true
	}
	return false
}

// literal consumes text.
func (r *reader) literal(text string) bool {
	if len(r.b)-r.i < len(text) || string(r.b[r.i:r.i+len(text)]) != text {
		return false
	}
	r.i += len(text)
	return true
}

const (
	lows  = 0x0101010101010101
	highs = 0x8080808080808080
)

// str consumes a string and returns what is between its quotes, and whether there
// are escapes in it.
func (r *reader) str() (s []byte, escaped, ok bool) {
	b := r.b
	start := r.i + 1
	for i := start; i < len(b); {
		if len(b)-i >= 8 {
			// A byte's high bit is set in special where it is a quote or a backslash. A
			// borrow can only mark a byte above one that is marked itself.
			w := binary.LittleEndian.Uint64(b[i:])
			quote, backslash := w^(lows*'"'), w^(lows*'\\')
			special := ((quote-lows)&^quote | (backslash-lows)&^backslash) & highs
			if special == 0 {
				i += 8
				continue
			}
			i += bits.TrailingZeros64(special) / 8
		}
		switch b[i] {
		case '"':
			r.i = i + 1
			return b[start:i], escaped, true
		case '\\':
			escaped = true
			i++
		}
		i++
	}
	return nil, false, false
}

// number consumes a number and returns its text.
func (r *reader) number() []byte {
	start := r.i
	for r.i++; r.i < len(r.b); r.i++ {
		switch c := r.b[r.i]; {
		case '0' <= c && c <= '9', c == '.', c == 'e', c == 'E', c == '-', c == '+':
		default:
			return r.b[start:r.i]
		}
	}
	return r.b[start:]
}

// skip consumes the next value.
func (r *reader) skip() bool {
	switch r.peek() {
	case nullKind:
		return r.literal("null")
	case boolKind:
		return r.literal("true") || r.literal("false")
	case numberKind:
		r.number()
		return true
	case stringKind:
		_, _, ok := r.str()
		return ok
	case arrayKind, objectKind:
		return r.skipNested()
	}
	return false
}

// skipNested consumes an array or object.
func (r *reader) skipNested() bool {
	for depth := 0; r.i < len(r.b); {
		switch r.b[r.i] {
		case '"':
			if _, _, ok := r.str(); !ok {
				return false
			}
			continue
		case '[', '{':
			depth++
		case ']', '}':
			depth--
		}
		r.i++
		if depth == 0 {
			return true
		}
	}
	return false
}

// raw consumes the next value and returns its text.
func (r *reader) raw() ([]byte, bool) {
	r.peek()
	start := r.i
	ok := r.skip()
	return r.b[start:r.i], ok
}

// A walk goes through the members of an object, or the elements of an array.
type walk struct {
	begun bool
	bad   bool // it ended because the text is malformed
}

// enter consumes the bracket that begins an array or object. peek saw it.
func (r *reader) enter() walk {
	r.i++
	return walk{}
}

// more reports whether there is another member or element, and goes to where it
// begins. Otherwise it consumes the closing bracket.
func (r *reader) more(w *walk, closing byte) bool {
	if r.byte(closing) {
		return false
	}
	if w.begun && !r.byte(',') {
		w.bad = true
		return false
	}
	w.begun = true
	return true
}

// element goes to the next element of an array.
func (r *reader) element(w *walk) bool { return r.more(w, ']') }

// member goes to the value of an object's next member and returns its key as it is
// spelled between its quotes.
func (r *reader) member(w *walk) (key []byte, escaped, ok bool) {
	if !r.more(w, '}') {
		return nil, false, false
	}
	if r.peek() == stringKind {
		if key, escaped, ok = r.str(); ok && r.byte(':') {
			return key, escaped, true
		}
	}
	w.bad = true
	return nil, false, false
}

// eachMember calls f for the members of the object raw, with their keys unescaped; f
// consumes the value. It reports whether raw is an object in which f found every
// member to be sound.
func eachMember(raw []byte, f func(r *reader, key []byte) bool) bool {
	r := &reader{b: raw}
	if r.peek() != objectKind {
		return false
	}
	for w := r.enter(); ; {
		key, escaped, ok := r.member(&w)
		if !ok {
			return !w.bad
		}
		if escaped {
			key = siowire.AppendUnquoted(nil, key)
		}
		if !f(r, key) {
			return false
		}
	}
}

// string consumes a string and returns its characters.
func (r *reader) string() (string, bool) {
	if r.peek() != stringKind {
		return "", false
	}
	raw, escaped, ok := r.str()
	if ok && escaped {
		raw = siowire.AppendUnquoted(nil, raw)
	}
	return string(raw), ok
}

// bool consumes true or false.
func (r *reader) bool() (v, ok bool) {
	if r.peek() != boolKind {
		return false, false
	}
	v = r.literal("true")
	return v, v || r.literal("false")
}
