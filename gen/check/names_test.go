// SPDX-License-Identifier: Apache-2.0

package check

import (
	"strings"
	"testing"

	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/schema"
)

// Without info.name, the file's name names the package, when it can.
func TestNameFromFile(t *testing.T) {
	for _, test := range []struct{ file, name string }{
		{"events.yaml", "events"},
		{"api/chat.yaml", "chat"},
		{"chat", "chat"},
		{"chat_v2.yml", "chat_v2"},
		{"chat-events.yaml", "chatevents"},
		{"Events.yaml", "events"},
		{"events.v1.yaml", "eventsv1"},
		{"my chat (copy).yaml", "mychatcopy"},
		{"x_test.yaml", "xtest"},
		{"2.yaml", ""},
		{"aux.yaml", ""},
		{"init.yaml", ""},
		{"func.yaml", ""},
		{"internal.yaml", ""},
		{".yaml", ""},
	} {
		doc, _ := schema.Parse(test.file, []byte("sockgen: 1\nnamespaces: { /: { server: { a: } } }\n"))
		out, diags := Check(doc)
		switch {
		case test.name == "" && (out != nil || len(diags) != 1 || diags[0].Code != diag.MissingKey || !strings.Contains(diags[0].Message, "info: { name: … }")):
			t.Errorf("%s: %v", test.file, diags)
		case test.name != "" && (out == nil || out.Name != test.name):
			t.Errorf("%s: %v, %v", test.file, out, diags)
		}
	}
}

// The header of generated files names the schema's file alone, so that it is the
// same on every machine.
func TestSourceIsTheBaseName(t *testing.T) {
	doc, _ := schema.Parse("some/where/chat.yaml", []byte("sockgen: 1\nnamespaces: { /: { server: { a: } } }\n"))
	out, _ := Check(doc)
	if out == nil || out.Source != "chat.yaml" {
		t.Errorf("%+v", out)
	}
}

// Check gives no document for a file that could not be read in full, even when
// the rest is right.
func TestDamagedDocument(t *testing.T) {
	doc, parsed := schema.Parse("events.yaml", []byte("sockgen: 1\nsockgen: 1\nnamespaces: { /: { server: { a: } } }\n"))
	out, diags := Check(doc)
	if len(parsed) != 1 || out != nil || len(diags) != 0 {
		t.Errorf("parse %v, check %v, document %v", parsed, diags, out)
	}
}
