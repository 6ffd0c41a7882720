// SPDX-License-Identifier: Apache-2.0

package gen_test

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/sockgen/sockgen/gen"
	"github.com/sockgen/sockgen/gen/check"
	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/internal/schematest"
	"github.com/sockgen/sockgen/gen/schema"
	"github.com/sockgen/sockgen/internal/counts"
)

// schemas is how many random schemas an ordinary run tries; "make schemas" tries
// 10,000.
var schemas = flag.Uint64("schemas", schemasByDefault(), "how many random schemas to generate and to compile")

func schemasByDefault() uint64 {
	if raceDetector { // there is little to race in what the compilers do
		return 8
	}
	return 100
}

const (
	batchSize = 100 // schemas that one run of a TypeScript compiler looks at, at most
	sample    = 100 // of so many schemas, one is built and vetted by the go command itself
)

// TestRandomSchemas generates everything that can be generated from random valid
// schemas of the whole language. The Go type-checks and is clean under the analyzers
// of go vet, and that of a sample under the go command; the TypeScript passes the
// oldest and the newest compiler.
func TestRandomSchemas(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	run := &schemaRun{root: root, node: newNodeFolder(t, root), module: newModule(t, root)}
	batches := make(chan uint64)
	processors := uint64(runtime.GOMAXPROCS(0))
	size := min(batchSize, (*schemas+processors-1)/processors)
	var workers sync.WaitGroup
	for range processors {
		workers.Go(func() {
			for first := range batches {
				run.batch(t, first, min(first+size, *schemas))
			}
		})
	}
	for first := uint64(0); first < *schemas && !t.Failed(); first += size {
		batches <- first
	}
	close(batches)
	workers.Wait()
	run.build(t)
	tell(t, "schemas: %s random schemas, %s events: the Go compiles and is vet-clean (%s of them built by the go command), the TypeScript passes tsc 5.0 and 7.0",
		counts.Number(*schemas), counts.Number(run.events.Load()), counts.Number(run.sampled.Load()))
}

// A schemaRun is one run of TestRandomSchemas. Its methods may run side by side.
type schemaRun struct {
	root, node, module string // folders: the repository, TypeScript's below it, a Go module
	events, sampled    atomic.Int64
	done               atomic.Uint64 // schemas of which everything passed
}

// batch judges the schemas of some seeds.
func (r *schemaRun) batch(t *testing.T, first, end uint64) {
	v := newVetter(t)
	dir := filepath.Join(r.node, fmt.Sprint(first))
	for seed := first; seed < end && !t.Failed(); seed++ {
		files := r.generate(t, seed)
		if err := v.vet(files); err != nil {
			t.Errorf("seed %d: %v", seed, err)
		}
		for _, f := range files {
			if path.Ext(f.Name) == ".ts" {
				writeFile(t, filepath.Join(dir, path.Base(f.Name)), f.Data)
			} else if seed%sample == sample/2 {
				writeFile(t, filepath.Join(r.module, filepath.FromSlash(f.Name)), f.Data)
			}
		}
		if seed%sample == sample/2 {
			r.sampled.Add(1)
		}
	}
	if !t.Failed() {
		r.compileTypeScript(t, dir)
	}
	if t.Failed() {
		return
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Error(err)
	}
	if done := r.done.Add(end - first); done%1000 == 0 {
		t.Logf("%s schemas so far", counts.Number(done))
	}
}

// generate renders the schema of a seed, every fourth with imported files, as a
// package called s and the seed. Every other of those shares the types in them with
// another document.
func (r *schemaRun) generate(t *testing.T, seed uint64) []gen.File {
	source := schematest.RandomFiles(seed, seed%4 == 3)
	source["events.yaml"] = strings.Replace(source["events.yaml"], "name: random,", fmt.Sprintf("name: s%d,", seed), 1)
	if seed%8 == 7 {
		source = renamed(source, seed)
	}
	read := func(name string) ([]byte, error) { return []byte(source[name]), nil }
	in := gen.Input{
		File: "events.yaml", Source: []byte(source["events.yaml"]), Read: read, GoFolder: folder,
		TypeScript: gen.TypeScriptOptions{React: true, Mock: true, Schemas: true},
	}
	var shared []gen.File
	if seed%8 == 7 {
		in, shared = sharing(t, in)
	}
	out, err := gen.Generate(in)
	if err != nil || diag.HasErrors(out.Diagnostics) {
		t.Errorf("seed %d: %v\n%s\n%s", seed, err, diag.Render(out.Diagnostics), source["events.yaml"])
		return nil
	}
	parsed, _ := schema.Load("events.yaml", []byte(source["events.yaml"]), read)
	doc, _ := check.Check(parsed)
	for _, ns := range doc.Namespaces {
		r.events.Add(int64(len(ns.Client) + len(ns.Server) + len(ns.Cluster)))
	}
	return append(out.Files, shared...)
}

