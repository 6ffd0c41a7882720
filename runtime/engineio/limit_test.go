// SPDX-License-Identifier: Apache-2.0

package engineio

import (
	"fmt"
	"io"
	"math"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// A limitRow takes one limit to what it allows, one past it, and has an honest peer do what
// comes closest, with every limit at its default.
type limitRow struct {
	limits        Limits
	payload       int // Config.MaxPayload
	within, above func(r *rig)
	honest        func(r *rig)
}

// many sends messages of n bytes together, to a session that does not read.
func (r *rig) many(p *peer, n int, sizes ...int) {
	for range n {
		for _, size := range sizes {
			_, _ = p.Deliver(MessageOf([]byte(strings.Repeat("x", size-messageOverhead)), nil))
		}
	}
}

// partOf sends a part of a POST's body and returns the rest of the connection.
func (r *rig) partOf(sid string, length int, part string) io.ReadWriteCloser {
	c := r.begin(fmt.Sprintf("POST /engine.io/%s&sid=%s HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n%s", polling, sid, length, part))
	r.t.Cleanup(func() { c.Close() })
	return c
}

// fragmented sends a message in n frames.
func (r *rig) fragmented(n int) string {
	c := r.rawWS("")
	r.t.Cleanup(func() { c.Close() })
	frames := frame(opText, true, "4") + strings.Repeat(frame(0, true, "x"), n-2) + frame(finalBit, true, "x")
	c.write(frames + frame(finalBit|opText, true, "4again") + frame(finalBit|opClose, true, ""))
	return c.end()
}

func (r *rig) pings(n int) {
	c := r.rawWS("")
	r.t.Cleanup(func() { c.Close() })
	c.write(strings.Repeat(frame(0x89, true, ""), n))
	synctest.Wait()
}

// probe begins an upgrade and ends it after a while.
func (r *rig) probe(after time.Duration) {
	sid, _ := r.open()
	c, _, err := r.ws(wsQuery + "&sid=" + sid)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { c.Close() })
	c.send("2probe")
	c.want("3probe")
	time.Sleep(after)
	_ = c.WriteMessage(1, []byte("5"))
}

// readsAfter has a client read 200 KB that it was sent, after a while.
func (r *rig) readsAfter(wait time.Duration) {
	c, p := r.openWS()
	r.t.Cleanup(func() { c.Close() })
	_ = p.sendSized(200_000)
	time.Sleep(wait)
	go func() { _, _ = io.Copy(io.Discard, c.NetConn()) }()
}

// leaves closes a session whose client comes for the ending after a while.
func (r *rig) leaves(wait time.Duration) {
	sid, p := r.open()
	_ = p.text("last")
	p.Close(ForcedClose)
	time.Sleep(wait)
	for range 2 { // the last data, and the ending
		r.get(sid)
	}
}

func (r *rig) opens(n, status int) {
	for range n {
		if a := r.do("GET", polling, ""); a.status != status {
			r.t.Errorf("handshake: %v, want %d", a, status)
		}
	}
}

func (r *rig) posts(sid, body string, status int) {
	if a := r.post(sid, body); a.status != status {
		r.t.Errorf("POST of %d bytes: %v, want %d", len(body), a, status)
	}
}

