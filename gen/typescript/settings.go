// SPDX-License-Identifier: Apache-2.0

package typescript

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/sockgen/sockgen/gen/ir"
)

// A setting is what the helper functions must know of one event.
type setting struct {
	ns    *ir.Namespace
	wire  string
	value int
}

// A table holds the settings of one kind that differ from the usual, and how an
// event without an entry is treated.
type table struct {
	entries []setting
	usual   int
}

func (t *table) any() bool { return len(t.entries) > 0 }

// add notes a setting, unless it is the usual one.
func (t *table) add(ns *ir.Namespace, e *ir.Event, value int) {
	if value != t.usual {
		t.entries = append(t.entries, setting{ns, e.Wire, value})
	}
}

// settings are the tables of a document. When the same name has different
// settings in two namespaces, their keys name the namespace, too.
type settings struct {
	listenerCounts table // server events: how many arguments there are besides the ack
	openEnded      table // server events: 1 when the last arguments may be absent and an offset may follow
	leastCounts    table // server events: behind how many arguments null stands for absent ones
	argumentCounts table // client events: how many arguments precede the options of request; 0 for a payload or nothing
	timeouts       table // client events: milliseconds
	plain          table // client events: 1 when the ack is a bare value
	scoped         []*ir.Namespace
}

func settingsOf(doc *ir.Document) *settings {
	s := &settings{listenerCounts: table{usual: 1}, leastCounts: table{usual: -1}}
	for _, ns := range doc.Namespaces {
		for _, e := range ns.Server {
			s.listenerCounts.add(ns, e, countArguments(e))
			if e.MayEndInOffset() {
				s.openEnded.add(ns, e, 1)
			}
			s.leastCounts.add(ns, e, leastCount(e))
		}
		for _, e := range ns.Client {
			if e.Ack == nil {
				continue
			}
			s.argumentCounts.add(ns, e, len(e.Arguments()))
			s.timeouts.add(ns, e, int(e.Timeout.Milliseconds()))
			if e.Ack.Plain {
				s.plain.add(ns, e, 1)
			}
		}
	}
	if s.conflicts(doc) {
		s.scoped = doc.Namespaces
	}
	return s
}

// countArguments returns how many arguments precede the ack of an event.
func countArguments(e *ir.Event) int {
	switch fields := e.Arguments(); {
	case fields != nil:
		return len(fields)
	case e.Payload != nil:
		return 1
	}
	return 0
}

// leastCount returns behind how many arguments of a server event null stands for
// absent ones, or -1 where it does not. Servers write it before an offset, and where
// JavaScript says undefined. Behind an ack's event there is always the ack.
func leastCount(e *ir.Event) int {
	fields := e.Arguments()
	n := len(fields)
	for n > 0 && fields[n-1].Optional && !fields[n-1].Type.TakesNull() {
		n--
	}
	if n == len(fields) || e.Ack != nil {
		return -1
	}
	return n
}

// conflicts reports whether a table has an entry for an event of whose name
// another namespace's event has none, or another one.
func (s *settings) conflicts(doc *ir.Document) bool {
	differs := func(t *table, events func(*ir.Namespace) []*ir.Event) bool {
		return slices.ContainsFunc(t.entries, func(entry setting) bool {
			return slices.ContainsFunc(doc.Namespaces, func(ns *ir.Namespace) bool {
				there := slices.ContainsFunc(events(ns), func(e *ir.Event) bool { return e.Wire == entry.wire })
				return there && !slices.Contains(t.entries, setting{ns, entry.wire, entry.value})
			})
		})
	}
	client := func(ns *ir.Namespace) []*ir.Event { return ns.Client }
	server := func(ns *ir.Namespace) []*ir.Event { return ns.Server }
	return differs(&s.listenerCounts, server) || differs(&s.openEnded, server) || differs(&s.leastCounts, server) ||
		differs(&s.argumentCounts, client) || differs(&s.timeouts, client) || differs(&s.plain, client)
}

// regions says which regions of the helpers the settings need.
func (s *settings) regions() map[string]bool {
	return map[string]bool{
		"scoped":         s.scoped != nil,
		"listenerKey":    s.listenerCounts.any() || s.openEnded.any() || s.leastCounts.any(),
		"listenerCounts": s.listenerCounts.any(),
		"openEnded":      s.openEnded.any(),
		"leastCounts":    s.leastCounts.any(),
		"requestKey":     s.argumentCounts.any() || s.timeouts.any() || s.plain.any(),
		"argumentCounts": s.argumentCounts.any(),
		"timeouts":       s.timeouts.any(),
		"plain":          s.plain.any(),
	}
}

