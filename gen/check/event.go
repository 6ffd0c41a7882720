// SPDX-License-Identifier: Apache-2.0

package check

import (
	"slices"
	"strings"

	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/ir"
	"github.com/sockgen/sockgen/gen/language"
	"github.com/sockgen/sockgen/gen/naming"
	"github.com/sockgen/sockgen/gen/schema"
)

// A direction says who emits an event.
type direction int

const (
	fromClient direction = iota
	fromServer
	amongNodes // of a cluster
)

// A section is one of the places of a namespace that hold events.
type section struct {
	key  string
	keys keys
}

var sections = map[direction]section{
	fromClient: {"client", keysOf(language.ClientEvent)},
	fromServer: {"server", keysOf(language.ServerEvent)},
	amongNodes: {"cluster", keysOf(language.ClusterEvent)},
}

// misplaced say why an event of a section has not a key that others have.
var misplaced = map[direction]map[string]string{
	fromClient: {"slow": "slow is for the events of the server: what a client emits is never dropped here; bound it with rate"},
	fromServer: {
		"errors": "an event of the server has no errors: what a client acknowledges is a bare value",
		"rate":   "rate is for the events of clients; the server decides itself how often it emits",
	},
	amongNodes: {
		"ack":  "nodes of a cluster do not acknowledge each other's events; they have a payload alone",
		"args": "events between the nodes of a cluster are new, so that they have a payload and no args",
		"to":   "an event of a cluster goes to all its other nodes",
	},
}

// An eventSource is an event with the places of its parts, until a -> b is resolved.
type eventSource struct {
	key    *schema.Node
	event  *ir.Event
	target string // the b of a -> b, or ""
	from   int    // where target begins in key's text
	to     *schema.Node
}

// events reads the events of one direction. methods are the identifiers that its
// Go interface has.
func (c *checker) events(n *schema.Node, ns *ir.Namespace, dir direction, methods *naming.Scope[owner]) []eventSource {
	section := sections[dir]
	if n == nil || n.Kind == schema.Null || !c.isMapping(n, section.key) {
		return nil
	}
	var wires naming.Scope[*schema.Node]
	for name, what := range map[direction]map[string]string{fromClient: c.own.ClientEvents, fromServer: c.own.ServerEvents}[dir] {
		methods.Claim(name, owner{what: what})
	}
	var sources []eventSource
	for _, e := range n.Entries {
		s, ok := c.eventName(e.Key, e.Value, dir)
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
			method := s.event.Ident
			if dir == amongNodes {
				method = "Cluster" + method
			}
			if first, ok := methods.Claim(method, who); !ok {
				c.collision(e.Key, who.what, method, first)
			}
		}
		sources = append(sources, s)
	}
	return sources
}

// eventName reads an event's key: a name, or a -> b. value is what stands behind it.
func (c *checker) eventName(key, value *schema.Node, dir direction) (eventSource, bool) {
	text := key.Text
	s := eventSource{key: key, event: &ir.Event{}}
	from, to := 0, len(text)
	if arrow := strings.Index(text, "->"); arrow >= 0 {
		if dir != fromClient {
			c.report(key, diag.MappingTarget, "a -> b stands under client: it says what the server emits when a client emits a")
			return s, false
		}
		first, last := trim(text, arrow+2, len(text))
		if first == last {
			c.report(key, diag.MappingTarget, "-> names no event; write a -> b")
			return s, false
		}
		s.target, s.from = text[first:last], first
		from, to = trim(text, 0, arrow)
	}
	s.event.Wire = text[from:to]
	if what, ok := reservedEvents[s.event.Wire]; ok {
		c.reportPart(key, from, to, diag.ReservedEvent, "no event is called %s: Socket.IO uses that name for %s", diag.Quote(s.event.Wire), what)
		return s, false
	}
	if n := len(s.event.Wire); n > 1 && s.event.Wire[n-1] == '?' && value.Get("name") == nil {
		c.reportPart(key, from, to, diag.OptionalMarker, "an event has no ?; whoever need not emit it does not")
		return s, false
	}
	if strings.HasPrefix(s.event.Wire, "$") {
		c.reportPart(key, from, to, diag.ReservedName, "%s begins with $, which sockgen keeps for itself", eventRule.what)
		return s, false
	}
	return s, c.wireName(key, from, to, eventRule, value)
}

