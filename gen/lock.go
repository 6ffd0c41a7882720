// SPDX-License-Identifier: Apache-2.0

package gen

import (
	"fmt"
	"slices"

	"github.com/sockgen/sockgen/gen/check"
	"github.com/sockgen/sockgen/gen/compat"
	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/golang"
	"github.com/sockgen/sockgen/gen/ir"
	"github.com/sockgen/sockgen/gen/schema"
	"github.com/sockgen/sockgen/gen/typescript"
)

// A Lock is what sockgen.lock remembers of each release: the wire models of its
// namespaces. Calls that only read it may overlap.
type Lock struct{ models *compat.Lock }

// ParseLock reads the text of a lock file; none at all is a lock without releases.
// The error says what is wrong with it, without the file's name.
func ParseLock(data []byte) (*Lock, error) {
	lock, err := compat.ParseLock(data)
	if err != nil {
		return nil, err
	}
	return &Lock{lock}, nil
}

// locked returns the models of l, which may be nil.
func (l *Lock) locked() *compat.Lock {
	if l == nil {
		return nil
	}
	return l.models
}

// Text returns the text of the lock file, the same for the same releases.
func (l *Lock) Text() ([]byte, error) { return l.models.Append(nil) }

// A Release is a namespace as it went out to clients.
type Release struct {
	Namespace   string // without the names of parameters: "/match/{}"
	Fingerprint string
}

// Add adds the namespaces of a schema, as it is now, and returns those that
// the lock did not have. When a diagnostic is an error it adds nothing.
func (l *Lock) Add(in Input) ([]Release, []diag.Diagnostic) {
	u := understand(in)
	if u.doc == nil {
		return nil, u.diags
	}
	var added []Release
	for _, m := range l.models.Add(compat.Models(u.doc)) {
		added = append(added, Release{m.Path, m.Fingerprint()})
	}
	return added, u.diags
}

// An understood is a schema before it is rendered.
type understood struct {
	written *schema.Document
	doc     *ir.Document // nil when a diagnostic is an error
	diags   []diag.Diagnostic
}

// targets are the languages that documents are rendered in.
var targets = []ir.Target{golang.Target{}, typescript.Target{}}

// understand reads a schema and what it imports.
func understand(in Input) understood {
	written, diags := schema.Load(in.File, in.Source, in.Read)
	var shared []string
	for _, s := range in.Shared {
		shared = append(shared, s.File)
	}
	doc, more := check.Options{Initialisms: in.Initialisms, Shared: shared, Targets: targets}.Check(written)
	return understood{written, doc, diag.Sort(slices.Concat(diags, more))}
}

// label names a released model to people.
func label(m *compat.Model) string {
	if m.Version == "" {
		return m.Fingerprint()
	}
	return fmt.Sprintf("%s %s", m.Version, m.Fingerprint())
}
