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
	"testing/synctest"
	"time"

	"github.com/sockgen/sockgen/runtime/adapter"
)

// A hub joins the adapters of several servers: it does on the others what a bus would
// carry there. It counts those that are open, and complains about calls after Close.
type hub struct {
	t     *testing.T
	made  atomic.Int32 // for namespaces that are on a node
	asked atomic.Int32 // for namespaces that are elsewhere

	mu    sync.Mutex // guards what follows
	nodes map[string][]*hubNode
}

type hubNode struct {
	adapter.Adapter // nil for what is elsewhere
	hub             *hub
	name            string

	mu     sync.RWMutex // guards closed; a call holds it
	closed bool
}

func (h *hub) factory(adapter.Environment) (adapter.Hub, error) { return h, nil }

func (h *hub) Close(context.Context) error { return nil }

func (h *hub) Elsewhere(namespace string) adapter.Reach {
	h.asked.Add(1)
	return &hubNode{hub: h, name: namespace}
}

func (h *hub) Open(namespace string, l adapter.Local) (adapter.Adapter, error) {
	h.made.Add(1)
	n := &hubNode{Adapter: adapter.NewMemory(l), hub: h, name: namespace}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.nodes == nil {
		h.nodes = map[string][]*hubNode{}
	}
	h.nodes[namespace] = append(h.nodes[namespace], n)
	return n, nil
}

// open counts the adapters of namespaces whose name begins with prefix.
func (h *hub) open(prefix string) (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for name, nodes := range h.nodes {
		if strings.HasPrefix(name, prefix) {
			n += len(nodes)
		}
	}
	return n
}

func (n *hubNode) Close() error {
	n.mu.Lock()
	n.closed = true
	n.mu.Unlock()
	n.hub.mu.Lock()
	defer n.hub.mu.Unlock()
	n.hub.nodes[n.name] = slices.DeleteFunc(n.hub.nodes[n.name], func(o *hubNode) bool { return o == n })
	return n.Adapter.Close()
}

// each calls f for this node and for the others.
func (n *hubNode) each(o adapter.Options, f func(a adapter.Adapter) error) error {
	n.mu.RLock()
	defer n.mu.RUnlock()
	if n.closed {
		n.hub.t.Errorf("%s: the adapter is used after Close", n.name)
	}
	var err error
	if n.Adapter != nil { // which it has where the namespace is
		err = f(n.Adapter)
	}
	n.hub.mu.Lock()
	others := slices.Clone(n.hub.nodes[n.name])
	n.hub.mu.Unlock()
	for _, other := range others {
		if other != n && !o.Local {
			err = errors.Join(err, f(other.Adapter))
		}
	}
	return err
}

func (n *hubNode) Broadcast(ctx context.Context, e adapter.Event, o adapter.Options) error {
	return n.each(o, func(a adapter.Adapter) error { return a.Broadcast(ctx, e, o) })
}

func (n *hubNode) AddSockets(ctx context.Context, o adapter.Options, rooms ...Room) error {
	return n.each(o, func(a adapter.Adapter) error { return a.AddSockets(ctx, o, rooms...) })
}

func (n *hubNode) DisconnectSockets(ctx context.Context, o adapter.Options, closeConnection bool) error {
	return n.each(o, func(a adapter.Adapter) error { return a.DisconnectSockets(ctx, o, closeConnection) })
}

func (n *hubNode) FetchSockets(ctx context.Context, o adapter.Options) (list []adapter.Description, err error) {
	err = n.each(o, func(a adapter.Adapter) error {
		some, err := a.FetchSockets(ctx, o)
		list = append(list, some...)
		return err
	})
	return list, err
}

func (n *hubNode) BroadcastWithAck(ctx context.Context, e adapter.Event, o adapter.Options, answer func(adapter.Answer) bool) (missing []ID, err error) {
	err = n.each(o, func(a adapter.Adapter) error {
		some, err := a.BroadcastWithAck(ctx, e, o, answer)
		missing = append(missing, some...)
		return err
	})
	return missing, err
}

func (n *hubNode) ServerCount(context.Context) (int, error) {
	n.hub.mu.Lock()
	defer n.hub.mu.Unlock()
	return len(n.hub.nodes[n.name]), nil
}

