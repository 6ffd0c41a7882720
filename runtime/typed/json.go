// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"bytes"
	"errors"
	"fmt"
	"reflect"

	"github.com/sockgen/sockgen/runtime/siowire"
)

// NewJSON returns an Encoder of one value as plain JSON, in which bytes are base64
// strings. [Encoder.JSON] ends it.
func NewJSON() Encoder {
	return Encoder{args: siowire.NewEncoder(), mode: plainJSON | currentMode()}.Next()
}

// JSON ends e, which [NewJSON] made, and returns what it holds. The result is the
// caller's.
func (e Encoder) JSON() ([]byte, error) { return e.json("") }

// json is JSON for what event carries.
func (e Encoder) json(event string) ([]byte, error) {
	defer e.args.Release()
	if err := e.err(event); err != nil {
		return nil, err
	}
	return bytes.Clone(e.args.B), nil
}

// ErrMalformedJSON is found by errors.Is in what [UnmarshalJSON] returns of a text
// that is not JSON in UTF-8. The error itself says what is wrong where.
var ErrMalformedJSON = errors.New("typed: not well-formed JSON in UTF-8")

// UnmarshalJSON reads plain JSON, in which bytes are base64 strings, with decode into
// what v points to. It holds data to the same rules as a peer's payload and returns a
// [*PayloadError] when it does not fit, and an error that wraps
// [ErrMalformedJSON] when it is no JSON; what v points to is then unchanged. [AsError]
// makes of both what a peer would be told.
func UnmarshalJSON(data []byte, v any, decode func(*Decoder)) error {
	p := reflect.ValueOf(v).Elem()
	before := reflect.New(p.Type()).Elem()
	before.Set(p)
	p.SetZero() // decoders leave alone what is absent
	sound := false
	defer func() {
		if !sound {
			p.Set(before)
		}
	}()
	err := unmarshalJSON(data, decode)
	sound = err == nil
	return err
}

// unmarshalJSON is [UnmarshalJSON] where what decode has read is of no use after an
// error.
func unmarshalJSON(data []byte, decode func(*Decoder)) error {
	if err := siowire.Validate(data); err != nil {
		return fmt.Errorf("%w: %w", ErrMalformedJSON, err)
	}
	d := newDecoder(data, nil)
	defer d.release()
	d.standalone = true
	decode(d)
	if bad := d.failure(""); bad != nil {
		return bad
	}
	return nil
}
