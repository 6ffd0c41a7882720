// SPDX-License-Identifier: Apache-2.0

package language

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite docs/keys.md")

// The page of all keys is the table.
func TestDocs(t *testing.T) {
	const page = "../../docs/keys.md"
	if *update {
		if err := os.WriteFile(page, Markdown(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(text), string(Markdown())); diff != "" {
		t.Errorf("docs/keys.md says otherwise (-page +table); -update rewrites it\n%s", diff)
	}
}

// Each key says what it is for in whole sentences, each word of a form is known once,
// and every mapping that a value refers to is there.
func TestTableIsComplete(t *testing.T) {
	known := map[string]bool{}
	for _, m := range Mappings() {
		if known[m.Name] || m.What == "" {
			t.Errorf("mapping %q is there twice, or has no title", m.Name)
		}
		known[m.Name] = true
	}
	var visit func(at string, v Value)
	visit = func(at string, v Value) {
		if v.kind == mapping && !known[v.mapping] {
			t.Errorf("%s refers to a mapping %q", at, v.mapping)
		}
		for _, inner := range v.of {
			visit(at, inner)
		}
		for _, w := range v.words {
			if !strings.HasSuffix(w.Doc, ".") {
				t.Errorf("%s: word %s has no sentence", at, w.Text)
			}
		}
	}
	for _, m := range Mappings() {
		names := map[string]bool{}
		for _, k := range m.Keys {
			if names[k.Name] {
				t.Errorf("%s has key %s twice", m.Name, k.Name)
			}
			names[k.Name] = true
			if trimmed := strings.TrimRight(k.Doc, "`."); trimmed == k.Doc || k.Doc == "" {
				t.Errorf("%s.%s: %q is no sentence", m.Name, k.Name, k.Doc)
			}
			visit(m.Name+"."+k.Name, k.Value)
		}
	}
}

func TestJSONSchemaIsJSON(t *testing.T) {
	if s := JSONSchema(); !json.Valid(s) || !bytes.Contains(s, []byte(`"markdownDescription"`)) || !bytes.Equal(s, JSONSchema()) {
		t.Errorf("%s", s)
	}
}

func TestKey(t *testing.T) {
	if Document.Key("types").Doc == "" {
		t.Error("the document's types have no doc")
	}
	defer func() {
		if recover() == nil {
			t.Error("a key that is not there was found")
		}
	}()
	Document.Key("typos")
}
