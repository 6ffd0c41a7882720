// SPDX-License-Identifier: Apache-2.0

package guard

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A nasty value does f in each of its methods.
type nasty struct{ f func() }

func (n nasty) Error() string                { n.f(); return "" }
func (n nasty) Enabled() bool                { n.f(); return true }
func (n nasty) Read([]byte) (int, error)     { n.f(); return 0, io.EOF }
func (n nasty) Write(b []byte) (int, error)  { n.f(); return len(b), nil }
func (n nasty) MarshalText() ([]byte, error) { n.f(); return nil, nil }

// endings are the ways in which a function does not return.
var endings = map[string]func(){
	"panic":             func() { panic("boom") },
	"nil error":         func() { panic((*nilError)(nil)) },
	"runtime error":     func() { none := []int{}; none[len(none)] = 1 },
	"Goexit":            runtime.Goexit,
	"panic with itself": func() { panic(nasty{func() { panic(nasty{func() { panic("again") }}) }}) },
	"Goexit in Error":   func() { panic(nasty{runtime.Goexit}) },
}

type nilError struct{ text string }

func (e *nilError) Error() string { return e.text }

func newGuard(w io.Writer, now func() time.Time) *Guard {
	return New(slog.New(slog.NewTextHandler(w, nil)), now, "it did not return")
}

func TestGuard(t *testing.T) {
	for name, end := range endings {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			g := newGuard(&log, time.Now)
			if g.Apart(end, "place", "here") {
				t.Error("Apart says that it returned")
			}
			if !g.Apart(func() {}) || !g.Run(func() {}) {
				t.Error("a function that returns is said not to")
			}
			if _, err := g.Reader(nasty{end}).Read(nil); err != errRead {
				t.Errorf("Read: %v", err)
			}
			text := Text(nasty{end})
			if name != "Goexit" && name != "Goexit in Error" && !strings.Contains(text, "PANIC") && !strings.Contains(text, "did not say") || strings.Contains(text, "Goexit was called") {
				t.Errorf("Text: %s", text)
			}
			if g.Count() != 2 {
				t.Errorf("%d counted", g.Count())
			}
			for _, want := range []string{"it did not return", "place=here", "guard_test.go", "panic="} {
				if !strings.Contains(log.String(), want) {
					t.Errorf("the log lacks %q:\n%s", want, log.String())
				}
			}
		})
	}
}

// A Logger's handler, or what it writes to, may be the one that fails.
func TestLogger(t *testing.T) {
	for name, end := range endings {
		t.Run(name, func(t *testing.T) {
			g := newGuard(nasty{end}, time.Now)
			g.Logger().With("a", 1).WithGroup("g").Error("hello")
			g.Run(func() { panic("boom") })
			if g.Count() != 3 {
				t.Errorf("%d counted, want 3", g.Count())
			}
		})
	}
	g := New(slog.New(deaf{}), time.Now, "")
	g.Logger().Error("hello")
	if g.Count() != 1 {
		t.Errorf("%d counted for Enabled", g.Count())
	}
}

type deaf struct{ slog.Handler }

func (deaf) Enabled(context.Context, slog.Level) bool { panic("deaf") }

// Of one place the stack is logged once a minute; another place does not wait for it.
func TestRepeatedPanics(t *testing.T) {
	var log bytes.Buffer
	now := time.Unix(0, 0)
	g := newGuard(&log, func() time.Time { return now })
	here := func() { panic(fmt.Errorf("of %v", now)) }
	for range 1000 {
		g.Run(here)
	}
	g.Run(func() { panic("elsewhere") })
	now = now.Add(time.Minute)
	g.Run(here)
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	if len(lines) != 3 || !strings.Contains(lines[2], "skipped=999") || !strings.Contains(lines[1], "elsewhere") {
		t.Errorf("logged:\n%s", log.String())
	}
	if g.Count() != 1002 {
		t.Errorf("%d counted", g.Count())
	}
}

// Goexit ends the goroutine of Run, whose deferred functions see to the rest.
func TestRunAndGoexit(t *testing.T) {
	var log bytes.Buffer
	g := newGuard(&log, time.Now)
	var wg sync.WaitGroup
	after := false
	wg.Go(func() {
		g.Run(runtime.Goexit)
		after = true
	})
	wg.Wait()
	if after || g.Count() != 1 || !strings.Contains(log.String(), "runtime.Goexit was called") {
		t.Errorf("after: %v, %d counted, logged %s", after, g.Count(), log.String())
	}
}

func TestText(t *testing.T) {
	for want, v := range map[string]any{"x": errors.New("x"), "y": "y", "5": 5, "<nil>": (*nilError)(nil)} {
		if got := Text(v); got != want {
			t.Errorf("Text(%#v) = %q", v, got)
		}
	}
}

// A log that blocks holds nobody up: its line is waited for for a moment, and further ones
// are left out and counted until it is done.
func TestALogThatBlocks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		free := make(chan struct{})
		var log bytes.Buffer
		g := newGuard(nasty{func() { <-free }}, time.Now)
		wrapped := newGuard(&log, time.Now)
		begun := time.Now()
		for range 100 {
			g.Logger().Info("hello")
		}
		wrapped.Logger().Info("another log")
		if took := time.Since(begun); took != logTime || g.Lost() != 99 || log.Len() == 0 || wrapped.Lost() != 0 {
			t.Errorf("100 lines took %v, %d were lost", took, g.Lost())
		}
		close(free)
		synctest.Wait()
		g.Logger().With("a", 1).Info("again")
		if g.Lost() != 99 || g.Count() != 0 {
			t.Errorf("%d lost, %d counted", g.Lost(), g.Count())
		}
	})
}
