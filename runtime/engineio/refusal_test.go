// SPDX-License-Identifier: Apache-2.0

package engineio

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// refusals collects what OnRefused gets.
type refusals struct {
	mu  sync.Mutex
	got []Refusal
}

func (l *refusals) hook(r *http.Request, e Refusal) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if r.URL.Path == "/engine.io/" {
		l.got = append(l.got, e)
	}
}

// take returns the one refusal since the last call.
func (l *refusals) take(t *testing.T) Refusal {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.got) != 1 {
		t.Fatalf("%d refusals, want one: %v", len(l.got), l.got)
	}
	e := l.got[0]
	l.got = nil
	return e
}

// TestOnRefused holds R16: code, message and context of every refusal, and that
// each is counted once under its cause.
func TestOnRefused(t *testing.T) {
	var log refusals
	cfg := Config{
		OnRefused: log.hook,
		AllowRequest: func(r *http.Request) error {
			if r.URL.Query().Has("no") {
				return &RequestError{"Thou shall not pass"}
			}
			if r.URL.Query().Has("secret") {
				return errors.New("secret detail")
			}
			return nil
		},
		GenerateID: func(r *http.Request) (string, error) {
			if id := r.URL.Query().Get("id"); id != "" {
				return id, nil
			}
			return "", errors.New("no ids")
		},
	}
	r := newRig(t, true, cfg, newApp())
	r.do("GET", polling+"&id=polls", "")
	r.opened()
	r.do("GET", polling+"&id=switched", "")
	r.opened()
	ws := r.upgrade("switched")
	defer ws.Close()
	waitFor(t, "the upgrade", func() bool { return r.app.peer("switched").Transport() == transportWebSocket })

	r.do("GET", polling+"&id=closing", "")
	r.opened().Close(ForcedClose)

	type m = map[string]string
	long := strings.Repeat("x", 500)
	tests := []struct {
		method, query string
		headers       []string
		code          int
		message       string
		cause         RefusalCause
		context       m
	}{
		{"GET", "?EIO=4&transport=abc", nil, 0, "Transport unknown", RefusedTransport, m{"transport": "abc"}},
		{"GET", "?EIO=4&transport=" + long, nil, 0, "Transport unknown", RefusedTransport, m{"transport": long[:128] + "…"}},
		{"GET", polling + "&sid=abc", nil, 1, "Session ID unknown", RefusedSID, m{"sid": "abc"}},
		{"POST", wsQuery + "&sid=abc", upgradeHeaders, 1, "Session ID unknown", RefusedSID, m{"sid": "abc"}},
		{"OPTIONS", polling, nil, 2, "Bad handshake method", RefusedMethod, m{"method": "OPTIONS"}},
		{"GET", polling + "&sid=switched", nil, 3, "Bad request", RefusedMismatch, m{"name": "TRANSPORT_MISMATCH", "transport": "polling", "previousTransport": "websocket"}},
		{"GET", wsQuery + "&sid=polls", nil, 3, "Bad request", RefusedMismatch, m{"name": "TRANSPORT_MISMATCH", "transport": "websocket", "previousTransport": "polling"}},
		{"GET", "?EIO=3&transport=polling&sid=polls", nil, 3, "Bad request", RefusedRevisionMismatch, m{"name": "PROTOCOL_MISMATCH", "protocol": "3", "previousProtocol": "4"}},
		{"GET", wsQuery, nil, 3, "Bad request", RefusedHandshake, m{"name": "TRANSPORT_HANDSHAKE_ERROR"}},
		{"GET", polling, upgradeHeaders, 3, "Bad request", RefusedHandshake, m{"name": "TRANSPORT_HANDSHAKE_ERROR"}},
		{"GET", polling, nil, 3, "Bad request", RefusedID, m{"name": "ID_GENERATION_ERROR", "error": "GenerateID: no ids"}},
		{"GET", polling + "&id=polls", nil, 3, "Bad request", RefusedID, m{"name": "ID_GENERATION_ERROR", "error": "GenerateID returned the id of another session"}},
		{"GET", wsQuery + "&id=x", upgradeHeaders[:3], 3, "Missing or invalid Sec-WebSocket-Key header", RefusedWebSocket, m{"name": "INVALID_WEBSOCKET_REQUEST"}},
		{"GET", wsQuery + "&sid=closing", upgradeHeaders, 3, "Bad request", RefusedUpgrade, m{"name": "UPGRADE_REFUSED"}},
		{"GET", polling + "&" + strings.Repeat("a", 17<<10), nil, 3, "Bad request", RefusedQuery, m{"name": "QUERY_TOO_LONG"}},
		{"GET", polling + "&no=1", nil, 4, "Thou shall not pass", RefusedForbidden, m{"message": "Thou shall not pass"}},
		{"GET", polling + "&secret=1", nil, 4, "Forbidden", RefusedForbidden, m{"message": "Forbidden"}},
		{"GET", polling, []string{"Origin: https://evil.example"}, 4, "Forbidden", RefusedOrigin, m{"origin": "https://evil.example"}},
		{"GET", "?EIO=5&transport=polling", nil, 5, "Unsupported protocol version", RefusedRevision, m{"protocol": "5"}},
	}
	want := make(map[RefusalCause]uint64)
	for _, tt := range tests {
		t.Run(string(tt.cause), func(t *testing.T) {
			want[tt.cause]++
			r.do(tt.method, tt.query, "", tt.headers...)
			e := log.take(t)
			if e.Code != tt.code || e.Message != tt.message || e.Cause != tt.cause || !maps.Equal(e.Context, tt.context) {
				t.Errorf("%s %.80s: %+v", tt.method, tt.query, e)
			}
		})
	}
	wantRefusals(t, r, want)
}

