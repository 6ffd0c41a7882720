// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sockgen/sockgen/runtime/engineio"
)

var heartbeatCases = []check{
	{"R101", "first_ping", func(t *testing.T) {
		start := time.Now()
		w := lively.open(t, EnginePath)
		w.want("2")
		within(t, "the ping", time.Since(start), 300*time.Millisecond, patience)
		w.send("3", "4x")
		w.want("4x")
	}},
	{"R101", "first_ping_by_polling", func(t *testing.T) {
		start := time.Now()
		c := lively.poll(t, EnginePath)
		c.get().is(t, 200, "2")
		within(t, "the ping", time.Since(start), 300*time.Millisecond, patience)
		c.ok("3")
		c.ok("4x")
		c.get().is(t, 200, "4x")
	}},
	{"R102", "next_ping_counts_from_the_pong", func(t *testing.T) {
		w := lively.open(t, EnginePath)
		for range 3 {
			w.want("2")
			time.Sleep(100 * time.Millisecond)
			pong := time.Now()
			w.send("3")
			w.want("2")
			within(t, "the next ping", time.Since(pong), 300*time.Millisecond, patience)
			w.send("3")
		}
	}},
	{"D11", "no_fixed_ticker", func(t *testing.T) {
		w := lively.open(t, EnginePath)
		w.want("2")
		time.Sleep(120 * time.Millisecond)
		pong := time.Now()
		w.send("3")
		w.want("2")
		within(t, "the next ping", time.Since(pong), 300*time.Millisecond, patience)
	}},
	{"R102", "unasked_pong_postpones_the_ping", func(t *testing.T) {
		w := lively.open(t, EnginePath)
		time.Sleep(150 * time.Millisecond)
		pong := time.Now()
		w.send("3")
		w.want("2")
		within(t, "the ping", time.Since(pong), 300*time.Millisecond, patience)
	}},
	{"R102", "answered_pings", answersPings},
	{"R103", "no_pong_over_websocket", func(t *testing.T) {
		attempts(t, func() error {
			start := time.Now()
			w := suite.open(t, probePath)
			if err := wantText(w, "2"); err != nil {
				return err
			}
			w.closed(0)
			w.seat(suite).ends(t, engineio.PingTimeout)
			within(t, "the end", time.Since(start), 500*time.Millisecond, patience)
			return nil
		})
	}},
	{"R103", "other_packets_are_no_pong", func(t *testing.T) {
		w := suite.open(t, probePath)
		seat := w.seat(suite)
		var reason engineio.CloseReason
		for deadline := time.Now().Add(patience); reason == "" && time.Now().Before(deadline); {
			w.send("4busy")
			select {
			case reason = <-seat.closed:
			case <-time.After(10 * time.Millisecond):
			}
		}
		if reason != engineio.PingTimeout {
			t.Fatalf("closed with %q, want a ping timeout", reason)
		}
	}},
	{"R103", "pending_get", pingTimeoutWithGet},
	{"V111", "pending_get", pingTimeoutWithGet},
	{"R104", "no_get_after_500_ms", noGet},
	{"D18", "timers_are_fine_enough", noGet},
	{"R104", "never_early", func(t *testing.T) {
		start := time.Now()
		c := suite.poll(t, probePath)
		c.seat().ends(t, engineio.PingTimeout)
		within(t, "the end", time.Since(start), 500*time.Millisecond, patience)
	}},
	{"R107", "traffic_does_not_replace_the_ping", func(t *testing.T) {
		w := lively.open(t, EnginePath)
		pings := 0
		for start := time.Now(); pings < 3; {
			if time.Since(start) > patience {
				t.Fatalf("%d pings", pings)
			}
			w.send("4busy")
			switch got := w.text(); got {
			case "2":
				pings++
				w.send("3")
				w.want("4busy")
			case "4busy":
			default:
				t.Fatalf("got %q", got)
			}
			time.Sleep(5 * time.Millisecond)
		}
	}},
	{"R108", "the_ping_waits_its_turn", func(t *testing.T) {
		c := lively.poll(t, probePath)
		c.seat().say(t, "a", "b")
		time.Sleep(400 * time.Millisecond)
		c.get().is(t, 200, "4a\x1e4b\x1e2")
	}},
	{"R177", "a_slow_handler_does_not_stop_the_heartbeat", slowHandler},
	{"D11", "a_slow_handler_does_not_stop_the_heartbeat", slowHandler},
	{"R73", "websocket_pings_are_no_heartbeat", func(t *testing.T) {
		w := suite.open(t, probePath)
		w.frame(fin|opPing, nil)
		w.frame(fin|opPong, nil)
		w.seat(suite).ends(t, engineio.PingTimeout)
	}},
}

// pingTimeoutWithGet has to begin its GET within 200 ms of the ping. On a busy
// machine that may fail.
func pingTimeoutWithGet(t *testing.T) {
	attempts(t, func() error {
		c := suite.poll(t, probePath)
		if r := c.get(); r.body != "2" {
			return fmt.Errorf("answered %d %q, want the ping", r.status, r.body)
		}
		r := c.get()
		if r.status == 200 {
			r.is(t, 200, "1")
			c.seat().ends(t, engineio.PingTimeout)
			c.gone()
			return nil
		}
		return fmt.Errorf("answered %d %q, want the end", r.status, r.body)
	})
}

// answersPings lives for a second with the suites' times.
func answersPings(t *testing.T) {
	attempts(t, func() error {
		w := suite.open(t, EnginePath)
		for range 3 {
			if err := wantText(w, "2"); err != nil {
				return err
			}
			w.send("3")
		}
		return nil
	})
}

// attempts is for what 200 ms of delay by other processes can spoil.
func attempts(t *testing.T, f func() error) {
	t.Helper()
	var err error
	for range 30 {
		if err = f(); err == nil {
			return
		}
	}
	t.Fatal(err)
}

// noGet is the published suite's test. Other processes may delay the server's
// timer beyond 500 ms.
func noGet(t *testing.T) {
	attempts(t, func() error {
		c := suite.poll(t, EnginePath)
		time.Sleep(500 * time.Millisecond)
		r := c.get()
		if r.status != 400 {
			return fmt.Errorf("answered %d %q after 500 ms", r.status, r.body)
		}
		r.refused(t, 1)
		return nil
	})
}

func slowHandler(t *testing.T) {
	w := lively.open(t, SocketPath)
	w.send("40")
	for pings := 0; ; {
		switch got := w.text(); {
		case got == "2":
			pings++
			w.send("3")
		case strings.HasPrefix(got, `40{"sid":`): // on a busy machine a ping may come first
		case got == `42["auth",{}]`:
			w.send(`421["sleep",1200]`)
			pings = 0
		case got == "431[]":
			if pings < 2 {
				t.Fatalf("%d pings while the handler slept", pings)
			}
			return
		default:
			t.Fatalf("got %q", got)
		}
	}
}
