// SPDX-License-Identifier: Apache-2.0

package typescript

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sockgen/sockgen/gen/check"
	"github.com/sockgen/sockgen/gen/compat"
	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/internal/schematest"
	"github.com/sockgen/sockgen/gen/ir"
	"github.com/sockgen/sockgen/gen/schema"
)

var (
	randomDocuments = flag.Uint64("documents", 100, "how many random documents of long names the tools look at")
	randomSchemas   = flag.Uint64("schemas", 60, "how many random schemas of the whole language the tools look at")
)

// TestToolchain has prettier and the oldest and the newest compiler judge the
// modules of many random documents and schemas. The npm scripts format:check and
// types do so for the golden files.
func TestToolchain(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, tool := range []string{"prettier", "typescript", "typescript-5.0", "typescript-7.0", "socket.io-client"} {
		if _, err := os.Stat(filepath.Join(root, "node_modules", tool)); err != nil {
			t.Fatalf("the npm package %s is not installed: run \"npm ci\" at the top of the repository first, as \"make test\" does (%v)", tool, err)
		}
	}
	folder := moduleFolder(t, root)
	for seed := range *randomDocuments {
		name := fmt.Sprintf("random%d", seed)
		files, err := Render(randomDocument(name, seed), Options{})
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		write(t, filepath.Join(folder, name+".ts"), string(files[0].Data))
	}
	for seed := range *randomSchemas {
		doc := schemaDocument(t, fmt.Sprintf("schema%d.yaml", seed), schematest.Random(seed))
		doc.Name = fmt.Sprintf("schema%d", seed)
		opts := everyFile
		opts.Dates = seed%2 == 1
		files, err := Render(doc, opts)
		if err != nil {
			t.Fatalf("schema %d: %v", seed, err)
		}
		for _, f := range files {
			write(t, filepath.Join(folder, path.Base(f.Name)), string(f.Data))
		}
	}
	for form := range libraryForms {
		name := fmt.Sprintf("library%d", form)
		doc := schemaDocument(t, name+".yaml", librarySchema(t, root, form))
		doc.Name = name
		opts := everyFile
		opts.Dates = form%2 == 1
		files, err := Render(doc, opts)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, f := range files {
			write(t, filepath.Join(folder, path.Base(f.Name)), string(f.Data))
		}
		write(t, filepath.Join(folder, name+".use.ts"), libraryUse(name))
	}
	write(t, filepath.Join(folder, "tsconfig.json"), `{"extends": "../../tsconfig.json", "include": ["*.ts"]}`)
	write(t, filepath.Join(folder, "tsconfig.oldest.json"), `{"extends": "../../tsconfig.oldest.json", "include": ["*.ts"]}`)

	tools := map[string][]string{
		"prettier":       {"prettier/bin/prettier.cjs", "--no-config", "--ignore-path=", "--check", folder + "/*.ts"},
		"TypeScript 7.0": {"typescript-7.0/bin/tsc", "--pretty", "false", "--project", filepath.Join(folder, "tsconfig.json")},
		"TypeScript 5.0": {"typescript-5.0/bin/tsc", "--pretty", "false", "--project", filepath.Join(folder, "tsconfig.oldest.json")},
	}
	for name, arguments := range tools {
		t.Run(name, func(t *testing.T) {
			arguments[0] = filepath.Join(root, "node_modules", filepath.FromSlash(arguments[0]))
			command := exec.CommandContext(t.Context(), "node", arguments...)
			command.Dir = root
			if out, err := command.CombinedOutput(); err != nil {
				t.Errorf("%s refuses what Render gives for random documents: %v\n%s", name, err, out)
			}
		})
	}
}

// everyFile asks for all that Render can give.
var everyFile = Options{React: true, Vue: true, Svelte: true, Mock: true, Schemas: true}

// libraryForms are what a type of a name of TypeScript's library can be.
var libraryForms = []string{
	"{ struct: { x: string } }", "{ enum: [zz] }", "{ scalar: string, brand: true }", "{ map: int }", "{ union: { tag: zz, of: { y: Zz } } }", "{ struct: {} }",
}

