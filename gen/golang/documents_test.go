// SPDX-License-Identifier: Apache-2.0

package golang

import (
	"time"

	"github.com/sockgen/sockgen/gen/ir"
)

// The documents of the golden files, each with a part of what the language has.

func scalar(s ir.Scalar) *ir.Type { return &ir.Type{Kind: ir.ScalarType, Scalar: s} }
func list(elem *ir.Type) *ir.Type { return &ir.Type{Kind: ir.ListType, Elem: elem} }
func dict(elem *ir.Type) *ir.Type { return &ir.Type{Kind: ir.MapType, Elem: elem} }
func ref(d *ir.Decl) *ir.Type     { return &ir.Type{Kind: ir.RefType, Ref: d} }

func null(t *ir.Type) *ir.Type {
	c := *t
	c.Nullable = true
	return &c
}

func with(t *ir.Type, c ir.Constraint) *ir.Type {
	copied := *t
	copied.Constraint = c
	return &copied
}

func field(wire, ident string, t *ir.Type) *ir.Field {
	return &ir.Field{Wire: wire, Ident: ident, Type: t}
}

func optional(f *ir.Field) *ir.Field {
	f.Optional = true
	return f
}

func span(least, most string) *ir.Span { return &ir.Span{Min: least, Max: most} }

func structure(ident, origin string, fields ...*ir.Field) *ir.Decl {
	return &ir.Decl{Ident: ident, Origin: origin, Kind: ir.Struct, Fields: fields}
}

func alias(ident string, t *ir.Type) *ir.Decl {
	return &ir.Decl{Ident: ident, Origin: ident, Kind: ir.Alias, Of: t}
}

var everyAudience = []ir.Audience{{Kind: ir.AudienceSocket}, {Kind: ir.AudienceRoom}, {Kind: ir.AudienceNamespace}}

// echo is the first program of the documentation.
func echo() *ir.Document {
	message := &ir.Event{Wire: "serverMessage", Ident: "ServerMessage", Payload: scalar(ir.String), To: everyAudience}
	return &ir.Document{Name: "echo", Source: "echo.yaml", Namespaces: []*ir.Namespace{{
		Path: "/",
		Client: []*ir.Event{{
			Wire: "clientMessage", Ident: "ClientMessage", Payload: scalar(ir.String),
			Result: &ir.Result{Event: message, To: ir.ResultSender},
		}},
		Server: []*ir.Event{message},
	}}}
}

