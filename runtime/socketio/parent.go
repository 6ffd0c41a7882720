// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
)

// A ParentNamespace makes a namespace for each name that it accepts, when the first
// client asks for it. Such a child is removed with its last socket, unless the application
// took it with [Server.Of], and is made again for the next client. All children have the
// handlers of their parent. Give a child more in [Server.OnNewNamespace], since that is
// removed with it. Broadcasts reach the sockets of all children on this node.
type ParentNamespace struct {
	proto   *Namespace // carries the handlers; it has no adapter and no socket
	pattern *regexp.Regexp
	accept  func(ctx context.Context, name string, auth json.RawMessage) bool

	children map[string]*Namespace // guarded by Server.mu
}

// OfPattern returns a parent of all namespaces whose name, with its slash, matches
// pattern. Anchor the pattern with ^ and $, or it may match anywhere in a name. When
// several parents accept a name, the first one made gets the child. Limits.ChildNamespaces
// bounds the children, and Limits.Namespaces those of one connection.
func (s *Server) OfPattern(pattern *regexp.Regexp) *ParentNamespace {
	return s.addParent(&ParentNamespace{pattern: pattern}, pattern.String())
}

// OfFunc returns a parent of all namespaces whose names accept accepts. accept is asked
// about names of which there is no namespace yet; use Use to decide who may enter. auth is
// that of the CONNECT packet, {} when it had none. accept runs in a goroutine of its own,
// for several CONNECTs at the same time; a panic refuses. ctx ends with the connection, or
// with the cause [ErrReplaced] when the client sends another CONNECT.
func (s *Server) OfFunc(accept func(ctx context.Context, name string, auth json.RawMessage) bool) *ParentNamespace {
	return s.addParent(&ParentNamespace{accept: accept}, "OfFunc")
}

func (s *Server) addParent(p *ParentNamespace, name string) *ParentNamespace {
	p.proto = newProto(s, name)
	p.children = map[string]*Namespace{}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.parents = with(s.parents, p)
	return p
}

// register changes the handlers of the children that there are and of those to come. A
// change that panics for one of them changes none.
func (p *ParentNamespace) register(change handlerChange) {
	p.proto.srv.mu.Lock() // so that no child is made meanwhile
	defer p.proto.srv.mu.Unlock()
	all := append(slices.Collect(maps.Values(p.children)), p.proto)
	changed := make([]*handlers, len(all))
	for i, n := range all {
		n.registering.Lock()
		defer n.registering.Unlock()
		changed[i] = n.changedLocked(change)
	}
	for i, n := range all {
		n.handlers.Store(changed[i])
	}
}

// Use is [Namespace.Use] for all children, those that there are and those to come; so
// are the other registrations.
func (p *ParentNamespace) Use(f ConnectFunc) { p.register(addUse(f)) }

// OnConnect is [Namespace.OnConnect].
func (p *ParentNamespace) OnConnect(f func(ctx context.Context, s *Socket)) {
	p.register(addConnect(f))
}

// OnUpgrade is [Namespace.OnUpgrade].
func (p *ParentNamespace) OnUpgrade(f func(ctx context.Context, s *Socket)) {
	p.register(addUpgrade(f))
}

// OnDisconnecting is [Namespace.OnDisconnecting].
func (p *ParentNamespace) OnDisconnecting(f DisconnectFunc) { p.register(addDisconnecting(f)) }

// OnDisconnect is [Namespace.OnDisconnect].
func (p *ParentNamespace) OnDisconnect(f DisconnectFunc) { p.register(addDisconnect(f)) }

// On is [Namespace.On]. It panics also when a child has a handler of its own for the
// event: one of the two would never be called there.
func (p *ParentNamespace) On(event string, f EventFunc) {
	p.register(setEvent(event, f))
	p.proto.srv.words.add(event)
}

// OnUnhandled is [Namespace.OnUnhandled]. It panics also when a child has one of its
// own.
func (p *ParentNamespace) OnUnhandled(f EventFunc) { p.register(setUnhandled(f)) }

// OnServerSide is [Namespace.OnServerSide].
func (p *ParentNamespace) OnServerSide(event string, f ServerSideFunc) {
	p.register(addServerSide(event, f))
}

// Children returns the namespaces that the parent has now, sorted by name.
func (p *ParentNamespace) Children() []*Namespace {
	p.proto.srv.mu.Lock()
	defer p.proto.srv.mu.Unlock()
	return sortedByName(p.children)
}

func (p *ParentNamespace) all() Broadcast { return Broadcast{ns: p.proto, parent: p} }

// To returns a broadcast to the sockets in any of rooms of all children, without rooms
// to nobody.
func (p *ParentNamespace) To(rooms ...Room) Broadcast { return p.all().To(rooms...) }

// In is another name for To.
func (p *ParentNamespace) In(rooms ...Room) Broadcast { return p.To(rooms...) }

// Except returns a broadcast to the sockets of all children that are in none of
// rooms.
func (p *ParentNamespace) Except(rooms ...Room) Broadcast { return p.all().Except(rooms...) }

// Local returns a broadcast to the sockets of this node.
func (p *ParentNamespace) Local() Broadcast { return p.all().Local() }

// Volatile is [Namespace.Volatile].
func (p *ParentNamespace) Volatile() Broadcast { return p.all().Volatile() }

// Slow returns a broadcast whose events have the policy.
func (p *ParentNamespace) Slow(policy SlowPolicy) Broadcast { return p.all().Slow(policy) }

// Uncompressed returns a broadcast that is not compressed.
func (p *ParentNamespace) Uncompressed() Broadcast { return p.all().Uncompressed() }

// Emit sends an event to every socket of all children. See [Broadcast.Emit].
func (p *ParentNamespace) Emit(ctx context.Context, event string, args ...any) error {
	return p.all().Emit(ctx, event, args...)
}

// matches reports whether the parent accepts a name without being asked.
func (p *ParentNamespace) matches(name string) bool {
	return p.pattern != nil && p.pattern.MatchString(name)
}

// accepts asks the parent about a name.
func (p *ParentNamespace) accepts(ctx context.Context, name string, auth json.RawMessage) (ok bool) {
	if p.pattern != nil {
		return p.matches(name)
	}
	p.proto.guard("OfFunc", func() { ok = p.accept(ctx, name, auth) })
	return ok
}
