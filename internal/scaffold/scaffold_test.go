// SPDX-License-Identifier: Apache-2.0

package scaffold

import (
	"bytes"
	"go/format"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"
)

// The chat stays as small as the issue of a first look wants it: lines that are not
// empty, of what a newcomer reads first.
func TestTheChatIsSmall(t *testing.T) {
	for web, script := range map[string]string{"react": "web/App.tsx", "vue": "web/App.vue", "svelte": "web/App.svelte", "vanilla": "web/main.ts", "none": ""} {
		files, err := Project{Path: "example.com/hello", Name: "hello", Web: web}.Files()
		if err != nil {
			t.Fatal(err)
		}
		most := map[string]int{"events.yaml": 15, "main.go": 20, script: 15}
		found := 0
		for _, f := range files {
			limit, ok := most[f.Name]
			if !ok {
				continue
			}
			found++
			if n := lines(f); n > limit {
				t.Errorf("%s: %s has %d lines, more than %d", web, f.Name, n, limit)
			}
		}
		if want := 3; found < want && web != "none" {
			t.Errorf("%s: found %d of the %d files", web, found, want)
		}
	}
}

// lines counts the lines of a file that are not empty, of a component those of its script.
func lines(f File) (n int) {
	text := string(f.Data)
	if _, script, ok := strings.Cut(text, ` lang="ts">`); ok {
		text, _, _ = strings.Cut(script, "</script>")
	}
	for line := range strings.Lines(text) {
		if strings.TrimSpace(line) != "" {
			n++
		}
	}
	return n
}

// A project has its own names everywhere, and Go in its form, wherever its import
// path sorts.
func TestNamesTakeTheirPlace(t *testing.T) {
	for _, modulePath := range []string{"a", "zoo", "example.com/hello", "github.com/z/z"} {
		for _, web := range Webs {
			files, err := Project{Path: modulePath, Name: NameOf(modulePath), Web: web}.Files()
			if err != nil {
				t.Fatal(err)
			}
			seen := map[string]bool{}
			for _, f := range files {
				if seen[f.Name] {
					t.Errorf("%s: %s is there twice", web, f.Name)
				}
				seen[f.Name] = true
				if bytes.Contains(f.Data, []byte(templateName)) || bytes.Contains(f.Data, []byte(templatePath)) {
					t.Errorf("%s: %s has a name of the template", web, f.Name)
				}
				if path.Ext(f.Name) != ".go" {
					continue
				}
				if formatted, err := format.Source(f.Data); err != nil || !bytes.Equal(formatted, f.Data) {
					t.Errorf("%s: %s is not in form (%v)", web, f.Name, err)
				}
			}
			for _, name := range []string{"events.yaml", "sockgen.yaml", "main.go", "main_test.go", "Makefile", "README.md", ".gitignore"} {
				if !seen[name] {
					t.Errorf("%s: there is no %s", web, name)
				}
			}
			if seen["index.html"] != (web != "none") {
				t.Errorf("%s: index.html: %v", web, seen["index.html"])
			}
		}
	}
}

func TestNameOf(t *testing.T) {
	for from, want := range map[string]string{"chat": "chat", "example.com/chat": "chat", "example.com/chat/v2": "chat", "gopkg.in/chat.v3": "chat", "example.com/v2/x": "x"} {
		if got := NameOf(from); got != want {
			t.Errorf("%s: %s, want %s", from, got, want)
		}
	}
}

// A file that somebody else made stays as it is, and then none is written.
func TestWriteOverwritesNothing(t *testing.T) {
	dir := t.TempDir()
	there := filepath.Join(dir, "b", "there")
	if err := os.MkdirAll(filepath.Dir(there), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(there, []byte("mine"), 0o644); err != nil {
		t.Fatal(err)
	}
	wrote := func(name string) { t.Errorf("wrote %s", name) }
	if err := Write(dir, []File{{"a", []byte("new")}, {"b/there", []byte("new")}}, wrote); err == nil || !strings.Contains(err.Error(), "there already") {
		t.Errorf("error %v", err)
	}
	if err := os.Symlink("nowhere", filepath.Join(dir, "link")); err != nil {
		t.Fatal(err)
	}
	if err := Write(dir, []File{{"link", []byte("new")}}, wrote); err == nil {
		t.Error("a link that leads nowhere was written through")
	}
	if data, err := os.ReadFile(there); err != nil || string(data) != "mine" {
		t.Errorf("%q, %v", data, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "a")); err == nil {
		t.Error("a was written")
	}
}
