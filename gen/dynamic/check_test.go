// SPDX-License-Identifier: Apache-2.0

package dynamic_test

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/sockgen/sockgen/gen/check"
	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/dynamic"
	"github.com/sockgen/sockgen/gen/internal/schematest"
	"github.com/sockgen/sockgen/gen/ir"
	"github.com/sockgen/sockgen/gen/ir/irtest"
	"github.com/sockgen/sockgen/gen/schema"
	"github.com/sockgen/sockgen/internal/counts"
)

// custom has what the Go types of the documents accept, as the tests of the generated
// codecs have it.
var custom = map[string][]string{
	"math/big.Int":             {`"0"`, `"-3"`, `"12345678901"`},
	"net/netip.Addr":           {`"127.0.0.1"`, `"2001:db8::1"`},
	"net/netip.Prefix":         {`"10.0.0.0/8"`, `"::/0"`},
	"time.Time":                {`"2026-01-02T03:04:05Z"`, `"1969-12-31T23:59:59.25Z"`},
	"encoding/json.Number":     {`0`, `1.5`, `100`},
	"encoding/json.RawMessage": {`null`, `{"a":[1,{"b":"é"}]}`, `"x"`, `1.5`},
}

// parseSchema reads a schema as sockgen does.
func parseSchema(t testing.TB, read func(string) ([]byte, error)) *ir.Document {
	t.Helper()
	src, err := read("events.yaml")
	if err != nil {
		t.Fatal(err)
	}
	parsed, problems := schema.Load("events.yaml", src, read)
	doc, more := check.Check(parsed)
	for _, p := range append(problems, more...) {
		if p.Severity == diag.Error {
			t.Fatal(p)
		}
	}
	return doc
}

// documents returns the schemas that generated codecs are tested with, and some that
// nobody has written.
func documents(t testing.TB) map[string]*ir.Document {
	t.Helper()
	docs := map[string]*ir.Document{}
	for _, dir := range []string{"../testdata/everything", "../../runtime/conformance/agreement", "../..", "../../example/game", "../../example/live", "../../example/bench"} {
		docs[dir] = parseSchema(t, func(name string) ([]byte, error) {
			return os.ReadFile(filepath.Join(filepath.FromSlash(dir), filepath.FromSlash(name)))
		})
	}
	for seed := range uint64(8) {
		files := schematest.RandomFiles(seed, seed%2 == 1)
		docs[fmt.Sprintf("random%d", seed)] = parseSchema(t, func(name string) ([]byte, error) {
			if text, ok := files[filepath.ToSlash(name)]; ok {
				return []byte(text), nil
			}
			return nil, fs.ErrNotExist
		})
	}
	return docs
}

// The payloads with which the generated codecs are tested, in Go and in TypeScript:
// Check takes the sound ones, and refuses each broken one with the path that it has.
func TestCheckAgreesWithGeneratedValidators(t *testing.T) {
	sound, broken := 0, 0
	for name, doc := range documents(t) {
		for _, asText := range []bool{false, true} {
			source := &irtest.Source{Rand: rand.New(rand.NewPCG(3, 4)), Custom: custom, Bytes: 300, Base64: asText}
			for _, ns := range doc.Namespaces {
				for _, e := range append(ns.Client, ns.Server...) {
					if e.Payload == nil {
						continue
					}
					for range 10 {
						if p, err := source.SoundEvent(e); err == nil {
							expect(t, name, e, asText, p, "", "")
							sound++
						}
						if b, ok := source.BrokenEvent(e); ok {
							expect(t, name, e, asText, b.Payload, b.Path, b.Why)
							broken++
						}
					}
				}
			}
		}
	}
	counts.Print(t, "dynamic: %s sound payloads taken and %s broken ones refused, with the paths of generated validators", counts.Number(sound), counts.Number(broken))
}

func expect(t *testing.T, name string, e *ir.Event, asText bool, p irtest.Payload, path, why string) {
	t.Helper()
	c := dynamic.Checker{Attachments: p.Attachments, Text: asText}
	_, issues, _, err := c.Event(e, p.Args)
	if err != nil {
		t.Errorf("%s %s: %s: %v", name, e.Wire, p.Args, err)
		return
	}
	if why == "" && len(issues) > 0 || why != "" && len(issues) == 0 {
		t.Errorf("%s %s (text %v): %s: want %q at %q, got %v", name, e.Wire, asText, p.Args, why, path, issues)
	}
	for _, issue := range issues {
		if issue.Path != path {
			t.Errorf("%s %s: %s: %q at %q, got %v", name, e.Wire, p.Args, why, path, issues)
		}
		if issue.Arg < len(p.Args) && (issue.Start >= issue.End || issue.End > len(p.Args[issue.Arg])) {
			t.Errorf("%s %s: %s: %v is at %d to %d", name, e.Wire, p.Args, issue, issue.Start, issue.End)
		}
	}
}

// What is no JSON is told with its place.
func TestSyntax(t *testing.T) {
	for src, at := range map[string]int{`{"a":}`: 5, `{"a":1`: 6, ``: 0, `[1,2,]`: 5, "\"\xff\"": 1, `1 2`: 2, `nul`: 3} {
		_, _, err := dynamic.Checker{}.Type(&ir.Type{Kind: ir.ScalarType, Scalar: ir.Any}, []byte(src))
		syntax, ok := err.(*dynamic.SyntaxError)
		if !ok || syntax.Offset != at {
			t.Errorf("%q: %+v, want the offset %d", src, err, at)
		}
	}
}

// Values are what was written, with bytes in place of what stands for them.
func TestValues(t *testing.T) {
	scalar := func(s ir.Scalar) *ir.Type { return &ir.Type{Kind: ir.ScalarType, Scalar: s} }
	typ := &ir.Type{Kind: ir.RefType, Ref: &ir.Decl{Fields: []*ir.Field{
		{Wire: "n", Type: scalar(ir.Float64)}, {Wire: "data", Type: scalar(ir.Bytes)}, {Wire: "file", Type: scalar(ir.Bytes)}, {Wire: "any", Type: scalar(ir.Any)},
	}}}
	c := dynamic.Checker{Text: true, File: func(name string) ([]byte, error) { return []byte("<" + name + ">"), nil }}
	value, issues, err := c.Type(typ, []byte(`{"n": 1.50, "data": "AQI=", "file": "@x.png", "any": [ 1 ], "unknown": 1}`))
	if err != nil || len(issues) > 0 {
		t.Fatal(err, issues)
	}
	got, err := json.Marshal(value)
	if want := `{"any":[1],"data":"AQI=","file":"PHgucG5nPg==","n":1.50}`; err != nil || string(got) != want {
		t.Errorf("%s, %v", got, err)
	}
}
