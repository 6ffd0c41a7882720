package socketio

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/sockgen/sockgen/runtime/siowire"
)

// A ParentNamespace makes a namespace for each name that it accepts, when the first
// client asks for it. Its handlers are copied to each child as they are when the
// child is made, so they are registered before the server serves; broadcasts reach
// the sockets of all children.
type ParentNamespace struct {
	proto   *Namespace // carries the handlers; it has no adapter and no socket
	pattern *regexp.Regexp
	accept  func(ctx context.Context, name string, auth json.RawMessage) bool

	children map[string]*Namespace // guarded by Server.mu
}

// OfPattern returns a parent of all namespaces whose name, with its slash, matches
// pattern, which finds its match anywhere unless it is anchored. Of a name that
// several parents accept, the one that was made first gets the child (R172). There
// are at most Limits.ChildNamespaces, and no more when Limits.Namespaces is reached
// on a connection.
func (s *Server) OfPattern(pattern *regexp.Regexp) *ParentNamespace {
	return s.addParent(&ParentNamespace{pattern: pattern}, pattern.String())
}

// OfFunc returns a parent of all namespaces that accept accepts, of whose names no
// namespace exists. auth is that of the CONNECT packet, {} when it had none. accept
// runs in a goroutine of its own, and for different CONNECTs at once; ctx ends with
// the connection. A panic refuses. Whether a client may enter a namespace that exists
// is for Use to decide: accept is not asked about it.
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

// Use is [Namespace.Use] for the children to come; so are the other registrations.
func (p *ParentNamespace) Use(f ConnectFunc) { p.proto.Use(f) }

// OnConnect is [Namespace.OnConnect].
func (p *ParentNamespace) OnConnect(f func(ctx context.Context, s *Socket)) { p.proto.OnConnect(f) }

// OnUpgrade is [Namespace.OnUpgrade].
func (p *ParentNamespace) OnUpgrade(f func(ctx context.Context, s *Socket)) { p.proto.OnUpgrade(f) }

// OnDisconnecting is [Namespace.OnDisconnecting].
func (p *ParentNamespace) OnDisconnecting(f DisconnectFunc) { p.proto.OnDisconnecting(f) }

// OnDisconnect is [Namespace.OnDisconnect].
func (p *ParentNamespace) OnDisconnect(f DisconnectFunc) { p.proto.OnDisconnect(f) }

// On is [Namespace.On].
func (p *ParentNamespace) On(event string, f EventFunc) { p.proto.On(event, f) }

// OnUnhandled is [Namespace.OnUnhandled].
func (p *ParentNamespace) OnUnhandled(f EventFunc) { p.proto.OnUnhandled(f) }

// OnServerSide is [Namespace.OnServerSide].
func (p *ParentNamespace) OnServerSide(event string, f ServerSideFunc) {
	p.proto.OnServerSide(event, f)
}

// Children returns the namespaces that the parent has now, sorted by name.
func (p *ParentNamespace) Children() []*Namespace {
	p.proto.srv.mu.Lock()
	defer p.proto.srv.mu.Unlock()
	list := slices.Collect(maps.Values(p.children))
	slices.SortFunc(list, func(a, b *Namespace) int { return strings.Compare(a.name, b.name) })
	return list
}

func (p *ParentNamespace) all() Broadcast { return Broadcast{ns: p.proto, parent: p} }

// To returns a broadcast to the sockets in any of rooms of all children.
func (p *ParentNamespace) To(rooms ...Room) Broadcast { return p.all().To(rooms...) }

// In is another name for To.
func (p *ParentNamespace) In(rooms ...Room) Broadcast { return p.To(rooms...) }

// Except returns a broadcast to the sockets of all children that are in none of
// rooms.
func (p *ParentNamespace) Except(rooms ...Room) Broadcast { return p.all().Except(rooms...) }

// Local returns a broadcast to the sockets of this node.
func (p *ParentNamespace) Local() Broadcast { return p.all().Local() }

// Volatile returns a broadcast that may be dropped (R190).
func (p *ParentNamespace) Volatile() Broadcast { return p.all().Volatile() }

// Compress returns a broadcast that may, or may not, be compressed.
func (p *ParentNamespace) Compress(allowed bool) Broadcast { return p.all().Compress(allowed) }

// Emit sends an event to every socket of all children. See [Broadcast.Emit].
func (p *ParentNamespace) Emit(ctx context.Context, event string, args ...any) error {
	return p.all().Emit(ctx, event, args...)
}

// EmitEncoded is Emit with encoded arguments. See [Broadcast.EmitEncoded].
func (p *ParentNamespace) EmitEncoded(ctx context.Context, event string, args *siowire.Encoder) error {
	return p.all().EmitEncoded(ctx, event, args)
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

// acquire returns the namespace a client asked for, nil if there is none. A socket
// counts as its user until release.
func (s *Server) acquire(name string) *Namespace {
	s.mu.Lock()
	n := s.namespaces[name]
	if n != nil {
		n.users++
	}
	s.mu.Unlock()
	if n != nil {
		n.awaitIntroduction()
	}
	return n
}

// suitors returns the parents that may accept a name that no namespace has, and
// whether finding out may take long.
func (s *Server) suitors(name string) (parents []*ParentNamespace, slow bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.parents) == 0 || strings.ContainsFunc(name, notInNamespace) {
		return nil, false
	}
	return s.parents, slices.ContainsFunc(s.parents, func(p *ParentNamespace) bool { return p.accept != nil })
}

