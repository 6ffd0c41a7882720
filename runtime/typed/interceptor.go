// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"context"
	"errors"
	"sync"

	"github.com/sockgen/sockgen/runtime/socketio"
)

// A Call is one event on its way to its handler, as an [Interceptor] sees it.
type Call struct {
	Namespace   string            // "/chat", with a namespace's parameters filled in
	Event       string            // "message:send"
	Annotations map[string]string // of the event in the schema; shared, so it must not be changed
	Socket      *socketio.Socket
	Payload     any // as the handler gets it; nil when the event carries nothing

	typed any // the generated *Socket
}

// SocketOf returns the socket of the event as its handler gets it, a *chat.Socket for
// SocketOf[chat.Socket], with its data and the namespace's parameters. It reports false
// when the event is of another generated package's namespace.
func SocketOf[S any](c *Call) (*S, bool) {
	s, ok := c.typed.(*S)
	return s, ok
}

// An Interceptor runs around the handler of an event, after the payload, the rate and the
// timeout were checked. next runs the handler with the context that it is given and returns
// its error. Call next once, or not at all to refuse the event, and return after it has. It
// may be called in another goroutine: a panic of the handler is an error there. The error
// that the Interceptor returns is answered like the handler's; a panic is answered
// [CodeInternal].
type Interceptor = func(ctx context.Context, c *Call, next func(context.Context) error) error

// WithInterceptor adds f around all handlers of client events. The first Interceptor given
// is the outermost. Connect, Disconnect and cluster events pass none.
func WithInterceptor(f Interceptor) MountOption {
	return func(o *options) { o.interceptors = append(o.interceptors, f) }
}

var (
	errNextTwice = errors.New("typed: an interceptor called next a second time")
	errNextLate  = errors.New("typed: an interceptor called next after it had returned")
	errNoAck     = errors.New("typed: an interceptor returned no error although the handler has not run, or has failed: what should the ack be?")
)

// A turn is the one chance of an event's handler to run.
type turn struct {
	m      *mount
	mu     sync.Mutex // held while the handler runs
	used   bool       // guarded by mu
	over   bool       // guarded by mu
	handle func(context.Context) error
}

func (t *turn) run(ctx context.Context) (err error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.over:
		return errNextLate
	case t.used:
		return errNextTwice
	}
	t.used = true
	defer func() {
		if v := recover(); v != nil {
			err = t.m.failed(v)
		}
	}()
	return t.handle(ctx)
}

// end waits for a handler that an interceptor has left behind, and keeps it from
// running later.
func (t *turn) end() {
	t.mu.Lock()
	t.over = true
	t.mu.Unlock()
}

// intercept runs handle within the interceptors.
func (m *mount) intercept(ctx context.Context, c *Call, handle func(context.Context) error) error {
	t := &turn{m: m, handle: handle}
	defer t.end()
	next := t.run
	for i := len(m.options.interceptors) - 1; i >= 0; i-- {
		f, inner := m.options.interceptors[i], next
		next = func(ctx context.Context) error { return f(ctx, c, inner) }
	}
	return next(ctx)
}

// intercepted runs an event's handler within the interceptors. It is apart from
// Handle so that events without interceptors cost nothing for them.
func (m *mount) intercepted(ctx context.Context, c *Call, ev *Event, answer *reply, run func(context.Context) error) error {
	err := m.intercept(ctx, c, run)
	switch {
	case ev.Emits && !ev.Acked && errors.Is(err, Skip):
		return nil
	case err == nil && ev.Acked && answer.args == nil:
		return errNoAck
	}
	return err
}
