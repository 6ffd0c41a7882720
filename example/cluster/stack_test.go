// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/sockgen/sockgen/example/cluster/stack"
	"github.com/sockgen/sockgen/generated/chat"
	"github.com/sockgen/sockgen/generated/chat/chatclient"
	"github.com/sockgen/sockgen/runtime/client"
	"github.com/sockgen/sockgen/runtime/typedclient"
)

// started starts a Redis, three nodes and an nginx without affinity, and returns its URL.
func started(t *testing.T, adapter string) string {
	t.Helper()
	addr := func() string {
		a, err := stack.FreeAddr()
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	broker, front := addr(), addr()
	p, err := stack.Redis(broker, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(p.Kill)
	var nodes []string
	for range 3 {
		node := addr()
		nodes = append(nodes, node)
		ctx, cancel := context.WithCancel(context.Background())
		ended := make(chan error, 1)
		go func() {
			ended <- run(ctx, settings{addr: node, redis: "redis://" + broker, adapter: adapter, advertise: "http://" + node, origins: "http://localhost:8081"})
		}()
		t.Cleanup(func() {
			cancel()
			if err := <-ended; err != nil {
				t.Error(err)
			}
		})
	}
	proxy, err := stack.Nginx(front, t.TempDir(), nodes)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(proxy.Stop)
	t.Cleanup(http.DefaultTransport.(*http.Transport).CloseIdleConnections)
	return "http://" + front
}

// The chat is one, whichever nodes its members are on: polls and upgrades reach the right
// node, rooms, names, history and whispers are everybody's.
func TestTheChatOfThreeNodes(t *testing.T) {
	for _, adapter := range []string{"pubsub", "sharded", "streams"} {
		t.Run(adapter, func(t *testing.T) {
			url := started(t, adapter)
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
			defer cancel()
			names := []string{"Ada", "Bob", "Carl", "Dora"}
			posted, whispered := make(chan chat.Message, 100), make(chan chat.ChatWhispered, 1)
			var members []*chatclient.ChatClient
			var seen []chat.Member
			for i, name := range names {
				cfg := client.Config{Transports: [][]string{{"polling"}, {"polling", "websocket"}}[i%2]}
				c := dial(ctx, t, url, name, cfg)
				c.OnMessagePosted(func(_ context.Context, m chat.Message) { posted <- m })
				c.OnWhispered(func(_ context.Context, w chat.ChatWhispered) { whispered <- w })
				ack, err := c.RoomJoin(ctx, chat.ChatRoomJoin{Room: "tea"})
				if err != nil {
					t.Fatal(err)
				}
				if len(ack.Members) != i+1 || len(ack.History) != i {
					t.Errorf("%s finds %d members and %d messages", name, len(ack.Members), len(ack.History))
				}
				seen = ack.Members
				members = append(members, c)
				if _, err := c.MessageSend(ctx, chat.ChatMessageSend{Room: "tea", Text: "I am " + name}); err != nil {
					t.Fatal(err)
				}
				for range members {
					if m := next(ctx, t, posted); m.From.Name != name || m.ID != int64(i+1) {
						t.Errorf("heard %+v", m)
					}
				}
			}
			for _, m := range seen {
				if m.Name == "Ada" {
					if err := members[3].Whisper(ctx, chat.ChatWhisper{To: m.ID, Text: "psst"}); err != nil {
						t.Error(err)
					}
				}
			}
			if w := next(ctx, t, whispered); w.From.Name != "Dora" || w.Text != "psst" {
				t.Errorf("heard %+v", w)
			}
		})
	}
}

func dial(ctx context.Context, t *testing.T, url, name string, cfg client.Config) *chatclient.ChatClient {
	t.Helper()
	c, err := chatclient.DialChat(ctx, url, chat.ChatAuth{Name: name}, typedclient.WithConfig(cfg))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close(context.Background()) })
	return c
}

func next[T any](ctx context.Context, t *testing.T, ch <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-ch:
	case <-ctx.Done():
		t.Fatal("nothing came")
	}
	return v
}
