// SPDX-License-Identifier: Apache-2.0

package golang

import "github.com/sockgen/sockgen/gen/ir"

func enum(ident string, open bool, values ...string) *ir.Decl {
	d := &ir.Decl{Ident: ident, Origin: ident, Kind: ir.Enum, Open: open}
	for i := 0; i < len(values); i += 2 {
		d.Values = append(d.Values, &ir.EnumValue{Wire: values[i], Ident: ident + values[i+1]})
	}
	return d
}

func union(ident, tag string, open bool, variants ...*ir.Variant) *ir.Decl {
	return &ir.Decl{Ident: ident, Origin: ident, Kind: ir.Union, Tag: tag, Open: open, Variants: variants}
}

func variant(wire string, of *ir.Decl) *ir.Variant { return &ir.Variant{Wire: wire, Of: of} }

func brand(d *ir.Decl) *ir.Decl {
	d.Brand = true
	return d
}

func custom(d *ir.Decl, pkg, name string) *ir.Decl {
	d.Go = &ir.GoType{Package: pkg, Name: name}
	return d
}

func defaulted(f *ir.Field, text string) *ir.Field {
	f.Optional, f.Default = true, &ir.Literal{Text: text}
	return f
}

func tagged(f *ir.Field, pairs ...string) *ir.Field {
	for i := 0; i < len(pairs); i += 2 {
		f.Tags = append(f.Tags, ir.Annotation{Key: pairs[i], Value: pairs[i+1]})
	}
	return f
}

func defaultNull(f *ir.Field) *ir.Field {
	f.Optional, f.Default = true, &ir.Literal{Null: true}
	return f
}

func defaultEnum(f *ir.Field, v *ir.EnumValue) *ir.Field {
	f.Optional, f.Default = true, &ir.Literal{Text: v.Wire, Enum: v}
	return f
}

func unique(t *ir.Type) *ir.Type {
	copied := *t
	copied.Constraint.Unique = true
	return &copied
}

