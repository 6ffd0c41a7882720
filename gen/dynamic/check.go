// SPDX-License-Identifier: Apache-2.0

package dynamic

import (
	"encoding/json"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/sockgen/sockgen/gen/ir"
)

// Bounds that generated validators have, too.
const (
	maxIssues = 32
	maxDepth  = 64
	maxOpen   = 256 // characters of an unknown value
)

// An Issue is one thing that is wrong with a payload.
type Issue struct {
	Path    string // "text", "members[2].name", `scores["ann"]`, "args[1]"; "" is the payload itself
	Message string

	Arg        int // which argument it is in
	Start, End int // where in the argument's text; both are 0 for an argument that is missing
}

func (i Issue) String() string {
	if i.Path == "" {
		return i.Message
	}
	return i.Path + ": " + i.Message
}

// A Checker checks payloads. Its zero value expects bytes as they travel: placeholders
// of attachments, of which there are none.
type Checker struct {
	Attachments [][]byte

	// Text expects bytes as people write them instead: base64 in a string, or what
	// File returns for the name behind "@".
	Text bool
	File func(name string) ([]byte, error)

	// Strict makes every field that the schema does not have an issue, as if all events
	// said "unknown: reject": what a person types there is a mistake.
	Strict bool
}

// Event checks the arguments of an event. It returns them as values to send, whose
// bytes are []byte; they are of no use when there are issues. More arguments than the
// event has are ignored, as by a server. The error is a *SyntaxError in the argument
// with the index arg.
func (c Checker) Event(e *ir.Event, args []json.RawMessage) (values []any, issues []Issue, arg int, err error) {
	c.Strict = c.Strict || e.Strict
	run := &run{Checker: c}
	switch {
	case e.Payload == nil:
		return nil, nil, 0, nil
	case e.Positional:
		values, arg, err = run.arguments(e.Payload.Ref, args)
	case len(args) == 0:
		run.report("", "is required", 0, 0)
	default:
		var value any
		value, err = run.text(e.Payload, args[0], "", false)
		values = []any{value}
	}
	return values, run.issues, arg, err
}

// Type checks one value, and returns it as one to send.
func (c Checker) Type(t *ir.Type, src []byte) (value any, issues []Issue, err error) {
	run := &run{Checker: c}
	value, err = run.text(t, src, "", false)
	return value, run.issues, err
}

// A run is the check of one payload.
type run struct {
	Checker
	arg    int
	depth  int
	issues []Issue
}

// text checks the text of one value.
func (r *run) text(t *ir.Type, src []byte, at ir.Path, nullIsAbsent bool) (any, error) {
	n, err := parse(src)
	if err != nil {
		return nil, err
	}
	if nullIsAbsent && n.kind == null && !hasNull(t) {
		return json.RawMessage("null"), nil
	}
	return r.value(t, n, at), nil
}

