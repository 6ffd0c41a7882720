// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/adapter/adaptertest"
)

func names(list []*Namespace) (names []string) {
	for _, n := range list {
		names = append(names, n.Name())
	}
	return names
}

// Children have their parent's functions, rooms of their own, and hear what
// the parent broadcasts.
func TestOfPattern(t *testing.T) {
	var p *ParentNamespace
	r := newRig(t, Config{}, func(srv *Server) {
		srv.Of("/")
		p = srv.OfPattern(regexp.MustCompile(`^/team-\d+$`))
		p.Use(func(_ context.Context, s *Socket) error {
			if string(s.Handshake().Auth) == `{"no":1}` {
				return &ConnectError{Message: "no"}
			}
			return s.Join("lobby")
		})
		p.OnConnect(func(ctx context.Context, s *Socket) { emit(t, s, "hello", s.Namespace().Name()) })
		p.On("e", func(_ context.Context, _ *Socket, e *Event) { e.Ack("fine") })
		p.OnUnhandled(func(_ context.Context, _ *Socket, e *Event) { e.Ack("unhandled") })
	})
	ctx := t.Context()
	a, b := r.dial(), r.dial()
	a.send("40/team-1,")
	a.want(`40/team-1,{"sid":"<SID>"}`, `42/team-1,["hello","/team-1"]`)
	b.send("40/team-22,")
	b.want(`40/team-22,{"sid":"<SID>"}`, `42/team-22,["hello","/team-22"]`)
	b.send("40/team-x,", `40/team-3,{"no":1}`)
	b.want(`44/team-x,{"message":"Invalid namespace"}`, `44/team-3,{"message":"no"}`)
	b.send(`42/team-22,1["e"]`, `42/team-22,2["f"]`)
	b.want(`43/team-22,1["fine"]`, `43/team-22,2["unhandled"]`)
	if err := p.Emit(ctx, "all", 1); err != nil {
		t.Error(err)
	}
	if err := p.To("lobby").Except("red").Emit(ctx, "lobby"); err != nil {
		t.Error(err)
	}
	if err := r.Of("team-1").To("lobby").Emit(ctx, "one"); err != nil {
		t.Error(err)
	}
	a.want(`42/team-1,["all",1]`, `42/team-1,["lobby"]`, `42/team-1,["one"]`)
	b.want(`42/team-22,["all",1]`, `42/team-22,["lobby"]`)
	if got := fmt.Sprint(names(p.Children())); got != "[/team-1 /team-22]" {
		t.Errorf("children: %s", got)
	}
	list, err := p.Local().FetchSockets(ctx)
	if err != nil || len(list) != 2 || list[1].Namespace().Name() != "/team-22" {
		t.Errorf("FetchSockets = %v, %v", list, err)
	}
	if _, err := p.In("lobby").Timeout(time.Second).EmitWithAck(ctx, "q"); !errors.Is(err, ErrParentNamespace) {
		t.Errorf("EmitWithAck: %v", err)
	}
	if err := p.Volatile().SocketsJoin(ctx, "red"); err != nil || len(r.Of("team-22").Members("red")) != 1 {
		t.Errorf("SocketsJoin: %v", err)
	}
}

// A namespace made by hand belongs to the pattern that it matches.
func TestOfMatchesAParent(t *testing.T) {
	var got atomic.Int32
	var p *ParentNamespace
	r := newRig(t, Config{}, func(srv *Server) {
		p = srv.OfPattern(regexp.MustCompile(`^/team-`))
		p.OnConnect(func(context.Context, *Socket) { got.Add(1) })
		n := srv.Of("team-1")
		n.OnConnect(func(context.Context, *Socket) { got.Add(10) })
		srv.Of("other")
	})
	if got := fmt.Sprint(names(p.Children())); got != "[/team-1]" {
		t.Errorf("children: %s", got)
	}
	c, _ := r.join("/team-1")
	c.send("41/team-1,")
	eventually(t, "both functions", func() bool { return got.Load() == 11 && r.Stats().Sockets == 0 })
	c.wantOpen()
	if len(p.Children()) != 1 || r.Of("team-1") != p.Children()[0] {
		t.Error("a namespace that the application has was removed")
	}
}

// R172: functions are asked outside the reader, in order; concurrent CONNECTs
// make one child.
func TestOfFunc(t *testing.T) {
	gate, given := make(chan struct{}), make(chan struct{})
	asked := &ends{}
	var made atomic.Int32
	r := newRig(t, Config{Adapter: adaptertest.Hub(func(namespace string, l adapter.Local) adapter.Adapter {
		if strings.HasPrefix(namespace, "/dyn") {
			made.Add(1)
		}
		return adapter.NewMemory(l)
	})}, func(srv *Server) {
		srv.Of("/")
		srv.OfFunc(func(_ context.Context, name string, auth json.RawMessage) bool {
			if name == "/panic" {
				panic("accept")
			}
			asked.add(name + string(auth))
			return false
		})
		srv.OfFunc(func(ctx context.Context, name string, _ json.RawMessage) bool {
			select {
			case <-gate:
				return name == "/dyn"
			case <-ctx.Done():
				close(given)
				return true
			}
		})
		srv.OfPattern(regexp.MustCompile("^/dyn|^/late")).OnConnect(func(context.Context, *Socket) { t.Error("the third was asked") })
	})
	clients := make([]*client, 8)
	for i := range clients {
		clients[i] = r.dial()
		clients[i].send(`40/dyn,{"k":1}`)
	}
	clients[0].join("/") // not held up
	clients[0].wantOpen()
	r.dial().send("40/dyn,")
	gone := r.dial()
	gone.send("40/dyn,")
	eventually(t, "the first function", func() bool { return strings.Count(asked.String(), "/dyn") == 10 })
	gone.ws.Close()
	<-given
	eventually(t, "a child for nobody, and its end", func() bool {
		return made.Load() == 1 && !slices.ContainsFunc(r.Namespaces(), func(n *Namespace) bool { return n.Name() == "/dyn" })
	})
	made.Store(0)
	close(gate)
	for _, c := range clients {
		c.want(`40/dyn,{"sid":"<SID>"}`)
	}
	if made.Load() != 1 {
		t.Errorf("%d children were made", made.Load())
	}
	if got := asked.String(); !strings.HasPrefix(got, `/dyn{"k":1}`) || !strings.Contains(got, "/dyn{}") {
		t.Errorf("asked: %s", got)
	}
	clients[1].send("40/panic,", "40/nobody,")
	for range 2 {
		if got := clients[1].read(); got != `44/panic,{"message":"Invalid namespace"}` && got != `44/nobody,{"message":"Invalid namespace"}` {
			t.Errorf("got %s", got)
		}
	}
}

