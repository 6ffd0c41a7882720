// SPDX-License-Identifier: Apache-2.0

package engineio

import (
	"encoding/binary"
	"fmt"
	"io"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"
)

// TestEveryFirstByte holds W-01 and W-02: every first byte, masked and not, on a
// fresh session, a probing WebSocket and one that has carried messages.
func TestEveryFirstByte(t *testing.T) {
	const payload = "4" // a message without data, or the beginning of a fragmented one
	outcome := func(first byte, masked, probing bool) string {
		opcode := first & 0x0f
		final := first&finalBit != 0
		switch {
		case !masked, first&0x70 != 0, opcode >= 3 && opcode <= 7, opcode >= 0xb:
			return "close 1002"
		case opcode == 0: // nothing to continue
			return "close 1002"
		case opcode >= 8 && !final:
			return "close 1002"
		case opcode == 8: // a status of one byte (W-09)
			return "close 1002"
		case opcode == 9:
			return "8a:4"
		case opcode == 10 || !final:
			return "nothing"
		case probing:
			return "close"
		case opcode == 1:
			return "81:4"
		}
		return "82:4"
	}
	for _, state := range []string{"fresh", "probing", "connected"} {
		for _, masked := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s masked=%v", state, masked), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					a := newApp()
					a.echo = true
					r := newRig(t, true, Config{PingInterval: time.Hour}, a)
					for first := range 256 {
						sid := ""
						if state == "probing" {
							sid, _ = r.open()
						}
						c := r.rawWS(sid)
						if state == "connected" {
							c.write(frame(0x81, true, "4hi"))
							c.next()
						}
						c.write(frame(byte(first), masked, payload))
						_ = c.SetReadDeadline(time.Now().Add(time.Second))
						if got, want := c.next(), outcome(byte(first), masked, state == "probing"); got != want {
							t.Errorf("first byte %#02x: %s, want %s", first, got, want)
						}
						c.Close()
					}
				})
			})
		}
	}
}