// What is done to a child that only another node has reaches it, and makes nothing
// here; what FetchSockets found there can be used afterwards.
func TestAChildOfAnotherNode(t *testing.T) {
	h := &hub{t: t}
	var parents [2]*ParentNamespace
	var nodes [2]*rig
	for i := range nodes {
		nodes[i] = newRig(t, Config{Adapter: h.factory, Limits: Limits{ChildNamespaces: 1}}, func(srv *Server) {
			parents[i] = srv.ofFamily("/m/{id}", func(name string) bool { return strings.HasPrefix(name, "/m/") })
			parents[i].On("hi", func(_ context.Context, _ *Socket, e *Event) { e.Ack() })
		})
	}
	here, there := parents[0], nodes[1]
	c, id := there.join("/m/1")
	ctx := t.Context()
	reach := func(name string, f func(n *Namespace) error) {
		t.Helper()
		if err := here.withChild(name, f); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	var kept *Namespace
	var found []RemoteSocket
	reach("/m/1", func(n *Namespace) (err error) {
		kept = n
		if count, err := n.ServerCount(ctx); err != nil || count != 1 { // the other one
			t.Errorf("ServerCount = %d, %v", count, err)
		}
		found, err = n.FetchSockets(ctx)
		return errors.Join(err, n.Emit(ctx, "one"), n.To("red").Emit(ctx, "not yet"), n.SocketsJoin(ctx, "red"), n.To("red").Emit(ctx, "two"))
	})
	c.want(`42/m/1,["one"]`, `42/m/1,["two"]`)
	if len(found) != 1 || found[0].ID() != id || found[0].Namespace().Name() != "/m/1" {
		t.Fatalf("found %+v", found)
	}
	if err := errors.Join(found[0].Emit(ctx, "three"), kept.Emit(ctx, "four")); err != nil {
		t.Error(err)
	}
	c.want(`42/m/1,["three"]`, `42/m/1,["four"]`)
	answers := make(chan []Answer)
	go func() {
		list, err := kept.Timeout(patience).EmitWithAck(ctx, "ask")
		if err != nil {
			t.Error(err)
		}
		answers <- list
	}()
	c.want(`42/m/1,0["ask"]`)
	c.send(`43/m/1,0["yes"]`)
	if list := within(t, answers, "the answer"); len(list) != 1 || list[0].ID != id {
		t.Errorf("answers %+v", list)
	}
	for i := range 20 {
		reach(fmt.Sprint("/m/nobody", i), func(n *Namespace) error { return n.Emit(ctx, "lost") })
	}
	if n := len(here.Children()); n != 0 || h.open("/m/") != 1 || nodes[0].dynamic != 0 {
		t.Errorf("%d children here, %d adapters open, %d counted", n, h.open("/m/"), nodes[0].dynamic)
	}
	if err := found[0].Disconnect(ctx); err != nil {
		t.Error(err)
	}
	c.want("41/m/1,")
	eventually(t, "the child goes there too", func() bool { return h.open("/m/") == 0 })
	if err := errors.Join(found[0].Emit(ctx, "gone"), kept.Emit(ctx, "gone")); err != nil {
		t.Error(err)
	}
}

// A namespace that was kept longer than its child stands for the one that has come in
// its place.
func TestAKeptChild(t *testing.T) {
	var p *ParentNamespace
	r := newRig(t, Config{}, func(srv *Server) { p = srv.OfPattern(regexp.MustCompile("^/dyn$")) })
	c, id := r.join("/dyn")
	old, _ := p.Children()[0].Socket(id)
	c.send("41/dyn,")
	eventually(t, "the child goes", func() bool { return len(p.Children()) == 0 })
	if n := old.Namespace(); len(n.Sockets()) != 0 || n.Emit(t.Context(), "nobody") != nil {
		t.Error("the child that went has sockets")
	}
	d, id := r.join("/dyn")
	n := old.Namespace()
	if p.Children()[0] == n {
		t.Fatal("the same namespace came again")
	}
	if s, ok := n.Socket(id); !ok || s.Join("red") != nil {
		t.Error("the new socket is not found")
	}
	if len(n.Sockets()) != 1 || !slices.Equal(n.Members("red"), []ID{id}) || n.Rooms()["red"] != 1 {
		t.Errorf("sockets %v, red %v, rooms %v", n.Sockets(), n.Members("red"), n.Rooms())
	}
	if err := errors.Join(n.Emit(t.Context(), "all"), old.Broadcast().Emit(t.Context(), "others"), n.To("red").Emit(t.Context(), "red")); err != nil {
		t.Error(err)
	}
	d.want(`42/dyn,["all"]`, `42/dyn,["others"]`, `42/dyn,["red"]`)
	d.send("41/dyn,")
	eventually(t, "the child goes again", func() bool { return len(p.Children()) == 0 })
	r.OfFunc(func(context.Context, string, json.RawMessage) bool { return false })
}

// However a CONNECT for a child ends without a socket, nothing of the child stays, and
// honest clients find room.
func TestChildrenOfRefusedConnects(t *testing.T) {
	inside := make(chan struct{})
	var p *ParentNamespace
	r := newRig(t, Config{Limits: Limits{ChildNamespaces: 3}}, func(srv *Server) {
		p = srv.OfPattern(regexp.MustCompile("^/dyn"))
		p.Use(func(ctx context.Context, s *Socket) error {
			switch string(s.Handshake().Auth) {
			case `{"no":1}`:
				return errors.New("no")
			case `{"panic":1}`:
				panic("no")
			case `{"wait":1}`:
				inside <- struct{}{}
				<-ctx.Done()
			}
			return nil
		})
	})
	empty := func(when string) {
		t.Helper()
		eventually(t, when, func() bool {
			r.mu.Lock()
			defer r.mu.Unlock()
			return len(p.children) == 0 && r.dynamic == 0 && len(r.leaving) == 0 && len(r.namespaces) == 1
		})
	}
	c := r.dial()
	for i := range 10 {
		c.send(fmt.Sprintf(`40/dyn%d,{"no":1}`, i), fmt.Sprintf(`40/dynamite%d,{"panic":1}`, i))
		c.read()
		c.read()
	}
	empty("refused")
	for i := range 5 {
		gone := r.dial()
		gone.send(fmt.Sprintf(`40/dyn%d,{"wait":1}`, i))
		within(t, inside, "Use")
		gone.ws.Close()
	}
	empty("the connection ended first")
	c.send(`40/dyn,{"wait":1}`)
	within(t, inside, "Use")
	c.send(`40/dyn,{"no":1}`)
	c.want(`44/dyn,{"message":"connection refused"}`)
	empty("replaced and refused")
	for i := range 3 {
		c.join(fmt.Sprint("/dyn", i))
	}
	c.send("40/dyn3,")
	c.want(`44/dyn3,{"message":"too many namespaces"}`)
	c.send("41/dyn1,")
	eventually(t, "one goes", func() bool { return len(p.Children()) == 2 })
	c.join("/dyn3")
}

// A child goes also when the last client that may come back to it is forgotten because
// others are away.
func TestChildOfAForgottenClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var p *ParentNamespace
		r := newRig(t, Config{Recovery: &Recovery{Sessions: 2}}, func(srv *Server) { p = srv.OfPattern(regexp.MustCompile("^/dyn")) })
		for i := range 5 {
			c := r.dial()
			c.send(fmt.Sprintf("40/dyn%d,", i))
			c.read()
			c.ws.Close()
			time.Sleep(time.Second)
		}
		if got := fmt.Sprint(names(p.Children())); got != "[/dyn3 /dyn4]" {
			t.Errorf("children: %s", got)
		}
	})
}

