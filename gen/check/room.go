package check

import (
	"slices"

	"github.com/sockgen/sockgen/gen/diag"
	"github.com/sockgen/sockgen/gen/ir"
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
		if !c.name(e.Key, roomRule) {
			continue
		}
		if slices.Contains(audienceWords, e.Key.Text) {
			c.report(e.Key, diag.ReservedName, "no room is called %s: \"to\" has another meaning for it", diag.Quote(e.Key.Text))
			continue
		}
		room := &ir.Room{Key: e.Key.Text, Ident: "In" + ns.Prefix + naming.Pascal(e.Key.Text)}
		c.claim(room.Ident, e.Key, "room "+diag.Quote(e.Key.Text))
		rooms = append(rooms, room)
		text, ok := c.word(e.Value, "a room")
		if !ok {
			continue
		}
		room.Parts = (&template{c: c, n: e.Value, kind: roomTemplate}).parse()
		if room.Parts == nil {
			continue
		}
		if first, ok := shapes.Claim(shape(room.Parts), e.Key); !ok {
			c.report(e.Value, diag.Collision, "%s makes the same names as room %s in line %d: begin it with another text",
				diag.Quote(text), diag.Quote(first.Text), first.Pos.Line)
		}
	}
	return rooms
}