// TestHostileFrames holds W-03 to W-05, W-08 and W-09.
func TestHostileFrames(t *testing.T) {
	text := func(s string) string { return frame(0x81, true, s) }
	fragments := func(n int, payload string) string {
		return frame(0x01, true, "4") + strings.Repeat(frame(0x00, true, payload), n-2) + frame(0x80, true, payload)
	}
	pieces := func(size, n int) string { // a message, and an empty frame at its end as some libraries send it
		var b strings.Builder
		b.WriteString(frame(0x01, true, "4"+strings.Repeat("x", n-1)))
		for size -= n; size > 0; size -= n {
			b.WriteString(frame(0x00, true, strings.Repeat("x", n)))
		}
		return b.String() + frame(0x80, true, "")
	}
	closing := func(code uint16, reason string) string {
		return frame(0x88, true, string(binary.BigEndian.AppendUint16(nil, code))+reason)
	}
	tests := []struct {
		name, send, want string
		reason           CloseReason
		received         int
	}{
		{"exactly the limit", text("4" + strings.Repeat("x", 999)), "", "", 1},
		{"one byte more", text("4" + strings.Repeat("x", 1000)), "close 1009", TransportError, 0},
		{"one byte more, binary", frame(0x82, true, strings.Repeat("x", 1001)), "close 1009", TransportError, 0},
		{"too large in fragments", frame(0x01, true, "4"+strings.Repeat("x", 500)) + frame(0x80, true, strings.Repeat("x", 500)), "close 1009", TransportError, 0},
		{"announces 2^63", "\x82\xff\x80\x00\x00\x00\x00\x00\x00\x01\x00\x00\x00\x00x", "close 1009", TransportError, 0},
		{"announces 63 MiB", "\x82\xff\x00\x00\x00\x00\x03\xf0\x00\x01\x00\x00\x00\x00x", "close 1009", TransportError, 0},
		{"127-form for 2 bytes", "\x81\xff\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x00\x004x", "close 1002", TransportError, 0},
		{"127-form for 65,535 bytes", "\x81\xff\x00\x00\x00\x00\x00\x00\xff\xff\x00\x00\x00\x004x", "close 1002", TransportError, 0},
		{"126-form for 125 bytes", "\x81\xfe\x00\x7d\x00\x00\x00\x004" + strings.Repeat("x", 124), "close 1002", TransportError, 0},
		{"126-form for 126 bytes", "\x81\xfe\x00\x7e\x00\x00\x00\x004" + strings.Repeat("x", 125), "", "", 1},
		{"126-form for a ping", "\x89\xfe\x00\x01\x00\x00\x00\x00x", "close 1002", TransportError, 0},
		{"128 fragments", fragments(128, "b"), "", "", 1},
		{"129 fragments", fragments(129, "b"), "close 1008", TransportError, 0},
		{"300 fragments of a fair size", frame(0x01, true, "4"+strings.Repeat("x", 599)) + strings.Repeat(frame(0x00, true, strings.Repeat("x", 600)), 298) + frame(0x80, true, ""), "", "", 1},
		{"a fair message in 256 bytes", pieces(200_000, 256), "", "", 1},
		{"a fair message in 125 bytes", pieces(200_000, 125), "", "", 1},
		{"a fair message in 64 bytes", pieces(200_000, 64), "", "", 1},
		{"a fair message in pieces below that", pieces(200_000, 63), "close 1008", TransportError, 0},
		{"a fair message in single bytes", pieces(900_000, 1), "close 1008", TransportError, 0},
		{"a flood between fair pieces", frame(0x01, true, "4") + strings.Repeat(frame(0x00, true, strings.Repeat("x", 500))+frame(0x00, true, ""), 130) + frame(0x80, true, ""), "close 1008", TransportError, 0},
		{"a flood after a fair beginning", frame(0x01, true, "4"+strings.Repeat("x", 5119)) + strings.Repeat(frame(0x00, true, ""), 129), "close 1008", TransportError, 0},
		{"empty fragments", fragments(5000, ""), "close 1008", TransportError, 0},
		{"control frames between fragments", frame(0x01, true, "4") + frame(0x89, true, "p") + frame(0x80, true, "x"), "8a:p", "", 1},
		{"new message inside another", frame(0x01, true, "4") + text("4x"), "close 1002", TransportError, 0},
		{"control frame of 126 bytes", frame(0x89, true, strings.Repeat("x", 126)), "close 1002", TransportError, 0},
		{"not UTF-8", text("4\xff"), "close 1007", TransportError, 0},
		{"overlong", text("4\xc0\x80"), "close 1007", TransportError, 0},
		{"surrogate", text("4\xed\xa0\x80"), "close 1007", TransportError, 0},
		{"beyond Unicode", text("4\xf4\x90\x80\x80"), "close 1007", TransportError, 0},
		{"character split across fragments", frame(0x01, true, "4\xe2\x82") + frame(0x80, true, "\xac"), "", "", 1},
		{"truncated character in fragments", frame(0x01, true, "4\xe2") + frame(0x80, true, "\x82"), "close 1007", TransportError, 0},
		{"binary need not be UTF-8", frame(0x82, true, "\xff\xfe"), "", "", 1},
		{"unknown packet", text("9"), "close", ParseError, 0},
		{"empty text frame", text(""), "close", ParseError, 0},
		{"R38 binary as text", text("bAQIDBA=="), "", "", 1},
		{"bad base64", text("b!!"), "close", ParseError, 0},
		{"R36 empty binary frame", frame(0x82, true, ""), "", "", 1},
		{"R34 message without data", text("4"), "", "", 1},
		{"close", frame(0x88, true, ""), "close", TransportClose, 0},
		{"close 1000", closing(1000, "bye"), "close 1000", TransportClose, 0},
		{"close 4999", closing(4999, ""), "close 4999", TransportClose, 0},
		{"close 1005", closing(1005, ""), "close 1002", TransportError, 0},
		{"close 5000", closing(5000, ""), "close 1002", TransportError, 0},
		{"close of one byte", frame(0x88, true, "\x03"), "close 1002", TransportError, 0},
		{"a message before it", text("4x") + frame(0x88, true, "\x03") + text("4y"), "close 1002", TransportError, 1},
		{"it inside a message", frame(0x01, true, "4") + frame(0x88, true, "\x03") + frame(0x80, true, ""), "close 1002", TransportError, 0},
		{"a message before too many fragments", text("4x") + fragments(129, "b"), "close 1008", TransportError, 1},
		{"close with bad UTF-8", closing(1000, "\xff"), "close 1002", TransportError, 0},
		{"data after close", frame(0x88, true, "") + text("4late"), "close", TransportClose, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				limit := 1000
				if strings.Contains(tt.name, "fair") {
					limit = 1_000_000
				}
				r := newRig(t, true, Config{MaxPayload: limit, PingInterval: time.Hour}, newApp())
				c := r.rawWS("")
				defer c.Close()
				p := r.opened()
				c.write(tt.send)
				if tt.want != "" {
					if got := c.next(); got != tt.want {
						t.Errorf("%s, want %s", got, tt.want)
					}
				}
				synctest.Wait()
				if tt.reason == "" {
					p.wantOpen(t)
				} else {
					p.wantClosed(t, tt.reason)
					c.write(frame(0x88, true, ""))
					if got := c.next(); got != "eof" {
						t.Errorf("after the Close frame: %s", got)
					}
				}
				if got := p.messages(); len(got) != tt.received {
					t.Errorf("received %q, want %d messages", got, tt.received)
				}
			})
		})
	}
}

