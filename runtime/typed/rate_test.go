// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sockgen/sockgen/runtime/socketio"
)

// TestRate floods an event: what is beyond the rate is refused before it is
// decoded, for that socket and event alone, until the time that it says has passed.
func TestRate(t *testing.T) {
	clock := &handClock{now: time.Unix(1e9, 0)}
	s := newStand(t, socketio.Config{Clock: clock, PingInterval: 10 * time.Hour}, func(srv *socketio.Server) {
		mounted(srv.Of("/c"), func(m *Mount[member]) {
			accept := func(ctx context.Context, s *member, text string) error { return nil }
			handle(m, Event{Name: "fast"}, decodeString, accept)
			handle(m, Event{Name: "slow", Rate: Rate{Count: 3, Per: time.Second}}, decodeString, accept)
			handle(m, Event{Name: "rare", Rate: Rate{Count: 1, Per: time.Hour}}, decodeString, accept)
		})
	})
	const ok = `{"ok":true}`
	const refusal = `"code":"rate_limited","message":"too many of these events: slow down","data":{"retryAfterMs":%d}`
	limited := func(ms int) string { return fmt.Sprintf(`{"ok":false,"error":{`+refusal+`}}`, ms) }
	id := 0
	try := func(p *peer, event, payload, want string) {
		t.Helper()
		id++
		p.send(fmt.Sprintf(`42/c,%d["%s",%s]`, id, event, payload))
		p.expect(fmt.Sprintf(`43/c,%d[%s]`, id, want))
	}
	ada, bob := s.enter(t, "/c", "Ada"), s.enter(t, "/c", "Bob")
	for range 3 {
		try(ada, "slow", `"x"`, ok)
	}
	for range 20 {
		try(ada, "slow", `5`, limited(334))
	}
	ada.send(`42/c,["slow",5]`)
	ada.expect(fmt.Sprintf(`42/c,["$error",{"event":"slow",`+refusal+`}]`, 334))
	try(ada, "rare", `"x"`, ok)
	try(ada, "rare", `"x"`, limited(3_600_000))
	try(ada, "fast", `"x"`, ok)
	try(bob, "slow", `"x"`, ok)
	clock.advance(333 * time.Millisecond)
	try(ada, "slow", `"x"`, limited(1))
	clock.advance(time.Millisecond)
	try(ada, "slow", `"x"`, ok)
	try(ada, "slow", `"x"`, limited(333))
	clock.advance(time.Hour) // a bucket never holds more than Count
	for range 3 {
		try(ada, "slow", `"x"`, ok)
	}
	try(ada, "slow", `"x"`, limited(334))
	try(ada, "rare", `"x"`, ok)
	clock.advance(-2 * time.Hour) // a clock that is set back refuses, and does not overflow
	try(ada, "rare", `"x"`, limited(3_600_000))
}

// A rate that is counted by a value holds for all sockets that have it, and for one that
// comes back.
func TestSharedRate(t *testing.T) {
	clock := &handClock{now: time.Unix(1e9, 0)}
	s := newStand(t, socketio.Config{Clock: clock, PingInterval: 10 * time.Hour}, func(srv *socketio.Server) {
		mounted(srv.Of("/c"), func(m *Mount[member]) {
			m.Handle(Event{Name: "post", Rate: Rate{Count: 2, Per: time.Minute}}, func() Handling[member] {
				return Handling[member]{
					Run:    func(context.Context, *member, func() Encoder) error { return nil },
					RateBy: func(s *member) string { return s.name },
				}
			})
		})
	})
	try := func(p *peer, want string) {
		t.Helper()
		p.send(`42/c,1["post"]`)
		if got := p.next(); !strings.Contains(got, want) {
			t.Errorf("answered %s, want %s", got, want)
		}
	}
	const taken, refused = `{"ok":true}`, `"retryAfterMs":30000`
	ada := s.enter(t, "/c", "Ada")
	try(ada, taken)
	ada.send("41/c,")
	again, bob := s.enter(t, "/c", "Ada"), s.enter(t, "/c", "Bob")
	try(again, taken)
	try(again, refused)
	try(s.enter(t, "/c", "Ada"), refused)
	try(bob, taken)
	clock.advance(30 * time.Second)
	try(again, taken)
	try(again, refused)
}

