// SPDX-License-Identifier: Apache-2.0

package adaptertest

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/siowire"
)

// What nodes that know each other do for each other. Each scenario gets all of them.
var ofAllNodes = []struct {
	name string
	play func(t *testing.T, nodes []*node)
}{
	{"a broadcast reaches every node once", broadcastAcross},
	{"events of a sender stay in order", orderAcross},
	{"binary values arrive", binaryAcross},
	{"acks of every node", acksAcross},
	{"all sockets of every node", togetherAcross},
	{"fetched from every node", fetchAcross},
	{"server-side events", serverSideAcross},
	{"from a node that has not the namespace", fromElsewhere},
	{"namespaces are apart", namespacesAcross},
	{"a child that comes again hears", againAcross},
	{"one node is stuck", stuck},
	{"nodes go", goAcross},
}

// crowd puts one socket on each node, in the room red and in one of its own number.
func crowd(nodes []*node) (ids []adapter.ID) {
	for i, n := range nodes {
		id := adapter.ID(fmt.Sprint("socket ", i))
		n.add(id, "red", adapter.Room(fmt.Sprint("room ", i)))
		ids = append(ids, id)
	}
	for i, n := range nodes {
		for _, room := range n.Rooms(ids[i]) {
			n.awaitRoom(nodes, room)
		}
	}
	settle(nodes)
	return ids
}

// awaitRoom waits until what the others send to a room arrives at n: a bus may bring it
// there only from a moment after the first socket has joined.
func (n *node) awaitRoom(nodes []*node, room adapter.Room) {
	n.t.Helper()
	for _, from := range nodes {
		eventually(n.t, func() bool {
			from.emit(from, probe, adapter.Options{Rooms: rooms{room}})
			return slices.ContainsFunc(n.local.Take(), func(d Delivery) bool { return d.Event == probe })
		}, func() string { return fmt.Sprintf("what is for %q does not arrive", room) })
	}
}

// probe is the name of an event that settle passes over.
const probe = "probe"

// encoder holds values.
func encoder(t *testing.T, values ...any) *siowire.Encoder {
	t.Helper()
	e := siowire.NewEncoder()
	for _, v := range values {
		if err := e.Value(v); err != nil {
			t.Fatal(err)
		}
	}
	return e
}

// emit broadcasts from a node.
func (n *node) emit(r adapter.Reach, name string, o adapter.Options, values ...any) {
	n.t.Helper()
	e := encoder(n.t, values...)
	defer e.Release()
	if err := r.Broadcast(context.Background(), adapter.Event{Name: name, Args: e}, o); err != nil {
		n.t.Errorf("Broadcast(%+v): %v", o, err)
	}
}

// settle waits until what was sent before has arrived everywhere, and forgets it. It
// returns what came besides on each node. Each node marks the end of what it has sent: for
// all, and for each room, since what is for a room may travel apart.
func settle(nodes []*node) (came [][]Delivery) {
	all := map[adapter.Room]bool{}
	for _, n := range nodes {
		for _, r := range n.all() {
			all[r] = true
		}
	}
	turn := turns.Add(1)
	for i, from := range nodes {
		from.emit(from, mark, adapter.Options{All: true}, turn, i, "")
		for r := range all {
			from.emit(from, mark, adapter.Options{Rooms: rooms{r}}, turn, i, string(r))
		}
	}
	for _, n := range nodes {
		came = append(came, n.untilMarks(turn, len(nodes)))
	}
	return came
}

// mark is the name of the event that ends what a node has sent, and turns counts how often
// that has been.
const mark = "mark"

var turns atomic.Int64

// all returns the rooms of this node's sockets.
func (n *node) all() (list rooms) {
	for _, id := range n.Members() {
		list = append(list, n.Rooms(id)...)
	}
	return list
}

// untilMarks takes what comes until it has all marks that so many nodes have sent.
func (n *node) untilMarks(turn int64, senders int) (came []Delivery) {
	n.t.Helper()
	missing := map[string]bool{}
	for i := range senders {
		for _, r := range append(n.all(), "") {
			missing[fmt.Sprintf("%d,%d,%q", turn, i, r)] = true
		}
	}
	eventually(n.t, func() bool {
		for _, d := range n.local.Take() {
			switch d.Event {
			case mark:
				if len(d.IDs) > 0 || strings.HasSuffix(d.Args, `,""`) {
					delete(missing, d.Args)
				}
			case probe:
			default:
				came = append(came, d)
			}
		}
		return len(missing) == 0
	}, func() string { return fmt.Sprintf("marks do not arrive: %v", missing) })
	return came
}

