// SPDX-License-Identifier: Apache-2.0

package gen_test

import (
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sockgen/sockgen/gen"
	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/internal/schematest"
	"github.com/sockgen/sockgen/internal/counts"
)

const fixHead = "sockgen: 1\ninfo: { name: chat }\n"

// fixed returns what becomes of a schema, and how many mistakes are left.
func fixed(src string) (string, []diag.Diagnostic) {
	f := gen.Fix(gen.Input{File: "events.yaml", Source: []byte(src)})
	if len(f.Files) == 0 {
		return src, f.Left
	}
	return string(f.Files[0].Data), f.Left
}

// Each mistake that has one remedy is mended, in whatever form it stands.
func TestFix(t *testing.T) {
	const space = "namespaces: { /: { client: { "
	for _, test := range []struct{ name, src, want string }{
		{"a type", "namespaces: { /: { client: { a: strin } } }\n", "namespaces: { /: { client: { a: string } } }\n"},
		{"a type within one", space + `a: "list<strin>" } } }` + "\n", space + `a: "list<string>" } } }` + "\n"},
		{"a type of another language", space + "a: boolean, b: buffer } } }\n", space + "a: bool, b: bytes } } }\n"},
		{"a type between quotes", space + `a: 'strin', b: "list<map<bol> | null>" } } }` + "\n", space + `a: 'string', b: "list<map<bool> | null>" } } }` + "\n"},
		{"a key", space + "a: { paylod: string } } } }\n", space + "a: { payload: string } } } }\n"},
		{"a key of another language", "namespaces:\n  /:\n    client:\n      a:\n        description: Says.\n        response: string\n", "namespaces:\n  /:\n    client:\n      a:\n        doc: Says.\n        ack: string\n"},
		{"a key between quotes", space + `a: { "paylod": string } } } }` + "\n", space + `a: { "payload": string } } } }` + "\n"},
		{"a mistake beneath a mistake", "namespace: { /: { clients: { a: strin } } }\n", "namespaces: { /: { client: { a: string } } }\n"},
		{"a namespace", "namespaces: { chat: { client: { a: string } } }\n", "namespaces: { /chat: { client: { a: string } } }\n"},
		{"a declared scalar", "types: { A: string }\n" + space + "a: A } } }\n", "types: { A: { scalar: string } }\n" + space + "a: A } } }\n"},
		{"an identifier", space + "a: { name: lower } } } }\n", space + "a: { name: Lower } } } }\n"},
		{"a timeout", space + "a: { ack: none, timeout: 10 } } } }\n", space + "a: { ack: none, timeout: 10s } } } }\n"},
		{"a default", "types: { A: { struct: { n: { type: int64, default: 1 }, b: { type: bool, default: \"true\" }, e: { type: E, default: \"oen\" } } }, E: { enum: [one, two] } }\n" + space + "a: A } } }\n",
			"types: { A: { struct: { n: { type: int64, default: 1 }, b: { type: bool, default: true }, e: { type: E, default: \"one\" } } }, E: { enum: [one, two] } }\n" + space + "a: A } } }\n"},
		{"an event's target", "namespaces: { /: { client: { a -> bb: string }, server: { bbb: string } } }\n", "namespaces: { /: { client: { a -> bbb: string }, server: { bbb: string } } }\n"},
		{"an event's name", space + "chat message: string } } }\n", space + "chat message: { payload: string, name: ChatMessage } } } }\n"},
		{"a name for a mapping", space + `"chat message": { payload: string } } } }` + "\n", space + `"chat message": { name: ChatMessage, payload: string } } } }` + "\n"},
		{"a name for a block", "namespaces:\n  /:\n    client:\n      chat message:\n        payload: string\n        ack: none\n", "namespaces:\n  /:\n    client:\n      chat message:\n        name: ChatMessage\n        payload: string\n        ack: none\n"},
		{"a name for a field", space + `a: { payload: { "$type": string, "2fa": { type: bool }, x: "list<int>" } } } } }` + "\n",
			space + `a: { payload: { "$type": { type: string, name: Type }, "2fa": { name: Field2fa, type: bool }, x: "list<int>" } } } } }` + "\n"},
		{"lines that end in CRLF", "namespaces:\r\n  /:\r\n    client:\r\n      chat message:\r\n        payload: strin\r\n", "namespaces:\r\n  /:\r\n    client:\r\n      chat message:\r\n        name: ChatMessage\r\n        payload: string\r\n"},
		{"characters of several bytes", space + "ä: { payload: { x: strin } } } } } # ä\n", space + "ä: { name: A, payload: { x: string } } } } } # ä\n"},
		{"comments", space + "a: strin } } } # what a is: strin\n", space + "a: string } } } # what a is: strin\n"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got, left := fixed(fixHead + test.src)
			if diff := cmp.Diff(fixHead+test.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if diag.HasErrors(left) {
				t.Errorf("left is\n%s", diag.Render(left))
			}
		})
	}
}

