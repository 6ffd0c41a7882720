// SPDX-License-Identifier: Apache-2.0

package gen_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sockgen/sockgen/gen"
	"github.com/sockgen/sockgen/gen/diag"
)

func TestParseConfig(t *testing.T) {
	one := func(d gen.DocumentConfig) gen.Config {
		if d.Lint == (gen.LintOptions{}) {
			d.Lint = gen.AllLints
		}
		return gen.Config{Documents: []gen.DocumentConfig{d}}
	}
	for _, test := range []struct {
		src  string
		want gen.Config
	}{
		{"", one(gen.DocumentConfig{})},
		{"# nothing yet\n", one(gen.DocumentConfig{})},
		{"schema: api/events.yaml\nlock: api/all.lock\n", one(gen.DocumentConfig{Schema: "api/events.yaml", Lock: "api/all.lock"})},
		{"breaking: { allow: [/ client say payload.text] }\n", one(gen.DocumentConfig{Allow: []string{"/ client say payload.text"}})},
		{"initialisms: [SDP, ice]\n", one(gen.DocumentConfig{Initialisms: []string{"SDP", "ice"}})},
		{"lint: { event-case: off, missing-doc: false }\n", one(gen.DocumentConfig{Lint: gen.LintOptions{EventCase: "off", ClosedEnum: true}})},
		{"lint: { event-case: false, closed-enum: false }\n", one(gen.DocumentConfig{Lint: gen.LintOptions{EventCase: "off", MissingDoc: true}})},
		{"go: { dir: ./internal/gen/ }\ntypescript:\n  dir: ../web/src/gen\n  react: true\n  vue: true\n  svelte: true\n  mock: false\n  schemas: true\n  dates: true\n  extension: .js\n",
			one(gen.DocumentConfig{GoDir: "internal/gen", TSDir: "../web/src/gen", TypeScript: gen.TypeScriptOptions{React: true, Vue: true, Svelte: true, Schemas: true, Dates: true, Extension: ".js"}})},
		{"documents:\n  - events.yaml\n  - { schema: game.yaml, lock: game.lock, typescript: { mock: false }, go: { dir: game } }\ntypescript: { dir: web, react: true, mock: true }\nmanifest: all.manifest\n",
			gen.Config{Listed: true, Manifest: "all.manifest", Documents: []gen.DocumentConfig{
				{Schema: "events.yaml", TSDir: "web", TypeScript: gen.TypeScriptOptions{React: true, Mock: true}, Lint: gen.AllLints},
				{Schema: "game.yaml", Lock: "game.lock", GoDir: "game", TSDir: "web", TypeScript: gen.TypeScriptOptions{React: true}, Lint: gen.AllLints},
			}}},
	} {
		got, diags := gen.ParseConfig("sockgen.yaml", []byte(test.src))
		if len(diags) > 0 {
			t.Errorf("%q:\n%s", test.src, diag.Render(diags))
		}
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%q (-want +got)\n%s", test.src, diff)
		}
	}
}

// Every mistake of a configuration has a place and says what to write.
func TestParseConfigMistakes(t *testing.T) {
	for _, test := range []struct{ src, want string }{
		{"shema: a.yaml\n", `sockgen.yaml:1:1: error[unknown-key]: the configuration has no key "shema" (did you mean "schema"?)`},
		{"go: generated\n", "sockgen.yaml:1:5: error[wrong-kind]: go is a mapping, and this is a text"},
		{"go: { out: x }\n", `sockgen.yaml:1:7: error[unknown-key]: go has no key "out"`},
		{"- schema\n", "sockgen.yaml:1:1: error[wrong-kind]: the configuration is a mapping, and this is a list"},
		{"schema: [a, b]\n", "sockgen.yaml:1:9: error[wrong-kind]: schema is the path of a file, and this is a list"},
		{"schema: ''\n", "sockgen.yaml:1:9: error[bad-value]: schema is the path of a file, and this one is empty"},
		{"schema:\n", "error[wrong-kind]: schema is the path of a file, and this is nothing"},
		{"schema: /etc/events.yaml\n", "sockgen.yaml:1:9: error[bad-value]: schema is relative to the folder of this file, so that it serves on every machine"},
		{`typescript: { dir: web\gen }` + "\n", `error[bad-value]: the parts of a path are separated by /, so that the file serves on every system (did you mean "web/gen"?)`},
		{"typescript: { react: yes please }\n", "sockgen.yaml:1:22: error[bad-value]: react is true or false"},
		{"typescript: { extension: .mjs }\n", `sockgen.yaml:1:26: error[bad-value]: extension is what the imports within the generated files end in: "", ".js" or ".ts"`},
		{"schema: a\nschema: b\n", `sockgen.yaml:2:1: error[duplicate-key]: key "schema" is here already, in line 1`},
		{"breaking: { allow: x }\n", `sockgen.yaml:1:20: error[wrong-kind]: breaking.allow is a list such as ["/ client say payload.text"], and this is a text`},
		{"breaking: { allow: [[x]] }\n", "sockgen.yaml:1:21: error[wrong-kind]: breaking.allow is a list of texts, and this is a list"},
		{"initialisms: SDP\n", "sockgen.yaml:1:14: error[wrong-kind]: initialisms is a list such as [SDP, ICE], and this is a text"},
		{"initialisms: [SDP, a-b]\n", "sockgen.yaml:1:20: error[bad-value]: an initialism is a letter, then letters and digits, 16 at most: SDP"},
		{"lint: { event-case: shouting }\n", "sockgen.yaml:1:21: error[bad-value]: event-case is same, camel, snake, kebab, pascal or off"},
		{"documents: events.yaml\n", "sockgen.yaml:1:12: error[wrong-kind]: documents is a list such as [events.yaml, { schema: game.yaml }], and this is none"},
		{"documents: []\n", "sockgen.yaml:1:12: error[wrong-kind]"},
		{"documents: [a.yaml, { lock: b.lock }]\n", "sockgen.yaml:1:21: error[missing-key]: a document has a schema: write { schema: events.yaml }"},
		{"documents: [[a.yaml]]\n", "sockgen.yaml:1:13: error[wrong-kind]: a document is the path of a file, and this is a list"},
		{"documents: [{ schema: a.yaml, out: b }]\n", `sockgen.yaml:1:31: error[unknown-key]: a document has no key "out"`},
		{"documents: [a.yaml]\nschema: b.yaml\n", "sockgen.yaml:2:9: error[key-conflict]: the schemas are those of documents; leave schema out here"},
		{"go: {\n", "error[yaml-syntax]"},
		{"a: 1\nb: 2\n", "sockgen.yaml:2:1: error[unknown-key]"},
	} {
		_, diags := gen.ParseConfig("sockgen.yaml", []byte(test.src))
		if got := diag.Render(diags); !strings.Contains(got, test.want) {
			t.Errorf("%q:\n%swant %s", test.src, got, test.want)
		}
	}
}
