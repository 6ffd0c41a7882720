// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sockgen/sockgen/runtime/engineio"
)

// A request is one GET, or another method, and the error code of its answer, -1
// for 200 with an open packet.
type request struct {
	rule, name   string
	method, path string // path with query; GET when method is empty
	code         int
}

const polling = SocketPath + "?EIO=4&transport=polling"

// requests need no session and go to the site without CORS.
var requests = []request{
	{"R1", "handshake", "", polling, -1},
	{"R1", "more_path", "", "/socket.io/foo/?EIO=4&transport=polling", -1},
	{"R2", "cache_buster", "", polling + "&t=5v12uhnk", -1},
	{"R2", "other_parameters", "", polling + "&x=1&y", -1},
	{"R2", "jsonp_index_is_ignored", "", polling + "&j=7", -1},
	{"R3", "last_revision_wins", "", SocketPath + "?EIO=3&transport=polling&EIO=4", -1},
	{"R3", "last_revision_is_bad", "", SocketPath + "?EIO=4&transport=polling&EIO=3", 5},
	{"R3", "last_transport_wins", "", SocketPath + "?EIO=4&transport=polling&transport=abc", 0},
	{"R3", "empty_sid_is_none", "", polling + "&sid=", -1},
	{"R3", "last_sid_is_empty", "", polling + "&sid=nope&sid=", -1},
	{"R4", "sid_constructor", "", polling + "&sid=constructor", 1},
	{"R4", "sid_proto", "", polling + "&sid=__proto__", 1},
	{"R4", "sid_toString", "", polling + "&sid=toString", 1},
	{"R4", "transport_proto", "", SocketPath + "?EIO=4&transport=__proto__", 0},
	{"R4", "transport_toString", "", SocketPath + "?EIO=4&transport=toString", 0},
	{"R4", "transport_array", "", SocketPath + "?EIO=4&transport[]=polling", 0},
	{"R7", "unknown_sid_and_transport", "", SocketPath + "?EIO=4&transport=abc&sid=nope", 0},
	{"R7", "empty_transport", "", SocketPath + "?EIO=4&transport=", 0},
	{"R7", "upper_case_transport", "", SocketPath + "?EIO=4&transport=POLLING", 0},
	{"R7", "before_the_method", "POST", SocketPath + "?EIO=4&transport=abc", 0},
	{"R7", "before_the_revision", "", SocketPath + "?EIO=3&transport=abc", 0},
	{"R9", "unknown_sid", "", polling + "&sid=AAAAAAAAAAAAAAAAAAAA", 1},
	{"R9", "unknown_sid_post", "POST", polling + "&sid=nope", 1},
	{"R9", "unknown_sid_before_the_revision", "", SocketPath + "?EIO=3&transport=polling&sid=nope", 1},
	{"R9", "long_sid", "", polling + "&sid=" + strings.Repeat("A", 4000), 1},
	{"R10", "post", "POST", polling, 2},
	{"R10", "plain_websocket", "", SocketPath + "?EIO=4&transport=websocket", 3},
	{"R10", "method_before_plain_websocket", "POST", SocketPath + "?EIO=4&transport=websocket", 2},
	{"R10", "hook_refuses", "", polling + "&deny=1", 4},
	{"R10", "method_before_the_hook", "POST", polling + "&deny=1", 2},
	{"R11", "revision_after_the_hook", "", SocketPath + "?EIO=3&transport=polling&deny=1", 4},
	{"R11", "no_revision", "", SocketPath + "?transport=polling", 5},
	{"R11", "method_before_the_revision", "POST", SocketPath + "?EIO=3&transport=polling", 2},
	{"R11", "decimal_revision", "", SocketPath + "?EIO=4.0&transport=polling", 5},
	{"R11", "long_revision", "", SocketPath + "?EIO=44&transport=polling", 5},
	{"R15", "put", "PUT", polling, 2},
	{"R15", "delete", "DELETE", polling, 2},
	{"R15", "patch", "PATCH", polling, 2},
	{"R15", "options", "OPTIONS", polling, 2},
	{"V90", "no_query", "", SocketPath, 0},
	{"V90", "no_transport", "", SocketPath + "?EIO=4", 0},
	{"V90", "unknown_transport", "", SocketPath + "?EIO=4&transport=abc", 0},
	{"V90", "constructor", "", SocketPath + "?EIO=4&transport=constructor", 0},
	{"V90", "webtransport", "", SocketPath + "?EIO=4&transport=webtransport", 0},
	{"V91", "no_revision", "", SocketPath + "?transport=polling", 5},
	{"V91", "letters", "", SocketPath + "?EIO=abc&transport=polling", 5},
	{"V91", "three", "", SocketPath + "?EIO=3&transport=polling", 5},
	{"V91", "five", "", SocketPath + "?EIO=5&transport=polling", 5},
	{"V92", "post", "POST", polling, 2},
	{"V92", "put", "PUT", polling, 2},
	{"V92", "options", "OPTIONS", polling, 2},
	{"V93", "plain_websocket", "", SocketPath + "?EIO=4&transport=websocket", 3},
	{"V94", "unknown_sid", "", polling + "&sid=nope", 1},
	{"V95", "hook", "", polling + "&deny=1", 4},
	{"D1", "wrong_revision_is_code_5", "", SocketPath + "?EIO=3&transport=polling", 5},
}

