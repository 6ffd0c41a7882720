// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
)

// loopback serves on a TCP port and returns its URL.
func loopback(t *testing.T, cfg Config, setUp func(*Server)) (*Server, string) {
	t.Helper()
	cfg.Logger = slog.New(slog.DiscardHandler)
	srv := NewServer(cfg)
	setUp(srv)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- srv.Serve(l) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if err := srv.Shutdown(ctx); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
		if err := <-served; err != http.ErrServerClosed {
			t.Errorf("Serve: %v", err)
		}
		http.DefaultClient.CloseIdleConnections()
	})
	return srv, "http://" + l.Addr().String() + "/socket.io/?EIO=4&transport=polling"
}

func request(t *testing.T, method, url, body string) string {
	t.Helper()
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return sid.ReplaceAllString(string(b), `"sid":"<SID>"`)
}

// open begins a polling session and returns its URL.
func open(t *testing.T, url string) string {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	b, _ := io.ReadAll(res.Body)
	_, rest, ok := strings.Cut(string(b), `"sid":"`)
	if !ok {
		t.Fatalf("handshake answered %q", b)
	}
	return url + "&sid=" + rest[:20]
}

// polls collects packets until there are n of them.
func polls(t *testing.T, url string, n int) []string {
	t.Helper()
	var packets []string
	for len(packets) < n {
		packets = append(packets, strings.Split(request(t, "GET", url, ""), "\x1e")...)
	}
	return packets
}

// Appendix B.1 and B.3 on loopback: polling, binary in base64, upgrade.
func TestTranscripts(t *testing.T) {
	_, url := loopback(t, Config{}, func(srv *Server) {
		vectorApp(t, &ends{})(srv)
		srv.Of("/").On("sum", func(_ context.Context, _ *Socket, e *Event) {
			var a, b int
			e.Args.Decode(0, &a)
			e.Args.Decode(1, &b)
			e.Ack(a + b)
		})
		srv.Of("/").On("upload", func(_ context.Context, _ *Socket, e *Event) { e.Ack([]byte{0xff}) })
	})
	session := open(t, url)
	if got := request(t, "POST", session, "40{\"token\":\"abc\"}\x1e40/admin,"); got != "ok" { // R257
		t.Errorf("POST answered %q", got)
	}
	if got := fmt.Sprint(polls(t, session, 2)); got != `[40{"sid":"<SID>"} 40/admin,{"sid":"<SID>"}]` {
		t.Errorf("got %s", got)
	}
	request(t, "POST", session, "451-0[\"upload\","+ph0+"]\x1ebAQIDBA==")
	if got := fmt.Sprint(polls(t, session, 2)); got != "[461-0["+ph0+"] b/w==]" {
		t.Errorf("got %s", got)
	}
	ws, res, err := websocket.DefaultDialer.Dial(strings.Replace(strings.Replace(session, "http", "ws", 1), "=polling", "=websocket", 1), nil)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	defer ws.Close()
	c := &client{t, ws}
	c.send("2probe")
	c.want("3probe")
	if got := request(t, "GET", session, ""); got != "6" {
		t.Errorf("the pending GET got %q", got)
	}
	c.send("5", `420["sum",1,2]`)
	c.want("430[3]")
	c.send("41")
	c.send("40")
	c.want(`40{"sid":"<SID>"}`)
}

// R155, R156 on polling: the POST with the violation is answered, the session ends,
// and nothing after the bad packet counts.
func TestViolationOnPolling(t *testing.T) {
	seen := &ends{}
	srv, url := loopback(t, Config{}, vectorApp(t, seen))
	session := open(t, url)
	request(t, "POST", session, "40")
	polls(t, session, 1)
	if got := request(t, "POST", session, "42[\"one\"]\x1e42[]\x1e42[\"two\"]"); got != "ok" {
		t.Errorf("POST answered %q", got)
	}
	if got := request(t, "GET", session, ""); got != "1" && got != "6\x1e1" {
		t.Errorf("GET answered %q", got)
	}
	eventually(t, "the end", func() bool { return strings.HasSuffix(seen.String(), "/ forced close") })
	if strings.Contains(seen.String(), "two") {
		t.Errorf("seen %s", seen)
	}
	if st := srv.Stats(); st.Violations != 1 || st.Sessions != 0 {
		t.Errorf("%+v", st)
	}
}

