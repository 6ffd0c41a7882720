// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"testing"
)

// A server lists its namespaces, and a namespace its rooms and sockets.
func TestLists(t *testing.T) {
	gate := make(chan struct{})
	r := newRig(t, Config{}, func(srv *Server) {
		srv.Of("/")
		srv.Of("b")
		srv.Of("a").Use(func(_ context.Context, s *Socket) error {
			s.Join("pending")
			<-gate
			return nil
		})
		srv.OfPattern(regexp.MustCompile("^/dyn"))
	})
	if got := fmt.Sprint(names(r.Namespaces())); got != "[/ /a /alive /b]" {
		t.Errorf("namespaces: %s", got)
	}
	c := r.dial()
	c.join("/dyn")
	if got := fmt.Sprint(names(r.Namespaces())); got != "[/ /a /alive /b /dyn]" {
		t.Errorf("namespaces: %s", got)
	}
	c.send("41/dyn,")
	eventually(t, "the child goes", func() bool { return len(r.Namespaces()) == 4 })

	n := r.Of("/")
	if len(n.Sockets()) != 0 || len(n.Rooms()) != 0 {
		t.Error("an empty namespace has sockets or rooms")
	}
	clients, sockets := crowd(t, r, []Room{"red", "blue"}, []Room{"blue"}, nil)
	if err := sockets[1].Join(Room(sockets[2].ID())); err != nil {
		t.Error(err)
	}
	byID := func(a, b *Socket) int {
		if a.ID() < b.ID() {
			return -1
		}
		return 1
	}
	if !slices.Equal(n.Sockets(), slices.SortedFunc(slices.Values(sockets), byID)) {
		t.Errorf("sockets: %v", n.Sockets())
	}
	want := map[Room]int{"red": 1, "blue": 2, Room(sockets[2].ID()): 2}
	if got := n.Rooms(); !maps.Equal(got, want) {
		t.Errorf("rooms: %v, want %v", got, want)
	}
	clients[2].ws.Close()
	eventually(t, "the end", func() bool { return len(n.Sockets()) == 2 && n.Rooms()[Room(sockets[2].ID())] == 1 })

	// One whose CONNECT is not answered is not there yet.
	waiting := r.dial()
	waiting.send("40/a,")
	eventually(t, "the room", func() bool { return len(r.Of("a").adapter.Members("pending")) == 1 })
	if a := r.Of("a"); len(a.Sockets()) != 0 || len(a.Rooms()) != 0 || len(a.Members("pending")) != 0 {
		t.Errorf("sockets %v, rooms %v", a.Sockets(), a.Rooms())
	}
	close(gate)
	waiting.want(`40/a,{"sid":"<SID>"}`)
}
