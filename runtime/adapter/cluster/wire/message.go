// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"errors"
	"fmt"

	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/siowire"
)

// Errors that parsing wraps.
var (
	ErrInvalid = errors.New("wire: invalid message")
	ErrUnknown = errors.New("wire: unknown type of message")
)

// Errors of appending.
var (
	// ErrNobody refuses a message for nobody: on the wire it would be for everybody.
	ErrNobody = errors.New("wire: a message for nobody cannot be sent")
	// ErrForm refuses a body that the adapter's format does not have.
	ErrForm = errors.New("wire: this format has no such message")
)

func invalid(detail string) error { return fmt.Errorf("%w: %s", ErrInvalid, detail) }

// Emitter is the sender of messages from a process without sockets.
const Emitter = "emitter"

// A Message is what one server tells others about one namespace.
type Message struct {
	UID       string // of the sender, unique for each server and namespace; may be empty in messages of emitters
	Namespace string
	Body      Body

	// The following are of entries of a stream alone.
	Offset string // the entry's id, which the stream gives
	Mark   uint64 // by which the sender knows the entry again; 0 means none
}

// A Body is what a message says: one of the types of this package that are made for it.
type Body interface{ body() }

// Initial is the first sign of life of a server, to be answered by a [Heartbeat].
type Initial struct{}

// Heartbeat is a sign of life.
type Heartbeat struct{}

// Closed is the last sign of life.
type Closed struct{}

// Broadcast brings an event to the sockets that Options mean.
type Broadcast struct {
	Name      string
	Args      siowire.Args
	Options   adapter.Options
	RequestID string // not empty: the sockets shall answer. First comes one ClientCount, then an Answer from each
}

// Join makes sockets join rooms.
type Join struct {
	Options adapter.Options
	Rooms   []adapter.Room
}

// Leave makes sockets leave rooms.
type Leave struct {
	Options adapter.Options
	Rooms   []adapter.Room
}

// Disconnect ends sockets.
type Disconnect struct {
	Options adapter.Options
	Close   bool // the connections under them, too
}

// Fetch asks for the sockets that Options mean. A [Sockets] answers it.
type Fetch struct {
	RequestID string
	Options   adapter.Options
}

// Sockets answers a [Fetch]. A description's Data has base64 where the sender's data was
// binary.
type Sockets struct {
	RequestID string
	Sockets   []adapter.Description
}

// ServerSide is an event for the other servers. With a RequestID each sends a
// [ServerSideAnswer].
type ServerSide struct {
	Name      string
	Args      siowire.Args
	RequestID string
}

// ServerSideAnswer answers a [ServerSide]. The formats carry the first argument alone.
type ServerSideAnswer struct {
	RequestID string
	Args      siowire.Args
}

// ClientCount says how many sockets of the sender were asked by a [Broadcast].
type ClientCount struct {
	RequestID string
	Count     int
}

// Answer is what one of them answered. The formats carry the first argument alone.
type Answer struct {
	RequestID string
	Args      siowire.Args
}

// TakeOver asks for the session of a client that has come back to the sender. Whoever has
// its socket ends it. A [TakenOver] answers it. It is of servers of this project, and
// others pass it over.
type TakeOver struct{ RequestID, PID string }

// TakenOver answers a [TakeOver].
type TakenOver struct {
	RequestID string
	Session   *adapter.Session // nil when the sender has it not
}

// The following are of the classic format alone. Its older versions ask for single
// sockets; they are still to be served.

// AllRooms asks for all rooms. A [Rooms] answers it.
type AllRooms struct{ RequestID string }

// Rooms answers an [AllRooms].
type Rooms struct {
	RequestID string
	Rooms     []adapter.Room
}

// SocketIDs asks for the ids of the sockets in any of Rooms, without rooms all. An
// [IDs] answers it.
type SocketIDs struct {
	RequestID string
	Rooms     []adapter.Room
}

// IDs answers a [SocketIDs]. An empty one reads as an empty [Sockets].
type IDs struct {
	RequestID string
	IDs       []adapter.ID
}

// JoinOne makes one socket join a room. Whoever has it answers with a [Done].
type JoinOne struct {
	RequestID string
	ID        adapter.ID
	Room      adapter.Room
}

// LeaveOne makes one socket leave a room. Whoever has it answers with a [Done].
type LeaveOne struct {
	RequestID string
	ID        adapter.ID
	Room      adapter.Room
}

// DisconnectOne ends one socket. Whoever has it answers with a [Done].
type DisconnectOne struct {
	RequestID string
	ID        adapter.ID
	Close     bool
}

// Done answers a message about one socket.
type Done struct{ RequestID string }

func (Initial) body()          {}
func (Heartbeat) body()        {}
func (Closed) body()           {}
func (Broadcast) body()        {}
func (Join) body()             {}
func (Leave) body()            {}
func (Disconnect) body()       {}
func (Fetch) body()            {}
func (Sockets) body()          {}
func (ServerSide) body()       {}
func (ServerSideAnswer) body() {}
func (ClientCount) body()      {}
func (Answer) body()           {}
func (TakeOver) body()         {}
func (TakenOver) body()        {}
func (AllRooms) body()         {}
func (Rooms) body()            {}
func (SocketIDs) body()        {}
func (IDs) body()              {}
func (JoinOne) body()          {}
func (LeaveOne) body()         {}
func (DisconnectOne) body()    {}
func (Done) body()             {}

// whole returns m, or nothing but the error.
func whole(m Message, err error) (Message, error) {
	if err != nil {
		return Message{}, err
	}
	return m, nil
}

// IsResponse reports whether b answers a message of the one it is for.
func IsResponse(b Body) bool {
	switch b.(type) {
	case Sockets, ServerSideAnswer, ClientCount, Answer, TakenOver, Rooms, IDs, Done:
		return true
	}
	return false
}

// attachments returns the binary values of b.
func attachments(b Body) [][]byte {
	switch b := b.(type) {
	case Broadcast:
		return b.Args.Attachments
	case ServerSide:
		return b.Args.Attachments
	case ServerSideAnswer:
		return b.Args.Attachments
	case Answer:
		return b.Args.Attachments
	}
	return nil
}

// Limits bound what is accepted. A zero field means its default.
type Limits struct {
	Packet    siowire.Limits // of arguments; 1,024 attachments unless set
	NameBytes int            // of the name of a room or a namespace, and of an id; 1,024
}

func (l Limits) withDefaults() Limits {
	if l.Packet.Attachments == 0 {
		l.Packet.Attachments = 1024
	}
	if l.Packet.Depth == 0 {
		l.Packet.Depth = 64
	}
	if l.Packet.NameLength == 0 {
		l.Packet.NameLength = 256
	}
	if l.NameBytes == 0 {
		l.NameBytes = 1024
	}
	return l
}
