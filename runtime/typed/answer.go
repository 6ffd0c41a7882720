// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"bytes"
	"encoding/json"
	"errors"
	"sync"

	"github.com/sockgen/sockgen/runtime/siowire"
)

// What a client needs to understand a server: the acks of its events, and why
// they were refused.

// Take ends e and returns its arguments for another package to send, which
// releases them. When they have no form on the wire it releases them itself and
// returns why.
func (e Encoder) Take(event string) (*siowire.Encoder, error) {
	if err := e.usable(event); err != nil {
		return nil, err
	}
	return e.args, nil
}

// An ErrorDecoders reads what accompanies the errors that a document declares.
// Codes without data are not in it.
type ErrorDecoders map[Code]func(*Decoder) any

// ErrorDecoder returns an entry of [ErrorDecoders] for data of type T.
func ErrorDecoder[T any](decode func(*Decoder, *T)) func(*Decoder) any {
	return func(d *Decoder) any {
		var v T
		decode(d, &v)
		return v
	}
}

// ErrorData returns what accompanies the [Error] in err, and whether there is one
// whose data is a T. It works alike for what a handler returned and for what a
// client was answered:
//
//	if data, ok := typed.ErrorData[chat.NotMemberData](err); ok { … }
func ErrorData[T any](err error) (T, bool) {
	var e *Error
	if errors.As(err, &e) && e != nil {
		data, ok := e.Data.(T)
		return data, ok
	}
	var none T
	return none, false
}

// A Reply is the ack of an event as it came. It ends when it is decoded.
type Reply struct {
	args     siowire.Args
	event    string
	form     AckForm
	failures ErrorDecoders
}

// replies are pooled, and handed on as pointers: generated code that passes a large
// struct around is slow to compile.
var replies = sync.Pool{New: func() any { return new(Reply) }}

// NewReply returns the Reply to event that came as args, in that form.
func NewReply(args siowire.Args, event string, form AckForm, failures ErrorDecoders) *Reply {
	r := replies.Get().(*Reply)
	*r = Reply{args, event, form, failures}
	return r
}

// Decode reads the value with decode, which is nil when there is none. In the form
// [Envelope] a refusal is returned as an [*Error]. What does not fit the schema is a
// [*PayloadError]. With an error, what decode has read is of no use.
func (r *Reply) Decode(decode func(*Decoder)) error {
	defer r.release()
	if r.form == Plain {
		if bad := decodeArgs(r.args, r.event, decode); bad != nil {
			return bad
		}
		return nil
	}
	got, ok := envelopeOf(r.args)
	switch {
	case !ok:
		return badReply(r.event, "", `expected {"ok":true,"value":…} or {"ok":false,"error":…}`)
	case !got.ok:
		e, ok := newFailureReader(got.failure, r.args.Attachments, false).read(r.failures)
		if !ok {
			return badReply(r.event, "error", "expected an object with a code")
		}
		return e
	case decode == nil:
		return nil
	case got.value == nil:
		return badReply(r.event, "value", "is required")
	}
	d := newDecoder(got.value, r.args.Attachments)
	defer d.release()
	decode(d)
	if bad := d.failure(r.event); bad != nil {
		return bad
	}
	return nil
}

func (r *Reply) release() {
	*r = Reply{}
	replies.Put(r)
}

// ReadNothing returns err, for an event that is acknowledged without a value.
func ReadNothing(_ *Reply, err error) (Nothing, error) { return Nothing{}, err }

func badReply(event, path, message string) error {
	return &PayloadError{Event: event, Issues: []Issue{{Path: path, Message: message}}}
}

// An envelope is an ack taken apart. Its parts point into the received text.
type envelope struct {
	ok      bool
	value   []byte // nil when there is none
	failure []byte
}

func envelopeOf(args siowire.Args) (r envelope, sound bool) {
	if args.Len() == 0 {
		return r, false
	}
	hasOK := false
	sound = eachMember(args.At(0), func(j *reader, key []byte) (fits bool) {
		switch string(key) {
		case "ok":
			hasOK = true
			r.ok, fits = j.bool()
		case "value":
			r.value, fits = j.raw()
		case "error":
			r.failure, fits = j.raw()
		default:
			fits = j.skip()
		}
		return fits
	})
	return r, sound && hasOK && (r.ok || r.failure != nil)
}

