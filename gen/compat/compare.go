// SPDX-License-Identifier: Apache-2.0

package compat

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Compare returns what changed from old to new, two models of one namespace, as
// the clients of old see it: what they send is read by the new server, what the
// new server sends is read by them. A type that several events share is
// reported where it is met first, once for each direction. The changes come in
// the order of the models: the connection, then events by name. There are none
// exactly when the fingerprints and the defaults are equal.
func Compare(old, new *Model) []Change {
	c := &comparer{old: old, new: new, seen: map[pair]bool{}}
	c.connection()
	c.errors()
	c.events("client", old.Client, new.Client)
	c.events("server", old.Server, new.Server)
	return c.changes
}

// A direction says who sends a value.
type direction int

const (
	toServer direction = iota // the old client sends, the new server reads and refuses what does not fit
	toClient                  // the new server sends, the old client reads
)

// A comparer compares two models. It is used by one goroutine, once.
type comparer struct {
	old, new *Model
	changes  []Change
	seen     map[pair]bool
	full     bool // there are more pairs than are compared
}

// A pair is two types that have been compared, so that recursion ends. A
// strict payload asks more of the types that it shares with others.
type pair struct {
	old, new any // a *Type, or the name of a shape
	dir      direction
	strict   bool
}

// A spot is where in the models the comparison is.
type spot struct {
	path  string
	place Place
	dir   direction

	// strict tells that whoever reads this value refuses unknown fields.
	strict bool
}

// maxPath is how many bytes of a path are shown; recursion goes deeper.
const maxPath = 1000

func (s spot) in(step string) spot {
	const cut = " …"
	switch {
	case len(s.path)+len(step) <= maxPath:
		s.path += step
	case !strings.HasSuffix(s.path, cut):
		s.path += cut
	}
	return s
}

func (s spot) member(typ, member string) spot {
	s.place.Type, s.place.Member = typ, member
	return s
}

func (s spot) part(part, step string) spot {
	s.place.Part = part
	return s.in(step)
}

// report notes a change; what says what changed, why explains the verdict.
func (c *comparer) report(at spot, v Verdict, what, why string) {
	c.changes = append(c.changes, Change{Verdict: v, Path: at.path, Message: what + ": " + why, Place: at.place})
}

// choose notes a change whose verdict depends on who sends.
func (c *comparer) choose(at spot, fromClient, fromServer Verdict, what, whyClient, whyServer string) {
	if at.dir == toServer {
		c.report(at, fromClient, what, whyClient)
	} else {
		c.report(at, fromServer, what, whyServer)
	}
}

// set notes that the set of allowed values changed. Narrower is how bad it is
// when a client sends one that the new server refuses, wider how bad it is when
// the new server sends one that old clients do not know; Safe where there is none.
func (c *comparer) set(at spot, narrower, wider Verdict, format string, args ...any) {
	what := fmt.Sprintf(format, args...)
	v, why := narrower, [...]string{
		"the server accepts all that older clients send",
		"the server may refuse what older clients send in rare cases",
		"the server refuses what older clients may send",
	}
	if at.dir == toClient {
		v, why = wider, [...]string{
			"older clients know all that the server may send",
			"older clients in Go refuse what they did not know, and those in TypeScript do not check",
			"older clients do not expect what the server may send",
		}
	}
	c.report(at, v, what, why[v])
}

// connection compares what a client needs to get in.
func (c *comparer) connection() {
	at := spot{path: c.new.Path, place: Place{Namespace: c.new.Path}}
	for i, t := range c.new.Params {
		if i < len(c.old.Params) { // paths are equal, so that their parameters are as many
			c.param(at.part("parameters", fmt.Sprintf(" parameter %d", i+1)), c.old.Params[i], t)
		}
	}
	// No auth and {} are the same to the server, and what else there is it skips.
	auth := at.part("auth", " auth")
	if c.new.Auth != nil {
		auth.place.Type = c.new.Auth.Ref
	}
	c.fields(auth, c.old.fieldsOf(c.old.Auth), c.new.fieldsOf(c.new.Auth))
	at.dir = toClient
	c.codes(at.part("connect", " connect"), c.old.Connect, c.new.Connect)
}

// param compares a parameter of the path, which is text, whatever its type.
func (c *comparer) param(at spot, old, new *Type) {
	o, oldShape := c.old.resolve(old)
	n, newShape := c.new.resolve(new)
	if newShape == nil && isFreeText(n) && !(oldShape == nil && isFreeText(o)) {
		c.set(at, Safe, Breaks, "is any text and was %s", c.old.describe(old))
		return
	}
	c.types(at, old, new)
}

// errors compares the data of the errors that both models have.
func (c *comparer) errors() {
	for _, code := range slices.Sorted(maps.Keys(c.new.Errors)) {
		old, ok := c.old.Errors[code]
		if !ok {
			continue // its users report it
		}
		at := spot{
			path:  c.new.Path + " error " + code + " data",
			place: Place{Namespace: c.new.Path, Part: "errors", Code: code},
			dir:   toClient,
		}
		new := c.new.Errors[code]
		switch {
		case old == nil && new != nil:
			c.report(at, Safe, "the error has data now", "older clients do not look at it")
		case old != nil && new == nil:
			c.report(at, Breaks, "the error has no data any more", "older clients read it")
		case old != nil:
			c.types(at, old, new)
		}
	}
}

