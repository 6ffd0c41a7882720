// SPDX-License-Identifier: Apache-2.0

package typescript

import "strings"

// lineWidth is the number of columns that prettier fills by default.
const lineWidth = 80

// A layout is a piece of source text that knows where its lines may break.
type layout interface{}

type (
	// text is printed as it is; it holds no line break.
	text string
	// sequence prints its parts one after the other.
	sequence []layout
	// indented breaks the lines of its content two columns further in.
	indented struct{ content layout }
	// line is a line break in a broken group. In a flat one it is a space, or
	// nothing when soft. A hard line breaks always, and every group around it.
	line struct{ soft, hard bool }
	// ifBroken chooses by the state of the group around it.
	ifBroken struct{ broken, flat layout }
	// group is flat when it fits into what is left of the line, else broken.
	group struct {
		content layout
		id      *groupID // set once the group is printed; nil for most
		broken  bool     // holds a hard line
	}
	// indentedIfBroken is indented when the group of that id is broken. The
	// group must stand before it.
	indentedIfBroken struct {
		content layout
		id      *groupID
	}
)

// A groupID carries the state of one group to the layout behind it.
type groupID struct{ broken bool }

var (
	space    = line{}
	softLine = line{soft: true}
	hardLine = line{hard: true}
)

// groupOf makes a group, broken from the start if its content holds a hard line.
func groupOf(parts ...layout) group {
	content := sequence(parts)
	return group{content: content, broken: holdsHardLine(content)}
}

func holdsHardLine(l layout) bool {
	switch l := l.(type) {
	case sequence:
		for _, part := range l {
			if holdsHardLine(part) {
				return true
			}
		}
	case indented:
		return holdsHardLine(l.content)
	case indentedIfBroken:
		return holdsHardLine(l.content)
	case group:
		return l.broken
	case line:
		return l.hard
	}
	return false
}

// join puts separator between parts.
func join(separator layout, parts []layout) sequence {
	var joined sequence
	for i, part := range parts {
		if i > 0 {
			joined = append(joined, separator)
		}
		joined = append(joined, part)
	}
	return joined
}

// A task is a layout that waits to be printed.
type task struct {
	layout layout
	indent int  // columns
	flat   bool // the group around it is flat
}

// layoutPrinter prints one layout. Its stack holds what is still to come, the
// next at the end.
type layoutPrinter struct {
	out    strings.Builder
	column int
	stack  []task
}

// printLayout returns l as text. Lines have no trailing space.
func printLayout(l layout) string {
	p := layoutPrinter{stack: []task{{layout: l}}}
	for len(p.stack) > 0 {
		p.step(p.pop())
	}
	return trimLineEnds(p.out.String())
}

func (p *layoutPrinter) pop() task {
	last := p.stack[len(p.stack)-1]
	p.stack = p.stack[:len(p.stack)-1]
	return last
}

// push puts the layout on the stack, in the state of the task that it is part of.
func (p *layoutPrinter) push(l layout, of task) {
	p.stack = append(p.stack, task{l, of.indent, of.flat})
}

func (p *layoutPrinter) step(t task) {
	switch l := t.layout.(type) {
	case text:
		p.out.WriteString(string(l))
		p.column += len(l) // ASCII, as are all names

	case sequence:
		for i := len(l) - 1; i >= 0; i-- {
			p.push(l[i], t)
		}
	case indented:
		p.stack = append(p.stack, task{l.content, t.indent + 2, t.flat})
	case indentedIfBroken:
		if l.id.broken {
			t.indent += 2
		}
		p.push(l.content, t)
	case ifBroken:
		if t.flat {
			p.push(l.flat, t)
		} else {
			p.push(l.broken, t)
		}
	case group:
		flat := task{l.content, t.indent, true}
		if !t.flat {
			flat.flat = !l.broken && p.fits(flat)
		}
		if l.id != nil {
			l.id.broken = !flat.flat
		}
		p.stack = append(p.stack, flat)
	case line:
		p.line(l, t)
	}
}

func (p *layoutPrinter) line(l line, t task) {
	switch {
	case !t.flat || l.hard:
		p.out.WriteString("\n" + strings.Repeat(" ", t.indent))
		p.column = t.indent
	case !l.soft:
		p.out.WriteByte(' ')
		p.column++
	}
}

// fits reports whether the task, and what stands behind it up to the next
// possible line break, fits into the current line.
func (p *layoutPrinter) fits(next task) bool {
	left := lineWidth - p.column
	rest := len(p.stack)
	ahead := layoutPrinter{stack: []task{next}}
	for left >= 0 {
		if len(ahead.stack) == 0 {
			if rest == 0 {
				return true
			}
			rest--
			ahead.stack = append(ahead.stack, p.stack[rest])
		}
		t := ahead.pop()
		switch l := t.layout.(type) {
		case text:
			left -= len(l)
		case indentedIfBroken:
			ahead.push(l.content, t)
		case group:
			ahead.stack = append(ahead.stack, task{l.content, t.indent, t.flat && !l.broken})
		case line:
			if !t.flat || l.hard {
				return true
			}
			if !l.soft {
				left--
			}
		default:
			ahead.step(t)
		}
	}
	return false
}

// trimLineEnds removes the spaces that a line break left behind.
func trimLineEnds(s string) string {
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.Join(lines, "\n")
}
