// SPDX-License-Identifier: Apache-2.0

package client_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"time"

	"github.com/sockgen/sockgen/runtime/client"
	"github.com/sockgen/sockgen/runtime/socketio"
)

// A server for the examples: it greets, and it knows who may enter.
func serve() (url string, stop func()) {
	io := socketio.NewServer(socketio.Config{})
	chat := io.Of("/chat")
	chat.OnConnect(func(ctx context.Context, s *socketio.Socket) { s.Emit(ctx, "greeting", "welcome") })
	chat.On("add", func(ctx context.Context, s *socketio.Socket, e *socketio.Event) {
		var a, b int
		if e.Args.Decode(0, &a) == nil && e.Args.Decode(1, &b) == nil {
			e.Ack(a + b)
		}
	})
	io.Of("/staff").Use(func(ctx context.Context, s *socketio.Socket) error {
		return &socketio.ConnectError{Message: "staff only"}
	})
	web := httptest.NewServer(io)
	return web.URL, func() {
		io.Shutdown(context.Background())
		web.Close()
	}
}

// Handlers are added first, then the socket connects. An ack is a call with a result.
func Example() {
	url, stop := serve()
	defer stop()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()

	m, err := client.New(url, client.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer m.Close(ctx)
	chat := m.Socket("/chat", client.SocketConfig{})
	greeted := make(chan string, 1)
	chat.On("greeting", func(ctx context.Context, e *client.Event) {
		var text string
		if e.Args.Decode(0, &text) == nil {
			greeted <- text
		}
	})
	if err := chat.Connect(ctx); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(<-greeted)
	reply, err := chat.EmitWithAck(ctx, "add", 2, 3)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("2 + 3 = %s\n", reply.At(0))
	// Output:
	// welcome
	// 2 + 3 = 5
}

// The server may refuse a socket; the application learns why and decides what to do.
func ExampleConnectError() {
	url, stop := serve()
	defer stop()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()

	m, err := client.New(url, client.Config{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer m.Close(ctx)
	staff := m.Socket("/staff", client.SocketConfig{
		Auth: func(ctx context.Context) (any, error) { return map[string]string{"token": "guess"}, nil },
	})
	fmt.Println(staff.Connect(ctx))
	// Output: client: connection refused: staff only
}
