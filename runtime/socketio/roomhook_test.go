// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"
)

// Hooks hear of each change once and in order, whatever they do.
func TestRoomHooks(t *testing.T) {
	calls := &ends{}
	r := newRig(t, Config{}, func(srv *Server) {
		n := srv.Of("/")
		n.OnCreateRoom(func(room Room) { calls.add("create " + string(room)) })
		n.OnDeleteRoom(func(room Room) { calls.add("delete " + string(room)) })
		n.OnJoinRoom(func(room Room, id ID) {
			calls.add(fmt.Sprint("join ", room, " ", id))
			if room == "red" {
				panic("hook")
			}
		})
		n.OnLeaveRoom(func(room Room, id ID) {
			calls.add(fmt.Sprint("leave ", room, " ", id))
			if room == "red" {
				runtime.Goexit()
			}
		})
	})
	c, id := r.join("/")
	s, _ := r.Of("/").Socket(id)
	for range 2 {
		if err := s.Join("red"); err != nil {
			t.Fatal(err)
		}
	}
	s.Leave("red")
	s.Leave("red")
	c.send("41")
	want := strings.ReplaceAll("create ID; join ID ID; create red; join red ID; leave red ID; delete red; leave ID ID; delete ID", "ID", string(id))
	eventually(t, "the last hook", func() bool { return strings.HasSuffix(calls.String(), "delete "+string(id)) })
	if got := calls.String(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if r.Stats().Panics != 2 {
		t.Error("the panic or the Goexit was not counted")
	}
}

// When the hooks are far behind, Join waits; when the socket ends, it does not.
func TestRoomHooksHoldJoinsBack(t *testing.T) {
	release := make(chan struct{})
	r := newRig(t, Config{}, func(srv *Server) {
		srv.Of("/").OnJoinRoom(func(Room, ID) { <-release })
	})
	_, sockets := crowd(t, r, nil, nil)
	n := r.Of("/")
	joined := make(chan int, 1)
	ready := make(chan struct{})
	go func() {
		count := 0
		for sockets[0].Connected() {
			if count == roomBacklog-100 {
				close(ready)
			}
			sockets[0].Join("red")
			sockets[0].Leave("red")
			count++
		}
		joined <- count
	}()
	within(t, ready, "joins")
	eventually(t, "a full backlog", func() bool {
		n.rooms.mu.Lock()
		defer n.rooms.mu.Unlock()
		return n.rooms.space != nil
	})
	n.rooms.mu.Lock()
	if most := roomBacklog + 200; len(n.rooms.queue) > most {
		t.Errorf("%d events wait", len(n.rooms.queue))
	}
	n.rooms.mu.Unlock()
	sockets[0].CloseConnection()
	within(t, joined, "the end of the joins")

	// Shutdown waits for hooks, as long as it may.
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := n.rooms.wait(ctx, -1); err == nil {
		t.Error("nothing waits")
	}
	close(release)
	if err := n.rooms.wait(t.Context(), -1); err != nil {
		t.Error(err)
	}
}
