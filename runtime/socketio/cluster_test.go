// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"testing"
	"time"

	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/adapter/cluster/clustertest"
)

// clusterOf starts servers that are one cluster. setUp is called for each.
func clusterOf(t *testing.T, network *clustertest.Network, count int, setUp func(i int, srv *Server)) []*rig {
	t.Helper()
	factory := network.Factory()
	rigs := make([]*rig, count)
	for i := range rigs {
		rigs[i] = newRig(t, Config{Adapter: factory}, func(srv *Server) {
			srv.Of("/")
			setUp(i, srv)
		})
	}
	for _, r := range rigs {
		eventually(t, "the nodes know each other", func() bool {
			n, err := r.Of("/").ServerCount(t.Context())
			return err == nil && n == count
		})
	}
	return rigs
}

// A user's view of a cluster: every operation of a namespace reaches the sockets of both
// nodes, once.
func TestACluster(t *testing.T) {
	for name, counts := range map[string]bool{"heartbeats": false, "counted": true} {
		t.Run(name, func(t *testing.T) { playCluster(t, &clustertest.Network{Counts: counts}) })
	}
}

func playCluster(t *testing.T, network *clustertest.Network) {
	heard := make(chan string, 10)
	rigs := clusterOf(t, network, 2, func(i int, srv *Server) {
		n := srv.Of("/")
		n.OnConnect(func(_ context.Context, s *Socket) { s.SetData(map[string]int{"node": i}) })
		n.On("join", func(_ context.Context, s *Socket, e *Event) {
			_ = s.Join("red")
			e.Ack()
		})
		n.OnServerSide("news", func(_ context.Context, e *ServerSideEvent) {
			if e.WantsAck() {
				_ = e.Ack(fmt.Sprint("node ", i))
			}
			heard <- fmt.Sprint(i, " ", string(e.Args.At(0)))
		})
	})
	var clients [2]*client
	var ids [2]ID
	for i, r := range rigs {
		clients[i], ids[i] = r.join("/")
		clients[i].send(`420["join"]`)
		clients[i].want(`430[]`)
	}
	ctx, here := t.Context(), rigs[0].Of("/")
	wantBoth := func(frames ...string) {
		t.Helper()
		for _, c := range clients {
			c.want(frames...)
		}
	}
	check := func(what string, err error) {
		t.Helper()
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
	}
	check("Emit", here.Emit(ctx, "all", 1))
	check("To", here.To("red").Emit(ctx, "red"))
	check("binary", here.To("red").Except("nobody").Emit(ctx, "blob", []byte("hi")))
	wantBoth(`42["all",1]`, `42["red"]`, `451-["blob",{"_placeholder":true,"num":0}]`, "<68 69>")
	check("Except", here.Except(Room(ids[0])).Emit(ctx, "other"))
	check("to an id", here.To(Room(ids[1])).Emit(ctx, "you"))
	clients[1].want(`42["other"]`, `42["you"]`)

	list, err := here.FetchSockets(ctx)
	check("FetchSockets", err)
	for _, r := range list {
		var data map[string]int
		check("Data", r.Data(&data))
		if i := slices.Index(ids[:], r.ID()); i < 0 || data["node"] != i || !slices.Contains(r.Rooms(), "red") || r.Handshake().Query.Get("EIO") != "4" {
			t.Errorf("fetched %+v, %v", r, data)
		}
	}
	if len(list) != 2 {
		t.Errorf("fetched %d sockets", len(list))
	}
	answers := make(chan []Answer, 1)
	go func() {
		got, err := here.To("red").Timeout(patience).EmitWithAck(ctx, "ask")
		check("EmitWithAck", err)
		answers <- got
	}()
	wantBoth(`420["ask"]`)
	for _, c := range clients {
		c.send(`430["mine"]`)
	}
	if got := within(t, answers, "answers"); len(got) != 2 {
		t.Errorf("%d answers", len(got))
	}
	check("ServerSideEmit", here.ServerSideEmit(ctx, "news", "first"))
	if got := within(t, heard, "news"); got != `1 "first"` {
		t.Errorf("heard %s", got)
	}
	told, err := here.ServerSideEmitWithAck(ctx, "news", "second")
	check("ServerSideEmitWithAck", err)
	if len(told) != 1 || string(told[0].At(0)) != `"node 1"` {
		t.Errorf("told %d", len(told))
	}
	check("SocketsJoin", here.SocketsJoin(ctx, "blue"))
	check("To", here.To("blue").Emit(ctx, "blue"))
	check("SocketsLeave", here.SocketsLeave(ctx, "blue"))
	check("To", here.To("blue").Emit(ctx, "nobody"))
	check("DisconnectSockets", here.DisconnectSockets(ctx))
	wantBoth(`42["blue"]`, `41`)
	for _, c := range clients {
		c.wantOpen()
	}
}

// A child that only another node has is reached, whoever kept what.
func TestAChildInACluster(t *testing.T) {
	var parents [2]*ParentNamespace
	rigs := clusterOf(t, &clustertest.Network{}, 2, func(i int, srv *Server) {
		parents[i] = srv.OfPattern(regexp.MustCompile("^/m/"))
	})
	c, id := rigs[1].join("/m/1")
	ctx := t.Context()
	err := parents[0].withChild("/m/1", func(n *Namespace) error {
		list, err := n.FetchSockets(ctx)
		if len(list) != 1 || list[0].ID() != id {
			t.Errorf("found %v", list)
		}
		count, counted := n.ServerCount(ctx)
		if count != 1 {
			t.Errorf("%d nodes have it", count)
		}
		return errors.Join(err, counted, n.Emit(ctx, "hi"), n.To("red").Emit(ctx, "not yet"), n.SocketsJoin(ctx, "red"), n.To("red").Emit(ctx, "red"))
	})
	if err != nil {
		t.Error(err)
	}
	c.want(`42/m/1,["hi"]`, `42/m/1,["red"]`)
	// Both nodes have it for a while, and then one again.
	for range 10 {
		other, _ := rigs[0].join("/m/1")
		eventually(t, "both have it", func() bool {
			count := 0
			_ = parents[1].withChild("/m/1", func(n *Namespace) error {
				count, _ = n.ServerCount(ctx)
				return nil
			})
			return count == 2
		})
		if err := parents[0].Emit(ctx, "both"); err != nil {
			t.Error(err)
		}
		other.want(`42/m/1,["both"]`)
		c.want(`42/m/1,["both"]`)
		other.send("41/m/1,")
		eventually(t, "it is gone", func() bool { return len(parents[0].Children()) == 0 })
	}
}

// Sockets and nodes that do not answer are both named.
func TestWhoIsMissingInACluster(t *testing.T) {
	network := &clustertest.Network{Counts: true}
	rigs := clusterOf(t, network, 3, func(int, *Server) {})
	here, _ := rigs[0].join("/")
	network.Cut(2, true)
	answers, err := rigs[0].Of("/").Timeout(300*time.Millisecond).EmitWithAck(t.Context(), "ask")
	here.want(`420["ask"]`)
	var sockets *MissingError
	var nodes *adapter.MissingNodesError
	if len(answers) != 0 || !errors.As(err, &sockets) || len(sockets.IDs) != 1 || !errors.As(err, &nodes) || nodes.Count != 1 || nodes.Of != 2 || !errors.Is(err, ErrTimeout) {
		t.Errorf("%v", err)
	}
	network.Cut(2, false)
}