// Clients that come and go, and what is emitted meanwhile: whoever has joined before an
// emit hears it, an adapter is never used after Close, and nothing is left.
func TestChildrenUnderLoad(t *testing.T) {
	const turns, children = 60, 3
	h := &hub{t: t}
	var p *ParentNamespace
	r := newRig(t, Config{Adapter: h.factory, Limits: Limits{ChildNamespaces: children}}, func(srv *Server) {
		p = srv.ofFamily("/m/{id}", func(name string) bool { return strings.HasPrefix(name, "/m/") })
		p.Use(func(_ context.Context, s *Socket) error { return s.Join("room") })
		p.OnServerSide("x", func(context.Context, *ServerSideEvent) {})
	})
	var wg, noise sync.WaitGroup
	ctx := t.Context()
	stop := make(chan struct{})
	for i := range 4 {
		noise.Go(func() {
			for turn := 0; ; turn++ {
				select {
				case <-stop:
					return
				default:
				}
				name := fmt.Sprint("/m/", (i+turn)%children)
				err := p.withChild(name, func(n *Namespace) error {
					_, fetched := n.FetchSockets(ctx)
					return errors.Join(fetched, n.To("noone").Emit(ctx, "noise"), n.SocketsJoin(ctx, "other"), p.To("noone").Emit(ctx, "noise"))
				})
				if err != nil {
					t.Error(err)
				}
				for _, n := range r.Namespaces() {
					n.Rooms()
				}
			}
		})
	}
	for i := range 6 {
		c := r.dial()
		wg.Go(func() {
			name := fmt.Sprint("/m/", i%children)
			var kept *Namespace
			for turn := range turns {
				id := c.join(name)
				if kept == nil || turn%7 == 0 {
					for _, n := range p.Children() {
						if n.Name() == name {
							kept = n
						}
					}
				}
				if err := kept.To(Room(id)).Emit(ctx, "mine", turn); err != nil {
					t.Error(err)
				}
				c.want(fmt.Sprintf(`42%s,["mine",%d]`, name, turn))
				if err := p.withChild(name, func(n *Namespace) error { return n.To(Room(id)).Emit(ctx, "again") }); err != nil {
					t.Error(err)
				}
				c.want(fmt.Sprintf(`42%s,["again"]`, name))
				c.send("41" + name + ",")
			}
		})
	}
	wg.Wait()
	close(stop)
	noise.Wait()
	eventually(t, "nothing is left", func() bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		return len(p.children) == 0 && r.dynamic == 0 && h.open("/m/") == 0
	})
	if h.made.Load() < 2 || h.asked.Load() == 0 {
		t.Errorf("%d adapters were made, %d for children that are elsewhere", h.made.Load(), h.asked.Load())
	}
}

// After Shutdown a child that is not there reaches nobody, and needs no adapter of the
// application's.
func TestAChildAfterShutdown(t *testing.T) {
	h := &hub{t: t}
	srv := NewServer(Config{Adapter: h.factory})
	p := srv.ofFamily("/m/{id}", func(string) bool { return true })
	if err := srv.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := p.withChild("/m/1", func(n *Namespace) error { return n.Emit(t.Context(), "e") }); err != nil || h.asked.Load() != 0 {
		t.Errorf("%v, %d adapters", err, h.asked.Load())
	}
}
