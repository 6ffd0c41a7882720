package conformance

import (
	"fmt"
	"net/http"
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
		refusedWith(t, secondUpgrade(t, c), "Bad request")
		w.send("5", "4x")
		w.want("4x")
	}},
	{"R91", "second_websocket_after_the_switch", func(t *testing.T) {
		c := steady.poll(t, EnginePath)
		w := c.upgraded()
		w.send("4x")
		w.want("4x")
		refusedWith(t, secondUpgrade(t, c), "Bad request")
		w.send("4y")
		w.want("4y")
	}},
	{"R91", "websocket_for_a_websocket_session", func(t *testing.T) {
		w := steady.open(t, EnginePath)
		target := EnginePath + "?EIO=4&transport=websocket&sid=" + w.sid
		refusedWith(t, steady.refusedUpgrade(t, "GET", target, wsHeaders), "Bad request")
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
		within(t, "the end of the probe", time.Since(start), 400*time.Millisecond, patience)
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
		c := suite.poll(t, probePath)
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

// secondUpgrade tries an upgrade that must be refused.
func secondUpgrade(t *testing.T, c *session) string {
	t.Helper()
	return c.site.refusedUpgrade(t, "GET", strings.Replace(c.target, "polling", "websocket", 1), wsHeaders)
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

var heartbeatCases = []check{
	{"R101", "first_ping", func(t *testing.T) {
		start := time.Now()
		w := suite.open(t, EnginePath)
		w.want("2")
		within(t, "the ping", time.Since(start), 300*time.Millisecond, patience)
		w.send("3", "4x")
		w.want("4x")
	}},
	{"R101", "first_ping_by_polling", func(t *testing.T) {
		start := time.Now()
		c := suite.poll(t, EnginePath)
		c.get().is(t, 200, "2")
		within(t, "the ping", time.Since(start), 300*time.Millisecond, patience)
		c.ok("3")
		c.ok("4x")
		c.get().is(t, 200, "4x")
	}},
	{"R102", "next_ping_counts_from_the_pong", func(t *testing.T) {
		w := suite.open(t, EnginePath)
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
		w := suite.open(t, EnginePath)
		w.want("2")
		time.Sleep(120 * time.Millisecond)
		pong := time.Now()
		w.send("3")
		w.want("2")
		within(t, "the next ping", time.Since(pong), 300*time.Millisecond, patience)
	}},
	{"R102", "unasked_pong_postpones_the_ping", func(t *testing.T) {
		w := suite.open(t, EnginePath)
		time.Sleep(150 * time.Millisecond)
		pong := time.Now()
		w.send("3")
		w.want("2")
		within(t, "the ping", time.Since(pong), 300*time.Millisecond, patience)
	}},
	{"R103", "no_pong_over_websocket", func(t *testing.T) {
		start := time.Now()
		w := suite.open(t, probePath)
		w.want("2")
		w.closed(0)
		w.seat(suite).ends(t, engineio.PingTimeout)
		within(t, "the end", time.Since(start), 500*time.Millisecond, patience)
	}},
	{"R103", "other_packets_are_no_pong", func(t *testing.T) {
		w := suite.open(t, probePath)
		seat := w.seat(suite)
		w.want("2")
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
		w := suite.open(t, EnginePath)
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
		c := suite.poll(t, probePath)
		c.seat().say(t, "a", "b")
		time.Sleep(400 * time.Millisecond)
		c.get().is(t, 200, "4a\x1e4b\x1e2")
	}},
	{"R177", "a_slow_handler_does_not_stop_the_heartbeat", slowHandler},
	{"D11", "a_slow_handler_does_not_stop_the_heartbeat", slowHandler},
	{"R73", "websocket_pings_are_no_heartbeat", func(t *testing.T) {
		w := suite.open(t, probePath)
		w.want("2")
		w.frame(fin|opPing, nil)
		w.frame(fin|opPong, nil)
		w.seat(suite).ends(t, engineio.PingTimeout)
	}},
}

func pingTimeoutWithGet(t *testing.T) {
	c := suite.poll(t, probePath)
	c.get().is(t, 200, "2")
	suite.get(t, c.target).is(t, 200, "1")
	c.seat().ends(t, engineio.PingTimeout)
	c.gone()
}

// noGet is the published suite's test. Other processes may delay the server's
// timer beyond 500 ms, hence three attempts.
func noGet(t *testing.T) {
	var r reply
	for range 3 {
		c := suite.poll(t, EnginePath)
		time.Sleep(500 * time.Millisecond)
		if r = c.get(); r.status == 400 {
			break
		}
	}
	r.refused(t, 1)
}

func slowHandler(t *testing.T) {
	w := suite.open(t, SocketPath)
	play(t, w, "> 40", joined, `> 421["sleep",1200]`)
	for pings := 0; ; {
		switch got := w.text(); got {
		case "2":
			pings++
			w.send("3")
		case "431[]":
			if pings < 2 {
				t.Fatalf("%d pings while the handler slept", pings)
			}
			return
		default:
			t.Fatalf("got %q", got)
		}
	}
}

// corsCase is about the headers of section 11.
type corsCase struct {
	rule, name string
	cors       engineio.CORS
	method     string
	origin     string
	status     int
	header     map[string]string // "" must be absent
}

const (
	allowOrigin = "Access-Control-Allow-Origin"
	allowCookie = "Access-Control-Allow-Credentials"
)

var corsCases = []corsCase{
	{"R123", "off", engineio.CORS{}, "GET", "", 200, map[string]string{allowOrigin: "", allowCookie: ""}},
	{"R123", "off_for_foreign_pages", engineio.CORS{}, "GET", "http://a.example", 403, map[string]string{allowOrigin: "", allowCookie: ""}},
	{"CVE-2020-28481", "off_by_default", engineio.CORS{}, "GET", "http://a.example", 403, map[string]string{allowOrigin: ""}},
	{"R123", "every_origin", engineio.CORS{Origins: []string{"*"}}, "GET", "http://a.example", 200, map[string]string{allowOrigin: "*"}},
	{"R123", "listed", engineio.CORS{Origins: []string{"http://a.example"}}, "GET", "http://a.example", 200,
		map[string]string{allowOrigin: "http://a.example", "Vary": "Origin"}},
	{"R123", "not_listed", engineio.CORS{Origins: []string{"http://a.example"}}, "GET", "http://b.example", 403, map[string]string{allowOrigin: ""}},
	{"R123", "credentials", engineio.CORS{Origins: []string{"http://a.example"}, Credentials: true}, "GET", "http://a.example", 200,
		map[string]string{allowOrigin: "http://a.example", allowCookie: "true"}},
	{"R123", "exposed_headers", engineio.CORS{Origins: []string{"*"}, ExposedHeaders: []string{"X-One", "X-Two"}}, "GET", "http://a.example", 200,
		map[string]string{"Access-Control-Expose-Headers": "X-One,X-Two"}},
	{"R124", "preflight", engineio.CORS{Origins: []string{"http://a.example"}}, "OPTIONS", "http://a.example", 204, map[string]string{
		allowOrigin: "http://a.example", "Access-Control-Allow-Methods": "GET,HEAD,PUT,PATCH,POST,DELETE",
		"Access-Control-Allow-Headers": "x-asked", "Vary": "Origin, Access-Control-Request-Headers"}},
	{"R124", "listed_headers_and_age", engineio.CORS{Origins: []string{"*"}, AllowedHeaders: []string{"X-A"}, MaxAge: time.Minute}, "OPTIONS", "http://a.example", 204,
		map[string]string{"Access-Control-Allow-Headers": "X-A", "Access-Control-Max-Age": "60"}},
	{"R126", "no_cookie", engineio.CORS{}, "GET", "", 200, map[string]string{"Set-Cookie": ""}},
}

func corsChecks() []check {
	var checks []check
	for _, c := range corsCases {
		checks = append(checks, check{c.rule, c.name, func(t *testing.T) {
			headers := []string{"Access-Control-Request-Headers: x-asked"}
			if c.origin != "" {
				headers = append(headers, "Origin: "+c.origin)
			}
			r := private(t, Config{CORS: c.cors}).do(t, c.method, polling, "", headers...)
			if r.status != c.status || c.status == 204 && r.body != "" {
				t.Fatalf("answered %d %q, want %d", r.status, r.body, c.status)
			}
			for key, want := range c.header {
				if got := strings.Join(r.header.Values(key), ", "); got != want {
					t.Errorf("%s: %q, want %q", key, got, want)
				}
			}
		}})
	}
	return append(checks,
		check{"R125", "star_with_credentials", func(t *testing.T) {
			if EngineConfig(Config{CORS: engineio.CORS{Origins: []string{"*"}, Credentials: true}}).Validate() == nil {
				t.Fatal("the configuration is accepted")
			}
		}},
		check{"R128", "wrapped_response_writers", func(t *testing.T) {
			s := private(t, Config{})
			inner := s.http.Handler
			wrapped := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { inner.ServeHTTP(wrapper{w}, r) })
			s.addr = listen(t, wrapped)
			c := s.poll(t, EnginePath)
			w := c.upgraded()
			w.send("4x")
			w.want("4x")
		}})
}

// A wrapper hides everything of a ResponseWriter but what Unwrap gives.
type wrapper struct{ http.ResponseWriter }

func (w wrapper) Unwrap() http.ResponseWriter { return w.ResponseWriter }
