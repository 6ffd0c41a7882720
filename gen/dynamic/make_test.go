// SPDX-License-Identifier: Apache-2.0

package dynamic_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"regexp"
	"testing"
	"time"

	"github.com/sockgen/sockgen/gen/dynamic"
	"github.com/sockgen/sockgen/gen/ir"
	"github.com/sockgen/sockgen/internal/counts"
)

func maker(seed uint64) *dynamic.Maker {
	return &dynamic.Maker{Rand: rand.New(rand.NewPCG(seed, 1)), Now: time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)}
}

// texts returns values as arguments that people would write.
func texts(t *testing.T, values []any) (args []json.RawMessage) {
	t.Helper()
	for _, v := range values {
		text, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		args = append(args, text)
	}
	return args
}

// What is made satisfies every constraint, and comes again from the same seed.
func TestMadeValuesFit(t *testing.T) {
	made := 0
	for name, doc := range documents(t) {
		for _, ns := range doc.Namespaces {
			for _, e := range append(ns.Client, ns.Server...) {
				one, two := maker(7), maker(7)
				for range 10 {
					values, err := one.Event(e)
					if err != nil {
						t.Errorf("%s %s: %v", name, e.Wire, err)
						break
					}
					args := texts(t, values)
					if _, issues, _, err := (dynamic.Checker{Text: true}).Event(e, args); err != nil || len(issues) > 0 {
						t.Errorf("%s %s: %s: %v %v", name, e.Wire, args, issues, err)
					}
					again, _ := two.Event(e)
					if !reflect.DeepEqual(values, again) {
						t.Errorf("%s %s: the same seed gave %v and %v", name, e.Wire, values, again)
					}
					made++
				}
			}
		}
	}
	counts.Print(t, "dynamic: %s made payloads satisfy every constraint", counts.Number(made))
}

// What a field is called decides what it holds.
func TestMadeValuesAreBelievable(t *testing.T) {
	for _, c := range []struct {
		name    string
		scalar  ir.Scalar
		pattern string
	}{
		{"email", ir.String, `^"[a-z]+\.[a-z]+@example\.com"$`},
		{"contactEmail", ir.String, `@example\.com"$`},
		{"name", ir.String, `^"[A-Z][a-z]+"$`},
		{"avatarUrl", ir.String, `^"https://`},
		{"text", ir.String, `^"[A-Z].*[.!?]"$`},
		{"birthday", ir.String, `^"20\d\d-\d\d-\d\d"$`},
		{"createdAt", ir.Timestamp, `^"2026-01-02T1[12]:\d\d:\d\d\.\d{3}Z"$`},
		{"id", ir.Int, `^\d{1,2}$`},
		{"age", ir.Uint32, `^\d\d$`},
		{"ratio", ir.Float64, `^(0(\.\d+)?|1)$`},
		{"key", ir.UUID, `^"[0-9a-f]{8}-[0-9a-f]{4}-4`},
	} {
		m := maker(3)
		for range 10 {
			value, err := m.Type(&ir.Type{Kind: ir.ScalarType, Scalar: c.scalar}, c.name)
			if err != nil {
				t.Fatal(err)
			}
			text, _ := json.Marshal(value)
			if !regexp.MustCompile(c.pattern).Match(text) {
				t.Errorf("%s: %s", c.name, text)
			}
		}
	}
}

// What is known stands wherever it fits, and only there.
func TestKnownValuesAreKept(t *testing.T) {
	room := &ir.Type{Kind: ir.ScalarType, Scalar: ir.String, Constraint: ir.Constraint{Length: &ir.Span{Min: "1", Max: "8"}}}
	d := &ir.Decl{Fields: []*ir.Field{{Wire: "room", Type: room}, {Wire: "text", Type: room}}}
	m := maker(1)
	m.Known = map[string]json.RawMessage{"room": json.RawMessage(`"kitchen"`), "text": json.RawMessage(`"too long to fit"`)}
	for range 10 {
		value, err := m.Type(&ir.Type{Kind: ir.RefType, Ref: d}, "message")
		if err != nil {
			t.Fatal(err)
		}
		got := value.(map[string]any)
		if got["room"] != "kitchen" || len(fmt.Sprint(got["text"])) > 8 {
			t.Errorf("%v", got)
		}
	}
}