var libraryName = regexp.MustCompile(`(?m)^(?:declare |export )*(?:interface|type|var|const|class|function|namespace) ([A-Z][A-Za-z0-9]*)\b`)

// librarySchema returns a schema with types of names that modules need for something
// else; that of the first form has all names of TypeScript's own library. The forms
// take turns, from first on.
func librarySchema(t *testing.T, root string, first int) string {
	t.Helper()
	names := append(slices.Clone(globalNames), "ManagerOptions", "SocketOptions", "SocketIO", "NoFunction", "TrailingOptional", "Manager")
	if first == 0 {
		names = append(names, libraryNames(t, root)...)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	var b strings.Builder
	b.WriteString("sockgen: 1\ntypes:\n  Zz: { struct: { z: bytes } }\n")
	for i, name := range names {
		form := libraryForms[(i+first)%len(libraryForms)]
		fmt.Fprintf(&b, "  T%d: { name: %s, %s\n", i, name, strings.TrimPrefix(form, "{ "))
	}
	b.WriteString("errors:\n  error: { name: ErrorOfMine, message: no, data: T1 }\n  promise: { message: no, name: PromiseError }\n")
	b.WriteString("namespaces:\n  \"/zz/{x: string}\":\n    name: Zz\n    auth: { z: string }\n    errors: { every: [error], connect: [promise] }\n    client:\n")
	b.WriteString("      every: { payload: { z: Zz, list: \"list<T9>\" }, ack: T2, errors: [promise] }\n      type: { ack: none }\n")
	b.WriteString("      plain: { args: [T3, T4], ack: { type: T5, plain: true } }\n    server:\n      some: { args: [T6, optional T7, optional T8] }\n")
	return b.String()
}

// libraryNames returns the names that TypeScript's own library declares.
func libraryNames(t *testing.T, root string) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(root, "node_modules/typescript/lib/lib.es*.d.ts"))
	if err != nil || len(files) < 40 {
		t.Fatalf("found %d files of TypeScript's library, err %v", len(files), err)
	}
	var names []string
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range libraryName.FindAllStringSubmatch(string(source), -1) {
			names = append(names, m[1])
		}
	}
	if len(names) < 100 {
		t.Fatalf("TypeScript's library has %d names only", len(names))
	}
	return names
}

// libraryUse returns a module that finds what another one exports under its own name.
func libraryUse(name string) string {
	return "import type { Error as Failure, Map as Chart } from \"./" + name + "\";\n\n" +
		"export type Found = [Failure, Chart];\n"
}

// schemaDocument is what gen.Generate would render.
func schemaDocument(t *testing.T, name, source string) *ir.Document {
	t.Helper()
	parsed, diags := schema.Load(name, []byte(source), nil)
	doc, more := check.Check(parsed)
	if diags = append(diags, more...); doc == nil {
		t.Fatalf("%s has errors:\n%s\n%s", name, diag.Render(diags), source)
	}
	compat.Stamp(doc, nil)
	return doc
}

// TestLinesPerEvent keeps modules short enough to be read.
func TestLinesPerEvent(t *testing.T) {
	doc := chatDocument()
	files, err := Render(doc, Options{})
	if err != nil {
		t.Fatal(err)
	}
	events := 0
	for _, ns := range doc.Namespaces {
		events += len(ns.Client) + len(ns.Server)
	}
	const most = 45
	if lines := strings.Count(string(files[0].Data), "\n"); lines > most*events {
		t.Errorf("%d lines for %d events, %d for each; want at most %d", lines, events, lines/events, most)
	} else {
		t.Logf("%d lines for %d events", lines, events)
	}
}

// moduleFolder makes a folder in the repository, where modules find its npm
// packages, and removes it after the test unless the test failed.
func moduleFolder(t *testing.T, root string) string {
	cache := filepath.Join(root, ".cache")
	if err := os.MkdirAll(cache, 0o777); err != nil {
		t.Fatal(err)
	}
	folder, err := os.MkdirTemp(cache, "typescript-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the modules remain in %s", folder)
			return
		}
		if err := os.RemoveAll(folder); err != nil {
			t.Error(err)
		}
	})
	return folder
}

func write(t *testing.T, file, data string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(data), 0o666); err != nil {
		t.Fatal(err)
	}
}
