// SPDX-License-Identifier: Apache-2.0

package app

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sockgen/sockgen/generated/chat"
	"github.com/sockgen/sockgen/runtime/socketio"
)

func newcomer(id, name, key string) Guest {
	return Guest{Member: chat.Member{ID: id, Name: name}, Socket: socketio.ID(id), Key: key}
}

// admitted returns a lobby with these members, whose ids are their names.
func admitted(t *testing.T, names ...string) *lobby {
	t.Helper()
	l := newLobby()
	for _, name := range names {
		if _, err := l.Admit(t.Context(), newcomer(name, name, "")); err != nil {
			t.Fatal(err)
		}
	}
	return l
}

func enter(t *testing.T, l *lobby, id socketio.ID, room string) ([]chat.Member, []chat.Message) {
	t.Helper()
	members, history, err := l.Enter(t.Context(), id, room, maxHistory, func(chat.Member) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	return members, history
}

func dismiss(t *testing.T, l *lobby, id socketio.ID, left func(chat.RoomID, chat.Member)) {
	t.Helper()
	if err := l.Dismiss(t.Context(), id, left); err != nil {
		t.Fatal(err)
	}
}

func TestANameBelongsToWhoeverHoldsItsKey(t *testing.T) {
	for _, c := range []struct {
		name, first, second string
		replaces            bool
	}{
		{"no keys", "", "", false},
		{"a key against none", "k1", "", false},
		{"none against a key", "", "k1", false},
		{"another key", "k1", "k2", false},
		{"the same key", "k1", "k1", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := newLobby()
			if _, err := l.Admit(t.Context(), newcomer("1", "Ada", c.first)); err != nil {
				t.Fatal(err)
			}
			replaced, err := l.Admit(t.Context(), newcomer("2", "ADA", c.second))
			if c.replaces && (err != nil || replaced != "1") {
				t.Errorf("replaced %v, %v; want member 1", replaced, err)
			}
			if !c.replaces && !errors.Is(err, chat.CodeNameTaken) {
				t.Errorf("error %v, want name_taken", err)
			}
		})
	}
}

func TestTheReplacedMemberDoesNotTakeTheNameAlong(t *testing.T) {
	l := newLobby()
	for _, id := range []string{"old", "new"} {
		if _, err := l.Admit(t.Context(), newcomer(id, "Ada", "key")); err != nil {
			t.Fatal(err)
		}
	}
	dismiss(t, l, "old", func(chat.RoomID, chat.Member) { t.Error("the old one was in no room") })
	if _, err := l.Admit(t.Context(), newcomer("third", "Ada", "")); !errors.Is(err, chat.CodeNameTaken) {
		t.Errorf("error %v, want name_taken", err)
	}
	dismiss(t, l, "new", func(chat.RoomID, chat.Member) {})
	if _, err := l.Admit(t.Context(), newcomer("third", "Ada", "")); err != nil {
		t.Errorf("the name is free, yet: %v", err)
	}
}

func TestAWhisperFindsWhoeverHasReconnected(t *testing.T) {
	l := newLobby()
	for _, socket := range []socketio.ID{"old", "new"} {
		who := newcomer("Ada's", "Ada", "key")
		who.Socket = socket
		if _, err := l.Admit(t.Context(), who); err != nil {
			t.Fatal(err)
		}
		if id, ok, _ := l.SocketOf(t.Context(), "Ada's"); !ok || id != socket {
			t.Errorf("found %q, %v; want %q", id, ok, socket)
		}
	}
	dismiss(t, l, "old", func(chat.RoomID, chat.Member) {})
	if id, _, _ := l.SocketOf(t.Context(), "Ada's"); id != "new" {
		t.Errorf("found %q; the one that was replaced has taken the newer one along", id)
	}
	dismiss(t, l, "new", func(chat.RoomID, chat.Member) {})
	if id, ok, _ := l.SocketOf(t.Context(), "Ada's"); ok {
		t.Errorf("found %q after everybody has left", id)
	}
	if len(l.known)+len(l.names)+len(l.members) > 0 {
		t.Error("the lobby keeps somebody who has left")
	}
}

