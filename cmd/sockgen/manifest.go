// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sockgen/sockgen/gen"
)

// A manifest notes which files were written from which schema, so that those that
// another name or another folder has taken the place of do not stay behind. It is
// committed. Names are slash-separated and relative to its folder.
type manifest struct {
	file    string
	written map[string][]string // by schema
	text    []byte              // as it is on disk; nil when it is missing
}

const manifestHeader = "# What sockgen generate wrote from each schema. Commit this file; after a merge, run sockgen generate again.\n"

// readManifest reads a manifest; one that is missing is empty.
func readManifest(file string) (*manifest, error) {
	m := &manifest{file: file, written: map[string][]string{}}
	text, err := readFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return m, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the manifest: %w", err)
	}
	m.text = fold(text)
	schema, number := "", 0
	for line := range strings.Lines(string(m.text)) {
		line = strings.TrimSuffix(line, "\n")
		number++
		name, isFile := strings.CutPrefix(line, "  ")
		switch {
		case strings.TrimSpace(line) == "", strings.HasPrefix(line, "#"), isMergeMarker(line):
		case !isFile:
			schema = line
		case schema == "" || name == "" || filepath.IsAbs(filepath.FromSlash(name)):
			return nil, fmt.Errorf("%s:%d: this is no line of a manifest; take it from version control again, or remove it", file, number)
		default:
			m.written[schema] = append(m.written[schema], name)
		}
	}
	return m, nil
}

// isMergeMarker tells whether git put a line there: what both sides wrote is written,
// and the next generate sees what is right.
func isMergeMarker(line string) bool {
	return slices.ContainsFunc([]string{"<<<<<<<", "|||||||", "=======", ">>>>>>>"}, func(mark string) bool { return strings.HasPrefix(line, mark) })
}

// name returns how the manifest calls a file, and whether it can: what was named from
// the root of the machine and is elsewhere means nothing to others.
func (m *manifest) name(file string) (string, bool) {
	dir, err := filepath.Abs(filepath.Dir(m.file))
	if err != nil {
		return "", false
	}
	abs, err := filepath.Abs(file)
	if err != nil {
		return "", false
	}
	name, err := filepath.Rel(dir, abs)
	if err != nil || filepath.IsAbs(file) && !filepath.IsLocal(name) {
		return "", false
	}
	return filepath.ToSlash(name), true
}

// path returns a file as the user would name it.
func (m *manifest) path(name string) string {
	return filepath.Join(filepath.Dir(m.file), filepath.FromSlash(name))
}

// update notes what documents are written now, and returns the files that none of them
// writes any more.
func (m *manifest) update(w *workspace, documents []*document, written map[*document][]string) (gone []string) {
	before := m.files()
	mine := map[string][]string{}
	for _, d := range documents {
		schema, ok := m.name(d.schema)
		if !ok {
			continue
		}
		for _, file := range written[d] {
			name, fits := m.name(file)
			if ok = ok && fits; fits {
				mine[schema] = append(mine[schema], name)
			}
		}
		if !ok { // some go elsewhere: what was noted before stays as it is
			mine[schema] = m.written[schema]
		}
	}
	for schema := range m.written {
		_, now := mine[schema]
		if !now && (w.listed || isMissing(m.path(schema))) {
			delete(m.written, schema)
		}
	}
	maps.Copy(m.written, mine)
	after := m.files()
	for name := range before {
		if !after[name] {
			gone = append(gone, name)
		}
	}
	slices.Sort(gone)
	return gone
}

// files returns every file of m.
func (m *manifest) files() map[string]bool {
	all := map[string]bool{}
	for _, names := range m.written {
		for _, name := range names {
			all[name] = true
		}
	}
	return all
}

// render returns the text of m, nil when it notes nothing.
func (m *manifest) render() []byte {
	if len(m.written) == 0 && m.text == nil {
		return nil
	}
	var b strings.Builder
	b.WriteString(manifestHeader)
	for _, schema := range slices.Sorted(maps.Keys(m.written)) {
		names := slices.Sorted(slices.Values(m.written[schema]))
		b.WriteString(schema + "\n")
		for _, name := range slices.Compact(names) {
			b.WriteString("  " + name + "\n")
		}
	}
	return []byte(b.String())
}

// leftovers returns those of the files that are there and that sockgen wrote.
func (m *manifest) leftovers(names []string) ([]string, error) {
	var files []string
	for _, name := range names {
		data, err := readFile(m.path(name))
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return nil, fmt.Errorf("read what is there: %w", err)
		case gen.IsGenerated(data):
			files = append(files, m.path(name))
		}
	}
	return files, nil
}

func isMissing(file string) bool {
	_, err := os.Stat(file)
	return errors.Is(err, fs.ErrNotExist)
}

// removeEmpty removes a folder that nothing is left in, and those above it likewise.
func removeEmpty(dir string) {
	for dir != "." && dir != string(filepath.Separator) && os.Remove(dir) == nil {
		dir = filepath.Dir(dir)
	}
}
