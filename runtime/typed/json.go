package typed

import (
	"bytes"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/go-faster/jx"

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

// UnmarshalJSON reads plain JSON, in which bytes are base64 strings, into v. It
// holds data to the same rules as a peer's payload and returns a
// [*PayloadError] when it does not fit; v is then unchanged.
func UnmarshalJSON[T any](data []byte, v *T, decode func(*Decoder, *T)) error {
	if !utf8.Valid(data) {
		return errNotUTF8
	}
	if err := jx.DecodeBytes(data).Validate(); err != nil {
		return fmt.Errorf("typed: %w", err)
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

var errNotUTF8 = errors.New("typed: the JSON text is not UTF-8")
