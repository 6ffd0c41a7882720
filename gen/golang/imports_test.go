// SPDX-License-Identifier: Apache-2.0

package golang

import (
	"testing"

	"github.com/sockgen/sockgen/gen/ir"
)

// The package of an application's own type is imported under a name that no generated
// function hides.
func TestNamesOfImports(t *testing.T) {
	for name := range localNames {
		path := "example.com/" + name
		g := newGenerator(&ir.Document{Name: "chat", Decls: []*ir.Decl{{Ident: "T", Go: &ir.GoType{Package: path, Name: "T"}}}}, nil)
		if got := g.custom[path]; localNames[got] {
			t.Errorf("%s is imported as %s, which hides variables", path, got)
		}
	}
	doc := &ir.Document{Name: "chat"}
	paths := []string{"example.com/money", "example.com/v2/money", "example.com/typed", "example.com/chat", "example.com/func", "net/netip", "example.com/string"}
	for _, path := range paths {
		doc.Decls = append(doc.Decls, &ir.Decl{Go: &ir.GoType{Package: path, Name: "T"}})
	}
	g := newGenerator(doc, nil)
	for i, want := range []string{"money", "moneypkg", "typedpkg", "chatpkg", "funcpkg", "netip", "stringpkg"} {
		if got := g.custom[paths[i]]; got != want {
			t.Errorf("%s is imported as %s, want %s", paths[i], got, want)
		}
		if g.paramName(want, "p") != "p" {
			t.Errorf("a parameter may be called %s and hide %s", want, paths[i])
		}
	}
	if g.paramName("ctx", "p") != "p" || g.paramName("message", "p") != "message" {
		t.Error("parameters are called otherwise")
	}
}
