// SPDX-License-Identifier: Apache-2.0

//go:build linux

package dev_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sockgen/sockgen/internal/dev"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// running runs a shell script, and returns what it prints and how it ended by itself.
func running(t *testing.T, script string) (p *dev.Program, lines chan string, ended chan error) {
	t.Helper()
	lines, ended = make(chan string, 100), make(chan error, 1)
	p, err := dev.Start(t.TempDir(), []string{"sh", "-c", script}, func(line string) { lines <- line }, func(err error) { ended <- err })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Stop)
	return p, lines, ended
}

func next[T any](t *testing.T, from chan T) (v T) {
	t.Helper()
	select {
	case v = <-from:
	case <-time.After(time.Minute):
		t.Fatal("nothing came")
	}
	return v
}

// expectGone waits until a process has ended.
func expectGone(t *testing.T, pid string) {
	t.Helper()
	if _, err := strconv.Atoi(pid); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(5 * time.Millisecond) {
		data, err := os.ReadFile(fmt.Sprintf("/proc/%s/stat", pid))
		if _, state, _ := strings.Cut(string(data), ") "); err != nil || strings.HasPrefix(state, "Z") {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("process %s still runs", pid)
		}
	}
}

// Stop ends what a program has started, also what does not heed it.
func TestStopEndsTheWholeGroup(t *testing.T) {
	for name, script := range map[string]string{
		"a child":                 "sleep 1000 & echo $!; wait",
		"a child that goes on":    "sh -c 'trap \"\" TERM; echo $$; while :; do sleep 0.01; done' & wait",
		"a program that goes on":  "trap '' TERM; echo $$; while :; do sleep 0.01; done",
		"a child without parent":  "(sleep 1000 & echo $!)",
		"a child without its own": "sleep 1000 >/dev/null 2>&1 & echo $!; wait",
	} {
		t.Run(name, func(t *testing.T) {
			p, lines, _ := running(t, script)
			pid := next(t, lines)
			p.Stop()
			p.Stop()
			expectGone(t, pid)
		})
	}
}

// The end of a program is told once all that it printed was passed on.
func TestEnd(t *testing.T) {
	_, lines, ended := running(t, "echo one; echo two >&2; printf three; exit 3")
	err := next(t, ended)
	if err == nil || err.Error() != "exit status 3" {
		t.Errorf("error %v", err)
	}
	for _, want := range []string{"one", "two", "three"} {
		if got := next(t, lines); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if _, err := dev.Start(t.TempDir(), []string{"/no/such/program"}, nil, nil); err == nil {
		t.Error("what is not there was started")
	}
}

func TestBuild(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("go.mod", "module example.com/x\n\ngo 1.26.0\n")
	write("main.go", "package main\n\nfunc main() { println(1) }\n")
	binary := filepath.Join(t.TempDir(), "x")
	if err := dev.Build(dir, ".", binary); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(binary); err != nil {
		t.Error(err)
	}
	write("main.go", "package main\n\nfunc main() { nonsense() }\n")
	if err := dev.Build(dir, ".", binary); err == nil || !strings.Contains(err.Error(), "main.go:3:15: undefined: nonsense") {
		t.Errorf("error %v", err)
	}
}
