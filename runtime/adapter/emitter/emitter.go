// SPDX-License-Identifier: Apache-2.0

package emitter

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/adapter/cluster/wire"
	"github.com/sockgen/sockgen/runtime/siowire"
)

// Errors of emitting.
var (
	ErrReservedName       = errors.New("emitter: reserved event name")
	ErrTooManyAttachments = errors.New("emitter: too many binary values for one event")
)

// A Bus brings messages to the servers of a cluster: a [Classic], a [Sharded], a [Streams],
// or one of your own. Its method may be called from any goroutine.
type Bus interface {
	// Send sends m. What m points to is the caller's again when it returns.
	Send(ctx context.Context, m wire.Message) error
}

// An Emitter emits to one namespace. It is an immutable value, which may be used from any
// goroutine: each operator returns another one.
type Emitter struct {
	bus       Bus
	namespace string
	options   adapter.Options
}

// New returns an Emitter for the main namespace.
func New(bus Bus) Emitter {
	return Emitter{bus: bus, namespace: "/", options: adapter.Options{All: true}}
}

// Of returns an Emitter for a namespace, to all of its sockets. A name without a slash gets
// one.
func (e Emitter) Of(namespace string) Emitter {
	if !strings.HasPrefix(namespace, "/") {
		namespace = "/" + namespace
	}
	return Emitter{bus: e.bus, namespace: namespace, options: adapter.Options{All: true}}
}

// To adds rooms: the sockets in any of those named so far are meant, each once. When none
// was named, as from a list that is empty, that is nobody.
func (e Emitter) To(rooms ...adapter.Room) Emitter {
	e.options.All = false
	e.options.Rooms = union(e.options.Rooms, rooms)
	return e
}

// In is another name for To.
func (e Emitter) In(rooms ...adapter.Room) Emitter { return e.To(rooms...) }

// Except leaves out the sockets in any of rooms. A socket's id is a room.
func (e Emitter) Except(rooms ...adapter.Room) Emitter {
	e.options.Except = union(e.options.Except, rooms)
	return e
}

// union returns the rooms of both lists, each once.
func union(a, b []adapter.Room) []adapter.Room {
	all := slices.Clone(a)
	for _, room := range b {
		if !slices.Contains(all, room) {
			all = append(all, room)
		}
	}
	return all
}

// Volatile drops the event for sockets whose transport is not writable at that moment.
func (e Emitter) Volatile() Emitter {
	e.options.Volatile = true
	return e
}

// Uncompressed keeps the event from being compressed.
func (e Emitter) Uncompressed() Emitter {
	e.options.Uncompressed = true
	return e
}

// Emit sends an event with args, each encoded as [siowire.Encoder.Value] says, to the
// sockets that e means. Errors: of encoding, ErrReservedName, ErrTooManyAttachments, and
// those of the Bus.
func (e Emitter) Emit(ctx context.Context, event string, args ...any) error {
	if siowire.Reserved(event) {
		return ErrReservedName
	}
	a, err := encode(args)
	if err != nil {
		return err
	}
	if len(a.Attachments) > siowire.DefaultAttachments {
		return ErrTooManyAttachments
	}
	return e.send(ctx, wire.Broadcast{Name: event, Args: a, Options: e.options})
}

func encode(args []any) (siowire.Args, error) {
	enc := siowire.NewEncoder()
	defer enc.Release()
	for _, v := range args {
		if err := enc.Value(v); err != nil {
			return siowire.Args{}, err
		}
	}
	if err := enc.Err(); err != nil {
		return siowire.Args{}, err
	}
	return enc.Args()
}

// SocketsJoin makes the sockets that e means join rooms.
func (e Emitter) SocketsJoin(ctx context.Context, rooms ...adapter.Room) error {
	return e.send(ctx, wire.Join{Options: e.whom(), Rooms: rooms})
}

// SocketsLeave makes them leave rooms.
func (e Emitter) SocketsLeave(ctx context.Context, rooms ...adapter.Room) error {
	return e.send(ctx, wire.Leave{Options: e.whom(), Rooms: rooms})
}

// DisconnectSockets ends them.
func (e Emitter) DisconnectSockets(ctx context.Context) error {
	return e.send(ctx, wire.Disconnect{Options: e.whom()})
}

// CloseConnections ends them and the connections under them.
func (e Emitter) CloseConnections(ctx context.Context) error {
	return e.send(ctx, wire.Disconnect{Options: e.whom(), Close: true})
}

// whom returns the sockets that are meant, without what is about events.
func (e Emitter) whom() adapter.Options {
	return adapter.Options{All: e.options.All, Rooms: e.options.Rooms, Except: e.options.Except}
}

// ServerSideEmit sends an event to the servers that have the namespace, whatever sockets e
// means. Their listeners are those of serverSideEmit. Errors: those of encoding and of the
// Bus.
func (e Emitter) ServerSideEmit(ctx context.Context, event string, args ...any) error {
	a, err := encode(args)
	if err != nil {
		return err
	}
	return e.bus.Send(ctx, e.message(wire.ServerSide{Name: event, Args: a}))
}

func (e Emitter) message(b wire.Body) wire.Message {
	return wire.Message{UID: wire.Emitter, Namespace: e.namespace, Body: b}
}

// send sends what is for the sockets that e means, unless that is nobody.
func (e Emitter) send(ctx context.Context, b wire.Body) error {
	if e.options.Nobody() {
		return nil
	}
	return e.bus.Send(ctx, e.message(b))
}
