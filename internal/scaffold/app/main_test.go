package main

import (
	"context"
	"testing"
	"time"

	"github.com/sockgen/sockgen/internal/scaffold/app/generated/chat"
	"github.com/sockgen/sockgen/internal/scaffold/app/generated/chat/chattest"
	"github.com/sockgen/sockgen/runtime/socketio"
)

// Two clients in memory: what one says, the other hears.
func TestEverybodyHearsWhatOneSays(t *testing.T) {
	server := chattest.New(t, func(io *socketio.Server) { chat.Mount(io, app{}) })
	ada, grace := server.Dial(), server.Dial()
	heard := make(chan chat.Message, 1)
	grace.OnSaid(func(_ context.Context, m chat.Message) { heard <- m })

	if err := ada.Say(t.Context(), chat.Say{From: "Ada", Text: "Hello"}); err != nil {
		t.Fatal(err)
	}
	select {
	case m := <-heard:
		if m.From != "Ada" || m.Text != "Hello" || m.At.IsZero() {
			t.Errorf("heard %+v", m)
		}
	case <-time.After(10 * time.Second):
		t.Fatal("nobody heard it")
	}
}

// What breaks the schema never reaches the handler.
func TestASilentMessageIsRefused(t *testing.T) {
	server := chattest.New(t, func(io *socketio.Server) { chat.Mount(io, app{}) })
	if err := server.Dial().Say(t.Context(), chat.Say{From: "Ada", Text: ""}); err == nil {
		t.Error("a message without text was accepted")
	}
}
