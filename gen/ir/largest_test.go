// SPDX-License-Identifier: Apache-2.0

package ir

import "testing"

func TestLargest(t *testing.T) {
	scalar := func(s Scalar, most string) *Type {
		t := &Type{Scalar: s}
		if most != "" {
			t.Constraint.Length = &Span{Min: "0", Max: most}
		}
		return t
	}
	list := func(elem *Type, most string) *Type {
		return &Type{Kind: ListType, Elem: elem, Constraint: Constraint{Length: &Span{Max: most}}}
	}
	decl := func(types ...*Type) *Decl {
		d := &Decl{Kind: Struct}
		for _, f := range types {
			d.Fields = append(d.Fields, &Field{Wire: "f", Type: f})
		}
		return d
	}
	ref := func(d *Decl) *Type { return &Type{Kind: RefType, Ref: d} }
	digit := &Type{Scalar: Int, Constraint: Constraint{Range: &Span{Min: "0", Max: "9"}}}
	tree := decl()
	tree.Fields = []*Field{{Wire: "children", Type: list(ref(tree), "2")}}
	doubled := decl(scalar(String, "8")) // 2^60 strings, if each was counted
	for range 60 {
		doubled = decl(ref(doubled), ref(doubled))
	}
	const envelope = 64 + 1 // of an event named "e"
	tests := []struct {
		name    string
		payload *Type
		want    int
	}{
		{"nothing", nil, 0},
		{"string", scalar(String, "500"), 502 + envelope},
		{"string without a bound", scalar(String, ""), 2 + envelope},
		{"bytes", scalar(Bytes, "2097152"), 2796205},
		{"bytes without a bound", scalar(Bytes, ""), 30 + envelope},
		{"any", scalar(Any, ""), 0 + envelope},
		{"bool", scalar(Bool, ""), 5 + envelope},
		{"uuid", scalar(UUID, ""), 38 + envelope},
		{"int", scalar(Int, ""), 17 + envelope},
		{"digits", list(digit, "100000"), 2 + 2*100000 + envelope},
		{"list of lists", list(list(scalar(String, "8"), "10"), "10"), 2 + 10*(1+2+10*11) + envelope},
		{"struct", ref(decl(scalar(String, "8"), scalar(Bool, ""))), 2 + 5 + 10 + 5 + 5 + envelope},
		{"the larger of text and attachment", ref(decl(scalar(String, "1000"), scalar(Bytes, "9"), scalar(Bytes, "3"))), 2 + 3*5 + 1002 + 2*30 + envelope},
		{"one field without a bound", ref(decl(scalar(Bytes, "9000"), scalar(String, ""))), 12001},
		{"map", &Type{Kind: MapType, Elem: digit, Constraint: Constraint{Length: &Span{Max: "5"}}}, 2 + envelope},
		{"tree", ref(tree), 2 + 12 + 2 + 2*1 + envelope},
		{"alias", ref(&Decl{Kind: Alias, Of: scalar(String, "5")}), 7 + envelope},
		{"enum", ref(&Decl{Kind: Enum, Values: []*EnumValue{{Wire: "pen"}, {Wire: "eraser"}}}), 8 + envelope},
		{"open enum", ref(&Decl{Kind: Enum, Open: true, Values: []*EnumValue{{Wire: "pen"}}}), 5 + envelope},
		{"union", ref(&Decl{Kind: Union, Tag: "kind", Variants: []*Variant{{Wire: "a", Of: decl(scalar(String, "8"))}, {Wire: "b", Of: decl()}}}), 2 + 5 + 10 + 11 + envelope},
		{"doubled", ref(doubled), enough},
		{"nullable", &Type{Scalar: Int, Nullable: true, Constraint: digit.Constraint}, 4 + envelope},
		{"endless by number", list(list(scalar(String, "999999999999999999999"), "99999999999"), "99999999999"), enough},
	}
	for _, tt := range tests {
		if got := (&Event{Wire: "e", Payload: tt.payload}).Largest(); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
	}
}
