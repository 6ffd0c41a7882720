// SPDX-License-Identifier: Apache-2.0

package siowire

import (
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"reflect"
	"strconv"
	"time"
)

// value appends v to B. The commonest types take no detour through encoding/json.
func (e *Encoder) value(v any) error {
	switch v := v.(type) {
	case nil:
		e.B = append(e.B, "null"...)
	case bool:
		e.B = strconv.AppendBool(e.B, v)
	case string:
		e.B = AppendString(e.B, v)
	case int:
		e.B = strconv.AppendInt(e.B, int64(v), 10)
	case int64:
		e.B = strconv.AppendInt(e.B, v, 10)
	case uint64:
		e.B = strconv.AppendUint(e.B, v, 10)
	case time.Time:
		e.B = append(e.B, v.UTC().Format(`"2006-01-02T15:04:05.000Z"`)...)
	case []byte:
		if v == nil {
			e.B = append(e.B, "null"...)
			return nil
		}
		e.AppendBytes(v)
	case json.RawMessage:
		return e.marshal(v)
	default:
		return e.reflected(v)
	}
	return nil
}

// reflected handles values that may have binary values inside.
func (e *Encoder) reflected(v any) error {
	if !mayHoldBytes(reflect.TypeOf(v), false) {
		return e.marshal(v)
	}
	x := extractor{}
	marked := reflect.New(reflect.TypeOf(v)).Elem()
	marked.Set(reflect.ValueOf(v))
	if err := x.mark(marked, place{}); err != nil {
		return err
	}
	start := len(e.B)
	if err := e.marshal(marked.Interface()); err != nil {
		return err
	}
	if len(x.found) > 0 {
		text := bytes.Clone(e.B[start:])
		e.B = e.B[:start]
		e.replace(text, x.found)
	}
	return nil
}

// marshal appends v through encoding/json, without HTML escaping.
func (e *Encoder) marshal(v any) error {
	start := len(e.B)
	enc := json.NewEncoder((*writer)(e))
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		e.B = e.B[:start]
		return err
	}
	e.B = e.B[:len(e.B)-1] // the encoder ends with a newline
	e.noteLookalike(e.B[start:])
	return nil
}

// writer appends to an Encoder's B.
type writer Encoder

func (w *writer) Write(p []byte) (int, error) {
	w.B = append(w.B, p...)
	return len(p), nil
}

// replace appends text to B with a placeholder for every mark in it, so that the
// attachments are numbered in the order of the text (R216).
func (e *Encoder) replace(text []byte, found [][]byte) {
	var quoted [1 + markedSize]byte
	quoted[0] = '"'
	m := mark()
	base64.StdEncoding.Encode(quoted[1:], m[:])
	for {
		at := bytes.Index(text, quoted[:])
		if at < 0 {
			break
		}
		e.B = append(e.B, text[:at]...)
		text = text[at+len(quoted):]
		var number [4]byte
		base64.StdEncoding.Decode(number[1:], text[:4])
		e.attach(found[binary.BigEndian.Uint32(number[:])])
		text = text[4+len(`"`):]
	}
	e.B = append(e.B, text...)
}
