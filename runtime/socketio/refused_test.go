// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"unicode/utf8"
)

// TestARefusalCanBeFound holds that a client which is refused, and told no reason, gets an id
// by which the log has the reason, and that a client cannot fill the log so.
func TestARefusalCanBeFound(t *testing.T) {
	r := newRig(t, Config{}, func(srv *Server) {
		srv.Of("/gate").Use(func(context.Context, *Socket) error { return errors.New("the database\nis away") })
	})
	c := r.dial()
	ids := map[string]bool{}
	for range someLines + 50 {
		c.send("40/gate,")
		found := correlation.FindStringSubmatch(c.read())
		if found == nil {
			t.Fatal("a refusal without an id")
		}
		ids[found[1]] = true
	}
	if len(ids) != someLines+50 {
		t.Errorf("%d ids", len(ids))
	}
	lines := 0
	for line := range strings.Lines(r.log.String()) {
		if !strings.Contains(line, "connection refused") {
			continue
		}
		lines++
		if _, id, _ := strings.Cut(line, " id="); !ids[id[:16]] || !strings.Contains(line, `the database\\nis away`) {
			t.Errorf("the log has %s", line)
		}
	}
	if lines != someLines {
		t.Errorf("%d lines", lines)
	}
}

// TestEachViolationCountsByItsCause holds that every kind of what a client must not send moves
// a counter of its own, and writes one line a minute in which nothing of the client's words
// stands as it was sent.
func TestEachViolationCountsByItsCause(t *testing.T) {
	const evil = "\x1b[31m\nevil"
	for cause, packets := range map[string][]string{
		"invalid payload":                                  {`42[` + evil},
		"unknown packet type":                              {"4" + evil},
		"Illegal attachments":                              {`45["a"]`},
		"too many attachments":                             {`4511-["a"]`},
		"illegal attachments":                              {`451-["a",{"_placeholder":true,"num":7}]`},
		"a packet for a namespace that is not joined":      {`42/nowhere,["` + `evil"]`},
		"a CONNECT_ERROR from a client":                    {`44{"message":"evil"}`},
		"engineio: invalid packet":                         {evil},
		"engineio: invalid utf8":                           {"4\xff" + evil},
		"engineio: too large":                              {"42" + strings.Repeat(evil, 100)},
		"got binary data when not reconstructing a packet": {"<01>"},
		"got plaintext data when reconstructing a packet":  {`451-["a",` + ph0 + `]`, `42["evil"]`},
	} {
		t.Run(cause, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := variant{kind: "websocket"}.open(t, Config{MaxPayload: 200}, func(srv *Server) { srv.Of("/") })
				const attempts = 5
				for range attempts {
					c := h.talk(nil)
					c.join("/")
					synctest.Wait() // until its POST has left
					rc := &client{t, c.ws}
					for _, p := range packets {
						rc.send(p)
					}
					<-c.ended()
				}
				synctest.Wait()
				st := h.Stats()
				if st.Causes[cause] != attempts || st.Violations != attempts || len(st.Causes) != 1 {
					t.Errorf("%d violations: %v", st.Violations, st.Causes)
				}
				lines := 0
				for line := range strings.Lines(h.log.String()) {
					if strings.Contains(line, "over what its client sent") || strings.Contains(line, "a peer broke the rules") || strings.Contains(line, "more than MaxPayload") {
						lines++
					}
					if strings.ContainsAny(strings.TrimSuffix(line, "\n"), "\x1b\n") || !utf8.ValidString(line) || strings.Count(line, "evil") > 1 {
						t.Errorf("the log has %q", line)
					}
				}
				if lines != 1 {
					t.Errorf("%d lines:\n%s", lines, h.log)
				}
			})
		})
	}
}
