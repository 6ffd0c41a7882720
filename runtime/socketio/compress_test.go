// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

// A wire is a client that sees the bytes of its WebSocket, with permessage-deflate
// agreed.
type wire struct {
	t testing.TB
	c net.Conn
	r *bufio.Reader
}

// wire dials, joins a namespace and returns the socket's id too.
func (r *rig) wire(namespace, auth string) *wire {
	r.t.Helper()
	c, err := r.l.Dial(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { c.Close() })
	_ = c.SetReadDeadline(time.Now().Add(patience))
	w := &wire{r.t, c, bufio.NewReader(c)}
	fmt.Fprint(c, "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n")
	res, err := http.ReadResponse(w.r, nil)
	if err != nil || res.Header.Get("Sec-WebSocket-Extensions") == "" {
		r.t.Fatalf("permessage-deflate was not agreed: %v, %v", res, err)
	}
	w.next()
	w.send("40" + namespace + "," + auth)
	return w
}

// send sends a short text frame.
func (w *wire) send(text string) {
	w.t.Helper()
	frame := append([]byte{0x81, 0x80 | byte(len(text)), 0, 0, 0, 0}, text...)
	if _, err := w.c.Write(frame); err != nil || len(text) > 125 {
		w.t.Fatalf("send %q: %v", text, err)
	}
}

// next returns the next frame's payload, inflated, and whether RSV1 marks it as
// compressed.
func (w *wire) next() (payload string, compressed bool) {
	w.t.Helper()
	_ = w.c.SetReadDeadline(time.Now().Add(patience))
	var head [2]byte
	_, err := io.ReadFull(w.r, head[:])
	n := uint64(head[1])
	long := make([]byte, map[uint64]int{126: 2, 127: 8}[n])
	if _, e := io.ReadFull(w.r, long); len(long) > 0 && e == nil {
		n = binary.BigEndian.Uint64(append(make([]byte, 8-len(long)), long...))
	}
	b := make([]byte, n)
	if _, e := io.ReadFull(w.r, b); err != nil || e != nil {
		w.t.Fatalf("read a frame: %v, %v", err, e)
	}
	if compressed = head[0]&0x40 != 0; compressed {
		b, err = io.ReadAll(flate.NewReader(bytes.NewReader(append(b, "\x00\x00\xff\xff\x01\x00\x00\xff\xff"...))))
		if err != nil {
			w.t.Fatalf("inflate: %v", err)
		}
	}
	return string(b), compressed
}

// lengthy is an argument that is worth compressing.
var lengthy = strings.Repeat("sock", 500)

// plain returns v, uncompressed unless compression is allowed.
func plain[T interface{ Uncompressed() T }](v T, allowed bool) T {
	if allowed {
		return v
	}
	return v.Uncompressed()
}

