// SPDX-License-Identifier: Apache-2.0

package cluster_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/adapter/adaptertest"
	"github.com/sockgen/sockgen/runtime/adapter/cluster/clustertest"
)

// keepers makes two nodes that keep events, each with a socket in red.
func keepers(t *testing.T, network *clustertest.Network) (nodes [2]adapter.Keeper, locals [2]*adaptertest.Recorder) {
	t.Helper()
	network.Keeps = true
	factory := network.Factory()
	for i := range nodes {
		env := adaptertest.Environment()
		env.Recovery = time.Minute
		hub, err := factory(env)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = hub.Close(context.Background()) })
		locals[i] = &adaptertest.Recorder{}
		a, err := hub.Open("/chat", locals[i])
		if err != nil {
			t.Fatal(err)
		}
		nodes[i] = a.(adapter.Keeper)
		if err := a.Add(adapter.ID(fmt.Sprint("socket ", i)), "red"); err != nil {
			t.Fatal(err)
		}
	}
	return nodes, locals
}

func broadcast(t *testing.T, n adapter.Adapter, name string) {
	t.Helper()
	if err := n.Broadcast(t.Context(), adapter.Event{Name: name}, adapter.Options{Rooms: []adapter.Room{"red"}}); err != nil {
		t.Error(err)
	}
}

func events(local *adaptertest.Recorder) (names []string) {
	for _, d := range local.Take() {
		names = append(names, d.Event)
	}
	return names
}

// An event that is in the stream twice, since its sender did not know that it had arrived,
// is delivered once, and missed once.
func TestAnEventThatIsKeptTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := &clustertest.Network{}
		nodes, locals := keepers(t, network)
		for _, name := range []string{"one", "two"} {
			broadcast(t, nodes[0], name)
			network.Repeat()
		}
		broadcast(t, nodes[1], "three")
		synctest.Wait()
		for i, local := range locals {
			_, offsets := local.Places()
			if got := events(local); !slices.Equal(got, []string{"one", "two", "three"}) || len(offsets) != 3 {
				t.Errorf("node %d delivered %q at %q", i, got, offsets)
			}
		}
		var missed []string
		err := nodes[1].Missed(t.Context(), &adapter.Session{Rooms: []adapter.Room{"red"}}, nodes[1].Begun(), "1000-99", func(e adapter.Event, _ adapter.Options) bool {
			missed = append(missed, e.Name)
			return true
		})
		if err != nil || !slices.Equal(missed, []string{"one", "two", "three"}) {
			t.Errorf("missed %q, %v", missed, err)
		}
	})
}

// While what is kept comes late, nobody waits for long, and nothing is delivered twice when
// it comes. Then events wait for their turn again.
func TestWhatIsKeptComesLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := &clustertest.Network{}
		nodes, locals := keepers(t, network)
		network.Freeze(true)
		begun := time.Now()
		for i := range 100 {
			broadcast(t, nodes[0], fmt.Sprint(i))
		}
		if took := time.Since(begun); took > time.Second {
			t.Errorf("it took %v", took)
		}
		if n := len(events(locals[0])); n != 100 || nodes[0].Settled() {
			t.Errorf("node 0 delivered %d, settled %v", n, nodes[0].Settled())
		}
		network.Freeze(false)
		synctest.Wait()
		broadcast(t, nodes[0], "on time")
		synctest.Wait()
		_, offsets := locals[0].Places()
		if got := events(locals[0]); !slices.Equal(got, []string{"on time"}) || len(offsets) != 1 || !nodes[0].Settled() {
			t.Errorf("node 0 delivered %q at %q, settled %v", got, offsets, nodes[0].Settled())
		}
		if got := events(locals[1]); len(got) != 101 || got[99] != "99" {
			t.Errorf("node 1 delivered %q", got)
		}
	})
}

// An event that cannot be published is delivered here, and the error says that no other
// node has it.
func TestWhatCannotBeKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		network := &clustertest.Network{}
		nodes, locals := keepers(t, network)
		network.Cut(0, true)
		if err := nodes[0].Broadcast(t.Context(), adapter.Event{Name: "e"}, adapter.Options{All: true}); err == nil {
			t.Error("no error")
		}
		if got := events(locals[0]); !slices.Equal(got, []string{"e"}) || !nodes[0].Settled() {
			t.Errorf("delivered %q, settled %v", got, nodes[0].Settled())
		}
		network.Cut(0, false)
		broadcast(t, nodes[0], "later")
		synctest.Wait()
		if got := events(locals[1]); !slices.Equal(got, []string{"later"}) {
			t.Errorf("node 1 delivered %q", got)
		}
	})
}
