// SPDX-License-Identifier: Apache-2.0

package engineio

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sockgen/sockgen/runtime/internal/memnet"
)

// frame builds a client's frame: first is its first byte, the mask is zero.
func frame(first byte, masked bool, payload string) string {
	b := []byte{first}
	bit := byte(0)
	if masked {
		bit = maskBit
	}
	switch n := len(payload); {
	case n < 126:
		b = append(b, bit|byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, bit|126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, bit|127), uint64(n))
	}
	if masked {
		b = append(b, 0, 0, 0, 0)
	}
	return string(b) + payload
}

// A rawWS is a WebSocket whose client side is bytes.
type rawWS struct {
	t testing.TB
	net.Conn
}

// rawWS connects and consumes the 101 and, without a sid, the open packet.
func (r *rig) rawWS(sid string) *rawWS {
	r.t.Helper()
	query := wsQuery
	if sid != "" {
		query += "&sid=" + sid
	}
	c := &rawWS{r.t, r.begin(request("GET", query, "", upgradeHeaders...))}
	_ = c.SetReadDeadline(time.Now().Add(10 * time.Minute))
	var head []byte
	for !bytes.HasSuffix(head, []byte("\r\n\r\n")) {
		one := make([]byte, 1)
		if _, err := io.ReadFull(c, one); err != nil {
			r.t.Fatalf("after %q: %v", head, err)
		}
		head = append(head, one...)
	}
	if sid == "" {
		c.next()
	}
	return c
}

func (c *rawWS) write(s string) { _, _ = io.WriteString(c, s) }

// next returns the next frame as "opcode:payload", a Close frame as "close code",
// or the end as "eof".
func (c *rawWS) next() string {
	c.t.Helper()
	head := make([]byte, 2)
	if _, err := io.ReadFull(c, head); err != nil {
		if isTimeout(err) {
			return "nothing"
		}
		return "eof"
	}
	n := uint64(head[1])
	switch n {
	case 126:
		ext := make([]byte, 2)
		_, _ = io.ReadFull(c, ext)
		n = uint64(binary.BigEndian.Uint16(ext))
	case 127:
		ext := make([]byte, 8)
		_, _ = io.ReadFull(c, ext)
		n = binary.BigEndian.Uint64(ext)
	}
	payload := make([]byte, n)
	if _, err := io.ReadFull(c, payload); err != nil {
		return "truncated"
	}
	if head[0] == finalBit|opClose {
		if n < 2 {
			return "close"
		}
		return fmt.Sprintf("close %d%s", binary.BigEndian.Uint16(payload), payload[2:])
	}
	return fmt.Sprintf("%x:%s", head[0], payload)
}

// end returns the last frame before the connection ended.
func (c *rawWS) end() string {
	c.t.Helper()
	last := "eof"
	for {
		f := c.next()
		if f == "eof" || f == "nothing" || f == "truncated" {
			if f != "eof" {
				return last + ", then " + f
			}
			return last
		}
		last = f
		if strings.HasPrefix(f, "close") {
			c.write(frame(finalBit|opClose, true, ""))
		}
	}
}

// TestQueuedMessagesLeaveInOneWrite holds that one system call carries many frames.
func TestQueuedMessagesLeaveInOneWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp()
		r := newRig(t, true, Config{PingInterval: time.Hour}, a)
		c := r.rawWS("")
		defer c.Close()
		p := r.opened()
		server := serverEnd(p)
		before := server.Writes()
		p.Session.mu.Lock() // keeps the flusher that Send starts from being quicker
		for i := range 500 {
			m := NewMessage()
			m.Text = fmt.Appendf(m.Buffer(), "message %d", i)
			if err := p.sendLocked(m); err != nil {
				t.Error(err)
			}
			m.Release()
		}
		p.flushLocked()
		p.Session.mu.Unlock()
		for i := range 500 {
			if got, want := c.next(), fmt.Sprintf("81:4message %d", i); got != want {
				t.Fatalf("%q, want %q", got, want)
			}
		}
		synctest.Wait()
		if n := server.Writes() - before; n != 1 {
			t.Errorf("500 messages took %d writes", n)
		}
	})
}

