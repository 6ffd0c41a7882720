// SPDX-License-Identifier: Apache-2.0

package schema_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/schema"
)

func TestFormat(t *testing.T) {
	for _, test := range []struct{ name, src, want string }{
		{"space", "sockgen:   1\nnamespaces:   {/: {server: {tick:   string , tock: [ a,b ]}}}  \n\n\n", "sockgen: 1\nnamespaces: { /: { server: { tick: string, tock: [a, b] } } }\n"},
		{"braces", "a: {b: [ 1,2 ],c: {}, d: [ ]}\n", "a: { b: [1, 2], c: {}, d: [] }\n"},
		{"indentation", "a:\n    b:\n        c: 1\n    d: 2\n", "a:\n  b:\n    c: 1\n  d: 2\n"},
		{"lists", "a:\n-   b: 1\n    c: 2\n-   d\ne:\n    - f: 1\n      g: 2\n", "a:\n- b: 1\n  c: 2\n- d\ne:\n  - f: 1\n    g: 2\n"},
		{"lists of lists", "a:\n   -   - 1\n       - 2\n   - 3\n", "a:\n  - - 1\n    - 2\n  - 3\n"},
		{"comments", "#top\n\n\n\na: 1    # one\nb: 22   # two\n    # of c\nc:\n    # of d\n    d: 1   \n    # the end of c\n# the end\n", "#top\n\na: 1    # one\nb: 22   # two\n# of c\nc:\n  # of d\n  d: 1\n  # the end of c\n# the end\n"},
		{"a comment that is near", "a:     1 # x\n", "a: 1     # x\n"},
		{"lines of braces", "a: {\n      b: 1,   # one\n  c: { d: 1,\n e: 2 }\n }\n", "a: {\n  b: 1,   # one\n  c: { d: 1,\n    e: 2 }\n}\n"},
		{"text", "a:\n    b: |\n          x\n            y  \n\n          z\n\n\n    c: >-\n     folded\n     twice\n", "a:\n  b: |\n    x\n      y  \n\n    z\n\n  c: >-\n    folded\n    twice\n"},
		{"text that keeps its end", "a: |+\n    x\n\n\nb: 1\n", "a: |+\n  x\n\n\nb: 1\n"},
		{"text in lines", "a:\n    b: some words\n       and more\n    c: \"x\n      y\"\n", "a:\n  b: some words\n    and more\n  c: \"x\n      y\"\n"},
		{"anchors", "x-id:   &id   {type: string,length: 1..64}\na: {b: *id , c:   *id}\n", "x-id: &id { type: string, length: 1..64 }\na: { b: *id, c: *id }\n"},
		{"an arrow", "a:\n   b   ->  c:   string\n", "a:\n  b   ->  c: string\n"},
		{"the ends of lines", "\ufeffa:\r\n    b: 1\r\n", "a:\n  b: 1\n"},
		{"no end", "a: 1", "a: 1\n"},
		{"nothing", "", "\n"},
		{"a comment alone", "\n\n  # x\n", "# x\n"},
		{"the begin of a document", "---\na:\n   b: 1\n", "---\na:\n  b: 1\n"},
		{"an own indentation", "a:\n     b: |2\n         x\n", "a:\n     b: |2\n         x\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, diags := schema.Format("events.yaml", []byte(test.src))
			if len(diags) > 0 {
				t.Fatal(diag.Render(diags))
			}
			if diff := cmp.Diff(test.want, string(got)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			again, _ := schema.Format("events.yaml", got)
			if diff := cmp.Diff(string(got), string(again)); diff != "" {
				t.Errorf("once more it is formatted otherwise (-once +twice)\n%s", diff)
			}
		})
	}
}

// What is no YAML is told, and stays.
func TestFormatBroken(t *testing.T) {
	got, diags := schema.Format("events.yaml", []byte("a: [\n"))
	if got != nil || len(diags) != 1 || diags[0].Code != diag.YAMLSyntax {
		t.Errorf("%q, %v", got, diags)
	}
}

// Whatever YAML it is: formatting keeps what it means, and formats it once for all.
func FuzzFormat(f *testing.F) {
	f.Add("a:\n    - b: {c: [1,2]} # x\n      d: |\n         text\n")
	f.Add("a: 'b''c'\n\"d\": ? \n")
	f.Fuzz(func(t *testing.T, src string) {
		doc, diags := schema.Parse("events.yaml", []byte(src))
		if len(diags) > 0 {
			return
		}
		got, _ := schema.Format("events.yaml", []byte(src))
		after, diags := schema.Parse("events.yaml", got)
		if len(diags) > 0 || !schema.Equal(doc.Root, after.Root) {
			t.Fatalf("%q became %q\n%s", src, got, diag.Render(diags))
		}
		if again, _ := schema.Format("events.yaml", got); string(again) != string(got) {
			t.Fatalf("%q became %q, then %q", src, got, again)
		}
	})
}
