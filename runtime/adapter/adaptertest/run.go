package adaptertest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/siowire"
)

// NewNode starts the adapter of one more node, with the default limits. Every call
// within one test stands for another node; the suite closes what it returns.
type NewNode func(t *testing.T, namespace string, local adapter.Local) adapter.Adapter

// A Delivery is one call of Deliver.
type Delivery struct {
	IDs     []adapter.ID // sorted
	Event   string
	Args    string
	Options adapter.Options
}

// A Recorder is a Local that remembers what it was asked to do. To a broadcast with
// acks every socket answers its own id, but those that Silent names.
type Recorder struct {
	Silent []adapter.ID // set before the test begins
	Before func()       // called by Deliver before it looks at the ids; likewise

	mu    sync.Mutex // guards what follows
	got   []Delivery
	calls []string
	rooms []string
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
		return adapter.ErrRoomName
	}
	return nil
}

// Leave implements [adapter.Local].
func (r *Recorder) Leave(ids iter.Seq[adapter.ID], rooms []adapter.Room) { r.note("leave", ids, rooms) }

// Disconnect implements [adapter.Local].
func (r *Recorder) Disconnect(ids iter.Seq[adapter.ID], closeConnection bool) {
	r.note("disconnect", ids, closeConnection)
}

// Describe implements [adapter.Local].
func (r *Recorder) Describe(ids iter.Seq[adapter.ID]) (list []adapter.Description) {
	for id := range ids {
		list = append(list, adapter.Description{ID: id, Handshake: &adapter.Handshake{}})
	}
	return list
}

// ServerSide implements [adapter.Local].
func (r *Recorder) ServerSide(_ context.Context, e adapter.ServerSideEvent) {
	r.note("server side "+e.Name, slices.Values([]adapter.ID(nil)), e.Args.Len())
	if e.Ack != nil {
		e.Ack(nil)
	}
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

// Deliver implements [adapter.Local].
func (r *Recorder) Deliver(ids iter.Seq[adapter.ID], e adapter.Event, o adapter.Options) {
	if r.Before != nil {
		r.Before()
	}
	d := Delivery{IDs: slices.Sorted(ids), Event: e.Name, Options: o}
	if e.Args != nil {
		d.Args = string(e.Args.B)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got = append(r.got, d)
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
	local *Recorder
}

func start(t *testing.T, newNode NewNode) *node {
	t.Helper()
	local := &Recorder{}
	a := newNode(t, "/chat", local)
	t.Cleanup(func() {
		if err := a.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return &node{a, t, local}
}

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

// Run plays every scenario to the adapters that newNode starts.
func Run(t *testing.T, newNode NewNode) {
	for _, scenario := range []struct {
		name string
		play func(t *testing.T, n *node)
	}{
		{"membership", membership},
		{"own room", ownRoom},
		{"broadcast", broadcast},
		{"options", options},
		{"bounds", bounds},
		{"sockets come at the last moment", late},
		{"room events", roomEvents},
		{"acks", acks},
		{"all sockets at once", together},
		{"nobody", nobody},
		{"server side", serverSide},
		{"join and leave order broadcasts", ordered},
		{"concurrent joins and leaves are exact", concurrent},
		{"forgets", forgets},
	} {
		t.Run(scenario.name, func(t *testing.T) { scenario.play(t, start(t, newNode)) })
	}
	t.Run("a namespace that is elsewhere", func(t *testing.T) { elsewhere(t, newNode) })
	t.Run("two nodes", func(t *testing.T) { twoNodes(t, start(t, newNode), start(t, newNode)) })
}

// twoNodes checks what stays on a node, whether or not the nodes know each other.
func twoNodes(_ *testing.T, a, b *node) {
	a.add("alice", "red")
	b.add("bob", "red")
	a.members(rooms{"red"}, "alice")
	b.members(nil, "bob")
	a.rooms("bob")
	a.reaches(adapter.Options{Rooms: rooms{"red"}}, "alice")
	b.reaches(adapter.Options{All: true}, "bob")
	b.reaches(adapter.Options{Rooms: rooms{"alice"}})
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

func bounds(t *testing.T, n *node) {
	for i := range 1024 {
		n.add("alice", adapter.Room(fmt.Sprint("room ", i)))
	}
	if err := n.Add("alice", "one more"); !errors.Is(err, adapter.ErrTooManyRooms) {
		t.Errorf("joining 1,025 rooms: %v", err)
	}
	if got := len(n.Rooms("alice")); got != 1025 {
		t.Errorf("alice is in %d rooms, want 1,024 and her own", got)
	}
	n.add("alice", "room 7", "alice") // already in
	n.Remove("alice", "room 7")
	n.add("alice", "one more")
	n.add("bob", adapter.Room(strings.Repeat("r", 128)))
	for _, r := range (rooms{"", adapter.Room(strings.Repeat("r", 129))}) {
		if err := n.Add("bob", "fine", r); !errors.Is(err, adapter.ErrRoomName) {
			t.Errorf("joining a room of %d bytes: %v", len(r), err)
		}
	}
	n.members(rooms{"fine"}) // all or nothing
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
