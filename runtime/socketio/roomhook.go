// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"sync"

	"github.com/sockgen/sockgen/runtime/adapter"
)

// roomBacklog is how many changes of rooms may wait for the functions that hear of
// them. Then Join waits, so that clients that join and leave cannot run ahead for
// ever. What leaves is bounded by what has joined.
const roomBacklog = 16 << 10

// OnCreateRoom adds a function that is told when the first socket of this node joins
// a room. The room of a socket's own id counts too. The functions for rooms run one
// at a time and in the order of what happened, soon after it, in a goroutine of the
// namespace's own. One that wants to Join does so in a goroutine, since Join waits
// when the functions are far behind.
func (n *Namespace) OnCreateRoom(f func(room Room)) {
	n.onRoom(adapter.RoomCreated, func(room Room, _ ID) { f(room) })
}

// OnDeleteRoom adds a function that is told when the last socket of this node has
// left a room. See OnCreateRoom.
func (n *Namespace) OnDeleteRoom(f func(room Room)) {
	n.onRoom(adapter.RoomDeleted, func(room Room, _ ID) { f(room) })
}

// OnJoinRoom adds a function that is told when a socket has joined a room that it was
// not in. See OnCreateRoom.
func (n *Namespace) OnJoinRoom(f func(room Room, id ID)) { n.onRoom(adapter.RoomJoined, f) }

// OnLeaveRoom adds a function that is told when a socket has left a room. See
// OnCreateRoom.
func (n *Namespace) OnLeaveRoom(f func(room Room, id ID)) { n.onRoom(adapter.RoomLeft, f) }

func (n *Namespace) onRoom(kind adapter.RoomEventKind, f func(Room, ID)) {
	n.register(func(_ string, h *handlers) { h.rooms[kind] = with(h.rooms[kind], f) })
}

// roomEvents are the changes of rooms that a namespace's functions have not heard of.
type roomEvents struct {
	mu      sync.Mutex // guards what follows; a leaf
	queue   []adapter.RoomEvent
	running bool          // the goroutine that empties queue exists
	space   chan struct{} // closed when queue is shorter or done; nil when nobody waits
}

// RoomChanged implements adapter.Local.
func (l local) RoomChanged(e adapter.RoomEvent) {
	if len(l.ns.handlers.Load().rooms[e.Kind]) == 0 {
		return
	}
	r := &l.ns.rooms
	r.mu.Lock()
	defer r.mu.Unlock()
	r.queue = append(r.queue, e)
	if !r.running {
		r.running = true
		go l.ns.hearRooms()
	}
}

// hearRooms empties the queue. Shutdown waits for it.
func (n *Namespace) hearRooms() {
	finished := false
	defer func() {
		if !finished { // a function called runtime.Goexit
			go n.hearRooms()
		}
	}()
	defer n.contain("a room's function", "", &finished)
	for {
		e, ok := n.rooms.take()
		if !ok {
			finished = true
			return
		}
		call(n, "a room's function", e.ID, n.handlers.Load().rooms[e.Kind], func(f func(Room, ID)) { f(e.Room, e.ID) })
	}
}

// take returns the next event, false when the goroutine shall end.
func (r *roomEvents) take() (adapter.RoomEvent, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.space != nil {
		close(r.space)
		r.space = nil
	}
	if len(r.queue) == 0 {
		r.queue, r.running = nil, false
		return adapter.RoomEvent{}, false
	}
	e := r.queue[0]
	r.queue = r.queue[1:]
	return e, true
}

// idle reports whether nothing waits or runs.
func (r *roomEvents) idle() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return !r.running
}

// wait returns when at most backlog events wait, and with a negative one when the
// goroutine has ended. An error is that of ctx.
func (r *roomEvents) wait(ctx context.Context, backlog int) error {
	for {
		r.mu.Lock()
		if len(r.queue) <= backlog || !r.running {
			r.mu.Unlock()
			return nil
		}
		if r.space == nil {
			r.space = make(chan struct{})
		}
		space := r.space
		r.mu.Unlock()
		select {
		case <-space:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}
