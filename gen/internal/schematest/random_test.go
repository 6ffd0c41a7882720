// SPDX-License-Identifier: Apache-2.0

package schematest_test

import (
	"testing"

	"github.com/sockgen/sockgen/gen/check"
	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/internal/schematest"
	"github.com/sockgen/sockgen/gen/schema"
)

// Each random schema is valid, and the same again from the same seed.
func TestRandomIsValid(t *testing.T) {
	seeds := uint64(500)
	if testing.Short() {
		seeds = 50
	}
	for seed := range seeds {
		files := schematest.RandomFiles(seed, seed%3 == 0)
		src := files["events.yaml"]
		if again := schematest.RandomFiles(seed, seed%3 == 0); again["events.yaml"] != src {
			t.Fatalf("seed %d gives two schemas", seed)
		}
		doc, diags := schema.Load("events.yaml", []byte(src), func(name string) ([]byte, error) { return []byte(files[name]), nil })
		out, more := check.Check(doc)
		if diags = append(diags, more...); out == nil {
			t.Fatalf("seed %d:\n%s\n%s", seed, src, diag.Render(diags))
		}
	}
}
