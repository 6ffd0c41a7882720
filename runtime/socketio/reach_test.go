// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/adapter/adaptertest"
	"github.com/sockgen/sockgen/runtime/siowire"
)

// What reaches whom, on one node.
func TestReach(t *testing.T) {
	r := newRig(t, Config{}, func(srv *Server) { srv.Of("/") })
	n := r.Of("/")
	clients, s := crowd(t, r, []Room{"red"}, []Room{"red", "blue"}, nil)
	ctx := t.Context()
	if err := n.To("red").Except("blue").SocketsJoin(ctx, "green", "gold"); err != nil {
		t.Error(err)
	}
	if err := n.SocketsLeave(ctx, "red"); err != nil {
		t.Error(err)
	}
	for i, want := range [][]Room{{"gold", "green"}, {"blue"}, nil} {
		got := slices.DeleteFunc(s[i].Rooms(), func(r Room) bool { return r == Room(s[i].ID()) })
		if !slices.Equal(got, want) {
			t.Errorf("socket %d is in %q, want %q", i, got, want)
		}
	}
	if err := n.SocketsJoin(ctx, Room(strings.Repeat("x", 200))); !errors.Is(err, ErrRoomName) {
		t.Errorf("SocketsJoin: %v", err)
	}
	s[0].SetData(map[string]int{"level": 7})
	s[1].SetData(make(chan int))
	list, err := n.To("gold", "blue").FetchSockets(ctx)
	if err != nil || len(list) != 2 {
		t.Fatalf("FetchSockets = %d sockets, %v", len(list), err)
	}
	for _, remote := range list {
		var data struct{ Level int }
		if err := remote.Data(&data); err != nil {
			t.Error(err)
		}
		if mine := remote.ID() == s[0].ID(); mine != (data.Level == 7) || remote.Handshake().Header.Get("Host") != s[0].Handshake().Header.Get("Host") ||
			!slices.Contains(remote.Rooms(), Room(remote.ID())) {
			t.Errorf("%+v", remote)
		}
		if err := remote.Emit(ctx, "hello"); err != nil {
			t.Error(err)
		}
		if err := remote.Join(ctx, "silver"); err != nil {
			t.Error(err)
		}
		if err := remote.Leave(ctx, "gold", "blue"); err != nil {
			t.Error(err)
		}
	}
	clients[0].want(`42["hello"]`)
	clients[1].want(`42["hello"]`)
	if got := n.Members("gold", "blue"); len(got) != 0 || len(n.Members("silver")) != 2 {
		t.Errorf("gold or blue: %q, silver: %q", got, n.Members("silver"))
	}
	if err := n.To("silver").Except(Room(s[0].ID())).DisconnectSockets(ctx); err != nil {
		t.Error(err)
	}
	clients[1].want("41")
	if err := list[0].CloseConnection(ctx); err != nil {
		t.Error(err)
	}
	if err := n.CloseConnections(ctx); err != nil {
		t.Error(err)
	}
	clients[2].want("41", "closed")
	if !strings.Contains(r.log.String(), "data cannot be sent") {
		t.Error("data that is no JSON is not logged")
	}
}

func TestData(t *testing.T) {
	_, _, s := joined(t, Config{})
	if _, ok := DataOf[string](s); ok {
		t.Error("there is data from the beginning")
	}
	s.SetData("a")
	if v, ok := DataOf[string](s); !ok || v != "a" {
		t.Errorf("DataOf = %q, %v", v, ok)
	}
	if _, ok := DataOf[int](s); ok {
		t.Error("a string is an int")
	}
}

// On one node a server-side event reaches nobody.
func TestServerSideEmitAlone(t *testing.T) {
	srv := NewServer(Config{})
	defer srv.Shutdown(t.Context())
	n := srv.Of("/")
	n.OnServerSide("e", func(context.Context, *ServerSideEvent) { t.Error("the node hears itself") })
	if err := n.ServerSideEmit(t.Context(), "e", 1); err != nil {
		t.Error(err)
	}
	if answers, err := n.ServerSideEmitWithAck(t.Context(), "e"); err != nil || len(answers) != 0 {
		t.Errorf("%d answers, %v", len(answers), err)
	}
	if err := n.ServerSideEmit(t.Context(), "disconnect"); !errors.Is(err, ErrReservedName) {
		t.Errorf("a reserved name: %v", err)
	}
	if err := n.ServerSideEmit(t.Context(), "e", make(chan int)); err == nil {
		t.Error("a channel was sent")
	}
	if count, err := n.ServerCount(t.Context()); err != nil || count != 1 {
		t.Errorf("ServerCount = %d, %v", count, err)
	}
}

// A pair stands for two nodes: it does on the other one what a bus would carry there.
type pair struct {
	mu    sync.Mutex // guards nodes
	nodes []*pairNode
}

type pairNode struct {
	adapter.Adapter
	pair  *pair
	local adapter.Local
}

func (p *pair) open(_ string, l adapter.Local) adapter.Adapter {
	n := &pairNode{adapter.NewMemory(l), p, l}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.nodes = append(p.nodes, n)
	return n
}

