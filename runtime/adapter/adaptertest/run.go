// SPDX-License-Identifier: Apache-2.0

package adaptertest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/siowire"
)

// An Engine is what the suite is about.
type Engine struct {
	// Network returns the factory of the nodes of one cluster, which are made with it one
	// after the other. It is called once for each test.
	Network func(t *testing.T) adapter.Factory
	// Alone says that the nodes do not know each other.
	Alone bool
	// Recovery is that of the nodes' environment.
	Recovery time.Duration
	// Bubble runs each test in a synctest bubble, where time is fake.
	Bubble bool
}

// A Delivery is one call of Deliver.
type Delivery struct {
	IDs     []adapter.ID // sorted
	Event   string
	Args    string
	Options adapter.Options

	Attachments [][]byte
}

// A Recorder is a Local that remembers what it was asked to do. To a broadcast with
// acks every socket answers its own id, but those that Silent names.
type Recorder struct {
	Silent []adapter.ID // set before the test begins
	Before func()       // called by Deliver before it looks at the ids; likewise

	Description adapter.Description // what Describe tells, but for the ids; likewise

	Left map[string]*adapter.Session // by their secrets, what TakeOver finds; likewise

	mu    sync.Mutex // guards what follows
	got   []Delivery
	calls []string
	rooms []string

	places []place // of deliveries that have one
}

// DeliverWithAck implements [adapter.Local].
func (r *Recorder) DeliverWithAck(ctx context.Context, ids iter.Seq[adapter.ID], e adapter.Event, o adapter.Options, asked func(int), answer func(adapter.Answer) bool) (missing []adapter.ID) {
	list := slices.Sorted(ids)
	r.Deliver(slices.Values(list), e, o)
	if asked != nil {
		asked(len(list))
	}
	for i, id := range list {
		if slices.Contains(r.Silent, id) {
			missing = append(missing, id)
			continue
		}
		p, err := siowire.Parse(fmt.Appendf(nil, "30[%q]", id), siowire.Limits{})
		if err != nil {
			panic(err)
		}
		if !answer(adapter.Answer{ID: id, Args: p.Args}) {
			return append(missing, list[i+1:]...)
		}
	}
	if len(missing) > 0 {
		<-ctx.Done()
	}
	return missing
}

// Join implements [adapter.Local]. It refuses the room "forbidden".
func (r *Recorder) Join(ids iter.Seq[adapter.ID], rooms []adapter.Room) error {
	r.note("join", ids, rooms)
	if slices.Contains(rooms, "forbidden") {
		return ErrForbidden
	}
	return nil
}

// ErrForbidden is what [Recorder.Join] returns.
var ErrForbidden = errors.New("adaptertest: the room is forbidden")

// Leave implements [adapter.Local].
func (r *Recorder) Leave(ids iter.Seq[adapter.ID], rooms []adapter.Room) { r.note("leave", ids, rooms) }

// Disconnect implements [adapter.Local].
func (r *Recorder) Disconnect(ids iter.Seq[adapter.ID], closeConnection bool) {
	r.note("disconnect", ids, closeConnection)
}

// Describe implements [adapter.Local].
func (r *Recorder) Describe(ids iter.Seq[adapter.ID]) (list []adapter.Description) {
	for id := range ids {
		d := r.Description
		if d.ID = id; d.Handshake == nil {
			d.Handshake = &adapter.Handshake{}
		}
		list = append(list, d)
	}
	return list
}

// ServerSide implements [adapter.Local].
func (r *Recorder) ServerSide(_ context.Context, e adapter.ServerSideEvent) {
	r.note("server side "+e.Name, slices.Values([]adapter.ID(nil)), e.Args.Len())
	if e.Ack != nil {
		answer := siowire.NewEncoder()
		_ = answer.Value(e.Name + " heard") // a string can be sent
		_ = e.Ack(answer)                   // whoever asked may have gone
	}
}

// Reached implements [adapter.Home].
func (r *Recorder) Reached(string) {}

// TakeOver implements [adapter.Home]. It leaves the session that Left names.
func (r *Recorder) TakeOver(_ context.Context, pid string) *adapter.Session {
	r.mu.Lock()
	defer r.mu.Unlock()
	left := r.Left[pid]
	delete(r.Left, pid)
	return left
}

// RoomChanged implements [adapter.Local].
func (r *Recorder) RoomChanged(e adapter.RoomEvent) {
	kind := [adapter.RoomEventKinds]string{"create", "join", "leave", "delete"}[e.Kind]
	r.mu.Lock()
	defer r.mu.Unlock()
	r.rooms = append(r.rooms, strings.TrimSpace(fmt.Sprint(kind, " ", e.Room, " ", e.ID)))
}