// event reads what an event carries and how it is answered.
func (c *checker) event(s *eventSource, n *schema.Node, ns *ir.Namespace, dir direction) {
	e := s.event
	m := map[string]*schema.Node{}
	switch n.Kind {
	case schema.Null, schema.Invalid: // an event that carries nothing
	case schema.Scalar:
		m["payload"] = n
	default:
		m, _ = c.mapping(c.withoutFields(c.withoutMisplaced(n, dir), dir), "an event", sections[dir].keys)
	}
	e.Ident = c.eventIdent(s, m["name"])
	e.Doc = c.text(m["doc"], "the doc")
	e.Deprecated = c.deprecated(m["deprecated"])
	c.carried(e, m, ns)
	if a := m["ack"]; a != nil {
		e.Ack = c.ack(a, c.prefixed(ns, e, "Ack"), e, dir)
	}
	s.to = m["to"]
	if dir == fromServer {
		e.To = c.audiences(s.to, ns)
	}
	c.policies(e, m, dir, ns)
	if dir != fromClient {
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

// carried reads the payload of an event, or its positional arguments.
func (c *checker) carried(e *ir.Event, m map[string]*schema.Node, ns *ir.Namespace) {
	ident := c.prefixed(ns, e, "")
	payload, args := m["payload"], m["args"]
	switch {
	case payload != nil && args != nil:
		c.report(args, diag.KeyConflict, "an event has a payload, or the args of an existing API, not both")
	case payload != nil:
		e.Payload = c.value(payload, ident, e.Wire, "the payload of "+diag.Quote(e.Wire))
	case args != nil:
		e.Payload = c.args(args, ident, e)
	}
}

// withoutMisplaced reports the keys of n that events of other sections alone have,
// and returns n without them.
func (c *checker) withoutMisplaced(n *schema.Node, dir direction) *schema.Node {
	if n.Kind != schema.Mapping {
		return n
	}
	kept := *n
	kept.Entries = nil
	for _, e := range n.Entries {
		if why := misplaced[dir][e.Key.Text]; why != "" {
			c.report(e.Key, diag.UnknownKey, "%s", why)
			continue
		}
		kept.Entries = append(kept.Entries, e)
	}
	return &kept
}

// withoutFields reports the fields of a struct that stand in the event itself, where
// they belong into its payload, and returns n without them.
func (c *checker) withoutFields(n *schema.Node, dir direction) *schema.Node {
	if n.Kind != schema.Mapping || n.Get("payload") != nil || n.Get("args") != nil {
		return n
	}
	known := slices.Concat(sections[dir].keys.known, sections[fromClient].keys.known, sections[fromServer].keys.known)
	kept, reported := *n, false
	kept.Entries = nil
	for _, e := range n.Entries {
		field := e.Value.Kind == schema.Scalar || e.Value.Kind == schema.Mapping
		if slices.Contains(known, e.Key.Text) || !field || c.isKey(e.Key.Text, known) {
			kept.Entries = append(kept.Entries, e)
			continue
		}
		if !reported { // however many fields there are, it is one mistake
			c.report(e.Key, diag.UnknownKey, "unknown key %s in an event; what it carries stands under payload: { payload: { %s: … } }", diag.Quote(e.Key.Text), e.Key.Text)
		}
		reported = true
	}
	return &kept
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
		return c.override(name)
	}
	return c.spell.Pascal(s.event.Wire)
}

var plainAckKeys = keysOf(language.PlainAck)

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
