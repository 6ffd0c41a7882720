// SPDX-License-Identifier: Apache-2.0

package soak

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"runtime"
	"runtime/metrics"
	"runtime/pprof"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/sockgen/sockgen/runtime/engineio"
	"github.com/sockgen/sockgen/runtime/socketio"
)

// A clock counts the timers that are set and have neither fired nor been stopped.
// The runtime has no timers but those of its clock, and the deadlines of connections.
type clock struct{ set atomic.Int64 }

// Now implements engineio.Clock.
func (c *clock) Now() time.Time { return time.Now() }

// AfterFunc implements engineio.Clock.
func (c *clock) AfterFunc(d time.Duration, f func()) engineio.Timer {
	c.set.Add(1)
	return timer{c, time.AfterFunc(d, func() {
		c.set.Add(-1)
		f()
	})}
}

type timer struct {
	c *clock
	t *time.Timer
}

func (t timer) Stop() bool {
	active := t.t.Stop()
	if active {
		t.c.set.Add(-1)
	}
	return active
}

func (t timer) Reset(d time.Duration) bool {
	active := t.t.Reset(d)
	if !active {
		t.c.set.Add(1)
	}
	return active
}

// A reading is what the process and one of its servers hold.
type reading struct {
	goroutines int
	timers     int // of the clock
	allTimers  int // in the heap, whoever made them
	files      int // descriptors; -1 where that is unknown
	heap       int // bytes
	census     census
}

func read(c *clock, srv *socketio.Server) reading {
	for range 3 { // pools keep things for two collections
		runtime.GC()
	}
	heap := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(heap)
	r := reading{
		goroutines: runtime.NumGoroutine(),
		timers:     int(c.set.Load()),
		files:      descriptors(),
		heap:       int(heap[0].Value.Uint64()),
		census:     takeCensus(srv),
	}
	r.allTimers = timersInHeap()
	return r
}

func descriptors() int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return -1
	}
	return len(entries)
}

// timersInHeap counts the living timers of the process, by the places where they
// were allocated. A timer that is set lives whether or not anybody else knows it.
func timersInHeap() int {
	records := make([]runtime.MemProfileRecord, 256)
	for {
		n, ok := runtime.MemProfile(records, false)
		if ok {
			records = records[:n]
			break
		}
		records = make([]runtime.MemProfileRecord, n+64)
	}
	count := int64(0)
	for _, r := range records {
		frames := runtime.CallersFrames(r.Stack())
		for range 3 { // the allocation itself, and what makes it
			f, more := frames.Next()
			if f.Function == "time.newTimer" || f.Function == "runtime.newTimer" {
				count += r.InUseObjects()
				break
			}
			if !more {
				break
			}
		}
	}
	return int(count)
}

// heapSlack is how much the heap may differ without anything being held: a map keeps
// the size that it needed once (that of clients who may come back, 270 KiB after 3,847
// connections as after 20,000), and the pools of the standard library what was in use.
// For the 3,847 connections that an ending has in 100,000 it is 136 bytes each; a session
// alone has 400.
const heapSlack = 512 << 10

// allSlack is heapSlack for all endings together, ten bytes for each of 100,000.
const allSlack = 1 << 20

// compare says what there is more of afterwards. Less is no leak: before, something
// of the process's own may not have been at rest yet.
func compare(before, after reading) error {
	var diffs []string
	differ := func(what string, a, b int) {
		if b > a {
			diffs = append(diffs, fmt.Sprintf("%s %d, was %d", what, b, a))
		}
	}
	differ("goroutines", before.goroutines, after.goroutines)
	differ("timers", before.timers, after.timers)
	differ("timers in the heap", before.allTimers, after.allTimers)
	differ("descriptors", before.files, after.files)
	for _, name := range slices.Sorted(maps.Keys(after.census)) {
		differ(name, before.census[name], after.census[name])
	}
	if after.heap > before.heap+heapSlack {
		differ("bytes in the heap", before.heap, after.heap)
	}
	if diffs == nil {
		return nil
	}
	return fmt.Errorf("left behind: %s", strings.Join(diffs, "; "))
}

// settle waits until a server holds what it held before, and returns the last reading
// when it does not within patience.
func settle(c *clock, srv *socketio.Server, before reading) reading {
	for end := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		over := time.Now().After(end)
		stats := srv.Stats()
		if !over && (stats.Sessions > 0 || runtime.NumGoroutine() > before.goroutines || int(c.set.Load()) > before.timers) {
			continue
		}
		after := read(c, srv)
		if over || compare(before, after) == nil {
			return after
		}
	}
}

// goroutines describes what all goroutines do, the most frequent first.
func goroutines() string {
	var b bytes.Buffer
	if err := pprof.Lookup("goroutine").WriteTo(&b, 1); err != nil {
		return err.Error()
	}
	const most = 6000
	return b.String()[:min(b.Len(), most)]
}