// scalars has every scalar with every constraint, in every form of a field.
func scalars() *ir.Document {
	name := alias("Name", with(scalar(ir.String), ir.Constraint{Length: span("1", "32"), Pattern: `^\w+$`}))
	name.Doc = "What somebody is called."
	size := alias("Size", with(scalar(ir.Uint32), ir.Constraint{Range: span("1", "")}))
	part := alias("Part", with(scalar(ir.String), ir.Constraint{Pattern: "^part$"}))
	unused := alias("Unused", with(scalar(ir.String), ir.Constraint{Pattern: "^unused$"}))
	inner := structure("Inner", "Inner", field("name", "Name", ref(name)))
	inner.Deprecated = "since 2: use Outer"
	node := structure("Node", "Node")
	node.Doc = "A part of a tree, which contains others like it."
	node.Fields = []*ir.Field{
		field("parent", "Parent", null(ref(node))),
		optional(field("left", "Left", ref(node))),
		optional(field("right", "Right", null(ref(node)))),
		field("children", "Children", list(ref(node))),
		optional(field("named", "Named", dict(ref(node)))),
	}
	every := structure("Every", "Every",
		field("bool", "Bool", scalar(ir.Bool)),
		field("int", "Int", with(scalar(ir.Int), ir.Constraint{Range: span("-010", "1e3")})),
		field("int32", "Int32", with(scalar(ir.Int32), ir.Constraint{Range: span("", "5")})),
		field("uint32", "Uint32", scalar(ir.Uint32)),
		field("int64", "Int64", with(scalar(ir.Int64), ir.Constraint{Range: span("-9223372036854775808", "9223372036854775807")})),
		field("uint64", "Uint64", with(scalar(ir.Uint64), ir.Constraint{Range: span("1", "")})),
		field("float32", "Float32", with(scalar(ir.Float32), ir.Constraint{Range: span("0", "0.5")})),
		field("float64", "Float64", with(scalar(ir.Float64), ir.Constraint{Range: span("-1.5", "1e6")})),
		field("string", "String", with(scalar(ir.String), ir.Constraint{Length: span("", "8"), Pattern: "^[a-z\"`]*$"})),
		field("bytes", "Bytes", with(scalar(ir.Bytes), ir.Constraint{Length: span("1", "1024")})),
		field("timestamp", "Timestamp", scalar(ir.Timestamp)),
		field("duration", "Duration", with(scalar(ir.Duration), ir.Constraint{Range: span("100", "60000")})),
		field("uuid", "UUID", scalar(ir.UUID)),
		field("any", "Any", scalar(ir.Any)),
	)
	forms := structure("Forms", "Forms",
		field("plain", "Plain", ref(name)),
		field("narrower", "Narrower", with(ref(name), ir.Constraint{Length: span("2", "4")})),
		optional(field("optional", "Optional", ref(size))),
		field("nullable", "Nullable", null(scalar(ir.String))),
		optional(field("both", "Both", null(ref(inner)))),
		optional(field("list", "List", list(scalar(ir.Int)))),
		optional(field("map", "Map", dict(scalar(ir.String)))),
		optional(field("bytes", "Bytes", scalar(ir.Bytes))),
		optional(field("any", "Any", null(scalar(ir.Any)))),
		field("nullableList", "NullableList", null(list(null(scalar(ir.Float64))))),
		optional(field("bothList", "BothList", null(list(ref(inner))))),
		field("deep", "Deep", with(list(with(dict(with(list(ref(inner)), ir.Constraint{Length: span("1", "")})), ir.Constraint{Length: span("", "9")})),
			ir.Constraint{Length: span("0", "3")})),
		field("words", "Words", list(with(scalar(ir.String), ir.Constraint{Length: span("1", "10"), Pattern: `^\w+$`}))),
		optional(field("parts", "Parts", list(null(ref(part))))),
		field("times", "Times", dict(null(scalar(ir.Timestamp)))),
	)
	forms.Fields[0].Doc = "Just there."
	forms.Fields[1].Doc = "Held to what its type says\nand to a length of its own."
	forms.Fields[2].Deprecated = "since 3: leave it out"
	return &ir.Document{
		Name: "scalars", Source: "scalars.yaml", Doc: "Everything that a value can be.",
		Decls: []*ir.Decl{name, size, part, unused, inner, node, every, forms, structure("Empty", "Empty")},
		Namespaces: []*ir.Namespace{{
			Path: "/values",
			Client: []*ir.Event{
				{Wire: "every", Ident: "Every", Payload: ref(every), Ack: &ir.Ack{Type: ref(every)}},
				{Wire: "forms", Ident: "Forms", Payload: ref(forms), Ack: &ir.Ack{Type: ref(forms)}},
				{Wire: "node", Ident: "Node", Payload: ref(node), Ack: &ir.Ack{Type: ref(node)}},
			},
		}},
	}
}

