// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"encoding/json"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

// The event new_namespace, for what Of makes and for the children of parents,
// whichever way their clients come.
func TestOnNewNamespace(t *testing.T) {
	heard := &ends{}
	r := newRig(t, Config{}, func(srv *Server) {
		srv.Of("/before")
		srv.OnNewNamespace(func(n *Namespace) {
			heard.add(n.Name())
			if n.Name() == "/a" {
				srv.Of("/nested")
				srv.Of("/a") // exists
			}
			n.On("who", func(_ context.Context, _ *Socket, e *Event) { e.Ack(n.Name()) })
		})
		srv.OnNewNamespace(func(n *Namespace) { heard.add("again " + n.Name()) })
		srv.OfPattern(regexp.MustCompile("^/p"))
		srv.OfFunc(func(_ context.Context, name string, _ json.RawMessage) bool { return strings.HasPrefix(name, "/f") })
		srv.Of("/")
		srv.Of("/before")
		srv.Of("/a")
		srv.Of("/a")
		srv.Of("/p1")
	})
	c := r.dial()
	for _, name := range []string{"/a", "/p1", "/p2", "/f1"} {
		c.join(name)
		c.send("42" + name + `,7["who"]`)
		c.want("43" + name + `,7["` + name + `"]`)
	}
	c.send("40/x,")
	c.want(`44/x,{"message":"Invalid namespace"}`)
	want := "/a; /nested; again /nested; again /a; /p1; again /p1; /alive; again /alive; /p2; again /p2; /f1; again /f1"
	if got := heard.String(); got != want {
		t.Errorf("heard %s, want %s", got, want)
	}
}

// Clients that ask for a new child at once find the handlers that the function
// registers, also while it takes long; and one that fails locks nobody out.
func TestOnNewNamespaceComesBeforeItsClients(t *testing.T) {
	gate, entered := make(chan struct{}), make(chan struct{}, 1)
	r := newRig(t, Config{}, func(srv *Server) {
		srv.OnNewNamespace(func(n *Namespace) {
			switch n.Name() {
			case "/slow":
				entered <- struct{}{}
				<-gate
			case "/panics":
				panic("oops")
			case "/exits":
				runtime.Goexit()
			}
			n.On("who", func(_ context.Context, _ *Socket, e *Event) { e.Ack(n.Name()) })
		})
		srv.OfPattern(regexp.MustCompile("^/(slow|panics|exits)$"))
	})
	first, second := r.dial(), r.dial()
	first.send("40/slow,")
	within(t, entered, "the function")
	second.send("40/slow,")
	close(gate)
	for _, c := range []*client{first, second} {
		c.want(`40/slow,{"sid":"<SID>"}`)
		c.send(`42/slow,1["who"]`)
		c.want(`43/slow,1["/slow"]`)
	}
	first.join("/panics")
	first.join("/exits")
	first.wantOpen()
	if n := r.Stats().Panics; n != 2 { // the other one called runtime.Goexit
		t.Errorf("%d panics counted", n)
	}
}
