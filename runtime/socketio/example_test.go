// SPDX-License-Identifier: Apache-2.0

package socketio_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"time"

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

// A token decides who may connect. The client sends it as auth:
// io(url, { auth: { token: "open sesame" } }).
func ExampleNamespace_Use() {
	io := socketio.NewServer(socketio.Config{})
	n := io.Of("/")
	n.Use(func(ctx context.Context, s *socketio.Socket) error {
		var auth struct{ Token string }
		if err := json.Unmarshal(s.Handshake().Auth, &auth); err != nil || auth.Token != "open sesame" {
			return &socketio.ConnectError{Message: "unauthorized", Data: map[string]any{"retry": false}}
		}
		s.SetData("Ali Baba") // for handlers: socketio.DataOf[string](s)
		return nil
	})
	n.OnConnect(func(ctx context.Context, s *socketio.Socket) {
		user, _ := socketio.DataOf[string](s)
		s.Emit(ctx, "welcome", user)
	})

	web := httptest.NewServer(io)
	defer web.Close()
	defer io.Shutdown(context.Background())

	client := dial(web)
	defer client.Close()
	send(client, `40{"token":"open barley"}`)
	fmt.Println(read(client))
	send(client, `40{"token":"open sesame"}`)
	read(client) // 40, with the socket's id
	fmt.Println(read(client))
	// Output:
	// 44{"message":"unauthorized","data":{"retry":false}}
	// 42["welcome","Ali Baba"]
}

// Handlers are registered once for all sockets of a namespace, or in OnConnect for one
// socket, as one is used to from JavaScript.
func ExampleNamespace_OnConnect() {
	io := socketio.NewServer(socketio.Config{})
	n := io.Of("/")
	n.On("add", func(ctx context.Context, s *socketio.Socket, e *socketio.Event) {
		var a, b int
		if e.Args.Decode(0, &a) == nil && e.Args.Decode(1, &b) == nil {
			e.Ack(a + b)
		}
	})
	n.OnConnect(func(ctx context.Context, s *socketio.Socket) {
		count := 0 // this socket's own
		s.On("count", func(ctx context.Context, s *socketio.Socket, e *socketio.Event) {
			count++ // the handlers of a socket run one at a time
			s.Emit(ctx, "count", count)
		})
	})
	ended := make(chan socketio.DisconnectReason, 1)
	n.OnDisconnect(func(ctx context.Context, s *socketio.Socket, reason socketio.DisconnectReason) {
		ended <- reason
	})

	web := httptest.NewServer(io)
	defer web.Close()
	defer io.Shutdown(context.Background())

	client := dial(web)
	defer client.Close()
	send(client, `40`)
	read(client)
	send(client, `421["add",2,3]`, `42["count"]`, `42["count"]`)
	fmt.Println(read(client))
	fmt.Println(read(client))
	fmt.Println(read(client))
	send(client, `41`) // socket.disconnect()
	fmt.Println(<-ended)
	// Output:
	// 431[5]
	// 42["count",1]
	// 42["count",2]
	// client namespace disconnect
}

// A handler asks its client a question. Acks do not queue behind events, so it may
// wait for the answer.
func ExampleSocket_EmitWithAck() {
	io := socketio.NewServer(socketio.Config{})
	done := make(chan struct{})
	io.Of("/").On("delete", func(ctx context.Context, s *socketio.Socket, e *socketio.Event) {
		defer close(done)
		answer, err := s.Timeout(10*time.Second).EmitWithAck(ctx, "sure?", e.Args.At(0))
		var sure bool
		switch {
		case errors.Is(err, socketio.ErrTimeout), errors.Is(err, socketio.ErrDisconnected):
			return // nobody there
		case err == nil && answer.Decode(0, &sure) == nil:
			fmt.Println("sure:", sure)
		}
	})

	web := httptest.NewServer(io)
	defer web.Close()
	defer io.Shutdown(context.Background())

	client := dial(web)
	defer client.Close()
	send(client, `40`)
	read(client)
	send(client, `42["delete","everything"]`)
	fmt.Println(read(client))
	send(client, `430[false]`) // socket.on("sure?", (what, answer) => answer(false))
	<-done
	// Output:
	// 420["sure?","everything"]
	// sure: false
}

