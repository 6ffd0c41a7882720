// SPDX-License-Identifier: Apache-2.0

package client

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
)

// converse returns a WebSocket server that opens a session and answers what it
// receives: answer has the frames for connection number n, from 1 on.
func converse(answer func(n int, frame string) []string) http.HandlerFunc {
	var connections atomic.Int32
	return func(w http.ResponseWriter, r *http.Request) {
		upgrader := websocket.Upgrader{}
		ws, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer ws.Close()
		n := int(connections.Add(1))
		frames := []string{openPacket}
		for {
			for _, f := range frames {
				if ws.WriteMessage(websocket.TextMessage, []byte(f)) != nil {
					return
				}
			}
			_, data, err := ws.ReadMessage()
			if err != nil {
				return
			}
			frames = answer(n, string(data))
		}
	}
}

// A server that takes back its answer to CONNECT has lost the socket, or its mind: the
// connection ends, everybody is told, and the next one goes on with what waited.
func TestAServerThatAnswersConnectAgain(t *testing.T) {
	for _, frame := range []string{
		`40`, `40{}`, `40{"sid":""}`, `40{"sid":7}`, `40{"sid":"another"}`, `40{"pid":"x"}`, `44{"message":"no"}`, `44{}`, `44{"message":7}`,
	} {
		for _, namespace := range []string{"/", "/chat"} { // which of two it is about
			t.Run(frame+" for "+namespace, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { contradict(t, frame, namespace) })
			})
		}
	}
}

func contradict(t *testing.T, frame, namespace string) {
	bad := frame
	if namespace != "/" {
		bad = frame[:2] + namespace + "," + frame[2:]
	}
	received := make(chan string, 100)
	m := newManager(t, "http://server.test", Config{Transports: []string{webSocket}, DialContext: scripted(t, converse(func(n int, f string) []string {
		switch f {
		case "40":
			return []string{connectReply}
		case "40/chat,":
			return []string{`40/chat,{"sid":"chat"}`}
		case `420["unanswered"]`:
			return []string{bad, `42["too late"]`}
		case `42["offline"]`, `42/chat,["offline"]`:
			received <- f
			return []string{`42["later"]`, `42/chat,["later"]`}
		}
		return nil
	}))})
	sockets := []*Socket{m.Socket("/", SocketConfig{}), m.Socket("/chat", SocketConfig{})}
	seen := []chan string{make(chan string, 10), make(chan string, 10)}
	for i, s := range sockets {
		s.OnConnect(func(context.Context) { seen[i] <- "connected" })
		s.OnConnectError(func(ctx context.Context, err error) { seen[i] <- err.Error() })
		s.OnDisconnect(func(ctx context.Context, reason DisconnectReason) {
			seen[i] <- string(reason)
			if reason == ClientDisconnect {
				return // the test is over
			}
			if err := s.Emit(ctx, "offline"); err != nil {
				t.Errorf("Emit without a connection: %v", err)
			}
		})
		s.On("too late", func(context.Context, *Event) { seen[i] <- "too late" })
		s.On("later", func(context.Context, *Event) { seen[i] <- "later" })
		connect(t, s)
	}
	began := time.Now()
	if _, err := sockets[0].EmitWithAck(t.Context(), "unanswered"); !errors.Is(err, ErrDisconnected) || time.Since(began) != 0 {
		t.Errorf("the pending ack: %v after %v, want ErrDisconnected at once", err, time.Since(began))
	}
	for i := range sockets {
		for _, want := range []string{"connected", string(ParseError), "connected", "later"} {
			if got := within(t, seen[i], want); got != want {
				t.Errorf("%s got %q, want %q", sockets[i].Namespace(), got, want)
			}
		}
	}
	sent := []string{within(t, received, "what waited"), within(t, received, "what waited")}
	if slices.Sort(sent); !slices.Equal(sent, []string{`42/chat,["offline"]`, `42["offline"]`}) {
		t.Errorf("the next connection brought %q", sent)
	}
	shut(t, m)
}

// Where nobody waits for an answer to CONNECT, none has an effect.
func TestAnAnswerToConnectThatNobodyWaitsFor(t *testing.T) {
	for _, frame := range []string{`40/chat,`, `40/chat,{}`, `40/chat,{"sid":"x"}`, `44/chat,{"message":"no"}`, connectReply} {
		t.Run(frame, func(t *testing.T) {
			m := newManager(t, "http://server.test", Config{Transports: []string{webSocket}, DialContext: scripted(t, converse(func(n int, f string) []string {
				switch f {
				case "40":
					return []string{connectReply}
				case `420["provoke"]`:
					return []string{frame, `430["provoked"]`}
				}
				return nil
			}))})
			s := m.Socket("/", SocketConfig{})
			m.Socket("/chat", SocketConfig{}).OnConnectError(func(ctx context.Context, err error) { t.Errorf("OnConnectError: %v", err) })
			s.OnDisconnect(func(ctx context.Context, reason DisconnectReason) {
				if reason != ClientDisconnect {
					t.Errorf("disconnected with %q", reason)
				}
			})
			connect(t, s)
			if got := ask(t, s, "provoke"); got != "provoked" {
				t.Errorf("the ack is %q", got)
			}
			shut(t, m)
		})
	}
}

// An answer to a CONNECT that was taken back is answered with DISCONNECT, also when
// it makes no sense, and a socket that was opened again joins anew.
func TestAnAnswerToAConnectThatWasTakenBack(t *testing.T) {
	for _, frame := range []string{`40`, `40{"sid":7}`, connectReply} {
		t.Run(frame, func(t *testing.T) {
			received := make(chan string, 100)
			m := newManager(t, "http://server.test", Config{Transports: []string{webSocket}, DialContext: scripted(t, converse(func(n int, f string) []string {
				received <- f
				switch {
				case f == "40/chat,":
					return []string{`40/chat,{"sid":"chat"}`}
				case f == `42/chat,["now"]`:
					return []string{frame}
				case f == "41":
					return []string{}
				}
				return nil
			}))})
			chat := connect(t, m.Socket("/chat", SocketConfig{})) // keeps the connection
			s := m.Socket("/", SocketConfig{})
			s.OnConnectError(func(ctx context.Context, err error) { t.Errorf("OnConnectError: %v", err) })
			if err := s.Open(); err != nil {
				t.Fatal(err)
			}
			s.Disconnect()
			if err := s.Open(); err != nil {
				t.Fatal(err)
			}
			if err := chat.Emit(t.Context(), "now"); err != nil {
				t.Fatal(err)
			}
			for _, want := range []string{"40/chat,", "40", `42/chat,["now"]`, "41", "40"} {
				if got := within(t, received, want); got != want {
					t.Errorf("the server got %q, want %q", got, want)
				}
			}
		})
	}
}
