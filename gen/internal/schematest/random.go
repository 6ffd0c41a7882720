// SPDX-License-Identifier: Apache-2.0

package schematest

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/sockgen/sockgen/gen/naming"
)

// Random returns a valid schema of a single file. Each seed has its own.
func Random(seed uint64) string { return RandomFiles(seed, false)["events.yaml"] }

// RandomFiles returns a valid schema by the names of its files. The first one is
// events.yaml; when imports is true, it imports shared.yaml, and that deep.yaml in
// a folder.
func RandomFiles(seed uint64, imports bool) map[string]string {
	w := &writer{rng: rand.New(rand.NewPCG(seed, 0x50c6e2)), idents: map[string]bool{}}
	for _, name := range taken {
		w.idents[name] = true
	}
	files := map[string]string{}
	if imports {
		w.line(0, "sockgen: 1")
		w.types(1 + w.upTo(2))
		files["parts/deep.yaml"] = w.take()
		w.line(0, "imports: [./parts/deep.yaml]\nsockgen: 1")
		w.types(1 + w.upTo(2))
		w.errors("shared_error")
		files["shared.yaml"] = w.take()
	}
	w.line(0, "sockgen: 1\ninfo: { name: random, version: 1.2.3, doc: \"*/ `${x}` //go:embed\" }")
	if imports {
		w.line(0, "imports: [./shared.yaml, parts/deep.yaml]")
	}
	w.types(2 + w.upTo(8))
	w.errors("first_one", "second", "third_error")
	w.line(0, "namespaces:")
	paths := append([]string{}, namespacePaths...)
	w.rng.Shuffle(len(paths), func(i, j int) { paths[i], paths[j] = paths[j], paths[i] })
	paths = paths[:1+w.upTo(2)]
	for _, path := range paths {
		w.namespace(path, len(paths) == 1)
	}
	files["events.yaml"] = w.take()
	return files
}

// A writer draws one schema, piece by piece.
type writer struct {
	rng    *rand.Rand
	text   strings.Builder
	idents map[string]bool // of the generated package
	count  int             // of declared types, and of those that stand in a field's place
	deep   int             // structs within each other

	// The declared types so far, by what they are good for.
	all     []string // whatever is a type
	structs []string
	unions  []string
	params  []string            // what a parameter may be
	goTexts []string            // what one of a room may be besides
	uniques []string            // what the elements of a unique list may be
	enums   map[string][]string // with their values
	codes   []string            // of errors
}

// words are the names that schemas are made of: ordinary ones, keywords of both
// languages, names of generated code and of what it imports.
var words = strings.Fields(`
	message room_id userIDs http url type func range select string error nil len any class default function await yield
	constructor toString hasOwnProperty prototype Handler Socket Reply Mount On All One Room Rooms Auth Data Params ctx
	socket typed socketio context json time io encode decode id data code ok value a b x1 to from in Opt Some Error Bytes
	emit call join leave err s p d e name Remote Promise Map Record Symbol Uint8Array Client payload ack kind tag v e1 raw Known isKnown decoder object list`)

// taken are identifiers that generated files need themselves, and perNamespace
// those that they need around a namespace's prefix, among what words could give.
var (
	taken        = strings.Fields("Reply Bytes")
	perNamespace = strings.Fields("#_Handler #_Socket #_All #_One #_Room #_Rooms #_Auth #_Data #_Params #_Remote Mount_# On_#")
)

func (w *writer) flip() bool              { return w.rng.IntN(2) == 0 }
func (w *writer) upTo(most int) int       { return w.rng.IntN(most + 1) }
func (w *writer) one(of ...string) string { return of[w.rng.IntN(len(of))] }
func (w *writer) word() string            { return w.one(words...) }
func (w *writer) line(depth int, s string) {
	w.text.WriteString(strings.Repeat("  ", depth) + s + "\n")
}

func (w *writer) maybe(s string) string {
	if w.flip() {
		return s
	}
	return ""
}

