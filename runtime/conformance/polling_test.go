// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/sockgen/sockgen/runtime/engineio"
)

// A payload is a POST body on a fresh session of the probe.
type payload struct {
	rule, name string
	body       string
	heard      []string             // what the application gets
	ends       engineio.CloseReason // "" when the session lives on
}

var payloads = []payload{
	{"R33", "message", "4hello", []string{"hello"}, ""},
	{"R33", "the_type_is_one_character", "10", nil, engineio.TransportClose},
	{"R34", "message_without_data", "4", []string{""}, ""},
	{"R35", "type_7", "7", nil, engineio.ParseError},
	{"R35", "type_9", "9x", nil, engineio.ParseError},
	{"R35", "letter", "abc", nil, engineio.ParseError},
	{"R35", "space", " 4x", nil, engineio.ParseError},
	{"R37", "binary", "bAQIDBA==", []string{"<01 02 03 04>"}, ""},
	{"R37", "empty_binary", "b", []string{"<>"}, ""},
	{"R40", "missing_padding", "bAQ", []string{"<01>"}, ""},
	{"R40", "url_safe_alphabet", "bAQ-_", []string{"<01 0f bf>"}, ""},
	{"R40", "junk_is_malformed", "b!!!", nil, engineio.ParseError},
	{"R41", "open", "0{}", nil, ""},
	{"R41", "upgrade", "5", nil, ""},
	{"R41", "noop", "6", nil, ""},
	{"R41", "they_do_not_hide_what_follows", "0{}\x1e5\x1e6\x1e4x", []string{"x"}, ""},
	{"R42", "pong_with_data", "3anything", nil, ""},
	{"R43", "three", "4test1\x1e4test2\x1e4test3", []string{"test1", "test2", "test3"}, ""},
	{"R43", "escaped_separator_is_data", `4"\u001e"`, []string{`"\u001e"`}, ""},
	{"R44", "text_and_binary", "4hello\x1ebAQIDBA==", []string{"hello", "<01 02 03 04>"}, ""},
	{"R45", "good_items_before_a_bad_one", "4a\x1e4b\x1eabc\x1e4c", []string{"a", "b"}, engineio.ParseError},
	{"R45", "empty_body", "", nil, engineio.ParseError},
	{"R45", "leading_separator", "\x1e4a", nil, engineio.ParseError},
	{"R45", "trailing_separator", "4a\x1e", []string{"a"}, engineio.ParseError},
	{"R45", "empty_item", "4a\x1e\x1e4b", []string{"a"}, engineio.ParseError},
	{"R46", "nothing_after_close", "4x\x1e1\x1e4y", []string{"x"}, engineio.TransportClose},
	{"R47", "invalid_utf8_is_replaced", "4a\xffb", []string{"a\ufffdb"}, ""},
	{"R48", "multi_byte", "4é€😀", []string{"é€😀"}, ""},
	{"R49", "separators_only", strings.Repeat("\x1e", 500_000), nil, engineio.ParseError},
	{"R49", "many_small_packets", strings.Repeat("6\x1e", 400_000) + "6", nil, engineio.ParseError},
	{"R106", "ping", "2", nil, engineio.TransportError},
	{"R106", "probe_outside_an_upgrade", "2probe", nil, engineio.TransportError},
	{"R110", "close", "1", nil, engineio.TransportClose},
	{"V98", "two_messages", "4a\x1e4b", []string{"a", "b"}, ""},
	{"V100", "letters", "abc", nil, engineio.ParseError},
	{"V100", "empty_body", "", nil, engineio.ParseError},
	{"V100", "leading_separator", "\x1e4a", nil, engineio.ParseError},
	{"V100", "trailing_separator", "4a\x1e", []string{"a"}, engineio.ParseError},
	{"V101", "ping", "2", nil, engineio.TransportError},
	{"D2", "malformed_post_ends_the_session", "x", nil, engineio.ParseError},
	{"D2", "empty_post_ends_the_session", "", nil, engineio.ParseError},
	{"D2", "ping_is_no_429", "2", nil, engineio.TransportError},
}

