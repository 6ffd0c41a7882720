// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sockgen/sockgen/runtime/engineio"
	"github.com/sockgen/sockgen/runtime/socketio"
)

// A badFrame ends a WebSocket session with a code.
type badFrame struct {
	rule, name string
	bytes      []byte
	code       int
}

var badFrames = []badFrame{
	{"R71", "invalid_utf8", masked(fin|opText, []byte{'4', 0xff}), 1007},
	{"R71", "overlong_utf8", masked(fin|opText, []byte{'4', 0xc0, 0x80}), 1007},
	{"R71", "surrogate", masked(fin|opText, []byte{'4', 0xed, 0xa0, 0x80}), 1007},
	{"R71", "unfinished_character", masked(fin|opText, []byte{'4', 0xe2, 0x82}), 1007},
	{"R72", "unmasked", []byte{fin | opText, 2, '4', 'x'}, 1002},
	{"R72", "reserved_bit_1", masked(fin|0x40|opText, []byte("4x")), 1002},
	{"R72", "reserved_bit_2", masked(fin|0x20|opText, []byte("4x")), 1002},
	{"R72", "reserved_bit_3", masked(fin|0x10|opText, []byte("4x")), 1002},
	{"R72", "opcode_3", masked(fin|3, []byte("4x")), 1002},
	{"R72", "opcode_11", masked(fin|0xb, nil), 1002},
	{"R72", "fragmented_ping", masked(opPing, nil), 1002},
	{"R72", "large_ping", masked(fin|opPing, make([]byte, 126)), 1002},
	{"R72", "continuation_of_nothing", masked(fin|opContinuation, []byte("x")), 1002},
	{"R72", "text_inside_a_message", append(masked(opText, []byte("4x")), masked(fin|opText, []byte("4y"))...), 1002},
	{"R72", "close_code_1005", masked(fin|opClose, []byte{3, 0xed}), 1002},
	{"R70", "huge_length", append([]byte{fin | opBinary, 0x80 | 127, 0, 0, 0, 0, 0x3f, 0, 0, 1}, "maskx"...), 1009},
	{"CVE-2022-21676", "invalid_first_frame", masked(fin|0x20|opPing, nil), 1002},
}

func badFrameChecks() []check {
	var checks []check
	for _, f := range badFrames {
		checks = append(checks, check{f.rule, f.name, func(t *testing.T) {
			w := steady.open(t, probePath)
			w.raw(f.bytes)
			w.closed(f.code)
			seat := w.seat(steady)
			seat.ends(t, engineio.TransportError)
			if len(seat.messages) > 0 {
				t.Fatalf("the application got %q", <-seat.messages)
			}
		}})
	}
	return checks
}

// engineSays are scripts for the bare echo over WebSocket.
var engineSays = []conversation{
	say("R33", "text", "> 4hello", "< 4hello"),
	say("R34", "message_without_data", "> 4", "< 4"),
	say("R36", "binary", "> <01 02 03>", "< <01 02 03>"),
	say("R36", "empty_binary", "> <>", "< <>"),
	say("R36", "text_like_binary", "> <34 78>", "< <34 78>"),
	say("R38", "base64_in_text", "> bAQIDBA==", "< <01 02 03 04>"),
	say("R38", "empty", "> b", "< <>"),
	say("R41", "open_upgrade_noop", "> 0{}", "> 5", "> 6", "> 4x", "< 4x"),
	say("R42", "pong_with_data", "> 3anything", "> 4x", "< 4x"),
	say("R48", "multi_byte", "> 4é€😀", "< 4é€😀"),
	say("R68", "one_packet_per_frame", "> 4a\x1e4b", "< 4a\x1e4b"),
	say("R68", "order", "> 4a", "> <01>", "> 4b", "< 4a", "< <01>", "< 4b"),
	say("R35", "type_7", "> 7", "closed"),
	say("R35", "letter", "> abc", "closed"),
	say("R35", "empty_frame", "> ", "closed"),
	say("R75", "close_packet", "> 1", "closed"),
	say("R106", "ping", "> 2", "closed"),
	say("R106", "probe", "> 2probe", "closed"),
}

