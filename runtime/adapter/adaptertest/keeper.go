// SPDX-License-Identifier: Apache-2.0

package adaptertest

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"sync"
	"testing"

	"github.com/sockgen/sockgen/runtime/adapter"
)

// What nodes keep for each other, where Engine.Recovery is set.
var ofKeepers = []struct {
	name string
	play func(t *testing.T, nodes []*node)
}{
	{"every node delivers in the same order", sameOrder},
	{"what was missed", missedAcross},
	{"a session is taken once", sessionAcross},
	{"a session is taken over", takenOver},
}

// A place is an event and its offset.
type place struct{ event, offset string }

// Places returns the deliveries that have an offset since the last call, with it.
func (r *Recorder) Places() (events, offsets []string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, p := range r.places {
		events, offsets = append(events, p.event), append(offsets, p.offset)
	}
	r.places = nil
	return events, offsets
}

func (n *node) keeper() adapter.Keeper {
	n.t.Helper()
	k, ok := n.Adapter.(adapter.Keeper)
	if !ok {
		n.t.Fatalf("%T is no Keeper", n.Adapter)
	}
	return k
}

// placed returns what a node has delivered of what emitAtOnce has emitted.
func (n *node) placed(nodes []*node) (events, offsets []string) {
	n.t.Helper()
	eventually(n.t, func() bool {
		e, o := n.local.Places()
		for i, event := range e {
			if event != mark && event != probe {
				events, offsets = append(events, event), append(offsets, o[i])
			}
		}
		return len(events) >= emitted*len(nodes)
	}, func() string { return fmt.Sprintf("of %d events, %d arrive", emitted*len(nodes), len(events)) })
	return events, offsets
}

// emitted is how many events each node emits.
const emitted = 20

// emitAtOnce has every node emit at once.
func emitAtOnce(nodes []*node) {
	crowd(nodes)
	var wg sync.WaitGroup
	for i, n := range nodes {
		wg.Go(func() {
			for number := range emitted {
				n.emit(n, fmt.Sprint(i, " ", number), adapter.Options{Rooms: rooms{"red", adapter.Room(fmt.Sprint("number ", number))}})
			}
		})
	}
	wg.Wait()
}

func sameOrder(t *testing.T, nodes []*node) {
	emitAtOnce(nodes)
	first, offsets := nodes[0].placed(nodes)
	for i, n := range nodes[1:] {
		if events, places := n.placed(nodes); !slices.Equal(events, first) || !slices.Equal(places, offsets) {
			t.Errorf("node %d delivers %q, node 0 %q", i+1, events, first)
		}
	}
	slices.Sort(offsets)
	if n := len(slices.Compact(offsets)); n != len(first) {
		t.Errorf("%d offsets of %d events", n, len(first))
	}
}

func missedAcross(t *testing.T, nodes []*node) {
	emitAtOnce(nodes)
	events, offsets := nodes[0].placed(nodes)
	last := nodes[len(nodes)-1].keeper()
	s := &adapter.Session{ID: "away", Rooms: rooms{"away", "red"}}
	for _, seen := range []int{0, 7, len(events) - 1} {
		from, err := last.Place(context.Background(), s, &offsets[seen])
		if err != nil || from != offsets[seen] {
			t.Fatalf("from %s: %s, %v", offsets[seen], from, err)
		}
		var missed []string
		err = last.Missed(context.Background(), s, from, offsets[len(offsets)-1], func(e adapter.Event, o adapter.Options) bool {
			missed = append(missed, e.Name)
			return true
		})
		if err != nil || !slices.Equal(missed, events[seen+1:]) {
			t.Errorf("after %d: missed %q, %v, want %q", seen, missed, err, events[seen+1:])
		}
	}
	for _, s := range []*adapter.Session{{Rooms: rooms{"blue"}}, {Rooms: nil}} {
		err := last.Missed(context.Background(), s, offsets[0], offsets[len(offsets)-1], func(e adapter.Event, _ adapter.Options) bool {
			t.Errorf("%q was missed by somebody in %q", e.Name, s.Rooms)
			return false
		})
		if err != nil {
			t.Error(err)
		}
	}
	future, nonsense := "99999999999999-0", "nonsense"
	for _, offset := range []*string{nil, &future, &nonsense} {
		if from, err := last.Place(context.Background(), s, offset); !errors.Is(err, adapter.ErrNotKept) {
			t.Errorf("an offset of nobody leads to %q, %v", from, err)
		}
	}
}

func left(pid string) adapter.Session {
	return adapter.Session{
		ID: "away", PID: pid, Rooms: rooms{"away", "red"}, Data: []byte(`{"name":"ü"}`), Namespace: chat,
		Start: "1-0", Sure: "2-0", Sent: "3-0", End: "4-0",
	}
}

func sessionAcross(t *testing.T, nodes []*node) {
	last := nodes[len(nodes)-1].keeper()
	want := left("secret")
	if err := nodes[0].keeper().Persist(want); err != nil {
		t.Fatal(err)
	}
	var got *adapter.Session
	eventually(t, func() (ok bool) {
		var err error
		got, err = last.Restore(context.Background(), want.PID)
		return err == nil
	}, func() string { return "the session is not found" })
	if !reflect.DeepEqual(*got, want) {
		t.Errorf("restored %+v, want %+v", *got, want)
	}
	for _, n := range nodes {
		if s, err := n.keeper().Restore(context.Background(), want.PID); !errors.Is(err, adapter.ErrNotKept) {
			t.Errorf("restored again: %+v, %v", s, err)
		}
	}
}

func takenOver(t *testing.T, nodes []*node) {
	want := left("secret of the first")
	nodes[0].local.mu.Lock()
	nodes[0].local.Left = map[string]*adapter.Session{want.PID: &want}
	nodes[0].local.mu.Unlock()
	last := nodes[len(nodes)-1].keeper()
	got, err := last.Restore(context.Background(), want.PID)
	if err != nil || !reflect.DeepEqual(*got, want) {
		t.Errorf("taken over: %+v, %v, want %+v", got, err, want)
	}
	if s, err := last.Restore(context.Background(), want.PID); !errors.Is(err, adapter.ErrNotKept) {
		t.Errorf("taken over again: %+v, %v", s, err)
	}
}
