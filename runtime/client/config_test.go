// SPDX-License-Identifier: Apache-2.0

package client

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sockgen/sockgen/runtime/siowire"
	"github.com/sockgen/sockgen/runtime/socketio"
)

func TestWhatNewRefuses(t *testing.T) {
	for _, test := range []struct {
		url  string
		cfg  Config
		want string
	}{
		{"ftp://x", Config{}, "use http, https, ws or wss"},
		{"localhost:3000", Config{}, "scheme"},
		{"http://", Config{}, "names no host"},
		{"http://user:secret@x", Config{}, "user name"},
		{"http://x/chat", Config{}, "Manager.Socket"},
		{"http://x?sid=1", Config{}, `"sid"`},
		{"http://x", Config{Path: "socket.io"}, "slash"},
		{"http://x", Config{Transports: []string{}}, "is empty"},
		{"http://x", Config{Transports: []string{"carrier pigeon"}}, "polling or websocket"},
		{"http://x", Config{Transports: []string{polling, polling}}, "twice"},
		{"http://x", Config{Query: url.Values{"EIO": {"3"}}}, `"EIO"`},
		{"http://x", Config{RandomizationFactor: 2}, "RandomizationFactor"},
		{"http://x", Config{ReconnectionDelay: time.Hour}, "ReconnectionDelayMax"},
		{"http://x", Config{Timeout: -1}, "Timeout"},
		{"http://x", Config{Limits: Limits{InboxBytes: -1}}, "Limits.InboxBytes"},
		{"http://x", Config{Limits: Limits{Packet: siowire.Limits{Depth: -1}}}, "Limits.Packet.Depth"},
	} {
		if _, err := New(test.url, test.cfg); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("New(%q, %+v): %v, want something about %s", test.url, test.cfg, err, test.want)
		}
	}
}

func TestAddresses(t *testing.T) {
	for _, test := range []struct {
		raw, transport, want string
		cfg                  Config
	}{
		{"http://x:3000", polling, "http://x:3000/socket.io/?EIO=4&transport=polling&t=", Config{}},
		{"https://x/", webSocket, "wss://x/socket.io/?EIO=4&transport=websocket&t=", Config{}},
		{"ws://x?a=b", polling, "http://x/my/path/?EIO=4&transport=polling&t=", Config{Path: "/my/path"}},
		{"wss://[::1]:1", webSocket, "wss://[::1]:1/p?EIO=4&transport=websocket&t=", Config{Path: "/p", NoTrailingSlash: true}},
	} {
		cfg := test.cfg.withDefaults()
		a, err := parseAddress(test.raw, &cfg)
		if err != nil {
			t.Fatal(err)
		}
		got := a.url(test.transport, "s&d")
		if !strings.HasPrefix(got, test.want) || !strings.Contains(got, "&sid=s%26d") || strings.Contains(test.raw, "?") != strings.HasSuffix(got, "&a=b") {
			t.Errorf("%s: %s, want %s…", test.raw, got, test.want)
		}
	}
}

func TestMisuse(t *testing.T) {
	m := newManager(t, "http://server.test", Config{})
	s := m.Socket("/", SocketConfig{})
	for name, misuse := range map[string]func(){
		"namespace": func() { m.Socket("/a,b", SocketConfig{}) },
		"On":        func() { s.On("connect", nil) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s does not panic", name)
				}
			}()
			misuse()
		}()
	}
	if err := s.Emit(t.Context(), "disconnect"); !errors.Is(err, ErrReservedName) {
		t.Errorf("a reserved name: %v", err)
	}
	if err := s.Emit(t.Context(), "x", make([][]byte, 0), [][]byte{{}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}}); !errors.Is(err, ErrTooManyAttachments) {
		t.Errorf("eleven attachments: %v", err)
	}
	if err := s.Emit(t.Context(), "x", make(chan int)); err == nil {
		t.Error("a channel can be emitted")
	}
}

