// SPDX-License-Identifier: Apache-2.0

package typedclient_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/sockgen/sockgen/generated/chat"
	"github.com/sockgen/sockgen/generated/chat/chatclient"
	"github.com/sockgen/sockgen/generated/chat/chattest"
	"github.com/sockgen/sockgen/runtime/client"
	"github.com/sockgen/sockgen/runtime/socketio"
	"github.com/sockgen/sockgen/runtime/typed"
	"github.com/sockgen/sockgen/runtime/typedclient"
	"github.com/sockgen/sockgen/runtime/typedtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for what must happen.
const patience = 30 * time.Second

// serve serves the chat in memory.
func serve(t *testing.T, f chattest.ChatFuncs, opts ...typed.MountOption) *chattest.Server {
	t.Helper()
	return chattest.New(t, func(srv *socketio.Server) {
		chat.MountChat(srv, chattest.NewChatHandler(f), append([]typed.MountOption{typed.WithLogger(slog.New(slog.DiscardHandler))}, opts...)...)
	})
}

// within returns what ch gets.
func within[T any](t *testing.T, ch <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-ch:
		return v
	case <-time.After(patience):
		t.Fatalf("nothing came: %s", what)
		panic("unreachable")
	}
}

var (
	ada     = chat.ChatAuth{Name: "Ada"}
	someone = chat.Member{ID: "1", Name: "Somebody"}
)

func TestAnAckIsDecoded(t *testing.T) {
	at := time.Date(2026, 2, 3, 4, 5, 6, 0, time.UTC)
	s := serve(t, chattest.ChatFuncs{
		MessageSend: func(_ context.Context, s *chat.ChatSocket, p chat.ChatMessageSend) (chat.ChatMessageSendAck, error) {
			if p.Room != "tea" || p.Text != "Hello" || s.Auth() != ada {
				t.Errorf("%+v of %+v", p, s.Auth())
			}
			return chat.ChatMessageSendAck{ID: 7, At: at}, nil
		},
		RoomLeave: func(context.Context, *chat.ChatSocket, chat.ChatRoomLeave) error { return nil },
	})
	c := s.DialChat(ada)
	if !c.Connected() || c.ID() == "" || c.Recovered() {
		t.Errorf("connected %v as %q, recovered %v", c.Connected(), c.ID(), c.Recovered())
	}
	ack, err := c.MessageSend(t.Context(), chat.ChatMessageSend{Room: "tea", Text: "Hello"})
	if err != nil || ack.ID != 7 || !ack.At.Equal(at) {
		t.Errorf("%+v, %v", ack, err)
	}
	if err := c.RoomLeave(t.Context(), chat.ChatRoomLeave{Room: "tea"}); err != nil {
		t.Error(err)
	}
}

func TestARefusalIsAnErrorWithItsData(t *testing.T) {
	s := serve(t, chattest.ChatFuncs{
		MessageSend: func(_ context.Context, _ *chat.ChatSocket, p chat.ChatMessageSend) (ack chat.ChatMessageSendAck, err error) {
			switch p.Room {
			case "bug":
				return ack, errors.New("what nobody may know")
			case "late":
				return ack, context.DeadlineExceeded
			}
			return ack, chat.NotMember(chat.NotMemberData{Room: p.Room})
		},
	})
	c := s.DialChat(ada)
	_, err := c.MessageSend(t.Context(), chat.ChatMessageSend{Room: "tea", Text: "Hello"})
	if data, ok := typed.ErrorData[chat.NotMemberData](err); !errors.Is(err, chat.CodeNotMember) || !ok || data.Room != "tea" {
		t.Errorf("data %+v of %v", data, err)
	}
	if _, ok := typed.ErrorData[chat.NameTakenData](err); ok || errors.Is(err, chat.CodeNameTaken) {
		t.Errorf("%v is name_taken", err)
	}
	_, err = c.MessageSend(t.Context(), chat.ChatMessageSend{Room: "tea"})
	var unsent *typed.SendError
	if !errors.As(err, &unsent) || len(unsent.Issues) != 1 || unsent.Issues[0].Path != "text" {
		t.Errorf("a message that does not fit: %v", err)
	}
	_, err = c.MessageSend(t.Context(), chat.ChatMessageSend{Room: "bug", Text: "Hello"})
	if data, ok := typed.ErrorData[typed.Internal](err); !errors.Is(err, typed.CodeInternal) || !ok || data.ID == "" {
		t.Errorf("%+v of %v", data, err)
	}
	if err := c.Whisper(t.Context(), chat.ChatWhisper{To: "bob", Text: "psst"}); !errors.Is(err, typed.CodeUnknownEvent) {
		t.Errorf("error %v, want unknown_event: the handler has no function for it", err)
	}
}

