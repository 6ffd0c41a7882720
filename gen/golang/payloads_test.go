// SPDX-License-Identifier: Apache-2.0

package golang

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sockgen/sockgen/gen/check"
	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/internal/schematest"
	"github.com/sockgen/sockgen/gen/ir"
	"github.com/sockgen/sockgen/gen/ir/irtest"
	"github.com/sockgen/sockgen/gen/schema"
	"github.com/sockgen/sockgen/internal/counts"
)

// customValues has what the custom Go types of the documents accept and write.
var customValues = map[string][]string{
	"math/big.Int":             {`"0"`, `"-3"`, `"12345678901"`},
	"net/netip.Addr":           {`"127.0.0.1"`, `"2001:db8::1"`, `""`, `"fe80::1%eth0"`},
	"net/netip.Prefix":         {`"10.0.0.0/8"`, `"::/0"`, `""`},
	"time.Time":                {`"2026-01-02T03:04:05Z"`, `"1969-12-31T23:59:59.25Z"`},
	"encoding/json.Number":     {`0`, `1.5`, `100`},
	"encoding/json.RawMessage": {`null`, `{"a":[1,{"b":"é"}]}`, `"x"`, `1.5`},
	"github.com/sockgen/sockgen/gen/golang/testdata/drive.Free": {`null`, `{"a":[true,{"b":"é"}]}`, `"x"`},
}

// An answer is what the driver says about a case, see testdata/drive.
type answer struct {
	Issues      []struct{ Path, Message string }
	Unsendable  []struct{ Path, Message string }
	Args        []json.RawMessage
	Attachments [][]byte
	Err         string
}

// A trial is a case for the driver and what is expected of it.
type trial struct {
	Codec       string
	Args        []json.RawMessage
	Attachments [][]byte

	echo []json.RawMessage // of a sound payload
	path string            // of a broken one
	why  string            // it is broken, "" when it is sound
}

// TestPayloads renders the golden documents and random ones, vets and builds them
// together, and then runs their codecs on payloads: sound ones must come back as
// they are, broken ones must be refused with the path of what is wrong.
func TestPayloads(t *testing.T) {
	docs := []*ir.Document{values(), scalars(), match(), arena(), deep(), load(t, "everything", func(name string) ([]byte, error) {
		return os.ReadFile(filepath.Join("..", "testdata", "everything", name))
	})}
	golden := len(docs)
	seeds := uint64(6)
	if raceDetector {
		seeds = 2
	}
	for seed := range seeds {
		files := schematest.RandomFiles(seed, seed%2 == 1)
		docs = append(docs, load(t, fmt.Sprintf("random%d", seed), func(name string) ([]byte, error) {
			if text, ok := files[filepath.ToSlash(name)]; ok {
				return []byte(text), nil
			}
			return nil, os.ErrNotExist
		}))
	}
	run := buildDriver(t, docs)
	var sound, broken int
	for i, doc := range docs {
		t.Run(doc.Name, func(t *testing.T) {
			good, bad := 10, 25
			if i < golden {
				good, bad = 30, 100
			}
			if doc.Name == "deep" { // it has many structs, which are much alike
				good, bad = 2, 1
			}
			if raceDetector { // the codecs of generated code have one goroutine
				good, bad = good/5, bad/5
			}
			trials := draw(t, doc, good, bad)
			judge(t, trials, run(trials))
			for _, trial := range trials {
				if trial.why == "" {
					sound++
				} else {
					broken++
				}
			}
		})
	}
	counts.Print(t, "payloads: %s of %s documents came back from Go's codecs as they were, %s broken ones were refused with the path of what is wrong",
		counts.Number(sound), counts.Number(len(docs)), counts.Number(broken))
}

// load reads a schema as sockgen does and names its package name.
func load(t *testing.T, name string, read func(string) ([]byte, error)) *ir.Document {
	t.Helper()
	src, err := read("events.yaml")
	if err != nil {
		t.Fatal(err)
	}
	parsed, problems := schema.Load("events.yaml", src, read)
	doc, more := check.Check(parsed)
	for _, p := range slices.Concat(problems, more) {
		if p.Severity == diag.Error {
			t.Fatalf("%s: %v", name, p)
		}
	}
	doc.Name = name
	return doc
}

