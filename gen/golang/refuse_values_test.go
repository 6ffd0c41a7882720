// SPDX-License-Identifier: Apache-2.0

package golang

import (
	"strings"
	"testing"

	"github.com/sockgen/sockgen/gen/ir"
)

// TestRefusesValues gives Render declarations that package check would not make.
func TestRefusesValues(t *testing.T) {
	find := func(d *ir.Document, ident string) *ir.Decl {
		for _, decl := range d.Decls {
			if decl.Ident == ident {
				return decl
			}
		}
		t.Fatalf("no %s", ident)
		return nil
	}
	tests := []struct {
		name   string
		change func(doc *ir.Document)
		want   string
	}{
		{"enum value ident", func(d *ir.Document) { find(d, "Tool").Values[0].Ident = "x; func init() {}" }, "no exported identifier"},
		{"two enum values", func(d *ir.Document) { find(d, "Tool").Values[0].Ident = "PresenceAway" }, "both called PresenceAway"},
		{"enum value and type", func(d *ir.Document) { find(d, "Tool").Values[0].Ident = "Every" }, "both called Every"},
		{"unknown variant and type", func(d *ir.Document) { find(d, "Every").Ident = "UnknownContent" }, "both called UnknownContent"},
		{"variant that is no struct", func(d *ir.Document) { find(d, "Content").Variants[0].Of = find(d, "Tool") }, "is no struct"},
		{"custom path that is code", func(d *ir.Document) { find(d, "Amount").Go.Package = "a\"; import \"os" }, "no exported Go type"},
		{"custom name that is code", func(d *ir.Document) { find(d, "Amount").Go.Name = "Int; func init() {}" }, "no exported Go type"},
		{"custom bytes", func(d *ir.Document) { find(d, "Amount").Of = scalar(ir.Bytes) }, "other than bytes"},
		{"custom brand", func(d *ir.Document) { find(d, "Amount").Brand = true }, "only a scalar"},
		{"unique bytes", func(d *ir.Document) { find(d, "Names").Of = unique(list(scalar(ir.Bytes))) }, "unique"},
		{"unique structs", func(d *ir.Document) { find(d, "Names").Of = unique(list(ref(find(d, "Text")))) }, "unique"},
		{"unique custom types", func(d *ir.Document) { find(d, "Names").Of = unique(list(ref(find(d, "Amount")))) }, "unique"},
		{"default of another type", func(d *ir.Document) { find(d, "Defaults").Fields[1].Default.Text = "five" }, "cannot be its default"},
		{"default that is code", func(d *ir.Document) { find(d, "Defaults").Fields[0].Default.Text = "true; panic(1)" }, "cannot be its default"},
		{"default of a custom type", func(d *ir.Document) {
			defaulted(find(d, "Every").Fields[17], "5")
		}, "cannot be its default"},
		{"default that is no value", func(d *ir.Document) { find(d, "Defaults").Fields[13].Default.Enum = nil }, "cannot be its default"},
		{"argument after an optional one", func(d *ir.Document) { find(d, "CursorMove").Fields[0].Optional = true }, "follows one that may be absent"},
		{"constraint on an enum", func(d *ir.Document) {
			find(d, "Every").Fields[1].Type = with(ref(find(d, "Tool")), ir.Constraint{Length: span("1", "2")})
		}, "what is no scalar"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			doc := values()
			tt.change(doc)
			if _, err := Render(doc); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Render: %v; want an error with %q", err, tt.want)
			}
		})
	}
}

// TestPackageName guesses what packages of custom types are called.
func TestPackageName(t *testing.T) {
	for path, want := range map[string]string{
		"net/netip": "netip", "github.com/shopspring/decimal": "decimal", "math/rand/v2": "rand", "github.com/gofrs/uuid/v5": "uuid",
		"gopkg.in/yaml.v3": "yaml", "example.com/go-thing": "gothing", "example.com/7": "pkg", "v2": "v2",
	} {
		if got := packageName(path); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}

// TestImportNames gives packages names that generated code has for other things.
func TestImportNames(t *testing.T) {
	doc := values()
	for i, d := range doc.Decls {
		if d.Go != nil {
			d.Go = &ir.GoType{Package: []string{"a.com/typed", "b.com/string", "c.com/func", "d.com/x/typed", "e.com/values", "f.com/json"}[i%6], Name: "T"}
		}
	}
	files, err := Render(doc)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`typedpkg "a.com/typed"`, `stringpkg "b.com/string"`, `funcpkg "c.com/func"`, `"d.com/x/typed"`, `valuespkg "e.com/values"`, `jsonpkg "f.com/json"`} {
		if !strings.Contains(string(files[0].Data), want) {
			t.Errorf("no import %s", want)
		}
	}
}
