// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/adapter/cluster/wire"
	"github.com/sockgen/sockgen/runtime/siowire"
)

// A node is the adapter of one namespace, as one of those that have it.
//
// What arrives is noted on the bus's goroutine and done on the lanes': deliveries and
// what is done to sockets on one, in the order of arrival, server-side events on another.
// What waits for clients has goroutines of its own.
type node struct {
	*adapter.Memory
	hub       *hub
	namespace string
	uid       string
	local     *listening // nil for one that listens for answers alone
	listener  Listener
	keeping   *keeping // nil unless events and sessions are kept for all nodes
	turns     turns    // of a keeping one

	inbox  lane          // deliveries, and what is done to sockets
	events lane          // server-side events
	slots  chan struct{} // one for each request of another node that is worked on

	ctx  context.Context // ends with the node
	stop context.CancelFunc

	mu       sync.Mutex // guards what follows; a leaf
	requests map[string]*request
	peers    map[string]time.Time // when each was heard last; nil where the bus counts
	closed   bool
	beat     func() bool // stops the next heartbeat
	spoke    time.Time   // when this node sent something last
}

func newNode(h *hub, namespace string) *node {
	n := &node{
		hub: h, namespace: namespace, uid: newUID(),
		slots: make(chan struct{}, h.cfg.Requests), requests: map[string]*request{},
	}
	n.inbox.most, n.inbox.wg = h.cfg.InboxBytes, &h.wg
	n.events.most, n.events.wg = h.cfg.InboxBytes, &h.wg
	n.ctx, n.stop = context.WithCancel(h.ctx)
	return n
}

// listen begins to hear what others say.
func (n *node) listen(answersOnly bool) error {
	if err := n.hub.add(n); err != nil {
		return err
	}
	l, err := n.hub.bus.Listen(n.namespace, n.uid, answersOnly, n)
	if err != nil {
		n.hub.remove(n)
		return err
	}
	n.listener = l
	if _, counts := n.hub.bus.(Counter); !counts && !answersOnly {
		n.discover()
	}
	return nil
}

// A listening Local tells the bus, too, which rooms are here.
type listening struct {
	adapter.Local
	to atomic.Pointer[Listener]
}

// RoomChanged implements adapter.Local.
func (l *listening) RoomChanged(e adapter.RoomEvent) {
	l.Local.RoomChanged(e)
	if to := l.to.Load(); to != nil {
		(*to).RoomChanged(e)
	}
}

// Close implements adapter.Adapter.
func (n *node) Close() error {
	n.end()
	n.hub.remove(n)
	return nil
}

// end stops hearing and asking. It is called by Close, by the hub's, or by both.
func (n *node) end() {
	n.mu.Lock()
	if n.closed {
		n.mu.Unlock()
		return
	}
	n.closed = true
	if n.beat != nil {
		n.beat()
	}
	says := n.peers != nil
	n.mu.Unlock()
	if says {
		_ = n.hub.bus.Publish(n.message(wire.Closed{})) // otherwise its silence will tell
	}
	n.listener.Close()
	n.stop()
	n.inbox.close()
	n.events.close()
}

func (n *node) over() bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.closed
}

func (n *node) message(b wire.Body) wire.Message {
	return wire.Message{UID: n.uid, Namespace: n.namespace, Body: b}
}

// publish tells the other nodes, unless o is for this one alone.
func (n *node) publish(o adapter.Options, body func() (wire.Body, error)) error {
	if o.Local {
		return nil
	}
	if n.over() {
		return adapter.ErrClosed
	}
	b, err := body()
	if err != nil {
		return err
	}
	return n.send(b)
}

// send publishes and notes that this node has shown that it lives.
func (n *node) send(b wire.Body) error {
	n.mu.Lock()
	if n.peers != nil {
		n.spoke = n.hub.env.Clock.Now()
	}
	n.mu.Unlock()
	return n.hub.publish(n.namespace, n.uid, b)
}