func TestARefusedEventWithoutAckIsTold(t *testing.T) {
	s := serve(t, chattest.ChatFuncs{
		Typing: func(_ context.Context, _ *chat.ChatSocket, p chat.ChatTyping) (chat.ChatTypingChanged, error) {
			return chat.ChatTypingChanged{}, chat.NotMember(chat.NotMemberData{Room: p.Room})
		},
	})
	c := s.DialChat(ada)
	told := make(chan error, 1)
	stop := c.OnEventError(func(_ context.Context, event string, err *typed.Error) {
		if event == "typing" {
			told <- err
		}
	})
	defer stop()
	if err := c.Typing(t.Context(), chat.ChatTyping{Room: "tea"}); err != nil {
		t.Fatal(err)
	}
	err := within(t, told, "$error")
	if data, ok := typed.ErrorData[chat.NotMemberData](err); !ok || data.Room != "tea" {
		t.Errorf("%+v of %v", data, err)
	}
}

func TestBytesTravelBothWays(t *testing.T) {
	picture := bytes.Repeat([]byte{0, 1, 254, 255}, 30_000)
	var io *socketio.Server
	s := chattest.New(t, func(srv *socketio.Server) {
		io = srv
		chat.MountChat(srv, chattest.NewChatHandler(chattest.ChatFuncs{
			Connect: func(_ context.Context, s *chat.ChatSocket, _ chat.ChatAuth) error {
				return s.Join(chat.InChatRoom("tea"))
			},
			ImageSend: func(ctx context.Context, s *chat.ChatSocket, p chat.ChatImageSend) error {
				return chat.OnChat(io).To(chat.InChatRoom(p.Room)).EmitImagePosted(ctx, chat.ChatImagePosted{Room: p.Room, From: someone, Mime: p.Mime, Data: p.Data, At: time.Now()})
			},
		}))
	})
	from, to := s.DialChat(ada), s.DialChat(chat.ChatAuth{Name: "Bob"})
	posted := make(chan chat.ChatImagePosted, 1)
	to.OnImagePosted(func(_ context.Context, p chat.ChatImagePosted) { posted <- p })
	if err := from.ImageSend(t.Context(), chat.ChatImageSend{Room: "tea", Mime: "image/png", Data: picture}); err != nil {
		t.Fatal(err)
	}
	if got := within(t, posted, "the picture"); !bytes.Equal(got.Data, picture) {
		t.Errorf("%d bytes came, %d were sent", len(got.Data), len(picture))
	}
}

func TestListenersOutliveConnectionsAndAuthIsAskedAnew(t *testing.T) {
	var io *socketio.Server
	names := make(chan string, 10)
	s := chattest.New(t, func(srv *socketio.Server) {
		io = srv
		chat.MountChat(srv, chattest.NewChatHandler(chattest.ChatFuncs{
			Connect: func(_ context.Context, _ *chat.ChatSocket, auth chat.ChatAuth) error {
				names <- auth.Name
				return nil
			},
		}))
	})
	var asked atomic.Int32
	c := chatclient.NewChatClient(s.Manager(), func(context.Context) (chat.ChatAuth, error) {
		return chat.ChatAuth{Name: []string{"first", "second"}[asked.Add(1)-1]}, nil
	})
	connected, lost, heard := make(chan string, 10), make(chan client.DisconnectReason, 10), make(chan string, 10)
	c.OnConnect(func(context.Context) { connected <- c.ID() })
	c.OnDisconnect(func(_ context.Context, reason client.DisconnectReason) { lost <- reason })
	stop := c.OnAnnounce(func(_ context.Context, p chat.ChatAnnounce) { heard <- p.Text })
	s.Connect(c)
	first := within(t, connected, "OnConnect")
	announce := func(text string) {
		t.Helper()
		if err := chat.OnChat(io).EmitAnnounce(t.Context(), chat.ChatAnnounce{Text: text, At: time.Now()}); err != nil {
			t.Fatal(err)
		}
	}
	announce("one")
	if got := within(t, heard, "the announcement"); got != "one" {
		t.Errorf("heard %q", got)
	}
	s.Cut()
	if reason := within(t, lost, "OnDisconnect"); reason != client.TransportError && reason != client.TransportClose {
		t.Errorf("reason %q", reason)
	}
	if second := within(t, connected, "OnConnect after the loss"); second == first || second == "" {
		t.Errorf("connected as %q and then as %q", first, second)
	}
	announce("two")
	if got := within(t, heard, "the announcement after the loss"); got != "two" {
		t.Errorf("heard %q", got)
	}
	if a, b := within(t, names, "a name"), within(t, names, "a name"); a != "first" || b != "second" {
		t.Errorf("entered as %q and then as %q", a, b)
	}
	stop()
	announce("three")
	c.OnAnnounce(func(_ context.Context, p chat.ChatAnnounce) { heard <- p.Text })
	announce("four")
	for got := range heard {
		if got == "four" {
			break
		}
		if got != "three" {
			t.Errorf("heard %q", got)
		}
	}
}

