// SPDX-License-Identifier: Apache-2.0

package app

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/sockgen/sockgen/generated/chat"
	"github.com/sockgen/sockgen/generated/chat/chatclient"
	"github.com/sockgen/sockgen/generated/chat/chattest"
	"github.com/sockgen/sockgen/runtime/socketio"
	"github.com/sockgen/sockgen/runtime/typed"
	"github.com/sockgen/sockgen/runtime/typedclient"
)

// serveChat serves the chat in memory, with fake time.
func serveChat(t *testing.T, f func(t *testing.T, s *chattest.Server)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		f(t, chattest.New(t, func(srv *socketio.Server) { chat.MountChat(srv, newChatServer(srv, NewLobby())) }))
	})
}

// joined connects a member and puts it into a room.
func joined(t *testing.T, s *chattest.Server, name, room string) *chatclient.ChatClient {
	t.Helper()
	c := s.DialChat(chat.ChatAuth{Name: name})
	if _, err := c.RoomJoin(t.Context(), chat.ChatRoomJoin{Room: room}); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestAMessageReachesEverybodyInTheRoom(t *testing.T) {
	serveChat(t, func(t *testing.T, s *chattest.Server) {
		ada, bob := joined(t, s, "Ada", "tea"), joined(t, s, "Bob", "tea")
		outside := joined(t, s, "Carl", "coffee")
		posted := make(chan chat.Message, 2)
		for _, c := range []*chatclient.ChatClient{ada, bob} {
			c.OnMessagePosted(func(_ context.Context, m chat.Message) { posted <- m })
		}
		outside.OnMessagePosted(func(_ context.Context, m chat.Message) { t.Errorf("the other room heard %q", m.Text) })
		if _, err := ada.MessageSend(t.Context(), chat.ChatMessageSend{Room: "tea", Text: "Hello"}); err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if m := <-posted; m.From.Name != "Ada" || m.Text != "Hello" || m.ID != 1 {
				t.Errorf("heard %+v", m)
			}
		}
	})
}

func TestOnlyMembersOfARoomAreHeardThere(t *testing.T) {
	serveChat(t, func(t *testing.T, s *chattest.Server) {
		joined(t, s, "Ada", "tea").OnMessagePosted(func(_ context.Context, m chat.Message) { t.Errorf("heard %q", m.Text) })
		bob := joined(t, s, "Bob", "coffee")
		_, send := bob.MessageSend(t.Context(), chat.ChatMessageSend{Room: "tea", Text: "Hello"})
		image := bob.ImageSend(t.Context(), chat.ChatImageSend{Room: "tea", Mime: "image/png", Data: []byte{1}})
		leave := bob.RoomLeave(t.Context(), chat.ChatRoomLeave{Room: "tea"})
		for _, err := range []error{send, image, leave} {
			if data, ok := typed.ErrorData[chat.NotMemberData](err); !errors.Is(err, chat.CodeNotMember) || !ok || data.Room != "tea" {
				t.Errorf("error %v, want not_member", err)
			}
		}
		synctest.Wait()
	})
}

func TestANameIsFreeWhenItsMemberHasLeft(t *testing.T) {
	serveChat(t, func(t *testing.T, s *chattest.Server) {
		ada, bob := joined(t, s, "Ada", "tea"), joined(t, s, "Bob", "tea")
		left := make(chan string, 1)
		bob.OnMemberLeft(func(_ context.Context, p chat.ChatMemberLeft) { left <- p.Member.Name })
		second := chatclient.NewChatClient(s.Manager(), typedclient.Static(chat.ChatAuth{Name: "ADA"}))
		if err := second.Connect(t.Context()); !errors.Is(err, chat.CodeNameTaken) {
			t.Errorf("error %v, want name_taken", err)
		}
		ada.Disconnect()
		if name := <-left; name != "Ada" {
			t.Errorf("%s has left", name)
		}
		if err := second.Connect(t.Context()); err != nil {
			t.Error(err)
		}
	})
}
