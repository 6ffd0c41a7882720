// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/siowire"
	"github.com/sockgen/sockgen/runtime/socketio"
)

// A bus joins two servers: it does on the other one what would travel there.
type bus struct {
	mu    sync.Mutex // guards nodes
	nodes map[string][]*busNode
}

type busNode struct {
	adapter.Adapter
	bus   *bus
	name  string
	local adapter.Local
}

func (b *bus) factory(adapter.Environment) (adapter.Hub, error) { return b, nil }

func (b *bus) Close(context.Context) error { return nil }

func (b *bus) Elsewhere(namespace string) adapter.Reach {
	return &busNode{adapter.NewMemory(nowhere{}), b, namespace, nowhere{}}
}

// nowhere is the Local of a namespace without sockets.
type nowhere struct{ adapter.Local }

func (nowhere) Deliver(iter.Seq[adapter.ID], adapter.Event, adapter.Options) {}
func (nowhere) Describe(iter.Seq[adapter.ID]) []adapter.Description          { return nil }
func (nowhere) Join(iter.Seq[adapter.ID], []adapter.Room) error              { return nil }
func (nowhere) Leave(iter.Seq[adapter.ID], []adapter.Room)                   {}
func (nowhere) Disconnect(iter.Seq[adapter.ID], bool)                        {}

func (b *bus) Open(namespace string, l adapter.Local) (adapter.Adapter, error) {
	n := &busNode{adapter.NewMemory(l), b, namespace, l}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.nodes == nil {
		b.nodes = map[string][]*busNode{}
	}
	b.nodes[namespace] = append(b.nodes[namespace], n)
	return n, nil
}

func (n *busNode) others() []*busNode {
	n.bus.mu.Lock()
	defer n.bus.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(n.bus.nodes[n.name]), func(o *busNode) bool { return o == n })
}

func (n *busNode) Close() error {
	n.bus.mu.Lock()
	defer n.bus.mu.Unlock()
	n.bus.nodes[n.name] = slices.DeleteFunc(n.bus.nodes[n.name], func(o *busNode) bool { return o == n })
	return nil
}

func (n *busNode) each(o adapter.Options, f func(a adapter.Adapter) error) error {
	err := f(n.Adapter)
	if !o.Local {
		for _, other := range n.others() {
			err = errors.Join(err, f(other.Adapter))
		}
	}
	return err
}

func (n *busNode) Broadcast(ctx context.Context, e adapter.Event, o adapter.Options) error {
	return n.each(o, func(a adapter.Adapter) error { return a.Broadcast(ctx, e, o) })
}

func (n *busNode) AddSockets(ctx context.Context, o adapter.Options, rooms ...adapter.Room) error {
	return n.each(o, func(a adapter.Adapter) error { return a.AddSockets(ctx, o, rooms...) })
}

func (n *busNode) RemoveSockets(ctx context.Context, o adapter.Options, rooms ...adapter.Room) error {
	return n.each(o, func(a adapter.Adapter) error { return a.RemoveSockets(ctx, o, rooms...) })
}

func (n *busNode) DisconnectSockets(ctx context.Context, o adapter.Options, all bool) error {
	return n.each(o, func(a adapter.Adapter) error { return a.DisconnectSockets(ctx, o, all) })
}

func (n *busNode) FetchSockets(ctx context.Context, o adapter.Options) (list []adapter.Description, err error) {
	err = n.each(o, func(a adapter.Adapter) error {
		some, err := a.FetchSockets(ctx, o)
		list = append(list, some...)
		return err
	})
	return list, err
}

func (n *busNode) ServerSideEmit(ctx context.Context, e adapter.Event) error {
	p, err := siowire.Parse(siowire.AppendEvent(nil, n.name, 0, false, e.Name, e.Args), siowire.Limits{})
	if err != nil {
		return err
	}
	for _, other := range n.others() {
		other.local.ServerSide(ctx, adapter.ServerSideEvent{Name: p.Name, Args: p.Args})
	}
	return nil
}

