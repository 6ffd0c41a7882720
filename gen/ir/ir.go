// SPDX-License-Identifier: Apache-2.0

package ir

import "time"

// A Document is one schema: one Go package and one TypeScript module.
type Document struct {
	Name       string // the Go package and the TypeScript module
	Version    string // info.version, or ""
	Doc        string
	Source     string       // base name of the schema file, for the header of generated files
	Decls      []*Decl      // every declared type, then every inline struct, each in source order; imported ones first
	Errors     []*Error     // in source order
	Namespaces []*Namespace // in source order

	Initialisms []string // words that its identifiers have in one case, besides those of package naming
}

// A Module is where generated code has the types of a file that several documents
// import: a Go package and a TypeScript module of their own, beside those of the
// documents, which have other names for the same types.
type Module struct {
	Name       string // the Go package and the TypeScript module
	GoPath     string // how Go imports the package; "" where each document's package has the types itself
	TypeScript bool   // there is a TypeScript module
}

// A Decl is a type that has an identifier of its own in generated code: one
// that the document declares, or a struct written inline in an event.
type Decl struct {
	Ident      string // "Message", "ChatRoomJoinAck"
	Doc        string
	Deprecated string // why and since when, or ""
	Origin     string // what the schema calls it: "Message", or "room:join ack" for an inline struct
	Kind       DeclKind
	File       string  // the imported file that it stands in, "" for the document's own
	Module     *Module // where generated code has it, when several documents import File; else nil

	Fields []*Field // Kind Struct, in source order

	// Kind Alias: what the name stands for, a scalar with its constraints, a
	// list or a map.
	Of    *Type
	Brand bool    // a distinct type on both sides; Of is a scalar
	Go    *GoType // what Go uses in place of the scalar, or nil

	Values []*EnumValue // Kind Enum, in source order, never empty

	Tag      string     // Kind Union: the key that tells the variants apart
	Variants []*Variant // Kind Union, in source order, never empty

	Open bool // Kind Enum and Union: keeps what it does not know instead of refusing it
}

// A DeclKind tells what a Decl declares.
type DeclKind int

// The kinds of declaration.
const (
	Struct DeclKind = iota
	Alias           // another name for a scalar with constraints, a list or a map
	Enum            // some strings, or some integers
	Union           // some structs, with a tag on the wire
)

// GoText tells whether d is a Go type of somebody else's that is written as text: by its
// MarshalText, since its scalar travels as a string. Others go through encoding/json.
func (d *Decl) GoText() bool {
	if d.Go == nil || d.Of == nil {
		return false
	}
	switch d.Of.Scalar {
	case String, UUID, Int64, Uint64, Timestamp:
		return true
	}
	return false
}

// Integers tells whether d is an enum whose values are integers.
func (d *Decl) Integers() bool { return len(d.Values) > 0 && d.Values[0].Integer }

// A GoType is a type of somebody else's Go package. Scalars that travel as
// strings go through encoding.TextMarshaler and TextUnmarshaler, all others
// through encoding/json.
type GoType struct {
	Package string // "github.com/shopspring/decimal"
	Name    string // "Decimal"
}

// An EnumValue is one of the strings, or of the integers, of an enum.
type EnumValue struct {
	Wire       string // "pen"; of an integer its digits. Of a text also TypeScript's key
	Integer    bool   // it travels as a number; then all values of the enum do
	Key        string // of an integer: what the schema calls it, TypeScript's key
	Ident      string // "ToolPen", the Go constant
	Doc        string
	Deprecated string
}

// A Variant is one struct of a union.
type Variant struct {
	Wire string // the tag's value
	Of   *Decl  // Kind Struct; no struct is in a union twice, and none has the tag as a field
	Doc  string
}

// A Field is a member of a struct.
type Field struct {
	Wire       string // the key on the wire, also TypeScript's name
	Ident      string // the Go field
	Doc        string
	Deprecated string
	Type       *Type
	Optional   bool         // may be absent
	Default    *Literal     // what stands in for an absent value; then Optional is true, and Go has no Opt
	Tags       []Annotation // of the Go field, sorted by key
}

// A Literal is a default value as the schema writes it, already held to the
// field's type and constraints.
type Literal struct {
	Null bool       // null, for a nullable type
	List []*Literal // of a list: its elements, scalars or values of enums; not nil then
	Text string     // decimal number, "true", "false", or the string itself
	Enum *EnumValue // the value, when the type is an enum
}

// A Type is what a value may be: a scalar, a list, a map or a reference to a
// declaration, together with the constraints that were written at this place.
type Type struct {
	Kind       Kind
	Scalar     Scalar // Kind ScalarType
	Elem       *Type  // Kind ListType and MapType: the element
	Ref        *Decl  // Kind RefType
	Nullable   bool   // null is a value too
	Constraint Constraint
}

// TakesNull tells whether null is a value of t, by itself or by what it is declared as.
func (t *Type) TakesNull() bool {
	for t.Kind == RefType && t.Ref.Kind == Alias && !t.Nullable {
		t = t.Ref.Of
	}
	return t.Nullable || t.Kind == ScalarType && t.Scalar == Any
}

// A Kind tells which form a Type has.
type Kind int

// The forms of a type.
const (
	ScalarType Kind = iota
	ListType
	MapType // string keys
	RefType
)

// A Scalar is a type without parts, by its name in the schema.
type Scalar string

