// SPDX-License-Identifier: Apache-2.0

package arena

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/sockgen/sockgen/generated/game"
)

// What the game is made of. Times are in ticks, lengths in cells.
const (
	Size  = 40 // cells on each side of the floor
	Seats = 8
	Rate  = 20 // ticks in a second

	roundTime = 60 * Rate
	pauseTime = 8 * Rate
	powerTime = 5 * Rate
	yarnEvery = 3 * Rate
	mostYarn  = 3

	sockSpeed  = 8.0 / Rate
	swiftSpeed = 13.0 / Rate
	mothSpeed  = 4.0 / Rate
	margin     = 1.0 // that movers keep to the edge
	needle     = 1.2 // how far from its middle a sock knits
	wideNeedle = 2.3
	burst      = 4.5
	bite       = 1.4
	reach      = 1.6 // between things that touch

	botEvery = Rate / 2 // ticks between two decisions of a bot
	botSpeed = 0.8      // of a sock's, so that a beginner can win
	botSees  = 10.0     // how far a bot smells yarn
)

// An Arena is one match. Its methods may not be called at the same time.
type Arena struct {
	tick    uint32
	round   uint32
	left    int  // ticks until the round or the pause ends
	playing bool // rather than the pause between two rounds

	cells [Size * Size]uint8 // whose seat; 0 for nobody's
	count [Seats + 1]uint32  // cells of each seat
	dirty [Size * Size]bool  // changed since the last Step returned
	news  []game.News        // happened since then

	socks  [Seats + 1]sock // by seat; none sits in 0
	moth   mover
	scared int // ticks that the moth still flees
	yarn   []game.Yarn
	yarns  uint32 // that there ever were
	random *rand.Rand
}

// A mover is something that moves.
type mover struct{ x, y, angle, speed float64 }

// A sock is what a player steers.
type sock struct {
	mover
	name        string // stays when the player leaves, who may come back
	seated      bool
	swift, wide int  // ticks that the power lasts
	bot         bool // steers itself
}

// New returns an arena at the beginning of its first round.
func New(seed uint64) *Arena {
	a := &Arena{round: 1, left: roundTime, playing: true, random: rand.New(rand.NewPCG(seed, 0))}
	a.moth = mover{x: Size / 2, y: Size / 2, speed: mothSpeed}
	a.count[0] = Size * Size
	return a
}

// Seat gives a newcomer a seat: the one it had under that name, or else one that
// nobody has had, or else the one with the least to lose. It returns 0 when all
// are taken.
func (a *Arena) Seat(name string) game.Seat { return a.seat(name, false) }

// SeatBot is Seat for a sock that steers itself.
func (a *Arena) SeatBot(name string) game.Seat { return a.seat(name, true) }

func (a *Arena) seat(name string, bot bool) game.Seat {
	best := 0
	rank := func(seat int) int {
		switch s := &a.socks[seat]; {
		case s.name == name:
			return -2
		case s.name == "":
			return -1
		default:
			return int(a.count[seat])
		}
	}
	for seat := 1; seat <= Seats; seat++ {
		if !a.socks[seat].seated && (best == 0 || rank(seat) < rank(best)) {
			best = seat
		}
	}
	if best == 0 {
		return 0
	}
	s := &a.socks[best]
	if s.name != name {
		a.unravel(uint8(best))
	}
	*s = sock{name: name, seated: true, bot: bot, mover: a.start(best)}
	a.knit(uint8(best), s.x, s.y, wideNeedle)
	a.tell(game.Arrived{Player: game.Player{Seat: game.Seat(best), Name: name, Bot: flag(bot)}})
	return game.Seat(best)
}

// start returns where a seat begins: on a circle around the middle.
func (a *Arena) start(seat int) mover {
	// Odd steps of 3/8 turn keep those who come one after the other apart.
	angle := float64(seat) * 3 * math.Pi / 4
	return mover{x: Size/2 + Size/3*math.Cos(angle), y: Size/2 + Size/3*math.Sin(angle), angle: math.Mod(angle+math.Pi, 2*math.Pi)}
}

// Unseat frees a seat. What it has knit stays until somebody else sits there.
func (a *Arena) Unseat(seat game.Seat) {
	s := &a.socks[seat]
	if !s.seated {
		return
	}
	s.seated = false
	a.tell(game.Departed{Player: game.Player{Seat: seat, Name: s.name, Bot: flag(s.bot)}})
}

// Seated returns the seat of the player of that name, in whatever case, or 0.
func (a *Arena) Seated(name string) game.Seat {
	for seat := range a.socks {
		if s := &a.socks[seat]; s.seated && strings.EqualFold(s.name, name) {
			return game.Seat(seat)
		}
	}
	return 0
}

// Steer sets a sock's course: an angle in radians, clockwise from the right, and
// a speed from 0 to 1.
func (a *Arena) Steer(seat game.Seat, angle, speed float64) {
	if s := &a.socks[seat]; s.seated {
		s.angle, s.speed = angle, speed
	}
}

// Step advances by a tick and returns what has changed since the last one. The
// caller owns the result.
func (a *Arena) Step() game.Changed {
	a.tick++
	if a.left--; a.left == 0 {
		a.turn()
	}
	for seat := 1; seat <= Seats; seat++ {
		if s := &a.socks[seat]; s.seated {
			if s.bot && a.tick%botEvery == 0 {
				s.angle, s.speed = a.steerBot(uint8(seat), s), botSpeed
			}
			a.advance(uint8(seat), s)
		}
	}
	if a.playing {
		a.flutter()
		if a.tick%yarnEvery == 0 && len(a.yarn) < mostYarn {
			a.drop()
		}
	}
	changed := game.Changed{Tick: a.tick, News: a.news, Cells: a.takeDirty()}
	a.news = nil
	return changed
}