var webSocketCases = []check{
	{"R39", "base64_instead_of_binary", func(t *testing.T) {
		w := steady.open(t, EnginePath, "&b64=1")
		w.send("<01 02 03 04>", "4x")
		w.want("bAQIDBA==", "4x")
		w.bye()
	}},
	{"R69", "fragments", func(t *testing.T) {
		w := steady.open(t, EnginePath)
		w.frame(opText, []byte("4\xe2\x82")) // a character may be cut
		w.frame(opContinuation, []byte("\xacb"))
		w.frame(fin|opPing, []byte("now"))
		w.frame(fin|opContinuation, nil)
		pong, err := w.read()
		if err != nil || pong.op != opPong || string(pong.data) != "now" {
			t.Fatalf("got %+v, %v; want the pong", pong, err)
		}
		w.want("4€b")
	}},
	{"R69", "too_many_fragments", func(t *testing.T) { tinyFragments(t, []byte{'x'}) }},
	{"CVE-2026-48779", "tiny_fragments", func(t *testing.T) { tinyFragments(t, []byte{'x'}) }},
	{"CVE-2026-48779", "empty_fragments", func(t *testing.T) { tinyFragments(t, nil) }},
	{"R69", "size_counts_over_fragments", func(t *testing.T) {
		w := small.open(t, probePath)
		w.frame(opText, []byte("4"+strings.Repeat("x", 60)))
		w.frame(fin|opContinuation, []byte(strings.Repeat("x", 40)))
		w.closed(1009)
		w.seat(small).ends(t, engineio.TransportError)
	}},
	{"R70", "the_limit_is_fine", func(t *testing.T) {
		w := small.open(t, EnginePath)
		w.send("4" + strings.Repeat("x", 99))
		w.want("4" + strings.Repeat("x", 99))
		w.frame(fin|opBinary, []byte(strings.Repeat("x", 100)))
		w.want(show([]byte(strings.Repeat("x", 100)), true))
	}},
	{"R70", "one_more_is_1009", func(t *testing.T) {
		w := small.open(t, probePath)
		w.send("4" + strings.Repeat("x", 100))
		w.closed(1009)
		w.seat(small).ends(t, engineio.TransportError)
	}},
	{"R73", "ping_is_answered", func(t *testing.T) {
		w := steady.open(t, EnginePath)
		w.frame(fin|opPing, []byte("abc"))
		if f, err := w.read(); err != nil || f.op != opPong || string(f.data) != "abc" {
			t.Fatalf("got %+v, %v; want a pong", f, err)
		}
		w.frame(fin|opPong, nil)
		w.send("4x")
		w.want("4x")
	}},
	{"R74", "close_frame", func(t *testing.T) {
		w := steady.open(t, probePath)
		w.bye()
		w.seat(steady).ends(t, engineio.TransportClose)
	}},
	{"R74", "close_frame_with_code", func(t *testing.T) {
		w := steady.open(t, probePath)
		w.frame(fin|opClose, []byte{3, 0xe8})
		if f, err := w.read(); err != nil || f.op != opClose {
			t.Fatalf("got %+v, %v; want a Close frame", f, err)
		}
		w.seat(steady).ends(t, engineio.TransportClose)
	}},
	{"R74", "dropped", func(t *testing.T) {
		w := steady.open(t, probePath)
		w.conn.Close()
		w.seat(steady).ends(t, engineio.TransportClose)
	}},
	{"R75", "reason", func(t *testing.T) {
		w := steady.open(t, probePath)
		w.send("1")
		w.closed(0)
		w.seat(steady).ends(t, engineio.TransportClose)
	}},
	{"R76", "queue_first_then_a_close_frame", closedOverWebSocket},
	{"R77", "no_code_and_no_text", closedOverWebSocket},
	{"R114", "queue_first", closedOverWebSocket},
	{"D4", "no_dropping_without_close_frame", closedOverWebSocket},
	{"R76", "the_peers_close_frame_is_not_waited_for_long", func(t *testing.T) {
		s := private(t, Config{Limits: closeSoon()})
		w := s.open(t, probePath)
		w.seat(s).Close(engineio.ForcedClose)
		start := time.Now()
		if f, err := w.read(); err != nil || f.op != opClose {
			t.Fatalf("got %+v, %v; want a Close frame", f, err)
		}
		if f, err := w.read(); err == nil {
			t.Fatalf("got %+v; want the end", f)
		}
		within(t, "the end", time.Since(start), 500*time.Millisecond, 10*time.Second)
	}},
	{"R79", "many_senders_one_writer", manySenders},
	{"D10", "many_senders_one_writer", manySenders},
	{"R115", "each_end_once", func(t *testing.T) {
		w := steady.open(t, probePath)
		seat := w.seat(steady)
		w.send("1", "7", "2")
		w.frame(fin|opClose, nil)
		seat.ends(t, engineio.TransportClose)
		time.Sleep(settle)
		if len(seat.closed) > 0 {
			t.Fatalf("closed again with %q", <-seat.closed)
		}
	}},
	{"R117", "batches_keep_their_order", func(t *testing.T) {
		w := steady.open(t, probePath)
		seat := w.seat(steady)
		for i := range 500 {
			seat.say(t, fmt.Sprint(i))
		}
		for i := range 500 {
			w.want(fmt.Sprintf("4%d", i))
		}
	}},
	{"R121", "a_client_that_does_not_read_is_bounded", func(t *testing.T) {
		w := steady.open(t, probePath)
		m := message(t, strings.Repeat("x", 100_000))
		defer m.Release()
		for range 10_000 { // 1 GB
			if err := w.seat(steady).Send(m); err != nil {
				return
			}
		}
		t.Fatal("the queue takes everything")
	}},
	{"CVE-2026-45736", "bytes_are_the_senders_own", ownBytes},
	{"CVE-2022-41940", "resets_during_the_handshake", func(t *testing.T) {
		for _, target := range []string{upgrading, upgrading + "&sid=nope", polling} {
			for range 20 {
				reset(t, steady, "GET "+target+" HTTP/1.1\r\nHost: x\r\n"+wsHeaders+"\r\n")
			}
		}
		w := steady.open(t, EnginePath)
		w.send("4alive")
		w.want("4alive")
	}},
}