func TestARefusedClientGetsTheReason(t *testing.T) {
	s := serve(t, chattest.ChatFuncs{
		Connect: func(_ context.Context, _ *chat.ChatSocket, auth chat.ChatAuth) error {
			return chat.NameTaken(chat.NameTakenData{Name: auth.Name})
		},
	})
	c := chatclient.NewChatClient(s.Manager(), typedclient.Static(ada))
	told := make(chan error, 1)
	c.OnConnectError(func(_ context.Context, err error) { told <- err })
	for _, err := range []error{c.Connect(t.Context()), within(t, told, "OnConnectError")} {
		var raw *client.ConnectError
		if data, ok := typed.ErrorData[chat.NameTakenData](err); !errors.Is(err, chat.CodeNameTaken) || !ok || data.Name != "Ada" || !errors.As(err, &raw) {
			t.Errorf("%+v of %v", data, err)
		}
	}
	bad := chatclient.NewChatClient(s.Manager(), typedclient.Static(chat.ChatAuth{}))
	var unsent *typed.SendError
	if err := bad.Connect(t.Context()); !errors.As(err, &unsent) || len(unsent.Issues) != 1 || unsent.Issues[0].Path != "name" {
		t.Errorf("without a name: %v", err)
	}
	main := chatclient.NewMainClient(s.Manager())
	var raw *client.ConnectError
	if err := main.Connect(t.Context()); !errors.As(err, &raw) || raw.Message != "Invalid namespace" || errors.As(err, new(*typed.Error)) {
		t.Errorf("a namespace that is not served: %v", err)
	}
}

func TestAnAuthFunctionThatFailsIsAskedAgain(t *testing.T) {
	s := serve(t, chattest.ChatFuncs{})
	var asked atomic.Int32
	unavailable := errors.New("no token yet")
	c := chatclient.NewChatClient(s.Manager(), func(context.Context) (chat.ChatAuth, error) {
		if asked.Add(1) < 3 {
			return chat.ChatAuth{}, unavailable
		}
		return ada, nil
	})
	told := make(chan error, 10)
	c.OnConnectError(func(_ context.Context, err error) { told <- err })
	s.Connect(c)
	for range 2 {
		if err := within(t, told, "OnConnectError"); !errors.Is(err, unavailable) {
			t.Error(err)
		}
	}
	if n := asked.Load(); n != 3 {
		t.Errorf("asked %d times", n)
	}
}

func TestAnotherSchemaIsRefusedByItsFingerprint(t *testing.T) {
	s := serve(t, chattest.ChatFuncs{}, typed.WithSchemaPolicy(typed.SchemaReject))
	_ = s.DialChat(ada) // presents the server's own
	b := typedclient.New(s.Manager(), typedclient.Schema{Namespace: "/chat", Fingerprint: "m1-other"}, nil, typed.EncodeNothing, nil)
	if err := b.Connect(t.Context()); !errors.Is(err, typed.CodeSchemaMismatch) {
		t.Errorf("error %v, want schema_mismatch", err)
	}
	plain := typedclient.New(s.Manager(), typedclient.Schema{Namespace: "/chat"}, nil, typed.EncodeNothing, nil)
	if err := plain.Connect(t.Context()); !errors.Is(err, typed.CodeInvalidPayload) {
		t.Errorf("error %v of a client without fingerprint, which lacks a name alone", err)
	}
}

