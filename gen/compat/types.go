// SPDX-License-Identifier: Apache-2.0

package compat

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/sockgen/sockgen/gen/ir"
)

// maxOpenValue is how many characters an unknown value of an open enum may have.
const maxOpenValue = "256"

// maxPairs bounds how many pairs of types are compared. Two models of ordinary
// size have a few thousand; two recursive ones that differ everywhere can have
// as many as the product of their sizes.
const maxPairs = 50_000

// met tells whether two types are compared already, or under way.
func (c *comparer) met(at spot, old, new any) bool {
	p := pair{old, new, at.dir, at.strict}
	if c.seen[p] {
		return true
	}
	if len(c.seen) >= maxPairs {
		if !c.full {
			c.full = true
			c.report(at, Breaks, "the types differ in more ways than are compared", "nobody can tell what older clients meet here")
		}
		return true
	}
	c.seen[p] = true
	return false
}

// types compares two types, null and constraints included.
func (c *comparer) types(at spot, old, new *Type) {
	o, oldShape := c.old.resolve(old)
	n, newShape := c.new.resolve(new)
	isAny := o.Scalar == string(ir.Any) || n.Scalar == string(ir.Any)
	switch {
	case isAny: // null is among its values
	case n.Null && !o.Null:
		c.set(at, Safe, Breaks, "null is a value now")
	case o.Null && !n.Null:
		c.set(at, Breaks, Safe, "null is no value any more")
	}
	switch {
	case oldShape != nil && newShape != nil && oldShape.Kind == newShape.Kind:
		if !c.met(at, o.Ref, n.Ref) {
			c.shapes(at.member(n.Ref, ""), oldShape, newShape)
		}
	case oldShape == nil && newShape == nil && o.List != nil && n.List != nil:
		if !c.met(at, old, new) {
			c.constraints(at, o, n)
			c.types(at.in("[]"), o.List, n.List)
		}
	case oldShape == nil && newShape == nil && o.Map != nil && n.Map != nil:
		if !c.met(at, old, new) {
			c.constraints(at, o, n)
			c.types(at.in("{}"), o.Map, n.Map)
		}
	case oldShape == nil && newShape == nil && o.Scalar != "" && o.Scalar == n.Scalar:
		c.constraints(at, o, n)
	default:
		narrower, wider := c.replaced(o, n, oldShape, newShape)
		if changesUnit(o, n) && max(narrower, wider) < Breaks {
			c.report(at, Warning, fmt.Sprintf("is %s and was %s", c.new.describe(new), c.old.describe(old)),
				"a duration is a number of milliseconds, and older clients may take the other number for something else")
			return
		}
		c.set(at, narrower, wider, "is %s and was %s", c.new.describe(new), c.old.describe(old))
	}
}

// replaced tells what it means that n, a type of another form, takes the place
// of o: most of them have no value in common, some hold all of the other's.
func (c *comparer) replaced(o, n *Type, oldShape, newShape *Shape) (narrower, wider Verdict) {
	oldLimits, newLimits := limits[o.Scalar], limits[n.Scalar]
	numbers := oldLimits.family == newLimits.family || oldLimits.family == "integer" && newLimits.family == "number" ||
		oldLimits.family == "number" && newLimits.family == "integer"
	switch {
	case n.Scalar == string(ir.Any):
		if c.old.hasBytes(o, map[string]bool{}) {
			return Breaks, Breaks // no attachment fits into any
		}
		return Safe, Breaks
	case o.Scalar == string(ir.Any):
		if c.new.hasBytes(n, map[string]bool{}) {
			return Breaks, Warning
		}
		return Breaks, Safe
	case oldShape == nil && newShape == nil && oldLimits.family != "" && newLimits.family != "" && numbers:
		return numberReplaced(o, n)
	case isEnum(oldShape) && n.Scalar == string(ir.String):
		if !fits(oldShape, n) {
			narrower = Breaks
		}
		if oldShape.Open {
			return narrower, Warning
		}
		return narrower, Breaks
	case o.Scalar == string(ir.String) && isEnum(newShape):
		return stringToEnum(o, newShape)
	case isIntegers(oldShape) && newLimits.family != "":
		return integersToNumber(oldShape, n)
	case isIntegers(newShape) && oldLimits.family != "":
		wider, narrower = integersToNumber(newShape, o)
		return max(narrower, Warning), min(wider, Warning)
	case isText(o, oldShape) && n.Scalar == string(ir.String):
		if !isFreeText(n) {
			return Breaks, Breaks
		}
		return Safe, Breaks // clients parse it
	case o.Scalar == string(ir.String) && isText(n, newShape):
		if !isFreeText(o) {
			return Breaks, Warning
		}
		return Breaks, Safe
	}
	return Breaks, Breaks
}

