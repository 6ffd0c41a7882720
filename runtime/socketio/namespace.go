// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/internal/guard"
	"github.com/sockgen/sockgen/runtime/siowire"
)

// A ConnectFunc decides whether a socket may join its namespace. It may block, join rooms
// and emit. What it emits is sent after the CONNECT reply. When it or a later function
// returns an error, the rooms are left and nothing is sent.
//
// ctx ends when the client goes away, or sends another CONNECT, which then takes the place
// of this one. ctx, like those of all handlers, has the values of the context of the HTTP
// request that opened the connection.
type ConnectFunc func(ctx context.Context, s *Socket) error

// An EventFunc handles an event. ctx ends when the function has returned and the socket
// has ended, or Config.DrainTime after the socket's end.
type EventFunc func(ctx context.Context, s *Socket, e *Event)

// A DisconnectFunc is told that a socket has ended. The socket has left its rooms,
// but its Rooms method still names them. ctx outlives the socket: it ends when the
// server's shutdown runs out of time. context.Cause(s.Context()) has more than the
// reason, see [DisconnectError].
type DisconnectFunc = func(ctx context.Context, s *Socket, reason DisconnectReason)

// A Namespace is one of the channels that share a connection. It has its own sockets,
// rooms and handlers. Its methods may be called from any goroutine. Register handlers
// before you serve.
//
// A child of a [ParentNamespace] is removed with its last socket. If you keep a Namespace
// for longer, it stands for the child that has come in its place, if any; its broadcasts
// still reach other nodes.
type Namespace struct {
	srv     *Server
	name    string
	adapter adapter.Adapter
	log     *eventLog        // nil unless Config.Recovery is set and events are kept here
	shared  *sharedLog       // nil unless it is set and the adapter keeps them
	away    int              // presences parked; guarded by recoveries.mu
	parent  *ParentNamespace // nil unless it is a child
	users   int              // sockets not yet done with; guarded by Server.mu
	kept    bool             // the application has it from Of, so it stays when empty; guarded by Server.mu
	lease   lease            // of a child
	rooms   roomEvents

	introduced chan struct{} // closed when OnNewNamespace's functions know of it; nil when there are none

	nextAck atomic.Uint64 // the id of the next ack asked for; one counter for all sockets (R184)

	registering sync.Mutex               // held while handlers is replaced
	handlers    atomic.Pointer[handlers] // what it points to never changes

	mu      sync.RWMutex // guards sockets
	sockets map[ID]*Socket
}

// handlers are the functions of a namespace.
type handlers struct {
	use           []ConnectFunc
	connect       []func(context.Context, *Socket)
	upgrade       []func(context.Context, *Socket)
	disconnecting []DisconnectFunc
	disconnect    []DisconnectFunc
	events        map[string]EventFunc
	unhandled     EventFunc
	serverSide    map[string][]ServerSideFunc
	rooms         [adapter.RoomEventKinds][]func(Room, ID)
}

// newNamespace returns a namespace whose adapter is still to be opened.
func newNamespace(srv *Server, name string) *Namespace {
	n := newProto(srv, name)
	if srv.cfg.Recovery != nil {
		n.log = newEventLog(n, srv.epoch)
	}
	return n
}

// An order is what gives events their offsets: an eventLog or a sharedLog.
type order interface {
	deliver(ids iter.Seq[ID], e adapter.Event, o adapter.Options)
	emit(ctx context.Context, v Emitter, event string, args *siowire.Encoder) error
}

// order returns nil unless Config.Recovery is set.
func (n *Namespace) order() order {
	switch {
	case n.log != nil:
		return n.log
	case n.shared != nil:
		return n.shared
	}
	return nil
}

// newProto returns a namespace without an adapter.
func newProto(srv *Server, name string) *Namespace {
	n := &Namespace{srv: srv, name: name, sockets: map[ID]*Socket{}}
	n.handlers.Store(&handlers{events: map[string]EventFunc{}})
	return n
}

// A handlerChange adds a handler to h, a copy of those of the namespace with that name.
// It panics when it cannot.
type handlerChange func(namespace string, h *handlers)

// register replaces the handlers by a changed copy.
func (n *Namespace) register(change handlerChange) {
	n.registering.Lock()
	defer n.registering.Unlock()
	n.handlers.Store(n.changedLocked(change))
}

// changedLocked returns a changed copy of the handlers. registering is held.
func (n *Namespace) changedLocked(change handlerChange) *handlers {
	old := n.handlers.Load()
	h := &handlers{
		use: slices.Clone(old.use), connect: slices.Clone(old.connect), upgrade: slices.Clone(old.upgrade),
		disconnecting: slices.Clone(old.disconnecting), disconnect: slices.Clone(old.disconnect),
		events: maps.Clone(old.events), unhandled: old.unhandled,
		serverSide: maps.Clone(old.serverSide), rooms: old.rooms,
	}
	change(n.name, h)
	return h
}