// Broadcast implements adapter.Adapter. Others are told first, since that does not wait;
// that it fails keeps nobody here from the event.
func (n *node) Broadcast(ctx context.Context, e adapter.Event, o adapter.Options) error {
	if o.Nobody() {
		return nil
	}
	err := n.publish(o, func() (wire.Body, error) { return broadcastOf(e, o, "") })
	return errors.Join(err, n.Memory.Broadcast(ctx, e, o))
}

// broadcastOf returns what carries an event to other nodes.
func broadcastOf(e adapter.Event, o adapter.Options, request string) (wire.Body, error) {
	args, err := e.Args.Args()
	return wire.Broadcast{Name: e.Name, Args: args, Options: o, RequestID: request}, err
}

// AddSockets implements adapter.Adapter.
func (n *node) AddSockets(ctx context.Context, o adapter.Options, rooms ...adapter.Room) error {
	if o.Nobody() {
		return nil
	}
	err := n.publish(o, func() (wire.Body, error) { return wire.Join{Options: o, Rooms: rooms}, nil })
	return errors.Join(err, n.Memory.AddSockets(ctx, o, rooms...))
}

// RemoveSockets implements adapter.Adapter.
func (n *node) RemoveSockets(ctx context.Context, o adapter.Options, rooms ...adapter.Room) error {
	if o.Nobody() {
		return nil
	}
	err := n.publish(o, func() (wire.Body, error) { return wire.Leave{Options: o, Rooms: rooms}, nil })
	return errors.Join(err, n.Memory.RemoveSockets(ctx, o, rooms...))
}

// DisconnectSockets implements adapter.Adapter.
func (n *node) DisconnectSockets(ctx context.Context, o adapter.Options, closeConnection bool) error {
	if o.Nobody() {
		return nil
	}
	err := n.publish(o, func() (wire.Body, error) { return wire.Disconnect{Options: o, Close: closeConnection}, nil })
	return errors.Join(err, n.Memory.DisconnectSockets(ctx, o, closeConnection))
}

// ServerSideEmit implements adapter.Adapter.
func (n *node) ServerSideEmit(_ context.Context, e adapter.Event) error {
	return n.publish(adapter.Options{}, func() (wire.Body, error) { return serverSideOf(e, "") })
}

func serverSideOf(e adapter.Event, request string) (wire.Body, error) {
	args, err := e.Args.Args()
	return wire.ServerSide{Name: e.Name, Args: args, RequestID: request}, err
}

// FetchSockets implements adapter.Adapter.
func (n *node) FetchSockets(ctx context.Context, o adapter.Options) ([]adapter.Description, error) {
	if o.Nobody() {
		return nil, nil
	}
	list, err := n.Memory.FetchSockets(ctx, o)
	if err != nil || o.Local {
		return list, err
	}
	others, err := n.fetch(ctx, o)
	list = append(list, others...)
	slices.SortFunc(list, func(a, b adapter.Description) int { return cmp.Compare(a.ID, b.ID) })
	return list, err
}

// fetch asks the other nodes for their sockets.
func (n *node) fetch(ctx context.Context, o adapter.Options) (list []adapter.Description, err error) {
	err = n.ask(ctx, o.Timeout, func(id string) (wire.Body, error) {
		return wire.Fetch{RequestID: id, Options: o}, nil
	}, func(b wire.Body) {
		if got, ok := b.(wire.Sockets); ok {
			list = append(list, got.Sockets...)
		}
	})
	return list, err
}

// ServerSideEmitWithAck implements adapter.Adapter.
func (n *node) ServerSideEmitWithAck(ctx context.Context, e adapter.Event, o adapter.Options) (answers []siowire.Args, err error) {
	err = n.ask(ctx, o.Timeout, func(id string) (wire.Body, error) {
		return serverSideOf(e, id)
	}, func(b wire.Body) {
		if got, ok := b.(wire.ServerSideAnswer); ok {
			answers = append(answers, got.Args)
		}
	})
	return answers, err
}

// ServerCount implements adapter.Adapter.
func (n *node) ServerCount(ctx context.Context) (int, error) {
	if n.over() {
		return 1, adapter.ErrClosed
	}
	others, err := n.others(ctx)
	if n.local != nil {
		others.count++
	}
	return others.count, err
}
