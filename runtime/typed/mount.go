// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"context"
	"errors"
	"log/slog"
	"reflect"
	"sync"
	"time"

	"github.com/sockgen/sockgen/runtime/internal/guard"
	"github.com/sockgen/sockgen/runtime/socketio"
)

// A Nothing stands for a payload, auth or ack that an event does not have.
type Nothing struct{}

// DecodeNothing is the decoder of a [Nothing].
func DecodeNothing(*Decoder, *Nothing) {}

// A MountOption changes how a namespace is served.
type MountOption func(*options)

type options struct {
	logger       *slog.Logger
	failure      func(Failure)
	interceptors []Interceptor // the outermost first
	schema       SchemaPolicy
	mismatch     func(Mismatch)
}

// WithLogger makes failures go to l in place of slog.Default.
func WithLogger(l *slog.Logger) MountOption {
	return func(o *options) { o.logger = l }
}

// A Failure is what [OnFailure] is told.
type Failure struct {
	Namespace string
	Socket    socketio.ID
	Event     string // as the peer spelled it, cut to 128 bytes; "" when it is CONNECT
	Err       *Error // what the peer sees; Unwrap tells our log's cause of an internal one
}

// OnFailure calls f for every event and connection that is refused, after the
// peer was answered. Calls overlap, and an event of a socket waits for f.
func OnFailure(f func(Failure)) MountOption {
	return func(o *options) { o.failure = f }
}

// A Mount joins handlers to a namespace. Generated Mount functions make one,
// add every event of the schema to it and are done with it.
type Mount[S any] struct{ *mount }

// A mount is the part of a Mount that does not depend on the socket's type. It
// is not changed once its namespace is served.
type mount struct {
	host       Host
	clock      socketio.Clock
	guard      *guard.Guard
	maxPayload int // the server's
	options    options
	limits     int      // events with a Rate
	schemas    *schemas // nil when it does not matter what clients were generated from
}

// A Host is what handlers are registered with: a namespace, or the parent of
// those that share a path.
type Host interface {
	Use(socketio.ConnectFunc)
	On(event string, f socketio.EventFunc)
	OnUnhandled(socketio.EventFunc)
	OnDisconnect(socketio.DisconnectFunc)
	OnServerSide(event string, f socketio.ServerSideFunc)
	Local() socketio.Broadcast
}

// NewMount returns a Mount on n, which answers unknown events and calls
// disconnect for each socket that was accepted, after its last event.
func NewMount[S any](n Host, disconnect func(context.Context, *S, socketio.DisconnectReason), opts []MountOption) *Mount[S] {
	home := homeOf(n.Local())
	m := &Mount[S]{&mount{host: n, clock: clockOf(home), guard: guardOf(home), maxPayload: maxPayloadOf(home)}}
	for _, opt := range opts {
		opt(&m.options)
	}
	if m.options.logger != nil {
		m.guard = m.guard.To(m.options.logger)
	}
	n.OnUnhandled(func(ctx context.Context, s *socketio.Socket, e *socketio.Event) {
		m.refuse(ctx, s, e, Event{Name: e.Name}, NewError(CodeUnknownEvent, "the schema has no such event"))
	})
	n.OnDisconnect(func(ctx context.Context, s *socketio.Socket, reason socketio.DisconnectReason) {
		b, ok := boundTo(s).(*bound[S])
		if !ok {
			return // accepted before the Mount was there
		}
		m.attempt(func() error {
			disconnect(ctx, b.socket, reason)
			return nil
		}, func(err error) {
			if err != nil {
				m.log(ctx, s, "", newInternal(err))
			}
		})
	})
	return m
}

