// SPDX-License-Identifier: Apache-2.0

//go:build linux

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

// server is a program that says which version it is, and goes on.
func server(version string) string {
	return fmt.Sprintf(`package main

import (
	"fmt"
	"os"
	"time"
)

func main() {
	fmt.Println(%q, os.Getpid(), os.Args[1:])
	time.Sleep(time.Hour)
}
`, version)
}

// alive tells whether a process still runs.
func alive(pid int) bool {
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, state, ok := strings.Cut(string(data), ") ")
	return ok && state[0] != 'Z'
}

// pidIn returns the number in a line that a program has printed.
func pidIn(t *testing.T, line string) int {
	t.Helper()
	pid, err := strconv.Atoi(regexp.MustCompile(`\d{2,}`).FindString(line[strings.Index(line, "|"):]))
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	return pid
}

// expectGone waits until a process has ended.
func expectGone(t *testing.T, pid int) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); alive(pid); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("process %d still runs", pid)
		}
	}
}

// expectAll reads lines until each text was in one, and returns these. Two programs
// print at a time, in any order.
func (p *transcript) expectAll(t *testing.T, texts ...string) []string {
	t.Helper()
	found := make([]string, len(texts))
	for left := len(texts); left > 0; {
		line := p.expect(t, "")
		for i, text := range texts {
			if found[i] == "" && strings.Contains(line, text) {
				found[i] = line
				left--
			}
		}
	}
	return found
}

// A project is followed from the schema to the server; what does not build changes
// nothing, and at the end nothing is left behind.
func TestDev(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{
		"go.mod":        "module example.com/app\n\ngo 1.26.0\n",
		"main.go":       server("one"),
		"events.yaml":   schemaOf("tick"),
		"generated/x/x": "",
		"page.sh":       "sleep 1000 &\necho page of $!\nwait\n",
	} {
		save(t, name, text)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out := &transcript{lines: make(chan string, 10_000)}
	done := make(chan int, 1)
	go func() { done <- runContext(ctx, []string{"dev", "-page", "sh page.sh", "--", "-x", "y"}, out, out) }()

	lines := out.expectAll(t, "one ", "page of ", "built in", "end with Ctrl-C")
	first, child := pidIn(t, lines[0]), pidIn(t, lines[1])

	save(t, "main.go", server("two"))
	lines = out.expectAll(t, "two ", "server restarted")
	second := pidIn(t, lines[0])
	if !strings.HasSuffix(lines[0], "[-x y]") || !strings.Contains(lines[1], "main.go changed, built in") {
		t.Error(lines)
	}
	expectGone(t, first)

	save(t, "main.go", "package main\n\nfunc main() { nonsense() }\n")
	out.expect(t, "does not build, the server goes on as it was")
	out.expect(t, "undefined: nonsense")
	save(t, "events.yaml", "sockgen: 1\nnamespaces: { /: { server: { tick: strin } } }\n")
	out.expect(t, `unknown type "strin"`)
	out.expect(t, "not generated, everything goes on as it was")
	if !alive(second) || !alive(child) {
		t.Error("a mistake has ended a program")
	}

	save(t, "main.go", server("three"))
	third := pidIn(t, out.expectAll(t, "three ", "server restarted")[0])
	save(t, "events.yaml", schemaOf("tock"))
	fourth := pidIn(t, out.expectAll(t, "three ", "generated ")[0])
	save(t, filepath.Join("more", "more.go"), "package more\n")
	fifth := pidIn(t, out.expectAll(t, "three ", filepath.Join("more", "more.go")+" changed")[0])

	cancel()
	if status := <-done; status != statusFine {
		t.Errorf("status %d", status)
	}
	for _, pid := range []int{second, third, fourth, fifth, child} {
		expectGone(t, pid)
	}
}

// A server that ends by itself is told of, and starts again after the next change.
func TestDevOfAServerThatEnds(t *testing.T) {
	t.Chdir(t.TempDir())
	const ending = "package main\n\nimport \"os\"\n\nfunc main() { os.Exit(3) }\n"
	for name, text := range map[string]string{"go.mod": "module example.com/app\n\ngo 1.26.0\n", "main.go": ending, "events.yaml": schemaOf("tick")} {
		save(t, name, text)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	out := &transcript{lines: make(chan string, 10_000)}
	done := make(chan int, 1)
	go func() { done <- runContext(ctx, []string{"dev"}, out, out) }()
	out.expect(t, "the server ended (exit status 3)")
	save(t, "main.go", server("next"))
	pid := pidIn(t, out.expect(t, "next "))
	cancel()
	<-done
	expectGone(t, pid)
}