func broadcastAcross(t *testing.T, nodes []*node) {
	ids := crowd(nodes)
	last := len(nodes) - 1
	for _, tt := range []struct {
		o    adapter.Options
		want []adapter.ID
	}{
		{adapter.Options{All: true}, ids},
		{adapter.Options{Rooms: rooms{"red"}}, ids},
		{adapter.Options{Rooms: rooms{"red", "room 0"}}, ids},
		{adapter.Options{Rooms: rooms{"red"}, Except: rooms{"room 0"}}, ids[1:]},
		{adapter.Options{All: true, Except: rooms{adapter.Room(ids[last])}}, ids[:last]},
		{adapter.Options{Rooms: rooms{adapter.Room(ids[last])}}, ids[last:]},
		{adapter.Options{Rooms: rooms{adapter.Room(fmt.Sprint("room ", last))}, Volatile: true}, ids[last:]},
		{adapter.Options{Rooms: rooms{"red"}, Uncompressed: true}, ids},
		{adapter.Options{All: true, Local: true}, ids[:1]},
		{adapter.Options{Rooms: rooms{"empty"}}, nil},
		{adapter.Options{Rooms: rooms{"a*", "[b]?", "ü"}}, nil},
	} {
		nodes[0].emit(nodes[0], "hello", tt.o, "world", map[string]any{"n": 1.5, "none": nil})
		var reached []adapter.ID
		for _, came := range settle(nodes) {
			for _, d := range came {
				reached = append(reached, d.IDs...)
				if d.Event != "hello" || d.Args != `"world",{"n":1.5,"none":null}` {
					t.Errorf("%+v: delivered %+v", tt.o, d)
				}
				if d.Options.Volatile != tt.o.Volatile || d.Options.Uncompressed != tt.o.Uncompressed {
					t.Errorf("%+v: with %+v", tt.o, d.Options)
				}
			}
		}
		slices.Sort(reached)
		if !slices.Equal(reached, tt.want) {
			t.Errorf("%+v reached %q, want %q", tt.o, reached, tt.want)
		}
	}
}

func orderAcross(t *testing.T, nodes []*node) {
	crowd(nodes)
	const events = 200
	for i := range events {
		o := adapter.Options{All: true}
		if i%3 == 0 {
			o = adapter.Options{Rooms: rooms{"red", "room 0"}}
		}
		nodes[0].emit(nodes[0], "e", o, i)
	}
	for n, came := range settle(nodes) {
		for i, d := range came {
			if d.Args != fmt.Sprint(i) {
				t.Fatalf("node %d: event %d is %+v", n, i, d)
			}
		}
		if len(came) != events {
			t.Errorf("node %d got %d events", n, len(came))
		}
	}
}

func binaryAcross(t *testing.T, nodes []*node) {
	crowd(nodes)
	nodes[0].emit(nodes[0], "blob", adapter.Options{All: true}, map[string]any{"data": []byte{1, 2, 3}}, []byte{})
	for i, came := range settle(nodes) {
		if len(came) != 1 || !slices.EqualFunc(came[0].Attachments, []string{"\x01\x02\x03", ""}, func(a []byte, b string) bool { return string(a) == b }) {
			t.Errorf("node %d: %+v", i, came)
			continue
		}
		if want := `{"data":{"_placeholder":true,"num":0}},{"_placeholder":true,"num":1}`; came[0].Args != want {
			t.Errorf("node %d: %s", i, came[0].Args)
		}
	}
}

