// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"crypto/rand"
	"errors"
	"strings"
)

// A Code names a failure in a way that programs can tell apart. It is an error
// itself, so that errors.Is(err, code) works on anything that wraps an [Error].
type Code string

// Error returns the code.
func (c Code) Error() string { return string(c) }

// The codes that any event can answer, whatever its schema declares.
const (
	CodeInvalidPayload Code = "invalid_payload" // Data is an [Invalid]
	CodeUnknownEvent   Code = "unknown_event"
	CodeRateLimited    Code = "rate_limited" // Data is a [RateLimited]
	CodeTimeout        Code = "timeout"
	CodeDisconnected   Code = "disconnected"
	CodeInternal       Code = "internal" // Data is an [Internal]
	CodeSchemaMismatch Code = "schema_mismatch"
)

// isBuiltIn tells whether every event may answer c without declaring it.
func (c Code) isBuiltIn() bool {
	switch c {
	case CodeInvalidPayload, CodeUnknownEvent, CodeRateLimited, CodeTimeout, CodeDisconnected, CodeSchemaMismatch:
		return true
	}
	return false
}

// Skip is what the handler of a -> b returns in place of an error to emit
// nothing. The event counts as handled.
//
//lint:ignore ST1012 it is no failure, and reads as a word where it is returned
var Skip = errors.New("typed: skip the resulting event")

// An Error is the part of a failure that the peer may see. A handler returns one to refuse
// an event. Any other error reaches the peer as [CodeInternal] alone, and so does an Error
// whose code the event does not declare. An Error does not change, so it may be shared.
type Error struct {
	Code    Code
	Message string // safe to show
	Data    any    // what accompanies the code, or nil

	cause  error         // for the log; Unwrap returns it
	encode func(Encoder) // writes Data as the schema declares it; nil leaves it to encoding/json
}

// NewError returns an Error without data.
func NewError(code Code, message string) *Error {
	return &Error{Code: code, Message: message}
}

// NewErrorWith returns an Error whose data encode writes.
func NewErrorWith[T any](code Code, message string, data T, encode func(Encoder, *T)) *Error {
	return &Error{Code: code, Message: message, Data: data, encode: func(e Encoder) { encode(e, &data) }}
}

// Error returns the code, the message, the issues of an invalid payload, the id of an
// internal error and, for the log, the cause.
func (e *Error) Error() string {
	if e == nil {
		return "typed: a nil *Error in an error"
	}
	var b strings.Builder
	b.WriteString(string(e.Code))
	if e.Message != "" {
		b.WriteString(": " + e.Message)
	}
	switch data := e.Data.(type) {
	case Invalid:
		b.WriteString(": ")
		writeIssues(&b, data.Issues)
	case Internal:
		b.WriteString(" (id " + data.ID + ")")
	}
	if e.cause != nil {
		b.WriteString(": " + e.cause.Error())
	}
	return b.String()
}

// MarshalJSON writes what the peer sees of e: code, message and data, as an ack carries
// them.
func (e *Error) MarshalJSON() ([]byte, error) {
	if e == nil {
		return []byte("null"), nil
	}
	return marshalFailure(e)
}

// Unwrap returns the cause that [Error.Because] attached.
func (e *Error) Unwrap() error {
	if e == nil { // a handler's slip, such as returning a variable of this type
		return nil
	}
	return e.cause
}

// Is tells whether target is an Error or a [Code] with the same code.
func (e *Error) Is(target error) bool {
	switch t := target.(type) {
	case *Error:
		return t != nil && e != nil && t.Code == e.Code
	case Code:
		return e != nil && t == e.Code
	}
	return false
}

// Because returns a copy of e with a cause, which our log shows and the peer
// does not see.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.cause = cause
	return &c
}

// AsError returns what an event would answer for err. Use it where you answer by other
// means, such as in an HTTP handler. It returns
//
//   - the [Error] in err, if there is one, whatever its code;
//   - [CodeInvalidPayload] with the issues, for a [*PayloadError] of [UnmarshalJSON] or of a
//     generated UnmarshalJSON method, and for [ErrMalformedJSON];
//   - [CodeInternal] with a fresh id for anything else, also for a wrong ack of a client.
//
// Show the peer the code, message and data. Log an internal error: it wraps err, and its id
// is what the peer will quote. AsError(nil) is a nil *Error, so do not return that as an
// error.
func AsError(err error) *Error {
	if err == nil {
		return nil
	}
	if e := known(err); e != nil {
		return e
	}
	var invalid *PayloadError
	switch {
	case errors.Is(err, ErrMalformedJSON):
		invalid = &PayloadError{Issues: []Issue{{Message: "is not well-formed JSON"}}}
	case !errors.As(err, &invalid) || invalid == nil || invalid.Event != "":
		return newInternal(err)
	}
	return invalid.shown().Because(err)
}

// known returns the Error in err, or nil.
func known(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}

// RateLimited is the data of [CodeRateLimited].
type RateLimited struct {
	RetryAfterMs int64 `json:"retryAfterMs"` // milliseconds until the event is taken again
}

// Internal is the data of [CodeInternal].
type Internal struct {
	ID string `json:"id"` // the log entry that tells more carries the same id
}

// newInternal returns what the peer sees of a failure that it may know nothing
// else about.
func newInternal(cause error) *Error {
	id := strings.ToLower(rand.Text()[:16]) // 80 bits: an id to search a log for, no secret
	return &Error{Code: CodeInternal, Message: "internal error", Data: Internal{ID: id}, cause: cause}
}
