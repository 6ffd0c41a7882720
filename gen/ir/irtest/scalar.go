// SPDX-License-Identifier: Apache-2.0

package irtest

import (
	"encoding/json"
	"math"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/sockgen/sockgen/gen/ir"
)

// scalar draws a value of a scalar.
func (s *Source) scalar(n *node) {
	switch k := n.t.Scalar; k {
	case ir.Bool:
		n.raw = pick(s, "true", "false")
	case ir.Int, ir.Int32, ir.Uint32, ir.Int64, ir.Uint64, ir.Duration:
		n.raw = s.integer(n)
		if k == ir.Int64 || k == ir.Uint64 {
			n.raw = `"` + n.raw + `"`
		}
	case ir.Float32, ir.Float64:
		n.raw = s.float(n)
	case ir.String:
		n.raw = s.suitable(n, func() string { return quote(s.candidate(n)) })
	case ir.Bytes:
		s.bytes(n)
	case ir.Timestamp:
		n.raw = quote(pick(s, "0000-01-01T00:00:00.000Z", "1969-12-31T23:59:59.999Z", "9999-12-31T23:59:59.999Z", "2000-02-29T12:00:00.000Z",
			time.UnixMilli(s.Rand.Int64N(1<<42)-1<<41).UTC().Format("2006-01-02T15:04:05.000Z")))
	case ir.UUID:
		const hex = "0123456789abcdef"
		b := []byte("00000000-0000-0000-0000-000000000000")
		for i := range b {
			if b[i] == '0' {
				b[i] = hex[s.Rand.IntN(16)]
			}
		}
		n.raw = quote(string(b))
	case ir.Any:
		*n = node{t: n.t, constraints: n.constraints, raw: s.anything().raw}
	default:
		s.fail("unknown scalar %q", k)
	}
}

// anything draws JSON that no schema describes.
func (s *Source) anything() *node {
	return &node{raw: pick(s, "null", "true", "0", "-1.5e300", `"é\u0000😀"`, "[]", "{}", `{"a":[1,{"b":null}],"":"x"}`, `"`+strings.Repeat("x", s.Rand.IntN(50))+`"`)}
}

// suitable draws until a string, in JSON, satisfies the constraints of n.
func (s *Source) suitable(n *node, draw func() string) string {
	for range 500 {
		raw := draw()
		var text string
		if json.Unmarshal([]byte(raw), &text) != nil || fits(text, n.constraints) {
			return raw
		}
	}
	return s.fail("no text that fits %+v", n.constraints).raw
}

// fits tells whether the constraints allow text.
func fits(text string, constraints []ir.Constraint) bool {
	least, most := ir.LengthOf(constraints)
	if size := utf8.RuneCountInString(text); size < least || size > most {
		return false
	}
	for _, c := range constraints {
		if c.Pattern != "" && !regexp.MustCompile(c.Pattern).MatchString(text) {
			return false
		}
	}
	return true
}

// candidate draws a string that may fit n.
func (s *Source) candidate(n *node) string {
	least, most := ir.LengthOf(n.constraints)
	for _, c := range n.constraints {
		if c.Pattern != "" {
			return s.match(c.Pattern, most)
		}
	}
	return s.text(least, min(most, least+12))
}

var letters = []rune("abcXYZ019 -_.\"\\/<>&'`$\t\n\x00\x7fé߿ࠀ\u2028�𐀀😀\U0010ffff")

// text draws a string of least to most code points.
func (s *Source) text(least, most int) string {
	var b strings.Builder
	for range least + s.Rand.IntN(most-least+1) {
		b.WriteRune(pick(s, letters...))
	}
	return b.String()
}

func (s *Source) bytes(n *node) {
	n.form = bytesForm
	least, most := ir.LengthOf(n.constraints)
	limit := s.Bytes
	if limit == 0 {
		limit = 1000
	}
	most = max(least, min(most, limit))
	size := pick(s, least, min(most, least+1), min(most, least+s.Rand.IntN(20)))
	if s.one(10) {
		size = most
	}
	n.data = make([]byte, size)
	for i := range n.data {
		n.data[i] = byte(s.Rand.Uint32())
	}
}

