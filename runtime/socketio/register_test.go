// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/sockgen/sockgen/runtime/adapter"
)

// Whatever is registered with a parent reaches the children that there are, whoever
// made them, and those to come.
func TestAParentsHandlersReachItsChildren(t *testing.T) {
	heard := &ends{}
	var p *ParentNamespace
	r := newRig(t, Config{}, func(srv *Server) {
		p = srv.OfPattern(regexp.MustCompile("^/dyn"))
		p.OnConnect(func(_ context.Context, s *Socket) { heard.add("early") })
		srv.Of("/dyn-own").On("own", func(_ context.Context, _ *Socket, e *Event) { e.Ack("own") })
	})
	made := r.dial()
	made.join("/dyn-made")
	eventually(t, "OnConnect", func() bool { return heard.String() == "early" })
	heard.take()

	p.Use(func(_ context.Context, s *Socket) error {
		heard.add("use")
		if string(s.Handshake().Auth) == `{"no":1}` {
			return &ConnectError{Message: "late"}
		}
		return nil
	})
	p.OnConnect(func(context.Context, *Socket) { heard.add("connect") })
	p.OnUpgrade(func(context.Context, *Socket) { heard.add("upgrade") })
	p.On("e", func(_ context.Context, _ *Socket, e *Event) { heard.add("e"); e.Ack("e") })
	p.OnUnhandled(func(_ context.Context, _ *Socket, e *Event) { heard.add("unhandled"); e.Ack("unhandled") })
	p.OnDisconnecting(func(context.Context, *Socket, DisconnectReason) { heard.add("disconnecting") })
	p.OnDisconnect(func(context.Context, *Socket, DisconnectReason) { heard.add("disconnect") })
	p.OnServerSide("side", func(_ context.Context, e *ServerSideEvent) { heard.add("side") })

	// The socket that was there before.
	made.send(`42/dyn-made,1["e"]`, `42/dyn-made,2["f"]`)
	made.want(`43/dyn-made,1["e"]`, `43/dyn-made,2["unhandled"]`)
	if got := heard.take(); got != "e; unhandled" {
		t.Errorf("the old socket: %s", got)
	}
	for _, name := range []string{"/dyn-made", "/dyn-own", "/dyn-new"} {
		c := r.dial()
		c.send("40" + name + `,{"no":1}`)
		c.want("44" + name + `,{"message":"late"}`)
		id := c.join(name)
		n := r.namespaces[name]
		s, _ := n.Socket(id)
		s.upgraded()
		c.send("42"+name+`,1["e"]`, "42"+name+`,2["f"]`)
		c.want("43"+name+`,1["e"]`, "43"+name+`,2["unhandled"]`)
		local{n}.ServerSide(t.Context(), adapter.ServerSideEvent{Name: "side"})
		if name == "/dyn-own" {
			c.send("42" + name + `,3["own"]`)
			c.want("43" + name + `,3["own"]`)
		}
		c.send("41" + name + ",")
		eventually(t, "the end", func() bool { return strings.HasSuffix(heard.String(), "; disconnect") })
		if got := heard.take(); strings.Replace(got, "upgrade; ", "", 1) != "use; use; early; connect; e; unhandled; side; disconnecting; disconnect" || !strings.Contains(got, "upgrade") {
			t.Errorf("%s: %s", name, got)
		}
	}
}

// What cannot be right is refused, and changes no namespace.
func TestAParentsHandlersThatClash(t *testing.T) {
	srv := NewServer(Config{})
	defer srv.Shutdown(t.Context())
	p := srv.OfPattern(regexp.MustCompile("^/dyn"))
	f := func(context.Context, *Socket, *Event) {}
	srv.Of("/dyn1")
	srv.Of("/dyn2").On("taken", f)
	srv.Of("/dyn3").OnUnhandled(f)
	p.On("e", f)
	for name, register := range map[string]func(){
		`On("taken"): namespace /dyn2 has a handler`: func() { p.On("taken", f) },
		`OnUnhandled: namespace /dyn3 has a handler`: func() { p.OnUnhandled(f) },
		`On("e"): namespace`:                         func() { p.On("e", f) },
		`On("connect"): the name is reserved`:        func() { p.On("connect", f) },
	} {
		func() {
			defer func() {
				if text, _ := recover().(string); !strings.Contains(text, name) {
					t.Errorf("%s: %q", name, text)
				}
			}()
			register()
		}()
	}
	for _, n := range append(p.Children(), p.proto) {
		h := n.handlers.Load()
		if h.events["e"] == nil || (h.events["taken"] != nil) != (n.name == "/dyn2") || (h.unhandled != nil) != (n.name == "/dyn3") {
			t.Errorf("%s: %+v", n.name, h)
		}
	}
	p.On("free", f) // nothing is locked
}

// A child that is made while its parent is given a handler has it once.
func TestRegisteringWhileChildrenAreMade(t *testing.T) {
	srv := NewServer(Config{})
	defer srv.Shutdown(t.Context())
	p := srv.OfPattern(regexp.MustCompile("^/dyn"))
	const many = 200
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for j := range many {
				n := srv.Of("/dyn" + string(rune('a'+i)) + strings.Repeat("x", j%100))
				n.OnConnect(func(context.Context, *Socket) {})
			}
		})
	}
	wg.Go(func() {
		for range many {
			p.Use(func(context.Context, *Socket) error { return nil })
		}
	})
	wg.Wait()
	for _, n := range p.Children() {
		if got := len(n.handlers.Load().use); got != many {
			t.Errorf("%s has %d functions, want %d", n.name, got, many)
		}
	}
}