func requestChecks() []check {
	var checks []check
	for _, q := range requests {
		checks = append(checks, check{q.rule, q.name, func(t *testing.T) {
			method := q.method
			if method == "" {
				method = "GET"
			}
			r := small.do(t, method, q.path, "")
			if q.code < 0 {
				if r.status != 200 {
					t.Fatalf("answered %d %q, %v", r.status, r.body, r.err)
				}
				sidOf(t, r.body)
				return
			}
			r.refused(t, q.code)
			if got := r.header.Get("Content-Type"); got != "application/json" {
				t.Errorf("Content-Type %q, want application/json", got) // R14
			}
		}})
	}
	return checks
}

// opening are the other cases of sections 1 to 3.
var opening = []check{
	{"R1", "no_slash_at_the_end", func(t *testing.T) {
		if r := small.get(t, "/socket.io?EIO=4&transport=polling"); r.status != 404 {
			t.Fatalf("answered %d %q, want 404", r.status, r.body)
		}
	}},
	{"R6", "other_path", func(t *testing.T) {
		if r := small.get(t, "/elsewhere/?EIO=4&transport=polling"); r.status != 404 {
			t.Fatalf("answered %d %q, want 404", r.status, r.body)
		}
	}},
	{"R6", "upgrade_of_another_path", func(t *testing.T) {
		answer := small.refusedUpgrade(t, "GET", "/elsewhere/?EIO=4&transport=websocket", strings.Replace(wsHeaders, "Upgrade\r\n", "Upgrade, close\r\n", 1))
		if !strings.HasPrefix(answer, "HTTP/1.1 404 ") {
			t.Fatalf("answered %q, want 404", answer)
		}
	}},
	{"R13", "only_handshakes", func(t *testing.T) {
		var calls atomic.Int32
		s := private(t, Config{AllowRequest: func(*http.Request) error { calls.Add(1); return nil }})
		c := s.poll(t, EnginePath)
		c.ok("4a")
		c.get().is(t, 200, "4a")
		w := c.upgraded()
		w.send("4b")
		w.want("4b")
		if n := calls.Load(); n != 1 {
			t.Fatalf("the hook ran %d times, want once", n)
		}
	}},
	{"R14", "text_of_the_hook", func(t *testing.T) {
		small.get(t, polling+"&deny=text").is(t, 403, `{"code":4,"message":"Thou shall not pass"}`)
	}},
	{"R14", "cors_on_errors", func(t *testing.T) {
		r := steady.get(t, SocketPath+"?EIO=4&transport=abc", "Origin: http://elsewhere.example")
		r.refused(t, 0)
		if got := r.header.Get("Access-Control-Allow-Origin"); got != "*" {
			t.Fatalf("Access-Control-Allow-Origin %q, want *", got)
		}
	}},
	{"R15", "head_without_session", headRefused},
	{"R32", "head", headRefused},
	{"V92", "head", headRefused},
	{"R15", "other_methods_leave_the_session", otherMethods},
	{"V107", "put_and_delete", otherMethods},
	{"R25", "answer", func(t *testing.T) {
		r := private(t, Config{}).get(t, polling)
		const rest = `","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}`
		if r.status != 200 || r.length != 118 || !matches(`0{"sid":"<SID>`+rest, r.body) {
			t.Fatalf("answered %d, Content-Length %d, %q", r.status, r.length, r.body)
		}
		for key, want := range map[string]string{"Content-Type": "text/plain; charset=UTF-8", "Cache-Control": "no-store"} {
			if got := r.header.Get(key); got != want {
				t.Errorf("%s: %q, want %q", key, got, want)
			}
		}
	}},
	{"R26", "five_keys", func(t *testing.T) {
		var open map[string]json.RawMessage
		if err := json.Unmarshal([]byte(suite.get(t, polling).body[1:]), &open); err != nil {
			t.Fatal(err)
		}
		keys := slices.Sorted(maps.Keys(open))
		if want := []string{"maxPayload", "pingInterval", "pingTimeout", "sid", "upgrades"}; !slices.Equal(keys, want) {
			t.Fatalf("keys %q, want %q", keys, want)
		}
		for key, want := range map[string]string{"maxPayload": "1000000", "pingInterval": "300", "pingTimeout": "200", "upgrades": `["websocket"]`} {
			if got := string(open[key]); got != want {
				t.Errorf("%s is %s, want %s", key, got, want)
			}
		}
	}},
	{"R27", "none_for_websocket", func(t *testing.T) {
		w := steady.dial(t, SocketPath+"?EIO=4&transport=websocket")
		w.want(`0{"sid":"<SID>","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}`)
	}},
	{"R28", "server_speaks_first", func(t *testing.T) {
		w := steady.dial(t, EnginePath+"?EIO=4&transport=websocket")
		w.want(`0{"sid":"<SID>","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}`)
		w.silent(settle)
	}},
	{"R29", "ids_of_20_characters_that_differ", func(t *testing.T) {
		seen := map[string]bool{}
		for range 50 {
			sid := steady.poll(t, EnginePath).sid // poll checks its form
			if seen[sid] {
				t.Fatalf("%q twice", sid)
			}
			seen[sid] = true
		}
	}},
	{"R30", "first_packets_ride_along", func(t *testing.T) {
		r := steady.get(t, probePath+"?EIO=4&transport=polling&hello=hi&hello=there")
		_, rest, _ := strings.Cut(r.body, "\x1e")
		if rest != "4hi\x1e4there" {
			t.Fatalf("answered %q", r.body)
		}
	}},
	{"R31", "the_id_is_good_at_once", func(t *testing.T) {
		for range 50 {
			c := steady.poll(t, EnginePath)
			c.ok("4x")
		}
	}},
	{"R109", "defaults", func(t *testing.T) {
		if r := private(t, Config{}).get(t, EnginePath+"?EIO=4&transport=polling"); !strings.Contains(r.body, `"pingInterval":25000,"pingTimeout":20000,`) {
			t.Fatalf("answered %q", r.body)
		}
	}},
	{"R2", "query_reaches_the_application", func(t *testing.T) {
		c := steady.poll(t, probePath, "&room=a%20b&hello=x")
		if got := c.seat().Request().Query().Get("room"); got != "a b" {
			t.Fatalf("room is %q", got)
		}
	}},
	{"R8", "control_byte", controlByte},
	{"V114", "control_byte", controlByte},
	{"R9", "session_of_another_transport", func(t *testing.T) {
		w := steady.open(t, EnginePath)
		target := EnginePath + "?EIO=4&transport=polling&sid=" + w.sid
		steady.get(t, target).refused(t, 3)
		steady.do(t, "POST", target, "4x").refused(t, 3)
		w.send("4still here")
		w.want("4still here")
	}},
	{"R9", "revision_of_the_session", func(t *testing.T) {
		c := steady.poll(t, EnginePath)
		for _, revision := range []string{"EIO=3", "EIO=5", "x=1"} {
			steady.get(t, strings.Replace(c.target, "EIO=4", revision, 1)).refused(t, 3)
		}
		c.ok("4x")
		c.get().is(t, 200, "4x")
	}},
}