func payloadChecks() []check {
	var checks []check
	for _, p := range payloads {
		checks = append(checks, check{p.rule, p.name, func(t *testing.T) {
			c := steady.poll(t, probePath)
			seat := c.seat()
			r := c.post(p.body)
			if ok := r.status == 200 && r.body == "ok"; r.err != nil || !ok && (r.status != 400 || p.ends == "") {
				t.Fatalf("answered %d %q, %v", r.status, r.body, r.err)
			}
			seat.heard(t, p.heard...)
			if p.ends != "" {
				seat.ends(t, p.ends)
				c.gone()
			} else {
				c.ok("4alive")
				seat.heard(t, "alive")
			}
			if len(seat.messages) > 0 {
				t.Fatalf("the application also got %q", <-seat.messages)
			}
		}})
	}
	return checks
}

var pollingCases = []check{
	{"R50", "everything_buffered_at_once", func(t *testing.T) {
		c := steady.poll(t, EnginePath)
		c.ok("4a\x1ebAQ==\x1e4b")
		c.get().is(t, 200, "4a\x1ebAQ==\x1e4b")
	}},
	{"R50", "waits_until_there_is_something", func(t *testing.T) {
		c := steady.poll(t, EnginePath)
		p := c.wait()
		c.ok("4late")
		p.wait().is(t, 200, "4late")
	}},
	{"R51", "headers", func(t *testing.T) {
		c := steady.poll(t, EnginePath)
		c.ok("4x")
		r := c.get()
		r.is(t, 200, "4x")
		hasHeaders(t, r, "text/plain; charset=UTF-8", 2)
	}},
	{"R51", "bytes_are_counted", bufferedAnswer},
	{"V112", "every_kind_of_message", bufferedAnswer},
	{"R52", "no_cap_on_an_answer", func(t *testing.T) {
		c := steady.poll(t, probePath)
		text := strings.Repeat("x", 340_000)
		c.seat().say(t, text, text, text)
		c.get().is(t, 200, "4"+text+"\x1e4"+text+"\x1e4"+text)
	}},
	{"R53", "answer_to_a_post", func(t *testing.T) {
		c := steady.poll(t, EnginePath)
		r := c.post("4x")
		r.is(t, 200, "ok")
		hasHeaders(t, r, "text/html", 2)
	}},
	{"R129", "no_store", func(t *testing.T) {
		c := steady.poll(t, EnginePath)
		c.ok("4x")
		for _, r := range []reply{c.post("4x"), c.get()} {
			if got := r.header.Get("Cache-Control"); got != "no-store" {
				t.Errorf("Cache-Control: %q", got)
			}
		}
	}},
	{"R54", "answer_on_the_pending_get", func(t *testing.T) {
		c := steady.poll(t, EnginePath)
		p := c.wait()
		post := steady.begin(t, "POST", c.target, "4x")
		p.wait().is(t, 200, "4x")
		post.wait().is(t, 200, "ok")
	}},
	{"R55", "any_content_type", func(t *testing.T) {
		c := steady.poll(t, EnginePath)
		types := []string{"text/plain;charset=UTF-8", "application/x-www-form-urlencoded", "application/octet-stream; charset=x", "x"}
		for _, kind := range types {
			c.post("4"+kind, "Content-Type: "+kind).is(t, 200, "ok")
			c.get().is(t, 200, "4"+kind)
		}
	}},
	{"R55", "octet_stream", octetStream},
	{"V102", "octet_stream", octetStream},
	{"D2", "octet_stream_does_not_hang", octetStream},
	{"R56", "chunked", func(t *testing.T) {
		c := steady.poll(t, EnginePath)
		c.post("3\r\n4\xe2\x82\r\n1\r\n\xac\r\n0\r\n\r\n", "Transfer-Encoding: chunked").is(t, 200, "ok")
		c.get().is(t, 200, "4€") // R48: the character was cut
	}},
	{"R48", "character_cut_by_tcp", func(t *testing.T) {
		c := steady.poll(t, EnginePath)
		p := steady.begin(t, "POST", c.target, "4\xe2\x82", "Content-Length: 4")
		time.Sleep(20 * time.Millisecond)
		if _, err := p.conn.Write([]byte{0xac}); err != nil {
			t.Fatal(err)
		}
		p.wait().is(t, 200, "ok")
		c.get().is(t, 200, "4€")
	}},
	{"R57", "the_limit_is_fine", func(t *testing.T) {
		c := small.poll(t, probePath)
		c.ok("4" + strings.Repeat("x", 99))
		c.seat().heard(t, strings.Repeat("x", 99))
	}},
	{"R57", "too_large_is_413", tooLarge("Content-Type: text/plain")},
	{"R57", "too_large_in_chunks_is_413", func(t *testing.T) {
		c := small.poll(t, probePath)
		body := "40\r\n4" + strings.Repeat("x", 63) + "\r\n40\r\n" + strings.Repeat("y", 64) + "\r\n0\r\n\r\n"
		c.post(body, "Transfer-Encoding: chunked").is(t, 413, "")
		c.ok("4alive")
		c.seat().heard(t, "alive")
	}},
	{"R57", "the_length_alone_is_too_large", func(t *testing.T) {
		c := small.poll(t, probePath)
		small.do(t, "POST", c.target, "4x", "Content-Length: 2000000").is(t, 413, "")
		c.ok("4alive")
		c.seat().heard(t, "alive")
	}},
	{"V99", "limit_and_one_more", func(t *testing.T) {
		c := small.poll(t, SocketPath)
		c.ok(`40{"x":"` + strings.Repeat("x", 90) + `"}`)
		c.post(`42["`+strings.Repeat("x", 95)+`"]`).is(t, 413, "")
		if r := c.get(); !strings.Contains(r.body, `40{"sid":"`) {
			t.Fatalf("answered %d %q", r.status, r.body)
		}
	}},
	{"CVE-2020-36048", "post_above_one_million", func(t *testing.T) {
		c := steady.poll(t, probePath)
		c.post("4"+strings.Repeat("x", 1_000_000)).is(t, 413, "")
		c.ok("4alive")
		c.seat().heard(t, "alive")
	}},
	{"R58", "two_gets", twoGets},
	{"V103", "two_gets", twoGets},
	{"D3", "overlapping_gets", twoGets},
	{"R59", "two_posts", twoPosts},
	{"V104", "two_posts", twoPosts},
	{"R60", "get_and_post_together", func(t *testing.T) {
		c := steady.poll(t, EnginePath)
		for i := range 20 {
			p := steady.begin(t, "GET", c.target, "")
			c.ok(fmt.Sprintf("4%d", i))
			p.wait().is(t, 200, fmt.Sprintf("4%d", i))
		}
	}},
	{"R61", "dropped_get", droppedGet},
	{"V105", "dropped_get", droppedGet},
	{"D3", "dropped_get", droppedGet},
	{"R62", "dropped_post", func(t *testing.T) {
		c := steady.poll(t, probePath)
		p := c.wait()
		post := c.arrive("POST", "4x", "Content-Length: 100")
		post.abort()
		p.wait().is(t, 200, "1")
		c.seat().ends(t, engineio.TransportError)
		c.gone()
	}},
	{"R65", "old_browsers", func(t *testing.T) {
		r := steady.get(t, polling, "User-Agent: Mozilla/5.0 (Trident/7.0; rv:11.0)")
		if r.status != 200 || r.header.Get("Content-Type") != "text/plain; charset=UTF-8" || r.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Fatalf("answered %d %v", r.status, r.header)
		}
	}},
	{"R66", "no_compression", func(t *testing.T) {
		c := steady.poll(t, EnginePath)
		text := "4" + strings.Repeat("x", 5000)
		c.ok(text)
		r := steady.get(t, c.target, "Accept-Encoding: gzip, deflate")
		r.is(t, 200, text)
		if got := r.header.Get("Content-Encoding"); got != "" {
			t.Fatalf("Content-Encoding: %q", got)
		}
	}},
	{"R67", "the_index_is_not_reflected", func(t *testing.T) {
		c := steady.poll(t, EnginePath, "&j=1234567")
		c.ok("4x")
		steady.get(t, c.target+"&j=1234567").is(t, 200, "4x")
	}},
	{"D9", "a_poll_outlives_the_servers_timeouts", longPoll},
	{"D9", "nothing_comes_before_there_is_something", func(t *testing.T) {
		c := steady.poll(t, EnginePath)
		p := c.wait()
		if p.answered(500 * time.Millisecond) {
			t.Fatalf("answered %+v", p.got)
		}
		c.ok("4x")
		p.wait().is(t, 200, "4x")
	}},
}