func acksAcross(t *testing.T, nodes []*node) {
	ids := crowd(nodes)
	nodes[0].add("quiet 0", "quiet")
	nodes[len(nodes)-1].add("quiet 1", "quiet")
	for _, n := range nodes {
		n.local.Silent = []adapter.ID{"quiet 0", "quiet 1"}
	}
	ask := func(o adapter.Options, most int) (answered []string, missing []adapter.ID) {
		t.Helper()
		ctx, cancel := context.WithTimeout(context.Background(), cmpOr(o.Timeout, patience))
		defer cancel()
		missing, err := nodes[0].BroadcastWithAck(ctx, adapter.Event{Name: "question"}, o, func(a adapter.Answer) bool {
			answered = append(answered, string(a.Args.At(0)))
			return len(answered) < most
		})
		if err != nil {
			t.Errorf("%+v: %v", o, err)
		}
		slices.Sort(answered)
		return answered, missing
	}
	var all []string
	for _, id := range ids {
		all = append(all, fmt.Sprintf("%q", id))
	}
	if got, missing := ask(adapter.Options{Rooms: rooms{"red"}}, 100); !slices.Equal(got, all) || len(missing) > 0 {
		t.Errorf("answered %q, missing %q", got, missing)
	}
	if got, missing := ask(adapter.Options{Rooms: rooms{"empty"}}, 100); len(got)+len(missing) > 0 {
		t.Errorf("nobody: answered %q, missing %q", got, missing)
	}
	if got, _ := ask(adapter.Options{Rooms: rooms{"red"}}, 1); len(got) != 1 {
		t.Errorf("enough: answered %q", got)
	}
	got, missing := ask(adapter.Options{Rooms: rooms{"red", "quiet"}, Timeout: 200 * time.Millisecond}, 100)
	if !slices.Equal(got, all) || len(missing) != 2 || !slices.Contains(missing, "quiet 0") {
		t.Errorf("two are silent: answered %q, missing %q", got, missing)
	}
}

func cmpOr(a, b time.Duration) time.Duration {
	if a != 0 {
		return a
	}
	return b
}

func togetherAcross(t *testing.T, nodes []*node) {
	crowd(nodes)
	ctx := context.Background()
	o := adapter.Options{Rooms: rooms{"red"}, Except: rooms{"nobody"}}
	for _, err := range []error{
		nodes[0].AddSockets(ctx, o, "blue", "green"), nodes[0].RemoveSockets(ctx, o, "blue"),
		nodes[0].DisconnectSockets(ctx, o, true), nodes[0].DisconnectSockets(ctx, o, false),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	settle(nodes)
	for i, n := range nodes {
		id := fmt.Sprintf("[socket %d]", i)
		want := []string{"join " + id + " [blue green]", "leave " + id + " [blue]", "disconnect " + id + " true", "disconnect " + id + " false"}
		if got := n.local.Calls(); !slices.Equal(got, want) {
			t.Errorf("node %d: %q, want %q", i, got, want)
		}
	}
}

// describing describes sockets with all that travels.
var describing = adapter.Description{
	Rooms: rooms{"a", "b"},
	Handshake: &adapter.Handshake{
		Auth: []byte(`{"token":"x"}`), Header: http.Header{"User-Agent": {"test"}, "X-Two": {"1", "2"}},
		Query: url.Values{"EIO": {"4"}, "list": {"1", "2"}}, URL: "/socket.io/?EIO=4", Address: "192.0.2.1:443",
		Time: time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC), Secure: true, CrossOrigin: true,
	},
	Data: []byte(`{"user":{"id":7}}`),
}

func fetchAcross(t *testing.T, nodes []*node) {
	ids := crowd(nodes)
	for _, n := range nodes {
		n.local.Description = describing
	}
	list, err := nodes[0].FetchSockets(context.Background(), adapter.Options{Rooms: rooms{"red"}})
	if err != nil || len(list) != len(ids) {
		t.Fatalf("%d sockets, %v", len(list), err)
	}
	for i, d := range list {
		h, want := d.Handshake, describing.Handshake
		if d.ID != ids[i] || !slices.Equal(d.Rooms, describing.Rooms) || string(d.Data) != string(describing.Data) {
			t.Errorf("got %+v", d)
		}
		if string(h.Auth) != string(want.Auth) || h.Header.Get("User-Agent") != "test" || h.Query.Get("EIO") != "4" || h.URL != want.URL ||
			h.Address != want.Address || !h.Time.Equal(want.Time) || h.Secure != want.Secure || h.CrossOrigin != want.CrossOrigin {
			t.Errorf("handshake %+v", h)
		}
	}
	list, err = nodes[0].FetchSockets(context.Background(), adapter.Options{Rooms: rooms{"red"}, Except: rooms{"room 0"}})
	if err != nil || len(list) != len(ids)-1 {
		t.Errorf("%d sockets, %v", len(list), err)
	}
	list, err = nodes[0].FetchSockets(context.Background(), adapter.Options{All: true, Local: true})
	if err != nil || len(list) != 1 {
		t.Errorf("local: %d sockets, %v", len(list), err)
	}
}

