// SPDX-License-Identifier: Apache-2.0

package emitter_test

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"testing"

	"github.com/sockgen/sockgen/generated/chat"
	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/adapter/cluster/wire"
	"github.com/sockgen/sockgen/runtime/adapter/emitter"
	"github.com/sockgen/sockgen/runtime/socketio"
)

// A log keeps what is sent, as its bytes say it.
type log struct {
	t        *testing.T
	messages []wire.Message
}

func (l *log) Send(_ context.Context, m wire.Message) error {
	data, err := wire.AppendMessage(nil, m)
	if err != nil {
		return err
	}
	got, err := wire.ParseMessage(data, wire.Limits{})
	if err != nil {
		l.t.Errorf("%s: %v", data, err)
	}
	l.messages = append(l.messages, got)
	return nil
}

// newServer returns a server that emits to bus and has no socket.
func newServer(t *testing.T, bus emitter.Bus) *socketio.Server {
	t.Helper()
	srv := socketio.NewServer(socketio.Config{Adapter: emitter.Adapter(bus)})
	t.Cleanup(func() {
		if err := srv.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return srv
}

// Generated code emits through an emitter as through a server.
func TestTypedEmitter(t *testing.T) {
	l := &log{t: t}
	srv := newServer(t, l)
	ctx := t.Context()
	err := chat.OnChat(srv).To(chat.InChatRoom("7")).Except("abc").Volatile().EmitMemberJoined(ctx, chat.ChatMemberJoined{Room: "7", Member: chat.Member{Name: "Ada"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := chat.OnChat(srv).EmitAnnounce(ctx, chat.ChatAnnounce{Text: "é"}); err != nil {
		t.Fatal(err)
	}
	if len(l.messages) != 2 {
		t.Fatalf("%d messages are sent", len(l.messages))
	}
	first, second := l.messages[0].Body.(wire.Broadcast), l.messages[1].Body.(wire.Broadcast)
	if want := (adapter.Options{Rooms: []adapter.Room{"room:7"}, Except: []adapter.Room{"abc"}, Volatile: true}); first.Name != "member:joined" || !reflect.DeepEqual(first.Options, want) {
		t.Errorf("%s to %+v", first.Name, first.Options)
	}
	if l.messages[1].UID != wire.Emitter || l.messages[1].Namespace != "/chat" || second.Name != "announce" || !second.Options.All {
		t.Errorf("it sends %+v", l.messages[1])
	}
	var got chat.ChatAnnounce
	if err := second.Args.Decode(0, &got); err != nil || got.Text != "é" {
		t.Errorf("it carries %+v (%v)", got, err)
	}
}

// What a server does to the sockets of all nodes, an emitter does, too; what it would
// ask them, it does not.
func TestServerWithoutSockets(t *testing.T) {
	l := &log{t: t}
	srv := newServer(t, l)
	ctx, n := t.Context(), srv.Of("/x")
	for _, err := range []error{
		n.Emit(ctx, "e", []byte{1}), n.To("r").SocketsJoin(ctx, "a"), n.SocketsLeave(ctx, "a"), n.Except("r").DisconnectSockets(ctx),
		n.To("r").CloseConnections(ctx), n.ServerSideEmit(ctx, "told", 1), n.To("r").Local().Emit(ctx, "e"), n.To().Emit(ctx, "e"),
	} {
		if err != nil {
			t.Error(err)
		}
	}
	var kinds []string
	for _, m := range l.messages {
		kinds = append(kinds, reflect.TypeOf(m.Body).Name())
	}
	if want := []string{"Broadcast", "Join", "Leave", "Disconnect", "Disconnect", "ServerSide"}; !slices.Equal(kinds, want) {
		t.Errorf("it sends %q, want %q", kinds, want)
	}
	_, err1 := n.FetchSockets(ctx)
	_, err2 := n.ServerCount(ctx)
	_, err3 := n.ServerSideEmitWithAck(ctx, "e")
	_, err4 := n.To("r").Timeout(patience).EmitWithAck(ctx, "e")
	for i, err := range []error{err1, err2, err3, err4} {
		if !errors.Is(err, emitter.ErrNoAnswers) {
			t.Errorf("%d: %v", i, err)
		}
	}
}