// The changes that a namespace and a parent of several have in common.

func addUse(f ConnectFunc) handlerChange {
	return func(_ string, h *handlers) { h.use = append(h.use, f) }
}

func addConnect(f func(context.Context, *Socket)) handlerChange {
	return func(_ string, h *handlers) { h.connect = append(h.connect, f) }
}

func addUpgrade(f func(context.Context, *Socket)) handlerChange {
	return func(_ string, h *handlers) { h.upgrade = append(h.upgrade, f) }
}

func addDisconnecting(f DisconnectFunc) handlerChange {
	return func(_ string, h *handlers) { h.disconnecting = append(h.disconnecting, f) }
}

func addDisconnect(f DisconnectFunc) handlerChange {
	return func(_ string, h *handlers) { h.disconnect = append(h.disconnect, f) }
}

func addServerSide(event string, f ServerSideFunc) handlerChange {
	return func(_ string, h *handlers) {
		if h.serverSide == nil {
			h.serverSide = map[string][]ServerSideFunc{}
		}
		h.serverSide[event] = with(h.serverSide[event], f)
	}
}

func setEvent(event string, f EventFunc) handlerChange {
	if siowire.Reserved(event) {
		panic(fmt.Sprintf("socketio: On(%q): the name is reserved, so clients cannot send it", event))
	}
	return func(namespace string, h *handlers) {
		if h.events[event] != nil {
			panic(fmt.Sprintf("socketio: On(%q): namespace %s has a handler for it already", event, namespace))
		}
		h.events[event] = f
	}
}

func setUnhandled(f EventFunc) handlerChange {
	return func(namespace string, h *handlers) {
		if h.unhandled != nil {
			panic(fmt.Sprintf("socketio: OnUnhandled: namespace %s has a handler already", namespace))
		}
		h.unhandled = f
	}
}

// Name returns the namespace's name, with its slash.
func (n *Namespace) Name() string { return n.name }

// Use adds a function that decides about each CONNECT before it is answered. The
// functions run in the order of their registration until one returns an error; a panic
// refuses, too. OnDisconnect does not run for a refused socket, so let the last function
// begin what OnDisconnect ends.
func (n *Namespace) Use(f ConnectFunc) { n.register(addUse(f)) }

// OnConnect adds a function that runs once for each accepted socket, after the
// CONNECT reply was queued and before its first event.
func (n *Namespace) OnConnect(f func(ctx context.Context, s *Socket)) {
	n.register(addConnect(f))
}

// OnUpgrade adds a function that runs once for each accepted socket whose connection
// moves to WebSocket. See [Socket.OnUpgrade].
func (n *Namespace) OnUpgrade(f func(ctx context.Context, s *Socket)) {
	n.register(addUpgrade(f))
}

// OnDisconnecting adds a function that runs once for each accepted socket that ends,
// after its last event and while it still is in its rooms. See
// [Socket.OnDisconnecting].
func (n *Namespace) OnDisconnecting(f DisconnectFunc) { n.register(addDisconnecting(f)) }

// OnDisconnect adds a function that runs once for each socket that the Use functions
// accepted, after its OnConnect and its last event. So it can end whatever they began. It
// runs without an OnConnect when the client went away, or sent another CONNECT, while the
// Use functions ran.
func (n *Namespace) OnDisconnect(f func(ctx context.Context, s *Socket, reason DisconnectReason)) {
	n.register(addDisconnect(f))
}

// On sets the handler of an event. A numeric event name is known by its digits. It
// panics when the event has a handler already, or a name that clients must not send.
func (n *Namespace) On(event string, f EventFunc) {
	n.register(setEvent(event, f))
	n.srv.words.add(event)
}

// OnUnhandled sets the handler of the events that On does not name. Without it they
// are dropped, and their acks never answered. It panics when there is one
// already.
func (n *Namespace) OnUnhandled(f EventFunc) { n.register(setUnhandled(f)) }

// Socket returns the connected socket with the given id, if it is on this node.
func (n *Namespace) Socket(id ID) (*Socket, bool) {
	s := n.present().lookup(id)
	return s, s != nil
}

// Sockets returns the connected sockets of this node, sorted by id. It copies the list,
// so it takes time and memory for each of them; [Namespace.Socket] finds one alone.
func (n *Namespace) Sockets() []*Socket {
	n = n.present()
	n.mu.RLock()
	list := slices.Collect(maps.Values(n.sockets))
	n.mu.RUnlock()
	slices.SortFunc(list, func(a, b *Socket) int { return strings.Compare(string(a.id), string(b.id)) })
	return list
}

