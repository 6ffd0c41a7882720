// SPDX-License-Identifier: Apache-2.0

package engineio

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
)

// answers lists the header of each answer of one session's life.
func (r *rig) answers(kind transportKind) []http.Header {
	r.t.Helper()
	if kind == "websocket" {
		c, res, err := r.ws(wsQuery)
		if err != nil {
			r.t.Fatal(err)
		}
		c.Close()
		return []http.Header{res.Header}
	}
	first := r.do("GET", polling, "")
	p := r.opened()
	sid := string(p.ID())
	list := []http.Header{first.header, r.post(sid, "4x").header}
	_ = p.text("y")
	list = append(list, r.get(sid).header)
	if kind == "upgrade" {
		c, res, err := r.ws(wsQuery + "&sid=" + sid)
		if err != nil {
			r.t.Fatal(err)
		}
		c.Close()
		list = append(list, res.Header)
	}
	return list
}

// TestHeaderHooks holds R64 on every transport.
func TestHeaderHooks(t *testing.T) {
	eachTransport(t, func(t *testing.T, kind transportKind) {
		cfg := Config{
			Headers: func(h http.Header, r *Request) {
				h.Set("X-Every", r.Query().Get("transport"))
				h.Add("Vary", "X-Tenant")
			},
			InitialHeaders: func(h http.Header, r *Request) {
				h.Set("X-First", r.URL)
				h["Set-Cookie"] = []string{"a=1", "b=2"}
			},
		}
		r := newRig(t, true, cfg, newApp())
		for i, h := range r.answers(kind) {
			want := transportPolling
			if kind == "websocket" || i == 3 {
				want = transportWebSocket
			}
			if got := h.Values("X-Every"); len(got) != 1 || got[0] != want || !strings.Contains(strings.Join(h["Vary"], ","), "X-Tenant") {
				t.Errorf("answer %d: %v", i, h)
			}
			if first := h.Get("X-First"); (first != "") != (i == 0) || i == 0 && !strings.HasPrefix(first, "/engine.io/?EIO=4&transport=") {
				t.Errorf("answer %d: X-First %q", i, first)
			}
			if got := len(h.Values("Set-Cookie")); (got == 2) != (i == 0) {
				t.Errorf("answer %d: %d cookies", i, got)
			}
		}
		refused := r.do("GET", "?EIO=4&transport="+string(kind)+"x", "")
		if refused.header.Get("X-Every") == "" || refused.header.Get("X-First") != "" {
			t.Errorf("refusal: %v", refused.header)
		}
	})
}

// TestHeaderHooksCannotSplit holds H-14: whatever a hook sets, an answer has no
// line that is not a field of ours.
func TestHeaderHooksCannotSplit(t *testing.T) {
	var log bytes.Buffer
	var mu sync.Mutex
	hook := func(h http.Header, _ *Request) {
		h["X-Value"] = []string{"a\r\nX-Injected: 1"}
		h["X-Second"] = []string{"fine", "b\nX-Injected: 1"}
		h["X-Nul"] = []string{"\x00"}
		h["X-Name\r\nX-Injected"] = []string{"1"}
		h[""] = []string{"1"}
		h["Content-Length"] = []string{"0"}
		h["content-type"] = []string{"text/html"}
		h["Transfer-Encoding"] = []string{"chunked"}
		h["Sec-WebSocket-Extensions"] = []string{"permessage-deflate"}
		h["sec-websocket-protocol"] = []string{"x"}
		h["Connection"] = []string{"close"}
		h["x-good"] = []string{"caf\u00e9\tau lait"}
	}
	for _, cfg := range []Config{{Headers: hook}, {InitialHeaders: hook}} {
		log.Reset()
		cfg.Logger = slog.New(slog.NewTextHandler(&lockedWriter{mu: &mu, w: &log}, nil))
		r := newRig(t, true, cfg, newApp())
		for _, raw := range []string{request("GET", polling, "", "Connection: close"), request("GET", wsQuery, "", upgradeHeaders...)} {
			c := r.begin(raw)
			head, _, _ := strings.Cut(readSome(t, c), "\r\n\r\n")
			c.Close()
			for _, bad := range []string{"X-Injected", "X-Value", "X-Second", "X-Nul", "text/html", "chunked", "Extensions", "Protocol: x", "Content-Length: 0"} {
				if strings.Contains(head, bad) {
					t.Errorf("%q in %q", bad, head)
				}
			}
			if !strings.Contains(head, "\r\nX-Good: caf\u00e9\tau lait") {
				t.Errorf("no X-Good in %q", head)
			}
		}
		mu.Lock()
		if got := strings.Count(log.String(), "left out"); got != 22 || strings.Contains(log.String(), "\nX-Injected") {
			t.Errorf("%d lines in the log, want 22:\n%s", got, log.String())
		}
		mu.Unlock()
	}
}

type lockedWriter struct {
	mu *sync.Mutex
	w  io.Writer
}