func hasHeaders(t *testing.T, r reply, kind string, length int64) {
	t.Helper()
	if got := r.header.Get("Content-Type"); got != kind || r.length != length || r.header.Get("Cache-Control") != "no-store" {
		t.Fatalf("Content-Type %q, Content-Length %d, Cache-Control %q", got, r.length, r.header.Get("Cache-Control"))
	}
}

func bufferedAnswer(t *testing.T) {
	c := steady.poll(t, probePath)
	c.seat().say(t, "<01 02 03 04>", "é€", "<>", "")
	r := c.get()
	r.is(t, 200, "bAQIDBA==\x1e4é€\x1eb\x1e4")
	hasHeaders(t, r, "text/plain; charset=UTF-8", 20)
}

func octetStream(t *testing.T) {
	c := steady.poll(t, probePath)
	c.post("4x", "Content-Type: application/octet-stream").is(t, 400, "")
	c.seat().ends(t, engineio.TransportError)
	c.gone()
}

func tooLarge(header string) func(*testing.T) {
	return func(t *testing.T) {
		c := small.poll(t, probePath)
		c.post("4"+strings.Repeat("x", 100), header).is(t, 413, "")
		c.ok("4alive")
		c.seat().heard(t, "alive")
	}
}

func twoGets(t *testing.T) {
	c := steady.poll(t, probePath)
	first := c.wait()
	c.get().is(t, 400, "")
	first.wait().is(t, 200, "1")
	c.seat().ends(t, engineio.TransportError)
	c.gone()
}

