package check

import (
	"strings"

	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/ir"
	"github.com/sockgen/sockgen/gen/naming"
	"github.com/sockgen/sockgen/gen/schema"
)

// A direction says who emits an event.
type direction int

const (
	fromClient direction = iota
	fromServer
)

// An eventSource is an event with the places of its parts, until a -> b is resolved.
type eventSource struct {
	key    *schema.Node
	event  *ir.Event
	target string // the b of a -> b, or ""
	from   int    // where target begins in key's text
	to     *schema.Node
}

var clientEventKeys = keys{
	known: []string{"payload", "ack", "errors", "to", "doc", "deprecated", "name", "volatile"},
	later: []string{"args", "rate", "slow", "timeout", "unknown"},
}

var serverEventKeys = keys{
	known: []string{"payload", "ack", "to", "doc", "deprecated", "name", "volatile"},
	later: []string{"args", "rate", "slow", "timeout", "unknown"},
}

// events reads the events of one direction.
func (c *checker) events(n *schema.Node, ns *ir.Namespace, dir direction) []eventSource {
	section := "client"
	if dir == fromServer {
		section = "server"
	}
	if n == nil || n.Kind == schema.Null || !c.isMapping(n, section) {
		return nil
	}
	var wires naming.Scope[*schema.Node]
	var methods naming.Scope[owner]
	if dir == fromClient {
		for name, what := range handlerMethods {
			methods.Claim(name, owner{what: what})
		}
	}
	var sources []eventSource
	for _, e := range n.Entries {
		s, ok := c.eventName(e.Key, dir)
		if !ok {
			continue
		}
		if first, ok := wires.Claim(s.event.Wire, e.Key); !ok {
			c.report(e.Key, diag.DuplicateKey, "event %s is here already, in line %d", diag.Quote(s.event.Wire), first.Pos.Line)
			continue
		}
		c.event(&s, e.Value, ns, dir)
		if s.event.Ident != "" {
			who := owner{"event " + diag.Quote(s.event.Wire), e.Key}
			if first, ok := methods.Claim(s.event.Ident, who); !ok {
				c.collision(e.Key, who.what, s.event.Ident, first)
			}
		}
		sources = append(sources, s)
	}
	return sources
}

// eventName reads an event's key: a name, or a -> b.
func (c *checker) eventName(key *schema.Node, dir direction) (eventSource, bool) {
	text := key.Text
	s := eventSource{key: key, event: &ir.Event{}}
	end := len(text)
	if arrow := strings.Index(text, "->"); arrow >= 0 {
		if dir == fromServer {
			c.report(key, diag.MappingTarget, "a -> b stands under client: it says what the server emits when a client emits a")
			return s, false
		}
		from, to := trim(text, arrow+2, len(text))
		if from == to {
			c.report(key, diag.MappingTarget, "-> names no event; write a -> b")
			return s, false
		}
		end, s.target, s.from = arrow, text[from:to], from
	}
	from, to := trim(text, 0, end)
	s.event.Wire = text[from:to]
	if what, ok := reservedEvents[s.event.Wire]; ok {
		c.reportPart(key, from, to, diag.ReservedEvent, "no event is called %s: Socket.IO uses that name for %s", diag.Quote(s.event.Wire), what)
		return s, false
	}
	if n := len(s.event.Wire); n > 1 && s.event.Wire[n-1] == '?' {
		c.reportPart(key, from, to, diag.OptionalMarker, "an event has no ?; whoever need not emit it does not")
		return s, false
	}
	return s, c.namePart(key, from, to, eventRule)
}

