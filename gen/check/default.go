// SPDX-License-Identifier: Apache-2.0

package check

import (
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/ir"
	"github.com/sockgen/sockgen/gen/naming"
	"github.com/sockgen/sockgen/gen/schema"
)

// timestampLayout is how a timestamp travels.
const timestampLayout = "2006-01-02T15:04:05.000Z"

// maxDuration is how many milliseconds Go's Duration holds.
var durationLimits = limits{"-9223372036854", "9223372036854", true}

var canonicalUUID = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// defaultValue reads a default for a field of type t, within its constraints.
func (c *checker) defaultValue(n *schema.Node, t *ir.Type) *ir.Literal {
	b := base(t)
	if problem := noDefault(t, b); problem != "" {
		c.report(n, diag.Default, "%s", problem)
		return nil
	}
	switch {
	case n.Kind == schema.Invalid:
		return nil
	case n.Kind == schema.Null && t.Nullable:
		return &ir.Literal{Null: true}
	case n.Kind == schema.Null:
		c.report(n, diag.Default, "the default is nothing, which the type does not allow: write default: %s, or leave the key out", defaultForm(b))
		return nil
	case b.Kind == ir.ListType:
		return c.listDefault(n, t, b)
	case n.Kind != schema.Scalar:
		c.report(n, diag.Default, "a default is a text, a number, true or false, and this is %s", n.Kind)
		return nil
	}
	switch {
	case b.Kind == ir.RefType:
		return c.enumDefault(n, b.Ref)
	case limitsOf[b.Scalar].min != "":
		return c.numberDefault(n, t, b, limitsOf[b.Scalar])
	}
	switch b.Scalar {
	case ir.Duration:
		return c.numberDefault(n, t, b, durationLimits)
	case ir.Bool:
		if n.Literal != schema.Bool {
			d := c.report(n, diag.Default, "the default of a bool is true or false")
			if lower := strings.ToLower(n.Text); lower == "true" || lower == "false" {
				d.Suggestion = lower
			}
			return nil
		}
		return &ir.Literal{Text: strings.ToLower(n.Text)}
	case ir.Timestamp:
		return c.timestampDefault(n)
	case ir.UUID:
		if !canonicalUUID.MatchString(n.Text) {
			c.report(n, diag.Default, "the default of a uuid is its 36 characters in lower case: 123e4567-e89b-12d3-a456-426614174000")
			return nil
		}
		return &ir.Literal{Text: n.Text}
	}
	return c.stringDefault(n, t, b)
}

// maxDefaults is how many elements a default has.
const maxDefaults = 100

// listDefault reads a default that is a list, within its constraints.
func (c *checker) listDefault(n *schema.Node, t, b *ir.Type) *ir.Literal {
	if n.Kind != schema.Sequence {
		c.report(n, diag.Default, "the default of a list is a list such as [] or [ a, b ], and this is %s", n.Kind)
		return nil
	}
	if len(n.Items) > maxDefaults {
		c.report(n, diag.DocumentLimit, "the default has %d elements; at most %d are allowed", len(n.Items), maxDefaults)
		return nil
	}
	l := &ir.Literal{List: []*ir.Literal{}}
	seen := map[string]bool{}
	for _, item := range n.Items {
		e := c.defaultValue(item, b.Elem)
		if e == nil {
			return nil // reported
		}
		if t.Constraint.Unique || b.Constraint.Unique {
			if seen[e.Text] {
				c.report(item, diag.Default, "%s is in this default already, whose elements differ from each other", diag.Quote(item.Text))
				return nil
			}
			seen[e.Text] = true
		}
		l.List = append(l.List, e)
	}
	for _, s := range spans(t, b, func(x ir.Constraint) *ir.Span { return x.Length }) {
		if !within(strconv.Itoa(len(l.List)), s) {
			c.report(n, diag.Default, "the default has %d elements, and length allows %s..%s", len(l.List), s.Min, s.Max)
			return nil
		}
	}
	return l
}

// defaultForm returns a default of a type as YAML has it, behind which is b.
func defaultForm(b *ir.Type) string {
	switch {
	case b.Kind == ir.ListType:
		return "[]"
	case b.Kind == ir.RefType && len(b.Ref.Values) > 0:
		return b.Ref.Values[0].Wire
	case limitsOf[b.Scalar].min != "" || b.Scalar == ir.Duration:
		return "0"
	case b.Scalar == ir.Bool:
		return "false"
	case b.Scalar == ir.Timestamp:
		return "2026-01-31T12:00:00.000Z"
	case b.Scalar == ir.UUID:
		return "123e4567-e89b-12d3-a456-426614174000"
	}
	return `""`
}

// noDefault says why no field of type t, behind which is b, has a default, or "".
func noDefault(t, b *ir.Type) string {
	switch {
	case t.Kind == ir.RefType && t.Ref.Kind == ir.Alias && t.Ref.Go != nil:
		return "a type of another Go package has no default: its zero value is not known here"
	case b.Kind == ir.ListType && base(b.Elem).Kind == ir.ListType:
		return "a list of lists has no default"
	case b.Kind == ir.ListType:
		if noDefault(b.Elem, base(b.Elem)) != "" {
			return "a list of " + describe(b.Elem) + " has no default; one of scalars or enums may have one"
		}
	case b.Kind == ir.MapType:
		return "a map has no default; an absent one is empty in Go"
	case b.Kind == ir.RefType && b.Ref.Kind == ir.Struct:
		return "a struct has no default; its fields may have one"
	case b.Kind == ir.RefType && b.Ref.Kind == ir.Union:
		return "a union has no default"
	case b.Scalar == ir.Bytes:
		return "bytes have no default"
	case b.Scalar == ir.Any:
		return "any has no default"
	}
	return ""
}