// What a person has to decide stays as it is.
func TestFixLeavesWhatItCannotKnow(t *testing.T) {
	for _, src := range []string{
		"namespaces: { /: { client: { a: array } } }\n",
		"namespaces: { /: { client: { a: { payload: { x: { type: int, required: true } } } } } }\n",
		"namespaces: { /: { client: { a: { payload: { x: { type: int, requred: true } } } } } }\n",
		"namespaces: { /: { client: { a: { payload: { x: { type: int, min: 3 } } } } } }\n",
		"namespaces: { /: { client: { a: { doc: x, description: y } } } }\n",
		"namespaces: { /: { client: { a: completelydifferent } } }\n",
		"x-body: &body { payload: string }\nnamespaces: { /: { client: { chat message: *body } } }\n",
		"namespaces: { /: { client: { a: [ } } }\n",
	} {
		if got, left := fixed(fixHead + src); got != fixHead+src || !diag.HasErrors(left) {
			t.Errorf("%s became\n%s%s", src, got, diag.Render(left))
		}
	}
}

// Imported files are mended, too, and reported by their names.
func TestFixImports(t *testing.T) {
	f := gen.Fix(gen.Input{
		File: "api/events.yaml", Source: []byte("imports: [shared.yaml]\n" + fixHead + "namespaces: { /: { client: { a: Shred } } }\n"),
		Read: func(name string) ([]byte, error) {
			if name != "api/shared.yaml" {
				return nil, fs.ErrNotExist
			}
			return []byte("sockgen: 1\ntypes: { Shared: { scalar: strin } }\n"), nil
		},
	})
	want := []gen.File{
		{Name: "api/events.yaml", Data: []byte("imports: [shared.yaml]\n" + fixHead + "namespaces: { /: { client: { a: Shared } } }\n")},
		{Name: "api/shared.yaml", Data: []byte("sockgen: 1\ntypes: { Shared: { scalar: string } }\n")},
	}
	if diff := cmp.Diff(want, f.Files); diff != "" || len(f.Fixed) != 2 || len(f.Left) > 0 {
		t.Errorf("(-want +got)\n%s%s", diff, diag.Render(f.Left))
	}
}

// unreadable counts the mistakes of YAML.
func unreadable(list []diag.Diagnostic) int {
	n := 0
	for _, d := range list {
		if d.Code == diag.YAMLSyntax || d.Code == diag.DuplicateKey {
			n++
		}
	}
	return n
}

// Whatever is wrong with a schema: mending never breaks what could be read.
func TestFixRandomDocuments(t *testing.T) {
	const documents = 300
	mended := 0
	var examples []string
	for _, code := range diag.Codes() {
		e, _ := diag.Explain(code)
		examples = append(examples, e.Wrong, e.Right)
	}
	for seed := range uint64(documents) {
		files := schematest.Document(seed, examples)
		in := gen.Input{File: "events.yaml", Source: []byte(files["events.yaml"]), Read: func(name string) ([]byte, error) {
			text, ok := files[name]
			if !ok {
				return nil, fs.ErrNotExist
			}
			return []byte(text), nil
		}}
		f := gen.Fix(in)
		mended += len(f.Fixed)
		if before := gen.Lint(in, gen.LintOptions{}); unreadable(f.Left) > unreadable(before) {
			t.Errorf("seed %d: what could be read cannot any more\n%s", seed, diag.Render(f.Left))
		}
	}
	if mended < documents/20 {
		t.Errorf("%d mistakes were mended", mended)
	}
	counts.Print(t, "fix: %s mistakes of %s random documents mended", counts.Number(mended), counts.Number(documents))
}

// However much is wrong with a schema, mending it ends soon.
func TestFixLargeSchemas(t *testing.T) {
	var typos, keys strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&typos, "  T%d: { struct: { a: strin, b: Wrong%d } }\n", i, i)
		fmt.Fprintf(&keys, "      a%d: { paylod: string, payloda: string }\n", i)
	}
	for name, src := range map[string]string{
		"typos": "types:\n" + typos.String() + "namespaces: { /: { server: { a: any } } }\n",
		"keys":  "namespaces:\n  /:\n    client:\n" + keys.String(),
	} {
		f := gen.Fix(gen.Input{File: "events.yaml", Source: []byte(fixHead + src)})
		if len(f.Fixed) == 0 {
			t.Errorf("%s: nothing was mended", name)
		}
	}
}
