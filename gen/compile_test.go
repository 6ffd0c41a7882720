// SPDX-License-Identifier: Apache-2.0

package gen_test

import (
	"bytes"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/internal/schematest"
)

// What an event may add to the compiler's work, on average over events of different
// shapes. The time goes where the functions and the machine code are, and these do not
// depend on the machine.
const (
	functionsPerEvent = 19.5
	codePerEvent      = 7_000 // bytes

	// In the package of the clients.
	functionsOfClient = 5.5
	codeOfClient      = 2_500
)

// TestCompileBudget holds the Go packages of many events to what a compiler can build
// without anybody waiting for it, and keeps them free of functions that the compiler makes
// anew for each struct.
func TestCompileBudget(t *testing.T) {
	t.Parallel()
	const few, many = 8, 24
	small, large := build(t, few), build(t, many)
	for _, pkg := range []struct {
		name            string
		functions, code float64
	}{{"many", functionsPerEvent, codePerEvent}, {"many/manyclient", functionsOfClient, codeOfClient}} {
		t.Run(pkg.name, func(t *testing.T) {
			budget(t, compiled(t, small, pkg.name), compiled(t, large, pkg.name), many-few, pkg.functions, pkg.code)
		})
	}
}

// budget compares a package of a few events with that of so many more.
func budget(t *testing.T, small, large object, more int, mostFunctions, mostCode float64) {
	functions := float64(large.functions-small.functions) / float64(more)
	code := float64(large.code-small.code) / float64(more)
	if functions > mostFunctions || code > mostCode {
		t.Errorf("an event adds %.1f functions with %.0f bytes of code, more than %.1f with %.0f", functions, code, mostFunctions, mostCode)
	}
	for name, n := range large.stenciled {
		if n > small.stenciled[name] {
			t.Errorf("the compiler makes %s anew for each struct", name)
		}
	}
	t.Logf("an event adds %.1f functions with %.0f bytes of code", functions, code)
}

// An object is what the compiler made of a package.
type object struct {
	functions int
	code      int            // bytes
	stenciled map[string]int // the generic functions that it made for structs → how often
}

// compiled compiles a package of the module in dir and looks at the result.
func compiled(t *testing.T, dir, pkg string) (o object) {
	t.Helper()
	archive := filepath.Join(dir, "package.a")
	buildIn(t, dir, pkg, archive)
	o.stenciled = map[string]int{}
	out, err := exec.CommandContext(t.Context(), "go", "tool", "nm", "-size", archive).Output()
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line) // address, size, type, name
		if len(fields) < 4 || fields[2] != "T" && fields[2] != "t" {
			continue
		}
		size, err := strconv.Atoi(fields[1])
		if err != nil {
			t.Fatal(err)
		}
		o.functions++
		o.code += size
		name, of, _ := strings.Cut(strings.Join(fields[3:], " "), "[")
		// AskAll remains, for acks of several sockets.
		if strings.HasPrefix(of, "go.shape.struct") && !strings.HasPrefix(name, "type:") && !strings.HasSuffix(name, "/typed.AskAll") {
			o.stenciled[name]++
		}
	}
	return o
}

// build generates the packages of n events in a module of their own.
func build(t testing.TB, n int) (dir string) {
	t.Helper()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	dir = newModule(t, root)
	out, err := generateAll(map[string]string{"events.yaml": schematest.Distinct(n)}, folder)
	if err != nil || diag.HasErrors(out.Diagnostics) {
		t.Fatal(err, diag.Render(out.Diagnostics))
	}
	for _, f := range out.Files {
		writeFile(t, filepath.Join(dir, filepath.FromSlash(f.Name)), f.Data)
	}
	return dir
}

// buildIn compiles a package of the module in dir, and returns how many seconds of
// processor that took.
func buildIn(t testing.TB, dir, pkg, archive string) float64 {
	t.Helper()
	command := exec.CommandContext(t.Context(), "go", "build", "-mod=mod", "-o", archive, "./"+pkg)
	command.Dir = dir
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%.5000s", err, out)
	}
	return command.ProcessState.UserTime().Seconds() + command.ProcessState.SystemTime().Seconds()
}

// The goal: the package of 1,200 events within 20 s. What it imports is built
// beforehand.
//
//	go test -run xxx -bench Compile -benchtime 1x ./gen
func BenchmarkCompile(b *testing.B) {
	const n = 1200
	dir := build(b, n)
	archive := filepath.Join(dir, "package.a")
	buildIn(b, dir, "many", archive)
	file := filepath.Join(dir, "many", "codec.go")
	text := readFile(b, file)
	processor, builds := 0.0, 0
	for b.Loop() {
		builds++ // a file that was never built before
		writeFile(b, file, append(bytes.Clone(text), fmt.Sprintf("// %s %d\n", dir, builds)...))
		processor += buildIn(b, dir, "many", archive)
	}
	b.ReportMetric(b.Elapsed().Seconds()/float64(builds), "s/build")
	b.ReportMetric(processor/float64(builds), "processor-s/build")
}
