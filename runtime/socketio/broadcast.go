// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"errors"
	"slices"

	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/siowire"
)

// A Broadcast says whom an event is for. It is an immutable value: each operator
// returns another one, so a Broadcast can be kept and used from any goroutine. The zero
// Broadcast belongs to no namespace: whatever is done with it fails with ErrZeroValue.
type Broadcast struct {
	ns           *Namespace
	parent       *ParentNamespace // its children are meant, and ns is their model; nil otherwise
	narrowed     bool             // to the sockets in rooms, which may be none; otherwise all are meant
	rooms        []Room
	except       []Room
	local        bool
	volatile     bool
	uncompressed bool
	slow         SlowPolicy
}

// To adds rooms: the sockets in any of those named so far get the event, each once.
// When none was named, as from a list that is empty, that is nobody.
func (b Broadcast) To(rooms ...Room) Broadcast {
	b.narrowed = true
	b.rooms = slices.Concat(b.rooms, rooms)
	return b
}

// In is another name for To.
func (b Broadcast) In(rooms ...Room) Broadcast { return b.To(rooms...) }

// Except leaves out the sockets in any of rooms. A socket's id is a room.
func (b Broadcast) Except(rooms ...Room) Broadcast {
	b.except = slices.Concat(b.except, rooms)
	return b
}

// Local keeps the event on this node.
func (b Broadcast) Local() Broadcast {
	b.local = true
	return b
}

// Volatile drops the event for sockets whose transport is not writable at that
// moment.
func (b Broadcast) Volatile() Broadcast {
	b.volatile = true
	return b
}

// Uncompressed keeps the event from being compressed. See [Socket.Uncompressed]. A
// socket that comes back (see [Recovery]) gets it in the same way.
func (b Broadcast) Uncompressed() Broadcast {
	b.uncompressed = true
	return b
}

// Send emits the event "message".
func (b Broadcast) Send(ctx context.Context, args ...any) error {
	return b.Emit(ctx, "message", args...)
}

// Emit sends an event with args, each encoded as [siowire.Encoder.Value] says, to
// the connected sockets that b means. It reaches those whose Join returned before,
// and none whose Leave did. ctx bounds what the adapter does to reach other
// nodes; it may have ended without harm to this node's sockets.
//
// Errors: of encoding, ErrReservedName, ErrTooManyAttachments, and those of the
// adapter. That a socket cannot be reached is not one.
func (b Broadcast) Emit(ctx context.Context, event string, args ...any) error {
	e := encode(args)
	return b.emitEncoded(ctx, event, e)
}

// emitEncoded is Emit with encoded arguments, nil for none. It takes ownership of
// args and releases it.
func (b Broadcast) emitEncoded(ctx context.Context, event string, args *siowire.Encoder) error {
	defer release(args)
	if b.ns == nil {
		return ErrZeroValue
	}
	b.ns.srv.pad(args)
	if err := b.ns.srv.sendable(event, args); err != nil {
		return err
	}
	err := b.each(func(n *Namespace) error {
		return n.adapter.Broadcast(ctx, adapter.Event{Name: event, Args: args}, b.options())
	})
	b.ns.observeEmit(event, b.rooms, err)
	return err
}

// each calls f for the namespaces that b is about, and returns the errors. It does not
// when b means nobody.
func (b Broadcast) each(f func(n *Namespace) error) error {
	switch {
	case b.ns == nil:
		return ErrZeroValue
	case b.options().Nobody():
		return nil
	case b.parent == nil:
		return b.ns.reach(f)
	}
	var errs []error
	for _, n := range b.parent.Children() {
		errs = append(errs, n.reach(f))
	}
	return errors.Join(errs...)
}

func (b Broadcast) options() adapter.Options {
	return adapter.Options{
		All: !b.narrowed, Rooms: b.rooms, Except: b.except, Local: b.local, Volatile: b.volatile, Uncompressed: b.uncompressed, Slow: b.slow,
	}
}

// encode collects args. Its error stays in the Encoder, for sendable to find.
func encode(args []any) *siowire.Encoder {
	e := siowire.NewEncoder()
	for _, v := range args {
		if e.Value(v) != nil {
			break
		}
	}
	return e
}

func release(e *siowire.Encoder) {
	if e != nil {
		e.Release()
	}
}
