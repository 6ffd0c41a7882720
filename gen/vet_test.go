// SPDX-License-Identifier: Apache-2.0

package gen_test

import (
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/checker"
	"golang.org/x/tools/go/analysis/passes/appends"
	"golang.org/x/tools/go/analysis/passes/assign"
	"golang.org/x/tools/go/analysis/passes/atomic"
	"golang.org/x/tools/go/analysis/passes/bools"
	"golang.org/x/tools/go/analysis/passes/buildtag"
	"golang.org/x/tools/go/analysis/passes/composite"
	"golang.org/x/tools/go/analysis/passes/copylock"
	"golang.org/x/tools/go/analysis/passes/defers"
	"golang.org/x/tools/go/analysis/passes/directive"
	"golang.org/x/tools/go/analysis/passes/errorsas"
	"golang.org/x/tools/go/analysis/passes/httpresponse"
	"golang.org/x/tools/go/analysis/passes/ifaceassert"
	"golang.org/x/tools/go/analysis/passes/loopclosure"
	"golang.org/x/tools/go/analysis/passes/lostcancel"
	"golang.org/x/tools/go/analysis/passes/nilfunc"
	"golang.org/x/tools/go/analysis/passes/printf"
	"golang.org/x/tools/go/analysis/passes/shift"
	"golang.org/x/tools/go/analysis/passes/sigchanyzer"
	"golang.org/x/tools/go/analysis/passes/stdmethods"
	"golang.org/x/tools/go/analysis/passes/stringintconv"
	"golang.org/x/tools/go/analysis/passes/structtag"
	"golang.org/x/tools/go/analysis/passes/testinggoroutine"
	"golang.org/x/tools/go/analysis/passes/tests"
	"golang.org/x/tools/go/analysis/passes/timeformat"
	"golang.org/x/tools/go/analysis/passes/unmarshal"
	"golang.org/x/tools/go/analysis/passes/unreachable"
	"golang.org/x/tools/go/analysis/passes/unsafeptr"
	"golang.org/x/tools/go/analysis/passes/unusedresult"
	"golang.org/x/tools/go/analysis/passes/waitgroup"
	"golang.org/x/tools/go/packages"

	"github.com/sockgen/sockgen/gen"
)

// analyzers are those of go vet, without the ones for assembly and cgo.
var analyzers = []*analysis.Analyzer{
	appends.Analyzer, assign.Analyzer, atomic.Analyzer, bools.Analyzer, buildtag.Analyzer, composite.Analyzer, copylock.Analyzer,
	defers.Analyzer, directive.Analyzer, errorsas.Analyzer, httpresponse.Analyzer, ifaceassert.Analyzer, loopclosure.Analyzer,
	lostcancel.Analyzer, nilfunc.Analyzer, printf.Analyzer, shift.Analyzer, sigchanyzer.Analyzer, stdmethods.Analyzer,
	stringintconv.Analyzer, structtag.Analyzer, testinggoroutine.Analyzer, tests.Analyzer, timeformat.Analyzer, unmarshal.Analyzer,
	unreachable.Analyzer, unsafeptr.Analyzer, unusedresult.Analyzer, waitgroup.Analyzer,
}

// folder is the import path of what tests generate.
const folder = "example.com/random"

// A vetter type-checks and vets generated packages. One process does so within
// milliseconds for each, where the go command takes seconds.
type vetter struct {
	fset    *token.FileSet
	imports types.Importer
}

// newVetter returns a vetter for one goroutine. What it has read stays in memory
// as long as it does.
func newVetter(t testing.TB) *vetter {
	t.Helper()
	exported, err := exports()
	if err != nil {
		t.Fatal(err)
	}
	fset := token.NewFileSet()
	return &vetter{fset, importer.ForCompiler(fset, "gc", func(path string) (io.ReadCloser, error) {
		if exported[path] == "" {
			return nil, fmt.Errorf("nothing that the runtime imports is called %q", path)
		}
		return os.Open(exported[path])
	})}
}

// exports returns, by import path, the files of the build cache that tell what the
// packages export which generated code imports, as the compiler wrote them.
var exports = sync.OnceValues(func() (map[string]string, error) {
	command := exec.Command("go", "list", "-export", "-deps", "-f", "{{.ImportPath}}={{.Export}}", "./runtime/typed", "./runtime/typedclient", "./runtime/typedtest")
	command.Dir, command.Stderr = "..", os.Stderr
	out, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	files := map[string]string{}
	for line := range strings.Lines(string(out)) {
		name, file, _ := strings.Cut(strings.TrimSpace(line), "=")
		files[name] = file
	}
	return files, nil
})

// vet type-checks the Go among files, packages that may import each other, and returns
// what go vet would say.
func (v *vetter) vet(files []gen.File) error {
	parsed := map[string][]*ast.File{} // by package folder
	for _, f := range files {
		if filepath.Ext(f.Name) != ".go" {
			continue
		}
		file, err := parser.ParseFile(v.fset, f.Name, f.Data, parser.SkipObjectResolution|parser.ParseComments)
		if err != nil {
			return err
		}
		parsed[path.Dir(f.Name)] = append(parsed[path.Dir(f.Name)], file)
	}
	known := &generatedPackages{v, parsed, map[string]*packages.Package{}}
	for _, dir := range slices.Sorted(maps.Keys(parsed)) {
		if _, err := known.Import(path.Join(folder, dir)); err != nil {
			return err
		}
	}
	return findings(slices.Collect(maps.Values(known.checked)))
}

