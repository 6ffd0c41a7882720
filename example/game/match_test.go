// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sockgen/sockgen/example/game/arena"
	"github.com/sockgen/sockgen/generated/game"
	"github.com/sockgen/sockgen/runtime/socketio"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A listener is an audience that remembers.
type listener struct {
	mu        sync.Mutex // guards what follows
	positions int
	standings int
	changes   []game.Changed
}

func (l *listener) EmitPositions(context.Context, []byte) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.positions++
	return nil
}

func (l *listener) EmitChanged(_ context.Context, c game.Changed) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.changes = append(l.changes, c)
	return nil
}

func (l *listener) EmitStandings(context.Context, []game.Standing) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.standings++
	return nil
}

// heard returns how often each event was emitted.
func (l *listener) heard() (positions, changes, standings int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.positions, len(l.changes), l.standings
}

func TestAMatchTicksUntilTheLastHasLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		to := &listener{}
		h := newHall(func(game.MatchID) audience { return to })
		for _, who := range []socketio.ID{"ada", "bob"} {
			if err := h.enter("m", who); err != nil {
				t.Fatal(err)
			}
		}
		if _, _, err := h.match("m").join("ada", "Ada", ""); err != nil {
			t.Fatal(err)
		}
		time.Sleep(3*time.Second + time.Millisecond)
		positions, changes, standings := to.heard()
		if positions != 60 || standings != 6 {
			t.Errorf("%d positions and %d standings in three seconds, want 60 and 6", positions, standings)
		}
		if changes == 0 || changes > 60 {
			t.Errorf("%d changes in 60 ticks", changes)
		}
		h.leave("m", "ada")
		h.leave("m", "ada")
		time.Sleep(time.Second)
		if now, _, _ := to.heard(); now != 80 {
			t.Errorf("%d positions, want 80: an onlooker is still there", now)
		}
		h.leave("m", "bob")
		time.Sleep(time.Minute)
		if now, _, _ := to.heard(); now != 80 {
			t.Errorf("%d positions: the match goes on without anybody", now)
		}
		if h.match("m") != nil {
			t.Error("the match is still there")
		}
	})
}

func TestOthersHearOfArrivalsAndDepartures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		to := &listener{}
		m := newMatch(to, 1)
		defer m.end()
		if _, _, err := m.join("1", "Ada", ""); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		m.leave("1")
		m.leave("2") // has no seat
		time.Sleep(time.Second)
		var heard []string
		to.mu.Lock()
		for _, c := range to.changes {
			for _, n := range c.News {
				switch n := n.(type) {
				case game.Arrived:
					if !n.Player.Bot.Or(false) {
						heard = append(heard, n.Player.Name+" arrived")
					}
				case game.Departed:
					if !n.Player.Bot.Or(false) {
						heard = append(heard, n.Player.Name+" departed")
					}
				}
			}
		}
		to.mu.Unlock()
		if want := "Ada arrived, Ada departed"; strings.Join(heard, ", ") != want {
			t.Errorf("heard %q, want %q", heard, want)
		}
	})
}

func TestABotKeepsOnePlayerCompany(t *testing.T) {
	synctest.Test(t, testCompany)
}

func testCompany(t *testing.T) {
	m := newMatch(&listener{}, 1)
	defer m.end()
	bots := func() (names []string) {
		for _, p := range m.floor().Players {
			if p.Bot.Or(false) {
				names = append(names, p.Name)
			}
		}
		return names
	}
	join := func(id socketio.ID, name string) {
		t.Helper()
		if _, _, err := m.join(id, name, ""); err != nil {
			t.Fatal(err)
		}
	}
	for _, step := range []struct {
		what string
		do   func()
		want int
	}{
		{"nobody plays", func() {}, 0},
		{"one plays", func() { join("1", "Ada") }, 1},
		{"the same one joins again", func() { join("1", "Ada") }, 1},
		{"another comes", func() { join("2", "Bob") }, 0},
		{"the first leaves", func() { m.leave("1") }, 1},
		{"all have left", func() { m.leave("2") }, 0},
		{"somebody has the bot's name", func() { join("3", "knitbot") }, 1},
	} {
		step.do()
		if step.want == 0 && len(bots()) > 0 {
			t.Errorf("%s: the bot stays", step.what)
		}
		time.Sleep(3 * time.Second)
		if got := bots(); len(got) != step.want {
			t.Errorf("%s: bots %q, want %d", step.what, got, step.want)
		}
	}
	if _, _, err := m.join("4", "Knitbot 2", "0123456789abcdef"); !errors.Is(err, game.CodeNameTaken) {
		t.Errorf("a player takes the bot's seat: %v", err)
	}
}

