// SPDX-License-Identifier: Apache-2.0

package typescript

import (
	"fmt"
	"time"

	"github.com/sockgen/sockgen/gen/ir"
)

// The documents of the golden files, written out as package check would build them.
var documents = map[string]func() *ir.Document{
	"chat":     chatDocument,
	"kinds":    kindsDocument,
	"hostile":  hostileDocument,
	"long":     longDocument,
	"types":    typesDocument,
	"language": languageDocument,
	"match":    matchDocument,
	"limits":   limitsDocument,
	"dates":    datesDocument,
}

func scalar(s ir.Scalar) *ir.Type  { return &ir.Type{Kind: ir.ScalarType, Scalar: s} }
func list(elem *ir.Type) *ir.Type  { return &ir.Type{Kind: ir.ListType, Elem: elem} }
func mapOf(elem *ir.Type) *ir.Type { return &ir.Type{Kind: ir.MapType, Elem: elem} }
func ref(d *ir.Decl) *ir.Type      { return &ir.Type{Kind: ir.RefType, Ref: d} }
func stringAlias(n string, d string) *ir.Decl {
	return &ir.Decl{Ident: n, Doc: d, Kind: ir.Alias, Of: scalar(ir.String), Origin: n}
}

func nullable(t *ir.Type) *ir.Type {
	n := *t
	n.Nullable = true
	return &n
}

func field(wire string, t *ir.Type) *ir.Field { return &ir.Field{Wire: wire, Type: t} }

func documented(wire string, t *ir.Type, doc string) *ir.Field {
	return &ir.Field{Wire: wire, Type: t, Doc: doc}
}

func optional(f *ir.Field) *ir.Field {
	f.Optional = true
	return f
}

// A builder adds declarations to a document as it makes them.
type builder struct{ doc *ir.Document }

func (b builder) add(d *ir.Decl) *ir.Type {
	b.doc.Decls = append(b.doc.Decls, d)
	return ref(d)
}

func (b builder) structure(ident, origin, doc string, fields ...*ir.Field) *ir.Type {
	return b.add(&ir.Decl{Ident: ident, Origin: origin, Doc: doc, Kind: ir.Struct, Fields: fields})
}

func (b builder) failure(code, ident, message string, data *ir.Type) *ir.Error {
	e := &ir.Error{Code: code, Ident: ident, Message: message, Data: data}
	b.doc.Errors = append(b.doc.Errors, e)
	return e
}

// kindsDocument has one namespace, and every form of type, ack and event.
func kindsDocument() *ir.Document {
	b := builder{&ir.Document{Name: "kinds", Source: "kinds.yaml"}}
	all := []ir.Scalar{
		ir.Bool, ir.Int, ir.Int32, ir.Uint32, ir.Int64, ir.Uint64, ir.Float32, ir.Float64,
		ir.String, ir.Bytes, ir.Timestamp, ir.Duration, ir.UUID, ir.Any,
	}
	var plain, absent, null, lists, nullLists, maps []*ir.Field
	for _, s := range all {
		plain = append(plain, field(string(s), scalar(s)))
		absent = append(absent, optional(field(string(s), scalar(s))))
		null = append(null, field(string(s), nullable(scalar(s))))
		lists = append(lists, field(string(s), list(scalar(s))))
		nullLists = append(nullLists, field(string(s), list(nullable(scalar(s)))))
		maps = append(maps, field(string(s), mapOf(scalar(s))))
	}
	b.structure("Scalars", "Scalars", "Each scalar.", plain...)
	b.structure("Optionals", "Optionals", "Each scalar, or nothing.", absent...)
	b.structure("Nulls", "Nulls", "Each scalar, or null.", null...)
	b.structure("Lists", "Lists", "Lists of each scalar.", lists...)
	b.structure("NullLists", "NullLists", "Lists of each scalar or null.", nullLists...)
	b.structure("Maps", "Maps", "Maps to each scalar.", maps...)
	b.structure("Empty", "Empty", "Has no field.")
	b.add(&ir.Decl{Ident: "Maybe", Origin: "Maybe", Kind: ir.Alias, Of: nullable(scalar(ir.Int64)), Deprecated: "since 2.0: say yes or no"})
	b.doc.Namespaces = []*ir.Namespace{kindsNamespace(b)}
	return b.doc
}

