// SPDX-License-Identifier: Apache-2.0

package engineio

import (
	"bytes"
	"compress/flate"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
)

const offer = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"

// rawDeflate is rawWS with permessage-deflate agreed.
func (r *rig) rawDeflate() *rawWS {
	r.t.Helper()
	c := &rawWS{r.t, r.begin(request("GET", wsQuery, "", append([]string{offer}, upgradeHeaders...)...))}
	_ = c.SetReadDeadline(time.Now().Add(10 * time.Minute))
	var head []byte
	for !bytes.HasSuffix(head, []byte("\r\n\r\n")) {
		one := make([]byte, 1)
		if _, err := io.ReadFull(c, one); err != nil {
			r.t.Fatalf("after %q: %v", head, err)
		}
		head = append(head, one...)
	}
	if !bytes.Contains(head, []byte("\r\nSec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; client_no_context_takeover\r\n")) {
		r.t.Fatalf("not agreed: %q", head)
	}
	c.next()
	return c
}

// squeeze is a client's compression of s as one message.
func squeeze(s string) string {
	var b bytes.Buffer
	w, _ := flate.NewWriter(&b, flate.BestCompression)
	_, _ = io.WriteString(w, s)
	_ = w.Flush()
	return strings.TrimSuffix(b.String(), "\x00\x00\xff\xff")
}

func inflate(t *testing.T, s string) string {
	t.Helper()
	b, err := io.ReadAll(flate.NewReader(strings.NewReader(s + "\x00\x00\xff\xff\x01\x00\x00\xff\xff")))
	if err != nil {
		t.Errorf("inflate %q: %v", s, err)
	}
	return string(b)
}

// TestDeflateNegotiation holds R23, R78 and W-10.
func TestDeflateNegotiation(t *testing.T) {
	on := Config{PerMessageDeflate: &Compression{}}
	tests := []struct {
		cfg   Config
		offer string
		want  bool
	}{
		{Config{}, "permessage-deflate", false},
		{on, "", false},
		{on, "permessage-deflate", true},
		{on, "permessage-deflate; client_max_window_bits", true},
		{on, "permessage-deflate; client_max_window_bits=10; server_no_context_takeover;client_no_context_takeover", true},
		{on, `permessage-deflate; client_max_window_bits="15"`, true},
		{on, "x-webkit-deflate-frame, permessage-deflate", true},
		{on, "permessage-deflate; server_max_window_bits=10, permessage-deflate", true},
		{on, "permessage-deflate; server_max_window_bits=10", false},
		{on, "permessage-deflate; server_max_window_bits=99", false},
		{on, "permessage-deflate; client_max_window_bits=7", false},
		{on, "permessage-deflate; client_max_window_bits=16", false},
		{on, "permessage-deflate; client_max_window_bits=", false},
		{on, "permessage-deflate; client_max_window_bits; client_max_window_bits", false},
		{on, "permessage-deflate; server_no_context_takeover=1", false},
		{on, "permessage-deflate; unknown", false},
		{on, "permessage-deflate;", true}, // an empty list
		{on, "constructor", false},
		{on, "permessage-deflatex", false},
		{on, "permessage-deflate; a=" + strings.Repeat(`"\\`, 5000), false},
		{on, strings.Repeat("permessage-deflate; x, ", 600) + "y", false},
	}
	for _, tt := range tests {
		r := newRig(t, true, tt.cfg, newApp())
		c := r.begin(request("GET", wsQuery, "", append([]string{"Sec-WebSocket-Extensions: " + tt.offer}, upgradeHeaders...)...))
		head := readSome(t, c)
		agreed := strings.Contains(head, "permessage-deflate; server_no_context_takeover; client_no_context_takeover\r\n")
		if !strings.HasPrefix(head, "HTTP/1.1 101 ") || strings.Contains(head, "Sec-WebSocket-Extensions") != agreed {
			t.Errorf("%.80s: %q", tt.offer, head)
		}
		p := r.opened()
		p.Session.mu.Lock()
		used := p.ws.deflate
		p.Session.mu.Unlock()
		// gorilla does not read an offer that ends in a semicolon; ours may be kinder.
		if used != agreed || agreed != tt.want && !strings.HasSuffix(tt.offer, ";") {
			t.Errorf("%.80s: agreed %v, used %v, want %v", tt.offer, agreed, used, tt.want)
		}
		c.Close()
	}
}

