// SPDX-License-Identifier: Apache-2.0

package diag

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func at(line, column int) Position { return Position{"events.yaml", line, column} }

// A diagnostic is one line for editors, the schema's line, and a caret beneath
// the place, whatever stands in that line.
func TestRender(t *testing.T) {
	long := strings.Repeat("a", 150) + "Mesage" + strings.Repeat("b", 150)
	for _, test := range []struct {
		name string
		d    Diagnostic
		want string
	}{
		{"suggestion", Diagnostic{Code: UnknownType, Position: at(14, 12), Width: 6, Message: `unknown type "Mesage"`, Suggestion: "Message", Line: "  payload: Mesage"},
			"events.yaml:14:12: error[unknown-type]: unknown type \"Mesage\" (did you mean \"Message\"?)\n" +
				"      payload: Mesage\n" +
				"               ^^^^^^\n"},
		{"warning", Diagnostic{Code: UnusedType, Severity: Warning, Position: at(1, 1), Message: "nothing uses it", Line: "A"},
			"events.yaml:1:1: warning[unused-type]: nothing uses it\n    A\n    ^\n"},
		{"runes count once", Diagnostic{Code: BadName, Position: at(2, 4), Width: 2, Message: "m", Line: "äöü☃𝄞x"},
			"events.yaml:2:4: error[bad-name]: m\n    äöü☃𝄞x\n       ^^\n"},
		{"tabs and control characters", Diagnostic{Code: BadName, Position: at(2, 3), Width: 1, Message: "m", Line: "\ta\x1b[31m\u202e"},
			"events.yaml:2:3: error[bad-name]: m\n     a␛[31m\ufffd\n      ^\n"},
		{"width ends with the line", Diagnostic{Code: BadName, Position: at(1, 2), Width: 99, Message: "m", Line: "abc"},
			"events.yaml:1:2: error[bad-name]: m\n    abc\n     ^^\n"},
		{"behind the line", Diagnostic{Code: BadName, Position: at(1, 9), Width: 9, Message: "m", Line: "abc"},
			"events.yaml:1:9: error[bad-name]: m\n    abc\n       ^\n"},
		{"long line", Diagnostic{Code: BadName, Position: at(1, 151), Width: 6, Message: "m", Line: long},
			"events.yaml:1:151: error[bad-name]: m\n    …" + strings.Repeat("a", 49) + "Mesage" + strings.Repeat("b", 43) + "…\n    " +
				strings.Repeat(" ", 50) + "^^^^^^\n"},
		{"whole file", Diagnostic{Code: DocumentLimit, Position: Position{File: "a\nb.yaml"}, Message: "too large"},
			"a\\nb.yaml: error[document-limit]: too large\n"},
		{"message with controls", Diagnostic{Code: BadName, Position: at(1, 1), Message: "evil \x1b[2J\n text", Line: "x"},
			"events.yaml:1:1: error[bad-name]: evil \\x1b[2J\\n text\n    x\n    ^\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, Render([]Diagnostic{test.d})); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// Diagnostics come in the order of the file, each once.
func TestSort(t *testing.T) {
	a := Diagnostic{Code: BadName, Position: at(1, 5), Message: "a"}
	b := Diagnostic{Code: BadName, Position: at(1, 5), Message: "b"}
	c := Diagnostic{Code: BadName, Position: at(2, 1), Message: "a"}
	w := Diagnostic{Code: UnusedType, Severity: Warning, Position: at(1, 5), Message: "0"}
	other := Diagnostic{Code: BadName, Position: Position{"other.yaml", 1, 1}, Message: "a"}
	list := []Diagnostic{other, c, w, b, a, c, a}
	if diff := cmp.Diff([]Diagnostic{a, b, w, c, other}, Sort(list)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if cmp.Diff(list[0], other) != "" {
		t.Error("Sort changed its argument")
	}
	if !HasErrors(list) || HasErrors([]Diagnostic{w}) || HasErrors(nil) {
		t.Error("HasErrors takes a warning for an error, or the reverse")
	}
}

// Quoted input cannot break the line, end the quotes or steer a terminal.
func TestQuote(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{"Message", `"Message"`},
		{`a"b\c`, `"a\"b\\c"`},
		{"a\nb\x1b[0m", `"a\nb\x1b[0m"`},
		{"\u202egnp.exe\u2028", `"\u202egnp.exe\u2028"`},
		{"\xff", `"\ufffd"`},
		{"äß☃", `"äß☃"`},
		{strings.Repeat("x", 65), `"` + strings.Repeat("x", 64) + `…"`},
	} {
		if got := Quote(test.in); got != test.want {
			t.Errorf("Quote(%q) = %s, want %s", test.in, got, test.want)
		}
	}
}

// A suggestion is near, and absent when nothing is.
func TestSuggest(t *testing.T) {
	types := []string{"Message", "Member", "string", "RoomID"}
	for _, test := range []struct{ word, want string }{
		{"Mesage", "Message"},
		{"Memebr", "Member"},
		{"message", "Message"},
		{"strnig", "string"},
		{"roomId", "RoomID"},
		{"Nothing", ""},
		{"x", ""},
		{"", ""},
		{strings.Repeat("Message", 20), ""},
	} {
		if got := Suggest(test.word, types); got != test.want {
			t.Errorf("Suggest(%q) = %q, want %q", test.word, got, test.want)
		}
	}
	if got := Suggest("ab", []string{"ac", "ad"}); got != "ac" {
		t.Errorf("of two that are equally near, Suggest took %q", got)
	}
}

// The distance counts insertions, deletions, substitutions and swaps, and is the
// same both ways.
func TestDistance(t *testing.T) {
	for _, test := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"a", "", 1}, {"", "abc", 3}, {"abc", "abc", 0}, {"abc", "abd", 1}, {"abc", "acb", 1},
		{"kitten", "sitting", 3}, {"ä", "a", 1}, {"abcd", "badc", 2},
	} {
		if got := distance(test.a, test.b); got != test.want {
			t.Errorf("distance(%q, %q) = %d, want %d", test.a, test.b, got, test.want)
		}
		if got := distance(test.b, test.a); got != test.want {
			t.Errorf("distance(%q, %q) = %d, want %d", test.b, test.a, got, test.want)
		}
	}
}

// Whatever a diagnostic quotes, its rendering has as many lines as it should,
// and nothing in them steers a terminal.
func FuzzRender(f *testing.F) {
	f.Add("unknown type", "Message", "  payload: Mesage", 12, 6)
	f.Add("\x1b[31m\n", "\r", "\t\x00\u2028", -1, 1000)
	f.Fuzz(func(t *testing.T, message, suggestion, line string, column, width int) {
		line, _, _ = strings.Cut(line, "\n")
		text := Render([]Diagnostic{{Code: BadName, Position: at(1, column), Width: width, Message: message, Suggestion: suggestion, Line: line}})
		if strings.Count(text, "\n") != 3 {
			t.Fatalf("%q has not three lines", text)
		}
		if i := strings.IndexFunc(text, func(r rune) bool { return r < ' ' && r != '\n' || r == 0x7f || r == '\u202e' || r == '\u2028' }); i >= 0 {
			t.Fatalf("%q holds a control character at %d", text, i)
		}
	})
}

// Colours change nothing but colours.
func TestRenderIn(t *testing.T) {
	colored := RenderIn(ANSI, mixed)
	if !strings.Contains(colored, "\x1b[1;31merror[unknown-type]:\x1b[0m") || !strings.Contains(colored, "\x1b[1;33m^^^^^^^\x1b[0m") {
		t.Errorf("%q", colored)
	}
	if plain := regexp.MustCompile("\x1b\\[[0-9;]*m").ReplaceAllString(colored, ""); plain != Render(mixed) {
		t.Errorf("%q", plain)
	}
}
