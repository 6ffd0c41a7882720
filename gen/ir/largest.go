// SPDX-License-Identifier: Apache-2.0

package ir

import (
	"math/big"
	"slices"
)

// Largest returns how many bytes a message of e may certainly take, as the schema has
// it: the JSON text with its envelope, or one attachment, in base64 as it travels over
// polling. Each character counts for one byte, and what has no bound for nothing, since
// nobody has said that it may be large.
func (e *Event) Largest() int {
	if e.Payload == nil {
		return 0
	}
	const envelope = 64 // `451-/namespace,12["name",…]`
	m := measure{known: make(map[*Decl]int64)}
	text := m.of(e.Payload)
	return int(min(max(text+envelope+int64(len(e.Wire)), m.attachment), enough))
}

// enough is where counting stops: no server takes as much.
const enough = 1 << 40

// A measure is how large a value may be.
type measure struct {
	attachment int64   // of the largest one
	within     []*Decl // being measured
	known      map[*Decl]int64
}

// of returns the length of a value's JSON.
func (m *measure) of(t *Type) int64 {
	var n int64
	switch t.Kind {
	case ScalarType:
		n = m.scalar(t.Scalar, t.Constraint)
	case ListType:
		elem, count := 1+m.of(t.Elem), most(t.Constraint.Length)
		if count > enough/elem {
			return enough
		}
		n = 2 + count*elem
	case MapType:
		n = 2 // its keys have no bound
	case RefType:
		n = m.decl(t.Ref)
	}
	if t.Nullable {
		n = max(n, int64(len("null")))
	}
	return n
}

func (m *measure) decl(d *Decl) int64 {
	if n, ok := m.known[d]; ok {
		return n
	}
	if slices.Contains(m.within, d) {
		return 0 // without end
	}
	m.within = append(m.within, d)
	defer func() { m.within = m.within[:len(m.within)-1] }()
	var n int64
	switch d.Kind {
	case Struct:
		n = 2
		for _, f := range d.Fields {
			n += int64(len(`"":,`)+len(f.Wire)) + m.of(f.Type)
		}
	case Alias:
		n = m.of(d.Of)
	case Enum:
		for _, v := range d.Values {
			n = max(n, int64(len(v.Wire)+2))
		}
	case Union:
		for _, v := range d.Variants {
			n = max(n, m.decl(v.Of)+int64(len(`"":"",`)+len(d.Tag)+len(v.Wire)))
		}
	}
	m.known[d] = min(n, enough)
	return m.known[d]
}

// longest is the JSON of scalars whose length their type bounds.
var longest = map[Scalar]int64{
	Bool: 5, Int: 17, Int32: 11, Uint32: 10, Int64: 22, Uint64: 22, Float32: 24, Float64: 24, Timestamp: 26, Duration: 17, UUID: 38,
}

func (m *measure) scalar(s Scalar, c Constraint) int64 {
	switch s {
	case String:
		return 2 + most(c.Length)
	case Bytes:
		m.attachment = max(m.attachment, 1+4*((most(c.Length)+2)/3))
		return int64(len(`{"_placeholder":true,"num":99}`))
	case Int, Int32, Uint32:
		if c.Range != nil && c.Range.Min != "" && c.Range.Max != "" {
			return int64(max(len(c.Range.Min), len(c.Range.Max)))
		}
	}
	return longest[s]
}

// most returns the upper end of a length, or 0.
func most(length *Span) int64 {
	if length == nil || length.Max == "" {
		return 0
	}
	n, ok := new(big.Int).SetString(length.Max, 10)
	if !ok || n.BitLen() > 40 {
		return enough
	}
	return n.Int64()
}