func TestAMemberKeepsTheIDWithTheKeyAlone(t *testing.T) {
	const key = "0123456789abcdef"
	if memberID("1", "Ada", key) != memberID("2", "ada", key) {
		t.Error("the same page has two ids")
	}
	for _, other := range []string{memberID("1", "Bob", key), memberID("1", "Ada", key+"x"), memberID("1", "Ada", "")} {
		if other == memberID("1", "Ada", key) {
			t.Errorf("another member has the id %q", other)
		}
	}
}

func TestDismissLeavesEveryRoomOnce(t *testing.T) {
	l := admitted(t, "ada", "bob")
	for _, room := range []string{"a", "b", "c"} {
		enter(t, l, "ada", room)
		enter(t, l, "ada", room) // once more changes nothing
		enter(t, l, "bob", room)
	}
	var left []string
	for range 2 {
		dismiss(t, l, "ada", func(room chat.RoomID, who chat.Member) { left = append(left, room+" "+who.Name) })
	}
	if want := []string{"a ada", "b ada", "c ada"}; !slices.Equal(left, want) {
		t.Errorf("left %q, want %q", left, want)
	}
	if members, _ := enter(t, l, "bob", "a"); len(members) != 1 {
		t.Errorf("members %v, want bob alone", members)
	}
}

func TestHistoryKeepsTheNewestMessages(t *testing.T) {
	l := admitted(t, "ada")
	enter(t, l, "ada", "tea")
	for range maxHistory + 7 {
		if _, err := l.Post(t.Context(), "ada", chat.Message{Room: "tea"}, func(chat.Message) error { return nil }); err != nil {
			t.Fatal(err)
		}
	}
	_, history := enter(t, l, "ada", "tea")
	if len(history) != maxHistory || history[0].ID != 8 || history[maxHistory-1].ID != maxHistory+7 {
		t.Errorf("%d messages from %d to %d", len(history), history[0].ID, history[len(history)-1].ID)
	}
}

func TestEmptyRoomsAreForgotten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := admitted(t, "ada", "bob")
		enter(t, l, "bob", "kept")
		visit := func(rooms int) {
			for i := range rooms {
				room := fmt.Sprint("room", i)
				enter(t, l, "ada", room)
				if err := l.Leave(t.Context(), "ada", room, func(chat.Member) {}); err != nil {
					t.Fatal(err)
				}
			}
		}
		visit(3 * maxEmpty)
		if len(l.rooms) != maxEmpty+1 || l.empty.Len() != maxEmpty {
			t.Errorf("%d rooms, %d of them empty", len(l.rooms), l.empty.Len())
		}
		time.Sleep(emptyTime / 2)
		visit(3 * maxEmpty)
		enter(t, l, "ada", "room1")
		time.Sleep(emptyTime)
		synctest.Wait()
		if len(l.rooms) != 2 || l.empty.Len() != 0 {
			t.Errorf("%d rooms, %d of them empty, once they have been so for long", len(l.rooms), l.empty.Len())
		}
		for _, room := range []string{"kept", "room1"} {
			if members, _ := enter(t, l, "bob", room); len(members) == 0 {
				t.Errorf("%s was forgotten with a member in it", room)
			}
		}
	})
}

func TestWhatAClientSaysIsOneLineOfTheLog(t *testing.T) {
	for text, want := range map[string]string{
		"hello, wörld 😀":          "hello, wörld 😀",
		"two\nlines":              `"two\nlines"`,
		"\x1b[31mred":             `"\x1b[31mred"`,
		`say "x"`:                 `"say \"x\""`,
		strings.Repeat("x", 1000): `"` + strings.Repeat("x", 200) + `"`,
	} {
		if got := shown(text); got != want {
			t.Errorf("%.20q is shown as %.220s", text, got)
		}
	}
}