// match has every kind of event, ack, result, room, audience and error, in two
// namespaces.
func match() *ir.Document {
	matchID := alias("MatchID", with(scalar(ir.String), ir.Constraint{Length: span("6", "6")}))
	seat := alias("Seat", scalar(ir.Int32))
	auth := structure("MatchAuth", "/match auth", field("token", "Token", scalar(ir.String)))
	turnData := structure("OutOfTurnData", "out_of_turn data", field("turn", "Turn", ref(seat)))
	move := structure("MatchMove", "move payload", field("match", "Match", ref(matchID)), field("seat", "Seat", ref(seat)))
	moveAck := structure("MatchMoveAck", "move ack", field("id", "ID", scalar(ir.Int64)))
	moved := structure("MatchMoved", "moved payload", field("match", "Match", ref(matchID)), field("seat", "Seat", ref(seat)), field("image", "Image", scalar(ir.Bytes)))

	outOfTurn := &ir.Error{Code: "out_of_turn", Ident: "OutOfTurn", Message: "wait for your turn", Data: ref(turnData)}
	frozen := &ir.Error{Code: "frozen", Ident: "Frozen", Message: "the board is frozen", Doc: "Refuses what would change a frozen board."}
	full := &ir.Error{Code: "full", Ident: "Full", Message: "too many", Data: scalar(ir.Uint32)}

	all := &ir.Room{Key: "all", Ident: "InMatchAll", Parts: []*ir.NamePart{{Text: "all"}}}
	team := &ir.Room{Key: "team", Ident: "InMatchTeam", Doc: "One side of a match.", Parts: []*ir.NamePart{
		{Text: "team:"}, {Wire: "match", Ident: "match", Type: ref(matchID)}, {Text: ":"}, {Wire: "strconv", Ident: "strconv", Type: ref(seat)},
	}}
	user := &ir.Room{Key: "user", Ident: "InMatchUser", Parts: []*ir.NamePart{{Text: "user:"}, {Wire: "id", Ident: "id", Type: scalar(ir.Uint64)}}}

	movedEvent := &ir.Event{
		Wire: "moved", Ident: "Moved", Doc: "Shows a move.", Payload: ref(moved),
		To: []ir.Audience{{Kind: ir.AudienceRoom, Room: team}, {Kind: ir.AudienceNamespace}},
	}
	tick := &ir.Event{Wire: "tick", Ident: "Tick", To: everyAudience, Volatile: true, Deprecated: "since 2: nobody listens"}
	note := &ir.Event{Wire: "note", Ident: "Note", Payload: null(scalar(ir.String)), To: []ir.Audience{{Kind: ir.AudienceSocket}, {Kind: ir.AudienceRoom, Room: user}}}
	inTeam := []*ir.RoomArg{{Param: team.Parts[1], Field: moved.Fields[0]}, {Param: team.Parts[3], Field: moved.Fields[1]}}

	return &ir.Document{
		Name: "match_game", Version: "1.0.0", Source: "match.yaml", Doc: "A game\nof several lines.",
		Decls:  []*ir.Decl{matchID, seat, auth, turnData, move, moveAck, moved},
		Errors: []*ir.Error{outOfTurn, frozen, full},
		Namespaces: []*ir.Namespace{
			{
				Path: "/", Prefix: "Main", Doc: "Where everybody begins.",
				Client: []*ir.Event{
					{Wire: "ping", Ident: "Ping"},
					{Wire: "sum", Ident: "Sum", Payload: list(scalar(ir.Int)), Ack: &ir.Ack{Type: scalar(ir.Int), Plain: true}},
					{Wire: "reset", Ident: "Reset", Ack: &ir.Ack{Plain: true}},
				},
			},
			{
				Path: "/match", Prefix: "Match", Auth: ref(auth), ConnectErrors: []*ir.Error{full, frozen}, EveryErrors: []*ir.Error{frozen},
				Rooms: []*ir.Room{all, team, user},
				Client: []*ir.Event{
					{
						Wire: "move", Ident: "Move", Doc: "Moves a piece.", Payload: ref(move), Ack: &ir.Ack{Type: ref(moveAck)}, Errors: []*ir.Error{outOfTurn, frozen, full},
						Result: &ir.Result{Event: movedEvent, To: ir.ResultOthersInRoom, Room: team, Args: inTeam},
					},
					{
						Wire: "show", Ident: "Show", Payload: ref(move), Errors: []*ir.Error{outOfTurn},
						Result: &ir.Result{Event: movedEvent, To: ir.ResultAllInRoom, Room: team, Args: inTeam},
					},
					{Wire: "poke", Ident: "Poke", Ack: &ir.Ack{}, Result: &ir.Result{Event: tick, To: ir.ResultOthersInNamespace}},
					{Wire: "peek", Ident: "Peek", Payload: scalar(ir.String), Ack: &ir.Ack{Type: null(scalar(ir.String))}, Result: &ir.Result{Event: tick, To: ir.ResultSender}},
					{Wire: "shout:note", Ident: "ShoutNote", Payload: scalar(ir.String), Deprecated: "since 2: whisper", Result: &ir.Result{Event: note, To: ir.ResultNamespace}},
					{Wire: "type", Ident: "Type", Payload: dict(ref(move)), Ack: &ir.Ack{Type: list(ref(moveAck))}},
				},
				Server: []*ir.Event{
					movedEvent, tick, note,
					{Wire: "confirm", Ident: "Confirm", Doc: "Asks.", Payload: ref(move), Ack: &ir.Ack{Type: scalar(ir.Bool)}, To: []ir.Audience{{Kind: ir.AudienceSocket}}},
					{Wire: "wake", Ident: "Wake", Ack: &ir.Ack{}, To: everyAudience, Timeout: 1500 * time.Millisecond},
				},
			},
		},
	}
}

