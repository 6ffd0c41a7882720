// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"

	"github.com/sockgen/sockgen/runtime/internal/memnet"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a test waits for what must happen.
const patience = 20 * time.Second

// A rig is a server with an in-memory network in front of it.
type rig struct {
	*Server
	t   testing.TB
	l   *memnet.Listener
	log *lockedBuffer
}

type lockedBuffer struct {
	mu sync.Mutex // guards b
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// atRest waits until what was emitted to the sockets has left: behind a write under way,
// what is volatile is dropped.
func atRest(t testing.TB, sockets ...*Socket) {
	t.Helper()
	for _, s := range sockets {
		if err := s.AwaitSent(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// newRig starts a server, which ends with the test.
func newRig(t testing.TB, cfg Config, setUp func(*Server)) *rig {
	t.Helper()
	r := &rig{t: t, l: memnet.Listen(), log: &lockedBuffer{}}
	if cfg.Logger == nil {
		cfg.Logger = slog.New(slog.NewTextHandler(r.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	r.Server = NewServer(cfg)
	if setUp != nil {
		setUp(r.Server)
	}
	r.Of("/alive")
	served := make(chan error, 1)
	go func() { served <- r.Serve(r.l) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := r.Shutdown(ctx); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		if err := <-served; err != http.ErrServerClosed {
			t.Errorf("Serve: %v", err)
		}
	})
	return r
}

// A client is one raw WebSocket connection.
type client struct {
	t  testing.TB
	ws *websocket.Conn
}

// dial opens a WebSocket session and reads its handshake.
func (r *rig) dial() *client {
	r.t.Helper()
	d := websocket.Dialer{NetDialContext: r.l.DialContext}
	ws, res, err := d.Dial("ws://test/socket.io/?EIO=4&transport=websocket", nil)
	if err != nil {
		r.t.Fatalf("dial: %v", err)
	}
	res.Body.Close()
	c := &client{r.t, ws}
	r.t.Cleanup(func() { ws.Close() })
	if open := c.read(); !strings.HasPrefix(open, "0{") {
		r.t.Fatalf("the session begins with %q", open)
	}
	return c
}

// join dials and joins a namespace; it returns the socket's id too.
func (r *rig) join(namespace string) (*client, ID) {
	r.t.Helper()
	c := r.dial()
	return c, c.join(namespace)
}

func (c *client) join(namespace string) ID {
	c.t.Helper()
	head := "40"
	if namespace != "/" {
		head += namespace + ","
	}
	c.send(head)
	reply, ok := strings.CutPrefix(c.read(), head+`{"sid":"`)
	if !ok || len(reply) != 22 {
		c.t.Fatalf("CONNECT %s answered with …%q", namespace, reply)
	}
	return ID(reply[:20])
}

// send sends one text frame, or a binary one written as <01 02>.
func (c *client) send(frames ...string) {
	c.t.Helper()
	for _, f := range frames {
		kind, data := websocket.TextMessage, []byte(f)
		if strings.HasPrefix(f, "<") {
			kind, data = websocket.BinaryMessage, unhex(c.t, f)
		}
		if err := c.ws.WriteMessage(kind, data); err != nil {
			c.t.Fatalf("send %.80q: %v", f, err)
		}
	}
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(strings.Trim(s, "<>"), " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// read returns the next frame: text as it is, binary as <01 02>, the end as
// "closed" with its code.
func (c *client) read() string {
	c.t.Helper()
	c.ws.SetReadDeadline(time.Now().Add(patience))
	kind, data, err := c.ws.ReadMessage()
	switch {
	case websocket.IsCloseError(err, websocket.CloseNoStatusReceived):
		return "closed"
	case err != nil:
		return fmt.Sprintf("closed: %v", err)
	case kind == websocket.BinaryMessage:
		return fmt.Sprintf("<% x>", data)
	}
	return string(data)
}

var (
	sid         = regexp.MustCompile(`"sid":"[A-Za-z0-9_-]{20}"`)
	correlation = regexp.MustCompile(`,"data":\{"id":"([a-z2-7]{16})"\}`) // of a refusal and its line in the log
)

// anonymous returns a packet without ids.
func anonymous(packet string) string {
	return correlation.ReplaceAllString(sid.ReplaceAllString(packet, `"sid":"<SID>"`), "")
}

// want reads frames and compares them; <SID> stands for any id.
func (c *client) want(frames ...string) {
	c.t.Helper()
	for _, want := range frames {
		if got := anonymous(c.read()); got != want {
			c.t.Fatalf("got %.200q, want %.200q", got, want)
		}
	}
}

// wantOpen checks that the connection lives and that nothing else was sent.
func (c *client) wantOpen() {
	c.t.Helper()
	c.send("40/alive,")
	c.want(`40/alive,{"sid":"<SID>"}`)
}

// within fails the test when ch gets nothing in time.
func within[T any](t testing.TB, ch <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-ch:
		return v
	case <-time.After(patience):
		t.Fatalf("nothing came: %s", what)
		panic("unreachable")
	}
}

// eventually waits until f is true.
func eventually(t testing.TB, what string, f func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !f(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("never happened: %s", what)
		}
	}
}