// What is kept of values has a bound, and goes once it says no more than nothing.
func TestSharedBuckets(t *testing.T) {
	start := time.Unix(1e9, 0)
	clock := &handClock{now: start}
	s := newStand(t, socketio.Config{Clock: clock, PingInterval: 10 * time.Hour}, func(srv *socketio.Server) {
		mounted(srv.Of("/c"), func(m *Mount[member]) {})
	})
	s.enter(t, "/c", "Ada")
	raw := Everybody[member](s.srv.Of("/c")).Sockets()[0].Untyped()
	l := newLimiter(Rate{Count: 1, Per: time.Hour}, 0, start)
	var own []int64
	for i := range maxShared {
		if wait := l.takeShared(sharedKey(fmt.Sprint(i)), &own, raw); wait != 0 {
			t.Fatalf("key %d waits %s", i, wait)
		}
	}
	if wait := l.takeShared("0", &own, raw); wait != time.Hour {
		t.Errorf("a known key waits %s", wait)
	}
	if len(own) != 0 {
		t.Error("the socket has a bucket of its own already")
	}
	first, second := l.takeShared("new", &own, raw), l.takeShared("newer", &own, raw)
	if first != 0 || second != time.Hour || len(l.shared.full) != maxShared {
		t.Errorf("keys without room wait %s and %s beside %d", first, second, len(l.shared.full))
	}
	clock.advance(2 * time.Hour)
	if wait := l.takeShared("new", &own, raw); wait != 0 || len(l.shared.full) != 1 {
		t.Errorf("later a key waits %s beside %d", wait, len(l.shared.full))
	}
	long := strings.Repeat("x", maxSharedKey+1)
	if a, b := sharedKey(long), sharedKey(long+"y"); a == b || len(a) != 32 || a != sharedKey(long) {
		t.Errorf("long values are kept as %q and %q", a, b)
	}
}

// TestTimeout gives a handler too little time: its error is answered with a code
// of its own, and a handler that makes it in spite of that is not.
func TestTimeout(t *testing.T) {
	s := newStand(t, socketio.Config{}, func(srv *socketio.Server) {
		mounted(srv.Of("/c"), func(m *Mount[member]) {
			handle(m, Event{Name: "late", Timeout: time.Millisecond}, decodeString, func(ctx context.Context, s *member, text string) error {
				<-ctx.Done()
				switch text {
				case "fails":
					return fmt.Errorf("ask the database: %w", ctx.Err())
				case "other":
					return errBudget
				}
				return nil
			})
			handle(m, Event{Name: "own"}, DecodeNothing, func(ctx context.Context, s *member, _ Nothing) error {
				return fmt.Errorf("a deadline of its own: %w", context.DeadlineExceeded)
			})
			handle(m, Event{Name: "loose", Timeout: time.Hour}, DecodeNothing, func(ctx context.Context, s *member, _ Nothing) error {
				if end, ok := ctx.Deadline(); !ok || time.Until(end) > time.Hour {
					return errBudget
				}
				return fmt.Errorf("a deadline of its own: %w", context.DeadlineExceeded)
			})
		})
	})
	p := s.enter(t, "/c", "Ada")
	p.send(`42/c,1["late","fails"]`, `42/c,2["late","other"]`, `42/c,3["late","works"]`, `42/c,4["own"]`, `42/c,5["loose"]`)
	p.expect(`43/c,1[{"ok":false,"error":{"code":"timeout","message":"the event was not handled in time"}}]`,
		`43/c,2[`+internalAck+`]`, `43/c,3[{"ok":true}]`, `43/c,4[`+internalAck+`]`, `43/c,5[`+internalAck+`]`)
}
