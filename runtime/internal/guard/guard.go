// SPDX-License-Identifier: Apache-2.0

// Package guard keeps functions of the application from doing more harm than to fail
// themselves when they panic or call runtime.Goexit.
package guard

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/sockgen/sockgen/runtime/internal/quiet"
)

// A Guard counts the functions that did not return, and logs each with its stack: of
// the same place once a minute, with how often it was left out. Its methods may be
// called from any goroutine.
type Guard struct {
	msg    string
	now    func() time.Time
	logger *slog.Logger
	log    *quiet.Log
	count  *atomic.Uint64
	lost   *atomic.Uint64 // lines that a logger had no time for
}

// New returns a Guard whose lines say msg.
func New(logger *slog.Logger, now func() time.Time, msg string) *Guard {
	g := &Guard{msg: msg, now: now, count: new(atomic.Uint64), lost: new(atomic.Uint64)}
	return g.To(logger)
}

// To returns a Guard that counts with g and logs to another logger.
func (g *Guard) To(logger *slog.Logger) *Guard {
	to := *g
	to.logger = g.Wrap(logger)
	to.log = quiet.New(to.logger, g.now)
	return &to
}

// Wrap returns logger with a handler that does no harm, and counts with g.
func (g *Guard) Wrap(logger *slog.Logger) *slog.Logger {
	return slog.New(handler{logger.Handler(), g.count, g.lost, new(atomic.Int32)})
}

// Logger returns the logger with a handler that does no harm either.
func (g *Guard) Logger() *slog.Logger { return g.logger }

// Count returns how many functions did not return.
func (g *Guard) Count() uint64 { return g.count.Load() }

// Lost returns how many lines were not written, because the logger had not done with earlier
// ones.
func (g *Guard) Lost() uint64 { return g.lost.Load() }

// Due says whether a line of a kind is to be written now, of which there may be most in a
// minute, and how many were left out before it.
func (g *Guard) Due(kind string, most int) (skipped uint64, ok bool) { return g.log.Due(kind, most) }

// Run calls f and reports whether it returned. After runtime.Goexit it notes that, and
// the goroutine ends: whoever must not end with it defers what is left to do.
func (g *Guard) Run(f func(), attrs ...any) (returned bool) {
	defer func() {
		if !returned {
			g.Note(recover(), attrs...)
		}
	}()
	f()
	return true
}

// Apart is Run in a goroutine of its own, for which it waits, so that runtime.Goexit
// does not harm the caller.
func (g *Guard) Apart(f func(), attrs ...any) (returned bool) {
	done := make(chan bool)
	go func() {
		ok := false
		defer func() { done <- ok }()
		ok = g.Run(f, attrs...)
	}()
	return <-done
}

// Note counts and logs a function that did not return. v is what recover gave to the
// deferred function that calls Note: nil after runtime.Goexit.
func (g *Guard) Note(v any, attrs ...any) {
	g.count.Add(1)
	s := callers()
	attrs = append(attrs[:len(attrs):len(attrs)], "panic", Quote(Text(v), maxText), "stack", s)
	g.log.Write(context.Background(), slog.LevelError, s.place(), g.msg, attrs...)
}

// Stack is Note for a caller that logs a line of its own: it counts, and returns the
// attributes of that line, none when the stack is to be left out.
func (g *Guard) Stack() []slog.Attr {
	g.count.Add(1)
	s := callers()
	skipped, due := g.log.Due(s.place(), 1)
	switch {
	case !due:
		return nil
	case skipped > 0:
		return []slog.Attr{slog.Any("stack", s), slog.Uint64("skipped", skipped)}
	}
	return []slog.Attr{slog.Any("stack", s)}
}

// maxText is how many bytes of what a panic says are logged.
const maxText = 1024

// Text returns what v, an error or the value of a panic, says about itself. It always
// returns, whatever v's methods do. Nil stands for runtime.Goexit.
func Text(v any) string {
	switch v := v.(type) {
	case nil:
		return "runtime.Goexit was called"
	case string:
		return v
	}
	said := make(chan string)
	go func() {
		text := fmt.Sprintf("a %T, which did not say what it is", v)
		defer func() {
			_ = recover()
			said <- text
		}()
		text = fmt.Sprint(v)
	}()
	return <-said
}

