// SPDX-License-Identifier: Apache-2.0

package engineio

import (
	"math"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"time"
)

// A process that comes near its memory limit spends its time in collecting garbage, and
// then is killed. Before that, handshakes are refused, so that those who are there go on.

// memoryEvery is how often the memory in use is looked at.
const memoryEvery = 200 * time.Millisecond

// A gauge tells whether the process has little memory left.
type gauge struct {
	percent int
	limit   func() int64 // of the process, math.MaxInt64 for none
	used    func() uint64

	mu    sync.Mutex // guards what follows
	until time.Time  // when to look again
	full  bool
}

func newGauge(percent int) *gauge {
	return &gauge{percent: percent, limit: func() int64 { return debug.SetMemoryLimit(-1) }, used: liveMemory}
}

// tight reports whether more than the share of the limit is in use.
func (g *gauge) tight() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	now := time.Now()
	if now.Before(g.until) {
		return g.full
	}
	g.until = now.Add(memoryEvery)
	limit := g.limit()
	g.full = limit < math.MaxInt64 && float64(g.used()) > float64(limit)*float64(g.percent)/100
	return g.full
}

// liveMemory is what the process cannot do without: what was alive after the last garbage
// collection, and the goroutines' stacks. All that it has taken says little, since garbage
// may be most of it.
func liveMemory() uint64 {
	samples := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/memory/classes/heap/stacks:bytes"}}
	metrics.Read(samples)
	sum := uint64(0)
	for _, s := range samples {
		if s.Value.Kind() == metrics.KindUint64 {
			sum += s.Value.Uint64()
		}
	}
	return sum
}