// arena has what the API knows beyond events and rooms: parameters, data,
// policies, acks of several, cluster events and fingerprints.
func arena() *ir.Document {
	arenaID := alias("ArenaID", with(scalar(ir.String), ir.Constraint{Length: span("1", "32")}))
	auth := structure("Auth", "/arena auth", field("token", "Token", scalar(ir.String)))
	data := structure("Data", "/arena data", field("name", "Name", scalar(ir.String)), field("score", "Score", scalar(ir.Int)))
	move := structure("Move", "move payload", field("x", "X", scalar(ir.Int32)), field("y", "Y", scalar(ir.Int32)))
	vote := structure("Vote", "vote payload", field("question", "Question", scalar(ir.String)))
	voteAck := structure("VoteAck", "vote ack", field("yes", "Yes", scalar(ir.Bool)))
	evict := structure("Evict", "evict payload", field("name", "Name", scalar(ir.String)), field("proof", "Proof", scalar(ir.Bytes)))
	slowDown := &ir.Error{Code: "slow_down", Ident: "SlowDown", Message: "too fast"}
	side := &ir.Room{Key: "side", Ident: "InSide", Parts: []*ir.NamePart{{Text: "side:"}, {Wire: "left", Ident: "left", Type: scalar(ir.Bool)}}}
	moved := &ir.Event{Wire: "moved", Ident: "Moved", Payload: ref(move), To: everyAudience, Slow: ir.SlowLatest}
	return &ir.Document{
		Name: "arena", Source: "arena.yaml",
		Decls:  []*ir.Decl{arenaID, auth, data, move, vote, voteAck, evict},
		Errors: []*ir.Error{slowDown},
		Namespaces: []*ir.Namespace{{
			Path: "/arena/{id}/{round}:{seat}/x", Doc: "One round of one arena.",
			Parts: []*ir.NamePart{
				{Text: "/arena/"}, {Wire: "id", Ident: "ID", Type: ref(arenaID)}, {Text: "/"},
				{Wire: "round", Ident: "Round", Type: with(scalar(ir.Int), ir.Constraint{Range: span("1", "99")})}, {Text: ":"},
				{Wire: "seat", Ident: "Seat", Type: scalar(ir.Uint64)}, {Text: "/x"},
			},
			Auth: ref(auth), Data: ref(data), EveryErrors: []*ir.Error{slowDown}, Rooms: []*ir.Room{side},
			Client: []*ir.Event{
				{
					Wire: "move", Ident: "Move", Doc: "Moves.", Payload: ref(move), Result: &ir.Result{Event: moved, To: ir.ResultNamespace},
					Rate: &ir.Rate{Count: 3, Per: time.Minute}, Annotations: []ir.Annotation{{Key: "audit", Value: "true"}, {Key: "role", Value: "player"}},
				},
				{Wire: "rest", Ident: "Rest", Ack: &ir.Ack{}, Timeout: 10 * time.Second, Rate: &ir.Rate{Count: 1, Per: time.Hour}, Deprecated: "since 2: stay awake"},
			},
			Server: []*ir.Event{
				moved,
				{Wire: "vote", Ident: "Vote", Doc: "Asks what to do.", Payload: ref(vote), Ack: &ir.Ack{Type: ref(voteAck)}, Timeout: 10 * time.Second, To: everyAudience},
				{Wire: "score", Ident: "Score", Payload: scalar(ir.Int), To: everyAudience, Volatile: true, Slow: ir.SlowLatest},
				{Wire: "hint", Ident: "Hint", To: everyAudience[1:2], Slow: ir.SlowDrop},
				{Wire: "ended", Ident: "Ended", To: everyAudience, Slow: ir.SlowClose},
			},
			Cluster: []*ir.Event{
				{Wire: "evict", Ident: "Evict", Doc: "Takes somebody out.", Payload: ref(evict)},
				{Wire: "reload", Ident: "Reload", Deprecated: "since 2: nobody needs it"},
			},
			Fingerprint: "m1-arena", Ancestors: []string{"m1-older", "m1-oldest"},
		}},
	}
}

// hostile tries to leave comments, strings and directives by every text that
// the schema's author chooses.
func hostile() *ir.Document {
	const doc = "*/ end\n//go:embed secret\n/* begin\r\n+build ignore\n`raw` ${x} \"q\" \\ \x00\x1b[31m\u2028line\nDeprecated? no\n#include <x>\n// Output: none"
	d := structure("Evil", "Evil\n// payload */", field("a\"b\n`c`\\<&>\u2028", "A", with(scalar(ir.String), ir.Constraint{Pattern: "[`\"\\\\]\n"})))
	d.Doc = doc
	d.Deprecated = doc
	d.Fields[0].Doc = doc
	d.Fields[0].Deprecated = "*/\n//go:generate rm"
	e := &ir.Error{Code: "evil\"`\n", Ident: "EvilError", Message: doc, Doc: doc}
	return &ir.Document{
		Name: "codec", Source: "x.yaml\n//go:build ignore", Doc: doc,
		Decls: []*ir.Decl{d}, Errors: []*ir.Error{e},
		Namespaces: []*ir.Namespace{{
			Path: "/\n*/`\"", Doc: doc,
			Client: []*ir.Event{{Wire: "a\n//go:b*/`\"", Ident: "A", Doc: doc, Deprecated: doc, Payload: ref(d), Errors: []*ir.Error{e}}},
			Server: []*ir.Event{{Wire: "b\n//go:b*/`\"", Ident: "B", Doc: doc, Payload: ref(d), To: everyAudience}},
			Rooms:  []*ir.Room{{Key: "r\n", Ident: "InR", Doc: doc, Parts: []*ir.NamePart{{Text: "`\"\n*/"}}}},
		}},
	}
}
