// SPDX-License-Identifier: Apache-2.0

package dynamic

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/sockgen/sockgen/gen/ir"
)

func (r *run) scalar(t resolved, n *node, at ir.Path) any {
	switch t.Scalar {
	case ir.Bool:
		r.expect(n, at, boolean, "boolean")
	case ir.Int, ir.Int32, ir.Uint32, ir.Duration:
		r.integer(t, n, at)
	case ir.Float32, ir.Float64:
		r.float(t, n, at)
	case ir.Bytes:
		return r.bytes(t, n, at)
	case ir.Any:
		return r.anything(n, at)
	default:
		return r.string(t, n, at)
	}
	return json.RawMessage(n.raw)
}

// string checks the scalars that travel as strings.
func (r *run) string(t resolved, n *node, at ir.Path) any {
	name := map[ir.Scalar]string{ir.Int64: "integer in a string", ir.Uint64: "integer in a string", ir.Timestamp: "timestamp", ir.UUID: "UUID"}[t.Scalar]
	if name == "" {
		name = "string"
	}
	if !r.expect(n, at, text, name) || n.half && r.halved(n, at) {
		return nil
	}
	switch t.Scalar {
	case ir.Int64, ir.Uint64:
		r.decimal(t, n, at)
	case ir.Timestamp:
		r.timestamp(n, at)
	case ir.UUID:
		if !isUUID(n.text) {
			r.wrong(n, at, `must be a UUID such as "123e4567-e89b-12d3-a456-426614174000"`)
		}
	default:
		for _, issue := range textIssues(t.constraints, n.text) {
			r.wrong(n, at, "%s", issue)
		}
	}
	return n.text
}

// decimal checks an integer in a string.
func (r *run) decimal(t resolved, n *node, at ir.Path) {
	message := "must be a 64-bit integer in decimal digits"
	if t.Scalar == ir.Uint64 {
		message = "must be an unsigned 64-bit integer in decimal digits"
	}
	v, ok := new(big.Int).SetString(n.text, 10)
	if least, most := t.Scalar.Integers(); !ok || v.String() != n.text || v.Cmp(least) < 0 || v.Cmp(most) > 0 {
		r.wrong(n, at, "%s", message)
		return
	}
	r.inRange(t, n, at, new(big.Rat).SetInt(v))
}

func (r *run) integer(t resolved, n *node, at ir.Path) {
	if !r.expect(n, at, number, "integer") {
		return
	}
	raw := string(n.raw)
	if strings.ContainsAny(raw, ".eE") {
		if len(raw) > 32 {
			raw = raw[:32-len("…")] + "…"
		}
		r.wrong(n, at, "expected integer, got %s", raw)
		return
	}
	v, _ := new(big.Int).SetString(raw, 10) // JSON's digits are decimal
	if least, most := t.Scalar.Integers(); v.Cmp(least) < 0 || v.Cmp(most) > 0 {
		r.wrong(n, at, "must be an integer from %s to %s", least, most)
		return
	}
	r.inRange(t, n, at, new(big.Rat).SetInt(v))
}

func (r *run) float(t resolved, n *node, at ir.Path) {
	if !r.expect(n, at, number, "number") {
		return
	}
	bits := bitsOf(t.Scalar)
	v, err := strconv.ParseFloat(string(n.raw), bits)
	if err != nil { // the syntax is sound, so it is the range
		r.wrong(n, at, "is too large for a float%d", bits)
		return
	}
	// A bound is the nearest number that the scalar has.
	t.constraints = rounded(t.constraints, bits)
	r.inRange(t, n, at, new(big.Rat).SetFloat64(v))
}

// bitsOf returns how many bits a float has.
func bitsOf(s ir.Scalar) int {
	if s == ir.Float32 {
		return 32
	}
	return 64
}

// rounded returns constraints whose ranges end at numbers that a float can be.
func rounded(constraints []ir.Constraint, bits int) []ir.Constraint {
	list := make([]ir.Constraint, len(constraints))
	for i, c := range constraints {
		if list[i] = c; c.Range != nil {
			list[i].Range = &ir.Span{Min: roundedEnd(c.Range.Min, bits), Max: roundedEnd(c.Range.Max, bits)}
		}
	}
	return list
}