// ways are the calls that send the event "x" with lengthy to the one socket s, which
// is in the room "red" of n, a child of p.
var ways = []struct {
	name string
	emit func(ctx context.Context, p *ParentNamespace, n *Namespace, s *Socket, allowed bool) error
}{
	{"socket", func(ctx context.Context, _ *ParentNamespace, _ *Namespace, s *Socket, allowed bool) error {
		if allowed {
			return s.Emit(ctx, "x", lengthy)
		}
		return s.Uncompressed().Emit(ctx, "x", lengthy)
	}},
	{"volatile", func(ctx context.Context, _ *ParentNamespace, _ *Namespace, s *Socket, allowed bool) error {
		return plain(s.Volatile(), allowed).Emit(ctx, "x", lengthy)
	}},
	{"any call counts", func(ctx context.Context, _ *ParentNamespace, _ *Namespace, s *Socket, allowed bool) error {
		return plain(Emitter{s: s}, allowed).Volatile().Emit(ctx, "x", lengthy)
	}},
	{"ack", func(ctx context.Context, _ *ParentNamespace, _ *Namespace, s *Socket, allowed bool) error {
		_, err := plain(Emitter{s: s}, allowed).EmitWithAck(ctx, "x", lengthy)
		return err
	}},
	{"timed ack", func(ctx context.Context, _ *ParentNamespace, _ *Namespace, s *Socket, allowed bool) error {
		_, err := plain(Emitter{s: s}, allowed).Timeout(patience).EmitWithAck(ctx, "x", lengthy)
		return err
	}},
	{"namespace", func(ctx context.Context, _ *ParentNamespace, n *Namespace, _ *Socket, allowed bool) error {
		if allowed {
			return n.Emit(ctx, "x", lengthy)
		}
		return n.Uncompressed().Emit(ctx, "x", lengthy)
	}},
	{"room", func(ctx context.Context, _ *ParentNamespace, n *Namespace, _ *Socket, allowed bool) error {
		return plain(n.To("red"), allowed).Emit(ctx, "x", lengthy)
	}},
	{"volatile broadcast", func(ctx context.Context, _ *ParentNamespace, n *Namespace, _ *Socket, allowed bool) error {
		return plain(n.Volatile(), allowed).Emit(ctx, "x", lengthy)
	}},
	{"acks of many", func(ctx context.Context, _ *ParentNamespace, n *Namespace, _ *Socket, allowed bool) error {
		_, err := plain(n.Except(), allowed).Timeout(patience).EmitWithAck(ctx, "x", lengthy)
		return err
	}},
	{"parent", func(ctx context.Context, p *ParentNamespace, _ *Namespace, _ *Socket, allowed bool) error {
		if allowed {
			return p.Emit(ctx, "x", lengthy)
		}
		return p.Uncompressed().Emit(ctx, "x", lengthy)
	}},
}

// compressing sets the namespace /n1 up, whose sockets join "red" and are sent
// "held" before their CONNECT reply, uncompressed.
func compressing(parent **ParentNamespace) func(srv *Server) {
	return func(srv *Server) {
		p := srv.OfPattern(regexp.MustCompile("^/n1$"))
		p.Use(func(ctx context.Context, s *Socket) error {
			return errors.Join(s.Join("red"), s.Uncompressed().Emit(ctx, "held", lengthy), s.Emit(ctx, "held", lengthy))
		})
		*parent = p
	}
}

// eachRecovery runs f without recovery and with it.
func eachRecovery(t *testing.T, f func(t *testing.T, recovery *Recovery)) {
	t.Run("plain", func(t *testing.T) { f(t, nil) })
	t.Run("recovery", func(t *testing.T) { f(t, &Recovery{}) })
}

// emitting calls way, which may wait for an ack until the test is over.
func emitting(t *testing.T, way func(ctx context.Context) error) (stop func()) {
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := way(ctx); err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	return func() {
		cancel()
		wg.Wait()
	}
}

// R78: frames of events that must not be compressed have no RSV1, whichever way the
// event took.
func TestCompressOnWebSocket(t *testing.T) {
	eachRecovery(t, func(t *testing.T, recovery *Recovery) {
		var p *ParentNamespace
		r := newRig(t, Config{PerMessageDeflate: &Compression{}, Recovery: recovery}, compressing(&p))
		w := r.wire("/n1", "")
		w.next() // the CONNECT reply, too short
		want := func(what string, allowed bool) {
			t.Helper()
			if text, compressed := w.next(); !strings.Contains(text, lengthy) || compressed != allowed {
				t.Errorf("%s: %.40q, compressed: %v, want %v", what, text, compressed, allowed)
			}
		}
		want("held uncompressed", false)
		want("held", true)
		n := r.Of("/n1")
		s := n.Sockets()[0]
		for _, way := range ways {
			for _, allowed := range []bool{false, true} {
				stop := emitting(t, func(ctx context.Context) error {
					for { // volatile ones are dropped while the last frame is being written
						dropped := r.Stats().VolatileDropped
						if err := way.emit(ctx, p, n, s, allowed); err != nil || r.Stats().VolatileDropped == dropped {
							return err
						}
					}
				})
				want(way.name, allowed)
				stop()
			}
		}
	})
}