func (c *checker) enumDefault(n *schema.Node, d *ir.Decl) *ir.Literal {
	var names []string
	for _, v := range d.Values {
		same := v.Wire == n.Text && n.Literal == schema.String
		if v.Integer {
			same = n.Literal == schema.String && n.Text == v.Key || isInteger(n) && number.MatchString(n.Text) && rational(n.Text).Num().String() == v.Wire
		}
		if same {
			return &ir.Literal{Text: v.Wire, Enum: v}
		}
		names = append(names, keyOf(v))
	}
	switch {
	case d.Kind != ir.Enum || len(names) == 0: // reported where it is declared
	case n.Literal != schema.String && !d.Integers():
		c.report(n, diag.QuoteIt, "YAML takes this for %s, and the default of an enum is a text: put it between quotes", n.Literal)
	default:
		c.report(n, diag.Default, "%s is no value of enum %s", diag.Quote(n.Text), diag.Quote(d.Origin)).Suggestion = c.suggest(n.Text, names)
	}
	return nil
}

// spans returns the constraints of t and those of what it is declared as.
func spans(t, b *ir.Type, of func(ir.Constraint) *ir.Span) []*ir.Span {
	if t == b {
		return []*ir.Span{of(t.Constraint)}
	}
	return []*ir.Span{of(t.Constraint), of(b.Constraint)}
}

func (c *checker) numberDefault(n *schema.Node, t, b *ir.Type, lim limits) *ir.Literal {
	quotable := b.Scalar == ir.Int64 || b.Scalar == ir.Uint64 // they are strings on the wire
	if n.Literal != schema.Int && n.Literal != schema.Float && !quotable || !number.MatchString(n.Text) || lim.whole && strings.Contains(n.Text, ".") {
		kind := "a decimal number"
		if lim.whole {
			kind = "a whole number"
		}
		if b.Scalar == ir.Duration {
			kind = "a whole number of milliseconds"
		}
		d := c.report(n, diag.Default, "the default of %s is %s, and %s is not", describe(b), kind, diag.Quote(n.Text))
		if period, err := time.ParseDuration(n.Text); err == nil && b.Scalar == ir.Duration {
			d.Suggestion = strconv.FormatInt(period.Milliseconds(), 10)
		} else if number.MatchString(n.Text) && !(lim.whole && strings.Contains(n.Text, ".")) {
			d.Suggestion = n.Text
		}
		return nil
	}
	if !within(n.Text, &ir.Span{Min: lim.min, Max: lim.max}) {
		c.report(n, diag.Default, "%s cannot hold the default %s", describe(b), n.Text)
		return nil
	}
	for _, s := range spans(t, b, func(x ir.Constraint) *ir.Span { return x.Range }) {
		if !within(n.Text, s) {
			c.report(n, diag.Default, "the default %s is out of the range %s..%s", n.Text, s.Min, s.Max)
			return nil
		}
	}
	return &ir.Literal{Text: n.Text}
}

// within tells whether a number lies in s; a nil s holds every number.
func within(text string, s *ir.Span) bool {
	if s == nil {
		return true
	}
	v := rational(text)
	return (s.Min == "" || v.Cmp(rational(s.Min)) >= 0) && (s.Max == "" || v.Cmp(rational(s.Max)) <= 0)
}

func (c *checker) timestampDefault(n *schema.Node) *ir.Literal {
	at, err := time.Parse(time.RFC3339Nano, n.Text)
	if err != nil || at.Year() < 0 || at.UTC().Year() > 9999 {
		c.report(n, diag.Default, "the default of a timestamp is a time as of RFC 3339: 2026-01-31T12:00:00.000Z")
		return nil
	}
	return &ir.Literal{Text: at.UTC().Format(timestampLayout)}
}

func (c *checker) stringDefault(n *schema.Node, t, b *ir.Type) *ir.Literal {
	if n.Literal != schema.String {
		c.report(n, diag.QuoteIt, "YAML takes this for %s, and the default of a string is a text: put it between quotes", n.Literal)
		return nil
	}
	if r, hidden := naming.Hidden(strings.ReplaceAll(n.Text, "\n", " ")); hidden {
		c.report(n, diag.BadText, "the default holds the character U+%04X, which must not reach generated files", r)
		return nil
	}
	if len(n.Text) > maxText {
		c.report(n, diag.BadText, "the default has %d bytes; at most %d are allowed", len(n.Text), maxText)
		return nil
	}
	length := strconv.Itoa(utf8.RuneCountInString(n.Text))
	for _, s := range spans(t, b, func(x ir.Constraint) *ir.Span { return x.Length }) {
		if !within(length, s) {
			c.report(n, diag.Default, "the default has %s characters, and length allows %s..%s", length, s.Min, s.Max)
			return nil
		}
	}
	for _, pattern := range []string{t.Constraint.Pattern, b.Constraint.Pattern} {
		if re, err := regexp.Compile(pattern); err == nil && !re.MatchString(n.Text) {
			c.report(n, diag.Default, "the default does not match the pattern %s", diag.Quote(pattern))
			return nil
		}
	}
	return &ir.Literal{Text: n.Text}
}
