// SPDX-License-Identifier: Apache-2.0

package golang

import (
	"errors"
	"fmt"
	"strings"

	"github.com/dave/jennifer/jen"

	"github.com/sockgen/sockgen/gen/ir"
)

// RenderClient returns the package of doc's Go clients: chatclient for a document called
// chat. A server does not import it, and so does not compile it. folder is the import path
// of the folder that doc's own package is in. It fails as Render does.
func RenderClient(doc *ir.Document, folder string) ([]File, error) {
	g, err := newBeside(doc, folder)
	if err != nil || len(doc.Namespaces) == 0 {
		return nil, err
	}
	name := g.clientName()
	clients, codec := g.newFileOf(name), g.newFileOf(name)
	clients.PackageComment("// Package " + name + " has the Go clients of package " + doc.Name + ". Services, tests and tools")
	clients.PackageComment("// speak to its server with them:")
	clients.PackageComment("//")
	for _, line := range g.example() {
		clients.PackageComment("//\t" + line)
	}
	g.client(clients)
	g.codecs(codec)
	return g.filesIn(name, source{g.fileBase() + "client.go", clients}, source{"codec.go", codec})
}

// RenderTest returns the package that tests of doc's users import: chattest for a
// document called chat. folder is as RenderClient has it. It fails as Render does.
func RenderTest(doc *ir.Document, folder string) ([]File, error) {
	g, err := newBeside(doc, folder)
	if err != nil {
		return nil, err
	}
	g.importBeside(g.clientPath(), g.clientName())
	name := doc.Name + "test"
	f := g.newFileOf(name)
	f.PackageComment("// Package " + name + " helps to test what uses package " + doc.Name + ": handlers made of functions, and")
	f.PackageComment("// a server with its clients in memory.")
	g.testPackage(f)
	return g.filesIn(name, source{g.fileBase() + "test.go", f})
}

// newBeside returns a generator of a package beside the document's own, which imports
// that one.
func newBeside(doc *ir.Document, folder string) (*generator, error) {
	g, err := prepare(doc)
	if err != nil {
		return nil, err
	}
	g.home = folder + "/" + doc.Name
	g.importBeside(g.home, doc.Name)
	return g, nil
}

// clientName returns the name of the package of the document's clients.
func (g *generator) clientName() string { return g.doc.Name + "client" }

// clientPath returns its import path.
func (g *generator) clientPath() string { return g.home + "/" + g.clientName() }

// fileBase returns what the names of files begin with: "_linux" and "_test" at a file's
// end mean something to Go.
func (g *generator) fileBase() string { return strings.ReplaceAll(g.doc.Name, "_", "") }

// A besideImport is what a package beside the document's own imports of the others.
type besideImport struct{ path, name, called string }

// importBeside lets files import the package at path, by its name if that is free.
func (g *generator) importBeside(path, name string) {
	called := name
	if localNames[name] || g.isImport(name) {
		called = g.importName(name)
	}
	g.imports[called] = true
	g.beside = append(g.beside, besideImport{path, name, called})
}

// named returns an identifier of the document's package.
func (g *generator) named(ident string) *jen.Statement {
	if g.home != "" {
		return jen.Qual(g.home, ident)
	}
	return jen.Id(ident)
}

// filesIn prints the files of a package called name.
func (g *generator) filesIn(name string, files ...source) ([]File, error) {
	if g.err != nil {
		return nil, fmt.Errorf("golang: %w", g.err)
	}
	folder := g.doc.Name + "/"
	if name != g.doc.Name {
		folder += name + "/"
	}
	out := make([]File, len(files))
	errs := make([]error, len(files))
	inParallel(len(files), func(i int) {
		out[i].Name = folder + files[i].name
		out[i].Data, errs[i] = format(files[i])
	})
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return out, nil
}
