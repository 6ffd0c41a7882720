// SPDX-License-Identifier: Apache-2.0

package cluster_test

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/adapter/adaptertest"
	"github.com/sockgen/sockgen/runtime/adapter/cluster"
	"github.com/sockgen/sockgen/runtime/adapter/cluster/clustertest"
	"github.com/sockgen/sockgen/runtime/adapter/cluster/wire"
)

// members starts servers on a network, each with the namespace /chat and a socket of its
// number in the room red.
func members(t *testing.T, n *clustertest.Network, locals ...adapter.Local) []adapter.Adapter {
	t.Helper()
	factory := n.Factory()
	nodes := make([]adapter.Adapter, len(locals))
	for i, local := range locals {
		hub, err := factory(adaptertest.Environment())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { hub.Close(context.Background()) })
		if nodes[i], err = hub.Open("/chat", local); err != nil {
			t.Fatal(err)
		}
		if err := nodes[i].Add(adapter.ID(fmt.Sprint("socket ", i)), "red"); err != nil {
			t.Fatal(err)
		}
	}
	synctest.Wait()
	for i, node := range nodes {
		if count, err := node.ServerCount(context.Background()); err != nil || count != len(nodes) {
			t.Fatalf("node %d counts %d, %v", i, count, err)
		}
	}
	return nodes
}

var (
	all = adapter.Options{All: true}
	bg  = context.Background()
)

// A node that falls silent is noticed within Config.Lost and a bit, and a request that
// waits for it completes then. While nobody knows it is missed by its name.
func TestASilentNode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := &clustertest.Network{}
		locals := []adapter.Local{&adaptertest.Recorder{}, &adaptertest.Recorder{}, &adaptertest.Recorder{}}
		nodes := members(t, network, locals...)
		network.Cut(2, true)
		cut := time.Now()
		list, err := nodes[0].FetchSockets(bg, all)
		var missing *adapter.MissingNodesError
		if !errors.As(err, &missing) || missing.Count != 1 || missing.Of != 2 || len(missing.Nodes) != 1 || len(list) != 2 {
			t.Errorf("%d sockets, %v", len(list), err)
		}
		if d := time.Since(cut); d != 5*time.Second {
			t.Errorf("it took %v", d)
		}
		ids, err := nodes[0].BroadcastWithAck(bg, adapter.Event{Name: "q"}, adapter.Options{All: true, Timeout: time.Hour}, func(adapter.Answer) bool { return true })
		if err != nil || len(ids) != 0 {
			t.Errorf("missing %q, %v", ids, err)
		}
		if d := time.Since(cut); d < 10*time.Second || d > 12*time.Second {
			t.Errorf("the request ended %v after the node did", d)
		}
		time.Sleep(time.Second)
		for i, node := range nodes[:2] {
			if count, _ := node.ServerCount(bg); count != 2 {
				t.Errorf("node %d counts %d", i, count)
			}
		}
		if err := nodes[2].Broadcast(bg, adapter.Event{Name: "alone"}, all); err == nil {
			t.Error("the node that was cut does not say so")
		}
		if got := locals[2].(*adaptertest.Recorder).Take(); got[len(got)-1].Event != "alone" {
			t.Errorf("its own socket got %+v", got)
		}
		network.Cut(2, false)
		time.Sleep(6 * time.Second)
		for i, node := range nodes {
			if count, _ := node.ServerCount(bg); count != 3 {
				t.Errorf("healed: node %d counts %d", i, count)
			}
		}
		nodes[2].Broadcast(bg, adapter.Event{Name: "back"}, all)
		synctest.Wait()
		for i, l := range locals {
			backs := 0
			for _, d := range l.(*adaptertest.Recorder).Take() {
				if d.Event == "back" {
					backs++
				}
			}
			if backs != 1 {
				t.Errorf("node %d was told %d times", i, backs)
			}
		}
	})
}

// The caller's ctx ends a request too, and what came until then is there.
func TestTheCallerGivesUp(t *testing.T) {
	for name, network := range engines {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				network := network()
				nodes := members(t, network, &adaptertest.Recorder{}, &adaptertest.Recorder{}, &adaptertest.Recorder{})
				network.Cut(1, true)
				gaveUp := errors.New("gave up")
				ctx, cancel := context.WithCancelCause(bg)
				time.AfterFunc(time.Second, func() { cancel(gaveUp) })
				begun := time.Now()
				answers, err := nodes[0].ServerSideEmitWithAck(ctx, adapter.Event{Name: "q"}, adapter.Options{Timeout: time.Hour})
				if !errors.Is(err, gaveUp) || len(answers) != 1 || time.Since(begun) != time.Second {
					t.Errorf("%d answers after %v, %v", len(answers), time.Since(begun), err)
				}
				network.Cut(1, false)
			})
		})
	}
}

// A slowLocal delivers when it is let.
type slowLocal struct {
	*adaptertest.Recorder
	let chan struct{}
}

func (l slowLocal) Deliver(ids iter.Seq[adapter.ID], e adapter.Event, o adapter.Options) {
	<-l.let
	l.Recorder.Deliver(ids, e, o)
}