// A parcel is a cluster event's payload, with bytes in it.
type parcel struct {
	To   string
	Data []byte
}

var fieldsOfParcel = Required("to", "data")

func decodeParcel(d *Decoder, v *parcel) {
	o := d.Object(fieldsOfParcel)
	for o.Next() {
		switch o.Field {
		case "to":
			d.String(&v.To).Length(1, 5)
		case "data":
			d.Bytes(&v.Data)
		}
	}
}

func encodeParcel(e Encoder, v *parcel) {
	e.Open()
	e.Key(`,"to":`).String(v.To)
	e.Key(`,"data":`).Bytes(v.Data)
	e.Close()
}

// twoNodes returns two servers of one cluster, with a literal namespace and a
// path with parameters, that note what they hear.
func twoNodes(t *testing.T) (a, b *stand, heard [2]*trace, log *logs) {
	bus, log := &bus{}, &logs{}
	var nodes [2]*stand
	for i := range nodes {
		tr := &trace{}
		heard[i] = tr
		nodes[i] = newStand(t, socketio.Config{Adapter: bus.factory}, func(srv *socketio.Server) {
			for _, host := range []Host{srv.Of("/c"), placePath.Family(srv)} {
				mounted(host, func(m *Mount[member]) {
					handleCluster(m, "parcel", decodeParcel, func(ctx context.Context, n *socketio.Namespace, p parcel) error {
						tr.add("%s: %s %x", n.Name(), p.To, p.Data)
						switch p.To {
						case "panic":
							panic(errBudget)
						case "fail":
							return errBudget
						}
						return nil
					})
					handleCluster(m, "bare", DecodeNothing, func(ctx context.Context, n *socketio.Namespace, _ Nothing) error {
						tr.add("%s: bare", n.Name())
						return nil
					})
				}, WithLogger(slog.New(slog.NewJSONHandler(log, nil))))
			}
		})
	}
	return nodes[0], nodes[1], heard, log
}

func TestCluster(t *testing.T) {
	a, b, heard, log := twoNodes(t)
	send := func(to Audience[member], p parcel) error {
		return emitCluster(t.Context(), to, "parcel", &p, encodeParcel)
	}
	expect := func(want ...string) {
		t.Helper()
		if got := heard[1].take(); !slices.Equal(got, want) {
			t.Errorf("b heard %q, want %q", got, want)
		}
		if got := heard[0].take(); len(got) > 0 {
			t.Errorf("a hears itself: %q", got)
		}
	}
	all := Everybody[member](a.srv.Of("/c"))
	if err := errors.Join(send(all, parcel{"b", []byte{1, 0xff}}), EmitClusterNothing(t.Context(), all, "bare")); err != nil {
		t.Error(err)
	}
	expect("/c: b 01ff", "/c: bare")
	// What the schema does not allow does not arrive, whoever sent it, and is logged.
	if err := send(all, parcel{To: "much too long"}); err != nil {
		t.Error(err)
	}
	for _, arg := range []any{5, nil, map[string]any{"to": "x"}} {
		if err := a.srv.Of("/c").ServerSideEmit(t.Context(), "parcel", arg); err != nil {
			t.Error(err)
		}
	}
	if err := a.srv.Of("/c").ServerSideEmit(t.Context(), "parcel"); err != nil {
		t.Error(err)
	}
	expect()
	if n := strings.Count(log.String(), "cluster event failed"); n != 5 {
		t.Errorf("%d log entries: %s", n, log)
	}
	if err := errors.Join(send(all, parcel{To: "panic"}), send(all, parcel{To: "fail"})); err != nil {
		t.Error(err)
	}
	expect("/c: panic ", "/c: fail ")
	if got := log.String(); !strings.Contains(got, "cluster_test.go") || strings.Count(got, "the budget is spent") != 2 {
		t.Errorf("log: %s", got)
	}
	// A child is reached where it has sockets, also from a node that has none.
	b.enter(t, "/m/x/1:true/x", "Ada")
	if err := send(EverybodyAt[member](a.srv, placePath, place{"x", 1, true}), parcel{To: "x"}); err != nil {
		t.Error(err)
	}
	expect("/m/x/1:true/x: x ")
	if err := send(EverybodyAt[member](a.srv, placePath, place{"y", 1, true}), parcel{To: "x"}); err != nil {
		t.Error(err)
	}
	expect()
	if n := len(placePath.Family(a.srv).Children()); n != 0 {
		t.Errorf("%d children stay on a", n)
	}
}

