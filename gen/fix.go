// SPDX-License-Identifier: Apache-2.0

package gen

import (
	"bytes"
	"cmp"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sockgen/sockgen/gen/diag"
)

// maxFixRounds is how often Fix looks again: what is mended may show what is wrong
// beneath it.
const maxFixRounds = 8

// maxFixTries is how many edits a round tries one by one, where all of them together
// do not do what they promise: each try checks the schema anew.
const maxFixTries = 20

// A Fixed is a schema with its mistakes mended, as far as sockgen knows how.
type Fixed struct {
	Files []File            // those that changed, by the names that diagnostics give them
	Fixed []diag.Diagnostic // what was mended, in order
	Left  []diag.Diagnostic // what is left
}

// Fix mends the mistakes of a schema, and of what it imports, that have one remedy. It
// writes no file.
func Fix(in Input) Fixed {
	f := &fixer{in: in, texts: map[string][]byte{}}
	var result Fixed
	for range maxFixRounds {
		var mended []diag.Diagnostic
		mended, result.Left = f.round()
		if len(mended) == 0 {
			break
		}
		result.Fixed = append(result.Fixed, mended...)
	}
	for name, text := range f.texts {
		result.Files = append(result.Files, File{name, text})
	}
	slices.SortFunc(result.Files, func(a, b File) int { return strings.Compare(a.Name, b.Name) })
	return result
}

// A fixer applies edits to the files of a schema, in memory.
type fixer struct {
	in    Input
	texts map[string][]byte // of files that changed, by the names that positions have
}

// key returns the name under which a file is in texts.
func (f *fixer) key(name string) string {
	if path.Clean(filepath.ToSlash(name)) == path.Clean(filepath.ToSlash(f.in.File)) {
		return f.in.File
	}
	return name
}

// input returns the schema with the given texts in place of some files.
func (f *fixer) input(texts map[string][]byte) Input {
	in := f.in
	if text, ok := texts[in.File]; ok {
		in.Source = text
	}
	in.Read = func(name string) ([]byte, error) {
		if text, ok := texts[f.key(name)]; ok {
			return text, nil
		}
		if f.in.Read == nil {
			return nil, fs.ErrNotExist
		}
		return f.in.Read(name)
	}
	return in
}

// round mends what can be mended at once, and returns what is left of it.
func (f *fixer) round() (mended, left []diag.Diagnostic) {
	left = understand(f.input(f.texts)).diags
	candidates := diag.Fixable(left)
	if len(candidates) == 0 {
		return nil, left
	}
	if f.try(candidates, left) {
		return candidates, understand(f.input(f.texts)).diags
	}
	for _, d := range candidates[:min(len(candidates), maxFixTries)] { // one of them does not do what it promised
		now := understand(f.input(f.texts)).diags
		if i := slices.IndexFunc(now, func(n diag.Diagnostic) bool { return n.Code == d.Code && n.Message == d.Message && len(n.Edits) > 0 }); i >= 0 && f.try(now[i:i+1], now) {
			mended = append(mended, d)
		}
	}
	return mended, understand(f.input(f.texts)).diags
}

// try applies the edits of list, unless they would leave one of them as it is or break
// what could be read before.
func (f *fixer) try(list, before []diag.Diagnostic) bool {
	texts, ok := f.apply(list)
	if !ok {
		return false
	}
	after := understand(f.input(texts)).diags
	for _, d := range list {
		same := func(n diag.Diagnostic) bool { return n.Code == d.Code && n.Message == d.Message }
		if count(after, same) >= count(before, same) {
			return false
		}
	}
	unreadable := func(d diag.Diagnostic) bool {
		return d.Code == diag.YAMLSyntax || d.Code == diag.DuplicateKey || d.Code == diag.FlowComma || d.Code == diag.QuoteIt
	}
	if count(after, unreadable) > count(before, unreadable) {
		return false
	}
	f.texts = texts
	return true
}

func count(list []diag.Diagnostic, is func(diag.Diagnostic) bool) int {
	n := 0
	for _, d := range list {
		if is(d) {
			n++
		}
	}
	return n
}

// apply returns the texts with the edits of list.
func (f *fixer) apply(list []diag.Diagnostic) (map[string][]byte, bool) {
	byFile := map[string][]diag.Edit{}
	for _, d := range list {
		for _, e := range d.Edits {
			name := f.key(e.Start.File)
			byFile[name] = append(byFile[name], e)
		}
	}
	texts := map[string][]byte{}
	for name, text := range f.texts {
		texts[name] = text
	}
	for name, edits := range byFile {
		now := f.input(texts)
		text := now.Source
		if name != f.in.File {
			var err error
			if text, err = now.Read(name); err != nil {
				return nil, false
			}
		}
		var ok bool
		if texts[name], ok = edited(text, edits); !ok {
			return nil, false
		}
	}
	return texts, true
}

// edited returns text with edits, none of which touches another one.
func edited(text []byte, edits []diag.Edit) ([]byte, bool) {
	const mark = "\ufeff"
	rest, marked := bytes.CutPrefix(text, []byte(mark))
	lines := strings.SplitAfter(string(rest), "\n")
	edits = slices.Clone(edits)
	slices.SortFunc(edits, func(a, b diag.Edit) int { // from the end, so that places stay right
		return cmp.Or(cmp.Compare(b.Start.Line, a.Start.Line), cmp.Compare(b.Start.Column, a.Start.Column))
	})
	for _, e := range edits {
		i := e.Start.Line - 1
		if i < 0 || i >= len(lines) || e.End.Line != e.Start.Line {
			return nil, false
		}
		runes := []rune(lines[i])
		from, to := e.Start.Column-1, e.End.Column-1
		if from < 0 || to < from || to > len(runes) {
			return nil, false
		}
		insert := e.Text
		if strings.HasSuffix(lines[i], "\r\n") {
			insert = strings.ReplaceAll(insert, "\n", "\r\n")
		}
		lines[i] = string(runes[:from]) + insert + string(runes[to:])
	}
	out := strings.Join(lines, "")
	if marked {
		out = mark + out
	}
	return []byte(out), true
}
