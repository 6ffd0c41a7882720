// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"errors"
	"strings"
	"testing"
)

// A family is found by its path, and what is done to a child makes none.
func TestFamily(t *testing.T) {
	srv := NewServer(Config{Limits: Limits{ChildNamespaces: 2}})
	defer srv.Shutdown(t.Context())
	family := func(path string) *ParentNamespace {
		return srv.ofFamily(path, func(name string) bool { return strings.HasPrefix(name, "/a/") })
	}
	p := family("/a/{x}")
	if family("/a/{x}") != p || family("/a/{y}") == p || p.all().home().srv != srv {
		t.Error("a family is not known by its path")
	}
	own := srv.Of("/a/own")
	srv.OnNewNamespace(func(n *Namespace) { t.Errorf("%s was made", n.Name()) })
	for _, name := range []string{"/a/1", "/a/2", "/a/3", "/a/1"} {
		err := p.withChild(name, func(n *Namespace) error {
			if n.Name() != name || len(p.Children()) != 0 || n.srv != srv || len(n.Sockets()) != 0 {
				t.Errorf("child %s of %d", n.Name(), len(p.Children()))
			}
			return errors.Join(n.Emit(t.Context(), "e"), n.ServerSideEmit(t.Context(), "e"))
		})
		if err != nil {
			t.Error(err)
		}
	}
	if n := len(srv.Namespaces()); n != 1 || srv.dynamic != 0 {
		t.Errorf("%d namespaces stay, %d counted", n, srv.dynamic)
	}
	failed := errors.New("failed")
	if err := p.withChild("/a/1", func(*Namespace) error { return failed }); err != failed {
		t.Errorf("%v, want what the function returned", err)
	}
	for _, name := range []string{"", "a/1", "/a,b", "/a\n", "/" + strings.Repeat("a", 200), own.Name()} {
		if err := p.withChild(name, func(*Namespace) error { return nil }); err == nil || len(err.Error()) > 500 {
			t.Errorf("%q: %v", name, err)
		}
	}
	if own.users != 0 {
		t.Errorf("%d users of a namespace that is no child", own.users)
	}
}
