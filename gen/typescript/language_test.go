// SPDX-License-Identifier: Apache-2.0

package typescript

import (
	"time"

	"github.com/sockgen/sockgen/gen/ir"
)

// enum adds an enum of values, whose constants are called as Go calls them.
func (b builder) enum(ident, doc string, open bool, values ...string) *ir.Type {
	d := &ir.Decl{Ident: ident, Origin: ident, Doc: doc, Kind: ir.Enum, Open: open}
	for _, v := range values {
		d.Values = append(d.Values, &ir.EnumValue{Wire: v, Ident: ident + v})
	}
	return b.add(d)
}

// brand adds a type of its own.
func (b builder) brand(ident string, of *ir.Type) *ir.Type {
	return b.add(&ir.Decl{Ident: ident, Origin: ident, Kind: ir.Alias, Of: of, Brand: true})
}

// union adds a union, whose variants are given as tag and struct in turn.
func (b builder) union(ident, doc, key string, open bool, variants ...any) *ir.Type {
	d := &ir.Decl{Ident: ident, Origin: ident, Doc: doc, Kind: ir.Union, Tag: key, Open: open}
	for i := 0; i < len(variants); i += 2 {
		d.Variants = append(d.Variants, &ir.Variant{Wire: variants[i].(string), Of: variants[i+1].(*ir.Type).Ref})
	}
	return b.add(d)
}

func defaulted(f *ir.Field, text string) *ir.Field {
	f.Optional, f.Default = true, &ir.Literal{Text: text}
	return f
}

// positional returns an event whose payload is a struct of arguments.
func (b builder) positional(wire, ident string, fields ...*ir.Field) *ir.Event {
	return &ir.Event{Wire: wire, Ident: ident, Positional: true, Payload: b.structure(ident, wire, "", fields...)}
}

// languageDocument has whatever the language has beyond the other documents.
func languageDocument() *ir.Document {
	b := builder{&ir.Document{Name: "language", Source: "language.yaml", Doc: "Everything that the language has."}}
	l := &languageParts{builder: b}
	l.types()
	b.doc.Namespaces = []*ir.Namespace{l.board(), l.match(), l.legacy()}
	return b.doc
}

type languageParts struct {
	builder
	room, seat, presence, tool, content, op, money, point *ir.Type
}

func (l *languageParts) types() {
	str := scalar(ir.String)
	l.room = l.brand("RoomID", str)
	l.room.Ref.Doc = "The name of a room."
	l.seat = l.brand("SeatNumber", scalar(ir.Int))
	l.brand("MessageID", scalar(ir.Int64))
	l.brand("MaybeKey", nullable(scalar(ir.Bytes)))
	l.presence = l.enum("Presence", "Whether somebody is there.", true, "online", "away", "offline")
	l.presence.Ref.Values[1].Doc = "Has not done anything for a while."
	l.presence.Ref.Values[2].Deprecated = "since 2.0: nobody is told"
	l.tool = l.enum("Tool", "", false, "pen", "magic wand", "__proto__", "constructor", "1")
	l.money = l.add(&ir.Decl{Ident: "Money", Origin: "Money", Doc: "An exact amount.", Kind: ir.Alias, Of: str, Go: &ir.GoType{Package: "github.com/shopspring/decimal", Name: "Decimal"}})
	l.point = l.structure("Point", "Point", "", field("x", scalar(ir.Float64)), field("y", scalar(ir.Float64)))
	l.add(&ir.Decl{Ident: "Names", Origin: "Names", Doc: "Names of people.", Kind: ir.Alias, Of: &ir.Type{Kind: ir.ListType, Elem: str, Constraint: ir.Constraint{Unique: true}}})
	l.add(&ir.Decl{Ident: "Scores", Origin: "Scores", Kind: ir.Alias, Of: nullable(mapOf(scalar(ir.Int)))})
	forest := &ir.Decl{Ident: "Forest", Origin: "Forest", Kind: ir.Alias}
	forest.Of = mapOf(nullable(list(nullable(ref(forest)))))
	l.add(forest)
	text := l.structure("Text", "Text", "", field("body", str), defaulted(documented("lang", str, "Its language."), `d"e*/`))
	image := l.structure("Image", "Image", "", field("data", scalar(ir.Bytes)), optional(field("alt", nullable(str))))
	undo := l.structure("Undo", "Undo", "")
	l.content = l.union("Content", "What a message carries.", "kind", true, "text", text, "image", image, "undo", undo)
	l.content.Ref.Variants[1].Doc = "A picture."
	stroke := l.structure("Stroke", "Stroke", "", field("tool", l.tool), field("points", list(l.point)))
	l.op = l.union("Op", "", "op", false, "stroke", stroke, "undo", undo, "text", text)
	l.union("Only", "Has one variant.", "is", false, "point", l.point)
	off := defaulted(field("state", l.presence), "")
	off.Default.Enum = l.presence.Ref.Values[0]
	none := defaulted(field("note", nullable(str)), "")
	none.Default.Null = true
	old := defaulted(documented("old", scalar(ir.Bool), "What it was."), "true")
	old.Deprecated = "since 1.1: see note"
	l.structure("Defaults", "Defaults", "Each may be absent.", off, none, old,
		defaulted(field("count", scalar(ir.Int)), "50"), defaulted(field("id", scalar(ir.Int64)), "9007199254740993"),
		defaulted(field("ratio", scalar(ir.Float64)), "0.5"), defaulted(field("wait", scalar(ir.Duration)), "1500"),
		defaulted(field("room", l.room), "lobby"), defaulted(field("seat", l.seat), "3"), defaulted(field("at", scalar(ir.Timestamp)), "2026-01-02T03:04:05.000Z"))
}

