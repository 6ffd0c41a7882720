// SPDX-License-Identifier: Apache-2.0

package golang

import (
	"bytes"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sockgen/sockgen/gen/ir"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var documents = []struct {
	name string
	doc  func() *ir.Document
}{
	{"echo", echo}, {"scalars", scalars}, {"match", match}, {"hostile", hostile}, {"values", values}, {"arena", arena},
}

// TestGolden compares what is rendered with testdata/<document>/, whose files
// are Go that TestCompiles builds and vets.
func TestGolden(t *testing.T) {
	for _, tt := range documents {
		t.Run(tt.name, func(t *testing.T) {
			files := render(t, tt.name, tt.doc())
			folder := filepath.Join("testdata", tt.name)
			if *update {
				write(t, folder, files)
			}
			for _, f := range files {
				want, err := os.ReadFile(filepath.Join(folder, filepath.FromSlash(f.Name)))
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(string(want), string(f.Data)); diff != "" {
					t.Errorf("%s (-golden +rendered; go test -update rewrites it):\n%s", f.Name, diff)
				}
			}
			if golden := goldenFiles(t, folder); len(golden) != len(files) {
				t.Errorf("golden files %q, but %d were rendered", golden, len(files))
			}
		})
	}
}

// render returns the packages of a document.
func render(t *testing.T, name string, doc *ir.Document) []File {
	t.Helper()
	files, err := Render(doc)
	if err != nil {
		t.Fatal(err)
	}
	for _, beside := range []func(*ir.Document, string) ([]File, error){RenderClient, RenderTest} {
		more, err := beside(doc, "github.com/sockgen/sockgen/gen/golang/testdata/"+name)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, more...)
	}
	return files
}

