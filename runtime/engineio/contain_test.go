// SPDX-License-Identifier: Apache-2.0

package engineio

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sockgen/sockgen/runtime/internal/guardtest"
)

// A fuse ends the first function that reaches it.
type fuse struct {
	end  func()
	once sync.Once
}

func (f *fuse) burn() { f.once.Do(f.end) }

// failing is an error whose methods burn the fuse.
type failing struct{ f *fuse }

func (e failing) Error() string { e.f.burn(); return "refused" }
func (e failing) Unwrap() error { e.f.burn(); return nil }

// burningReader is a random source, and burningHandler where the log goes.
type burningReader struct{ f *fuse }

func (r burningReader) Read(p []byte) (int, error) { r.f.burn(); return rand.Read(p) }

type burningHandler struct {
	slog.Handler
	f *fuse
}

func (h burningHandler) Handle(_ context.Context, _ slog.Record) error { h.f.burn(); return nil }

// requestPlaces are where a request calls the application, with the status of the
// answer. It is -1, for none, after runtime.Goexit on the request's goroutine.
var requestPlaces = []struct {
	name   string
	apart  bool // Goexit does not reach the request's goroutine
	query  string
	status int
	set    func(f *fuse, c *Config, a *app)
}{
	{"Config.AllowRequest", false, polling, 403, func(f *fuse, c *Config, _ *app) {
		c.AllowRequest = func(*http.Request) error { f.burn(); return nil }
	}},
	{" Unwrap of AllowRequest's error", false, polling, 403, func(f *fuse, c *Config, _ *app) {
		c.AllowRequest = func(*http.Request) error { return failing{f} }
	}},
	{"Config.GenerateID", false, polling, 400, func(f *fuse, c *Config, _ *app) {
		c.GenerateID = func(*http.Request) (string, error) { f.burn(); return rand.Text()[:20], nil }
	}},
	{" Error of GenerateID's error", true, polling, 400, func(f *fuse, c *Config, _ *app) {
		var asked sync.Once
		c.GenerateID = func(*http.Request) (id string, err error) {
			id = rand.Text()[:20]
			asked.Do(func() { err = failing{f} })
			return id, err
		}
	}},
	{"Config.Rand", true, polling, 400, func(f *fuse, c *Config, _ *app) { c.Rand = burningReader{f} }},
	{"Config.Headers", false, polling, 500, func(f *fuse, c *Config, _ *app) {
		c.Headers = func(http.Header, *Request) { f.burn() }
	}},
	{"Config.InitialHeaders", false, polling, 500, func(f *fuse, c *Config, _ *app) {
		c.InitialHeaders = func(http.Header, *Request) { f.burn() }
	}},
	{"Config.OnRefused", false, "?EIO=4&transport=pigeon", 400, func(f *fuse, c *Config, _ *app) {
		c.OnRefused = func(*http.Request, Refusal) { f.burn() }
	}},
	{"Config.OnLimit", true, polling + "&x=" + strings.Repeat("x", 17_000), 400, func(f *fuse, c *Config, _ *app) {
		c.OnLimit = func(LimitHit) { f.burn() }
	}},
	{"Config.Logger", true, "?EIO=4&transport=pigeon", 400, func(f *fuse, c *Config, _ *app) {
		c.Logger = slog.New(burningHandler{slog.NewTextHandler(io.Discard, &slog.HandlerOptions{Level: slog.LevelDebug}), f})
	}},
	{"Handler.Open", false, polling, 500, func(f *fuse, _ *Config, a *app) { a.onOpen = func(*peer) { f.burn() } }},
}

// Whatever the application does on a request's goroutine, the next request is served
// and nothing is left behind.
func TestRequestsContainTheApplication(t *testing.T) {
	for _, place := range requestPlaces {
		for _, end := range guardtest.Endings {
			t.Run(place.name+"/"+end.Name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					var log bytes.Buffer
					cfg, a := Config{Logger: slog.New(slog.NewTextHandler(&log, nil))}, newApp()
					place.set(&fuse{end: end.Do}, &cfg, a)
					r := newRig(t, true, cfg, a)
					want := place.status
					if end.Name == "Goexit" && !place.apart {
						want = -1
					}
					if got := r.do("GET", place.query, ""); got.status != want {
						t.Errorf("answered %v, want %d", got, want)
					}
					synctest.Wait()
					if r.kept() != 0 {
						t.Errorf("%d sessions are kept", r.kept())
					}
					said := !strings.HasPrefix(place.name, " Error") // what an error's text does is not counted
					if n := r.srv.Stats().Panics; (n == 1) != said {
						t.Errorf("%d counted", n)
					}
					if said && place.name != "Config.Logger" && strings.Count(log.String(), "stack=") != 1 {
						t.Errorf("logged:\n%s", log.String())
					}
					if place.name != " Unwrap of AllowRequest's error" {
						sid, p := r.open()
						r.post(sid, "4hello").want(t, 200, "ok")
						if got := p.messages(); !slices.Equal(got, []string{"hello"}) {
							t.Errorf("the next session received %q", got)
						}
					}
				})
			})
		}
	}
}

