// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"strings"
	"sync"

	"github.com/sockgen/sockgen/runtime/siowire"
)

// maxDepth bounds how deep generated types nest, so that a recursive schema
// cannot be driven to any depth (S-11).
const maxDepth = 64

// A Decoder reads one JSON value into a generated type. It goes on after an
// issue and reports all of them together, up to [MaxIssues].
//
// A method that reads a scalar stores it through its pointer when it is sound
// and otherwise notes an issue and leaves the pointer's value alone; some return
// a checker whose methods hold the value to further constraints. Every method
// consumes one value, also when it does not fit.
//
// A Decoder belongs to one goroutine and is valid only during the call it was
// passed to.
type Decoder struct {
	json        reader
	attachments [][]byte // what placeholders stand for; points into the packet
	standalone  bool     // plain JSON: bytes are base64 strings, not placeholders
	strict      bool     // unknown fields are issues
	missing     bool     // there is no value to read
	args        siowire.Args
	positional  bool     // the next object is made of args, one for each field
	tag         string   // the key that the next object has beside its fields, or ""
	path        []step   // to the value that is being read
	seen        []uint64 // for each object of more than 64 fields under way, a bit for each field met
	scratch     []byte   // the string that was read last, when it had escapes
	issues      []Issue
	causes      []error // behind them, of types of the application's own
	ended       bool    // malformed, or as many issues as are reported: read no further
}

// maxScratch is how many bytes of buffer a Decoder may take back to the pool.
const maxScratch = 16 << 10

var decoders = sync.Pool{New: func() any { return new(Decoder) }}

// newDecoder returns a pooled Decoder of raw, which must be well-formed JSON in
// UTF-8 when it comes from a peer (siowire saw to that).
func newDecoder(raw []byte, attachments [][]byte) *Decoder {
	d := decoders.Get().(*Decoder)
	d.json.b = raw
	d.attachments = attachments
	return d
}

// release gives d back to the pool. Its issues stay with whoever took them.
func (d *Decoder) release() {
	clear(d.path[:cap(d.path)]) // names may be a peer's
	scratch := d.scratch[:0]
	if cap(scratch) > maxScratch {
		scratch = nil
	}
	*d = Decoder{path: d.path[:0], seen: d.seen[:0], scratch: scratch}
	decoders.Put(d)
}

// A Fields lists the fields of a struct as they are spelled on the wire. It is not
// changed once it is in use. As it is plain data, the compiler writes it as it stands,
// and a program does not begin with making one for each struct.
type Fields struct {
	Names    []string
	Required int      // how many of Names, from the first, must be present
	Nullable []string // of the optional ones, those for which null is a value where they are arguments, see [Decoder.Positional]

	once  sync.Once
	index map[string]int // of Names, when they are too many to compare; made by once
}

// manyFields is where a look-up in a map overtakes comparing with each name.
const manyFields = 12

func (f *Fields) build() {
	f.index = make(map[string]int, len(f.Names))
	for i, name := range f.Names {
		f.index[name] = i
	}
}

// find returns the position of key, or -1. Peers mostly keep the schema's
// order, so that next is usually right.
func (f *Fields) find(key []byte, next int) int {
	if next < len(f.Names) && f.Names[next] == string(key) {
		return next
	}
	if len(f.Names) >= manyFields {
		f.once.Do(f.build)
		if i, ok := f.index[string(key)]; ok {
			return i
		}
		return -1
	}
	for i, name := range f.Names {
		if name == string(key) {
			return i
		}
	}
	return -1
}

// findFolded returns the position of the name that differs from key in nothing
// but case, or -1.
func (f *Fields) findFolded(key []byte) int {
	for i, name := range f.Names {
		if isFolded(key, name) {
			return i
		}
	}
	return -1
}

// isFolded tells whether key differs from name in nothing but case.
func isFolded(key []byte, name string) bool {
	// A folded rune takes at most three times the bytes of the other.
	return len(key) <= 3*len(name) && strings.EqualFold(name, string(key))
}

// member goes to the value of an object's next member and returns its key. It notes
// when the object ends too early.
func (d *Decoder) member(w *walk) (key []byte, ok bool) {
	key, escaped, ok := d.json.member(w)
	switch {
	case w.bad:
		d.malformed()
	case escaped:
		key = siowire.AppendUnquoted(nil, key)
	}
	return key, ok
}

