// SPDX-License-Identifier: Apache-2.0

package gen

import (
	"bytes"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/sockgen/sockgen/gen/compat"
	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/golang"
	"github.com/sockgen/sockgen/gen/ir"
	"github.com/sockgen/sockgen/gen/typescript"
)

// A File is one generated file.
type File struct {
	Name string // slash-separated, relative to the output folder: "chat/chat.go", "ts/chat.ts"
	Data []byte
}

// An Input is a schema.
type Input struct {
	File   string // its name, as diagnostics show it
	Source []byte

	// Read returns the text of a file that the schema imports, by its
	// slash-separated name relative to where File is named from; an error that is
	// fs.ErrNotExist says that there is none. Calls of one Generate do not overlap.
	// Nil stands for a folder without other files.
	Read func(name string) ([]byte, error)

	// GoFolder is the import path of the folder that the Go packages go to, such as
	// "example.com/app/generated". With it there are two packages beside each, which
	// import it: chatclient, its Go client, and chattest, for tests. Without it there are
	// none.
	GoFolder string

	// Initialisms are words that identifiers have in one case, such as "SDP", besides
	// those that Go's linters know.
	Initialisms []string

	// Shared are the files that other documents import, too: the types in them are in a
	// package and a module of their own, which GenerateShared renders.
	Shared []SharedFile

	Lock       *Lock             // what was released; nil when nothing was
	TypeScript TypeScriptOptions // which files there are besides the module itself
}

// TypeScriptOptions says which TypeScript files are written.
type TypeScriptOptions struct {
	React     bool   // <name>.react.ts: hooks
	Vue       bool   // <name>.vue.ts: composables
	Svelte    bool   // <name>.stores.ts: Svelte stores
	Mock      bool   // <name>.mock.ts: a socket and a server in memory, for tests
	Schemas   bool   // <name>.schemas.ts: validators
	Dates     bool   // timestamps are Dates, not texts
	Extension string // ends the imports of the module by these files: "", ".js" or ".ts"
}

// An Output is what a schema yields.
type Output struct {
	Files       []File            // sorted by name, none when a diagnostic is an error
	Diagnostics []diag.Diagnostic // sorted by place
	Imports     []Imported        // the files that the schema imports, directly or through others
}

// Generate renders a schema. The output is always the same for the same input.
// The error is not about the schema: it says that sockgen itself has failed. Calls
// may overlap.
func Generate(in Input) (Output, error) {
	u := understand(in)
	out := Output{Diagnostics: u.diags}
	if u.doc == nil {
		return out, nil
	}
	u.doc.Prune()
	if err := in.share(u.doc); err != nil {
		return out, err
	}
	compat.Stamp(u.doc, in.Lock.locked())
	out.Imports = importedBy(u)
	var err error
	out.Files, err = render(
		func() ([]golang.File, error) { return renderGo(u.doc, in.GoFolder) },
		func() ([]typescript.File, error) {
			return typescript.Render(u.doc, typescript.Options(in.TypeScript))
		})
	return out, err
}

// render returns the files of both emitters, sorted. They only read the document, and
// neither waits for the other.
func render(inGo func() ([]golang.File, error), inTypeScript func() ([]typescript.File, error)) ([]File, error) {
	var goFiles []golang.File
	var goErr error
	done := make(chan struct{})
	go func() {
		defer close(done)
		goFiles, goErr = guarded(inGo)
	}()
	tsFiles, tsErr := guarded(inTypeScript)
	<-done
	switch {
	case goErr != nil:
		return nil, fmt.Errorf("render Go: %w", goErr)
	case tsErr != nil:
		return nil, fmt.Errorf("render TypeScript: %w", tsErr)
	}
	var files []File
	for _, f := range goFiles {
		files = append(files, File(f))
	}
	for _, f := range tsFiles {
		files = append(files, File(f))
	}
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	return files, nil
}

// guarded returns a panic of f as an error: it says where an emitter is wrong, and
// leaves the other one alone.
func guarded[T any](f func() (T, error)) (result T, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%v\n\n%s", p, debug.Stack())
		}
	}()
	return f()
}

// renderGo renders the document's package and, where folder is known, those beside it: of
// the Go clients, and for tests.
func renderGo(doc *ir.Document, folder string) ([]golang.File, error) {
	files, err := golang.Render(doc)
	if err != nil || folder == "" {
		return files, err
	}
	clients, err := golang.RenderClient(doc, folder)
	if err != nil {
		return nil, err
	}
	tests, err := golang.RenderTest(doc, folder)
	return slices.Concat(files, clients, tests), err
}

// IsGenerated tells whether sockgen wrote a file: whether a line says so above which
// there are only comments, such as a licence.
func IsGenerated(data []byte) bool {
	_, ok := AboveHeader(data)
	return ok
}

// AboveHeader returns what stands above the line by which sockgen marks what it wrote,
// which is comments and empty lines, and whether there is such a line.
func AboveHeader(data []byte) (above []byte, ok bool) {
	inComment := false
	at := 0
	for line := range bytes.Lines(data) {
		text := bytes.TrimSpace(line)
		switch {
		case !inComment && isHeader(bytes.TrimRight(line, "\r\n")):
			return data[:at], true
		case inComment || bytes.HasPrefix(text, []byte("/*")):
			_, behind, closed := bytes.Cut(text, []byte("*/"))
			if inComment = !closed; len(bytes.TrimSpace(behind)) > 0 {
				return nil, false
			}
		case len(text) > 0 && !bytes.HasPrefix(text, []byte("//")):
			return nil, false
		}
		at += len(line)
	}
	return nil, false
}

func isHeader(line []byte) bool {
	return bytes.HasPrefix(line, []byte("// Code generated by sockgen from ")) && bytes.HasSuffix(line, []byte(". DO NOT EDIT."))
}
