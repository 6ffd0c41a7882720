// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/sockgen/sockgen/runtime/siowire"
)

// note returns an event function that remembers that it was called.
func note(l *ends, what string) EventFunc {
	return func(_ context.Context, _ *Socket, e *Event) { l.add(what + ":" + e.Name) }
}

// Catch-all listeners, then middleware, then the socket's listeners in
// order, then the namespace's handler.
func TestListenerOrder(t *testing.T) {
	calls := &ends{}
	r, c, s := joined(t, Config{})
	r.Of("/").On("e", note(calls, "handler"))
	r.Of("/").OnUnhandled(note(calls, "unhandled"))
	s.On("e", note(calls, "first"))
	offSecond := s.On("e", note(calls, "second"))
	s.Once("e", note(calls, "once"))
	offAny := s.OnAny(note(calls, "any"))
	s.PrependAny(note(calls, "prepended"))
	s.UseEvent(func(_ context.Context, _ *Socket, e *Event) error {
		calls.add("use:" + e.Name)
		if e.Name == "renamed" {
			e.Name = "e"
		}
		return nil
	})
	s.On("own", note(calls, "own"))
	step := func(frame, want string) {
		t.Helper()
		c.send(frame)
		eventually(t, want, func() bool { return calls.String() == want })
		c.settled(r)
		if got := calls.take(); got != want {
			t.Errorf("%s: got %s, want %s", frame, got, want)
		}
	}
	step(`42["e"]`, "prepended:e; any:e; use:e; first:e; second:e; once:e; handler:e")
	step(`42["e"]`, "prepended:e; any:e; use:e; first:e; second:e; handler:e")
	step(`42["own"]`, "prepended:own; any:own; use:own; own:own")
	step(`42["renamed"]`, "prepended:renamed; any:renamed; use:renamed; first:e; second:e; handler:e")
	offSecond()
	offSecond()
	offAny()
	step(`42["e"]`, "prepended:e; use:e; first:e; handler:e")
	s.OffAny()
	s.Off("e")
	step(`42["e"]`, "use:e; handler:e")
	step(`42["x"]`, "use:x; unhandled:x")
}

// settled checks that all events sent so far were handled.
func (c *client) settled(r *rig) {
	c.t.Helper()
	eventually(c.t, "the handlers are done", func() bool {
		for _, id := range r.Of("/").adapter.Members() {
			if s, ok := r.Of("/").Socket(id); ok && s.callingNow() != "" {
				return false
			}
		}
		return true
	})
}

func (e *ends) take() string {
	s := e.String()
	e.mu.Lock()
	defer e.mu.Unlock()
	e.list = nil
	return s
}

// An idle socket pays one pointer for listeners.
func TestListenersAreMadeOnFirstUse(t *testing.T) {
	_, c, s := joined(t, Config{})
	c.send(`42["e"]`)
	c.wantOpen()
	if s.listeners.Load() != nil {
		t.Error("a socket without listeners has some")
	}
	func() {
		defer func() {
			if v := fmt.Sprint(recover()); !strings.Contains(v, "OnDisconnect") {
				t.Errorf("a reserved name: %v", v)
			}
		}()
		s.On("disconnect", func(context.Context, *Socket, *Event) {})
	}()
}

// A once listener runs once, also when its event comes often.
func TestOnceUnderLoad(t *testing.T) {
	calls := &ends{}
	r, c, s := joined(t, Config{})
	s.Once("e", note(calls, "once"))
	for range 50 {
		c.send(`42["e"]`)
	}
	eventually(t, "all events are handled", func() bool { return r.Stats().Events == 50 && s.callingNow() == "" })
	if got := calls.String(); got != "once:e" {
		t.Error(got)
	}
}

// A refused event reaches the error hook and nobody else; its ack is never sent.
func TestEventMiddlewareRefuses(t *testing.T) {
	calls := &ends{}
	r, c, s := joined(t, Config{})
	s.On("e", func(_ context.Context, _ *Socket, e *Event) { e.Ack("fine") })
	refusal := errors.New("not you")
	s.UseEvent(func(_ context.Context, _ *Socket, e *Event) error {
		if e.Args.Len() > 0 && string(e.Args.At(0)) == `"panic"` {
			panic("middleware")
		}
		if e.Args.Len() > 0 {
			return refusal
		}
		return nil
	})
	c.send(`421["e","x"]`, `422["e"]`)
	c.want(`432["fine"]`)
	if log := r.log.String(); !strings.Contains(log, "event refused") || !strings.Contains(log, "not you") {
		t.Errorf("the log says %s", log)
	}
	s.OnError(func(_ context.Context, _ *Socket, e *Event, err error) {
		calls.add(fmt.Sprint(e.Name, " ", errors.Is(err, refusal)))
	})
	c.send(`423["e","x"]`, `424["e","panic"]`, `425["e"]`)
	c.want(`435["fine"]`)
	if got := calls.String(); got != "e true; e false" {
		t.Errorf("the error hook got %q", got)
	}
	if st := r.Stats(); st.EventsRefused != 3 || st.Panics != 1 {
		t.Errorf("%+v", st)
	}
	c.wantOpen()
}