func TestANameBelongsToWhoeverHoldsItsKey(t *testing.T) {
	for _, c := range []struct {
		name, first, second string
		replaces            bool
	}{
		{"no keys", "", "", false},
		{"a key against none", "k1", "", false},
		{"another key", "k1", "k2", false},
		{"the same key", "k1", "k1", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := newMatch(&listener{}, 1)
			defer m.end()
			first, _, err := m.join("1", "Ada", c.first)
			if err != nil {
				t.Fatal(err)
			}
			if again, replaced, err := m.join("1", "Ada", c.first); err != nil || replaced != "" || again.Seat != first.Seat {
				t.Errorf("joining again: seat %d, replaced %q, %v", again.Seat, replaced, err)
			}
			second, replaced, err := m.join("2", "ADA", c.second)
			if !c.replaces {
				if !errors.Is(err, game.CodeNameTaken) {
					t.Errorf("error %v, want name_taken", err)
				}
				return
			}
			if err != nil || replaced != "1" || second.Seat != first.Seat {
				t.Fatalf("seat %d, replaced %q, %v", second.Seat, replaced, err)
			}
			m.leave("1") // changes nothing any more
			if err := m.steer("1", first.Seat, 0, 1); !errors.Is(err, game.CodeNotSeated) {
				t.Errorf("the replaced one steers: %v", err)
			}
			if err := m.steer("2", second.Seat, 0, 1); err != nil {
				t.Errorf("the one who replaced it does not steer: %v", err)
			}
		})
	}
}

func TestAFullMatchIsSaid(t *testing.T) {
	m := newMatch(&listener{}, 1)
	defer m.end()
	for n := range arena.Seats {
		if _, _, err := m.join(socketio.ID(fmt.Sprint(n)), fmt.Sprint("player ", n), ""); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := m.join("late", "late", ""); !errors.Is(err, game.CodeMatchFull) {
		t.Errorf("error %v, want match_full", err)
	}
	if f := m.floor(); len(f.Players) != arena.Seats {
		t.Errorf("%d players on the floor", len(f.Players))
	}
}

func TestMatchesAndTheirVisitorsAreBounded(t *testing.T) {
	h := newHall(func(game.MatchID) audience { return &listener{} })
	t.Cleanup(func() {
		for n := range maxPresent {
			h.leave("0", socketio.ID(fmt.Sprint(n)))
		}
		for n := range maxMatches {
			h.leave(game.MatchID(fmt.Sprint(n)), "x")
		}
		if len(h.matches) != 0 {
			t.Errorf("%d matches are left", len(h.matches))
		}
	})
	for n := range maxPresent {
		if err := h.enter("0", socketio.ID(fmt.Sprint(n))); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.enter("0", "one more"); !errors.Is(err, game.CodeCrowded) {
		t.Errorf("error %v, want crowded", err)
	}
	for n := 1; n < maxMatches; n++ {
		if err := h.enter(game.MatchID(fmt.Sprint(n)), "x"); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.enter("another", "x"); !errors.Is(err, game.CodeCrowded) {
		t.Errorf("error %v, want crowded", err)
	}
	h.leave("1", "x")
	if err := h.enter("1", "x"); err != nil {
		t.Errorf("there is room again, yet: %v", err)
	}
}

func TestThePageTrustsNothingBut(t *testing.T) {
	front, err := page()
	if err != nil {
		t.Fatal(err)
	}
	answer := httptest.NewRecorder()
	front.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/", nil))
	if answer.Code != http.StatusOK {
		t.Fatalf("status %d", answer.Code)
	}
	if policy := answer.Header().Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'self';") {
		t.Errorf("Content-Security-Policy %q", policy)
	}
	if body := answer.Body.String(); !strings.Contains(body, "<html") && !strings.Contains(body, "make game") {
		t.Errorf("neither the page nor how to build it: %.80q", body)
	}
}
