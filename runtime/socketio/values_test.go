// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gorilla/websocket"
)

type userKey struct{}

// What a handler around the server puts into the request's context reaches every
// function, and the end of that request ends none of them.
func TestRequestValuesReachHandlers(t *testing.T) {
	got := make(chan string, 10)
	note := func(what string, ctx context.Context) {
		user, _ := ctx.Value(userKey{}).(string)
		got <- what + " of " + user
	}
	srv := NewServer(Config{})
	srv.OfFunc(func(ctx context.Context, name string, _ json.RawMessage) bool { note("accept", ctx); return true })
	n := srv.Of("/")
	n.Use(func(ctx context.Context, s *Socket) error {
		note("Use", ctx)
		note("Context", s.Context())
		return ctx.Err()
	})
	n.On("e", func(ctx context.Context, _ *Socket, e *Event) {
		timed, cancel := context.WithCancel(ctx)
		defer cancel()
		note("event", timed)
		if ctx.Err() != nil {
			t.Error("the handler's ctx has ended")
		}
		_ = e.Ack()
	})
	n.OnDisconnect(func(ctx context.Context, _ *Socket, _ DisconnectReason) { note("OnDisconnect", ctx) })
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		srv.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), userKey{}, r.URL.Query().Get("user"))))
	}))
	defer web.Close()
	defer srv.Shutdown(t.Context())
	for _, user := range []string{"Ada", "Bob"} {
		ws, _, err := websocket.DefaultDialer.Dial(strings.Replace(web.URL, "http", "ws", 1)+"/socket.io/?EIO=4&transport=websocket&user="+user, nil)
		if err != nil {
			t.Fatal(err)
		}
		c := &client{t, ws}
		c.read()
		c.join("/")
		c.send(`420["e"]`)
		c.want("430[]")
		c.join("/other" + user)
		ws.Close()
		for range 5 {
			if what := within(t, got, "a call"); !strings.HasSuffix(what, " of "+user) {
				t.Errorf("%s, want %s", what, user)
			}
		}
	}
}
