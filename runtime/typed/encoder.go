// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/sockgen/sockgen/runtime/siowire"
)

// Errors of encoding. They tell the Go programmer that a value has no form on
// the wire; the peer sees [CodeInternal].
var (
	ErrNotFinite      = errors.New("typed: NaN and infinities have no form in JSON")
	ErrIntRange       = errors.New("typed: int beyond ±(2^53−1), which JavaScript cannot hold; declare it int64")
	ErrTimestampRange = errors.New("typed: timestamp outside the years 0 to 9999")
	ErrUUID           = errors.New("typed: not a UUID")
	ErrRawJSON        = errors.New("typed: a value of type any is not well-formed JSON in UTF-8")
	ErrTooDeep        = errors.New("typed: more than 1,000 values within each other, or one that holds itself")
	ErrReservedKey    = errors.New(`typed: "_placeholder" is reserved for attachments`)
)

// An Encoder appends JSON to the arguments of an event or ack. It is a small
// value; copies append to the same arguments. The first value that has no form
// on the wire makes the arguments unusable, which their receiver reports.
//
// An Encoder belongs to one goroutine. It ends when it is handed to a function
// that sends it.
type Encoder struct {
	// Four fields: the compiler keeps no struct of more in registers.
	args  *siowire.Encoder
	mode  mode
	form  form  // of the object that Open begins
	depth int16 // how often Deeper was called on the way to the value
}

// A mode says how all values are written.
type mode uint8

const (
	plainJSON mode = 1 << iota // bytes become base64 strings, not attachments
	trusting                   // constraints are left to the receiver, see CheckSent
)

// currentMode returns the mode of what is sent now.
func currentMode() mode {
	if unchecked.Load() {
		return trusting
	}
	return 0
}

// deepest bounds the types that hold themselves. Go servers take 64 levels unless their
// limits say otherwise; a page takes thousands.
const deepest = 1000

// A form says what a struct becomes.
type form uint8

const (
	inBraces  form = iota // {"key":value}
	begun                 // the same, but its brace and a first key are written
	arguments             // an argument for each field
)

// Positional returns an Encoder that writes the fields of the next struct as
// one argument each. Structs within it are objects as ever.
func (e Encoder) Positional() Encoder {
	e.form = arguments
	return e
}

// NewEncoder returns an Encoder without arguments. It and Next are not inlined: each
// function that emits calls them, of which there are many.
//
//go:noinline
func NewEncoder() Encoder { return Encoder{args: siowire.NewEncoder(), mode: currentMode()} }

// Next begins the next argument and returns e.
//
//go:noinline
func (e Encoder) Next() Encoder {
	e.args.Next()
	return e
}

// Fail makes the arguments unusable because of err, which is about the value that
// comes next, or that was just written.
func (e Encoder) Fail(err error) {
	e.flaw(len(e.args.B), strings.TrimPrefix(err.Error(), "typed: "), err)
}

// Open begins an object.
func (e Encoder) Open() {
	if e.form == inBraces {
		e.args.B = append(e.args.B, '{')
	}
}

// Close ends an object.
func (e Encoder) Close() {
	if e.form != arguments {
		e.args.B = append(e.args.B, '}')
	}
}

// Gap stands in for an absent argument before one that is present. Where fields
// have keys it writes nothing.
func (e Encoder) Gap() {
	if e.form == arguments {
		e.Next().Null()
	}
}

// Key begins a field. Its key is written as it stands: a comma, which an object's
// first field leaves out, the name as JSON spells it, and a colon.
func (e Encoder) Key(key string) Encoder {
	if e.form == arguments {
		e.form = inBraces
		return e.Next()
	}
	e.form = inBraces
	if e.args.B[len(e.args.B)-1] == '{' {
		key = key[1:]
	}
	e.args.B = append(e.args.B, key...)
	return e
}

// Field is Key where the generator knows what comes before: key is written with
// the brace or the comma that it begins with. It is inlined, so that writing a key
// is storing a constant; positional arguments and the first key after Tag need Key.
func (e Encoder) Field(key string) Encoder {
	e.form = inBraces
	e.args.B = append(e.args.B, key...)
	return e
}

