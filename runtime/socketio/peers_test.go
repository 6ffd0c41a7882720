// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/adapter/adaptertest"
)

// A curious hub asks its server for namespaces whenever it is asked for something.
type curious struct {
	srv    **Server
	closed *atomic.Int32
}

func (c curious) Open(namespace string, l adapter.Local) (adapter.Adapter, error) {
	if namespace != "/other" {
		(*c.srv).Of("/other")
	}
	return curiousAdapter{adapter.NewMemory(l), c}, nil
}

func (c curious) Elsewhere(string) adapter.Reach {
	(*c.srv).Of("/other")
	return adapter.NoNodes
}

func (c curious) Close(context.Context) error {
	(*c.srv).Namespaces()
	c.closed.Add(100)
	return nil
}

type curiousAdapter struct {
	adapter.Adapter
	c curious
}

func (a curiousAdapter) Close() error {
	(*a.c.srv).Of("/other").Emit(context.Background(), "e")
	a.c.closed.Add(1)
	return nil
}

// What joins a server to others runs outside every lock, so that it may use the server.
func TestAHubMayUseItsServer(t *testing.T) {
	var srv *Server
	var closed atomic.Int32
	r := newRig(t, Config{Adapter: func(adapter.Environment) (adapter.Hub, error) { return curious{&srv, &closed}, nil }}, func(s *Server) {
		srv = s
		s.OfPattern(regexp.MustCompile("^/dyn"))
		s.ofFamily("/m/{id}", func(name string) bool { return strings.HasPrefix(name, "/m/") })
	})
	srv.Of("/mine")
	r.join("/dyn")
	c, _ := r.join("/m/1")
	c.send("41/m/1,")
	eventually(t, "the child is gone", func() bool { return closed.Load() == 1 })
	if err := srv.parents[1].withChild("/m/2", func(n *Namespace) error { return n.Emit(t.Context(), "e") }); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := srv.Shutdown(ctx); err != nil {
		t.Error(err)
	}
	// /alive, /other, /mine and /dyn besides /m/1, and the hub
	if n := closed.Load(); n != 105 && n != 104 { // the child /dyn may have gone with its socket: it is one of them either way
		t.Errorf("%d were closed", n)
	}
	late := srv.Of("/late")
	if err := late.Emit(t.Context(), "e"); err != nil {
		t.Error(err)
	}
	if _, ours := late.adapter.(*adapter.Memory); !ours {
		t.Error("an adapter was made after Shutdown")
	}
}

// A server is not made with a hub that cannot work.
func TestAFactoryThatFails(t *testing.T) {
	defer func() {
		if v := fmt.Sprint(recover()); !strings.Contains(v, "Config.Adapter: no such thing") {
			t.Errorf("panic: %s", v)
		}
	}()
	NewServer(Config{Adapter: func(adapter.Environment) (adapter.Hub, error) { return nil, errors.New("no such thing") }})
}

// A brokenHub makes no adapter for the namespaces that it names.
type brokenHub struct {
	adapter.Hub
	broken func(namespace string) error
}

func (b brokenHub) Open(namespace string, l adapter.Local) (adapter.Adapter, error) {
	if err := b.broken(namespace); err != nil {
		return nil, err
	}
	return b.Hub.Open(namespace, l)
}

func brokenFor(broken func(namespace string) error) adapter.Factory {
	return func(env adapter.Environment) (adapter.Hub, error) {
		memory, err := adapter.InMemory(env)
		return brokenHub{memory, broken}, err
	}
}

// Without its adapter a namespace serves this node, and says that it reaches no other. A
// client whose namespace would be made for it is refused.
func TestANamespaceWhoseAdapterFails(t *testing.T) {
	noBroker := errors.New("no broker")
	var dead atomic.Bool
	dead.Store(true)
	r := newRig(t, Config{Adapter: brokenFor(func(namespace string) error {
		if dead.Load() && namespace != "/alive" {
			return noBroker
		}
		return nil
	})}, func(srv *Server) {
		srv.Of("/chat")
		srv.OfPattern(regexp.MustCompile("^/dyn"))
	})
	c, id := r.join("/chat")
	n, ctx := r.Of("/chat"), t.Context()
	for name, err := range map[string]error{
		"Emit":           n.Emit(ctx, "hello"),
		"SocketsJoin":    n.SocketsJoin(ctx, "red"),
		"SocketsLeave":   n.SocketsLeave(ctx, "blue"),
		"FetchSockets":   second(n.FetchSockets(ctx)),
		"ServerSideEmit": n.ServerSideEmit(ctx, "e"),
		"with ack":       second(n.ServerSideEmitWithAck(ctx, "e")),
		"ServerCount":    second(n.ServerCount(ctx)),
		"EmitWithAck":    second(n.To("nobody").Timeout(time.Second).EmitWithAck(ctx, "q")),
		"Disconnect":     n.To("nobody").DisconnectSockets(ctx),
	} {
		if !errors.Is(err, noBroker) {
			t.Errorf("%s: %v", name, err)
		}
	}
	c.want(`42/chat,["hello"]`)
	if got := n.Members("red"); !slices.Equal(got, []ID{id}) {
		t.Errorf("red has %q", got)
	}
	if err := n.Local().Emit(ctx, "here"); err != nil {
		t.Error(err)
	}
	c.want(`42/chat,["here"]`)
	for range 3 {
		c.send("40/dyn,")
		c.want(`44/dyn,{"message":"connection refused"}`)
	}
	dead.Store(false)
	c.join("/dyn")
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.dynamic != 1 || len(r.making) != 0 {
		t.Errorf("%d children, %d being made", r.dynamic, len(r.making))
	}
}

