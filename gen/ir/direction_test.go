package ir

import "testing"

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
	if got := defaulted.InputIdent(); got != "PageInput" {
		t.Errorf("what is sent is called %s", got)
	}
}
