// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/sockgen/sockgen/runtime/siowire"
)

// unchecked tells that constraints of what is sent are left to its receiver.
var unchecked atomic.Bool

// CheckSent says whether this program holds what it sends to the constraints of the
// schema: lengths, ranges, patterns and elements that differ. It does so from the start.
// Without, a receiver refuses what does not fit, or shows it. What has no form on the
// wire, such as a value that an enum does not have, cannot be sent either way.
//
// Call it before anything is sent. [docs/performance.md] says what the checks cost.
//
// [docs/performance.md]: https://github.com/sockgen/sockgen/blob/main/docs/performance.md
func CheckSent(on bool) { unchecked.Store(!on) }

// A SendError reports that what was to be sent does not fit the schema. Nothing was
// sent. errors.Is finds [ErrEnum] and its like in it.
type SendError struct {
	Event  string // "" for JSON, and for what a client presents when it enters
	Issues []Issue

	causes []error
}

// Error lists the issues.
func (e *SendError) Error() string {
	var b strings.Builder
	b.WriteString("typed: encode")
	if e.Event != "" {
		b.WriteString(" " + strconv.Quote(e.Event))
	}
	b.WriteString(": ")
	writeIssues(&b, e.Issues)
	return b.String()
}

// Unwrap returns the errors behind the issues.
func (e *SendError) Unwrap() []error { return e.causes }

// An unsound is the error of arguments with values that do not fit. Encoding goes on
// after one, and notes no more than where in the text it is. Whoever wants to know looks
// for the way there: sound values, of which there are many more, cost nothing for that.
type unsound struct {
	found []flaw
	maps  []int // where objects begin whose keys are a map's
	args  bool  // the arguments are a struct's fields
	from  int   // where the value begins that the schema knows
	cut   bool  // a value was too deep: the rest of it is not written
}

// A flaw is a value that does not fit.
type flaw struct {
	at      int // where it begins or ends: no value ends where another begins
	message string
	cause   error // or nil
}

func (u *unsound) Error() string { return u.found[0].message }

func (u *unsound) Unwrap() []error {
	var causes []error
	for _, flaw := range u.found {
		if flaw.cause != nil {
			causes = append(causes, flaw.cause)
		}
	}
	return causes
}

// flaw notes that the value which begins or ends at a place of the text does not fit.
func (e Encoder) flaw(at int, message string, cause error) {
	u := e.unsound()
	if u == nil {
		u = &unsound{}
		e.args.Fail(u)
	}
	if len(u.found) < MaxIssues {
		u.found = append(u.found, flaw{at, message, cause})
	}
}

// unsound returns what is wrong with the arguments, or nil.
func (e Encoder) unsound() *unsound {
	u, _ := e.args.Err().(*unsound)
	return u
}

// flaws returns how many were noted.
func (e Encoder) flaws() int {
	if e.args.Err() == nil {
		return 0
	}
	if u := e.unsound(); u != nil {
		return len(u.found)
	}
	return 0
}

// notMembers notes that the keys of the object which begins at start are a map's.
func (e Encoder) notMembers(start int) {
	if u := e.unsound(); u != nil {
		u.maps = append(u.maps, start)
	}
}

// begins notes that the value which the schema knows begins at start.
func (e Encoder) begins(start int) {
	if u := e.unsound(); u != nil {
		u.from = start
	}
}

// Arguments says that the arguments are the fields of a struct, each one: errors name
// them as [Decoder.Positional] does.
func (e Encoder) Arguments() {
	if u := e.unsound(); u != nil {
		u.args = true
	}
}

// err returns why the arguments, of event, cannot be sent, or nil.
func (e Encoder) err(event string) error {
	u := e.unsound()
	if u == nil {
		return e.args.Err()
	}
	failed := &SendError{Event: event, causes: u.Unwrap()}
	for _, flaw := range u.found {
		failed.Issues = append(failed.Issues, Issue{Path: u.path(e.args.B, flaw.at), Message: flaw.message})
	}
	return failed
}

// path returns the path to the value that begins or ends at a place of b.
func (u *unsound) path(b []byte, at int) string {
	f := finder{r: reader{b: b, i: u.from}, at: at, maps: u.maps}
	for n := 0; ; n++ {
		if u.args {
			f.path = argument(nil, n)
		}
		if f.find() {
			return renderPath(f.path)
		}
		if !f.r.byte(',') {
			return ""
		}
	}
}

