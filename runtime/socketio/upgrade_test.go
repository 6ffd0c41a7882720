// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/gorilla/websocket"

	"github.com/sockgen/sockgen/runtime/engineio"
)

// upgraded takes a polling session to WebSocket.
func upgraded(t *testing.T, session string) *client {
	t.Helper()
	ws, res, err := websocket.DefaultDialer.Dial(strings.Replace(strings.Replace(session, "http", "ws", 1), "=polling", "=websocket", 1), nil)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	t.Cleanup(func() { ws.Close() })
	c := &client{t, ws}
	c.send("2probe")
	c.want("3probe")
	c.send("5")
	return c
}

// The event upgrade of a connection, for each of its sockets, whenever the
// function was added.
func TestOnUpgrade(t *testing.T) {
	heard := &ends{}
	hear := func(what string) func(context.Context, *Socket) {
		return func(_ context.Context, s *Socket) { heard.add(what + " " + s.Transport()) }
	}
	gate, deciding := make(chan struct{}), make(chan struct{})
	_, url := loopback(t, Config{}, func(srv *Server) {
		n := srv.Of("/")
		n.OnUpgrade(hear("namespace"))
		n.OnUpgrade(func(context.Context, *Socket) { panic("oops") })
		n.OnConnect(func(_ context.Context, s *Socket) { s.OnUpgrade(hear("socket")) })
		n.On("done", func(_ context.Context, _ *Socket, e *Event) { e.Ack(heard.String()) })
		slow := srv.Of("/slow")
		slow.Use(func(context.Context, *Socket) error { close(deciding); <-gate; return nil })
		slow.OnConnect(func(_ context.Context, s *Socket) {
			heard.add("slow connects")
			s.OnUpgrade(hear("slow"))
			s.OnUpgrade(func(ctx context.Context, s *Socket) { emit(t, s, "upgraded") })
		})
		srv.Of("/late").OnUpgrade(hear("late"))
	})
	session := open(t, url)
	request(t, "POST", session, "40\x1e40/slow,")
	within(t, deciding, "Use")
	poll(t, session)
	c := upgraded(t, session)
	c.send(`420["done"]`)
	c.want(`430["socket websocket; namespace websocket"]`)
	close(gate)
	c.want(`40/slow,{"sid":"<SID>"}`, `42/slow,["upgraded"]`)
	c.join("/late")
	c.send(`421["done"]`)
	c.want(`431["socket websocket; namespace websocket; slow connects; slow websocket"]`)
}

// After the end, the context's cause tells what happened.
func TestDisconnectError(t *testing.T) {
	tests := []struct {
		name string
		do   func(r *rig, c *client, s *Socket)
		want string // the error's text begins so
		err  bool   // it has details
	}{
		{"client leaves", func(_ *rig, c *client, _ *Socket) { c.send("41") }, "client namespace disconnect", false},
		{"server ends it", func(_ *rig, _ *client, s *Socket) { s.Disconnect() }, "server namespace disconnect", false},
		{"server closes", func(_ *rig, _ *client, s *Socket) { s.CloseConnection() }, "server namespace disconnect", false},
		{"violation", func(_ *rig, c *client, _ *Socket) { c.send("40") }, "forced close: a second CONNECT", true},
		{"malformed", func(_ *rig, c *client, _ *Socket) { c.send("4nonsense") }, "forced close: siowire: ", true},
		{"not Engine.IO", func(_ *rig, c *client, _ *Socket) { c.send("x") }, "parse error: engineio: invalid packet: eiowire: ", true},
		{"close frame", func(_ *rig, c *client, _ *Socket) { c.ws.WriteMessage(websocket.CloseMessage, nil) }, "transport close: websocket: close 1005", true},
		{"connection lost", func(_ *rig, c *client, _ *Socket) { c.ws.Close() }, "transport close", true},
		{"no pong", func(*rig, *client, *Socket) {}, "ping timeout", false},
		{"slow consumer", func(_ *rig, _ *client, s *Socket) { s.conn.slow() }, "transport error: slow_consumer: ", true},
		{"shutdown", func(r *rig, _ *client, _ *Socket) { go r.Shutdown(context.Background()) }, "server shutting down", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				causes := make(chan error, 3)
				r := newRig(t, Config{}, func(srv *Server) {
					n := srv.Of("/")
					n.OnConnect(func(ctx context.Context, _ *Socket) {
						context.AfterFunc(ctx, func() { causes <- context.Cause(ctx) })
					})
					tell := func(_ context.Context, s *Socket, reason DisconnectReason) { causes <- context.Cause(s.Context()) }
					n.OnDisconnecting(tell)
					n.OnDisconnect(tell)
				})
				c, id := r.join("/")
				s, _ := r.Of("/").Socket(id)
				synctest.Wait()
				tt.do(r, c, s)
				for range 3 {
					err := <-causes
					var end *DisconnectError
					if !errors.As(err, &end) || !errors.Is(err, ErrDisconnected) || (end.Err != nil) != tt.err || end.Err != nil && !errors.Is(err, end.Err) {
						t.Fatalf("the cause is %#v", err)
					}
					if want := "socketio: the socket is disconnected: " + tt.want; !strings.HasPrefix(err.Error(), want) || string(end.Reason) != strings.SplitN(tt.want, ":", 2)[0] {
						t.Errorf("%q, want %q…", err, want)
					}
				}
				c.ws.Close()
			})
		})
	}
}

// A socket that its namespace refused was never connected, so it has no such cause;
// one whose client went away meanwhile has.
func TestDisconnectErrorBeforeTheReply(t *testing.T) {
	causes, deciding := make(chan error, 1), make(chan struct{})
	r := newRig(t, Config{}, func(srv *Server) {
		srv.Of("/no").Use(func(ctx context.Context, s *Socket) error {
			context.AfterFunc(ctx, func() { causes <- context.Cause(ctx) })
			return &ConnectError{Message: "no"}
		})
		srv.Of("/hangs").Use(func(ctx context.Context, s *Socket) error {
			close(deciding)
			<-ctx.Done()
			causes <- context.Cause(ctx)
			return nil
		})
	})
	c := r.dial()
	c.send("40/no,")
	c.want(`44/no,{"message":"no"}`)
	if err := within(t, causes, "the end"); err != context.Canceled {
		t.Errorf("refused: %v", err)
	}
	c.send("40/hangs,")
	within(t, deciding, "Use")
	c.ws.Close()
	var end *DisconnectError
	if err := within(t, causes, "the end"); !errors.As(err, &end) || end.Reason != TransportClose {
		t.Errorf("gone: %v", err)
	}
}

var _ engineio.SwitchReceiver = (*conn)(nil)