func headRefused(t *testing.T) {
	s := private(t, Config{})
	if r := s.do(t, "HEAD", polling, ""); r.status != 400 || r.body != "" {
		t.Fatalf("answered %d %q, want 400 without body", r.status, r.body)
	}
	if n := s.Socket.Stats().Sessions; n != 0 {
		t.Fatalf("%d sessions, want none", n)
	}
}

func otherMethods(t *testing.T) {
	c := small.poll(t, SocketPath)
	for _, method := range []string{"PUT", "DELETE", "PATCH", "HEAD"} {
		if r := small.do(t, method, c.target, ""); r.status != 405 && r.status != 500 || r.body != "" {
			t.Errorf("%s: answered %d %q, want 405 without body", method, r.status, r.body)
		}
	}
	c.ok("40")
	if r := c.get(); !strings.Contains(r.body, `40{"sid":"`) {
		t.Fatalf("answered %d %q, want the CONNECT reply", r.status, r.body)
	}
}

// controlByte sends an Origin with a character that no header may have. What reads
// the request refuses it before the server could; the tab is legal there but
// makes no origin.
func controlByte(t *testing.T) {
	for _, c := range []string{"\x01", "\x1f", "\x7f"} {
		if r := steady.get(t, polling, "Origin: http://a"+c+"b"); r.status != 400 {
			t.Errorf("%q: answered %d %q, want 400", c, r.status, r.body)
		}
	}
}