// R66: a polling answer is compressed when any event in it may be.
func TestCompressOnPolling(t *testing.T) {
	eachRecovery(t, func(t *testing.T, recovery *Recovery) {
		var p *ParentNamespace
		srv, url := loopback(t, Config{HTTPCompression: &Compression{}, Recovery: recovery}, compressing(&p))
		session := open(t, url)
		request(t, "POST", session, "40/n1,")
		poll(t, session) // the CONNECT reply, and what may come with it
		n := srv.Of("/n1")
		s := n.Sockets()[0]
		s.Emit(t.Context(), "last")
		for text := ""; !strings.Contains(text, `"last"`); {
			text, _ = poll(t, session)
		}
		for _, way := range ways {
			if strings.HasPrefix(way.name, "volatile") || strings.HasPrefix(way.name, "any call") {
				continue // nobody polls at that moment
			}
			for _, allowed := range []bool{false, true} {
				stop := emitting(t, func(ctx context.Context) error { return way.emit(ctx, p, n, s, allowed) })
				if text, compressed := poll(t, session); !strings.Contains(text, lengthy) || compressed != allowed {
					t.Errorf("%s: %.40q, compressed: %v, want %v", way.name, text, compressed, allowed)
				}
				stop()
			}
		}
		emit(t, s, "short")
		if err := s.Uncompressed().Emit(t.Context(), "x", lengthy); err != nil {
			t.Fatal(err)
		}
		if text, compressed := poll(t, session); !strings.Contains(text, lengthy) || !compressed {
			t.Errorf("one of two may be compressed: %.40q, compressed: %v", text, compressed)
		}
		request(t, "POST", session, "1")
	})
}

// poll returns an answer's payload, and whether it came compressed.
func poll(t *testing.T, url string) (payload string, compressed bool) {
	t.Helper()
	req, err := http.NewRequest("GET", url, nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Accept-Encoding", "gzip")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var body io.Reader = res.Body
	if compressed = res.Header.Get("Content-Encoding") == "gzip"; compressed {
		if body, err = gzip.NewReader(body); err != nil {
			t.Fatal(err)
		}
	}
	b, err := io.ReadAll(body)
	if err != nil || res.StatusCode != 200 {
		t.Fatalf("GET: %d %q, %v", res.StatusCode, b, err)
	}
	return string(b), compressed
}

// R227: what a client missed comes as it would have come before.
func TestCompressAfterRecovery(t *testing.T) {
	r := newRig(t, Config{PerMessageDeflate: &Compression{}, Recovery: &Recovery{}}, func(srv *Server) { srv.Of("/n") })
	w := r.wire("/n", "")
	reply, _ := w.next()
	pid := regexp.MustCompile(`"pid":"([^"]*)"`).FindStringSubmatch(reply)[1]
	n := r.Of("/n")
	s := n.Sockets()[0]
	if err := s.Uncompressed().Emit(t.Context(), "x", lengthy); err != nil {
		t.Fatal(err)
	}
	w.c.Close() // before it reads that
	eventually(t, "the end of the connection", func() bool { return r.Stats().Sockets == 0 })
	for _, allowed := range []bool{false, true} {
		if err := plain(n.Except(), allowed).Emit(t.Context(), "x", lengthy); err != nil {
			t.Fatal(err)
		}
	}
	w = r.wire("/n", `{"pid":"`+pid+`"}`)
	for i, want := range []bool{false, false, true} {
		if text, compressed := w.next(); !strings.Contains(text, lengthy) || compressed != want {
			t.Errorf("missed event %d: %.40q, compressed: %v, want %v", i, text, compressed, want)
		}
	}
}

// A volatile event that nobody can take is not waited for.
func TestVolatileAckIsDropped(t *testing.T) {
	srv, url := loopback(t, Config{}, func(srv *Server) { srv.Of("/") })
	session := open(t, url)
	request(t, "POST", session, "40")
	poll(t, session)
	n := srv.Of("/")
	s := n.Sockets()[0]
	if _, err := s.Volatile().EmitWithAck(t.Context(), "x"); !errors.Is(err, ErrTimeout) || srv.Stats().VolatileDropped != 1 {
		t.Errorf("%v, %d dropped, want ErrTimeout and 1", err, srv.Stats().VolatileDropped)
	}
	request(t, "POST", session, "1")
}
