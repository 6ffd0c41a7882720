// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"errors"
	"slices"
	"sync/atomic"

	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/adapter/cluster/wire"
	"github.com/sockgen/sockgen/runtime/siowire"
)

// This file is what a node does about what others say. Receive and what it calls run on
// the bus's goroutine and only take note.

// Receive implements Receiver.
func (n *node) Receive(m wire.Message) {
	if m.Namespace != n.namespace {
		return
	}
	if m.UID == n.uid {
		n.comeBack(m)
		return
	}
	n.heard(m)
	fits := true
	switch id := requestOf(m.Body); {
	case id != "":
		fits = n.answered(id, m)
	case n.local == nil: // it listens for answers alone
	default:
		fits = n.note(m)
	}
	if !fits {
		n.Gap(ErrOverflow)
	}
}

// comeBack puts what this node has published, and keeps, on the lane.
func (n *node) comeBack(m wire.Message) {
	if n.keeping != nil && m.Mark != 0 {
		n.inbox.add(job{0, func() { n.keeping.returned(m.Mark, m.Offset) }}) // if there is no room, whoever waits for it delivers it
	}
}

// requestOf returns the id of the request that b answers, none if it is no answer.
func requestOf(b wire.Body) string {
	switch b := b.(type) {
	case wire.Sockets:
		return b.RequestID
	case wire.ServerSideAnswer:
		return b.RequestID
	case wire.ClientCount:
		return b.RequestID
	case wire.Answer:
		return b.RequestID
	case wire.TakenOver:
		return b.RequestID
	}
	return ""
}

// note puts a message on the lane that it belongs to. It reports false when that is full.
func (n *node) note(m wire.Message) bool {
	lane := &n.inbox
	var do func()
	switch b := m.Body.(type) {
	case wire.Broadcast:
		do = func() { n.deliver(m, b) }
	case wire.ServerSide:
		if b.RequestID == "" {
			lane = &n.events
		}
		do = func() { n.serverSide(m.UID, b) }
	case wire.Fetch:
		do = func() { n.describe(m.UID, b) }
	case wire.TakeOver:
		do = func() { n.takeOver(m.UID, b) }
	case wire.Join:
		do = func() { _ = n.Memory.AddSockets(n.ctx, b.Options, b.Rooms...) } // nobody waits for the error
	case wire.Leave:
		do = func() { _ = n.Memory.RemoveSockets(n.ctx, b.Options, b.Rooms...) }
	case wire.Disconnect:
		do = func() { _ = n.Memory.DisconnectSockets(n.ctx, b.Options, b.Close) }
	default:
		if do = n.classic(m); do == nil {
			return true // a sign of life, or of a later version
		}
	}
	return lane.add(job{sizeOf(m), do})
}

// classic returns what answers a request of older official adapters, nil for anything
// else.
func (n *node) classic(m wire.Message) func() {
	own := func(id adapter.ID) adapter.Options { return adapter.Options{Rooms: []adapter.Room{adapter.Room(id)}} }
	one := func(id adapter.ID, request string, do func(o adapter.Options)) func() {
		return func() {
			if n.Joined(id, adapter.Room(id)) {
				do(own(id))
				n.answer(m.UID, wire.Done{RequestID: request})
			}
		}
	}
	switch b := m.Body.(type) {
	case wire.AllRooms:
		return func() { n.answer(m.UID, wire.Rooms{RequestID: b.RequestID, Rooms: n.AllRooms()}) }
	case wire.SocketIDs:
		return func() { n.answer(m.UID, wire.IDs{RequestID: b.RequestID, IDs: n.Members(b.Rooms...)}) }
	case wire.JoinOne:
		return one(b.ID, b.RequestID, func(o adapter.Options) { _ = n.Memory.AddSockets(n.ctx, o, b.Room) })
	case wire.LeaveOne:
		return one(b.ID, b.RequestID, func(o adapter.Options) { _ = n.Memory.RemoveSockets(n.ctx, o, b.Room) })
	case wire.DisconnectOne:
		return one(b.ID, b.RequestID, func(o adapter.Options) { _ = n.Memory.DisconnectSockets(n.ctx, o, b.Close) })
	}
	return nil
}

