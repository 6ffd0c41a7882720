// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"fmt"
	"regexp"
	"testing"
	"testing/synctest"
	"time"
)

// A page that was refused may try as often as it likes, unless a limit is set.
func TestRefusalsHaveNoLimit(t *testing.T) {
	r := newRig(t, Config{}, func(srv *Server) {
		srv.Of("door").Use(func(_ context.Context, s *Socket) error {
			if string(s.Handshake().Auth) == `{"token":"right"}` {
				return nil
			}
			return &ConnectError{Message: "no"}
		})
	})
	c := r.dial()
	for range 50 {
		c.send(`40/door,{"token":"wrong"}`)
		c.want(`44/door,{"message":"no"}`)
	}
	c.send(`40/door,{"token":"right"}`)
	c.want(`40/door,{"sid":"<SID>"}`)
}

// With a limit, the same auth is not asked about again for the rest of a minute, and
// the client is told how long that is. Another auth is, also in a child that has gone
// meanwhile.
func TestRefusalsAreLimited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := 0
		r := newRig(t, Config{PingInterval: time.Hour, Limits: Limits{Refusals: 2, Namespaces: 3}}, func(srv *Server) {
			srv.Of("/")
			refuse := func(_ context.Context, s *Socket) error {
				asked++
				if string(s.Handshake().Auth) == `{"token":"right"}` {
					return nil
				}
				return &ConnectError{Message: "no"}
			}
			srv.Of("door").Use(refuse)
			srv.OfPattern(regexp.MustCompile("^/dyn")).Use(refuse)
		})
		c, _ := r.join("/")
		for _, name := range []string{"/door", "/dyn"} {
			asked = 0
			try := func(auth, want string) {
				t.Helper()
				c.send("40" + name + "," + auth)
				c.want("44" + name + "," + want)
				time.Sleep(time.Second)
			}
			no := `{"message":"no"}`
			limited := func(after int) string {
				return fmt.Sprintf(`{"message":"too many attempts","data":{"code":"rate_limited","retryAfterMs":%d}}`, after)
			}
			try("", no)
			try("{}", no) // the same as none
			try("", limited(58_000))
			try(`{"token":"wrong"}`, no)
			try("", limited(56_000))
			try(`{"token":"wrong"}`, no)
			try(`{"token":"wrong"}`, limited(57_000))
			if asked != 4 {
				t.Errorf("asked %d times, want 4", asked)
			}
			c.send("40" + name + `,{"token":"right"}`)
			c.want("40" + name + `,{"sid":"<SID>"}`)
			c.send("41" + name + ",")
			time.Sleep(time.Minute)
			try("", no)
			for i := range 20 { // what is remembered has a bound
				try(fmt.Sprintf(`{"token":%d}`, i), no)
			}
			for conn := range r.conns {
				if n := len(conn.attempts); n > 3 {
					t.Errorf("%d attempts are remembered", n)
				}
			}
			time.Sleep(2 * time.Minute)
		}
		c.ws.Close()
	})
}
