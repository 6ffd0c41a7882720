// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/engineio"
)

type state uint8

const (
	pending   state = iota // the Use functions have not decided yet
	connected              // the CONNECT reply was queued
	ending                 // nothing is received or sent any more; OnDisconnecting is due or done
	ended                  // rooms are left, acks failed; OnDisconnect is due or done
)

// A todo is a function of the namespace that a socket's worker still has to call.
type todo uint8

const (
	todoUse todo = 1 << iota
	todoConnect
	todoUpgrade
	todoDisconnecting
	todoDisconnect
)

// A Socket is one client's presence in one namespace, from a CONNECT to a
// disconnect. Its methods may be called from any goroutine.
type Socket struct {
	// Handlers run in the worker, a goroutine that exists while there is something to
	// run. The connection's reader fills the inbox and handles acks and disconnects
	// itself.

	ns     *Namespace
	conn   *conn
	id     ID
	auth   json.RawMessage
	time   time.Time
	ctx    context.Context
	cancel context.CancelCauseFunc

	presence  *presence // what it leaves behind; nil unless Config.Recovery is set
	pid       string    // the secret that finds it
	recovered bool      // it continues another one, or is about to
	journey   *journey  // its way between nodes; nil unless the adapter keeps sessions

	listeners atomic.Pointer[listeners] // nil until the first; replaced under mu, and never changed

	roomMu  sync.Mutex // orders Join and Leave with the end; guards what follows
	left    bool       // the rooms are left
	entered bool       // the adapter knows it
	joined  int        // rooms that it is in, its own not counted

	mu          sync.Mutex // guards what follows
	state       state
	reason      DisconnectReason
	todo        todo
	running     bool          // the worker exists
	idle        chan struct{} // closed when it ends; nil while nobody waits for that
	doing       task          // what the worker is in, for Shutdown's error
	event       string        // its name, if it is one
	step        uint64        // counts what the worker did
	seenStep    uint64        // as the watchdog saw it
	sightings   int           // how often it saw the same
	due         time.Time     // when the events so far are within Limits.EventRate
	warned      bool          // that they are not
	head, tail  *Event        // the inbox
	dropped     bool          // Disconnect was called, so nothing more is handled
	held        []heldEvent   // emitted while pending
	heldBytes   int
	acks        map[uint64]chan<- reply // by id; nil until the first, and in the end
	owes        chan struct{}           // closed when there is room in acks; nil while nobody waits for it
	bound       any
	start, sent uint64      // positions in the log: of the CONNECT reply, and of the last event sent
	resumes     *resumption // what it is about to continue; nil from the CONNECT reply on
	unclaimable bool        // it gave up what it was to continue
	data        any         // what SetData kept

	cancels  bool              // its client may take requests back; set before the CONNECT reply
	requests map[uint64]*Event // those in the inbox, by the id of their ack; nil unless cancels
	request  asking            // the one whose handler runs

	handlers       context.Context // of handlers; nil until the first runs
	cancelHandlers context.CancelCauseFunc
	drain          engineio.Timer // cancels handlers; nil before the end
}

// A Handshake is what a client told when it connected.
type Handshake = adapter.Handshake

// ID returns the socket's id: 20 characters, fresh for each CONNECT.
func (s *Socket) ID() ID { return s.id }

// Namespace returns the namespace that the socket is in.
func (s *Socket) Namespace() *Namespace { return s.ns }

// Context ends with the socket. The ctx that handlers get lives on until they have
// returned, or for Config.DrainTime. After the end the context.Cause of both is a
// [*DisconnectError]; that of a socket that was refused is context.Canceled. Where a
// client may give requests up, which the generated ones may, the ctx of a request's
// handler also ends with that, because of [ErrCanceled], and when the handler returns.
func (s *Socket) Context() context.Context { return s.ctx }

// Handshake returns what the client told when it connected.
func (s *Socket) Handshake() *Handshake {
	r := s.conn.session.Request()
	return &Handshake{
		Auth: s.auth, Header: r.Header, Query: r.Query(), URL: r.URL, Address: r.RemoteAddr,
		Time: s.time, Secure: r.Secure, CrossOrigin: r.Header.Get("Origin") != "",
	}
}

// Transport returns "polling" or "websocket": what the connection uses now. OnUpgrade
// tells when that changes.
func (s *Socket) Transport() string { return s.conn.session.Transport() }

// Connected reports whether the socket's CONNECT was answered and no disconnect has
// begun.
func (s *Socket) Connected() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state == connected
}

// Recovered reports whether the socket continues one that was lost, with its id,
// rooms and data (see [Recovery]). Use functions may ask, too.
func (s *Socket) Recovered() bool { return s.recovered }

// bind keeps one value with the socket, which belongs to generated code.
func (s *Socket) bind(v any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.bound = v
}

// boundTo returns the value that bind kept, nil before.
func (s *Socket) boundTo() any {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bound
}

// Join adds the socket to rooms, to all of them or, with an error, to none:
// ErrDisconnected after the end, one that wraps ErrTooManyRooms or ErrRoomName, or the
// adapter's own.
func (s *Socket) Join(rooms ...Room) error {
	err := s.join(rooms)
	s.ns.rooms.wait(s.ctx, roomBacklog) // whose error is the socket's end
	return err
}

