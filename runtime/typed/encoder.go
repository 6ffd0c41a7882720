package typed

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/go-faster/jx"

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
	ErrReservedKey    = errors.New(`typed: "_placeholder" is reserved for attachments`)
)

// An Encoder appends JSON to the arguments of an event or ack. It is a small
// value; copies append to the same arguments. The first value that has no form
// on the wire makes the arguments unusable, which their receiver reports.
//
// An Encoder belongs to one goroutine. It ends when it is handed to a function
// that sends it.
type Encoder struct {
	args       *siowire.Encoder
	standalone bool // plain JSON: bytes become base64 strings, not attachments
	form       form // of the object that Open begins
}

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

// NewEncoder returns an Encoder without arguments.
func NewEncoder() Encoder { return Encoder{args: siowire.NewEncoder()} }

// Next begins the next argument and returns e.
func (e Encoder) Next() Encoder {
	e.args.Next()
	return e
}

// Fail makes the arguments unusable because of err. The first error wins.
func (e Encoder) Fail(err error) { e.args.Fail(err) }

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

// Null writes null.
func (e Encoder) Null() { e.args.B = append(e.args.B, "null"...) }

// Bool writes true or false.
func (e Encoder) Bool(v bool) { e.args.B = strconv.AppendBool(e.args.B, v) }

// Int writes an integer of ±[MaxInt].
func (e Encoder) Int(v int64) {
	if v < -MaxInt || v > MaxInt {
		e.Fail(fmt.Errorf("%w: %d", ErrIntRange, v))
	}
	e.args.B = strconv.AppendInt(e.args.B, v, 10)
}

// Int32 writes an integer.
func (e Encoder) Int32(v int32) { e.args.B = strconv.AppendInt(e.args.B, int64(v), 10) }

// Uint32 writes an integer.
func (e Encoder) Uint32(v uint32) { e.args.B = strconv.AppendUint(e.args.B, uint64(v), 10) }

// Int64 writes an integer as a decimal string.
func (e Encoder) Int64(v int64) {
	b := append(e.args.B, '"')
	e.args.B = append(strconv.AppendInt(b, v, 10), '"')
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
	format := byte('f')
	// JavaScript changes to exponents at the same magnitudes.
	if abs := math.Abs(v); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		format = 'e'
	}
	b := strconv.AppendFloat(e.args.B, v, format, -1, bits)
	if n := len(b); format == 'e' && b[n-4] == 'e' && b[n-2] == '0' { // 1e-07: JavaScript writes 1e-7
		b[n-2] = b[n-1]
		b = b[:n-1]
	}
	e.args.B = b
}

// String writes a string. Bytes that are not UTF-8 become U+FFFD.
func (e Encoder) String(v string) {
	if !isPlain(v) {
		e.args.B = siowire.AppendString(e.args.B, v)
		return
	}
	b := slices.Grow(e.args.B, len(v)+2)
	n := len(b)
	b = b[:n+len(v)+2]
	b[n] = '"'
	copy(b[n+1:], v)
	b[len(b)-1] = '"'
	e.args.B = b
}

// isPlain tells whether a string literal of JSON has s as it stands: ASCII
// without control characters, quotes and backslashes. It looks at eight bytes at
// a time, and at some of them twice rather than at the last ones singly.
func isPlain(s string) bool {
	if len(s) < 8 {
		for i := range len(s) {
			if c := s[i]; c < ' ' || c >= utf8.RuneSelf || c == '"' || c == '\\' {
				return false
			}
		}
		return true
	}
	special := special8(s[len(s)-8:])
	for ; len(s) > 8; s = s[8:] {
		special |= special8(s)
	}
	return special == 0
}

// special8 has a bit set unless the first eight bytes of s are plain. No high bit of
// them may be set, nor become set by what each test adds.
func special8(s string) uint64 {
	_ = s[7]
	w := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
	quote, backslash := w^(lows*'"'), w^(lows*'\\')
	// x-1 borrows into the high bit where x is 0, w-32 where w is below a space.
	return (w | (w - lows*' ') | (quote - lows) | (backslash - lows)) & highs
}

// Bytes writes a placeholder and adds a copy of v to the attachments; nil is empty.
func (e Encoder) Bytes(v []byte) {
	if !e.standalone {
		e.args.AppendBytes(v)
		return
	}
	b := append(e.args.B, '"')
	e.args.B = append(base64.StdEncoding.AppendEncode(b, v), '"')
}

// Duration writes a span of time, cut to whole milliseconds.
func (e Encoder) Duration(v time.Duration) {
	e.args.B = strconv.AppendInt(e.args.B, v.Milliseconds(), 10)
}

// UUID writes a UUID, which must have its canonical 36 characters.
func (e Encoder) UUID(v string) {
	if !isUUID(v) {
		e.Fail(fmt.Errorf("%w: %q", ErrUUID, cut(v, 64)))
	}
	e.String(v)
}

// Any writes JSON as it stands; nil is null.
func (e Encoder) Any(v json.RawMessage) {
	switch {
	case v == nil:
		e.Null()
	case !jx.Valid(v) || !utf8.Valid(v):
		e.Fail(ErrRawJSON)
	default:
		e.args.AppendRaw(v) // refuses what its receiver would take for an attachment
	}
}

// value writes what generated code knows nothing about, through encoding/json.
func (e Encoder) value(v any) {
	var b bytes.Buffer
	j := json.NewEncoder(&b)
	j.SetEscapeHTML(false)
	if err := j.Encode(v); err != nil {
		e.Fail(err)
		return
	}
	e.Any(bytes.TrimSuffix(b.Bytes(), []byte("\n")))
}

// EncodeList writes a list, each element through encode; nil is empty.
func EncodeList[T any](e Encoder, v []T, encode func(Encoder, *T)) {
	e.args.B = append(e.args.B, '[')
	for i := range v {
		if i > 0 {
			e.args.B = append(e.args.B, ',')
		}
		encode(e, &v[i])
	}
	e.args.B = append(e.args.B, ']')
}

// EncodeMap writes a map in the order of its keys, each value through encode;
// nil is empty.
func EncodeMap[T any](e Encoder, v map[string]T, encode func(Encoder, T)) {
	sorted := keyLists.Get().(*[]string)
	keys := *sorted
	for key := range v {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	e.args.B = append(e.args.B, '{')
	for i, key := range keys {
		if key == placeholderKey {
			e.Fail(ErrReservedKey)
		}
		if i > 0 {
			e.args.B = append(e.args.B, ',')
		}
		e.String(key)
		e.args.B = append(e.args.B, ':')
		encode(e, v[key])
	}
	e.args.B = append(e.args.B, '}')
	if cap(keys) <= maxKeys {
		clear(keys)
		*sorted = keys[:0]
		keyLists.Put(sorted)
	}
}

// maxKeys is how many keys a list may have room for that returns to the pool.
const maxKeys = 1024

var keyLists = sync.Pool{New: func() any { return new([]string) }}