// take returns what was written since the last time.
func (w *writer) take() string {
	s := w.text.String()
	w.text.Reset()
	return s
}

// claim takes the identifiers when all of them are free.
func (w *writer) claim(idents ...string) bool {
	for _, i := range idents {
		if w.idents[i] {
			return false
		}
	}
	for _, i := range idents {
		w.idents[i] = true
	}
	return true
}

// wild are texts that may travel, with names of their own, as YAML has them between
// double quotes.
var wild = []string{
	"$type", "2fa", "24h", "@id", "chat message", `a: \"b\"`, "*/", "`${x}`", `\\`, "übung", `می\u200cخواهم`, `🏴\U000e0067\U000e0062\U000e007f`,
	"it's", "limit?", " padded ", "404", "null", "#x",
}

// newWords returns up to n words that give different identifiers.
func (w *writer) newWords(n int) []string {
	seen := map[string]bool{}
	var list []string
	for range n {
		word := w.word()
		if ident := naming.Pascal(word); !seen[ident] {
			seen[ident] = true
			list = append(list, word)
		}
	}
	return list
}

var scalars = strings.Fields("bool int int32 uint32 int64 uint64 float32 float64 string bytes timestamp duration uuid any")

// typ draws a type expression.
func (w *writer) typ() string {
	s := w.one(scalars...)
	if len(w.all) > 0 && w.flip() {
		s = w.one(w.all...)
	}
	for range w.upTo(2) {
		s = w.one("list<", "map<") + s + w.null(s) + ">"
	}
	return s
}

// null draws what makes a type nullable.
func (w *writer) null(typ string) string {
	if typ == "any" || w.upTo(3) > 0 {
		return ""
	}
	return " | null"
}

// noBytes draws a type without bytes in it, for CONNECT.
func (w *writer) noBytes() string {
	return w.one("bool", "int", "string", "timestamp", "uuid", "list<string>", "map<int | null>", "int64")
}

// quoted puts a type between quotes, as YAML needs it between braces.
func quoted(typ string) string { return `"` + typ + `"` }

// fields draws the inside of a struct, without these names.
func (w *writer) fields(without ...string) string {
	var parts []string
	for _, name := range w.newWords(w.upTo(5)) {
		if !strings.Contains(" "+strings.Join(without, " ")+" ", " "+name+" ") {
			parts = append(parts, name+": "+w.field())
		}
	}
	for i := range w.upTo(1) {
		parts = append(parts, w.inPlace(fmt.Sprint("in_place", i)))
	}
	first := w.rng.IntN(len(wild))
	for i := range w.upTo(2) {
		text := wild[(first+i)%len(wild)]
		if !strings.Contains(" "+strings.Join(without, " ")+" ", " "+text+" ") {
			parts = append(parts, fmt.Sprintf("%s: { type: %s, name: Wild%d%s }", quoted(text), w.maybe("optional ")+w.constrained(), i, w.docs()+w.tags()))
		}
	}
	return "{ " + strings.Join(parts, ", ") + " }"
}

// field draws one field in its short form or its long one.
func (w *writer) field() string {
	switch w.upTo(4) {
	case 0:
		return "{ type: " + w.withDefault() + w.docs() + w.tags() + " }"
	case 1:
		return "{ type: " + w.maybe("optional ") + w.constrained() + w.docs() + w.tags() + " }"
	case 2:
		if len(w.uniques) > 0 {
			return "{ type: " + w.maybe("optional ") + "list<" + w.one(w.uniques...) + ">, unique: true" + w.maybe(", length: ..5") + w.docs() + " }"
		}
	}
	t := w.typ()
	return quoted(w.maybe("optional ") + t + w.null(t))
}

