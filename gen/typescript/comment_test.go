// SPDX-License-Identifier: Apache-2.0

package typescript

import (
	"slices"
	"strings"
	"testing"
)

func TestComment(t *testing.T) {
	long := strings.TrimSpace(strings.Repeat("word ", 20))
	tests := []struct {
		name, doc, deprecated string
		indent                int
		want                  []string
	}{
		{"nothing", "", "", 0, nil},
		{"blank", " \n\t\n", "", 0, nil},
		{"one line", "Posts a message.", "", 2, []string{"/** Posts a message. */"}},
		{"words are wrapped", long, "", 0, []string{"/**", " * " + strings.Repeat("word ", 14) + "word", " * word word word word word", " */"}},
		{"lines are joined", "one\ntwo", "", 0, []string{"/** one two */"}},
		{"paragraphs stay", "one\n\n\ntwo\n", "", 0, []string{"/**", " * one", " *", " * two", " */"}},
		{"deprecated", "", "since 2.0: use b", 0, []string{"/** @deprecated since 2.0: use b */"}},
		{"deprecated without a reason", "", " ", 0, []string{"/** @deprecated */"}},
		{"deprecated with words", "Says a.", "use b", 0, []string{"/**", " * Says a.", " *", " * @deprecated use b", " */"}},
		{"deprecated is wrapped", "", long, 0, []string{"/**", " * @deprecated " + strings.Repeat("word ", 12) + "word", " * " + strings.TrimSpace(strings.Repeat("word ", 7)), " */"}},
		{"the end of a comment", "a */ b */", "", 0, []string{`/** a *\/ b *\/ */`}},
		{"a slash behind a line that ends in a star", "*\n/", "", 0, []string{"/** * / */"}},
		{"directives", "@ts-ignore and\n@ts-expect-error", "", 0, []string{`/** \@ts-ignore and \@ts-expect-error */`}},
		{"addresses are no tags", "ask a@b.example", "", 0, []string{"/** ask a@b.example */"}},
		{"separators are line breaks", "a\u2028b\u2029c\r\nd\re", "", 0, []string{"/** a b c d e */"}},
		{"controls and marks vanish", "a\x00b\u202ec\u200bd", "", 0, []string{"/** a b c d */"}},
		{"emoji of several parts stay", "a 👩\u200d💻", "", 0, []string{"/** a 👩\u200d💻 */"}},
		{"code stays", "`a` ${b} \"c\"", "", 0, []string{"/** `a` ${b} \"c\" */"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := comment(tt.doc, tt.deprecated, tt.indent); !slices.Equal(got, tt.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
		})
	}
}

func FuzzComment(f *testing.F) {
	f.Add("*/", "*\n/")
	f.Add("a\n\n@x", "\u2028*/")
	f.Add("*\x00/", "**//")
	f.Fuzz(func(t *testing.T, doc, deprecated string) {
		lines := comment(doc, deprecated, 2)
		if len(lines) == 0 {
			return
		}
		body, ends := strings.CutSuffix(strings.Join(lines, "\n"), "*/")
		if !ends || !strings.HasPrefix(body, "/**") || strings.Contains(strings.TrimPrefix(body, "/*"), "*/") {
			t.Fatalf("comment(%q, %q) ends early or not at all:\n%s", doc, deprecated, strings.Join(lines, "\n"))
		}
		for _, l := range lines {
			if strings.ContainsAny(l, "\n\r\u2028\u2029") || strings.TrimRight(l, " ") != l {
				t.Fatalf("comment(%q, %q) has the line %q", doc, deprecated, l)
			}
			text := strings.TrimSpace(strings.TrimLeft(l, "/* "))
			if strings.HasPrefix(text, "@") && !strings.HasPrefix(text, "@deprecated") {
				t.Fatalf("comment(%q, %q) has the tag %q", doc, deprecated, l)
			}
		}
	})
}
