// SPDX-License-Identifier: Apache-2.0

package adapter

import (
	"context"
	"maps"
	"slices"
	"sync"
)

// InMemory is the [Factory] of a server without peers.
func InMemory(Environment) (Hub, error) { return memoryHub{}, nil }

type memoryHub struct{}

func (memoryHub) Open(_ string, local Local) (Adapter, error) { return NewMemory(local), nil }

func (memoryHub) Elsewhere(string) Reach { return NoNodes }

func (memoryHub) Close(context.Context) error { return nil }

// A Memory is the adapter of a single node, and what an adapter of several knows about
// its own. No operation looks at rooms other than those it names, and a socket that has
// joined none costs one map entry.
type Memory struct {
	local Local

	// mu guards what follows. It is a leaf: nothing is called under it, so whoever
	// calls a Memory may hold locks of its own.
	mu      sync.RWMutex
	sockets map[ID]map[Room]struct{} // the joined rooms without the own id; nil until the first
	rooms   map[Room]map[ID]struct{} // the sockets that joined; never empty
}

// NewMemory returns an adapter that keeps rooms in memory.
func NewMemory(local Local) *Memory {
	return &Memory{local: local, sockets: map[ID]map[Room]struct{}{}, rooms: map[Room]map[ID]struct{}{}}
}

// Add implements [Adapter]. Its error is nil.
func (m *Memory) Add(id ID, rooms ...Room) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	joined := m.sockets[id]
	if _, known := m.sockets[id]; !known {
		m.joinedLocked(id, Room(id))
	}
	for _, r := range rooms {
		if _, in := joined[r]; in || r == Room(id) {
			continue
		}
		m.joinedLocked(id, r)
		if joined == nil {
			joined = map[Room]struct{}{}
		}
		joined[r] = struct{}{}
		members := m.rooms[r]
		if members == nil {
			members = map[ID]struct{}{}
			m.rooms[r] = members
		}
		members[id] = struct{}{}
	}
	m.sockets[id] = joined
	return nil
}

// joinedLocked tells that a socket is about to be in a room that it was not in.
func (m *Memory) joinedLocked(id ID, r Room) {
	if !m.existsLocked(r) {
		m.local.RoomChanged(RoomEvent{Kind: RoomCreated, Room: r})
	}
	m.local.RoomChanged(RoomEvent{Kind: RoomJoined, Room: r, ID: id})
}

// leftLocked tells that a socket is no longer in a room.
func (m *Memory) leftLocked(id ID, r Room) {
	m.local.RoomChanged(RoomEvent{Kind: RoomLeft, Room: r, ID: id})
	if !m.existsLocked(r) {
		m.local.RoomChanged(RoomEvent{Kind: RoomDeleted, Room: r})
	}
}

// existsLocked reports whether anybody is in r, whose own room it may be.
func (m *Memory) existsLocked(r Room) bool {
	_, own := m.sockets[ID(r)]
	return own || m.rooms[r] != nil
}

// Remove implements [Adapter].
func (m *Memory) Remove(id ID, rooms ...Room) {
	m.mu.Lock()
	defer m.mu.Unlock()
	joined := m.sockets[id]
	for _, r := range rooms {
		if _, in := joined[r]; in {
			delete(joined, r)
			m.leaveLocked(id, r)
		}
	}
	if joined != nil && len(joined) == 0 {
		m.sockets[id] = nil
	}
}

func (m *Memory) leaveLocked(id ID, r Room) {
	members := m.rooms[r]
	delete(members, id)
	if len(members) == 0 {
		delete(m.rooms, r)
	}
	m.leftLocked(id, r)
}

// RemoveAll implements [Adapter].
func (m *Memory) RemoveAll(id ID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	joined, known := m.sockets[id]
	if !known {
		return
	}
	for r := range joined {
		m.leaveLocked(id, r)
	}
	delete(m.sockets, id)
	m.leftLocked(id, Room(id))
}

// Joined implements [Adapter].
func (m *Memory) Joined(id ID, room Room) bool {
	m.mu.RLock()
	defer m.mu.RUnlock()
	joined, known := m.sockets[id]
	_, in := joined[room]
	return in || known && room == Room(id)
}