// Accept registers connect for sockets that enter the namespace. It gets the
// auth payload as decode reads it and the socket that bind makes; the error it
// returns refuses the socket, if its code is built in or among codes.
func Accept[S, A any](m *Mount[S], decode func(*Decoder, *A), bind func(*socketio.Socket, A) *S, connect func(context.Context, *S, A) error, codes ...Code) {
	m.host.Use(func(ctx context.Context, s *socketio.Socket) (refusal error) {
		m.attempt(func() error {
			if err := m.checkSchema(ctx, s); err != nil {
				return err
			}
			auth, err := readAuth(s.Handshake().Auth, decode)
			if err != nil {
				return err
			}
			if _, generated := fingerprintOf(s.Handshake().Auth); generated {
				allowCancel(s)
			}
			typedSocket := bind(s, auth)
			bindTo(s, &bound[S]{socket: typedSocket})
			return connect(ctx, typedSocket, auth)
		}, func(err error) {
			if err != nil {
				refusal = m.refuseConnect(ctx, s, err, codes)
			}
		})
		return refusal
	})
}

// readAuth decodes the object of a CONNECT packet; a client may leave it out.
func readAuth[A any](raw []byte, decode func(*Decoder, *A)) (auth A, err error) {
	if raw == nil {
		raw = []byte("{}")
	}
	d := newDecoder(raw, nil)
	defer d.release()
	decode(d, &auth)
	if bad := d.failure(""); bad != nil {
		return auth, bad.shown()
	}
	return auth, nil
}

// An Event is what a Mount must know of a client event beside its types.
type Event struct {
	Name   string
	Ack    AckForm
	Acked  bool   // the ack carries a value
	Emits  bool   // its handler's result goes out as another event
	Errors []Code // that its handler may answer, beside those that are built in

	Timeout     time.Duration     // within which it must be handled, or 0
	Rate        Rate              // beyond which it is refused
	Largest     int               // bytes that a message of it may have by the lengths in the schema, if that is much
	Annotations map[string]string // for interceptors
}

// An AckForm is how the ack of a client event is written.
type AckForm uint8

// The forms of an ack.
const (
	Envelope AckForm = iota // {"ok":true,"value":…} or {"ok":false,"error":…}, also for clients that ask without need
	Plain                   // the bare value; a failure goes out as $error instead
)

// A Handling is how an event of one name is handled. It serves one event at a time,
// and then another of that name.
type Handling[S any] struct {
	Payload any                                                          // a pointer to what Decode fills; nil when the event carries nothing
	Decode  func(*Decoder)                                               // nil like Payload
	Run     func(ctx context.Context, s *S, answer func() Encoder) error // calls the handler; answer begins the ack's value
	RateBy  func(s *S) string                                            // by what the event's Rate is counted; nil counts by socket
}

// An exchange is an event while it is handled.
type exchange[S any] struct {
	Handling[S]
	payload reflect.Value // what Payload points to
	answer  reply
	begin   func() Encoder // answer.begin
}

func newExchange[S any](how Handling[S], form AckForm) *exchange[S] {
	x := &exchange[S]{Handling: how, answer: reply{plain: form == Plain}}
	if how.Payload != nil {
		x.payload = reflect.ValueOf(how.Payload).Elem()
	}
	x.begin = x.answer.begin
	return x
}

// Handle registers how a client event is handled; prepare is called whenever another
// one is handled at the same time. A client that asks for an ack gets one, whether
// it has a value or not.
func (m *Mount[S]) Handle(ev Event, prepare func() Handling[S]) {
	m.checkLargest(ev)
	limit := newLimiter(ev.Rate, m.limits, m.clock.Now())
	if limit != nil {
		m.limits++
	}
	pool := &sync.Pool{New: func() any { return newExchange(prepare(), ev.Ack) }}
	m.host.On(ev.Name, func(ctx context.Context, s *socketio.Socket, e *socketio.Event) {
		m.handle(ctx, s, e, &ev, limit, pool)
	})
}

