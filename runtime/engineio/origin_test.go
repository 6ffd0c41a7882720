// SPDX-License-Identifier: Apache-2.0

package engineio

import (
	"crypto/tls"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// foreign are origins that resemble https://good.com:8443 and are not it (H-01).
var foreign = []string{
	"https://good.com:8443.evil.com", "https://evilgood.com:8443", "https://good.com.evil.com", "https://good.com:8443@evil.com",
	"https://evil.com#good.com:8443", "https://evil.com/https://good.com:8443", "https://good.com:8443/", "https://good.com:8443/x",
	"https://good.com:8443?x", "http://good.com:8443", "https://good.com", "https://good.com:443", "https://good.com:84430",
	"https://good.com:08443", "https://good.com:+8443", "https://good.com.:8443", "https://user@good.com:8443", "https://u:p@good.com:8443",
	"https://sub.good.com:8443", "https://goo\u0501.com:8443", "https://xn--good-x.com:8443", "wss://good.com:8443", "https//good.com:8443",
	"https:good.com:8443", "//good.com:8443", "good.com:8443", "null", "https://good.com:8443 https://evil.com", " https://good.com:8443x",
	"https://good.com:8443,https://evil.com", "https://[::1", "http://[::1]", "%00", "https://%67ood.com:8443", "https://", "://", "*",
	"https://good.com:", "https://good.com:8443:8443", "https://good_com:8443", "https://" + strings.Repeat("good.com", 8000),
}

// TestOriginTable holds H-01 and H-03: what each configuration says to each origin.
func TestOriginTable(t *testing.T) {
	listed := CORS{Origins: []string{"https://good.com:8443", "http://other.test", "capacitor://localhost", "http://[::1]:3000"}}
	everyone := CORS{Origins: []string{"*"}}
	tests := []struct {
		name, host string
		cors       CORS
		origins    []string
		allow      bool
	}{
		{"none", "a.test", CORS{}, nil, true},
		{"empty header", "a.test", CORS{}, []string{""}, true},
		{"same", "a.test", CORS{}, []string{"http://a.test"}, true},
		{"same behind TLS", "a.test", CORS{}, []string{"https://a.test"}, true},
		{"same with default port", "a.test:443", CORS{}, []string{"https://a.test"}, true},
		{"same, port of another scheme", "a.test:443", CORS{}, []string{"http://a.test"}, false},
		{"same with port", "a.test:3000", CORS{}, []string{"http://a.test:3000"}, true},
		{"same in capitals", "A.Test:3000", CORS{}, []string{"http://a.test:3000"}, true},
		{"same on IPv6", "[::1]:3000", CORS{}, []string{"http://[::1]:3000"}, true},
		{"other port", "a.test:3000", CORS{}, []string{"http://a.test:3001"}, false},
		{"other port, none in Host", "a.test", CORS{}, []string{"http://a.test:3000"}, false},
		{"other scheme", "a.test", CORS{}, []string{"capacitor://a.test"}, false},
		{"malformed Host", "a.test/x", CORS{}, []string{"http://a.test/x"}, false},
		{"empty Host", "", CORS{}, []string{"http://"}, false},
		{"two headers", "a.test", CORS{}, []string{"http://a.test", "http://a.test"}, false},
		{"listed", "a.test", listed, []string{"https://good.com:8443"}, true},
		{"listed, in capitals", "a.test", listed, []string{"HTTPS://Good.COM:8443"}, true},
		{"listed with default port", "a.test", listed, []string{"http://other.test:80"}, true},
		{"listed app", "a.test", listed, []string{"capacitor://localhost"}, true},
		{"listed IPv6", "a.test", listed, []string{"http://[::1]:3000"}, true},
		{"own page, not listed", "a.test", listed, []string{"http://a.test"}, true},
		{"own page on its port, not listed", "a.test:3000", listed, []string{"http://a.test:3000"}, true},
		{"page of the same host on another port, not listed", "a.test:3000", listed, []string{"http://a.test:4000"}, false},
		{"none with a list", "a.test", listed, nil, true},
		{"everyone", "a.test", everyone, []string{"https://evil.example"}, true},
		{"everyone, null", "a.test", everyone, []string{"null"}, true},
		{"everyone, two headers", "a.test", everyone, []string{"http://a", "http://b"}, false},
	}
	for _, o := range foreign {
		tests = append(tests, struct {
			name, host string
			cors       CORS
			origins    []string
			allow      bool
		}{"listed, foreign " + o[:min(len(o), 40)], "a.test", listed, []string{o}, false})
		same := tests[len(tests)-1]
		same.host, same.cors = "good.com:8443", CORS{}
		if o == "http://good.com:8443" {
			continue // the scheme is the browser's word
		}
		tests = append(tests, same)
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := &http.Request{Host: tt.host, Header: http.Header{}}
			if tt.origins != nil {
				r.Header["Origin"] = tt.origins
			}
			if got := newOriginPolicy(tt.cors).allow(r); got != tt.allow {
				t.Errorf("origins %.80q to host %q: allowed %v, want %v", tt.origins, tt.host, got, tt.allow)
			}
		})
	}
}