// codecsOf returns the codecs of a document's structs by name, as Go expressions. What
// differs in what is sent also has one that sends on what it has received.
func codecsOf(decls []*ir.Decl, positional map[*ir.Decl]bool, inputs ir.Inputs) map[string]string {
	codecs, sent := map[string]string{}, map[*ir.Decl]bool{}
	for _, d := range inputs {
		sent[d] = true
	}
	for _, d := range decls {
		if d.Kind != ir.Struct {
			continue
		}
		decode, encode := "decode"+d.Ident, "encode"+d.Ident
		if sent := inputs[d]; sent != nil {
			codecs[d.Ident+" onward"] = fmt.Sprintf("drive.Of(%s, func(e typed.Encoder, v *%s) { sent := v.AsInput(); encode%s(e, &sent) }, false, false)", decode, d.Ident, sent.Ident)
		}
		of := "drive.Of"
		if sent[d] {
			of = "drive.Sent"
		}
		codecs[d.Ident] = fmt.Sprintf(of+"(%s, %s, false, false)", decode, encode)
		codecs[d.Ident+" strict"] = fmt.Sprintf(of+"(%s, %s, false, true)", decode, encode)
		if positional[d] {
			codecs[d.Ident+" args"] = fmt.Sprintf(of+"(%s, %s, true, false)", decode, encode)
			codecs[d.Ident+" args strict"] = fmt.Sprintf(of+"(%s, %s, true, true)", decode, encode)
		}
	}
	return codecs
}

// buildDriver builds one program of all documents, in a module of its own, and
// returns a function that runs it.
func buildDriver(t *testing.T, docs []*ir.Document) func([]trial) []answer {
	t.Helper()
	const drive = `"github.com/sockgen/sockgen/gen/golang/testdata/drive"`
	const typed = `"github.com/sockgen/sockgen/runtime/typed"`
	dir := t.TempDir()
	put := func(name string, data []byte) {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		data, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		if name == "go.mod" {
			data = bytes.Replace(data, []byte("module github.com/sockgen/sockgen"), []byte("module batch"), 1)
			data = fmt.Appendf(data, "\nrequire github.com/sockgen/sockgen v0.0.0\n\nreplace github.com/sockgen/sockgen => %s\n", root)
		}
		put(name, data)
	}
	imported, joined := &bytes.Buffer{}, &bytes.Buffer{}
	for _, doc := range docs {
		files, err := Render(doc)
		if err != nil {
			t.Fatalf("%s: %v", doc.Name, err)
		}
		for _, f := range files {
			put(f.Name, f.Data)
		}
		list := &bytes.Buffer{}
		doc, inputs := withInputs(doc)
		for name, codec := range codecsOf(doc.Decls, positionalStructs(doc, inputs), inputs) {
			fmt.Fprintf(list, "\t%q: %s,\n", doc.Name+"."+name, codec)
		}
		put(doc.Name+"/drive_codecs.go", fmt.Appendf(nil, "package %s\n\nimport (\n\t%s\n\t%s\n)\n\nvar _ = typed.NoLimit\n\nvar DriveCodecs = map[string]drive.Codec{\n%s}\n", doc.Name, drive, typed, list))
		fmt.Fprintf(imported, "\t\"batch/%s\"\n", doc.Name)
		fmt.Fprintf(joined, "\tmaps.Copy(all, %s.DriveCodecs)\n", doc.Name)
	}
	put("main.go", fmt.Appendf(nil, "package main\n\nimport (\n\t\"maps\"\n\t\"os\"\n\t%s\n%s)\n\nfunc main() {\n\tall := map[string]drive.Codec{}\n%s\tif err := drive.Serve(all, os.Stdin, os.Stdout); err != nil {\n\t\tpanic(err)\n\t}\n}\n", drive, imported, joined))

	binary := filepath.Join(dir, "driver")
	for _, args := range [][]string{{"vet", "-mod=mod", "./..."}, {"build", "-mod=mod", "-o", binary, "."}} {
		cmd := exec.Command("go", args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("go %s: %v\n%s", args[0], err, out)
		}
	}
	return func(trials []trial) []answer {
		in, err := json.Marshal(trials)
		if err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command(binary)
		cmd.Stdin, cmd.Stderr = bytes.NewReader(in), os.Stderr
		out, err := cmd.Output()
		if err != nil {
			t.Fatal(err)
		}
		var answers []answer
		if err := json.Unmarshal(out, &answers); err != nil {
			t.Fatal(err)
		}
		return answers
	}
}

