package diag

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

// overlaps tells whether two edits touch the same runes.
func (e Edit) overlaps(other Edit) bool {
	if e.Start.File != other.Start.File || e.Start.Line != other.Start.Line {
		return false
	}
	if e.Start == other.Start {
		return true
	}
	return e.Start.Column < other.End.Column && other.Start.Column < e.End.Column
}

// Fixable returns the diagnostics of list whose edits do not touch each other: where
// two do, the earlier one.
func Fixable(list []Diagnostic) []Diagnostic {
	var chosen []Diagnostic
	var taken []Edit
	for _, d := range Sort(list) {
		if len(d.Edits) == 0 || overlap(d.Edits, taken) {
			continue
		}
		chosen = append(chosen, d)
		taken = append(taken, d.Edits...)
	}
	return chosen
}

func overlap(edits, taken []Edit) bool {
	for _, e := range edits {
		for _, t := range taken {
			if e.overlaps(t) {
				return true
			}
		}
	}
	return false
}
