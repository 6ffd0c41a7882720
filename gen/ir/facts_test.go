// SPDX-License-Identifier: Apache-2.0

package ir

import "testing"

func TestFacts(t *testing.T) {
	length := func(least, most string) Constraint { return Constraint{Length: &Span{least, most}} }
	between := func(least, most string) Constraint { return Constraint{Range: &Span{least, most}} }
	name := &Type{Scalar: String, Constraint: length("1", "32")}
	for _, test := range []struct {
		what string
		typ  *Type
		want string
	}{
		{"nothing", &Type{Scalar: String}, ""},
		{"a name", name, "1 to 32 characters."},
		{"one at most", &Type{Scalar: String, Constraint: length("0", "1")}, "At most 1 character."},
		{"some", &Type{Scalar: Bytes, Constraint: length("2", "")}, "At least 2 bytes."},
		{"any length", &Type{Scalar: String, Constraint: length("0", "")}, ""},
		{"a pattern", &Type{Scalar: String, Constraint: Constraint{Length: &Span{"4", "4"}, Pattern: "^[a-z]+$"}}, "Exactly 4 characters. Matches ^[a-z]+$."},
		{"a range", &Type{Scalar: Int, Constraint: between("0", "100")}, "From 0 to 100."},
		{"a least", &Type{Scalar: Float64, Constraint: between("-0.5", "")}, "At least -0.5."},
		{"a most", &Type{Scalar: Int, Constraint: between("", "7")}, "At most 7."},
		{"a timestamp", &Type{Scalar: Timestamp}, "RFC 3339, in UTC with milliseconds."},
		{"a duration", &Type{Scalar: Duration, Constraint: between("0", "5000")}, "In milliseconds. From 0 to 5000."},
		{"a UUID", &Type{Scalar: UUID}, "A UUID."},
		{"names", &Type{Kind: ListType, Elem: name, Constraint: Constraint{Length: &Span{"1", "9"}, Unique: true}}, "1 to 9 elements. None twice. Each: 1 to 32 characters."},
		{"a map", &Type{Kind: MapType, Elem: &Type{Scalar: Duration}, Constraint: length("", "2")}, "At most 2 entries. Each: in milliseconds."},
		{"a reference", &Type{Kind: RefType, Ref: &Decl{Kind: Alias, Of: name}}, ""},
	} {
		if got := test.typ.Facts(); got != test.want {
			t.Errorf("%s: %q, want %q", test.what, got, test.want)
		}
	}
	for typ, want := range map[*Type]string{
		{Scalar: Timestamp}:                             "Travels as RFC 3339, in UTC with milliseconds.",
		{Kind: ListType, Elem: &Type{Scalar: Duration}}: "Each: travels in milliseconds.",
		name: "1 to 32 characters.",
	} {
		if got := typ.FactsInGo(); got != want {
			t.Errorf("in Go: %q, want %q", got, want)
		}
	}
}
