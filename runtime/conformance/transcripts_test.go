// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/sockgen/sockgen/runtime/socketio"
)

// transcripts are whole conversations, byte by byte.
var transcripts = []check{
	{"B1", "polling_events_upgrade", pollThenUpgrade},
	{"B2", "two_namespaces_refusal_disconnect", func(t *testing.T) {
		s := transcriptSite(t)
		w := s.dial(t, SocketPath+"?EIO=4&transport=websocket")
		w.want(`0{"sid":"<SID>","upgrades":[],"pingInterval":1000,"pingTimeout":20000,"maxPayload":1000000}`)
		w.send("40", `40/chat,{"token":"abc"}`, "40/private,")
		// What one namespace sends has no order relative to another's.
		want := map[string]bool{`40{"sid":"<SID>"}`: true, `42["auth",{}]`: true, `40/chat,{"sid":"<SID>"}`: true, `44/private,{"message":"not authorized"}`: true}
		for len(want) > 0 {
			got := w.text()
			found := false
			for packet := range want {
				if matches(packet, got) {
					delete(want, packet)
					found = true
				}
			}
			if !found {
				t.Fatalf("got %q, want one of %v", got, want)
			}
		}
		play(t, w, `> 42/chat,["say","hi"]`, `< 42/chat,["said","hi"]`, "< 41/chat,",
			`> 40/chat,{"token":"abc"}`, `< 40/chat,{"sid":"<SID>"}`)
	}},
	{"B3", "binary_over_polling", func(t *testing.T) {
		s := transcriptSite(t)
		c := s.poll(t, SocketPath)
		c.ok("40")
		drain(t, c)
		c.ok(`451-0["upload",` + ph0 + "]\x1ebAQIDBA==")
		c.get().is(t, 200, `461-0[`+ph0+"]\x1eb/w==")
	}},
}

// transcriptSite has the application of the transcripts.
func transcriptSite(t *testing.T) *site {
	t.Helper()
	s := private(t, Config{PingInterval: time.Second})
	main := s.Socket.Of("/")
	main.On("sum", func(_ context.Context, _ *socketio.Socket, e *socketio.Event) {
		var a, b int
		if e.Args.Decode(0, &a) == nil && e.Args.Decode(1, &b) == nil {
			_ = e.Ack(a + b) // its loss shows in what the client gets
		}
	})
	main.On("upload", func(_ context.Context, _ *socketio.Socket, e *socketio.Event) {
		var data []byte
		if e.Args.Decode(0, &data) == nil && string(data) == "\x01\x02\x03\x04" {
			_ = e.Ack([]byte{0xff})
		}
	})
	chat := s.Socket.Of("/chat")
	chat.On("say", func(ctx context.Context, socket *socketio.Socket, e *socketio.Event) {
		_ = socket.Emit(ctx, "said", e.Args.At(0))
		socket.Disconnect()
	})
	s.Socket.Of("/private").Use(func(context.Context, *socketio.Socket) error {
		return &socketio.ConnectError{Message: "not authorized"}
	})
	return s
}

// pollThenUpgrade has to upgrade, and to be answered, within a second of the handshake. On a busy machine that
// may fail.
func pollThenUpgrade(t *testing.T) {
	attempts(t, func() error {
		s := transcriptSite(t)
		start := time.Now()
		c := s.poll(t, SocketPath, "&t=5v12uhnk")
		c.ok(`40{"token":"abc"}`)
		p := &poller{session: c}
		id := play(t, p, `< 40{"sid":"<SID>"}`, `< 42["auth",{"token":"abc"}]`)[0] // the event is the application's own
		if len(p.queue) > 0 {
			t.Fatalf("and %q", p.queue)
		}
		get := c.wait()
		w := c.upgrade()
		w.send("2probe")
		w.want("3probe")
		r := get.wait()
		if r.body == "2" {
			return errors.New("the ping came before the upgrade")
		}
		r.is(t, 200, "6")
		w.send("5", `420["sum",1,2]`)
		if first := w.text(); first == "2" {
			return errors.New("the ping came before the answer")
		} else if first != "430[3]" {
			t.Fatalf("got %q", first)
		}
		w.want("2")
		within(t, "the ping", time.Since(start), time.Second, patience)
		w.send("3", "41")
		w.bye()
		s.endsWith(t, id, "client namespace disconnect")
		return nil
	})
}
