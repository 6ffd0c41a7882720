// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/sockgen/sockgen/runtime/socketio"
)

// A trace is what interceptors and handlers did, in order.
type trace struct {
	mu    sync.Mutex // guards steps
	steps []string
}

func (t *trace) add(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.steps = append(t.steps, fmt.Sprintf(format, args...))
}

func (t *trace) take() []string {
	t.mu.Lock()
	defer t.mu.Unlock()
	steps := t.steps
	t.steps = nil
	return steps
}

type traceKey struct{}

// TestInterceptors runs two of them around every kind of handler, the inner one
// of which behaves as the payload says.
func TestInterceptors(t *testing.T) {
	var tr trace
	late := make(chan func(context.Context) error, 1)
	outer := func(ctx context.Context, c *Call, next func(context.Context) error) error {
		tr.add("before %s %s %v by %s", c.Event, c.Annotations["role"], c.Payload, c.Socket.Namespace().Name())
		if s, ok := SocketOf[member](c); !ok || s.Untyped() != c.Socket {
			t.Errorf("SocketOf returns %v, %v", s, ok)
		}
		if s, ok := SocketOf[trace](c); ok {
			t.Errorf("SocketOf of another type returns %v", s)
		}
		err := next(context.WithValue(ctx, traceKey{}, "outer"))
		tr.add("after: %v", err)
		return err
	}
	inner := func(ctx context.Context, c *Call, next func(context.Context) error) error {
		switch c.Payload {
		case "refuse":
			return errFrozen
		case "foreign":
			return errBudget
		case "panic":
			panic(errBudget)
		case "skip":
			return Skip
		case "silent":
			return nil
		case "swallow":
			_ = next(ctx)
			return nil
		case "spoil":
			return errors.Join(next(ctx), errFrozen)
		case "twice":
			return errors.Join(next(ctx), next(ctx))
		case "late":
			late <- next
			return nil
		}
		return next(ctx)
	}
	logs := &logs{}
	s := newStand(t, socketio.Config{}, func(srv *socketio.Server) {
		mounted(srv.Of("/c"), func(m *Mount[member]) {
			ev := func(name string) Event {
				return Event{Name: name, Errors: []Code{"frozen"}, Annotations: map[string]string{"role": "admin"}}
			}
			run := func(ctx context.Context, s *member, text string) (string, error) {
				tr.add("handler %v", ctx.Value(traceKey{}))
				if text == "fail" || text == "swallow" {
					return "", errFrozen
				}
				return text, nil
			}
			handle(m, ev("do"), decodeString, func(ctx context.Context, s *member, text string) error {
				_, err := run(ctx, s, text)
				return err
			})
			handleAck(m, ev("ack"), decodeString, run, encodeString)
			handleResult(m, ev("result"), decodeString, run, func(ctx context.Context, s *member, p string) error { return nil })
			handle(m, ev("bare"), DecodeNothing, func(ctx context.Context, s *member, _ Nothing) error { return nil })
		}, WithInterceptor(outer), WithInterceptor(inner), WithLogger(slog.New(slog.NewJSONHandler(logs, nil))))
	})
	const ok, frozen = `{"ok":true}`, `{"ok":false,"error":{"code":"frozen","message":"the board is frozen"}}`
	internal := strings.TrimPrefix(internalAck, "")
	tests := []struct {
		event, payload, want string
		handled              bool
	}{
		{"do", `"hi"`, ok, true}, {"do", `"fail"`, frozen, true}, {"do", `"refuse"`, frozen, false}, {"do", `"foreign"`, internal, false},
		{"do", `"panic"`, internal, false}, {"do", `"skip"`, internal, false}, {"do", `"silent"`, ok, false}, {"do", `"swallow"`, ok, true},
		{"do", `"spoil"`, frozen, true}, {"do", `"twice"`, internal, true}, {"do", `"late"`, ok, false},
		{"ack", `"hi"`, `{"ok":true,"value":"hi"}`, true}, {"ack", `"refuse"`, frozen, false}, {"ack", `"silent"`, internal, false},
		{"ack", `"swallow"`, internal, true}, {"ack", `"spoil"`, frozen, true}, {"ack", `"twice"`, internal, true}, {"ack", `"skip"`, internal, false},
		{"result", `"hi"`, ok, true}, {"result", `"skip"`, ok, false}, {"result", `"panic"`, internal, false},
	}
	p := s.enter(t, "/c", "Ada")
	for i, tt := range tests {
		p.send(fmt.Sprintf(`42/c,%d["%s",%s]`, i, tt.event, tt.payload))
		p.expect(fmt.Sprintf(`43/c,%d[%s]`, i, tt.want))
		steps := tr.take()
		if len(steps) == 0 || steps[0] != fmt.Sprintf("before %s admin %s by /c", tt.event, strings.Trim(tt.payload, `"`)) {
			t.Errorf("%s %s: %q", tt.event, tt.payload, steps)
		}
		if got := slices.Contains(steps, "handler outer"); got != tt.handled {
			t.Errorf("%s %s: handled %v: %q", tt.event, tt.payload, got, steps)
		}
		if n := strings.Count(strings.Join(steps, "\n"), "handler"); n > 1 {
			t.Errorf("%s %s: the handler ran %d times", tt.event, tt.payload, n)
		}
	}
	if err := (<-late)(t.Context()); !errors.Is(err, errNextLate) {
		t.Errorf("next after the end: %v", err)
	}
	p.send(`42/c,90["bare"]`, `42/c,91["do",5]`, `42/c,92["other"]`)
	p.expect(`43/c,90[{"ok":true}]`)
	if steps := tr.take(); len(steps) == 0 || steps[0] != "before bare admin <nil> by /c" {
		t.Errorf("an event that carries nothing: %q", steps)
	}
	for range 2 {
		p.next()
	}
	if steps := tr.take(); len(steps) > 0 {
		t.Errorf("what is no sound event of the schema was seen: %q", steps)
	}
	for _, want := range []string{"called next a second time", "what should the ack be", "interceptor_test.go"} {
		if !strings.Contains(logs.String(), want) {
			t.Errorf("no %q in the log", want)
		}
	}
}
