// SPDX-License-Identifier: Apache-2.0

package routers

import (
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// patience is how long a test waits for what must come.
const patience = 20 * time.Second

// A site is a server as a client sees it.
type site struct {
	web  *http.Client
	base string // "http://127.0.0.1:1234/api/socket.io/"
}

func (s site) url(scheme, transport, sid string) string {
	u := scheme + strings.TrimPrefix(s.base, "http") + "?EIO=4&transport=" + transport
	if sid != "" {
		u += "&sid=" + sid
	}
	return u
}

// do makes one request of a polling session and returns the answer's body.
func (s site) do(t *testing.T, method, sid, body string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.url("http", "polling", sid), strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	res, err := s.web.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	got, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s %q: %d %q, %v", method, body, res.StatusCode, got, err)
	}
	return string(got)
}

// open begins a polling session and returns its id.
func (s site) open(t *testing.T) string {
	t.Helper()
	return s.id(t, s.do(t, "GET", "", ""))
}

var sessionID = regexp.MustCompile(`^0\{"sid":"([^"]+)","upgrades":\[("websocket")?\],`)

func (s site) id(t *testing.T, packet string) string {
	t.Helper()
	m := sessionID.FindStringSubmatch(packet)
	if m == nil {
		t.Fatalf("the session begins with %q", packet)
	}
	return m[1]
}

// dial opens a WebSocket, of a new session when sid is empty.
func (s site) dial(t *testing.T, sid string) *websocket.Conn {
	t.Helper()
	ws, res, err := websocket.DefaultDialer.DialContext(t.Context(), s.url("ws", "websocket", sid), nil)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	t.Cleanup(func() { ws.Close() })
	ws.SetReadDeadline(time.Now().Add(patience))
	return ws
}

func send(t *testing.T, ws *websocket.Conn, packet string) {
	t.Helper()
	if err := ws.WriteMessage(websocket.TextMessage, []byte(packet)); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, ws *websocket.Conn) string {
	t.Helper()
	_, data, err := ws.ReadMessage()
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// talk joins the main namespace, emits an event that asks for an ack, and reads the
// ack and the event that the handler emits before it.
func talk(t *testing.T, send func(string), receive func() string) {
	t.Helper()
	send("40")
	if got := receive(); !strings.HasPrefix(got, `40{"sid":"`) {
		t.Fatalf("CONNECT answered with %q", got)
	}
	for i := range 3 {
		send(fmt.Sprintf(`42%d["add",%d,%d]`, i, i, 10))
		if got, want := receive(), fmt.Sprintf(`42["sum",%d]`, i+10); got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
		if got, want := receive(), fmt.Sprintf(`43%d[%d]`, i, i+10); got != want {
			t.Fatalf("got %q, want %q", got, want)
		}
	}
}

func (s site) polling(t *testing.T) {
	sid := s.open(t)
	var waiting []string
	talk(t,
		func(packet string) {
			if got := s.do(t, "POST", sid, packet); got != "ok" {
				t.Fatalf("POST answered with %q", got)
			}
		},
		func() string {
			if len(waiting) == 0 {
				waiting = strings.Split(s.do(t, "GET", sid, ""), "\x1e")
			}
			packet := waiting[0]
			waiting = waiting[1:]
			return packet
		})
	s.do(t, "POST", sid, "1")
}

func (s site) websocket(t *testing.T) {
	ws := s.dial(t, "")
	s.id(t, read(t, ws))
	talk(t, func(packet string) { send(t, ws, packet) }, func() string { return read(t, ws) })
}

func (s site) upgrade(t *testing.T) {
	sid := s.open(t)
	ws := s.dial(t, sid)
	polled := make(chan string, 1)
	go func() { polled <- s.do(t, "GET", sid, "") }()
	send(t, ws, "2probe")
	if got := read(t, ws); got != "3probe" {
		t.Fatalf("the probe is answered with %q", got)
	}
	if got := <-polled; got != "6" {
		t.Fatalf("the pending GET is answered with %q", got)
	}
	send(t, ws, "5")
	talk(t, func(packet string) { send(t, ws, packet) }, func() string { return read(t, ws) })
}
