// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"

	"github.com/sockgen/sockgen/runtime/internal/guard"
	"github.com/sockgen/sockgen/runtime/siowire"
	"github.com/sockgen/sockgen/runtime/socketio"
)

// A reply is the ack of one event while it is written.
type reply struct {
	plain bool
	args  *siowire.Encoder // nil until something is written
}

// begin returns an Encoder for the ack's value.
func (r *reply) begin() Encoder {
	e := NewEncoder().Next()
	r.args = e.args
	if !r.plain {
		r.args.B = append(r.args.B, okValue...)
	}
	return e
}

// end completes the ack of event, of which nothing is sent when it returns an error.
func (r *reply) end(event string) error {
	switch {
	case r.args == nil && r.plain:
		r.args = NewEncoder().args
	case r.args == nil:
		e := NewEncoder().Next()
		r.args = e.args
		r.args.B = append(r.args.B, `{"ok":true}`...)
	case !r.plain:
		r.args.B = append(r.args.B, '}')
	}
	e := Encoder{args: r.args}
	if !r.plain {
		e.begins(len(okValue))
	}
	return e.err(event)
}

// okValue is what comes before the value of an ack.
const okValue = `{"ok":true,"value":`

// send sends the ack if the peer waits for it. It fails when the ack cannot be
// sent at all, such as one with too many attachments.
func (r *reply) send(e *socketio.Event) error {
	if !e.WantsAck() {
		r.release()
		return nil
	}
	args := r.args
	r.args = nil // acknowledge releases them
	return acknowledge(e, args)
}

func (r *reply) release() {
	if r.args != nil {
		r.args.Release()
		r.args = nil
	}
}

// A panicError is a panic as an error, for the log.
type panicError struct {
	text  string
	stack []slog.Attr // none when the log has had it lately
}

func (e *panicError) Error() string { return "panic: " + e.text }

// attempt calls f, and then with its error, or with its panic as one: that ends an
// event, not the process (G-05). It calls then also after runtime.Goexit, which
// goes on afterwards.
func (m *mount) attempt(f func() error, then func(error)) {
	var err error
	returned := false
	defer func() {
		switch v := recover(); {
		case v != nil:
			err = m.failed(v)
		case !returned:
			err = &panicError{text: guard.Text(nil)} // package socketio notes where
		}
		then(err)
	}()
	err = f()
	returned = true
}

// failed notes what a function was ended by, which recover has told, and returns it: nil
// stands for runtime.Goexit.
func (m *mount) failed(v any) error {
	return &panicError{text: guard.Text(v), stack: m.guard.Stack()}
}

// apart calls f in a goroutine of its own, and waits. It returns how f was ended, nil
// if it returned.
func (m *mount) apart(f func()) (err error) {
	done := make(chan struct{})
	go func() {
		returned := false
		defer close(done)
		defer func() {
			if v := recover(); !returned {
				err = m.failed(v)
			}
		}()
		f()
		returned = true
	}()
	<-done
	return err
}

// errorEvent tells a client that its event without ack has failed.
const errorEvent = "$error"

// refuse answers an event that failed because of err: in its ack, or with
// errorEvent when there is none that could carry it.
func (m *mount) refuse(ctx context.Context, s *socketio.Socket, e *socketio.Event, ev Event, err error) {
	inAck := e.WantsAck() && ev.Ack == Envelope
	var args Encoder
	shown := m.put(ctx, s, ev.Name, err, ev.Errors, func(shown *Error) error {
		args = failure(shown, ev.Name, inAck)
		return args.err(ev.Name)
	})
	noteRefused(e, string(shown.Code))
	// Both fail only when the socket has gone.
	if inAck {
		_ = acknowledge(e, args.args)
	} else {
		_ = emitToSocket(s, ctx, errorEvent, args.args)
	}
	m.tell(s, ev.Name, shown)
}

// failure writes err as the argument of an ack or of errorEvent.
func failure(err *Error, event string, inAck bool) Encoder {
	e := NewEncoder().Next()
	e.Open()
	if inAck {
		e.Key(`,"ok":`).Bool(false)
		e.Key(`,"error":`).Open()
		err.write(e)
		e.Close()
	} else {
		e.Key(`,"event":`).String(event)
		err.write(e)
	}
	e.Close()
	return e
}

// write appends what the peer may see of err as fields of an open object.
func (err *Error) write(e Encoder) {
	e.Key(`,"code":`).String(string(err.Code))
	e.Key(`,"message":`).String(err.Message)
	switch {
	case err.encode != nil:
		data := e.Key(`,"data":`)
		start := len(data.args.B)
		err.encode(data)
		data.begins(start)
	case err.Data != nil:
		e.Key(`,"data":`).value(err.Data)
	}
}

