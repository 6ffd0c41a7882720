// SPDX-License-Identifier: Apache-2.0

package engineio

import (
	"math"
	"testing"
	"testing/synctest"
	"time"
)

// TestLittleMemoryLeft holds that handshakes are refused while the process is near its memory
// limit, that sessions go on, and that all is as before when there is room again.
func TestLittleMemoryLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, true, Config{}, newApp())
		limit, used := int64(1000), uint64(900)
		r.srv.memory.limit = func() int64 { return limit }
		r.srv.memory.used = func() uint64 { return used }
		sid, p := r.open() // at the limit
		time.Sleep(memoryEvery)
		used = 901
		for _, ask := range []reply{r.do("GET", polling, ""), r.do("GET", polling, "")} {
			if ask.status != 503 || ask.header.Get("Retry-After") == "" {
				t.Errorf("beyond the limit: %v", ask)
			}
		}
		r.post(sid, "4x").want(t, 200, "ok")
		p.wantOpen(t)
		if st := r.srv.Stats(); st.Refusals[RefusedMemory] != 2 || st.Limits[LimitMemory] != 2 {
			t.Errorf("%+v", st)
		}
		time.Sleep(memoryEvery)
		limit = math.MaxInt64 // none
		r.open()
	})
}

// TestMemoryInUse holds that there is a figure, which moves with what is alive.
func TestMemoryInUse(t *testing.T) {
	if got := liveMemory(); got == 0 || got > 1<<40 {
		t.Errorf("%d bytes", got)
	}
	if newGauge(90).tight() {
		t.Error("memory is tight without a limit")
	}
}