// An upgradeRequest is an upgrade that is refused before the 101.
type upgradeRequest struct {
	rule, name, method, target, headers string
	message                             string
}

const (
	upgrading = SocketPath + "?EIO=4&transport=websocket"
	noKey     = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
)

var upgradeRequests = []upgradeRequest{
	{"R17", "transport", "GET", SocketPath + "?EIO=4&transport=abc", wsHeaders, "Transport unknown"},
	{"R17", "session", "GET", upgrading + "&sid=nope", wsHeaders, "Session ID unknown"},
	{"R17", "hook_is_400_too", "GET", upgrading + "&deny=1", wsHeaders, "Forbidden"},
	{"R17", "hook_with_text", "GET", upgrading + "&deny=text", wsHeaders, "Thou shall not pass"},
	{"R18", "revision_before_the_101", "GET", SocketPath + "?EIO=3&transport=websocket", wsHeaders, "Unsupported protocol version"},
	{"R18", "no_revision", "GET", SocketPath + "?transport=websocket", wsHeaders, "Unsupported protocol version"},
	{"R19", "transport_polling", "GET", SocketPath + "?EIO=4&transport=polling", wsHeaders, "Bad request"},
	{"R20", "version_12", "GET", upgrading, strings.Replace(wsHeaders, "13", "12", 1), "Missing or invalid Sec-WebSocket-Version header"},
	{"R20", "no_key", "GET", upgrading, noKey, "Missing or invalid Sec-WebSocket-Key header"},
	{"R20", "short_key", "GET", upgrading, noKey + "Sec-WebSocket-Key: abc\r\n", "Missing or invalid Sec-WebSocket-Key header"},
	{"R20", "key_that_is_not_base64", "GET", upgrading, noKey + "Sec-WebSocket-Key: " + strings.Repeat("!", 24) + "\r\n", "Missing or invalid Sec-WebSocket-Key header"},
	{"R21", "post", "POST", upgrading, wsHeaders + "Content-Length: 0\r\n", "Bad handshake method"},
	{"R21", "put", "PUT", upgrading, wsHeaders + "Content-Length: 0\r\n", "Bad handshake method"},
	{"R80", "unknown_session", "GET", upgrading + "&sid=AAAAAAAAAAAAAAAAAAAA", wsHeaders, "Session ID unknown"},
	{"V96", "hook", "GET", upgrading + "&deny=1", wsHeaders, "Forbidden"},
	{"V97", "unknown_session", "GET", upgrading + "&sid=nope", wsHeaders, "Session ID unknown"},
	{"D1", "refusal_ends_the_connection", "GET", upgrading + "&sid=nope", wsHeaders, "Session ID unknown"},
	{"CVE-2023-31125", "transport_constructor", "GET", SocketPath + "?EIO=4&transport=constructor", wsHeaders, "Transport unknown"},
	{"CVE-2023-31125", "sid_constructor", "GET", upgrading + "&sid=constructor", wsHeaders, "Session ID unknown"},
	{"CVE-2022-41940", "sid_proto", "GET", upgrading + "&sid=__proto__", wsHeaders, "Session ID unknown"},
}

func upgradeRequestChecks() []check {
	var checks []check
	for _, q := range upgradeRequests {
		checks = append(checks, check{q.rule, q.name, func(t *testing.T) {
			refusedWith(t, small.refusedUpgrade(t, q.method, q.target, q.headers), q.message)
		}})
	}
	return checks
}