// A finder looks for a value in a text.
type finder struct {
	r    reader
	at   int // where the value begins or ends
	maps []int
	path []step // to what r is at
}

// find reads the next value. It tells whether that is what is looked for, or has it
// within: then the path leads there.
func (f *finder) find() bool {
	kind := f.r.peek()
	start, end := f.r.i, f.r
	if !end.skip() {
		return false
	}
	switch {
	case f.at == start, f.at == end.i:
		return true
	case f.at < start, f.at > end.i:
		f.r = end
		return false
	case kind == arrayKind:
		return f.inList()
	}
	return f.inObject(slices.Contains(f.maps, start))
}

func (f *finder) inList() bool {
	f.path = append(f.path, step{kind: indexStep})
	at := len(f.path) - 1
	for w := f.r.enter(); f.r.element(&w); f.path[at].index++ {
		if f.find() {
			return true
		}
	}
	f.path = f.path[:at]
	return false
}

func (f *finder) inObject(isMap bool) bool {
	kind := fieldStep
	if isMap {
		kind = keyStep
	}
	f.path = append(f.path, step{kind: kind})
	at := len(f.path) - 1
	for w := f.r.enter(); ; {
		key, escaped, ok := f.r.member(&w)
		if !ok {
			break
		}
		if escaped {
			key = siowire.AppendUnquoted(nil, key)
		}
		f.path[at].name = string(key)
		if f.find() {
			return true
		}
	}
	f.path = f.path[:at]
	return false
}

// judge returns what hears of a value that was just written, nil when it is not checked.
func (e Encoder) judge() judge {
	if e.mode&trusting != 0 {
		return nil
	}
	return (*written)(e.args)
}

// A written hears what is wrong with the value that was written last.
type written siowire.Encoder

func (w *written) report(message string) {
	e := Encoder{args: (*siowire.Encoder)(w)}
	e.flaw(len(e.args.B), message, nil)
}

// A Checked writes values that have constraints, and returns what holds them to these.
type Checked struct{ e Encoder }

// Checked returns an Encoder of values that have constraints.
func (e Encoder) Checked() Checked { return Checked{e} }

// String writes a string.
func (c Checked) String(v string) Text {
	c.e.String(v)
	return Text{to: c.e.judge(), s: v}
}

// Bytes writes a placeholder for v, as [Encoder.Bytes] does.
func (c Checked) Bytes(v []byte) Size {
	c.e.Bytes(v)
	return Size{to: c.e.judge(), n: len(v)}
}

// Int writes an integer of ±[MaxInt].
func (c Checked) Int(v int64) Number[int64] {
	c.e.Int(v)
	return Number[int64]{c.e.judge(), v}
}

// Int32 writes an integer.
func (c Checked) Int32(v int32) Number[int32] {
	c.e.Int32(v)
	return Number[int32]{c.e.judge(), v}
}

// Uint32 writes an integer.
func (c Checked) Uint32(v uint32) Number[uint32] {
	c.e.Uint32(v)
	return Number[uint32]{c.e.judge(), v}
}

// Int64 writes an integer as a decimal string.
func (c Checked) Int64(v int64) Number[int64] {
	c.e.Int64(v)
	return Number[int64]{c.e.judge(), v}
}

// Uint64 writes an integer as a decimal string.
func (c Checked) Uint64(v uint64) Number[uint64] {
	c.e.Uint64(v)
	return Number[uint64]{c.e.judge(), v}
}

// Float64 writes a number.
func (c Checked) Float64(v float64) Number[float64] {
	c.e.Float64(v)
	return Number[float64]{c.e.judge(), v}
}

// Float32 writes a number.
func (c Checked) Float32(v float32) Number[float32] {
	c.e.Float32(v)
	return Number[float32]{c.e.judge(), v}
}

// Duration writes a span of time, cut to whole milliseconds, which are what is checked.
func (c Checked) Duration(v time.Duration) Number[time.Duration] {
	c.e.Duration(v)
	return Number[time.Duration]{c.e.judge(), v.Truncate(time.Millisecond)}
}