// draw makes the trials of doc: for each codec, so many sound and broken payloads.
func draw(t *testing.T, doc *ir.Document, sound, broken int) []trial {
	t.Helper()
	source := &irtest.Source{Rand: rand.New(rand.NewPCG(1, 2)), Custom: customValues, Bytes: 300}
	var trials []trial
	doc, inputs := withInputs(doc)
	positional := positionalStructs(doc, inputs)
	for _, d := range doc.Decls {
		if d.Kind != ir.Struct {
			continue
		}
		for name := range codecsOf([]*ir.Decl{d}, positional, inputs) {
			e := &ir.Event{Payload: &ir.Type{Kind: ir.RefType, Ref: d}, Positional: strings.Contains(name, " args"), Strict: strings.Contains(name, " strict")}
			for i := range sound {
				source.Bytes = 300
				if i == 0 {
					source.Bytes = 1 << 20
				}
				p, err := source.SoundEvent(e)
				if err != nil {
					t.Fatalf("%s: %v", name, err)
				}
				trials = append(trials, trial{Codec: doc.Name + "." + name, Args: p.Args, Attachments: p.Attachments, echo: p.Echo})
			}
			for range broken {
				if b, ok := source.BrokenEvent(e); ok {
					trials = append(trials, trial{Codec: doc.Name + "." + name, Args: b.Args, Attachments: b.Attachments, path: b.Path, why: b.Why})
				}
			}
		}
	}
	return trials
}

// constraints are the mistakes that Go's types can hold: they are found in what is sent,
// too.
var constraints = map[string]bool{
	"out of range": true, "too long": true, "too short": true, "too many bytes": true, "too few bytes": true,
	"does not match": true, "repeated element": true, "too few elements": true, "too few entries": true,
}

// judge compares the answers with what the trials expect.
func judge(t *testing.T, trials []trial, answers []answer) {
	t.Helper()
	if len(answers) != len(trials) {
		t.Fatalf("%d answers to %d trials", len(answers), len(trials))
	}
	failed, unsendable, kinds := 0, 0, map[string]int{}
	for i, a := range answers {
		want := trials[i]
		kinds[want.why]++
		problem := ""
		switch {
		case a.Err != "":
			problem = a.Err
		case want.why == "" && len(a.Issues) > 0:
			problem = fmt.Sprintf("sound, but refused: %v", a.Issues)
		case want.why == "":
			problem = cmp.Diff(plain(t, want.echo, want.Attachments), plain(t, a.Args, a.Attachments))
		case len(a.Issues) == 0:
			problem = fmt.Sprintf("broken at %q (%s), but decoded", want.path, want.why)
		case constraints[want.why] && len(a.Unsendable) > 0 && !slices.Equal(a.Unsendable, a.Issues):
			problem = fmt.Sprintf("received with %v, but sent with %v", a.Issues, a.Unsendable)
		case slices.ContainsFunc(a.Issues, func(issue struct{ Path, Message string }) bool { return issue.Path != want.path }):
			problem = fmt.Sprintf("broken at %q (%s), but the issues are %v", want.path, want.why, a.Issues)
		}
		if constraints[want.why] && len(a.Unsendable) > 0 {
			unsendable++
		}
		if problem == "" {
			continue
		}
		if failed++; failed <= 5 {
			t.Errorf("%s: %.2000s\n%s", want.Codec, bytes.Join(raws(want.Args), []byte(", ")), problem)
		}
	}
	broken := 0
	for why := range constraints {
		broken += kinds[why]
	}
	if 2*unsendable < broken { // the others are Go types that refuse such values, and lists cut short
		t.Errorf("%d values of %d that do not fit could be sent", broken-unsendable, broken)
	}
	t.Logf("%d payloads, %d of them not as expected, %d that could not be sent either; %v", len(trials), failed, unsendable, kinds)
}

func raws(args []json.RawMessage) [][]byte {
	var b [][]byte
	for _, a := range args {
		b = append(b, a)
	}
	return b
}

// plain returns arguments as values that can be compared, with the attachments in
// their places.
func plain(t *testing.T, args []json.RawMessage, attachments [][]byte) []any {
	t.Helper()
	var values []any
	for _, raw := range args {
		d := json.NewDecoder(bytes.NewReader(raw))
		d.UseNumber()
		var v any
		if err := d.Decode(&v); err != nil {
			t.Fatalf("%s: %v", raw, err)
		}
		values = append(values, attach(v, attachments))
	}
	return values
}

func attach(v any, attachments [][]byte) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = attach(v[i], attachments)
		}
	case map[string]any:
		if num, ok := v["num"].(json.Number); ok && v["_placeholder"] == true {
			n, err := num.Int64()
			if err != nil || int(n) >= len(attachments) {
				return "no such attachment"
			}
			return attachments[n]
		}
		for k := range v {
			v[k] = attach(v[k], attachments)
		}
	}
	return v
}
