// SPDX-License-Identifier: Apache-2.0

package ir

import (
	"slices"
	"testing"
)

func TestFailures(t *testing.T) {
	a, b, c := &Error{Code: "a"}, &Error{Code: "b"}, &Error{Code: "c"}
	own := append(make([]*Error, 0, 8), a, b) // with room behind it
	for _, test := range []struct{ own, every, want []*Error }{
		{nil, nil, nil},
		{own, nil, []*Error{a, b}},
		{nil, []*Error{c}, []*Error{c}},
		{own, []*Error{b, c}, []*Error{a, b, c}},
		{[]*Error{c, c}, []*Error{a, c}, []*Error{c, a}},
	} {
		ns := &Namespace{EveryErrors: test.every}
		if got := ns.Failures(&Event{Errors: test.own}); !slices.Equal(got, test.want) {
			t.Errorf("%v and %v: %v", test.own, test.every, got)
		}
	}
	if got := (&Namespace{ConnectErrors: []*Error{b, a, b}}).Refusals(); !slices.Equal(got, []*Error{b, a}) {
		t.Errorf("refusals: %v", got)
	}
	all := &Namespace{ConnectErrors: []*Error{b}, EveryErrors: []*Error{b, a}, Client: []*Event{{Errors: []*Error{c, a}}, {}}}
	if got := all.Errors(); !slices.Equal(got, []*Error{b, a, c}) {
		t.Errorf("what a client may be told: %v", got)
	}
	if more := own[:3]; more[2] != nil {
		t.Error("an event's own errors were written to")
	}
}

func TestIsNullable(t *testing.T) {
	for _, test := range []struct {
		typ  Type
		want bool
	}{
		{Type{Scalar: String}, false},
		{Type{Scalar: String, Nullable: true}, true},
		{Type{Scalar: Any, Nullable: true}, false},
		{Type{Kind: ListType, Elem: &Type{Scalar: Any}, Nullable: true}, true},
		{Type{Kind: RefType, Ref: &Decl{}, Nullable: true}, true},
	} {
		if got := test.typ.IsNullable(); got != test.want {
			t.Errorf("%+v: %v", test.typ, got)
		}
	}
}