func (l *lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

// readSome returns what comes first, at least the head of an answer.
func readSome(t *testing.T, c io.Reader) string {
	t.Helper()
	var got []byte
	b := make([]byte, 4096)
	for !bytes.Contains(got, []byte("\r\n\r\n")) {
		n, err := c.Read(b)
		if got = append(got, b[:n]...); err != nil {
			t.Fatalf("after %q: %v", got, err)
		}
	}
	return string(got)
}

// TestHeaderHookPanics holds that a session whose hook panics leaves nothing.
func TestHeaderHookPanics(t *testing.T) {
	for _, query := range []string{polling, wsQuery} {
		r := newRig(t, true, Config{InitialHeaders: func(http.Header, *Request) { panic("hook") }}, newApp())
		var headers []string
		if query == wsQuery {
			headers = upgradeHeaders
		}
		r.do("GET", query, "", headers...).want(t, 500, "")
		waitFor(t, "the session's end", func() bool { return r.kept() == 0 && r.srv.Len() == 0 })
	}
}

// onlyUnwrap hides everything of a ResponseWriter but Unwrap (R128).
type onlyUnwrap struct{ w http.ResponseWriter }

func (o onlyUnwrap) Header() http.Header         { return o.w.Header() }
func (o onlyUnwrap) Write(p []byte) (int, error) { return o.w.Write(p) }
func (o onlyUnwrap) WriteHeader(status int)      { o.w.WriteHeader(status) }
func (o onlyUnwrap) Unwrap() http.ResponseWriter { return o.w }

// TestMiddlewares holds R127 and R128: ordinary net/http wrappers, on every
// transport.
func TestMiddlewares(t *testing.T) {
	var calls atomic.Int32
	count := func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			calls.Add(1)
			next.ServeHTTP(onlyUnwrap{w}, r)
		})
	}
	secure := func(next http.Handler) http.Handler { // as security middlewares do
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			h := w.Header()
			h.Set("Strict-Transport-Security", "max-age=1")
			h.Set("Content-Security-Policy", "default-src 'self'")
			h.Set("Content-Type", "application/x-wrong")
			http.SetCookie(w, &http.Cookie{Name: "session", Value: "1"})
			next.ServeHTTP(w, r)
		})
	}
	gate := func(next http.Handler) http.Handler { // ends the processing
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Query().Has("stop") {
				http.Error(w, "not today", http.StatusServiceUnavailable)
				return
			}
			next.ServeHTTP(w, r)
		})
	}
	for _, kind := range kinds {
		for _, mem := range []bool{true, false} {
			t.Run(fmt.Sprint(kind, mem), func(t *testing.T) {
				calls.Store(0)
				a := newApp()
				a.echo = true
				r := newRig(t, mem, Config{}, a, secure, gate, count)
				list := r.answers(kind)
				if n := int(calls.Load()); n != len(list) {
					t.Errorf("%d calls for %d answers", n, len(list))
				}
				for i, h := range list {
					if h.Get("Strict-Transport-Security") == "" || h.Get("Content-Security-Policy") == "" || h.Get("Set-Cookie") != "session=1" || strings.Contains(h.Get("Content-Type"), "wrong") {
						t.Errorf("answer %d: %v", i, h)
					}
				}
				if kind != "polling" {
					last := list[len(list)-1] // the 101
					if last.Get("Content-Type") != "" || last.Get("Upgrade") != "websocket" {
						t.Errorf("101: %v", last)
					}
				}
				for len(a.opened) > 0 {
					r.opened()
				}
				l, p := r.connect(kind)
				defer l.close()
				l.send("4hello")
				l.want("4hello")
				p.wantOpen(t)
				if a := r.do("GET", polling+"&stop=1", ""); a.status != 503 || a.body != "not today\n" {
					t.Errorf("stopped: %v", a)
				}
			})
		}
	}
}

// TestMiddlewareSeesAnAbortedPoll holds that the request's context still ends a
// session behind wrappers (R61).
func TestMiddlewareSeesAnAbortedPoll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, true, Config{}, newApp(), func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { next.ServeHTTP(onlyUnwrap{w}, r) })
		})
		sid, p := r.open()
		r.pending(sid, p).Close()
		p.wantClosed(t, TransportError)
		if p.err == nil || errors.Is(p.err, ErrSessionClosed) {
			t.Errorf("error %v", p.err)
		}
	})
}

// FuzzHeaderHook holds H-14: whatever name and value a hook sets, a 101 read back
// has that field, unchanged, or none of it.
func FuzzHeaderHook(f *testing.F) {
	for _, s := range [][2]string{
		{"X-A", "b"}, {"X-A", "b\r\nX-B: c"}, {"X-A\r\nX-B", "c"}, {"X-A: b", ""}, {"Set-Cookie", "a=\x00"},
		{"upgrade", "h2c"}, {"sec-websocket-accept", "x"}, {"Content-Length", "5"}, {"", ""}, {"é", "é"}, {"X-A", "\x7f"},
	} {
		f.Add(s[0], s[1])
	}
	srv := NewServer(Config{Logger: slog.New(slog.DiscardHandler)}, newApp())
	f.Fuzz(func(t *testing.T, name, value string) {
		h := make(http.Header)
		srv.addHeaders(h, func(h http.Header, _ *Request) { h[name] = []string{value} }, nil)
		raw := insertHeaders([]byte("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n"), h)
		res, err := http.ReadResponse(bufio.NewReader(bytes.NewReader(raw)), nil)
		if err != nil {
			t.Fatalf("%q: %v", raw, err)
		}
		for key, values := range res.Header {
			own := key == "Upgrade" && len(values) == 1 && values[0] == "websocket"
			if !own && (key != http.CanonicalHeaderKey(name) || len(values) != 1 || values[0] != strings.Trim(value, " \t")) {
				t.Errorf("%q: %q became %q", name, value, values)
			}
		}
	})
}
