package typed

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/sockgen/sockgen/runtime/siowire"
)

// MarshalJSON returns v as plain JSON, in which bytes are base64 strings. The
// result is the caller's.
func MarshalJSON[T any](v *T, encode func(Encoder, *T)) ([]byte, error) {
	e := Encoder{args: siowire.NewEncoder(), standalone: true}
	defer e.args.Release()
	encode(e.Next(), v)
	if err := e.args.Err(); err != nil {
		return nil, err
	}
	return bytes.Clone(e.args.B), nil
}

// ErrMalformedJSON is found by errors.Is in what [UnmarshalJSON] returns of a text
// that is not JSON in UTF-8. The error itself says what is wrong where.
var ErrMalformedJSON = errors.New("typed: not well-formed JSON in UTF-8")

// UnmarshalJSON reads plain JSON, in which bytes are base64 strings, into v. It
// holds data to the same rules as a peer's payload and returns a
// [*PayloadError] when it does not fit, and an error that wraps
// [ErrMalformedJSON] when it is no JSON; v is then unchanged. [AsError] makes of
// both what a peer would be told.
func UnmarshalJSON[T any](data []byte, v *T, decode func(*Decoder, *T)) error {
	if err := siowire.Validate(data); err != nil {
		return fmt.Errorf("%w: %w", ErrMalformedJSON, err)
	}
	d := newDecoder(data, nil)
	defer d.release()
	d.standalone = true
	var fresh T
	decode(d, &fresh)
	if len(d.issues) > 0 {
		return &PayloadError{Issues: d.issues}
	}
	*v = fresh
	return nil
}