// A question to everybody in a room: who answers, and how many do not.
func ExampleAckBroadcast_EmitWithAck() {
	io := socketio.NewServer(socketio.Config{})
	n := io.Of("/")
	n.Use(func(ctx context.Context, s *socketio.Socket) error { return s.Join("players") })

	web := httptest.NewServer(io)
	defer web.Close()
	defer io.Shutdown(context.Background())

	var clients []*websocket.Conn
	for range 3 {
		client := dial(web)
		defer client.Close()
		send(client, `40`)
		read(client)
		clients = append(clients, client)
	}
	go func() {
		for i, client := range clients[:2] { // the third one sleeps
			id := strings.TrimSuffix(strings.TrimPrefix(read(client), "42"), `["ready?"]`)
			send(client, fmt.Sprintf("43%s[%t]", id, i == 0))
		}
	}()

	answers, err := n.To("players").Timeout(time.Second).EmitWithAck(context.Background(), "ready?")
	ready := 0
	for _, a := range answers {
		var yes bool
		if a.Args.Decode(0, &yes) == nil && yes {
			ready++
		}
	}
	fmt.Println(ready, "of", len(answers), "who answered are ready")
	var missing *socketio.MissingError
	if errors.As(err, &missing) {
		fmt.Println(len(missing.IDs), "did not answer")
	}
	// Output:
	// 1 of 2 who answered are ready
	// 1 did not answer
}

// Clients choose their room, and talk to the others there.
func ExampleSocket_Join() {
	io := socketio.NewServer(socketio.Config{})
	n := io.Of("/")
	n.On("enter", func(ctx context.Context, s *socketio.Socket, e *socketio.Event) {
		var room string
		if e.Args.Decode(0, &room) != nil || s.Join(socketio.Room("room:"+room)) != nil {
			return // not a string, or too many rooms
		}
		e.Ack(len(n.Members(socketio.Room("room:" + room))))
	})
	n.On("say", func(ctx context.Context, s *socketio.Socket, e *socketio.Event) {
		var room, text string
		if e.Args.Decode(0, &room) == nil && e.Args.Decode(1, &text) == nil {
			s.To(socketio.Room("room:"+room)).Emit(ctx, "said", text) // to all there but s itself
		}
	})

	web := httptest.NewServer(io)
	defer web.Close()
	defer io.Shutdown(context.Background())

	ann, bob := dial(web), dial(web)
	defer ann.Close()
	defer bob.Close()
	for _, client := range []*websocket.Conn{ann, bob} {
		send(client, `40`)
		read(client)
		send(client, `420["enter","garden"]`)
		fmt.Println(read(client))
	}
	send(bob, `42["say","garden","hello"]`)
	fmt.Println(read(ann))
	// Output:
	// 430[1]
	// 430[2]
	// 42["said","hello"]
}

// A client that was away for a moment gets what it missed. Official clients from 4.6
// do by themselves what this one does by hand: they remember the pid and the last
// offset.
func ExampleRecovery() {
	io := socketio.NewServer(socketio.Config{
		Recovery: &socketio.Recovery{MaxDisconnectionDuration: time.Minute},
	})
	n := io.Of("/")
	n.Use(func(ctx context.Context, s *socketio.Socket) error {
		if s.Recovered() { // with its id, rooms, data, and soon the events that it missed
			fmt.Println("back in", len(s.Rooms()), "rooms")
			return nil
		}
		return s.Join("news")
	})
	gone := make(chan struct{}, 1)
	n.OnDisconnect(func(context.Context, *socketio.Socket, socketio.DisconnectReason) { gone <- struct{}{} })

	web := httptest.NewServer(io)
	defer web.Close()
	defer io.Shutdown(context.Background())

	client := dial(web)
	send(client, `40`)
	var reply struct{ SID, PID string }
	if err := json.Unmarshal([]byte(read(client)[2:]), &reply); err != nil {
		fmt.Println(err)
	}
	client.Close() // the network goes
	<-gone
	n.To("news").Emit(context.Background(), "headline", "rain")

	client = dial(web)
	defer client.Close()
	send(client, `40{"pid":"`+reply.PID+`"}`)
	missed := read(client)
	fmt.Println(missed[:strings.LastIndex(missed, ",")]) // without its offset
	fmt.Println("the same id:", strings.Contains(read(client), reply.SID))
	// Unordered output:
	// 42["headline","rain"
	// the same id: true
	// back in 2 rooms
}