// adopt makes the namespace of the first of parents that accepts the name, nil if
// none does. It is acquired.
func (s *Server) adopt(ctx context.Context, parents []*ParentNamespace, name string, auth json.RawMessage) (*Namespace, error) {
	if auth == nil {
		auth = json.RawMessage("{}") // R159
	}
	for _, p := range parents {
		if !p.accepts(ctx, name, auth) {
			continue
		}
		n, hooks, err := s.acquireChild(p, name)
		if err != nil {
			return nil, err
		}
		n.introduce(hooks)
		n.awaitIntroduction() // another CONNECT may have made it
		return n, nil
	}
	return nil, nil
}

// acquireChild acquires the child of p, which accepts the name, and returns the
// functions that are to be told if it is new.
func (s *Server) acquireChild(p *ParentNamespace, name string) (n *Namespace, hooks []func(*Namespace), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n = s.namespaces[name]
	switch {
	case n != nil: // another CONNECT was faster (R172)
	case s.dynamic >= s.cfg.Limits.ChildNamespaces:
		s.cfg.Logger.Warn("socketio: no further child namespace", "limit", s.cfg.Limits.ChildNamespaces, "namespace", quoted(name))
		return nil, nil, errTooManyNamespaces
	default:
		n = s.childLocked(p, name)
		s.dynamic++
		hooks = s.newLocked(n)
	}
	n.users++
	return n, hooks, nil
}

// childLocked makes a child of p with its handlers. Server.mu is held.
func (s *Server) childLocked(p *ParentNamespace, name string) *Namespace {
	n := newNamespace(s, name)
	n.handlers.Store(p.proto.handlers.Load())
	n.parent = p
	p.children[name] = n
	s.namespaces[name] = n
	return n
}

// hold is acquire for a namespace at hand.
func (s *Server) hold(n *Namespace) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n.users++
}

// release undoes acquire. It removes the child namespace that the last user has left,
// if that is wanted.
func (s *Server) release(n *Namespace) {
	s.mu.Lock()
	n.users--
	if n.users > 0 || n.parent == nil || n.kept || s.namespaces[n.name] != n || s.recoveries.holds(n) || !s.cfg.CleanupEmptyChildNamespaces || s.adaptersClosed {
		s.mu.Unlock()
		return
	}
	delete(s.namespaces, n.name)
	delete(n.parent.children, n.name)
	s.dynamic--
	// Its room functions may still be at work, and shutdown waits for them.
	maps.DeleteFunc(s.leaving, func(n *Namespace, _ struct{}) bool { return n.rooms.idle() })
	s.leaving[n] = struct{}{}
	s.mu.Unlock()
	if n.log != nil {
		n.log.close()
	}
	if err := n.adapter.Close(); err != nil {
		s.cfg.Logger.Error("socketio: close the adapter of an empty namespace", "namespace", quoted(n.name), "cause", err.Error())
	}
}

// A decision is a CONNECT for a namespace that does not exist, while parents are
// asked about it.
type decision struct {
	namespace string
	cancel    context.CancelFunc
}

// decide asks parents about a CONNECT. It returns what the client did wrong.
func (c *conn) decide(parents []*ParentNamespace, p siowire.Packet) error {
	ctx, cancel := context.WithCancel(c.ctx)
	err := c.begin(p.Namespace, cancel)
	if err != nil {
		cancel()
		if err == errConnectionEnded {
			return nil
		}
		return err
	}
	go func() {
		defer c.decided(p.Namespace)
		ns, err := (*Namespace)(nil), error(nil)
		defer func() { c.enter(ns, err, p, true, 1) }() // also after runtime.Goexit
		ns, err = c.srv.adopt(ctx, parents, p.Namespace, p.Data)
	}()
	return nil
}

var errConnectionEnded = errors.New("the connection ended")

func (c *conn) begin(namespace string, cancel context.CancelFunc) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended.Load() {
		return errConnectionEnded
	}
	if c.joiningLocked(namespace) {
		return errSecondConnect
	}
	if err := c.crowdedLocked(0); err != nil {
		return err
	}
	c.decisions = append(c.decisions, decision{namespace, cancel})
	return nil
}

// joiningLocked reports whether a CONNECT for the namespace came before.
func (c *conn) joiningLocked(namespace string) bool {
	return slices.ContainsFunc(c.members, func(s *Socket) bool { return s.ns.name == namespace }) ||
		slices.ContainsFunc(c.decisions, func(d decision) bool { return d.namespace == namespace })
}

// decided drops the decision about a namespace.
func (c *conn) decided(namespace string) {
	c.mu.Lock()
	i := slices.IndexFunc(c.decisions, func(d decision) bool { return d.namespace == namespace })
	c.decisions[i].cancel()
	c.decisions = slices.Delete(c.decisions, i, i+1)
	c.releaseReaderLocked()
	last := c.idleLocked() && c.ended.Load()
	c.mu.Unlock()
	if last {
		c.srv.forget(c)
	}
}

// idleLocked reports whether no function of the application runs for the connection
// or will.
func (c *conn) idleLocked() bool { return len(c.live)+len(c.decisions) == 0 }
