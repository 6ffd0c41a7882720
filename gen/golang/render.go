// SPDX-License-Identifier: Apache-2.0

package golang

import (
	"errors"
	"fmt"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/sockgen/sockgen/gen/ir"
	"github.com/sockgen/sockgen/gen/naming"
)

// The packages that generated code imports.
const (
	typedPath     = "github.com/sockgen/sockgen/runtime/typed"
	socketioPath  = "github.com/sockgen/sockgen/runtime/socketio"
	clientPath    = "github.com/sockgen/sockgen/runtime/typedclient"
	managerPath   = "github.com/sockgen/sockgen/runtime/client"
	typedtestPath = "github.com/sockgen/sockgen/runtime/typedtest"
)

var importNames = map[string]string{
	"context": "context", "encoding/json": "json", "iter": "iter", "strconv": "strconv", "time": "time",
	typedPath: "typed", socketioPath: "socketio", clientPath: "typedclient", managerPath: "client", typedtestPath: "typedtest",
	"testing": "testing",
}

// A File is one file of the output.
type File struct {
	Name string // slash-separated, relative to the output folder: "chat/chat.go"
	Data []byte
}

// Render returns the Go package of doc, always the same files for the same
// document. It fails when doc is not what package check makes: when identifiers
// collide, or a type appears where the language has none.
func Render(doc *ir.Document) ([]File, error) {
	doc, inputs := withInputs(withParams(doc))
	if err := checkNames(doc); err != nil {
		return nil, err
	}
	g := newGenerator(doc, inputs)
	g.findPatterns()
	base := strings.ReplaceAll(doc.Name, "_", "") // "_linux" and "_test" at a file's end mean something to Go
	api := g.newFile()
	g.document(api)
	files := []source{{base + ".go", api}}
	for _, ns := range doc.Namespaces {
		f := api
		if ns.Prefix != "" {
			f = g.newFile()
			files = append(files, source{strings.ToLower(ns.Prefix) + "_namespace.go", f})
		}
		(&namespace{generator: g, ns: ns, f: f}).render()
	}
	if len(doc.Namespaces) > 0 {
		clients := g.newFile()
		g.client(clients)
		files = append(files, source{fileName(base, "client"), clients})
	}
	codec := g.newFile()
	g.codecs(codec)
	files = append(files, source{fileName(base, "codec"), codec})
	if g.err != nil {
		return nil, fmt.Errorf("golang: %w", g.err)
	}
	out := make([]File, len(files))
	errs := make([]error, len(files))
	inParallel(len(files), func(i int) {
		out[i].Name = doc.Name + "/" + files[i].name
		out[i].Data, errs[i] = format(files[i])
	})
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return out, nil
}

// fileName returns the name of a file about name, in a package whose own file is
// called base.
func fileName(base, name string) string {
	if name == base {
		name += "s"
	}
	return name + ".go"
}

// A generator renders one document.
type generator struct {
	doc       *ir.Document
	inputs    ir.Inputs             // what is sent, where it is not what is received
	receiveds map[*ir.Decl]*ir.Decl // of what is sent, the declarations themselves
	recursion *recursion            // of how structs are laid out
	nesting   *recursion            // of values
	decls     map[string]*ir.Decl   // by their identifiers
	patterns  map[string]string     // pattern → the variable that holds it compiled
	order     []string              // the patterns, as the document mentions them
	home      string                // the import path of the document's package, "" within it
	spell     naming.Speller
	imports   map[string]bool   // the names of imports besides importNames
	custom    map[string]string // the packages of custom types and of other modules → their names
	modules   map[string]bool   // those of other modules
	variants  map[*ir.Decl]bool // the structs that a union writes its tag before
	pending   []*ir.Decl        // what has come to be used, and whose codec is to be rendered
	acks      []ack             // the acks that something reads
	layouts   map[*ir.Decl]layout
	large     map[*ir.Decl]bool // what isLarge found
	converted map[*ir.Decl]bool // whose function that makes what is sent of them is rendered
	used      map[string]bool   // the functions and variables of codecs that something refers to
	err       error             // the first thing that could not be rendered
}

func newGenerator(doc *ir.Document, inputs ir.Inputs) *generator {
	g := &generator{doc: doc, inputs: inputs, receiveds: map[*ir.Decl]*ir.Decl{}, recursion: newLayouts(), nesting: newNesting(), decls: map[string]*ir.Decl{}, variants: map[*ir.Decl]bool{}, patterns: map[string]string{}, used: map[string]bool{}, converted: map[*ir.Decl]bool{}, layouts: map[*ir.Decl]layout{}, large: map[*ir.Decl]bool{}, imports: map[string]bool{}, spell: naming.NewSpeller(doc.Initialisms)}
	g.findImports()
	for received, sent := range inputs {
		g.receiveds[sent] = received
	}
	for _, d := range doc.Decls {
		g.decls[d.Ident] = d
		for _, v := range d.Variants {
			g.variants[v.Of] = true
		}
	}
	return g
}

