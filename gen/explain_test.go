// SPDX-License-Identifier: Apache-2.0

package gen_test

import (
	"io/fs"
	"slices"
	"testing"

	"github.com/sockgen/sockgen/gen/check"
	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/golang"
	"github.com/sockgen/sockgen/gen/ir"
	"github.com/sockgen/sockgen/gen/lint"
	"github.com/sockgen/sockgen/gen/schema"
	"github.com/sockgen/sockgen/gen/typescript"
	"github.com/sockgen/sockgen/internal/counts"
)

// The wrong example of each code gives rise to that code alone, and the right one
// to nothing.
func TestExplanationsHold(t *testing.T) {
	for _, code := range diag.Codes() {
		t.Run(string(code), func(t *testing.T) {
			e, _ := diag.Explain(code)
			wrong := diagnose(diag.ExampleFiles(e.Wrong), lintsOf[code])
			if len(wrong) == 0 {
				t.Errorf("the wrong example is right:\n%s", e.Wrong)
			}
			for _, d := range wrong {
				if d.Code != code {
					t.Errorf("the wrong example is wrong otherwise, too:\n%s", diag.Render(wrong))
				}
			}
			if right := diagnose(diag.ExampleFiles(e.Right), lintsOf[code]); len(right) > 0 {
				t.Errorf("the right example is wrong:\n%s", diag.Render(right))
			}
		})
	}
	counts.Print(t, "codes: %s diagnostics explained, each with a wrong example and a right one", counts.Number(len(diag.Codes())))
}

// lintsOf say which lints give rise to a code; others come without.
var lintsOf = map[diag.Code]lint.Options{
	diag.EventCase:  {EventCase: lint.Same},
	diag.MissingDoc: {MissingDoc: true},
	diag.ClosedEnum: {ClosedEnum: true},
}

// diagnose checks the schema that begins with events.yaml.
func diagnose(files map[string]string, lints lint.Options) []diag.Diagnostic {
	doc, diags := schema.Load("events.yaml", []byte(files["events.yaml"]), func(name string) ([]byte, error) {
		text, ok := files[name]
		if !ok {
			return nil, fs.ErrNotExist
		}
		return []byte(text), nil
	})
	meant, more := check.Options{Targets: []ir.Target{golang.Target{}, typescript.Target{}}}.Check(doc)
	return diag.Sort(slices.Concat(diags, more, lint.Check(doc, meant, lints)))
}
