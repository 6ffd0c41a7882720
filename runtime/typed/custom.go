// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"crypto/rand"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// ErrCustom is what encoding fails with when a Go type of the application's own
// writes what the schema's scalar does not allow.
var ErrCustom = errors.New("typed: a custom type wrote what its scalar does not allow")

// DecodeText reads a string into a type of the application's own. Beforehand wire
// holds it to the scalar that it is on the wire, with its constraints.
func DecodeText[P interface {
	*V
	encoding.TextUnmarshaler
}, V, W any](d *Decoder, v P, wire func(*Decoder, *W)) {
	raw, ok := checked(d, wire)
	if !ok {
		return
	}
	d.sub(raw, func() {
		if s, ok := d.text("string"); ok {
			d.refused(v.UnmarshalText(s))
		}
	})
}

// DecodeJSON reads a value into a type of the application's own through
// encoding/json. Beforehand wire holds it to the scalar that it is on the wire,
// with its constraints.
func DecodeJSON[V, W any](d *Decoder, v *V, wire func(*Decoder, *W)) {
	if raw, ok := checked(d, wire); ok {
		d.refused(json.Unmarshal(raw, v))
	}
}

// maxReason is how many bytes an issue has of what a type of the application's own says.
const maxReason = 128

// refused notes that a type of the application's own takes a value for wrong, unless err
// is nil. The issue has the type's words, which the peer reads.
func (d *Decoder) refused(err error) {
	if err == nil {
		return
	}
	message := "is not a valid value"
	if reason := strings.TrimSpace(strings.ToValidUTF8(err.Error(), "\ufffd")); reason != "" {
		message += ": " + cut(reason, maxReason)
	}
	d.report(message)
	d.causes = append(d.causes, err)
}

// checked consumes a value and tells whether wire finds it sound.
func checked[W any](d *Decoder, wire func(*Decoder, *W)) ([]byte, bool) {
	raw, ok := d.raw()
	if !ok {
		return nil, false
	}
	before := len(d.issues)
	d.sub(raw, func() {
		var w W
		wire(d, &w)
	})
	return raw, len(d.issues) == before
}

// sub calls f to read raw, which is a part of what d has read already.
func (d *Decoder) sub(raw []byte, f func()) {
	outer := d.json
	d.json = reader{b: raw}
	f()
	d.json = outer
}

// EncodeText writes a type of the application's own as a string, and holds it to
// the scalar that it is on the wire.
func EncodeText[V any, P interface {
	*V
	encoding.TextMarshaler
}, W any](e Encoder, v V, wire func(*Decoder, *W)) {
	text, err := P(&v).MarshalText()
	if err != nil {
		e.Fail(err)
		e.Null()
		return
	}
	start := len(e.args.B)
	e.String(string(text))
	hold(e, v, start, wire)
}

// TextOf returns the text of a type of the application's own, as a part of a room's or
// a namespace's name. A value whose MarshalText fails gets a text that no other value
// has, so that it stands for a room without sockets.
func TextOf[V any, P interface {
	*V
	encoding.TextMarshaler
}](v V) string {
	text, err := P(&v).MarshalText()
	if err != nil {
		return rand.Text()
	}
	return string(text)
}

// EncodeJSON writes a type of the application's own through encoding/json, and
// holds it to the scalar that it is on the wire.
func EncodeJSON[V, W any](e Encoder, v V, wire func(*Decoder, *W)) {
	start := len(e.args.B)
	e.value(&v) // MarshalJSON may have a pointer for its receiver
	hold(e, v, start, wire)
}

// hold makes the arguments unusable unless wire finds what e has written from
// start on to be sound.
func hold[W any](e Encoder, v any, start int, wire func(*Decoder, *W)) {
	if e.args.Err() != nil {
		return // the arguments are of no use already
	}
	d := newDecoder(e.args.B[start:], nil)
	defer d.release()
	var w W
	if wire(d, &w); len(d.issues) > 0 {
		e.Fail(fmt.Errorf("%w: %T: %s", ErrCustom, v, d.issues[0].Message))
	}
}