// TestWhereARequestComesFrom holds H-17: what browsers say of a request besides its Origin, and
// what TLS says of that.
func TestWhereARequestComesFrom(t *testing.T) {
	listed := CORS{Origins: []string{"http://listed.test"}}
	for _, tt := range []struct {
		cors         CORS
		origin, site string
		tls, allow   bool
	}{
		{CORS{}, "http://a.test", "", true, false}, // whoever is on the way can write such a page
		{CORS{}, "https://a.test", "", true, true},
		{CORS{}, "https://a.test", "", false, true}, // a proxy ended TLS
		{listed, "http://listed.test", "cross-site", true, true},
		{CORS{}, "", "cross-site", false, false}, // an image or a script
		{listed, "", "cross-site", true, false},
		{CORS{Origins: []string{"*"}}, "", "cross-site", false, true},
		{CORS{}, "", "same-origin", false, true}, // polls of the own page
		{CORS{}, "", "same-site", false, true},
		{CORS{}, "", "none", false, true}, // typed in
		{CORS{}, "", "", true, true},      // no browser, or an old one
	} {
		r := httptest.NewRequest("GET", "http://a.test/engine.io/", nil)
		if tt.tls {
			r.TLS = new(tls.ConnectionState)
		}
		for name, value := range map[string]string{"Origin": tt.origin, "Sec-Fetch-Site": tt.site} {
			if value != "" {
				r.Header.Set(name, value)
			}
		}
		if got := newOriginPolicy(tt.cors).allow(r); got != tt.allow {
			t.Errorf("%+v: allowed %v", tt, got)
		}
	}
}

