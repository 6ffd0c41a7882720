// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"fmt"
	"log/slog"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestASessionThatNeverSpeaksIsSmall holds what a client costs that has opened a session by
// polling and says nothing: a few kilobytes, whatever its request was.
func TestASessionThatNeverSpeaksIsSmall(t *testing.T) {
	const sessions = 100
	for name, tt := range map[string]struct{ fields, length, most int }{
		"bare":       {0, 0, 3 << 10},
		"a browser":  {15, 60, 6 << 10},
		"many lines": {400, 20, 26 << 10}, // RequestBytes is 16 KiB
		"one large":  {1, 250_000, 4 << 10},
	} {
		t.Run(name, func(t *testing.T) {
			srv := NewServer(Config{Logger: slog.New(slog.DiscardHandler)})
			srv.Of("/")
			before := inUse()
			for i := range sessions {
				r := httptest.NewRequest("GET", "/socket.io/?EIO=4&transport=polling", nil)
				for k := range tt.fields {
					r.Header.Set(fmt.Sprint("X-Field-", k), strings.Repeat("v", tt.length)+fmt.Sprint(i))
				}
				srv.ServeHTTP(httptest.NewRecorder(), r)
			}
			each := (inUse() - before) / sessions
			if srv.Stats().Sessions != sessions || each > tt.most {
				t.Errorf("%d sessions of %d bytes each, want at most %d", srv.Stats().Sessions, each, tt.most)
			}
			if err := srv.Shutdown(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}
