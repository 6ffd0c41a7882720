// SPDX-License-Identifier: Apache-2.0

package typescript

import (
	"fmt"
	"strings"

	"github.com/sockgen/sockgen/gen/ir"
)

// A module collects the declarations of one file and sees to it that no two
// have the same name.
type module struct {
	out    strings.Builder
	names  map[string]string // identifier → what it is, for the error
	err    error             // the first collision
	inputs ir.Inputs         // what is sent, where it is not what is received
	dates  *revivers         // what makes dates of received texts; nil where timestamps are texts

	extension string // ends the imports of other modules
}

// claim takes an identifier for what; a second claim is an error.
func (m *module) claim(ident, what string) {
	if m.names == nil {
		m.names = map[string]string{}
	}
	first, taken := m.names[ident]
	switch {
	case m.err != nil:
	case taken:
		m.err = fmt.Errorf("typescript: %s and %s would both be called %s; give one another name in the schema", first, what, ident)
	case !isWord(ident):
		m.err = fmt.Errorf("typescript: %s cannot be called %q, which is no identifier; give it another name in the schema", what, ident)
	}
	if !taken {
		m.names[ident] = what
	}
}

// line writes one line at top level.
func (m *module) line(l string) {
	m.out.WriteString(l + "\n")
}

// print writes a layout and ends its line.
func (m *module) print(l layout) {
	m.line(printLayout(l))
}

// block writes finished source text, which ends with a line break, behind an
// empty line.
func (m *module) block(source string) {
	m.gap()
	m.out.WriteString(source)
}

// data returns the finished file.
func (m *module) data() []byte {
	return []byte(strings.TrimRight(m.out.String(), "\n") + "\n")
}

// gap writes an empty line, unless there is one.
func (m *module) gap() {
	if !strings.HasSuffix(m.out.String(), "\n\n") {
		m.line("")
	}
}

// begin starts a declaration: an empty line and its documentation.
func (m *module) begin(doc, deprecated string) {
	m.gap()
	for _, l := range comment(doc, deprecated, 0) {
		m.line(l)
	}
}

// A member is a property of an interface.
type member struct {
	doc, deprecated string
	tags            []tag
	key             text // with "readonly " and "?" where it has them
	typ             layout
}

// iface writes an interface, or its equivalent without members.
func (m *module) iface(ident, what, doc, deprecated string, members []member) {
	defer m.export(ident, false)
	if len(members) == 0 {
		// An empty interface takes every value but null; this takes {} alone.
		begins := m.declares("type", ident, what)
		m.begin(doc, deprecated)
		m.print(alias(begins, mapLayout(text("never"))))
		return
	}
	begins := m.declares("interface", ident, what)
	m.begin(doc, deprecated)
	m.line(begins + " {")
	for _, property := range members {
		body := sequence{}
		for _, l := range comment(property.doc, property.deprecated, 2, property.tags...) {
			body = append(body, hardLine, text(l))
		}
		body = append(body, hardLine, groupOf(property.key, text(": "), property.typ), text(";"))
		m.indentedLines(body)
	}
	m.line("}")
}

// indentedLines writes the lines of a body, each of which begins with a hard one.
func (m *module) indentedLines(body layout) {
	m.out.WriteString(strings.TrimPrefix(printLayout(indented{body}), "\n") + "\n")
}

// alias returns left = typ;
func alias(left string, typ layout) layout {
	id := &groupID{}
	gap := groupOf(indented{space})
	gap.id = id
	return groupOf(text(left+" ="), gap, indentedIfBroken{typ, id}, text(";"))
}

// unionAlias is alias for a union. Prettier begins a new line as soon as the
// whole does not fit into one.
func unionAlias(left string, types []layout) layout {
	if len(types) == 1 {
		return alias(left, types[0])
	}
	return groupOf(text(left+" ="), groupOf(indented{sequence{space, union(types, aliased)}}), text(";"))
}

// aliasType writes a type alias with its documentation.
func (m *module) aliasType(ident, what, doc, deprecated string, typ layout) {
	begins := m.declares("type", ident, what)
	m.begin(doc, deprecated)
	m.print(alias(begins, typ))
	m.export(ident, false)
}

// unionType writes an alias of a union with its documentation.
func (m *module) unionType(ident, what, doc, deprecated string, types []layout) {
	begins := m.declares("type", ident, what)
	m.begin(doc, deprecated)
	m.print(unionAlias(begins, types))
	m.export(ident, false)
}
