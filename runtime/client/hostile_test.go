// SPDX-License-Identifier: Apache-2.0

package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/sockgen/sockgen/runtime/internal/memnet"
)

const openPacket = `0{"sid":"Gx3bYt0QmPz7wKfLAAAA","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}`

// scripted serves one handler in memory and returns a dialer to it.
func scripted(t testing.TB, handle http.HandlerFunc) func(context.Context, string, string) (net.Conn, error) {
	t.Helper()
	l := memnet.Listen()
	server := &http.Server{Handler: handle}
	var serving sync.WaitGroup
	serving.Go(func() { _ = server.Serve(l) })
	t.Cleanup(func() {
		_ = server.Close()
		serving.Wait()
	})
	return l.DialContext
}

// speak returns a WebSocket server that sends frames, "<…" for binary ones of that many
// bytes, and tells what it receives.
func speak(received chan<- string, frames ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		upgrader := websocket.Upgrader{}
		ws, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer ws.Close()
		for _, f := range frames {
			kind, data := websocket.TextMessage, []byte(f)
			if n := 0; strings.HasPrefix(f, "<") {
				_, _ = fmt.Sscanf(f, "<%d>", &n)
				kind, data = websocket.BinaryMessage, make([]byte, n)
			}
			if ws.WriteMessage(kind, data) != nil {
				return
			}
		}
		for {
			_, data, err := ws.ReadMessage()
			if err != nil {
				return
			}
			if received != nil {
				received <- string(data)
			}
		}
	}
}

const connectReply = `40{"sid":"r8Vd2Tq9LhCk5NsXAAAB"}`

func TestWhatAServerMayDoWrongOnAConnection(t *testing.T) {
	var limits Limits
	limits.MessageBytes, limits.AssemblyBytes, limits.Packet.Depth = 1000, 1500, 5
	for _, test := range []struct {
		name   string
		reason DisconnectReason
		frames []string
	}{
		{"no packet type", ParseError, []string{"x"}},
		{"empty frame", ParseError, []string{""}},
		{"empty message", ParseError, []string{"4"}},
		{"unknown type", ParseError, []string{"49[]"}},
		{"broken JSON", ParseError, []string{`42["x"`}},
		{"reserved name", ParseError, []string{`42["connect"]`}},
		{"deep", ParseError, []string{`42["x",[[[[[[]]]]]]]`}},
		{"too large", TransportError, []string{`42["` + strings.Repeat("x", 1000) + `"]`}},
		{"too many attachments", ParseError, []string{`4511-["x"]`}},
		{"attachment without header", ParseError, []string{"<1>"}},
		{"text among attachments", ParseError, []string{`451-["x",{"_placeholder":true,"num":0}]`, `42["y"]`}},
		{"attachments too large", ParseError, []string{`453-["x"]`, "<900>", "<900>"}},
		{"bad placeholder", ParseError, []string{`451-["x",{"_placeholder":true,"num":1}]`}},
		{"close packet", TransportClose, []string{"1"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			dial := scripted(t, speak(nil, append([]string{openPacket, connectReply}, test.frames...)...))
			m := newManager(t, "http://server.test", Config{
				Transports: []string{webSocket}, DialContext: dial, NoReconnection: true, Limits: limits,
			})
			s := m.Socket("/", SocketConfig{})
			reasons := make(chan DisconnectReason, 1)
			s.OnDisconnect(func(ctx context.Context, reason DisconnectReason) { reasons <- reason })
			connect(t, s)
			if got := within(t, reasons, "OnDisconnect"); got != test.reason {
				t.Errorf("disconnected with %q, want %q", got, test.reason)
			}
		})
	}
}

// What a server may say without harm has no effect on what follows.
func TestWhatIsIgnored(t *testing.T) {
	received := make(chan string, 100)
	frames := []string{
		openPacket, "6", "5", "3", openPacket, `42["early",1]`, connectReply, `43["ack without id"]`, `4399["unknown"]`,
		`42/other,["x"]`, `40/other,{"sid":"x"}`, `44/other,{"message":"x"}`, connectReply, `42["unheard"]`, `42["last"]`, "2",
	}
	m := newManager(t, "http://server.test", Config{Transports: []string{webSocket}, DialContext: scripted(t, speak(received, frames...))})
	s := m.Socket("/", SocketConfig{})
	got := make(chan string, 10)
	s.OnConnect(func(context.Context) { got <- "connect" })
	s.On("early", func(context.Context, *Event) { got <- "early" })
	s.On("last", func(context.Context, *Event) { got <- "last" })
	if err := s.Emit(t.Context(), "bye", []byte{1}); err != nil {
		t.Fatal(err)
	}
	connect(t, s)
	for _, want := range []string{"connect", "early", "last"} {
		if have := within(t, got, want); have != want {
			t.Errorf("got %q, want %q", have, want)
		}
	}
	s.Disconnect()
	// What was emitted before the end is sent, and what it says goodbye with.
	var sent []string
	for len(sent) == 0 || sent[len(sent)-1] != "41" {
		if f := within(t, received, "a frame"); f != "3" { // the pong is free to go anywhere
			sent = append(sent, f)
		}
	}
	want := []string{"40", `451-["bye",{"_placeholder":true,"num":0}]`, "\x01", "41"}
	if strings.Join(sent, "|") != strings.Join(want, "|") {
		t.Errorf("the client sent %q, want %q", sent, want)
	}
}

