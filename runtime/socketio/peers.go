// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/internal/guard"
	"github.com/sockgen/sockgen/runtime/siowire"
)

// This file is how a server and its namespaces get what joins them to other nodes. All
// of that may be the application's, so no lock is held meanwhile.

// connectHub makes the server's hub.
func (s *Server) connectHub() error {
	env := adapter.Environment{
		Gap:    s.busGap,
		Logger: s.cfg.Logger, Clock: hubClock{s.cfg.Clock},
		Limits: adapter.Limits{Packet: s.cfg.Limits.Packet, Rooms: s.cfg.Limits.Rooms, RoomBytes: s.cfg.Limits.RoomBytes},
	}
	if s.cfg.Recovery != nil {
		env.Recovery = s.cfg.Recovery.MaxDisconnectionDuration
	}
	hub, err := s.cfg.Adapter(env)
	if err != nil {
		return fmt.Errorf("Config.Adapter: %w", err)
	}
	s.hub = hub
	return nil
}

// A hubClock is the server's clock in the words of package adapter.
type hubClock struct{ clock Clock }

// Now implements adapter.Clock.
func (c hubClock) Now() time.Time { return c.clock.Now() }

// AfterFunc implements adapter.Clock.
func (c hubClock) AfterFunc(d time.Duration, f func()) func() bool {
	return c.clock.AfterFunc(d, f).Stop
}

// open gives a new namespace its adapter. With an error it has one that keeps rooms in
// memory, so that this node's sockets are served.
func (n *Namespace) open(down bool) error {
	if down {
		n.adapter = adapter.NewMemory(local{n}) // nothing leaves this node any more
		return nil
	}
	a, err := adapter.Adapter(nil), errAdapter
	n.apart("Config.Adapter", "", func() { a, err = n.srv.hub.Open(n.name, local{n}) })
	if a == nil && err == nil {
		err = errAdapter
	}
	if err != nil {
		n.srv.cfg.Logger.Error("socketio: the adapter of a namespace could not be made", "namespace", quoted(n.name), "cause", report(guard.Text(err)))
		n.adapter = alone{adapter.NewMemory(local{n}), err}
		return err
	}
	n.adapter = a
	if keeper, keeps := a.(adapter.Keeper); keeps && n.log != nil {
		n.shared, n.log = &sharedLog{ns: n, keeper: keeper}, nil
	}
	if _, ours := a.(*adapter.Memory); !ours {
		n.adapter = contained{a, n}
	}
	return nil
}

// An alone adapter is that of a namespace whose own could not be made.
type alone struct {
	*adapter.Memory
	cause error
}

// Broadcast implements adapter.Adapter, as the other methods do: this node's sockets are
// served, and the error says that no others were.
func (a alone) Broadcast(ctx context.Context, e adapter.Event, o adapter.Options) error {
	return a.unlessLocal(o, a.Memory.Broadcast(ctx, e, o))
}

func (a alone) BroadcastWithAck(ctx context.Context, e adapter.Event, o adapter.Options, answer func(Answer) bool) ([]ID, error) {
	missing, err := a.Memory.BroadcastWithAck(ctx, e, o, answer)
	return missing, a.unlessLocal(o, err)
}

func (a alone) AddSockets(ctx context.Context, o adapter.Options, rooms ...Room) error {
	return a.unlessLocal(o, a.Memory.AddSockets(ctx, o, rooms...))
}

func (a alone) RemoveSockets(ctx context.Context, o adapter.Options, rooms ...Room) error {
	return a.unlessLocal(o, a.Memory.RemoveSockets(ctx, o, rooms...))
}

func (a alone) DisconnectSockets(ctx context.Context, o adapter.Options, closeConnection bool) error {
	return a.unlessLocal(o, a.Memory.DisconnectSockets(ctx, o, closeConnection))
}

func (a alone) FetchSockets(ctx context.Context, o adapter.Options) ([]adapter.Description, error) {
	list, err := a.Memory.FetchSockets(ctx, o)
	return list, a.unlessLocal(o, err)
}

func (a alone) ServerSideEmit(context.Context, adapter.Event) error { return a.cause }

func (a alone) ServerSideEmitWithAck(context.Context, adapter.Event, adapter.Options) ([]siowire.Args, error) {
	return nil, a.cause
}

func (a alone) ServerCount(context.Context) (int, error) { return 1, a.cause }

func (a alone) unlessLocal(o adapter.Options, err error) error {
	if err == nil && !o.Local {
		return a.cause
	}
	return err
}

// An elsewhere adapter is that of a namespace that is not on this node. Nobody joins it.
type elsewhere struct {
	adapter.Reach
	*nobodyHere
}

// nobodyHere is what an adapter without sockets knows of rooms.
type nobodyHere struct{}

func (*nobodyHere) Add(ID, ...Room) error { return errAdapter }
func (*nobodyHere) Remove(ID, ...Room)    {}
func (*nobodyHere) RemoveAll(ID)          {}
func (*nobodyHere) Joined(ID, Room) bool  { return false }
func (*nobodyHere) Rooms(ID) []Room       { return nil }
func (*nobodyHere) Members(...Room) []ID  { return nil }
func (*nobodyHere) Close() error          { return nil }

