// SPDX-License-Identifier: Apache-2.0

package engineio

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestCookie holds R126.
func TestCookie(t *testing.T) {
	tests := []struct {
		name   string
		cookie Cookie
		want   string // SID stands for the session's id
	}{
		{"default", Cookie{}, "io=SID; Path=/; HttpOnly; Secure; SameSite=Lax"},
		{"as the reference", Cookie{Insecure: true}, "io=SID; Path=/; HttpOnly; SameSite=Lax"},
		{"name", Cookie{Name: "lb", Insecure: true}, "lb=SID; Path=/; HttpOnly; SameSite=Lax"},
		{"no path", Cookie{NoPath: true}, "io=SID; HttpOnly; Secure; SameSite=Lax"},
		{"readable", Cookie{Readable: true}, "io=SID; Path=/; Secure; SameSite=Lax"},
		{"default mode", Cookie{SameSite: http.SameSiteDefaultMode}, "io=SID; Path=/; HttpOnly; Secure; SameSite=Lax"},
		{"none", Cookie{SameSite: http.SameSiteNoneMode}, "io=SID; Path=/; HttpOnly; Secure; SameSite=None"},
		{"host prefix", Cookie{Name: "__Host-io"}, "__Host-io=SID; Path=/; HttpOnly; Secure; SameSite=Lax"},
		{
			"everything, in order",
			Cookie{Name: "n", Path: "/custom", Domain: "Chat.example", MaxAge: 90 * time.Second, SameSite: http.SameSiteStrictMode},
			"n=SID; Max-Age=90; Domain=Chat.example; Path=/custom; HttpOnly; Secure; SameSite=Strict",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			r := newRig(t, true, Config{Cookie: &tt.cookie}, newApp())
			a := r.do("GET", polling, "")
			sid := string(r.opened().ID())
			want := strings.Replace(tt.want, "SID", sid, 1)
			if got := a.header.Values("Set-Cookie"); a.status != 200 || len(got) != 1 || got[0] != want {
				t.Errorf("%v: Set-Cookie %q, want %q", a, got, want)
			}
		})
	}
}

// TestCookieOnHandshakesAlone holds that no other answer carries it (R126).
func TestCookieOnHandshakesAlone(t *testing.T) {
	r := newRig(t, true, Config{Cookie: &Cookie{}}, newApp())
	sid, p := r.open()
	_ = p.text("x")
	for _, a := range []reply{r.get(sid), r.post(sid, "4x"), r.do("GET", "?EIO=4", ""), r.do("POST", polling, "")} {
		if got := a.header.Values("Set-Cookie"); len(got) != 0 {
			t.Errorf("%v carries %q", a, got)
		}
	}
	for _, query := range []string{wsQuery, wsQuery + "&sid=" + sid} {
		c, res, err := r.ws(query)
		if err != nil {
			t.Fatal(err)
		}
		if got := res.Header.Values("Set-Cookie"); len(got) != 0 {
			t.Errorf("the 101 carries %q", got)
		}
		c.Close()
	}
	bare := newRig(t, true, Config{}, newApp())
	if got := bare.do("GET", polling, "").header.Values("Set-Cookie"); len(got) != 0 {
		t.Errorf("without the option: %q", got)
	}
}

// TestCookieKeepsOthers holds that the application's own cookies stay.
func TestCookieKeepsOthers(t *testing.T) {
	r := newRig(t, true, Config{Cookie: &Cookie{}}, newApp(), func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.SetCookie(w, &http.Cookie{Name: "login", Value: "x"})
			next.ServeHTTP(w, r)
		})
	})
	if got := r.do("GET", polling, "").header.Values("Set-Cookie"); len(got) != 2 || got[0] != "login=x" || !strings.HasPrefix(got[1], "io=") {
		t.Errorf("Set-Cookie %q", got)
	}
}

// TestCookieValidate holds H-14 for the cookie (CVE-2024-47764): nothing in it can
// end an attribute or a header.
func TestCookieValidate(t *testing.T) {
	for _, c := range []Cookie{
		{Name: "a=b"}, {Name: "a;b"}, {Name: "a b"}, {Name: "a\r\nX: y"}, {Name: "é"}, {Name: "userName=<script>alert('XSS3')</script>; Max-Age=2592000; a"},
		{Path: "x"}, {Path: "/;Domain=x"}, {Path: "/\r\nX: y"}, {Path: "/a b"}, {Path: "/é"}, {Path: "/\x00"},
		{Domain: "a;b"}, {Domain: "a b"}, {Domain: "a\nb"}, {Domain: "http://x"}, {Domain: "x:80"}, {Domain: "[::1]"}, {Domain: "."},
		{MaxAge: -time.Second}, {MaxAge: 1500 * time.Millisecond}, {SameSite: 9}, {SameSite: -1},
		{SameSite: http.SameSiteNoneMode, Insecure: true}, {Name: "__Secure-io", Insecure: true}, {Name: "__Host-io", Insecure: true},
		{Name: "__Host-io", Domain: "x"}, {Name: "__Host-io", Path: "/x"}, {Name: "__Host-io", NoPath: true},
	} {
		if err := (Config{Cookie: &c}).Validate(); err == nil || !strings.Contains(err.Error(), "Config.Cookie.") {
			t.Errorf("%+v: error %v", c, err)
		}
	}
	for _, c := range []Cookie{{}, {Domain: ".example.com"}, {Domain: "example.com", MaxAge: time.Hour}, {Path: "/a/b%20c"}, {Name: "__Secure-io"}} {
		if err := (Config{Cookie: &c}).Validate(); err != nil {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