// TestSlowPeerDoesNotStopTheReader holds that a peer which reads slowly is still
// read from: the reader leaves its output to a flusher.
func TestSlowPeerDoesNotStopTheReader(t *testing.T) {
	a := newApp()
	r := newRig(t, false, Config{Limits: Limits{QueueBytes: 64 << 20, StallTime: 20 * time.Second}}, a)
	c := r.rawWS("")
	defer c.Close()
	p := r.opened()
	for range 20_000 { // copied into batches that the kernel does not take at once
		if err := p.text(strings.Repeat("x", 2000)); err != nil {
			t.Fatal(err)
		}
	}
	waitFor(t, "a write that waits", func() bool {
		p.Session.mu.Lock()
		defer p.Session.mu.Unlock()
		return p.writing && p.Session.bytes > 5_000*2000
	})
	for range 100 {
		c.write(frame(0x81, true, "4in"))
	}
	waitFor(t, "messages of the slow peer", func() bool { return len(p.messages()) == 100 })
	for range 20_000 {
		if got := c.next(); got != "81:4"+strings.Repeat("x", 2000) {
			t.Fatalf("frame %.40q", got)
		}
	}
	p.wantOpen(t)
}

// TestBadTextFailsFast holds W-08: the message has not ended when it is refused.
func TestBadTextFailsFast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, true, Config{PingInterval: time.Hour}, newApp())
		for _, bad := range []string{"\xff", "κόσμε\xed\xa0", "\xf4\x90", "\xce\xba\xc0"} {
			for _, begun := range []string{frame(0x01, true, "4"+bad), frame(0x81, true, "4"+bad+"rest")[:7+len(bad)]} {
				c := r.rawWS("")
				c.write(begun)
				start := time.Now()
				if got := c.next(); got != "close 1007" || time.Since(start) != 0 {
					t.Errorf("%q: %s after %v", bad, got, time.Since(start))
				}
				c.Close()
			}
		}
	})
}

// TestReadAllMemory holds W-05: what a message claims stays near its limit.
func TestReadAllMemory(t *testing.T) {
	for _, n := range []int{0, 1, chunkSize - 1, chunkSize, chunkSize + 1, 65_536, 1_000_000} {
		for _, size := range []int{1 << 20, 1_000_000} {
			data, err := readAll(strings.NewReader(strings.Repeat("x", n)), true, size, new(int))
			if err != nil || len(data) != n || cap(data) > size+size/4 {
				t.Errorf("%d bytes: got %d in %d, %v", n, len(data), cap(data), err)
			}
		}
	}
}

