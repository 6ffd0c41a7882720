// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"math"
	"strconv"
	"time"

	"github.com/sockgen/sockgen/runtime/siowire"
)

// MaxInt is the greatest int of a schema, 2^53−1: the greatest up to which
// every integer is a JavaScript number. The least is −MaxInt.
const MaxInt = 1<<53 - 1

// Durations travel as whole milliseconds.
const (
	maxDurationMS = math.MaxInt64 / int64(time.Millisecond)
	minDurationMS = math.MinInt64 / int64(time.Millisecond)
)

// Bool reads true or false.
func (d *Decoder) Bool(v *bool) {
	if !d.expect(boolKind, "boolean") {
		return
	}
	switch {
	case d.json.literal("true"):
		*v = true
	case d.json.literal("false"):
		*v = false
	default:
		d.malformed()
	}
}

// Int reads an integer of ±[MaxInt].
func (d *Decoder) Int(v *int64) Number[int64] {
	return integer(d, v, -MaxInt, MaxInt)
}

// Int32 reads an integer of 32 bits.
func (d *Decoder) Int32(v *int32) Number[int32] {
	return integer(d, v, math.MinInt32, math.MaxInt32)
}

// Uint32 reads an integer of 32 bits without sign.
func (d *Decoder) Uint32(v *uint32) Number[uint32] {
	return integer(d, v, 0, math.MaxUint32)
}

// integer reads an integer from least to most, both of which T can hold.
func integer[T int64 | int32 | uint32](d *Decoder, v *T, least, most int64) Number[T] {
	n, ok := d.wholeNumber(least, most)
	if !ok {
		return Number[T]{}
	}
	*v = T(n)
	return Number[T]{to: d, v: *v}
}

// wholeNumber reads an integer from least to most, written without fraction
// and exponent.
func (d *Decoder) wholeNumber(least, most int64) (int64, bool) {
	if !d.expect(numberKind, "integer") {
		return 0, false
	}
	raw := d.json.number()
	if n, ok := shortInteger(raw); ok && n >= least && n <= most {
		return n, true
	}
	if bytes.ContainsAny(raw, ".eE") {
		d.report("expected integer, got " + cut(string(raw), 32))
		return 0, false
	}
	n, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil || n < least || n > most {
		d.report("must be an integer from " + strconv.FormatInt(least, 10) + " to " + strconv.FormatInt(most, 10))
		return 0, false
	}
	return n, true
}

// shortInteger reads an integer that cannot overflow, and nothing else.
func shortInteger(s []byte) (n int64, ok bool) {
	digits := s
	if len(s) > 0 && s[0] == '-' {
		digits = s[1:]
	}
	if len(digits) == 0 || len(digits) > 18 {
		return 0, false
	}
	for _, c := range digits {
		if c -= '0'; c > 9 {
			return 0, false
		}
		n = n*10 + int64(c)
	}
	if len(digits) < len(s) {
		n = -n
	}
	return n, true
}

// Int64 reads an integer of 64 bits, which travels as a decimal string.
func (d *Decoder) Int64(v *int64) Number[int64] {
	s, ok := d.text("integer in a string")
	if !ok {
		return Number[int64]{}
	}
	n, err := strconv.ParseInt(string(s), 10, 64)
	if err != nil || !isDecimal(s) {
		d.report("must be a 64-bit integer in decimal digits")
		return Number[int64]{}
	}
	*v = n
	return Number[int64]{to: d, v: n}
}

// Uint64 reads an integer of 64 bits without sign, which travels as a decimal string.
func (d *Decoder) Uint64(v *uint64) Number[uint64] {
	s, ok := d.text("integer in a string")
	if !ok {
		return Number[uint64]{}
	}
	n, err := strconv.ParseUint(string(s), 10, 64)
	if err != nil || !isDecimal(s) {
		d.report("must be an unsigned 64-bit integer in decimal digits")
		return Number[uint64]{}
	}
	*v = n
	return Number[uint64]{to: d, v: n}
}

// text reads a string without copying it; the result serves until the next read.
func (d *Decoder) text(name string) ([]byte, bool) {
	if !d.expect(stringKind, name) {
		return nil, false
	}
	raw, escaped, ok := d.json.str()
	if !ok {
		d.malformed()
		return nil, false
	}
	if !escaped {
		return raw, true
	}
	if hasLoneSurrogate(raw) {
		d.report("has half of a surrogate pair, which is no character")
		return nil, false
	}
	d.scratch = siowire.AppendUnquoted(d.scratch[:0], raw)
	return d.scratch, true
}

// hasLoneSurrogate tells whether raw, what is between the quotes of a string, escapes
// one half of a surrogate pair without the other.
func hasLoneSurrogate(raw []byte) bool {
	high := false // an escaped high half ends right before raw[i]
	for i := 0; i < len(raw); i++ {
		half := rune(0)
		if raw[i] == '\\' {
			i++
			if raw[i] == 'u' && i+4 < len(raw) {
				n, _ := strconv.ParseUint(string(raw[i+1:i+5]), 16, 16)
				half = rune(n) & 0xfc00
				i += 4
			}
		}
		if high != (half == 0xdc00) {
			return true
		}
		high = half == 0xd800
	}
	return high
}

// isDecimal tells whether s is the one way to write its integer: no plus sign,
// no leading zero, no -0.
func isDecimal(s []byte) bool {
	if len(s) > 0 && s[0] == '-' {
		s = s[1:]
		return len(s) > 0 && s[0] >= '1' && s[0] <= '9'
	}
	return len(s) == 1 || len(s) > 0 && s[0] >= '1' && s[0] <= '9'
}