func serverSideAcross(t *testing.T, nodes []*node) {
	ctx := context.Background()
	e := encoder(t, "world", []byte{1})
	defer e.Release()
	if err := nodes[0].ServerSideEmit(ctx, adapter.Event{Name: "hello", Args: e}); err != nil {
		t.Error(err)
	}
	answers, err := nodes[0].ServerSideEmitWithAck(ctx, adapter.Event{Name: "question", Args: e}, adapter.Options{})
	if err != nil || len(answers) != len(nodes)-1 {
		t.Errorf("%d answers, %v", len(answers), err)
	}
	for _, a := range answers {
		if a.Len() != 1 || string(a.At(0)) != `"question heard"` {
			t.Errorf("answered with %d arguments", a.Len())
		}
	}
	for i, n := range nodes {
		var want []string
		if i > 0 {
			want = []string{"server side hello [] 2", "server side question [] 2"}
		}
		var got []string
		eventually(t, func() bool {
			got = append(got, n.local.Calls()...)
			return len(got) >= len(want)
		}, func() string { return fmt.Sprintf("node %d heard %q", i, got) })
		slices.Sort(got) // one that wants an answer does not wait for others
		if !slices.Equal(got, want) {
			t.Errorf("node %d heard %q, want %q", i, got, want)
		}
	}
}