func (s *Socket) join(rooms []Room) error {
	s.roomMu.Lock()
	defer s.roomMu.Unlock()
	if s.over() {
		return ErrDisconnected
	}
	fresh, err := s.mayJoinLocked(rooms)
	if err != nil {
		return err
	}
	if err := s.ns.adapter.Add(s.id, rooms...); err != nil {
		return err
	}
	s.entered = true
	s.joined += fresh
	return nil
}

// mayJoinLocked counts the rooms that the socket would newly be in, and refuses what is
// beyond the limits. roomMu is held.
func (s *Socket) mayJoinLocked(rooms []Room) (fresh int, err error) {
	most := s.ns.srv.cfg.Limits
	for _, r := range rooms {
		if r == "" || len(r) > most.RoomBytes {
			s.conn.hit(limitRoomBytes)
			return 0, fmt.Errorf("%w: it has %d bytes, the limit is %d", ErrRoomName, len(r), most.RoomBytes)
		}
	}
	if fresh = s.countLocked(rooms, false); s.joined+fresh > most.Rooms {
		if s.conn.hit(limitRooms); most.ReportOnly {
			return fresh, nil
		}
		return 0, fmt.Errorf("%w: %d and %d more, the limit is %d", ErrTooManyRooms, s.joined, fresh, most.Rooms)
	}
	return fresh, nil
}

// countLocked counts the rooms, each once and its own not at all, that the socket is in
// or is not in. roomMu is held.
func (s *Socket) countLocked(rooms []Room, in bool) (n int) {
	var seen map[Room]struct{} // nil while looking through the list is as fast
	const few = 8
	if len(rooms) > few {
		seen = make(map[Room]struct{}, len(rooms))
	}
	for i, r := range rooms {
		if seen == nil && slices.Contains(rooms[:i], r) {
			continue
		}
		if seen != nil {
			if _, twice := seen[r]; twice {
				continue
			}
			seen[r] = struct{}{}
		}
		if r != Room(s.id) && s.ns.adapter.Joined(s.id, r) == in {
			n++
		}
	}
	return n
}

// Leave takes the socket out of rooms. The room of its own id stays.
func (s *Socket) Leave(rooms ...Room) {
	s.roomMu.Lock()
	defer s.roomMu.Unlock()
	if !s.over() {
		s.joined -= s.countLocked(rooms, true)
		s.ns.adapter.Remove(s.id, rooms...)
	}
}

// Rooms returns the rooms that the socket is in, its own id among them, sorted. In
// OnDisconnecting these are the rooms that it was in when it ended, in OnDisconnect it
// has left them.
func (s *Socket) Rooms() []Room {
	s.roomMu.Lock()
	defer s.roomMu.Unlock()
	if s.left {
		return nil
	}
	return s.ns.adapter.Rooms(s.id)
}

// over reports whether the end has begun. The end takes roomMu only after that, so
// whoever holds roomMu and finds a socket not over comes before its rooms are left.
func (s *Socket) over() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state >= ending
}

// To returns a broadcast to the other sockets in any of rooms, never to s itself.
// Without rooms, as from a list that is empty, it reaches nobody.
func (s *Socket) To(rooms ...Room) Broadcast { return s.Broadcast().To(rooms...) }

// In is another name for To.
func (s *Socket) In(rooms ...Room) Broadcast { return s.To(rooms...) }

// Except returns a broadcast to the other sockets that are in none of rooms.
func (s *Socket) Except(rooms ...Room) Broadcast { return s.Broadcast().Except(rooms...) }

// Local returns a broadcast to the other sockets of this node.
func (s *Socket) Local() Broadcast { return s.Broadcast().Local() }

// Broadcast returns a broadcast to all other sockets of the namespace.
func (s *Socket) Broadcast() Broadcast { return s.ns.Except(Room(s.id)) }

// Disconnect ends the socket with the reason "server namespace disconnect" and tells
// its client, which does not reconnect by itself. What the client sent and no handler
// has had yet is dropped. The connection stays for the other namespaces. It returns before OnDisconnect has run. In a Use function it does nothing.
func (s *Socket) Disconnect() { s.endConnected(ServerNamespaceDisconnect) }

// CloseConnection does what Disconnect does for every socket of the connection and then
// closes it. In a Use function it does nothing.
func (s *Socket) CloseConnection() {
	if s.current() == pending {
		return
	}
	for _, other := range s.conn.sockets() {
		other.endConnected(ServerNamespaceDisconnect)
	}
	if s.conn.end(ForcedClose, nil) {
		s.conn.session.Close(engineio.ForcedClose)
	}
}

// expelled reports whether Disconnect was called.
func (s *Socket) expelled() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.dropped
}

// Waiting returns how many bytes wait to be sent on the socket's connection, each
// message with a share of what it costs besides its text.
func (s *Socket) Waiting() int { return s.conn.session.Waiting() }

// AwaitSent returns nil once everything that was emitted to the socket before has been
// handed to the network. Other errors: ErrDisconnected when the socket ended first, and
// the cause of ctx's end.
func (s *Socket) AwaitSent(ctx context.Context) error {
	err := s.conn.session.AwaitSent(ctx, s.ctx.Done())
	if errors.Is(err, engineio.ErrSessionClosed) {
		return ErrDisconnected
	}
	return err
}

// current returns the state of this moment.
func (s *Socket) current() state {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state
}