// element goes to the next element of a list. It notes when the list ends too early.
func (d *Decoder) element(w *walk) bool {
	ok := d.json.element(w)
	if w.bad {
		d.malformed()
	}
	return ok
}

// field returns the position of key among f. When it has none, or was there
// before, field notes what is wrong, skips the value and returns -1.
func (d *Decoder) field(f *Fields, key []byte, next int, seen []uint64, tag string) int {
	i := f.find(key, next)
	folded := -1
	if i < 0 {
		folded = f.findFolded(key)
	}
	if i < 0 && folded < 0 {
		d.unknown(key, tag)
		d.skip()
		return -1
	}
	at := max(i, folded)
	word, bit := &seen[at/64], uint64(1)<<(at%64)
	repeated := *word&bit != 0
	*word |= bit
	switch {
	case folded >= 0:
		// The wrong name stands for the right one: it is not reported missing as well.
		d.misspelled(key, f.Names[folded])
	case repeated:
		d.path[len(d.path)-1].name = f.Names[i]
		d.report("is there twice")
	default:
		return i
	}
	d.skip()
	return -1
}

// unknown notes an issue with a key that is no field, when it is one: in a strict
// payload, or where it is a tag in the wrong case.
func (d *Decoder) unknown(key []byte, tag string) {
	switch {
	case tag != "" && isFolded(key, tag):
		d.misspelled(key, tag)
	case d.strict:
		d.path[len(d.path)-1] = step{kind: fieldStep, name: cut(string(key), maxPath)}
		d.report("unknown field")
	}
}

// misspelled notes that the object on top of the path has key where the schema
// says name.
func (d *Decoder) misspelled(key []byte, name string) {
	d.path[len(d.path)-1] = step{kind: fieldStep, name: cut(string(key), maxPath)}
	d.report(`is spelled "` + name + `" in the schema`)
}

// enter reports whether another level of nesting is allowed, and skips the
// value when it is not.
func (d *Decoder) enter() bool {
	if len(d.path) < maxDepth {
		return true
	}
	d.report("is nested too deeply")
	d.skip()
	return false
}

// expect reports whether the next value is of kind want. Otherwise it notes an
// issue and skips the value.
func (d *Decoder) expect(want kind, name string) bool {
	if d.ended {
		return false
	}
	got := d.json.peek()
	if got == want {
		return true
	}
	if got == noKind {
		d.malformed()
		return false
	}
	d.mismatch(name, got)
	return false
}

// mismatch notes that a value of another kind came, and skips it.
func (d *Decoder) mismatch(want string, got kind) {
	d.report("expected " + want + ", got " + got.String())
	d.skip()
}

// skip consumes the next value.
func (d *Decoder) skip() {
	if !d.ended && !d.json.skip() {
		d.malformed()
	}
}

// raw consumes the next value and returns its text, without space around it.
func (d *Decoder) raw() ([]byte, bool) {
	if d.ended {
		return nil, false
	}
	raw, ok := d.json.raw()
	if !ok {
		d.malformed()
	}
	return raw, ok
}

// malformed ends decoding: what follows cannot be told apart any more, or there
// is nothing.
func (d *Decoder) malformed() {
	switch {
	case d.ended:
		return
	case d.missing:
		d.report("is required")
	default:
		d.report("is not well-formed JSON")
	}
	d.ended = true
}

// failure returns what is wrong with what came with event, or nil.
func (d *Decoder) failure(event string) *PayloadError {
	if len(d.issues) == 0 {
		return nil
	}
	return &PayloadError{Event: event, Issues: d.issues, causes: d.causes}
}

// report notes an issue with the value at d.path.
func (d *Decoder) report(message string) {
	if d.ended {
		return
	}
	d.issues = append(d.issues, Issue{Path: renderPath(d.path), Message: message})
	if len(d.issues) == MaxIssues {
		d.ended = true
	}
}

// Null reads a null and returns true, or returns false and reads nothing.
func (d *Decoder) Null() bool {
	if d.ended || d.json.peek() != nullKind {
		return false
	}
	if !d.json.literal("null") {
		d.malformed()
	}
	return true
}