var limitRows = map[Limit]limitRow{
	LimitMaxPayload: {payload: 1000,
		within: func(r *rig) { sid, _ := r.open(); r.posts(sid, "4"+strings.Repeat("x", 999), 200) },
		above:  func(r *rig) { sid, _ := r.open(); r.posts(sid, "4"+strings.Repeat("x", 1000), 413) },
		honest: func(r *rig) { sid, _ := r.open(); r.posts(sid, "4"+strings.Repeat("x", 999_999), 200) },
	},
	LimitUpgradeTimeout: {
		within: func(r *rig) { r.probe(9 * time.Second) },
		above:  func(r *rig) { r.probe(11 * time.Second) },
		honest: func(r *rig) { r.probe(5 * time.Second) },
	},
	LimitQueueBytes: {limits: Limits{QueueBytes: 10_000},
		within: func(r *rig) { _, p := r.open(); r.many(p, 9, 1000) },
		above:  func(r *rig) { _, p := r.open(); r.many(p, 10, 1000) },
		honest: func(r *rig) { _, p := r.open(); r.many(p, 1000, 1000) },
	},
	LimitQueueHardBytes: {limits: Limits{QueueBytes: 5000, QueueHardBytes: 10_000},
		within: func(r *rig) { _, p := r.open(); r.many(p, 10, 1000) },
		above:  func(r *rig) { _, p := r.open(); r.many(p, 12, 1000) },
		honest: func(r *rig) { _, p := r.open(); r.many(p, 16, 1_000_000) },
	},
	LimitOutgoing: {limits: Limits{OutgoingBudget: 20_000},
		within: func(r *rig) { _, p := r.open(); r.many(p, 20, 1000) },
		above:  func(r *rig) { _, p := r.open(); r.many(p, 1, 1000) },
		honest: func(r *rig) {
			for range 100 {
				_, p := r.open()
				r.many(p, 1, 1_000_000)
			}
		},
	},
	LimitIncoming: {payload: 10_000, limits: Limits{IncomingBudget: 50_000, BodyTimeout: time.Hour},
		within: func(r *rig) {
			for range 4 {
				sid, _ := r.open()
				r.partOf(sid, 10_000, strings.Repeat("4", 9000))
			}
		},
		above: func(r *rig) { sid, _ := r.open(); r.partOf(sid, 10_000, strings.Repeat("4", 9000)) },
		honest: func(r *rig) {
			for range 50 {
				sid, _ := r.open()
				c := r.partOf(sid, 100_000, "4"+strings.Repeat("x", 90_000))
				defer io.WriteString(c, strings.Repeat("x", 9999))
			}
		},
	},
	LimitStallTime: {
		within: func(r *rig) { r.readsAfter(9 * time.Second) },
		above:  func(r *rig) { r.readsAfter(12 * time.Second) },
		honest: func(r *rig) { r.readsAfter(5 * time.Second) },
	},
	LimitBodyRate: {
		within: func(r *rig) {
			sid, _ := r.open()
			c := r.partOf(sid, 2, "4")
			time.Sleep(9 * time.Second)
			_, _ = io.WriteString(c, "x")
		},
		above: func(r *rig) { sid, _ := r.open(); r.partOf(sid, 2, "4"); time.Sleep(11 * time.Second) },
		honest: func(r *rig) { // 20 KB/s
			sid, _ := r.open()
			c := r.partOf(sid, 500_000, "4")
			for range 100 {
				time.Sleep(250 * time.Millisecond)
				_, _ = io.WriteString(c, strings.Repeat("x", 5000))
			}
		},
	},
	LimitPacketsPerPost: {limits: Limits{PacketsPerPost: 3},
		within: func(r *rig) { sid, _ := r.open(); r.posts(sid, "6\x1e6\x1e6\x1e4x", 200) },
		above:  func(r *rig) { sid, _ := r.open(); r.posts(sid, "6\x1e6\x1e6\x1e6", 400) },
		honest: func(r *rig) { sid, _ := r.open(); r.posts(sid, "3"+strings.Repeat("\x1e4x", 60_000), 200) },
	},
	LimitFragments: {limits: Limits{Fragments: 4},
		within: func(r *rig) { r.fragmented(4) },
		above: func(r *rig) {
			if got := r.fragmented(5); got != "close 1008" {
				r.t.Error(got)
			}
		},
		honest: func(r *rig) { r.fragmented(128) },
	},
	LimitPongs: {limits: Limits{Pongs: 2},
		within: func(r *rig) { r.pings(2) },
		above:  func(r *rig) { r.pings(3) },
		honest: func(r *rig) { r.pings(16) },
	},
	LimitCloseTimeout: {
		within: func(r *rig) { r.leaves(29 * time.Second) },
		above:  func(r *rig) { r.leaves(31 * time.Second) },
		honest: func(r *rig) { r.leaves(25 * time.Second) },
	},
	LimitQueryBytes: {limits: Limits{QueryBytes: 100},
		within: func(r *rig) { r.do("GET", "?"+strings.Repeat("x", 100), "") },
		above:  func(r *rig) { r.do("GET", "?"+strings.Repeat("x", 101), "") },
		honest: func(r *rig) { r.do("GET", polling+"&token="+strings.Repeat("x", 4096), "") },
	},
	LimitRequestBytes: {limits: Limits{RequestBytes: 1000},
		within: func(r *rig) { r.open("X-Small: " + strings.Repeat("x", 500)) },
		above:  func(r *rig) { r.open("X-Large: " + strings.Repeat("x", 1000)) },
		honest: func(r *rig) { r.open("Cookie: "+strings.Repeat("x", 4096), "X-Token: "+strings.Repeat("x", 4096)) },
	},
	LimitSessions: {limits: Limits{Sessions: 4},
		within: func(r *rig) { r.opens(3, 200) },
		above:  func(r *rig) { r.opens(1, 503) },
		honest: func(r *rig) { r.opens(100, 200) },
	},
	LimitSessionsPerIP: {limits: Limits{SessionsPerIP: 4},
		within: func(r *rig) { r.opens(3, 200) },
		above:  func(r *rig) { r.opens(1, 503) },
		honest: func(r *rig) { r.opens(100, 200) },
	},
	LimitMemory: {
		within: func(r *rig) { r.uses(90); r.opens(1, 200) },
		above:  func(r *rig) { r.uses(91); r.opens(1, 503) },
		honest: func(r *rig) { r.opens(1, 200) },
	},
}