func TestValidText(t *testing.T) {
	const text = "4aé€😀\u0000z"
	for cut := range len(text) + 1 { // every split of a valid text
		n, ok := validText([]byte(text[:cut]), false)
		if !ok || cut-n >= utf8.UTFMax {
			t.Errorf("%q: %d, %v", text[:cut], n, ok)
		}
		if rest, ok := validText([]byte(text[n:]), true); !ok || n+rest != len(text) {
			t.Errorf("%q after %d: %d, %v", text, n, rest, ok)
		}
	}
	for _, bad := range []string{"\x80", "a\xff", "\xc0", "\xe2\x28", "\xed\xa0", "\xf5", "\xf0\x80", "ab\x80\x80\x80"} {
		if _, ok := validText([]byte(bad), false); ok {
			t.Errorf("%q may become valid", bad)
		}
	}
	if _, ok := validText([]byte("\xe2\x82"), true); ok {
		t.Error("a truncated character at the end is valid")
	}
}

// TestEveryCloseCode holds W-09: what each status is answered with.
func TestEveryCloseCode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, true, Config{PingInterval: time.Hour}, newApp())
		step := 1
		if testing.Short() {
			step = 97
		}
		for code := 0; code < 65536; code += step {
			if code > 5100 && code%997 != 0 {
				continue // all of them are invalid alike
			}
			c := r.rawWS("")
			c.write(frame(0x88, true, string([]byte{byte(code >> 8), byte(code)})))
			want := "close 1002"
			if code >= 3000 && code <= 4999 || code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006 {
				want = fmt.Sprintf("close %d", code)
			}
			if got := c.next(); got != want {
				t.Errorf("code %d: %s, want %s", code, got, want)
			}
			c.Close()
		}
	})
}

// TestAssemblyDeadline holds W-13.
func TestAssemblyDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, true, Config{PingInterval: time.Hour}, newApp())
		c := r.rawWS("")
		defer c.Close()
		p := r.opened()
		c.write(frame(0x81, true, "4in time")) // a complete message leaves no deadline behind
		time.Sleep(time.Minute)
		p.wantOpen(t)
		start := time.Now()
		slow := frame(0x81, true, "4"+strings.Repeat("x", 100))
		go func() {
			for i := range 3 {
				c.write(slow[i : i+1])
				time.Sleep(20 * time.Second)
			}
		}()
		if got := c.next(); got != "close 1008" || time.Since(start) != 30*time.Second {
			t.Errorf("%s after %v", got, time.Since(start))
		}
		p.wantClosed(t, TransportError)
		time.Sleep(time.Minute)
	})
}

// TestPingBurst holds that a peer which reads may ping as fast as it likes: it gets
// the first answers and the last one, whatever came in one write.
func TestPingBurst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp()
		a.echo = true
		r := newRig(t, true, Config{PingInterval: time.Hour}, a)
		for _, n := range []int{1, 16, 17, 600, 5000} {
			c := r.rawWS("")
			p := r.opened()
			var burst strings.Builder
			for i := range n {
				burst.WriteString(frame(0x89, true, fmt.Sprint(i)))
			}
			burst.WriteString(frame(0x81, true, "4still here"))
			go c.write(burst.String())
			next, last := 0, -1
			got := c.next()
			for ; strings.HasPrefix(got, "8a:"); got = c.next() {
				i, err := strconv.Atoi(got[3:])
				if err != nil || i <= last || i > next && next < 15 {
					t.Fatalf("%d pings: %s after the answer to %d", n, got, last)
				}
				next, last = next+1, i
			}
			if got != "81:4still here" || last != n-1 {
				t.Errorf("%d pings: %s after the answer to %d", n, got, last)
			}
			p.wantOpen(t)
			c.Close()
		}
	})
}