// refuseConnect returns what keeps s out of the namespace because of err.
func (m *mount) refuseConnect(ctx context.Context, s *socketio.Socket, err error, codes []Code) error {
	var data json.RawMessage
	shown := m.put(ctx, s, "", err, codes, func(shown *Error) (err error) {
		data, err = marshalFailure(shown)
		return err
	})
	m.tell(s, "", shown)
	return &socketio.ConnectError{Message: shown.Message, Data: data}
}

// marshalFailure writes err as the data of CONNECT_ERROR, which has no attachments.
func marshalFailure(err *Error) (json.RawMessage, error) {
	e := NewJSON()
	e.Open()
	err.write(e)
	e.Close()
	return e.JSON()
}

// put has write put into words what the peer sees of err, and returns that. Both call
// the application, the methods of err and those of its data: whatever these do, write
// has succeeded in the end.
func (m *mount) put(ctx context.Context, s *socketio.Socket, event string, err error, codes []Code, write func(*Error) error) *Error {
	var shown *Error
	var bad error
	if ended := m.apart(func() {
		shown = m.shown(ctx, s, event, err, codes)
		bad = write(shown)
	}); ended != nil {
		bad = ended
	}
	if bad == nil {
		return shown
	}
	if shown == nil {
		bad = fmt.Errorf("read a %T: %w", err, bad)
	} else {
		bad = fmt.Errorf("encode the data of %q: %w", shown.Code, bad)
	}
	internal := newInternal(bad)
	_ = m.apart(func() { m.log(ctx, s, event, internal) })
	_ = write(internal) // which is ours alone
	return internal
}

// shown returns what the peer sees of err, and logs it when that is less than
// there is to know.
func (m *mount) shown(ctx context.Context, s *socketio.Socket, event string, err error, codes []Code) *Error {
	if e := known(err); e != nil {
		if e.Code == CodeInvalidPayload && e.cause != nil {
			m.logInvalid(ctx, s, event, e.cause)
		}
		if e.Code.isBuiltIn() {
			return e
		}
		for _, code := range codes {
			if code == e.Code {
				return e
			}
		}
		err = fmt.Errorf("the schema does not declare this error here: %w", err)
	}
	internal := newInternal(err)
	m.log(ctx, s, event, internal)
	return internal
}

// maxLogged is how many bytes of a peer's text the log may contain (N-04).
const maxLogged = 128

// logInvalid tells why a payload that the schema allows was refused all the same.
func (m *mount) logInvalid(ctx context.Context, s *socketio.Socket, event string, cause error) {
	m.write(ctx, slog.LevelInfo, "typed: a value was refused by its Go type", "refused "+event, []slog.Attr{
		slog.String("namespace", s.Namespace().Name()), slog.String("socket", string(s.ID())),
		slog.String("event", cut(event, maxLogged)), slog.String("cause", cut(cause.Error(), 2*maxLogged)),
	})
}

// log reports an internal error.
func (m *mount) log(ctx context.Context, s *socketio.Socket, event string, internal *Error) {
	attrs := []slog.Attr{
		slog.String("namespace", s.Namespace().Name()),
		slog.String("socket", string(s.ID())),
		slog.String("event", cut(event, maxLogged)),
		slog.String("id", internal.Data.(Internal).ID),
		causeOf(internal.cause),
	}
	level := slog.LevelError
	end := context.Cause(ctx)
	if errors.Is(internal.cause, socketio.ErrDisconnected) || end != nil && (errors.Is(internal.cause, end) || errors.Is(internal.cause, ctx.Err())) {
		level = slog.LevelDebug // the socket went while its handler worked: nobody's mistake
	}
	m.write(ctx, level, "typed: handler failed", "failed "+event, attrs)
}

// write logs a line that a peer can cause: so many of a kind a minute, and then how many
// were left out.
func (m *mount) write(ctx context.Context, level slog.Level, msg, kind string, attrs []slog.Attr) {
	const most = 100
	skipped, due := m.guard.Due(kind, most)
	if !due {
		return
	}
	if skipped > 0 {
		attrs = append(attrs, slog.Uint64("skipped", skipped))
	}
	m.logger().LogAttrs(context.WithoutCancel(ctx), level, msg, attrs...)
}

// logger returns where failures go.
func (m *mount) logger() *slog.Logger {
	if m.options.logger == nil {
		return m.guard.Wrap(slog.Default())
	}
	return m.guard.Logger()
}

// causeOf returns err for the log, a panic with its stack.
func causeOf(err error) slog.Attr {
	var p *panicError
	if errors.As(err, &p) {
		return slog.Attr{Value: slog.GroupValue(append([]slog.Attr{slog.Any("cause", err)}, p.stack...)...)}
	}
	return slog.Any("cause", err)
}

// tell calls the hook of [OnFailure].
func (m *mount) tell(s *socketio.Socket, event string, shown *Error) {
	if m.options.failure == nil {
		return
	}
	m.guard.Apart(func() {
		m.options.failure(Failure{Namespace: s.Namespace().Name(), Socket: s.ID(), Event: cut(event, maxLogged), Err: shown})
	}, "namespace", s.Namespace().Name(), "handler", "OnFailure")
}
