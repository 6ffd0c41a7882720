// SPDX-License-Identifier: Apache-2.0

package quiet

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A notebook is a Log with a clock of its own.
type notebook struct {
	*Log
	clock time.Time
	text  bytes.Buffer
}

func newNotebook(level slog.Level) *notebook {
	n := &notebook{clock: time.Unix(1000, 0)}
	h := slog.NewTextHandler(&n.text, &slog.HandlerOptions{Level: level, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Key == slog.TimeKey || a.Key == slog.LevelKey {
			return slog.Attr{}
		}
		return a
	}})
	n.Log = New(slog.New(h), func() time.Time { return n.clock })
	return n
}

// lines returns what was written since the last call.
func (n *notebook) lines() string {
	s := strings.ReplaceAll(strings.TrimSpace(n.text.String()), "\n", " | ")
	n.text.Reset()
	return s
}

func (n *notebook) want(t *testing.T, want string) {
	t.Helper()
	if got := n.lines(); got != want {
		t.Errorf("written %q, want %q", got, want)
	}
}

func TestOneLineAMinute(t *testing.T) {
	n := newNotebook(slog.LevelInfo)
	write := func(kind string) { n.Write(t.Context(), slog.LevelInfo, kind, kind, "a", 1) }
	for range 20_000 {
		write("x")
	}
	n.want(t, "msg=x a=1")
	write("y") // another kind waits for nobody
	n.want(t, "msg=y a=1")
	n.clock = n.clock.Add(every - 1)
	write("x")
	n.want(t, "")
	n.clock = n.clock.Add(1)
	write("x")
	write("x")
	write("y")
	n.want(t, "msg=x a=1 skipped=20000 | msg=y a=1")
	n.clock = n.clock.Add(every)
	write("x")
	n.want(t, "msg=x a=1 skipped=1")
}

func TestLevelThatIsOff(t *testing.T) {
	n := newNotebook(slog.LevelInfo)
	n.Write(t.Context(), slog.LevelDebug, "x", "hidden")
	n.want(t, "")
	n.Write(t.Context(), slog.LevelInfo, "x", "shown")
	n.want(t, "msg=shown")
}

// TestKindsAreBounded holds that kinds made of what a peer says cost little, and
// that their lines stay few.
func TestKindsAreBounded(t *testing.T) {
	n := newNotebook(slog.LevelInfo)
	for i := range 10_000 {
		n.Write(t.Context(), slog.LevelInfo, fmt.Sprint(i), "line")
	}
	if got := strings.Count(n.lines(), "line"); got != maxKinds+1 || len(n.kinds) != maxKinds+1 {
		t.Errorf("%d lines and %d kinds, want %d", got, len(n.kinds), maxKinds+1)
	}
	n.clock = n.clock.Add(every)
	n.Write(t.Context(), slog.LevelInfo, "late", "line")
	n.want(t, "msg=line")
	if len(n.kinds) != 2 { // it, and the one that has lines to tell of
		t.Errorf("%d kinds after a minute", len(n.kinds))
	}
}

func TestArgumentsStayTheCallers(t *testing.T) {
	n := newNotebook(slog.LevelInfo)
	args := append(make([]any, 0, 8), "a", 1)
	for range 3 {
		n.Write(t.Context(), slog.LevelInfo, "x", "line", args...)
	}
	n.clock = n.clock.Add(every)
	n.Write(t.Context(), slog.LevelInfo, "x", "line", args...)
	n.want(t, "msg=line a=1 | msg=line a=1 skipped=2")
	if args[:3][2] != nil {
		t.Errorf("the caller's array holds %v", args[:3])
	}
}

func TestManyWriters(t *testing.T) {
	n := newNotebook(slog.LevelInfo)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 1000 {
				n.Write(t.Context(), slog.LevelInfo, "x", "line")
			}
		})
	}
	wg.Wait()
	n.want(t, "msg=line")
	n.clock = n.clock.Add(every)
	n.Write(t.Context(), slog.LevelInfo, "x", "line")
	n.want(t, "msg=line skipped=7999")
}

func TestSomeLinesAMinute(t *testing.T) {
	n := newNotebook(slog.LevelInfo)
	for i := range 10 {
		n.WriteSome(t.Context(), slog.LevelInfo, "x", 3, "line", "i", i)
	}
	n.want(t, "msg=line i=0 | msg=line i=1 | msg=line i=2")
	n.clock = n.clock.Add(every)
	for range 2 {
		n.WriteSome(t.Context(), slog.LevelInfo, "x", 3, "line")
	}
	n.want(t, "msg=line skipped=7 | msg=line")
}
