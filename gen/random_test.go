// SPDX-License-Identifier: Apache-2.0

package gen_test

import (
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/sockgen/sockgen/gen/diag"
)

// words are the names that random schemas are made of: ordinary ones, keywords
// of both languages, names of generated code and of what it imports.
var words = []string{
	"message", "room_id", "userIDs", "http", "url", "type", "func", "range", "select", "string", "error", "nil", "len", "any",
	"class", "default", "function", "await", "yield", "constructor", "toString", "hasOwnProperty", "prototype",
	"Handler", "Socket", "Reply", "Mount", "On", "All", "One", "Room", "Rooms", "Auth", "Connect", "Disconnect", "ctx", "socket",
	"typed", "socketio", "context", "json", "time", "io", "encode", "decode", "MarshalJSON", "id", "data", "code", "ok", "value",
	"a", "b", "x1", "to", "from", "in", "Opt", "Some", "Error", "Bytes", "emit", "call", "join", "leave", "err", "s", "p", "d", "e",
}

// A writer draws a schema piece by piece.
type writer struct {
	*rapid.T
	strings.Builder
	declared []string // types
	codes    []string // errors
}

func (w *writer) word() string             { return rapid.SampledFrom(words).Draw(w.T, "word") }
func (w *writer) flip(what string) bool    { return rapid.Bool().Draw(w.T, what) }
func (w *writer) upTo(most int) int        { return rapid.IntRange(0, most).Draw(w.T, "number") }
func (w *writer) one(of ...string) string  { return rapid.SampledFrom(of).Draw(w.T, "choice") }
func (w *writer) line(depth int, s string) { w.WriteString(strings.Repeat("  ", depth) + s + "\n") }

// typ draws a type expression.
func (w *writer) typ() string {
	scalars := strings.Fields("bool int int32 uint32 int64 uint64 float32 float64 string bytes timestamp duration uuid any")
	s := w.one(append(scalars, w.declared...)...)
	for range w.upTo(2) {
		if s != "any" && w.flip("null") && !strings.HasSuffix(s, "null") {
			s += " | null"
		}
		s = w.one("list<", "map<") + s + ">"
	}
	return s
}

// fields draws a struct.
func (w *writer) fields() string {
	var parts []string
	seen := map[string]bool{}
	for range w.upTo(4) {
		name, optional := w.word(), w.one("", "optional ")
		switch {
		case seen[name]:
		case w.flip("long form"):
			parts = append(parts, name+": "+w.longForm(optional))
		default:
			parts = append(parts, fmt.Sprintf("%s: %q", name, optional+w.typ()))
		}
		seen[name] = true
	}
	return "{ " + strings.Join(parts, ", ") + " }"
}

// constrained are scalars with constraints that fit them.
var constrained = []string{
	"string, length: 1..5", "string, length: ..9, pattern: '^[a-z`\"]+$'", "bytes, length: 1..", "int, range: -5..5", "int32, range: 0..",
	"uint32, range: ..7", "int64, range: -9223372036854775808..9223372036854775807", "uint64, range: 0..18446744073709551615",
	"float32, range: -0.5..1.5", "float64, range: 0..", "bool", "timestamp", "duration", "uuid", "any",
}

// longForm draws a field with constraints, docs and a deprecation.
func (w *writer) longForm(optional string) string {
	s := w.one(append(constrained, "list<int>, length: 1..3", "map<string | null>, length: ..3")...)
	if strings.HasPrefix(s, "string") && w.flip("null") {
		s = strings.Replace(s, "string", "string | null", 1)
	}
	return "{ type: " + optional + s + w.one("", ", doc: \"Ends in */ `${x}`\\n\\nand goes on\"") + w.one("", ", deprecated: since 1") + " }"
}

// value draws a payload, an ack or the data of an error.
func (w *writer) value() string {
	if w.flip("inline") {
		return w.fields()
	}
	return fmt.Sprintf("%q", w.typ())
}