// turn ends the round, or the pause after it.
func (a *Arena) turn() {
	a.playing = !a.playing
	if !a.playing {
		a.left = pauseTime
		a.tell(game.Ended{Standings: a.Standings()})
		return
	}
	a.left = roundTime
	a.round++
	a.cells, a.dirty, a.count = [Size * Size]uint8{}, [Size * Size]bool{}, [Seats + 1]uint32{Size * Size}
	a.yarn = nil
	a.tell(game.Began{Round: a.round})
}

// advance moves a sock, which knits where it goes and picks up yarn.
func (a *Arena) advance(seat uint8, s *sock) {
	fast, radius := sockSpeed, needle
	if s.swift > 0 {
		s.swift--
		fast = swiftSpeed
	}
	if s.wide > 0 {
		s.wide--
		radius = wideNeedle
	}
	s.move(s.speed * fast)
	if !a.playing {
		return
	}
	a.knit(seat, s.x, s.y, radius)
	a.yarn = slices.DeleteFunc(a.yarn, func(y game.Yarn) bool {
		if math.Hypot(float64(y.X)-s.x, float64(y.Y)-s.y) > reach {
			return false
		}
		switch y.Power {
		case game.PowerSwift:
			s.swift = powerTime
		case game.PowerWide:
			s.wide = powerTime
		case game.PowerBurst:
			a.knit(seat, s.x, s.y, burst)
		}
		a.tell(game.Taken{ID: y.ID, Power: y.Power, By: game.Seat(seat)})
		return true
	})
}

// flutter moves the moth. It has a taste for the leader's wool, and flees from
// socks that come near.
func (a *Arena) flutter() {
	m := &a.moth
	for seat := 1; seat <= Seats; seat++ {
		if s := &a.socks[seat]; s.seated && math.Hypot(s.x-m.x, s.y-m.y) < reach {
			m.angle, a.scared = math.Atan2(m.y-s.y, m.x-s.x), Rate
		}
	}
	speed := mothSpeed
	if a.scared > 0 {
		a.scared--
		speed = 2 * mothSpeed
	} else if a.tick%Rate == 0 {
		x, y := a.tasty()
		m.angle = math.Atan2(y-m.y, x-m.x)
	}
	m.angle += (a.random.Float64() - 0.5) * 0.6
	m.move(speed)
	a.knit(0, m.x, m.y, bite)
}

// tasty returns a place of the leader's wool, or any place when luck has it so.
func (a *Arena) tasty() (x, y float64) {
	leader := uint8(0)
	for seat := range a.count[1:] {
		if a.count[seat+1] > a.count[leader] || leader == 0 {
			leader = uint8(seat + 1)
		}
	}
	cell := 0
	for range 8 {
		if cell = a.random.IntN(len(a.cells)); a.cells[cell] == leader {
			break
		}
	}
	return float64(cell%Size) + 0.5, float64(cell/Size) + 0.5
}

// drop puts a ball of yarn somewhere.
func (a *Arena) drop() {
	powers := []game.Power{game.PowerSwift, game.PowerWide, game.PowerBurst}
	a.yarns++
	y := game.Yarn{
		ID:    a.yarns,
		Power: powers[a.random.IntN(len(powers))],
		X:     float32(2 + a.random.IntN(Size-3)),
		Y:     float32(2 + a.random.IntN(Size-3)),
	}
	a.yarn = append(a.yarn, y)
	a.tell(game.Dropped{Yarn: y})
}

// move goes a distance straight ahead, and along the edge where that is in the way.
func (m *mover) move(distance float64) {
	m.x = min(max(m.x+distance*math.Cos(m.angle), margin), Size-margin)
	m.y = min(max(m.y+distance*math.Sin(m.angle), margin), Size-margin)
}

// knit gives the cells within a radius to a seat.
func (a *Arena) knit(seat uint8, x, y, radius float64) {
	for row := max(int(y-radius), 0); row <= min(int(y+radius), Size-1); row++ {
		for column := max(int(x-radius), 0); column <= min(int(x+radius), Size-1); column++ {
			if math.Hypot(float64(column)+0.5-x, float64(row)+0.5-y) <= radius {
				a.set(row*Size+column, seat)
			}
		}
	}
}

// unravel takes everything away that a seat has knit.
func (a *Arena) unravel(seat uint8) {
	for cell, owner := range a.cells {
		if owner == seat {
			a.set(cell, 0)
		}
	}
}

func (a *Arena) set(cell int, seat uint8) {
	if old := a.cells[cell]; old != seat {
		a.count[old]--
		a.count[seat]++
		a.cells[cell], a.dirty[cell] = seat, true
	}
}

func (a *Arena) tell(n game.News) { a.news = append(a.news, n) }

// Standings returns everybody who is seated, the best first.
func (a *Arena) Standings() []game.Standing {
	standings := []game.Standing{}
	for seat := 1; seat <= Seats; seat++ {
		if s := &a.socks[seat]; s.seated {
			standings = append(standings, game.Standing{Seat: game.Seat(seat), Name: s.name, Cells: a.count[seat], Bot: flag(s.bot)})
		}
	}
	slices.SortStableFunc(standings, func(p, q game.Standing) int { return cmp.Compare(q.Cells, p.Cells) })
	return standings
}
