// SPDX-License-Identifier: Apache-2.0

package gen

import (
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sockgen/sockgen/gen/check"
	"github.com/sockgen/sockgen/gen/golang"
	"github.com/sockgen/sockgen/gen/ir"
	"github.com/sockgen/sockgen/gen/schema"
	"github.com/sockgen/sockgen/gen/typescript"
)

// A SharedFile is an imported file whose types several documents have in common.
type SharedFile struct {
	File       string // its name, as Imported has it
	Go         bool   // there is one Go package of its types, in Input.GoFolder
	TypeScript bool   // there is one TypeScript module of them, beside those of the documents
}

// An Imported is a file that a schema imports, with the types in it that generated code
// needs, by their identifiers.
type Imported struct {
	File       string
	Go         []string
	TypeScript []string // fewer: what clients never see is not among them
}

// ImportsOf returns the names of the files that a schema imports, directly or through
// others.
func ImportsOf(in Input) []string {
	written, _ := schema.Load(in.File, in.Source, in.Read)
	var names []string
	for _, d := range written.Imports {
		names = append(names, d.File)
	}
	return names
}

// SharedName returns what the package and the module of an imported file are called: by
// the file's name.
func SharedName(file string) (string, error) {
	base := path.Base(filepath.ToSlash(file))
	name, problem := check.PackageName(strings.TrimSuffix(base, path.Ext(base)))
	if problem != "" {
		return "", fmt.Errorf("several documents have the types of %s, whose name cannot name their package, since %s: give the file another name", file, problem)
	}
	return name, nil
}

// share notes which declarations of doc have a package and a module apart.
func (in Input) share(doc *ir.Document) error {
	modules := map[string]*ir.Module{}
	for _, s := range in.Shared {
		name, err := SharedName(s.File)
		if err != nil {
			return err
		}
		m := &ir.Module{Name: name, TypeScript: s.TypeScript}
		if s.Go && in.GoFolder != "" {
			m.GoPath = path.Join(in.GoFolder, name)
		}
		modules[s.File] = m
	}
	for _, d := range doc.Decls {
		d.Module = modules[d.File]
	}
	return nil
}

// importedBy returns what a schema needs of the files that it imports.
func importedBy(u understood) []Imported {
	var all []Imported
	for _, file := range u.written.Imports {
		i := Imported{File: file.File}
		for _, d := range u.doc.Decls {
			if d.File == file.File {
				i.Go = append(i.Go, d.Ident)
			}
		}
		for _, d := range typescript.Visible(u.doc) {
			if d.File == file.File {
				i.TypeScript = append(i.TypeScript, d.Ident)
			}
		}
		all = append(all, i)
	}
	return all
}

// GenerateShared renders the types of one file, which in imports as the documents that
// share it do. Uses are those that they need, all documents together; nothing is rendered
// of a language of which they need none.
func GenerateShared(in Input, file SharedFile, uses Imported) (Output, error) {
	u := understand(in)
	out := Output{Diagnostics: u.diags}
	if u.doc == nil {
		return out, nil
	}
	err := in.share(u.doc)
	if err != nil {
		return out, err
	}
	name, err := SharedName(file.File)
	if err != nil {
		return out, err
	}
	part := func(is bool, idents []string) *ir.Document {
		doc := &ir.Document{Name: name, Source: path.Base(file.File), Initialisms: u.doc.Initialisms}
		if is {
			doc.Decls = declsOf(u.doc, file.File, idents)
		}
		return doc
	}
	inGo, inTypeScript := part(file.Go, uses.Go), part(file.TypeScript, uses.TypeScript)
	out.Files, err = render(
		func() ([]golang.File, error) {
			if len(inGo.Decls) == 0 {
				return nil, nil
			}
			return golang.Render(inGo)
		},
		func() ([]typescript.File, error) {
			if len(inTypeScript.Decls) == 0 {
				return nil, nil
			}
			return typescript.Render(inTypeScript, typescript.Options{Extension: in.TypeScript.Extension, Dates: in.TypeScript.Dates})
		})
	return out, err
}

// declsOf returns the types of one imported file that have the identifiers, as those of a
// document of their own, which has them itself. Behind them stand those that they are made
// of and that other files have.
func declsOf(doc *ir.Document, file string, idents []string) []*ir.Decl {
	wanted := map[string]bool{}
	for _, d := range doc.Decls {
		if d.File == file {
			d.Module = nil
			wanted[d.Ident] = slices.Contains(idents, d.Ident)
		}
	}
	return doc.Closure(wanted)
}
