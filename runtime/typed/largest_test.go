// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"context"
	"log/slog"
	"regexp"
	"strings"
	"testing"

	"github.com/sockgen/sockgen/runtime/socketio"
)

// TestMountWarnsOfLargeEvents holds that an event which the schema allows and the
// server cuts off is named when its namespace is mounted.
func TestMountWarnsOfLargeEvents(t *testing.T) {
	tests := []struct {
		maxPayload, largest int
		warns               bool
	}{
		{0, 0, false},
		{0, 1_000_000, false},
		{0, 1_000_001, true},
		{100_000, 200_000, true},
		{3_000_000, 2_796_205, false},
	}
	for _, tt := range tests {
		for _, parameters := range []bool{false, true} {
			srv := socketio.NewServer(socketio.Config{MaxPayload: tt.maxPayload})
			var host Host = srv.Of("/c")
			if parameters {
				host = srv.OfPattern(regexp.MustCompile(`^/c/.+$`))
			}
			logs := &logs{}
			mounted(host, func(m *Mount[member]) {
				handle(m, Event{Name: "picture", Largest: tt.largest}, decodeString, func(context.Context, *member, string) error { return nil })
			}, WithLogger(slog.New(slog.NewTextHandler(logs, nil))))
			got := logs.String()
			if warned := strings.Contains(got, "level=WARN") && strings.Contains(got, "event=picture") && strings.Contains(got, "MaxPayload"); warned != tt.warns || strings.Count(got, "\n") > 1 {
				t.Errorf("MaxPayload %d, largest %d: logged %q", tt.maxPayload, tt.largest, got)
			}
			if err := srv.Shutdown(t.Context()); err != nil {
				t.Error(err)
			}
		}
	}
}