// changesUnit tells whether one of two numbers that are written alike is a duration.
func changesUnit(o, n *Type) bool {
	duration := string(ir.Duration)
	return (o.Scalar == duration) != (n.Scalar == duration) && limits[o.Scalar].family != "" && limits[o.Scalar].family == limits[n.Scalar].family
}

// numberReplaced compares numbers of different types that are written alike.
func numberReplaced(o, n *Type) (narrower, wider Verdict) {
	full := func(t *Type) string {
		l := limits[t.Scalar]
		return meet(t.Range, join(l.min, l.max))
	}
	less, more := spanChange(full(o), full(n))
	from, to := limits[o.Scalar].family, limits[n.Scalar].family
	if less || from == "number" && to == "integer" {
		narrower = Breaks
	}
	if more || from == "integer" && to == "number" {
		wider = Warning
	}
	return narrower, wider
}

// stringToEnum compares a string with the enum that takes its place.
func stringToEnum(o *Type, enum *Shape) (narrower, wider Verdict) {
	if !fits(enum, o) || enum.Open && !isFreeText(o) {
		wider = Warning
	}
	if !enum.Open {
		return Breaks, wider
	}
	if _, most := ends(o.Length); most == "" || compareNumbers(most, maxOpenValue) > 0 {
		return Warning, wider // an unknown value may be too long
	}
	return Safe, wider
}

// integersToNumber compares an enum of integers with the number that takes its place.
func integersToNumber(enum *Shape, n *Type) (narrower, wider Verdict) {
	l := limits[n.Scalar]
	low, high := ends(meet(n.Range, join(l.min, l.max)))
	outside := func(v string) bool {
		return low != "" && compareNumbers(v, low) < 0 || high != "" && compareNumbers(v, high) > 0
	}
	if slices.ContainsFunc(enum.Values, outside) {
		narrower = Breaks
	}
	if enum.Open {
		return max(narrower, Warning), Warning
	}
	return narrower, Breaks
}

func isEnum(s *Shape) bool { return s != nil && s.Kind == Enum }

func isIntegers(s *Shape) bool { return s != nil && s.Kind == Integers }

// isText tells whether t is a scalar that travels as a string.
func isText(t *Type, s *Shape) bool {
	if s != nil {
		return false
	}
	switch ir.Scalar(t.Scalar) {
	case ir.Timestamp, ir.UUID, ir.Int64, ir.Uint64:
		return true
	}
	return false
}

// isFreeText tells whether t is a string that may be any text.
func isFreeText(t *Type) bool {
	return t.Scalar == string(ir.String) && t.Length == "" && t.Pattern == nil
}

// fits tells whether each value of an enum, unknown ones included, is one of the
// string t.
func fits(enum *Shape, t *Type) bool {
	if enum.Open && !isFreeText(t) {
		return false
	}
	low, high := ends(t.Length)
	for _, v := range enum.Values {
		n := rat("0").SetInt64(int64(utf8.RuneCountInString(v)))
		if low != "" && n.Cmp(rat(low)) < 0 || high != "" && n.Cmp(rat(high)) > 0 {
			return false
		}
		for _, p := range t.Pattern {
			if re, err := regexp.Compile(p); err != nil || !re.MatchString(v) {
				return false
			}
		}
	}
	return true
}