// RoomEvents returns what happened to rooms since the last call.
func (r *Recorder) RoomEvents() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	rooms := r.rooms
	r.rooms = nil
	return rooms
}

func (r *Recorder) note(what string, ids iter.Seq[adapter.ID], with any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = append(r.calls, fmt.Sprint(what, " ", slices.Sorted(ids), " ", with))
}

// Calls returns what was asked since the last call, besides deliveries.
func (r *Recorder) Calls() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	calls := r.calls
	r.calls = nil
	return calls
}

// count returns how many calls Calls would return.
func (r *Recorder) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.calls)
}

// Deliver implements [adapter.Local].
func (r *Recorder) Deliver(ids iter.Seq[adapter.ID], e adapter.Event, o adapter.Options) {
	if r.Before != nil {
		r.Before()
	}
	d := Delivery{IDs: slices.Sorted(ids), Event: e.Name, Options: o}
	if e.Args != nil {
		d.Args = string(e.Args.B)
		d.Attachments = slices.Clone(e.Args.Attachments)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got = append(r.got, d)
	if e.Offset != "" {
		r.places = append(r.places, place{e.Name, e.Offset})
	}
}

// Take returns the deliveries since the last call.
func (r *Recorder) Take() []Delivery {
	r.mu.Lock()
	defer r.mu.Unlock()
	got := r.got
	r.got = nil
	return got
}

// node is one adapter under test, with helpers that fail the test.
type node struct {
	adapter.Adapter
	t     *testing.T
	hub   adapter.Hub
	local *Recorder
	end   func() error // closes the adapter, once
	count int          // nodes that know each other
}

const chat = "/chat"

// start makes the nodes of a cluster. They end with the test.
func start(t *testing.T, e Engine, count int) []*node {
	t.Helper()
	factory := e.Network(t)
	nodes := make([]*node, count)
	for i := range nodes {
		env := Environment()
		env.Recovery = e.Recovery
		hub, err := factory(env)
		if err != nil {
			t.Fatal(err)
		}
		nodes[i] = &node{t: t, hub: hub, count: count}
		if e.Alone {
			nodes[i].count = 1
		}
		nodes[i].open(chat)
	}
	t.Cleanup(func() {
		for _, n := range nodes {
			if err := n.hub.Close(context.Background()); err != nil {
				t.Errorf("Hub.Close: %v", err)
			}
		}
	})
	for _, n := range nodes {
		n.knows(n.count)
	}
	return nodes
}

// open gives the node an adapter with a Recorder of its own, in place of the one it had.
func (n *node) open(namespace string) {
	n.t.Helper()
	n.local = &Recorder{}
	a, err := n.hub.Open(namespace, n.local)
	if err != nil {
		n.t.Fatal(err)
	}
	end := sync.OnceValue(a.Close)
	n.Adapter, n.end = a, end
	n.t.Cleanup(func() {
		if err := end(); err != nil {
			n.t.Errorf("Close: %v", err)
		}
	})
}

// knows waits until the node counts that many.
func (n *node) knows(count int) {
	n.t.Helper()
	var got int
	var err error
	eventually(n.t, func() bool {
		got, err = n.ServerCount(context.Background())
		return err == nil && got == count
	}, func() string { return fmt.Sprintf("ServerCount = %d, %v, want %d", got, err, count) })
}

// patience is how long the suite waits for what must happen.
const patience = 20 * time.Second

// eventually waits until ok.
func eventually(t *testing.T, ok func() bool, otherwise func() string) {
	t.Helper()
	for end := time.Now().Add(patience); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal(otherwise())
		}
	}
}

// Environment is that of a server with the default limits, whose log is dropped.
func Environment() adapter.Environment {
	return adapter.Environment{
		Logger: slog.New(slog.DiscardHandler), Clock: clock{},
		Limits: adapter.Limits{Rooms: 1024, RoomBytes: 128},
	}
}

type clock struct{}

func (clock) Now() time.Time { return time.Now() }

func (clock) AfterFunc(d time.Duration, f func()) func() bool { return time.AfterFunc(d, f).Stop }

// Hub returns the factory of a hub without a bus, whose adapters are made by open. A
// namespace that is not on its node reaches nobody.
func Hub(open func(namespace string, local adapter.Local) adapter.Adapter) adapter.Factory {
	return func(adapter.Environment) (adapter.Hub, error) { return hub(open), nil }
}

type hub func(namespace string, local adapter.Local) adapter.Adapter

func (h hub) Open(namespace string, local adapter.Local) (adapter.Adapter, error) {
	return h(namespace, local), nil
}

func (h hub) Elsewhere(string) adapter.Reach { return adapter.NoNodes }

func (h hub) Close(context.Context) error { return nil }

func (n *node) add(id adapter.ID, rooms ...adapter.Room) {
	n.t.Helper()
	if err := n.Add(id, rooms...); err != nil {
		n.t.Fatalf("Add(%q, %q): %v", id, rooms, err)
	}
}

