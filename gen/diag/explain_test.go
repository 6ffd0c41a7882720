// SPDX-License-Identifier: Apache-2.0

package diag

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Every code has an explanation, and no other has one; they come in the order of
// their declarations.
func TestEveryCodeIsExplained(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "code.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var declared []Code
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok {
			for _, v := range spec.Values {
				code, err := strconv.Unquote(v.(*ast.BasicLit).Value)
				if err != nil {
					t.Fatal(err)
				}
				declared = append(declared, Code(code))
			}
		}
		return true
	})
	if got := Codes(); !slices.Equal(got, declared) {
		t.Errorf("explained are %q\ndeclared are %q", got, declared)
	}
}

func TestExplanationsAreComplete(t *testing.T) {
	for _, code := range Codes() {
		e, ok := Explain(code)
		if !ok || e.Code != code || e.Text == "" || e.Wrong == "" || e.Right == "" || e.Wrong == e.Right {
			t.Errorf("%s: %+v", code, e)
		}
		for line := range strings.Lines(e.Text) {
			if len(line) > 121 {
				t.Errorf("%s: a line of %d bytes: %s", code, len(line), line)
			}
		}
	}
	if e, ok := Explain("nothing"); ok || e.Code != "" {
		t.Errorf("a code that is none is explained as %+v", e)
	}
}

func TestExampleFiles(t *testing.T) {
	files := ExampleFiles("a: 1\n-- sub/shared.yaml --\nb: 2\nc: 3\n")
	if len(files) != 2 || files["events.yaml"] != "a: 1\n" || files["sub/shared.yaml"] != "b: 2\nc: 3\n" {
		t.Errorf("%q", files)
	}
}
