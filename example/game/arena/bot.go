// SPDX-License-Identifier: Apache-2.0

package arena

import (
	"math"

	"github.com/sockgen/sockgen/runtime/typed"
)

// flag is absent where it is false.
func flag(yes bool) typed.Opt[bool] {
	if !yes {
		return typed.Opt[bool]{}
	}
	return typed.Some(true)
}

// steerBot returns where a bot heads: for yarn that is near, or else for the
// nearest of a few places that are not its own yet.
func (a *Arena) steerBot(seat uint8, s *sock) (angle float64) {
	x, y, best := Size/2.0, Size/2.0, math.Inf(1)
	consider := func(toX, toY, within float64) {
		if d := math.Hypot(toX-s.x, toY-s.y); d < best && d < within {
			x, y, best = toX, toY, d
		}
	}
	for _, yarn := range a.yarn {
		consider(float64(yarn.X), float64(yarn.Y), botSees)
	}
	for range 6 {
		cell := a.random.IntN(len(a.cells))
		if a.cells[cell] != seat {
			consider(float64(cell%Size)+0.5, float64(cell/Size)+0.5, math.Inf(1))
		}
	}
	return math.Atan2(y-s.y, x-s.x)
}