// What a node cannot take in time is lost, in bounded memory, and that is announced. It
// comes to nobody else's harm.
func TestOverflow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var gaps []cluster.Gap
		network := &clustertest.Network{Config: cluster.Config{InboxBytes: 1 << 20, OnGap: func(g cluster.Gap) {
			mu.Lock()
			defer mu.Unlock()
			gaps = append(gaps, g)
			if len(gaps) == 1 {
				panic("OnGap") // which does no harm
			}
		}}}
		slow := slowLocal{&adaptertest.Recorder{}, make(chan struct{})}
		quick := &adaptertest.Recorder{}
		nodes := members(t, network, &adaptertest.Recorder{}, slow, quick)
		const events = 5000
		for i := range events {
			if err := nodes[0].Broadcast(bg, adapter.Event{Name: "e"}, all); err != nil {
				t.Fatal(err)
			}
			if i%100 == 0 {
				synctest.Wait() // so that the quick node keeps up
			}
		}
		synctest.Wait()
		close(slow.let)
		synctest.Wait()
		got := len(slow.Take())
		if got < 100 || got > 2048 {
			t.Errorf("the slow node got %d of %d", got, events)
		}
		if n := len(quick.Take()); n != events {
			t.Errorf("the quick node got %d", n)
		}
		mu.Lock()
		defer mu.Unlock()
		if len(gaps) == 0 || gaps[0].Namespace != "/chat" || !errors.Is(gaps[0].Cause, cluster.ErrOverflow) {
			t.Errorf("announced: %v", gaps)
		}
	})
}

// What is sent after a question comes after it, although the question waits for answers.
func TestAQuestionKeepsItsPlace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		there := &adaptertest.Recorder{Silent: []adapter.ID{"socket 1"}}
		nodes := members(t, &clustertest.Network{}, &adaptertest.Recorder{}, there)
		ctx, cancel := context.WithTimeout(bg, time.Second)
		defer cancel()
		var wg sync.WaitGroup
		wg.Go(func() {
			missing, err := nodes[0].BroadcastWithAck(ctx, adapter.Event{Name: "question"}, all, func(adapter.Answer) bool { return true })
			if len(missing) != 1 || err != nil {
				t.Errorf("missing %q, %v", missing, err)
			}
		})
		synctest.Wait()
		nodes[0].Broadcast(bg, adapter.Event{Name: "next"}, all)
		synctest.Wait()
		var names []string
		for _, d := range there.Take() {
			names = append(names, d.Event)
		}
		if !slices.Equal(names, []string{"question", "next"}) {
			t.Errorf("came as %q", names)
		}
		wg.Wait()
	})
}

// Messages of the node's own, of nobody's namespace, answers that nobody asked for and
// answers twice do nothing.
func TestStrayMessages(t *testing.T) {
	for name, network := range engines {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				network, here := network(), &adaptertest.Recorder{}
				nodes := members(t, network, here, &adaptertest.Recorder{})
				inject := func(namespace string, b wire.Body) {
					data, err := wire.AppendMessage(nil, wire.Message{UID: "stranger", Namespace: namespace, Body: b})
					if err != nil {
						t.Fatal(err)
					}
					network.Inject("/chat", data)
				}
				inject("/other", wire.Broadcast{Name: "e", Options: all})
				inject("/chat", wire.Sockets{RequestID: "nobody's"})
				inject("/chat", wire.ClientCount{RequestID: "nobody's", Count: 1 << 30})
				network.Inject("/chat", []byte("{"))
				network.Inject("/chat", nil)
				synctest.Wait()
				if got := here.Take(); len(got) > 0 {
					t.Errorf("delivered %+v", got)
				}
				if count, _ := nodes[0].ServerCount(bg); count != 2 {
					t.Errorf("a stranger counts: %d", count)
				}
				inject("/chat", wire.Broadcast{Name: "e", Options: all})
				synctest.Wait()
				if got := here.Take(); len(got) != 1 {
					t.Errorf("delivered %+v", got)
				}
			})
		})
	}
}

// A hub that is closed while requests wait ends them.
func TestClosingEndsRequests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := &clustertest.Network{Counts: true}
		factory := network.Factory()
		var hubs []adapter.Hub
		var nodes []adapter.Adapter
		for range 2 {
			hub, err := factory(adaptertest.Environment())
			if err != nil {
				t.Fatal(err)
			}
			node, err := hub.Open("/chat", &adaptertest.Recorder{})
			if err != nil {
				t.Fatal(err)
			}
			hubs, nodes = append(hubs, hub), append(nodes, node)
		}
		network.Cut(1, true)
		var wg sync.WaitGroup
		for _, reach := range []adapter.Reach{nodes[0], hubs[0].Elsewhere("/chat")} {
			wg.Go(func() {
				if _, err := reach.FetchSockets(bg, adapter.Options{All: true, Timeout: time.Hour}); !errors.Is(err, adapter.ErrClosed) {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		begun := time.Now()
		for _, hub := range hubs {
			if err := hub.Close(bg); err != nil {
				t.Error(err)
			}
		}
		wg.Wait()
		if time.Since(begun) > 0 {
			t.Errorf("it took %v", time.Since(begun))
		}
		if err := nodes[0].Broadcast(bg, adapter.Event{Name: "e"}, all); !errors.Is(err, adapter.ErrClosed) {
			t.Error(err)
		}
		if _, err := hubs[0].Open("/late", &adaptertest.Recorder{}); !errors.Is(err, adapter.ErrClosed) {
			t.Error(err)
		}
	})
}

// A Config that contradicts itself makes no hub.
func TestConfig(t *testing.T) {
	for _, cfg := range []cluster.Config{
		{RequestTimeout: -1}, {InboxBytes: -1}, {Heartbeat: 10 * time.Second}, {Heartbeat: time.Second, Lost: time.Second},
	} {
		if _, err := (&clustertest.Network{Config: cfg}).Factory()(adaptertest.Environment()); err == nil {
			t.Errorf("%+v makes a hub", cfg)
		}
	}
}