// deliver brings an event to this node's sockets.
func (n *node) deliver(m wire.Message, b wire.Broadcast) {
	if n.keeping != nil && m.Mark != 0 && !n.keeping.marks.fresh(m.UID, m.Mark) {
		n.keeping.home.Reached(m.Offset) // its sender did not know that it had arrived
		return
	}
	from := m.UID
	e := siowire.NewEncoder()
	if err := e.Forward(b.Args); err != nil {
		e.Release()
		return // it cannot be sent; the sender's node has said so
	}
	if b.RequestID == "" {
		defer e.Release()
		_ = n.Memory.Broadcast(n.ctx, adapter.Event{Name: b.Name, Args: e, Offset: m.Offset}, b.Options) // whose error is nil
		return
	}
	asked := make(chan struct{})
	n.apart(func() {
		defer e.Release()
		ctx, done := n.deadline(n.ctx, b.Options.Timeout)
		defer done()
		n.Memory.Ask(ctx, adapter.Event{Name: b.Name, Args: e}, b.Options, func(count int) {
			n.answer(from, wire.ClientCount{RequestID: b.RequestID, Count: count})
			close(asked)
		}, func(a adapter.Answer) bool {
			n.answer(from, wire.Answer{RequestID: b.RequestID, Args: a.Args})
			return ctx.Err() == nil
		})
	}, e.Release)
	select {
	case <-asked: // so that what was sent later comes later
	case <-n.ctx.Done():
	}
}

// apart runs f in a goroutine of its own, of which there are so many. Without it, as the
// node ends, it calls otherwise.
func (n *node) apart(f, otherwise func()) {
	select {
	case n.slots <- struct{}{}:
	case <-n.ctx.Done():
		otherwise()
		return
	}
	n.hub.wg.Go(func() {
		defer func() { <-n.slots }()
		f()
	})
}

// serverSide has the listeners of an event hear it.
func (n *node) serverSide(from string, b wire.ServerSide) {
	e := adapter.ServerSideEvent{Name: b.Name, Args: b.Args}
	if b.RequestID == "" {
		n.local.ServerSide(n.ctx, e)
		return
	}
	n.apart(func() {
		ctx, done := n.deadline(n.ctx, 0)
		defer done()
		e.Ack = n.ackOnce(from, b.RequestID)
		n.local.ServerSide(ctx, e)
	}, func() {})
}

// describe answers who asked for this node's sockets.
func (n *node) describe(to string, b wire.Fetch) {
	n.apart(func() {
		list, err := n.Memory.FetchSockets(n.ctx, b.Options)
		if err == nil {
			n.answer(to, wire.Sockets{RequestID: b.RequestID, Sockets: list})
		}
	}, func() {})
}

// answer tells one node something. That it cannot be told is for its deadline to notice.
func (n *node) answer(to string, b wire.Body) {
	if n.over() {
		return
	}
	if err := n.hub.bus.Answer(to, n.message(b)); err != nil {
		n.hub.warn("an answer could not be sent", n.namespace, err)
	}
}

// ackOnce returns what answers a server-side event.
func (n *node) ackOnce(to, request string) func(*siowire.Encoder) error {
	var acked atomic.Bool
	return func(e *siowire.Encoder) error {
		if e != nil {
			defer e.Release()
		}
		if acked.Swap(true) {
			return errAcked
		}
		args, err := e.Args()
		if err != nil {
			return err
		}
		if n.over() {
			return adapter.ErrClosed
		}
		return n.hub.bus.Answer(to, n.message(wire.ServerSideAnswer{RequestID: request, Args: args}))
	}
}

var errAcked = errors.New("cluster: the event is answered already")

// Has implements Receiver.
func (n *node) Has(room adapter.Room) bool { return n.local != nil && n.Memory.Has(room) }

// Reached implements Receiver.
func (n *node) Reached(offset string) {
	if n.keeping != nil {
		n.inbox.add(job{0, func() { n.keeping.home.Reached(offset) }}) // if there is no room, the next one says more
	}
}

// Gap implements Receiver.
func (n *node) Gap(cause error) {
	if n.local == nil {
		return
	}
	n.hub.gap(Gap{n.namespace, cause})
}

// sizeOf returns what a message holds, about.
func sizeOf(m wire.Message) int {
	const overhead = 512
	args := func(a siowire.Args) int {
		size := a.Held()
		for i := range a.Len() {
			size += len(a.At(i))
		}
		for _, p := range a.Attachments {
			size += len(p)
		}
		return size
	}
	names := func(lists ...[]adapter.Room) (size int) {
		const header = 16
		for _, r := range slices.Concat(lists...) {
			size += len(r) + header
		}
		return size
	}
	switch b := m.Body.(type) {
	case wire.Broadcast:
		return overhead + args(b.Args) + names(b.Options.Rooms, b.Options.Except)
	case wire.ServerSide:
		return overhead + args(b.Args)
	case wire.ServerSideAnswer:
		return overhead + args(b.Args)
	case wire.Answer:
		return overhead + args(b.Args)
	case wire.Join:
		return overhead + names(b.Options.Rooms, b.Options.Except, b.Rooms)
	case wire.Leave:
		return overhead + names(b.Options.Rooms, b.Options.Except, b.Rooms)
	case wire.Sockets:
		const each = 1024
		return overhead + len(b.Sockets)*each
	case wire.TakenOver:
		if b.Session != nil {
			return overhead + len(b.Session.Data) + names(b.Session.Rooms)
		}
	}
	return overhead
}
