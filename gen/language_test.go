// SPDX-License-Identifier: Apache-2.0

package gen_test

import (
	"bytes"
	"fmt"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"

	"github.com/sockgen/sockgen/gen"
	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/internal/schematest"
	"github.com/sockgen/sockgen/internal/counts"
)

// compiledSchema returns the JSON Schema of the language.
func compiledSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(gen.JSONSchema()))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("schema.json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// plain returns a YAML document as JSON has it.
func plain(t *testing.T, text string) any {
	t.Helper()
	var v any
	if err := yaml.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}
	return texts(v)
}

// texts returns v with keys and dates that are texts.
func texts(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, inner := range v {
			v[k] = texts(inner)
		}
	case map[any]any:
		named := map[string]any{}
		for k, inner := range v {
			named[fmt.Sprint(k)] = texts(inner)
		}
		return named
	case time.Time: // editors read YAML 1.2, which has no such thing
		return v.Format(time.RFC3339Nano)
	case []any:
		for i, inner := range v {
			v[i] = texts(inner)
		}
	}
	return v
}

// Whatever schema sockgen takes, the editors take, too: random ones, with imports, the
// repository's, and the right example of each code.
func TestJSONSchemaTakesWhatIsRight(t *testing.T) {
	s := compiledSchema(t)
	tried := 0
	try := func(name, text string) {
		tried++
		if err := s.Validate(plain(t, text)); err != nil {
			t.Errorf("%s: %v\n%s", name, err, text)
		}
	}
	for seed := range uint64(300) {
		for name, text := range schematest.RandomFiles(seed, seed%2 == 0) {
			try(fmt.Sprintf("seed %d, %s", seed, name), text)
		}
	}
	for _, name := range []string{"../events.yaml", "../example/game/events.yaml", "../example/live/events.yaml", "../example/bench/events.yaml"} {
		try(name, string(readFile(t, name)))
	}
	for _, code := range diag.Codes() {
		e, _ := diag.Explain(code)
		for name, text := range diag.ExampleFiles(e.Right) {
			try(string(code)+" "+name, text)
		}
	}
	counts.Print(t, "JSON Schema: takes %s schemas that are right", counts.Number(tried))
}

// What is wrong in form is underlined while somebody types.
func TestJSONSchemaRefusesWhatIsWrong(t *testing.T) {
	s := compiledSchema(t)
	for _, code := range []diag.Code{diag.UnknownKey, diag.Version, diag.Rate} {
		e, _ := diag.Explain(code)
		if err := s.Validate(plain(t, diag.ExampleFiles(e.Wrong)["events.yaml"])); err == nil {
			t.Errorf("%s is taken:\n%s", code, e.Wrong)
		}
	}
	for _, text := range []string{
		"sockgen: 2\n",
		"sockgen: 1\ntypos: {}\n",
		"sockgen: 1\ntypes: { A: { scalar: strin } }\n",
		"sockgen: 1\ntypes: { A: { structt: {} } }\n",
		"sockgen: 1\nnamespaces: { /: { server: { a: { slow: never } } } }\n",
		"sockgen: 1\nnamespaces: { /: { client: { a: { slow: drop } } } }\n",
		"sockgen: 1\nnamespaces: { /: { client: { a: { name: lower } } } }\n",
		"sockgen: 1\nnamespaces: { /: { clients: {} } }\n",
	} {
		if err := s.Validate(plain(t, text)); err == nil {
			t.Errorf("this is taken:\n%s", text)
		}
	}
}
