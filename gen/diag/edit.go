// SPDX-License-Identifier: Apache-2.0

package diag

import "slices"

// An Edit mends a diagnostic: it puts Text in the place of what stands from Start up
// to End, which are on one line of one file. Where both are the same it inserts.
type Edit struct {
	Start, End Position
	Text       string // lines end in \n
}

// Replace returns the edit that puts text in the place of some runes.
func Replace(p Position, width int, text string) Edit {
	end := p
	end.Column += width
	return Edit{p, end, text}
}

// Insert returns the edit that inserts text.
func Insert(p Position, text string) Edit { return Edit{p, p, text} }

// overlaps tells whether two edits of one line touch the same runes.
func (e Edit) overlaps(other Edit) bool {
	if e.Start == other.Start {
		return true
	}
	return e.Start.Column < other.End.Column && other.Start.Column < e.End.Column
}

// Fixable returns the diagnostics of list whose edits do not touch each other: where
// two do, the earlier one.
func Fixable(list []Diagnostic) []Diagnostic {
	var chosen []Diagnostic
	taken := map[Position][]Edit{} // by the begin of their line
	for _, d := range Sort(list) {
		if len(d.Edits) == 0 || overlap(d.Edits, taken) {
			continue
		}
		chosen = append(chosen, d)
		for _, e := range d.Edits {
			taken[e.line()] = append(taken[e.line()], e)
		}
	}
	return chosen
}

// line returns the begin of the line of e.
func (e Edit) line() Position { return Position{File: e.Start.File, Line: e.Start.Line} }

func overlap(edits []Edit, taken map[Position][]Edit) bool {
	for _, e := range edits {
		if slices.ContainsFunc(taken[e.line()], e.overlaps) {
			return true
		}
	}
	return false
}