// R178: a catch-all listener that ends the socket is the last to see the event.
func TestMiddlewareEndsTheSocket(t *testing.T) {
	calls := &ends{}
	_, c, s := joined(t, Config{})
	s.On("e", note(calls, "handler"))
	s.OnDisconnect(func(_ context.Context, _ *Socket, reason DisconnectReason) { calls.add(string(reason)) })
	s.UseEvent(func(_ context.Context, s *Socket, _ *Event) error { s.Disconnect(); return nil })
	c.send(`42["e"]`)
	c.want("41")
	eventually(t, "OnDisconnect", func() bool { return calls.String() != "" })
	if got := calls.String(); got != "server namespace disconnect" {
		t.Error(got)
	}
}

// Emits, broadcasts and acks asked for are seen, acks and dropped volatile
// events are not.
func TestOnAnyOutgoing(t *testing.T) {
	calls := &ends{}
	seen := func(who string) OutgoingFunc {
		return func(s *Socket, event string, args siowire.Args) {
			text := who + ":" + event
			for i := range args.Len() {
				text += " " + string(args.At(i))
			}
			calls.add(fmt.Sprint(text, args.Attachments, s.Connected()))
		}
	}
	r := newRig(t, Config{}, func(srv *Server) {
		srv.Of("/").Use(func(ctx context.Context, s *Socket) error {
			off := s.OnAnyOutgoing(seen("use"))
			defer off()
			if err := s.Volatile().Emit(ctx, "dropped"); err != nil {
				t.Error(err)
			}
			return s.Emit(ctx, "early")
		})
		srv.Of("/").On("ask", func(_ context.Context, _ *Socket, e *Event) { e.Ack("answer") })
	})
	c, id := r.join("/")
	c.want(`42["early"]`)
	s, _ := r.Of("/").Socket(id)
	s.OnAnyOutgoing(seen("b"))
	s.PrependAnyOutgoing(seen("a"))
	emit(t, s, "e", 1, []byte{7})
	if err := r.Of("/").Emit(t.Context(), "all", strings.Repeat("x", 3)); err != nil {
		t.Error(err)
	}
	c.send(`421["ask"]`)
	got := ask(t.Context(), s, "q")
	c.want(`451-["e",1,`+ph0+`]`, "<07>", `42["all","xxx"]`)
	for range 2 {
		if f := c.read(); f != `420["q"]` && f != `431["answer"]` {
			t.Errorf("got %s", f)
		}
	}
	c.send(`430[]`)
	<-got
	s.OffAnyOutgoing()
	emit(t, s, "unseen")
	want := `use:early[] false; a:e 1 ` + ph0 + `[[7]] true; b:e 1 ` + ph0 + `[[7]] true; ` +
		`a:all "xxx"[] true; b:all "xxx"[] true; a:q[] true; b:q[] true`
	if got := calls.String(); got != want {
		t.Errorf("seen: %s\nwant: %s", got, want)
	}
}

// R198: "disconnecting" while the rooms are joined, then they are left, then
// "disconnect"; the socket's functions before the namespace's.
func TestDisconnecting(t *testing.T) {
	calls := &ends{}
	report := func(what string) DisconnectFunc {
		return func(ctx context.Context, s *Socket, reason DisconnectReason) {
			calls.add(fmt.Sprintf("%s:%s:%v:%d:%v", what, reason, s.Join("more") == ErrDisconnected, len(s.Rooms()), s.ns.adapter.Rooms(s.ID()) != nil))
			if what == "disconnecting" {
				if err := s.To("red").Emit(ctx, "bye"); err != nil {
					t.Error(err)
				}
			}
		}
	}
	r := newRig(t, Config{}, func(srv *Server) {
		srv.Of("/").OnDisconnecting(report("ns disconnecting"))
		srv.Of("/").OnDisconnect(report("ns disconnect"))
	})
	clients, sockets := crowd(t, r, []Room{"red", "blue"}, []Room{"red"})
	sockets[0].OnDisconnecting(report("disconnecting"))
	sockets[0].OnDisconnect(report("disconnect"))
	clients[0].send("41")
	clients[1].want(`42["bye"]`)
	want := "disconnecting:client namespace disconnect:true:3:true; ns disconnecting:client namespace disconnect:true:3:true; " +
		"disconnect:client namespace disconnect:true:0:false; ns disconnect:client namespace disconnect:true:0:false"
	eventually(t, "four calls", func() bool { return strings.Count(calls.String(), " ns disconnect:") == 1 })
	if got := calls.String(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	eventually(t, "the end", func() bool { return len(r.Of("/").adapter.Members()) == 1 })
}

// A function that ends its goroutine does not keep the socket in its rooms.
func TestDisconnectingThatDoesNotReturn(t *testing.T) {
	ended := make(chan DisconnectReason, 1)
	r, c, s := joined(t, Config{})
	s.OnDisconnecting(func(context.Context, *Socket, DisconnectReason) { runtime.Goexit() })
	s.OnDisconnect(func(_ context.Context, _ *Socket, reason DisconnectReason) { ended <- reason })
	c.send("41")
	if reason := within(t, ended, "OnDisconnect"); reason != ClientNamespaceDisconnect {
		t.Error(reason)
	}
	if ids := r.Of("/").adapter.Members(); len(ids) != 0 {
		t.Errorf("still there: %q", ids)
	}
}