func closeSoon() socketio.Limits {
	return socketio.Limits{Engine: engineio.Limits{CloseTimeout: time.Second}}
}

func tinyFragments(t *testing.T, piece []byte) {
	w := steady.open(t, probePath)
	w.frame(opText, []byte("4"))
	for range 1000 {
		w.frame(opContinuation, piece)
	}
	w.closed(1008)
	w.seat(steady).ends(t, engineio.TransportError)
}

func closedOverWebSocket(t *testing.T) {
	w := steady.open(t, probePath)
	seat := w.seat(steady)
	seat.say(t, "last", "<01>", "words")
	seat.Close(engineio.ForcedClose)
	w.want("4last", "<01>", "4words")
	w.closed(0)
	seat.ends(t, engineio.ForcedClose)
}

// manySenders has groups of a text and two attachments sent from many goroutines,
// while the client makes the server write pongs.
func manySenders(t *testing.T) {
	const senders, each = 8, 50
	w := steady.open(t, probePath)
	seat := w.seat(steady)
	var group sync.WaitGroup
	for i := range senders {
		group.Go(func() {
			for j := range each {
				m := engineio.NewMessage()
				m.Text = fmt.Appendf(m.Buffer(), "%d %d", i, j)
				m.Attachments = [][]byte{{byte(i), byte(j), 0}, {byte(i), byte(j), 1}}
				if err := seat.Send(m); err != nil {
					t.Errorf("Send: %v", err)
				}
				m.Release()
			}
		})
	}
	next := [senders]int{}
	for n := range senders * each {
		if n%50 == 0 { // fewer than the server lets wait for an answer
			w.frame(fin|opPing, nil)
		}
		var i, j int
		head := messageFrame(w)
		if _, err := fmt.Sscanf(head, "4%d %d", &i, &j); err != nil || next[i] != j {
			t.Fatalf("got %q, want number %v", head, next)
		}
		next[i]++
		for k := range 2 {
			if got, want := messageFrame(w), show([]byte{byte(i), byte(j), byte(k)}, true); got != want {
				t.Fatalf("after %q: got %q, want %q", head, got, want)
			}
		}
	}
	group.Wait()
}

// messageFrame returns the next message and passes over pongs.
func messageFrame(w *ws) string {
	w.t.Helper()
	for {
		f, err := w.read()
		switch {
		case err != nil:
			w.t.Fatal(err)
		case f.op != opPong:
			return show(f.data, f.op == opBinary)
		}
	}
}

// ownBytes sends short messages on connections of their own after long ones that
// went through the same buffers.
func ownBytes(t *testing.T) {
	secret := strings.Repeat("secret", 2000)
	for range 20 {
		a, b := steady.open(t, EnginePath), steady.open(t, EnginePath)
		a.send("4" + secret)
		a.want("4" + secret)
		b.frame(fin|opPing, nil)
		if f, err := b.read(); err != nil || f.op != opPong || len(f.data) != 0 {
			t.Fatalf("got %+v, %v; want an empty pong", f, err)
		}
		b.send("<00>", "4", "<>")
		b.want("<00>", "4", "<>")
	}
}
