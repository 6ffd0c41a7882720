// SPDX-License-Identifier: Apache-2.0

package diag

// A Code names a kind of mistake. It is stable: people search for it and
// silence it by name.
type Code string

// The codes, in the order in which a schema meets them.
const (
	YAMLSyntax        Code = "yaml-syntax"        // the text is not YAML
	Encoding          Code = "encoding"           // the text is not UTF-8, or holds control characters
	DuplicateKey      Code = "duplicate-key"      // a mapping says the same key twice
	MultipleDocuments Code = "multiple-documents" // a file holds a second YAML document
	DocumentLimit     Code = "document-limit"     // too large, too deep, or too much by aliases
	ListSyntax        Code = "list-syntax"        // T[] where list<T> is meant
	OptionalMarker    Code = "optional-marker"    // name? or T? where optional T is meant
	FlowComma         Code = "flow-comma"         // a comma within braces ends what it should not: map<string, T>, or a text
	QuoteIt           Code = "quote-it"           // YAML reads the text as something else

	Version      Code = "version"       // sockgen: 1 is missing or another number
	WrongKind    Code = "wrong-kind"    // a list where a mapping is meant, and the like
	BadValue     Code = "bad-value"     // a value that is not one of those allowed
	BadText      Code = "bad-text"      // text that must not reach a comment or a message
	UnknownKey   Code = "unknown-key"   // a key that the language does not have
	MissingKey   Code = "missing-key"   // a key that must be there
	KeyConflict  Code = "key-conflict"  // keys that exclude each other
	Duplicate    Code = "duplicate"     // a list names the same thing twice
	BadName      Code = "bad-name"      // a name with characters that no identifier can carry
	ReservedName Code = "reserved-name" // a name that Go, TypeScript or sockgen needs itself
	Collision    Code = "name-collision"

	Import      Code = "import"       // a file that cannot be imported
	ImportCycle Code = "import-cycle" // files that import each other
	ImportClash Code = "import-clash" // two files declare the same name

	TypeSyntax        Code = "type-syntax"
	UnknownType       Code = "unknown-type"
	UnusedType        Code = "unused-type"
	Recursion         Code = "recursive-without-list"
	TooDeep           Code = "too-deep"         // parts further within each other than what travels
	Constraint        Code = "constraint"       // a constraint that its type cannot have
	ImpossibleRange   Code = "impossible-range" // a span that allows nothing, or more than the type holds
	Pattern           Code = "pattern"          // not a regular expression
	PatternPortable   Code = "pattern-portability"
	Enum              Code = "enum"               // an enum whose values are not some texts
	Union             Code = "union"              // a union that is not a tag and some structs
	TagField          Code = "tag-field"          // a variant has the tag as a field of its own
	VariantNotStruct  Code = "variant-not-struct" // a variant that is no declared struct
	Brand             Code = "brand"              // brand on what is no scalar
	GoType            Code = "go-type"            // "go" without a type of a Go package
	Default           Code = "default"            // a default that its field cannot have
	UnknownError      Code = "unknown-error"
	UnusedError       Code = "unused-error"
	ReservedEvent     Code = "reserved-event"
	ReservedAuthField Code = "reserved-auth-field"
	BytesInConnect    Code = "bytes-in-connect" // CONNECT and CONNECT_ERROR carry no attachments
	Data              Code = "data"             // a namespace's data that is no struct
	Ack               Code = "ack"
	Arguments         Code = "args"
	Rate              Code = "rate"
	Timeout           Code = "timeout"
	TimeoutMissing    Code = "timeout-missing" // many receivers are asked for an ack without an end
	Delivery          Code = "delivery"        // volatile and slow, where an ack is awaited
	Annotations       Code = "annotations"
	MappingTarget     Code = "mapping-target" // the b of a -> b
	Audience          Code = "audience"
	UnknownRoom       Code = "unknown-room"
	RoomSyntax        Code = "room-syntax"
	NamespaceSyntax   Code = "namespace-syntax" // a path with parameters that is not one
	RoomArgument      Code = "room-argument"    // no field gives a room's parameter

	// What sockgen lint alone says.
	EventCase  Code = "event-case"  // an event is not spelled as the others
	MissingDoc Code = "missing-doc" // a type or an event without a word about it
	ClosedEnum Code = "closed-enum" // a closed enum that the server sends
)