func (l *languageParts) board() *ir.Namespace {
	str, num := scalar(ir.String), scalar(ir.Float64)
	secret := l.structure("Secret", "Secret", "The server's own.", field("password", scalar(ir.Bytes)))
	data := l.structure("BoardData", "data of /board", "", field("secret", secret), field("presence", l.presence))
	evicted := l.structure("BoardEvict", "cluster evict", "", field("why", secret))
	move := l.positional("cursor:move", "CursorMove", documented("x", num, "From the left."), field("y", num))
	move.Doc, move.Volatile, move.Rate = "Shows where the pointer is.", true, &ir.Rate{Count: 30, Per: time.Second}
	save := l.positional("save", "Save", field("name", str), field("new", l.presence), optional(field("note", str)), defaulted(field("ack", num), "2"))
	save.Ack, save.Timeout = &ir.Ack{Type: l.room}, 2*time.Minute
	one := l.positional("one", "One", field("one", nullable(str)))
	one.Ack = &ir.Ack{Plain: true, Type: num}
	ask := &ir.Event{Wire: "ask", Ident: "Ask", Payload: l.content, Ack: &ir.Ack{Type: l.op}, Timeout: 250 * time.Millisecond, Strict: true,
		Rate: &ir.Rate{Count: 1, Per: time.Hour}, Annotations: []ir.Annotation{{Key: "role", Value: "administrator"}}, Deprecated: "since 2.0: use save"}
	moved := l.positional("cursor:moved", "CursorMoved", field("x", num), field("y", num))
	moved.Volatile, moved.Slow = true, ir.SlowLatest
	label := l.positional("label", "Label", field("text", str), optional(field("color", str)))
	mid := l.positional("mid", "Mid", field("text", str), optional(field("size", num)), optional(field("color", str)))
	confirm := l.positional("confirm", "Confirm", field("question", str), optional(field("hint", str)))
	confirm.Ack, confirm.Timeout = &ir.Ack{Type: scalar(ir.Bool)}, 10*time.Second
	return &ir.Namespace{
		Path: "/board", Prefix: "Board", Fingerprint: "m1-board", Data: ref(data.Ref),
		Auth:    l.structure("BoardAuth", "auth of /board", "", field("token", str)),
		Client:  []*ir.Event{move, save, one, ask, {Wire: "ping", Ident: "Ping", Ack: &ir.Ack{}}},
		Server:  []*ir.Event{moved, label, mid, confirm, {Wire: "tick", Ident: "Tick"}, {Wire: "said", Ident: "Said", Payload: str}},
		Cluster: []*ir.Event{{Wire: "evict", Ident: "Evict", Payload: evicted}},
	}
}

// match has parameters in its path, and events of the same names as board.
func (l *languageParts) match() *ir.Namespace {
	only := l.structure("MatchOnly", "x", "", field("n", scalar(ir.Int)))
	return &ir.Namespace{
		Path: "/match/{match}-{seat}/{state}", Prefix: "Match", Doc: "One match.", Fingerprint: "m1-match",
		Parts: []*ir.NamePart{
			{Text: "/match/"}, {Wire: "match", Ident: "Match", Type: l.room}, {Text: "-"}, {Wire: "seat", Ident: "Seat", Type: l.seat},
			{Text: "/"}, {Wire: "state", Ident: "State", Type: l.presence},
		},
		Client: []*ir.Event{{Wire: "save", Ident: "Save", Payload: only, Ack: &ir.Ack{}, Timeout: 5 * time.Second}},
		Server: []*ir.Event{{Wire: "tick", Ident: "Tick", Payload: scalar(ir.Int)}},
	}
}

