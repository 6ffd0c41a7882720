// SPDX-License-Identifier: Apache-2.0

package engineio

import (
	"fmt"
	"maps"
	"net"
	"net/http"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
)

// TestKeptHeader holds which fields stay of a header that is too large.
func TestKeptHeader(t *testing.T) {
	big := func(name string, n int) string { return name + ": " + strings.Repeat("x", n) }
	many := make([]string, 3000)
	for i := range many {
		many[i] = fmt.Sprintf("X-%04d: y", i)
	}
	tests := []struct {
		name    string
		query   string
		headers []string
		kept    string // all of them, when "all"
		trimmed uint64
	}{
		{"nothing special", "", []string{"Cookie: a=b", "Authorization: Bearer x"}, "all", 0},
		{"large and allowed", "", []string{big("Cookie", 8000), big("X-Token", 6000)}, "all", 0},
		{"one too many", "", []string{"Cookie: a=b", big("X-Token", 9000), big("X-Junk", 9001)}, "Cookie Host-Less X-Token", 1},
		{"the largest go first", "", []string{"Cookie: a=b", big("X-A", 200_000), big("X-B", 17_000), big("X-C", 300)}, "Cookie Host-Less X-C", 1},
		{"one field of many lines", "", append([]string{"Cookie: a=b"}, slices.Repeat([]string{"X-Many: 1"}, 3000)...), "Cookie Host-Less", 1},
		{"the URL counts", "&x=" + strings.Repeat("q", 12_000), []string{"Cookie: a=b", big("X-Token", 5000)}, "Cookie Host-Less", 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var log journal
				r := newRig(t, true, Config{Logger: log.logger()}, newApp())
				headers := append(tt.headers, "Host-Less: 1")
				_ = r.do("GET", polling+tt.query, "", headers...)
				q := r.opened().Request()
				got := strings.Join(slices.Sorted(maps.Keys(q.Header)), " ")
				if tt.kept == "all" && len(q.Header) != len(headers) || tt.kept != "all" && got != tt.kept {
					t.Errorf("kept %q, want %q", got, tt.kept)
				}
				if !strings.HasSuffix(q.URL, tt.query) || q.Header.Get("Cookie") == "" {
					t.Errorf("URL %.100q, cookie %.100q", q.URL, q.Header.Get("Cookie"))
				}
				if n := r.srv.Stats().Trimmed; n != tt.trimmed || len(log.lines("left out")) != int(tt.trimmed) {
					t.Errorf("%d were trimmed, logged %q", n, log.lines("left out"))
				}
			})
		})
	}
	t.Run("many small ones", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t, true, Config{}, newApp())
			_ = r.do("GET", polling, "", many...)
			q := r.opened().Request()
			if n := headerSize(q.Header) + len(q.URL); n > 16<<10 || n < 15<<10 {
				t.Errorf("%d bytes kept of many fields", n)
			}
		})
	})
}

// TestLongPath holds that the path is bounded like the query.
func TestLongPath(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, true, Config{}, newApp())
		for n, status := range map[int]int{16_000: 200, 17_000: 400, 500_000: 400} {
			if a := r.do("GET", strings.Repeat("p", n)+polling, ""); a.status != status {
				t.Errorf("%d bytes: %v, want %d", n, a, status)
			}
		}
		wantRefusals(t, r, map[RefusalCause]uint64{RefusedQuery: 2})
	})
}

// TestLongOrigin holds that an Origin is bounded too, which a session keeps besides.
func TestLongOrigin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, true, Config{CORS: CORS{Origins: []string{"*"}}}, newApp())
		for n, status := range map[int]int{2000: 200, 3000: 400, 100_000: 400} {
			if a := r.do("GET", polling, "", "Origin: https://"+strings.Repeat("o", n)); a.status != status {
				t.Errorf("%d bytes: %v, want %d", n, a, status)
			}
		}
		wantRefusals(t, r, map[RefusalCause]uint64{RefusedOriginBytes: 2})
	})
}

// TestHeldHeaders holds H-07 on an http.Server of the application's: what a handshake
// leaves behind is small, whatever its header was.
func TestHeldHeaders(t *testing.T) {
	const handshakes = 300
	heap := func() uint64 {
		var m runtime.MemStats
		for range 3 { // pools give up what two collections found unused
			runtime.GC()
		}
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	for _, query := range []string{polling, wsQuery} {
		a := newApp()
		r := newRig(t, false, Config{}, a)
		var headers []string
		if query == wsQuery {
			headers = upgradeHeaders
		}
		for i := range 500 {
			headers = append(headers, fmt.Sprintf("X-Field-%d: %s", i, strings.Repeat("x", 1000)))
		}
		raw := request("GET", query, "", headers...)
		before := heap()
		var conns []net.Conn
		for range handshakes {
			c := r.begin(raw)
			conns = append(conns, c)
			r.opened()
		}
		if n := int64(heap()-before) / handshakes; n > 64<<10 {
			t.Errorf("%s: %d bytes per handshake", query, n)
		}
		for _, c := range conns {
			c.Close()
		}
	}
}

// TestKeptHeaderIsTheRequests holds that an ordinary header is not copied.
func TestKeptHeaderIsTheRequests(t *testing.T) {
	srv := NewServer(Config{}, newApp())
	req, _ := http.NewRequest("GET", "http://x/", nil)
	req.Header.Set("Cookie", "a=b")
	if n := testing.AllocsPerRun(100, func() { _ = srv.keep(req) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}
