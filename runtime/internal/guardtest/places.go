// SPDX-License-Identifier: Apache-2.0

// Package guardtest finds where a package is given functions of the application to
// call, so that a test can tell whether it tries them all, and has the ways in which
// such a function does not return.
package guardtest

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// Endings are the ways in which a function does not return.
var Endings = []Ending{
	{"panic", func() { panic("boom") }},
	{"panic with a nil error", func() { panic((*nilError)(nil)) }},
	{"runtime error", func() { none := []int{}; none[len(none)] = 1 }},
	{"panic whose text panics", func() { panic(mute{}) }},
	{"Goexit", runtime.Goexit},
}

// An Ending is one of them.
type Ending struct {
	Name string
	Do   func()
}

type nilError struct{ text string }

func (e *nilError) Error() string { return e.text }

type mute struct{}

func (mute) Error() string { panic(mute{}) }

// Places returns where the package in the current directory is given functions of the
// application: "Type.Method" and "Func" for exported ones with a parameter that is a
// function, "Type.Field" for fields of exported structs that are functions or one of
// the types in hooks, and the methods of the exported interfaces that are named.
func Places(t testing.TB, hooks []string, interfaces ...string) []string {
	t.Helper()
	p := &pkg{hooks: hooks, interfaces: interfaces, functions: map[string]bool{}}
	names, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var files []*ast.File
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, text, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	for _, f := range files {
		p.collect(f)
	}
	for _, f := range files {
		for _, d := range f.Decls {
			p.decl(d)
		}
	}
	slices.Sort(p.found)
	return slices.Compact(p.found)
}

type pkg struct {
	hooks, interfaces []string
	functions         map[string]bool // types of the package that are functions
	found             []string
}

// collect notes the types that are functions.
func (p *pkg) collect(f *ast.File) {
	ast.Inspect(f, func(n ast.Node) bool {
		if spec, ok := n.(*ast.TypeSpec); ok {
			if _, ok := spec.Type.(*ast.FuncType); ok {
				p.functions[spec.Name.Name] = true
			}
		}
		return true
	})
}

func (p *pkg) decl(d ast.Decl) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		name := d.Name.Name
		if d.Recv != nil {
			receiver := typeName(d.Recv.List[0].Type)
			if !ast.IsExported(receiver) {
				return
			}
			name = receiver + "." + name
		}
		if d.Name.IsExported() && slices.ContainsFunc(d.Type.Params.List, func(f *ast.Field) bool { return p.calls(f.Type) }) {
			p.found = append(p.found, name)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			if spec, ok := spec.(*ast.TypeSpec); ok && spec.Name.IsExported() {
				p.members(spec)
			}
		}
	}
}

// members finds the fields and methods of a type that the application gives.
func (p *pkg) members(spec *ast.TypeSpec) {
	var fields *ast.FieldList
	all := false
	switch t := spec.Type.(type) {
	case *ast.StructType:
		fields = t.Fields
	case *ast.InterfaceType:
		fields, all = t.Methods, true
		if !slices.Contains(p.interfaces, spec.Name.Name) {
			return
		}
	default:
		return
	}
	for _, f := range fields.List {
		for _, name := range f.Names {
			if name.IsExported() && (all || p.calls(f.Type) || slices.Contains(p.hooks, typeName(f.Type))) {
				p.found = append(p.found, spec.Name.Name+"."+name.Name)
			}
		}
	}
}

// calls reports whether a type is that of functions.
func (p *pkg) calls(t ast.Expr) bool {
	switch t := t.(type) {
	case *ast.FuncType:
		return true
	case *ast.Ellipsis:
		return p.calls(t.Elt)
	}
	return p.functions[typeName(t)]
}

// typeName returns a type's name, without the package's, pointer and parameters.
func typeName(t ast.Expr) string {
	switch t := t.(type) {
	case *ast.Ident:
		return t.Name
	case *ast.StarExpr:
		return typeName(t.X)
	case *ast.IndexExpr:
		return typeName(t.X)
	case *ast.IndexListExpr:
		return typeName(t.X)
	case *ast.SelectorExpr:
		return typeName(t.Sel)
	case *ast.ParenExpr:
		return typeName(t.X)
	}
	return ""
}

// Compare fails the test when a place has no row, or a row no place. Rows about
// something that no declaration shows, such as a MarshalJSON, begin with a space.
func Compare(t testing.TB, places, rows []string) {
	t.Helper()
	for _, place := range places {
		if !slices.Contains(rows, place) {
			t.Errorf("%s calls the application, and the table of places does not try it", place)
		}
	}
	for _, row := range rows {
		if !strings.HasPrefix(row, " ") && !slices.Contains(places, row) {
			t.Errorf("the table tries %s, which the package does not have", row)
		}
	}
}
