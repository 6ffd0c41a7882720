// SPDX-License-Identifier: Apache-2.0

package conformance

import (
	"regexp"
	"testing"
)

// recoveryCases hold section 18. The replay itself, its bounds and its races are
// held by socketio's own tests and, end to end, by the official clients.
var recoveryCases = []check{
	{"R221", "the_reply_has_sid_and_pid", func(t *testing.T) {
		first, second := returning(t, ""), returning(t, "")
		if first.sid == second.sid || first.pid == second.pid || first.pid == first.sid {
			t.Errorf("ids are not distinct: %v %v", first, second)
		}
	}},
	{"R222", "events_end_with_an_offset", func(t *testing.T) {
		r := returning(t, "")
		r.w.send(`42["emitback",1]`, `42["emitback",2]`)
		if one, two := r.event(t, `"back",1`), r.event(t, `"back",2`); one == two {
			t.Errorf("both events have the offset %q", one)
		}
	}},
	{"R224", "acks_have_no_offset", func(t *testing.T) {
		r := returning(t, "")
		r.w.send(`427["ack","a"]`)
		expect(t, r.w, `437["a"]`)
	}},
	{"R227", "what_was_missed_comes_before_the_reply", func(t *testing.T) {
		lost := returning(t, "")
		lost.enter(t, "R227")
		other := returning(t, "")
		lost.drop()
		other.w.send(`42["shout","R227","one"]`, `42["shout","elsewhere","none"]`, `42["shout","R227","two"]`)
		other.settle(t)

		w := recovering.open(t, SocketPath)
		w.send("40" + lost.auth())
		back := &returned{w: w, sid: lost.sid, pid: lost.pid}
		back.event(t, `"shouted","R227","one"`)
		back.event(t, `"shouted","R227","two"`)
		expect(t, w, `40{"sid":"`+lost.sid+`","pid":"`+lost.pid+`"}`)
	}},
	{"R228", "rooms_come_back", func(t *testing.T) {
		lost := returning(t, "")
		lost.enter(t, "R228")
		lost.drop()
		back := returning(t, lost.auth())
		other := returning(t, "")
		other.w.send(`42["shout","R228","hello"]`)
		back.event(t, `"shouted","R228","hello"`)
	}},
	{"R226", "keys_that_are_no_strings_mean_a_new_session", func(t *testing.T) {
		r := returning(t, `{"pid":7,"offset":"x","token":"abc"}`)
		if r.greeting != `42["auth",{"pid":7,"offset":"x","token":"abc"}` && r.greeting != `42["auth",{"token":"abc"}` {
			t.Errorf("auth event %s", r.greeting)
		}
	}},
	{"R230", "an_unknown_pid_means_a_new_session", func(t *testing.T) {
		returning(t, `{"pid":"Zk1pQe7WnHs4VbYdAAAC","offset":"none"}`)
	}},
	{"R230", "an_unknown_offset_means_a_new_session", func(t *testing.T) {
		lost := returning(t, "")
		lost.drop()
		lost.offset = "no such offset"
		if back := returning(t, lost.auth()); back.sid == lost.sid || back.pid == lost.pid {
			t.Error("recovered from an offset that never was")
		}
	}},
	{"R232", "not_after_leaving", func(t *testing.T) {
		lost := returning(t, "")
		lost.w.send("41", "40/custom,") // the second one tells when the first one was read
		for got := ""; got == "" || got[:2] != "40"; got = lost.w.text() {
		}
		lost.drop()
		if back := returning(t, lost.auth()); back.sid == lost.sid {
			t.Error("recovered a session that its client had left")
		}
	}},
	{"R233", "two_sockets_never_share_an_id", func(t *testing.T) {
		first := returning(t, "")
		second := returning(t, first.auth())
		if second.sid != first.sid {
			t.Fatalf("sid %s, want %s", second.sid, first.sid)
		}
		first.w.closed(0) // the connection that was taken over
		second.settle(t)
	}},
}

// A returned is a client of a server with recovery, and what it remembers.
type returned struct {
	w                *ws
	sid, pid, offset string
	greeting         string // the auth event without its offset
}

var (
	withPID    = regexp.MustCompile(`^40\{"sid":"([\w-]{20})","pid":"([\w-]{20})"\}$`)
	withOffset = regexp.MustCompile(`^(42\[.*),"([^"]+)"\]$`)
)

// returning joins the main namespace with this auth object. If the session is new,
// it takes the auth event that the application greets with.
func returning(t *testing.T, auth string) *returned {
	t.Helper()
	r := &returned{w: recovering.open(t, SocketPath)}
	r.w.send("40" + auth)
	got := r.w.text()
	ids := withPID.FindStringSubmatch(got)
	if ids == nil {
		t.Fatalf("CONNECT answered with %s", got)
	}
	r.sid, r.pid = ids[1], ids[2]
	greeting := r.w.text()
	parts := withOffset.FindStringSubmatch(greeting)
	if parts == nil {
		t.Fatalf("greeted with %s, want an event with an offset", greeting)
	}
	r.greeting, r.offset = parts[1], parts[2]
	return r
}

// event takes the next event, holds it to the given arguments and returns its offset.
func (r *returned) event(t *testing.T, args string) string {
	t.Helper()
	got := r.w.text()
	parts := withOffset.FindStringSubmatch(got)
	if parts == nil || parts[1] != "42["+args {
		t.Fatalf("got %s, want 42[%s,<offset>]", got, args)
	}
	r.offset = parts[2]
	return r.offset
}

// enter joins a room of the application's shouts.
func (r *returned) enter(t *testing.T, room string) {
	t.Helper()
	r.w.send(`421["shout","` + room + `"]`)
	expect(t, r.w, "431[]")
}

// settle waits until the server has handled what was sent.
func (r *returned) settle(t *testing.T) {
	t.Helper()
	r.w.send(`429["ack"]`)
	expect(t, r.w, "439[]")
}

// drop breaks the connection without a word.
func (r *returned) drop() { r.w.conn.Close() }

// auth is what the official client sends when it comes back (R226).
func (r *returned) auth() string {
	return `{"pid":"` + r.pid + `","offset":"` + r.offset + `"}`
}