// A WebSocket whose Open does not return is told the end.
func TestOpenOnWebSocketIsContained(t *testing.T) {
	for _, end := range guardtest.Endings {
		t.Run(end.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := newApp()
				f := &fuse{end: end.Do}
				a.onOpen = func(*peer) { f.burn() }
				r := newRig(t, true, Config{}, a)
				c, _, err := r.ws("?EIO=4&transport=websocket")
				if err != nil {
					t.Fatal(err)
				}
				c.read()
				c.want("close 1005")
				c.Close()
				synctest.Wait()
				if r.kept() != 0 {
					t.Errorf("%d sessions are kept", r.kept())
				}
			})
		})
	}
}

// sessionPlaces are where a session calls the application.
var sessionPlaces = []struct {
	name string
	set  func(f *fuse, a *app)
}{
	{"Receiver.Receive", func(f *fuse, a *app) { a.receive = func(*peer, []byte, bool) { f.burn() } }},
	{"UpgradeReceiver.Upgraded", func(f *fuse, a *app) { a.upgrade = func(*peer) { f.burn() } }},
	{"Receiver.Closed", func(f *fuse, a *app) {
		a.receive = func(p *peer, _ []byte, _ bool) { p.Close(ForcedClose) }
		a.close = func(*peer) { f.burn() }
	}},
	{"Session.Go", func(f *fuse, a *app) {
		a.receive = func(p *peer, _ []byte, _ bool) { p.Go(f.burn) }
	}},
	{"Session.RunAttached", func(f *fuse, a *app) {
		a.receive = func(p *peer, _ []byte, _ bool) {
			if !p.RunAttached(func() { f.burn() }) {
				f.burn()
			}
		}
	}},
}

// Whatever the application does with a session, its own ends, but for Goexit in what
// RunAttached runs, and no other.
func TestSessionsContainTheApplication(t *testing.T) {
	for _, place := range sessionPlaces {
		for _, end := range guardtest.Endings {
			t.Run(place.name+"/"+end.Name, func(t *testing.T) {
				eachTransport(t, func(t *testing.T, kind transportKind) {
					if place.name == "UpgradeReceiver.Upgraded" && kind != "upgrade" {
						return
					}
					var log bytes.Buffer
					a := newApp()
					r := newRig(t, true, Config{Logger: slog.New(slog.NewTextHandler(&log, nil)), PingInterval: time.Hour}, a)
					other, _ := r.connect("websocket")
					defer other.close()
					place.set(&fuse{end: end.Do}, a)
					if kind == "polling" {
						sid, _ := r.open()
						r.post(sid, "4x") // not answered after Goexit
					} else {
						l, p := r.connect(kind)
						defer l.close()
						if place.name != "UpgradeReceiver.Upgraded" {
							l.send("4x")
						}
						if place.name == "Session.RunAttached" && end.Name == "Goexit" {
							synctest.Wait()
							p.wantOpen(t)
							return
						}
						l.want("close 1005")
						l.close()
					}
					synctest.Wait()
					if r.srv.Len() != 1 || r.kept() != 1 {
						t.Errorf("%d sessions are open, %d kept", r.srv.Len(), r.kept())
					}
					if n := r.srv.Stats().Panics; n != 1 || strings.Count(log.String(), "stack=") != 1 {
						t.Errorf("%d counted, logged:\n%s", n, log.String())
					}
					a.receive, a.close, a.echo = nil, nil, true
					other.send("4still here")
					other.want("4still here")
				})
			})
		}
	}
}

// TestPlacesAreTried holds that the tables above name every place.
func TestPlacesAreTried(t *testing.T) {
	rows := []string{"Config.Clock"} // whose comment says that it must not panic
	for _, p := range requestPlaces {
		rows = append(rows, p.name)
	}
	for _, p := range sessionPlaces {
		rows = append(rows, p.name)
	}
	guardtest.Compare(t, guardtest.Places(t, []string{"Logger", "Reader", "Clock"}, "Handler", "Receiver", "UpgradeReceiver"), rows)
}

// What a panic says goes no further than what it says.
func TestPanicTextInClosed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp()
		a.receive = func(*peer, []byte, bool) { panic(errors.New("boom")) }
		l, p := newRig(t, true, Config{}, a).connect("websocket")
		defer l.close()
		l.send("4x")
		p.wantClosed(t, TransportError)
		if p.err == nil || p.err.Error() != "engineio: Receive did not return: boom" {
			t.Errorf("Closed got %v", p.err)
		}
	})
}