// values has everything that a value can be beside scalars and structs: enums,
// unions, brands, aliases, custom types, defaults, and lists whose elements
// differ, in every form of a field; positional and strict events carry them.
func values() *ir.Document {
	presence := enum("Presence", true, "online", "Online", "away", "Away", "do not \"disturb\"", "DoNotDisturb")
	presence.Doc = "Whether somebody is there."
	presence.Values[0].Doc = "Looks at the page."
	presence.Values[1].Deprecated = "since 2: nobody is"
	tool := enum("Tool", false, "pen", "Pen", "brush", "Brush")
	many := enum("Many", false, "a", "A", "b", "B", "c", "C", "d", "D", "e", "E", "f", "F", "g", "G", "h", "H", "i", "I", "j", "J", "k", "K", "l", "L", "m", "M")

	roomID := brand(alias("RoomID", with(scalar(ir.String), ir.Constraint{Length: span("1", "8"), Pattern: "^[a-z0-9-]+$"})))
	serial := brand(alias("Serial", with(scalar(ir.Int64), ir.Constraint{Range: span("0", "")})))
	pause := brand(alias("Pause", with(scalar(ir.Duration), ir.Constraint{Range: span("0", "5000")})))
	day := brand(alias("Day", scalar(ir.Timestamp)))
	key := brand(alias("Key", scalar(ir.UUID)))
	blob := brand(alias("Blob", with(scalar(ir.Bytes), ir.Constraint{Length: span("", "1048576")})))
	flag := brand(alias("Flag", scalar(ir.Bool)))
	ratio := brand(alias("Ratio", with(scalar(ir.Float32), ir.Constraint{Range: span("0", "1")})))
	other := alias("OtherRoom", ref(roomID))

	names := alias("Names", unique(with(list(scalar(ir.String)), ir.Constraint{Length: span("1", "30")})))
	scores := alias("Scores", with(dict(scalar(ir.Int)), ir.Constraint{Length: span("", "4")}))
	grid := alias("Grid", list(list(null(ref(tool)))))
	tree := alias("Tree", nil)
	tree.Of = list(ref(tree))
	forest := alias("Forest", nil)
	groves := alias("Groves", list(null(ref(forest))))
	forest.Of = dict(ref(groves))

	amount := custom(alias("Amount", with(scalar(ir.String), ir.Constraint{Length: span("1", "20"), Pattern: "^-?[0-9]+$"})), "math/big", "Int")
	address := custom(alias("Address", scalar(ir.String)), "net/netip", "Addr")
	moment := custom(alias("Moment", scalar(ir.Timestamp)), "time", "Time")
	wide := custom(alias("Wide", with(scalar(ir.Int64), ir.Constraint{Range: span("-5", "")})), "math/big", "Int")
	weight := custom(alias("Weight", with(scalar(ir.Float64), ir.Constraint{Range: span("0", "100")})), "encoding/json", "Number")
	free := custom(alias("Free", scalar(ir.Any)), "github.com/sockgen/sockgen/gen/golang/testdata/drive", "Free")

	text := structure("Text", "Text",
		field("body", "Body", with(scalar(ir.String), ir.Constraint{Length: span("1", "20")})),
		optional(field("mentions", "Mentions", with(list(ref(roomID)), ir.Constraint{Length: span("", "3")}))))
	image := structure("Image", "Image", field("data", "Data", scalar(ir.Bytes)), field("alt", "Alt", null(scalar(ir.String))))
	content := union("Content", "kind", true, variant("text", text), variant("image", image))
	content.Doc = "What a message carries."
	content.Variants[1].Doc = "A picture."
	quote := structure("Quote", "Quote", field("by", "By", ref(key)))
	nothing := structure("Nought", "Nought")
	thread := union("Thread", "type \"of\"", false, variant("text", text), variant("quote", quote), variant("no\"thing", nothing))
	thread.Deprecated = "since 2"
	quote.Fields = append(quote.Fields, field("of", "Of", ref(thread)), optional(field("more", "More", list(null(ref(thread))))))

	every := structure("Every", "Every",
		field("presence", "Presence", ref(presence)), field("tool", "Tool", ref(tool)), field("many", "Many", ref(many)),
		field("room", "Room", ref(roomID)), field("serial", "Serial", ref(serial)), field("pause", "Pause", ref(pause)), field("day", "Day", ref(day)),
		field("key", "Key", ref(key)), field("blob", "Blob", ref(blob)), field("flag", "Flag", ref(flag)), field("ratio", "Ratio", ref(ratio)),
		field("other", "Other", ref(other)), field("names", "Names", ref(names)), field("scores", "Scores", ref(scores)), field("grid", "Grid", ref(grid)),
		field("tree", "Tree", ref(tree)), field("forest", "Forest", ref(forest)),
		field("amount", "Amount", ref(amount)), field("address", "Address", ref(address)), field("moment", "Moment", ref(moment)), field("wide", "Wide", ref(wide)),
		field("weight", "Weight", ref(weight)), field("free", "Free", ref(free)),
		field("content", "Content", ref(content)), field("thread", "Thread", ref(thread)),
	)
	forms := structure("Forms", "Forms",
		optional(field("presence", "Presence", ref(presence))), field("tool", "Tool", null(ref(tool))), optional(field("many", "Many", null(ref(many)))),
		optional(field("room", "Room", ref(roomID))), field("serial", "Serial", null(ref(serial))), optional(field("blob", "Blob", ref(blob))),
		optional(field("names", "Names", ref(names))), field("scores", "Scores", null(ref(scores))), optional(field("grid", "Grid", null(ref(grid)))),
		optional(field("tree", "Tree", ref(tree))),
		optional(field("amount", "Amount", ref(amount))), field("address", "Address", null(ref(address))), optional(field("free", "Free", null(ref(free)))),
		optional(field("content", "Content", ref(content))), field("thread", "Thread", null(ref(thread))), optional(field("both", "Both", null(ref(thread)))),
		field("contents", "Contents", list(ref(content))), field("threads", "Threads", dict(null(ref(thread)))),
		field("rooms", "Rooms", unique(list(ref(roomID)))), field("tools", "Tools", unique(with(list(null(ref(tool))), ir.Constraint{Length: span("", "3")}))),
		field("days", "Days", unique(list(ref(day)))), optional(field("keys", "Keys", unique(list(scalar(ir.UUID))))),
		field("numbers", "Numbers", dict(unique(list(scalar(ir.Int))))),
	)
	pen := tool.Values[0]
	defaults := structure("Defaults", "Defaults",
		defaulted(field("bool", "Bool", scalar(ir.Bool)), "true"),
		tagged(defaulted(field("int", "Int", with(scalar(ir.Int), ir.Constraint{Range: span("-50", "50")})), "-50"), "db", "number", "note", "a `b` \"c\""),
		defaulted(field("int32", "Int32", scalar(ir.Int32)), "1e3"), defaulted(field("uint32", "Uint32", scalar(ir.Uint32)), "4294967295"),
		defaulted(field("int64", "Int64", scalar(ir.Int64)), "-9223372036854775808"), defaulted(field("uint64", "Uint64", scalar(ir.Uint64)), "18446744073709551615"),
		defaulted(field("float32", "Float32", scalar(ir.Float32)), "0.1"), defaulted(field("float64", "Float64", scalar(ir.Float64)), "-1.5e300"),
		defaulted(field("string", "String", scalar(ir.String)), "a `quote` */ \"x\" \\ ${y}\n"), defaulted(field("empty", "Empty", scalar(ir.String)), ""),
		defaulted(field("timestamp", "Timestamp", scalar(ir.Timestamp)), "2026-02-03T04:05:06.789Z"), defaulted(field("duration", "Duration", scalar(ir.Duration)), "1500"),
		defaulted(field("uuid", "UUID", scalar(ir.UUID)), "123E4567-e89b-12d3-a456-426614174000"),
		defaultEnum(field("tool", "Tool", ref(tool)), pen), defaulted(field("room", "Room", ref(roomID)), "lobby"),
		defaulted(field("pause", "Pause", ref(pause)), "250"), defaulted(field("day", "Day", ref(day)), "1969-12-31T23:59:59.999Z"), defaulted(field("flag", "Flag", ref(flag)), "true"),
		defaulted(field("nullable", "Nullable", null(scalar(ir.Int))), "5"), defaultNull(field("null", "Null", null(scalar(ir.String)))),
		defaultEnum(field("nullTool", "NullTool", null(ref(tool))), pen), defaulted(field("nullRoom", "NullRoom", null(ref(roomID))), "hall"),
	)
	defaults.Fields[1].Doc = "How many."
	defaults.Fields[2].Doc = "Has a long doc\nof two lines."

	branch := structure("Branch", "Branch", defaulted(field("n", "N", scalar(ir.Int)), "1"))
	fork := union("Fork", "is", false, variant("branch", branch), variant("text", text))
	branch.Fields = append(branch.Fields, field("kids", "Kids", list(ref(branch))), optional(field("twin", "Twin", ref(branch))),
		optional(field("by", "By", dict(null(ref(branch))))), optional(field("fork", "Fork", ref(fork))))
	holder := structure("Holder", "Holder", field("branch", "Branch", ref(branch)), field("fork", "Fork", ref(fork)))

	move := structure("CursorMove", "cursor:move payload",
		field("arg1", "Arg1", scalar(ir.Float32)), field("y", "Y", with(scalar(ir.Float32), ir.Constraint{Range: span("0", "1")})),
		field("content", "Content", ref(content)), optional(field("note", "Note", scalar(ir.String))),
		optional(field("tags", "Tags", unique(list(ref(tool))))), optional(field("alt", "Alt", null(scalar(ir.Int)))),
		optional(field("thread", "Thread", ref(thread))), optional(field("extra", "Extra", scalar(ir.Any))))
	show := structure("CursorShow", "cursor:show payload",
		field("every", "Every", ref(forms)), optional(field("note", "Note", scalar(ir.String))), defaulted(field("size", "Size", scalar(ir.Int)), "3"))
	label := structure("Label", "label payload", field("text", "Text", ref(text)), optional(field("note", "Note", scalar(ir.String))))
	return &ir.Document{
		Name: "values", Source: "values.yaml", Doc: "What a value can be beside scalars and structs.",
		Decls: []*ir.Decl{
			presence, tool, many, roomID, serial, pause, day, key, blob, flag, ratio, other, names, scores, grid, tree, forest, groves,
			amount, address, moment, wide, weight, free, text, image, content, quote, nothing, thread, every, forms, defaults, branch, fork, holder, move, show, label,
		},
		Namespaces: []*ir.Namespace{{
			Path: "/values",
			Client: []*ir.Event{
				{Wire: "every", Ident: "SendEvery", Payload: ref(every), Ack: &ir.Ack{Type: ref(content)}},
				{Wire: "forms", Ident: "SendForms", Payload: ref(forms), Strict: true, Ack: &ir.Ack{Type: null(ref(thread))}},
				{Wire: "defaults", Ident: "SendDefaults", Payload: ref(defaults), Strict: true, Ack: &ir.Ack{Type: ref(tool)}},
				{Wire: "content", Ident: "SendContent", Payload: ref(content), Ack: &ir.Ack{Type: ref(names)}},
				{Wire: "thread", Ident: "SendThread", Payload: null(ref(thread)), Ack: &ir.Ack{Type: ref(amount)}},
				{Wire: "tools", Ident: "SendTools", Payload: unique(list(ref(tool))), Ack: &ir.Ack{Type: dict(ref(presence))}},
				{Wire: "move", Ident: "SendMove", Payload: ref(move), Positional: true, Strict: true},
			},
			Server: []*ir.Event{
				{Wire: "cursor:move", Ident: "CursorMove", Payload: ref(move), Positional: true, To: everyAudience},
				{Wire: "cursor:show", Ident: "CursorShow", Payload: ref(show), Positional: true, To: everyAudience},
				{Wire: "label", Ident: "Label", Payload: ref(label), Positional: true, Strict: true, To: everyAudience},
				{Wire: "presence", Ident: "ShowPresence", Payload: ref(presence), To: everyAudience},
				{Wire: "union", Ident: "ShowUnion", Payload: ref(thread), To: everyAudience},
			},
		}},
	}
}
