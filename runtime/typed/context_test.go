// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"context"
	"errors"
	"testing"
	"time"
)

// TestAnEndedContext holds what the comments of generated Emit and Call methods say.
func TestAnEndedContext(t *testing.T) {
	s, _, all := askStand(t)
	p := s.enter(t, "/c", "Ada")
	ada := all.Sockets()[0]
	why := errors.New("nobody cares any more")
	ended, cancel := context.WithCancelCause(t.Context())
	cancel(why)

	if err := Emit(ended, ada.Untyped(), "news", NewEncoder()); err != nil {
		t.Errorf("emit to the socket: %v", err)
	}
	if err := all.Emit(ended, "news", NewEncoder()); err != nil {
		t.Errorf("emit to all: %v", err)
	}
	p.expect(`42/c,["news"]`, `42/c,["news"]`)

	e := NewEncoder()
	question(e)
	_, err := askFor(ended, ada.Untyped(), "question", 0, e, decodeString)
	if !errors.Is(err, why) || errors.Is(err, CodeTimeout) {
		t.Errorf("a cancelled call: %v", err)
	}
	p.answer("")
	e = NewEncoder()
	question(e)
	if _, err = askOneFor(ended, all.One(ada.ID()), "question", time.Hour, e, decodeString); !errors.Is(err, why) || errors.Is(err, CodeTimeout) {
		t.Errorf("a cancelled call of one: %v", err)
	}
	p.answer("")
	for id, r := range AskAll(ended, all, "question", time.Hour, question, ackReader(decodeString)) {
		if id != "" || !errors.Is(r.Err, why) || errors.Is(r.Err, CodeTimeout) {
			t.Errorf("a cancelled call of all: %q, %v", id, r.Err)
		}
	}
	p.answer("")

	past, cancelPast := context.WithDeadline(t.Context(), time.Unix(0, 0))
	defer cancelPast()
	e = NewEncoder()
	question(e)
	if _, err = askFor(past, ada.Untyped(), "question", 0, e, decodeString); !errors.Is(err, CodeTimeout) {
		t.Errorf("a call too late: %v", err)
	}
	p.answer("")
	for id, r := range AskAll(past, all, "question", time.Hour, question, ackReader(decodeString)) {
		if id != ada.ID() || !errors.Is(r.Err, CodeTimeout) {
			t.Errorf("a call of all too late: %q, %v", id, r.Err)
		}
	}
	p.answer("")
}
