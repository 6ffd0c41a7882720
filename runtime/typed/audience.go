package typed

import (
	"context"
	"slices"

	"github.com/sockgen/sockgen/runtime/socketio"
)

// An Audience is some of the sockets that generated code knows as S: those in
// any of some rooms, or all of a namespace, less those that are excepted. It is a
// value that does not change; its methods return a narrower one.
type Audience[S any] struct {
	ns     *socketio.Namespace
	to     socketio.Broadcast
	rooms  []socketio.Room // none: all
	except []socketio.Room
}

// Everybody returns all sockets of n.
func Everybody[S any](n *socketio.Namespace) Audience[S] {
	return Audience[S]{ns: n, to: n.To()}
}

// Others returns all sockets of s's namespace but s.
func Others[S any](s *socketio.Socket) Audience[S] {
	return Everybody[S](s.Namespace()).Except(s.ID())
}

// nobody is a room that no generated code can join.
const nobody socketio.Room = "$nobody"

// In narrows a to the sockets in any of rooms. Without rooms that is nobody,
// where the runtime would emit to the whole namespace: an empty list of rooms
// must not become a broadcast to everybody.
func In[S any, R ~string](a Audience[S], rooms []R) Audience[S] {
	names := Rooms(rooms)
	if len(names) == 0 {
		names = []socketio.Room{nobody}
	}
	a.to = a.to.To(names...)
	a.rooms = slices.Concat(a.rooms, names)
	return a
}

// One narrows a to the socket with that id.
func (a Audience[S]) One(id socketio.ID) Audience[S] { return In(a, []socketio.ID{id}) }

// Except leaves out the sockets with these ids.
func (a Audience[S]) Except(ids ...socketio.ID) Audience[S] {
	names := Rooms(ids)
	a.to = a.to.Except(names...)
	a.except = slices.Concat(a.except, names)
	return a
}

// Local leaves out the sockets on other nodes.
func (a Audience[S]) Local() Audience[S] {
	a.to = a.to.Local()
	return a
}

// Volatile lets an event be lost where it cannot be written at once.
func (a Audience[S]) Volatile() Audience[S] {
	a.to = a.to.Volatile()
	return a
}

// Sockets returns the sockets of a that are connected to this node, in the
// order of their ids.
func (a Audience[S]) Sockets() []*S {
	var left map[socketio.ID]bool
	if len(a.except) > 0 {
		left = map[socketio.ID]bool{}
		for _, id := range a.ns.Members(a.except...) {
			left[id] = true
		}
	}
	var sockets []*S
	for _, id := range a.ns.Members(a.rooms...) {
		if left[id] {
			continue
		}
		if raw, ok := a.ns.Socket(id); ok {
			if s, ok := raw.Bound().(*S); ok {
				sockets = append(sockets, s)
			}
		}
	}
	return sockets
}

// Emit emits event with the arguments in e, which it takes over, to a.
func (a Audience[S]) Emit(ctx context.Context, event string, e Encoder) error {
	if err := e.usable(event); err != nil {
		return err
	}
	return a.to.EmitEncoded(ctx, event, e.args)
}