// constraints compares what narrows two types of one form.
func (c *comparer) constraints(at spot, o, n *Type) {
	c.span(at, "length", o.Length, n.Length)
	c.span(at, "range", o.Range, n.Range)
	for _, p := range union(o.Pattern, n.Pattern) {
		switch {
		case !slices.Contains(o.Pattern, p):
			c.set(at, Breaks, Safe, "the pattern %q is new", p)
		case !slices.Contains(n.Pattern, p):
			c.set(at, Safe, Warning, "the pattern %q is gone", p)
		}
	}
	switch {
	case n.Unique && !o.Unique:
		c.set(at, Breaks, Safe, "the elements must differ now")
	case o.Unique && !n.Unique:
		c.set(at, Safe, Warning, "the elements may repeat now")
	}
}

func (c *comparer) span(at spot, what, old, new string) {
	less, more := spanChange(old, new)
	if !less && !more {
		return
	}
	narrower, wider := Safe, Safe
	if less {
		narrower = Breaks
	}
	if more {
		wider = Warning
	}
	named := func(span string) string {
		if span == "" {
			return "free"
		}
		return span
	}
	c.set(at, narrower, wider, "the %s is %s and was %s", what, named(new), named(old))
}

// shapes compares two shapes of one kind.
func (c *comparer) shapes(at spot, old, new *Shape) {
	switch new.Kind {
	case Struct:
		c.fields(at, old.Fields, new.Fields)
	case Enum, Integers:
		c.opened(at, "enum", old.Open, new.Open)
		c.members(at, "value", old, new, old.Values, new.Values)
	case Union:
		if old.Tag != new.Tag {
			c.set(at, Breaks, Breaks, "the union's tag is %q and was %q", new.Tag, old.Tag)
			return
		}
		c.opened(at, "union", old.Open, new.Open)
		c.members(at, "variant", old, new, slices.Sorted(maps.Keys(old.Of)), slices.Sorted(maps.Keys(new.Of)))
		for _, value := range slices.Sorted(maps.Keys(new.Of)) {
			if name, ok := old.Of[value]; ok {
				c.types(at.in("("+value+")"), &Type{Ref: name}, &Type{Ref: new.Of[value]})
			}
		}
	}
}

// opened compares whether unknown values are kept.
func (c *comparer) opened(at spot, kind string, old, new bool) {
	switch {
	case new && !old:
		c.set(at, Safe, Breaks, "the %s is open now", kind)
	case old && !new:
		c.set(at, Breaks, Safe, "the %s is closed now", kind)
	}
}

// members compares the values of an enum or the variants of a union.
func (c *comparer) members(at spot, what string, o, n *Shape, old, new []string) {
	for _, v := range union(slices.Sorted(slices.Values(old)), new) {
		at := at.member(at.place.Type, v)
		switch {
		case slices.Contains(old, v) == slices.Contains(new, v):
		case slices.Contains(new, v) && o.Open:
			c.choose(at, Safe, Safe, what+" "+quoteJSON(v)+" is new", "older clients do not send it by that name", "older clients keep what they do not know")
		case slices.Contains(new, v):
			c.choose(at, Safe, Breaks, what+" "+quoteJSON(v)+" is new", "older clients do not send it", "older clients do not expect it; where the "+string(n.Kind)+" is open: true from its first release, they keep what they do not know")
		case n.Open:
			c.choose(at, Warning, Safe, what+" "+quoteJSON(v)+" is gone", "the server takes it for an unknown one when older clients send it", "older clients wait for nothing")
		default:
			c.choose(at, Breaks, Safe, what+" "+quoteJSON(v)+" is gone", "the server refuses it when older clients send it", "older clients wait for nothing")
		}
	}
}

// fields compares the fields of two structs.
func (c *comparer) fields(at spot, old, new map[string]*Field) {
	for _, name := range union(slices.Sorted(maps.Keys(old)), slices.Sorted(maps.Keys(new))) {
		at := at.member(at.place.Type, name)
		at = at.in("." + name)
		o, n := old[name], new[name]
		switch {
		case n == nil:
			c.fieldGone(at, name, o, new)
		case o != nil:
			c.field(at, o, n)
		default:
			c.fieldNew(at, name, n, old)
		}
	}
}

