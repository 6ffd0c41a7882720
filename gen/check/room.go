// SPDX-License-Identifier: Apache-2.0

package check

import (
	"slices"

	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/ir"
	"github.com/sockgen/sockgen/gen/language"
	"github.com/sockgen/sockgen/gen/naming"
	"github.com/sockgen/sockgen/gen/schema"
)

// audienceWords cannot name a room: "to" says something else with them.
var audienceWords = []string{"socket", "namespace", "sender", "others", "all", "in"}

// rooms reads the families of rooms of a namespace.
func (c *checker) rooms(n *schema.Node, ns *ir.Namespace) []*ir.Room {
	if n == nil || n.Kind == schema.Null || !c.isMapping(n, "rooms") {
		return nil
	}
	var rooms []*ir.Room
	var shapes naming.Scope[*schema.Node]
	for _, e := range n.Entries {
		if !c.wireName(e.Key, 0, len(e.Key.Text), roomRule, e.Value) {
			continue
		}
		if slices.Contains(audienceWords, e.Key.Text) {
			c.report(e.Key, diag.ReservedName, "no room is called %s: \"to\" has another meaning for it", diag.Quote(e.Key.Text))
			continue
		}
		room := &ir.Room{Key: e.Key.Text}
		rooms = append(rooms, room)
		n := c.roomBody(room, e, ns)
		if n == nil {
			continue
		}
		text, ok := c.word(n, "a room")
		if !ok {
			continue
		}
		room.Parts = (&template{c: c, n: n, kind: roomTemplate}).parse()
		if room.Parts == nil {
			continue
		}
		if first, ok := shapes.Claim(shape(room.Parts), e.Key); !ok {
			c.report(n, diag.Collision, "%s makes the same names as room %s in line %d: begin it with another text",
				diag.Quote(text), diag.Quote(first.Text), first.Pos.Line)
		}
	}
	return rooms
}

var roomKeys = keysOf(language.Room)

// roomBody names a room in generated code, and returns the node of what it is called
// when it travels: the whole value, or a key of its long form.
func (c *checker) roomBody(room *ir.Room, e schema.Entry, ns *ir.Namespace) *schema.Node {
	n := e.Value
	if ident := c.identOr(n.Get("name"), e.Key, "room"); ident != "" {
		room.Ident = "In" + ns.Prefix + ident
	}
	c.claim(room.Ident, e.Key, "room "+diag.Quote(e.Key.Text))
	if n.Kind != schema.Mapping {
		return n
	}
	m, _ := c.mapping(n, "a room", roomKeys)
	room.Doc = c.text(m["doc"], "the doc")
	if m["room"] == nil {
		c.report(e.Key, diag.MissingKey, "room %s does not say what it is called: write { room: \"room:{id: RoomID}\", name: … }", diag.Quote(e.Key.Text))
	}
	return m["room"]
}
