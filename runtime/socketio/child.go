// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/sockgen/sockgen/runtime/internal/forward"
	"github.com/sockgen/sockgen/runtime/internal/guard"
)

// This file is the life of a child namespace. It is made for a CONNECT and goes with
// the last socket that uses it. Whoever kept a pointer to it then reaches the child
// that has come in its place, or without one the other nodes.

// A lease keeps what a child needs, its adapter above all, while calls are under way
// that began before the child went.
type lease struct {
	mu    sync.Mutex // guards what follows; a leaf
	calls int
	over  bool // the child has gone
}

// take begins a call, unless the child has gone.
func (l *lease) take() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.over {
		l.calls++
	}
	return !l.over
}

// give ends a call. It reports whether it was the last one of a child that has gone.
func (l *lease) give() (last bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.calls--
	return l.over && l.calls == 0
}

// end lets no call begin any more. It reports whether none is under way.
func (l *lease) end() (idle bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.over = true
	return l.calls == 0
}

func (l *lease) ended() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.over
}

// reach calls f with n, or with what has taken its place if n is a child that has
// gone.
func (n *Namespace) reach(f func(n *Namespace) error) error {
	switch {
	case n.parent == nil:
		return f(n)
	case n.lease.take():
		defer n.hand()
		return f(n)
	}
	return n.parent.reachChild(n.name, f)
}

// hand gives the lease back.
func (n *Namespace) hand() {
	if n.lease.give() {
		n.dispose()
	}
}

// present returns n, or the child in whose place it came if n has gone: the one to
// ask about this node's sockets.
func (n *Namespace) present() *Namespace {
	if n.parent == nil || !n.lease.ended() {
		return n
	}
	n.srv.mu.Lock()
	defer n.srv.mu.Unlock()
	if now := n.srv.namespaces[n.name]; now != nil && now.parent == n.parent {
		return now
	}
	return n
}

// reachChild calls f with the child of that name. If this node has none, f gets a
// namespace without sockets that reaches those of the other nodes and that nobody else
// will find.
func (p *ParentNamespace) reachChild(name string, f func(n *Namespace) error) error {
	s := p.proto.srv
	s.mu.Lock()
	n, down := s.namespaces[name], s.adaptersClosed
	if n != nil && n.parent == p {
		n.lease.take() // it has not gone: that happens under Server.mu
	}
	s.mu.Unlock()
	switch {
	case n == nil:
		n = newProto(s, name)
		n.parent = p
		if err := n.openElsewhere(down); err != nil {
			return err
		}
		defer n.retire()
	case n.parent != p:
		return fmt.Errorf("socketio: namespace %s is no child of this parent: it was made on its own before", quoted(name))
	default:
		defer n.hand()
	}
	return f(n)
}

// retire has a child that nobody finds any more dispose of its adapter, when the last
// call that uses it has returned.
func (n *Namespace) retire() {
	if n.lease.end() {
		n.dispose()
	}
}

func (n *Namespace) dispose() {
	if n.log != nil {
		n.log.close()
	}
	if err := n.adapter.Close(); err != nil {
		n.srv.cfg.Logger.Error("socketio: close the adapter of an empty namespace", "namespace", quoted(n.name), "cause", report(guard.Text(err)))
	}
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
	if len(s.parents) == 0 || strings.ContainsFunc(name, notInNamespace) || s.forward != nil && name == forward.Namespace {
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
		n, hooks, err := s.obtain(wish{name, p})
		switch {
		case err == errTooManyNamespaces:
			return nil, err
		case err != nil:
			return nil, errUnavailable
		}
		n.introduce(hooks)
		n.awaitIntroduction() // another CONNECT may have made it
		return n, nil
	}
	return nil, nil
}

// vacated looks whether a namespace may go that nobody may come back to any more.
func (s *Server) vacated(n *Namespace) {
	s.mu.Lock()
	n.users++
	s.mu.Unlock()
	s.release(n)
}

// release undoes acquire. The child namespace that the last user has left goes.
func (s *Server) release(n *Namespace) {
	s.mu.Lock()
	n.users--
	if n.users > 0 || n.parent == nil || n.kept || s.namespaces[n.name] != n || s.recoveries.holds(n) || s.adaptersClosed {
		s.mu.Unlock()
		return
	}
	delete(s.namespaces, n.name)
	delete(n.parent.children, n.name)
	s.dynamic--
	// Its room functions may still be at work, and shutdown waits for them.
	maps.DeleteFunc(s.leaving, func(n *Namespace, _ struct{}) bool { return n.rooms.idle() })
	if !n.rooms.idle() {
		s.leaving[n] = struct{}{}
	}
	idle := n.lease.end()
	s.mu.Unlock()
	if idle {
		n.dispose()
	}
}
