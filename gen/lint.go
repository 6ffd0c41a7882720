// SPDX-License-Identifier: Apache-2.0

package gen

import (
	"io/fs"
	"path"
	"path/filepath"

	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/lint"
	"github.com/sockgen/sockgen/gen/schema"
)

// LintOptions say which lints Lint has.
type LintOptions = lint.Options

// An EventCase is how LintOptions wants events spelled.
type EventCase = lint.Case

// AllLints are the lints of somebody who said nothing.
var AllLints = lint.All

// EventCases returns the values that LintOptions.EventCase can have.
func EventCases() []EventCase { return lint.Cases() }

// Lint returns everything that there is to say about a schema: mistakes, warnings, and
// what the lints find. Calls may overlap.
func Lint(in Input, o LintOptions) []diag.Diagnostic {
	u := understand(in)
	return diag.Sort(append(u.diags, lint.Check(u.written, u.doc, o)...))
}

// Format returns the text of a schema in the one style that schemas have, and those of
// the files that it imports, by name. What they mean does not change, and comments
// stay. With diagnostics a file is not YAML, and there is no result.
func Format(in Input) ([]File, []diag.Diagnostic) {
	var files []File
	var diags []diag.Diagnostic
	format := func(name string, src []byte) {
		data, more := schema.Format(name, src)
		diags = append(diags, more...)
		files = append(files, File{name, data})
	}
	format(in.File, in.Source)
	read := in.Read
	if read == nil {
		read = func(string) ([]byte, error) { return nil, fs.ErrNotExist }
	}
	seen := map[string]bool{path.Clean(filepath.ToSlash(in.File)): true}
	_, loaded := schema.Load(in.File, in.Source, func(name string) ([]byte, error) {
		src, err := read(name)
		if err == nil && !seen[name] {
			seen[name] = true
			format(name, src)
		}
		return src, err
	})
	for _, d := range loaded {
		if d.Code == diag.Import { // a file that is not there
			diags = append(diags, d)
		}
	}
	if diags = diag.Sort(diags); len(diags) > 0 {
		return nil, diags
	}
	return files, nil
}
