// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"bufio"
	"bytes"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

// The WebSocket opcodes.
const (
	opContinuation = 0x0
	opText         = 0x1
	opBinary       = 0x2
	opClose        = 0x8
	opPing         = 0x9
	opPong         = 0xa
	fin            = 0x80
)

// show is the script notation of a message: text as it is, binary as <01 02>.
func show(data []byte, isBinary bool) string {
	if isBinary {
		return fmt.Sprintf("<% x>", data)
	}
	return string(data)
}

// binaryOf returns the bytes of a binary message in script notation.
func binaryOf(t *testing.T, text string) ([]byte, bool) {
	t.Helper()
	if !strings.HasPrefix(text, "<") || !strings.HasSuffix(text, ">") {
		return nil, false
	}
	data, err := hex.DecodeString(strings.ReplaceAll(text[1:len(text)-1], " ", ""))
	if err != nil {
		t.Fatalf("script: %q: %v", text, err)
	}
	return data, true
}

var openPacket = regexp.MustCompile(`^0\{"sid":"([A-Za-z0-9_-]{20})","upgrades":\[("websocket")?\],"pingInterval":\d+,"pingTimeout":\d+,"maxPayload":\d+\}`)

// sidOf returns the session id in an open packet.
func sidOf(t *testing.T, packet string) string {
	t.Helper()
	m := openPacket.FindStringSubmatch(packet)
	if m == nil {
		t.Fatalf("%q is no open packet", packet)
	}
	return m[1]
}

const (
	wsKey     = "dGhlIHNhbXBsZSBub25jZQ=="
	wsHeaders = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " + wsKey + "\r\n"
)

