// SPDX-License-Identifier: Apache-2.0

package gen_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/sockgen/sockgen/gen/check"
	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/schema"
)

// The schema that uses every construct of the language gives rise to no diagnostic.
func TestEverythingIsValid(t *testing.T) {
	const dir = "testdata/everything"
	doc, diags := schema.Load("events.yaml", readFile(t, filepath.Join(dir, "events.yaml")), func(name string) ([]byte, error) {
		return os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
	})
	out, more := check.Check(doc)
	if diags = append(diags, more...); out == nil || len(diags) > 0 {
		t.Errorf("diagnostics:\n%s", diag.Render(diags))
	}
}