// reaches broadcasts with o and checks whom it meets.
func (n *node) reaches(o adapter.Options, want ...adapter.ID) {
	n.t.Helper()
	e := siowire.NewEncoder()
	defer e.Release()
	if err := e.Value("hello"); err != nil {
		n.t.Fatal(err)
	}
	o.Local = true
	if err := n.Broadcast(context.Background(), adapter.Event{Name: "greeting", Args: e}, o); err != nil {
		n.t.Fatalf("Broadcast(%+v): %v", o, err)
	}
	var got []adapter.ID
	for _, d := range n.local.Take() {
		got = append(got, d.IDs...)
		if d.Event != "greeting" || d.Args != `"hello"` || d.Options.Volatile != o.Volatile {
			n.t.Errorf("Broadcast(%+v) delivered %+v", o, d)
		}
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		n.t.Errorf("Broadcast(%+v) reached %q, want %q", o, got, want)
	}
}

func (n *node) rooms(id adapter.ID, want ...adapter.Room) {
	n.t.Helper()
	if got := n.Rooms(id); !slices.Equal(got, want) {
		n.t.Errorf("Rooms(%q) = %q, want %q", id, got, want)
	}
}

func (n *node) members(rooms []adapter.Room, want ...adapter.ID) {
	n.t.Helper()
	if got := n.Members(rooms...); !slices.Equal(got, want) {
		n.t.Errorf("Members(%q) = %q, want %q", rooms, got, want)
	}
}

type rooms = []adapter.Room

// A scenario is played to the first of the nodes of a cluster, with the others around.
type scenario struct {
	name string
	play func(t *testing.T, n *node)
}

var ofOneNode = []scenario{
	{"membership", membership},
	{"own room", ownRoom},
	{"broadcast", broadcast},
	{"options", options},
	{"many rooms", manyRooms},
	{"sockets come at the last moment", late},
	{"room events", roomEvents},
	{"acks", acks},
	{"all sockets at once", together},
	{"nobody", nobody},
	{"server side", serverSide},
	{"join and leave order broadcasts", ordered},
	{"concurrent joins and leaves are exact", concurrent},
	{"forgets", forgets},
	{"a namespace that is elsewhere", elsewhere},
	{"closed", closed},
}

// Run plays every scenario to nodes of e: to one alone, and to clusters of two and of
// three.
func Run(t *testing.T, e Engine) {
	for count := 1; count <= 3; count++ {
		t.Run(fmt.Sprintf("%d nodes", count), func(t *testing.T) {
			for _, s := range ofOneNode {
				e.run(t, s.name, func(t *testing.T) { s.play(t, start(t, e, count)[0]) })
			}
			e.run(t, "apart", func(t *testing.T) { apart(start(t, e, count)) })
			if e.Alone || count == 1 {
				return
			}
			for _, s := range ofAllNodes {
				e.run(t, s.name, func(t *testing.T) { s.play(t, start(t, e, count)) })
			}
			if e.Recovery == 0 {
				return
			}
			for _, s := range ofKeepers {
				e.run(t, s.name, func(t *testing.T) { s.play(t, start(t, e, count)) })
			}
		})
	}
}

// run plays one scenario.
func (e Engine) run(t *testing.T, name string, play func(t *testing.T)) {
	t.Run(name, func(t *testing.T) {
		if e.Bubble {
			synctest.Test(t, play)
		} else {
			play(t)
		}
	})
}

// apart checks what stays on a node, whether or not the nodes know each other.
func apart(nodes []*node) {
	for i, n := range nodes {
		n.add(adapter.ID(fmt.Sprint("socket ", i)), "red")
	}
	for i, n := range nodes {
		id := adapter.ID(fmt.Sprint("socket ", i))
		n.members(rooms{"red"}, id)
		n.members(nil, id)
		n.reaches(adapter.Options{Rooms: rooms{"red"}}, id)
		n.reaches(adapter.Options{All: true}, id)
		for j := range nodes {
			if other := adapter.ID(fmt.Sprint("socket ", j)); j != i {
				n.rooms(other)
				n.reaches(adapter.Options{Rooms: rooms{adapter.Room(other)}})
			}
		}
	}
}

func membership(_ *testing.T, n *node) {
	n.add("alice")
	n.add("alice", "red", "blue")
	n.add("bob", "blue")
	n.rooms("alice", "alice", "blue", "red")
	n.rooms("bob", "blue", "bob")
	n.rooms("nobody")
	n.members(rooms{"blue"}, "alice", "bob")
	n.members(rooms{"red", "blue"}, "alice", "bob")
	n.members(nil, "alice", "bob")
	n.add("alice", "red") // again changes nothing
	n.Remove("alice", "blue", "never joined")
	n.rooms("alice", "alice", "red")
	n.members(rooms{"blue"}, "bob")
	n.RemoveAll("alice")
	n.RemoveAll("alice")
	n.rooms("alice")
	n.members(rooms{"red"})
	n.members(nil, "bob")
}