// kindsNamespace has every form of event.
func kindsNamespace(b builder) *ir.Namespace {
	tree := &ir.Decl{Ident: "Tree", Origin: "Tree", Kind: ir.Struct}
	tree.Fields = []*ir.Field{
		field("children", list(ref(tree))),
		optional(field("parent", nullable(ref(tree)))),
		field("byName", mapOf(list(ref(tree)))),
		field("grid", list(list(scalar(ir.Float64)))),
		optional(field("deep", nullable(mapOf(nullable(list(mapOf(scalar(ir.Int)))))))),
		{Wire: "old", Type: scalar(ir.String), Doc: "What it was.", Deprecated: "since 1.1: look at children"},
	}
	b.add(tree)
	special := b.structure("Special", "Special", "Its names mean something to JavaScript.",
		field("__proto__", scalar(ir.Int)), field("constructor", scalar(ir.String)), field("hasOwnProperty", scalar(ir.Bool)))
	busy := b.failure("busy", "Busy", "come back later", b.structure("BusyData", "busy data", "", field("retryAfter", scalar(ir.Duration))))
	b.doc.Errors[0].Doc = "The server has too much to do."
	gone := b.failure("gone", "Gone", "it is gone", scalar(ir.Any))
	return &ir.Namespace{
		Path: "/kinds", Auth: b.structure("Auth", "auth of /kinds", "", field("token", scalar(ir.String))), ConnectErrors: []*ir.Error{gone, busy}, EveryErrors: []*ir.Error{busy},
		Client: []*ir.Event{
			{Wire: "ping", Ident: "Ping"},
			{Wire: "pong", Ident: "Pong", Ack: &ir.Ack{}, Deprecated: "nobody listens"},
			{Wire: "list", Ident: "List", Ack: &ir.Ack{Type: list(ref(tree))}, Errors: []*ir.Error{gone, busy}},
			{Wire: "count", Ident: "Count", Payload: list(scalar(ir.String)), Ack: &ir.Ack{Type: scalar(ir.Uint64)}},
			{Wire: "index", Ident: "Index", Payload: mapOf(scalar(ir.String)), Ack: &ir.Ack{Type: mapOf(nullable(scalar(ir.Bytes)))}},
			{Wire: "find", Ident: "Find", Payload: nullable(scalar(ir.UUID)), Ack: &ir.Ack{Type: nullable(ref(tree))}},
			{Wire: "legacy:get", Ident: "LegacyGet", Payload: scalar(ir.String), Ack: &ir.Ack{Type: scalar(ir.Int), Plain: true}},
			{Wire: "legacy:all", Ident: "LegacyAll", Ack: &ir.Ack{Type: list(scalar(ir.Int)), Plain: true}},
			{Wire: "legacy:done", Ident: "LegacyDone", Ack: &ir.Ack{Plain: true}},
			{Wire: "__proto__", Ident: "Proto", Payload: special, Ack: &ir.Ack{Type: special}},
			{Wire: "constructor", Ident: "Constructor", Ack: &ir.Ack{}},
			{Wire: "raw", Ident: "Raw", Payload: scalar(ir.Any), Ack: &ir.Ack{Type: scalar(ir.Any)}},
		},
		Server: []*ir.Event{
			{Wire: "tick", Ident: "Tick"},
			{Wire: "tree", Ident: "Tree", Payload: ref(tree), Deprecated: "since 1.2: ask with find"},
			{Wire: "confirm", Ident: "Confirm", Payload: mapOf(scalar(ir.Bool)), Ack: &ir.Ack{Type: scalar(ir.Bool)}},
			{Wire: "noted", Ident: "Noted", Ack: &ir.Ack{}},
			{Wire: "toString", Ident: "ToString", Payload: special},
		},
	}
}