// DecodeErrorEvent reads the argument of "$error", with which the server says
// that an event without ack was refused. ok is false when it is something else.
func DecodeErrorEvent(args siowire.Args, failures ErrorDecoders) (event string, err *Error, ok bool) {
	if args.Len() == 0 {
		return "", nil, false
	}
	r := newFailureReader(args.At(0), args.Attachments, false)
	err, ok = r.read(failures)
	return r.event, err, ok
}

// ErrorEvent is the event that [DecodeErrorEvent] reads.
const ErrorEvent = errorEvent

// DecodeRefusal reads the data of CONNECT_ERROR, which is nil when there is none.
// ok is false when it does not tell a [Code]: the refusal is not from a Mount.
func DecodeRefusal(data []byte, failures ErrorDecoders) (err *Error, ok bool) {
	if data == nil {
		return nil, false
	}
	return newFailureReader(data, nil, true).read(failures)
}

// A failureReader reads an Error from an object.
type failureReader struct {
	raw         []byte
	attachments [][]byte
	standalone  bool   // bytes are base64 strings
	event       string // whose error it is, if the object says so
}

func newFailureReader(raw []byte, attachments [][]byte, standalone bool) *failureReader {
	return &failureReader{raw: raw, attachments: attachments, standalone: standalone}
}

func (r *failureReader) read(failures ErrorDecoders) (*Error, bool) {
	e := &Error{}
	var data []byte
	sound := eachMember(r.raw, func(j *reader, key []byte) (fits bool) {
		switch string(key) {
		case "event":
			r.event, fits = j.string()
		case "code":
			var code string
			code, fits = j.string()
			e.Code = Code(code)
		case "message":
			e.Message, fits = j.string()
		case "data":
			data, fits = j.raw()
		default:
			fits = j.skip()
		}
		return fits
	})
	if !sound || e.Code == "" {
		return nil, false
	}
	if data != nil {
		e.Data = r.data(data, e.Code, failures)
	}
	return e, true
}

// data reads what accompanies code. What nobody knows, and what does not fit the
// schema, stays JSON: a newer server may send it, and the code still counts.
func (r *failureReader) data(raw []byte, code Code, failures ErrorDecoders) any {
	decode := failures[code]
	switch code {
	case CodeInvalidPayload:
		return builtIn[Invalid](raw)
	case CodeRateLimited:
		return builtIn[RateLimited](raw)
	case CodeInternal:
		return builtIn[Internal](raw)
	}
	if decode != nil {
		d := newDecoder(raw, r.attachments)
		defer d.release()
		d.standalone = r.standalone
		if v := decode(d); len(d.issues) == 0 {
			return v
		}
	}
	return json.RawMessage(bytes.Clone(raw))
}

func builtIn[T any](raw []byte) any {
	var v T
	if json.Unmarshal(raw, &v) != nil {
		return json.RawMessage(bytes.Clone(raw))
	}
	return v
}

// MarshalAuth returns what a client presents when it enters a namespace: auth, an
// object as encode writes it, with the fingerprint of the client's schema unless
// that is "". Without either it is nil.
func MarshalAuth[A any](auth A, encode func(Encoder, *A), fingerprint string) (json.RawMessage, error) {
	b := []byte("{}")
	if _, nothing := any(&auth).(*Nothing); !nothing {
		var err error
		e := NewJSON()
		encode(e, &auth)
		if b, err = e.JSON(); err != nil {
			return nil, err
		}
	} else if fingerprint == "" {
		return nil, nil
	}
	if fingerprint == "" || len(b) == 0 || b[0] != '{' {
		return b, nil
	}
	out := siowire.AppendString([]byte(`{"`+fingerprintKey+`":`), fingerprint)
	if len(b) > len("{}") {
		out = append(out, ',')
	}
	return append(out, b[1:]...), nil
}

// EncodeNothing is the encoder of a [Nothing].
func EncodeNothing(Encoder, *Nothing) {}