// TestPongsAreBounded holds W-07: while nothing can be written, the answers of an
// endless stream of pings take no more memory than a few.
func TestPongsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, true, Config{PingInterval: time.Hour}, newApp())
		c := r.rawWS("")
		defer c.Close()
		s := r.opened().Session
		synctest.Wait() // the reader waits
		s.mu.Lock()
		ws := s.ws
		s.mu.Unlock()
		for i := range 100_000 {
			if err := ws.onPing(fmt.Sprintf("%0125d", i)); err != nil {
				t.Fatal(err)
			}
		}
		s.mu.Lock()
		n := len(ws.control)
		s.mu.Unlock()
		if n != 16*127 {
			t.Errorf("%d bytes wait, want 16 answers", n)
		}
		ws.flush()
		for i := range 16 {
			want := i
			if i == 15 {
				want = 99_999
			}
			if got := c.next(); got != fmt.Sprintf("8a:%0125d", want) {
				t.Errorf("answer %d is %s", i, got)
			}
		}
	})
}

// TestSlowAssembly holds that a message may take as long as BodyRate allows, however
// its frames and bytes are dealt out.
func TestSlowAssembly(t *testing.T) {
	tests := []struct {
		name  string
		whole string
		bytes int // every second
		fast  bool
	}{
		{"2 KiB a second", frame(0x81, true, "4"+strings.Repeat("x", 200_000)), 2048, true},
		{"2 KiB a second in fragments", frame(0x01, true, "4") + strings.Repeat(frame(0x00, true, strings.Repeat("x", 300)), 600) + frame(0x80, true, ""), 2048, true},
		{"500 bytes a second", frame(0x81, true, "4"+strings.Repeat("x", 200_000)), 500, false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, true, Config{PingInterval: time.Hour}, newApp())
				c := r.rawWS("")
				defer c.Close()
				p := r.opened()
				for rest := tt.whole; rest != ""; time.Sleep(time.Second) {
					n := min(tt.bytes, len(rest))
					if _, err := io.WriteString(c, rest[:n]); err != nil {
						break
					}
					rest = rest[n:]
				}
				synctest.Wait()
				if tt.fast {
					p.wantOpen(t)
				} else {
					p.wantClosed(t, TransportError)
				}
				if got := len(p.messages()); (got == 1) != tt.fast {
					t.Errorf("%d messages", got)
				}
			})
		})
	}
}

// TestAssemblyStartsAnew holds that each message has a time of its own, though every
// read ends in the middle of one.
func TestAssemblyStartsAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, true, Config{PingInterval: time.Hour}, newApp())
		c := r.rawWS("")
		defer c.Close()
		p := r.opened()
		whole := frame(0x81, true, "4"+strings.Repeat("x", 99))
		split := frame(0x01, true, "4") + frame(0x80, true, strings.Repeat("x", 99))
		c.write(whole[:50])
		for range 40 {
			time.Sleep(5 * time.Second)
			c.write(whole[50:] + split[:50])
			time.Sleep(5 * time.Second)
			c.write(split[50:] + whole[:50])
		}
		synctest.Wait()
		p.wantOpen(t)
		if got := len(p.messages()); got != 80 {
			t.Errorf("%d messages, want 80", got)
		}
	})
}

// TestPingFlood holds W-07: a peer that pings and does not read.
func TestPingFlood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, true, Config{PingInterval: time.Hour}, newApp())
		r.mem.Buffer = 8 << 10
		c := r.rawWS("")
		p := r.opened()
		start := time.Now()
		go func() {
			flood := strings.Repeat(frame(0x89, true, strings.Repeat("x", 125)), 100)
			for {
				if _, err := io.WriteString(c, flood); err != nil {
					return
				}
			}
		}()
		time.Sleep(15 * time.Second) // a write blocks until its deadline
		p.wantClosed(t, TransportError)
		if d := time.Since(start); d > 15*time.Second {
			t.Errorf("closed after %v", d)
		}
		c.Close()
	})
}

// TestPongIsExact holds W-12: a pong carries the ping's payload and nothing else.
func TestPongIsExact(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, true, Config{PingInterval: time.Hour}, newApp())
		c := r.rawWS("")
		defer c.Close()
		for _, s := range []string{"", "x", strings.Repeat("y", 125)} {
			c.write(frame(0x89, true, s))
			if got := c.next(); got != "8a:"+s {
				t.Errorf("%q, want %q", got, "8a:"+s)
			}
		}
	})
}