// codes compares lists of error codes.
func (c *comparer) codes(at spot, old, new []string) {
	for _, code := range union(old, new) {
		at := at.in(" error " + code)
		at.place.Code = code
		switch {
		case !slices.Contains(old, code):
			c.report(at, Warning, "the error is new here", "older clients have no case for it")
		case !slices.Contains(new, code):
			c.report(at, Safe, "the error is gone here", "older clients wait for nothing")
		}
	}
}

// events compares the events of one side.
func (c *comparer) events(side string, old, new map[string]*Event) {
	for _, name := range union(slices.Sorted(maps.Keys(old)), slices.Sorted(maps.Keys(new))) {
		at := spot{
			path:  c.new.Path + " " + side + " " + name,
			place: Place{Namespace: c.new.Path, Side: side, Event: name},
		}
		if side == "server" {
			at.dir = toClient
		}
		o, n := old[name], new[name]
		switch {
		case o == nil && at.dir == toClient && n.Ack != nil:
			c.report(at, Warning, "the event is new and wants an ack", "older clients never acknowledge it, so that the server waits until its timeout")
		case o == nil:
			c.choose(at, Safe, Safe, "the event is new", "older clients do not emit it", "older clients do not listen to it")
		case n == nil:
			c.choose(at, Breaks, Breaks, "the event is gone", "the server answers unknown_event to older clients", "older clients wait for it in vain")
		default:
			c.event(at, o, n)
		}
	}
}

// event compares an event that both models have.
func (c *comparer) event(at spot, old, new *Event) {
	payload := at.part("payload", "")
	if !old.Strict && new.Strict && len(old.Args) > 0 {
		c.choose(payload, Warning, Safe, "unknown fields are refused now",
			"older clients that send more than the schema says are refused", "older clients go on skipping them")
	}
	if old.Strict && !new.Strict && len(new.Args) > 0 {
		c.choose(payload, Safe, Safe, "unknown fields are skipped now",
			"the server accepts all that older clients send", "the server sends none that the schema does not have")
	}
	payload.strict = new.Strict // a reader's own affair: the new server's, or the old client's
	if at.dir == toClient {
		payload.strict = old.Strict
	}
	c.args(payload, old.Args, new.Args)
	ack := at.part("ack", " ack")
	ack.dir = toClient - at.dir // the other one sends it
	c.ack(ack, old.Ack, new.Ack)
	c.codes(at.part("errors", ""), old.Errors, new.Errors)
	c.rate(at, old.Rate, new.Rate)
}

// rate compares how often older clients may emit an event.
func (c *comparer) rate(at spot, old, new *Rate) {
	if old == new || old != nil && new != nil && *old == *new {
		return
	}
	what := fmt.Sprintf("the rate is %s and was %s", new, old)
	if new.allows(old) {
		c.report(at, Safe, what, "the server accepts all that older clients send")
		return
	}
	c.report(at, Warning, what, "the server answers rate_limited to older clients that send faster")
}

// args compares an event's arguments, a payload among them.
func (c *comparer) args(at spot, old, new []*Field) {
	step := func(i int) string {
		if len(old) <= 1 && len(new) <= 1 {
			return " payload"
		}
		return fmt.Sprintf(" args[%d]", i)
	}
	for i := range max(len(old), len(new)) {
		at := at.in(step(i))
		switch {
		case i >= len(old) && new[i].Optional:
			c.choose(at, Safe, Safe, "the optional argument is new", "the server does without it", "older clients ignore it")
		case i >= len(old):
			c.choose(at, Breaks, Safe, "the argument is new and required", "older clients do not send it", "older clients ignore it")
		case i >= len(new) && old[i].Optional:
			c.choose(at, Safe, Safe, "the optional argument is gone", "the server ignores it", "older clients do without it")
		case i >= len(new):
			c.choose(at, Safe, Breaks, "the argument is gone", "the server ignores it", "older clients read it")
		default:
			c.field(at, old[i], new[i])
		}
	}
}

// ack compares how an event is acknowledged; at.dir says who sends the ack.
func (c *comparer) ack(at spot, old, new *Ack) {
	switch {
	case old == nil && new == nil:
	case old == nil:
		c.choose(at, Breaks, Safe, "the event has an ack now", "older clients never send it", "older clients do not ask for it")
	case new == nil && at.dir == toServer:
		c.report(at, Breaks, "the event has no ack any more", "older clients call a function that is not there")
	case new == nil && old.Type == nil:
		c.report(at, Safe, "the event has no ack any more", "the server still answers {\"ok\":true} to older clients that ask")
	case new == nil:
		c.report(at, Breaks, "the event has no ack any more", "older clients read its value")
	case old.Plain != new.Plain:
		c.report(at, Breaks, "the form of the ack changed between plain and {\"ok\": …}", "older clients read the other one")
	case old.Type == nil && new.Type == nil:
	case old.Type == nil:
		c.choose(at, Breaks, Safe, "the ack has a value now", "older clients acknowledge without one", "older clients do not look at it")
	case new.Type == nil:
		c.choose(at, Safe, Breaks, "the ack has no value any more", "the server ignores it", "older clients read it")
	default:
		c.types(at, old.Type, new.Type)
	}
}