// Float64 reads a number of 64 bits.
func (d *Decoder) Float64(v *float64) Number[float64] {
	f, ok := d.number(64)
	if !ok {
		return Number[float64]{}
	}
	*v = f
	return Number[float64]{to: d, v: f}
}

// Float32 reads a number of 32 bits; it rounds to the nearest.
func (d *Decoder) Float32(v *float32) Number[float32] {
	f, ok := d.number(32)
	if !ok {
		return Number[float32]{}
	}
	*v = float32(f)
	return Number[float32]{to: d, v: float32(f)}
}

func (d *Decoder) number(bits int) (float64, bool) {
	if !d.expect(numberKind, "number") {
		return 0, false
	}
	f, err := strconv.ParseFloat(string(d.json.number()), bits)
	if err != nil { // the syntax is sound, so it is the range
		d.report("is too large for a float" + strconv.Itoa(bits))
		return 0, false
	}
	return f, true
}

// String reads a string.
func (d *Decoder) String(v *string) Text {
	s, ok := d.text("string")
	if !ok {
		return Text{}
	}
	*v = string(s)
	return Text{to: d, s: *v}
}

// Bytes reads an attachment through its placeholder; *v points into the packet
// that brought it, which is the receiver's own. Plain JSON, which
// UnmarshalJSON reads, has base64 in a string instead.
func (d *Decoder) Bytes(v *[]byte) Size {
	if d.standalone {
		return d.base64(v)
	}
	if !d.expect(objectKind, "bytes") {
		return Size{}
	}
	data, ok := d.attachment()
	if !ok {
		d.report("expected bytes, got object")
		return Size{}
	}
	*v = data[:len(data):len(data)]
	return Size{to: d, n: len(data)}
}

// attachment reads a placeholder and returns what it stands for. The parser of
// the packet refused placeholders that stand for nothing (R206).
func (d *Decoder) attachment() (data []byte, ok bool) {
	marked, num := false, -1
	for w := d.json.enter(); ; d.skip() {
		key, ok := d.member(&w)
		if !ok {
			break
		}
		value := d.json
		value.peek()
		switch string(key) {
		case placeholderKey:
			marked = value.literal("true")
		case "num":
			n, ok := shortInteger(value.number())
			if ok {
				num = int(n)
			}
		}
	}
	if !marked || num < 0 || num >= len(d.attachments) {
		return nil, false
	}
	return d.attachments[num], true
}

func (d *Decoder) base64(v *[]byte) Size {
	s, ok := d.text("bytes as a base64 string")
	if !ok {
		return Size{}
	}
	data, err := base64.StdEncoding.AppendDecode([]byte{}, s)
	if err != nil {
		d.report("expected bytes as a base64 string")
		return Size{}
	}
	*v = data
	return Size{to: d, n: len(data)}
}

// Duration reads a span of time in whole milliseconds.
func (d *Decoder) Duration(v *time.Duration) Number[time.Duration] {
	ms, ok := d.wholeNumber(minDurationMS, maxDurationMS)
	if !ok {
		return Number[time.Duration]{}
	}
	*v = time.Duration(ms) * time.Millisecond
	return Number[time.Duration]{to: d, v: *v}
}

// UUID reads a UUID in its canonical 36 characters, either case. *v is in lower case.
func (d *Decoder) UUID(v *string) {
	s, ok := d.text("UUID")
	if !ok {
		return
	}
	if !isUUID(s) {
		d.report(`must be a UUID such as "123e4567-e89b-12d3-a456-426614174000"`)
		return
	}
	*v = string(bytes.ToLower(s))
}

// isUUID tells whether s has the form of a UUID, in either case.
func isUUID[T []byte | string](s T) bool {
	if len(s) != 36 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		switch i {
		case 8, 13, 18, 23:
			if c != '-' {
				return false
			}
		default:
			if !('0' <= c && c <= '9' || 'a' <= c && c <= 'f' || 'A' <= c && c <= 'F') {
				return false
			}
		}
	}
	return true
}

// Any reads any value and keeps it as it was written. *v is a copy. Bytes do
// not fit into it: beside attachments nothing may look like the place of one.
func (d *Decoder) Any(v *json.RawMessage) {
	raw, ok := d.raw()
	if !ok {
		return
	}
	if len(d.attachments) > 0 && hasPlaceholder(raw) {
		d.report("must not contain bytes")
		return
	}
	*v = json.RawMessage(bytes.Clone(raw))
}

// hasPlaceholder tells whether an object within raw, which is well-formed, has
// the key of a placeholder.
func hasPlaceholder(raw []byte) bool {
	// An escape could spell the key differently; only then is it worth a walk.
	if !bytes.Contains(raw, []byte(placeholderKey)) && !bytes.Contains(raw, []byte(`\u`)) {
		return false
	}
	return walkForPlaceholder(&reader{b: raw})
}

func walkForPlaceholder(r *reader) bool {
	found := false
	switch r.peek() {
	case objectKind:
		for w := r.enter(); ; {
			key, escaped, ok := r.member(&w)
			if !ok {
				break
			}
			if escaped {
				key = siowire.AppendUnquoted(nil, key)
			}
			found = found || string(key) == placeholderKey
			found = walkForPlaceholder(r) || found
		}
	case arrayKind:
		for w := r.enter(); r.element(&w); {
			found = walkForPlaceholder(r) || found
		}
	default:
		r.skip()
	}
	return found
}
