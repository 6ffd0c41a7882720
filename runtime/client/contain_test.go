// SPDX-License-Identifier: Apache-2.0

package client

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"sync"
	"testing"

	"github.com/sockgen/sockgen/runtime/internal/guardtest"
	"github.com/sockgen/sockgen/runtime/socketio"
)

// A fuse ends the first function that reaches it.
type fuse struct {
	end  func()
	once sync.Once
}

func (f *fuse) burn() { f.once.Do(f.end) }

type badJSON struct{ f *fuse }

func (b badJSON) MarshalJSON() ([]byte, error) { b.f.burn(); return []byte("{}"), nil }

type badJar struct {
	http.CookieJar
	f *fuse
}

func (j badJar) Cookies(u *url.URL) []*http.Cookie { j.f.burn(); return j.CookieJar.Cookies(u) }

type badHandler struct {
	slog.Handler
	f *fuse
}

func (h badHandler) Handle(context.Context, slog.Record) error { h.f.burn(); return nil }

type badTransport struct {
	http.RoundTripper
	f *fuse
}

func (b badTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	b.f.burn()
	return b.RoundTripper.RoundTrip(r)
}

// places are where a client that connects, emits and disconnects calls the application.
var places = []struct {
	name string
	set  func(r *rig, f *fuse, c *Config, sc *SocketConfig)
	on   func(s *Socket, f *fuse)
}{
	{name: "Config.DialContext", set: func(r *rig, f *fuse, c *Config, _ *SocketConfig) {
		c.DialContext = func(ctx context.Context, network, addr string) (net.Conn, error) {
			f.burn()
			return r.dial(ctx, network, addr)
		}
	}},
	{name: "Config.Proxy", set: func(_ *rig, f *fuse, c *Config, _ *SocketConfig) {
		c.Proxy = func(*http.Request) (*url.URL, error) { f.burn(); return nil, nil }
	}},
	{name: "Config.Jar", set: func(_ *rig, f *fuse, c *Config, _ *SocketConfig) {
		jar, _ := cookiejar.New(nil)
		c.Jar = badJar{jar, f}
	}},
	{name: "Config.HTTPClient", set: func(r *rig, f *fuse, c *Config, _ *SocketConfig) {
		c.HTTPClient = &http.Client{Transport: badTransport{&http.Transport{DialContext: r.dial, DisableKeepAlives: true}, f}}
	}},
	{name: "Config.Rand", set: func(_ *rig, f *fuse, c *Config, sc *SocketConfig) {
		c.Rand = func() float64 { f.burn(); return 0.5 }
		failed := false
		sc.Auth = func(context.Context) (any, error) {
			if !failed {
				failed = true
				return nil, io.EOF
			}
			return nil, nil
		}
	}},
	{name: "Config.Logger", set: func(_ *rig, f *fuse, c *Config, _ *SocketConfig) {
		c.Logger = slog.New(badHandler{slog.NewTextHandler(io.Discard, &slog.HandlerOptions{Level: slog.LevelDebug}), f})
	}, on: func(s *Socket, _ *fuse) { s.OnConnect(func(context.Context) { s.m.cfg.Logger.Error("hello") }) }},
	{name: "SocketConfig.Auth", set: func(_ *rig, f *fuse, _ *Config, sc *SocketConfig) {
		sc.Auth = func(context.Context) (any, error) { f.burn(); return nil, nil }
	}},
	{name: " MarshalJSON of what Auth returns", set: func(_ *rig, f *fuse, _ *Config, sc *SocketConfig) {
		sc.Auth = func(context.Context) (any, error) { return badJSON{f}, nil }
	}},
	{name: "Socket.On", on: func(s *Socket, f *fuse) { s.On("back", func(context.Context, *Event) { f.burn() }) }},
	{name: "Socket.Once", on: func(s *Socket, f *fuse) { s.Once("back", func(context.Context, *Event) { f.burn() }) }},
	{name: "Socket.OnAny", on: func(s *Socket, f *fuse) { s.OnAny(func(context.Context, *Event) { f.burn() }) }},
	{name: "Socket.OnConnect", on: func(s *Socket, f *fuse) { s.OnConnect(func(context.Context) { f.burn() }) }},
	{name: "Socket.OnConnectError", set: func(_ *rig, f *fuse, _ *Config, sc *SocketConfig) {
		failed := false
		sc.Auth = func(context.Context) (any, error) {
			if !failed {
				failed = true
				return nil, io.EOF
			}
			return nil, nil
		}
	}, on: func(s *Socket, f *fuse) { s.OnConnectError(func(context.Context, error) { f.burn() }) }},
	{name: "Socket.OnDisconnect", on: func(s *Socket, f *fuse) {
		s.OnDisconnect(func(context.Context, DisconnectReason) { f.burn() })
	}},
}

// TestTheApplicationIsContained ends a function at every place in every way: the
// client connects, hears what comes next, and closes.
func TestTheApplicationIsContained(t *testing.T) {
	for _, place := range places {
		for _, end := range guardtest.Endings {
			t.Run(place.name+"/"+end.Name, func(t *testing.T) {
				f := &fuse{end: end.Do}
				r := newRig(t, true, socketio.Config{}, echo)
				cfg, sc := Config{}, SocketConfig{}
				if place.set != nil {
					place.set(r, f, &cfg, &sc)
				}
				m := r.manager(cfg)
				s := m.Socket("/", sc)
				if place.on != nil {
					place.on(s, f)
				}
				heard, left := make(chan string, 2), make(chan string, 1)
				s.On("back", func(_ context.Context, e *Event) { heard <- string(e.Args.At(0)) })
				s.OnDisconnect(func(context.Context, DisconnectReason) { left <- "" })
				connect(t, s)
				for _, text := range []string{"one", "two"} {
					if err := s.Emit(t.Context(), "echo", text); err != nil {
						t.Fatal(err)
					}
					if got := within(t, heard, "the echo"); got != `"`+text+`"` {
						t.Errorf("heard %s", got)
					}
				}
				s.Disconnect()
				within(t, left, "the other OnDisconnect")
				if n := m.guard.Count(); n != 1 {
					t.Errorf("%d counted", n)
				}
			})
		}
	}
}

// TestPlacesAreTried holds that the table above names every place.
func TestPlacesAreTried(t *testing.T) {
	rows := []string{"Config.Clock"} // whose comment says that it must not panic
	for _, p := range places {
		rows = append(rows, p.name)
	}
	guardtest.Compare(t, guardtest.Places(t, []string{"Logger", "Clock", "CookieJar", "Client"}), rows)
}