func roundedEnd(end string, bits int) string {
	v, err := strconv.ParseFloat(end, bits)
	if err != nil {
		return end
	}
	return new(big.Rat).SetFloat64(v).RatString()
}

func (r *run) inRange(t resolved, n *node, at ir.Path, v *big.Rat) {
	numeral := func(v *big.Rat) string {
		if v.IsInt() {
			return v.Num().String()
		}
		f, _ := v.Float64()
		return strconv.FormatFloat(f, 'g', -1, bitsOf(t.Scalar))
	}
	if issue := rangeIssue(t.constraints, v, numeral); issue != "" {
		r.wrong(n, at, "%s", issue)
	}
}

func (r *run) timestamp(n *node, at ir.Path) {
	v, ok := instant(n.text)
	switch {
	case !ok:
		r.wrong(n, at, `must be a timestamp such as "2006-01-02T15:04:05.000Z"`)
	case v.Year() < 0 || v.Year() > 9999: // the offset moved it there
		r.wrong(n, at, "must be a timestamp of the years 0 to 9999 in UTC")
	}
}

// instant reads a time as RFC 3339 has it, in UTC.
func instant(s string) (time.Time, bool) {
	var v time.Time
	if err := v.UnmarshalText([]byte(s)); err != nil || len(s) < len("2006-01-02T15:04:05Z") || s[13] != ':' || strings.Contains(s, ",") {
		return v, false
	}
	if offset := s[max(0, len(s)-len("07:00")):]; !strings.HasSuffix(s, "Z") && (offset[:2] >= "24" || offset[3:] >= "60") {
		return v, false
	}
	return v.UTC(), true
}

// isUUID tells whether s has the form of a UUID, in either case.
func isUUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i, c := range []byte(s) {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash != (c == '-') || !dash && !strings.ContainsRune("0123456789abcdefABCDEF", rune(c)) {
			return false
		}
	}
	return true
}

// bytes checks a binary value and returns it.
func (r *run) bytes(t resolved, n *node, at ir.Path) any {
	var data []byte
	if r.Text {
		var ok bool
		if data, ok = r.written(n, at); !ok {
			return nil
		}
	} else {
		if !r.expect(n, at, object, "bytes") {
			return nil
		}
		num, ok := placeholder(n)
		if !ok || num >= len(r.Attachments) {
			r.wrong(n, at, "expected bytes, got object")
			return nil
		}
		data = r.Attachments[num]
	}
	if issue := lengthIssue(t.constraints, len(data), "byte", "bytes"); issue != "" {
		r.wrong(n, at, "%s", issue)
	}
	return data
}

// written reads bytes as people write them.
func (r *run) written(n *node, at ir.Path) ([]byte, bool) {
	if !r.expect(n, at, text, "bytes as a base64 string") {
		return nil, false
	}
	if name, ok := strings.CutPrefix(n.text, "@"); ok && r.File != nil {
		data, err := r.File(name)
		if err != nil {
			r.wrong(n, at, "%v", err)
		}
		return bytes.Clone(data), err == nil
	}
	data, err := base64.StdEncoding.DecodeString(n.text)
	if err != nil {
		r.wrong(n, at, "expected bytes as a base64 string")
		return nil, false
	}
	return data, true
}

// placeholder returns the index of the attachment that n stands for.
func placeholder(n *node) (num int, ok bool) {
	marked := false
	num = -1
	for _, m := range n.members {
		switch m.key {
		case placeholderKey:
			marked = string(m.value.raw) == "true"
		case "num":
			if i, err := strconv.Atoi(string(m.value.raw)); err == nil && m.value.kind == number {
				num = i
			}
		}
	}
	return num, marked && num >= 0
}

// anything returns what no type describes, in which no bytes can be.
func (r *run) anything(n *node, at ir.Path) any {
	if len(r.Attachments) > 0 && hasPlaceholder(n) {
		r.wrong(n, at, "must not contain bytes")
	}
	return json.RawMessage(n.raw)
}

func hasPlaceholder(n *node) bool {
	if _, ok := placeholder(n); ok && n.kind == object {
		return true
	}
	for _, item := range n.items {
		if hasPlaceholder(item) {
			return true
		}
	}
	for _, m := range n.members {
		if hasPlaceholder(m.value) {
			return true
		}
	}
	return false
}
