// SPDX-License-Identifier: Apache-2.0

package schematest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sockgen/sockgen/gen/naming"
)

func sortedKeys(m map[string][]string) []string {
	var names []string
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// types draws a "types" section of at least n entries.
func (w *writer) types(n int) {
	w.line(0, "types:")
	for range n {
		w.oneType()
	}
	name, ident := w.newType()
	w.line(1, fmt.Sprintf("%s: { struct: { next: optional %s, all: list<%s | null>, by: map<%s>, last: \"%s | null\", __more__: { type: int, name: %sMore } } }", name, name, name, name, name, ident))
	w.all, w.structs = append(w.all, name), append(w.structs, name)
}

// newType returns a name for a type and its identifier.
func (w *writer) newType() (name, ident string) {
	for {
		name = fmt.Sprintf("T%d_%s", w.count, w.word())
		w.count++
		if ident = naming.Pascal(name); w.claim(ident) {
			return name, ident
		}
	}
}

// libraryTypes are names that both languages' libraries have.
var libraryTypes = strings.Fields("Map Promise Error Record Symbol Set String Object Partial Omit Readonly ArrayBuffer Event Time Context SocketOptions Date Array Client NewClient Dial")

func (w *writer) oneType() {
	name, ident := w.newType()
	about := w.one("", "", "doc: \"Says */ `a`.\", ", "deprecated: \"since */ 1\", ")
	if library := w.one(libraryTypes...); w.upTo(4) == 0 && w.claim(library) {
		ident = library
		about += "name: " + ident + ", "
	} else if w.upTo(9) == 0 && w.claim(ident+"Renamed") {
		ident += "Renamed"
		about += "name: " + ident + ", "
	}
	switch w.upTo(9) {
	case 0, 1:
		w.enum(name, ident, about)
		return
	case 2, 3:
		if w.union(name, ident, about) {
			return
		}
	case 4:
		w.alias(name, about)
		return
	case 5:
		t := w.typ()
		w.line(1, name+": { "+about+w.one("list", "map")+": "+quoted(t+w.null(t))+w.maybe(", length: 0..7")+" }")
		w.all = append(w.all, name)
		return
	case 6:
		if len(w.uniques) > 0 {
			w.line(1, name+": { "+about+"list: "+w.one(w.uniques...)+", unique: true"+w.maybe(", length: 1..3")+" }")
			w.all = append(w.all, name)
			return
		}
	}
	w.line(1, name+": { "+about+"struct: "+w.fields()+" }")
	w.all, w.structs = append(w.all, name), append(w.structs, name)
}

// enumValues are texts that an enum may hold, with the identifiers of those that
// give none.
var enumValues = []struct{ text, name string }{
	{"online", ""}, {"away", ""}, {"in between", ""}, {"on", ""}, {"", "Nothing"}, {"1", ""}, {"2d", ""}, {"null", ""}, {"true", ""}, {"constructor", ""},
	{"a-b_c", ""}, {"*/", "Star"}, {"`${x}`", ""}, {"☃", "Snow"}, {"it's", ""}, {`back\\slash`, ""}, {`\"quoted\"`, ""}, {"ünï", ""},
}

// enum draws an enum in one of its three forms.
func (w *writer) enum(name, ident, about string) {
	if w.upTo(3) == 0 && w.claim(ident+"Low", ident+"High") {
		values := w.one(`{ low: 1, high: { value: -5, doc: "*/" } }`, `[{ value: 0, name: Low }, { value: 9007199254740991, name: High, deprecated: since 1 }]`, `{ low: -1, "high*": { value: 2, name: High } }`)
		w.line(1, name+": { "+about+"enum: "+values+w.maybe(", open: true")+" }")
		w.all, w.params, w.uniques = append(w.all, name), append(w.params, name), append(w.uniques, name)
		return
	}
	form := w.upTo(2)
	var parts, wires []string
	first := w.rng.IntN(len(enumValues))
	for i := range 1 + w.upTo(4) {
		v := enumValues[(first+i)%len(enumValues)]
		constant := naming.Pascal(v.text)
		named := v.name != "" || w.upTo(5) == 0
		if named {
			constant = "Const" + naming.Pascal(v.name+v.text)
		}
		if !w.claim(ident + constant) {
			continue
		}
		var says []string
		if named {
			says = append(says, "name: "+constant)
		}
		if w.upTo(2) == 0 {
			says = append(says, "doc: \"Ends */\"", "deprecated: since 2")
		}
		text := quoted(v.text)
		switch {
		case form == 0 && len(says) == 0:
			parts = append(parts, text)
		case form == 0:
			parts = append(parts, "{ value: "+text+", "+strings.Join(says, ", ")+" }")
		case len(says) == 0:
			parts = append(parts, text+": ")
		default:
			parts = append(parts, text+": { "+strings.Join(says, ", ")+" }")
		}
		wires = append(wires, v.text)
	}
	list := "[" + strings.Join(parts, ", ") + "]"
	if form > 0 {
		list = "{ " + strings.Join(parts, ", ") + " }"
	}
	w.line(1, name+": { "+about+"enum: "+list+w.maybe(", open: true")+" }")
	if w.enums == nil {
		w.enums = map[string][]string{}
	}
	w.enums[name] = wires
	w.all, w.params, w.uniques = append(w.all, name), append(w.params, name), append(w.uniques, name)
}

// union draws a union of structs of its own and of earlier ones.
func (w *writer) union(name, ident, about string) bool {
	open := w.flip() && w.claim("Unknown"+ident)
	tag := w.one("kind", "type", "tag", "_t", "$type", "@id", "2fa")
	var parts []string
	for i := range 1 + w.upTo(2) {
		variant, _ := w.newType()
		w.line(1, variant+": { struct: "+w.fields(tag)+" }")
		w.all, w.structs = append(w.all, variant), append(w.structs, variant)
		value := w.one("text", "image", "a b", "*/", "`", "ü", "1x") + fmt.Sprint(i)
		parts = append(parts, quoted(value)+": "+w.one(variant, "{ type: "+variant+", doc: \"One */\" }"))
	}
	s := "tag: " + quoted(tag)
	if open {
		s += ", open: true"
	}
	w.line(1, name+": { "+about+"union: { "+s+", of: { "+strings.Join(parts, ", ")+" } } }")
	w.all, w.unions = append(w.all, name), append(w.unions, name)
	return true
}

// alias draws a declared scalar, perhaps with a brand or a type of Go's own
// packages.
func (w *writer) alias(name, about string) {
	switch w.upTo(5) {
	case 0:
		of := w.one("scalar: string, go: net/netip.Addr", "scalar: any, go: encoding/json.RawMessage", "scalar: string, length: ..43, go: net/netip.Prefix", "scalar: int64, go: math/big.Int")
		w.line(1, name+": { "+about+of+" }")
		if !strings.Contains(of, "any") {
			w.goTexts = append(w.goTexts, name)
		}
	case 1, 2:
		s := w.one("string, length: 1..9", "int", "uuid", "int64", "uint64", "string, pattern: '^[a-z-]*$'", "int32, range: 0..9", "bool")
		w.line(1, name+": { "+about+"scalar: "+s+w.maybe(", brand: true")+" }")
		w.params, w.uniques = append(w.params, name), append(w.uniques, name)
	case 3:
		w.line(1, name+": { "+about+"scalar: "+w.one("timestamp", "duration", "float64", "bytes, length: ..9")+", brand: true }")
	default:
		w.line(1, name+": { "+about+"scalar: "+w.one("float32, range: 0..", "any", "bytes, length: 1..9", "timestamp", "uint32")+" }")
	}
	w.all = append(w.all, name)
}

// errors draws an "errors" section.
func (w *writer) errors(codes ...string) {
	w.line(0, "errors:")
	for _, code := range codes {
		ident := naming.Pascal(code)
		data := ""
		switch w.upTo(3) {
		case 0:
			data = ", data: { room: " + w.noBytes() + ", why: { type: " + w.constrained() + " } }"
		case 1:
			data = ", data: " + quoted(w.typ())
		}
		name := ""
		if w.flip() { // any text may travel
			ident = "Wild" + ident
			name, code = "name: "+ident+", ", w.one(wild...)+code
		}
		w.claim(ident, "Code"+ident, ident+"Data")
		w.line(1, quoted(code)+": { "+name+"message: \"a `quote` */ \\\"x\\\"\", doc: \"Why */.\""+data+" }")
		w.codes = append(w.codes, quoted(code))
	}
}
