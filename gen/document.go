package gen

import (
	"slices"

	"github.com/sockgen/sockgen/gen/check"
	"github.com/sockgen/sockgen/gen/compat"
	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/ir"
	"github.com/sockgen/sockgen/gen/schema"
)

// A Meaning is a schema as it is meant: every reference resolved, every default filled in.
type Meaning = ir.Document

// Document returns what a schema means, for tools that know it only once they run. It
// is nil when a diagnostic is an error. Calls may overlap.
func Document(in Input) (*Meaning, []diag.Diagnostic) {
	parsed, diags := schema.Load(in.File, in.Source, in.Read)
	doc, more := check.Options{Initialisms: in.Initialisms}.Check(parsed)
	if doc != nil {
		compat.Stamp(doc, in.Lock.locked())
	}
	return doc, diag.Sort(slices.Concat(diags, more))
}
