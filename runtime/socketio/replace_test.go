// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// tokens is a namespace whose Use function takes the auth {"hold":n} until its ctx ends
// or gate does, and notes why; it refuses {"bad":n}.
func tokens(t *testing.T, cfg Config) (r *rig, inside chan *Socket, gate chan struct{}, heard *ends) {
	inside, gate, heard = make(chan *Socket, 100), make(chan struct{}), &ends{}
	r = newRig(t, cfg, func(srv *Server) {
		srv.Of("/")
		n := srv.Of("door")
		n.Use(func(ctx context.Context, s *Socket) error {
			auth := string(s.Handshake().Auth)
			if err := s.Join("lobby"); err != nil {
				t.Errorf("Join: %v", err)
			}
			switch {
			case strings.Contains(auth, "hold"):
				emit(t, s, "held", auth)
				inside <- s
				select {
				case <-ctx.Done():
				case <-gate:
				}
				if cause := context.Cause(ctx); cause != nil && (!errors.Is(cause, ErrReplaced) || !errors.Is(cause, ErrDisconnected)) {
					t.Errorf("the cause is %v", cause)
				}
				if strings.Contains(auth, "stubborn") {
					return nil
				}
				return &ConnectError{Message: "nobody reads this"}
			case strings.Contains(auth, "bad"):
				return &ConnectError{Message: "bad"}
			}
			return nil
		})
		n.OnConnect(func(_ context.Context, s *Socket) { heard.add("in " + string(s.Handshake().Auth)) })
		n.OnDisconnect(func(_ context.Context, s *Socket, reason DisconnectReason) {
			heard.add("out " + string(s.Handshake().Auth) + " " + string(reason))
		})
	})
	return r, inside, gate, heard
}

// R166: a later CONNECT takes the place of one that is not decided yet, with its own
// auth. Nothing of the first is left, and nobody is told about it.
func TestALaterConnectReplacesOneThatIsPending(t *testing.T) {
	for _, recovery := range []*Recovery{nil, {}} {
		r, inside, _, heard := tokens(t, Config{Recovery: recovery})
		c, _ := r.join2("/")
		c.send(`40/door,{"hold":1}`)
		first := within(t, inside, "Use")
		c.send(`40/door,{"hold":2,"stubborn":true}`)
		second := within(t, inside, "Use again")
		within(t, first.Context().Done(), "the end of the first")
		c.send(`40/door,{"bad":3}`)
		c.want(`44/door,{"message":"bad"}`)
		within(t, second.Context().Done(), "the end of the second")
		eventually(t, "what the second began ends", func() bool {
			return heard.String() == `out {"hold":2,"stubborn":true} client namespace disconnect`
		})
		c.send(`40/door,{"token":4}`)
		if got := c.read(); !strings.HasPrefix(got, `40/door,{"sid":"`) {
			t.Errorf("got %s", got)
		}
		eventually(t, "OnConnect", func() bool { return strings.HasSuffix(heard.String(), `in {"token":4}`) })
		n := r.Of("door")
		if ids := n.Members("lobby"); len(ids) != 1 || len(n.adapter.Members()) != 1 || first.Connected() || second.Connected() {
			t.Errorf("in the lobby: %q of %q", ids, n.adapter.Members())
		}
		if st := r.Stats(); st.Violations != 0 || st.Refused != 1 || st.Sockets != 2 {
			t.Errorf("%+v", st)
		}
		// Once it is joined, a CONNECT is a violation still (R165).
		c.send("40/door,")
		c.want("closed")
	}
}

// join2 is join for a server with or without recovery.
func (r *rig) join2(namespace string) (*client, string) {
	r.t.Helper()
	c := r.dial()
	c.send("40" + strings.TrimSuffix(namespace, "/"))
	reply := c.read()
	if !strings.HasPrefix(reply, `40{"sid":"`) {
		r.t.Fatalf("CONNECT answered with %q", reply)
	}
	return c, reply
}

