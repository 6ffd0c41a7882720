// SPDX-License-Identifier: Apache-2.0

package gen_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sockgen/sockgen/gen/check"
	"github.com/sockgen/sockgen/gen/golang"
	"github.com/sockgen/sockgen/gen/ir"
	"github.com/sockgen/sockgen/gen/schema"
	"github.com/sockgen/sockgen/gen/typescript"
	"github.com/sockgen/sockgen/internal/counts"
)

// The most lines that an event may add to what people read: in Go to every file but
// the codec, the client among them, in TypeScript to the module.
const (
	mostGo         = 60
	mostTypeScript = 45
)

// Generated code stays short enough to be read: no event of the examples and of the
// schema that uses everything takes more lines than it may, its own payload and
// answer included.
func TestLinesPerEvent(t *testing.T) {
	events, sum, most := 0, lines{}, lines{}
	for _, file := range []string{"../events.yaml", "../example/game/events.yaml", "../example/live/events.yaml", "testdata/everything/events.yaml"} {
		doc := document(t, file)
		full := linesOf(t, doc)
		for _, ns := range doc.Namespaces {
			for _, e := range slices.Concat(ns.Client, ns.Server, ns.Cluster) {
				less := linesOf(t, without(doc, ns, e))
				added := lines{full.golang - less.golang, full.typescript - less.typescript}
				if added.golang > mostGo || added.typescript > mostTypeScript || added.golang < 5 {
					t.Errorf("%s: %q adds %d lines of Go and %d of TypeScript; at most %d and %d are allowed", file, e.Wire, added.golang, added.typescript, mostGo, mostTypeScript)
				}
				events++
				sum = lines{sum.golang + added.golang, sum.typescript + added.typescript}
				most = lines{max(most.golang, added.golang), max(most.typescript, added.typescript)}
			}
		}
	}
	tell(t, "lines: %s events add %.1f lines of Go API each (at most %d, %d allowed) and %.1f of TypeScript (at most %d, %d allowed)",
		counts.Number(events), float64(sum.golang)/float64(events), most.golang, mostGo, float64(sum.typescript)/float64(events), most.typescript, mostTypeScript)
}

type lines struct{ golang, typescript int }

// document reads a schema and the files it imports.
func document(t *testing.T, file string) *ir.Document {
	t.Helper()
	parsed, _ := schema.Load("events.yaml", readFile(t, file), func(name string) ([]byte, error) {
		return os.ReadFile(filepath.Join(filepath.Dir(file), filepath.FromSlash(name)))
	})
	doc, diags := check.Check(parsed)
	if doc == nil {
		t.Fatal(diags)
	}
	return doc
}

// without returns doc without an event of ns and the structs that only it has.
func without(doc *ir.Document, ns *ir.Namespace, e *ir.Event) *ir.Document {
	less, rest := *doc, *ns
	without := func(events []*ir.Event) []*ir.Event {
		var others []*ir.Event
		for _, o := range events {
			if o == e {
				continue
			}
			if o.Result != nil && o.Result.Event == e {
				mapped := *o
				mapped.Result = nil
				o = &mapped
			}
			others = append(others, o)
		}
		return others
	}
	rest.Client, rest.Server, rest.Cluster = without(ns.Client), without(ns.Server), without(ns.Cluster)
	less.Namespaces = slices.Clone(doc.Namespaces)
	less.Namespaces[slices.Index(doc.Namespaces, ns)] = &rest
	less.Decls = slices.DeleteFunc(slices.Clone(doc.Decls), func(d *ir.Decl) bool {
		own := d.Ident == ns.Prefix+e.Ident || d.Ident == ns.Prefix+e.Ident+"Ack"
		return own && (e.Payload != nil && e.Payload.Ref == d || e.Ack != nil && e.Ack.Type != nil && e.Ack.Type.Ref == d)
	})
	return &less
}

// linesOf counts the lines of what is generated from doc.
func linesOf(t *testing.T, doc *ir.Document) lines {
	t.Helper()
	goFiles, err := golang.Render(doc)
	if err != nil {
		t.Fatal(err)
	}
	clients, err := golang.RenderClient(doc, "example.com")
	if err != nil {
		t.Fatal(err)
	}
	modules, err := typescript.Render(doc, typescript.Options{})
	if err != nil {
		t.Fatal(err)
	}
	n := lines{typescript: bytes.Count(modules[0].Data, []byte("\n"))}
	for _, f := range slices.Concat(goFiles, clients) {
		if !strings.HasSuffix(f.Name, "/codec.go") {
			n.golang += bytes.Count(f.Data, []byte("\n"))
		}
	}
	if n.golang == 0 || n.typescript == 0 {
		t.Fatalf("nothing was generated: %v", n)
	}
	return n
}
