package engineio

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

type echo struct{}
type echoSession struct{ s *Session }

func (echo) Open(s *Session) Receiver { return echoSession{s} }
func (e echoSession) Receive(data []byte, binary bool) {
	m := NewMessage()
	if binary {
		m.Attachments = [][]byte{data}
	} else {
		m.Text = append(m.Buffer(), data...)
	}
	_ = e.s.Send(m)
	m.Release()
}
func (echoSession) Closed(CloseReason, error) { }

func TestSmoke(t *testing.T) {
	srv := NewServer(Config{PingInterval: 300 * time.Millisecond, PingTimeout: 200 * time.Millisecond}, echo{})
	hs := httptest.NewServer(srv)
	defer hs.Close()
	get := func(q string) string {
		r, err := http.Get(hs.URL + "/engine.io/?EIO=4&transport=polling" + q)
		if err != nil {
			t.Fatal(err)
		}
		defer r.Body.Close()
		b, _ := io.ReadAll(r.Body)
		return string(b)
	}
	open := get("")
	t.Log(open)
	sid := open[9:29]
	r, err := http.Post(hs.URL+"/engine.io/?EIO=4&transport=polling&sid="+sid, "text/plain", strings.NewReader("4hello\x1ebAQID"))
	if err != nil {
		t.Fatal(err)
	}
	r.Body.Close()
	t.Logf("%q", get("&sid="+sid))
	ch := make(chan string)
	go func() { ch <- get("&sid=" + sid) }()
	time.Sleep(20 * time.Millisecond)
	ws, _, err := websocket.DefaultDialer.Dial(strings.Replace(hs.URL, "http", "ws", 1)+"/engine.io/?EIO=4&transport=websocket&sid="+sid, nil)
	if err != nil {
		t.Fatal(err)
	}
	read := func() string {
		k, b, err := ws.ReadMessage()
		if err != nil {
			return err.Error()
		}
		if k == websocket.BinaryMessage {
			return "<" + string(b) + ">"
		}
		return string(b)
	}
	ws.WriteMessage(1, []byte("2probe"))
	t.Logf("%q", read())
	t.Logf("%q", <-ch)
	ws.WriteMessage(1, []byte("5"))
	ws.WriteMessage(1, []byte("4over ws"))
	ws.WriteMessage(2, []byte("bin"))
	t.Logf("%q", read())
	t.Logf("%q", read())
	t.Logf("%q", read())
	ws.WriteMessage(1, []byte("3"))
	t.Logf("%q", read())
	t.Logf("%q", read())
	ws.Close()
	ws, _, err = websocket.DefaultDialer.Dial(strings.Replace(hs.URL, "http", "ws", 1)+"/engine.io/?EIO=4&transport=websocket", nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%q", read())
	ws.WriteMessage(1, []byte("4over ws"))
	t.Logf("%q", read())
	go func() { t.Logf("%q", read()); ws.Close() }()
	ctx, c := context.WithTimeout(t.Context(), 3*time.Second)
	defer c()
	if err := srv.Shutdown(ctx); err != nil {
		t.Error(err)
	}
	http.DefaultClient.CloseIdleConnections()
}