// TestHandshakeIsOneWrite holds that the 101, the open packet and what Open sent
// leave together.
func TestHandshakeIsOneWrite(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp()
		a.onOpen = func(p *peer) { _ = p.text("hello") }
		r := newRig(t, true, Config{PingInterval: time.Hour}, a)
		c := r.rawWS("")
		defer c.Close()
		if got := c.next(); got != "81:4hello" {
			t.Errorf("%q", got)
		}
		if n := serverEnd(r.opened()).Writes(); n != 1 {
			t.Errorf("%d writes", n)
		}
	})
}

// serverEnd returns the in-memory connection under a session's WebSocket.
func serverEnd(p *peer) *memnet.Conn {
	p.Session.mu.Lock()
	defer p.Session.mu.Unlock()
	return p.ws.conn.Conn.(*memnet.Conn)
}

// TestLargePayloads holds frames of every length form, copied and not.
func TestLargePayloads(t *testing.T) {
	for _, mem := range []bool{true, false} {
		r := newRig(t, mem, Config{MaxPayload: 300_000}, newApp())
		c, p := r.openWS()
		for _, n := range []int{0, 1, 124, 125, 126, 127, copyLimit - 1, copyLimit, copyLimit + 1, 65534, 65535, 65536, 200_000} {
			m := NewMessage()
			m.Text = append(m.Buffer(), strings.Repeat("t", n)...)
			m.Attachments = [][]byte{bytes.Repeat([]byte{7}, n), {1}}
			if err := p.Send(m); err != nil {
				t.Fatal(err)
			}
			m.Release()
			go p.Flush() // it writes, so it waits for the reader below
			if got := c.read(); got != "4"+strings.Repeat("t", n) {
				t.Errorf("text of %d bytes came as %d", n, len(got)-1)
			}
			if got := c.read(); got != "<"+strings.Repeat("07", n)+">" {
				t.Errorf("attachment of %d bytes came as %d characters", n, len(got))
			}
			c.want("<01>")
			c.send("4" + strings.Repeat("u", n))
			waitFor(t, "the message", func() bool { return len(p.messages()) > 0 })
			if got := p.messages()[len(p.messages())-1]; len(got) != n {
				t.Errorf("received %d bytes of %d", len(got), n)
			}
			p.mu.Lock()
			p.received = nil
			p.mu.Unlock()
		}
		c.Close()
		p.wantClosed(t, TransportClose)
	}
}

// TestBase64OnWebSocket holds R39.
func TestBase64OnWebSocket(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, true, Config{}, newApp())
		c, _, err := r.ws(wsQuery + "&b64=1")
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		c.read()
		m := NewMessage()
		defer m.Release()
		m.Attachments = [][]byte{{1, 2, 3, 4}, {}}
		if err := r.opened().Send(m); err != nil {
			t.Fatal(err)
		}
		c.want("bAQIDBA==")
		c.want("b")
	})
}

// TestServerEndingWaitsForThePeer holds R76.
func TestServerEndingWaitsForThePeer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, true, Config{}, newApp())
		c := r.rawWS("")
		defer c.Close()
		p := r.opened()
		_ = p.text("last")
		p.Close(ForcedClose)
		if got := c.next(); got != "81:4last" {
			t.Errorf("%q", got)
		}
		if got := c.next(); got != "close" {
			t.Errorf("%q", got)
		}
		c.write(frame(0x81, true, "4ignored"))
		start := time.Now()
		if got := c.next(); got != "eof" || time.Since(start) != 30*time.Second {
			t.Errorf("%q after %v", got, time.Since(start))
		}
		if got := p.messages(); len(got) != 0 {
			t.Errorf("received %q after Close", got)
		}
	})
}

// TestDroppedConnection holds R74.
func TestDroppedConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, true, Config{}, newApp())
		for _, drop := range []func(c net.Conn){
			func(c net.Conn) { c.Close() },
			func(c net.Conn) { c.(*memnet.Conn).Reset() },
		} {
			c := r.rawWS("")
			p := r.opened()
			c.write("\x81")
			drop(c.Conn)
			p.wantClosed(t, TransportClose)
		}
	})
}

