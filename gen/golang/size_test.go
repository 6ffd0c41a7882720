// SPDX-License-Identifier: Apache-2.0

package golang

import (
	"fmt"
	"regexp"
	"testing"

	"github.com/sockgen/sockgen/gen/ir"
)

// levels returns structs of which each has so many of the one before it.
func levels(name string, count, each int, add func(*ir.Field)) []*ir.Decl {
	inner := structure(name+"0", name+"0", field("id", "ID", scalar(ir.Int)), field("ok", "OK", scalar(ir.Bool)))
	all := []*ir.Decl{inner}
	for i := 1; i <= count; i++ {
		outer := structure(fmt.Sprint(name, i), fmt.Sprint(name, i))
		for n := range each {
			f := field(fmt.Sprint("f", n), fmt.Sprint("F", n), ref(inner))
			add(f)
			outer.Fields = append(outer.Fields, f)
		}
		all = append(all, outer)
		inner = outer
	}
	return all
}

// deep has structs within structs that would be large values if each held all others.
func deep() *ir.Document {
	doc := &ir.Document{Name: "deep", Source: "events.yaml"}
	add := func(decls []*ir.Decl) {
		doc.Decls = append(doc.Decls, decls...)
	}
	add(levels("Wide", 5, 6, func(f *ir.Field) { f.Optional = true }))
	add(levels("Long", 26, 2, func(f *ir.Field) { f.Optional = true }))
	add(levels("Null", 26, 2, func(f *ir.Field) { f.Type.Nullable = true }))
	add(levels("Both", 26, 2, func(f *ir.Field) { f.Optional, f.Type.Nullable = true, true }))
	add(levels("Given", 26, 2, func(f *ir.Field) { f.Type.Nullable = true; defaultNull(f) }))
	list := structure("Holder", "Holder", field("list", "List", &ir.Type{Kind: ir.ListType, Elem: &ir.Type{Kind: ir.RefType, Nullable: true, Ref: doc.Decls[len(doc.Decls)-1]}}))
	doc.Decls = append(doc.Decls, list)
	return doc
}

// No value is large because of what is absent from it, or null.
func TestStructsThatMayBeAbsent(t *testing.T) {
	doc, inputs := withInputs(deep())
	g := newGenerator(doc, inputs)
	for _, d := range doc.Decls {
		if n := g.layoutOf(d).size; n > 7*(maxInline+16) {
			t.Errorf("%s has %d bytes", d.Ident, n)
		}
	}
	forms := map[string]fieldForm{}
	for _, d := range doc.Decls {
		if len(d.Fields) > 1 {
			forms[d.Ident] = g.formOf(d, d.Fields[1])
		}
	}
	for ident, want := range map[string]fieldForm{
		"Wide1": optForm, "Wide2": pointerForm, "Wide3": optForm, "Null1": nullForm, "Null4": nullPointerForm, "Both1": optNullForm,
		"Both3": optPointerForm, "Given1": nullForm, "Given1Input": optNullForm, "Given3": nullPointerForm, "Given3Input": optPointerForm,
	} {
		if forms[ident] != want {
			t.Errorf("%s has form %d, want %d", ident, forms[ident], want)
		}
	}
	files, err := Render(deep())
	if err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`F0 +\*Wide1\n`).Match(files[0].Data) {
		t.Errorf("Wide2 holds its parts:\n%s", files[0].Data[:2000])
	}
}