// TestFetch finds and moves sockets of another node.
func TestFetch(t *testing.T) {
	a, b, _, _ := twoNodes(t)
	p := b.enter(t, "/c", "Ada")
	ctx, all := t.Context(), Everybody[member](a.srv.Of("/c"))
	list, err := Fetch(ctx, all, NewRoomRemote[string])
	if err != nil || len(list) != 1 {
		t.Fatalf("%d sockets, %v", len(list), err)
	}
	ada := list[0]
	if data, err := RemoteData[author](ada.Remote); err != nil || data.Name != "Ada" || !slices.Equal(ada.Rooms(), []string{"r"}) || ada.Handshake() == nil {
		t.Errorf("%+v, %v, %q", data, err, ada.Rooms())
	}
	if _, err := RemoteData[int](ada.Remote); err == nil || !strings.Contains(err.Error(), string(ada.ID())) {
		t.Errorf("data of another type: %v", err)
	}
	here := Everybody[member](b.srv.Of("/c")).Sockets()[0]
	rooms := func(step string, err error, want ...string) {
		t.Helper()
		if got := here.Rooms(); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v, rooms %q, want %q", step, err, got, want)
		}
	}
	rooms("Join", Join(ctx, In(all, []string{"r"}), []string{"x", "y"}), "r", "x", "y")
	rooms("Leave", Leave(ctx, all, []string{"r", "y"}), "x")
	rooms("Join nobody", Join(ctx, In(all, []string{}), []string{"z"}), "x")
	rooms("Join but", Join(ctx, all.Except(ada.ID()), []string{"z"}), "x")
	rooms("Join local", Join(ctx, all.Local(), []string{"z"}), "x")
	rooms("remote Join", ada.Join(ctx, "z"), "x", "z")
	rooms("remote Leave", ada.Leave(ctx, "x", "z"))
	here.Untyped().SetData("something else")
	if list, err = Fetch(ctx, all, NewRoomRemote[string]); err != nil || len(list) != 1 {
		t.Fatalf("%d sockets, %v", len(list), err)
	}
	if data, err := RemoteData[author](list[0].Remote); err == nil || data != (author{}) {
		t.Errorf("foreign data: %+v, %v", data, err)
	}
	here.Untyped().SetData(nil)
	list, _ = Fetch(ctx, all, NewRoomRemote[string])
	if data, err := RemoteData[author](list[0].Remote); err != nil || data != (author{}) {
		t.Errorf("no data: %+v, %v", data, err)
	}
	if err := all.One(ada.ID()).Disconnect(ctx); err != nil {
		t.Error(err)
	}
	p.expect(`41/c,`)
	q := b.enter(t, "/c", "Bob")
	list, _ = Fetch(ctx, all, NewRoomRemote[string])
	if len(list) != 1 {
		t.Fatalf("%d sockets", len(list))
	}
	if err := list[0].Disconnect(ctx); err != nil {
		t.Error(err)
	}
	q.expect(`41/c,`)
	if err := EverybodyAt[member](a.srv, placePath, place{}).Disconnect(ctx); err == nil {
		t.Error("Disconnect at a place that cannot be")
	}
	if got := DataOf[author](here.Untyped()); got != (author{}) {
		t.Errorf("data %+v", got)
	}
}