// TestIdleSessionHasOneGoroutine counts on a real connection, where nothing but
// the reader may stay.
func TestIdleSessionHasOneGoroutine(t *testing.T) {
	a := newApp()
	a.echo = true
	r := newRig(t, false, Config{}, a)
	before := runtime.NumGoroutine()
	for quiet := 0; quiet < 30; quiet++ { // what other tests left has ended
		time.Sleep(10 * time.Millisecond)
		if n := runtime.NumGoroutine(); n != before {
			before, quiet = n, 0
		}
	}
	const sessions = 50
	var clients []*wsClient
	for i := range sessions {
		c, _, err := r.ws(wsQuery)
		if err != nil {
			t.Fatal(err)
		}
		c.read()
		if i%2 == 0 {
			c.send("4x")
			c.want("4x")
		}
		clients = append(clients, c)
	}
	got := 0
	for range 200 {
		if got = runtime.NumGoroutine() - before; got == sessions {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if got != sessions {
		t.Errorf("%d goroutines for %d idle sessions", got, sessions)
	}
	for range sessions {
		p := r.opened()
		p.Session.mu.Lock()
		if p.queue != nil || cap(p.ws.control) > 0 {
			t.Error("an idle session holds buffers")
		}
		p.Session.mu.Unlock()
	}
	for _, c := range clients {
		c.Close()
	}
}

// TestFrameScanner feeds frames in every possible split.
func TestFrameScanner(t *testing.T) {
	stream := frame(0x01, true, "ab") + frame(0x89, true, "ping") + frame(0x00, true, "") + frame(0x80, true, strings.Repeat("x", 130)) +
		frame(0x82, false, strings.Repeat("y", 70_000)) + frame(0x81, true, "")
	for _, size := range []int{1, 2, 3, 7, 64, 1000, len(stream)} {
		var s frameScanner
		for rest := []byte(stream); len(rest) > 0; {
			n := min(size, len(rest))
			if _, err := s.advance(rest[:n], 3); err != nil {
				t.Fatalf("pieces of %d: %v", size, err)
			}
			rest = rest[n:]
			if len(rest) > 0 && len(rest) < 70_000 && !s.midway() && len(rest) > 6 {
				t.Errorf("pieces of %d: not midway with %d bytes to come", size, len(rest))
			}
		}
		if s.midway() {
			t.Errorf("pieces of %d: midway at the end", size)
		}
		if _, err := s.advance([]byte(frame(0x01, true, "")+strings.Repeat(frame(0x00, true, ""), 3)), 3); err != errFragments {
			t.Errorf("fourth fragment: %v", err)
		}
	}
	// What precedes a frame at fault is told apart from it.
	bad := stream + frame(0x88, true, "x")
	for _, size := range []int{1, 5, 1000, len(bad)} {
		var s frameScanner
		passed, err := 0, error(nil)
		for rest := []byte(bad); len(rest) > 0 && err == nil; {
			n := min(size, len(rest))
			var sound int
			sound, err = s.advance(rest[:n], 3)
			passed += sound
			rest = rest[n:]
		}
		if err != errCloseFrame || passed < len(stream) || passed > len(stream)+5 || size == len(bad) && passed != len(stream) {
			t.Errorf("pieces of %d: %d bytes passed, want %d; %v", size, passed, len(stream), err)
		}
	}
}

// TestIdleConnectionHoldsNoBuffer looks from the reading goroutine, in Receive,
// when the only message that came has been read and its echo has left.
func TestIdleConnectionHoldsNoBuffer(t *testing.T) {
	a := newApp()
	type buffers struct{ receiving, sending bool }
	held := make(chan buffers, 1)
	a.receive = func(p *peer, data []byte, _ bool) {
		_ = p.text(string(data))
		p.Session.Flush()
		p.Session.mu.Lock()
		c := p.ws.conn
		p.Session.mu.Unlock()
		c.writeMu.Lock()
		defer c.writeMu.Unlock()
		held <- buffers{receiving: c.chunk != nil, sending: c.out != nil}
	}
	r := newRig(t, false, Config{}, a)
	c, _ := r.openWS()
	defer c.Close()
	text := "4" + strings.Repeat("x", 3000)
	c.send(text)
	c.want(text)
	if h := <-held; h != (buffers{}) {
		t.Errorf("held: %+v", h)
	}
}
