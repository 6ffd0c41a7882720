// SPDX-License-Identifier: Apache-2.0

package app

import (
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"time"

	"github.com/sockgen/sockgen/generated/chat"
	"github.com/sockgen/sockgen/generated/chat/chatclient"
	"github.com/sockgen/sockgen/runtime/socketio"
	"github.com/sockgen/sockgen/runtime/typed"
)

// A program in Go joins the chat like any page.
func Example() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	io := socketio.NewServer(socketio.Config{})
	chat.MountChat(io, newChatServer(io, NewLobby()))
	server := httptest.NewServer(io)
	defer server.Close()
	defer io.Shutdown(ctx)

	ada, err := chatclient.DialChat(ctx, server.URL, chat.ChatAuth{Name: "Ada"})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer ada.Close(ctx)
	posted := make(chan chat.Message, 1)
	ada.OnMessagePosted(func(_ context.Context, m chat.Message) { posted <- m })

	_, err = ada.MessageSend(ctx, chat.ChatMessageSend{Room: "tea", Text: "Anybody here?"})
	if data, ok := typed.ErrorData[chat.NotMemberData](err); ok && errors.Is(err, chat.CodeNotMember) {
		fmt.Println("not yet in", data.Room)
	}
	if _, err := ada.RoomJoin(ctx, chat.ChatRoomJoin{Room: "tea"}); err != nil {
		fmt.Println(err)
	}
	ack, err := ada.MessageSend(ctx, chat.ChatMessageSend{Room: "tea", Text: "Hello"})
	m := <-posted
	fmt.Println(ack.ID, err, m.From.Name, m.Text)
	// Output:
	// not yet in tea
	// 1 <nil> Ada Hello
}