// key returns the entry's key, which keyOf gives at run time.
func (e setting) key(scoped bool) string {
	switch {
	case !scoped:
		return e.wire
	case e.ns.Parts != nil:
		return e.ns.Prefix + " " + e.wire
	default:
		return e.ns.Path + " " + e.wire
	}
}

// settings writes the tables that have entries.
func (m *module) settings(s *settings) {
	m.mapTable("listenerCounts", "How many arguments these events have; the others have one.", s, &s.listenerCounts)
	m.mapTable("leastCounts", "How many arguments these events have at least: null stands for more.", s, &s.leastCounts)
	m.setTable("openEnded", "The events whose last arguments may be absent.", s, &s.openEnded)
	m.mapTable("argumentCounts", "How many arguments these events have in place of a payload.", s, &s.argumentCounts)
	m.mapTable("timeouts", "How many milliseconds a request for these events waits.", s, &s.timeouts)
	m.setTable("plainAcks", "The events whose acks are bare values.", s, &s.plain)
	if s.scoped != nil {
		m.keyOf(s)
	}
}

// keys returns the table's keys, each once, with their values.
func (s *settings) keys(t *table) (keys []string, values []int) {
	for _, e := range t.entries {
		if key := e.key(s.scoped != nil); !slices.Contains(keys, key) {
			keys, values = append(keys, key), append(values, e.value)
		}
	}
	return keys, values
}

func (m *module) mapTable(ident, doc string, s *settings, t *table) {
	if !t.any() {
		return
	}
	keys, values := s.keys(t)
	quoted, numbers := make([]string, len(keys)), make([]string, len(keys))
	for i, key := range keys {
		quoted[i], numbers[i] = quote(key), number(values[i])
	}
	m.begin(doc, "")
	m.print(sequence{text("const " + ident + ": ReadonlyMap<string, number> = "), matrix(quoted, numbers), text(";")})
}

func (m *module) setTable(ident, doc string, s *settings, t *table) {
	if !t.any() {
		return
	}
	keys, _ := s.keys(t)
	var list []layout
	for _, key := range keys {
		list = append(list, text(quote(key)))
	}
	m.begin(doc, "")
	m.print(sequence{text("const " + ident + ": ReadonlySet<string> = new Set(["), groupOf(items(list)), text("]);")})
}

// number writes n as people read it.
func number(n int) string {
	s := fmt.Sprint(n)
	if len(s) <= 4 {
		return s
	}
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "_" + s[i:]
	}
	return s
}

// keyOf writes the function that names an event together with its namespace.
func (m *module) keyOf(s *settings) {
	m.begin("Names an event together with its namespace.", "")
	m.line("function keyOf(socket: SocketIO, event: string): string {")
	m.line("  // Every release's socket has the namespace, though its type hides it.")
	declare := "const"
	if slices.ContainsFunc(s.scoped, func(ns *ir.Namespace) bool { return ns.Parts != nil }) {
		declare = "let"
	}
	m.line("  " + declare + " { nsp } = socket as unknown as { readonly nsp: string };")
	for _, ns := range s.scoped {
		if ns.Parts == nil {
			continue
		}
		m.indentedLines(sequence{hardLine, text("nsp = nsp.replace("), groupOf(items([]layout{
			text(pathPattern(ns, s.scoped)), text(quote(ns.Prefix)),
		})), text(");")})
	}
	m.line(`  return nsp + " " + event;`)
	m.line("}")
}

// pathPattern returns the literal of a regular expression for the names of ns,
// without those that another namespace has for itself.
func pathPattern(ns *ir.Namespace, all []*ir.Namespace) string {
	var js, own strings.Builder
	for _, p := range ns.Parts {
		if p.Type != nil {
			js.WriteString("[^/]+")
			own.WriteString("[^/]+")
			continue
		}
		js.WriteString(escapePattern(p.Text))
		own.WriteString(regexp.QuoteMeta(strings.ToValidUTF8(p.Text, "\ufffd")))
	}
	except := ""
	for _, other := range all {
		if other.Parts == nil && regexp.MustCompile("^"+own.String()+"$").MatchString(other.Path) {
			except += "(?!" + escapePattern(other.Path) + "$)"
		}
	}
	return "/^" + except + js.String() + "$/"
}

// escapePattern returns text as it stands in the literal of a regular expression.
func escapePattern(text string) string {
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '_' || r == '-' || r == ' ' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z':
			b.WriteRune(r)
		case r == '/':
			b.WriteString(`\/`)
		case r < ' ':
			b.WriteString("[^/]") // linters want no control characters there
		default:
			literal := quote(string(r))
			if inner := literal[1 : len(literal)-1]; strings.HasPrefix(inner, `\u`) {
				b.WriteString(inner)
			} else {
				fmt.Fprintf(&b, `\u%04x`, r)
			}
		}
	}
	return b.String()
}
