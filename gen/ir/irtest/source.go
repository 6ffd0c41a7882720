// SPDX-License-Identifier: Apache-2.0

package irtest

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strconv"

	"github.com/sockgen/sockgen/gen/ir"
)

// A Source draws payloads. The zero value does not work: it needs Rand. Calls must
// not overlap.
type Source struct {
	Rand *rand.Rand

	// Custom has, for Go types of the application's own by "import/path.Name", the
	// values in JSON that they accept and write in the same way. A type that it
	// lacks gets any value of its scalar.
	Custom map[string][]string

	// Base64 makes bytes strings, as MarshalJSON of generated structs does.
	Base64 bool

	// Bytes is the greatest size of a binary value, 1,000 when zero.
	Bytes int

	failed error // why no value could be found
}

// Sound draws a payload that fits t. It fails when it cannot find a value that
// satisfies the constraints.
func (s *Source) Sound(t *ir.Type) (Payload, error) {
	n := s.draw(t, 0)
	return s.payload([]*node{n}, true), s.failure()
}

// SoundEvent draws what may come with e.
func (s *Source) SoundEvent(e *ir.Event) (Payload, error) {
	switch {
	case e.Payload == nil:
		return Payload{}, nil
	case !e.Positional:
		return s.Sound(e.Payload)
	}
	n := s.draw(e.Payload, 0)
	return s.payload(arguments(n), true), s.failure()
}

// Broken draws a payload that does not fit t; strict says whether unknown fields
// are mistakes. It returns false when it found nothing to break.
func (s *Source) Broken(t *ir.Type, strict bool) (Broken, bool) {
	n := s.draw(t, 0)
	if s.failure() != nil {
		return Broken{}, false
	}
	m := s.breakNode(n, strict, nil)
	if m == nil {
		return Broken{}, false
	}
	return Broken{Payload: s.payload([]*node{n}, false), Path: m.path.String(), Why: m.why}, true
}

// BrokenEvent draws what may not come with e. It returns false when it found
// nothing to break.
func (s *Source) BrokenEvent(e *ir.Event) (Broken, bool) {
	switch {
	case e.Payload == nil:
		return Broken{}, false
	case !e.Positional:
		return s.Broken(e.Payload, e.Strict)
	}
	n := s.draw(e.Payload, 0)
	if s.failure() != nil {
		return Broken{}, false
	}
	if required := requiredFields(n.decl); required > 0 && s.Rand.IntN(8) == 0 {
		args := arguments(n)[:required-1]
		return Broken{Payload: s.payload(args, false), Path: fmt.Sprintf("args[%d]", required-1), Why: "missing argument"}, true
	}
	m := s.breakNode(n, e.Strict, n.decl)
	if m == nil {
		return Broken{}, false
	}
	return Broken{Payload: s.payload(arguments(n), false), Path: m.path.String(), Why: m.why}, true
}

func requiredFields(d *ir.Decl) int {
	n := 0
	for _, f := range d.Fields {
		if !f.Optional {
			n++
		}
	}
	return n
}

func (s *Source) failure() error {
	err := s.failed
	s.failed = nil
	return err
}

// arguments returns the fields of n in the order of the schema, as far as there are
// any; null takes the place of what is absent. An omitted one is nil when only
// omitted or absent ones follow.
func arguments(n *node) []*node {
	var args []*node
	for _, f := range n.decl.Fields {
		arg := &node{raw: "null", members: []member{{field: f, omitted: true}}} // absent
		for _, m := range n.members {
			if m.field != f {
				continue
			}
			arg = m.value
			if m.omitted {
				arg = &node{raw: "null", members: []member{m}}
			}
		}
		args = append(args, arg)
	}
	return args
}

