// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// TestBurstInOnePost holds that what an official client packs into one POST arrives:
// 60,000 small events, within MaxPayload, in order.
func TestBurstInOnePost(t *testing.T) {
	const events = 60_000
	srv := NewServer(Config{})
	var next, wrong atomic.Int64
	done := make(chan struct{})
	srv.Of("/").OnConnect(func(_ context.Context, s *Socket) {
		s.On("e", func(_ context.Context, _ *Socket, e *Event) {
			var i int64
			if err := e.Args.Decode(0, &i); err != nil || i != next.Load() {
				wrong.Add(1)
			}
			if next.Add(1) == events {
				close(done)
			}
		})
	})
	server := httptest.NewServer(srv)
	defer server.Close()
	url := server.URL + "/socket.io/?EIO=4&transport=polling"
	do := func(method, url, body string) string {
		t.Helper()
		req, err := http.NewRequest(method, url, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		res, err := server.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		all, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode != 200 {
			t.Fatalf("%s: %v, %d %.100q", method, err, res.StatusCode, all)
		}
		return string(all)
	}
	url += "&sid=" + do("GET", url, "")[9:29]
	do("POST", url, "40")
	var body strings.Builder
	for i := range events {
		fmt.Fprintf(&body, "\x1e42[\"e\",%d]", i)
	}
	do("POST", url, body.String()[1:])
	<-done
	if wrong.Load() > 0 {
		t.Errorf("%d events out of order", wrong.Load())
	}
	do("POST", url, "1")
	if err := srv.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
}
