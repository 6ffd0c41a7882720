// SPDX-License-Identifier: Apache-2.0

package check

import (
	"regexp"
	"testing"
)

// Each pattern is one that both languages read alike, or is refused for a
// construct that begins at a known place.
func TestPortablePatterns(t *testing.T) {
	for _, test := range []struct {
		pattern string
		at      int // byte of the first problem, -1 for none
	}{
		{`^[a-z0-9-]+$`, -1},
		{`^image/(png|jpeg)$`, -1},
		{`\d{1,3}(?:\.\d{2})?`, -1},
		{`\p{L}[\p{Nd}_\-\]]*`, -1},
		{`(?<year>\d{4})`, -1},
		{`\x41\n\t\/`, -1},
		{`a{2,}b{3}`, -1},
		{`ä☃𝄞`, -1},
		{`\bword\b`, -1},
		{`(?i)a`, 0},
		{`a(?P<n>b)`, 1},
		{`a(?=b)`, 1},
		{`(?<!a)b`, 0},
		{`(a)\1`, 3},
		{`\Aa\z`, 0},
		{`[[:alpha:]]`, 1},
		{`[]a]`, 0},
		{`[^]a]`, 0},
		{`\pL`, 0},
		{`\p{Greek}`, 0},
		{`a\_b`, 1},
		{`a\-b`, 1},
		{`a\ b`, 1},
		{`a{,5}`, 1},
		{`{`, 0},
		{`a}`, 1},
		{`a]`, 1},
		{`^*a`, 1},
		{`\b+`, 2},
		{`^{2}`, 1},
		{`\s`, 0},
		{`[\s]`, 1},
		{`\u0041`, 0},
		{`\x{41}`, 0},
		{`\Qa\E`, 0},
		{`\0`, 0},
		{`[\b]`, 1},
		{`[\d-x]`, 1},
		{`[\d-]`, -1},
		{`{00}`, 0},
		{`(?<a>b)(?<a>c)`, 7},
	} {
		s := &patternScanner{text: test.pattern}
		problems := s.scan()
		switch {
		case test.at < 0 && len(problems) > 0:
			t.Errorf("%s: refused: %v", test.pattern, problems)
		case test.at >= 0 && (len(problems) == 0 || problems[0].from != test.at):
			t.Errorf("%s: got %v, want a problem at %d", test.pattern, problems, test.at)
		}
		if test.at < 0 {
			regexp.MustCompile(test.pattern)
		}
	}
}

// Whatever the pattern, the scanner ends, and its places lie within the text.
func FuzzPatternScanner(f *testing.F) {
	for _, s := range []string{`^[a-z]+$`, `(?i`, `[`, `\`, `\p{`, `{1,`, `[^`, `[\`, `(?P<`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s := &patternScanner{text: text}
		for _, p := range s.scan() {
			if p.from < 0 || p.from >= p.to || p.to > len(text) {
				t.Fatalf("%q: problem at %d:%d", text, p.from, p.to)
			}
		}
	})
}
