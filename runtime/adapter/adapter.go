// SPDX-License-Identifier: Apache-2.0

package adapter

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/sockgen/sockgen/runtime/siowire"
)

// An ID is a socket's id. It is also the name of a room that holds that socket.
type ID string

// A Room is the name of a set of sockets. A room exists while somebody is in it.
type Room string

// Options say whom a broadcast is for and how it travels. Adapters do not change
// the slices. The zero Options mean nobody: an adapter that loses a field on the way
// to another node reaches too few and never everybody.
type Options struct {
	All      bool   // the whole namespace; Rooms is empty then
	Rooms    []Room // without All, the sockets in any of these, each once; none means nobody
	Except   []Room // but not those in any of these
	Local    bool   // this node's sockets only
	Volatile bool   // dropped for a socket whose transport is not writable right now

	Uncompressed bool          // must not be compressed, where compression is on
	Slow         SlowPolicy    // what becomes of it for a socket that does not keep up; an adapter may not carry it to other nodes
	Timeout      time.Duration // how long other nodes may take to answer; zero means the adapter's default
}

// Nobody reports whether o means no socket, whoever there is.
func (o Options) Nobody() bool { return !o.All && len(o.Rooms) == 0 }

// A SlowPolicy says what becomes of an event for a socket whose connection lags: for
// which more waits than its soft bound.
type SlowPolicy uint8

// The policies.
const (
	SlowQueue  SlowPolicy = iota // it waits, until the hard bound of the connection's queue
	SlowDrop                     // it is dropped when the connection lags
	SlowLatest                   // it waits, and drops the event of the same name and namespace that still waits
	SlowClose                    // a connection that lags is closed
)

// An Event is what a broadcast carries. It is read only and valid until Broadcast
// returns: an adapter that needs it longer encodes or copies it.
type Event struct {
	Name string
	Args *siowire.Encoder // nil means none

	// Offset is the event's place in what a [Keeper] keeps. The events of a namespace that
	// have one are delivered on every node in the same order. It is empty in what is given
	// to an adapter, and in what is not kept, or not known to be.
	Offset string
}

// Local is a namespace on this node, as its adapter sees it.
type Local interface {
	// Deliver encodes e once and sends it to each of the sockets that is connected;
	// other ids are passed over. It is called for every broadcast that reaches this
	// node, also without ids: clients that are away for a moment may get it later. It
	// may hold its caller for ten milliseconds while clients that lag catch up, and may be called from several goroutines at once.
	// An adapter holds no lock meanwhile. ids does not block, and finds the sockets when
	// it is iterated, which is once: a client may come back a moment before.
	Deliver(ids iter.Seq[ID], e Event, o Options)
	// DeliverWithAck is Deliver for an event that the sockets shall answer. First it
	// calls asked, unless that is nil, with the number of sockets that it was sent to:
	// once and in any case, also when that is none because the event cannot be sent.
	// Then it calls answer for each answer as it comes, until all sockets have answered
	// or ended, or answer returns false, or ctx ends. It returns the sockets that
	// neither answered nor ended, sorted. All calls come from the caller's goroutine.
	DeliverWithAck(ctx context.Context, ids iter.Seq[ID], e Event, o Options, asked func(n int), answer func(Answer) bool) (missing []ID)

	// Join adds the sockets, those that are connected, to rooms. It returns the first
	// error, and tries them all regardless.
	Join(ids iter.Seq[ID], rooms []Room) error
	// Leave takes the sockets out of rooms.
	Leave(ids iter.Seq[ID], rooms []Room)
	// Disconnect ends the sockets, and with closeConnection the connections under
	// them.
	Disconnect(ids iter.Seq[ID], closeConnection bool)
	// Describe tells about the sockets, those that are connected, in the order of ids.
	Describe(ids iter.Seq[ID]) []Description
	// RoomChanged tells about a room, in the order in which rooms change. It only takes
	// note, so an adapter may hold a lock meanwhile.
	RoomChanged(e RoomEvent)
	// ServerSide runs the listeners of an event that another node sent to this one. A
	// non-nil ack takes the one answer, and its ownership; nil is an empty one.
	ServerSide(ctx context.Context, e ServerSideEvent)
}

