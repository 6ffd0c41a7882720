// SPDX-License-Identifier: Apache-2.0

package siowire

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"sync"
)

// An Encoder collects the arguments of one event or ack: their JSON in B,
// separated by commas, and the binary values among them in Attachments.
//
// Generated code calls Next before each argument, appends its JSON to B, and
// calls AppendBytes where a binary value belongs. Others call Value once for each
// argument. An Encoder is not for two goroutines at once.
type Encoder struct {
	B           []byte   // the arguments so far
	Attachments [][]byte // owned by the packet from AppendEvent or AppendAck on

	n      int   // arguments begun
	places int   // arguments that pad sees to
	lookAs bool  // B holds data that looks like a placeholder
	err    error // the first failure
}

// maxPooled is how many bytes of buffer an Encoder may take back to the pool.
const maxPooled = 64 << 10

var encoders = sync.Pool{New: func() any { return new(Encoder) }}

// NewEncoder returns an empty Encoder from a pool.
func NewEncoder() *Encoder { return encoders.Get().(*Encoder) }

// Release gives e back to the pool. The caller must not use it afterwards, nor B.
// The attachments themselves stay valid: they belong to whoever took them.
func (e *Encoder) Release() {
	if cap(e.B) > maxPooled {
		return
	}
	e.Reset()
	encoders.Put(e)
}

// Reset empties e and forgets its error.
func (e *Encoder) Reset() {
	clear(e.Attachments)
	*e = Encoder{B: e.B[:0], Attachments: e.Attachments[:0]}
}

// Len returns how many arguments have begun.
func (e *Encoder) Len() int { return e.n }

func (e *Encoder) attachments() int {
	if e == nil {
		return 0
	}
	return len(e.Attachments)
}

// Next begins the next argument: it writes the comma when one is needed.
func (e *Encoder) Next() {
	if e.n++; e.n > 1 {
		e.B = append(e.B, ',')
	}
}

// reserve makes pad add arguments until there are n.
func (e *Encoder) reserve(n int) { e.places = n }

// pad adds null for each argument that reserve has kept a place for and that has not
// begun: whoever is about to append an argument of its own calls it.
func (e *Encoder) pad() {
	for e.n < e.places {
		e.Next()
		e.B = append(e.B, "null"...)
	}
}

// AppendBytes appends a placeholder and keeps a copy of p as the attachment that
// it stands for.
func (e *Encoder) AppendBytes(p []byte) {
	e.attach(append(make([]byte, 0, len(p)), p...))
}

// attach appends a placeholder for p, which now belongs to e.
func (e *Encoder) attach(p []byte) {
	e.B = append(e.B, `{"_placeholder":true,"num":`...)
	e.B = strconv.AppendInt(e.B, int64(len(e.Attachments)), 10)
	e.B = append(e.B, '}')
	e.Attachments = append(e.Attachments, p)
	e.checkLookalike()
}

// Fail records an error that makes the arguments unusable, such as a number that
// JSON cannot express. The first one wins; nil is ignored.
func (e *Encoder) Fail(err error) {
	if e.err == nil {
		e.err = err
	}
}

// Err returns the first error that Fail or Value recorded. Whoever sends the
// arguments asks for it first.
func (e *Encoder) Err() error { return e.err }

// ErrLookalike refuses ordinary data in the shape of a placeholder next to binary
// values: the receiver would take it for one, or close the connection over it.
var ErrLookalike = errors.New(`siowire: data that looks like a placeholder ({"_placeholder":true,…}) cannot be sent together with binary values`)

func (e *Encoder) checkLookalike() {
	if e.lookAs && len(e.Attachments) > 0 {
		e.Fail(ErrLookalike)
	}
}

// Forward appends all of a as further arguments. Placeholders are numbered anew in
// the order of the text, so an attachment that nothing refers to is left behind
// and one that is referred to twice is sent twice. The bytes of the attachments
// are shared, not copied.
func (e *Encoder) Forward(a Args) error {
	for i := range a.Len() {
		found, err := a.placeholders(i)
		if err != nil {
			e.Fail(err)
			return err
		}
		e.Next()
		raw := a.At(i)
		from := 0
		for _, p := range found {
			e.B = append(e.B, raw[from:p.start]...)
			e.attach(a.Attachments[p.num])
			from = int(p.end)
		}
		e.B = append(e.B, raw[from:]...)
		if len(a.Attachments) == 0 {
			e.noteLookalike(raw)
		}
	}
	return e.err
}

// AppendRaw appends JSON from elsewhere as the current argument or as a part of it.
// Appending it to B would do, but for data that imitates a placeholder.
func (e *Encoder) AppendRaw(raw []byte) {
	e.B = append(e.B, raw...)
	e.noteLookalike(raw)
}

// noteLookalike remembers whether JSON that is already in B could be mistaken for
// a placeholder.
func (e *Encoder) noteLookalike(raw []byte) {
	// Nearly all data is cleared by this search; a key may also hide behind escapes.
	if !bytes.Contains(raw, []byte("placeholder")) && !bytes.Contains(raw, []byte(`\u00`)) {
		return
	}
	s := newCollector(raw, anyAttachment)
	if s.value(0) && len(s.found) == 0 {
		return
	}
	e.lookAs = true
	e.checkLookalike()
}

// Value appends v as one argument, in the form that encoding/json gives it but
// without HTML escaping. Every []byte in it, at any depth of structs, maps, slices,
// pointers and interfaces, becomes an attachment instead of base64; the
// exceptions are nil, which stays null, and types that marshal themselves. A
// time.Time that is the argument itself is written in UTC with milliseconds, as
// JavaScript does. An Args is passed on: it stands for all of its arguments, as
// with [Encoder.Forward]. NaN and infinities are errors.
//
// v must not change during the call; afterwards e shares nothing with it.
func (e *Encoder) Value(v any) error {
	if received, ok := v.(Args); ok {
		return e.Forward(received)
	}
	e.Next()
	if err := e.value(v); err != nil {
		err = fmt.Errorf("siowire: encode argument %d: %w", e.n, err)
		e.Fail(err)
		return err
	}
	return nil
}
