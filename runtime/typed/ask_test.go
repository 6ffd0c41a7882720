// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sockgen/sockgen/runtime/socketio"
)

// askStand has a namespace whose server asks, and a clock that ends the waiting
// when a test says so.
func askStand(t *testing.T) (*stand, *handClock, Audience[member]) {
	clock := &handClock{now: time.Unix(1e9, 0), held: 7 * time.Second}
	s := newStand(t, socketio.Config{Clock: clock}, func(srv *socketio.Server) {
		mounted(srv.Of("/c"), func(m *Mount[member]) {})
	})
	return s, clock, Everybody[member](s.srv.Of("/c"))
}

func question(e Encoder) { e.Next().String("why") }

// answer reads the question and sends args as its ack.
func (p *peer) answer(args string) {
	p.t.Helper()
	got := p.next()
	id, ok := strings.CutSuffix(got, `["question","why"]`)
	if !ok {
		p.t.Fatalf("received %s", got)
	}
	if args != "" {
		p.send("43/c," + strings.TrimPrefix(id, "42/c,") + args)
	}
}

// meanwhile runs f in a goroutine, and returns what waits for it.
func meanwhile(f func()) (wait func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		f()
	}()
	return func() { <-done }
}

// TestAskAll asks five: one answers, two do not as the schema says, one leaves,
// and one is silent.
func TestAskAll(t *testing.T) {
	s, clock, all := askStand(t)
	names := []string{"answers", "is odd", "is empty", "leaves", "is silent"}
	peers, ids := map[string]*peer{}, map[socketio.ID]string{}
	for _, name := range names {
		peers[name] = s.enter(t, "/c", name)
		for _, m := range all.Sockets() {
			ids[m.ID()] = m.name
		}
	}
	done := make(chan map[string]Result[string])
	var order []string
	go func() {
		got := map[string]Result[string]{}
		for id, r := range AskAll(t.Context(), all, "question", 7*time.Second, question, ackReader(decodeString)) {
			got[ids[id]] = r
			order = append(order, ids[id])
			if ids[id] == "is empty" {
				peers["leaves"].send("41/c,")
				for _, m := range all.Sockets() { // until it has left
					if m.name == "leaves" {
						<-m.Context().Done()
					}
				}
				clock.expire()
			}
		}
		done <- got
	}()
	peers["is silent"].answer("")
	peers["leaves"].answer("")
	peers["answers"].answer(`["because"]`)
	peers["is odd"].answer(`[5]`)
	peers["is empty"].answer(`[]`)
	got := <-done
	if len(got) != 5 || got["answers"] != (Result[string]{Value: "because"}) {
		t.Errorf("%+v", got)
	}
	var bad *PayloadError
	for _, name := range []string{"is odd", "is empty"} {
		if err := got[name].Err; !errors.As(err, &bad) || bad.Event != "question" || len(bad.Issues) != 1 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := got["is silent"].Err; !errors.Is(err, CodeTimeout) || errors.Is(err, CodeDisconnected) || !errors.Is(err, socketio.ErrTimeout) {
		t.Errorf("is silent: %v", err)
	}
	if err := got["leaves"].Err; !errors.Is(err, CodeDisconnected) || errors.Is(err, CodeTimeout) || !errors.Is(err, socketio.ErrDisconnected) {
		t.Errorf("leaves: %v", err)
	}
	if !slices.Equal(order[3:], []string{"is silent", "leaves"}) {
		t.Errorf("order %q", order)
	}
	// A handler that returns such an error does not tell its own client that code.
	if e := (*Error)(nil); errors.As(got["leaves"].Err, &e) {
		t.Errorf("%v is an Error", got["leaves"].Err)
	}
}

func TestAskAllEnds(t *testing.T) {
	s, _, all := askStand(t)
	for range AskAll(t.Context(), all, "question", 7*time.Second, question, ackReader(decodeString)) {
		t.Error("nobody answered")
	}
	ada, bob := s.enter(t, "/c", "Ada"), s.enter(t, "/c", "Bob")
	for range 2 { // the same loop asks anew
		answers := AskAll(t.Context(), all, "question", 7*time.Second, question, ackReader(decodeString))
		wait := meanwhile(func() {
			ada.answer(`["yes"]`)
			bob.answer(``)
		})
		n := 0
		for _, r := range answers {
			n++
			if r.Err != nil || r.Value != "yes" {
				t.Errorf("%+v", r)
			}
			break
		}
		wait()
		if n != 1 {
			t.Errorf("%d answers", n)
		}
	}
	fails := func(name string, want error, ctx context.Context, to Audience[member], encode func(Encoder)) {
		t.Helper()
		n := 0
		for id, r := range AskAll(ctx, to, "question", 7*time.Second, encode, ackReader(decodeString)) {
			n++
			if id != "" || !errors.Is(r.Err, want) {
				t.Errorf("%s: %s %v", name, id, r.Err)
			}
		}
		if n != 1 {
			t.Errorf("%s: %d results", name, n)
		}
	}
	fails("encode", ErrNotFinite, t.Context(), all, func(e Encoder) { e.Next().Float64(math.NaN()) })
	fails("no such namespace", errOtherPath, t.Context(), EverybodyAt[member](s.srv, placePath, place{}), question)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	fails("cancelled", context.Canceled, ctx, all, question)
	nobody := all.Except(all.ids()...)
	for range AskAll(t.Context(), nobody, "question", 7*time.Second, question, ackReader(decodeString)) {
		t.Error("somebody who is excepted was asked")
	}
}

func TestAskOne(t *testing.T) {
	s, clock, all := askStand(t)
	ask := func(to Audience[member]) (string, error) {
		e := NewEncoder()
		question(e)
		return askOneFor(t.Context(), to, "question", 7*time.Second, e, decodeString)
	}
	if _, err := ask(all.One("nobody")); !errors.Is(err, CodeDisconnected) {
		t.Errorf("nobody: %v", err)
	}
	p := s.enter(t, "/c", "Ada")
	ada := all.Sockets()[0]
	for _, tt := range []struct{ send, want string }{{`["yes"]`, "yes"}, {`[5]`, ""}} {
		wait := meanwhile(func() { p.answer(tt.send) })
		got, err := ask(all.One(ada.ID()))
		wait()
		if bad := (*PayloadError)(nil); got != tt.want || (tt.want == "") != errors.As(err, &bad) {
			t.Errorf("%s: %q, %v", tt.send, got, err)
		}
	}
	wait := meanwhile(func() {
		p.answer("")
		clock.expire()
	})
	if _, err := ask(all.One(ada.ID())); !errors.Is(err, CodeTimeout) {
		t.Errorf("silent: %v", err)
	}
	wait()
	wait = meanwhile(func() {
		p.answer("")
		clock.expire()
	})
	e := NewEncoder()
	question(e)
	if err := AskNothing(t.Context(), ada.Untyped(), "question", 7*time.Second, e); !errors.Is(err, CodeTimeout) || !strings.Contains(fmt.Sprint(err), `"question"`) {
		t.Errorf("Ask, silent: %v", err)
	}
	wait()
	wait = meanwhile(func() {
		p.answer("")
		p.send("41/c,")
	})
	e = NewEncoder()
	question(e)
	if err := AskNothing(t.Context(), ada.Untyped(), "question", 0, e); !errors.Is(err, CodeDisconnected) {
		t.Errorf("Ask, left: %v", err)
	}
	wait()
	e = NewEncoder()
	e.Next().Float64(math.NaN())
	if err := AskOneNothing(t.Context(), all, "question", 0, e); !errors.Is(err, ErrNotFinite) {
		t.Errorf("AskOne, NaN: %v", err)
	}
}
