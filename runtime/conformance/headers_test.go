// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/sockgen/sockgen/runtime/engineio"
)

// corsCase is about the headers of section 11.
type corsCase struct {
	rule, name string
	cors       engineio.CORS
	method     string
	origin     string
	status     int
	header     map[string]string // "" must be absent
}

const (
	allowOrigin = "Access-Control-Allow-Origin"
	allowCookie = "Access-Control-Allow-Credentials"
)

var corsCases = []corsCase{
	{"R123", "off", engineio.CORS{}, "GET", "", 200, map[string]string{allowOrigin: "", allowCookie: ""}},
	{"R123", "off_for_foreign_pages", engineio.CORS{}, "GET", "http://a.example", 403, map[string]string{allowOrigin: "", allowCookie: ""}},
	{"CVE-2020-28481", "off_by_default", engineio.CORS{}, "GET", "http://a.example", 403, map[string]string{allowOrigin: ""}},
	{"R123", "every_origin", engineio.CORS{Origins: []string{"*"}}, "GET", "http://a.example", 200, map[string]string{allowOrigin: "*"}},
	{"R123", "listed", engineio.CORS{Origins: []string{"http://a.example"}}, "GET", "http://a.example", 200,
		map[string]string{allowOrigin: "http://a.example", "Vary": "Origin"}},
	{"R123", "not_listed", engineio.CORS{Origins: []string{"http://a.example"}}, "GET", "http://b.example", 403, map[string]string{allowOrigin: ""}},
	{"R123", "credentials", engineio.CORS{Origins: []string{"http://a.example"}, Credentials: true}, "GET", "http://a.example", 200,
		map[string]string{allowOrigin: "http://a.example", allowCookie: "true"}},
	{"R123", "exposed_headers", engineio.CORS{Origins: []string{"*"}, ExposedHeaders: []string{"X-One", "X-Two"}}, "GET", "http://a.example", 200,
		map[string]string{"Access-Control-Expose-Headers": "X-One,X-Two"}},
	{"R124", "preflight", engineio.CORS{Origins: []string{"http://a.example"}}, "OPTIONS", "http://a.example", 204, map[string]string{
		allowOrigin: "http://a.example", "Access-Control-Allow-Methods": "GET,HEAD,PUT,PATCH,POST,DELETE",
		"Access-Control-Allow-Headers": "x-asked", "Vary": "Origin, Access-Control-Request-Headers"}},
	{"R124", "listed_headers_and_age", engineio.CORS{Origins: []string{"*"}, AllowedHeaders: []string{"X-A"}, MaxAge: time.Minute}, "OPTIONS", "http://a.example", 204,
		map[string]string{"Access-Control-Allow-Headers": "X-A", "Access-Control-Max-Age": "60"}},
	{"R126", "no_cookie", engineio.CORS{}, "GET", "", 200, map[string]string{"Set-Cookie": ""}},
}

func corsChecks() []check {
	var checks []check
	for _, c := range corsCases {
		checks = append(checks, check{c.rule, c.name, func(t *testing.T) {
			headers := []string{"Access-Control-Request-Headers: x-asked"}
			if c.origin != "" {
				headers = append(headers, "Origin: "+c.origin)
			}
			r := private(t, Config{CORS: c.cors}).do(t, c.method, polling, "", headers...)
			if r.status != c.status || c.status == 204 && r.body != "" {
				t.Fatalf("answered %d %q, want %d", r.status, r.body, c.status)
			}
			for key, want := range c.header {
				if got := strings.Join(r.header.Values(key), ", "); got != want {
					t.Errorf("%s: %q, want %q", key, got, want)
				}
			}
		}})
	}
	return append(checks,
		check{"R125", "star_with_credentials", func(t *testing.T) {
			if EngineConfig(Config{CORS: engineio.CORS{Origins: []string{"*"}, Credentials: true}}).Validate() == nil {
				t.Fatal("the configuration is accepted")
			}
		}},
		check{"R126", "cookie", func(t *testing.T) {
			s := private(t, Config{})
			engine := engineio.NewServer(engineio.Config{Cookie: &engineio.Cookie{}}, s)
			s.addr = listen(t, engine)
			t.Cleanup(func() { _ = engine.Shutdown(context.Background()) })
			r := s.get(t, EnginePath+"?EIO=4&transport=polling")
			sid := sidOf(t, r.body)
			if got, want := r.header.Get("Set-Cookie"), "io="+sid+"; Path=/; HttpOnly; Secure; SameSite=Lax"; got != want {
				t.Errorf("Set-Cookie: %q, want %q", got, want)
			}
			c := &session{t, s, EnginePath + "?EIO=4&transport=polling&sid=" + sid, sid}
			r = c.post("1")
			r.is(t, 200, "ok")
			if got := r.header.Get("Set-Cookie"); got != "" {
				t.Errorf("later answer: Set-Cookie: %q", got)
			}
			w := s.open(t, EnginePath)
			if got := w.header.Get("Set-Cookie"); got != "" {
				t.Errorf("WebSocket: Set-Cookie: %q", got)
			}
			w.bye()
		}},
		check{"R64", "header_hooks", func(t *testing.T) {
			s := private(t, Config{})
			engine := engineio.NewServer(engineio.Config{
				Headers:        func(h http.Header, _ *engineio.Request) { h.Set("X-Each", "1") },
				InitialHeaders: func(h http.Header, _ *engineio.Request) { h.Set("X-First", "1") },
			}, s)
			s.addr = listen(t, engine)
			t.Cleanup(func() { _ = engine.Shutdown(context.Background()) })
			has := func(what string, h http.Header, first bool) {
				if (h.Get("X-First") == "1") != first || h.Get("X-Each") != "1" {
					t.Errorf("%s: %v", what, h)
				}
			}
			r := s.get(t, EnginePath+"?EIO=4&transport=polling")
			has("handshake", r.header, true)
			sid := sidOf(t, r.body)
			has("POST", s.do(t, "POST", EnginePath+"?EIO=4&transport=polling&sid="+sid, "1").header, false)
			has("error", s.get(t, EnginePath+"?EIO=4&transport=polling&sid="+sid).header, false)
			w := s.open(t, EnginePath)
			has("101", w.header, true)
			w.bye()
		}},
		check{"R128", "wrapped_response_writers", func(t *testing.T) {
			s := private(t, Config{})
			inner := s.http.Handler
			wrapped := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { inner.ServeHTTP(wrapper{w}, r) })
			s.addr = listen(t, wrapped)
			c := s.poll(t, EnginePath)
			w := c.upgraded()
			w.send("4x")
			w.want("4x")
		}})
}

// A wrapper hides everything of a ResponseWriter but what Unwrap gives.
type wrapper struct{ http.ResponseWriter }

func (w wrapper) Unwrap() http.ResponseWriter { return w.ResponseWriter }
