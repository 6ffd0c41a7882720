// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/gorilla/websocket"
)

// cancelRig serves "/" to clients that may take requests back. "work" runs until its ctx
// ends and tells why; other events are told to seen.
func cancelRig(t *testing.T) (c *client, causes chan error, seen chan string, srv *Server) {
	causes, seen = make(chan error, 8), make(chan string, 5000)
	r := newRig(t, Config{}, func(srv *Server) {
		ns := srv.Of("/")
		ns.Use(func(_ context.Context, s *Socket) error {
			s.allowCancel()
			s.OnAny(func(_ context.Context, _ *Socket, e *Event) { seen <- e.Name })
			return nil
		})
		ns.On("work", func(ctx context.Context, _ *Socket, e *Event) {
			<-ctx.Done()
			causes <- context.Cause(ctx)
			causes <- e.Ack("too late")
		})
		ns.On("quick", func(_ context.Context, _ *Socket, e *Event) { _ = e.Ack() })
	})
	c = r.dial()
	c.send("40")
	c.want(`40{"sid":"<SID>","$cancel":true}`)
	return c, causes, seen, r.Server
}

// The handler's ctx ends, with the reason, and the answer is not sent; nobody sees the
// event that said so.
func TestCancelEndsTheHandler(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, causes, seen, srv := cancelRig(t)
		c.send(`427["work"]`)
		synctest.Wait()
		c.send(`42["$cancel",7]`)
		if cause := <-causes; !errors.Is(cause, ErrCanceled) {
			t.Errorf("the ctx ended because of %v", cause)
		}
		if err := <-causes; !errors.Is(err, ErrCanceled) {
			t.Errorf("Ack of what was taken back: %v", err)
		}
		c.send(`428["quick"]`)
		c.want(`438[]`)
		if first, second := <-seen, <-seen; first != "work" || second != "quick" || len(seen) > 0 {
			t.Errorf("seen: %q, %q and %d more", first, second, len(seen))
		}
		if st := srv.Stats(); st.Canceled != 1 || st.Unhandled != 0 {
			t.Errorf("%d cancelled, %d unhandled", st.Canceled, st.Unhandled)
		}
	})
}

// A request that still waits is not handled at all; what is around it keeps its order.
func TestCancelTakesWaitingRequestsBack(t *testing.T) {
	for _, taken := range [][]int{{2}, {4}, {3}, {2, 3}, {4, 3}, {3, 2, 4}} {
		t.Run(fmt.Sprint(taken), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c, causes, seen, _ := cancelRig(t)
				c.send(`421["work"]`)
				synctest.Wait() // or it is taken back as well
				left := map[int]bool{2: true, 3: true, 4: true}
				for id := 2; id <= 4; id++ {
					c.send(fmt.Sprintf(`42%d["quick","%s"]`, id, strings.Repeat("x", 1000)), `42["between"]`)
				}
				for _, id := range taken {
					c.send(fmt.Sprintf(`42["$cancel",%d]`, id))
					delete(left, id)
				}
				c.send(`42["$cancel",1]`)
				<-causes
				<-causes
				for id := 2; id <= 4; id++ {
					if left[id] {
						c.want(fmt.Sprintf(`43%d[]`, id))
					}
				}
				c.send(`425["quick"]`)
				c.want(`435[]`)
				var got []string
				for len(seen) > 0 {
					got = append(got, <-seen)
				}
				if want := 1 + 3 + len(left) + 1; len(got) != want {
					t.Errorf("%d events were handled, want %d: %q", len(got), want, got)
				}
			})
		})
	}
}

// What is unknown, finished or malformed does nothing, however often it comes.
func TestCancelOfNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _, seen, srv := cancelRig(t)
		c.send(`421["quick"]`)
		c.want(`431[]`)
		for _, args := range []string{`1`, `2`, `-1`, `1.5`, `"1"`, `null`, `9007199254740993`, `{}`, `[1]`} {
			c.send(`42["$cancel",` + args + `]`)
		}
		c.send(`42["$cancel"]`, `429["$cancel",1]`, `451-["$cancel",{"_placeholder":true,"num":0}]`, "<01>")
		for range 2000 {
			c.send(`42["$cancel",99]`)
		}
		c.send(`421["quick"]`) // an id that was used: it has not been taken back
		c.want(`431[]`)
		if len(seen) != 2 || srv.Stats().Canceled != 0 {
			t.Errorf("%d events were seen, %d cancelled", len(seen), srv.Stats().Canceled)
		}
	})
}

// A ctx ends with the handler whose request could be taken back, so that none piles up.
func TestContextOfARequestEndsWithItsHandler(t *testing.T) {
	ctxs := make(chan context.Context, 2)
	r := newRig(t, Config{}, func(srv *Server) {
		srv.Of("/").Use(func(_ context.Context, s *Socket) error { s.allowCancel(); return nil })
		srv.Of("/").On("x", func(ctx context.Context, _ *Socket, e *Event) {
			_ = e.Ack()
			ctxs <- ctx
		})
	})
	c := r.dial()
	c.send("40")
	c.want(`40{"sid":"<SID>","$cancel":true}`)
	c.send(`421["x"]`, `42["x"]`)
	<-within(t, ctxs, "the request").Done()
	if ctx := within(t, ctxs, "the event"); ctx.Err() != nil {
		t.Errorf("the ctx of an event without ack: %v", ctx.Err())
	}
}

// To the client of somebody who does not know of it, $cancel is a name like any other.
func TestCancelIsAnEventToOthers(t *testing.T) {
	r := newRig(t, Config{}, func(srv *Server) {
		srv.Of("/").On("$cancel", func(_ context.Context, _ *Socket, e *Event) { _ = e.Ack(e.Args.At(0)) })
	})
	c, _ := r.join("/")
	c.send(`421["$cancel",7]`)
	c.want(`431[7]`)
}

// A flood of them is one of events, where these have a rate.
func TestCancelsCountAsEvents(t *testing.T) {
	r := newRig(t, Config{Limits: Limits{EventRate: 1, EventBurst: 5}}, func(srv *Server) {
		srv.Of("/").Use(func(_ context.Context, s *Socket) error { s.allowCancel(); return nil })
	})
	c := r.dial()
	c.send("40")
	c.want(`40{"sid":"<SID>","$cancel":true}`)
	for range 20 {
		if c.ws.WriteMessage(websocket.TextMessage, []byte(`42["$cancel",1]`)) != nil {
			break // it is closed
		}
	}
	for frame := ""; !strings.HasPrefix(frame, "closed"); {
		frame = c.read()
	}
	if st := r.Stats(); st.Violations != 1 {
		t.Errorf("%d violations", st.Violations)
	}
}
