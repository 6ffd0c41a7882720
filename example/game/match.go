// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"log"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/sockgen/sockgen/example/game/arena"
	"github.com/sockgen/sockgen/generated/game"
	"github.com/sockgen/sockgen/runtime/socketio"
)

const (
	maxMatches = 100 // at a time
	maxPresent = 32  // sockets in a match, onlookers included

	companyAfter = 2 * arena.Rate // ticks that a player is alone before a bot comes
)

// An audience hears what happens in a match. game.All is one.
type audience interface {
	EmitPositions(ctx context.Context, positions []byte) error
	EmitChanged(ctx context.Context, p game.Changed) error
	EmitStandings(ctx context.Context, standings []game.Standing) error
}

// A match is one arena and the sockets in it. Its goroutine, which newMatch
// starts and end waits for, is its clock.
type match struct {
	audience audience
	stop     chan struct{} // closed by end
	stopped  chan struct{} // closed when the goroutine has returned

	mu      sync.Mutex // guards what follows; held for no longer than a tick takes
	arena   *arena.Arena
	players [arena.Seats + 1]player // by seat
	bot     game.Seat               // 0 while there is none
	alone   int                     // ticks since one player has been alone
}

// A player is whoever has a seat.
type player struct {
	socket socketio.ID // "" for nobody
	key    string      // lets its page return to the seat; "" for none
}

func newMatch(to audience, seed uint64) *match {
	m := &match{audience: to, stop: make(chan struct{}), stopped: make(chan struct{}), arena: arena.New(seed)}
	go m.run()
	return m
}

// end stops the clock and waits until it stands still.
func (m *match) end() {
	close(m.stop)
	<-m.stopped
}

func (m *match) run() {
	defer close(m.stopped)
	ticks := time.NewTicker(time.Second / arena.Rate)
	defer ticks.Stop()
	for {
		select {
		case <-ticks.C:
			m.tick()
		case <-m.stop:
			return
		}
	}
}

// tick advances the arena and tells everybody. Emitting only queues, so the lock
// may be held: a newcomer's floor and the changes after it stay in order.
func (m *match) tick() {
	ctx := context.Background()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.alone++
	m.keepCompanyLocked()
	changed := m.arena.Step()
	report("positions", m.audience.EmitPositions(ctx, m.arena.Positions()))
	if len(changed.News) > 0 || len(changed.Cells) > 0 {
		report("changed", m.audience.EmitChanged(ctx, changed))
	}
	if changed.Tick%(arena.Rate/2) == 0 {
		report("standings", m.audience.EmitStandings(ctx, m.arena.Standings()))
	}
}

// join gives the socket a seat, or the one that it has. Whoever holds the key of
// a player of that name takes the seat over from the socket that it returns.
func (m *match) join(id socketio.ID, name, key string) (ack game.JoinAck, replaced socketio.ID, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	seat := m.arena.Seated(name)
	switch {
	case seat == 0:
		if seat = m.arena.Seat(name); seat == 0 {
			return ack, "", game.MatchFull(game.MatchFullData{Seats: arena.Seats})
		}
	case m.players[seat].socket == id:
	case key == "" || key != m.players[seat].key:
		return ack, "", game.NameTaken(game.NameTakenData{Name: name})
	default:
		replaced = m.players[seat].socket
	}
	m.players[seat] = player{socket: id, key: key}
	m.keepCompanyLocked()
	return game.JoinAck{Seat: seat, Floor: m.arena.Floor()}, replaced, nil
}

// floor returns what an onlooker has to know.
func (m *match) floor() game.Floor {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.arena.Floor()
}

// steer sets a course, if the seat is still the socket's.
func (m *match) steer(id socketio.ID, seat game.Seat, angle, speed float64) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.players[seat].socket != id {
		return game.NotSeated
	}
	m.arena.Steer(seat, angle, speed)
	return nil
}

// leave frees the socket's seat, if it has one.
func (m *match) leave(id socketio.ID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for seat := range m.players {
		if m.players[seat].socket == id {
			m.players[seat] = player{}
			m.arena.Unseat(game.Seat(seat))
		}
	}
	m.keepCompanyLocked()
}

// keepCompanyLocked sees to a bot once one player has been alone for a while, and
// takes it away when somebody comes.
func (m *match) keepCompanyLocked() {
	humans := 0
	for _, p := range m.players {
		if p.socket != "" {
			humans++
		}
	}
	if humans != 1 {
		m.alone = 0
	}
	switch {
	case humans == 1 && m.bot == 0 && m.alone >= companyAfter:
		name := "Knitbot"
		if m.arena.Seated(name) != 0 {
			name = "Knitbot 2"
		}
		m.bot = m.arena.SeatBot(name)
	case humans != 1 && m.bot != 0:
		m.arena.Unseat(m.bot)
		m.bot = 0
	}
}

// A hall holds the matches. A match is there while somebody is connected to it.
type hall struct {
	open func(game.MatchID) audience // finds a match's audience

	mu      sync.Mutex // guards what follows; taken before a match's
	matches map[game.MatchID]*entry
}

// An entry is a match and who is there.
type entry struct {
	*match
	present map[socketio.ID]struct{}
}

func newHall(open func(game.MatchID) audience) *hall {
	return &hall{open: open, matches: map[game.MatchID]*entry{}}
}

// enter lets a socket into a match, which begins with the first.
func (h *hall) enter(id game.MatchID, who socketio.ID) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	e := h.matches[id]
	switch {
	case e == nil && len(h.matches) >= maxMatches, e != nil && len(e.present) >= maxPresent:
		return game.Crowded
	case e == nil:
		e = &entry{match: newMatch(h.open(id), rand.Uint64()), present: map[socketio.ID]struct{}{}}
		h.matches[id] = e
	}
	e.present[who] = struct{}{}
	return nil
}

// leave lets a socket out. The match ends with the last.
func (h *hall) leave(id game.MatchID, who socketio.ID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	e := h.matches[id]
	if e == nil {
		return
	}
	if _, ok := e.present[who]; !ok {
		return
	}
	e.match.leave(who)
	if delete(e.present, who); len(e.present) == 0 {
		delete(h.matches, id)
		e.end()
	}
}

// match returns a match that somebody is in, or nil.
func (h *hall) match(id game.MatchID) *match {
	h.mu.Lock()
	defer h.mu.Unlock()
	if e := h.matches[id]; e != nil {
		return e.match
	}
	return nil
}

// report logs what kept an event from being sent.
func report(event string, err error) {
	if err != nil {
		log.Printf("%s was not sent: %v", event, err)
	}
}