// payload prints nodes. An absent argument is a null that has a member: the omitted
// field.
func (s *Source) payload(args []*node, sound bool) Payload {
	var p Payload
	out := printer{base64: s.Base64}
	last := len(args)
	for last > 0 && args[last-1].form == rawForm && len(args[last-1].members) > 0 {
		last--
	}
	for _, n := range args[:last] {
		out.Reset()
		out.print(n)
		p.Args = append(p.Args, json.RawMessage(out.String()))
	}
	p.Attachments = out.attachments
	if !sound {
		return p
	}
	echo := printer{base64: s.Base64, echo: true}
	end := 0
	for i, n := range args {
		echo.Reset()
		switch {
		case n.form != rawForm || len(n.members) == 0:
			echo.print(n)
			end = i + 1
		case n.members[0].value != nil && !(i < last && hasNull(n.members[0].field.Type)): // else null is a value
			echo.print(n.members[0].value)
			end = i + 1
		default:
			echo.WriteString("null")
		}
		p.Echo = append(p.Echo, json.RawMessage(echo.String()))
	}
	p.Echo = p.Echo[:end]
	return p
}

// hasNull tells whether null is a value of t.
func hasNull(t *ir.Type) bool {
	for ; t.Kind == ir.RefType && t.Ref.Kind == ir.Alias; t = t.Ref.Of {
		if t.Nullable {
			return true
		}
	}
	return t.Nullable || t.Kind == ir.ScalarType && t.Scalar == ir.Any
}

// fail notes that no value was found.
func (s *Source) fail(format string, args ...any) *node {
	if s.failed == nil {
		s.failed = fmt.Errorf("irtest: "+format, args...)
	}
	return &node{form: rawForm, raw: "null"}
}

func (s *Source) one(in int) bool { return s.Rand.IntN(in) == 0 }

func pick[T any](s *Source, of ...T) T { return of[s.Rand.IntN(len(of))] }

// maxDepth is how deep values are that have a choice.
const maxDepth = 3

// draw returns a value of t.
func (s *Source) draw(t *ir.Type, depth int) *node {
	n := &node{t: t}
	var goType *ir.GoType
	nullable := t.Nullable
	for {
		n.constraints = append(n.constraints, n.t.Constraint)
		if n.t.Kind != ir.RefType || n.t.Ref.Kind != ir.Alias {
			break
		}
		if n.t.Ref.Go != nil {
			goType = n.t.Ref.Go
		}
		n.t = n.t.Ref.Of
		nullable = nullable || n.t.Nullable
	}
	bare := *n.t
	bare.Nullable = nullable
	n.t = &bare
	n.custom = goType != nil
	if nullable && (s.one(4) || depth > maxDepth) {
		n.raw = "null"
		return n
	}
	if goType != nil {
		if values := s.Custom[goType.Package+"."+goType.Name]; len(values) > 0 {
			n.raw = s.suitable(n, func() string { return pick(s, values...) })
			return n
		}
	}
	switch n.t.Kind {
	case ir.ListType:
		s.list(n, depth)
	case ir.MapType:
		s.dict(n, depth)
	case ir.RefType:
		s.declared(n, depth)
	default:
		s.scalar(n)
	}
	return n
}

// size draws how many parts a list or map has.
func (s *Source) size(n *node, depth int) int {
	least, most := ir.LengthOf(n.constraints)
	if depth > maxDepth {
		return least
	}
	return least + s.Rand.IntN(min(3, most-least)+1)
}

func (s *Source) list(n *node, depth int) {
	n.form = listForm
	size := s.size(n, depth)
	unique := ir.IsUnique(n.constraints)
	seen := map[string]bool{}
	for tries := 0; len(n.items) < size && tries < 40*(size+1); tries++ {
		item := s.draw(n.t.Elem, depth+1)
		if unique && seen[item.raw] {
			continue
		}
		seen[item.raw] = true
		n.items = append(n.items, item)
	}
	if least, _ := ir.LengthOf(n.constraints); len(n.items) < least {
		s.fail("no %d elements that differ", least)
	}
}

