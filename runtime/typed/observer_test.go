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

// TestAnObserverHearsTheCodes: what became of an event, with the code of the error that its
// client was answered.
func TestAnObserverHearsTheCodes(t *testing.T) {
	told := make(chan string, 10)
	cfg := socketio.Config{Observer: &socketio.Observer{Event: func(e socketio.EventDone) {
		told <- e.Event + " " + string(e.Outcome) + " " + e.Code
	}}}
	s := newStand(t, cfg, func(srv *socketio.Server) {
		mounted(srv.Of("/c"), func(m *Mount[member]) {
			handle(m, Event{Name: "fine"}, decodeString, func(context.Context, *member, string) error { return nil })
			handle(m, Event{Name: "fails"}, decodeString, func(context.Context, *member, string) error { return errors.New("secret") })
			handle(m, Event{Name: "panics"}, decodeString, func(context.Context, *member, string) error { panic("secret") })
		})
	})
	p := s.enter(t, "/c", "Ada")
	for _, c := range [][2]string{
		{`42/c,1["fine","x"]`, "fine handled "},
		{`42/c,1["fine",5]`, "fine refused invalid_payload"},
		{`42/c,1["fails","x"]`, "fails refused internal"},
		{`42/c,1["panics","x"]`, "panics refused internal"},
		{`42/c,1["nobody","x"]`, "nobody unhandled unknown_event"},
	} {
		p.send(c[0])
		if got := <-told; got != c[1] {
			t.Errorf("%s: told %q, want %q", c[0], got, c[1])
		}
	}
}

// TestManyPanicsFillNoLog: of failures of one event the log has a hundred lines a minute, and
// one stack.
func TestManyPanicsFillNoLog(t *testing.T) {
	log := &logs{}
	s := newStand(t, socketio.Config{}, func(srv *socketio.Server) {
		mounted(srv.Of("/c"), func(m *Mount[member]) {
			handle(m, Event{Name: "panics"}, decodeString, func(context.Context, *member, string) error { panic("boom") })
		}, WithLogger(slog.New(slog.NewTextHandler(log, nil))))
	})
	p := s.enter(t, "/c", "Ada")
	const n = 300
	for i := range n {
		p.send(fmt.Sprintf(`42/c,%d["panics","x"]`, i))
		p.next()
	}
	text := log.String()
	if lines, stacks := strings.Count(text, "\n"), strings.Count(text, "stack="); lines != 100 || stacks != 1 || s.srv.Stats().Panics != n {
		t.Errorf("%d lines, %d stacks, %d panics", lines, stacks, s.srv.Stats().Panics)
	}
}
