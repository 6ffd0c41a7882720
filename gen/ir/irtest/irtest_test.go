// SPDX-License-Identifier: Apache-2.0

package irtest_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/sockgen/sockgen/gen/ir"
	"github.com/sockgen/sockgen/gen/ir/irtest"
)

func source() *irtest.Source { return &irtest.Source{Rand: rand.New(rand.NewPCG(1, 2))} }

func scalar(s ir.Scalar) *ir.Type { return &ir.Type{Kind: ir.ScalarType, Scalar: s} }

// TestSource draws the same payloads from the same seed, all of them JSON, and
// breaks them in every way that a struct can be broken.
func TestSource(t *testing.T) {
	text := scalar(ir.String)
	text.Constraint = ir.Constraint{Length: &ir.Span{Min: "2", Max: "5"}, Pattern: "^[a-c]+$"}
	d := &ir.Decl{Ident: "S", Fields: []*ir.Field{
		{Wire: "text", Type: text},
		{Wire: "count", Type: scalar(ir.Int), Optional: true, Default: &ir.Literal{Text: "5"}},
	}}
	typ := &ir.Type{Kind: ir.RefType, Ref: d}
	one, two := source(), source()
	why := map[string]bool{}
	for range 500 {
		p, err := one.Sound(typ)
		q, _ := two.Sound(typ)
		if err != nil || !reflect.DeepEqual(p, q) {
			t.Fatalf("%v: %s and %s", err, p.Args, q.Args)
		}
		var echo struct {
			Text  string
			Count *int
		}
		if err := json.Unmarshal(p.Echo[0], &echo); err != nil || len(echo.Text) < 2 || len(echo.Text) > 5 || echo.Count == nil {
			t.Fatalf("%s: %v", p.Echo, err)
		}
		b, ok := one.Broken(typ, true)
		two.Broken(typ, true)
		if !ok || !json.Valid(b.Args[0]) {
			t.Fatalf("%s %q: %v", b.Args, b.Path, ok)
		}
		why[b.Why] = true
	}
	for _, w := range []string{
		"null", "wrong type", "missing", "wrong case", "repeated key", "unknown field", "too short", "too long", "does not match",
		"half a surrogate pair", "beyond the scalar", "not an integer",
	} {
		if !why[w] {
			t.Errorf("nothing broken was %q", w)
		}
	}
}

// TestImpossible asks for values that do not exist.
func TestImpossible(t *testing.T) {
	never := scalar(ir.String)
	never.Constraint = ir.Constraint{Length: &ir.Span{Min: "3"}, Pattern: "^a$"}
	flags := &ir.Type{Kind: ir.ListType, Elem: scalar(ir.Bool), Constraint: ir.Constraint{Length: &ir.Span{Min: "3"}, Unique: true}}
	for _, typ := range []*ir.Type{never, flags} {
		if p, err := source().Sound(typ); err == nil {
			t.Errorf("%+v: %s", typ.Constraint, p.Args)
		}
	}
}

func ExampleSource() {
	s := &irtest.Source{Rand: rand.New(rand.NewPCG(7, 7))}
	b, _ := s.Broken(&ir.Type{Kind: ir.ListType, Elem: &ir.Type{Kind: ir.ScalarType, Scalar: ir.Bool}, Constraint: ir.Constraint{Length: &ir.Span{Max: "0"}}}, false)
	fmt.Printf("%s at %q: %s\n", b.Args[0], b.Path, b.Why)
	// Output: null at "": null
}
