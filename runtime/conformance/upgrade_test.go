// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sockgen/sockgen/runtime/engineio"
)

var upgradeCases = []check{
	{"R80", "revision_of_the_session", func(t *testing.T) {
		c := steady.poll(t, EnginePath)
		target := strings.NewReplacer("polling", "websocket", "EIO=4", "EIO=3").Replace(c.target)
		refusedWith(t, steady.refusedUpgrade(t, "GET", target, wsHeaders), "Bad request")
		c.ok("4x")
		c.get().is(t, 200, "4x")
	}},
	{"R81", "no_open_packet", func(t *testing.T) {
		c := steady.poll(t, EnginePath)
		w := c.upgrade()
		w.silent(settle)
		w.send("2probe")
		w.want("3probe")
	}},
	{"R82", "overtakes_the_queue", func(t *testing.T) {
		c := steady.poll(t, probePath)
		c.seat().say(t, "queued")
		w := c.upgrade()
		w.send("2probe")
		w.want("3probe")
		w.send("5")
		w.want("4queued")
	}},
	{"R83", "pending_get_gets_a_noop", func(t *testing.T) {
		c := steady.poll(t, EnginePath)
		p := c.wait()
		w := c.upgrade()
		w.send("2probe")
		w.want("3probe")
		p.wait().is(t, 200, "6")
		w.send("5", "4x")
		w.want("4x")
	}},
	{"R83", "later_gets_too", laterGets},
	{"D8", "more_than_one_noop", laterGets},
	{"R84", "later_noops_are_spaced", func(t *testing.T) {
		c := steady.poll(t, EnginePath)
		w := c.upgrade()
		w.send("2probe")
		w.want("3probe")
		c.get().is(t, 200, "6")
		start := time.Now()
		for range 3 {
			c.get().is(t, 200, "6")
		}
		// The first one's time is known only roughly.
		within(t, "three noops", time.Since(start), 200*time.Millisecond, patience)
	}},
	{"R85", "polling_works_during_the_probe", func(t *testing.T) {
		c := steady.poll(t, EnginePath)
		w := c.upgrade()
		w.send("2probe")
		w.want("3probe")
		c.ok("4by post")
		c.get().is(t, 200, "4by post")
		c.ok("4buffered")
		w.send("5")
		w.want("4buffered")
	}},
	{"R86", "frames_right_behind_the_upgrade_packet", func(t *testing.T) {
		c := steady.poll(t, EnginePath)
		w := c.upgrade()
		w.send("2probe")
		w.want("3probe")
		w.raw(append(masked(fin|opText, []byte("5")), masked(fin|opText, []byte("4hello"))...))
		w.want("4hello")
	}},
	{"R86", "everything_in_one_segment", func(t *testing.T) {
		c := steady.poll(t, EnginePath)
		c.ok("4first")
		w := c.upgrade()
		var all []byte
		for _, text := range []string{"2probe", "5", "4second"} {
			all = append(all, masked(fin|opText, []byte(text))...)
		}
		w.raw(all)
		w.want("3probe", "4first", "4second")
	}},
	{"R87", "get_still_pending_at_the_switch", func(t *testing.T) {
		c := steady.poll(t, EnginePath)
		p := c.wait()
		w := c.upgrade()
		w.send("5") // without a probe nothing releases the GET before
		p.wait().is(t, 200, "1")
		w.send("4x")
		w.want("4x")
	}},
	{"R88", "the_answer_precedes_the_first_frame", func(t *testing.T) {
		for i := range 20 {
			c := steady.poll(t, probePath)
			seat := c.seat()
			p := steady.begin(t, "GET", c.target, "")
			w := c.upgrade()
			seat.say(t, fmt.Sprint("a", i), fmt.Sprint("b", i))
			w.send("2probe")
			w.want("3probe")
			polled := ""
			if r := p.wait(); r.status == 200 {
				polled = strings.TrimSuffix(strings.TrimPrefix(r.body, "6"), "\x1e")
			}
			w.send("5")
			rest := strings.TrimPrefix(fmt.Sprintf("4a%d\x1e4b%d", i, i), polled)
			for _, text := range strings.Split(strings.Trim(rest, "\x1e"), "\x1e") {
				if text != "" {
					w.want(text)
				}
			}
			seat.say(t, "end")
			w.want("4end")
		}
	}},
	{"R246", "a_post_in_flight_at_the_switch_goes_first", func(t *testing.T) {
		c := steady.poll(t, probePath)
		post := c.arrive("POST", "4by", "Content-Length: 7")
		w := c.upgraded()
		w.send("4by frame")
		time.Sleep(settle)
		if _, err := post.conn.Write([]byte(" pos")); err != nil {
			t.Fatal(err)
		}
		post.wait().is(t, 200, "ok")
		c.seat().heard(t, "by pos", "by frame")
	}},
	{"R89", "polling_is_refused_afterwards", refusedAfterUpgrade},
	{"V113", "polling_is_refused_afterwards", refusedAfterUpgrade},
	{"R90", "plain_get_for_websocket", func(t *testing.T) {
		c := steady.poll(t, EnginePath)
		plain := strings.Replace(c.target, "polling", "websocket", 1)
		steady.get(t, plain).refused(t, 3)
		w := c.upgraded()
		steady.get(t, plain).refused(t, 3)
		w.send("4x")
		w.want("4x")
	}},
	{"R91", "second_websocket_during_the_probe", func(t *testing.T) {
		c := steady.poll(t, EnginePath)
		w := c.upgrade()
		w.send("2probe")
		w.want("3probe")
		c.upgrade().closed(0)
		w.send("5", "4x")
		w.want("4x")
	}},
	{"R91", "second_websocket_after_the_switch", func(t *testing.T) {
		c := steady.poll(t, EnginePath)
		w := c.upgraded()
		w.send("4x")
		w.want("4x")
		c.upgrade().closed(0)
		w.send("4y")
		w.want("4y")
	}},
	{"R91", "websocket_for_a_websocket_session", func(t *testing.T) {
		w := steady.open(t, EnginePath)
		steady.dial(t, EnginePath+"?EIO=4&transport=websocket&sid="+w.sid).closed(0)
		w.send("4x")
		w.want("4x")
	}},
	{"R92", "without_a_probe", func(t *testing.T) {
		c := steady.poll(t, EnginePath)
		w := c.upgrade()
		w.send("5", "4x")
		w.want("4x")
	}},
	{"R92", "probes_may_be_repeated", func(t *testing.T) {
		c := steady.poll(t, EnginePath)
		w := c.upgrade()
		for range 5 {
			w.send("2probe")
			w.want("3probe")
		}
		w.send("5", "4x")
		w.want("4x")
	}},
	{"R94", "timeout_closes_the_probe_alone", func(t *testing.T) {
		c := hasty.poll(t, EnginePath)
		start := time.Now()
		w := c.upgrade()
		w.send("2probe")
		w.want("3probe")
		w.closed(0)
		within(t, "the end of the probe", time.Since(start), time.Second, patience)
		c.ok("4x")
		c.get().is(t, 200, "4x")
		w = c.upgraded()
		w.send("4y")
		w.want("4y")
	}},
	{"R95", "dropped_probe", func(t *testing.T) {
		c := steady.poll(t, EnginePath)
		w := c.upgrade()
		w.send("2probe")
		w.want("3probe")
		w.conn.Close()
		tryUpgradeAgain(t, c)
	}},
	{"R95", "closed_probe", func(t *testing.T) {
		c := steady.poll(t, EnginePath)
		c.upgrade().bye()
		tryUpgradeAgain(t, c)
	}},
	{"R96", "session_ends_during_the_probe", func(t *testing.T) {
		c := steady.poll(t, EnginePath)
		w := c.upgrade()
		w.send("2probe")
		w.want("3probe")
		c.ok("1")
		w.closed(0)
		c.gone()
	}},
	{"R97", "server_closes_during_the_probe", func(t *testing.T) {
		c := steady.poll(t, probePath)
		seat := c.seat()
		w := c.upgrade()
		w.send("2probe")
		w.want("3probe")
		seat.say(t, "last words")
		seat.Close(engineio.ForcedClose)
		w.send("5")
		w.want("4last words")
		w.closed(0)
		seat.ends(t, engineio.ForcedClose)
	}},
	{"R99", "heartbeat_over_the_switch", func(t *testing.T) {
		c := lively.poll(t, probePath)
		c.get().is(t, 200, "2")
		w := c.upgraded()
		w.send("3")
		w.want("2")
		w.send("3")
		w.want("2")
		w.bye()
		c.seat().ends(t, engineio.TransportClose)
	}},
	{"R100", "get_right_behind_the_upgrade_packet", func(t *testing.T) {
		// The server holds such a GET for a moment only, which a busy machine may
		// use up: then the answer is a noop.
		const sessions, tolerated = 30, 8
		noops := 0
		for range sessions {
			c := steady.poll(t, EnginePath)
			w := c.upgrade()
			w.send("2probe")
			w.want("3probe")
			w.send("5")
			if r := c.get(); r.status == 200 && r.body == "6" {
				noops++
			} else {
				r.refused(t, 3)
			}
			w.send("4x")
			w.want("4x")
		}
		if noops > tolerated {
			t.Fatalf("%d of %d GETs were answered with a noop", noops, sessions)
		}
	}},
	{"CVE-2022-41940", "reset_during_the_upgrade", func(t *testing.T) {
		c := steady.poll(t, EnginePath)
		for range 10 {
			reset(t, steady, "GET "+strings.Replace(c.target, "polling", "websocket", 1)+" HTTP/1.1\r\nHost: x\r\n"+wsHeaders+"\r\n")
		}
		tryUpgradeAgain(t, c)
	}},
	{"CVE-2022-21676", "invalid_frame_right_after_the_101", func(t *testing.T) {
		c := steady.poll(t, EnginePath)
		w := c.upgrade()
		w.frame(fin|0x70|3, []byte("x"))
		w.closed(1002)
		tryUpgradeAgain(t, c)
	}},
}

