// SPDX-License-Identifier: Apache-2.0

package typedclient_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sockgen/sockgen/generated/chat"
	"github.com/sockgen/sockgen/generated/chat/chatclient"
	"github.com/sockgen/sockgen/generated/chat/chattest"
	"github.com/sockgen/sockgen/runtime/client"
)

// TestGeneratedEmitsArrive has generated code emit more than a connection holds at once, in
// Connect, before the CONNECT reply, and in a handler, while 300 events wait whose handlers each ask
// the client something: everything arrives in order, and every event is answered.
func TestGeneratedEmitsArrive(t *testing.T) {
	const greetings, answers, events = 2000, 1500, 300
	text := strings.Repeat("x", 1500)
	whisper := func(ctx context.Context, s *chat.ChatSocket, n int) {
		for i := range n {
			p := chat.ChatWhispered{From: someone, Text: fmt.Sprint(i, " ", text), At: time.Unix(0, 0)}
			if err := s.EmitWhispered(ctx, p); err != nil {
				t.Errorf("event %d: %v", i, err)
				return
			}
		}
	}
	for _, transports := range [][]string{{"polling"}, {"websocket"}, {"polling", "websocket"}} {
		t.Run(strings.Join(transports, " "), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := serve(t, chattest.ChatFuncs{
					Connect: func(ctx context.Context, s *chat.ChatSocket, _ chat.ChatAuth) error {
						whisper(ctx, s, greetings)
						return nil
					},
					MessageSend: func(ctx context.Context, s *chat.ChatSocket, p chat.ChatMessageSend) (chat.ChatMessageSendAck, error) {
						if p.Text == "all" {
							whisper(ctx, s, answers)
						}
						if _, err := s.Untyped().EmitWithAck(ctx, "sure?"); err != nil {
							return chat.ChatMessageSendAck{}, err
						}
						return chat.ChatMessageSendAck{ID: 7}, nil
					},
				})
				m := s.ManagerConfig(client.Config{Transports: transports})
				c := chatclient.NewChatClient(m, func(context.Context) (chat.ChatAuth, error) { return ada, nil })
				heard := make(chan string, greetings+answers)
				c.OnWhispered(func(_ context.Context, p chat.ChatWhispered) { heard <- strings.TrimSuffix(p.Text, " "+text) })
				c.Untyped().On("sure?", func(_ context.Context, e *client.Event) {
					if err := e.Ack(true); err != nil {
						t.Error(err)
					}
				})
				s.Connect(c)
				want := func(n int) {
					for i := range n {
						if got := within(t, heard, "an event"); got != fmt.Sprint(i) {
							t.Fatalf("event %d is %q", i, got)
						}
					}
				}
				want(greetings)
				var sending sync.WaitGroup
				for i := range events {
					sending.Go(func() {
						text := "one"
						if i == 0 {
							text = "all"
						}
						if ack, err := c.MessageSend(t.Context(), chat.ChatMessageSend{Room: "tea", Text: text}); err != nil || ack.ID != 7 {
							t.Errorf("event %d: %+v, %v", i, ack, err)
						}
					})
				}
				want(answers)
				sending.Wait()
				if !c.Connected() {
					t.Error("the client was thrown out")
				}
			})
		})
	}
}