// inPlace draws a field whose type is declared where it stands. What declares it is called
// after the field, by a name that nothing else has.
func (w *writer) inPlace(field string) string {
	w.count++
	ident := fmt.Sprintf("InPlace%d", w.count)
	about := ", name: " + ident + w.maybe(", optional: true") + w.maybe(", nullable: true") + w.docs()
	if w.upTo(4) == 0 {
		of := w.one("enum: [one, two]", "enum: { one: 1 }, open: true", "struct: {}", "struct: { x: int, next: optional string }", "list: { struct: { y: bytes } }", "map: string") + w.maybe(", nullable: true")
		return field + ": { " + w.one("list", "map") + ": { " + of + " }" + w.maybe(", length: ..3") + about + " }"
	}
	if w.upTo(2) > 0 {
		values := w.one(`[one]`, `[one, "", two]`, `{ one: { doc: "*/" }, "null": , "": { name: Nothing } }`)
		values = strings.Replace(values, `"", two`, `{ value: "", name: Nothing }, two`, 1)
		if w.upTo(2) == 0 {
			return field + ": { enum: { one: 1, two: 2 }" + w.maybe(", open: true") + w.maybe(", default: 2") + about + " }"
		}
		return field + ": { enum: " + values + w.maybe(", open: true") + w.maybe(", default: one") + about + " }"
	}
	if w.deep > 2 {
		return field + ": { struct: {}" + about + " }"
	}
	w.deep++
	defer func() { w.deep-- }()
	return field + ": { struct: " + w.fields() + about + " }"
}

// tags draws further tags of a Go field.
func (w *writer) tags() string {
	return w.one("", "", "", ", go: { tags: { db: user_name } }", `, go: { tags: { validate: "required,max=3", "a-b": "it's \"x\" ☃" } }`)
}

func (w *writer) docs() string {
	return w.maybe(", doc: \"Ends in */ `${x}`\\n\\nand goes on\"") + w.one("", "", ", deprecated: since 1")
}

// constrained draws a scalar with constraints that fit it.
func (w *writer) constrained() string {
	return w.one("string, length: 1..5", "string | null, length: ..9, pattern: '^[a-z`\"]*$'", "bytes, length: 1..", "int, range: -5..5",
		"int32, range: 0..", "uint32 | null, range: ..7", "int64, range: -9223372036854775808..9223372036854775807",
		"uint64, range: 0..18446744073709551615", "float32, range: -0.5..1.5", "float64, range: 0..", "bool", "timestamp",
		"duration", "uuid", "any", "list<int>, length: 1..3", "map<string | null>, length: ..3")
}

// withDefault draws a type with a default.
func (w *writer) withDefault() string {
	if len(w.enums) > 0 && w.flip() {
		names := sortedKeys(w.enums)
		name := w.one(names...)
		if w.upTo(3) == 0 {
			return "list<" + name + ">, default: [" + quoted(w.one(w.enums[name]...)) + "]"
		}
		return name + w.maybe(" | null") + ", default: " + quoted(w.one(w.enums[name]...))
	}
	return w.one("list<int>, default: []", "list<string>, length: ..3, default: [a, \"b */\"]", "list<int32 | null> | null, default: [1, null, -3]", "list<uuid>, default: []",
		"list<float64>, default: [0.5, -1, 100, 20000, 300000, 4000000, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20]",
		"list<duration>, default: [1500]", "list<int64>, unique: true, default: [1, 2]", "list<timestamp>, default: [2026-01-02T03:04:05Z]",
		"bool, default: true", "int, range: -5..5, default: -3", "int32 | null, default: null", "uint32, default: 4294967295",
		`int64, default: "-9223372036854775808"`, `uint64 | null, default: "18446744073709551615"`, "float32, default: 0.5",
		"float64, default: -1.25", `string, default: "a \"b\" */ \\ $"`, `string | null, length: ..3, default: ""`,
		"timestamp, default: 2026-01-02T03:04:05Z", "duration, default: 1500", "uuid, default: 123e4567-e89b-12d3-a456-426614174000",
		"optional string, default: x")
}