// The scalars of language version 1.
const (
	Bool      Scalar = "bool"
	Int       Scalar = "int" // ±(2^53−1)
	Int32     Scalar = "int32"
	Uint32    Scalar = "uint32"
	Int64     Scalar = "int64"  // a decimal string on the wire
	Uint64    Scalar = "uint64" // a decimal string on the wire
	Float32   Scalar = "float32"
	Float64   Scalar = "float64"
	String    Scalar = "string"
	Bytes     Scalar = "bytes"     // a Socket.IO attachment
	Timestamp Scalar = "timestamp" // RFC 3339, UTC, milliseconds
	Duration  Scalar = "duration"  // integer milliseconds on the wire
	UUID      Scalar = "uuid"      // the canonical 36 characters
	Any       Scalar = "any"
)

// A Constraint narrows a type. The zero value allows everything.
type Constraint struct {
	Length  *Span  // code points of a string, bytes of bytes, elements of a list or map
	Range   *Span  // the value of a number
	Pattern string // RE2 and JavaScript's u flag both accept it; "" allows all
	Unique  bool   // a list whose elements, all scalars or enums, differ from each other
}

// A Span is a range with inclusive ends, either of which may be open. The
// numbers keep the text of the schema, so that no digit is lost.
type Span struct {
	Min, Max string // decimal, or "" for an open end
}

// An Error is a failure that a handler may report to the peer.
type Error struct {
	Code    string // "not_member"
	Ident   string // "NotMember"
	Message string // safe to show
	Doc     string
	Data    *Type // what accompanies it, or nil
}

// A Namespace is one Socket.IO namespace with its events.
type Namespace struct {
	Path          string      // "/chat", "/match/{match}": the parameters' names in braces
	Parts         []*NamePart // of Path, when it has parameters, else nil
	Prefix        string      // carried by its identifiers: "" in a document of one namespace, else "Chat"; "Main" for "/"
	Doc           string
	Auth          *Type    // what accompanies CONNECT, or nil
	Data          *Type    // the server's state of a socket, a struct, or nil
	ConnectErrors []*Error // codes that a refused CONNECT may carry
	EveryErrors   []*Error // codes that each client event may answer
	Rooms         []*Room
	Client        []*Event // what a client may emit
	Server        []*Event // what the server may emit
	Cluster       []*Event // what the nodes of a cluster tell each other: a payload and nothing else

	Fingerprint string   // of the wire model that its events reach; compat.Stamp fills it in
	Ancestors   []string // fingerprints of released models that still fit, from sockgen.lock
}

// A Room is a family of rooms: a name with typed parameters.
type Room struct {
	Key   string // "room", as audiences spell it
	Ident string // "InChatRoom": the Go function that makes one
	Doc   string
	Parts []*NamePart // "room:" and {id: RoomID}
}

// A NamePart is a piece of a room's name or a namespace's path: literal text or
// a parameter.
type NamePart struct {
	Text  string // literal, when Type is nil
	Wire  string // the parameter's name: "id"
	Ident string // the Go parameter, "id", of a room; the field, "Match", of a namespace's Params
	Type  *Type  // a string, integer, bool, uuid or enum, or a Go type that GoText is true of
}

// An Event is one event of a namespace, in one direction.
type Event struct {
	Wire        string // "message:send"
	Ident       string // "MessageSend": the Go method
	Doc         string
	Deprecated  string
	Payload     *Type // nil when the event carries nothing
	Positional  bool  // Payload is a struct whose fields travel as one argument each, in source order; only the last ones are optional
	Ack         *Ack  // nil when nothing is acknowledged
	Errors      []*Error
	Result      *Result       // client events: the event that answers this one, or nil
	To          []Audience    // server events: who may receive it; never empty
	Volatile    bool          // may be lost where it cannot be written at once
	Slow        SlowPolicy    // server events: what happens when a socket cannot keep up
	Timeout     time.Duration // of the ack, or 0: server events wait that long, client events must be handled in that time
	Rate        *Rate         // client events: how many a socket may emit, or nil
	Strict      bool          // "unknown: reject": a field that the schema does not have is an issue
	Annotations []Annotation  // sorted by key
}

// A SlowPolicy is what happens to an event whose receiver does not keep up.
type SlowPolicy string

// The policies. The zero value leaves it to the server's limits.
const (
	SlowDrop   SlowPolicy = "drop"   // this event is dropped
	SlowLatest SlowPolicy = "latest" // it takes the place of the one that still waits
	SlowClose  SlowPolicy = "close"  // the connection is closed
)

// A Rate bounds how often something may happen: Count times in each Per, and as
// many at once.
type Rate struct {
	Count int
	Per   time.Duration
	By    *Field // of the namespace's data, by whose value it is counted; nil counts by socket
}

// An Annotation is a word of the author's own about an event, for middleware.
type Annotation struct {
	Key, Value string
}

// An Ack is how the receiver acknowledges an event.
type Ack struct {
	Type  *Type // nil acknowledges without a value
	Plain bool  // the bare value instead of the {"ok": …} envelope
}

// A Result is the right side of a -> b.
type Result struct {
	Event *Event // b
	To    ResultAudience
	Room  *Room      // ResultOthersInRoom and ResultAllInRoom
	Args  []*RoomArg // one for each parameter of Room, in order
}

// A RoomArg names the payload field that a room's parameter is taken from.
type RoomArg struct {
	Param *NamePart
	Field *Field // of b's payload
}

// A ResultAudience says to whom b is emitted.
type ResultAudience int

// The audiences of a result.
const (
	ResultSender ResultAudience = iota
	ResultOthersInRoom
	ResultAllInRoom
	ResultOthersInNamespace
	ResultNamespace
)

// An Audience is one entry of a server event's "to".
type Audience struct {
	Kind AudienceKind
	Room *Room // AudienceRoom
}

// An AudienceKind tells which sockets an audience holds.
type AudienceKind int

// The audiences of a server event.
const (
	AudienceSocket    AudienceKind = iota // one socket
	AudienceRoom                          // rooms of one family
	AudienceNamespace                     // everybody
)