func TestRoutes(t *testing.T) {
	_, url := loopback(t, Config{Path: "/ws"}, func(*Server) {})
	base, _, _ := strings.Cut(url, "/socket.io/")
	for path, want := range map[string]int{"/": 404, "/socket.io/?EIO=4&transport=polling": 404, "/ws/?EIO=4&transport=polling": 200} {
		res, err := http.Get(base + path)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != want {
			t.Errorf("%s: status %d, want %d", path, res.StatusCode, want)
		}
	}
}

func TestListenErrors(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	srv := NewServer(Config{})
	err = srv.ListenAndServe(l.Addr().String())
	if op, ok := errors.AsType[*net.OpError](err); !ok || !strings.Contains(op.Error(), "address already in use") {
		t.Errorf("ListenAndServe on a port in use: %v", err)
	}
	other, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	other.Close()
	if err := srv.Serve(other); !errors.Is(err, net.ErrClosed) {
		t.Errorf("Serve on a closed listener: %v", err)
	}
	for range 2 { // a second Shutdown is fine
		if err := srv.Shutdown(t.Context()); err != nil {
			t.Errorf("Shutdown: %v", err)
		}
	}
	if err := srv.ListenAndServe("127.0.0.1:0"); err != http.ErrServerClosed {
		t.Errorf("after Shutdown: %v", err)
	}
}

// R197: no DISCONNECT packet, and every handler is awaited.
func TestShutdownAwaitsHandlers(t *testing.T) {
	seen := &ends{}
	gate, began := make(chan struct{}), make(chan struct{})
	r := newRig(t, Config{}, func(srv *Server) {
		n := srv.Of("/")
		n.On("slow", func(ctx context.Context, _ *Socket, _ *Event) {
			close(began)
			<-ctx.Done()
			<-gate
			seen.add("slow")
		})
		n.OnDisconnect(func(_ context.Context, _ *Socket, reason DisconnectReason) { seen.add(string(reason)) })
	})
	c, _ := r.join("/")
	c.send(`42["slow"]`)
	within(t, began, "the handler")
	done := make(chan error, 1)
	go func() { done <- r.Shutdown(context.Background()) }()
	c.want("closed")
	if _, err := r.l.Dial(t.Context()); err == nil {
		t.Error("the listener is still open")
	}
	select {
	case err := <-done:
		t.Fatalf("Shutdown did not wait: %v", err)
	case <-time.After(20 * time.Millisecond):
	}
	close(gate)
	if err := within(t, done, "Shutdown"); err != nil {
		t.Error(err)
	}
	if got := seen.String(); got != "slow; server shutting down" {
		t.Errorf("seen %s", got)
	}
}

func TestShutdownNamesWhatStillRuns(t *testing.T) {
	gate, began := make(chan struct{}), make(chan struct{})
	ended := make(chan struct{})
	r := newRig(t, Config{}, func(srv *Server) {
		srv.Of("/chat").On("message:send", func(context.Context, *Socket, *Event) { close(began); <-gate })
		srv.Of("/chat").OnDisconnect(func(ctx context.Context, _ *Socket, _ DisconnectReason) { <-ctx.Done(); close(ended) })
	})
	c, _ := r.join("/chat")
	c.send(`42/chat,["message:send"]`)
	within(t, began, "the handler")
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	err := r.Shutdown(ctx)
	if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), `/chat event "message:send" (1)`) {
		t.Errorf("Shutdown = %v", err)
	}
	close(gate)
	within(t, ended, "OnDisconnect, whose ctx ends")
	c.ws.Close()
}

// Reasons of the transport, 16.1.
func TestTransportReasons(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for want, end := range map[DisconnectReason]func(c *client){
			TransportClose: func(c *client) { c.ws.Close() },
			PingTimeout:    func(c *client) { time.Sleep(time.Minute); c.ws.Close() },
		} {
			got := make(chan DisconnectReason, 1)
			r := newRig(t, Config{}, func(srv *Server) {
				srv.Of("/").OnDisconnect(func(_ context.Context, _ *Socket, reason DisconnectReason) { got <- reason })
			})
			c, _ := r.join("/")
			end(c)
			if reason := <-got; reason != want {
				t.Errorf("reason %q, want %q", reason, want)
			}
		}
	})
}

