// SPDX-License-Identifier: Apache-2.0

package check

import (
	"math"
	"math/big"
	"regexp"
	"strings"

	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/ir"
	"github.com/sockgen/sockgen/gen/schema"
)

// rational returns the value of a number that was found to be one.
func rational(text string) *big.Rat {
	v, _ := new(big.Rat).SetString(text)
	return v
}

// constrain reads the constraints among m's keys into t.
func (c *checker) constrain(t *ir.Type, m map[string]*schema.Node) {
	if n := m["length"]; n != nil && c.allows(n, t, "length", "a string, bytes, a list or a map", hasLength) {
		t.Constraint.Length = c.span(n, "length", lengthLimits)
	}
	if n := m["range"]; n != nil && c.allows(n, t, "range", "a number", hasRange) {
		t.Constraint.Range = c.span(n, "range", limitsOf[base(t).Scalar])
	}
	if n := m["pattern"]; n != nil && c.allows(n, t, "pattern", "a string", hasPattern) {
		t.Constraint.Pattern = c.pattern(n)
	}
	if n := m["unique"]; c.flag(n, "unique") && c.allows(n, t, "unique", "a list", isList) {
		t.Constraint.Unique = c.comparable(n, t.Elem)
	}
}

func isList(t *ir.Type) bool { return t.Kind == ir.ListType }

// comparable reports elements that cannot be told to differ from each other.
func (c *checker) comparable(n *schema.Node, elem *ir.Type) bool {
	b := base(elem)
	switch {
	case elem.Nullable:
		c.report(n, diag.Constraint, "unique is for lists whose elements are never null")
		return false
	case elem.Kind == ir.RefType && elem.Ref.Kind == ir.Alias && elem.Ref.Go != nil:
		c.report(n, diag.Constraint, "unique is not for %s, since Go may not be able to compare a type of another package", diag.Quote(elem.Ref.Origin))
		return false
	case b.Kind == ir.RefType && b.Ref.Kind == ir.Enum:
		return true
	case b.Kind != ir.ScalarType, b.Scalar == ir.Any, b.Scalar == ir.Bytes, b.Scalar == ir.Float32, b.Scalar == ir.Float64:
		c.report(n, diag.Constraint, "unique is for lists of enums and of scalars other than floats, bytes and any, and this is a list of %s", describe(elem))
		return false
	}
	return true
}

// base returns the type that t's values are of, behind a declared scalar.
func base(t *ir.Type) *ir.Type {
	if t.Kind == ir.RefType && t.Ref.Kind == ir.Alias && t.Ref.Of != nil {
		return t.Ref.Of
	}
	return t
}

func hasLength(t *ir.Type) bool {
	return t.Kind == ir.ListType || t.Kind == ir.MapType ||
		t.Kind == ir.ScalarType && (t.Scalar == ir.String || t.Scalar == ir.Bytes)
}

func hasRange(t *ir.Type) bool {
	_, number := limitsOf[t.Scalar]
	return t.Kind == ir.ScalarType && number
}

func hasPattern(t *ir.Type) bool { return t.Kind == ir.ScalarType && t.Scalar == ir.String }

// allows reports a constraint that t cannot have.
func (c *checker) allows(n *schema.Node, t *ir.Type, key, whose string, has func(*ir.Type) bool) bool {
	if t.Kind == ir.RefType {
		if t.Ref.Kind == ir.Alias {
			c.report(n, diag.Constraint, "%s belongs where %s is declared; a narrower type is a declaration of its own", key, diag.Quote(t.Ref.Origin))
		} else {
			c.report(n, diag.Constraint, "%s is for %s, and %s is %s", key, whose, diag.Quote(t.Ref.Origin), kindNames[t.Ref.Kind])
		}
		return false
	}
	if has(t) {
		return true
	}
	c.report(n, diag.Constraint, "%s is for %s, and this type is %s", key, whose, describe(t))
	return false
}

// kindNames are the kinds of declaration as diagnostics say them.
var kindNames = map[ir.DeclKind]string{ir.Struct: "a struct", ir.Alias: "a declared type", ir.Enum: "an enum", ir.Union: "a union"}

// describe names t as the schema writes it.
func describe(t *ir.Type) string {
	switch t.Kind {
	case ir.ListType:
		return "list<" + describe(t.Elem) + ">"
	case ir.MapType:
		return "map<" + describe(t.Elem) + ">"
	case ir.RefType:
		return t.Ref.Origin
	}
	return string(t.Scalar)
}

// limits are the numbers that a type can hold.
type limits struct {
	min, max string
	whole    bool
}

var lengthLimits = limits{"0", "2147483647", true}

var limitsOf = map[ir.Scalar]limits{
	ir.Int:     integers(ir.Int),
	ir.Int32:   integers(ir.Int32),
	ir.Uint32:  integers(ir.Uint32),
	ir.Int64:   integers(ir.Int64),
	ir.Uint64:  integers(ir.Uint64),
	ir.Float32: {"-340282346638528859811704183484516925440", "340282346638528859811704183484516925440", false},
	ir.Float64: {big.NewFloat(-math.MaxFloat64).Text('f', 0), big.NewFloat(math.MaxFloat64).Text('f', 0), false},
}

func integers(s ir.Scalar) limits {
	least, most := s.Integers()
	return limits{least.String(), most.String(), true}
}

// number is how a span writes its ends. A leading zero would be octal to Go.
var number = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,39})(\.[0-9]{1,40})?$`)

// span reads "1..64", "1..", "..64" or "64", which stands for 64..64.
func (c *checker) span(n *schema.Node, key string, lim limits) *ir.Span {
	text, ok := c.word(n, key)
	if !ok {
		return nil
	}
	low, high, dots := strings.Cut(text, "..")
	low, high = strings.TrimSpace(low), strings.TrimSpace(high)
	if !dots {
		high = low
	}
	if low == "" && high == "" {
		c.report(n, diag.BadValue, "%s is written 1..64, 1.. or ..64", key)
		return nil
	}
	from, okFrom := c.bound(n, key, low, lim)
	to, okTo := c.bound(n, key, high, lim)
	if !okFrom || !okTo {
		return nil
	}
	if from != nil && to != nil && from.Cmp(to) > 0 {
		c.report(n, diag.ImpossibleRange, "%s %s allows nothing: its ends are the wrong way round", key, diag.Quote(text))
		return nil
	}
	return &ir.Span{Min: low, Max: high}
}

// bound reads one end of a span; an open end gives nil.
func (c *checker) bound(n *schema.Node, key, text string, lim limits) (*big.Rat, bool) {
	if text == "" {
		return nil, true
	}
	if !number.MatchString(text) || lim.whole && strings.Contains(text, ".") {
		kind := "a decimal number"
		if lim.whole {
			kind = "a whole number"
		}
		c.report(n, diag.BadValue, "%s is written 1..64, 1.. or ..64, and %s is not %s", key, diag.Quote(text), kind)
		return nil, false
	}
	v := rational(text)
	if v.Cmp(rational(lim.min)) < 0 || v.Cmp(rational(lim.max)) > 0 {
		c.report(n, diag.ImpossibleRange, "%s reaches to %s, beyond what the type holds: %s..%s", key, text, shorten(lim.min), shorten(lim.max))
		return nil, false
	}
	return v, true
}

// shorten returns a limit as people write it.
func shorten(n string) string {
	if len(n) <= 21 {
		return n
	}
	f, _, err := big.ParseFloat(n, 10, 64, big.ToNearestEven)
	if err != nil {
		return n
	}
	return f.Text('g', 4)
}