// handle handles one event, in an exchange of pool.
func (m *Mount[S]) handle(ctx context.Context, s *socketio.Socket, e *socketio.Event, ev *Event, limit *limiter, pool *sync.Pool) {
	var x *exchange[S]
	m.attempt(func() error {
		x = pool.Get().(*exchange[S])
		b, ok := boundTo(s).(*bound[S])
		if !ok {
			return errUnbound
		}
		if limit != nil {
			if wait := limited(limit, x.RateBy, b, s); wait > 0 {
				return errRateLimited(wait)
			}
		}
		if bad := decodeArgs(e.Args, "", x.Decode); bad != nil {
			return bad.shown()
		}
		timed, cancel := within(ctx, ev.Timeout)
		defer cancel()
		if err := m.run(timed, s, b.socket, ev, x); err != nil {
			return inTime(timed, ev, givenUp(timed, err))
		}
		if x.answer.args == nil && !e.WantsAck() {
			return nil
		}
		if err := x.answer.end(ev.Name); err != nil {
			return err
		}
		return x.answer.send(e)
	}, func(err error) {
		if x != nil {
			x.answer.release()
		}
		if err == socketio.ErrCanceled {
			return // nobody waits for an answer, and nothing is wrong
		}
		if err != nil {
			m.refuse(ctx, s, e, *ev, err)
			return
		}
		if x.Payload != nil {
			x.payload.SetZero()
		}
		pool.Put(x)
		recycle(e)
	})
}

// limited takes one event of a rate, and returns how long there is none.
func limited[S any](limit *limiter, by func(*S) string, b *bound[S], s *socketio.Socket) time.Duration {
	if by == nil {
		return limit.take(&b.buckets, s)
	}
	return limit.takeShared(sharedKey(by(b.socket)), &b.buckets, s)
}

// run calls the handler of an event whose payload x holds, within the interceptors.
func (m *Mount[S]) run(ctx context.Context, raw *socketio.Socket, s *S, ev *Event, x *exchange[S]) error {
	if len(m.options.interceptors) == 0 {
		return x.Run(ctx, s, x.begin)
	}
	c := &Call{Namespace: raw.Namespace().Name(), Event: ev.Name, Annotations: ev.Annotations, Socket: raw, typed: s}
	if x.Payload != nil {
		c.Payload = x.payload.Interface()
	}
	return m.intercepted(ctx, c, ev, &x.answer, func(ctx context.Context) error { return x.Run(ctx, s, x.begin) })
}

// Unskipped returns err, or nil when it is [Skip].
func Unskipped(err error) error {
	if errors.Is(err, Skip) {
		return nil
	}
	return err
}

// checkLargest warns of an event that the schema allows and the server cuts off.
func (m *mount) checkLargest(ev Event) {
	if most := m.maxPayload; ev.Largest > most {
		m.logger().Warn("typed: the schema allows an event that is larger than the server's MaxPayload, and then refused without an answer: "+
			"raise socketio.Config.MaxPayload, or lower the lengths in the schema",
			"event", ev.Name, "largest", ev.Largest, "maxPayload", most)
	}
}

// within returns ctx with an end after d, unless d is 0.
func within(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	if d <= 0 {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, d)
}

// inTime returns err, or what the peer is told when it is the event's time that
// has run out. ctx is what within returned.
func inTime(ctx context.Context, ev *Event, err error) error {
	if ev.Timeout > 0 && errors.Is(err, context.DeadlineExceeded) && errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return NewError(CodeTimeout, "the event was not handled in time").Because(err)
	}
	return err
}

// givenUp returns err, or socketio.ErrCanceled when the handler has failed because its
// client has given the request up. ctx is what the handler had.
func givenUp(ctx context.Context, err error) error {
	if context.Cause(ctx) == socketio.ErrCanceled && (errors.Is(err, context.Canceled) || errors.Is(err, socketio.ErrCanceled)) {
		return socketio.ErrCanceled
	}
	return err
}

// errUnbound is for our log: the socket was there before the Mount.
var errUnbound = errors.New("typed: the socket was accepted before its namespace was mounted")

// Unimplemented returns what a handler's missing method answers.
func Unimplemented(event string) error {
	return NewError(CodeUnknownEvent, "nothing handles "+event)
}
