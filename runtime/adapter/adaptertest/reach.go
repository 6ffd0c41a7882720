// SPDX-License-Identifier: Apache-2.0

package adaptertest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sockgen/sockgen/runtime/adapter"
)

// late checks what connection state recovery stands on: Deliver is asked for every
// broadcast, and the sockets are those of the moment in which it looks.
func late(t *testing.T, n *node) {
	red := adapter.Options{Rooms: rooms{"red"}, Local: true}
	if err := n.Broadcast(context.Background(), adapter.Event{Name: "e"}, red); err != nil {
		t.Error(err)
	}
	if got := n.local.Take(); len(got) != 1 || len(got[0].IDs) != 0 {
		t.Errorf("a broadcast that meets nobody delivered %+v", got)
	}
	n.local.Before = func() { n.add("alice", "red") }
	n.reaches(red, "alice")
	n.local.Before = func() { n.RemoveAll("alice") }
	n.reaches(red)
}

// roomEvents plays what a listener of rooms hears: each change once, in order.
func roomEvents(t *testing.T, n *node) {
	step := func(what string, do func(), want ...string) {
		t.Helper()
		do()
		if got := n.local.RoomEvents(); !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", what, got, want)
		}
	}
	step("new", func() { n.add("alice") }, "create alice", "join alice alice")
	step("known", func() { n.add("alice") })
	step("first", func() { n.add("alice", "red", "red", "alice") }, "create red", "join red alice")
	step("new and second", func() { n.add("bob", "red") }, "create bob", "join bob bob", "join red bob")
	step("already in", func() { n.add("bob", "red") })
	step("listening in", func() { n.add("bob", "alice") }, "join alice bob")
	step("one leaves", func() { n.Remove("alice", "red", "red", "blue", "alice") }, "leave red alice")
	step("last leaves", func() { n.Remove("bob", "red") }, "leave red bob", "delete red")
	step("gone", func() { n.RemoveAll("alice") }, "leave alice alice")
	step("gone again", func() { n.RemoveAll("alice") })
	step("the last", func() { n.RemoveAll("bob") }, "leave alice bob", "delete alice", "leave bob bob", "delete bob")
}

// acks plays broadcasts that want an answer (R189).
func acks(t *testing.T, n *node) {
	n.add("alice", "red")
	n.add("bob", "red", "quiet")
	n.add("carol", "quiet")
	n.local.Silent = []adapter.ID{"carol"}
	ask := func(most int, timeout time.Duration, o adapter.Options) (answered, missing []adapter.ID) {
		t.Helper()
		ctx, cancel := context.WithTimeout(context.Background(), timeout)
		defer cancel()
		o.Local, o.Timeout = true, timeout
		missing, err := n.BroadcastWithAck(ctx, adapter.Event{Name: "question"}, o, func(a adapter.Answer) bool {
			if a.Args.Len() != 1 || string(a.Args.At(0)) != `"`+string(a.ID)+`"` {
				t.Errorf("%q answered with %d arguments", a.ID, a.Args.Len())
			}
			answered = append(answered, a.ID)
			return len(answered) < most
		})
		if err != nil {
			t.Errorf("BroadcastWithAck: %v", err)
		}
		slices.Sort(answered)
		return answered, missing
	}
	const long = time.Minute // that nobody waits for
	for _, tt := range []struct {
		name              string
		most              int
		timeout           time.Duration
		o                 adapter.Options
		answered, missing []adapter.ID
	}{
		{"all answer", 9, long, adapter.Options{Rooms: rooms{"red"}}, []adapter.ID{"alice", "bob"}, nil},
		{"nobody is asked", 9, long, adapter.Options{Rooms: rooms{"empty"}}, nil, nil},
		{"one is silent", 9, 20 * time.Millisecond, adapter.Options{All: true, Except: rooms{"alice"}}, []adapter.ID{"bob"}, []adapter.ID{"carol"}},
		{"enough is enough", 1, long, adapter.Options{Rooms: rooms{"red"}}, []adapter.ID{"alice"}, []adapter.ID{"bob"}},
	} {
		answered, missing := ask(tt.most, tt.timeout, tt.o)
		if !slices.Equal(answered, tt.answered) || !slices.Equal(missing, tt.missing) {
			t.Errorf("%s: answered %q, missing %q", tt.name, answered, missing)
		}
	}
}

