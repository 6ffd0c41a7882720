// SPDX-License-Identifier: Apache-2.0

package gen_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sockgen/sockgen/gen"
	"github.com/sockgen/sockgen/gen/diag"
)

// single is a schema of one namespace, whose identifiers carry no prefix.
const single = `sockgen: 1
info: { name: single }
types:
  Kind: { enum: [a, b] }
  Text: { struct: { body: bytes } }
  Content: { union: { tag: kind, open: true, of: { text: Text } } }
errors:
  gone: { message: gone, data: { kind: Kind } }
namespaces:
  "/x/{id: string}":
    auth: { token: string }
    data: { user: string }
    errors: { connect: [gone], every: [gone] }
    rooms: { room: "room:{id: string}" }
    client:
      post -> posted: { payload: { content: Content }, ack: { id: int } }
      old: { payload: string, ack: { type: int, plain: true } }
      move: { args: [int, bytes], volatile: true }
    server:
      posted: { payload: { n: int } }
      ask: { payload: { n: int }, ack: { yes: bool }, timeout: 1s }
    cluster: { evict: { payload: { n: int } } }
`

// No declared type can take a name that generated files declare or need: whoever
// adds such a name to an emitter adds it to the tables of package check.
func TestGeneratedNamesAreReserved(t *testing.T) {
	everything := tree(t, "testdata/everything")
	for _, files := range []map[string]string{everything, {"events.yaml": single}} {
		out, err := generateAll(files, "")
		if err != nil || diag.HasErrors(out.Diagnostics) {
			t.Fatal(err, diag.Render(out.Diagnostics))
		}
		for _, name := range topLevelNames(t, out.Files) {
			wrong := map[string]string{}
			for file, text := range files {
				wrong[file] = text
			}
			wrong["events.yaml"] = strings.Replace(files["events.yaml"], "types:\n", "types:\n  Probe: { scalar: int, name: "+name+" }\n", 1)
			if again, err := generateAll(wrong, ""); err != nil || !diag.HasErrors(again.Diagnostics) {
				t.Errorf("a type may be called %s, as something in generated files is: %v", name, err)
			}
		}
	}
}

// generateAll renders a schema of several files, of which events.yaml is the first,
// with packages for tests when there is a folder that imports name.
func generateAll(files map[string]string, folder string) (gen.Output, error) {
	return gen.Generate(gen.Input{File: "events.yaml", GoFolder: folder, Source: []byte(files["events.yaml"]), Read: func(name string) ([]byte, error) {
		return []byte(files[name]), nil
	}})
}

var typeScriptName = regexp.MustCompile(`(?m)^export (?:interface|type|const|function) ([A-Z]\w*)`)

// topLevelNames returns the names with an upper-case letter that Go files declare and
// TypeScript files export. Those of the schema never begin otherwise. What TypeScript
// keeps within its file gives way to the schema.
func topLevelNames(t *testing.T, files []gen.File) []string {
	t.Helper()
	var names []string
	for _, f := range files {
		if filepath.Ext(f.Name) != ".go" {
			for _, m := range typeScriptName.FindAllStringSubmatch(string(f.Data), -1) {
				names = append(names, m[1])
			}
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), f.Name, f.Data, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, decl := range parsed.Decls {
			names = append(names, declaredNames(decl)...)
		}
	}
	names = slices.DeleteFunc(names, func(n string) bool { return !token.IsExported(n) })
	slices.Sort(names)
	return slices.Compact(names)
}

func declaredNames(decl ast.Decl) []string {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil {
			return []string{d.Name.Name}
		}
	case *ast.GenDecl:
		var names []string
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.TypeSpec:
				names = append(names, s.Name.Name)
			case *ast.ValueSpec:
				for _, n := range s.Names {
					names = append(names, n.Name)
				}
			}
		}
		return names
	}
	return nil
}