func wantRefusals(t *testing.T, r *rig, want map[RefusalCause]uint64) {
	t.Helper()
	st, sum := r.srv.Stats(), uint64(0)
	for _, cause := range refusalCauses {
		sum += want[cause]
		if n, ok := st.Refusals[cause]; !ok || n != want[cause] {
			t.Errorf("%s counted %d times, want %d", cause, n, want[cause])
		}
	}
	if st.Refused != sum {
		t.Errorf("%d refusals, want %d", st.Refused, sum)
	}
}

// TestOnRefusedUnavailable holds the causes of 503, on both transports.
func TestOnRefusedUnavailable(t *testing.T) {
	for _, query := range []string{polling, wsQuery} {
		var headers []string
		if query == wsQuery {
			headers = upgradeHeaders
		}
		for _, tt := range []struct {
			cause  RefusalCause
			limits Limits
			stop   bool
		}{
			{RefusedSessions, Limits{Sessions: 1}, false},
			{RefusedSessionsPerIP, Limits{SessionsPerIP: 1}, false},
			{RefusedStopping, Limits{}, true},
		} {
			var log refusals
			r := newRig(t, false, Config{OnRefused: log.hook, Limits: tt.limits}, newApp())
			r.open()
			if tt.stop {
				if err := r.srv.Shutdown(context.Background()); err != nil {
					t.Error(err)
				}
			}
			if a := r.do("GET", query, "", headers...); a.status != 503 || a.header.Get("Retry-After") != "5" {
				t.Errorf("%s: %v", tt.cause, a)
			}
			if e := log.take(t); e.Code != -1 || e.Cause != tt.cause || len(e.Context) != 0 {
				t.Errorf("%+v", e)
			}
			wantRefusals(t, r, map[RefusalCause]uint64{tt.cause: 1})
		}
	}
}

// TestRepliesAreGuarded holds that there is nosniff and no-referrer on every answer,
// no-store on every one but a refused upgrade.
func TestRepliesAreGuarded(t *testing.T) {
	cfg := Config{MaxPayload: 10, CORS: CORS{Origins: []string{"https://page.example"}}}
	r := newRig(t, true, cfg, newApp())
	sid, p := r.open()
	_ = p.text("x")
	answers := map[string]reply{
		"handshake": r.do("GET", polling, ""),
		"GET":       r.get(sid),
		"POST":      r.post(sid, "4y"),
		"413":       r.post(sid, "4yyyyyyyyyyyyyyyyyyy"),
		"405":       r.do("PUT", polling+"&sid="+sid, "x"),
		"refused":   r.do("GET", "?EIO=4", ""),
		"upgrade":   r.do("GET", wsQuery+"&sid=no", "", upgradeHeaders...),
		"preflight": r.do("OPTIONS", polling, "", "Origin: https://page.example"),
		"404":       r.finish(r.begin("GET /elsewhere HTTP/1.1\r\nHost: x\r\n\r\n"), "GET"),
	}
	r.opened()
	for name, a := range answers {
		if a.header.Get("X-Content-Type-Options") != "nosniff" || a.header.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("%s: %d %v", name, a.status, a.header)
		}
		store := a.header.Get("Cache-Control") == "no-store"
		if bare := name == "upgrade"; store == bare {
			t.Errorf("%s: no-store is %v", name, store)
		}
	}
	own := newRig(t, true, Config{Headers: func(h http.Header, _ *Request) { h.Set("Referrer-Policy", "same-origin") }}, newApp())
	if got := own.do("GET", polling, "").header.Values("Referrer-Policy"); len(got) != 1 || got[0] != "same-origin" {
		t.Errorf("the application's Referrer-Policy: %q", got)
	}
}