// R167 holds while a function decides.
func TestViolationsWhileAFunctionDecides(t *testing.T) {
	for name, frame := range map[string]string{
		"an event":     `42/dyn,["e"]`,
		"a DISCONNECT": "41/dyn,",
	} {
		t.Run(name, func(t *testing.T) {
			asked, done := make(chan struct{}), make(chan struct{})
			r := newRig(t, Config{}, func(srv *Server) {
				srv.OfFunc(func(ctx context.Context, _ string, _ json.RawMessage) bool {
					close(asked)
					<-ctx.Done()
					close(done)
					return true
				})
			})
			c := r.dial()
			c.send("40/dyn,")
			within(t, asked, "the function")
			c.send(frame)
			c.want("closed")
			within(t, done, "the end of its ctx")
		})
	}
}

// R-01, R173: children and decisions are bounded.
func TestChildrenAreBounded(t *testing.T) {
	cfg := Config{}
	cfg.Limits.ChildNamespaces = 3
	cfg.Limits.Namespaces = 5
	r := newRig(t, cfg, func(srv *Server) { srv.OfPattern(regexp.MustCompile("^/n")) })
	c := r.dial()
	for i := range 3 {
		c.join(fmt.Sprint("/n", i))
	}
	c.send("40/n3,")
	c.want(`44/n3,{"message":"too many namespaces"}`)
	r.Of("n0") // belongs to the application from now on
	c.join("/n4")
	c.wantOpen()
	c.send("40/n\ufffd,")
	c.want("44/n\ufffd,{\"message\":\"Invalid namespace\"}")

	gate := make(chan struct{})
	r = newRig(t, cfg, func(srv *Server) {
		srv.OfFunc(func(context.Context, string, json.RawMessage) bool { <-gate; return false })
	})
	c = r.dial()
	for i := range 6 {
		c.send(fmt.Sprintf("40/n%d,", i))
	}
	c.want(`44/n5,{"message":"too many namespaces"}`)
	close(gate)
	for range 5 {
		if got := c.read(); !strings.HasSuffix(got, `{"message":"Invalid namespace"}`) {
			t.Errorf("got %s", got)
		}
	}
	c.wantOpen()
}

// An empty child goes, with its adapter, and comes again.
func TestEmptyChildrenGo(t *testing.T) {
	var closed atomic.Int32
	var p *ParentNamespace
	r := newRig(t, Config{Limits: Limits{Namespaces: 100}, Adapter: adaptertest.Hub(func(namespace string, l adapter.Local) adapter.Adapter {
		return closer{adapter.NewMemory(l), namespace, &closed}
	})}, func(srv *Server) {
		p = srv.OfPattern(regexp.MustCompile("^/dyn"))
		p.Use(func(_ context.Context, s *Socket) error {
			if string(s.Handshake().Auth) != "{}" {
				return errors.New("no")
			}
			return nil
		})
	})
	gone := func(n int32) {
		t.Helper()
		eventually(t, "the child is gone", func() bool { return len(p.Children()) == 0 && closed.Load() == n })
	}
	a, _ := r.join("/dyn")
	b, _ := r.join("/dyn")
	a.send("41/dyn,")
	a.wantOpen()
	eventually(t, "one is left", func() bool { return r.Stats().Sockets == 2 })
	if len(p.Children()) != 1 {
		t.Error("the child went before its last socket")
	}
	b.ws.Close()
	gone(1)
	a.send(`40/dyn,{"x":1}`)
	a.want(`44/dyn,{"message":"connection refused"}`)
	gone(2)
	a.join("/dyn")

	var wg sync.WaitGroup
	for range 8 {
		c := r.dial()
		wg.Go(func() {
			for range 50 {
				c.join("/dyn2")
				c.send("41/dyn2,")
			}
		})
	}
	wg.Wait()
	eventually(t, "only the first is left", func() bool { return len(p.Children()) == 1 })
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.dynamic != 1 || len(r.leaving) > 1 {
		t.Errorf("%d dynamic, %d leaving", r.dynamic, len(r.leaving))
	}
}

type closer struct {
	adapter.Adapter
	namespace string
	closed    *atomic.Int32
}

func (c closer) Close() error {
	if c.namespace == "/dyn" {
		c.closed.Add(1)
	}
	return c.Adapter.Close()
}