func TestNamespacesShareAConnection(t *testing.T) {
	s := chattest.New(t, func(srv *socketio.Server) {
		chat.MountChat(srv, chattest.NewChatHandler(chattest.ChatFuncs{}))
		chat.MountMain(srv, chattest.NewMainHandler(chattest.MainFuncs{
			ClientMessage: func(_ context.Context, _ *chat.MainSocket, message string) (string, error) {
				return "got " + message, nil
			},
		}))
	})
	m := s.Manager()
	main, talk := chatclient.NewMainClient(m), chatclient.NewChatClient(m, typedclient.Static(ada))
	s.Connect(main)
	s.Connect(talk)
	if stats := s.IO().Stats(); stats.Sessions != 1 || stats.Sockets != 2 {
		t.Errorf("%d sockets over %d connections", stats.Sockets, stats.Sessions)
	}
	echoed := make(chan string, 1)
	main.OnServerMessage(func(_ context.Context, message string) { echoed <- message })
	if err := talk.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if err := main.ClientMessage(t.Context(), "hi"); err != nil || within(t, echoed, "the echo") != "got hi" {
		t.Error(err)
	}
	if talk.Connected() || !main.Connected() {
		t.Error("closing one client closed the other, or neither")
	}
}

func TestWhatDoesNotFitTheSchemaIsReported(t *testing.T) {
	var io *socketio.Server
	s := chattest.New(t, func(srv *socketio.Server) {
		io = srv
		srv.Of("/chat").On("message:send", func(_ context.Context, _ *socketio.Socket, e *socketio.Event) {
			_ = e.Ack(map[string]any{"ok": true, "value": map[string]any{"id": "seven", "at": "2026-02-03T04:05:06.789Z"}})
		})
		srv.Of("/chat").On("room:leave", func(_ context.Context, _ *socketio.Socket, e *socketio.Event) { _ = e.Ack("what") })
	})
	failures := make(chan typedclient.Failure, 10)
	c := s.DialChat(ada, typedclient.OnFailure(func(f typedclient.Failure) { failures <- f }))
	heard := make(chan string, 10)
	c.OnAnnounce(func(_ context.Context, p chat.ChatAnnounce) { heard <- p.Text })
	for _, payload := range []map[string]any{{"text": 5}, {"text": "fine", "at": "2026-02-03T04:05:06.789Z", "newer": true}} {
		if err := io.Of("/chat").Emit(t.Context(), "announce", payload); err != nil {
			t.Fatal(err)
		}
	}
	var invalid *typed.PayloadError
	f := within(t, failures, "the failure")
	if !errors.As(f.Err, &invalid) || f.Event != "announce" || f.Namespace != "/chat" || len(invalid.Issues) != 2 || invalid.Issues[0].Path != "text" {
		t.Errorf("%+v", f)
	}
	if got := within(t, heard, "the sound one"); got != "fine" {
		t.Errorf("heard %q", got)
	}
	_, err := c.MessageSend(t.Context(), chat.ChatMessageSend{Room: "tea", Text: "Hello"})
	if !errors.As(err, &invalid) || invalid.Event != "message:send" || len(invalid.Issues) != 1 || invalid.Issues[0].Path != "id" {
		t.Errorf("an ack that does not fit: %v", err)
	}
	if err := c.RoomLeave(t.Context(), chat.ChatRoomLeave{Room: "tea"}); !errors.As(err, &invalid) {
		t.Errorf("an ack that is no envelope: %v", err)
	}
}

func TestAnAckThatDoesNotComeOnFakeTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := serve(t, chattest.ChatFuncs{
			RoomLeave: func(ctx context.Context, _ *chat.ChatSocket, _ chat.ChatRoomLeave) error {
				<-ctx.Done()
				return ctx.Err()
			},
		})
		c := s.DialChat(ada)
		start := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := c.RoomLeave(ctx, chat.ChatRoomLeave{Room: "tea"}); !errors.Is(err, typed.CodeTimeout) || time.Since(start) != time.Minute {
			t.Errorf("%v after %v", err, time.Since(start))
		}
		result := make(chan error)
		go func() { result <- c.RoomLeave(t.Context(), chat.ChatRoomLeave{Room: "tea"}) }()
		synctest.Wait()
		s.Cut()
		if err := <-result; !errors.Is(err, typed.CodeDisconnected) {
			t.Errorf("%v after the connection was lost", err)
		}
	})
}

func TestDialFails(t *testing.T) {
	for _, url := range []string{"ftp://server.test", "http://127.0.0.1:1"} {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		c, err := chatclient.DialChat(ctx, url, ada, typedclient.WithConfig(client.Config{Logger: slog.New(slog.DiscardHandler)}))
		if c != nil || err == nil {
			t.Errorf("%s: %v, %v", url, c, err)
		}
	}
}

func TestWithoutBufferNothingWaits(t *testing.T) {
	s := serve(t, chattest.ChatFuncs{})
	c := s.DialChat(ada, typedclient.WithoutBuffer())
	c.Disconnect()
	if err := c.Typing(t.Context(), chat.ChatTyping{Room: "tea"}); !errors.Is(err, client.ErrDisconnected) {
		t.Error(err)
	}
	if err := c.RoomLeave(t.Context(), chat.ChatRoomLeave{Room: "tea"}); !errors.Is(err, typed.CodeDisconnected) {
		t.Error(err)
	}
}