// An Observer has what metrics and traces need. Functions that are nil cost nothing.
func ExampleObserver() {
	io := socketio.NewServer(socketio.Config{
		Observer: &socketio.Observer{
			Event:     func(e socketio.EventDone) { fmt.Println("event", e.Event, e.Outcome) },
			SocketEnd: func(e socketio.SocketEnd) { fmt.Println("socket ended:", e.Reason) },
			Limit:     func(h socketio.LimitHit) { fmt.Println("limit:", h.Limit) },
		},
		Limits: socketio.Limits{Rooms: 1},
	})
	io.Of("/").On("join", func(ctx context.Context, s *socketio.Socket, e *socketio.Event) {
		_ = s.Join("red")
		if err := s.Join("blue"); errors.Is(err, socketio.ErrTooManyRooms) {
			s.Disconnect()
		}
	})

	web := httptest.NewServer(io)
	defer web.Close()
	client := dial(web)
	send(client, `40`)
	read(client)
	send(client, `42["join"]`)
	read(client)
	client.Close()
	_ = io.Shutdown(context.Background())
	// Unordered output:
	// limit: Rooms
	// event join handled
	// socket ended: server namespace disconnect
}

// A program ends well on Ctrl-C: new connections are refused, clients are told to
// reconnect, which takes them to another node, and handlers finish.
func ExampleServer_Shutdown() {
	io := socketio.NewServer(socketio.Config{})
	io.Of("/").OnDisconnect(func(ctx context.Context, s *socketio.Socket, reason socketio.DisconnectReason) {
		fmt.Println(reason)
	})
	listener, err := net.Listen("tcp", "127.0.0.1:0") // or io.ListenAndServe(":3000") below
	if err != nil {
		fmt.Println(err)
		return
	}
	served := make(chan error, 1)
	go func() { served <- io.Serve(listener) }()

	client := dialURL("http://" + listener.Addr().String())
	defer client.Close()
	send(client, `40`)
	read(client)
	ended := make(chan string, 1)
	go func() { ended <- read(client) }()

	interrupted, stop := context.WithCancel(context.Background()) // or signal.NotifyContext(…, os.Interrupt)
	stop()
	<-interrupted.Done()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := io.Shutdown(ctx); err != nil {
		fmt.Println(err) // names the handlers that still run
	}
	fmt.Println(<-ended)
	fmt.Println(<-served)
	// Output:
	// server shutting down
	// websocket: close 1005 (no status)
	// http: Server closed
}

// One namespace for each team, made when its first client comes.
func ExampleServer_OfPattern() {
	io := socketio.NewServer(socketio.Config{})
	teams := io.OfPattern(regexp.MustCompile(`^/team-\d+$`))
	teams.OnConnect(func(ctx context.Context, s *socketio.Socket) {
		s.Namespace().Except(socketio.Room(s.ID())).Emit(ctx, "joined") // the team's others
	})
	io.OnNewNamespace(func(n *socketio.Namespace) { fmt.Println("new:", n.Name()) })

	web := httptest.NewServer(io)
	defer web.Close()
	defer io.Shutdown(context.Background())

	client := dial(web)
	defer client.Close()
	send(client, `40/team-7,`, `40/nobody,`)
	fmt.Println(read(client)[:11])
	fmt.Println(read(client))
	// Output:
	// new: /team-7
	// 40/team-7,{
	// 44/nobody,{"message":"Invalid namespace"}
}

// dial opens the connection of a client that speaks the protocol by hand.
func dial(web *httptest.Server) *websocket.Conn { return dialURL(web.URL) }

func dialURL(url string) *websocket.Conn {
	ws, res, err := websocket.DefaultDialer.Dial(strings.Replace(url, "http", "ws", 1)+"/socket.io/?EIO=4&transport=websocket", nil)
	if err != nil {
		panic(err)
	}
	res.Body.Close()
	read(ws) // the session's handshake
	return ws
}

func send(ws *websocket.Conn, packets ...string) {
	for _, p := range packets {
		if err := ws.WriteMessage(websocket.TextMessage, []byte(p)); err != nil {
			panic(err)
		}
	}
}

func read(ws *websocket.Conn) string {
	_, data, err := ws.ReadMessage()
	if err != nil {
		return err.Error()
	}
	return string(data)
}
