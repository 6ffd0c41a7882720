// SPDX-License-Identifier: Apache-2.0

package language

// Docs of keys that several mappings have.
const (
	docDoc        = "What it is for. It goes into the comments of the generated code, in both languages."
	nameDoc       = "The identifier in generated code, in both languages, in place of the one that the name gives."
	deprecatedDoc = "Since when, and what to use instead: a sentence."
	lengthDoc     = "How long it may be: characters of a string, bytes, elements of a list or a map."
	rangeDoc      = "Which numbers it may be."
	patternDoc    = "What a string has to match: a regular expression that Go and JavaScript understand alike."
	uniqueDoc     = "The elements of the list differ from each other."
	ackDoc        = "What the receiver answers: a type, a struct, or `none` for an answer without a value."
	timeoutDoc    = "How long the answer may take."
	unknownDoc    = "`reject` refuses a payload with fields that the schema does not have. Without it they are skipped."
	annotDoc      = "Words of your own about the event, which generated code hands to middleware."
	payloadDoc    = "What the event carries: a type, or a struct."
	argsDoc       = "What an event of an existing API carries: several arguments, one by one, in place of a payload."
	volatileDoc   = "The event may be lost where it cannot be written at once."
)

var (
	doc        = Key{Name: "doc", Value: textual(""), Doc: docDoc}
	name       = Key{Name: "name", Value: ident, Doc: nameDoc}
	deprecated = Key{Name: "deprecated", Value: textual("since 1.3: listen to presence:changed"), Doc: deprecatedDoc}
	length     = Key{Name: "length", Value: span("1..64"), Doc: lengthDoc}
	numbers    = Key{Name: "range", Value: span("0..100"), Doc: rangeDoc}
	pattern    = Key{Name: "pattern", Value: textual("^[a-z]+$"), Doc: patternDoc}
	unique     = Key{Name: "unique", Value: yesOrNo, Doc: uniqueDoc}
	carries    = Key{Name: "payload", Value: payload, Doc: payloadDoc}
	args       = Key{Name: "args", Value: list(or(typ, a("argument"))), Doc: argsDoc}
	ack        = Key{Name: "ack", Value: or(someOf(Word{"none", "An answer without a value."}), payload, a("plainAck")), Doc: ackDoc}
	timeout    = Key{Name: "timeout", Value: matching("^[0-9]", "10s"), Doc: timeoutDoc}
	unknown    = Key{Name: "unknown", Value: oneOf([]Word{{"reject", "A field that the schema does not have is refused."}}), Doc: unknownDoc}
	volatile   = Key{Name: "volatile", Value: yesOrNo, Doc: volatileDoc}
	annotated  = Key{Name: "annotations", Value: keyed(Value{kind: annotation}), Doc: annotDoc}
)