// TestDeflateBothWays sends and receives on every transport that has frames, with a
// client of gorilla's.
func TestDeflateBothWays(t *testing.T) {
	for _, kind := range []transportKind{"websocket", "upgrade"} {
		for _, mem := range []bool{true, false} {
			a := newApp()
			a.echo = true
			r := newRig(t, mem, Config{PerMessageDeflate: &Compression{}}, a)
			query := wsQuery
			if kind == "upgrade" {
				sid, _ := r.open()
				query += "&sid=" + sid
			}
			d := websocket.Dialer{NetDial: func(string, string) (net.Conn, error) { return r.dial() }, EnableCompression: true}
			conn, res, err := d.Dial("ws://server.test/engine.io/"+query, http.Header{})
			if err != nil || !strings.Contains(res.Header.Get("Sec-WebSocket-Extensions"), "permessage-deflate") {
				t.Fatal(err, res)
			}
			c := &wsClient{conn, t}
			if kind == "upgrade" {
				c.send("2probe")
				c.want("3probe")
				c.send("5")
			} else {
				c.read()
			}
			for _, n := range []int{0, 1, 1022, 1023, 1024, 5000, 70_000, 900_000} {
				text := "4" + noise(n)
				c.send(text)
				c.want(text)
				if err := c.WriteMessage(websocket.BinaryMessage, []byte(text)); err != nil {
					t.Fatal(err)
				}
				c.want(show([]byte(text), true))
			}
			c.Close()
		}
	}
}

// noise is text that compresses about as well as JSON does.
func noise(n int) string {
	words := []string{`{"id":`, `"name"`, `:true,`, "sock", "room", "été", "12345", "}]"}
	rng := rand.New(rand.NewPCG(1, uint64(n)))
	var b strings.Builder
	for b.Len() < n {
		b.WriteString(words[rng.IntN(len(words))])
	}
	return strings.ToValidUTF8(b.String()[:n], "")
}

// TestDeflateWhatIsCompressed holds the threshold, the flag of a message and that
// a group keeps its order.
func TestDeflateWhatIsCompressed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp()
		r := newRig(t, true, Config{PerMessageDeflate: &Compression{Threshold: 100}, PingInterval: time.Hour}, a)
		small, plain := r.rawDeflate(), r.rawWS("")
		defer small.Close()
		defer plain.Close()
		first, second := r.opened(), r.opened()
		rng := rand.New(rand.NewPCG(1, 2))
		random := make([]byte, 500)
		for i := range random {
			random[i] = byte(rng.Uint32())
		}
		text, binary := strings.Repeat("t", 99), bytes.Repeat([]byte{7}, 5000)
		for _, no := range []bool{false, true} {
			m := NewMessage()
			m.NoCompress = no
			m.Text = append(m.Buffer(), text...)
			m.Attachments = [][]byte{binary, {1}, random}
			for _, p := range []*peer{first, second, first} {
				if err := p.Send(m); err != nil {
					t.Fatal(err)
				}
			}
			m.Release()
			for range 2 {
				for i, want := range []string{"4" + text, string(binary), "\x01", string(random)} {
					op, body, _ := strings.Cut(small.next(), ":")
					compressed := !no && i < 2 // the third is short, the fourth does not shrink
					if (op == "c1" || op == "c2") != compressed {
						t.Errorf("part %d: first byte %s, NoCompress %v", i, op, no)
					}
					if compressed {
						body = inflate(t, body)
					}
					if body != want {
						t.Errorf("part %d: %d bytes %.20q", i, len(body), body)
					}
				}
			}
			for i, want := range []string{"81:4" + text, "82:" + string(binary), "82:\x01", "82:" + string(random)} {
				if got := plain.next(); got != want {
					t.Errorf("part %d without the extension: %.40q", i, got)
				}
			}
		}
		m := NewMessage() // one letter below the threshold
		m.Text = append(m.Buffer(), text[:98]...)
		_ = first.Send(m)
		m.Release()
		if got := small.next(); got != "81:4"+text[:98] {
			t.Errorf("%.40q", got)
		}
	})
}