// Deeper goes into a list, a map, or a value of a type that may hold values of the same
// type. It reports false when that is within too many others, as one that holds itself is:
// then the arguments are unusable, and nothing more of such values is written.
func (e *Encoder) Deeper() bool {
	e.depth++
	u := e.unsound()
	if e.depth <= deepest && (u == nil || !u.cut) {
		return true
	}
	if u == nil || !u.cut {
		e.Fail(ErrTooDeep)
		e.unsound().cut = true
	}
	e.Null()
	return false
}

// Null writes null.
func (e Encoder) Null() { e.args.B = append(e.args.B, "null"...) }

// Bool writes true or false.
func (e Encoder) Bool(v bool) {
	if v {
		e.args.B = append(e.args.B, "true"...)
	} else {
		e.args.B = append(e.args.B, "false"...)
	}
}

// Int writes an integer of ±[MaxInt].
func (e Encoder) Int(v int64) {
	if v < -MaxInt || v > MaxInt {
		e.Fail(fmt.Errorf("%w: %d", ErrIntRange, v))
	}
	e.args.B = appendInt(e.args.B, v)
}

// Int32 writes an integer.
func (e Encoder) Int32(v int32) { e.args.B = appendInt(e.args.B, int64(v)) }

// Uint32 writes an integer.
func (e Encoder) Uint32(v uint32) { e.args.B = appendInt(e.args.B, int64(v)) }

// Int64 writes an integer as a decimal string.
func (e Encoder) Int64(v int64) {
	b := append(e.args.B, '"')
	e.args.B = append(appendInt(b, v), '"')
}

// Uint64 writes an integer as a decimal string.
func (e Encoder) Uint64(v uint64) {
	b := append(e.args.B, '"')
	e.args.B = append(strconv.AppendUint(b, v, 10), '"')
}

// Float64 writes the shortest number that reads back as v.
func (e Encoder) Float64(v float64) { e.float(v, 64) }

// Float32 writes the shortest number that reads back as v.
func (e Encoder) Float32(v float32) { e.float(float64(v), 32) }

func (e Encoder) float(v float64, bits int) {
	if math.IsNaN(v) || math.IsInf(v, 0) {
		e.Fail(ErrNotFinite)
		v = 0
	}
	e.args.B = appendFloat(e.args.B, v, bits)
}

// String writes a string. Bytes that are not UTF-8 become U+FFFD.
func (e Encoder) String(v string) { e.args.B = appendString(e.args.B, v) }

// Bytes writes a placeholder and adds a copy of v to the attachments; nil is empty.
func (e Encoder) Bytes(v []byte) {
	if e.mode&plainJSON == 0 {
		e.args.AppendBytes(v)
		return
	}
	b := append(e.args.B, '"')
	e.args.B = append(base64.StdEncoding.AppendEncode(b, v), '"')
}

// Duration writes a span of time, cut to whole milliseconds.
func (e Encoder) Duration(v time.Duration) {
	e.args.B = appendInt(e.args.B, v.Milliseconds())
}

// UUID writes a UUID, which must have its canonical 36 characters, in lower case.
func (e Encoder) UUID(v string) {
	if !isUUID(v) {
		e.Fail(fmt.Errorf("%w: %q", ErrUUID, cut(v, 64)))
		e.String(v)
		return
	}
	start := len(e.args.B)
	e.String(v)
	for i, c := range e.args.B[start:] {
		if 'A' <= c && c <= 'F' {
			e.args.B[start+i] = c + 'a' - 'A'
		}
	}
}

// Any writes JSON as it stands; nil is null.
func (e Encoder) Any(v json.RawMessage) {
	if v == nil {
		e.Null()
		return
	}
	if err := siowire.Validate(v); err != nil {
		e.Fail(fmt.Errorf("%w: %w", ErrRawJSON, err))
		e.Null()
		return
	}
	e.args.AppendRaw(v) // refuses what its receiver would take for an attachment
}

// value writes what generated code knows nothing about, through encoding/json.
func (e Encoder) value(v any) {
	var b bytes.Buffer
	j := json.NewEncoder(&b)
	j.SetEscapeHTML(false)
	if err := j.Encode(v); err != nil {
		e.Fail(err)
		e.Null()
		return
	}
	e.Any(bytes.TrimSuffix(b.Bytes(), []byte("\n")))
}
