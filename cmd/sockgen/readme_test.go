// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// readmeBlock returns the first block of code in a language behind a heading.
func readmeBlock(t *testing.T, readme, heading, language string) string {
	t.Helper()
	_, rest, ok := strings.Cut(readme, heading)
	_, block, found := strings.Cut(rest, "```"+language+"\n")
	if !ok || !found {
		t.Fatalf("README.md has no block of %s behind %q", language, heading)
	}
	block, _, _ = strings.Cut(block, "```")
	return block
}

// The README leads from an empty module to a program that builds, command by command.
// A replace stands for the release.
func TestReadmeInAnEmptyModule(t *testing.T) {
	checkout, err := filepath.Abs(filepath.FromSlash("../.."))
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(checkout, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	readme := string(data)
	dir := t.TempDir()
	run := func(where string, env []string, args ...string) {
		t.Helper()
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Dir = where
		cmd.Env = append(os.Environ(), env...)
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", strings.Join(args, " "), err, out)
		}
	}
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	run(checkout, nil, "go", "mod", "download")
	offline := []string{"GOPROXY=off", "GOSUMDB=off", "GOFLAGS=", "GOWORK=off"} // the release is not there to be asked for
	write("events.yaml", readmeBlock(t, readme, "**One schema**", "yaml"))

	_, section, _ := strings.Cut(readme, "## In a project of your own")
	section, _, _ = strings.Cut(section, "###")
	commands := 0
	for line := range strings.Lines(section) {
		if command, ok := strings.CutPrefix(line, "    go "); ok {
			command, _, _ = strings.Cut(command, " #")
			run(dir, offline, append([]string{"go"}, strings.Fields(command)...)...)
			if commands++; commands == 1 { // the module is there
				run(dir, offline, "go", "mod", "edit", "-replace", "github.com/sockgen/sockgen="+checkout)
			}
		}
	}
	if commands < 4 {
		t.Errorf("the README has %d commands there", commands)
	}
	write("main.go", readmeBlock(t, readme, "**Go**", "go"))
	run(dir, offline, "go", "build", "-o", filepath.Join(dir, "app"), ".")
	run(dir, offline, "go", "vet", "./...")
	run(dir, offline, "go", "tool", "sockgen", "generate", "-check")
}