// check type-checks one package.
func (v *vetter) check(name string, files []*ast.File, imports types.Importer) (*packages.Package, error) {
	info := &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Instances: map[*ast.Ident]types.Instance{}, Defs: map[*ast.Ident]types.Object{},
		Uses: map[*ast.Ident]types.Object{}, Implicits: map[ast.Node]types.Object{}, Selections: map[*ast.SelectorExpr]*types.Selection{},
		Scopes: map[ast.Node]*types.Scope{}, FileVersions: map[*ast.File]string{},
	}
	sizes := types.SizesFor("gc", runtime.GOARCH)
	config := types.Config{Importer: imports, GoVersion: "go1.26", Sizes: sizes}
	pkg, err := config.Check(name, v.fset, files, info)
	if err != nil {
		return nil, err
	}
	if err := hiding(pkg.Scope(), nil); err != nil {
		return nil, err
	}
	return &packages.Package{ID: name, Name: pkg.Name(), PkgPath: name, Fset: v.fset, Syntax: files, Types: pkg, TypesInfo: info, TypesSizes: sizes}, nil
}

// hiding reports names within functions that hide an import of their file.
func hiding(scope *types.Scope, imports map[string]bool) error {
	var all []error
	for i := range scope.NumChildren() {
		child := scope.Child(i)
		within := imports
		if imports == nil { // child is a file's
			within = map[string]bool{}
			for _, name := range child.Names() {
				within[name] = true
			}
		} else {
			for _, name := range child.Names() {
				if imports[name] {
					all = append(all, fmt.Errorf("%s hides an import", child.Lookup(name)))
				}
			}
		}
		all = append(all, hiding(child, within))
	}
	return errors.Join(all...)
}

// findings returns what the analyzers have to say.
func findings(checked []*packages.Package) error {
	graph, err := checker.Analyze(analyzers, checked, &checker.Options{Sequential: true})
	if err != nil {
		return err
	}
	var all []error
	for _, action := range graph.Roots {
		if action.Err != nil {
			all = append(all, fmt.Errorf("%s: %w", action, action.Err))
		}
		for _, d := range action.Diagnostics {
			all = append(all, fmt.Errorf("%s: %s: %s", action.Package.Fset.Position(d.Pos), action.Analyzer.Name, d.Message))
		}
	}
	return errors.Join(all...)
}

// A generatedPackages type-checks packages when others import them, each once.
type generatedPackages struct {
	vetter  *vetter
	parsed  map[string][]*ast.File // by folder
	checked map[string]*packages.Package
}

func (g *generatedPackages) Import(name string) (*types.Package, error) {
	if p := g.checked[name]; p != nil {
		return p.Types, nil
	}
	dir, ours := strings.CutPrefix(name, folder+"/")
	if !ours {
		return g.vetter.imports.Import(name)
	}
	p, err := g.vetter.check(name, g.parsed[dir], g)
	if err != nil {
		return nil, err
	}
	g.checked[name] = p
	return p.Types, nil
}

// A document may be called what generated functions call their variables, and what
// generated files import: nothing hides an import, and everything compiles.
func TestNoNameHidesAnImport(t *testing.T) {
	v := newVetter(t)
	names := map[string]bool{"typed": true, "socketio": true, "typedclient": true, "typedtest": true, "client": true, "context": true, "testing": true, "json": true, "time": true, "strconv": true, "iter": true}
	render := func(name string) []gen.File {
		out, err := generateAll(map[string]string{"events.yaml": strings.Replace(single, "name: single", "name: "+name, 1)}, folder)
		if err != nil || len(out.Files) == 0 {
			t.Fatalf("%s: %v %v", name, err, out.Diagnostics)
		}
		if err := v.vet(out.Files); err != nil {
			t.Errorf("a document called %s: %v", name, err)
		}
		return out.Files
	}
	for _, f := range render("single") {
		if filepath.Ext(f.Name) != ".go" {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), f.Name, f.Data, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && id.Obj != nil && id.Obj.Kind == ast.Var && !id.IsExported() && strings.ToLower(id.Name) == id.Name && id.Name != "_" {
				names[id.Name] = true
			}
			return true
		})
	}
	for _, name := range []string{"ctx", "params", "opts", "auth", "s"} {
		if !names[name] {
			t.Errorf("nothing in generated functions is called %s any more", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		render(name)
	}
}

// A vetter sees what the compiler and go vet see.
func TestVetter(t *testing.T) {
	for name, body := range map[string]string{
		"unused variable": "func f() { x := 1 }",
		"wrong type":      "func f() int { return typed.NoLimit + \"\" }",
		"vet":             "func f() { fmt.Printf(\"%d\", \"x\") }",
		"hidden import":   "func f(fmt string) { _ = fmt }",
		"struct tag":      "type T struct { A int `json: \"a\"` }",
	} {
		source := "package p\n\nimport (\n\t\"fmt\"\n\n\t\"github.com/sockgen/sockgen/runtime/typed\"\n)\n\nvar _ = fmt.Sprint(typed.NoLimit)\n\n"
		if err := newVetter(t).vet([]gen.File{{Name: "p/p.go", Data: []byte(source)}}); err != nil {
			t.Fatal(err)
		}
		if err := newVetter(t).vet([]gen.File{{Name: "p/p.go", Data: []byte(source + body)}}); err == nil {
			t.Errorf("%s: nothing was found in %s", name, body)
		}
	}
}