// renamed returns source with other names of the imported files, which packages are
// called after.
func renamed(source map[string]string, seed uint64) map[string]string {
	names := strings.NewReplacer("shared.yaml", fmt.Sprintf("shared%d.yaml", seed), "deep.yaml", fmt.Sprintf("deep%d.yaml", seed))
	all := map[string]string{}
	for name, text := range source {
		all[names.Replace(name)] = names.Replace(text)
	}
	return all
}

// compileTypeScript has the oldest and the newest compiler look at the files of a
// folder.
func (r *schemaRun) compileTypeScript(t *testing.T, dir string) {
	for compiler, settings := range map[string]string{"typescript-5.0": "tsconfig.oldest.json", "typescript-7.0": "tsconfig.json"} {
		project := filepath.Join(dir, settings)
		writeFile(t, project, fmt.Appendf(nil, `{"extends": %q, "include": ["*.ts"]}`, filepath.ToSlash(filepath.Join(r.root, settings))))
		command := exec.CommandContext(t.Context(), "node", filepath.Join(r.root, "node_modules", compiler, "bin", "tsc"), "--pretty", "false", "--project", project)
		if out, err := command.CombinedOutput(); err != nil {
			t.Errorf("%s refuses what is in %s: %v\n%.5000s", compiler, dir, err, out)
		}
	}
}

// build has the go command build and vet the sample.
func (r *schemaRun) build(t *testing.T) {
	if r.sampled.Load() == 0 || t.Failed() {
		return
	}
	// Without optimization the compiler is twice as fast, and refuses the same.
	for _, verb := range []string{"build", "vet"} {
		command := exec.CommandContext(t.Context(), "go", verb, "-mod=mod", "-gcflags=-N -l", "./...")
		command.Dir = r.module
		if out, err := command.CombinedOutput(); err != nil {
			t.Errorf("go %s: %v\n%.5000s", verb, err, out)
		}
	}
}

// newModule makes a Go module called folder that uses the one in root.
func newModule(t testing.TB, root string) string {
	dir := t.TempDir()
	mod, _, _ := bytes.Cut(readFile(t, filepath.Join(root, "go.mod")), []byte("\nignore "))
	mod = bytes.Replace(mod, []byte("module github.com/sockgen/sockgen"), []byte("module "+folder), 1)
	writeFile(t, filepath.Join(dir, "go.mod"), fmt.Appendf(mod, "\n\nrequire github.com/sockgen/sockgen v0.0.0\n\nreplace github.com/sockgen/sockgen => %s\n", root))
	writeFile(t, filepath.Join(dir, "go.sum"), readFile(t, filepath.Join(root, "go.sum")))
	return dir
}

// newNodeFolder makes a folder in the repository, where modules find its npm
// packages. It stays when the test fails.
func newNodeFolder(t *testing.T, root string) string {
	for _, tool := range []string{"typescript-5.0", "typescript-7.0", "socket.io-client", "react"} {
		if _, err := os.Stat(filepath.Join(root, "node_modules", tool)); err != nil {
			t.Fatalf("the npm package %s is not installed: run \"npm ci\" at the top of the repository first, as \"make test\" does (%v)", tool, err)
		}
	}
	cache := filepath.Join(root, ".cache")
	if err := os.MkdirAll(cache, 0o777); err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp(cache, "schemas-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the modules remain in %s", dir)
		} else if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func writeFile(t testing.TB, name string, data []byte) {
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		t.Error(err)
	}
	if err := os.WriteFile(name, data, 0o666); err != nil {
		t.Error(err)
	}
}

// tell prints what a test has tried. Under the race detector it tries a part of that,
// which is not worth counting.
func tell(t *testing.T, format string, args ...any) {
	t.Helper()
	if raceDetector {
		t.Logf(format, args...)
	} else {
		counts.Print(t, format, args...)
	}
}
