package sockgen_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/sockgen/sockgen/gen"
)

// TestTheProgramInTheReadmeCompiles takes the schema and the Go program out of
// README.md, generates from the one and vets the other in a module of its own.
func TestTheProgramInTheReadmeCompiles(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	files, diagnostics, err := gen.Generate("events.yaml", []byte(block(t, readme, "yaml")))
	if err != nil || len(diagnostics) > 0 {
		t.Fatalf("the README's schema: %v %v", diagnostics, err)
	}
	dir := t.TempDir()
	write(t, dir, "main.go", `package main

import (
	"context"
	"log"

	"readme.example/generated/chat"

	"github.com/sockgen/sockgen/runtime/socketio"
)

`+block(t, readme, "go"))
	for _, file := range files {
		if strings.HasSuffix(file.Name, ".go") {
			write(t, dir, filepath.Join("generated", file.Name), string(file.Data))
		}
	}
	writeModule(t, dir)
	vet := exec.Command("go", "vet", "-mod=mod", "./...")
	vet.Dir = dir
	if output, err := vet.CombinedOutput(); err != nil {
		t.Fatalf("go vet of the README's program: %v\n%s", err, output)
	}
}

// block returns the first fenced block of a language in a Markdown document.
func block(t *testing.T, markdown []byte, language string) string {
	t.Helper()
	found := regexp.MustCompile("(?s)```" + language + "\n(.*?)```").FindSubmatch(markdown)
	if found == nil {
		t.Fatalf("README.md has no %s block", language)
	}
	return string(found[1])
}

// writeModule makes dir a module that uses this one from the working tree.
func writeModule(t *testing.T, dir string) {
	t.Helper()
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	ours, err := os.ReadFile("go.mod")
	if err != nil {
		t.Fatal(err)
	}
	theirs := strings.Replace(string(ours), "module "+module, "module readme.example", 1)
	theirs = regexp.MustCompile(`(?m)^ignore .*$`).ReplaceAllString(theirs, "")
	write(t, dir, "go.mod", theirs+"\nrequire "+module+" v0.0.0\nreplace "+module+" => "+root+"\n")
	sums, err := os.ReadFile("go.sum")
	if err != nil {
		t.Fatal(err)
	}
	write(t, dir, "go.sum", string(sums))
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
