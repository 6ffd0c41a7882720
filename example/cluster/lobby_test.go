// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"github.com/sockgen/sockgen/example/app"
	"github.com/sockgen/sockgen/example/cluster/stack"
	"github.com/sockgen/sockgen/generated/chat"
	"github.com/sockgen/sockgen/runtime/socketio"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// served starts a Redis and returns a client of it.
func served(t *testing.T) *redis.Client {
	t.Helper()
	addr, err := stack.FreeAddr()
	if err != nil {
		t.Fatal(err)
	}
	p, err := stack.Redis(addr, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Kill)
	rdb := redis.NewClient(&redis.Options{Addr: addr})
	t.Cleanup(func() { rdb.Close() })
	return rdb
}

// nodes returns the lobbies of several nodes that live.
func nodes(t *testing.T, rdb *redis.Client, count int) []*lobby {
	t.Helper()
	list := make([]*lobby, count)
	for i := range list {
		list[i] = newLobby(rdb, "test")
		if err := list[i].keep(t.Context(), nil); err != nil {
			t.Fatal(err)
		}
	}
	return list
}

func admitted(t *testing.T, l *lobby, socket socketio.ID, name, key string) socketio.ID {
	t.Helper()
	replaced, err := l.Admit(t.Context(), app.Guest{Member: chat.Member{ID: "the " + name, Name: name}, Socket: socket, Key: key})
	if err != nil {
		t.Fatal(err)
	}
	return replaced
}

// entered returns the names of those who are in the room, and what was said there.
func entered(t *testing.T, l *lobby, socket socketio.ID, room string) (names, said []string) {
	t.Helper()
	members, history, err := l.Enter(t.Context(), socket, room, maxHistory, func(chat.Member) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range members {
		names = append(names, m.Name)
	}
	for _, m := range history {
		said = append(said, fmt.Sprint(m.ID, " ", m.From.Name, ": ", m.Text))
	}
	return names, said
}

func want(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: %q, want %q", what, got, want)
	}
}

// Who comes to one node finds the members and the history of both.
func TestTheNodesShareMembersAndHistory(t *testing.T) {
	n := nodes(t, served(t), 2)
	admitted(t, n[0], "s1", "Ada", "")
	admitted(t, n[1], "s2", "Bob", "")
	entered(t, n[0], "s1", "tea")
	entered(t, n[1], "s2", "tea")
	posted := func(l *lobby, socket socketio.ID, text string) {
		_, err := l.Post(t.Context(), socket, chat.Message{Room: "tea", Text: text}, func(chat.Message) error { return nil })
		if err != nil {
			t.Error(err)
		}
	}
	posted(n[0], "s1", `one, "id":0 and all`)
	posted(n[1], "s2", "two")
	names, said := entered(t, n[0], "s1", "tea")
	want(t, "members", names, "Ada", "Bob")
	want(t, "history", said, `1 Ada: one, "id":0 and all`, "2 Bob: two")
	if id, ok, err := n[0].SocketOf(t.Context(), "the Bob"); id != "s2" || !ok || err != nil {
		t.Errorf("Bob's socket: %q, %v, %v", id, ok, err)
	}
	if err := n[1].Leave(t.Context(), "s2", "tea", func(chat.Member) {}); err != nil {
		t.Error(err)
	}
	names, _ = entered(t, n[0], "s1", "tea")
	want(t, "members", names, "Ada")
	_, err := n[1].Post(t.Context(), "s2", chat.Message{Room: "tea"}, nil)
	if !errors.Is(err, chat.CodeNotMember) {
		t.Errorf("a message from outside: %v", err)
	}
}

