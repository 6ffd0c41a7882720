// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"github.com/sockgen/sockgen/runtime/socketio"
)

// TestSchema has clients of every kind enter under every policy.
func TestSchema(t *testing.T) {
	long := strings.Repeat("x", 1000)
	clients := []struct {
		name, fingerprint string // raw JSON, or ""
		stale             string // as the hook sees it, or ""
	}{
		{"plain", ``, ""}, {"same", `"m1-now"`, ""}, {"ancestor", `"m1-old"`, ""}, {"escaped", `"\u006d1-now"`, ""},
		{"other", `"m1-other"`, "m1-other"}, {"empty", `""`, ""}, {"number", `5`, "5"}, {"object", `{"a":["m1-now"]}`, `{"a":["m1-now"]}`}, {"null", `null`, "null"},
		{"long", `"` + long + `"`, cut(long, 128)}, {"case", `"M1-NOW"`, "M1-NOW"}, {"twice", `"m1-x","$sockgen":"m1-now"`, "m1-x"},
	}
	const refused = `44/c,{"message":"this client was made for another version of the server: update or reload it","data":{"code":"schema_mismatch","message":"this client was made for another version of the server: update or reload it"}}`
	for policy, name := range map[SchemaPolicy]string{SchemaWarn: "warn", SchemaReject: "reject", SchemaIgnore: "ignore"} {
		t.Run(name, func(t *testing.T) {
			var mu sync.Mutex
			var told []Mismatch // guarded by mu
			logs := &logs{}
			s := newStand(t, socketio.Config{}, func(srv *socketio.Server) {
				mounted(srv.Of("/c"), func(m *Mount[member]) { m.Schema("m1-now", "m1-older", "m1-old") },
					WithSchemaPolicy(policy), WithLogger(slog.New(slog.NewJSONHandler(logs, nil))), OnMismatch(func(m Mismatch) {
						mu.Lock()
						told = append(told, m)
						mu.Unlock()
						panic("in the hook")
					}))
			})
			stale := 0
			for _, c := range clients {
				auth := `{"id":"1","name":"Ada"}`
				if c.fingerprint != "" {
					auth = `{"id":"1","name":"Ada","$sockgen":` + c.fingerprint + `}`
				}
				isStale := c.stale != "" || c.name == "empty"
				p := dial(t, s.Server, "/c", auth)
				if isStale && policy == SchemaReject {
					p.expect(refused)
				} else {
					p.entered("/c")
				}
				if !isStale || policy == SchemaIgnore {
					continue
				}
				stale++
				mu.Lock()
				if len(told) != stale || told[stale-1].Fingerprint != c.stale || told[stale-1].Count != uint64(stale) ||
					told[stale-1].Want != "m1-now" || told[stale-1].Namespace != "/c" || told[stale-1].Rejected != (policy == SchemaReject) {
					t.Errorf("%s: the hook was told %+v", c.name, told)
				}
				mu.Unlock()
			}
			mu.Lock()
			defer mu.Unlock()
			if len(told) != stale {
				t.Errorf("the hook was told %d times, want %d", len(told), stale)
			}
			if n := strings.Count(logs.String(), "another version of the schema"); n != stale {
				t.Errorf("%d log entries, want %d", n, stale)
			}
		})
	}
}

// The log tells of a fingerprint once and of a bounded number of them; all count.
func TestSchemaLogIsBounded(t *testing.T) {
	s := schemas{want: "now", seen: map[string]bool{}}
	news := 0
	for i := range 10 * maxSeen {
		for range 2 {
			count, first := s.note(fmt.Sprint(i))
			if first {
				news++
			}
			if count == 0 {
				t.Fatal("not counted")
			}
		}
	}
	if news != maxSeen || len(s.seen) != maxSeen || s.count != 20*maxSeen {
		t.Errorf("%d entries, %d kept, %d counted", news, len(s.seen), s.count)
	}
}
