package ir

// A Document is one schema: one Go package and one TypeScript module.
type Document struct {
	Name       string // the Go package and the TypeScript module
	Version    string // info.version, or ""
	Doc        string
	Source     string       // base name of the schema file, for the header of generated files
	Decls      []*Decl      // every declared type, then every inline struct, each in source order
	Errors     []*Error     // in source order
	Namespaces []*Namespace // in source order
}

// A Decl is a type that has an identifier of its own in generated code: one
// that the document declares, or a struct written inline in an event.
type Decl struct {
	Ident      string // "Message", "ChatRoomJoinAck"
	Doc        string
	Deprecated string // why and since when, or ""
	Kind       DeclKind
	Fields     []*Field // Kind Struct, in source order
	Scalar     *Type    // Kind Alias: the scalar with its constraints
	Origin     string   // what the schema calls it: "Message", or "room:join ack" for an inline struct
}

// A DeclKind tells what a Decl declares.
type DeclKind int

// The kinds of declaration.
const (
	Struct DeclKind = iota
	Alias           // another name for a scalar with constraints
)

// A Field is a member of a struct.
type Field struct {
	Wire       string // the key on the wire, also TypeScript's name
	Ident      string // the Go field
	Doc        string
	Deprecated string
	Type       *Type
	Optional   bool // may be absent
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
	Path          string // "/chat"
	Prefix        string // carried by its identifiers: "" in a document of one namespace, else "Chat"; "Main" for "/"
	Doc           string
	Auth          *Type    // what accompanies CONNECT, or nil
	ConnectErrors []*Error // codes that a refused CONNECT may carry
	EveryErrors   []*Error // codes that each client event may answer
	Rooms         []*Room
	Client        []*Event // what a client may emit
	Server        []*Event // what the server may emit
}

// A Room is a family of rooms: a name with typed parameters.
type Room struct {
	Key   string // "room", as audiences spell it
	Ident string // "InChatRoom": the Go function that makes one
	Doc   string
	Parts []*RoomPart // "room:" and {id: RoomID}
}

// A RoomPart is a piece of a room's name: literal text or a parameter.
type RoomPart struct {
	Text  string // literal, when Type is nil
	Wire  string // the parameter's name: "id"
	Ident string // the Go parameter: "id"
	Type  *Type
}

// An Event is one event of a namespace, in one direction.
type Event struct {
	Wire       string // "message:send"
	Ident      string // "MessageSend": the Go method
	Doc        string
	Deprecated string
	Payload    *Type // nil when the event carries nothing
	Ack        *Ack  // nil when nothing is acknowledged
	Errors     []*Error
	Result     *Result    // client events: the event that answers this one, or nil
	To         []Audience // server events: who may receive it; never empty
	Volatile   bool
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
	Param *RoomPart
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
