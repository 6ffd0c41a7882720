// SPDX-License-Identifier: Apache-2.0

package sockgen_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/sockgen/sockgen"

// mayImport says, for each package, what it may import besides the standard
// library. A name that ends in "/…" stands for everything below a folder. The
// generator and the runtime meet only in generated/, and in the tools that know a
// schema once they run.
var mayImport = map[string][]string{
	"cmd/sockgen":                          {"gen", "gen/diag", "internal/call", "internal/dev", "internal/mock", "internal/scaffold", "golang.org/x/mod/module", "github.com/spf13/cobra", "github.com/spf13/pflag", "github.com/fsnotify/fsnotify"},
	"internal/counts":                      {},                                                                                              // what tests have tried, for make test
	"internal/call":                        {"gen/ir", "gen/diag", "gen/dynamic", "runtime/client", "runtime/siowire", "golang.org/x/term"}, // what sockgen call does
	"internal/dev":                         {},                                                                                              // runs the programs of a project for sockgen dev
	"internal/mock":                        {"gen/ir", "gen/diag", "gen/dynamic", "gen/schema", "runtime/socketio"},                         // what sockgen mock does
	"gen/dynamic":                          {"gen/ir"},
	"internal/scaffold":                    {"golang.org/x/mod/module"}, // what sockgen init writes
	"internal/scaffold/app":                {"internal/scaffold/app/generated/chat", "runtime/socketio"},
	"internal/scaffold/app/generated/chat": {"runtime/typed", "runtime/socketio"},
	"internal/scaffold/app/generated/chat/chatclient": {"internal/scaffold/app/generated/chat", "runtime/typed", "runtime/client", "runtime/typedclient"},
	"internal/scaffold/app/generated/chat/chattest":   {"internal/scaffold/app/generated/chat", "internal/scaffold/app/generated/chat/chatclient", "runtime/typed", "runtime/socketio", "runtime/client", "runtime/typedclient", "runtime/typedtest"},
	"gen":                         {"gen/…"},
	"gen/diag":                    {},
	"gen/schema":                  {"gen/diag", "gopkg.in/yaml.v3"},
	"gen/ir":                      {},
	"gen/language":                {},
	"gen/ir/irtest":               {"gen/ir"}, // payloads of a type, for tests
	"gen/naming":                  {},
	"gen/internal/schematest":     {"gen/naming"},                                                     // random schemas, for tests
	"gen/internal/payloads":       {"gen/check", "gen/diag", "gen/ir", "gen/ir/irtest", "gen/schema"}, // a command of the test of agreement
	"gen/compat":                  {"gen/ir"},
	"gen/lint":                    {"gen/schema", "gen/ir", "gen/naming", "gen/diag"},
	"gen/check":                   {"gen/schema", "gen/ir", "gen/language", "gen/naming", "gen/diag", "golang.org/x/mod/module"},
	"gen/golang":                  {"gen/ir", "gen/naming", "github.com/dave/jennifer/jen", "golang.org/x/tools/imports"},
	"gen/typescript":              {"gen/ir", "gen/naming"},
	"runtime/eiowire":             {},
	"runtime/siowire":             {"runtime/internal/seam"},
	"runtime/engineio":            {"runtime/eiowire", "runtime/internal/quiet", "runtime/internal/guard", "github.com/gorilla/websocket"},
	"runtime/adapter":             {"runtime/siowire"},
	"runtime/adapter/adaptertest": {"runtime/adapter", "runtime/siowire"},
	"runtime/socketio":            {"runtime/engineio", "runtime/siowire", "runtime/adapter", "runtime/internal/forward", "runtime/internal/quiet", "runtime/internal/guard", "runtime/internal/seam"},
	"runtime/conformance":         {"runtime/adapter", "runtime/engineio", "runtime/siowire", "runtime/socketio"},
	"runtime/conformance/server":  {"runtime/adapter/cluster/clustertest", "runtime/conformance", "runtime/socketio"},
	"runtime/conformance/routers": {}, // a module of its own, whose tests alone import routers
	"runtime/conformance/soak":    {}, // tests alone
	"runtime/typed":               {"runtime/socketio", "runtime/siowire", "runtime/internal/guard", "runtime/internal/seam"},
	"runtime/client":              {"runtime/eiowire", "runtime/siowire", "runtime/internal/guard", "runtime/internal/seam", "github.com/gorilla/websocket"},
	"runtime/internal/memnet":     {}, // an in-memory network, for tests
	"runtime/internal/quiet":      {}, // log lines that may repeat
	"runtime/internal/guard":      {"runtime/internal/quiet"},
	"runtime/internal/seam":       {}, // what only generated code needs, from one package of the runtime to another
	"runtime/internal/guardtest":  {}, // finds where a package calls the application, for tests
	"runtime/typedclient":         {"runtime/typed", "runtime/client", "runtime/siowire", "runtime/internal/seam"},
	"runtime/typedtest":           {"runtime/socketio", "runtime/client", "runtime/internal/memnet"},
	"generated/chat":              {"runtime/typed", "runtime/socketio"},
	"generated/chat/chatclient":   {"generated/chat", "runtime/typed", "runtime/client", "runtime/typedclient"},
	"generated/chat/chattest":     {"generated/chat", "generated/chat/chatclient", "runtime/typed", "runtime/socketio", "runtime/client", "runtime/typedclient", "runtime/typedtest"},
	"generated/game":              {"runtime/typed", "runtime/socketio"},
	"generated/game/gameclient":   {"generated/game", "runtime/typed", "runtime/client", "runtime/typedclient"},
	"generated/game/gametest":     {"generated/game", "generated/game/gameclient", "runtime/typed", "runtime/socketio", "runtime/client", "runtime/typedclient", "runtime/typedtest"},
	"generated/live":              {"runtime/typed", "runtime/socketio"},
	"generated/live/liveclient":   {"generated/live", "runtime/typed", "runtime/client", "runtime/typedclient"},
	"generated/live/livetest":     {"generated/live", "generated/live/liveclient", "runtime/typed", "runtime/socketio", "runtime/client", "runtime/typedclient", "runtime/typedtest"},
	"generated/bench":             {"runtime/typed", "runtime/socketio"},
	"generated/bench/benchclient": {"generated/bench", "runtime/typed", "runtime/client", "runtime/typedclient"},
	"generated/bench/benchtest":   {"generated/bench", "generated/bench/benchclient", "runtime/typed", "runtime/socketio", "runtime/client", "runtime/typedclient", "runtime/typedtest"},
	"example":                     {"runtime/socketio", "example/app"},
	"example/app":                 {"generated/chat", "runtime/socketio", "example/page", "example/site"},
	"example/page":                {"example/site"},
	"example/cluster":             {"example/app", "example/cluster/stack", "generated/chat", "runtime/adapter", "runtime/adapter/redisadapter", "runtime/socketio", "github.com/redis/go-redis/v9"}, // a module of its own
	"example/cluster/stack":       {},                                                                                                                                                                // starts Redis and nginx
	"example/cluster/up":          {"example/cluster/stack"},                                                                                                                                         // make cluster
	"example/bench":               {"generated/bench", "runtime/socketio", "github.com/gorilla/websocket", "golang.org/x/sys/unix"},
	"example/game":                {"generated/game", "runtime/socketio", "example/game/arena", "example/site"},
	"example/game/arena":          {"generated/game", "runtime/typed"},
	"example/live":                {"generated/live", "runtime/socketio", "runtime/typed", "example/site"},
	"example/site":                {}, // serves the examples' pages

	"runtime/internal/forward":            {"runtime/adapter", "runtime/siowire", "runtime/internal/quiet", "runtime/internal/guard"}, // passes requests on to the node that holds their session
	"runtime/internal/msgpack":            {"runtime/siowire"},
	"runtime/adapter/cluster":             {"runtime/adapter", "runtime/adapter/cluster/wire", "runtime/siowire", "runtime/internal/quiet", "runtime/internal/guard"},
	"runtime/adapter/cluster/clustertest": {"runtime/adapter", "runtime/adapter/cluster", "runtime/adapter/cluster/wire"},                                                                                    // a bus in memory, for tests
	"runtime/adapter/redisadapter":        {"runtime/adapter", "runtime/adapter/cluster", "runtime/adapter/cluster/wire", "github.com/redis/go-redis/v9", "github.com/redis/go-redis/v9/maintnotifications"}, // a module of its own
	"runtime/adapter/cluster/wire":        {"runtime/adapter", "runtime/siowire", "runtime/internal/msgpack", "runtime/internal/seam"},
	"runtime/adapter/emitter":             {"runtime/adapter", "runtime/siowire", "runtime/adapter/cluster/wire"},
}

