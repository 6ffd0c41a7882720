package main

import (
	"maps"
	"reflect"

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

// render renders every document in memory.
func (r *renderer) render(w *workspace, mustLock bool) ([]rendering, []diag.Diagnostic, error) {
	var all []rendering
	var diags []diag.Diagnostic
	next := map[string]rendered{}
	for _, d := range w.documents {
		now := rendered{document: *d, files: files{}}
		d.read = r.read(now.files)
		in, err := d.inputs(mustLock)
		if err != nil {
			return nil, diags, err
		}
		now.goFolder, now.document.read = in.GoFolder, nil
		was, ok := r.last[d.schema+"\x00"+d.goDir]
		if ok && reflect.DeepEqual(was.document, now.document) && was.goFolder == now.goFolder && !was.files.changed(true) {
			maps.Copy(r.files, was.files)
			now = was
		} else if now.output, err = gen.Generate(in); err != nil {
			return nil, append(diags, now.output.Diagnostics...), &ownFault{err, d.schema}
		}
		next[d.schema+"\x00"+d.goDir] = now
		diags = append(diags, now.output.Diagnostics...)
		all = append(all, rendering{d, now.output.Files})
	}
	if r.files != nil {
		r.last = next
	}
	return all, diag.Sort(diags), nil
}