func twoPosts(t *testing.T) {
	c := steady.poll(t, probePath)
	get := c.wait()
	first := c.arrive("POST", "4x", "Content-Length: 100")
	c.post("4y").is(t, 400, "")
	if r := first.wait(); r.err == nil {
		t.Fatalf("the first POST was answered %d %q, want none", r.status, r.body)
	}
	get.wait().is(t, 200, "1")
	c.seat().ends(t, engineio.TransportError)
	c.gone()
}

func droppedGet(t *testing.T) {
	c := steady.poll(t, probePath)
	c.wait().abort()
	c.seat().ends(t, engineio.TransportError)
	c.gone()
}

// longPoll uses an http.Server with short timeouts of its own.
func longPoll(t *testing.T) {
	s := private(t, Config{})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := impatientServer(s.http.Handler)
	go server.Serve(listener)
	defer server.Close()
	s.addr = listener.Addr().String()
	c := s.poll(t, EnginePath)
	p := c.wait()
	if p.answered(700 * time.Millisecond) {
		t.Fatalf("answered %+v", p.got)
	}
	c.ok("4x")
	p.wait().is(t, 200, "4x")
}

// endings are sections 9.1 and 9.2 on polling.
var pollingEndings = []check{
	{"R110", "pending_get", closedByPost},
	{"V106", "pending_get", closedByPost},
	{"R112", "pending_get", func(t *testing.T) {
		c := steady.poll(t, probePath)
		p := c.wait()
		c.seat().Close(engineio.ForcedClose)
		p.wait().is(t, 200, "1")
		c.seat().ends(t, engineio.ForcedClose)
		c.gone()
	}},
	{"V108", "pending_get", func(t *testing.T) {
		c := steady.poll(t, probePath)
		p := c.wait()
		c.seat().Close(engineio.ForcedClose)
		p.wait().is(t, 200, "1")
		c.gone()
	}},
	{"R112", "no_get", closedBetweenGets},
	{"V109", "no_get", closedBetweenGets},
	{"R112", "data_goes_first", closedWithData},
	{"V110", "data_goes_first", closedWithData},
	{"R114", "data_of_a_pending_get", func(t *testing.T) {
		c := steady.poll(t, probePath)
		p := c.wait()
		c.seat().say(t, "last", "words")
		c.seat().Close(engineio.ForcedClose)
		var got []string
		for r := p.wait(); r.status == 200; r = c.get() {
			got = append(got, strings.Split(r.body, "\x1e")...)
			if got[len(got)-1] == "1" {
				break
			}
		}
		if all := strings.Join(got, " "); all != "4last 4words 1" && all != "4last 4words 6 1" {
			t.Fatalf("got %q", all)
		}
		c.gone()
	}},
	{"R116", "closing_accepts_posts_but_hears_nothing", func(t *testing.T) {
		c := steady.poll(t, probePath)
		seat := c.seat()
		seat.say(t, "hi")
		seat.Close(engineio.ForcedClose)
		c.ok("4too late")
		if err := seat.Send(message(t, "x")); err == nil {
			t.Error("Send after Close: no error")
		}
		if r := c.get(); !strings.HasPrefix(r.body, "4hi") {
			t.Fatalf("answered %d %q", r.status, r.body)
		}
		if len(seat.messages) > 0 {
			t.Fatalf("the application got %q", <-seat.messages)
		}
	}},
	{"R115", "first_reason_wins_and_comes_once", func(t *testing.T) {
		c := steady.poll(t, probePath)
		seat := c.seat()
		seat.Close("one")
		seat.Close("two")
		c.get()
		c.gone()
		seat.ends(t, "one")
		time.Sleep(settle)
		if len(seat.closed) > 0 {
			t.Fatalf("closed again with %q", <-seat.closed)
		}
	}},
	{"R113", "shutdown", func(t *testing.T) {
		s := private(t, Config{})
		c := s.poll(t, probePath)
		w := s.open(t, probePath)
		p := c.wait()
		ended := make(chan error, 1)
		go func() { ended <- s.probe.Shutdown(t.Context()) }()
		p.wait().is(t, 200, "1")
		w.closed(0)
		if err := next(t, ended, "the shutdown's end"); err != nil {
			t.Fatal(err)
		}
		c.seat().ends(t, engineio.ServerShutdown)
		w.seat(s).ends(t, engineio.ServerShutdown)
		if r := s.get(t, probePath+"?EIO=4&transport=polling"); r.status != 503 {
			t.Fatalf("a new session is answered %d %q, want 503", r.status, r.body)
		}
	}},
}

func closedByPost(t *testing.T) {
	c := steady.poll(t, probePath)
	p := c.wait()
	c.ok("1")
	p.wait().is(t, 200, "6")
	c.seat().ends(t, engineio.TransportClose)
	c.gone()
}

func closedBetweenGets(t *testing.T) {
	c := steady.poll(t, probePath)
	c.seat().Close(engineio.ForcedClose)
	c.ok("4ignored")
	c.get().is(t, 200, "6\x1e1")
	c.gone()
}

func closedWithData(t *testing.T) {
	c := steady.poll(t, probePath)
	c.seat().say(t, "hi")
	c.seat().Close(engineio.ForcedClose)
	c.get().is(t, 200, "4hi")
	c.get().is(t, 200, "6\x1e1")
	c.gone()
}