// uses says how much of 100 bytes is in use.
func (r *rig) uses(n uint64) {
	time.Sleep(memoryEvery)
	m := r.srv.memory
	m.limit, m.used = func() int64 { return 100 }, func() uint64 { return n }
}

// TestEachLimit holds for each limit that what it allows is allowed, that what is beyond it
// counts once under its name and is told, that another session does not notice, and that no
// limit's default is in the way of an honest peer.
func TestEachLimit(t *testing.T) {
	for _, l := range limits {
		row, known := limitRows[l]
		if !known {
			t.Errorf("%s has no row", l)
			continue
		}
		t.Run(string(l), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { row.play(t, l) })
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, true, Config{PingInterval: time.Hour}, newApp())
				row.honest(r)
				time.Sleep(time.Second)
				synctest.Wait()
				for other, n := range r.srv.Stats().Limits {
					if n > 0 && (other != LimitQueueBytes || l == LimitQueueBytes) { // beyond which a sender is slowed
						t.Errorf("an honest peer came to %s", other)
					}
				}
			})
		})
	}
}

func (row limitRow) play(t *testing.T, l Limit) {
	told := make(chan LimitHit, 100)
	a := newApp()
	cfg := Config{PingInterval: time.Hour, MaxPayload: row.payload, Limits: row.limits, OnLimit: func(h LimitHit) { told <- h }}
	r := newRig(t, true, cfg, a)
	healthy, p := r.open()
	count := func() uint64 { synctest.Wait(); return r.srv.Stats().Limits[l] }
	row.within(r)
	time.Sleep(time.Second)
	if n := count(); n != 0 {
		t.Errorf("within the limit it counts %d", n)
	}
	row.above(r)
	if n := count(); n != 1 {
		t.Errorf("beyond the limit it counts %d", n)
	}
	hits := 0
	for len(told) > 0 {
		if h := <-told; h.Limit == l {
			hits++
			if h.Request == nil {
				t.Error("nothing is told of the request")
			}
		}
	}
	if hits != 1 {
		t.Errorf("it was told %d times", hits)
	}
	r.posts(healthy, "4still here", http.StatusOK)
	p.wantOpen(t)
	r.srv.memory.limit = func() int64 { return math.MaxInt64 }
}
