// SPDX-License-Identifier: Apache-2.0

package typedclient

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"github.com/sockgen/sockgen/runtime/client"
	"github.com/sockgen/sockgen/runtime/internal/seam"
	"github.com/sockgen/sockgen/runtime/typed"
)

// An Option changes a generated client.
type Option func(*options)

type options struct {
	config   client.Config
	noBuffer bool
	logger   *slog.Logger
	failure  func(Failure)
}

// WithConfig tunes the connection that a Dial function makes. Elsewhere it does
// nothing: the Manager has its own.
func WithConfig(cfg client.Config) Option { return func(o *options) { o.config = cfg } }

// WithoutBuffer makes what is emitted without a connection fail with
// client.ErrDisconnected instead of waiting for one.
func WithoutBuffer() Option { return func(o *options) { o.noBuffer = true } }

// WithLogger makes failures go to l in place of slog.Default.
func WithLogger(l *slog.Logger) Option { return func(o *options) { o.logger = l } }

// A Failure is an event from the server that came to nothing.
type Failure struct {
	Namespace string
	Event     string
	Err       error // *typed.PayloadError when it does not fit the schema: no listener saw it
}

// OnFailure calls f for every event that does not fit the schema, whose listener
// returned an error in place of an ack, or whose ack could not be sent. Without it
// the log tells. Events of the client wait for f.
func OnFailure(f func(Failure)) Option { return func(o *options) { o.failure = f } }

// A Schema is what a generated client knows of its namespace.
type Schema struct {
	Namespace   string
	Fingerprint string // presented to the server as $sockgen; "" for none
	Errors      typed.ErrorDecoders
}

// A Base is the part that is the same in every generated client. Its methods may be
// called from any goroutine.
type Base struct {
	socket  *client.Socket
	errors  typed.ErrorDecoders
	owned   *client.Manager // that Dial made; nil otherwise
	failure func(Failure)
	logger  *slog.Logger
}

// New returns a client on m that presents what auth returns, nil for nothing, as
// encode writes it. It does not connect.
func New[A any](m *client.Manager, schema Schema, auth func(context.Context) (A, error), encode func(typed.Encoder, *A), opts []Option) *Base {
	o := applied(opts)
	cfg := client.SocketConfig{NoBuffer: o.noBuffer, Auth: func(ctx context.Context) (any, error) {
		var a A
		if auth != nil {
			var err error
			if a, err = auth(ctx); err != nil {
				return nil, err
			}
		}
		raw, err := typed.MarshalAuth(a, encode, schema.Fingerprint)
		if err != nil {
			return nil, &seam.UnsendableAuth{Err: err}
		}
		if raw == nil {
			return nil, nil
		}
		return raw, nil
	}}
	b := &Base{socket: m.Socket(schema.Namespace, cfg), errors: schema.Errors, failure: o.failure, logger: o.logger}
	if b.logger == nil {
		b.logger = slog.Default()
	}
	return b
}

func applied(opts []Option) *options {
	o := &options{}
	for _, opt := range opts {
		opt(o)
	}
	return o
}

// Dial makes a connection to the server at url for the client that build makes on
// it, and connects that. Closing the client ends the connection.
func Dial(ctx context.Context, url string, opts []Option, build func(*client.Manager) (*Base, error)) (*Base, error) {
	m, err := client.New(url, applied(opts).config)
	if err != nil {
		return nil, err
	}
	b, err := build(m)
	if err == nil {
		b.owned = m
		err = b.Connect(ctx)
	}
	if err != nil {
		ended, cancel := context.WithCancel(context.Background())
		cancel()
		_ = m.Close(ended) // there is nothing to lose, and nobody else's handlers
		return nil, err
	}
	return b, nil
}

// Static returns an auth function for credentials that never change.
func Static[A any](auth A) func(context.Context) (A, error) {
	return func(context.Context) (A, error) { return auth, nil }
}

// Untyped returns the socket as package client sees it.
func (b *Base) Untyped() *client.Socket { return b.socket }

// ID returns the id that the server has given the socket, "" while it is not
// connected.
func (b *Base) ID() string { return b.socket.ID() }

// Connected reports whether the client is connected now.
func (b *Base) Connected() bool { return b.socket.Connected() }

