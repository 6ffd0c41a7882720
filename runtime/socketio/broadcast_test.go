// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/adapter/adaptertest"
)

// crowd joins clients to the main namespace, each in the rooms given.
func crowd(t *testing.T, r *rig, rooms ...[]Room) (clients []*client, sockets []*Socket) {
	t.Helper()
	for _, in := range rooms {
		c, id := r.join("/")
		s, _ := r.Of("/").Socket(id)
		if err := s.Join(in...); err != nil {
			t.Fatal(err)
		}
		clients, sockets = append(clients, c), append(sockets, s)
	}
	return clients, sockets
}

func TestBroadcastOperators(t *testing.T) {
	r := newRig(t, Config{}, func(srv *Server) { srv.Of("/") })
	n := r.Of("/")
	clients, s := crowd(t, r, []Room{"red", "blue"}, []Room{"blue"}, []Room{"red"}, nil)
	for i, tt := range []struct {
		name string
		b    Broadcast
		want []int
	}{
		{"all", Broadcast{ns: n}, []int{0, 1, 2, 3}},
		{"room", n.To("red"), []int{0, 2}},
		{"union once", n.To("red", "blue"), []int{0, 1, 2}},
		{"chained", n.In("red").In("blue"), []int{0, 1, 2}},
		{"except", n.Except("red"), []int{1, 3}},
		{"except ids", n.To("blue").Except(Room(s[0].ID())), []int{1}},
		{"one", n.To(Room(s[3].ID())), []int{3}},
		{"local", n.Local().To("red"), []int{0, 2}},
		{"others", s[0].Broadcast(), []int{1, 2, 3}},
		{"others in room", s[0].To("red"), []int{2}},
		{"others in rooms", s[0].In("red", "blue"), []int{1, 2}},
		{"others except", s[0].Except("blue"), []int{2, 3}},
		{"never itself", s[0].To(Room(s[0].ID())), nil},
		{"nobody", n.To("empty"), nil},
	} {
		if err := tt.b.Emit(t.Context(), tt.name, i); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		for _, w := range tt.want {
			clients[w].want(fmt.Sprintf(`42[%q,%d]`, tt.name, i))
		}
	}
	base := n.To("red")
	_, _ = base.To("blue"), base.Except("red")
	atRest(t, s...)
	if err := base.Volatile().Emit(t.Context(), "immutable"); err != nil {
		t.Error(err)
	}
	clients[0].want(`42["immutable"]`)
	clients[2].want(`42["immutable"]`)
	atRest(t, s...)
	if err := n.Volatile().Emit(t.Context(), "all", []byte{1}); err != nil {
		t.Error(err)
	}
	for _, c := range clients {
		c.want(`451-["all",`+ph0+`]`, "<01>")
		c.wantOpen() // and nothing that was not meant for it
	}
}

// R209: clients close the connection over more than ten attachments, so emits fail.
func TestTooManyAttachments(t *testing.T) {
	_, c, s := joined(t, Config{})
	many := make([]any, 11)
	for i := range many {
		many[i] = []byte{byte(i)}
	}
	if err := s.Emit(t.Context(), "many", many...); !errors.Is(err, ErrTooManyAttachments) {
		t.Errorf("Emit: %v", err)
	}
	if err := s.Namespace().Emit(t.Context(), "many", many...); !errors.Is(err, ErrTooManyAttachments) {
		t.Errorf("broadcast: %v", err)
	}
	if _, err := s.EmitWithAck(t.Context(), "many", many); !errors.Is(err, ErrTooManyAttachments) {
		t.Errorf("EmitWithAck: %v", err)
	}
	if err := s.Emit(t.Context(), "bad", make(chan int)); err == nil {
		t.Error("a channel was sent")
	}
	c.wantOpen()
}

// R250, from 64 goroutines: when all have returned, membership is exact.
func TestJoinsAndLeavesRace(t *testing.T) {
	r := newRig(t, Config{}, func(srv *Server) { srv.Of("/") })
	n := r.Of("/")
	clients, sockets := crowd(t, r, make([][]Room, 8)...)
	var wg sync.WaitGroup
	for g := range 64 {
		wg.Go(func() {
			s := sockets[g%8]
			for i := range 100 {
				room := Room(fmt.Sprint("room ", i%5))
				if err := s.Join(room, Room(fmt.Sprint("of ", g))); err != nil {
					t.Error(err)
				}
				if err := n.To(room).Except(room).Emit(context.Background(), "nobody"); err != nil {
					t.Error(err)
				}
				s.Leave(Room(fmt.Sprint("of ", g)))
			}
			s.Join(Room(fmt.Sprint("last ", g)))
		})
	}
	wg.Wait()
	for i, s := range sockets {
		want := []Room{Room(s.ID())}
		for k := range 5 {
			want = append(want, Room(fmt.Sprint("room ", k)))
		}
		for g := i; g < 64; g += 8 {
			want = append(want, Room(fmt.Sprint("last ", g)))
		}
		slices.Sort(want)
		if got := s.Rooms(); !slices.Equal(got, want) {
			t.Errorf("socket %d is in %q, want %q", i, got, want)
		}
	}
	for _, c := range clients {
		c.wantOpen()
	}
}

