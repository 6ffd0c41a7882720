// SPDX-License-Identifier: Apache-2.0

package engineio

import (
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"
)

const (
	body0 = `{"code":0,"message":"Transport unknown"}`
	body1 = `{"code":1,"message":"Session ID unknown"}`
	body2 = `{"code":2,"message":"Bad handshake method"}`
	body3 = `{"code":3,"message":"Bad request"}`
	body4 = `{"code":4,"message":"Forbidden"}`
	body5 = `{"code":5,"message":"Unsupported protocol version"}`
)

// upgradeHeaders ask for a WebSocket.
var upgradeHeaders = []string{"Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="}

// rawRefusal is what R17 writes, with nosniff and no-referrer.
func rawRefusal(status, message, extra string) string {
	return "HTTP/1.1 " + status + "\r\nConnection: close\r\nContent-type: text/html\r\nContent-Length: " + itoa(len(message)) +
		"\r\nX-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer\r\n" + extra + "\r\n" + message
}

func itoa(n int) string { return strconv.Itoa(n) }

// rawUpgrade returns every byte that an upgrade request gets.
func (r *rig) rawUpgrade(query string, headers ...string) string {
	r.t.Helper()
	c := r.begin(request("GET", query, "", headers...))
	defer c.Close()
	_ = c.SetReadDeadline(time.Now().Add(5 * time.Second))
	all, err := io.ReadAll(c)
	if err != nil {
		r.t.Errorf("the connection stayed open: %v", err)
	}
	return string(all)
}

// TestVectorsHandshake holds V90 to V93 and the order of R7 to R11.
func TestVectorsHandshake(t *testing.T) {
	r := newRig(t, false, Config{MaxPayload: 100, CORS: CORS{}}, newApp())
	tests := []struct {
		name, method, query string
		status              int
		body                string
	}{
		{"V90", "GET", "", 400, body0},
		{"V90", "GET", "?EIO=4", 400, body0},
		{"V90", "GET", "?EIO=4&transport=abc", 400, body0},
		{"V90", "GET", "?EIO=4&transport=constructor", 400, body0},
		{"V90", "GET", "?EIO=4&transport=__proto__", 400, body0},
		{"V90", "GET", "?EIO=4&transport=toString", 400, body0},
		{"V90", "GET", "?EIO=4&transport=webtransport", 400, body0},
		{"H-05", "GET", "?EIO=4&transport=", 400, body0},
		{"H-05", "GET", "?EIO=4&transport[]=polling", 400, body0},
		{"H-05", "GET", "?EIO=4&transport=polling&transport=abc", 400, body0},
		{"R7 before R10", "POST", "?EIO=4", 400, body0},
		{"V91", "GET", "?transport=polling", 400, body5},
		{"V91", "GET", "?EIO=abc&transport=polling", 400, body5},
		{"V91", "GET", "?EIO=3&transport=polling", 400, body5},
		{"V91", "GET", "?EIO=5&transport=polling", 400, body5},
		{"E-04", "GET", "?EIO=4.0&transport=polling", 400, body5},
		{"E-04", "GET", "?EIO=99&transport=polling", 400, body5},
		{"R3", "GET", "?EIO=4&EIO=3&transport=polling", 400, body5},
		{"V92", "POST", polling, 400, body2},
		{"V92", "PUT", polling, 400, body2},
		{"V92", "DELETE", polling, 400, body2},
		{"V92", "OPTIONS", polling, 400, body2},
		{"V92", "HEAD", polling, 400, ""},
		{"R10 before R11", "POST", "?transport=polling", 400, body2},
		{"V93", "GET", "?EIO=4&transport=websocket", 400, body3},
		{"V94", "GET", polling + "&sid=nope", 400, body1},
		{"V94", "POST", polling + "&sid=nope", 400, body1},
		{"E-02", "GET", polling + "&sid=constructor", 400, body1},
		{"E-02", "GET", polling + "&sid=" + strings.Repeat("A", 10_000), 400, body1},
		{"H-16", "GET", polling + "&" + strings.Repeat("a=b&", 70_000), 400, body3},
	}
	for _, tt := range tests {
		t.Run(tt.name+" "+tt.method, func(t *testing.T) {
			a := r.do(tt.method, tt.query, "")
			a.want(t, tt.status, tt.body)
			if got := a.header.Get("Content-Type"); got != "application/json" {
				t.Errorf("Content-Type %q", got)
			}
			if a.header.Get("X-Content-Type-Options") != "nosniff" {
				t.Error("no nosniff")
			}
		})
	}
	st := r.srv.Stats()
	if st.Refused != uint64(len(tests)) || st.Open != 0 || st.Opened != 0 || st.QueueFull != 0 {
		t.Errorf("stats %+v", st)
	}
	if st.Refusals[RefusedMethod] != 6 || st.Refusals[RefusedSID] != 4 || st.Refusals[RefusedQuery] != 1 || len(st.Refusals) != len(refusalCauses) {
		t.Errorf("refusals %v", st.Refusals)
	}
}

