// SPDX-License-Identifier: Apache-2.0

package siowire

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
)

// A span is a part of a frame, from start up to end.
type span struct{ start, end uint32 }

// spanBytes is what a span holds.
const spanBytes = 8

// Args are the arguments of a received event or ack. They are a small value that
// keeps pointing into the received text, so a copy is cheap; neither the text nor
// the attachments may be changed. The zero value has no arguments.
type Args struct {
	frame []byte // the payload, from its opening bracket
	n     int
	first [2]span // most events have no more arguments than these
	more  []span  // the third and on

	// Attachments are the binary values, in the order in which they arrived: a
	// placeholder's num is an index into them. Parse leaves them nil; whoever
	// receives the binary messages fills them in.
	Attachments [][]byte
}

func (a *Args) add(start, end uint32) {
	if a.n < len(a.first) {
		a.first[a.n] = span{start, end}
	} else {
		a.more = append(a.more, span{start, end})
	}
	a.n++
}

func (a Args) span(i int) span {
	if i < len(a.first) {
		return a.first[i]
	}
	return a.more[i-len(a.first)]
}

// Len returns the number of arguments. A peer may send fewer or more than its
// schema says.
func (a Args) Len() int { return a.n }

// Held returns the bytes that a holds besides the received text and the attachments.
func (a Args) Held() int { return cap(a.more) * spanBytes }

// At returns the JSON text of argument i, without white space around it. It
// points into the received text. It panics unless 0 <= i < Len.
func (a Args) At(i int) json.RawMessage {
	if uint(i) >= uint(a.n) {
		panic(fmt.Sprintf("siowire: argument %d of %d", i, a.n))
	}
	s := a.span(i)
	return a.frame[s.start:s.end:s.end]
}

// Placeholder reports whether raw, one JSON value of a binary packet that Parse
// has accepted, stands for an attachment, and for which.
func Placeholder(raw []byte) (num int, ok bool) {
	s := newCollector(raw, anyAttachment)
	if !s.value(0) || len(s.found) != 1 || int(s.found[0].start) != 0 {
		return 0, false
	}
	return s.found[0].num, true
}

// anyAttachment is above any attachment count that can occur; it serves where Parse
// has already checked the indices.
const anyAttachment = 1 << 30

// newCollector returns a scanner that gathers the placeholders of text that has
// already been checked, so only the depth still matters.
func newCollector(text []byte, attachments int) *scanner {
	const unlimited = 1 << 40
	return &scanner{
		b: text, attachments: attachments, collect: true,
		maxDepth: 1000, maxValues: unlimited, maxNumber: unlimited,
	}
}

// placeholders returns where the attachments of argument i belong.
func (a Args) placeholders(i int) ([]placeholder, error) {
	if len(a.Attachments) == 0 {
		return nil, nil
	}
	s := newCollector(a.At(i), len(a.Attachments))
	if !s.value(0) {
		return nil, s.err
	}
	return s.found, nil
}

// errFanOut keeps a packet from growing many times over while it is decoded.
var errFanOut = errors.New("siowire: attachments are referred to too often")

// Decode unmarshals argument i into v with encoding/json. Attachments arrive in
// fields of type []byte, and as base64 strings in those of type any. It is an
// error if there is no argument i, or if placeholders refer to the attachments
// more often than [DefaultAttachments] times and than there are attachments.
func (a Args) Decode(i int, v any) error {
	if i < 0 || i >= a.n {
		return fmt.Errorf("siowire: decode argument %d: the packet has %d", i, a.n)
	}
	found, err := a.placeholders(i)
	if err != nil {
		return err
	}
	raw := a.At(i)
	if len(found) == 0 {
		return json.Unmarshal(raw, v)
	}
	if len(found) > max(DefaultAttachments, len(a.Attachments)) {
		return errFanOut
	}
	size := len(raw)
	for _, p := range found {
		size += base64.StdEncoding.EncodedLen(len(a.Attachments[p.num]))
	}
	text := make([]byte, 0, size)
	from := 0
	for _, p := range found {
		text = append(text, raw[from:p.start]...)
		text = append(text, '"')
		text = base64.StdEncoding.AppendEncode(text, a.Attachments[p.num])
		text = append(text, '"')
		from = int(p.end)
	}
	return json.Unmarshal(append(text, raw[from:]...), v)
}
