// SPDX-License-Identifier: Apache-2.0

package check

import (
	"slices"
	"strings"

	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/ir"
	"github.com/sockgen/sockgen/gen/naming"
	"github.com/sockgen/sockgen/gen/schema"
)

// audiences reads the "to" of a server event. Without it, everybody may be
// addressed in every way.
func (c *checker) audiences(n *schema.Node, ns *ir.Namespace) []ir.Audience {
	if n == nil {
		all := []ir.Audience{{Kind: ir.AudienceSocket}}
		for _, r := range ns.Rooms {
			all = append(all, ir.Audience{Kind: ir.AudienceRoom, Room: r})
		}
		return append(all, ir.Audience{Kind: ir.AudienceNamespace})
	}
	items := c.list(n, "to")
	if n.Kind == schema.Sequence && len(items) == 0 {
		c.report(n, diag.Audience, "\"to\" is empty, so that nobody could receive the event; leave it out for all audiences")
	}
	var list []ir.Audience
	var seen naming.Scope[*schema.Node]
	for _, item := range items {
		word, ok := c.word(item, "an audience")
		if !ok {
			continue
		}
		a, ok := c.audience(item, word, ns)
		if !ok {
			continue
		}
		if first, ok := seen.Claim(word, item); !ok {
			c.report(item, diag.Duplicate, "%s is in this list already, in line %d", diag.Quote(word), first.Pos.Line)
			continue
		}
		list = append(list, a)
	}
	return list
}

func (c *checker) audience(n *schema.Node, word string, ns *ir.Namespace) (ir.Audience, bool) {
	switch word {
	case "socket":
		return ir.Audience{Kind: ir.AudienceSocket}, true
	case "namespace":
		return ir.Audience{Kind: ir.AudienceNamespace}, true
	}
	declared := slices.ContainsFunc(ns.Rooms, func(r *ir.Room) bool { return r.Key == word })
	if !declared && (strings.Contains(word, " ") || word == "sender") {
		c.report(n, diag.Audience, "%s is for a -> b; an event of the server goes to socket, namespace or a room", diag.Quote(word))
		return ir.Audience{}, false
	}
	room := c.room(n, 0, len(word), ns, []string{"socket", "namespace"})
	return ir.Audience{Kind: ir.AudienceRoom, Room: room}, room != nil
}

// addresses tells whether list has an audience of a kind. An empty list was wrong
// and has been reported.
func addresses(list []ir.Audience, kind ir.AudienceKind) bool {
	for _, a := range list {
		if a.Kind == kind {
			return true
		}
	}
	return len(list) == 0
}

// room resolves a room's key, which is the part Text[from:to] of n. others are
// words that could be meant as well.
func (c *checker) room(n *schema.Node, from, to int, ns *ir.Namespace, others []string) *ir.Room {
	key := n.Text[from:to]
	var candidates []string
	for _, r := range ns.Rooms {
		if r.Key == key {
			return r
		}
		candidates = append(candidates, r.Key)
	}
	d := c.reportPart(n, from, to, diag.UnknownRoom, "unknown room %s; rooms are declared under \"rooms\" of the namespace", diag.Quote(key))
	d.Suggestion = c.suggest(key, candidates, others)
	return nil
}

// result resolves the right side of a -> b.
func (c *checker) result(s eventSource, ns *ir.Namespace, server map[string]*ir.Event) {
	if s.target == "" {
		return
	}
	target := server[s.target]
	r := &ir.Result{Event: target}
	readable := c.resultAudience(s.to, r, ns)
	end := s.from + len(s.target)
	if target == nil {
		d := c.reportPart(s.key, s.from, end, diag.MappingTarget, "%s is no event under server of namespace %s", diag.Quote(s.target), diag.Quote(ns.Path))
		var names []string
		for _, b := range ns.Server {
			names = append(names, b.Wire)
		}
		d.Suggestion = c.suggest(s.target, names)
		return
	}
	if target.Ack != nil {
		c.reportPart(s.key, s.from, end, diag.MappingTarget, "%s asks for an ack, which nobody would wait for when it is emitted as a result", diag.Quote(s.target))
		return
	}
	if !readable {
		return
	}
	if !addressed(r, target.To) {
		at := s.to
		if at == nil {
			at = s.key
		}
		c.report(at, diag.Audience, "%s is not for %s: its own \"to\" under server must allow that", diag.Quote(s.target), describeAudience(r))
		return
	}
	if r.Room != nil && !c.roomArgs(s, r) {
		return
	}
	s.event.Result = r
}

