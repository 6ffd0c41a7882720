// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"context"
	"slices"

	"github.com/sockgen/sockgen/runtime/socketio"
)

// An Audience is some of the sockets that generated code knows as S: those in
// any of some rooms, or all of a namespace, less those that are excepted. It is a
// value that does not change; its methods return a narrower one. The zero Audience
// belongs to no namespace: what is done with it fails with socketio.ErrZeroValue.
type Audience[S any] struct {
	home     home
	narrowed bool // to rooms, which may be none; otherwise all are meant
	rooms    []socketio.Room
	except   []socketio.Room
	local    bool
	volatile bool
	slow     socketio.SlowPolicy
}

// A home is where an audience is: a namespace, or the child of a parent that may
// not exist on this node at the moment.
type home struct {
	ns     *socketio.Namespace
	parent *socketio.ParentNamespace // nil unless a child is meant
	name   string                    // of the child
	err    error                     // why there can be no such child
}

// with calls f with the namespace.
func (h home) with(f func(*socketio.Namespace) error) error {
	switch {
	case h.err != nil:
		return h.err
	case h.parent != nil:
		return withChild(h.parent, h.name, f)
	case h.ns == nil:
		return socketio.ErrZeroValue
	}
	return f(h.ns)
}

// Everybody returns all sockets of n.
func Everybody[S any](n *socketio.Namespace) Audience[S] {
	return Audience[S]{home: home{ns: n}}
}

// EverybodyAt returns all sockets of the namespace that params name. Params that
// do not fit the schema make everything that is done with it fail.
func EverybodyAt[S any, P comparable](srv *socketio.Server, path *Path[P], params P) Audience[S] {
	name, err := path.Name(params)
	return Audience[S]{home: home{parent: path.Family(srv), name: name, err: err}}
}

// Others returns all sockets of s's namespace but s.
func Others[S any](s *socketio.Socket) Audience[S] {
	return Everybody[S](s.Namespace()).Except(s.ID())
}

// In narrows a to the sockets in any of rooms, those of an earlier call included.
// Without any that is nobody: an empty list of rooms must not become a broadcast to
// everybody.
func In[S any, R ~string](a Audience[S], rooms []R) Audience[S] {
	a.narrowed = true
	a.rooms = slices.Concat(a.rooms, Rooms(rooms))
	return a
}

// One narrows a to the socket with that id.
func (a Audience[S]) One(id socketio.ID) Audience[S] { return In(a, []socketio.ID{id}) }

// Except leaves out the sockets with these ids.
func (a Audience[S]) Except(ids ...socketio.ID) Audience[S] {
	a.except = slices.Concat(a.except, Rooms(ids))
	return a
}

// Local leaves out the sockets on other nodes.
func (a Audience[S]) Local() Audience[S] {
	a.local = true
	return a
}

// Volatile lets an event be lost where it cannot be written at once.
func (a Audience[S]) Volatile() Audience[S] {
	a.volatile = true
	return a
}

// Slow returns a with events that have the policy.
func (a Audience[S]) Slow(p socketio.SlowPolicy) Audience[S] {
	a.slow = p
	return a
}

// in returns a as the runtime takes it, in n.
func (a Audience[S]) in(n *socketio.Namespace) socketio.Broadcast {
	b := n.Except(a.except...)
	if a.narrowed {
		b = b.To(a.rooms...)
	}
	if a.local {
		b = b.Local()
	}
	if a.volatile {
		b = b.Volatile()
	}
	if a.slow != socketio.SlowQueue {
		b = b.Slow(a.slow)
	}
	return b
}

// do calls f with a as the runtime takes it.
func (a Audience[S]) do(f func(socketio.Broadcast) error) error {
	return a.home.with(func(n *socketio.Namespace) error { return f(a.in(n)) })
}

// take is do for an f that takes the arguments in e over. They are released when
// it cannot be called.
func (a Audience[S]) take(e Encoder, f func(socketio.Broadcast) error) error {
	taken := false
	err := a.do(func(b socketio.Broadcast) error {
		taken = true
		return f(b)
	})
	if !taken {
		e.args.Release()
	}
	return err
}

// ids returns the ids of this node's sockets in a, sorted.
func (a Audience[S]) ids() []socketio.ID {
	var ids []socketio.ID
	_ = a.home.with(func(n *socketio.Namespace) error { // without a namespace there is nobody
		if a.narrowed {
			ids = n.Members(a.rooms...)
		} else {
			for _, s := range n.Sockets() {
				ids = append(ids, s.ID())
			}
		}
		if len(a.except) == 0 || len(ids) == 0 {
			return nil
		}
		left := map[socketio.ID]bool{}
		for _, id := range n.Members(a.except...) {
			left[id] = true
		}
		ids = slices.DeleteFunc(ids, func(id socketio.ID) bool { return left[id] })
		return nil
	})
	return ids
}

// connected tells whether the socket with that id is connected to this node.
func (a Audience[S]) connected(id socketio.ID) (ok bool) {
	_ = a.home.with(func(n *socketio.Namespace) error {
		_, ok = n.Socket(id)
		return nil
	})
	return ok
}

// Sockets returns the sockets of a that are connected to this node, in the
// order of their ids.
func (a Audience[S]) Sockets() []*S {
	var sockets []*S
	_ = a.home.with(func(n *socketio.Namespace) error { // without a namespace there is nobody
		for _, id := range a.ids() {
			if raw, ok := n.Socket(id); ok {
				if b, ok := boundTo(raw).(*bound[S]); ok {
					sockets = append(sockets, b.socket)
				}
			}
		}
		return nil
	})
	return sockets
}

// Emit emits event with the arguments in e, which it takes over, to a.
func (a Audience[S]) Emit(ctx context.Context, event string, e Encoder) error {
	if err := e.usable(event); err != nil {
		return err
	}
	return a.take(e, func(b socketio.Broadcast) error { return emitToAll(b, ctx, event, e.args) })
}

// Disconnect takes the sockets of a out of their namespace, on all nodes. The
// connections beneath them stay. It does not wait for other nodes.
func (a Audience[S]) Disconnect(ctx context.Context) error {
	return a.do(func(b socketio.Broadcast) error { return b.DisconnectSockets(ctx) })
}

// Join adds the sockets of a to rooms, on all nodes. It returns the first error of
// this node's sockets and does not wait for other nodes.
func Join[S any, R ~string](ctx context.Context, a Audience[S], rooms []R) error {
	return a.do(func(b socketio.Broadcast) error { return b.SocketsJoin(ctx, Rooms(rooms)...) })
}

// Leave takes the sockets of a out of rooms, as [Join] adds them.
func Leave[S any, R ~string](ctx context.Context, a Audience[S], rooms []R) error {
	return a.do(func(b socketio.Broadcast) error { return b.SocketsLeave(ctx, Rooms(rooms)...) })
}

// Fetch describes the sockets of a, on all nodes, each as wrap makes it. With an
// error it returns those of the nodes that did answer.
func Fetch[S, R any](ctx context.Context, a Audience[S], wrap func(Remote) R) ([]R, error) {
	var sockets []R
	err := a.do(func(b socketio.Broadcast) error {
		list, err := b.FetchSockets(ctx)
		for _, raw := range list {
			sockets = append(sockets, wrap(Remote{raw}))
		}
		return err
	})
	return sockets, err
}
