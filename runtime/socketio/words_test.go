// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"fmt"
	"sync"
	"testing"
)

// A word that the application has chosen needs no memory when a peer says it, and
// nothing that a peer says is kept.
func TestWords(t *testing.T) {
	var w words
	say := func(text string) float64 {
		b := []byte(text)
		return testing.AllocsPerRun(100, func() {
			if got := w.of(b); got != text {
				t.Errorf("of(%q) = %q", text, got)
			}
		})
	}
	const word = "message:posted"
	if n := say(word); n != 1 {
		t.Errorf("an unknown word allocates %v times, want once", n)
	}
	w.add(word)
	w.add(word)
	if n := say(word); n != 0 {
		t.Errorf("a known word allocates %v times", n)
	}
	say("unknown")
	if known := *w.known.Load(); len(known) != 1 {
		t.Errorf("known: %v", known)
	}
}

// Words may be added while others are looked up.
func TestWordsConcurrently(t *testing.T) {
	var w words
	var wg sync.WaitGroup
	const each = 100
	for g := range 4 {
		wg.Go(func() {
			for n := range each {
				word := fmt.Sprint("word ", g, " ", n)
				w.add(word)
				if got := w.of([]byte(word)); got != word {
					t.Errorf("of(%q) = %q", word, got)
				}
			}
		})
	}
	wg.Wait()
	if n := len(*w.known.Load()); n != 4*each {
		t.Errorf("%d words are known, want %d", n, 4*each)
	}
}

// An event that listeners have had is theirs to keep, whatever its handler does.
func TestRecycleLeavesHeardEvents(t *testing.T) {
	var kept []*Event
	r, c, s := joined(t, Config{})
	r.Of("/").On("e", func(_ context.Context, _ *Socket, e *Event) {
		e.Ack(e.Name)
		e.recycle()
	})
	say := func(n int) {
		c.send(fmt.Sprintf(`42%d["e",%d]`, n, n))
		c.want(fmt.Sprintf(`43%d["e"]`, n))
	}
	say(0) // nobody has heard it
	s.On("e", func(_ context.Context, _ *Socket, e *Event) { kept = append(kept, e) })
	const events = 100
	for n := 1; n <= events; n++ {
		say(n)
	}
	for i, e := range kept {
		var n int
		if err := e.Args.Decode(0, &n); err != nil || n != i+1 || e.Name != "e" || !e.WantsAck() {
			t.Errorf("event %d is now %q with %d (%v)", i+1, e.Name, n, err)
		}
	}
	if len(kept) != events {
		t.Errorf("%d events were heard, want %d", len(kept), events)
	}
}
