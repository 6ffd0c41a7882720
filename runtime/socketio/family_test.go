package socketio

import (
	"errors"
	"strings"
	"testing"
)

// A family is found by its path, and a child lives as long as it is used.
func TestFamily(t *testing.T) {
	srv := NewServer(Config{CleanupEmptyChildNamespaces: true, Limits: Limits{ChildNamespaces: 2}})
	defer srv.Shutdown(t.Context())
	family := func(path string) *ParentNamespace {
		return srv.OfFamily(path, func(name string) bool { return strings.HasPrefix(name, "/a/") })
	}
	p := family("/a/{x}")
	if family("/a/{x}") != p || family("/a/{y}") == p || p.Clock() != srv.cfg.Clock {
		t.Error("a family is not known by its path")
	}
	own := srv.Of("/a/own")
	err := p.WithChild("/a/1", func(n *Namespace) error {
		if n.Name() != "/a/1" || len(p.Children()) != 1 || n.Clock() != srv.cfg.Clock {
			t.Errorf("child %s of %d", n.Name(), len(p.Children()))
		}
		return errors.Join(
			p.WithChild("/a/1", func(again *Namespace) error {
				if again != n {
					t.Error("another child of the same name")
				}
				return nil
			}),
			p.WithChild("/a/2", func(*Namespace) error {
				err := p.WithChild("/a/3", func(*Namespace) error { return nil })
				if !errors.Is(err, errTooManyNamespaces) {
					t.Errorf("beyond the limit: %v", err)
				}
				return nil
			}))
	})
	if err != nil {
		t.Error(err)
	}
	if n := len(p.Children()); n != 0 || srv.dynamic != 0 {
		t.Errorf("%d children stay, %d counted", n, srv.dynamic)
	}
	failed := errors.New("failed")
	if err := p.WithChild("/a/1", func(*Namespace) error { return failed }); err != failed {
		t.Errorf("%v, want what the function returned", err)
	}
	for _, name := range []string{"", "a/1", "/a,b", "/a\n", "/" + strings.Repeat("a", 200), own.Name()} {
		if err := p.WithChild(name, func(*Namespace) error { return nil }); err == nil || len(err.Error()) > 500 {
			t.Errorf("%q: %v", name, err)
		}
	}
	if own.users != 0 {
		t.Errorf("%d users of a namespace that is no child", own.users)
	}
}

// Without the clean-up a child that the application reached stays.
func TestFamilyStays(t *testing.T) {
	srv := NewServer(Config{})
	defer srv.Shutdown(t.Context())
	p := srv.OfFamily("/a/{x}", func(string) bool { return true })
	if err := p.WithChild("/a/1", func(*Namespace) error { return nil }); err != nil || len(p.Children()) != 1 {
		t.Errorf("%d children, %v", len(p.Children()), err)
	}
}