// integer draws a decimal within the scalar's range and the constraints.
func (s *Source) integer(n *node) string {
	least, most := n.t.Scalar.Integers()
	low, high := ir.RangeOf(n.constraints)
	if low != nil {
		if l := ceil(low); l.Cmp(least) > 0 {
			least = l
		}
	}
	if high != nil {
		if h := floor(high); h.Cmp(most) < 0 {
			most = h
		}
	}
	if least.Cmp(most) > 0 {
		return s.fail("no integer from %s to %s", least, most).raw
	}
	switch s.Rand.IntN(4) {
	case 0:
		return least.String()
	case 1:
		return most.String()
	case 2:
		if least.Sign() <= 0 && most.Sign() >= 0 {
			return "0"
		}
	}
	width := new(big.Int).Sub(most, least)
	offset := new(big.Int).SetUint64(s.Rand.Uint64())
	offset.Mod(offset, width.Add(width, big.NewInt(1)))
	return offset.Add(offset, least).String()
}

func floor(r *big.Rat) *big.Int { return new(big.Int).Div(r.Num(), r.Denom()) } // Euclidean: the denominator is positive

func ceil(r *big.Rat) *big.Int {
	n := floor(r)
	if new(big.Rat).SetInt(n).Cmp(r) < 0 {
		n.Add(n, big.NewInt(1))
	}
	return n
}

func floatBits(t *ir.Type) int {
	if t.Scalar == ir.Float32 {
		return 32
	}
	return 64
}

// float draws a number within the constraints.
func (s *Source) float(n *node) string {
	bits := floatBits(n.t)
	most, tiny := math.MaxFloat64, math.SmallestNonzeroFloat64
	if bits == 32 {
		most, tiny = math.MaxFloat32, math.SmallestNonzeroFloat32
	}
	low, high := ir.RangeOf(n.constraints)
	for range 500 {
		f := pick(s, 0, math.Copysign(0, -1), most, -most, tiny, 0.1, -1.5, 1e21, 1e-7, 123456789, s.Rand.Float64(), s.Rand.NormFloat64()*1e6)
		if low != nil && s.one(2) {
			f, _ = low.Float64()
			f += pick(s, 0, s.Rand.Float64())
		} else if high != nil && s.one(2) {
			f, _ = high.Float64()
		}
		if bits == 32 {
			f = float64(float32(f))
		}
		if withinRange(f, low, high) {
			return number(f, bits)
		}
	}
	return s.fail("no number that fits %+v", n.constraints).raw
}

func withinRange(f float64, low, high *big.Rat) bool {
	if math.IsInf(f, 0) {
		return false
	}
	l, h := math.Inf(-1), math.Inf(1)
	if low != nil {
		l, _ = low.Float64()
	}
	if high != nil {
		h, _ = high.Float64()
	}
	return f >= l && f <= h
}

// number writes f as JavaScript does, but for -0, which keeps its sign.
func number(f float64, bits int) string {
	format := byte('f')
	if abs := math.Abs(f); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		format = 'e'
	}
	text := strconv.FormatFloat(f, format, -1, bits)
	return strings.Replace(text, "e-0", "e-", 1)
}

// literal returns a default of type t.
func literal(t *ir.Type, l *ir.Literal) *node {
	if l.Null {
		return &node{raw: "null"}
	}
	if l.Enum != nil {
		return &node{raw: enumValue(l.Enum)}
	}
	for t.Kind == ir.RefType {
		t = t.Ref.Of
	}
	if l.List != nil {
		n := &node{form: listForm}
		for _, e := range l.List {
			n.items = append(n.items, literal(t.Elem, e))
		}
		return n
	}
	switch t.Scalar {
	case ir.Bool:
		return &node{raw: l.Text}
	case ir.Float32, ir.Float64:
		v, _ := strconv.ParseFloat(l.Text, floatBits(t)) // the schema is sound
		return &node{raw: number(v, floatBits(t))}
	case ir.Int, ir.Int32, ir.Uint32, ir.Duration, ir.Int64, ir.Uint64:
		r, _ := new(big.Rat).SetString(l.Text)
		if text := r.Num().String(); t.Scalar != ir.Int64 && t.Scalar != ir.Uint64 {
			return &node{raw: text}
		}
		return &node{raw: quote(r.Num().String())}
	case ir.Timestamp:
		at, _ := time.Parse(time.RFC3339, l.Text)
		return &node{raw: quote(at.UTC().Format("2006-01-02T15:04:05.000Z"))}
	case ir.UUID:
		return &node{raw: quote(strings.ToLower(l.Text))}
	}
	return &node{raw: quote(l.Text)}
}