// Each mapping of the language, the document first. Where a word that is not known
// could stand for several keys, the earlier one is proposed.
var (
	Document = Mapping{Name: "document", What: "The document", Own: "x-", Keys: []Key{
		{Name: "sockgen", Value: Value{kind: version}, Required: true, Doc: "The version of the schema language: 1."},
		{Name: "info", Value: a("info"), Doc: "What the document is called."},
		{Name: "imports", Value: optional(or(textual("./shared.yaml"), list(textual("./shared.yaml")))), Doc: "Files with types and errors that this one uses."},
		{Name: "types", Value: optional(keyed(a("type"))), Doc: "Types by their names, which fields, payloads and other types refer to."},
		{Name: "errors", Value: optional(keyed(a("error"))), Doc: "What can be answered in place of an ack, by its code."},
		{Name: "namespaces", Value: optional(keyed(optional(a("namespace")))), Doc: "Namespaces by their paths: `/`, `/chat`, `/match/{match: MatchID}`."},
	}}
	Imported = Mapping{Name: "importedFile", What: "An imported file", Own: "x-", Keys: []Key{
		Document.Key("sockgen"), Document.Key("imports"), Document.Key("types"), Document.Key("errors"),
	}}
	Info = Mapping{Name: "info", What: "Info", Keys: []Key{
		{Name: "name", Value: matching("^[a-z][a-z0-9_]*$", "chat"), Doc: "The Go package and the TypeScript module. Without it, they are called after the file."},
		{Name: "version", Value: span("1.4.0"), Doc: "The release of the schema. It goes into comments and into `sockgen.lock`."},
		{Name: "doc", Value: textual(""), Doc: docDoc},
	}}
	Type = Mapping{Name: "type", What: "A type", Keys: []Key{
		{Name: "struct", Value: optional(structBody), Doc: "Fields by their names, with their types."},
		{Name: "scalar", Value: oneOf(Scalars), Doc: "Another name for a scalar, perhaps with constraints."},
		{Name: "enum", Value: enumBody, Doc: "Some texts: a list, or a mapping to what there is to say about each."},
		{Name: "union", Value: a("union"), Doc: "One of several structs, which a tag tells apart."},
		{Name: "list", Value: or(typ, a("element")), Doc: "A list of values of a type."},
		{Name: "map", Value: or(typ, a("element")), Doc: "Values of a type by keys that are strings."},
		doc, deprecated, name, length, numbers, pattern, unique,
		{Name: "brand", Value: yesOrNo, Doc: "A distinct type on both sides: a room's id is no user's id."},
		{Name: "go", Value: textual("github.com/shopspring/decimal.Decimal"), Doc: "The Go type that stands for the scalar, with its import path. It encodes itself as text."},
		{Name: "open", Value: yesOrNo, Doc: "Values that the enum does not know are kept in place of being refused."},
		{Name: "default", Value: Value{}, Doc: "Fields have defaults, and types have none.", Refused: true},
	}}
	Field = Mapping{Name: "field", What: "A field", Keys: []Key{
		{Name: "type", Value: typ, Doc: "Its type: `string`, `list<User>`, `optional T`, `T | null`."},
		{Name: "enum", Value: enumBody, Doc: "In place of `type`: an enum of this field alone."},
		{Name: "open", Value: yesOrNo, Doc: "Beside `enum`: values that the enum does not know are kept in place of being refused."},
		{Name: "struct", Value: optional(structBody), Doc: "In place of `type`: a struct of this field alone."},
		{Name: "list", Value: or(typ, a("element")), Doc: "In place of `type`: a list of what is declared here: `{ list: { struct: { x: int } } }`."},
		{Name: "map", Value: or(typ, a("element")), Doc: "In place of `type`: a map of what is declared here."},
		{Name: "nullable", Value: yesOrNo, Doc: "Beside what is declared here: it may be null. A type says so itself: `T | null`."},
		{Name: "optional", Value: yesOrNo, Doc: "It may be absent."},
		{Name: "default", Value: Value{}, Doc: "What stands in for an absent value."},
		doc, length, numbers, pattern, unique, deprecated, name,
		{Name: "go", Value: a("goField"), Doc: "What Go's struct has besides: tags for other packages."},
	}}
	Element = Mapping{Name: "element", What: "The values of a list or map", Keys: []Key{
		{Name: "enum", Value: enumBody, Doc: "Each is of an enum of this place alone."},
		{Name: "open", Value: yesOrNo, Doc: "Beside `enum`: values that the enum does not know are kept in place of being refused."},
		{Name: "struct", Value: optional(structBody), Doc: "Each is a struct of this place alone."},
		{Name: "list", Value: or(typ, a("element")), Doc: "Each is a list."},
		{Name: "map", Value: or(typ, a("element")), Doc: "Each is a map."},
		{Name: "nullable", Value: yesOrNo, Doc: "Each may be null."},
	}}
	GoField = Mapping{Name: "goField", What: "Tags of a field", Keys: []Key{
		{Name: "tags", Value: keyed(textual("user_name,omitempty")), Required: true, Doc: "Tags of the struct's field by their keys: `{ db: user_name }`. JSON does not look at them."},
	}}
	Argument = Mapping{Name: "argument", What: "An argument", Keys: []Key{
		Field.Key("type"), Field.Key("enum"), Field.Key("open"), Field.Key("struct"), Field.Key("list"), Field.Key("map"), Field.Key("nullable"), Field.Key("optional"), Field.Key("default"),
		doc, length, numbers, pattern, unique, deprecated,
		{Name: "name", Value: textual("x"), Doc: "What the argument is called, in place of arg1, arg2 and so on."},
	}}
	Union = Mapping{Name: "union", What: "A union", Keys: []Key{
		{Name: "tag", Value: textual("kind"), Required: true, Doc: "The key that tells the structs apart on the wire."},
		{Name: "open", Value: yesOrNo, Doc: "Variants that the union does not know are kept in place of being refused."},
		{Name: "of", Value: keyed(or(textual("Text"), a("variant"))), Required: true, Doc: "Declared structs by the values of the tag."},
	}}
	Variant = Mapping{Name: "variant", What: "A variant of a union", Keys: []Key{
		{Name: "type", Value: textual("Text"), Required: true, Doc: "The declared struct."}, doc,
	}}
	EnumValue = Mapping{Name: "enumValue", What: "A value of an enum", Keys: []Key{
		{Name: "value", Value: Value{kind: integer}, Doc: "The integer that travels, of which this is the name. Without it, the name travels."}, doc, deprecated, name,
	}}
	EnumItem = Mapping{Name: "enumItem", What: "A value of an enum in a list", Keys: []Key{
		{Name: "value", Value: or(textual("online"), Value{kind: integer}), Required: true, Doc: "The text that travels, or an integer, which needs a `name`."}, doc, deprecated, name,
	}}
	Error = Mapping{Name: "error", What: "An error", Keys: []Key{
		{Name: "message", Value: textual("join the room first"), Required: true, Doc: "What the peer reads."},
		name, doc,
		{Name: "data", Value: payload, Doc: "What accompanies the error: a type, or a struct."},
		{Name: "unlisted", Value: yesOrNo, Doc: "No event lists the error, and that is meant."},
	}}
	Namespace = Mapping{Name: "namespace", What: "A namespace", Keys: []Key{
		doc, name,
		{Name: "auth", Value: payload, Doc: "What a client presents when it connects: a struct."},
		{Name: "data", Value: payload, Doc: "What the server keeps of each socket: a struct."},
		{Name: "errors", Value: a("namespaceErrors"), Doc: "Errors that a connection, or any event, may be answered."},
		{Name: "rooms", Value: optional(keyed(or(textual("room:{id: RoomID}"), a("room")))), Doc: "Families of rooms by their names: `room: \"room:{id: RoomID}\"`."},
		{Name: "client", Value: optional(keyed(or(typ, a("clientEvent"), Value{kind: nothing}))), Doc: "What a client may emit. `a -> b` is answered by emitting `b`."},
		{Name: "server", Value: optional(keyed(or(typ, a("serverEvent"), Value{kind: nothing}))), Doc: "What the server may emit."},
		{Name: "cluster", Value: optional(keyed(or(typ, a("clusterEvent"), Value{kind: nothing}))), Doc: "What the nodes of a cluster tell each other. It never reaches a client."},
	}}
	NamespaceErrors = Mapping{Name: "namespaceErrors", What: "The errors of a namespace", Keys: []Key{
		{Name: "connect", Value: codes, Doc: "Errors that a refused connection may carry."},
		{Name: "every", Value: codes, Doc: "Errors that each event of a client may be answered."},
	}}
	Room = Mapping{Name: "room", What: "A room", Keys: []Key{
		{Name: "room", Value: textual("room:{id: RoomID}"), Required: true, Doc: "What it is called when it travels, with its parameters in braces."}, name, doc,
	}}
	ClientEvent = Mapping{Name: "clientEvent", What: "An event of a client", Keys: []Key{
		carries, args, ack,
		{Name: "errors", Value: codes, Doc: "Errors that it may be answered."},
		{Name: "to", Value: someOf(
			Word{"sender", "Who emitted the event."}, Word{"namespace", "Everybody."},
			Word{"others in namespace", "Everybody but the sender."},
		), Doc: "To whom the `b` of `a -> b` goes: `sender`, `others in <room>`, `all in <room>`, `others in namespace` or `namespace`."},
		doc, deprecated, name, volatile,
		{Name: "rate", Value: or(often, a("rate")), Doc: "How many a socket may emit: `20/s`, `100/m`, `1000/h`."},
		timeout, unknown, annotated,
	}}
	ServerEvent = Mapping{Name: "serverEvent", What: "An event of the server", Keys: []Key{
		carries, args, ack,
		{Name: "to", Value: or(audience, list(audience)), Doc: "Who may receive it: `socket`, `namespace`, families of rooms. Without it, all of them."},
		doc, deprecated, name, volatile,
		{Name: "slow", Value: oneOf(Slow), Doc: "What happens when a socket cannot keep up."},
		timeout, unknown, annotated,
	}}
	ClusterEvent = Mapping{Name: "clusterEvent", What: "An event between nodes", Keys: []Key{carries, doc, deprecated, name}}
	Rate         = Mapping{Name: "rate", What: "A rate", Keys: []Key{
		{Name: "limit", Value: often, Required: true, Doc: "How many: `20/s`, `100/m`, `1000/h`."},
		{Name: "by", Value: textual("user"), Required: true, Doc: "A field of the namespace's data: sockets with the same value share the limit, and one that comes back has it still."},
	}}
	PlainAck = Mapping{Name: "plainAck", What: "A plain ack", Keys: []Key{
		{Name: "type", Value: typ, Doc: "The type of the answer."},
		{Name: "plain", Value: yesOrNo, Doc: "The bare value is answered, as existing clients expect it, in place of `{\"ok\": …}`."},
	}}

	often    = matching("^[1-9][0-9]{0,6}/[smh]$", "20/s")
	codes    = or(textual("not_member"), list(textual("not_member")))
	audience = someOf(Word{"socket", "One socket."}, Word{"namespace", "Everybody."})
)

// Mappings returns every mapping of the language, the document first.
func Mappings() []Mapping {
	return []Mapping{
		Document, Imported, Info, Type, Field, Element, GoField, Argument, Union, Variant, EnumValue, EnumItem, Error,
		Namespace, NamespaceErrors, Room, ClientEvent, ServerEvent, ClusterEvent, Rate, PlainAck,
	}
}
