// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/sockgen/sockgen/runtime/engineio"
	"github.com/sockgen/sockgen/runtime/socketio"
)

// Bounds of what a client may ask the application of the matrix for.
const (
	maxFlood       = 20_000 // events in one answer
	maxAskTime     = 10 * time.Second
	manyNamespaces = 20
)

// ClientConfig returns what the matrix of clients expects of a server: heartbeats
// that a busy machine can keep up with. Every limit has its default.
func ClientConfig() Config {
	return Config{
		PingInterval: time.Second,
		PingTimeout:  14 * time.Second,
		MaxPayload:   1_000_000,
		CORS:         engineio.CORS{Origins: []string{"*"}},
	}
}

// A clientApp is the application of the matrix of clients.
type clientApp struct{}

// serveClients adds what the matrix of clients needs besides the suites' own events.
func serveClients(srv *socketio.Server) {
	var app clientApp
	main := srv.Of("/")
	main.On("ask", app.ask)
	main.On("never", func(context.Context, *socketio.Socket, *socketio.Event) {})
	main.On("handshake", app.tellHandshake)
	main.On("volatile", app.emitVolatile)
	main.On("flood", app.flood)
	main.On("shout", app.shout)
	main.On("watch", app.watch)
	main.OnConnect(func(_ context.Context, s *socketio.Socket) { s.SetData(&tally{}) })
	main.OnDisconnect(app.tellReason)
	onTally(main, "numbered", (*tally).numbered)
	onTally(main, "numbered:end", (*tally).end)
	onTally(main, "second-attempt", (*tally).secondAttempt)
	for i := range manyNamespaces {
		srv.Of("/many/"+strconv.Itoa(i)).On("message-with-ack", ackBack)
	}
}

// ask puts its arguments to the client as the event "question", waits for as many
// milliseconds as the first of them says, and acknowledges with the client's answer,
// or with {"failed": why}.
func (clientApp) ask(ctx context.Context, s *socketio.Socket, e *socketio.Event) {
	var wait int64
	if e.Args.Len() < 1 || e.Args.Decode(0, &wait) != nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, min(time.Duration(wait)*time.Millisecond, maxAskTime))
	defer cancel()
	answer, err := s.EmitWithAck(ctx, "question", e.Args)
	if err != nil {
		why := "another error"
		if errors.Is(err, socketio.ErrTimeout) {
			why = "timeout"
		}
		_ = e.Ack(map[string]string{"failed": why}) // the client has gone if this fails
		return
	}
	_ = e.Ack(answer)
}

// tellHandshake acknowledges with what the server knows of the client.
func (clientApp) tellHandshake(_ context.Context, s *socketio.Socket, e *socketio.Event) {
	h := s.Handshake()
	_ = e.Ack(map[string]any{
		"query":     h.Query.Get("colour"),
		"header":    h.Header.Get("X-Colour"),
		"crossSite": h.CrossOrigin,
		"transport": s.Transport(),
	})
}

// emitVolatile emits as many volatile events as asked for, then acknowledges.
func (clientApp) emitVolatile(ctx context.Context, s *socketio.Socket, e *socketio.Event) {
	for i := range number(e) {
		_ = s.Volatile().Emit(ctx, "tick", i)
	}
	_ = e.Ack()
}

// flood emits as many numbered events as asked for, then acknowledges. It pauses now
// and then, so that an upgrade falls into its midst.
func (clientApp) flood(ctx context.Context, s *socketio.Socket, e *socketio.Event) {
	for i := range number(e) {
		if s.Emit(ctx, "numbered", i) != nil {
			return
		}
		if i%200 == 0 {
			time.Sleep(time.Millisecond)
		}
	}
	_ = e.Ack()
}

// shout emits its arguments as "shouted" to the others in the room that the first of
// them names. With that argument alone it joins the room.
func (clientApp) shout(ctx context.Context, s *socketio.Socket, e *socketio.Event) {
	var room string
	if e.Args.Len() < 1 || e.Args.Decode(0, &room) != nil {
		return
	}
	if e.Args.Len() == 1 {
		if s.Join(socketio.Room("shout:"+room)) == nil {
			_ = e.Ack()
		}
		return
	}
	_ = s.To(socketio.Room("shout:"+room)).Emit(ctx, "shouted", e.Args)
}

// watch subscribes to the end of the socket with the id of its argument.
func (clientApp) watch(_ context.Context, s *socketio.Socket, e *socketio.Event) {
	var id string
	if e.Args.Len() == 1 && e.Args.Decode(0, &id) == nil && s.Join(endOf(socketio.ID(id))) == nil {
		_ = e.Ack()
	}
}

// tellReason tells those who watch a socket why it ended.
func (clientApp) tellReason(ctx context.Context, s *socketio.Socket, reason socketio.DisconnectReason) {
	_ = s.Namespace().To(endOf(s.ID())).Emit(ctx, "ended", s.ID(), reason)
}

func endOf(id socketio.ID) socketio.Room { return socketio.Room("end of " + id) }

// number returns the number that an event's only argument is, 0 for anything else.
func number(e *socketio.Event) int {
	var n int
	if e.Args.Len() != 1 || e.Args.Decode(0, &n) != nil {
		return 0
	}
	return max(0, min(n, maxFlood))
}

// A tally is what a socket of the main namespace has sent. Its events come one at a
// time.
type tally struct {
	next     int // the number that the next "numbered" should have
	disorder int // events that had another one
	attempts int // "second-attempt" events so far
}

func onTally(n *socketio.Namespace, event string, f func(*tally, *socketio.Event)) {
	n.On(event, func(_ context.Context, s *socketio.Socket, e *socketio.Event) {
		if t, ok := socketio.DataOf[*tally](s); ok {
			f(t, e)
		}
	})
}

func (t *tally) numbered(e *socketio.Event) {
	var n int
	if e.Args.Len() < 1 || e.Args.Decode(0, &n) != nil || n != t.next {
		t.disorder++
	}
	t.next++
}

func (t *tally) end(e *socketio.Event) {
	_ = e.Ack(map[string]int{"events": t.next, "disorder": t.disorder})
	t.next, t.disorder = 0, 0
}

// secondAttempt leaves every other event without the ack that it asks for.
func (t *tally) secondAttempt(e *socketio.Event) {
	t.attempts++
	if t.attempts%2 == 0 {
		_ = e.Ack(t.attempts)
	}
}
