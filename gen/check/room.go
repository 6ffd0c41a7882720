package check

import (
	"strings"

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
		if isOneOf(e.Key.Text, audienceWords) {
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
		t := &template{c: c, n: e.Value}
		room.Parts = t.parse()
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

func isOneOf(s string, list []string) bool {
	for _, t := range list {
		if s == t {
			return true
		}
	}
	return false
}

// shape returns a template with its parameters made alike.
func shape(parts []*ir.NamePart) string {
	var b strings.Builder
	for _, p := range parts {
		if p.Type == nil {
			b.WriteString(p.Text)
		} else {
			b.WriteString("{}")
		}
	}
	return b.String()
}

// A template reads a room's name: text and parameters such as {id: RoomID}.
type template struct {
	c     *checker
	n     *schema.Node
	parts []*ir.NamePart
	names naming.Scope[int]
	bad   bool
}

// parse returns the parts, or nil after it reported what is wrong.
func (t *template) parse() []*ir.NamePart {
	text := t.n.Text
	if text == "" {
		t.c.report(t.n, diag.RoomSyntax, `a room's name is empty; it is a text such as "room:{id: RoomID}"`)
		return nil
	}
	for pos := 0; pos < len(text); {
		if text[pos] == '{' {
			end := strings.IndexByte(text[pos:], '}')
			if end < 0 {
				t.fail(pos, len(text), "the parameter lacks a closing }")
				break
			}
			t.param(pos+1, pos+end)
			pos += end + 1
			continue
		}
		end := strings.IndexByte(text[pos:], '{')
		if end < 0 {
			end = len(text) - pos
		}
		t.literal(pos, pos+end)
		pos += end
	}
	if t.bad {
		return nil
	}
	return t.parts
}

func (t *template) fail(from, to int, format string, args ...any) {
	t.bad = true
	t.c.reportPart(t.n, from, to, diag.RoomSyntax, format, args...)
}

func (t *template) literal(from, to int) {
	text := t.n.Text[from:to]
	for i, r := range text {
		if r >= 0x80 || !isAlphanumeric(byte(r)) && !strings.ContainsRune("_-.:/#@+", r) {
			t.fail(from+i, from+i+len(string(r)), "a room's name cannot hold %s", diag.Quote(string(r)))
			return
		}
	}
	t.parts = append(t.parts, &ir.NamePart{Text: text})
}

// param reads the inside of { }.
func (t *template) param(from, to int) {
	text := t.n.Text
	if from == 1 {
		t.fail(0, to+1, "a room's name begins with a text, or a parameter could make it the private room of a socket")
	} else if last := len(t.parts) - 1; last >= 0 && t.parts[last].Type != nil {
		t.fail(from-1, to+1, "two parameters need a text between them, or two rooms could have one name")
	}
	colon := strings.IndexByte(text[from:to], ':')
	if colon < 0 {
		t.fail(from-1, to+1, "a parameter has a type: write %s", diag.Quote("{"+strings.TrimSpace(text[from:to])+": string}"))
		return
	}
	nameFrom, nameTo := trim(text, from, from+colon)
	if !t.c.namePart(t.n, nameFrom, nameTo, paramRule) {
		t.bad = true
		return
	}
	name := text[nameFrom:nameTo]
	ident := naming.Camel(name)
	if naming.IsGoKeyword(ident) || naming.IsGoPredeclared(ident) || naming.IsTypeScriptReserved(ident) {
		t.bad = true
		t.c.reportPart(t.n, nameFrom, nameTo, diag.ReservedName, "no parameter is called %s, which Go or TypeScript keeps for itself", diag.Quote(ident))
	}
	if _, ok := t.names.Claim(ident, 0); !ok {
		t.fail(nameFrom, nameTo, "two parameters would be called %s", ident)
	}
	typ := t.paramType(from+colon+1, to)
	if typ == nil {
		t.bad = true
		return
	}
	t.parts = append(t.parts, &ir.NamePart{Wire: name, Ident: ident, Type: typ})
}

// paramType reads a parameter's type, which must have one text for each value.
func (t *template) paramType(from, to int) *ir.Type {
	from, to = trim(t.n.Text, from, to)
	typ := t.c.partType(t.n, from, to)
	if typ == nil {
		return nil
	}
	switch b := base(typ); {
	case typ.Nullable || b.Kind != ir.ScalarType:
	case b.Scalar == ir.String || b.Scalar == ir.UUID || b.Scalar == ir.Bool:
		return typ
	case limitsOf[b.Scalar].whole:
		return typ
	}
	t.fail(from, to, "a room's parameter is a string, a uuid, a bool or a whole number")
	return nil
}

// trim moves from and to past space.
func trim(text string, from, to int) (int, int) {
	for from < to && text[from] == ' ' {
		from++
	}
	for to > from && text[to-1] == ' ' {
		to--
	}
	return from, to
}
