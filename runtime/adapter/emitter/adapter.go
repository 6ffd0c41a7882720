// SPDX-License-Identifier: Apache-2.0

package emitter

import (
	"context"
	"errors"

	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/adapter/cluster/wire"
	"github.com/sockgen/sockgen/runtime/siowire"
)

// ErrNoAnswers refuses what needs answers of the servers.
var ErrNoAnswers = errors.New("emitter: nobody answers an emitter")

// Adapter joins a server that has no sockets to a cluster, so that a process without
// sockets emits with all that a server has: socketio's operators, or generated code.
//
//	srv := socketio.NewServer(socketio.Config{Adapter: emitter.Adapter(bus)})
//	err := chat.OnChat(srv).To(chat.InChatRoom("7")).EmitMessagePosted(ctx, msg)
//
// The server hears nothing of the others. What needs their answers fails with
// [ErrNoAnswers].
func Adapter(bus Bus) adapter.Factory {
	return func(adapter.Environment) (adapter.Hub, error) { return hub{bus}, nil }
}

// A hub has nothing to close: the Bus belongs to the application.
type hub struct{ bus Bus }

// Open implements adapter.Hub.
func (h hub) Open(namespace string, local adapter.Local) (adapter.Adapter, error) {
	return node{adapter.NewMemory(local), reach{h.bus, namespace}}, nil
}

// Elsewhere implements adapter.Hub.
func (h hub) Elsewhere(namespace string) adapter.Reach { return reach{h.bus, namespace} }

// Close implements adapter.Hub.
func (h hub) Close(context.Context) error { return nil }

// rooms are what an Adapter has besides its Reach.
type rooms interface {
	Add(id adapter.ID, rooms ...adapter.Room) error
	Remove(id adapter.ID, rooms ...adapter.Room)
	RemoveAll(id adapter.ID)
	Joined(id adapter.ID, room adapter.Room) bool
	Rooms(id adapter.ID) []adapter.Room
	Members(rooms ...adapter.Room) []adapter.ID
	Close() error
}

// A node keeps the rooms of a namespace that has no socket, and reaches the other nodes.
type node struct {
	rooms
	reach
}

// A reach tells the nodes of a cluster what to do.
type reach struct {
	bus       Bus
	namespace string
}

// tell sends a body, unless it is for nobody elsewhere.
func (r reach) tell(ctx context.Context, o adapter.Options, b wire.Body) error {
	if o.Nobody() || o.Local {
		return nil
	}
	return r.bus.Send(ctx, wire.Message{UID: wire.Emitter, Namespace: r.namespace, Body: b})
}

// Broadcast implements adapter.Reach, as the other methods do.
func (r reach) Broadcast(ctx context.Context, e adapter.Event, o adapter.Options) error {
	args, err := e.Args.Args()
	if err != nil {
		return err
	}
	return r.tell(ctx, o, wire.Broadcast{Name: e.Name, Args: args, Options: o})
}

func (r reach) AddSockets(ctx context.Context, o adapter.Options, rooms ...adapter.Room) error {
	return r.tell(ctx, o, wire.Join{Options: o, Rooms: rooms})
}

func (r reach) RemoveSockets(ctx context.Context, o adapter.Options, rooms ...adapter.Room) error {
	return r.tell(ctx, o, wire.Leave{Options: o, Rooms: rooms})
}

func (r reach) DisconnectSockets(ctx context.Context, o adapter.Options, closeConnection bool) error {
	return r.tell(ctx, o, wire.Disconnect{Options: o, Close: closeConnection})
}

func (r reach) ServerSideEmit(ctx context.Context, e adapter.Event) error {
	args, err := e.Args.Args()
	if err != nil {
		return err
	}
	return r.tell(ctx, adapter.Options{All: true}, wire.ServerSide{Name: e.Name, Args: args})
}

func (r reach) BroadcastWithAck(context.Context, adapter.Event, adapter.Options, func(adapter.Answer) bool) ([]adapter.ID, error) {
	return nil, ErrNoAnswers
}

func (r reach) FetchSockets(context.Context, adapter.Options) ([]adapter.Description, error) {
	return nil, ErrNoAnswers
}

func (r reach) ServerSideEmitWithAck(context.Context, adapter.Event, adapter.Options) ([]siowire.Args, error) {
	return nil, ErrNoAnswers
}

func (r reach) ServerCount(context.Context) (int, error) { return 0, ErrNoAnswers }
