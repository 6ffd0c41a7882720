// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"

	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/adapter/cluster/wire"
	"github.com/sockgen/sockgen/runtime/siowire"
)

// A remote reaches a namespace that is not on this node. What it only tells needs
// nothing but to be published. To ask, it listens for the answers of one request.
type remote struct {
	hub       *hub
	namespace string
}

// tell publishes a body, unless it is for nobody or for this node, which has no socket.
func (r *remote) tell(o adapter.Options, body func() (wire.Body, error)) error {
	if o.Local || o.Nobody() {
		return nil
	}
	b, err := body()
	if err != nil {
		return err
	}
	return r.hub.publish(r.namespace, r.hub.uid, b)
}

// Broadcast implements adapter.Reach, as the other methods do.
func (r *remote) Broadcast(_ context.Context, e adapter.Event, o adapter.Options) error {
	return r.tell(o, func() (wire.Body, error) { return broadcastOf(e, o, "") })
}

func (r *remote) AddSockets(_ context.Context, o adapter.Options, rooms ...adapter.Room) error {
	return r.tell(o, func() (wire.Body, error) { return wire.Join{Options: o, Rooms: rooms}, nil })
}

func (r *remote) RemoveSockets(_ context.Context, o adapter.Options, rooms ...adapter.Room) error {
	return r.tell(o, func() (wire.Body, error) { return wire.Leave{Options: o, Rooms: rooms}, nil })
}

func (r *remote) DisconnectSockets(_ context.Context, o adapter.Options, closeConnection bool) error {
	return r.tell(o, func() (wire.Body, error) { return wire.Disconnect{Options: o, Close: closeConnection}, nil })
}

func (r *remote) ServerSideEmit(_ context.Context, e adapter.Event) error {
	return r.tell(adapter.Options{All: true}, func() (wire.Body, error) { return serverSideOf(e, "") })
}

// asking calls f with a node that hears the answers to what it asks.
func (r *remote) asking(f func(n *node) error) error {
	n := newNode(r.hub, r.namespace)
	if err := n.listen(true); err != nil {
		return err
	}
	defer n.Close()
	return f(n)
}

func (r *remote) BroadcastWithAck(ctx context.Context, e adapter.Event, o adapter.Options, answer func(adapter.Answer) bool) (missing []adapter.ID, err error) {
	if o.Local || o.Nobody() {
		return nil, nil
	}
	err = r.asking(func(n *node) error {
		missing, err = n.BroadcastWithAck(ctx, e, o, answer)
		return err
	})
	return missing, err
}

func (r *remote) FetchSockets(ctx context.Context, o adapter.Options) (list []adapter.Description, err error) {
	if o.Local || o.Nobody() {
		return nil, nil
	}
	err = r.asking(func(n *node) error {
		list, err = n.fetch(ctx, o)
		return err
	})
	return list, err
}

func (r *remote) ServerSideEmitWithAck(ctx context.Context, e adapter.Event, o adapter.Options) (answers []siowire.Args, err error) {
	err = r.asking(func(n *node) error {
		answers, err = n.ServerSideEmitWithAck(ctx, e, o)
		return err
	})
	return answers, err
}

func (r *remote) ServerCount(ctx context.Context) (count int, err error) {
	err = r.asking(func(n *node) error {
		within, done := n.deadline(ctx, 0)
		defer done()
		if err := n.listener.Ready(within); err != nil {
			return err
		}
		count, err = n.ServerCount(within)
		return err
	})
	return count, err
}