// badFirst are first packets of a probing WebSocket that end the probe alone.
var badFirst = []string{"2", "40", "4x", "<01>", "garbage", "1", "3probe"}

func badFirstChecks() []check {
	var checks []check
	for _, packet := range badFirst {
		checks = append(checks, check{"R93", "first_packet_" + packet, func(t *testing.T) {
			c := steady.poll(t, EnginePath)
			w := c.upgrade()
			w.send(packet)
			w.closed(0)
			tryUpgradeAgain(t, c)
		}})
	}
	return checks
}

// tryUpgradeAgain checks that the session goes on by polling and that another
// upgrade succeeds, once the server has noticed the end of the first.
func tryUpgradeAgain(t *testing.T, c *session) {
	t.Helper()
	c.ok("4x")
	c.get().is(t, 200, "4x")
	target := strings.Replace(c.target, "polling", "websocket", 1)
	for deadline := time.Now().Add(patience); ; time.Sleep(5 * time.Millisecond) {
		w, res := c.site.tryDial(t, target)
		if w != nil {
			w.send("2probe", "5", "4y")
			w.want("3probe", "4y")
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("another upgrade is answered %s", res.Status)
		}
	}
}

func laterGets(t *testing.T) {
	c := steady.poll(t, EnginePath)
	w := c.upgrade()
	w.send("2probe")
	w.want("3probe")
	start := time.Now()
	for range 4 {
		c.get().is(t, 200, "6")
	}
	within(t, "four noops", time.Since(start), 0, 5*time.Second)
	w.send("5", "4x")
	w.want("4x")
}

func refusedAfterUpgrade(t *testing.T) {
	c := steady.poll(t, EnginePath)
	w := c.upgraded()
	w.send("4x")
	w.want("4x")
	c.get().refused(t, 3)
	c.post("4y").refused(t, 3)
	w.send("4z")
	w.want("4z")
}
