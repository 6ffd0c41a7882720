// SPDX-License-Identifier: Apache-2.0

package engineio

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// newTLS serves with TLS, where connections have no descriptor to read from.
func newTLS(t *testing.T, http2 bool, a *app) (*Server, *httptest.Server) {
	srv := NewServer(Config{Logger: slog.New(slog.DiscardHandler)}, a)
	hs := httptest.NewUnstartedServer(srv)
	hs.EnableHTTP2 = http2
	hs.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, 0)
	hs.StartTLS()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		defer cancel()
		_ = srv.Shutdown(ctx)
		hs.CloseClientConnections()
		hs.Close()
		<-srv.idle
	})
	return srv, hs
}

// TestWebSocketOverTLS runs the plain reading and writing path.
func TestWebSocketOverTLS(t *testing.T) {
	a := newApp()
	a.echo = true
	_, hs := newTLS(t, false, a)
	d := websocket.Dialer{TLSClientConfig: hs.Client().Transport.(*http.Transport).TLSClientConfig}
	conn, _, err := d.Dial(strings.Replace(hs.URL, "https", "wss", 1)+"/engine.io/"+wsQuery, http.Header{"Origin": {hs.URL}})
	if err != nil {
		t.Fatal(err)
	}
	c := &wsClient{conn, t}
	defer c.Close()
	c.read()
	p := <-a.opened
	if !p.Request().Secure {
		t.Error("Secure is false over TLS")
	}
	for _, n := range []int{0, 1, 1000, 5000, 100_000, 900_000} {
		s := "4" + strings.Repeat("x", n)
		sent := make(chan struct{})
		go func() {
			defer close(sent)
			c.send(s)
		}()
		if got := c.read(); got != s {
			t.Errorf("%d bytes came back as %d", n, len(got)-1)
		}
		<-sent
	}
	p.Close(ForcedClose)
	c.want("close 1005")
}

// TestPollingOverHTTP2 holds R130 and N-02.
func TestPollingOverHTTP2(t *testing.T) {
	a := newApp()
	a.echo = true
	srv, hs := newTLS(t, true, a)
	client := hs.Client()
	do := func(ctx context.Context, method, query string, body io.Reader) reply {
		t.Helper()
		req, err := http.NewRequestWithContext(ctx, method, hs.URL+"/engine.io/"+query, body)
		if err != nil {
			t.Fatal(err)
		}
		res, err := client.Do(req)
		if err != nil {
			return reply{status: -1, body: err.Error()}
		}
		defer res.Body.Close()
		if res.ProtoMajor != 2 {
			t.Fatalf("spoke %s", res.Proto)
		}
		b, _ := io.ReadAll(res.Body)
		return reply{res.StatusCode, res.Header, string(b)}
	}
	ctx := t.Context()
	sid := do(ctx, "GET", polling, nil).body[9:29]
	p := <-a.opened
	query := polling + "&sid=" + sid
	do(ctx, "POST", query, strings.NewReader("4hello")).want(t, 200, "ok")
	do(ctx, "GET", query, nil).want(t, 200, "4hello")
	do(ctx, "POST", query, bytes.NewReader(make([]byte, 1_000_001))).want(t, 413, "")
	do(ctx, "GET", "?EIO=4&transport=websocket", nil).want(t, 400, body3)

	first := make(chan reply, 1)
	body, w := io.Pipe()
	go func() { first <- do(ctx, "POST", query, body) }()
	_, _ = io.WriteString(w, "4half")
	waitFor(t, "the first POST", func() bool { p.Session.mu.Lock(); defer p.Session.mu.Unlock(); return p.post != nil })
	do(ctx, "POST", query, strings.NewReader("4x")).want(t, 400, "")
	if a := <-first; a.status != -1 {
		t.Errorf("the first POST got %v, want its stream reset", a)
	}
	_ = w.CloseWithError(errors.New("done"))
	p.wantClosed(t, TransportError)

	sid = do(ctx, "GET", polling, nil).body[9:29]
	p = <-a.opened
	short, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
	defer cancel()
	do(short, "GET", polling+"&sid="+sid, nil)
	p.wantClosed(t, TransportError) // R61
	waitFor(t, "every session to end", func() bool { return srv.Len() == 0 })
}
