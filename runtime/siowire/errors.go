// SPDX-License-Identifier: Apache-2.0

package siowire

import (
	"errors"
	"strconv"
)

// The kinds of malformed packets. Their texts are those of the official server,
// which shows them to an application's "error" listeners. [Parse] wraps
// one of the first five in an [*Error]; the last two are for whoever puts text
// and attachments together.
var (
	ErrPayload = errors.New("invalid payload")
	ErrType    = errors.New("unknown packet type")
	//lint:ignore ST1005 the official text begins with a capital
	ErrAttachmentCount     = errors.New("Illegal attachments")
	ErrTooManyAttachments  = errors.New("too many attachments")
	ErrPlaceholder         = errors.New("illegal attachments")
	ErrTextDuringAssembly  = errors.New("got plaintext data when reconstructing a packet")
	ErrBinaryWithoutHeader = errors.New("got binary data when not reconstructing a packet")
)

// An Error tells why a packet was refused. It never quotes what the peer sent,
// but for the character of an unknown packet type.
type Error struct {
	Kind   error  // one of the sentinels above; errors.Is finds it
	Offset int    // byte of the text where the fault was seen
	Detail string // what is wrong there
	Limit  string // the field of Limits that it is about; "" when it is about none
}

// Error returns the kind, the place and the detail.
func (e *Error) Error() string {
	return "siowire: " + e.Kind.Error() + " at byte " + strconv.Itoa(e.Offset) + ": " + e.Detail
}

// Unwrap returns e.Kind.
func (e *Error) Unwrap() error { return e.Kind }

// Text returns the words of the official server for this error, such as
// "invalid payload" or "unknown packet type 7".
func (e *Error) Text() string {
	if e.Kind == ErrType {
		return e.Kind.Error() + " " + e.Detail
	}
	return e.Kind.Error()
}