// arguments checks a payload whose fields travel as an argument each.
func (r *run) arguments(d *ir.Decl, args []json.RawMessage) (values []any, arg int, err error) {
	r.depth = 2
	for i, f := range d.Fields {
		r.arg = i
		at := ir.Path("args").Index(i)
		if i >= len(args) {
			if !f.Optional {
				r.report(at, "is required", 0, 0)
			}
			continue
		}
		value, err := r.text(f.Type, args[i], at, f.Optional)
		if err != nil {
			return nil, i, err
		}
		values = append(values, value)
	}
	return values, 0, nil
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

func (r *run) report(at ir.Path, message string, start, end int) {
	if len(r.issues) < maxIssues {
		r.issues = append(r.issues, Issue{Path: at.String(), Message: message, Arg: r.arg, Start: start, End: end})
	}
}

// wrong notes an issue with the value n.
func (r *run) wrong(n *node, at ir.Path, format string, args ...any) {
	r.report(at, fmt.Sprintf(format, args...), n.start, n.end)
}

// expect tells whether n is of a kind, and notes an issue if it is not.
func (r *run) expect(n *node, at ir.Path, want kind, name string) bool {
	if n.kind != want {
		r.wrong(n, at, "expected %s, got %s", name, n.kind)
	}
	return n.kind == want
}

// A resolved is a type without its aliases.
type resolved struct {
	*ir.Type                    // of Kind RefType only for a struct, an enum or a union
	constraints []ir.Constraint // its own, and those of the aliases that led to it
	nullable    bool
}

func resolve(t *ir.Type) resolved {
	r := resolved{Type: t, constraints: []ir.Constraint{t.Constraint}, nullable: t.Nullable}
	for r.Kind == ir.RefType && r.Ref.Kind == ir.Alias {
		r.Type = r.Ref.Of
		r.constraints = append(r.constraints, r.Constraint)
		r.nullable = r.nullable || r.Nullable
	}
	return r
}

func (r *run) value(t *ir.Type, n *node, at ir.Path) any {
	of := resolve(t)
	if n.kind == null && of.nullable {
		return nil
	}
	switch of.Kind {
	case ir.ListType:
		return r.list(of, n, at)
	case ir.MapType:
		return r.dict(of, n, at)
	case ir.ScalarType:
		return r.scalar(of, n, at)
	}
	switch d := of.Ref; d.Kind {
	case ir.Enum:
		return r.enum(d, n, at)
	case ir.Union:
		return r.union(d, n, at)
	default:
		return r.structure(d, n, at, "")
	}
}

// enter tells whether another level is allowed, and notes an issue if it is not.
func (r *run) enter(n *node, at ir.Path) bool {
	if r.depth >= maxDepth {
		r.wrong(n, at, "is nested too deeply")
		return false
	}
	r.depth++
	return true
}

func (r *run) list(t resolved, n *node, at ir.Path) any {
	if !r.expect(n, at, array, "list") || !r.enter(n, at) {
		return nil
	}
	defer func() { r.depth-- }()
	least, most := ir.LengthOf(t.constraints)
	values := []any{}
	seen := map[string]bool{}
	for i, item := range n.items {
		if i >= most {
			break
		}
		issues := len(r.issues)
		value := r.value(t.Elem, item, at.Index(i))
		values = append(values, value)
		if !ir.IsUnique(t.constraints) || len(r.issues) > issues {
			continue
		}
		key := canonical(t.Elem, value)
		if seen[key] {
			r.wrong(item, at.Index(i), "is there twice")
		}
		seen[key] = true
	}
	r.size(n, at, len(n.items), least, most, "element", "elements")
	return values
}

// canonical returns the same text for values that are equal, of a scalar or an enum.
func canonical(t *ir.Type, value any) string {
	if s, ok := value.(string); ok && resolve(t).Scalar == ir.UUID {
		return strings.ToLower(s)
	}
	if raw, ok := value.(json.RawMessage); ok {
		if f, err := strconv.ParseFloat(string(raw), 64); err == nil && resolve(t).Scalar == ir.Float64 {
			return strconv.FormatFloat(f+0, 'g', -1, 64)
		} else if err == nil && resolve(t).Scalar == ir.Float32 {
			return strconv.FormatFloat(float64(float32(f)), 'g', -1, 32)
		}
	}
	if s, ok := value.(string); ok && resolve(t).Scalar == ir.Timestamp {
		if at, ok := instant(s); ok {
			return at.String()
		}
	}
	return fmt.Sprint(value)
}

// placeholderKey marks the place of an attachment.
const placeholderKey = "_placeholder"

func (r *run) dict(t resolved, n *node, at ir.Path) any {
	if !r.expect(n, at, object, "object") || !r.enter(n, at) {
		return nil
	}
	defer func() { r.depth-- }()
	least, most := ir.LengthOf(t.constraints)
	values := map[string]any{}
	for i, m := range n.members {
		if i >= most {
			break
		}
		inner := at.Key(m.key)
		if _, repeated := values[m.key]; repeated {
			r.report(inner, "is there twice", m.start, m.end)
			continue
		}
		if m.key == placeholderKey {
			r.report(inner, "is a reserved key", m.start, m.end)
			continue
		}
		values[m.key] = r.value(t.Elem, m.value, inner)
	}
	r.size(n, at, len(n.members), least, most, "entry", "entries")
	return values
}

func (r *run) size(n *node, at ir.Path, size, least, most int, one, many string) {
	if size < least || size > most {
		r.wrong(n, at, "must have %s, has %d", span(least, most, one, many), size)
	}
}

// structure checks a struct, which may be the variant of a union with a tag.
func (r *run) structure(d *ir.Decl, n *node, at ir.Path, tag string) any {
	if !r.expect(n, at, object, "object") || !r.enter(n, at) {
		return nil
	}
	defer func() { r.depth-- }()
	values := map[string]any{}
	seen := map[*ir.Field]bool{}
	tags := 0
	for _, m := range n.members {
		if tag != "" && m.key == tag {
			if tags++; tags > 1 {
				r.report(at.Field(tag), "is there twice", m.start, m.end)
			}
			values[tag] = m.value.text
			continue
		}
		r.field(d, m, at, tag, seen, values)
	}
	for _, f := range d.Fields {
		if !f.Optional && !seen[f] {
			r.report(at.Field(f.Wire), "is required", n.start, n.end)
		}
	}
	return values
}

// field checks one member of a struct.
func (r *run) field(d *ir.Decl, m member, at ir.Path, tag string, seen map[*ir.Field]bool, values map[string]any) {
	i := slices.IndexFunc(d.Fields, func(f *ir.Field) bool { return f.Wire == m.key })
	if i < 0 {
		r.unknown(d, m, at, tag, seen)
		return
	}
	f := d.Fields[i]
	if seen[f] {
		r.report(at.Field(f.Wire), "is there twice", m.start, m.end)
		return
	}
	seen[f] = true
	values[m.key] = r.value(f.Type, m.value, at.Field(f.Wire))
}

// unknown notes an issue with a key that is no field, where it is one.
func (r *run) unknown(d *ir.Decl, m member, at ir.Path, tag string, seen map[*ir.Field]bool) {
	inner := at.Field(ir.CutPath(m.key))
	folded := slices.IndexFunc(d.Fields, func(f *ir.Field) bool { return strings.EqualFold(f.Wire, m.key) })
	switch {
	case folded >= 0:
		// The wrong name stands for the right one: it is not reported missing as well.
		seen[d.Fields[folded]] = true
		r.report(inner, `is spelled "`+d.Fields[folded].Wire+`" in the schema`, m.start, m.end)
	case tag != "" && strings.EqualFold(tag, m.key):
		r.report(inner, `is spelled "`+tag+`" in the schema`, m.start, m.end)
	case r.Strict:
		r.report(inner, "unknown field", m.start, m.end)
	}
}

func (r *run) union(d *ir.Decl, n *node, at ir.Path) any {
	if !r.expect(n, at, object, "object") {
		return nil
	}
	tag := slices.IndexFunc(n.members, func(m member) bool { return m.key == d.Tag })
	if tag < 0 {
		for _, m := range n.members {
			if strings.EqualFold(m.key, d.Tag) {
				r.report(at.Field(ir.CutPath(m.key)), `is spelled "`+d.Tag+`" in the schema`, m.start, m.end)
				return nil
			}
		}
		r.report(at.Field(d.Tag), "is required", n.start, n.end)
		return nil
	}
	value, inner := n.members[tag].value, at.Field(d.Tag)
	if !r.expect(value, inner, text, "string") || value.half && r.halved(value, inner) {
		return nil
	}
	var known []string
	for _, v := range d.Variants {
		if v.Wire == value.text {
			return r.structure(v.Of, n, at, d.Tag)
		}
		known = append(known, strconv.Quote(v.Wire))
	}
	if size := utf8.RuneCountInString(value.text); !d.Open {
		r.wrong(value, inner, "%s", wantOneOf(known))
		return nil
	} else if size < 1 || size > maxOpen {
		r.wrong(value, inner, "must have %s, has %d", span(1, maxOpen, "character", "characters"), size)
		return nil
	}
	for _, m := range n.members[tag+1:] {
		if m.key == d.Tag {
			r.report(inner, "is there twice", m.start, m.end)
			return nil
		}
	}
	return r.anything(n, at)
}

func (r *run) halved(n *node, at ir.Path) bool {
	r.wrong(n, at, "has half of a surrogate pair, which is no character")
	return true
}

// integers checks a value of an enum of integers.
func (r *run) integers(d *ir.Decl, n *node, at ir.Path) any {
	issues := len(r.issues)
	r.integer(resolve(&ir.Type{Scalar: ir.Int}), n, at)
	if len(r.issues) > issues {
		return nil
	}
	v, _ := new(big.Int).SetString(string(n.raw), 10) // it is an integer
	var known []string
	for _, value := range d.Values {
		if value.Wire == v.String() {
			return json.RawMessage(n.raw)
		}
		known = append(known, value.Wire)
	}
	if !d.Open {
		r.wrong(n, at, "%s", wantOneOf(known))
	}
	return json.RawMessage(n.raw)
}

func (r *run) enum(d *ir.Decl, n *node, at ir.Path) any {
	if d.Integers() {
		return r.integers(d, n, at)
	}
	if !r.expect(n, at, text, "string") {
		return nil
	}
	if n.half {
		r.halved(n, at)
		return nil
	}
	var known []string
	for _, v := range d.Values {
		if v.Wire == n.text {
			return n.text
		}
		known = append(known, strconv.Quote(v.Wire))
	}
	if size := utf8.RuneCountInString(n.text); !d.Open {
		r.wrong(n, at, "%s", wantOneOf(known))
	} else if size > maxOpen {
		r.wrong(n, at, "must have %s, has %d", span(0, maxOpen, "character", "characters"), size)
	}
	return n.text
}

// maxListed is how many values an issue names.
const maxListed = 8

// wantOneOf says what there is to choose from.
func wantOneOf(values []string) string {
	list := strings.Join(values[:min(len(values), maxListed)], ", ")
	switch {
	case len(values) == 1:
		return "want " + list
	case len(values) > maxListed:
		return fmt.Sprintf("want one of %s, … (%d in all)", list, len(values))
	}
	return "want one of " + list
}

// span says how many parts there may be: "1 to 20 elements", "at most 1 entry".
func span(least, most int, one, many string) string {
	unit := func(n int) string {
		if n == 1 {
			return one
		}
		return many
	}
	switch {
	case least == most:
		return fmt.Sprintf("exactly %d %s", most, unit(most))
	case most == math.MaxInt:
		return fmt.Sprintf("at least %d %s", least, unit(least))
	case least <= 0:
		return fmt.Sprintf("at most %d %s", most, unit(most))
	}
	return fmt.Sprintf("%d to %d %s", least, most, unit(most))
}
