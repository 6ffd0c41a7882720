// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"runtime"
	"slices"
	"sync"

	"github.com/sockgen/sockgen/runtime/engineio"
)

// A watchdog looks now and then at what the sockets' workers do. A function that it finds
// twice, with Config.StuckTime in between, is named, once. That costs a handler nothing.
type watchdog struct {
	srv *Server

	mu      sync.Mutex // guards what follows; Server.mu may be taken while holding it
	timer   engineio.Timer
	stopped bool
}

// looks is how often the watchdog looks within Config.StuckTime.
const looks = 4

// wake sees to it that the watchdog looks while there are connections.
func (w *watchdog) wake() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.timer == nil && !w.stopped {
		w.timer = w.srv.cfg.Clock.AfterFunc(w.srv.cfg.StuckTime/looks, w.look)
	}
}

func (w *watchdog) stop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.stopped = true; w.timer != nil {
		w.timer.Stop()
	}
}

// look runs in the timer's goroutine.
func (w *watchdog) look() {
	w.srv.mu.Lock()
	conns := slices.Collect(maps.Keys(w.srv.conns))
	w.srv.mu.Unlock()
	for _, c := range conns {
		for _, s := range c.unfinished() {
			if what, stuck := s.seen(); stuck {
				w.report(s, what)
			}
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.timer = nil; len(conns) > 0 && !w.stopped {
		w.timer = w.srv.cfg.Clock.AfterFunc(w.srv.cfg.StuckTime/looks, w.look)
	}
}

// seen notes what the worker does. It reports whether that has been the same for
// Config.StuckTime now, which it does once.
func (s *Socket) seen() (what string, stuck bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.doing == nothing || !s.running || s.step != s.seenStep {
		s.seenStep, s.sightings = s.step, 0
		return "", false
	}
	if s.sightings++; s.sightings != looks {
		return "", false
	}
	if s.doing == runEvent {
		return "event " + quoted(s.event), true
	}
	return taskNames[s.doing], true
}

// report names a function that is stuck.
func (w *watchdog) report(s *Socket, what string) {
	srv := w.srv
	srv.count.stuck.Add(1)
	skipped, due := srv.guard.Due("stuck "+what, 1)
	if !due && srv.observer.Stuck == nil {
		return
	}
	stack := stackOf(s)
	if due {
		attrs := []any{"namespace", s.ns.name, "socket", string(s.id), "function", what, "stack", stack}
		if skipped > 0 {
			attrs = append(attrs, "skipped", skipped)
		}
		srv.cfg.Logger.Log(context.Background(), slog.LevelWarn, "socketio: a function has not returned for "+srv.cfg.StuckTime.String(), attrs...)
	}
	if f := srv.observer.Stuck; f != nil {
		srv.observe("Stuck", func() { f(Stuck{s, what, stack}) })
	}
}

// stackOf returns the stack of the goroutine that works for s, "" if it cannot be had: all
// goroutines stand still while it is looked for, so there must not be very many.
func stackOf(s *Socket) string {
	const (
		mostGoroutines = 10_000
		mostBytes      = 16 << 20
	)
	if runtime.NumGoroutine() > mostGoroutines {
		return ""
	}
	for size := 256 << 10; size <= mostBytes; size *= 4 {
		b := make([]byte, size)
		n := runtime.Stack(b, true)
		for one := range bytes.SplitSeq(b[:n], []byte("\n\n")) {
			if bytes.Contains(one, fmt.Appendf(nil, "(*Socket).perform(%p", s)) {
				return string(one)
			}
		}
		if n < size {
			break
		}
	}
	return ""
}
