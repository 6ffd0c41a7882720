package echo_test

import (
	"context"
	"log"

	"github.com/sockgen/sockgen/gen/golang/testdata/echo/echo"
	"github.com/sockgen/sockgen/runtime/socketio"
)

// An app is the first program of the documentation.
type app struct{}

var _ echo.Handler = (*app)(nil)

func (a *app) Connect(ctx context.Context, s *echo.Socket) error {
	log.Printf("Connected: %s", s.ID())
	return nil
}

func (a *app) ClientMessage(ctx context.Context, s *echo.Socket, message string) (serverMessage string, err error) {
	log.Printf("Message from client: %q", message)
	return "Server received: " + message, nil
}

func (a *app) Disconnect(ctx context.Context, s *echo.Socket, reason socketio.DisconnectReason) {
	log.Printf("Disconnected: %s", s.ID())
}

func Example() {
	io := socketio.NewServer(socketio.Config{CORS: socketio.CORS{Origins: []string{"http://localhost:8081"}}})
	echo.Mount(io, &app{})
	if err := echo.On(io).Except("somebody").Local().Volatile().EmitServerMessage(context.Background(), "hi"); err != nil {
		log.Fatal(err)
	}
	// Output:
}