// together plays what is done to many sockets at once.
func together(t *testing.T, n *node) {
	n.add("alice", "red")
	n.add("bob", "red")
	n.add("carol")
	ctx := context.Background()
	red := adapter.Options{Rooms: rooms{"red"}, Except: rooms{"bob"}, Local: true}
	all := adapter.Options{All: true, Local: true}
	for _, err := range []error{
		n.AddSockets(ctx, red, "blue", "green"),
		n.RemoveSockets(ctx, all, "red"),
		n.DisconnectSockets(ctx, red, true),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	if err := n.AddSockets(ctx, all, "forbidden"); !errors.Is(err, ErrForbidden) {
		t.Errorf("AddSockets lost its error: %v", err)
	}
	want := []string{
		"join [alice] [blue green]", "leave [alice bob carol] [red]",
		"disconnect [alice] true", "join [alice bob carol] [forbidden]",
	}
	if got := n.local.Calls(); !slices.Equal(got, want) {
		t.Errorf("done: %q, want %q", got, want)
	}
	list, err := n.FetchSockets(ctx, adapter.Options{Rooms: rooms{"red", "carol"}, Local: true})
	var ids []adapter.ID
	for _, d := range list {
		ids = append(ids, d.ID)
	}
	if err != nil || !slices.Equal(ids, []adapter.ID{"alice", "bob", "carol"}) {
		t.Errorf("FetchSockets = %q, %v", ids, err)
	}
}

// nobody checks that options without rooms do nothing, on this node and on others:
// the same list that a broadcast takes its rooms from may be empty one day.
func nobody(t *testing.T, n *node) {
	n.add("alice", "red")
	n.add("bob")
	for _, o := range []adapter.Options{
		{}, {Rooms: rooms{}}, {Except: rooms{"alice"}}, {Rooms: rooms{}, Except: rooms{"nobody"}}, {Volatile: true},
	} {
		for _, o.Local = range []bool{true, false} {
			reachNobody(t, n, n.local, o)
		}
	}
	if calls := slices.DeleteFunc(n.local.Calls(), forNobody); len(calls) > 0 {
		t.Errorf("done to nobody: %q", calls)
	}
	n.rooms("alice", "alice", "red")
	n.reaches(adapter.Options{All: true}, "alice", "bob")
}

// forNobody reports whether a call that a Recorder noted names no socket.
func forNobody(call string) bool { return strings.Contains(call, " [] ") }

// reachNobody does everything with options that mean nobody, or on a node whose
// namespace is not there.
func reachNobody(t *testing.T, n adapter.Reach, local *Recorder, o adapter.Options) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute) // that nobody waits for
	defer cancel()
	o.Timeout = time.Minute
	missing, err := n.BroadcastWithAck(ctx, adapter.Event{Name: "question"}, o, func(a adapter.Answer) bool {
		t.Errorf("%+v: %q answered", o, a.ID)
		return true
	})
	if err != nil || len(missing) > 0 || ctx.Err() != nil {
		t.Errorf("%+v: BroadcastWithAck = %q, %v", o, missing, err)
	}
	list, err := n.FetchSockets(ctx, o)
	if err != nil || len(list) > 0 {
		t.Errorf("%+v: FetchSockets = %d sockets, %v", o, len(list), err)
	}
	for _, err := range []error{
		n.AddSockets(ctx, o, "blue"), n.RemoveSockets(ctx, o, "red"), n.DisconnectSockets(ctx, o, true),
	} {
		if err != nil {
			t.Errorf("%+v: %v", o, err)
		}
	}
	local.Take() // what wants an answer may be delivered to nobody
	if err := n.Broadcast(ctx, adapter.Event{Name: "greeting"}, o); err != nil {
		t.Errorf("%+v: Broadcast: %v", o, err)
	}
	if got := local.Take(); len(got) > 0 {
		t.Errorf("%+v: delivered %+v", o, got)
	}
}

// elsewhere plays what is for a namespace that is not on the node: it does no harm,
// and what the node has stays as it is.
func elsewhere(t *testing.T, n *node) {
	n.add("alice", "red")
	for range 3 {
		there := n.hub.Elsewhere("/elsewhere")
		for _, o := range []adapter.Options{{All: true, Local: true}, {Rooms: rooms{"red"}, Local: true}, {All: true}, {}} {
			reachNobody(t, there, &Recorder{}, o)
		}
		ctx := context.Background()
		if err := there.ServerSideEmit(ctx, adapter.Event{Name: "hello"}); err != nil {
			t.Errorf("ServerSideEmit: %v", err)
		}
		if answers, err := there.ServerSideEmitWithAck(ctx, adapter.Event{Name: "hello"}, adapter.Options{}); err != nil || len(answers) != 0 {
			t.Errorf("ServerSideEmitWithAck = %d answers, %v", len(answers), err)
		}
		if count, err := there.ServerCount(ctx); err != nil || count != 0 {
			t.Errorf("ServerCount = %d, %v", count, err)
		}
	}
	if calls := n.local.Calls(); len(calls) > 0 {
		t.Errorf("done to another namespace: %q", calls)
	}
	n.rooms("alice", "alice", "red")
	n.reaches(adapter.Options{All: true}, "alice")
}

// serverSide checks that a node does not hear itself.
func serverSide(t *testing.T, n *node) {
	ctx := context.Background()
	if err := n.ServerSideEmit(ctx, adapter.Event{Name: "hello"}); err != nil {
		t.Errorf("ServerSideEmit: %v", err)
	}
	answers, err := n.ServerSideEmitWithAck(ctx, adapter.Event{Name: "hello"}, adapter.Options{})
	if err != nil || len(answers) != n.count-1 {
		t.Errorf("ServerSideEmitWithAck = %d answers, %v", len(answers), err)
	}
	if calls := n.local.Calls(); len(calls) != 0 {
		t.Errorf("a node heard itself: %q", calls)
	}
}

// closed checks what is left after Close: this node.
func closed(t *testing.T, n *node) {
	n.add("alice", "red")
	before, local, end := n.Adapter, n.local, n.end
	n.open(chat) // a child comes again before its predecessor is closed
	n.add("bob", "red")
	if err := end(); err != nil {
		t.Errorf("Close: %v", err)
	}
	late := &node{Adapter: before, t: t, local: local}
	late.reaches(adapter.Options{Rooms: rooms{"red"}}, "alice")
	n.reaches(adapter.Options{Rooms: rooms{"red"}}, "bob")
	n.knows(n.count)
	local.Take()
	for _, want := range []error{nil, adapter.ErrClosed} {
		if err := before.Broadcast(context.Background(), adapter.Event{Name: "e"}, adapter.Options{All: true, Local: want == nil}); err != nil && !errors.Is(err, want) {
			t.Errorf("Broadcast after Close: %v, want nothing or %v", err, want)
		}
	}
	if got := local.Take(); len(got) != 2 {
		t.Errorf("after Close this node got %+v", got)
	}
	before.RemoveAll("alice")
}