// The same while parents are asked whether there is such a namespace: their answer to
// the first does not count any more.
func TestALaterConnectReplacesOneThatParentsAreAskedAbout(t *testing.T) {
	for _, answer := range []bool{false, true} {
		var p *ParentNamespace
		asked, causes := make(chan string, 10), make(chan error, 10)
		r := newRig(t, Config{}, func(srv *Server) {
			p = srv.OfFunc(func(ctx context.Context, _ string, auth json.RawMessage) bool {
				asked <- string(auth)
				if string(auth) == `{"n":3}` {
					return true
				}
				<-ctx.Done()
				causes <- context.Cause(ctx)
				return answer
			})
			p.OnConnect(func(ctx context.Context, s *Socket) { emit(t, s, "auth", string(s.Handshake().Auth)) })
		})
		c := r.dial()
		for i := range 3 {
			c.send(fmt.Sprintf(`40/dyn,{"n":%d}`, i+1))
			within(t, asked, "the function")
		}
		c.want(`40/dyn,{"sid":"<SID>"}`, `42/dyn,["auth","{\"n\":3}"]`)
		for range 2 {
			if err := within(t, causes, "the end of the ctx"); err != ErrReplaced {
				t.Errorf("the cause is %v", err)
			}
		}
		c.wantOpen()
		if n := r.Stats().Sockets; n != 2 {
			t.Errorf("%d sockets", n)
		}
		c.send("41/dyn,")
		eventually(t, "the child goes", func() bool { return len(p.Children()) == 0 })
	}
}

// A client that sends CONNECT in a loop piles no functions up: those that do not heed
// their ctx count until they return.
func TestReplacedConnectsAreBounded(t *testing.T) {
	for name, setUp := range map[string]func(srv *Server, wait func()){
		"Use": func(srv *Server, wait func()) {
			srv.Of("door").Use(func(context.Context, *Socket) error { wait(); return nil })
		},
		"OfFunc": func(srv *Server, wait func()) {
			srv.OfFunc(func(context.Context, string, json.RawMessage) bool { wait(); return true })
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				gate := make(chan struct{})
				var mu sync.Mutex
				running, most := 0, 0
				r := newRig(t, Config{PingInterval: time.Hour, Limits: Limits{Namespaces: 4}}, func(srv *Server) {
					setUp(srv, func() {
						mu.Lock()
						running++
						most = max(most, running)
						mu.Unlock()
						<-gate
						mu.Lock()
						running--
						mu.Unlock()
					})
				})
				c := r.dial()
				for range 4 {
					c.send("40/door,")
					synctest.Wait() // until the function runs
				}
				c.send("40/door,")
				c.want(`44/door,{"message":"too many namespaces"}`) // after leavePatience
				c.send("40/door,", "40/door,")
				c.want(`44/door,{"message":"too many namespaces"}`, "closed")
				synctest.Wait()
				if most != 4 {
					t.Errorf("%d functions ran at once", most)
				}
				close(gate)
				eventually(t, "all return", func() bool { return r.running() == "nothing but the ends of connections" })
			})
		})
	}
}

// A page that connects again and again while its first attempts are decided gets one
// socket, whatever the functions are at.
func TestReplacingUnderLoad(t *testing.T) {
	var p *ParentNamespace
	r := newRig(t, Config{Limits: Limits{Namespaces: 1000}}, func(srv *Server) {
		p = srv.OfFunc(func(_ context.Context, name string, _ json.RawMessage) bool { return name == "/dyn" })
		p.Use(func(_ context.Context, s *Socket) error { return s.Join("lobby") })
	})
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for turn := range 30 {
				c := r.dial()
				for n := range 1 + (i+turn)%4 {
					c.ws.WriteMessage(1, fmt.Appendf(nil, `40/dyn,{"n":%d}`, n)) // it may be joined: then this ends the connection
				}
				if got := c.read(); !strings.HasPrefix(got, `40/dyn,{"sid"`) && got != "closed" {
					t.Errorf("got %s", got)
				}
				c.ws.Close()
			}
		})
	}
	wg.Wait()
	eventually(t, "nothing is left", func() bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		return len(p.children) == 0 && len(r.conns) == 0 && r.dynamic == 0
	})
	if n := r.Stats().Sockets; n != 0 {
		t.Errorf("%d sockets", n)
	}
}