func readReply(r io.Reader, method string) reply {
	res, err := http.ReadResponse(bufio.NewReader(r), &http.Request{Method: method})
	if err != nil {
		return reply{err: err}
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return reply{res.StatusCode, res.Header, string(body), res.ContentLength, err}
}

// refusedUpgrade sends an upgrade that must not be answered with 101 and returns
// all that comes back until the connection ends.
func (s *site) refusedUpgrade(t *testing.T, method, target, headers string) string {
	t.Helper()
	conn, err := net.Dial("tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(patience))
	if _, err := io.WriteString(conn, method+" "+target+" HTTP/1.1\r\nHost: "+s.addr+"\r\n"+headers+"\r\n"); err != nil {
		t.Fatal(err)
	}
	all, err := io.ReadAll(conn)
	if err != nil {
		t.Fatalf("%s: after %q: %v", target, all, err)
	}
	return string(all)
}

// A ws is the client's end of a WebSocket, frame by frame.
type ws struct {
	t      *testing.T
	conn   net.Conn
	br     *bufio.Reader
	header http.Header // of the 101
	sid    string      // of the Engine.IO session
}

// A frame is one that the server sent.
type frame struct {
	op   byte // opcode; FIN must be set
	data []byte
}

// dial opens a WebSocket. Headers are whole lines.
func (s *site) dial(t *testing.T, target string, headers ...string) *ws {
	t.Helper()
	w, res := s.tryDial(t, target, headers...)
	if w == nil {
		t.Fatalf("%s: answered %s %v, want 101", target, res.Status, res.Header)
	}
	return w
}

// tryDial returns nil and the answer when that is not 101.
func (s *site) tryDial(t *testing.T, target string, headers ...string) (*ws, *http.Response) {
	t.Helper()
	conn, err := net.Dial("tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	conn.SetDeadline(time.Now().Add(patience))
	request := "GET " + target + " HTTP/1.1\r\nHost: " + s.addr + "\r\n" + wsHeaders + strings.Join(append(headers, ""), "\r\n") + "\r\n"
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	br := bufio.NewReader(conn)
	res, err := http.ReadResponse(br, nil)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha1.Sum([]byte(wsKey + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	if res.StatusCode != 101 || res.Header.Get("Sec-WebSocket-Accept") != base64.StdEncoding.EncodeToString(sum[:]) {
		return nil, res
	}
	return &ws{t: t, conn: conn, br: br, header: res.Header}, res
}

// open opens a WebSocket session and reads its open packet.
func (s *site) open(t *testing.T, path string, query ...string) *ws {
	t.Helper()
	w := s.dial(t, path+"?EIO=4&transport=websocket"+strings.Join(query, ""))
	w.sid = sidOf(t, w.text())
	return w
}

// upgrade opens the WebSocket that upgrades a polling session.
func (c *session) upgrade() *ws {
	c.t.Helper()
	w := c.site.dial(c.t, strings.Replace(c.target, "polling", "websocket", 1))
	w.sid = c.sid
	return w
}

// upgraded runs the whole upgrade, without a GET in flight.
func (c *session) upgraded() *ws {
	c.t.Helper()
	w := c.upgrade()
	w.send("2probe")
	w.want("3probe")
	w.send("5")
	return w
}

// raw writes bytes as they are. Errors show in what is read afterwards.
func (w *ws) raw(b []byte) { _, _ = w.conn.Write(b) }

// frame writes a masked frame; first is FIN, RSV and opcode.
func (w *ws) frame(first byte, data []byte) { w.raw(masked(first, data)) }

func masked(first byte, data []byte) []byte {
	b := []byte{first}
	switch n := len(data); {
	case n < 126:
		b = append(b, 0x80|byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, 0x80|126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, 0x80|127), uint64(n))
	}
	mask := [4]byte{0x12, 0x34, 0x56, 0x78}
	b = append(b, mask[:]...)
	for i, c := range data {
		b = append(b, c^mask[i%4])
	}
	return b
}

// send writes messages, each in one frame.
func (w *ws) send(messages ...string) {
	w.t.Helper()
	for _, text := range messages {
		if data, ok := binaryOf(w.t, text); ok {
			w.frame(fin|opBinary, data)
		} else {
			w.frame(fin|opText, []byte(text))
		}
	}
}

// read returns the next frame, whatever it is.
func (w *ws) read() (frame, error) {
	var head [10]byte
	if _, err := io.ReadFull(w.br, head[:2]); err != nil {
		return frame{}, err
	}
	if head[0]&0xf0 != fin || head[1]&0x80 != 0 {
		return frame{}, fmt.Errorf("frame begins with % x: fragmented, masked or with a reserved bit", head[:2])
	}
	n := uint64(head[1])
	switch n {
	case 126:
		if _, err := io.ReadFull(w.br, head[2:4]); err != nil {
			return frame{}, err
		}
		n = uint64(binary.BigEndian.Uint16(head[2:]))
	case 127:
		if _, err := io.ReadFull(w.br, head[2:10]); err != nil {
			return frame{}, err
		}
		n = binary.BigEndian.Uint64(head[2:])
	}
	data := make([]byte, n)
	_, err := io.ReadFull(w.br, data)
	return frame{head[0] & 0xf, data}, err
}

// packet returns the next message in script notation.
func (w *ws) packet() (string, error) {
	f, err := w.read()
	switch {
	case err != nil:
		return "", err
	case f.op == opText || f.op == opBinary:
		return show(f.data, f.op == opBinary), nil
	}
	return "", fmt.Errorf("frame with opcode %#x and data %q, want a message", f.op, f.data)
}

func (w *ws) text() string {
	w.t.Helper()
	text, err := w.packet()
	if err != nil {
		w.t.Fatal(err)
	}
	return text
}

// want checks the next messages. <SID> stands for any id.
func (w *ws) want(messages ...string) {
	w.t.Helper()
	for _, want := range messages {
		if got := w.text(); !matches(want, got) {
			w.t.Fatalf("got %q, want %q", got, want)
		}
	}
}

// matches compares, with <SID> for any id.
func matches(want, got string) bool {
	pattern := strings.ReplaceAll(regexp.QuoteMeta(want), "<SID>", "[A-Za-z0-9_-]{20}")
	pattern = strings.ReplaceAll(pattern, "<ID>", "[a-z2-7]{16}")
	return regexp.MustCompile("^(?s:" + pattern + ")$").MatchString(got)
}

// closed expects a Close frame, without a code when code is 0, answers it, and
// expects the end of the connection.
func (w *ws) closed(code int) {
	w.t.Helper()
	f, err := w.read()
	if err != nil {
		w.t.Fatalf("no Close frame: %v", err)
	}
	var want []byte
	if code != 0 {
		want = binary.BigEndian.AppendUint16(nil, uint16(code))
	}
	if f.op != opClose || !bytes.Equal(f.data, want) {
		// A reason behind the code is allowed where the code is the peer's matter.
		if f.op != opClose || code == 0 || !bytes.HasPrefix(f.data, want) {
			w.t.Fatalf("got opcode %#x, data %q; want a Close frame with code %d", f.op, f.data, code)
		}
	}
	w.frame(fin|opClose, f.data)
	if f, err := w.read(); err == nil {
		w.t.Fatalf("after the Close frame: opcode %#x, data %q", f.op, f.data)
	} else if ne := net.Error(nil); errors.As(err, &ne) && ne.Timeout() {
		w.t.Fatalf("the connection stays open after both Close frames")
	}
}

// bye ends the connection from the client's side and expects the answer.
func (w *ws) bye() {
	w.t.Helper()
	w.frame(fin|opClose, nil)
	w.closed(0)
}

// silent checks that nothing comes for a while.
func (w *ws) silent(d time.Duration) {
	w.t.Helper()
	w.conn.SetReadDeadline(time.Now().Add(d))
	defer w.conn.SetReadDeadline(time.Now().Add(patience))
	if _, err := w.br.Peek(1); err == nil {
		f, err := w.read()
		w.t.Fatalf("got opcode %#x, data %q, %v; want nothing", f.op, f.data, err)
	} else if ne := net.Error(nil); !errors.As(err, &ne) || !ne.Timeout() {
		w.t.Fatalf("connection ended: %v", err)
	}
}

func (w *ws) seat(s *site) *seat {
	w.t.Helper()
	return s.seat(w.t, w.sid)
}

// reset sends a request and cuts the connection with a RST.
func reset(t *testing.T, s *site, request string) {
	t.Helper()
	conn, err := net.Dial("tcp", s.addr)
	if err != nil {
		t.Fatal(err)
	}
	_ = conn.(*net.TCPConn).SetLinger(0)
	_, _ = io.WriteString(conn, request)
	conn.Close()
}