// TestCORSHeaders compares the whole set of CORS headers (R123, R124, H-03).
func TestCORSHeaders(t *testing.T) {
	full := CORS{Origins: []string{"https://a.test", "https://b.test"}, Credentials: true, ExposedHeaders: []string{"X-One", "X-Two"}, MaxAge: 10 * time.Minute}
	tests := []struct {
		name           string
		cors           CORS
		method, origin string
		headers        []string
		status         int
		want           map[string]string
	}{
		{"off", CORS{}, "GET", "", nil, 200, map[string]string{"Vary": "Origin"}},
		{"off, own page", CORS{}, "GET", "http://server.test", nil, 200, map[string]string{"Vary": "Origin"}},
		{"off, foreign", CORS{}, "GET", "https://evil.test", nil, 403, map[string]string{"Vary": "Origin"}},
		{"off, preflight", CORS{}, "OPTIONS", "https://evil.test", nil, 403, map[string]string{"Vary": "Origin"}},
		{"off, preflight of the own page", CORS{}, "OPTIONS", "http://server.test", nil, 400, map[string]string{"Vary": "Origin"}},
		{"everyone", CORS{Origins: []string{"*"}}, "GET", "https://x.test", nil, 200, map[string]string{"Vary": "Origin", "Access-Control-Allow-Origin": "*"}},
		{"everyone, no origin", CORS{Origins: []string{"*"}}, "GET", "", nil, 200, map[string]string{"Vary": "Origin", "Access-Control-Allow-Origin": "*"}},
		{"list, match", full, "GET", "https://b.test", nil, 200, map[string]string{"Vary": "Origin", "Access-Control-Allow-Origin": "https://b.test",
			"Access-Control-Allow-Credentials": "true", "Access-Control-Expose-Headers": "X-One,X-Two"}},
		{"list, own page", full, "GET", "http://server.test", nil, 200, map[string]string{"Vary": "Origin", "Access-Control-Allow-Origin": "http://server.test",
			"Access-Control-Allow-Credentials": "true", "Access-Control-Expose-Headers": "X-One,X-Two"}},
		{"list, foreign", full, "GET", "https://c.test", nil, 403, map[string]string{"Vary": "Origin"}},
		{"list, preflight", full, "OPTIONS", "https://a.test", []string{"Access-Control-Request-Headers: x-token, content-type"}, 204, map[string]string{
			"Vary": "Origin, Access-Control-Request-Headers", "Access-Control-Allow-Origin": "https://a.test", "Access-Control-Allow-Credentials": "true",
			"Access-Control-Expose-Headers": "X-One,X-Two", "Access-Control-Allow-Methods": "GET,HEAD,PUT,PATCH,POST,DELETE",
			"Access-Control-Allow-Headers": "x-token, content-type", "Access-Control-Max-Age": "600"}},
		{"list, preflight, fixed headers", CORS{Origins: []string{"https://a.test"}, AllowedHeaders: []string{"X-A", "X-B"}}, "OPTIONS", "https://a.test",
			[]string{"Access-Control-Request-Headers: x-token"}, 204, map[string]string{"Vary": "Origin", "Access-Control-Allow-Origin": "https://a.test",
				"Access-Control-Allow-Methods": "GET,HEAD,PUT,PATCH,POST,DELETE", "Access-Control-Allow-Headers": "X-A,X-B"}},
		{"list, foreign preflight", full, "OPTIONS", "https://c.test", nil, 403, map[string]string{"Vary": "Origin"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, true, Config{CORS: tt.cors}, newApp())
				headers := tt.headers
				if tt.origin != "" {
					headers = append(headers, "Origin: "+tt.origin)
				}
				a := r.do(tt.method, polling, "", headers...)
				if a.status != tt.status {
					t.Errorf("%v, want status %d", a, tt.status)
				}
				if tt.status == 403 && a.body != body4 {
					t.Errorf("body %q", a.body)
				}
				if tt.status == 204 && (a.body != "" || tt.origin == "") {
					t.Errorf("preflight %v %v", a, a.header)
				}
				got := map[string]string{}
				for k := range a.header {
					if k == "Vary" || strings.HasPrefix(k, "Access-Control-") {
						got[k] = strings.Join(a.header.Values(k), "; ")
					}
				}
				for k, want := range tt.want {
					if got[k] != want {
						t.Errorf("%s: %q, want %q", k, got[k], want)
					}
					delete(got, k)
				}
				if len(got) > 0 {
					t.Errorf("headers nobody asked for: %v", got)
				}
			})
		})
	}
}

// TestErrorsCarryCORS holds R14: the page may read why it was refused.
func TestErrorsCarryCORS(t *testing.T) {
	r := newRig(t, false, Config{CORS: CORS{Origins: []string{"https://a.test"}}}, newApp())
	a := r.do("GET", polling+"&sid=nope", "", "Origin: https://a.test")
	a.want(t, 400, body1)
	if got := a.header.Get("Access-Control-Allow-Origin"); got != "https://a.test" {
		t.Errorf("Access-Control-Allow-Origin %q", got)
	}
}