// randomSchema draws a schema that uses the whole language. It may be wrong: names
// collide, and structs contain themselves.
func randomSchema(t *rapid.T) string {
	w := &writer{T: t}
	w.line(0, "sockgen: 1\ninfo: { name: random, doc: \"*/ `${x}` //go:embed\" }\ntypes:")
	for i := range w.upTo(4) {
		name := fmt.Sprintf("T%d%s", i, w.word())
		if w.flip("struct") {
			w.line(1, name+": { deprecated: \"since */ 1\", struct: "+w.fields()+" }")
		} else {
			w.line(1, name+": { scalar: "+w.one(constrained...)+" }")
		}
		w.declared = append(w.declared, name)
	}
	w.line(1, "Recursive: { struct: { next: optional Recursive, all: list<Recursive | null>, by: map<Recursive> } }")
	w.declared = append(w.declared, "Recursive")
	w.line(0, "errors:\n  first_one: { message: \"a `quote` */ \\\"x\\\"\" }")
	w.codes = append(w.codes, "first_one")
	if w.flip("second error") {
		w.line(1, "second: { message: b, data: "+w.value()+" }")
		w.codes = append(w.codes, "second")
	}
	w.line(0, "namespaces:")
	for _, path := range []string{"/", "/game", "/x-y/z"}[:1+w.upTo(2)] {
		w.namespace(path)
	}
	return w.String()
}

func (w *writer) namespace(path string) {
	w.line(1, path+":")
	w.line(2, `doc: "Ends in */"`)
	if w.flip("auth") {
		w.line(2, "auth: { token: string, device: optional int }")
	}
	w.line(2, "errors: { connect: [first_one], every: ["+strings.Join(w.codes, ", ")+"] }")
	w.line(2, `rooms: { room: "r:{id: string}:{n: int}", lobby: lobby }`)
	for _, side := range []string{"client", "server"} {
		w.line(2, side+":\n      fixed"+side+": { payload: { id: string, n: int, more: bytes } }")
		seen := map[string]bool{}
		for range w.upTo(4) {
			if name := w.word(); !seen[name] {
				seen[name] = true
				w.event(name, side == "server")
			}
		}
	}
}

func (w *writer) event(name string, server bool) {
	var keys []string
	if w.flip("payload") {
		keys = append(keys, "payload: "+w.value())
	}
	ack := w.upTo(4)
	switch {
	case ack == 0:
		keys = append(keys, "ack: none")
	case ack == 1:
		keys = append(keys, "ack: "+w.value())
	case ack == 2 && !server:
		keys = append(keys, fmt.Sprintf("ack: { type: %q, plain: true }", w.typ()))
	}
	if ack > 2 && w.flip("volatile") {
		keys = append(keys, "volatile: true")
	}
	switch {
	case server && ack < 2:
		keys = append(keys, "to: [socket, room], timeout: 10s")
	case server && w.flip("to"):
		keys = append(keys, "to: "+w.one("[room]", "[socket, lobby]", "namespace", "[lobby, room]"))
	case !server && w.flip("errors"):
		keys = append(keys, "errors: [first_one]")
	}
	if !server && w.flip("result") {
		name += " -> fixedserver"
		keys = append(keys, "to: "+w.one("sender", "others in room", "all in room", "namespace", "others in namespace", "all in lobby"))
	}
	w.line(3, name+": { "+strings.Join(keys, ", ")+" }")
}

// Random schemas are refused in their own coordinates, or their Go compiles
// against the runtime (G-01). Rendering never fails on what the check let through.
func TestRandomSchemasCompile(t *testing.T) {
	const schemas = 60
	random := rapid.Custom(randomSchema)
	v := newVetter(t)
	compiled := 0
	for seed := range schemas {
		src := random.Example(seed) // the same one in every run
		files, diags, err := generate([]byte(src))
		if err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, src)
		}
		if len(files) == 0 {
			if !diag.HasErrors(diags) {
				t.Fatalf("seed %d: no files and no error\n%s", seed, src)
			}
			continue
		}
		if err := v.vet(files); err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, src)
		}
		compiled++
	}
	if compiled < schemas/4 {
		t.Errorf("only %d of %d random schemas were right", compiled, schemas)
	}
}