// goldenFiles returns the files of the golden packages, without their tests.
func goldenFiles(t *testing.T, folder string) []string {
	t.Helper()
	var files []string
	for _, pattern := range []string{"*/*.go", "*/*/*.go"} {
		found, err := filepath.Glob(filepath.Join(folder, filepath.FromSlash(pattern)))
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	return slices.DeleteFunc(files, func(name string) bool { return strings.HasSuffix(name, "_test.go") })
}

func write(t *testing.T, folder string, files []File) {
	t.Helper()
	for _, old := range goldenFiles(t, folder) {
		if err := os.Remove(old); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range files {
		path := filepath.Join(folder, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// TestCompiles builds and vets every golden package in one go, and runs the tests
// that are beside some of them.
func TestCompiles(t *testing.T) {
	var packages []string
	for _, tt := range documents {
		packages = append(packages, "./testdata/"+tt.name+"/"+tt.doc().Name+"/...")
	}
	for _, verb := range []string{"build", "vet", "test"} {
		if out, err := exec.Command("go", append([]string{verb}, packages...)...).CombinedOutput(); err != nil {
			t.Errorf("go %s: %v\n%s", verb, err, out)
		}
	}
}

// TestFormat holds the golden files to gofmt and to what gofumpt asks beyond it
// of such code.
func TestFormat(t *testing.T) {
	for _, tt := range documents {
		for _, f := range render(t, tt.name, tt.doc()) {
			cmd := exec.Command("gofmt", "-d", "-s")
			cmd.Stdin = bytes.NewReader(f.Data)
			if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
				t.Errorf("%s: gofmt -s: %v\n%s", f.Name, err, out)
			}
			for _, bad := range []string{"{\n\n", "\n\n}", "\n\n\n", "( \n"} {
				if i := bytes.Index(f.Data, []byte(bad)); i >= 0 {
					t.Errorf("%s: %q after %q", f.Name, bad, f.Data[max(0, i-60):i])
				}
			}
		}
	}
}

// TestDeterministic renders the same document again and again.
func TestDeterministic(t *testing.T) {
	for _, tt := range documents {
		first, err := Render(tt.doc())
		if err != nil {
			t.Fatal(err)
		}
		for range 20 {
			again, err := Render(tt.doc())
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(first, again) {
				t.Fatalf("%s: %s", tt.name, cmp.Diff(first, again))
			}
		}
	}
}

// TestNoEscape makes sure that no text of the hostile document became code: all
// that its files declare is in a list, and no comment is a directive.
func TestNoEscape(t *testing.T) {
	files, err := Render(hostile())
	if err != nil {
		t.Fatal(err)
	}
	imports := map[string]bool{
		`"context"`: true, `"github.com/sockgen/sockgen/runtime/typed"`: true, `"github.com/sockgen/sockgen/runtime/socketio"`: true,
		`"github.com/sockgen/sockgen/runtime/client"`: true, `"github.com/sockgen/sockgen/runtime/typedclient"`: true,
	}
	for _, f := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), f.Name, f.Data, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, spec := range parsed.Imports {
			if !imports[spec.Path.Value] {
				t.Errorf("%s imports %s", f.Name, spec.Path.Value)
			}
		}
		for _, group := range parsed.Comments {
			for _, c := range group.List {
				if !strings.HasPrefix(c.Text, "// ") && c.Text != "//" || strings.HasPrefix(c.Text, "// +build") {
					t.Errorf("%s: comment %q", f.Name, c.Text)
				}
			}
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && (id.Name == "secret" || id.Name == "ignore" || id.Name == "rm") {
				t.Errorf("%s: a text became the identifier %s", f.Name, id.Name)
			}
			return true
		})
	}
}

// TestBudget holds the API to 60 lines for each event: what an
// event adds to the files other than the codec.
func TestBudget(t *testing.T) {
	t.Run("match", func(t *testing.T) { budgets(t, match) })
	t.Run("arena", func(t *testing.T) { budgets(t, arena) })
}

func budgets(t *testing.T, document func() *ir.Document) {
	full := apiLines(t, document())
	doc := document()
	for i, ns := range doc.Namespaces {
		for j, e := range ns.Client {
			less := document()
			from := less.Namespaces[i]
			from.Client = append(from.Client[:j:j], from.Client[j+1:]...)
			budget(t, e, full-apiLines(t, less))
		}
		for j, e := range ns.Server {
			less := document()
			from := less.Namespaces[i]
			from.Server = append(from.Server[:j:j], from.Server[j+1:]...)
			budget(t, e, full-apiLines(t, less))
		}
	}
}

func budget(t *testing.T, e *ir.Event, lines int) {
	t.Helper()
	if lines < 5 || lines > 60 {
		t.Errorf("event %s takes %d lines of API; expected 5 to 60", e.Wire, lines)
	}
}

func apiLines(t *testing.T, doc *ir.Document) int {
	t.Helper()
	files, err := Render(doc)
	if err != nil {
		t.Fatal(err)
	}
	lines := 0
	for _, f := range files {
		if !strings.HasSuffix(f.Name, "/codec.go") {
			lines += bytes.Count(f.Data, []byte("\n"))
		}
	}
	return lines
}

// TestRefuses gives Render documents that package check would not make.
func TestRefuses(t *testing.T) {
	tests := []struct {
		name   string
		change func(doc *ir.Document)
		want   string
	}{
		{"package name", func(d *ir.Document) { d.Name = "../evil" }, "no package name"},
		{"type ident", func(d *ir.Document) { d.Decls[0].Ident = "X struct{}; func init() {}; type Y" }, "no exported identifier"},
		{"field ident", func(d *ir.Document) { d.Decls[4].Fields[0].Ident = "a b" }, "no exported identifier"},
		{"method and field", func(d *ir.Document) { d.Decls[4].Fields[0].Ident = "MarshalJSON" }, "a method of every struct"},
		{"two types", func(d *ir.Document) { d.Decls[1].Ident = "MatchID" }, "both called MatchID"},
		{"type and generated", func(d *ir.Document) { d.Decls[1].Ident = "MatchSocket" }, "both called MatchSocket"},
		{"event Connect", func(d *ir.Document) { d.Namespaces[1].Client[0].Ident = "Connect" }, "both called Connect"},
		{"two events", func(d *ir.Document) { d.Namespaces[1].Server[0].Ident = "Tick" }, "both called Tick"},
		{"event and a client's method", func(d *ir.Document) { d.Namespaces[1].Client[0].Ident = "Close" }, "both called Close"},
		{"event and a listener", func(d *ir.Document) { d.Namespaces[1].Client[0].Ident = "OnTick" }, "both called OnTick"},
		{"room ident", func(d *ir.Document) { d.Namespaces[1].Rooms[0].Ident = "in" }, "no exported identifier"},
		{"room of bytes", func(d *ir.Document) { d.Namespaces[1].Rooms[1].Parts[1].Type = scalar(ir.Bytes) }, "no name can contain"},
		{"acks without timeout", func(d *ir.Document) { d.Namespaces[1].Server[4].Timeout = 0 }, "need a timeout"},
		{"parameter of bytes", func(d *ir.Document) {
			d.Namespaces[0].Path, d.Namespaces[0].Parts = "/{a}", []*ir.NamePart{{Text: "/"}, {Wire: "a", Ident: "A", Type: scalar(ir.Bytes)}}
		}, "no name can contain"},
		{"parameter of floats", func(d *ir.Document) {
			d.Namespaces[0].Path, d.Namespaces[0].Parts = "/{a}", []*ir.NamePart{{Text: "/"}, {Wire: "a", Ident: "A", Type: scalar(ir.Float64)}}
		}, "no name can contain"},
		{"cluster event as a client event", func(d *ir.Document) {
			d.Namespaces[1].Client[0].Ident = "ClusterX"
			d.Namespaces[1].Cluster = []*ir.Event{{Wire: "x", Ident: "X"}}
		}, "both called ClusterX"},
		{"type and parameters", func(d *ir.Document) {
			d.Decls[1].Ident = "MainParams"
			d.Namespaces[0].Path, d.Namespaces[0].Parts = "/{a}", []*ir.NamePart{{Text: "/"}, {Wire: "a", Ident: "A", Type: scalar(ir.Int)}}
		}, "both called MainParams"},
		{"unknown scalar", func(d *ir.Document) { d.Decls[0].Of = scalar("decimal") }, "unknown scalar"},
		{"length of a number", func(d *ir.Document) {
			d.Decls[4].Fields[0].Type = with(scalar(ir.Int), ir.Constraint{Length: span("1", "2")})
		}, "has no length"},
		{"range of a string", func(d *ir.Document) {
			d.Decls[4].Fields[0].Type = with(scalar(ir.String), ir.Constraint{Range: span("1", "2")})
		}, "has no range"},
		{"pattern of a number", func(d *ir.Document) {
			d.Decls[4].Fields[0].Type = with(scalar(ir.Int), ir.Constraint{Pattern: "x"})
		}, "has no pattern"},
		{"range that is code", func(d *ir.Document) {
			d.Decls[4].Fields[0].Type = with(scalar(ir.Int), ir.Constraint{Range: span("1); panic(", "2")})
		}, "is no int"},
		{"fraction of an int", func(d *ir.Document) {
			d.Decls[4].Fields[0].Type = with(scalar(ir.Int), ir.Constraint{Range: span("1.5", "")})
		}, "is no int"},
		{"length that is code", func(d *ir.Document) {
			d.Decls[4].Fields[0].Type = with(scalar(ir.String), ir.Constraint{Length: span("x", "2")})
		}, "is no length"},
		{"pattern that RE2 refuses", func(d *ir.Document) {
			d.Decls[4].Fields[0].Type = with(scalar(ir.String), ir.Constraint{Pattern: "(?=x)"})
		}, "pattern"},
		{"result from an optional field", func(d *ir.Document) { d.Decls[6].Fields[0].Optional = true }, "may be missing"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			doc := match()
			tt.change(doc)
			if _, err := Render(doc); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Render: %v; want an error with %q", err, tt.want)
			}
		})
	}
}