// What cannot be asked is an error of the emit, and no event is kept for a connection.
func TestEmitsThatAreNone(t *testing.T) {
	m := newManager(t, "http://server.test", Config{})
	s := m.Socket("/", SocketConfig{})
	ask := func(who interface {
		EmitWithAck(context.Context, string, ...any) (siowire.Args, error)
	}) error {
		_, err := who.EmitWithAck(t.Context(), "x", 1)
		return err
	}
	for name, test := range map[string]struct{ got, want error }{
		"Timeout(0)":             {ask(s.Timeout(0)), ErrInvalidTimeout},
		"Timeout(-1)":            {ask(s.Volatile().Timeout(-1)), ErrInvalidTimeout},
		"no Emitter":             {Emitter{}.Emit(t.Context(), "x", 1), ErrZeroValue},
		"no volatile Emitter":    {Emitter{}.Volatile().Emit(t.Context(), "x"), ErrZeroValue},
		"no Emitter asks":        {ask(Emitter{}), ErrZeroValue},
		"no Emitter asks, timed": {ask(Emitter{}.Timeout(time.Second)), ErrZeroValue},
		"no TimedSocket":         {ask(TimedSocket{}), ErrZeroValue},
	} {
		if !errors.Is(test.got, test.want) {
			t.Errorf("%s: %v, want %v", name, test.got, test.want)
		}
	}
	if len(s.buffer) > 0 {
		t.Errorf("%d events wait", len(s.buffer))
	}
}

func TestLimitsOfWhatWaits(t *testing.T) {
	m := newManager(t, "http://server.test", Config{Limits: Limits{BufferBytes: 1000}})
	s := m.Socket("/", SocketConfig{})
	large := strings.Repeat("x", 2000)
	if err := s.Emit(t.Context(), "x", large); err != nil { // alone it may
		t.Error(err)
	}
	if err := s.Emit(t.Context(), "x", large); !errors.Is(err, ErrQueueFull) {
		t.Errorf("too many bytes: %v", err)
	}
	other, n := m.Socket("/other", SocketConfig{}), 0
	for other.Emit(t.Context(), "x") == nil {
		n++
	}
	if err := other.Emit(t.Context(), "x"); !errors.Is(err, ErrQueueFull) || n < 5 || n > 10 { // what comes with each of them counts
		t.Errorf("after %d tiny events: %v", n, err)
	}
	third := m.Socket("/third", SocketConfig{})
	var asking sync.WaitGroup
	asking.Go(func() {
		if _, err := third.EmitWithAck(t.Context(), "x"); !errors.Is(err, ErrClosed) {
			t.Errorf("an ack during Close: %v", err)
		}
	})
	eventually(t, "the first ack is waited for", func() bool {
		m.mu.Lock()
		defer m.mu.Unlock()
		return len(third.acks) == 1
	})
	shut(t, m)
	asking.Wait()
}

// Headers, query, cookies and TLS reach the server on both transports.
func TestWhatRequestsCarry(t *testing.T) {
	for _, transport := range []string{polling, webSocket} {
		t.Run(transport, func(t *testing.T) {
			io := socketio.NewServer(socketio.Config{})
			echo(io)
			var mu sync.Mutex
			requests, withCookie := 0, 0
			web := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				mu.Lock()
				if _, err := r.Cookie("node"); err == nil {
					withCookie++
				}
				requests++
				mu.Unlock()
				if r.Header.Get("X-Custom") != "yes" || r.URL.Query().Get("room") != "7" || r.URL.Query().Get("EIO") != "4" {
					t.Errorf("%s %s with header %q", r.Method, r.URL, r.Header.Get("X-Custom"))
				}
				http.SetCookie(w, &http.Cookie{Name: "node", Value: "3", Path: "/"})
				io.ServeHTTP(w, r)
			}))
			defer web.Close()
			defer io.Shutdown(context.Background())
			roots := x509.NewCertPool()
			roots.AddCert(web.Certificate())
			jar, err := cookiejar.New(nil)
			if err != nil {
				t.Fatal(err)
			}
			cfg := Config{
				Transports: []string{transport}, Headers: http.Header{"x-custom": {"yes"}}, Query: url.Values{"room": {"7"}},
				Jar: jar, TLS: &tls.Config{RootCAs: roots}, Timeout: patience,
			}
			m := newManager(t, web.URL, cfg)
			if s := connect(t, m.Socket("/", SocketConfig{})); ask(t, s, "echo", "x") != "x" {
				t.Error("wrong echo")
			}
			shut(t, m)
			mu.Lock()
			if transport == polling && withCookie < requests-1 {
				t.Errorf("%d of %d requests had the cookie", withCookie, requests)
			}
			mu.Unlock()
			cfg.TLS = nil
			if _, err := Dial(t.Context(), web.URL, cfg); err == nil {
				t.Error("an unknown certificate is trusted")
			}
			cfg.TLS, cfg.HTTPClient = &tls.Config{RootCAs: roots}, web.Client()
			own := newManager(t, web.URL, cfg)
			if s := connect(t, own.Socket("/", SocketConfig{})); ask(t, s, "echo", "y") != "y" {
				t.Error("wrong echo")
			}
			shut(t, own)
		})
	}
}