// resultAudience reads the "to" of a -> b.
func (c *checker) resultAudience(n *schema.Node, r *ir.Result, ns *ir.Namespace) bool {
	if n == nil {
		return true // the sender
	}
	if n.Kind == schema.Sequence {
		c.report(n, diag.WrongKind, "the \"to\" of a -> b is one audience: %s", resultAudiences)
		return false
	}
	text, ok := c.word(n, "to")
	if !ok {
		return false
	}
	who, room := cutAudience(text)
	switch {
	case text == "sender":
	case text == "namespace":
		r.To = ir.ResultNamespace
	case who == "others" && room == "namespace":
		r.To = ir.ResultOthersInNamespace
	case who == "all" && room == "namespace":
		c.report(n, diag.Audience, "all in namespace is written namespace").Suggestion = "namespace"
		return false
	case who != "":
		r.To = ir.ResultAllInRoom
		if who == "others" {
			r.To = ir.ResultOthersInRoom
		}
		from := strings.LastIndex(text, room)
		r.Room = c.room(n, from, from+len(room), ns, []string{"namespace"})
		return r.Room != nil
	default:
		d := c.report(n, diag.Audience, "%s is no audience of a -> b: it is %s", diag.Quote(text), resultAudiences)
		for _, room := range ns.Rooms {
			if room.Key == text {
				d.Suggestion = "others in " + text
			}
		}
		return false
	}
	return true
}

// cutAudience splits "others in room" and "all in room" before the room; who is ""
// when text is neither.
func cutAudience(text string) (who, room string) {
	words := strings.Fields(text)
	if len(words) < 3 || words[0] != "others" && words[0] != "all" || words[1] != "in" {
		return "", ""
	}
	_, room, _ = strings.Cut(text, "in")
	return words[0], strings.TrimSpace(room)
}

const resultAudiences = "sender, others in <room>, all in <room>, others in namespace or namespace"

// addressed tells whether the audiences of b include that of the result.
func addressed(r *ir.Result, to []ir.Audience) bool {
	switch r.To {
	case ir.ResultSender:
		return addresses(to, ir.AudienceSocket)
	case ir.ResultOthersInNamespace, ir.ResultNamespace:
		return addresses(to, ir.AudienceNamespace)
	}
	for _, a := range to {
		if a.Kind == ir.AudienceRoom && a.Room == r.Room {
			return true
		}
	}
	return len(to) == 0
}

func describeAudience(r *ir.Result) string {
	switch r.To {
	case ir.ResultSender:
		return "one socket, such as the sender"
	case ir.ResultOthersInRoom, ir.ResultAllInRoom:
		return "room " + diag.Quote(r.Room.Key)
	}
	return "the namespace"
}

// roomArgs finds the fields of b's payload that say which room is meant: each
// parameter is the field of its name. A field of another name never is one, whatever
// its type: which room an event goes to is no guess.
func (c *checker) roomArgs(s eventSource, r *ir.Result) bool {
	payload := r.Event.Payload
	var fields []*ir.Field
	if payload != nil && payload.Kind == ir.RefType && !payload.Nullable {
		fields = payload.Ref.Fields
	}
	for _, part := range r.Room.Parts {
		if part.Type == nil {
			continue
		}
		i := slices.IndexFunc(fields, func(f *ir.Field) bool { return f.Wire == part.Wire })
		if i < 0 {
			c.noRoomArg(s, r, part, fields)
			return false
		}
		f, has := fields[i], ""
		switch {
		case f.Type == nil:
			return false // reported where it stands
		case f.Optional:
			has = "may be absent"
		case f.Type.Nullable:
			has = "may be null"
		case !sameType(f.Type, part.Type):
			has = "has the type " + describe(f.Type)
		}
		if has != "" {
			c.report(s.to, diag.RoomArgument, "which room %s is meant? its parameter %s is the field of that name in %s, which %s: it must be a required %s",
				diag.Quote(r.Room.Key), diag.Quote(part.Wire), diag.Quote(r.Event.Wire), has, describe(part.Type))
			return false
		}
		r.Args = append(r.Args, &ir.RoomArg{Param: part, Field: f})
	}
	return true
}

// noRoomArg reports a parameter of whose name no field is, and says what to write: the
// parameter's name is not in the room's own, so that it can change.
func (c *checker) noRoomArg(s eventSource, r *ir.Result, part *ir.NamePart, fields []*ir.Field) {
	write := "add a field " + diag.Quote(part.Wire+": "+describe(part.Type)) + " to its payload"
	for _, f := range fields {
		if f.Type != nil && !f.Optional && !f.Type.Nullable && sameType(f.Type, part.Type) && paramRule.allows(f.Wire) && f.Wire != "" {
			write = "if field " + diag.Quote(f.Wire) + " says it, write " + diag.Quote("{"+f.Wire+": "+describe(part.Type)+"}") + " where the room is declared"
			break
		}
	}
	c.report(s.to, diag.RoomArgument, "which room %s is meant? %s carries no field %s for its parameter: %s",
		diag.Quote(r.Room.Key), diag.Quote(r.Event.Wire), diag.Quote(part.Wire), write)
}

// sameType tells whether two types of a room's parameter are one.
func sameType(a, b *ir.Type) bool {
	return a.Kind == b.Kind && a.Scalar == b.Scalar && a.Ref == b.Ref && a.Nullable == b.Nullable && a.Kind != ir.ListType && a.Kind != ir.MapType
}