// Has reports whether a socket of this node is in the room.
func (m *Memory) Has(room Room) bool {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.existsLocked(room)
}

// Rooms implements [Adapter].
func (m *Memory) Rooms(id ID) []Room {
	m.mu.RLock()
	defer m.mu.RUnlock()
	joined, known := m.sockets[id]
	if !known {
		return nil
	}
	rooms := make([]Room, 0, len(joined)+1)
	rooms = append(rooms, Room(id))
	for r := range joined {
		rooms = append(rooms, r)
	}
	slices.Sort(rooms)
	return rooms
}

// AllRooms returns the rooms that somebody is in, own rooms included, sorted.
func (m *Memory) AllRooms() []Room {
	m.mu.RLock()
	defer m.mu.RUnlock()
	all := make(map[Room]struct{}, len(m.sockets)+len(m.rooms))
	for id := range m.sockets {
		all[Room(id)] = struct{}{}
	}
	for r := range m.rooms {
		all[r] = struct{}{}
	}
	return slices.Sorted(maps.Keys(all))
}

// Members implements [Adapter].
func (m *Memory) Members(rooms ...Room) []ID {
	return m.targets(Options{All: len(rooms) == 0, Rooms: rooms})
}

// Broadcast implements [Adapter]. The sockets are those of the moment in which
// Deliver asks for them, and are served after the lock is free again.
func (m *Memory) Broadcast(_ context.Context, e Event, o Options) error {
	if o.Nobody() {
		return nil
	}
	m.local.Deliver(func(yield func(ID) bool) {
		s := snapshots.Get().(*snapshot)
		defer s.release()
		m.snapshot(s, o)
		for _, id := range s.ids {
			if !yield(id) {
				return
			}
		}
	}, e, o)
	return nil
}

// Close implements [Adapter]. There is nothing to end.
func (m *Memory) Close() error { return nil }

// A snapshot is the list of a broadcast's sockets.
type snapshot struct {
	ids  []ID
	seen map[ID]struct{} // those in ids; used when several rooms may overlap
}

var snapshots = sync.Pool{New: func() any { return &snapshot{seen: map[ID]struct{}{}} }}

// maxPooledIDs keeps one huge broadcast from occupying the pool for good.
const maxPooledIDs = 16 << 10

func (s *snapshot) release() {
	if cap(s.ids) > maxPooledIDs || len(s.seen) > maxPooledIDs {
		return
	}
	clear(s.ids)
	s.ids = s.ids[:0]
	clear(s.seen)
	snapshots.Put(s)
}

// snapshot fills s with the sockets that o means.
func (m *Memory) snapshot(s *snapshot, o Options) {
	rooms, except := o.Rooms, o.Except
	m.mu.RLock()
	defer m.mu.RUnlock()
	if o.All {
		s.ids = slices.Grow(s.ids, len(m.sockets))
		for id, joined := range m.sockets {
			if !exceptedLocked(id, joined, except) {
				s.ids = append(s.ids, id)
			}
		}
		return
	}
	for _, r := range rooms {
		// A socket's own room has no entry; others may still have joined that name.
		if joined, known := m.sockets[ID(r)]; known {
			s.add(ID(r), joined, except, true)
		}
		_, ownRoom := m.sockets[ID(r)]
		for id := range m.rooms[r] {
			s.add(id, m.sockets[id], except, len(rooms) > 1 || ownRoom)
		}
	}
}

func (s *snapshot) add(id ID, joined map[Room]struct{}, except []Room, overlap bool) {
	if exceptedLocked(id, joined, except) {
		return
	}
	if overlap {
		if _, twice := s.seen[id]; twice {
			return
		}
		s.seen[id] = struct{}{}
	}
	s.ids = append(s.ids, id)
}

// exceptedLocked looks the excepted rooms up among the socket's own, so that it
// takes no longer in a crowded room than in an empty one.
func exceptedLocked(id ID, joined map[Room]struct{}, except []Room) bool {
	for _, r := range except {
		if r == Room(id) {
			return true
		}
		if _, in := joined[r]; in {
			return true
		}
	}
	return false
}