func (n *pairNode) other() *pairNode {
	n.pair.mu.Lock()
	defer n.pair.mu.Unlock()
	return n.pair.nodes[1-slices.Index(n.pair.nodes, n)]
}

func (n *pairNode) Broadcast(ctx context.Context, e adapter.Event, o adapter.Options) error {
	return errors.Join(n.Adapter.Broadcast(ctx, e, o), n.other().Adapter.Broadcast(ctx, e, o))
}

func (n *pairNode) AddSockets(ctx context.Context, o adapter.Options, rooms ...Room) error {
	return errors.Join(n.Adapter.AddSockets(ctx, o, rooms...), n.other().Adapter.AddSockets(ctx, o, rooms...))
}

func (n *pairNode) FetchSockets(ctx context.Context, o adapter.Options) ([]adapter.Description, error) {
	here, _ := n.Adapter.FetchSockets(ctx, o)
	there, _ := n.other().Adapter.FetchSockets(ctx, o)
	return append(here, there...), errors.New("a third node is silent")
}

func (n *pairNode) ServerSideEmitWithAck(ctx context.Context, e adapter.Event, _ adapter.Options) (answers []siowire.Args, err error) {
	p, err := siowire.Parse(siowire.AppendEvent(nil, "/", 0, false, e.Name, e.Args), siowire.Limits{})
	if err != nil {
		return nil, err
	}
	n.other().local.ServerSide(ctx, adapter.ServerSideEvent{Name: p.Name, Args: p.Args, Ack: func(args *siowire.Encoder) error {
		defer release(args)
		p, err := siowire.Parse(siowire.AppendAck(nil, "/", 0, args), siowire.Limits{})
		answers = append(answers, p.Args)
		return err
	}})
	return answers, nil
}

// What an adapter carries to another node works there.
func TestReachAnotherNode(t *testing.T) {
	bus := &pair{}
	factory := adaptertest.Hub(func(namespace string, l adapter.Local) adapter.Adapter {
		if namespace != "/" {
			return adapter.NewMemory(l)
		}
		return bus.open(namespace, l)
	})
	setUp := func(srv *Server) { srv.Of("/") }
	a, b := newRig(t, Config{Adapter: factory}, setUp), newRig(t, Config{Adapter: factory}, setUp)
	c, id := b.join("/")
	list, err := a.Of("/").FetchSockets(t.Context())
	if err == nil || len(list) != 1 || list[0].ID() != id {
		t.Fatalf("FetchSockets = %v, %v", list, err)
	}
	if err := list[0].Join(t.Context(), "red"); err != nil {
		t.Error(err)
	}
	if err := a.Of("/").To("red").Emit(t.Context(), "from afar"); err != nil {
		t.Error(err)
	}
	c.want(`42["from afar"]`)
}

// An answer of ServerSide comes back, and a panic of its listener does no harm.
func TestServerSideAck(t *testing.T) {
	bus, quiet := &pair{}, slog.New(slog.DiscardHandler)
	factory := adaptertest.Hub(bus.open)
	a, b := NewServer(Config{Adapter: factory, Logger: quiet}), NewServer(Config{Adapter: factory, Logger: quiet})
	defer a.Shutdown(t.Context())
	defer b.Shutdown(t.Context())
	a.Of("/")
	b.Of("/").OnServerSide("sum", func(context.Context, *ServerSideEvent) { panic("listener") })
	b.Of("/").OnServerSide("sum", func(_ context.Context, e *ServerSideEvent) {
		if err := e.Ack(make(chan int)); err == nil {
			t.Error("a channel was sent")
		}
		if err := e.Ack(fmt.Sprint(e.Name, string(e.Args.At(0)), e.WantsAck())); err != nil {
			t.Error(err)
		}
	})
	answers, err := a.Of("/").ServerSideEmitWithAck(t.Context(), "sum", 1)
	if err != nil || len(answers) != 1 || string(answers[0].At(0)) != `"sum1true"` {
		t.Errorf("%v, %v", answers, err)
	}
	if b.Stats().Panics != 1 {
		t.Error("the panic was not counted")
	}
	if err := (&ServerSideEvent{}).Ack(); !errors.Is(err, ErrNoAck) {
		t.Error(err)
	}
}

// R191: names of the official API that are words for something else.
func TestSendAndUncompressed(t *testing.T) {
	_, c, s := joined(t, Config{})
	ctx := t.Context()
	for _, err := range []error{
		s.Send(ctx, "hey"),
		s.Namespace().Send(ctx, "all"),
		s.Namespace().Uncompressed().To(Room(s.ID())).Send(ctx),
		s.Uncompressed().Emit(ctx, "raw"),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	c.want(`42["message","hey"]`, `42["message","all"]`, `42["message"]`, `42["raw"]`)
	if err := s.Local().Send(ctx, "others"); err != nil {
		t.Error(err)
	}
	atRest(t, s)
	if err := s.Uncompressed().Volatile().Uncompressed().Emit(ctx, "volatile"); err != nil {
		t.Error(err)
	}
	c.want(`42["volatile"]`)
	c.wantOpen()
}