// hostileDocument is what the checker would refuse: every text that people
// choose tries to get out of its string or comment.
func hostileDocument() *ir.Document {
	const doc = "ends */ alert(1) /* `${alert(2)}` //go:embed \u2028alert(3)\u202e \x00\r\n\r\n@ts-expect-error\n@ts-nocheck and // @ts-ignore\n*\n/"
	b := builder{&ir.Document{Name: "hostile", Source: "a\nalert(4).yaml", Doc: doc}}
	names := []string{
		"__proto__", "constructor", "toString", "hasOwnProperty", "prototype", "new", "class", "await", "1", "01", "1e3", "-1",
		`"`, `'`, `"'`, `""'`, "\\", "\\\"", "`", "${alert(5)}", "*/", "/*", "//", "\n", "\r", "\u2028", "\u2029", "\t", "\x00", "\x7f", "",
		"\u202e", "\u200b", "а", "é", "消息", "🙂", "</script>", "a b", "a-b", "$", "_", "a\xffb", ": never; x",
	}
	var fields []*ir.Field
	var client, server []*ir.Event
	for i, name := range names {
		fields = append(fields, documented(name, scalar(ir.String), name+doc+name))
		id := string(rune('A'+i/26)) + string(rune('A'+i%26))
		client = append(client,
			&ir.Event{Wire: name, Ident: id, Doc: name + doc, Deprecated: doc},
			&ir.Event{Wire: name + "?", Ident: id + "Asked", Ack: &ir.Ack{}, Deprecated: name},
			&ir.Event{Wire: name + "!", Ident: id + "Plain", Ack: &ir.Ack{Type: scalar(ir.Any), Plain: true}})
		server = append(server, &ir.Event{Wire: name, Ident: id, Deprecated: "@ts-ignore"})
	}
	b.structure("Names", "*/", doc, fields...)
	hostileLanguage(b, names, doc)
	b.failure(`"*/`+"\n`${", "Failure", "*/\n@ts-ignore", nil)
	b.doc.Namespaces = []*ir.Namespace{
		{Path: "/\"*/\n`${alert(6)}\\", Prefix: "Quoted", Doc: doc, Client: client, Server: server, EveryErrors: b.doc.Errors},
		{Path: "/__proto__", Prefix: "Proto", ConnectErrors: b.doc.Errors, Fingerprint: "\"*/\n`${alert(7)}"},
		hostileNamespace(b, names, doc),
	}
	return b.doc
}

// hostileLanguage has the names as values of enums, as tags and as defaults.
func hostileLanguage(b builder, names []string, doc string) {
	values := &ir.Decl{Ident: "Values", Origin: doc, Kind: ir.Enum, Doc: doc, Open: true}
	tags := &ir.Decl{Ident: "Tags", Origin: doc, Kind: ir.Union, Doc: doc, Tag: "*/\n`${alert(8)}", Open: true}
	var fields []*ir.Field
	for i, name := range names {
		values.Values = append(values.Values, &ir.EnumValue{Wire: name, Doc: name + doc, Deprecated: doc})
		of := b.structure(fmt.Sprintf("Variant%d", i), name, doc, field(name, scalar(ir.Int)))
		tags.Variants = append(tags.Variants, &ir.Variant{Wire: name, Of: of.Ref, Doc: name + doc})
		fields = append(fields, defaulted(documented(name, scalar(ir.String), doc), name+doc))
	}
	b.add(values)
	b.add(tags)
	b.add(&ir.Decl{Ident: "Branded", Origin: doc, Kind: ir.Alias, Doc: doc, Deprecated: doc, Of: scalar(ir.String), Brand: true})
	b.structure("Defaulted", doc, doc, fields...)
}

