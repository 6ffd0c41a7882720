// SPDX-License-Identifier: Apache-2.0

// Package quiet writes log lines that may repeat very often: of each kind the first
// at once, then one a minute that says how many were left out.
package quiet

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

const (
	every    = time.Minute
	maxKinds = 256 // remembered at once; further kinds share one
)

// overflow is the kind of lines that come while maxKinds others are remembered.
const overflow = "\x00others"

// A Log writes to a slog.Logger. Its methods may be called from any goroutine.
type Log struct {
	logger *slog.Logger
	now    func() time.Time

	mu    sync.Mutex // guards what follows
	kinds map[string]*kind
}

// A kind is what a Log remembers of lines that are alike.
type kind struct {
	since   time.Time // when the first of this minute was written
	written int       // since then
	skipped uint64    // since the last one was written
}

// New returns a Log that takes its time from now.
func New(logger *slog.Logger, now func() time.Time) *Log {
	return &Log{logger: logger, now: now, kinds: make(map[string]*kind)}
}

// Write logs a line unless one of its kind was written within the last minute. The
// next one that is written says in "skipped" how many were not. A kind should be a
// constant of the program, or be made of few values.
func (l *Log) Write(ctx context.Context, level slog.Level, name, msg string, args ...any) {
	l.WriteSome(ctx, level, name, 1, msg, args...)
}

// WriteSome is Write for lines of which a number of each kind may be written within a
// minute.
func (l *Log) WriteSome(ctx context.Context, level slog.Level, name string, most int, msg string, args ...any) {
	if !l.logger.Enabled(ctx, level) {
		return
	}
	skipped, due := l.Due(name, most)
	if !due {
		return
	}
	if skipped > 0 {
		args = append(args[:len(args):len(args)], "skipped", skipped)
	}
	l.logger.Log(ctx, level, msg, args...)
}

// Due reports whether a line of a kind is to be written now, of which there may be most in a
// minute, and how many were left out before it.
func (l *Log) Due(name string, most int) (skipped uint64, ok bool) {
	now := l.now()
	l.mu.Lock()
	defer l.mu.Unlock()
	k := l.kinds[name]
	if k == nil && len(l.kinds) >= maxKinds {
		l.forget(now)
	}
	if k == nil && len(l.kinds) >= maxKinds {
		name = overflow
		k = l.kinds[name]
	}
	if k == nil {
		l.kinds[name] = &kind{since: now, written: 1}
		return 0, true
	}
	if now.Sub(k.since) >= every {
		k.since, k.written = now, 0
	}
	if k.written >= most {
		k.skipped++
		return 0, false
	}
	skipped = k.skipped
	k.written++
	k.skipped = 0
	return skipped, true
}

// forget drops the kinds that nothing was left out of for a minute: they are as if
// they had never been.
func (l *Log) forget(now time.Time) {
	for name, k := range l.kinds {
		if k.skipped == 0 && now.Sub(k.since) >= every {
			delete(l.kinds, name)
		}
	}
}
