// SPDX-License-Identifier: Apache-2.0

package schema

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sockgen/sockgen/gen/diag"
)

// parse reads a schema that is right.
func parse(t *testing.T, text string) *Document {
	t.Helper()
	doc, diags := Parse("events.yaml", []byte(text))
	if len(diags) > 0 {
		t.Fatalf("diagnostics:\n%s", diag.Render(diags))
	}
	return doc
}

// Every node knows where it stands, and a part of its text too.
func TestPositions(t *testing.T) {
	doc := parse(t, "a: plain text\nb:\n  ü: \"qu:oted\"\n  c: [x, 'it''s', y]\nd: \"es\\tcaped\"\ne: |\n  block\n")
	item := func(i int) *Node { return doc.Root.Get("b").Get("c").Items[i] }
	for _, test := range []struct {
		name         string
		node         *Node
		line, column int
		width        int
		partColumn   int // of Text[1:2]
		partWidth    int
	}{
		{"plain", doc.Root.Get("a"), 1, 4, 10, 5, 1},
		{"quoted", doc.Root.Get("b").Get("ü"), 3, 6, 9, 8, 1},
		{"item", item(2), 4, 19, 1, 19, 1},
		{"escaped quote", item(1), 4, 10, 1, 10, 1},
		{"escape", doc.Root.Get("d"), 5, 4, 1, 4, 1},
		{"block", doc.Root.Get("e"), 6, 4, 1, 4, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			p, width := test.node.Span()
			if p.Line != test.line || p.Column != test.column || width != test.width {
				t.Errorf("span %d:%d+%d, want %d:%d+%d", p.Line, p.Column, width, test.line, test.column, test.width)
			}
			p, width = test.node.Part(1, 2)
			if p.Column != test.partColumn || width != test.partWidth {
				t.Errorf("part at %d+%d, want %d+%d", p.Column, width, test.partColumn, test.partWidth)
			}
		})
	}
	if got := doc.Line(3); got != `  ü: "qu:oted"` {
		t.Errorf("line 3 is %q", got)
	}
	if doc.Line(0) != "" || doc.Line(99) != "" {
		t.Error("lines beyond the file are not empty")
	}
}

// A scalar keeps its text and says what YAML takes it for.
func TestLiterals(t *testing.T) {
	doc := parse(t, "a: true\nb: 12\nc: 1.5\nd: 2026-01-02\ne: text\nf: \"12\"\ng: yes\nh:\ni: ~\nj: 1..5\nk: 010\n")
	for _, test := range []struct {
		key, text string
		kind      Kind
		literal   Literal
	}{
		{"a", "true", Scalar, Bool}, {"b", "12", Scalar, Int}, {"c", "1.5", Scalar, Float}, {"d", "2026-01-02", Scalar, Timestamp},
		{"e", "text", Scalar, String}, {"f", "12", Scalar, String}, {"g", "yes", Scalar, String}, {"h", "", Null, String},
		{"i", "", Null, String}, {"j", "1..5", Scalar, String}, {"k", "010", Scalar, Int},
	} {
		n := doc.Root.Get(test.key)
		if n.Text != test.text || n.Kind != test.kind || n.Literal != test.literal {
			t.Errorf("%s: %q, kind %d, literal %d", test.key, n.Text, n.Kind, n.Literal)
		}
	}
	if doc.Root.Get("absent") != nil {
		t.Error("a key that is not there has a value")
	}
}

// Aliases share what they refer to; "<<" adds what is not there yet.
func TestAliasesAndMerges(t *testing.T) {
	doc := parse(t, "base: &b { x: 1, y: 2 }\nmore: &m { y: 3, z: 4 }\nsame: *b\nmerged: { <<: [*b, *m], x: 9 }\nkey: &k name\nother: { *k : 5 }\n")
	if doc.Root.Get("same") != doc.Root.Get("base") {
		t.Error("an alias is not what it refers to")
	}
	merged := doc.Root.Get("merged")
	for key, want := range map[string]string{"x": "9", "y": "2", "z": "4"} {
		if n := merged.Get(key); n == nil || n.Text != want {
			t.Errorf("merged %s is %v, want %s", key, n, want)
		}
	}
	if len(merged.Entries) != 3 {
		t.Errorf("merged has %d entries", len(merged.Entries))
	}
	if doc.Root.Get("other").Get("name") == nil {
		t.Error("an alias as a key is lost")
	}
}

// Each bound of a document is refused one past it, in little time (G-02).
func TestLimits(t *testing.T) {
	nested := func(n int) string { return strings.Repeat("[", n) + strings.Repeat("]", n) }
	bomb := func(levels int) string {
		var b strings.Builder
		b.WriteString("a0: &a0 [x]\n")
		for i := 1; i <= levels; i++ {
			fmt.Fprintf(&b, "a%d: &a%d [%s*a%d]\n", i, i, strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 9), i-1)
		}
		return b.String()
	}
	chain := func(n int) string {
		var b strings.Builder
		b.WriteString("a0: &a0 [x]\n")
		for i := 1; i <= n; i++ {
			fmt.Fprintf(&b, "a%d: &a%d [*a%d]\n", i, i, i-1)
		}
		return b.String()
	}
	for _, test := range []struct {
		name string
		text string
		fine bool
	}{
		{"size at the limit", "# " + strings.Repeat("x", maxBytes-2), true},
		{"size beyond it", "# " + strings.Repeat("x", maxBytes-1), false},
		{"depth at the limit", "a: " + nested(maxDepth-1), true},
		{"depth beyond it", "a: " + nested(maxDepth), false},
		{"a million levels", "a: " + nested(400_000), false},
		{"a million indented levels", strings.Repeat("- ", 200_000), false},
		{"aliases within the limit", bomb(3), true},
		{"a bomb", bomb(5), false},
		{"a bomb of 10^60", bomb(60), false},
		{"a chain within the depth", chain(40), true},
		{"a chain of aliases that is too deep", chain(100), false},
		{"an alias to what is around it", "a: &a [*a]", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			begin := time.Now()
			doc, diags := Parse("events.yaml", []byte(test.text))
			if test.fine != (len(diags) == 0) {
				t.Fatalf("diagnostics:\n%.2000s", diag.Render(diags))
			}
			if doc.Damaged == test.fine {
				t.Errorf("damaged is %v", doc.Damaged)
			}
			if took := time.Since(begin); took > 2*time.Minute { // on a busy machine; what is not bounded takes for ever
				t.Errorf("took %s", took)
			}
		})
	}
}

// The reason for each refusal is the limit, not a side effect of it.
func TestLimitCodes(t *testing.T) {
	for _, text := range []string{"# " + strings.Repeat("x", maxBytes), strings.Repeat("[", 70) + strings.Repeat("]", 70), strings.Repeat("[", 100_000)} {
		_, diags := Parse("events.yaml", []byte(text))
		if len(diags) != 1 || diags[0].Code != diag.DocumentLimit {
			t.Errorf("%.10q…: %v", text, diags)
		}
	}
}

// An empty file is a document with nothing in it.
func TestEmpty(t *testing.T) {
	for _, text := range []string{"", "\n\n", "# a comment\n", "---\n", "\ufeff"} {
		if doc := parse(t, text); doc.Root == nil || doc.Root.Kind != Null {
			t.Errorf("%q: root %v", text, doc.Root)
		}
	}
}
