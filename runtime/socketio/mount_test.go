// SPDX-License-Identifier: Apache-2.0

package socketio_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/sockgen/sockgen/runtime/socketio"
)

// A Server is one handler among others, also below a prefix of the
// application's, and leaves the other routes alone.
func TestMountedInServeMux(t *testing.T) {
	for _, tt := range []struct {
		name, path string
		cfg        socketio.Config
		mount      func(mux *http.ServeMux, srv *socketio.Server)
	}{
		{"at its path", "/socket.io/", socketio.Config{}, func(mux *http.ServeMux, srv *socketio.Server) {
			mux.Handle("/socket.io/", srv)
		}},
		{"at a path of its own", "/ws/chat/", socketio.Config{Path: "/ws/chat/"}, func(mux *http.ServeMux, srv *socketio.Server) {
			mux.Handle("/ws/chat/", srv)
		}},
		{"under StripPrefix", "/api/v1/socket.io/", socketio.Config{}, func(mux *http.ServeMux, srv *socketio.Server) {
			mux.Handle("/api/v1/", http.StripPrefix("/api/v1", srv))
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			srv := socketio.NewServer(tt.cfg)
			srv.Of("/").On("e", func(_ context.Context, _ *socketio.Socket, e *socketio.Event) { e.Ack("fine") })
			mux := http.NewServeMux()
			tt.mount(mux, srv)
			mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "the application") })
			web := httptest.NewServer(mux)
			defer web.Close()
			defer srv.Shutdown(context.Background())

			ws, res, err := websocket.DefaultDialer.Dial(strings.Replace(web.URL, "http", "ws", 1)+tt.path+"?EIO=4&transport=websocket", nil)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			defer ws.Close()
			read(ws)
			send(ws, "40")
			read(ws)
			send(ws, `421["e"]`)
			if got := read(ws); got != `431["fine"]` {
				t.Errorf("got %s", got)
			}
			for path, want := range map[string]string{"/": "the application", tt.path + "?EIO=4&transport=polling": `0{"sid":`} {
				res, err := http.Get(web.URL + path)
				if err != nil {
					t.Fatal(err)
				}
				body, err := io.ReadAll(res.Body)
				res.Body.Close()
				if err != nil || !strings.HasPrefix(string(body), want) {
					t.Errorf("GET %s: %q, %v", path, body, err)
				}
			}
		})
	}
}
