// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
)

// OnLag is told once when a connection begins to lag and once when it has caught up,
// whatever is emitted in between, and its panic is contained. Stats say how much waits.
func TestOnLag(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var told []Lag
		cfg := Config{OnLag: func(l Lag) {
			mu.Lock()
			defer mu.Unlock()
			if told = append(told, l); l.Lags {
				panic("in OnLag")
			}
			runtime.Goexit()
		}}
		r := newRig(t, cfg, func(srv *Server) { srv.Of("/"); srv.Of("/b") })
		c, id := r.join("/")
		c.join("/b")
		s, _ := r.Of("/").Socket(id)
		text := strings.Repeat("x", 100_000)
		for range 3 {
			for range 12 { // the soft bound is crossed with the eleventh
				if err := r.Of("/").Emit(t.Context(), "e", text); err != nil {
					t.Error(err)
				}
			}
			synctest.Wait()
			if n := r.Stats().Outgoing; n < 1<<20 || s.Waiting() < 1<<20 {
				t.Errorf("%d and %d bytes wait", n, s.Waiting())
			}
			for range 12 {
				c.read()
			}
			synctest.Wait()
			if err := s.AwaitSent(context.Background()); err != nil {
				t.Error(err)
			}
			if n := r.Stats().Outgoing; n != 0 || s.Waiting() != 0 {
				t.Errorf("%d and %d bytes wait after all was read", n, s.Waiting())
			}
		}
		mu.Lock()
		defer mu.Unlock()
		var got []string
		for _, l := range told {
			got = append(got, fmt.Sprint(l.Lags, len(l.Sockets), l.Waiting >= 1<<20))
		}
		if want := strings.TrimSpace(strings.Repeat("true 2 true false 2 false ", 3)); strings.Join(got, " ") != want {
			t.Errorf("told %s, want %s", got, want)
		}
		if st := r.Stats(); st.Panics != 6 || st.Sockets != 2 {
			t.Errorf("%+v", st)
		}
		c.ws.Close()
	})
}
