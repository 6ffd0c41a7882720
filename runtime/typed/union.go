// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/sockgen/sockgen/runtime/siowire"
)

// ErrVariant is what encoding a union fails with when the value is none of its
// variants: nil, a pointer to one, or an unknown one that is not what it says.
var ErrVariant = errors.New("typed: not a variant of the union")

// A Union says how the variants of a union are told apart. It is made once and
// not changed afterwards.
type Union struct {
	tag    string
	values []string // of the tag
	open   bool
}

// Variants returns the closed union whose variants have these values in the key
// tag.
func Variants(tag string, values ...string) *Union {
	return &Union{tag: tag, values: values}
}

// Open makes u accept variants that it does not know and returns u.
func (u *Union) Open() *Union {
	u.open = true
	return u
}

// Variant looks at the object that comes next and returns its tag. Whoever calls
// it then reads the struct that the tag stands for, or calls [Decoder.Unknown] for
// a tag that u does not know, which happens only when u is open. The empty string
// means that the value was not sound and has been consumed.
func (d *Decoder) Variant(u *Union) string {
	if !d.expect(objectKind, "object") {
		return ""
	}
	start := d.json
	d.path = append(d.path, step{kind: fieldStep, name: u.tag})
	tag := d.findTag(u)
	d.path = d.path[:len(d.path)-1]
	if d.ended {
		return ""
	}
	d.json = start
	if tag == "" {
		d.skip()
		return ""
	}
	d.tag = u.tag
	return tag
}

// findTag returns the object's tag, or "" after it noted why there is none. The
// tag's step is on top of the path.
func (d *Decoder) findTag(u *Union) string {
	misspelled := ""
	for w := d.json.enter(); ; {
		key, ok := d.member(&w)
		if !ok {
			break
		}
		switch {
		case string(key) == u.tag:
			return d.readTag(u, &w)
		case misspelled == "" && isFolded(key, u.tag):
			misspelled = string(key)
		}
		d.skip()
	}
	switch {
	case d.ended:
	case misspelled != "":
		d.misspelled([]byte(misspelled), u.tag)
	default:
		d.report("is required")
	}
	return ""
}

// readTag reads the tag's value.
func (d *Decoder) readTag(u *Union, w *walk) string {
	s, ok := d.text("string")
	if !ok {
		return ""
	}
	for _, v := range u.values {
		if v == string(s) {
			return v
		}
	}
	if !u.open {
		d.report(wantOneOf(u.values, appendQuoted[string]))
		return ""
	}
	if n := utf8.RuneCount(s); n < 1 || n > maxOpen {
		d.report("must have " + span(1, maxOpen, "character", "characters") + ", has " + strconv.Itoa(n))
		return ""
	}
	tag := string(s)
	for { // a struct of ours would notice by itself
		key, ok := d.member(w)
		if !ok {
			break
		}
		if string(key) == u.tag {
			d.report("is there twice")
			return ""
		}
		d.skip()
	}
	return tag
}

// Unknown reads a variant that the schema does not have, after [Decoder.Variant],
// and keeps the whole object as it was written. Bytes do not fit into it.
func (d *Decoder) Unknown(raw *json.RawMessage) {
	d.tag = ""
	d.Any(raw)
}

// Tag begins the object of a union's variant with its tag and returns an Encoder
// that goes on in it: for the function that encodes the struct. Both are written
// as they stand: as JSON spells them between quotes.
func (e Encoder) Tag(tag, value string) Encoder {
	b := append(e.args.B, '{', '"')
	b = append(b, tag...)
	b = append(b, '"', ':', '"')
	b = append(b, value...)
	e.args.B = append(b, '"')
	e.form = begun
	return e
}

// Unknown writes a variant that the schema does not have: raw is its whole object,
// in which the tag is as given.
func (e Encoder) Unknown(u *Union, tag string, raw json.RawMessage) {
	switch got, ok := tagOf(u, raw); {
	case !ok:
		e.Fail(fmt.Errorf("%w: an unknown variant must hold a JSON object with one %q", ErrVariant, u.tag))
	case got != tag:
		e.Fail(fmt.Errorf("%w: the tag of an unknown variant is %q, that of its object %q", ErrVariant, cut(tag, 64), cut(got, 64)))
	case slices.Contains(u.values, tag):
		e.Fail(fmt.Errorf("%w: %q is known: use its struct", ErrVariant, tag))
	default:
		e.Any(raw)
		return
	}
	e.Null()
}

// tagOf returns the tag of raw, which need not be well-formed.
func tagOf(u *Union, raw []byte) (tag string, ok bool) {
	if siowire.Validate(raw) != nil {
		return "", false
	}
	n := 0
	ok = eachMember(raw, func(r *reader, key []byte) (sound bool) {
		if string(key) != u.tag {
			return r.skip()
		}
		n++
		tag, sound = r.string()
		return sound
	})
	return tag, ok && n == 1
}

// NotVariant makes the arguments unusable: v is no variant of the union.
func (e Encoder) NotVariant(union string, v any) {
	e.Fail(fmt.Errorf("%w %s: %T", ErrVariant, union, v))
	e.Null()
}