// hostileNamespace has the names as parameters and arguments. Annotations stay
// out of the file.
func hostileNamespace(b builder, names []string, doc string) *ir.Namespace {
	ns := &ir.Namespace{Path: "/" + doc, Prefix: "Param", Fingerprint: doc}
	var fields []*ir.Field
	for _, name := range names {
		ns.Parts = append(ns.Parts, &ir.NamePart{Text: "/" + name}, &ir.NamePart{Wire: name, Type: scalar(ir.String)})
		fields = append(fields, documented(name, scalar(ir.String), doc))
	}
	arguments := b.positional("*/", "Arguments", fields...)
	arguments.Annotations = []ir.Annotation{{Key: doc, Value: doc}}
	asked := b.positional(names[0], "ArgumentsAsked", optional(field(names[0], scalar(ir.String))))
	asked.Ack, asked.Timeout = &ir.Ack{Plain: true}, time.Second
	ns.Client, ns.Server = []*ir.Event{asked}, []*ir.Event{arguments}
	return ns
}

// longDocument has names so long that every line breaks that can.
func longDocument() *ir.Document {
	const long = "AnIdentifierThatIsSoLongThatNothingElseFitsBesideItOnTheLine"
	const wire = "a:name:that:is:so:long:that:nothing:else:fits:beside:it:on:the:line"
	b := builder{&ir.Document{Name: "long", Source: "long.yaml"}}
	item := b.structure(long, long, "", field(wire, nullable(scalar(ir.String))),
		field("a_field_of_middling_length_for_lists", list(nullable(scalar(ir.Int64)))),
		field("a_field_of_middling_length_for_maps_of_numbers", mapOf(scalar(ir.Int))))
	b.add(&ir.Decl{Ident: long + long, Origin: "x", Kind: ir.Alias, Of: scalar(ir.Bytes)})
	b.add(&ir.Decl{Ident: long + "OrNull", Origin: "x", Kind: ir.Alias, Of: nullable(scalar(ir.Bytes))})
	forms := []*ir.Type{
		item, nullable(item), list(item), list(nullable(item)), list(list(nullable(item))), mapOf(item), mapOf(nullable(item)),
		nullable(mapOf(item)), nullable(list(item)), list(nullable(mapOf(list(item)))), mapOf(mapOf(item)),
	}
	var fields []*ir.Field
	var client, server []*ir.Event
	first := b.failure("first", long+"First", "", item)
	second := b.failure("second", long+"Second", "", nil)
	for i, form := range forms {
		n := string(rune('a' + i))
		fields = append(fields, field(n, form), optional(field(wire+n, form)))
		for _, name := range []string{n, wire + n} {
			id := "E" + string(rune('A'+len(client)/26)) + string(rune('A'+len(client)%26))
			client = append(client,
				&ir.Event{Wire: name, Ident: id, Payload: form, Errors: []*ir.Error{first, second}},
				&ir.Event{Wire: name + ".ack", Ident: id + "Ack", Payload: form, Ack: &ir.Ack{Type: form}, Errors: []*ir.Error{first}},
				&ir.Event{Wire: name + ".none", Ident: id + "None", Ack: &ir.Ack{}, Errors: []*ir.Error{second}},
				&ir.Event{Wire: name + ".plain", Ident: id + "Plain", Ack: &ir.Ack{Plain: true, Type: form}})
			server = append(server,
				&ir.Event{Wire: name, Ident: id, Payload: form},
				&ir.Event{Wire: name + ".ack", Ident: id + "Ack", Payload: form, Ack: &ir.Ack{Type: form}})
		}
	}
	b.structure(long+"Forms", "forms", "", fields...)
	b.doc.Namespaces = []*ir.Namespace{
		{
			Path: "/" + wire, Prefix: long, Auth: item, Client: client, Server: server,
			ConnectErrors: []*ir.Error{first, second}, EveryErrors: []*ir.Error{second},
		},
		{Path: "/" + wire + "/" + wire, Prefix: "ANamespaceOfMiddling", Client: client[:4], Server: server[:2]},
		{Path: "/short", Prefix: "Short", Auth: mapOf(item)},
	}
	return b.doc
}

// typesDocument has no namespace, as a document that others import.
func typesDocument() *ir.Document {
	b := builder{&ir.Document{Name: "types", Source: "types.yaml"}}
	b.failure("torn", "Torn", "it is torn",
		b.structure("Scrap", "Scrap", "", field("left", list(nullable(mapOf(scalar(ir.Bytes)))))))
	return b.doc
}