func TestHandshakesThatMakeNoSense(t *testing.T) {
	for _, test := range []struct{ name, packet string }{
		{"not an open packet", "4hello"},
		{"no JSON", "0{"},
		{"no sid", `0{"upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1}`},
		{"long sid", `0{"sid":"` + strings.Repeat("x", 300) + `","pingInterval":25000,"pingTimeout":20000}`},
		{"no interval", `0{"sid":"x","pingInterval":0,"pingTimeout":20000}`},
		{"negative timeout", `0{"sid":"x","pingInterval":25000,"pingTimeout":-1}`},
		{"overflow", `0{"sid":"x","pingInterval":9223372036854775807,"pingTimeout":20000}`},
		{"negative payload", `0{"sid":"x","pingInterval":25000,"pingTimeout":20000,"maxPayload":-1}`},
		{"wrong type", `0{"sid":7,"pingInterval":25000,"pingTimeout":20000}`},
		{"huge", `0{"sid":"x","pingInterval":25000,"pingTimeout":20000,"more":"` + strings.Repeat("x", 20_000) + `"}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			body := func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, test.packet) }
			for transport, handle := range map[string]http.HandlerFunc{polling: body, webSocket: speak(nil, test.packet)} {
				cfg := Config{Transports: []string{transport}, DialContext: scripted(t, handle)}
				if m, err := Dial(t.Context(), "http://server.test", cfg); !errors.Is(err, errHandshake) {
					t.Errorf("%s: %v, want errHandshake", transport, err)
					if err == nil {
						shut(t, m)
					}
				}
			}
		})
	}
}

// endless answers with a header or a body that does not end.
func endless(raw string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			return
		}
		defer conn.Close()
		chunk := bytes.Repeat([]byte(raw), 100)
		if _, err = io.WriteString(conn, "HTTP/1.1 200 OK\r\n"); err != nil {
			return
		}
		if raw == "x" {
			_, err = io.WriteString(conn, "\r\n")
		}
		for err == nil {
			_, err = conn.Write(chunk)
		}
	}
}

func TestAnswersThatDoNotEnd(t *testing.T) {
	for _, test := range []struct {
		name, transport, raw string
		want                 error
	}{
		{"header of a poll", polling, "X-More: and more\r\n", nil},
		{"body of a poll", polling, "x", errPollBytes},
		{"header of a WebSocket", webSocket, "X-More: and more\r\n", errHandshakeBytes},
	} {
		t.Run(test.name, func(t *testing.T) {
			cfg := Config{Transports: []string{test.transport}, DialContext: scripted(t, endless(test.raw))}
			cfg.Limits.PollBytes = 100_000
			if _, err := Dial(t.Context(), "http://server.test", cfg); err == nil || test.want != nil && !errors.Is(err, test.want) {
				t.Errorf("%v, want %v", err, test.want)
			}
		})
	}
}

func TestRefusedHandshakesAndRedirects(t *testing.T) {
	refuse := func(w http.ResponseWriter, r *http.Request) { http.Error(w, `{"code":3,"message":"Bad request"}`, 400) }
	redirect := func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://elsewhere.test/", http.StatusFound)
	}
	for _, transport := range []string{polling, webSocket} {
		for status, handle := range map[int]http.HandlerFunc{400: refuse, 302: redirect} {
			_, err := Dial(t.Context(), "http://server.test", Config{Transports: []string{transport}, DialContext: scripted(t, handle)})
			var refused *HTTPError
			if !errors.As(err, &refused) || refused.Status != status {
				t.Errorf("%s: %v, want status %d", transport, err, status)
			}
		}
	}
}

func TestAnUnofferedExtensionIsRefused(t *testing.T) {
	handle := func(w http.ResponseWriter, r *http.Request) {
		r.Header.Set("Sec-Websocket-Extensions", "permessage-deflate") // as if the client had offered it
		upgrader := websocket.Upgrader{EnableCompression: true}
		if ws, err := upgrader.Upgrade(w, r, nil); err == nil {
			_ = ws.Close()
		}
	}
	_, err := Dial(t.Context(), "http://server.test", Config{Transports: []string{webSocket}, DialContext: scripted(t, handle)})
	if !errors.Is(err, errExtension) {
		t.Errorf("%v, want errExtension", err)
	}
}

// A server that neither reads nor pings is waited for as long as its heartbeat may take.
func TestAServerThatDoesNothingIsNotWaitedFor(t *testing.T) {
	done := make(chan struct{})
	handle := func(w http.ResponseWriter, r *http.Request) {
		upgrader := websocket.Upgrader{}
		ws, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer ws.Close()
		open := strings.NewReplacer("25000", "50", "20000", "50").Replace(openPacket)
		_ = ws.WriteMessage(websocket.TextMessage, []byte(open))
		_ = ws.WriteMessage(websocket.TextMessage, []byte(connectReply))
		<-done
	}
	defer close(done)
	cfg := Config{Transports: []string{webSocket}, DialContext: scripted(t, handle), NoReconnection: true}
	cfg.Limits.QueueBytes, cfg.Limits.BufferBytes = 1<<20, 1<<20
	cfg.Limits.CloseTimeout = 100 * time.Millisecond
	m := newManager(t, "http://server.test", cfg)
	s := m.Socket("/", SocketConfig{})
	reasons := make(chan DisconnectReason, 1)
	s.OnDisconnect(func(ctx context.Context, reason DisconnectReason) { reasons <- reason })
	connect(t, s)
	var err error
	for i := 0; i < 1000 && err == nil; i++ {
		err = s.Emit(t.Context(), "x", strings.Repeat("x", 100_000))
	}
	if !errors.Is(err, ErrQueueFull) {
		t.Errorf("Emit: %v, want ErrQueueFull", err)
	}
	if reason := within(t, reasons, "the end of the connection"); reason != PingTimeout {
		t.Errorf("disconnected with %q", reason)
	}
}
