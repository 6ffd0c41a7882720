// SPDX-License-Identifier: Apache-2.0

package irtest

import (
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/sockgen/sockgen/gen/ir"
)

// A mistake is one way to break a value.
type mistake struct {
	path ir.Path
	why  string
	make func()
}

// A breaker collects the mistakes that a value can have.
type breaker struct {
	*Source
	strict   bool
	mistakes []mistake
}

// breakNode makes one mistake in n and returns it, or nil. When args is n's struct,
// its fields are arguments.
func (s *Source) breakNode(n *node, strict bool, args *ir.Decl) *mistake {
	b := &breaker{Source: s, strict: strict}
	if args == nil {
		b.value(n, "")
	} else {
		for i, f := range args.Fields {
			for _, m := range n.members {
				if m.field != f || m.omitted {
					continue
				}
				// null is an absent argument
				b.visit(m.value, ir.Path("args").Index(i), f.Optional)
			}
		}
	}
	if len(b.mistakes) == 0 {
		return nil
	}
	// Each kind is as likely as any other, however often it could be made.
	kinds := map[string][]int{}
	var names []string
	for i, m := range b.mistakes {
		if kinds[m.why] == nil {
			names = append(names, m.why)
		}
		kinds[m.why] = append(kinds[m.why], i)
	}
	m := b.mistakes[pick(s, kinds[pick(s, names...)]...)]
	m.make()
	return &m
}

func (b *breaker) add(at ir.Path, why string, do func()) {
	b.mistakes = append(b.mistakes, mistake{at, why, do})
}

// become makes n the JSON raw.
func (n *node) become(raw string) {
	n.form, n.raw, n.items, n.members, n.data = rawForm, raw, nil, nil, nil
}

func (b *breaker) value(n *node, at ir.Path) { b.visit(n, at, false) }

// visit collects the mistakes of n and of what is in it.
func (b *breaker) visit(n *node, at ir.Path, nullIsAbsent bool) {
	if n.t == nil || n.t.Kind == ir.ScalarType && n.t.Scalar == ir.Any {
		return
	}
	if !n.t.Nullable && !nullIsAbsent {
		b.add(at, "null", func() { n.become("null") })
	}
	if n.isNull() {
		return
	}
	for _, raw := range []string{`"x"`, "1", "true", "[]", "{}"} {
		if typeOf(raw) != b.typeOf(n) {
			b.add(at, "wrong type", func() { n.become(raw) })
		}
	}
	switch n.form {
	case rawForm:
		b.scalar(n, at)
	case bytesForm:
		b.bytes(n, at)
	case listForm:
		b.list(n, at)
	case objectForm:
		if n.decl == nil && n.union == nil {
			b.dict(n, at)
		} else {
			b.structure(n, at)
		}
	}
}

// typeOf tells the JSON type of raw by a letter.
func typeOf(raw string) byte {
	switch raw[0] {
	case '"', '{', '[':
		return raw[0]
	case 't', 'f':
		return 't'
	}
	return '1'
}

func (b *breaker) typeOf(n *node) byte {
	switch {
	case n.form == listForm:
		return '['
	case n.form == objectForm:
		return '{'
	case n.form == bytesForm && b.Base64:
		return '"'
	case n.form == bytesForm:
		return 0 // also an object is none, unless it is a placeholder
	}
	return typeOf(n.raw)
}

// reject adds texts in JSON that n's scalar does not have.
func (b *breaker) reject(n *node, at ir.Path, why string, raws ...string) {
	for _, raw := range raws {
		b.add(at, why, func() { n.become(raw) })
	}
}

func (b *breaker) scalar(n *node, at ir.Path) {
	if n.t.Kind == ir.RefType {
		b.enum(n, at, n.t.Ref)
		return
	}
	switch k := n.t.Scalar; k {
	case ir.Int, ir.Int32, ir.Uint32, ir.Duration:
		b.reject(n, at, "not an integer", "1.5", "1.0", "1e2")
		b.outside(n, at)
	case ir.Int64, ir.Uint64:
		b.reject(n, at, "not a decimal", `""`, `"01"`, `"+1"`, `"-0"`, `"1.0"`, `" 1"`, `"0x1"`, `"١"`)
		b.outside(n, at)
	case ir.Float32:
		b.reject(n, at, "beyond the scalar", "1e39", "-1e39")
		b.outside(n, at)
	case ir.Float64:
		b.reject(n, at, "beyond the scalar", "1e309", "-1e400")
		b.outside(n, at)
	case ir.String:
		b.reject(n, at, "half a surrogate pair", `"\ud800"`, `"x\udc00\ud800"`)
		b.text(n, at)
	case ir.Timestamp:
		b.reject(n, at, "not a timestamp", `""`, `"2026-13-01T00:00:00Z"`, `"2026-02-30T00:00:00Z"`, `"2026-01-02"`, `"2026-01-02 03:04:05Z"`,
			`"2026-01-02T03:04:05"`, `"2026-01-02T3:04:05Z"`, `"2026-01-02T03:04:05,5Z"`, `"2026-01-02T03:04:05+24:00"`, `"9999-12-31T23:59:59-01:00"`, `"0000-01-01T00:00:00+01:00"`)
	case ir.UUID:
		b.reject(n, at, "not a UUID", `""`, `"123e4567e89b12d3a456426614174000"`, `"123e4567-e89b-12d3-a456-42661417400g"`, `"{23e4567-e89b-12d3-a456-42661417400}"`)
	}
}

