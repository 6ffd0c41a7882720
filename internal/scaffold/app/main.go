package main

import (
	"context"
	"log"
	"time"

	"github.com/sockgen/sockgen/internal/scaffold/app/generated/chat"
	"github.com/sockgen/sockgen/runtime/socketio"
)

type app struct{ chat.Unimplemented }

// Say returns what everybody hears as "said".
func (app) Say(ctx context.Context, s *chat.Socket, p chat.Say) (chat.Message, error) {
	return chat.Message{From: p.From, Text: p.Text, At: time.Now()}, nil
}

func main() {
	io := socketio.NewServer(socketio.Config{})
	chat.Mount(io, app{})
	log.Print("listening on http://localhost:3000")
	log.Fatal(io.ListenAndServe("localhost:3000"))
}
