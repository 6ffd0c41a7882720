// SPDX-License-Identifier: Apache-2.0

package engineio

import (
	"errors"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
)

// TestTransports holds R7 and R27 for servers that do not speak every transport.
func TestTransports(t *testing.T) {
	tests := []struct {
		name     string
		cfg      Config
		polling  string // what a polling handshake gets: its upgrades, or a refusal
		ws       int    // status of a WebSocket handshake
		upgraded int    // status of an upgrade
	}{
		{"both", Config{}, `["websocket"]`, 101, 101},
		{"both, named", Config{Transports: []string{"websocket", "polling"}}, `["websocket"]`, 101, 101},
		{"polling alone", Config{Transports: []string{"polling"}}, `[]`, 400, 400},
		{"websocket alone", Config{Transports: []string{"websocket"}}, body0, 101, 0},
		{"no upgrades", Config{DisableUpgrades: true}, `[]`, 101, 400},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, true, tt.cfg, newApp())
			a := r.do("GET", polling, "")
			if a.status == 200 && !strings.Contains(a.body, `"upgrades":`+tt.polling+`,`) || a.status != 200 && a.body != tt.polling {
				t.Errorf("polling: %v", a)
			}
			c, res, err := r.ws(wsQuery)
			if res == nil || res.StatusCode != tt.ws {
				t.Fatalf("websocket: %v, %v", res, err)
			}
			if c != nil {
				if open := c.read(); !strings.Contains(open, `"upgrades":[],`) {
					t.Errorf("websocket: %q", open)
				}
				c.Close()
			}
			if a.status != 200 {
				return
			}
			p := r.app.peer(a.body[9:29])
			c, res, err = r.ws(wsQuery + "&sid=" + a.body[9:29])
			if res == nil || res.StatusCode != tt.upgraded {
				t.Fatalf("upgrade: %v, %v", res, err)
			}
			if c != nil {
				c.send("2probe")
				c.want("3probe")
				c.Close()
			}
			p.wantOpen(t)
			r.post(a.body[9:29], "4still here").want(t, 200, "ok")
		})
	}
}

func TestOptionsValidate(t *testing.T) {
	for _, cfg := range []Config{
		{Transports: []string{}}, {Transports: []string{"webtransport"}}, {Transports: []string{"polling", "polling"}}, {Transports: []string{""}},
	} {
		if err := cfg.Validate(); err == nil || !strings.Contains(err.Error(), "Config.Transports") {
			t.Errorf("%+v: %v", cfg, err)
		}
	}
}

// TestNoTrailingSlash holds R1's option.
func TestNoTrailingSlash(t *testing.T) {
	for _, path := range []string{"", "/engine.io", "/engine.io/"} {
		r := newRig(t, true, Config{Path: path, NoTrailingSlash: true}, newApp())
		for target, status := range map[string]int{
			"/engine.io?EIO=4&transport=polling":   200,
			"/engine.io/?EIO=4&transport=polling":  200,
			"/engine.iox?EIO=4&transport=polling":  200,
			"/engine.i?EIO=4&transport=polling":    404,
			"/x/engine.io?EIO=4&transport=polling": 404,
		} {
			a := r.finish(r.begin("GET "+target+" HTTP/1.1\r\nHost: x\r\n\r\n"), "GET")
			if a.status != status {
				t.Errorf("%q: %s: %v, want %d", path, target, a, status)
			}
		}
	}
}

// TestGenerateID holds R12.
func TestGenerateID(t *testing.T) {
	t.Run("ids of the application", func(t *testing.T) {
		var n atomic.Int32
		r := newRig(t, true, Config{GenerateID: func(r *http.Request) (string, error) {
			return r.URL.Query().Get("transport") + "-" + strconv.Itoa(int(n.Add(1))), nil
		}}, newApp())
		r.do("GET", polling, "").want(t, 200, `0{"sid":"polling-1","upgrades":["websocket"],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}`)
		p := r.opened()
		r.post("polling-1", "4x").want(t, 200, "ok")
		c := r.upgrade("polling-1")
		defer c.Close()
		c.send("4y")
		waitFor(t, "both messages", func() bool { return len(p.messages()) == 2 })
		direct, q := r.openWS()
		defer direct.Close()
		if p.ID() != "polling-1" || q.ID() != "websocket-2" {
			t.Errorf("ids %q and %q", p.ID(), q.ID())
		}
	})
	ids := map[string]struct {
		id  string
		err error
	}{
		"error": {"x", errors.New("no ids left")}, "empty": {}, "long": {id: strings.Repeat("x", 65)},
		"quote": {id: `a"b`}, "space": {id: "a b"}, "line break": {id: "a\r\nX: y"}, "semicolon": {id: "a;b"}, "accent": {id: "é"}, "slash": {id: "a/b"},
	}
	for name, tt := range ids {
		t.Run(name, func(t *testing.T) {
			r := newRig(t, true, Config{GenerateID: func(*http.Request) (string, error) { return tt.id, tt.err }}, newApp())
			r.do("GET", polling, "").want(t, 400, body3)
			if got := r.rawUpgrade(wsQuery, upgradeHeaders...); !strings.HasSuffix(got, "\r\n\r\nBad request") {
				t.Errorf("upgrade: %q", got)
			}
			if r.srv.Len() != 0 || r.kept() != 0 {
				t.Error("a session stayed")
			}
		})
	}
	t.Run("twice the same", func(t *testing.T) {
		r := newRig(t, true, Config{GenerateID: func(*http.Request) (string, error) { return "same", nil }}, newApp())
		r.do("GET", polling, "")
		p := r.opened()
		r.do("GET", polling, "").want(t, 400, body3)
		p.wantOpen(t) // the first one is untouched
		r.post("same", "4x").want(t, 200, "ok")
		r.post("same", "1").want(t, 200, "ok")
		p.wantClosed(t, TransportClose)
		waitFor(t, "the end", func() bool { return r.kept() == 0 })
		if a := r.do("GET", polling, ""); a.status != 200 { // free again
			t.Errorf("%v", a)
		}
		r.opened()
	})
}

// TestInitialPacket holds R30: the packet is the first after the handshake, and shares
// its polling answer.
func TestInitialPacket(t *testing.T) {
	eachTransport(t, func(t *testing.T, kind transportKind) {
		a := newApp()
		a.onOpen = func(p *peer) { _ = p.text("from Open") }
		r := newRig(t, true, Config{InitialPacket: "hellö"}, a)
		if kind == "websocket" {
			c, p := r.openWS()
			defer c.Close()
			c.want("4hellö")
			c.want("4from Open")
			_ = p.text("later")
			c.want("4later")
			return
		}
		h := r.do("GET", polling, "")
		open, rest, _ := strings.Cut(h.body, "\x1e")
		if !strings.HasPrefix(open, `0{"sid":"`) || rest != "4hellö\x1e4from Open" {
			t.Fatalf("handshake %v", h)
		}
		p := r.opened()
		if kind == "upgrade" {
			c := r.upgrade(string(p.ID()))
			defer c.Close()
			_ = p.text("later")
			c.want("4later")
		}
	})
	if err := (Config{InitialPacket: "\xff"}).Validate(); err == nil || !strings.Contains(err.Error(), "InitialPacket") {
		t.Errorf("a packet that is not UTF-8: %v", err)
	}
}