func TestConfigValidate(t *testing.T) {
	for _, tt := range []struct {
		cfg  Config
		want string
	}{
		{Config{}, ""},
		{Config{AckTimeout: -1}, "Config.AckTimeout is -1ns"},
		{Config{Limits: Limits{InboxBytes: -1}}, "Config.Limits.InboxBytes is -1"},
		{Config{CORS: CORS{Origins: []string{"*"}, Credentials: true}}, "engineio"},
	} {
		err := tt.cfg.Validate()
		if (tt.want == "") != (err == nil) || (err != nil && !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("Validate = %v, want %q", err, tt.want)
		}
	}
	for name, f := range map[string]func(){
		"NewServer":      func() { NewServer(Config{AckTimeout: -1}) },
		"Of a comma":     func() { NewServer(Config{}).Of("a,b") },
		"Of a long name": func() { NewServer(Config{}).Of(strings.Repeat("a", 128)) },
		"On twice": func() {
			n := NewServer(Config{}).Of("/")
			n.On("e", func(context.Context, *Socket, *Event) {})
			n.On("e", func(context.Context, *Socket, *Event) {})
		},
		"On reserved": func() { NewServer(Config{}).Of("/").On("disconnect", nil) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s does not panic", name)
				}
			}()
			f()
		}()
	}
	srv := NewServer(Config{})
	if srv.Of("") != srv.Of("/") || srv.Of("chat") != srv.Of("/chat") || srv.Of("chat").Name() != "/chat" {
		t.Error("Of")
	}
}

func TestBind(t *testing.T) {
	_, c, s := joined(t, Config{})
	if s.boundTo() != nil {
		t.Error("bound from the start")
	}
	s.bind(7)
	if s.boundTo() != 7 || s.Recovered() || s.Transport() != "websocket" || s.Namespace().Name() != "/" {
		t.Error("Bound, Recovered, Transport or Namespace")
	}
	c.wantOpen()
}

// R30: the initial packet comes with the handshake; the protocol begins as always.
func TestInitialPacket(t *testing.T) {
	r := newRig(t, Config{InitialPacket: "2[\"welcome\"]"}, func(srv *Server) { srv.Of("/") })
	c := r.dial()
	c.want(`42["welcome"]`)
	c.join("/")
}

// Clients of revision 3, which socket.io-client 2 and older are, are told so (R11, R18):
// code 5 by polling, its text instead of the 101 by WebSocket.
func TestRevision3IsRefused(t *testing.T) {
	srv, url := loopback(t, Config{}, func(srv *Server) { srv.Of("/") })
	const want = `{"code":5,"message":"Unsupported protocol version"}`
	for _, query := range []string{"EIO=3&transport=polling&t=N8hyd6w&b64=1", "EIO=3&transport=polling&j=0", "transport=polling"} {
		url := strings.Replace(url, "EIO=4&transport=polling", query, 1)
		res, err := http.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		b, _ := io.ReadAll(res.Body)
		res.Body.Close()
		if res.StatusCode != 400 || string(b) != want {
			t.Errorf("%s: %d %s", query, res.StatusCode, b)
		}
	}
	_, res, err := websocket.DefaultDialer.Dial(strings.NewReplacer("http:", "ws:", "EIO=4&transport=polling", "EIO=3&transport=websocket").Replace(url), nil)
	if err == nil || res == nil {
		t.Fatalf("by WebSocket: %v", err)
	}
	b, _ := io.ReadAll(res.Body)
	res.Body.Close()
	if res.StatusCode != 400 || string(b) != "Unsupported protocol version" {
		t.Errorf("by WebSocket: %d %s", res.StatusCode, b)
	}
	if st := srv.Stats(); st.Sessions != 0 {
		t.Errorf("%d sessions", st.Sessions)
	}
}