func TestPackagesImportOnlyWhatTheyMay(t *testing.T) {
	for dir, imports := range packages(t) {
		allowed, known := mayImport[dir]
		if !known {
			t.Errorf("package %s is not in the table of this test: add it, with what it may import", dir)
			continue
		}
		for file, paths := range imports {
			for _, imported := range paths {
				if !isAllowed(imported, allowed) {
					t.Errorf("%s: %s may not import %s", file, dir, imported)
				}
			}
		}
	}
}

func TestTheImportTableNamesOnlyPackagesThatExist(t *testing.T) {
	found := packages(t)
	for dir := range mayImport {
		if _, ok := found[dir]; !ok {
			t.Errorf("the table names package %s, which has no Go file", dir)
		}
	}
}

// Every goroutine of the runtime and of the example has an owner that waits for it,
// so their tests end with goleak.
func TestPackagesWithGoroutinesHaveGoleak(t *testing.T) {
	tested, checked := map[string]bool{}, map[string]bool{}
	for _, root := range []string{"runtime", "example"} {
		walkGo(t, root, func(name string) error {
			if !strings.HasSuffix(name, "_test.go") {
				return nil
			}
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			dir := path.Dir(filepath.ToSlash(name))
			tested[dir] = true
			if declaresTestMain(file) && importsGoleak(file) {
				checked[dir] = true
			}
			return nil
		})
	}
	if len(tested) < 5 {
		t.Fatalf("found tests in %d packages only", len(tested))
	}
	for dir := range tested {
		if !checked[dir] {
			t.Errorf("the tests of %s do not end with goleak: add func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }", dir)
		}
	}
}

