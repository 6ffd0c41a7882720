// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/sockgen/sockgen/runtime/siowire"
)

// S-02: every packet type in every state of a namespace. What closes the connection
// never reaches a handler; what does not leaves it usable.
func TestPacketsInEveryState(t *testing.T) {
	packets := []struct{ name, text string }{
		{"connect", "40%"}, {"disconnect", "41%"}, {"event", `42%["x"]`}, {"ack", "43%0[]"},
		{"connect error", `44%{"message":"x"}`}, {"binary event", `451-%["x",` + ph0 + `]`}, {"binary ack", "461-%0[" + ph0 + "]"},
	}
	states := []struct {
		name  string
		enter func(t *testing.T, r *rig, c *client, namespace string)
		open  []string // what does not close the connection
	}{
		{"never joined", func(*testing.T, *rig, *client, string) {}, []string{"connect"}},
		{"joined", func(_ *testing.T, _ *rig, c *client, namespace string) { c.join(namespace) },
			[]string{"disconnect", "event", "ack", "binary event", "binary ack"}},
		{"left", func(_ *testing.T, _ *rig, c *client, namespace string) {
			c.join(namespace)
			c.send(packet("41%", namespace))
		}, []string{"connect"}},
		{"closed by the server", func(t *testing.T, r *rig, c *client, namespace string) {
			s, ok := r.Of(namespace).Socket(c.join(namespace))
			if !ok {
				t.Fatal("no socket")
			}
			s.Disconnect()
			c.want(packet("41%", namespace))
		}, []string{"connect", "disconnect", "event", "ack", "binary event", "binary ack"}},
		{"after the refusal of another", func(_ *testing.T, _ *rig, c *client, namespace string) {
			c.send("40/refused,")
			c.want(`44/refused,{"message":"no"}`)
		}, []string{"connect"}},
	}
	for _, namespace := range []string{"/", "/chat"} {
		for _, state := range states {
			for _, p := range packets {
				t.Run(namespace+" "+state.name+" "+p.name, func(t *testing.T) {
					r := newRig(t, Config{}, func(srv *Server) {
						srv.Of(namespace)
						srv.Of("/refused").Use(func(context.Context, *Socket) error { return &ConnectError{Message: "no"} })
					})
					c := r.dial()
					state.enter(t, r, c, namespace)
					c.send(packet(p.text, namespace))
					open := slices.Contains(state.open, p.name)
					if p.text[1] > '4' && open {
						c.send("<00>")
					}
					switch {
					case !open:
						c.want("closed")
					case p.name == "connect":
						c.want(packet("40%", namespace) + `{"sid":"<SID>"}`)
						c.wantOpen()
					default:
						c.wantOpen()
					}
				})
			}
		}
	}
}

// connections that come and go, in every way, leave nothing behind.
func TestNothingIsLeftBehind(t *testing.T) {
	var accepted, ended atomic.Int32
	r := newRig(t, Config{}, func(srv *Server) {
		n := srv.Of("/")
		n.Use(func(_ context.Context, s *Socket) error { return s.Join("room", Room("own:"+s.ID())) })
		n.OnConnect(func(ctx context.Context, s *Socket) { accepted.Add(1) })
		n.OnDisconnect(func(context.Context, *Socket, DisconnectReason) { ended.Add(1) })
		n.On("call", func(ctx context.Context, s *Socket, _ *Event) {
			if _, err := s.EmitWithAck(ctx, "never answered"); err == nil {
				t.Error("an answer came")
			}
		})
		n.On("leave", func(_ context.Context, s *Socket, _ *Event) { s.CloseConnection() })
	})
	n := r.Of("/")
	ways := []func(c *client){
		func(c *client) { c.ws.Close() },
		func(c *client) { c.send("41") },
		func(c *client) { c.send(`42["leave"]`) },
		func(c *client) { c.send("42[]") },
		func(c *client) { c.send(`42["call"]`) },
		func(c *client) { c.send(`451-["x",` + ph0 + `]`) },
		func(c *client) { c.send("1") },
	}
	var wg sync.WaitGroup
	for i := range 140 {
		wg.Go(func() {
			c := r.dial()
			c.send("40")
			if i%3 > 0 {
				c.read()
				ways[i%len(ways)](c)
			}
			c.ws.Close()
		})
		n.To("room").Emit(t.Context(), "noise")
	}
	wg.Wait()
	eventually(t, "everything is gone", func() bool {
		r.mu.Lock()
		conns := len(r.conns)
		r.mu.Unlock()
		return conns == 0 && r.Stats().Sessions == 0
	})
	if st := r.Stats(); st.Sockets != 0 || len(n.sockets) != 0 || len(n.adapter.Members()) != 0 || len(n.adapter.Members("room")) != 0 {
		t.Errorf("left behind: %+v, %d sockets, adapter %q", st, len(n.sockets), n.adapter.Members())
	}
	if accepted.Load() > ended.Load() {
		t.Errorf("%d sockets accepted, %d ended", accepted.Load(), ended.Load())
	}
}

// packet fills in the namespace at the percent sign.
func packet(text, namespace string) string {
	if namespace == "/" {
		return strings.Replace(text, "%", "", 1)
	}
	return strings.Replace(text, "%", namespace+",", 1)
}

// FuzzReceive feeds a connection whatever comes: a text, two binary messages and
// another text. Nothing panics, and a connection that has ended holds nothing.
func FuzzReceive(f *testing.F) {
	for _, seed := range []string{"0", "1", `2["x"]`, "30[]", `51-["x",` + ph0 + `]`, `0/chat,{"a":1}`, `2/chat,1["x"]`, "1/chat", ""} {
		f.Add([]byte(seed), []byte(`52-1["x",`+ph1+`]`), []byte{1}, []byte(`27["x"]`))
	}
	f.Fuzz(func(t *testing.T, first, second, attachment, last []byte) {
		r := newRig(t, Config{}, func(srv *Server) {
			echo := func(ctx context.Context, s *Socket, e *Event) {
				args := siowire.NewEncoder()
				args.Forward(e.Args)
				s.emitEncoded(ctx, "back", args)
				e.Ack()
			}
			srv.Of("/").OnUnhandled(echo)
			srv.Of("/chat").OnUnhandled(echo)
		})
		session := r.dial()
		defer session.ws.Close()
		c := r.newest()
		c.Receive([]byte("0"), false)
		c.Receive(first, false)
		c.Receive(second, false)
		c.Receive(attachment, true)
		c.Receive(attachment, true)
		c.Receive(last, false)
		c.end(TransportClose, nil)
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.members != nil || c.assembly != nil || c.timer != nil {
			t.Errorf("the connection still has %d members, assembly %v", len(c.members), c.assembly)
		}
	})
}

// newest returns the connection that was opened last.
func (r *rig) newest() *conn {
	r.mu.Lock()
	defer r.mu.Unlock()
	var newest *conn
	for c := range r.conns {
		if newest == nil || c.session.Request().Time.After(newest.session.Request().Time) {
			newest = c
		}
	}
	return newest
}
