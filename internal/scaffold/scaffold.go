// SPDX-License-Identifier: Apache-2.0

package scaffold

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"go/format"
	"io/fs"
	"path"
	"slices"
	"strings"

	"golang.org/x/mod/module"
)

//go:embed all:web app/events.yaml app/main.go app/main_test.go
var templates embed.FS

// What stands in the templates for names that a project chooses.
const (
	templatePath = "github.com/sockgen/sockgen/internal/scaffold/app"
	templateName = "sockgen-chat"
)

// Webs are the pages that a project can have; "none" is no page.
var Webs = []string{"react", "vue", "svelte", "vanilla", "none"}

// A Project is what is known of a project before it is there.
type Project struct {
	Path string // the import path of its folder: the module, or a package of one
	Name string // what it is called, on its page and in its README
	Web  string // one of Webs
}

// A File is one file of a project.
type File struct {
	Name string // slash-separated, relative to the project's folder
	Data []byte
}

// Files returns what the project begins with, sorted by name.
func (p Project) Files() ([]File, error) {
	if !slices.Contains(Webs, p.Web) {
		return nil, fmt.Errorf("a page is one of %s, and not %q", strings.Join(Webs, ", "), p.Web)
	}
	from := []string{"app", "web/" + p.Web}
	if p.Web != "none" {
		from = append(from, "web/page")
	}
	var files []File
	for _, dir := range from {
		if err := p.collect(dir, &files); err != nil {
			return nil, err
		}
	}
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	return files, nil
}

// collect adds the files of one folder of templates.
func (p Project) collect(dir string, files *[]File) error {
	return fs.WalkDir(templates, dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := templates.ReadFile(name)
		if err != nil {
			return err
		}
		data = bytes.ReplaceAll(data, []byte(templatePath), []byte(p.Path))
		data = bytes.ReplaceAll(data, []byte(templateName), []byte(p.Name))
		if path.Ext(name) == ".go" {
			// Another import path may sort elsewhere among the others.
			if data, err = format.Source(data); err != nil {
				return fmt.Errorf("format %s: %w", name, err)
			}
		}
		*files = append(*files, File{strings.TrimPrefix(name, dir+"/"), data})
		return nil
	})
}

// GoMod returns the go.mod of a project that is a module of its own, before it
// requires anything.
func (p Project) GoMod() File {
	text := "module " + p.Path + "\n\ngo 1.26.0\n"
	if p.Web != "none" {
		text += "\nignore ./node_modules\n"
	}
	return File{"go.mod", []byte(text)}
}

// CheckPath says why a module cannot be called path.
func CheckPath(modulePath string) error {
	var bad *module.InvalidPathError
	if err := module.CheckImportPath(modulePath); errors.As(err, &bad) {
		return fmt.Errorf("%q cannot be the name of a Go module: %w; write one such as chat or example.com/chat", modulePath, bad.Err)
	}
	first, _, _ := strings.Cut(modulePath, "/")
	if slices.Contains(standard, first) {
		return fmt.Errorf("%q cannot be the name of a Go module: Go has packages of its own below %s; write one such as example.com/%s", modulePath, first, modulePath)
	}
	return nil
}

// NameOf returns what a module is called in short: its last word, but for a version.
func NameOf(modulePath string) string {
	prefix, _, ok := module.SplitPathVersion(modulePath)
	if !ok {
		prefix = modulePath
	}
	return path.Base(prefix)
}

// standard are the folders of Go's library, and names that Go keeps for itself.
var standard = strings.Fields(`archive arena bufio builtin bytes cmd cmp compress container context crypto database debug
	embed encoding errors expvar flag fmt go hash html image index internal io iter log main maps math mime net os path
	plugin reflect regexp runtime simd slices sort std strconv strings structs sync syscall testing text time tool
	unicode unique unsafe uuid vendor weak work all`)
