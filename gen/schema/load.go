// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode"

	"github.com/sockgen/sockgen/gen/diag"
)

// Bounds on all files of a schema together.
const (
	maxFiles      = 100     // the first one included
	maxTotalBytes = 8 << 20 // of all files
	maxImportPath = 512     // bytes of one path
)

// Load is Parse for a file that may import others. It gets those from read, by
// their slash-separated names relative to where file is named from. An error that
// is fs.ErrNotExist says that there is no such file. A nil read has no files.
func Load(file string, src []byte, read func(name string) ([]byte, error)) (*Document, []diag.Diagnostic) {
	if read == nil {
		read = func(string) ([]byte, error) { return nil, fs.ErrNotExist }
	}
	root, diags := Parse(file, src)
	l := &loader{root: root, read: read, diags: diags, total: len(src), state: map[string]loadState{}}
	l.follow(root, path.Clean(filepath.ToSlash(file)))
	root.Damaged = len(l.diags) > 0
	return root, l.diags
}

// A loadState tells how far the loader is with a file.
type loadState int

const (
	loading loadState = iota + 1 // its imports are being read
	loaded                       // it is among the root's Imports, or was refused
)

// A loader reads the files that a schema imports, each once.
type loader struct {
	root  *Document
	read  func(name string) ([]byte, error)
	diags []diag.Diagnostic
	state map[string]loadState
	chain []string // the files that are loading, from the root on
	total int      // bytes of all files
	full  bool     // a bound on all files has been reported
}

// follow loads what d imports. name is the canonical name of its file.
func (l *loader) follow(d *Document, name string) {
	l.state[name] = loading
	l.chain = append(l.chain, name)
	defer func() {
		l.chain = l.chain[:len(l.chain)-1]
		l.state[name] = loaded
	}()
	if d.Root == nil || d.Root.Kind != Mapping {
		return
	}
	list := d.Root.Get("imports")
	if list == nil || list.Kind == Null || list.Kind == Invalid {
		return
	}
	items := []*Node{list}
	switch list.Kind {
	case Sequence:
		items = list.Items
	case Mapping:
		l.report(d, list, diag.WrongKind, "imports is a list of files such as ./shared.yaml, and this is %s", list.Kind)
		return
	}
	first := map[string]int{}
	for _, item := range items {
		target, ok := l.path(d, item, path.Dir(name))
		if !ok {
			continue
		}
		if line, dup := first[target]; dup {
			l.report(d, item, diag.Duplicate, "%s is in this list already, in line %d", diag.Quote(item.Text), line)
			continue
		}
		first[target] = item.Pos.Line
		d.Direct = append(d.Direct, target)
		l.load(d, item, target)
	}
}

// path returns the canonical name of the file that item imports into a file of
// the folder dir.
func (l *loader) path(d *Document, item *Node, dir string) (string, bool) {
	text := item.Text
	problem := ""
	switch {
	case item.Kind == Invalid:
		return "", false
	case item.Kind != Scalar:
		l.report(d, item, diag.WrongKind, "an import is the path of a file such as ./shared.yaml, and this is %s", item.Kind)
		return "", false
	case strings.TrimSpace(text) == "":
		problem = "the path is empty"
	case len(text) > maxImportPath:
		problem = fmt.Sprintf("the path has more than %d bytes", maxImportPath)
	case strings.Contains(text, "://"):
		problem = "only files are imported, nothing is fetched from elsewhere"
	case strings.Contains(text, `\`):
		problem = "the parts of a path are separated by /"
	case strings.HasPrefix(text, "/") || filepath.VolumeName(filepath.FromSlash(text)) != "" || strings.Contains(text, ":"):
		problem = "the path is relative to the file that imports"
	case strings.HasSuffix(text, "/") || path.Base(text) == "." || path.Base(text) == "..":
		problem = "this is a folder and no file"
	case strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }):
		problem = "the path holds characters that cannot be seen"
	default:
		return path.Join(dir, text), true
	}
	l.report(d, item, diag.Import, "cannot import %s: %s; write a path such as ./shared.yaml", diag.Quote(text), problem)
	return "", false
}

// load reads one file and what it imports.
func (l *loader) load(d *Document, item *Node, name string) {
	switch l.state[name] {
	case loaded:
		return
	case loading:
		l.report(d, item, diag.ImportCycle, "%s imports itself (%s): move what both need into a file of its own",
			diag.Quote(name), strings.Join(l.cycle(name), " → "))
		return
	}
	if l.full {
		return
	}
	if len(l.state) >= maxFiles {
		l.full = true
		l.report(d, item, diag.DocumentLimit, "the schema has more than %d files, the most that it may have", maxFiles)
		return
	}
	src, err := l.read(name)
	if err != nil {
		l.state[name] = loaded // one report is enough
		if errors.Is(err, fs.ErrNotExist) {
			l.report(d, item, diag.Import, "cannot import %s: there is no file %s", diag.Quote(item.Text), diag.Quote(name))
		} else {
			l.report(d, item, diag.Import, "cannot import %s: %v", diag.Quote(item.Text), err)
		}
		return
	}
	if l.total += len(src); l.total > maxTotalBytes {
		l.full = true
		l.report(d, item, diag.DocumentLimit, "the schema's files have more than %d bytes together, the most that they may have", maxTotalBytes)
		return
	}
	imported, diags := Parse(name, src)
	l.diags = append(l.diags, diags...)
	l.follow(imported, name)
	l.root.Imports = append(l.root.Imports, imported)
}

// cycle returns the files that lead from name back to it; a long way is cut.
func (l *loader) cycle(name string) []string {
	const shown = 8
	way := slices.Clone(l.chain[slices.Index(l.chain, name):])
	if len(way) > shown {
		way = append(way[:shown], "…")
	}
	return append(way, name)
}

func (l *loader) report(d *Document, n *Node, code diag.Code, format string, args ...any) {
	p, width := n.Span()
	l.diags = append(l.diags, diag.Diagnostic{
		Code: code, Position: p, Width: width, Message: fmt.Sprintf(format, args...), Line: d.Line(p.Line),
	})
}