// A RoomEvent is a change of a room on this node.
type RoomEvent struct {
	Kind RoomEventKind
	Room Room
	ID   ID // of the socket that joined or left; empty otherwise
}

// A RoomEventKind says what happened to a room.
type RoomEventKind uint8

// A room is created before the first socket joins it, and deleted after the last one
// has left. The room of a socket's own id is no exception.
const (
	RoomCreated RoomEventKind = iota
	RoomJoined
	RoomLeft
	RoomDeleted

	RoomEventKinds = 4 // how many kinds there are
)

// An Answer is what one socket answered to a broadcast.
type Answer struct {
	ID   ID // empty when another node did not tell
	Args siowire.Args
}

// A ServerSideEvent is what one node tells the others.
type ServerSideEvent struct {
	Name string
	Args siowire.Args
	Ack  func(args *siowire.Encoder) error // nil when no answer is wanted; works once
}

// A Description is what a node tells the others about one of its sockets.
type Description struct {
	ID        ID
	Rooms     []Room // its own id among them, sorted
	Handshake *Handshake
	Data      json.RawMessage // what the application keeps with it; nil for nothing
}

// A Handshake is what a client told when it connected. Its fields must not be
// changed.
type Handshake struct {
	Auth        json.RawMessage // of the CONNECT packet, a JSON object; {} when it had none
	Header      http.Header     // of the request that opened the connection
	Query       url.Values      // of that request
	URL         string          // of that request, without host
	Address     string          // the peer's, as net/http gives it
	Time        time.Time       // of the CONNECT
	Secure      bool            // the connection used TLS as far as this server
	CrossOrigin bool            // the request had an Origin header
}

// Reach is what can be done to all sockets of a namespace, on every node. Nothing of it
// waits for a node that does not answer for longer than Options.Timeout or ctx allow.
// What is for nobody is not carried to any node.
type Reach interface {
	// Broadcast sends e to those whom o means. It reaches a socket of this node whose Add
	// has returned before it began, and none whose Remove has (R250); other nodes learn
	// of joins and leaves a moment later. ctx bounds the work of reaching other nodes;
	// sockets of this node are served regardless, also when that fails. What is for
	// nobody is not delivered at all, here or on another node.
	Broadcast(ctx context.Context, e Event, o Options) error
	// BroadcastWithAck is Broadcast for an event that the sockets shall answer, each
	// with one call of answer, in the order of arrival and from the caller's goroutine.
	// It returns when all of them have answered or ended, when answer returns false, or
	// when ctx ends, which is no error. missing are the sockets that neither answered
	// nor ended; an empty id stands for one whose node does not tell. Nodes that did not
	// say whom they asked make it fail with a [*MissingNodesError].
	BroadcastWithAck(ctx context.Context, e Event, o Options, answer func(Answer) bool) (missing []ID, err error)

	// AddSockets, RemoveSockets and DisconnectSockets do to all sockets that o means,
	// unless o.Local on every node, what Local's Join, Leave and Disconnect do. They do
	// not wait for other nodes.
	AddSockets(ctx context.Context, o Options, rooms ...Room) error
	RemoveSockets(ctx context.Context, o Options, rooms ...Room) error
	DisconnectSockets(ctx context.Context, o Options, closeConnection bool) error
	// FetchSockets describes the sockets that o means, sorted by id, unless o.Local
	// those of every node. When a node does not answer in time it returns what there is
	// and a [*MissingNodesError].
	FetchSockets(ctx context.Context, o Options) ([]Description, error)

	// ServerSideEmit sends e to every other node, and not to this one.
	ServerSideEmit(ctx context.Context, e Event) error
	// ServerSideEmitWithAck does so and returns the answers, one for each other node in
	// the order of arrival; with a [*MissingNodesError], those that came.
	ServerSideEmitWithAck(ctx context.Context, e Event, o Options) ([]siowire.Args, error)
	// ServerCount returns the number of nodes that have the namespace, this one
	// included if it has.
	ServerCount(ctx context.Context) (int, error)
}

