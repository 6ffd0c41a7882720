// SPDX-License-Identifier: Apache-2.0

package ir

import "testing"

// What a server keeps of its sockets is never sent.
func TestInputsOfOwnState(t *testing.T) {
	field := func() []*Field {
		return []*Field{{Type: &Type{Scalar: Int}, Optional: true, Default: &Literal{Text: "1"}}}
	}
	kept, both := &Decl{Ident: "Kept", Fields: field()}, &Decl{Ident: "Both", Fields: field()}
	data := &Decl{Ident: "Data", Fields: []*Field{{Type: &Type{Kind: RefType, Ref: kept}}, {Type: &Type{Kind: RefType, Ref: both}}}}
	doc := &Document{
		Decls: []*Decl{kept, both, data},
		Namespaces: []*Namespace{{
			Data:   &Type{Kind: RefType, Ref: data},
			Server: []*Event{{Payload: &Type{Kind: RefType, Ref: both}}},
		}},
	}
	if in := doc.Inputs(); len(in) != 1 || in[both] == nil {
		t.Errorf("%v are sent otherwise than they are received", in)
	}
}

// A default makes two of a declaration, and of all that holds it.
func TestWithDefaults(t *testing.T) {
	number := &Type{Scalar: Int}
	ref := func(d *Decl) *Type { return &Type{Kind: RefType, Ref: d} }
	list := func(of *Type) *Type { return &Type{Kind: ListType, Elem: of} }
	defaulted := &Decl{Ident: "Page", Fields: []*Field{{Type: number}, {Type: number, Optional: true, Default: &Literal{Text: "1"}}}}
	optional := &Decl{Ident: "Plain", Fields: []*Field{{Type: number, Optional: true}}}
	holder := &Decl{Ident: "Holder", Fields: []*Field{{Type: list(list(ref(defaulted)))}}}
	alias := &Decl{Ident: "Pages", Kind: Alias, Of: &Type{Kind: MapType, Elem: ref(defaulted)}}
	union := &Decl{Ident: "Either", Kind: Union, Variants: []*Variant{{Of: optional}, {Of: holder}}}
	tree := &Decl{Ident: "Tree"}
	tree.Fields = []*Field{{Type: list(ref(tree))}}
	loop := &Decl{Ident: "Loop"}
	loop.Fields = []*Field{{Type: list(ref(loop))}, {Type: ref(alias)}}
	doc := &Document{Decls: []*Decl{loop, tree, union, alias, holder, optional, defaulted}}
	found := doc.WithDefaults()
	for _, test := range []struct {
		decl *Decl
		want bool
	}{{defaulted, true}, {optional, false}, {holder, true}, {alias, true}, {union, true}, {tree, false}, {loop, true}} {
		if found[test.decl] != test.want {
			t.Errorf("%s: %v, want %v", test.decl.Ident, found[test.decl], test.want)
		}
	}
	in := doc.Inputs()
	if len(in) != 5 {
		t.Errorf("%d declarations are sent otherwise than they are received, want 5", len(in))
	}
	sent := in[loop]
	if inner := sent.Fields[0].Type.Elem.Ref; inner != sent {
		t.Errorf("what is sent of a loop contains a %s", inner.Ident)
	}
	if of := in[union].Variants; of[0].Of != optional || of[1].Of != in[holder] {
		t.Errorf("what is sent of a union is %v", of)
	}
	if !in.Differ(list(ref(defaulted))) || in.Differ(list(ref(tree))) || in.Differ(nil) {
		t.Error("Differ")
	}
	if elem := in.Of(list(list(ref(defaulted)))).Elem.Elem.Ref; elem != in[defaulted] {
		t.Errorf("what is sent of a list of lists contains a %s", elem.Ident)
	}
	if got := defaulted.InputIdent(); got != "PageInput" {
		t.Errorf("what is sent is called %s", got)
	}
}
