// SPDX-License-Identifier: Apache-2.0

package dynamic

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sockgen/sockgen/gen/ir"
)

// A Maker makes values that a type has, and that look as somebody would write them:
// a field called email holds an address. It needs Rand; calls must not overlap.
type Maker struct {
	Rand *rand.Rand
	Now  time.Time // about when everything happens

	// Known has values, in JSON, that fields of a name have wherever they fit: a
	// message that answers a question is about the same room.
	Known map[string]json.RawMessage
	Own   map[string]json.RawMessage // the same, but not for each element of a list

	lists int              // how many lists are around what is made
	next  map[string]int64 // the next id, by what it is of
}

// maxRich is how deep values are that have a choice.
const maxRich = 4

// Event makes the arguments of an event; bytes in them are []byte.
func (m *Maker) Event(e *ir.Event) ([]any, error) {
	switch {
	case e.Payload == nil:
		return nil, nil
	case !e.Positional:
		value, err := m.Type(e.Payload, e.Wire)
		return []any{value}, err
	}
	var values []any
	for _, f := range e.Payload.Ref.Fields {
		value, err := m.field(f, nil, 0)
		if err != nil {
			return nil, err
		}
		values = append(values, value)
	}
	return values, nil
}

// Type makes a value of a type, for what has a name.
func (m *Maker) Type(t *ir.Type, name string) (any, error) {
	return m.value(t, hint{name: name}, 0)
}

// known returns what is known of a field, or nil.
func (m *Maker) known(name string) json.RawMessage {
	if raw := m.Known[name]; raw != nil || m.lists > 0 {
		return raw
	}
	return m.Own[name]
}

// A hint is what is known of a value beyond its type.
type hint struct {
	name    string         // of the field, or of the type where a field's says nothing
	sibling map[string]any // the fields before it
	decl    string         // the name of its type
	goType  string         // what Go uses for it: "net/netip.Addr"
}

// field makes a field, or takes what is known.
func (m *Maker) field(f *ir.Field, sibling map[string]any, depth int) (any, error) {
	if raw := m.known(f.Wire); raw != nil {
		if value, issues, err := (Checker{Text: true}).Type(f.Type, raw); err == nil && len(issues) == 0 && value != nil {
			return value, nil
		}
	}
	return m.value(f.Type, hint{name: f.Wire, sibling: sibling}, depth)
}

func (m *Maker) value(t *ir.Type, h hint, depth int) (any, error) {
	of := resolve(t)
	for d := t; d.Kind == ir.RefType; d = d.Ref.Of {
		h.decl = d.Ref.Ident
		if d.Ref.Go != nil {
			h.goType = d.Ref.Go.Package + "." + d.Ref.Go.Name
		}
		if d.Ref.Kind != ir.Alias {
			break
		}
	}
	if of.nullable && (depth > maxRich || m.chance(8)) {
		return nil, nil
	}
	switch of.Kind {
	case ir.ListType:
		return m.list(of, h, depth)
	case ir.MapType:
		return m.dict(of, h, depth)
	case ir.ScalarType:
		return m.scalar(of, h)
	}
	switch d := of.Ref; d.Kind {
	case ir.Enum:
		if value := m.pickEnum(d); d.Integers() {
			return json.RawMessage(value), nil
		} else {
			return value, nil
		}
	case ir.Union:
		return m.union(d, depth)
	default:
		return m.structure(d, depth)
	}
}

func (m *Maker) chance(in int) bool { return m.Rand.IntN(in) == 0 }

func pick[T any](m *Maker, of []T) T { return of[m.Rand.IntN(len(of))] }

func (m *Maker) pickEnum(d *ir.Decl) string {
	var values []string
	for _, v := range d.Values {
		if v.Deprecated == "" {
			values = append(values, v.Wire)
		}
	}
	if len(values) == 0 {
		return d.Values[0].Wire
	}
	return pick(m, values)
}

func (m *Maker) structure(d *ir.Decl, depth int) (any, error) {
	values := map[string]any{}
	for _, f := range d.Fields {
		if f.Optional && (f.Deprecated != "" || depth >= maxRich || m.known(f.Wire) == nil && m.chance(4)) {
			continue
		}
		value, err := m.field(f, values, depth+1)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.Wire, err)
		}
		values[f.Wire] = value
	}
	return values, nil
}

func (m *Maker) union(d *ir.Decl, depth int) (any, error) {
	v := pick(m, d.Variants)
	if depth > maxRich { // the one that ends soonest
		for _, other := range d.Variants {
			if height(other.Of, nil) < height(v.Of, nil) {
				v = other
			}
		}
	}
	value, err := m.structure(v.Of, depth)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", v.Wire, err)
	}
	value.(map[string]any)[d.Tag] = v.Wire
	return value, nil
}

// endless is the height of what has no end.
const endless = 1000

// height returns how deep the flattest value of a declaration is.
func height(d *ir.Decl, within []*ir.Decl) int {
	if slices.Contains(within, d) {
		return endless
	}
	within = append(slices.Clone(within), d)
	most := 0
	switch d.Kind {
	case ir.Struct:
		for _, f := range d.Fields {
			if !f.Optional {
				most = max(most, 1+heightOf(f.Type, within))
			}
		}
	case ir.Union:
		most = endless
		for _, v := range d.Variants {
			most = min(most, height(v.Of, within))
		}
	case ir.Alias:
		most = heightOf(d.Of, within)
	}
	return min(most, endless)
}

func heightOf(t *ir.Type, within []*ir.Decl) int {
	switch least, _ := ir.LengthOf([]ir.Constraint{t.Constraint}); {
	case t.Nullable || t.Kind == ir.ScalarType:
		return 0
	case t.Kind == ir.RefType:
		return height(t.Ref, within)
	case least == 0:
		return 0
	}
	return 1 + heightOf(t.Elem, within)
}

// sizeOf chooses how many parts a list or map has.
func (m *Maker) sizeOf(t resolved, depth int) int {
	least, most := ir.LengthOf(t.constraints)
	if depth > maxRich {
		return least
	}
	low := max(least, min(1, most))
	return low + m.Rand.IntN(min(3, most-low)+1)
}

func (m *Maker) list(t resolved, h hint, depth int) (any, error) {
	h.name = strings.TrimSuffix(h.name, "s") // what there are several of
	m.lists++
	defer func() { m.lists-- }()
	least, _ := ir.LengthOf(t.constraints)
	size := m.sizeOf(t, depth)
	values, seen := []any{}, map[string]bool{}
	for tries := 0; len(values) < size && tries < 40*(size+1); tries++ {
		value, err := m.value(t.Elem, h, depth+1)
		if err != nil {
			return nil, err
		}
		if ir.IsUnique(t.constraints) {
			key := canonical(t.Elem, value)
			if seen[key] {
				continue
			}
			seen[key] = true
		}
		values = append(values, value)
	}
	if len(values) < least {
		return nil, fmt.Errorf("found no %d values that differ", least)
	}
	return values, nil
}

func (m *Maker) dict(t resolved, h hint, depth int) (any, error) {
	values := map[string]any{}
	for size := m.sizeOf(t, depth); len(values) < size; {
		key := slug(pick(m, firstNames))
		if _, taken := values[key]; taken {
			key += strconv.Itoa(len(values) + 1)
		}
		value, err := m.value(t.Elem, h, depth+1)
		if err != nil {
			return nil, err
		}
		values[key] = value
	}
	return values, nil
}
