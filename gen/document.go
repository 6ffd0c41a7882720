// SPDX-License-Identifier: Apache-2.0

package gen

import (
	"github.com/sockgen/sockgen/gen/compat"
	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/ir"
)

// A Meaning is a schema as it is meant: every reference resolved, every default filled in.
type Meaning = ir.Document

// Document returns what a schema means, for tools that know it only once they run. It
// is nil when a diagnostic is an error. Calls may overlap.
func Document(in Input) (*Meaning, []diag.Diagnostic) {
	u := understand(in)
	if u.doc != nil {
		compat.Stamp(u.doc, in.Lock.locked())
	}
	return u.doc, u.diags
}
