// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
)

// ofFamily returns the parent that is known by path, which begins with a slash. The
// first call makes it, of all namespaces whose names accept accepts; later ones find
// it, and their accept is not used. accept must not block; otherwise it is as with
// [Server.OfFunc].
func (s *Server) ofFamily(path string, accept func(name string) bool) *ParentNamespace {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.parents {
		if p.accept != nil && p.proto.name == path { // those of OfFunc have a name without a slash
			return p
		}
	}
	p := &ParentNamespace{accept: func(_ context.Context, name string, _ json.RawMessage) bool { return accept(name) }}
	p.proto, p.children = newProto(s, path), map[string]*Namespace{}
	s.parents = with(s.parents, p)
	return p
}

// withChild calls f with the child of that name, which the parent must accept. When no
// socket of this node is in it, f gets a namespace that reaches those of the other nodes
// and that is made for f alone: nothing of it stays, no client finds it, and
// OnNewNamespace's functions do not hear of it. withChild returns f's error, or one of
// its own when there cannot be such a child.
func (p *ParentNamespace) withChild(name string, f func(n *Namespace) error) error {
	s := p.proto.srv
	if most := s.cfg.Limits.Packet.NamespaceBytes; len(name) > most || !strings.HasPrefix(name, "/") || strings.ContainsFunc(name, notInNamespace) {
		return fmt.Errorf("socketio: namespace %s: a name begins with a slash and has at most %d bytes, and neither commas nor control characters", quoted(name), most)
	}
	return p.reachChild(name, f)
}
