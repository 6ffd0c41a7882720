// SPDX-License-Identifier: Apache-2.0

package arena

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"reflect"
	"testing"

	"github.com/sockgen/sockgen/generated/game"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// play runs an arena with players who turn every second, and calls each after
// every tick.
func play(seed uint64, players, ticks int, each func(*Arena, game.Changed)) *Arena {
	a := New(seed)
	for n := range players {
		a.Seat(fmt.Sprint("player ", n))
	}
	for tick := range ticks {
		if tick%Rate == 0 {
			for n := range players {
				a.Steer(game.Seat(n+1), float64(tick/Rate+n), 1)
			}
		}
		each(a, a.Step())
	}
	return a
}

func TestTheSameSeedAndCallsGiveTheSameBytes(t *testing.T) {
	record := func(seed uint64) []byte {
		var all []byte
		play(seed, 3, roundTime+pauseTime+100, func(a *Arena, c game.Changed) {
			all = append(append(all, a.Positions()...), c.Cells...)
		})
		return all
	}
	if !bytes.Equal(record(7), record(7)) {
		t.Error("two runs of one seed differ")
	}
	if bytes.Equal(record(7), record(8)) {
		t.Error("the seed changes nothing")
	}
}

// A receiver that takes a floor and then every change has what the arena has.
func TestChangesKeepAFloorUpToDate(t *testing.T) {
	var floor []uint8
	var yarn []game.Yarn
	a := play(3, Seats, 2*(roundTime+pauseTime)+100, func(a *Arena, c game.Changed) {
		if floor == nil {
			f := a.Floor()
			floor, yarn = unpack(t, f.Cells), f.Yarn
			return
		}
		for _, n := range c.News {
			switch n := n.(type) {
			case game.Began:
				clear(floor)
				yarn = nil
			case game.Dropped:
				yarn = append(yarn, n.Yarn)
			case game.Taken:
				for i := range yarn {
					if yarn[i].ID == n.ID {
						yarn = append(yarn[:i:i], yarn[i+1:]...)
						break
					}
				}
			}
		}
		for at := 0; at < len(c.Cells); at += 3 {
			floor[binary.LittleEndian.Uint16(c.Cells[at:])] = c.Cells[at+2]
		}
		if !bytes.Equal(floor, a.cells[:]) {
			t.Fatalf("tick %d: the copy differs", c.Tick)
		}
	})
	f := a.Floor()
	if !bytes.Equal(unpack(t, f.Cells), floor) {
		t.Error("a fresh floor differs from the copy")
	}
	if len(f.Yarn) != len(yarn) || (len(yarn) > 0 && !reflect.DeepEqual(f.Yarn, yarn)) {
		t.Errorf("yarn %v, the copy has %v", f.Yarn, yarn)
	}
	if a.round != 3 {
		t.Errorf("round %d, want 3", a.round)
	}
}

func unpack(t *testing.T, runs []byte) []uint8 {
	t.Helper()
	var cells []uint8
	for at := 0; at < len(runs); at += 2 {
		if runs[at] == 0 {
			t.Error("a run of nothing")
		}
		cells = append(cells, bytes.Repeat(runs[at+1:at+2], int(runs[at]))...)
	}
	if len(cells) != Size*Size {
		t.Fatalf("%d cells, want %d", len(cells), Size*Size)
	}
	return cells
}

func TestCountsAreOfTheCells(t *testing.T) {
	play(5, 4, roundTime+pauseTime+200, func(a *Arena, c game.Changed) {
		var count [Seats + 1]uint32
		for _, seat := range a.cells {
			count[seat]++
		}
		if count != a.count {
			t.Fatalf("tick %d: counts %v, cells %v", c.Tick, a.count, count)
		}
	})
}

func TestPositionsAreAsTheSchemaSays(t *testing.T) {
	a := New(1)
	a.tick, a.left = 0x01020304, 300
	a.moth = mover{x: 1.5, y: 2.25, angle: -math.Pi / 2}
	a.socks[3] = sock{seated: true, swift: 1, wide: 1, mover: mover{x: 39, y: 1, angle: math.Pi, speed: 0.5}}
	want := []byte{
		4, 3, 2, 1, 44, 1, 2,
		0, 0x80, 1, 0x40, 2, 192, 1,
		3, 0, 39, 0, 1, 128, 7,
	}
	if got := a.Positions(); !bytes.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}