// Quote makes a text fit for a log line: quoted, and at most longest bytes of it.
func Quote(s string, longest int) string {
	if len(s) > longest {
		return strconv.Quote(strings.ToValidUTF8(s[:longest], "")) + "…"
	}
	return strconv.Quote(s)
}

// A stack is the callers of what panicked, the innermost first.
type stack []uintptr

// callers returns the stack below the panic, or the Goexit, that is under way.
func callers() stack {
	const most = 64
	pcs := make([]uintptr, most)
	pcs = pcs[:runtime.Callers(2, pcs)]
	begun := false
	for i, pc := range pcs {
		name := runtime.FuncForPC(pc - 1).Name()
		switch {
		case name == "runtime.gopanic", name == "runtime.Goexit":
			begun = true
		case begun && !strings.HasPrefix(name, "runtime."):
			return pcs[i:]
		}
	}
	return pcs
}

// place names where it happened, and who called that.
func (s stack) place() string {
	const frames = 2
	return fmt.Sprint([]uintptr(s[:min(len(s), frames)]))
}

// LogValue implements slog.LogValuer: most stacks are never written.
func (s stack) LogValue() slog.Value {
	var b strings.Builder
	for frames := runtime.CallersFrames(s); ; {
		f, more := frames.Next()
		fmt.Fprintf(&b, "%s\n\t%s:%d\n", f.Function, f.File, f.Line)
		if !more {
			return slog.StringValue(b.String())
		}
	}
}

// A handler is the application's, contained. What goes wrong in it cannot be logged,
// and is counted. While a line takes long, as on a disk that is full or in a pipe that
// nobody reads, others are left out: no log may hold up a server.
type handler struct {
	slog.Handler
	count, lost *atomic.Uint64
	stuck       *atomic.Int32 // lines that take longer than logTime
}

// logTime is how long a line is waited for.
const logTime = 50 * time.Millisecond

// Enabled runs often, and so on the caller's goroutine: its panic is contained.
func (h handler) Enabled(ctx context.Context, level slog.Level) (enabled bool) {
	defer func() {
		if recover() != nil {
			h.count.Add(1)
		}
	}()
	return h.Handler.Enabled(ctx, level)
}

func (h handler) Handle(ctx context.Context, r slog.Record) error {
	if h.stuck.Load() > 0 {
		h.lost.Add(1)
		return nil
	}
	done := make(chan error, 1)
	var over atomic.Bool // set by whichever comes first: the line's end, or the end of patience
	go func() {
		returned := false
		var err error
		defer func() {
			if _ = recover(); !returned {
				h.count.Add(1)
			}
			if over.Swap(true) {
				h.stuck.Add(-1)
			}
			done <- err
		}()
		err = h.Handler.Handle(ctx, r)
		returned = true
	}()
	timer := time.NewTimer(logTime)
	defer timer.Stop()
	select {
	case err := <-done:
		return err
	case <-timer.C:
	}
	if h.stuck.Add(1); over.Swap(true) {
		h.stuck.Add(-1)
	}
	return nil
}

func (h handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return handler{h.Handler.WithAttrs(attrs), h.count, h.lost, h.stuck}
}

func (h handler) WithGroup(name string) slog.Handler {
	return handler{h.Handler.WithGroup(name), h.count, h.lost, h.stuck}
}

// Reader returns r with a Read that fails where r's does not return.
func (g *Guard) Reader(r io.Reader) io.Reader { return reader{r, g} }

type reader struct {
	r io.Reader
	g *Guard
}

func (r reader) Read(p []byte) (n int, err error) {
	if !r.g.Apart(func() { n, err = r.r.Read(p) }, "function", "Read") {
		return 0, errRead
	}
	return n, err
}

var errRead = fmt.Errorf("the application's reader did not return")
