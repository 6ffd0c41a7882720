// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/sockgen/sockgen/runtime/socketio"
)

// A handler that fails because its client has given the request up is no failure: nobody
// is told of it. What fails for another reason is logged as ever.
func TestGivenUpIsNoFailure(t *testing.T) {
	handlers := map[string]func(ctx context.Context) (string, error){
		"quiet":   func(ctx context.Context) (string, error) { return "", fmt.Errorf("query: %w", ctx.Err()) },
		"cause":   func(ctx context.Context) (string, error) { return "", context.Cause(ctx) },
		"refusal": func(ctx context.Context) (string, error) { return "", NewError("busy", "x").Because(ctx.Err()) },
		"done":    func(context.Context) (string, error) { return "done", nil },
		"loud":    func(context.Context) (string, error) { return "", errors.New("the disk is full") },
		"panic":   func(context.Context) (string, error) { panic("oh") },
	}
	for name, handler := range handlers {
		t.Run(name, func(t *testing.T) {
			logs, failures := &logs{}, make(chan Failure, 1)
			began, finished := make(chan struct{}), make(chan error, 1)
			s := newStand(t, socketio.Config{}, func(srv *socketio.Server) {
				mounted(srv.Of("/c"), func(m *Mount[member]) {
					handleAck(m, Event{Name: "work", Acked: true}, decodeString, func(ctx context.Context, _ *member, _ string) (string, error) {
						close(began)
						<-ctx.Done()
						finished <- context.Cause(ctx)
						return handler(ctx)
					}, encodeString)
					handleAck(m, Event{Name: "next", Acked: true}, decodeString, func(_ context.Context, _ *member, p string) (string, error) { return p, nil }, encodeString)
				}, WithLogger(slog.New(slog.NewJSONHandler(logs, nil))), OnFailure(func(f Failure) { failures <- f }))
			})
			p := dial(t, s.Server, "/c", `{"id":"1","name":"Ada","$sockgen":"m1"}`)
			if reply := p.next(); !strings.HasSuffix(reply, `","$cancel":true}`) {
				t.Fatalf("the server does not offer it: %s", reply)
			}
			p.send(`42/c,1["work","x"]`)
			<-began
			p.send(`42/c,["$cancel",1]`, `42/c,2["next","y"]`)
			if cause := <-finished; cause != socketio.ErrCanceled {
				t.Errorf("the ctx ended because of %v", cause)
			}
			p.expect(`43/c,2[{"ok":true,"value":"y"}]`)
			wrong := name == "loud" || name == "panic"
			if wrong != (len(failures) == 1) || wrong != strings.Contains(logs.String(), `"level":"ERROR"`) {
				t.Errorf("%d failures were told of, and the log has\n%s", len(failures), logs)
			}
		})
	}
}

// Plain clients do not hear of it.
func TestPlainClientsCannotCancel(t *testing.T) {
	s := newStand(t, socketio.Config{}, func(srv *socketio.Server) { mounted(srv.Of("/c"), func(*Mount[member]) {}) })
	p := dial(t, s.Server, "/c", `{"id":"1","name":"Ada"}`)
	if reply := p.next(); strings.Contains(reply, "cancel") {
		t.Errorf("it is offered: %s", reply)
	}
	p.send(`42/c,1["$cancel",0]`)
	p.expect(`43/c,1[{"ok":false,"error":{"code":"unknown_event","message":"the schema has no such event"}}]`)
}