// A name is one person's on all nodes, until that has gone.
func TestANameIsTakenOnEveryNode(t *testing.T) {
	n := nodes(t, served(t), 2)
	admitted(t, n[0], "s1", "Ada", "secret")
	for _, key := range []string{"", "other"} {
		_, err := n[1].Admit(t.Context(), app.Guest{Member: chat.Member{ID: "x", Name: "ADA"}, Socket: "s2", Key: key})
		if !errors.Is(err, chat.CodeNameTaken) {
			t.Errorf("with key %q: %v", key, err)
		}
	}
	entered(t, n[0], "s1", "tea")
	if replaced := admitted(t, n[1], "s3", "Ada", "secret"); replaced != "s1" {
		t.Errorf("replaced %q", replaced)
	}
	var left []string
	dismiss := func(l *lobby, socket socketio.ID) {
		if err := l.Dismiss(t.Context(), socket, func(room chat.RoomID, who chat.Member) { left = append(left, room+" "+who.Name) }); err != nil {
			t.Error(err)
		}
	}
	dismiss(n[1], "s1") // by the node that replaced it
	dismiss(n[0], "s1") // by its own
	want(t, "left", left, "tea Ada")
	if id, ok, _ := n[0].SocketOf(t.Context(), "the Ada"); id != "s3" || !ok {
		t.Errorf("the old socket has taken the new one along: %q, %v", id, ok)
	}
	dismiss(n[1], "s3")
	admitted(t, n[0], "s4", "ada", "")
}

// The members of a node that died are gone once its lease is over: nobody sees them, their
// names are free, and rooms are told once.
func TestANodeDies(t *testing.T) {
	rdb := served(t)
	n := nodes(t, rdb, 3)
	admitted(t, n[0], "s1", "Ada", "")
	admitted(t, n[1], "s2", "Bob", "")
	entered(t, n[0], "s1", "tea")
	entered(t, n[0], "s1", "cake")
	entered(t, n[1], "s2", "tea")
	if err := rdb.Del(t.Context(), n[0].key("node", n[0].node)).Err(); err != nil { // its lease is over
		t.Fatal(err)
	}
	names, _ := entered(t, n[1], "s2", "tea")
	want(t, "members", names, "Bob")
	admitted(t, n[2], "s3", "Ada", "")
	var left []string
	for _, l := range n[1:] {
		if err := l.keep(t.Context(), func(room chat.RoomID, who chat.Member) { left = append(left, room+" "+who.Name) }); err != nil {
			t.Error(err)
		}
	}
	want(t, "left", left, "cake Ada", "tea Ada")
	if id, _, _ := n[1].SocketOf(t.Context(), "the Ada"); id != "s3" {
		t.Errorf("the dead one has taken its successor along: %q", id)
	}
}

// A Redis that has forgotten everything learns of those who are there.
func TestRedisForgets(t *testing.T) {
	rdb := served(t)
	n := nodes(t, rdb, 2)
	admitted(t, n[0], "s1", "Ada", "")
	entered(t, n[0], "s1", "tea")
	if err := rdb.FlushAll(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	for _, l := range n {
		if err := l.keep(t.Context(), func(room chat.RoomID, who chat.Member) { t.Errorf("%s has left %s", who.Name, room) }); err != nil {
			t.Error(err)
		}
	}
	admitted(t, n[1], "s2", "Bob", "")
	names, _ := entered(t, n[1], "s2", "tea")
	want(t, "members", names, "Ada", "Bob")
}

// Keep ends with its context, whether Redis is there or not.
func TestKeepEnds(t *testing.T) {
	rdb := served(t)
	l := newLobby(rdb, "test")
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		l.Keep(ctx, nil)
	}()
	for {
		if lives, err := rdb.Exists(t.Context(), l.key("node", l.node)).Result(); err != nil || lives > 0 {
			break
		}
		time.Sleep(time.Millisecond)
	}
	cancel()
	<-done
}

// What the command line gets wrong is said.
func TestSettings(t *testing.T) {
	for _, s := range []settings{
		{redis: "nowhere", adapter: "pubsub"}, {redis: "redis://localhost", adapter: "pigeons"},
		{redis: "redis://localhost", adapter: "sharded", advertise: "here"}, {redis: "redis://localhost", adapter: "streams", origins: "localhost"},
	} {
		if err := run(t.Context(), s); err == nil {
			t.Errorf("%+v is taken", s)
		}
	}
}