// Recovered reports whether the present connection continues the one before it; see
// [client.Socket.Recovered].
func (b *Base) Recovered() bool { return b.socket.Recovered() }

// Connect connects, and reconnects from then on, until Disconnect, the server's
// refusal or its DISCONNECT. It tries until ctx ends. A refusal is a [*typed.Error]
// that wraps a [*client.ConnectError], or the latter alone when the server is none
// that sockgen has generated. See [client.Socket.Connect] for the other errors.
func (b *Base) Connect(ctx context.Context) error { return b.refusal(b.socket.Connect(ctx)) }

// Disconnect leaves the namespace and does not come back unless Connect is called;
// see [client.Socket.Disconnect].
func (b *Base) Disconnect() { b.socket.Disconnect() }

// Close ends the client. One that a Dial function made ends its connection and waits
// until all listeners have returned, so a listener must not call it; see
// [client.Manager.Close]. One that was made on a Manager leaves the namespace, and
// the error is nil.
func (b *Base) Close(ctx context.Context) error {
	if b.owned != nil {
		return b.owned.Close(ctx)
	}
	b.socket.Disconnect()
	return nil
}

// OnConnect adds a function that runs whenever the client is connected, before
// events of that connection, and returns what removes it again.
func (b *Base) OnConnect(f func(ctx context.Context)) (stop func()) { return b.socket.OnConnect(f) }

// OnConnectError adds a function that is told of every failed attempt to connect,
// and returns what removes it again. err is as Connect returns it.
func (b *Base) OnConnectError(f func(ctx context.Context, err error)) (stop func()) {
	return b.socket.OnConnectError(func(ctx context.Context, err error) { f(ctx, b.refusal(err)) })
}

// OnDisconnect adds a function that runs when a connected client is so no longer,
// and returns what removes it again.
func (b *Base) OnDisconnect(f func(ctx context.Context, reason client.DisconnectReason)) (stop func()) {
	return b.socket.OnDisconnect(f)
}

// OnEventError adds a function that is told when the server refuses an event whose
// ack cannot say so: one without ack, or with a plain one. It returns what removes
// the function again.
func (b *Base) OnEventError(f func(ctx context.Context, event string, err *typed.Error)) (stop func()) {
	return b.socket.On(typed.ErrorEvent, func(ctx context.Context, e *client.Event) {
		if event, err, ok := typed.DecodeErrorEvent(e.Args, b.errors); ok {
			f(ctx, event, err)
			return
		}
		b.report(ctx, e.Name, errors.New("typedclient: it tells no code"))
	})
}

// refusal returns err, in which a server's refusal is a *typed.Error.
func (b *Base) refusal(err error) error {
	var refused *client.ConnectError
	if !errors.As(err, &refused) {
		return err
	}
	e, ok := typed.DecodeRefusal(refused.Data, b.errors)
	if !ok {
		return err
	}
	return e.Because(err)
}

// report tells of an event that came to nothing.
func (b *Base) report(ctx context.Context, event string, err error) {
	if b.failure != nil {
		b.failure(Failure{Namespace: b.socket.Namespace(), Event: event, Err: err})
		return
	}
	b.logger.LogAttrs(context.WithoutCancel(ctx), slog.LevelWarn, "typedclient: an event from the server came to nothing",
		slog.String("namespace", b.socket.Namespace()), slog.String("event", event), slog.Any("cause", err))
}

// An unansweredError says with a typed.Code why an ack did not come.
type unansweredError struct {
	code  typed.Code
	event string
	cause error
}

func (e *unansweredError) Error() string {
	return fmt.Sprintf("typedclient: ack of %q: %v", e.event, e.cause)
}

func (e *unansweredError) Unwrap() error { return e.cause }

func (e *unansweredError) Is(target error) bool {
	code, ok := target.(typed.Code)
	return ok && code == e.code
}

func unanswered(event string, err error) error {
	switch {
	case errors.Is(err, client.ErrTimeout), errors.Is(err, context.DeadlineExceeded):
		return &unansweredError{typed.CodeTimeout, event, err}
	case errors.Is(err, client.ErrDisconnected), errors.Is(err, client.ErrClosed):
		return &unansweredError{typed.CodeDisconnected, event, err}
	}
	return fmt.Errorf("typedclient: ack of %q: %w", event, err)
}