func (g *generator) fail(format string, args ...any) {
	if g.err == nil {
		g.err = fmt.Errorf(format, args...)
	}
}

func (g *generator) newFile() *jen.File {
	f := jen.NewFile(g.doc.Name)
	f.NoFormat = true
	g.nameImports(f)
	f.HeaderComment("// Code generated by sockgen from " + oneLine(g.doc.Source) + ". DO NOT EDIT.")
	return f
}

// typ returns the Go type of t.
func (g *generator) typ(t *ir.Type) *jen.Statement {
	bare := g.bare(t)
	if isNullable(t) {
		return jen.Qual(typedPath, "Null").Index(bare)
	}
	return bare
}

// isNullable tells whether t has null beside its values. Null is a value of any
// in its own right.
func isNullable(t *ir.Type) bool {
	return t.Nullable && (t.Kind != ir.ScalarType || t.Scalar != ir.Any)
}

// bare returns the Go type of t's values other than null.
func (g *generator) bare(t *ir.Type) *jen.Statement {
	switch t.Kind {
	case ir.ListType:
		return jen.Index().Add(g.typ(t.Elem))
	case ir.MapType:
		return jen.Map(jen.String()).Add(g.typ(t.Elem))
	case ir.RefType:
		return g.named(t.Ref.Ident)
	}
	switch t.Scalar {
	case ir.Bool, ir.Int32, ir.Uint32, ir.Int64, ir.Uint64, ir.Float32, ir.Float64, ir.String:
		return jen.Id(string(t.Scalar))
	case ir.Int:
		return jen.Int64()
	case ir.UUID:
		return jen.String()
	case ir.Bytes:
		return jen.Index().Byte()
	case ir.Timestamp:
		return jen.Qual("time", "Time")
	case ir.Duration:
		return jen.Qual("time", "Duration")
	case ir.Any:
		return jen.Qual("encoding/json", "RawMessage")
	}
	g.fail("unknown scalar %q", t.Scalar)
	return jen.Any()
}

// base returns the scalar type behind aliases, or t itself.
func base(t *ir.Type) *ir.Type {
	for t.Kind == ir.RefType && t.Ref.Kind == ir.Alias {
		t = t.Ref.Of
	}
	return t
}

// isStruct tells whether t is a struct and never null.
func isStruct(t *ir.Type) bool {
	return t.Kind == ir.RefType && t.Ref.Kind == ir.Struct && !t.Nullable
}

// A fieldForm is how a Go struct holds a field that may be absent or null.
type fieldForm int

const (
	plainForm       fieldForm = iota // T
	nilForm                          // a list, a map, bytes or any: nil when absent
	optForm                          // typed.Opt[T]
	nullForm                         // typed.Null[T]
	optNullForm                      // typed.Opt[typed.Null[T]]
	pointerForm                      // *T, nil when absent: T contains the struct, or is large
	nullPointerForm                  // *T, nil when null
	optPointerForm                   // typed.Opt[*T], nil when null
)

// formOf returns how owner holds f.
func (g *generator) formOf(owner *ir.Decl, f *ir.Field) fieldForm {
	nullable := isNullable(f.Type)
	inner := structOf(f.Type)
	apart := inner != nil && (f.Optional || nullable) && (g.recursion.contains(f.Type, owner) || g.isLarge(inner))
	switch {
	case apart && nullable && f.Optional && !g.fills(owner, f):
		return optPointerForm
	case apart && nullable:
		return nullPointerForm
	case apart:
		return pointerForm
	case f.Optional && nullable && !g.fills(owner, f):
		return optNullForm
	case nullable:
		return nullForm
	case g.fills(owner, f):
		return plainForm
	case f.Optional && isNilable(f.Type):
		return nilForm
	case f.Optional:
		return optForm
	}
	return plainForm
}

// isNilable tells whether the Go type of t has a nil that can stand for absent.
func isNilable(t *ir.Type) bool {
	b := base(t)
	switch b.Kind {
	case ir.ListType, ir.MapType:
		return true
	case ir.RefType:
		return b.Ref.Kind == ir.Union
	}
	return (b.Scalar == ir.Bytes || b.Scalar == ir.Any) && !isForeign(t)
}

// fieldType returns the Go type of a struct's field.
func (g *generator) fieldType(owner *ir.Decl, f *ir.Field) *jen.Statement {
	bare := g.bare(f.Type)
	switch g.formOf(owner, f) {
	case optForm:
		return jen.Qual(typedPath, "Opt").Index(bare)
	case optNullForm:
		return jen.Qual(typedPath, "Opt").Index(g.typ(f.Type))
	case nullForm:
		return g.typ(f.Type)
	case pointerForm, nullPointerForm:
		return jen.Op("*").Add(bare)
	case optPointerForm:
		return jen.Qual(typedPath, "Opt").Index(jen.Op("*").Add(bare))
	}
	return bare
}