// TestDeflateAttacks holds W-06.
func TestDeflateAttacks(t *testing.T) {
	const limit = 1_000_000
	incompressible := make([]byte, limit+1)
	rng := rand.New(rand.NewPCG(3, 4))
	for i := range incompressible {
		incompressible[i] = ' ' + byte(rng.UintN(95))
	}
	stored := func(s string) string { // deflate without compression
		var b strings.Builder
		for len(s) > 0 {
			n := min(len(s), 0xffff)
			b.WriteString("\x00" + string([]byte{byte(n), byte(n >> 8), ^byte(n), ^byte(n >> 8)}) + s[:n])
			s = s[n:]
		}
		return b.String() + "\x00"
	}
	exact := "4" + string(incompressible[1:limit])
	hello := squeeze("4hello")
	zeros := func(n int) string { return squeeze("4" + strings.Repeat("0", n-1)) }
	fragmented := func(s string, n int) string {
		frames := frame(0x41, true, s[:n])
		for s = s[n:]; len(s) > n; s = s[n:] {
			frames += frame(0x00, true, s[:n])
		}
		return frames + frame(0x80, true, s)
	}
	tests := []struct {
		name, frames string
		want         string // the Close frame, or "" when the session lives
		received     int    // bytes of the message
	}{
		{"hello", frame(0xc1, true, hello), "", 5},
		{"hello in two frames", frame(0x41, true, hello[:3]) + frame(0x80, true, hello[3:]), "", 5},
		{"a ping between", frame(0x41, true, hello[:3]) + frame(0x89, true, "p") + frame(0x80, true, hello[3:]), "", 5},
		{"uncompressed", frame(0x81, true, "4hello"), "", 5},
		{"a final block", frame(0xc1, true, "\xf3\x48\xcd\xc9\xc9\x07\x00\x00"), "close", 0}, // RFC 7692, 7.2.3.4: "Hello", no packet
		{"exactly the limit", frame(0xc1, true, stored(exact)), "", limit - 1},
		{"one byte more", frame(0xc1, true, stored(exact+"x")), "close 1009", 0},
		{"one byte more, squeezed", frame(0xc1, true, squeeze(noise(limit+10))), "close 1009", 0},
		{"64 MiB of zeros", frame(0xc1, true, zeros(64<<20)), "close 1009", 0},
		{"900 KB of zeros", frame(0xc1, true, zeros(900_000)), "", 899_999}, // honest, though a thousandth of it was sent
		{"33 KB of zeros", frame(0xc1, true, zeros(33_000)), "", 32_999},
		{"as many zeros as the limit allows", frame(0xc1, true, zeros(limit)), "", limit - 1},
		{"one zero more", frame(0xc1, true, zeros(limit+1)), "close 1009", 0},
		{"blanks in fragments", fragmented(squeeze("4"+strings.Repeat(" ", 300_000)), 100), "", 300_000},
		{"honest JSON", frame(0xc1, true, squeeze("4"+noise(900_000))), "", len(noise(900_000))},
		{"empty", frame(0xc1, true, ""), "close 1002", 0}, // not even a block
		{"empty block", frame(0xc1, true, "\x00"), "close", 0},
		{"truncated", frame(0xc1, true, hello[:4]), "close 1002", 0},
		{"truncated block", frame(0xc1, true, "\x00\xff\xff\x00\x004hel"), "close 1002", 0},
		{"garbage", frame(0xc1, true, "\xff\xff\xff\xff"), "close 1002", 0},
		{"RSV1 on a continuation", frame(0x41, true, hello[:3]) + frame(0xc0, true, hello[3:]), "close 1002", 0},
		{"RSV1 on a ping", frame(0xc9, true, "p"), "close 1002", 0},
		{"RSV1 on a close", frame(0xc8, true, ""), "close 1002", 0},
		{"RSV2", frame(0xa1, true, "4x"), "close 1002", 0},
		{"all of them", frame(0xf1, true, hello), "close 1002", 0},
		{"bad UTF-8", frame(0xc1, true, squeeze("4\xff")), "close 1007", 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, false, Config{PerMessageDeflate: &Compression{}, MaxPayload: limit}, newApp())
			c := r.rawDeflate()
			defer c.Close()
			p := r.opened()
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			start := time.Now()
			sent := make(chan struct{})
			go func() { defer close(sent); c.write(tt.frames) }()
			defer func() { <-sent }()
			if tt.want == "" {
				waitFor(t, "the message", func() bool { return len(p.messages()) == 1 })
				if got := len(p.messages()[0]); got != tt.received {
					t.Errorf("received %d bytes, want %d", got, tt.received)
				}
				p.wantOpen(t)
				return
			}
			if got := c.end(); got != tt.want {
				t.Errorf("the last frame is %q, want %q", got, tt.want)
			}
			<-p.closed
			took := time.Since(start)
			runtime.ReadMemStats(&after)
			// Growing to the limit by doubling claims twice its size; this test's own
			// copies and the race detector's habits come on top.
			if n := after.TotalAlloc - before.TotalAlloc; n > 8*limit || took > 5*time.Second {
				t.Errorf("%d bytes allocated in %v", n, took)
			}
			if len(p.messages()) != 0 {
				t.Error("something was delivered")
			}
		})
	}
	t.Run("without the extension", func(t *testing.T) {
		r := newRig(t, false, Config{}, newApp())
		c := r.rawWS("")
		defer c.Close()
		c.write(frame(0xc1, true, hello))
		if got := c.end(); got != "close 1002" {
			t.Errorf("%q", got)
		}
	})
}

// TestDeflateHoldsNothingIdle measures what idle sessions keep that have sent and
// received compressed messages.
func TestDeflateHoldsNothingIdle(t *testing.T) {
	const sessions = 100
	heap := func() uint64 {
		var m runtime.MemStats
		for range 3 { // pools give up what two collections found unused
			runtime.GC()
		}
		runtime.ReadMemStats(&m)
		return m.HeapInuse
	}
	a := newApp()
	r := newRig(t, false, Config{PerMessageDeflate: &Compression{}}, a)
	before := heap()
	text := noise(20_000)
	for range sessions {
		c := r.rawDeflate()
		defer c.Close()
		p := r.opened()
		_ = p.text(text)
		if got := c.next(); !strings.HasPrefix(got, "c1:") || len(got) > len(text)/2 {
			t.Fatalf("%d bytes %.10q", len(got), got)
		}
		c.write(frame(0xc1, true, squeeze("4"+text)))
		waitFor(t, "the message", func() bool { return len(p.messages()) == 1 })
		p.mu.Lock()
		p.received = nil
		p.mu.Unlock()
	}
	if n := int64(heap()-before) / sessions; n > 24<<10 { // a flate writer alone is 600 KiB
		t.Errorf("%d bytes per idle session", n)
	}
}