func ownRoom(_ *testing.T, n *node) {
	n.add("alice")
	n.add("bob")
	n.reaches(adapter.Options{Rooms: rooms{"alice"}}, "alice")
	n.add("alice", "alice")
	n.Remove("alice", "alice")
	n.rooms("alice", "alice")
	n.reaches(adapter.Options{Rooms: rooms{"alice"}}, "alice")
	// Another socket may listen in.
	n.add("bob", "alice")
	n.reaches(adapter.Options{Rooms: rooms{"alice"}}, "alice", "bob")
	n.members(rooms{"alice"}, "alice", "bob")
	n.RemoveAll("alice")
	n.reaches(adapter.Options{Rooms: rooms{"alice"}}, "bob")
}

func broadcast(_ *testing.T, n *node) {
	n.add("alice", "red", "blue")
	n.add("bob", "blue")
	n.add("carol", "red")
	n.add("dave")
	n.reaches(adapter.Options{All: true}, "alice", "bob", "carol", "dave")
	n.reaches(adapter.Options{Rooms: rooms{"red"}}, "alice", "carol")
	n.reaches(adapter.Options{Rooms: rooms{"red", "blue"}}, "alice", "bob", "carol") // alice once
	n.reaches(adapter.Options{Rooms: rooms{"red", "red", "dave"}}, "alice", "carol", "dave")
	n.reaches(adapter.Options{All: true, Except: rooms{"red"}}, "bob", "dave")
	n.reaches(adapter.Options{Rooms: rooms{"blue"}, Except: rooms{"alice"}}, "bob")
	n.reaches(adapter.Options{Rooms: rooms{"red", "blue"}, Except: rooms{"bob", "carol"}}, "alice")
	n.reaches(adapter.Options{Rooms: rooms{"empty"}})
	n.reaches(adapter.Options{Rooms: rooms{"red"}, Except: rooms{"red"}})
}

func options(_ *testing.T, n *node) {
	n.add("alice", "red")
	n.reaches(adapter.Options{Rooms: rooms{"red"}, Volatile: true}, "alice")
}

func manyRooms(t *testing.T, n *node) {
	for i := range 1024 {
		n.add("alice", adapter.Room(fmt.Sprint("room ", i)))
	}
	if got := len(n.Rooms("alice")); got != 1025 {
		t.Errorf("alice is in %d rooms, want 1,024 and her own", got)
	}
	n.add("alice", "room 7", "alice") // already in
	n.Remove("alice", "room 7")
	for room, want := range map[adapter.Room]bool{"room 6": true, "room 7": false, "alice": true, "bob": false, "": false} {
		if n.Joined("alice", room) != want {
			t.Errorf("Joined(alice, %q) = %t", room, !want)
		}
	}
	if n.Joined("bob", "bob") {
		t.Error("somebody unknown has joined")
	}
}

// ordered is R250.
func ordered(_ *testing.T, n *node) {
	for range 100 {
		n.add("alice", "red")
		n.reaches(adapter.Options{Rooms: rooms{"red"}}, "alice")
		n.Remove("alice", "red")
		n.reaches(adapter.Options{Rooms: rooms{"red"}})
	}
}

func concurrent(t *testing.T, n *node) {
	const sockets, turns = 64, 50
	var wg sync.WaitGroup
	for i := range sockets {
		wg.Go(func() {
			id := adapter.ID(fmt.Sprint("socket ", i))
			for turn := range turns {
				if err := n.Add(id, "all", adapter.Room(fmt.Sprint("room ", turn%7))); err != nil {
					t.Error(err)
				}
				if turn%3 == 0 {
					n.Remove(id, "all")
				}
				if turn%10 == 0 {
					n.Broadcast(context.Background(), adapter.Event{Name: "e"}, adapter.Options{Rooms: rooms{"all"}, Local: true})
				}
			}
			if i%2 == 0 {
				n.RemoveAll(id)
			}
		})
	}
	wg.Wait()
	var want []adapter.ID
	for i := 1; i < sockets; i += 2 {
		want = append(want, adapter.ID(fmt.Sprint("socket ", i)))
	}
	slices.Sort(want)
	n.members(nil, want...)
	n.members(rooms{"all"}, want...) // turn 49 is not a multiple of three
	n.members(rooms{"room 3"}, want...)
}

func forgets(_ *testing.T, n *node) {
	n.RemoveAll("nobody")
	n.Remove("nobody", "red")
	n.members(nil)
	n.reaches(adapter.Options{All: true})
}