// legacy has no fingerprint, and a name that the pattern of match fits as well.
func (l *languageParts) legacy() *ir.Namespace {
	return &ir.Namespace{
		Path: "/match/a-1/away", Prefix: "Legacy",
		Server: []*ir.Event{{Wire: "tick", Ident: "Tick", Payload: scalar(ir.String)}, {Wire: "price", Ident: "Price", Payload: l.money}},
	}
}

// matchDocument has one namespace, with parameters and optional credentials.
func matchDocument() *ir.Document {
	b := builder{&ir.Document{Name: "match", Source: "match.yaml"}}
	move := b.positional("move", "Move", field("from", scalar(ir.String)), field("to", scalar(ir.String)))
	move.Ack, move.Timeout = &ir.Ack{}, 3*time.Second
	moved := b.positional("moved", "Moved", field("from", scalar(ir.String)), optional(field("to", scalar(ir.String))))
	b.doc.Namespaces = []*ir.Namespace{{
		Path: "/match/{match}", Fingerprint: "m1-7h2kq9c4vd", Parts: []*ir.NamePart{{Text: "/match/"}, {Wire: "match", Ident: "Match", Type: scalar(ir.String)}},
		Auth:   b.structure("Auth", "auth", "", optional(field("ticket", scalar(ir.String)))),
		Client: []*ir.Event{move, {Wire: "wait", Ident: "Wait", Ack: &ir.Ack{}, Timeout: 45 * time.Second}},
		Server: []*ir.Event{moved, {Wire: "over", Ident: "Over"}, {Wire: "score", Ident: "Score", Payload: scalar(ir.Int)}},
	}}
	return b.doc
}

// limitsDocument has every constraint, for the validators.
func limitsDocument() *ir.Document {
	b := builder{&ir.Document{Name: "limits", Source: "limits.yaml"}}
	with := func(t *ir.Type, c ir.Constraint) *ir.Type {
		n := *t
		n.Constraint = c
		return &n
	}
	span := func(least, most string) *ir.Span { return &ir.Span{Min: least, Max: most} }
	id := b.add(&ir.Decl{Ident: "ID", Origin: "ID", Kind: ir.Alias, Brand: true,
		Of: with(scalar(ir.String), ir.Constraint{Length: span("2", "4"), Pattern: `^[a-z🙂"\\]+$`})})
	document := b.add(&ir.Decl{Ident: "Document", Origin: "Document", Kind: ir.Alias, Of: scalar(ir.Any)})
	color := b.enum("Color", "", false, "red", "green", "__proto__")
	open := b.enum("Open", "", true, "a")
	leaf := b.structure("Leaf", "Leaf", "", field("size", with(scalar(ir.Int), ir.Constraint{Range: span("1", "")})))
	empty := b.structure("Nothing", "Nothing", "")
	tree := &ir.Decl{Ident: "Tree", Origin: "Tree", Kind: ir.Struct}
	node := b.union("Node", "", "kind", false, "tree", ref(tree), "leaf", leaf, "none", empty)
	tree.Fields = []*ir.Field{field("children", with(list(node), ir.Constraint{Length: span("", "3")}))}
	b.add(tree)
	b.union("Loose", "", "kind", true, "leaf", leaf)
	b.structure("All", "All", "",
		field("id", id), field("color", color), optional(field("open", nullable(open))),
		optional(field("tags", with(list(with(scalar(ir.String), ir.Constraint{Length: span("", "3")})), ir.Constraint{Length: span("1", "3"), Unique: true}))),
		optional(field("scores", with(mapOf(with(scalar(ir.Float64), ir.Constraint{Range: span("-0.5", "1e3")})), ir.Constraint{Length: span("", "2")}))),
		optional(field("big", with(scalar(ir.Int64), ir.Constraint{Range: span("-5", "9007199254740993")}))),
		optional(field("ubig", scalar(ir.Uint64))), optional(field("small", scalar(ir.Int32))), optional(field("bool", scalar(ir.Bool))),
		optional(field("bytes", with(scalar(ir.Bytes), ir.Constraint{Length: span("1", "2")}))),
		optional(field("at", scalar(ir.Timestamp))), optional(field("uuid", scalar(ir.UUID))), optional(field("any", scalar(ir.Any))),
		optional(field("document", document)), optional(field("documents", with(list(document), ir.Constraint{Length: span("", "2")}))),
		optional(field("wait", scalar(ir.Duration))), optional(field("__proto__", scalar(ir.Int))))
	return b.doc
}
