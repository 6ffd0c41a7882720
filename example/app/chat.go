// SPDX-License-Identifier: Apache-2.0

package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"log"
	"strings"
	"time"

	"github.com/sockgen/sockgen/generated/chat"
	"github.com/sockgen/sockgen/runtime/socketio"
)

// A chatServer serves the namespace /chat.
type chatServer struct {
	everybody chat.ChatAll
	lobby     Lobby
}

var _ chat.ChatHandler = (*chatServer)(nil)

func newChatServer(io *socketio.Server, lobby Lobby) *chatServer {
	return &chatServer{everybody: chat.OnChat(io), lobby: lobby}
}

func (c *chatServer) Connect(ctx context.Context, s *chat.ChatSocket, auth chat.ChatAuth) error {
	key := auth.Key.Or("")
	replaced, err := c.lobby.Admit(ctx, Guest{
		Member: chat.Member{ID: memberID(s.ID(), auth.Name, key), Name: auth.Name},
		Socket: s.ID(),
		Key:    key,
	})
	if err != nil || replaced == "" {
		return err
	}
	c.farewell(ctx, replaced)
	return s.Untyped().Namespace().To(socketio.Room(replaced)).DisconnectSockets(ctx)
}

// memberID returns what the others know a member by. It outlives the socket of a
// page that has a key, and does not tell the key.
func memberID(id socketio.ID, name, key string) string {
	if key == "" {
		return string(id)
	}
	sum := sha256.Sum256([]byte(key + "\n" + strings.ToLower(name)))
	return hex.EncodeToString(sum[:10])
}

func (c *chatServer) Disconnect(_ context.Context, s *chat.ChatSocket, _ socketio.DisconnectReason) {
	// The socket's own context has ended; the others are still to be told.
	c.farewell(context.Background(), s.ID())
}

// farewell forgets a socket and tells the rooms that it was in.
func (c *chatServer) farewell(ctx context.Context, id socketio.ID) {
	err := c.lobby.Dismiss(ctx, id, func(room chat.RoomID, who chat.Member) {
		to := c.everybody.To(chat.InChatRoom(room)).Except(id)
		report("member:left", to.EmitMemberLeft(ctx, chat.ChatMemberLeft{Room: room, Member: who}))
	})
	report("the end of a member", err)
}

// gone tells a room that a member is not there any more, though its node did not say so.
func (c *chatServer) gone(room chat.RoomID, who chat.Member) {
	to := c.everybody.To(chat.InChatRoom(room))
	report("member:left", to.EmitMemberLeft(context.Background(), chat.ChatMemberLeft{Room: room, Member: who}))
}

func (c *chatServer) RoomJoin(ctx context.Context, s *chat.ChatSocket, p chat.ChatRoomJoin) (chat.ChatRoomJoinAck, error) {
	room := chat.InChatRoom(p.Room)
	members, history, err := c.lobby.Enter(ctx, s.ID(), p.Room, int(p.History.Or(50)), func(who chat.Member) error {
		if err := s.Join(room); err != nil {
			return err
		}
		return s.To(room).EmitMemberJoined(ctx, chat.ChatMemberJoined{Room: p.Room, Member: who})
	})
	return chat.ChatRoomJoinAck{Members: members, History: history}, err
}

func (c *chatServer) RoomLeave(ctx context.Context, s *chat.ChatSocket, p chat.ChatRoomLeave) error {
	room := chat.InChatRoom(p.Room)
	return c.lobby.Leave(ctx, s.ID(), p.Room, func(who chat.Member) {
		s.Leave(room)
		report("member:left", s.To(room).EmitMemberLeft(ctx, chat.ChatMemberLeft{Room: p.Room, Member: who}))
	})
}

func (c *chatServer) MessageSend(ctx context.Context, s *chat.ChatSocket, p chat.ChatMessageSend) (chat.ChatMessageSendAck, error) {
	message := chat.Message{Room: p.Room, Text: p.Text, ReplyTo: p.ReplyTo}
	message, err := c.lobby.Post(ctx, s.ID(), message, func(m chat.Message) error {
		return c.everybody.To(chat.InChatRoom(m.Room)).EmitMessagePosted(ctx, m)
	})
	return chat.ChatMessageSendAck{ID: message.ID, At: message.At}, err
}

func (c *chatServer) ImageSend(ctx context.Context, s *chat.ChatSocket, p chat.ChatImageSend) error {
	from, err := c.lobby.In(s.ID(), p.Room)
	if err != nil {
		return err
	}
	return c.everybody.To(chat.InChatRoom(p.Room)).EmitImagePosted(ctx, chat.ChatImagePosted{
		Room: p.Room, From: from, Mime: p.Mime, Data: p.Data, Alt: p.Alt, At: time.Now(),
	})
}

func (c *chatServer) Typing(_ context.Context, s *chat.ChatSocket, p chat.ChatTyping) (chat.ChatTypingChanged, error) {
	who, err := c.lobby.In(s.ID(), p.Room)
	return chat.ChatTypingChanged{Room: p.Room, Member: who, Typing: p.Typing}, err
}

func (c *chatServer) Whisper(ctx context.Context, s *chat.ChatSocket, p chat.ChatWhisper) error {
	from, ok := c.lobby.Member(s.ID())
	if !ok {
		return ErrGone
	}
	to, ok, err := c.lobby.SocketOf(ctx, p.To)
	switch {
	case err != nil:
		return err
	case !ok:
		return chat.NoSuchMember
	}
	return c.everybody.ToSocket(to).EmitWhispered(ctx, chat.ChatWhispered{From: from, Text: p.Text, At: time.Now()})
}

// announce tells everybody something.
func (c *chatServer) announce(ctx context.Context, text string) error {
	return c.everybody.EmitAnnounce(ctx, chat.ChatAnnounce{Text: text, At: time.Now()})
}

// report logs what kept an event from being sent.
func report(event string, err error) {
	if err != nil {
		log.Printf("%s was not sent: %v", event, err)
	}
}