func TestSeats(t *testing.T) {
	a := New(1)
	for seat := game.Seat(1); seat <= Seats; seat++ {
		if got := a.Seat(fmt.Sprint(seat)); got != seat {
			t.Fatalf("newcomer %d sits in %d", seat, got)
		}
	}
	if got := a.Seat("late"); got != 0 {
		t.Errorf("a ninth player sits in %d", got)
	}
	if got := a.Seated("4"); got != 4 {
		t.Errorf("4 is found in %d", got)
	}
	a.Unseat(4)
	a.Unseat(6)
	if got := a.Seated("4"); got != 0 {
		t.Errorf("4 has left, yet is found in %d", got)
	}
	if before := a.count[6]; a.Seat("6") != 6 || a.count[6] != before {
		t.Errorf("whoever returns does not find what it has knit: %d cells, had %d", a.count[6], before)
	}
	a.knit(4, 20, 20, 6)
	a.Unseat(6)
	if got := a.Seat("new"); got != 6 {
		t.Errorf("the newcomer sits in %d, want 6, which has the least to lose", got)
	}
}

func TestSocksStayOnTheFloor(t *testing.T) {
	for _, angle := range []float64{0, 1, 2, 3, -1, -2, -3} {
		a := New(1)
		a.Seat("ada")
		a.Steer(1, angle, 1)
		for range 20 * Rate {
			a.Step()
		}
		if s := a.socks[1]; s.x < margin || s.x > Size-margin || s.y < margin || s.y > Size-margin {
			t.Errorf("angle %v: the sock is at %v, %v", angle, s.x, s.y)
		}
	}
}

func TestYarn(t *testing.T) {
	for power, has := range map[game.Power]func(*Arena) bool{
		game.PowerSwift: func(a *Arena) bool { return a.socks[1].swift > 0 },
		game.PowerWide:  func(a *Arena) bool { return a.socks[1].wide > 0 },
		game.PowerBurst: func(a *Arena) bool { return a.count[1] > 50 },
	} {
		a := New(1)
		a.Seat("ada")
		a.moth.x, a.moth.y = 1, 1
		a.Step()
		s := a.socks[1]
		a.yarn = []game.Yarn{{ID: 9, Power: power, X: float32(s.x), Y: float32(s.y)}}
		changed := a.Step()
		if want := []game.News{game.Taken{ID: 9, Power: power, By: 1}}; !reflect.DeepEqual(changed.News, want) {
			t.Errorf("%s: news %v, want %v", power, changed.News, want)
		}
		if !has(a) || len(a.yarn) != 0 {
			t.Errorf("%s has no effect, or is not used up", power)
		}
	}
}

func TestTheMothEatsAndFlees(t *testing.T) {
	a := New(1)
	a.knit(2, Size/2, Size/2, 5)
	before := a.count[2]
	for range 10 {
		a.Step()
	}
	if a.count[2] >= before {
		t.Error("the moth has eaten nothing")
	}
	a.Seat("ada")
	a.socks[1].x, a.socks[1].y = a.moth.x-1, a.moth.y
	from := a.moth.x
	for range Rate / 2 {
		a.Step()
	}
	if a.moth.x < from+2 {
		t.Errorf("the moth went from %v to %v, and a sock stood on its left", from, a.moth.x)
	}
}

func TestARoundEndsWithItsStandings(t *testing.T) {
	var ended, began int
	play(1, 2, roundTime+pauseTime, func(a *Arena, c game.Changed) {
		for _, n := range c.News {
			switch n := n.(type) {
			case game.Ended:
				ended++
				if c.Tick != roundTime || len(n.Standings) != 2 || n.Standings[0].Cells < n.Standings[1].Cells {
					t.Errorf("tick %d: ended with %v", c.Tick, n.Standings)
				}
			case game.Began:
				began++
				if c.Tick != roundTime+pauseTime || n.Round != 2 {
					t.Errorf("tick %d: round %d began", c.Tick, n.Round)
				}
			}
		}
		if !a.playing && len(c.Cells) > 0 {
			t.Errorf("tick %d: somebody knits in the pause", c.Tick)
		}
	})
	if ended != 1 || began != 1 {
		t.Errorf("%d ends and %d beginnings", ended, began)
	}
}

func TestABotKnitsByItself(t *testing.T) {
	a := New(7)
	seat := a.SeatBot("Knitbot")
	before := a.Standings()[0].Cells
	for range 30 * Rate {
		a.Step()
	}
	if now := a.Standings()[0]; !now.Bot.Or(false) || now.Seat != seat || now.Cells < 10*before {
		t.Errorf("%+v after half a minute, %d cells at first", now, before)
	}
}
