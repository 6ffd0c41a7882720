// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/adapter/cluster/wire"
)

// This file is how nodes find each other on a bus that does not count them. A node says
// that it has come, which those who are there answer; shows now and then that it lives;
// and says that it goes. Who is silent for long has gone.

// maxPeers is how many nodes may have a namespace.
const maxPeers = 10_000

// others are the other nodes that have the namespace.
type others struct {
	count int
	names []string // nil where the bus counts, and knows none
}

// others returns who is there besides this node.
func (n *node) others(ctx context.Context) (others, error) {
	if counter, ok := n.hub.bus.(Counter); ok {
		count, err := counter.Nodes(ctx, n.namespace)
		if n.local != nil {
			count--
		}
		return others{count: max(count, 0)}, err
	}
	if n.local == nil {
		names, err := n.probe(ctx)
		return others{len(names), names}, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	return others{len(n.peers), slices.Collect(maps.Keys(n.peers))}, nil
}

// discover begins to find other nodes, and to be found.
func (n *node) discover() {
	n.mu.Lock()
	n.peers = map[string]time.Time{}
	n.mu.Unlock()
	_ = n.send(wire.Initial{}) // otherwise the next heartbeat tells
	n.schedule()
}

// beats is how often a node looks at the time in each Config.Heartbeat.
const beats = 5

func (n *node) schedule() {
	stop := n.hub.env.Clock.AfterFunc(n.hub.cfg.Heartbeat/beats, n.tick)
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.closed {
		stop()
	}
	n.beat = stop
}

// tick shows that this node lives, and forgets who does not.
func (n *node) tick() {
	now := n.hub.env.Clock.Now()
	n.mu.Lock()
	if n.closed {
		n.mu.Unlock()
		return
	}
	silent := now.Sub(n.spoke) >= n.hub.cfg.Heartbeat
	for uid, last := range n.peers {
		if now.Sub(last) >= n.hub.cfg.Lost {
			n.lostLocked(uid)
		}
	}
	n.mu.Unlock()
	if silent {
		_ = n.send(wire.Heartbeat{}) // the bus may be away
	}
	n.schedule()
}

// lostLocked forgets a node. Requests do not wait for it any longer. mu is held.
func (n *node) lostLocked(uid string) {
	delete(n.peers, uid)
	for _, r := range n.requests {
		r.goneLocked(uid)
	}
}

// heard notes that another node lives. It runs on the bus's goroutine.
func (n *node) heard(m wire.Message) {
	n.mu.Lock()
	if n.peers == nil || m.UID == "" || m.UID == wire.Emitter {
		n.mu.Unlock()
		return
	}
	_, known := n.peers[m.UID]
	answer := false
	switch m.Body.(type) {
	case wire.Closed:
		n.lostLocked(m.UID)
		known = false
	case wire.Initial:
		answer, known = true, known || len(n.peers) < maxPeers
	case wire.Heartbeat:
		known = known || len(n.peers) < maxPeers
	}
	if known { // others may ask for a moment without having the namespace
		n.peers[m.UID] = n.hub.env.Clock.Now()
	}
	n.mu.Unlock()
	if answer {
		_ = n.send(wire.Heartbeat{})
	}
}

// probe finds the nodes that have a namespace which this one has not: they answer when
// they are asked for sockets, even if these cannot be.
func (n *node) probe(ctx context.Context) (names []string, err error) {
	r := n.newRequest()
	r.id, r.open = newUID(), true
	n.mu.Lock()
	n.requests[r.id] = r
	n.mu.Unlock()
	defer n.forget(r)
	o := adapter.Options{Rooms: []adapter.Room{adapter.Room(n.uid)}}
	if err := n.send(wire.Fetch{RequestID: r.id, Options: o}); err != nil {
		return nil, err
	}
	over := make(chan struct{})
	stop := n.hub.env.Clock.AfterFunc(n.hub.cfg.Discovery, func() { close(over) })
	defer stop()
	select {
	case <-over:
	case <-ctx.Done():
	}
	for _, m := range n.look(r).answers {
		names = append(names, m.UID)
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}
