// SPDX-License-Identifier: Apache-2.0

package main

import (
	"maps"
	"reflect"
	"slices"

	"github.com/sockgen/sockgen/gen"
	"github.com/sockgen/sockgen/gen/diag"
)

// A renderer renders documents, again and again when somebody watches: those of which
// nothing has changed stay as they are.
type renderer struct {
	files files // every file that was read, nil when nobody watches
	last  map[string]rendered
}

// A rendering is the files of a document.
type rendering struct {
	document *document
	files    []gen.File
}

// A rendered is what became of a document, and of what.
type rendered struct {
	document document // without its function
	goFolder string
	files    files
	imports  []string // the files that it imports, when there are other documents
	shared   []gen.SharedFile
	output   gen.Output
}

// read returns a function that reads files, which are then known.
func (r *renderer) read(into files) func(name string) ([]byte, error) {
	if r.files == nil {
		return readFile
	}
	return func(name string) ([]byte, error) {
		data, err := into.read(name)
		maps.Copy(r.files, into)
		return data, err
	}
}

// A job is one document that is rendered.
type job struct {
	document *document
	others   bool // nobody has asked for it, and its files stay as they are
	in       gen.Input
	now      rendered
	fresh    bool // now is what was rendered before, but for what is shared
}

// render renders every document in memory, and the types that they share.
func (r *renderer) render(w *workspace, mustLock bool) ([]rendering, []diag.Diagnostic, error) {
	jobs, err := r.jobs(w, mustLock)
	if err != nil {
		return nil, nil, err
	}
	shared := share(jobs)
	var all []rendering
	var diags []diag.Diagnostic
	next := map[string]rendered{}
	for _, j := range jobs {
		if j.others && !shared.concerns(j) {
			continue
		}
		if err := j.render(); err != nil {
			return nil, append(diags, j.now.output.Diagnostics...), &ownFault{err, j.document.schema}
		}
		next[j.key()] = j.now
		diags = append(diags, j.now.output.Diagnostics...)
		if !j.others {
			all = append(all, rendering{j.document, j.now.output.Files})
		}
	}
	if r.files != nil {
		r.last = next
	}
	diags = diag.Sort(diags)
	if diag.HasErrors(diags) {
		return all, diags, nil
	}
	more, err := shared.render()
	return append(all, more...), diags, err
}

// jobs reads the documents, those that nobody asks for as far as they import files.
func (r *renderer) jobs(w *workspace, mustLock bool) ([]*job, error) {
	var jobs []*job
	add := func(d *document, others bool) error {
		j := &job{document: d, others: others, now: rendered{document: *d, files: files{}}}
		d.read = r.read(j.now.files)
		var err error
		if j.in, err = d.inputs(mustLock && !others); err != nil {
			return err
		}
		j.now.goFolder, j.now.document.read = j.in.GoFolder, nil
		was, ok := r.last[j.key()]
		if ok && reflect.DeepEqual(was.document, j.now.document) && was.goFolder == j.now.goFolder && !was.files.changed(true) {
			maps.Copy(r.files, was.files)
			j.now, j.fresh = was, true
		} else if len(w.documents)+len(w.others) > 1 {
			j.now.imports = gen.ImportsOf(j.in)
		}
		jobs = append(jobs, j)
		return nil
	}
	for _, d := range w.documents {
		if err := add(d, false); err != nil {
			return nil, err
		}
	}
	for _, d := range w.others {
		if err := add(d, true); err != nil {
			return nil, err
		}
	}
	return jobs, nil
}

func (j *job) key() string { return j.document.schema + "\x00" + j.document.goDir }

// render renders the document, unless that has been done.
func (j *job) render() (err error) {
	if j.fresh && slices.Equal(j.now.shared, j.in.Shared) {
		return nil
	}
	j.now.shared = j.in.Shared
	j.now.output, err = gen.Generate(j.in)
	return err
}