func TestRecovered(t *testing.T) {
	s := chattest.Server{Server: typedtest.NewConfig(t, socketio.Config{Recovery: &socketio.Recovery{}}, func(srv *socketio.Server) {
		chat.MountChat(srv, chattest.NewChatHandler(chattest.ChatFuncs{}))
	})}
	c := chatclient.NewChatClient(s.Manager(), typedclient.Static(ada))
	connected, lost, heard := make(chan bool, 10), make(chan client.DisconnectReason, 10), make(chan string, 10)
	c.OnConnect(func(context.Context) { connected <- c.Recovered() })
	c.OnDisconnect(func(_ context.Context, reason client.DisconnectReason) { lost <- reason })
	c.OnAnnounce(func(_ context.Context, p chat.ChatAnnounce) { heard <- p.Text })
	s.Connect(c)
	if within(t, connected, "OnConnect") {
		t.Error("the first connection is recovered")
	}
	id := c.ID()
	announce := func(text string) {
		t.Helper()
		if err := chat.OnChat(s.IO()).EmitAnnounce(t.Context(), chat.ChatAnnounce{Text: text, At: time.Now()}); err != nil {
			t.Fatal(err)
		}
	}
	announce("one") // whose offset the client presents
	if got := within(t, heard, "the announcement"); got != "one" {
		t.Errorf("heard %q", got)
	}
	there := chat.OnChat(s.IO()).Sockets()[0]
	s.Cut()
	within(t, lost, "OnDisconnect")
	<-there.Context().Done()
	announce("missed")
	if !within(t, connected, "OnConnect after the loss") || c.ID() != id || !c.Recovered() {
		t.Errorf("recovered %v, as %q after %q", c.Recovered(), c.ID(), id)
	}
	if got := within(t, heard, "what was missed"); got != "missed" {
		t.Errorf("heard %q", got)
	}
	c.Disconnect() // leaves for good
	if c.Recovered() {
		t.Error("recovered without a connection")
	}
	s.Connect(c)
	if within(t, connected, "OnConnect again") || c.ID() == id {
		t.Errorf("recovered as %q after DISCONNECT", c.ID())
	}
}

func TestListenersRunInOrder(t *testing.T) {
	s := serve(t, chattest.ChatFuncs{
		RoomJoin: func(ctx context.Context, s *chat.ChatSocket, _ chat.ChatRoomJoin) (chat.ChatRoomJoinAck, error) {
			for _, text := range []string{"a", "b", "c"} {
				if err := s.EmitWhispered(ctx, chat.ChatWhispered{From: someone, Text: text, At: time.Now()}); err != nil {
					return chat.ChatRoomJoinAck{}, err
				}
			}
			return chat.ChatRoomJoinAck{}, nil
		},
	})
	c := s.DialChat(ada)
	heard := make(chan string, 10)
	c.OnWhispered(func(_ context.Context, p chat.ChatWhispered) { heard <- p.Text })
	if _, err := c.RoomJoin(t.Context(), chat.ChatRoomJoin{Room: "tea"}); err != nil {
		t.Fatal(err)
	}
	var got []string
	for range 3 {
		got = append(got, within(t, heard, "a whisper"))
	}
	if want := []string{"a", "b", "c"}; !slices.Equal(got, want) {
		t.Errorf("heard %q, want %q", got, want)
	}
}

// A call that is given up ends the ctx of the server's handler, whose error then is
// nobody's.
func TestAGivenUpCallEndsItsHandler(t *testing.T) {
	began, causes := make(chan struct{}), make(chan error, 1)
	s := serve(t, chattest.ChatFuncs{
		RoomLeave: func(ctx context.Context, _ *chat.ChatSocket, _ chat.ChatRoomLeave) error {
			close(began)
			<-ctx.Done()
			causes <- context.Cause(ctx)
			return ctx.Err()
		},
	}, typed.OnFailure(func(f typed.Failure) { t.Errorf("told of %v", f.Err) }))
	c := s.DialChat(ada)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-began
		cancel()
	}()
	if err := c.RoomLeave(ctx, chat.ChatRoomLeave{Room: "tea"}); !errors.Is(err, context.Canceled) {
		t.Errorf("the call: %v", err)
	}
	if cause := within(t, causes, "the end of the handler"); !errors.Is(cause, socketio.ErrCanceled) {
		t.Errorf("the handler's ctx ended because of %v", cause)
	}
}