// event reads what an event carries and how it is answered.
func (c *checker) event(s *eventSource, n *schema.Node, ns *ir.Namespace, dir direction) {
	e := s.event
	known := clientEventKeys
	if dir == fromServer {
		known = serverEventKeys
	}
	m := map[string]*schema.Node{}
	switch n.Kind {
	case schema.Null, schema.Invalid: // an event that carries nothing
	case schema.Scalar:
		m["payload"] = n
	default:
		if n.Kind == schema.Mapping && dir == fromServer && n.Get("errors") != nil {
			n = c.serverErrors(n)
		}
		m, _ = c.mapping(n, "an event", known)
	}
	e.Ident = c.eventIdent(s, m["name"])
	e.Doc = c.text(m["doc"], "the doc")
	e.Deprecated = c.deprecated(m["deprecated"])
	e.Volatile = c.flag(m["volatile"], "volatile")
	if p := m["payload"]; p != nil {
		e.Payload = c.value(p, c.prefixed(ns, e, ""), e.Wire, "the payload of "+diag.Quote(e.Wire))
	}
	if a := m["ack"]; a != nil {
		e.Ack = c.ack(a, c.prefixed(ns, e, "Ack"), e, dir)
	}
	s.to = m["to"]
	if dir == fromServer {
		e.To = c.audiences(s.to, ns)
		if e.Ack != nil && !addresses(e.To, ir.AudienceSocket) {
			c.report(s.to, diag.Unsupported, "an ack from a whole room or namespace belongs to the language, but this release of sockgen does not carry it out: add socket to \"to\"")
		}
		return
	}
	e.Errors = c.errorList(m["errors"])
	if e.Ack != nil {
		c.claim(c.prefixed(ns, e, "Error"), s.key, "the failures of event "+diag.Quote(e.Wire))
	}
	if s.target == "" && s.to != nil && s.to.Kind != schema.Invalid {
		c.report(s.to, diag.Audience, "a client's event goes to the server alone; \"to\" belongs to a -> b, and to the events under server")
	}
}

// serverErrors reports errors on an event of the server and returns n without them.
func (c *checker) serverErrors(n *schema.Node) *schema.Node {
	without := *n
	without.Entries = nil
	for _, e := range n.Entries {
		if e.Key.Text == "errors" {
			c.report(e.Key, diag.UnknownKey, "an event of the server has no errors: what a client acknowledges is a bare value")
			continue
		}
		without.Entries = append(without.Entries, e)
	}
	return &without
}

// prefixed returns the identifier of an inline struct of e.
func (c *checker) prefixed(ns *ir.Namespace, e *ir.Event, suffix string) string {
	if e.Ident == "" {
		return ""
	}
	return ns.Prefix + e.Ident + suffix
}

// eventIdent returns an event's identifier: its words in order, or what "name" says.
func (c *checker) eventIdent(s *eventSource, name *schema.Node) string {
	if name != nil {
		word, ok := c.word(name, "name")
		if !ok {
			return ""
		}
		if word == "" || word[0] < 'A' || word[0] > 'Z' || naming.Pascal(word) == "" || strings.Trim(word, letters+"0123456789") != "" || len(word) > maxName {
			d := c.report(name, diag.BadName, "name is an upper-case letter, then letters and digits")
			if better := naming.Pascal(word); better != "" && !isDigit(better[0]) {
				d.Suggestion = better
			}
			return ""
		}
		return word
	}
	ident := naming.Pascal(s.event.Wire)
	if ident == "" || isDigit(ident[0]) {
		c.report(s.key, diag.BadName, "event %s gives no identifier: add a key \"name\" with one", diag.Quote(s.event.Wire))
		return ""
	}
	return ident
}

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

var plainAckKeys = keys{known: []string{"type", "plain"}}

// ack reads how an event is acknowledged: a type, an inline struct, none, or
// { type: T, plain: true }.
func (c *checker) ack(n *schema.Node, ident string, e *ir.Event, dir direction) *ir.Ack {
	what, origin := "the ack of "+diag.Quote(e.Wire), e.Wire+" ack"
	if n.Kind == schema.Null {
		c.report(n, diag.Ack, "%s says nothing; an ack without a value is written ack: none", what)
		return nil
	}
	if n.Kind == schema.Scalar && n.Text == "none" {
		return &ir.Ack{}
	}
	plain := n.Get("plain")
	if n.Kind != schema.Mapping || plain == nil || plain.Kind != schema.Scalar || plain.Literal != schema.Bool {
		return &ir.Ack{Type: c.value(n, ident, origin, what)}
	}
	m, _ := c.mapping(n, "an ack with plain", plainAckKeys)
	ack := &ir.Ack{Plain: c.flag(plain, "plain")}
	switch {
	case m["type"] == nil:
		c.report(n, diag.MissingKey, "%s has no type; write { type: T, plain: true }", what)
	case dir == fromServer && ack.Plain:
		c.report(plain, diag.Ack, "what a client acknowledges is always a bare value; leave plain out")
	default:
		ack.Type = c.value(m["type"], ident, origin, what)
	}
	return ack
}