func TestPath(t *testing.T) {
	r := newRig(t, false, Config{Path: "/socket.io"}, newApp())
	for target, status := range map[string]int{
		"/socket.io/?EIO=4&transport=polling":      200,
		"/socket.io/foo/?EIO=4&transport=polling":  200, // R1: a prefix
		"/socket.io?EIO=4&transport=polling":       404,
		"/engine.io/?EIO=4&transport=polling":      404,
		"/socket%2eio/?EIO=4&transport=polling":    404, // undecoded
		"/?EIO=4&transport=polling":                404,
		"/socket.io/?EIO=4&transport=polling&sid=": 200, // R3: empty is absent
	} {
		a := r.finish(r.begin("GET "+target+" HTTP/1.1\r\nHost: x\r\n\r\n"), "GET")
		if a.status != status {
			t.Errorf("%s: %v, want %d", target, a, status)
		}
	}
}

// TestVectorsRefused holds V95 to V97, R17 to R21 and the gate's own answers.
func TestVectorsRefused(t *testing.T) {
	cfg := Config{AllowRequest: func(r *http.Request) error {
		switch r.URL.Query().Get("token") {
		case "good":
			return nil
		case "text":
			return &RequestError{`Thou shall not "pass" <now>`}
		}
		return errors.New("secret detail")
	}}
	r := newRig(t, false, cfg, newApp())
	r.do("GET", polling, "").want(t, 403, body4)
	r.do("GET", polling+"&token=text", "").want(t, 403, `{"code":4,"message":"Thou shall not \"pass\" <now>"}`)
	r.do("GET", "?transport=polling&token=no", "").want(t, 403, body4) // R11: EIO comes last

	const ws = "?EIO=4&transport=websocket"
	replace := func(i int, line string) []string {
		h := append([]string{}, upgradeHeaders...)
		h[i] = line
		return h
	}
	tests := []struct {
		name, query string
		headers     []string
		want        string
	}{
		{"V96 hook", ws, upgradeHeaders, rawRefusal("400 Bad Request", "Forbidden", "")},
		{"V97 unknown sid", ws + "&sid=nope", upgradeHeaders, rawRefusal("400 Bad Request", "Session ID unknown", "")},
		{"R17 transport", "?EIO=4&transport=abc", upgradeHeaders, rawRefusal("400 Bad Request", "Transport unknown", "")},
		{"R18 revision before the 101", "?EIO=3&transport=websocket&token=good", upgradeHeaders, rawRefusal("400 Bad Request", "Unsupported protocol version", "")},
		{"R19 polling", polling + "&token=good", upgradeHeaders, rawRefusal("400 Bad Request", "Bad request", "")},
		{"R20 version", ws + "&token=good", replace(2, "Sec-WebSocket-Version: 7"), rawRefusal("400 Bad Request", "Missing or invalid Sec-WebSocket-Version header", "Sec-WebSocket-Version: 13\r\n")},
		{"R20 no version", ws + "&token=good", replace(2, "X-Nothing: 1"), rawRefusal("400 Bad Request", "Missing or invalid Sec-WebSocket-Version header", "Sec-WebSocket-Version: 13\r\n")},
		{"R20 no key", ws + "&token=good", replace(3, "X-Nothing: 1"), rawRefusal("400 Bad Request", "Missing or invalid Sec-WebSocket-Key header", "")},
		{"R20 short key", ws + "&token=good", replace(3, "Sec-WebSocket-Key: AAAA"), rawRefusal("400 Bad Request", "Missing or invalid Sec-WebSocket-Key header", "")},
		{"R20 key not base64", ws + "&token=good", replace(3, "Sec-WebSocket-Key: !!!!"), rawRefusal("400 Bad Request", "Missing or invalid Sec-WebSocket-Key header", "")},
		{"foreign origin", ws + "&token=good", append(upgradeHeaders, "Origin: https://evil.example"), rawRefusal("403 Forbidden", "Forbidden", "")},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := r.rawUpgrade(tt.query, tt.headers...); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
	// R21: an upgrade with another method.
	if a := r.do("POST", ws, "", upgradeHeaders...); a.status != 400 || a.body != "Bad handshake method" {
		t.Errorf("POST upgrade: %v", a)
	}
	// R22, R23, W-10, W-11: nothing that the client offers is echoed.
	c := r.begin(request("GET", ws+"&token=good", "", append(upgradeHeaders,
		"Sec-WebSocket-Protocol: "+strings.Repeat("a, ", 1000)+"b",
		"Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits, constructor")...))
	defer c.Close()
	want := "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
	got := make([]byte, len(want))
	if _, err := io.ReadFull(c, got); err != nil || string(got) != want {
		t.Errorf("101 answer %q, %v", got, err)
	}
}

// TestVectorsPost holds V98 to V102 and the headers of R51 and R53.
func TestVectorsPost(t *testing.T) {
	r := newRig(t, false, Config{MaxPayload: 100}, newApp())
	sid, p := r.open()
	ok := r.post(sid, "4a\x1e4b")
	ok.want(t, 200, "ok") // V98
	for k, want := range map[string]string{"Content-Type": "text/html", "Content-Length": "2", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"} {
		if got := ok.header.Get(k); got != want {
			t.Errorf("%s: %q, want %q", k, got, want)
		}
	}
	r.post(sid, "4"+strings.Repeat("x", 99)).want(t, 200, "ok") // V99
	r.post(sid, "4"+strings.Repeat("x", 100)).want(t, 413, "")
	chunked := "POST /engine.io/" + polling + "&sid=" + sid + " HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
	r.finish(r.begin(chunked+"3\r\n4ch\r\n4\r\nunks\r\n0\r\n\r\n"), "POST").want(t, 200, "ok") // R56
	r.finish(r.begin(chunked+"63\r\n4"+strings.Repeat("y", 98)+"\r\n2\r\nyy\r\n0\r\n\r\n"), "POST").want(t, 413, "")
	r.finish(r.begin("POST /engine.io/"+polling+"&sid="+sid+" HTTP/1.1\r\nHost: x\r\nContent-Length: 9223372036854775807\r\n\r\n"), "POST").want(t, 413, "")
	r.post(sid, "4bad \xff utf8").want(t, 200, "ok") // R47
	r.do("POST", polling+"&sid="+sid, "4form", "Content-Type: application/x-www-form-urlencoded").want(t, 200, "ok")
	r.do("POST", polling+"&sid="+sid, "4octets", "Content-Type: application/octet-stream; charset=x").want(t, 200, "ok")
	r.post(sid, "b\x1eb-_8\x1e4").want(t, 200, "ok")
	want := []string{"a", "b", strings.Repeat("x", 99), "chunks", "bad \uFFFD utf8", "form", "octets", "<>", "<fbff>", ""}
	if got := p.messages(); strings.Join(got, "|") != strings.Join(want, "|") {
		t.Errorf("received %q, want %q", got, want)
	}
	p.wantOpen(t)

	ended := []struct {
		name, body string
		headers    []string
		status     int
		reason     CloseReason
		received   string
	}{
		{"V100", "abc", nil, 400, ParseError, ""},
		{"V100", "", nil, 400, ParseError, ""},
		{"V100", "\x1e4a", nil, 400, ParseError, ""},
		{"V100", "4a\x1e", nil, 400, ParseError, "a"},
		{"R45", "4a\x1e9\x1e4b", nil, 400, ParseError, "a"},
		{"R40", "4a\x1eb!!!", nil, 400, ParseError, "a"},
		{"R46", "4x\x1e1\x1e4y", nil, 200, TransportClose, "x"},
		{"V101", "2", nil, 200, TransportError, ""},
		{"V102", "4a", []string{"Content-Type: application/octet-stream"}, 400, TransportError, ""},
	}
	for _, tt := range ended {
		t.Run(tt.name, func(t *testing.T) {
			sid, p := r.open()
			a := r.do("POST", polling+"&sid="+sid, tt.body, tt.headers...)
			body := ""
			if tt.status == 200 {
				body = "ok"
			}
			a.want(t, tt.status, body)
			r.get(sid).want(t, 400, body1)
			p.wantClosed(t, tt.reason)
			if got := strings.Join(p.messages(), ","); got != tt.received {
				t.Errorf("received %q, want %q", got, tt.received)
			}
		})
	}
}

// TestVectorsOverlap holds V103 to V107.
func TestVectorsOverlap(t *testing.T) {
	r := newRig(t, false, Config{}, newApp())
	t.Run("V103 two GETs", func(t *testing.T) {
		sid, p := r.open()
		first := r.pending(sid, p)
		r.get(sid).want(t, 400, "")
		r.finish(first, "GET").want(t, 200, "1")
		p.wantClosed(t, TransportError)
		r.get(sid).want(t, 400, body1)
	})
	t.Run("V104 two POSTs", func(t *testing.T) {
		sid, p := r.open()
		get := r.pending(sid, p)
		first := r.begin(strings.TrimSuffix(request("POST", polling+"&sid="+sid, "4abcdef"), "def"))
		defer first.Close()
		waitFor(t, "the first POST", func() bool { p.Session.mu.Lock(); defer p.Session.mu.Unlock(); return p.post != nil })
		r.post(sid, "4x").want(t, 400, "")
		_ = first.SetReadDeadline(time.Now().Add(5 * time.Second))
		if rest, err := io.ReadAll(first); len(rest) > 0 || isTimeout(err) {
			t.Errorf("the first POST's connection got %q, %v; want it dropped", rest, err)
		}
		r.finish(get, "GET").want(t, 200, "1")
		p.wantClosed(t, TransportError)
		if got := p.messages(); len(got) != 0 {
			t.Errorf("received %q", got)
		}
	})
	t.Run("V105 GET aborted", func(t *testing.T) {
		sid, p := r.open()
		r.pending(sid, p).Close()
		p.wantClosed(t, TransportError)
		r.get(sid).want(t, 400, body1)
	})
	t.Run("R62 POST aborted", func(t *testing.T) {
		sid, p := r.open()
		get := r.pending(sid, p)
		r.begin(strings.TrimSuffix(request("POST", polling+"&sid="+sid, "4abcdef"), "def")).Close()
		r.finish(get, "GET").want(t, 200, "1")
		p.wantClosed(t, TransportError)
	})
	t.Run("V106 close by POST", func(t *testing.T) {
		sid, p := r.open()
		get := r.pending(sid, p)
		r.post(sid, "1").want(t, 200, "ok")
		r.finish(get, "GET").want(t, 200, "6")
		p.wantClosed(t, TransportClose)
		r.get(sid).want(t, 400, body1)
	})
	t.Run("V107 other methods", func(t *testing.T) {
		sid, p := r.open()
		for _, m := range []string{"PUT", "DELETE", "HEAD", "OPTIONS"} {
			if a := r.do(m, polling+"&sid="+sid, ""); a.status != 405 || a.body != "" {
				t.Errorf("%s: %v", m, a)
			}
		}
		p.wantOpen(t)
		r.post(sid, "4x").want(t, 200, "ok")
	})
	t.Run("GET and POST together", func(t *testing.T) { // R60
		sid, p := r.open()
		get := r.pending(sid, p)
		r.post(sid, "4x").want(t, 200, "ok")
		_ = p.text("y")
		r.finish(get, "GET").want(t, 200, "4y")
	})
	t.Run("R9 another revision", func(t *testing.T) {
		sid, p := r.open()
		r.do("GET", "?EIO=3&transport=polling&sid="+sid, "").want(t, 400, body3)
		r.do("GET", "?EIO=4&transport=websocket&sid="+sid, "").want(t, 400, body3)
		p.wantOpen(t)
	})
}

// TestVectorsServerCloses holds V108 to V110, V112 and V113.
func TestVectorsServerCloses(t *testing.T) {
	r := newRig(t, false, Config{}, newApp())
	t.Run("V108", func(t *testing.T) {
		sid, p := r.open()
		get := r.pending(sid, p)
		p.Close(ForcedClose)
		r.get(sid).want(t, 400, body1) // gone at once
		r.finish(get, "GET").want(t, 200, "1")
	})
	t.Run("V109", func(t *testing.T) {
		sid, p := r.open()
		p.Close(ForcedClose)
		r.post(sid, "4ignored").want(t, 200, "ok") // R112
		r.get(sid).want(t, 200, "6\x1e1")
		r.get(sid).want(t, 400, body1)
		if got := p.messages(); len(got) != 0 {
			t.Errorf("received %q while closing", got)
		}
	})
	t.Run("V110", func(t *testing.T) {
		sid, p := r.open()
		_ = p.text("hi")
		p.Close(ForcedClose)
		r.get(sid).want(t, 200, "4hi")
		r.get(sid).want(t, 200, "6\x1e1")
		r.get(sid).want(t, 400, body1)
	})
	t.Run("V112", func(t *testing.T) {
		sid, p := r.open()
		for _, m := range []*Message{
			{Attachments: [][]byte{{1, 2, 3, 4}}}, {Text: []byte("é€")}, {Attachments: [][]byte{{}}}, {Text: []byte{}},
		} {
			m.refs.Store(1)
			if err := p.Send(m); err != nil {
				t.Fatal(err)
			}
		}
		a := r.get(sid)
		a.want(t, 200, "bAQIDBA==\x1e4é€\x1eb\x1e4")
		for k, want := range map[string]string{"Content-Type": "text/plain; charset=UTF-8", "Content-Length": "20", "Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"} {
			if got := a.header.Get(k); got != want {
				t.Errorf("%s: %q, want %q", k, got, want)
			}
		}
		p.wantOpen(t)
	})
	t.Run("V113", func(t *testing.T) {
		sid, p := r.open()
		c := r.upgrade(sid)
		defer c.Close()
		waitFor(t, "the upgrade", func() bool { return p.Transport() == "websocket" })
		r.get(sid).want(t, 400, body3)
		r.post(sid, "4x").want(t, 400, body3)
		r.do("GET", "?EIO=4&transport=websocket&sid="+sid, "").want(t, 400, body3) // R90
		second := r.rawWS(sid)                                                     // R91
		defer second.Close()
		if got := second.next(); got != "close" {
			t.Errorf("second WebSocket: %q", got)
		}
		_ = p.text("fine")
		c.want("4fine")
	})
	t.Run("HEAD opens nothing", func(t *testing.T) { // R32
		before := r.srv.Stats().Opened
		r.do("HEAD", polling, "")
		if r.srv.Stats().Opened != before {
			t.Error("a HEAD request opened a session")
		}
	})
}

// TestVectorOriginBytes holds V114. net/http refuses such a request itself, with
// 400; behind another server the check is ours.
func TestVectorOriginBytes(t *testing.T) {
	r := newRig(t, false, Config{CORS: CORS{Origins: []string{"*"}}}, newApp())
	if a := r.do("GET", polling, "", "Origin: a\x01b"); a.status != 400 {
		t.Errorf("over the wire: %v", a)
	}
	req := httptest.NewRequest("GET", "/engine.io/"+polling, nil)
	req.Header["Origin"] = []string{"a\x01b"}
	w := httptest.NewRecorder()
	r.srv.ServeHTTP(w, req)
	if w.Code != 400 || w.Body.String() != body3 || req.Header.Get("Origin") != "" {
		t.Errorf("answer %d %q", w.Code, w.Body)
	}
}

// TestHandshake holds R25 to R29.
func TestHandshake(t *testing.T) {
	r := newRig(t, false, Config{PingInterval: 300 * time.Millisecond, PingTimeout: 200 * time.Millisecond, MaxPayload: 77}, newApp())
	a := r.do("GET", polling+"&j=0&b64=1", "") // H-13: JSONP is not spoken
	sid := string(r.opened().ID())
	a.want(t, 200, `0{"sid":"`+sid+`","upgrades":["websocket"],"pingInterval":300,"pingTimeout":200,"maxPayload":77}`)
	if a.header.Get("Content-Type") != "text/plain; charset=UTF-8" || a.header.Get("Cache-Control") != "no-store" {
		t.Errorf("headers %v", a.header)
	}
	raw, err := base64.RawURLEncoding.DecodeString(sid)
	if err != nil || len(sid) != 20 || len(raw) != 15 {
		t.Errorf("sid %q: %v", sid, err)
	}
	// Each bit is random (E-01): of 400 ids, each is set in about half.
	const n = 400
	var set [15 * 8]int
	for range n {
		sid, _ := r.open()
		raw, _ := base64.RawURLEncoding.DecodeString(sid)
		for i := range set {
			set[i] += int(raw[i/8]) >> (i % 8) & 1
		}
	}
	for i, times := range set {
		if times < n/4 || times > n*3/4 { // ten standard deviations
			t.Errorf("bit %d is set in %d of %d", i, times, n)
		}
	}
}

// TestRandomSourceFails holds R12.
func TestRandomSourceFails(t *testing.T) {
	r := newRig(t, false, Config{Rand: strings.NewReader("only fifteen ch")}, newApp())
	r.open()
	r.do("GET", polling, "").want(t, 400, body3)
	if got := r.rawUpgrade("?EIO=4&transport=websocket", upgradeHeaders...); got != rawRefusal("400 Bad Request", "Bad request", "") {
		t.Errorf("upgrade: %q", got)
	}
}

// TestPacketsPerPost holds E-05: the bound for packets that are no messages, and that
// messages have none but MaxPayload, since an honest client packs a burst into one POST.
func TestPacketsPerPost(t *testing.T) {
	r := newRig(t, false, Config{}, newApp())
	repeat := func(item string, n int) string { return strings.TrimSuffix(strings.Repeat(item+"\x1e", n), "\x1e") }
	for _, tt := range []struct {
		body     string
		status   int
		messages int
	}{
		{repeat("6", 128), 200, 0},
		{repeat("6", 129), 400, 0},
		{repeat("6", 490_000), 400, 0},
		{strings.Repeat("\x1e", 900_000), 400, 0},
		{repeat(`42["e",1]`, 60_000), 200, 60_000},
		{repeat("bAA==", 60_000), 200, 60_000},
		{repeat("4x", 333_333), 200, 333_333},
		{repeat("4x", 10_000) + "\x1e" + repeat("6", 128) + "\x1e" + repeat("4x", 10_000), 200, 20_000},
		{repeat("4x", 10_000) + "\x1e" + repeat("6", 129), 400, 10_000},
		{"b" + strings.Repeat("!", 900_000), 400, 0},
	} {
		sid, p := r.open()
		a := r.post(sid, tt.body)
		if a.status != tt.status {
			t.Errorf("%.10q… (%d bytes): %v, want %d", tt.body, len(tt.body), a, tt.status)
		}
		if tt.status == 400 {
			p.wantClosed(t, ParseError)
		}
		if n := len(p.messages()); n != tt.messages {
			t.Errorf("%.10q…: %d messages delivered, want %d", tt.body, n, tt.messages)
		}
	}
}

func waitFor(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for range 5000 {
		if ok() {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatalf("timed out waiting for %s", what)
}

func isTimeout(err error) bool {
	var timeout interface{ Timeout() bool }
	return errors.As(err, &timeout) && timeout.Timeout()
}