// refusedWith checks the answer of R17.
func refusedWith(t *testing.T, answer, message string) {
	t.Helper()
	head, body, _ := strings.Cut(answer, "\r\n\r\n")
	if !strings.HasPrefix(head, "HTTP/1.1 400 Bad Request\r\n") || body != message {
		t.Fatalf("answered %q, want 400 with body %q", answer, message)
	}
	for _, line := range []string{"Connection: close", "Content-type: text/html", fmt.Sprintf("Content-Length: %d", len(message))} {
		if !strings.Contains(head+"\r\n", "\r\n"+line+"\r\n") {
			t.Errorf("no line %q in %q", line, head)
		}
	}
}

// upgradeAnswers are cases about the 101.
var upgradeAnswers = []check{
	{"R20", "version_is_named", func(t *testing.T) {
		answer := small.refusedUpgrade(t, "GET", upgrading, strings.Replace(wsHeaders, "13", "12", 1))
		if !strings.Contains(answer, "\r\nSec-WebSocket-Version: 13") {
			t.Fatalf("answered %q", answer)
		}
	}},
	{"R22", "subprotocols_are_not_echoed", func(t *testing.T) {
		w := steady.dial(t, upgrading, "Sec-WebSocket-Protocol: chat, superchat")
		if got, ok := w.header["Sec-Websocket-Protocol"]; ok {
			t.Fatalf("Sec-WebSocket-Protocol: %q", got)
		}
	}},
	{"R23", "no_compression", noExtensions("permessage-deflate; client_max_window_bits")},
	{"R78", "no_compression", noExtensions("permessage-deflate")},
	{"CVE-2021-32640", "long_subprotocol", func(t *testing.T) {
		start := time.Now()
		w := steady.dial(t, upgrading, "Sec-WebSocket-Protocol: a"+strings.Repeat(" ", 12000)+"b")
		sidOf(t, w.text())
		within(t, "the answer", time.Since(start), 0, 5*time.Second)
	}},
	{"R24", "any_origin_when_all_are_allowed", func(t *testing.T) {
		sidOf(t, steady.dial(t, upgrading, "Origin: https://elsewhere.example").text())
	}},
	{"R24", "foreign_origin_is_refused_when_none_is", func(t *testing.T) {
		answer := small.refusedUpgrade(t, "GET", upgrading, wsHeaders+"Origin: https://evil.example\r\n")
		if !strings.HasPrefix(answer, "HTTP/1.1 403 ") {
			t.Fatalf("answered %q, want 403", answer)
		}
	}},
	{"R24", "own_origin", func(t *testing.T) {
		sidOf(t, small.dial(t, upgrading, "Origin: http://"+small.addr).text())
	}},
	{"D14", "polling_and_websocket_agree", func(t *testing.T) {
		list := private(t, Config{CORS: engineio.CORS{Origins: []string{"https://good.example"}}})
		sidOf(t, list.get(t, polling, "Origin: https://good.example").body)
		sidOf(t, list.dial(t, upgrading, "Origin: https://good.example").text())
		list.get(t, polling, "Origin: https://good.example.evil.example").refused(t, 4)
		if answer := list.refusedUpgrade(t, "GET", upgrading, wsHeaders+"Origin: https://good.example.evil.example\r\n"); !strings.HasPrefix(answer, "HTTP/1.1 403 ") {
			t.Fatalf("answered %q, want 403", answer)
		}
	}},
	{"CVE-2024-37890", "many_headers", func(t *testing.T) {
		many := wsHeaders + strings.Repeat("X-Fill: "+strings.Repeat("x", 990)+"\r\n", 1990)
		if answer := headersRefused(t, small, many); answer != "" && !strings.HasPrefix(answer, "HTTP/1.1 431 ") {
			t.Fatalf("answered %.100q, want 431", answer)
		}
		sidOf(t, small.get(t, polling).body)
	}},
}

func noExtensions(offer string) func(*testing.T) {
	return func(t *testing.T) {
		w := steady.dial(t, upgrading, "Sec-WebSocket-Extensions: "+offer)
		if got, ok := w.header["Sec-Websocket-Extensions"]; ok {
			t.Fatalf("Sec-WebSocket-Extensions: %q", got)
		}
	}
}
