package socketio_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/gorilla/websocket"

	"github.com/sockgen/sockgen/runtime/socketio"
)

// A server with one event, which it acknowledges. The raw client stands for an
// official one: io("http://localhost:3000").emit("hello", "world", reply => …).
func ExampleServer() {
	io := socketio.NewServer(socketio.Config{})
	io.Of("/").On("hello", func(ctx context.Context, s *socketio.Socket, e *socketio.Event) {
		var name string
		if err := e.Args.Decode(0, &name); err != nil {
			return
		}
		e.Ack("hello, " + name)
	})

	web := httptest.NewServer(io) // or: log.Fatal(io.ListenAndServe(":3000"))
	defer web.Close()
	defer io.Shutdown(context.Background())

	client := dial(web)
	defer client.Close()
	send(client, `40`)
	read(client)
	send(client, `427["hello","world"]`)
	fmt.Println(read(client))
	// Output: 437["hello, world"]
}

// Everybody joins a room, and an HTTP route of the application tells the room what
// it was asked to.
func ExampleNamespace_To() {
	io := socketio.NewServer(socketio.Config{})
	chat := io.Of("/chat")
	chat.Use(func(ctx context.Context, s *socketio.Socket) error { return s.Join("lobby") })

	mux := http.NewServeMux()
	mux.Handle("/socket.io/", io)
	mux.HandleFunc("POST /announce", func(w http.ResponseWriter, r *http.Request) {
		if err := chat.To("lobby").Emit(r.Context(), "announcement", r.FormValue("text")); err != nil {
			http.Error(w, "try again later", http.StatusInternalServerError)
		}
	})
	web := httptest.NewServer(mux)
	defer web.Close()
	defer io.Shutdown(context.Background())

	client := dial(web)
	defer client.Close()
	send(client, `40/chat,`)
	read(client)
	res, err := http.Post(web.URL+"/announce", "application/x-www-form-urlencoded", strings.NewReader("text=lunch"))
	if err != nil {
		fmt.Println(err)
		return
	}
	res.Body.Close()
	fmt.Println(read(client))
	// Output: 42/chat,["announcement","lunch"]
}

func dial(web *httptest.Server) *websocket.Conn {
	url := strings.Replace(web.URL, "http", "ws", 1) + "/socket.io/?EIO=4&transport=websocket"
	ws, res, err := websocket.DefaultDialer.Dial(url, nil)
	if err != nil {
		panic(err)
	}
	res.Body.Close()
	read(ws) // the session's handshake
	return ws
}

func send(ws *websocket.Conn, text string) {
	if err := ws.WriteMessage(websocket.TextMessage, []byte(text)); err != nil {
		panic(err)
	}
}

func read(ws *websocket.Conn) string {
	_, data, err := ws.ReadMessage()
	if err != nil {
		return err.Error()
	}
	return string(data)
}
