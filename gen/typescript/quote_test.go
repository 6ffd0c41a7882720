// SPDX-License-Identifier: Apache-2.0

package typescript

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestQuote(t *testing.T) {
	tests := []struct{ in, want string }{
		{"", `""`},
		{"message:send", `"message:send"`},
		{`'`, `"'"`},
		{`"`, `'"'`},
		{`"'`, `"\"'"`},
		{`""'`, `'""\''`},
		{`\`, `"\\"`},
		{"a\nb\rc\td", `"a\nb\rc\td"`},
		{"\x00\x7f", `"\u0000\u007f"`},
		{"\u2028\u2029", `"\u2028\u2029"`},
		{"\u202e", `"\u202e"`},
		{"é", `"\u00e9"`},
		{"🙂", `"\ud83d\ude42"`},
		{"`${x}*/", "\"`${x}*/\""},
		{"\xff", `"\ufffd"`},
	}
	for _, tt := range tests {
		if got := quote(tt.in); got != tt.want {
			t.Errorf("quote(%q) = %s, want %s", tt.in, got, tt.want)
		}
	}
}

func TestPropertyKey(t *testing.T) {
	for _, word := range []string{"a", "A1", "_", "$error", "__proto__", "new", "constructor"} {
		if got := string(propertyKey(word)); got != word {
			t.Errorf("propertyKey(%q) = %s, want it without quotes", word, got)
		}
	}
	for _, other := range []string{"", "1", "1a", "a-b", "a:b", "a b", "é", "a\n"} {
		if got := string(propertyKey(other)); got != quote(other) {
			t.Errorf("propertyKey(%q) = %s, want it in quotes", other, got)
		}
	}
}

func FuzzQuote(f *testing.F) {
	for _, seed := range []string{"", `"`, `'"`, "\\", "\n", "\u2028", "a\xffb", "🙂", "${`"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		literal := quote(s)
		mark := literal[:1]
		for i := range len(literal) {
			if literal[i] < ' ' || literal[i] >= 0x7f {
				t.Fatalf("quote(%q) = %q holds the byte %#x", s, literal, literal[i])
			}
		}
		// In double quotes a JavaScript literal of these escapes is JSON.
		body := literal[1 : len(literal)-1]
		if mark == `'` {
			body = strings.NewReplacer(`\\`, `\\`, `\'`, `'`, `"`, `\"`).Replace(body)
		}
		var back string
		if err := json.Unmarshal([]byte(`"`+body+`"`), &back); err != nil {
			t.Fatalf("quote(%q) = %s, which is no literal: %v", s, literal, err)
		}
		if want := strings.ToValidUTF8(s, "\ufffd"); strings.ReplaceAll(back, "\ufffd", "") != strings.ReplaceAll(want, "\ufffd", "") {
			t.Fatalf("quote(%q) = %s, which reads as %q", s, literal, back)
		}
	})
}