// Rooms returns the rooms that connected sockets of this node are in, each with their
// number. The room of a socket's own id is left out unless others have joined it. It
// asks every socket for its rooms, so it takes time for each of them; no lock is held
// meanwhile, and who joins or leaves at that moment may count or not.
func (n *Namespace) Rooms() map[Room]int {
	rooms := map[Room]int{}
	for _, s := range n.Sockets() {
		alone := Room(s.id)
		for _, r := range s.Rooms() {
			if r != alone {
				rooms[r]++
			}
		}
	}
	for r := range rooms {
		if _, own := n.Socket(ID(r)); own {
			rooms[r]++
		}
	}
	return rooms
}

func (n *Namespace) lookup(id ID) *Socket {
	n.mu.RLock()
	defer n.mu.RUnlock()
	return n.sockets[id]
}

func (n *Namespace) insert(s *Socket) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.sockets[s.id] = s
}

func (n *Namespace) delete(s *Socket) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.sockets[s.id] == s { // and not one that continues s, or that s was to continue
		delete(n.sockets, s.id)
	}
}

// Members returns the ids of this node's sockets that are in any of rooms, sorted;
// without rooms of nobody. Only connected sockets count. [Namespace.Sockets] has all.
func (n *Namespace) Members(rooms ...Room) []ID {
	if len(rooms) == 0 {
		return nil
	}
	n = n.present()
	return slices.DeleteFunc(n.adapter.Members(rooms...), func(id ID) bool { return n.lookup(id) == nil })
}

// To returns a broadcast to the sockets in any of rooms; each gets it once. Without
// rooms, as from a list that is empty, it reaches nobody.
func (n *Namespace) To(rooms ...Room) Broadcast { return Broadcast{ns: n}.To(rooms...) }

// In is another name for To.
func (n *Namespace) In(rooms ...Room) Broadcast { return n.To(rooms...) }

// Except returns a broadcast to the sockets that are in none of rooms.
func (n *Namespace) Except(rooms ...Room) Broadcast { return Broadcast{ns: n}.Except(rooms...) }

// Local returns a broadcast to the sockets of this node.
func (n *Namespace) Local() Broadcast { return Broadcast{ns: n}.Local() }

// Volatile returns a broadcast that drops the message for sockets whose transport
// is not writable at that moment.
func (n *Namespace) Volatile() Broadcast { return Broadcast{ns: n}.Volatile() }

// Slow returns a broadcast whose events have the policy.
func (n *Namespace) Slow(p SlowPolicy) Broadcast { return Broadcast{ns: n}.Slow(p) }

// Uncompressed returns a broadcast that is not compressed. See [Socket.Uncompressed].
func (n *Namespace) Uncompressed() Broadcast { return Broadcast{ns: n}.Uncompressed() }

// Timeout returns a broadcast whose sockets shall answer within d. See
// [Broadcast.Timeout].
func (n *Namespace) Timeout(d time.Duration) AckBroadcast { return Broadcast{ns: n}.Timeout(d) }

// Send emits the event "message" to every connected socket.
func (n *Namespace) Send(ctx context.Context, args ...any) error {
	return n.Emit(ctx, "message", args...)
}

// Emit sends an event to every connected socket. See [Broadcast.Emit].
func (n *Namespace) Emit(ctx context.Context, event string, args ...any) error {
	return Broadcast{ns: n}.Emit(ctx, event, args...)
}

// local is a Namespace as its adapter sees it.
type local struct{ ns *Namespace }

// Deliver implements adapter.Local. It encodes the event when it meets the first
// connected socket and sends the one message to all of them (R122).
func (l local) Deliver(ids iter.Seq[ID], e adapter.Event, o adapter.Options) {
	if order := l.ns.order(); order != nil {
		if l.sendable(e) {
			order.deliver(ids, e, o)
		}
		return
	}
	d := delivery{volatile: o.Volatile}
	for id := range ids {
		s := l.ns.lookup(id)
		if s == nil {
			continue
		}
		if d.m == nil {
			if !l.sendable(e) {
				return
			}
			d.m = l.ns.eventMessage(e.Name, 0, false, e.Args)
			d.m.NoCompress = o.Uncompressed
			l.ns.setSlow(d.m, e.Name, o.Slow)
			defer d.m.Release()
		}
		s.deliver(&d)
	}
	l.ns.tell(d.watched, e.Name, e.Args)
	d.finish()
}

// sendable reports whether an event from the adapter can be sent, and logs why not.
func (l local) sendable(e adapter.Event) bool {
	err := l.ns.srv.sendable(e.Name, e.Args)
	if err != nil {
		l.ns.srv.cfg.Logger.Error("socketio: broadcast dropped", "namespace", l.ns.name, "event", quoted(e.Name), "cause", report(guard.Text(err)))
	}
	return err == nil
}