// openElsewhere gives a namespace that is not on this node what reaches the others.
func (n *Namespace) openElsewhere(down bool) error {
	reach := adapter.NoNodes
	if !down && !n.apart("Config.Adapter", "", func() { reach = n.srv.hub.Elsewhere(n.name) }) {
		return errAdapter
	}
	n.adapter = elsewhere{Reach: reach}
	return nil
}

// A wish is that for a namespace of a name, which is made if it is not there.
type wish struct {
	name   string
	parent *ParentNamespace // of the CONNECT that wants it; nil when the application does, with Of
}

// obtain returns the namespace of that name, or makes it. Where several want it at once
// one of them makes it, and the others wait. hooks are the functions that are to be told
// of a new one.
func (s *Server) obtain(w wish) (n *Namespace, hooks []func(*Namespace), err error) {
	for {
		s.mu.Lock()
		if n := s.namespaces[w.name]; n != nil {
			s.useLocked(n, w)
			s.mu.Unlock()
			return n, nil, nil
		}
		if made := s.making[w.name]; made != nil {
			s.mu.Unlock()
			<-made
			continue
		}
		n, err := s.beginLocked(w)
		down := s.adaptersClosed
		s.mu.Unlock()
		if err != nil {
			return nil, nil, err
		}
		err = n.open(down)
		return s.finishMaking(n, w, down, err)
	}
}

// useLocked counts whoever wanted a namespace as its user. Server.mu is held, and n was
// there or is new.
func (s *Server) useLocked(n *Namespace, w wish) {
	if w.parent != nil {
		n.users++
		return
	}
	if n.parent != nil && !n.kept && s.namespaces[n.name] == n {
		s.dynamic--
	}
	n.kept = true
}

// beginLocked makes the namespace without its adapter, and has others wait for it.
// Server.mu is held.
func (s *Server) beginLocked(w wish) (*Namespace, error) {
	n := newNamespace(s, w.name)
	n.parent = w.parent
	if w.parent != nil {
		if s.dynamic >= s.cfg.Limits.ChildNamespaces {
			s.quiet.Write(context.Background(), slog.LevelWarn, "children", "socketio: no further child namespace", "limit", s.cfg.Limits.ChildNamespaces, "namespace", quoted(w.name))
			return nil, errTooManyNamespaces
		}
		s.dynamic++
	} else if i := slices.IndexFunc(s.parents, func(p *ParentNamespace) bool { return p.matches(w.name) }); i >= 0 {
		n.parent = s.parents[i]
	}
	if n.parent != nil {
		n.handlers.Store(n.parent.proto.handlers.Load())
	}
	s.making[w.name] = make(chan struct{})
	return n, nil
}

// finishMaking lets a new namespace be found, unless it is a client's and err says that
// its adapter could not be made.
func (s *Server) finishMaking(n *Namespace, w wish, down bool, err error) (*Namespace, []func(*Namespace), error) {
	s.mu.Lock()
	close(s.making[n.name])
	delete(s.making, n.name)
	if err != nil && w.parent != nil {
		s.dynamic--
		s.mu.Unlock()
		return nil, nil, err
	}
	var stale adapter.Adapter
	if s.adaptersClosed && !down { // a moment ago
		stale, n.adapter = n.adapter, adapter.NewMemory(local{n})
	}
	if n.parent != nil {
		n.handlers.Store(n.parent.proto.handlers.Load()) // which may have changed
		n.parent.children[n.name] = n
	}
	s.useLocked(n, w)
	s.namespaces[n.name] = n
	hooks := s.newLocked(n)
	s.mu.Unlock()
	if stale != nil {
		_ = stale.Close() // whose error Shutdown can tell nobody any more
	}
	return n, hooks, nil
}

// awaitMaking waits until no adapter is being made, or ctx ends.
func (s *Server) awaitMaking(ctx context.Context) error {
	s.mu.Lock()
	making := maps.Clone(s.making)
	s.mu.Unlock()
	for name, made := range making {
		select {
		case <-made:
		case <-ctx.Done():
			return fmt.Errorf("socketio: shutdown: still running: Config.Adapter for %s: %w", name, ctx.Err())
		}
	}
	return nil
}

// closeAdapters ends what the adapters and their hub run. It returns the first error.
func (s *Server) closeAdapters(ctx context.Context, err error) error {
	s.mu.Lock()
	again := s.adaptersClosed
	s.adaptersClosed = true // those that are made from now on are in memory
	s.mu.Unlock()
	if again {
		return err
	}
	if e := s.awaitMaking(ctx); err == nil {
		err = e
	}
	for _, n := range s.Namespaces() {
		if e := n.adapter.Close(); e != nil && err == nil {
			err = fmt.Errorf("socketio: close the adapter of %s: %w", n.name, e)
		}
	}
	if e := s.closeForward(); e != nil && err == nil {
		err = e
	}
	e := errAdapter
	s.guard.Apart(func() { e = s.hub.Close(ctx) }, "function", "Config.Adapter")
	if e != nil && err == nil {
		err = fmt.Errorf("socketio: close Config.Adapter: %w", e)
	}
	return err
}
