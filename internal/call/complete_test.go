// SPDX-License-Identifier: Apache-2.0

package call_test

import (
	"strings"
	"testing"

	"github.com/sockgen/sockgen/gen"
	"github.com/sockgen/sockgen/internal/call"
)

const completable = `sockgen: 1
types:
  Mood: { enum: [happy, hungry, sad] }
  Text: { struct: { body: string } }
  Image: { struct: { mime: string } }
  Content: { union: { tag: kind, of: { text: Text, image: Image } } }
namespaces:
  /:
    client:
      say: { payload: { text: string, mood: Mood, loud: bool, content: Content, tags: list<Mood> } }
      save all: { name: SaveAll }
      place: { args: [int, Mood] }
`

// What is typed up to "|" is completed; where there is a choice, it is listed.
func TestComplete(t *testing.T) {
	doc, diags := gen.Document(gen.Input{File: "events.yaml", Source: []byte(completable)})
	if doc == nil {
		t.Fatal(diags)
	}
	for _, test := range []struct{ typed, want, choices string }{
		{`s|`, `sa|`, ``},
		{`sa|`, `sa|`, `say  save all `},
		{`say|`, `say |`, ``},
		{`sav|`, `save all |`, ``},
		{`/e|`, `/events |`, ``},
		{`x|`, `x|`, ``},
		{`say |`, `say {"|`, ``},
		{`say {|`, `say {"|`, ``},
		{`say {"t|`, `say {"t|`, `"text":  "tags": `},
		{`say {"te|`, `say {"text": |`, ``},
		{`say {"text"|`, `say {"text": |`, ``},
		{`say {"text": |`, `say {"text": "|`, ``},
		{`say {"text": "a, {b", "mo|`, `say {"text": "a, {b", "mood": |`, ``},
		{`say {"text": "\"", "mood": "h|`, `say {"text": "\"", "mood": "h|`, `"happy" "hungry"`},
		{`say {"mood": "s|`, `say {"mood": "sad"|`, ``},
		{`say {"loud": t|`, `say {"loud": true|`, ``},
		{`say {"content": {"kind": "i|`, `say {"content": {"kind": "image"|`, ``},
		{`say {"content": {"b|`, `say {"content": {"body": |`, ``},
		{`say {"content": {"kind": "text"}, "l|`, `say {"content": {"kind": "text"}, "loud": |`, ``},
		{`say {"tags": ["happy", "hu|`, `say {"tags": ["happy", "hungry"|`, ``},
		{`say {"m|} `, `say {"mood": |} `, ``},
		{`place 1 "s|`, `place 1 "sad"|`, ``},
		{`place 1 |`, `place 1 "|`, ``},
		{`save all |`, `save all |`, ``},
	} {
		pos := strings.Index(test.typed, "|")
		line, at, choices := call.Complete(doc.Namespaces[0], strings.Replace(test.typed, "|", "", 1), pos)
		got := line[:at] + "|" + line[at:]
		if got != test.want {
			t.Errorf("%s\n became %s\n not    %s", test.typed, got, test.want)
		}
		if joined := strings.Join(choices, " "); test.choices != "" && joined != test.choices {
			t.Errorf("%s: choices %q, want %q", test.typed, joined, test.choices)
		}
	}
}