// Joins that race the end of their socket leave nothing behind.
func TestJoinsRaceTheEnd(t *testing.T) {
	r := newRig(t, Config{}, func(srv *Server) { srv.Of("/") })
	n := r.Of("/")
	for range 50 {
		_, sockets := crowd(t, r, nil)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				for i := range 50 {
					if err := sockets[0].Join(Room(fmt.Sprint("room ", i))); err != nil && err != ErrDisconnected {
						t.Error(err)
					}
				}
			})
		}
		wg.Go(func() { sockets[0].CloseConnection() })
		wg.Wait()
		eventually(t, "the adapter knows nobody", func() bool { return len(n.adapter.Members()) == 0 })
		if rooms := n.adapter.Rooms(sockets[0].ID()); rooms != nil {
			t.Fatalf("the adapter still has rooms %q", rooms)
		}
	}
}

// A peer that does not read is cut off when its queue is full; others are not.
func TestSlowConsumers(t *testing.T) {
	reasons := &ends{}
	cfg := Config{}
	cfg.Limits.Engine.QueueBytes, cfg.Limits.Engine.QueueHardBytes = 100_000, 1_000_000
	r := newRig(t, cfg, func(srv *Server) {
		srv.Of("/").OnDisconnect(func(_ context.Context, _ *Socket, reason DisconnectReason) { reasons.add(string(reason)) })
	})
	r.join("/") // it never reads
	healthy, _ := r.join("/")
	var got atomic.Int64 // big messages at the healthy client
	last := make(chan string, 1)
	go func() {
		for {
			switch frame := healthy.read(); {
			case strings.HasPrefix(frame, "closed"), frame == `42["last"]`:
				last <- frame
				return
			case strings.HasPrefix(frame, "451-"):
				got.Add(1)
			}
		}
	}()
	big := make([]byte, 20_000)
	sent := int64(0)
	for ; reasons.String() == "" && sent < 10_000; sent++ {
		if err := r.Of("/").Volatile().Emit(t.Context(), "v"); err != nil {
			t.Error(err)
		}
		if err := r.Of("/").Emit(t.Context(), "big", big); err != nil {
			t.Error(err)
		}
		eventually(t, "the healthy client keeps up", func() bool { return got.Load() > sent })
	}
	if got := reasons.String(); got != "transport error" {
		t.Fatalf("ended with %q after %d messages", got, sent)
	}
	if err := r.Of("/").Emit(t.Context(), "last"); err != nil {
		t.Error(err)
	}
	if frame := within(t, last, "the last message"); frame != `42["last"]` || got.Load() != sent {
		t.Errorf("the healthy client got %d of %d big messages and %q", got.Load(), sent, frame)
	}
	if st := r.Stats(); st.SlowConsumers != 1 || st.VolatileDropped == 0 || st.Violations != 0 {
		t.Errorf("%+v", st)
	}
}

// relay is an adapter that hands every broadcast to Deliver with ids of its choice.
type relay struct {
	adapter.Adapter
	local  adapter.Local
	closed bool
}

func (r *relay) Broadcast(_ context.Context, e adapter.Event, o adapter.Options) error {
	r.local.Deliver(slices.Values([]ID{"unknown", "gone"}), e, o)
	return errors.New("bus down")
}

func (r *relay) Close() error { r.closed = true; return nil }

// An adapter's errors reach the one who emits, and ids it is late about are passed
// over.
func TestAdapterErrors(t *testing.T) {
	a := &relay{}
	srv := NewServer(Config{Adapter: adaptertest.Hub(func(_ string, l adapter.Local) adapter.Adapter {
		a.Adapter, a.local = adapter.NewMemory(l), l
		return a
	})})
	if err := srv.Of("/").Emit(t.Context(), "e"); err == nil || err.Error() != "bus down" {
		t.Errorf("Emit: %v", err)
	}
	if err := srv.Shutdown(t.Context()); err != nil || !a.closed {
		t.Errorf("Shutdown: %v, adapter closed: %v", err, a.closed)
	}
}