func (b *breaker) enum(n *node, at ir.Path, d *ir.Decl) {
	if d.Integers() {
		b.reject(n, at, "no integer", "0.5", "9007199254740992", "-1e300")
		if unknown := "987654321"; !d.Open && !slices.ContainsFunc(d.Values, func(v *ir.EnumValue) bool { return v.Wire == unknown }) {
			b.reject(n, at, "unknown enum value", unknown)
		}
		return
	}
	if d.Open {
		b.reject(n, at, "too long for an enum", quote(strings.Repeat("é", 257)))
		return
	}
	known := map[string]bool{}
	for _, v := range d.Values {
		known[v.Wire] = true
	}
	for _, v := range []string{"", "no such value", strings.ToUpper(d.Values[0].Wire), d.Values[0].Wire + " "} {
		if !known[v] {
			b.reject(n, at, "unknown enum value", quote(v))
		}
	}
}

// outside adds numbers beyond the scalar and beyond the constraints.
func (b *breaker) outside(n *node, at ir.Path) {
	wrap := func(s string) string {
		if n.t.Scalar == ir.Int64 || n.t.Scalar == ir.Uint64 {
			return quote(s)
		}
		return s
	}
	one := big.NewInt(1)
	least, most := n.t.Scalar.Integers()
	integer := least != nil
	if integer {
		b.reject(n, at, "beyond the scalar", wrap(least.Sub(least, one).String()), wrap(most.Add(most, one).String()), wrap("1"+strings.Repeat("0", 30)))
	}
	low, high := ir.RangeOf(n.constraints)
	if integer {
		if low != nil {
			l := ceil(low)
			b.reject(n, at, "out of range", wrap(l.Sub(l, one).String()))
		}
		if high != nil {
			h := floor(high)
			b.reject(n, at, "out of range", wrap(h.Add(h, one).String()))
		}
		return
	}
	step := func(end *big.Rat, towards float64) {
		f, _ := end.Float64()
		for _, f := range []float64{next(f, towards, floatBits(n.t)), f + math.Copysign(1, towards)} {
			if !withinRange(f, low, high) && !math.IsInf(f, 0) {
				b.reject(n, at, "out of range", number(f, floatBits(n.t)))
			}
		}
	}
	if low != nil {
		step(low, math.Inf(-1))
	}
	if high != nil {
		step(high, math.Inf(1))
	}
}

func next(f, towards float64, bits int) float64 {
	if bits == 32 {
		return float64(math.Nextafter32(float32(f), float32(towards)))
	}
	return math.Nextafter(f, towards)
}

// maxMade is the greatest length that is broken by what exceeds it.
const maxMade = 5000

func (b *breaker) text(n *node, at ir.Path) {
	least, most := ir.LengthOf(n.constraints)
	if least > 0 {
		b.reject(n, at, "too short", quote(strings.Repeat("a", least-1)))
	}
	if most < maxMade {
		b.reject(n, at, "too long", quote(strings.Repeat("a", most+1)), quote(strings.Repeat("😀", most+1)))
	}
	for _, c := range n.constraints {
		if c.Pattern == "" {
			continue
		}
		for range 5 {
			if text := b.Source.text(0, 6); !fits(text, []ir.Constraint{{Pattern: c.Pattern}}) {
				b.reject(n, at, "does not match", quote(text))
				break
			}
		}
	}
}

func (b *breaker) bytes(n *node, at ir.Path) {
	least, most := ir.LengthOf(n.constraints)
	if least > 0 {
		b.add(at, "too few bytes", func() { n.data = n.data[:least-1] })
	}
	if most < maxMade {
		b.add(at, "too many bytes", func() { n.data = make([]byte, most+1) })
	}
	if b.Base64 {
		b.reject(n, at, "not base64", `"!"`, `"AA"`, `"AA=A"`)
	}
}

