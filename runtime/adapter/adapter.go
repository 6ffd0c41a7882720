package adapter

import (
	"context"
	"errors"
	"iter"

	"github.com/sockgen/sockgen/runtime/siowire"
)

// An ID is a socket's id. It is also the name of a room that holds that socket.
type ID string

// A Room is the name of a set of sockets. A room exists while somebody is in it.
type Room string

// Options say whom a broadcast is for and how it travels. Adapters do not change
// the slices.
type Options struct {
	Rooms    []Room // sockets in any of these, each once; none means the whole namespace
	Except   []Room // but not those in any of these
	Local    bool   // this node's sockets only
	Volatile bool   // dropped for a socket whose transport is not writable right now
}

// An Event is what a broadcast carries. It is read only and valid until Broadcast
// returns: an adapter that needs it longer encodes or copies it.
type Event struct {
	Name string
	Args *siowire.Encoder // nil means none
}

// Local is a namespace on this node, as its adapter sees it.
type Local interface {
	// Deliver encodes e once and sends it to each of the sockets that is connected;
	// other ids are passed over. It does not block on the network, and may be called
	// from several goroutines at once. An adapter holds no lock meanwhile.
	Deliver(ids iter.Seq[ID], e Event, o Options)
}

// An Adapter holds who is in which room. Calls may overlap. Those about one socket
// never do: its namespace calls Add and Remove between the socket's Add without
// rooms and its RemoveAll, one after the other.
type Adapter interface {
	// Add puts a socket into rooms; without rooms it only makes the socket known. The
	// room that a socket's own id names is there from the beginning. It changes
	// nothing when it returns an error, which wraps ErrTooManyRooms or ErrRoomName
	// where a bound was crossed.
	Add(id ID, rooms ...Room) error
	// Remove takes a socket out of rooms. The room of its own id stays.
	Remove(id ID, rooms ...Room)
	// RemoveAll forgets the socket.
	RemoveAll(id ID)
	// Rooms returns the rooms of a socket, its own id among them, sorted; nil for an
	// id that is not known.
	Rooms(id ID) []Room
	// Members returns this node's sockets that are in any of rooms, each once,
	// sorted; without rooms all of them.
	Members(rooms ...Room) []ID
	// Broadcast sends e to those whom o means. It reaches a socket whose Add has
	// returned before it began, and none whose Remove has (R250). ctx bounds the
	// work of reaching other nodes; sockets of this node are served regardless.
	Broadcast(ctx context.Context, e Event, o Options) error
	// Close ends what the adapter runs. It is called once, after the last other call.
	Close() error
}

// A Factory makes the adapter of one namespace. It is called once for each.
type Factory func(namespace string, local Local) Adapter

// Errors that Add wraps.
var (
	ErrTooManyRooms = errors.New("adapter: the socket is in too many rooms")
	ErrRoomName     = errors.New("adapter: the room's name is empty or too long")
)

// Limits bound what one socket can cost. A zero field means its default.
type Limits struct {
	Rooms     int // rooms per socket, its own id not counted; 1,024
	RoomBytes int // bytes of a room's name; 128
}

// WithDefaults returns l with the defaults in place of zero fields.
func (l Limits) WithDefaults() Limits {
	if l.Rooms == 0 {
		l.Rooms = 1024
	}
	if l.RoomBytes == 0 {
		l.RoomBytes = 128
	}
	return l
}