// An Adapter holds who is in which room. Calls may overlap. Those about one socket
// never do: its namespace calls Add and Remove between the socket's Add without
// rooms and its RemoveAll, one after the other. How many rooms a socket may be in, and
// how long their names are, is for the namespace to say: it asks before it calls Add.
type Adapter interface {
	Reach

	// Add puts a socket into rooms; without rooms it only makes the socket known. The
	// room that a socket's own id names is there from the beginning. It changes
	// nothing when it returns an error. When it has returned, broadcasts of this node
	// reach the socket; it does not wait for other nodes.
	Add(id ID, rooms ...Room) error
	// Remove takes a socket out of rooms. The room of its own id stays.
	Remove(id ID, rooms ...Room)
	// RemoveAll forgets the socket.
	RemoveAll(id ID)
	// Joined reports whether a socket is in a room.
	Joined(id ID, room Room) bool
	// Rooms returns the rooms of a socket, its own id among them, sorted; nil for an
	// id that is not known.
	Rooms(id ID) []Room
	// Members returns this node's sockets that are in any of rooms, each once,
	// sorted; without rooms all of them.
	Members(rooms ...Room) []ID

	// Close ends what the adapter runs. It is called once. Calls after it reach at most
	// this node. An adapter of the same namespace may have been opened before: that one
	// goes on as if this one had never been.
	Close() error
}

// A Hub joins one server to its peers: it holds what the server's namespaces share, such
// as one connection to a broker. It lives as long as the server.
type Hub interface {
	// Open makes the adapter of a namespace that comes to be on this node. A namespace
	// that is made on demand goes with its last socket, which closes its adapter, and may
	// come again while that Close still runs. Open does not wait for the network. The
	// server holds no lock meanwhile, so Open may call its methods, but must not ask for
	// the namespace that it is about.
	Open(namespace string, local Local) (Adapter, error)
	// Elsewhere reaches the sockets of a namespace that is not on this node, where other
	// nodes have it. It is asked for often and must cost little; what it needs to listen
	// to, for the answers of one call, ends with that call.
	Elsewhere(namespace string) Reach
	// Close ends what the hub runs, when the adapters are closed or soon will be. Calls
	// of an adapter or a Reach after it reach at most this node. It is called once, and
	// returns when the hub's goroutines have ended, or ctx has.
	Close(ctx context.Context) error
}

// A Factory makes the hub of one server. A server calls it once, when it is made. It fails
// when what it was configured with cannot work; that the network is away for the moment
// is no reason.
type Factory func(Environment) (Hub, error)

// An Environment is what a server gives to its hub. Neither Logger nor Clock is nil.
type Environment struct {
	Logger *slog.Logger
	Clock  Clock
	Limits Limits

	Recovery time.Duration // for how long clients that are away may come back; zero means not at all

	// Gap is to be told that messages of other nodes may have been lost in a namespace, as
	// after a lost connection. It does not block for long; calls may overlap. It may be nil.
	Gap func(namespace string, cause error)
}

// A Clock tells the time, which may be that of a simulation.
type Clock interface {
	Now() time.Time
	// AfterFunc calls f in a goroutine of its own when d has passed, unless stop is
	// called before, which then reports true.
	AfterFunc(d time.Duration, f func()) (stop func() bool)
}

// Limits bound what comes from other nodes as they bound what comes from clients.
type Limits struct {
	Packet    siowire.Limits // the shape of arguments
	Rooms     int            // rooms per socket
	RoomBytes int            // of a room's name
}

// A MissingNodesError says which nodes did not answer in time. What the others said
// comes with it.
type MissingNodesError struct {
	Nodes []string // their ids, sorted, as far as they are known
	Count int      // how many did not answer
	Of    int      // how many were asked
	Cause error    // why nobody waits any longer: context.DeadlineExceeded, or the cause of the caller's ctx
}

// Unwrap returns Cause.
func (e *MissingNodesError) Unwrap() error { return e.Cause }

// Error counts them, and names those that are known.
func (e *MissingNodesError) Error() string {
	text := fmt.Sprintf("adapter: %d of %d nodes did not answer in time", e.Count, e.Of)
	if len(e.Nodes) > 0 {
		text += ": " + strings.Join(e.Nodes, ", ")
	}
	return text
}

// ErrClosed is what is left of an operation that is for other nodes too, when the
// adapter or its hub has been closed.
var ErrClosed = errors.New("adapter: closed, so that other nodes were not reached")
