// SPDX-License-Identifier: Apache-2.0

package arena

import (
	"encoding/binary"
	"math"
	"slices"

	"github.com/sockgen/sockgen/generated/game"
)

// The flags of a mover in Positions.
const (
	flagMoving = 1 << iota
	flagSwift
	flagWide
)

// Positions returns where everything is, as the schema describes "positions".
// The caller owns the result.
func (a *Arena) Positions() []byte {
	b := binary.LittleEndian.AppendUint32(nil, a.tick)
	b = binary.LittleEndian.AppendUint16(b, uint16(a.left))
	b = append(b, 1)
	b = a.moth.append(b, 0, flagMoving)
	for seat := 1; seat <= Seats; seat++ {
		s := &a.socks[seat]
		if !s.seated {
			continue
		}
		b[6]++
		flags := byte(0)
		if s.speed > 0 {
			flags |= flagMoving
		}
		if s.swift > 0 {
			flags |= flagSwift
		}
		if s.wide > 0 {
			flags |= flagWide
		}
		b = s.append(b, byte(seat), flags)
	}
	return b
}

func (m *mover) append(b []byte, seat, flags byte) []byte {
	b = append(b, seat)
	b = binary.LittleEndian.AppendUint16(b, uint16(m.x*256))
	b = binary.LittleEndian.AppendUint16(b, uint16(m.y*256))
	turn := m.angle / (2 * math.Pi)
	return append(b, byte(int(math.Round((turn-math.Floor(turn))*256))), flags)
}

// Floor returns all that a newcomer has to know. The caller owns the result.
func (a *Arena) Floor() game.Floor {
	f := game.Floor{Tick: a.tick, Playing: a.playing, Size: Size, Cells: a.runs(), Players: []game.Player{}, Yarn: append([]game.Yarn{}, a.yarn...)}
	for seat := 1; seat <= Seats; seat++ {
		if s := &a.socks[seat]; s.seated {
			f.Players = append(f.Players, game.Player{Seat: game.Seat(seat), Name: s.name, Bot: flag(s.bot)})
		}
	}
	return f
}

// runs returns the cells as pairs of how many and whose.
func (a *Arena) runs() []byte {
	var runs []byte
	for from := 0; from < len(a.cells); {
		seat := a.cells[from]
		next := slices.IndexFunc(a.cells[from:], func(other uint8) bool { return other != seat })
		if next < 0 {
			next = len(a.cells) - from
		}
		next = min(next, 255)
		runs = append(runs, byte(next), seat)
		from += next
	}
	return runs
}

// takeDirty returns the changed cells, three bytes each, and forgets that they were.
func (a *Arena) takeDirty() []byte {
	cells := []byte{}
	for cell, dirty := range a.dirty {
		if dirty {
			cells = binary.LittleEndian.AppendUint16(cells, uint16(cell))
			cells = append(cells, a.cells[cell])
			a.dirty[cell] = false
		}
	}
	return cells
}