// fieldGone reports a field that the new model lacks; others are those it has.
func (c *comparer) fieldGone(at spot, name string, o *Field, others map[string]*Field) {
	const what = "the field is gone"
	switch {
	case at.dir == toServer && at.strict:
		c.report(at, Breaks, what, "the server refuses unknown fields here")
	case at.dir == toServer && folded(name, others) != "":
		c.report(at, Breaks, what, "the server takes it for a misspelled "+folded(name, others))
	case at.dir == toServer:
		c.report(at, Safe, what, "the server skips it when older clients send it")
	case o.Optional:
		c.report(at, Safe, what, "older clients do without it")
	default:
		c.report(at, Breaks, what, "older clients read it")
	}
}

// fieldNew reports a field that the old model lacks; others are those it has.
func (c *comparer) fieldNew(at spot, name string, n *Field, others map[string]*Field) {
	what := "the field is new and required"
	if n.Optional {
		what = "the optional field is new"
	}
	switch {
	case at.dir == toServer && n.Optional:
		c.report(at, Safe, what, "the server does without it")
	case at.dir == toServer:
		c.report(at, Breaks, what, "older clients do not send it; make it optional, or give it a default")
	case at.strict:
		c.report(at, Breaks, what, "older clients refuse unknown fields here")
	case folded(name, others) != "":
		c.report(at, Breaks, what, "older clients in Go take it for a misspelled "+folded(name, others))
	default:
		c.report(at, Safe, what, "older clients skip it")
	}
}

// folded returns the name in fields that differs from name in nothing but case,
// for which readers take it, or "".
func folded(name string, fields map[string]*Field) string {
	for _, other := range slices.Sorted(maps.Keys(fields)) {
		if other != name && strings.EqualFold(other, name) {
			return other
		}
	}
	return ""
}

// field compares a field or an argument that both models have.
func (c *comparer) field(at spot, o, n *Field) {
	switch {
	case n.Optional && !o.Optional && n.Default != "":
		c.choose(at, Safe, Safe, "is optional now", "the server does without it", "the server goes on sending it, since it has a default")
	case n.Optional && !o.Optional:
		c.choose(at, Safe, Breaks, "is optional now", "the server does without it", "older clients read it")
	case o.Optional && !n.Optional:
		c.choose(at, Breaks, Safe, "is required now", "older clients may leave it out", "older clients do without it")
	case o.Default != n.Default && o.Default != "":
		now := "none"
		if n.Default != "" {
			now = n.Default
		}
		c.choose(at, Warning, Safe, "the default is "+now+" and was "+o.Default,
			"older clients that leave it out meant the old one", "older clients have their own")
	}
	c.types(at, &o.Type, &n.Type)
}

// hasBytes tells whether a value of t can hold bytes.
func (m *Model) hasBytes(t *Type, seen map[string]bool) bool {
	if t.Ref != "" {
		if seen[t.Ref] {
			return false
		}
		seen[t.Ref] = true
	}
	t, s := m.resolve(t)
	switch {
	case t.List != nil:
		return m.hasBytes(t.List, seen)
	case t.Map != nil:
		return m.hasBytes(t.Map, seen)
	case s == nil:
		return t.Scalar == string(ir.Bytes)
	}
	for _, f := range s.Fields {
		if m.hasBytes(&f.Type, seen) {
			return true
		}
	}
	for _, name := range s.Of {
		if m.hasBytes(&Type{Ref: name}, seen) {
			return true
		}
	}
	return false
}

// describe names t as a schema does.
func (m *Model) describe(t *Type) string {
	r, s := m.resolve(t)
	switch {
	case s != nil:
		return string(s.Kind) + " " + r.Ref
	case r.List != nil:
		return "list<" + m.element(r.List) + ">"
	case r.Map != nil:
		return "map<" + m.element(r.Map) + ">"
	}
	return r.Scalar
}

// element names the element of a list or a map without looking into it, since
// an alias may hold itself.
func (m *Model) element(t *Type) string {
	switch {
	case t.Ref != "":
		return t.Ref
	case t.List != nil:
		return "list<" + m.element(t.List) + ">"
	case t.Map != nil:
		return "map<" + m.element(t.Map) + ">"
	}
	return t.Scalar
}