func (b *breaker) list(n *node, at ir.Path) {
	least, most := ir.LengthOf(n.constraints)
	unique := ir.IsUnique(n.constraints)
	size := len(n.items)
	for i, item := range n.items {
		b.value(item, at.Index(i))
	}
	if least > 0 {
		b.add(at, "too few elements", func() { n.items = n.items[:least-1] })
	}
	if most < maxMade && size > 0 && !unique {
		b.add(at, "too many elements", func() {
			for len(n.items) <= most {
				n.items = append(n.items, n.items[0].clone())
			}
		})
	}
	if unique && size > 0 && size < most {
		b.add(at.Index(size), "repeated element", func() { n.items = append(n.items, n.items[b.Rand.IntN(size)].clone()) })
	}
	if unique && size > 1 {
		b.add(at.Index(size-1), "repeated element", func() { n.items[size-1] = n.items[b.Rand.IntN(size-1)].clone() })
	}
}

func (b *breaker) dict(n *node, at ir.Path) {
	least, most := ir.LengthOf(n.constraints)
	size := len(n.members)
	for _, m := range n.members {
		b.value(m.value, at.Key(m.key))
	}
	if least > 0 {
		b.add(at, "too few entries", func() { n.members = n.members[:least-1] })
	}
	if size == 0 {
		return
	}
	m := n.members[b.Rand.IntN(size)]
	if most < maxMade {
		b.add(at, "too many entries", func() {
			for i := range most + 1 - size {
				n.members = append(n.members, member{key: "more" + strconv.Itoa(i), value: m.value.clone()})
			}
		})
	}
	if size < most {
		b.add(at.Key(m.key), "repeated key", func() { n.members = append(n.members, member{key: m.key, value: m.value.clone()}) })
		b.add(at.Key("_placeholder"), "reserved key", func() {
			n.members = append(n.members, member{key: "_placeholder", value: &node{raw: "1"}})
		})
	}
}

// structure collects the mistakes of a struct, which may be a union's variant, and
// of a variant that the schema does not have.
func (b *breaker) structure(n *node, at ir.Path) {
	for i, m := range n.members {
		if m.omitted || n.unknown && m.key != n.union.Tag { // an unknown variant may hold anything but a second tag
			continue
		}
		name := at.Field(m.key)
		b.add(name, "repeated key", func() { n.members = append(n.members, member{key: m.key, value: m.value.clone()}) })
		if m.field == nil {
			if m.key == n.unionTag() {
				b.tag(n, i, name)
			}
			continue
		}
		b.value(m.value, name)
		if !m.field.Optional {
			b.add(name, "missing", func() { n.members = append(n.members[:i:i], n.members[i+1:]...) })
		}
		if key, ok := otherCase(n, m.key); ok {
			b.add(at.Field(key), "wrong case", func() { n.members[i].key = key })
		}
	}
	if b.strict && !n.unknown {
		for _, key := range []string{"no such field", "", "é\"", strings.Repeat("x", 2*ir.MaxPath)} {
			if !n.hasFolded(key, 0) {
				b.add(at.Field(ir.CutPath(key)), "unknown field", func() {
					place := b.Rand.IntN(len(n.members) + 1)
					m := member{key: key, value: b.anything()}
					n.members = append(n.members[:place:place], append([]member{m}, n.members[place:]...)...)
				})
			}
		}
	}
}

// unionTag returns the tag that n has, or "".
func (n *node) unionTag() string {
	if n.union == nil {
		return ""
	}
	return n.union.Tag
}

// tag collects the mistakes of the tag, which is member i of n.
func (b *breaker) tag(n *node, i int, at ir.Path) {
	d := n.union
	value := n.members[i].value
	b.reject(value, at, "tag of a wrong type", "null", "1", "{}")
	b.add(at, "missing tag", func() { n.members = append(n.members[:i:i], n.members[i+1:]...) })
	if d.Open {
		b.reject(value, at, "bad tag", `""`, quote(strings.Repeat("é", 257)))
	} else {
		b.reject(value, at, "unknown tag", `""`, `"no such variant"`)
	}
	if key, ok := otherCase(n, d.Tag); ok {
		outer := at[:len(at)-len(d.Tag)]
		b.add(outer+ir.Path(key), "tag in a wrong case", func() { n.members[i].key = key })
	}
}

// otherCase returns key in another case that no other name of n's struct has.
func otherCase(n *node, key string) (string, bool) {
	for _, other := range []string{strings.ToUpper(key), strings.ToLower(key)} {
		if other != key && strings.EqualFold(other, key) && utf8.ValidString(other) && !n.hasFolded(other, 1) {
			return other, true
		}
	}
	return "", false
}

// hasFolded tells whether more names of n than so many differ from key in nothing
// but case.
func (n *node) hasFolded(key string, most int) bool {
	count := 0
	if n.decl != nil {
		for _, f := range n.decl.Fields {
			if strings.EqualFold(f.Wire, key) {
				count++
			}
		}
	}
	if n.union != nil && strings.EqualFold(n.union.Tag, key) {
		count++
	}
	return count > most
}