func (s *Source) dict(n *node, depth int) {
	n.form = objectForm
	seen := map[string]bool{}
	for size := s.size(n, depth); len(n.members) < size; {
		key := pick(s, "", "a", "A", "é\"\\", "😀", "toString", "__proto__", "k") + strconv.Itoa(s.Rand.IntN(100))
		if s.one(8) && !seen[""] {
			key = ""
		}
		if !seen[key] {
			seen[key] = true
			n.members = append(n.members, member{key: key, value: s.draw(n.t.Elem, depth+1)})
		}
	}
}

func (s *Source) declared(n *node, depth int) {
	switch d := n.t.Ref; d.Kind {
	case ir.Enum:
		n.raw = enumValue(pick(s, d.Values...))
		if d.Integers() {
			if d.Open && s.one(3) {
				n.raw = pick(s, "0", "-1", "9007199254740991", "-9007199254740991", strconv.Itoa(s.Rand.IntN(1000)))
			}
			return
		}
		if d.Open && s.one(3) {
			n.raw = quote(s.text(0, 20))
		}
	case ir.Union:
		s.union(n, d, depth)
	default:
		s.structure(n, d, depth)
	}
}

// enumValue returns v as it travels.
func enumValue(v *ir.EnumValue) string {
	if v.Integer {
		return v.Wire
	}
	return quote(v.Wire)
}

func (s *Source) structure(n *node, d *ir.Decl, depth int) {
	n.form, n.decl = objectForm, d
	for _, f := range d.Fields {
		absent := f.Optional && (s.one(3) || depth > maxDepth)
		switch {
		case !absent:
			n.members = append(n.members, member{key: f.Wire, field: f, value: s.draw(f.Type, depth+1)})
		case f.Default != nil:
			n.members = append(n.members, member{key: f.Wire, field: f, value: literal(f.Type, f.Default), omitted: true})
		}
	}
}

func (s *Source) union(n *node, d *ir.Decl, depth int) {
	if d.Open && s.one(4) {
		n.form, n.union, n.unknown = objectForm, d, true
		n.members = []member{
			{key: "x", value: s.anything()},
			{key: d.Tag, value: &node{raw: quote("not " + s.text(0, 9))}},
			{key: d.Tag + "2", value: s.anything()},
		}
		return
	}
	v := pick(s, d.Variants...)
	if depth > maxDepth {
		for _, other := range d.Variants {
			if height(other.Of, nil) < height(v.Of, nil) {
				v = other
			}
		}
	}
	s.structure(n, v.Of, depth)
	n.union = d
	tag := member{key: d.Tag, value: &node{raw: quote(v.Wire)}}
	at := s.Rand.IntN(len(n.members) + 1)
	n.members = append(n.members[:at:at], append([]member{tag}, n.members[at:]...)...)
}

// endless is the height of what has no end.
const endless = 1000

// height returns how deep a value of d is at least.
func height(d *ir.Decl, within map[*ir.Decl]bool) int {
	if within[d] {
		return endless
	}
	inner := map[*ir.Decl]bool{d: true}
	for k := range within {
		inner[k] = true
	}
	switch d.Kind {
	case ir.Struct:
		most := 0
		for _, f := range d.Fields {
			if !f.Optional {
				most = max(most, heightOf(f.Type, inner))
			}
		}
		return min(endless, most+1)
	case ir.Union:
		least := endless
		for _, v := range d.Variants {
			least = min(least, height(v.Of, inner))
		}
		return least
	case ir.Alias:
		return heightOf(d.Of, inner)
	}
	return 0
}

func heightOf(t *ir.Type, within map[*ir.Decl]bool) int {
	if t.Nullable || t.Kind == ir.ScalarType {
		return 0
	}
	if t.Kind == ir.RefType {
		return height(t.Ref, within)
	}
	if least, _ := ir.LengthOf([]ir.Constraint{t.Constraint}); least == 0 {
		return 1
	}
	return 1 + heightOf(t.Elem, within)
}