// TestSessionBelongsToItsOrigin holds H-04.
func TestSessionBelongsToItsOrigin(t *testing.T) {
	const a, b = "Origin: https://a.test", "Origin: https://b.test"
	for name, cors := range map[string]CORS{
		"list":     {Origins: []string{"https://a.test", "https://b.test"}},
		"everyone": {Origins: []string{"*"}},
	} {
		for _, opener := range []string{"with", "without"} {
			t.Run(name+", opened "+opener+" origin", func(t *testing.T) {
				r := newRig(t, false, Config{CORS: cors}, newApp())
				var sid string
				var p *peer
				if opener == "with" {
					sid, p = r.open(a)
				} else {
					sid, p = r.open() // a same-origin GET carries none; the first POST does
					r.do("POST", polling+"&sid="+sid, "4first", a).want(t, 200, "ok")
				}
				_ = p.text("secret")
				r.do("GET", polling+"&sid="+sid, "", b).want(t, 403, body4)
				r.do("POST", polling+"&sid="+sid, "4forged", b).want(t, 403, body4)
				if got := r.rawUpgrade(wsQuery+"&sid="+sid, append(upgradeHeaders, b)...); got != rawRefusal("403 Forbidden", "Forbidden", "") {
					t.Errorf("upgrade %q", got)
				}
				p.wantOpen(t)
				r.do("POST", polling+"&sid="+sid, "4mine", a).want(t, 200, "ok")
				if opener == "with" {
					r.get(sid).want(t, 403, body4) // its page has an Origin in every request
					r.do("POST", polling+"&sid="+sid, "4forged").want(t, 403, body4)
					r.do("GET", polling+"&sid="+sid, "", a).want(t, 200, "4secret")
				} else {
					r.get(sid).want(t, 200, "4secret")
				}
				for _, m := range p.messages() {
					if m == "forged" {
						t.Error("a foreign message was delivered")
					}
				}
			})
		}
	}
}

// TestSameOriginPage plays a browser on the server's own page: no Origin on GET,
// one on POST and WebSocket.
func TestSameOriginPage(t *testing.T) {
	r := newRig(t, false, Config{}, newApp())
	const own = "Origin: http://server.test"
	sid, p := r.open()
	r.do("POST", polling+"&sid="+sid, "4x", own).want(t, 200, "ok")
	c, _, err := r.ws(wsQuery+"&sid="+sid, own)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.send("2probe")
	c.want("3probe")
	c.send("5")
	_ = p.text("y")
	c.want("4y")
	if _, res, err := r.ws(wsQuery, "Origin: https://evil.example"); err == nil || res.StatusCode != http.StatusForbidden {
		t.Errorf("foreign WebSocket: %v, %v", res, err)
	}
}

func TestValidate(t *testing.T) {
	bad := map[string]Config{
		"credentials":  {CORS: CORS{Origins: []string{"*"}, Credentials: true}},
		"origin":       {CORS: CORS{Origins: []string{"https://a.test/"}}},
		"host":         {CORS: CORS{Origins: []string{"a.test"}}},
		"null":         {CORS: CORS{Origins: []string{"null"}}},
		"header":       {CORS: CORS{AllowedHeaders: []string{"X-A\r\nX-B"}}},
		"path":         {Path: "engine.io"},
		"interval":     {PingInterval: -time.Second},
		"microseconds": {PingTimeout: 20},
		"payload":      {MaxPayload: -1},
		"queue":        {Limits: Limits{QueueBytes: -1}},
	}
	for name, cfg := range bad {
		if err := cfg.Validate(); err == nil || !strings.HasPrefix(err.Error(), "engineio: Config.") {
			t.Errorf("%s: Validate says %v", name, err)
		}
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: NewServer took it", name)
				}
			}()
			NewServer(cfg, newApp())
		}()
	}
	good := Config{CORS: CORS{Origins: []string{"https://a.test", "http://localhost:8080"}, Credentials: true}}
	if err := good.Validate(); err != nil {
		t.Error(err)
	}
}
