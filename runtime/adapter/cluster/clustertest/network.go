// SPDX-License-Identifier: Apache-2.0

// Package clustertest is a bus in memory, for tests of clusters in one process.
package clustertest

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/adapter/cluster"
	"github.com/sockgen/sockgen/runtime/adapter/cluster/wire"
)

// A Network joins servers of one process. Messages are the bytes of the official sharded
// adapter. The zero Network works; set its fields before the first server is made.
type Network struct {
	// Counts says that the network knows how many nodes there are, as Redis does. Without
	// it they find each other by heartbeats.
	Counts bool
	// Keeps says that the network keeps broadcasts and sessions, as Redis Streams do, and
	// knows how many nodes there are.
	Keeps bool
	// Config is that of the nodes.
	Config cluster.Config

	stream stream // of a network that keeps

	mu    sync.Mutex // guards what follows
	buses []*bus
}

// Factory makes one more server a member of the network.
func (n *Network) Factory() adapter.Factory {
	return cluster.New(n.Config, func(adapter.Environment) (cluster.Bus, error) {
		b := &bus{network: n, wake: make(chan struct{}, 1), over: make(chan struct{})}
		n.stream.mu.Lock()
		b.taken, b.read = n.stream.last, n.stream.last
		n.stream.mu.Unlock()
		n.mu.Lock()
		n.buses = append(n.buses, b)
		n.mu.Unlock()
		go b.run()
		if n.Keeps {
			return keeping{counting{b}}, nil
		}
		if n.Counts {
			return counting{b}, nil
		}
		return b, nil
	})
}

// Cut drops what the i-th server sends and what is sent to it, until it is called with
// false. What the network keeps it hears then.
func (n *Network) Cut(i int, cut bool) {
	n.mu.Lock()
	b := n.buses[i]
	n.mu.Unlock()
	b.mu.Lock()
	defer b.mu.Unlock()
	b.cut = cut
	b.wakeLocked()
}

// Inject has every server receive bytes, as those of a message for the namespace.
func (n *Network) Inject(namespace string, data []byte) {
	n.send(parcel{namespace: namespace, data: data})
}

// Idle reports whether everything that was sent has arrived.
func (n *Network) Idle() bool {
	return !slices.ContainsFunc(n.all(), func(b *bus) bool {
		b.mu.Lock()
		defer b.mu.Unlock()
		return len(b.queue) > 0 || b.busy || b.read != b.taken || n.Keeps && !b.cut && n.stream.holds(b.taken)
	})
}

func (n *Network) all() []*bus {
	n.mu.Lock()
	defer n.mu.Unlock()
	return slices.Clone(n.buses)
}

func (n *Network) send(p parcel) {
	for _, b := range n.all() {
		b.take(p)
	}
}

// A parcel is one message on its way.
type parcel struct {
	namespace, to string // to is empty for everybody
	data          []byte
}

// A bus is one server's end of the network. One goroutine delivers.
type bus struct {
	network *Network
	wake    chan struct{} // has room for one; filled when there is something to deliver
	over    chan struct{} // closed when the goroutine has ended

	mu        sync.Mutex // guards what follows
	queue     []parcel
	listeners []*listener
	busy      bool
	cut       bool
	closed    bool

	taken, read uint64 // of what is kept, the entry that was delivered last, or is being; and the last one that was
}

// A counting bus knows how many nodes there are.
type counting struct{ *bus }

// Nodes implements cluster.Counter.
func (c counting) Nodes(_ context.Context, namespace string) (count int, err error) {
	for _, b := range c.network.all() {
		b.mu.Lock()
		if slices.ContainsFunc(b.listeners, func(l *listener) bool { return l.namespace == namespace && !l.answersOnly }) {
			count++
		}
		b.mu.Unlock()
	}
	return count, nil
}

// errCut is what sending fails with where the network is cut.
var errCut = errors.New("clustertest: the network is cut")

// Publish implements cluster.Bus.
func (b *bus) Publish(m wire.Message) error { return b.send("", m) }

// Answer implements cluster.Bus.
func (b *bus) Answer(to string, m wire.Message) error { return b.send(to, m) }

func (b *bus) send(to string, m wire.Message) error {
	data, err := wire.AppendMessage(nil, m)
	if err != nil {
		return err
	}
	if b.isCut() {
		return errCut
	}
	b.network.send(parcel{m.Namespace, to, data})
	return nil
}

func (b *bus) take(p parcel) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.cut || b.closed {
		return
	}
	b.queue = append(b.queue, p)
	b.wakeLocked()
}

func (b *bus) wakeLocked() {
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

func (b *bus) run() {
	defer close(b.over)
	for {
		p, ok, closed := b.next()
		switch {
		case closed:
			return
		case ok:
			b.deliver(p)
		default:
			if e, ok := b.nextKept(); ok {
				b.deliverKept(e)
				continue
			}
			<-b.wake
		}
	}
}

func (b *bus) next() (p parcel, ok, closed bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed || len(b.queue) == 0 {
		b.busy = false
		return p, false, b.closed
	}
	p, b.queue, b.busy = b.queue[0], b.queue[1:], true
	return p, true, false
}

func (b *bus) deliver(p parcel) {
	b.deliverTo(p, func() (wire.Message, error) { return wire.ParseMessage(slices.Clone(p.data), wire.Limits{}) })
}

// deliverTo brings a message to the listeners that p is for, to each one of its own.
func (b *bus) deliverTo(p parcel, message func() (wire.Message, error)) {
	b.mu.Lock()
	listeners := slices.Clone(b.listeners)
	b.mu.Unlock()
	for _, l := range listeners {
		if l.namespace != p.namespace || p.to != "" && p.to != l.uid || p.to == "" && l.answersOnly {
			continue
		}
		if m, err := message(); err == nil {
			l.to.Receive(m)
		}
	}
}

// Close implements cluster.Bus.
func (b *bus) Close(context.Context) error {
	b.mu.Lock()
	b.closed = true
	b.wakeLocked()
	b.mu.Unlock()
	<-b.over
	b.network.mu.Lock()
	defer b.network.mu.Unlock()
	b.network.buses = slices.DeleteFunc(b.network.buses, func(o *bus) bool { return o == b })
	return nil
}

// Listen implements cluster.Bus.
func (b *bus) Listen(namespace, uid string, answersOnly bool, r cluster.Receiver) (cluster.Listener, error) {
	l := &listener{b, namespace, uid, answersOnly, r}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.listeners = append(b.listeners, l)
	return l, nil
}

type listener struct {
	bus            *bus
	namespace, uid string
	answersOnly    bool
	to             cluster.Receiver
}

// Ready implements cluster.Listener.
func (l *listener) Ready(context.Context) error { return nil }

// RoomChanged implements cluster.Listener.
func (l *listener) RoomChanged(adapter.RoomEvent) {}

// Close implements cluster.Listener.
func (l *listener) Close() {
	l.bus.mu.Lock()
	defer l.bus.mu.Unlock()
	l.bus.listeners = slices.DeleteFunc(l.bus.listeners, func(o *listener) bool { return o == l })
}