// fromElsewhere reaches a namespace from a node that has closed its own.
func fromElsewhere(t *testing.T, nodes []*node) {
	if err := nodes[0].end(); err != nil {
		t.Error(err)
	}
	there := nodes[1:]
	ids := crowd(there)
	for _, n := range there {
		n.knows(len(there))
	}
	ctx, reach := context.Background(), nodes[0].hub.Elsewhere(chat)
	e := encoder(t, 1)
	defer e.Release()
	all := adapter.Options{All: true}
	for _, err := range []error{
		reach.Broadcast(ctx, adapter.Event{Name: "hello", Args: e}, all), reach.AddSockets(ctx, all, "blue"),
		reach.RemoveSockets(ctx, all, "blue"), reach.DisconnectSockets(ctx, all, false),
		reach.ServerSideEmit(ctx, adapter.Event{Name: "hello"}),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	count, counted := reach.ServerCount(ctx)
	list, fetched := reach.FetchSockets(ctx, all)
	answers, told := reach.ServerSideEmitWithAck(ctx, adapter.Event{Name: "question"}, adapter.Options{})
	clients := 0
	missing, asked := reach.BroadcastWithAck(ctx, adapter.Event{Name: "question"}, all, func(adapter.Answer) bool {
		clients++
		return true
	})
	if err := errors.Join(counted, fetched, told, asked); err != nil || count != len(there) || len(list) != len(ids) || len(answers) != len(there) || clients != len(ids) || len(missing) != 0 {
		t.Errorf("%v: %d nodes, %d sockets, %d answers of nodes, %d of sockets, %d missing", err, count, len(list), len(answers), clients, len(missing))
	}
	for i, came := range settle(there) {
		eventually(t, func() bool {
			for _, d := range there[i].local.Take() {
				if d.Event != mark {
					came = append(came, d)
				}
			}
			return len(came) >= 2
		}, func() string { return fmt.Sprintf("node %d: %+v", i+1, came) })
		slices.SortFunc(came, func(a, b Delivery) int { return strings.Compare(a.Event, b.Event) }) // what is to be answered may travel apart
		if len(came) != 2 || came[0].Event != "hello" || came[1].Event != "question" {
			t.Errorf("node %d: %+v", i+1, came)
		}
		eventually(t, func() bool { return there[i].local.count() >= 5 }, func() string { return fmt.Sprintf("node %d: %q", i+1, there[i].local.Calls()) })
	}
}

func namespacesAcross(t *testing.T, nodes []*node) {
	crowd(nodes)
	others := make([]*node, len(nodes))
	for i, n := range nodes {
		others[i] = &node{t: t, hub: n.hub, count: n.count}
		others[i].open("/chat*") // a neighbour on any bus that knows patterns
		others[i].add(adapter.ID(fmt.Sprint("socket ", i)), "red")
	}
	for _, n := range others {
		n.knows(len(nodes))
	}
	nodes[0].emit(nodes[0], "hello", adapter.Options{All: true})
	others[0].emit(others[0], "other", adapter.Options{Rooms: rooms{"red"}})
	for i, came := range settle(nodes) {
		if len(came) != 1 || came[0].Event != "hello" {
			t.Errorf("node %d: %+v", i, came)
		}
	}
	for i, came := range settle(others) {
		if len(came) != 1 || came[0].Event != "other" {
			t.Errorf("the other namespace on node %d: %+v", i, came)
		}
	}
}

// againAcross opens the namespace anew before the old adapter is closed: what the old one
// takes down is its own.
func againAcross(t *testing.T, nodes []*node) {
	for range 3 {
		for _, n := range nodes {
			end := n.end
			n.open(chat)
			if err := end(); err != nil {
				t.Error(err)
			}
		}
	}
	for _, n := range nodes {
		n.knows(len(nodes))
	}
	crowd(nodes)
	nodes[0].emit(nodes[0], "hello", adapter.Options{Rooms: rooms{"red"}})
	for i, came := range settle(nodes) {
		if len(came) != 1 || len(came[0].IDs) != 1 {
			t.Errorf("node %d: %+v", i, came)
		}
	}
	if list, err := nodes[0].FetchSockets(context.Background(), adapter.Options{All: true}); err != nil || len(list) != len(nodes) {
		t.Errorf("%d sockets, %v", len(list), err)
	}
}

// A stuckLocal does not return from what may call the application, until it is let.
type stuckLocal struct {
	*Recorder
	let chan struct{}
}

func (l stuckLocal) Describe(ids iter.Seq[adapter.ID]) []adapter.Description {
	<-l.let
	return l.Recorder.Describe(ids)
}

func (l stuckLocal) ServerSide(ctx context.Context, e adapter.ServerSideEvent) {
	<-l.let
	l.Recorder.ServerSide(ctx, e)
}

// stuck checks that an application which does not return holds up nobody else: requests
// end in time and say how many are missing, and other events are delivered.
func stuck(t *testing.T, nodes []*node) {
	crowd(nodes)
	let := make(chan struct{})
	defer close(let)
	last := nodes[len(nodes)-1]
	if err := last.end(); err != nil {
		t.Error(err)
	}
	last.local = &Recorder{}
	a, err := last.hub.Open(chat, stuckLocal{last.local, let})
	if err != nil {
		t.Fatal(err)
	}
	defer a.Close()
	last.Adapter = a
	last.add("stuck", "red")
	for _, n := range nodes {
		n.knows(len(nodes))
	}
	o := adapter.Options{Rooms: rooms{"red"}, Timeout: 300 * time.Millisecond}
	ctx := context.Background()
	for range 3 {
		list, err := nodes[0].FetchSockets(ctx, o)
		isMissing(t, err, len(nodes)-1)
		if len(list) != len(nodes)-1 {
			t.Errorf("%d sockets", len(list))
		}
		answers, err := nodes[0].ServerSideEmitWithAck(ctx, adapter.Event{Name: "question"}, o)
		isMissing(t, err, len(nodes)-1)
		if len(answers) != len(nodes)-2 {
			t.Errorf("%d answers", len(answers))
		}
		if err := nodes[0].ServerSideEmit(ctx, adapter.Event{Name: "hello"}); err != nil {
			t.Error(err)
		}
	}
	nodes[0].emit(nodes[0], "hello", o)
	for i, came := range settle(nodes) {
		if len(came) != 1 {
			t.Errorf("node %d: %+v", i, came)
		}
	}
}

// isMissing checks the error of a request that one node did not answer.
func isMissing(t *testing.T, err error, asked int) {
	t.Helper()
	var missing *adapter.MissingNodesError
	if !errors.As(err, &missing) || missing.Count != 1 || missing.Of != asked || !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), fmt.Sprintf("1 of %d nodes", asked)) {
		t.Errorf("one node is missing: %v", err)
	}
}

// goAcross ends one node after the other.
func goAcross(t *testing.T, nodes []*node) {
	crowd(nodes)
	for left := len(nodes) - 1; left > 0; left-- {
		if err := nodes[left].end(); err != nil {
			t.Error(err)
		}
		for _, n := range nodes[:left] {
			n.knows(left)
		}
		list, err := nodes[0].FetchSockets(context.Background(), adapter.Options{All: true})
		if err != nil || len(list) != left {
			t.Errorf("%d sockets, %v, want %d", len(list), err, left)
		}
	}
}