// A namespace is made once, however many want it while that takes long, and others do
// not wait.
func TestANamespaceIsMadeOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var made atomic.Int32
		r := newRig(t, Config{Adapter: brokenFor(func(namespace string) error {
			if strings.HasPrefix(namespace, "/slow") {
				made.Add(1)
				time.Sleep(10 * time.Second)
			}
			return nil
		})}, func(srv *Server) { srv.OfPattern(regexp.MustCompile("^/slow")) })
		var wg sync.WaitGroup
		for i := range 20 {
			wg.Go(func() {
				if i%2 == 0 {
					r.dial().join("/slow")
				} else if n := r.Of("/slow"); n.parent == nil {
					t.Error("it is no child of its parent")
				}
			})
		}
		begun := time.Now()
		synctest.Wait()
		r.Of("/fast")
		if time.Since(begun) > time.Second {
			t.Error("another namespace waited")
		}
		wg.Wait()
		if made.Load() != 1 || r.dynamic != 0 {
			t.Errorf("it was made %d times, dynamic %d", made.Load(), r.dynamic)
		}
	})
}

// An adapter that is still being made when the server ends is closed.
func TestAnAdapterThatComesTooLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var closed atomic.Int32
		srv := NewServer(Config{Adapter: adaptertest.Hub(func(namespace string, l adapter.Local) adapter.Adapter {
			time.Sleep(time.Minute)
			return closer{adapter.NewMemory(l), "/dyn", &closed}
		})})
		var wg sync.WaitGroup
		wg.Go(func() { srv.Of("/dyn") })
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := srv.Shutdown(ctx); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "Config.Adapter for /dyn") {
			t.Errorf("Shutdown: %v", err)
		}
		wg.Wait()
		if closed.Load() != 1 {
			t.Error("it was not closed")
		}
	})
}

// Limits of rooms hold with any adapter.
func TestRoomLimitsWithAnyAdapter(t *testing.T) {
	cfg := Config{
		Limits: Limits{Rooms: 20, RoomBytes: 5},
		Adapter: adaptertest.Hub(func(_ string, l adapter.Local) adapter.Adapter {
			return struct{ adapter.Adapter }{adapter.NewMemory(l)}
		}),
	}
	_, _, s := joined(t, cfg)
	list := func(from, to int) (rooms []Room) {
		for i := from; i < to; i++ {
			rooms = append(rooms, Room(fmt.Sprint("r", i)))
		}
		return rooms
	}
	steps := []struct {
		join, leave []Room
		want        error
		count       int
	}{
		{join: list(0, 19), count: 19},
		{join: append(list(0, 19), Room("x"), Room("x")), count: 20},
		{join: list(0, 20), want: ErrTooManyRooms, count: 20},
		{join: []Room{"x", "r1"}, count: 20},
		{leave: []Room{"x", "x", "never", Room(s.ID())}, count: 19},
		{join: []Room{"a", "b"}, want: ErrTooManyRooms, count: 19},
		{join: []Room{"a", "a", "a"}, count: 20},
		{leave: append(list(0, 30), list(0, 30)...), count: 1},
		{join: []Room{"fine", ""}, want: ErrRoomName, count: 1},
		{join: []Room{"fine", "longer"}, want: ErrRoomName, count: 1},
		{join: list(0, 30), want: ErrTooManyRooms, count: 1},
		{join: list(0, 19), count: 20},
	}
	for i, step := range steps {
		s.Leave(step.leave...)
		if err := s.Join(step.join...); !errors.Is(err, step.want) {
			t.Errorf("step %d: %v, want %v", i, err, step.want)
		}
		if got := len(s.Rooms()); got != step.count+1 || s.joined != step.count {
			t.Errorf("step %d: in %d rooms, counted %d, want %d", i, got-1, s.joined, step.count)
		}
	}
}

// asked is called once, whatever happens before anybody was asked.
func TestAskedIsAlwaysCalled(t *testing.T) {
	_, _, s := joined(t, Config{})
	l := local{s.ns}
	panics := iter.Seq[ID](func(func(ID) bool) { panic("ids") })
	for name, tt := range map[string]struct {
		ids   iter.Seq[ID]
		event string
	}{
		"nobody":                 {slices.Values([]ID(nil)), "e"},
		"an event not to be had": {slices.Values([]ID{s.ID()}), "connect"},
		"ids that panic":         {panics, "e"},
	} {
		var told []int
		func() {
			defer func() { _ = recover() }()
			l.DeliverWithAck(t.Context(), tt.ids, adapter.Event{Name: tt.event}, adapter.Options{}, func(n int) { told = append(told, n) }, func(Answer) bool { return true })
		}()
		if !slices.Equal(told, []int{0}) {
			t.Errorf("%s: asked was told %v", name, told)
		}
	}
}