func declaresTestMain(file *ast.File) bool {
	return slices.ContainsFunc(file.Decls, func(d ast.Decl) bool {
		f, ok := d.(*ast.FuncDecl)
		return ok && f.Recv == nil && f.Name.Name == "TestMain"
	})
}

// importsGoleak stands for a call, without which the import does not compile.
func importsGoleak(file *ast.File) bool {
	return slices.ContainsFunc(file.Imports, func(i *ast.ImportSpec) bool { return i.Path.Value == `"go.uber.org/goleak"` })
}

// packages returns, by package folder and file, what every Go file that is not
// a test imports.
func packages(t *testing.T) map[string]map[string][]string {
	t.Helper()
	found := map[string]map[string][]string{}
	walkGo(t, ".", func(name string) error {
		if strings.HasSuffix(name, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		dir := path.Dir(filepath.ToSlash(name))
		if found[dir] == nil {
			found[dir] = map[string][]string{}
		}
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			found[dir][name] = append(found[dir][name], imported)
		}
		return nil
	})
	return found
}

// walkGo calls f with each Go file below root that is ours.
func walkGo(t *testing.T, root string, f func(name string) error) {
	t.Helper()
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			skip := name != "." && (strings.HasPrefix(entry.Name(), ".") || slices.Contains([]string{"testdata", "node_modules"}, entry.Name()))
			if skip {
				return fs.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		return f(name)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// isAllowed reports whether imported is the standard library's or is named by
// allowed.
func isAllowed(imported string, allowed []string) bool {
	inside, ours := strings.CutPrefix(imported, module+"/")
	if first, _, _ := strings.Cut(imported, "/"); !ours && !strings.Contains(first, ".") {
		return true
	}
	for _, name := range allowed {
		folder, below := strings.CutSuffix(name, "/…")
		switch {
		case ours && below && strings.HasPrefix(inside, folder+"/"),
			ours && inside == name,
			!ours && imported == name:
			return true
		}
	}
	return false
}

// What only generated code needs goes through runtime/internal/seam. So no exported
// function of what users import takes or returns encoded arguments, or a type that
// they cannot import, and the names that once were exported are not.
func TestWhatGeneratedCodeNeedsIsNotExported(t *testing.T) {
	gone := strings.Fields("Recycle Bind Bound EmitEncoded CallEncoded AnswersEncoded AckEncoded TimeoutOr OfFamily WithChild Clock Guard MaxPayload Reserve Pad")
	for _, dir := range []string{"runtime/siowire", "runtime/socketio", "runtime/client"} {
		seen := 0
		walkGo(t, dir, func(name string) error {
			if strings.HasSuffix(name, "_test.go") {
				return nil
			}
			file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			for _, d := range file.Decls {
				f, ok := d.(*ast.FuncDecl)
				if !ok || !f.Name.IsExported() {
					continue
				}
				seen++
				if f.Recv != nil && slices.Contains(gone, f.Name.Name) {
					t.Errorf("%s: %s is for generated code alone: offer it in seam.go", name, f.Name.Name)
				}
				if found := hiddenIn(file, f.Type); found != "" {
					t.Errorf("%s: %s shows %s to users: offer it in seam.go", name, f.Name.Name, found)
				}
			}
			return nil
		})
		if seen < 10 {
			t.Errorf("%s: found %d exported functions only", dir, seen)
		}
	}
}

// hiddenIn returns the type of a signature that users shall not meet, "" if there is none.
func hiddenIn(file *ast.File, signature *ast.FuncType) (found string) {
	ast.Inspect(signature, func(n ast.Node) bool {
		of, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		pkg := of.X.(*ast.Ident).Name
		internal := slices.ContainsFunc(file.Imports, func(i *ast.ImportSpec) bool {
			return strings.HasSuffix(i.Path.Value, "/internal/"+pkg+`"`)
		})
		if internal || pkg == "siowire" && of.Sel.Name == "Encoder" {
			found = pkg + "." + of.Sel.Name
		}
		return true
	})
	return found
}
