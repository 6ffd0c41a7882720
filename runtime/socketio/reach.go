// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"
	"time"

	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/internal/guard"
	"github.com/sockgen/sockgen/runtime/siowire"
)

// SocketsJoin adds the sockets that b means to rooms, on all nodes unless b is
// Local. It returns the first error of this node's sockets and does not wait for
// other nodes.
func (b Broadcast) SocketsJoin(ctx context.Context, rooms ...Room) error {
	return b.each(func(n *Namespace) error { return n.adapter.AddSockets(ctx, b.options(), rooms...) })
}

// SocketsLeave takes the sockets that b means out of rooms, as SocketsJoin adds them.
func (b Broadcast) SocketsLeave(ctx context.Context, rooms ...Room) error {
	return b.each(func(n *Namespace) error { return n.adapter.RemoveSockets(ctx, b.options(), rooms...) })
}

// DisconnectSockets ends the sockets that b means, on all nodes unless b is Local. The
// connections under them stay. See [Socket.Disconnect].
func (b Broadcast) DisconnectSockets(ctx context.Context) error {
	return b.each(func(n *Namespace) error { return n.adapter.DisconnectSockets(ctx, b.options(), false) })
}

// CloseConnections closes the connections under the sockets that b means, on all nodes
// unless b is Local. See [Socket.CloseConnection].
func (b Broadcast) CloseConnections(ctx context.Context) error {
	return b.each(func(n *Namespace) error { return n.adapter.DisconnectSockets(ctx, b.options(), true) })
}

// FetchSockets returns the sockets that b means, sorted by id and for a parent by namespace, on all nodes unless b
// is Local. With an error it returns those of the nodes that did answer.
func (b Broadcast) FetchSockets(ctx context.Context) ([]RemoteSocket, error) {
	var sockets []RemoteSocket
	err := b.each(func(n *Namespace) error {
		list, err := n.adapter.FetchSockets(ctx, b.options())
		for _, d := range list {
			sockets = append(sockets, RemoteSocket{n, d})
		}
		return err
	})
	return sockets, err
}

// SocketsJoin adds all sockets of the namespace to rooms. See
// [Broadcast.SocketsJoin].
func (n *Namespace) SocketsJoin(ctx context.Context, rooms ...Room) error {
	return Broadcast{ns: n}.SocketsJoin(ctx, rooms...)
}

// SocketsLeave takes all sockets of the namespace out of rooms.
func (n *Namespace) SocketsLeave(ctx context.Context, rooms ...Room) error {
	return Broadcast{ns: n}.SocketsLeave(ctx, rooms...)
}

// DisconnectSockets ends all sockets of the namespace.
func (n *Namespace) DisconnectSockets(ctx context.Context) error {
	return Broadcast{ns: n}.DisconnectSockets(ctx)
}

// CloseConnections closes the connections under all sockets of the namespace.
func (n *Namespace) CloseConnections(ctx context.Context) error {
	return Broadcast{ns: n}.CloseConnections(ctx)
}

// FetchSockets returns all sockets of the namespace, on all nodes.
func (n *Namespace) FetchSockets(ctx context.Context) ([]RemoteSocket, error) {
	return Broadcast{ns: n}.FetchSockets(ctx)
}

// A RemoteSocket is a socket as FetchSockets found it, on whatever node it is. What
// it tells is of that moment, and its methods act on the socket wherever it is, if it
// still is. The zero RemoteSocket is none: what it tells is empty, and its methods fail
// with ErrZeroValue.
type RemoteSocket struct {
	ns *Namespace
	d  adapter.Description
}

// Namespace returns the namespace that the socket is in, nil for the zero RemoteSocket.
func (r RemoteSocket) Namespace() *Namespace { return r.ns }

// ID returns the socket's id.
func (r RemoteSocket) ID() ID { return r.d.ID }

// Rooms returns the rooms that the socket was in, its own id among them, sorted.
func (r RemoteSocket) Rooms() []Room { return slices.Clone(r.d.Rooms) }

// Handshake returns what the client told when it connected.
func (r RemoteSocket) Handshake() *Handshake {
	if r.d.Handshake == nil {
		return &Handshake{} // of the zero value, or of a node that does not tell
	}
	return r.d.Handshake
}

// Data decodes what [Socket.SetData] kept with the socket, as JSON, into v. It leaves
// v alone when that is nothing.
func (r RemoteSocket) Data(v any) error {
	if r.d.Data == nil {
		return nil
	}
	return json.Unmarshal(r.d.Data, v)
}

func (r RemoteSocket) broadcast() Broadcast { return Broadcast{ns: r.ns}.To(Room(r.d.ID)) }

// Emit sends an event to the socket, as a broadcast to the room of its id, in which
// others may listen in.
func (r RemoteSocket) Emit(ctx context.Context, event string, args ...any) error {
	return r.broadcast().Emit(ctx, event, args...)
}

// Timeout returns a broadcast to the socket that is answered within d. See
// [Broadcast.Timeout].
func (r RemoteSocket) Timeout(d time.Duration) AckBroadcast { return r.broadcast().Timeout(d) }

// Join adds the socket to rooms.
func (r RemoteSocket) Join(ctx context.Context, rooms ...Room) error {
	return r.broadcast().SocketsJoin(ctx, rooms...)
}

// Leave takes the socket out of rooms.
func (r RemoteSocket) Leave(ctx context.Context, rooms ...Room) error {
	return r.broadcast().SocketsLeave(ctx, rooms...)
}

// Disconnect ends the socket. See [Socket.Disconnect].
func (r RemoteSocket) Disconnect(ctx context.Context) error {
	return r.broadcast().DisconnectSockets(ctx)
}

// CloseConnection closes the connection under the socket. See
// [Socket.CloseConnection].
func (r RemoteSocket) CloseConnection(ctx context.Context) error {
	return r.broadcast().CloseConnections(ctx)
}

// SetData keeps a value of the application's with the socket, in place of the one
// before. FetchSockets sends it to other nodes as JSON, so what v refers to must not
// change afterwards.
func (s *Socket) SetData(v any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.data = v
}

// DataOf returns the value that SetData kept, and whether it is a T. Of a socket that
// continues one of another node (see [Recovery]) it decodes the value from JSON, the first
// time that it is asked for one that fits.
func DataOf[T any](s *Socket) (T, bool) {
	s.mu.Lock()
	kept := s.data
	s.mu.Unlock()
	from, other := kept.(traveled)
	if !other {
		v, ok := kept.(T)
		return v, ok
	}
	if v, ok := from.value.(T); ok {
		return v, true
	}
	var v T
	text, err := from.MarshalJSON()
	if err == nil {
		err = json.Unmarshal(text, &v)
	}
	if err != nil {
		return *new(T), false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, still := s.data.(traveled); still {
		s.data = traveled{from.text, v}
	}
	return v, true
}

// Join implements adapter.Local.
func (l local) Join(ids iter.Seq[ID], rooms []Room) error {
	var first error
	for _, s := range l.connected(ids) {
		if err := s.Join(rooms...); err != nil && !errors.Is(err, ErrDisconnected) && first == nil {
			first = fmt.Errorf("socketio: SocketsJoin: socket %s: %w", s.id, err)
		}
	}
	return first
}

// Leave implements adapter.Local.
func (l local) Leave(ids iter.Seq[ID], rooms []Room) {
	for _, s := range l.connected(ids) {
		s.Leave(rooms...)
	}
}

// Disconnect implements adapter.Local.
func (l local) Disconnect(ids iter.Seq[ID], closeConnection bool) {
	for _, s := range l.connected(ids) {
		if closeConnection {
			s.CloseConnection()
		} else {
			s.Disconnect()
		}
	}
}

// Describe implements adapter.Local.
func (l local) Describe(ids iter.Seq[ID]) []adapter.Description {
	var list []adapter.Description
	for _, s := range l.connected(ids) {
		list = append(list, s.describe())
	}
	return list
}

func (s *Socket) describe() adapter.Description {
	return adapter.Description{ID: s.id, Rooms: s.Rooms(), Handshake: s.Handshake(), Data: s.encodeData()}
}

// encodeData returns what SetData kept as JSON, nil for nothing.
func (s *Socket) encodeData() json.RawMessage {
	s.mu.Lock()
	v := s.data
	s.mu.Unlock()
	if v == nil {
		return nil
	}
	data, err := []byte(nil), errMarshal
	s.ns.apart("SetData", s.id, func() { data, err = json.Marshal(v) })
	if err != nil {
		s.ns.srv.cfg.Logger.Error("socketio: a socket's data cannot be sent", "namespace", s.ns.name, "socket", string(s.id), "cause", report(guard.Text(err)))
		return nil
	}
	return data
}

// A ServerSideEvent is what another node told this one.
type ServerSideEvent struct {
	Name string
	Args siowire.Args

	ns  *Namespace
	ack func(*siowire.Encoder) error
}

// Namespace returns the namespace that the event is for.
func (e *ServerSideEvent) Namespace() *Namespace { return e.ns }

// WantsAck reports whether the other node waits for an answer.
func (e *ServerSideEvent) WantsAck() bool { return e.ack != nil }

// Ack answers the other node, once. Errors: ErrNoAck when it does not wait for one,
// those of encoding and those of the adapter.
func (e *ServerSideEvent) Ack(args ...any) error {
	if e.ack == nil {
		return ErrNoAck
	}
	enc := encode(args)
	if err := enc.Err(); err != nil {
		enc.Release()
		return err
	}
	return e.ack(enc)
}

// A ServerSideFunc hears what another node told this one.
type ServerSideFunc func(ctx context.Context, e *ServerSideEvent)

// OnServerSide adds a listener of an event that another node sends with
// ServerSideEmit. Events of a namespace are heard one after the other, as they arrive;
// those that want an answer, of which each may take its time, are heard at once. So a
// listener that waits for another event waits for ever unless it asks for an answer.
func (n *Namespace) OnServerSide(event string, f ServerSideFunc) {
	n.register(addServerSide(event, f))
}

// ServerSideEmit sends an event to the other nodes of the cluster, whose listeners
// OnServerSide added. This node does not hear it, so on a single node nobody does.
// Errors: those of encoding and of the adapter.
func (n *Namespace) ServerSideEmit(ctx context.Context, event string, args ...any) error {
	e := encode(args)
	defer e.Release()
	if err := n.srv.sendable(event, e); err != nil {
		return err
	}
	return n.reach(func(n *Namespace) error {
		return n.adapter.ServerSideEmit(ctx, adapter.Event{Name: event, Args: e})
	})
}

// ServerSideEmitWithAck is ServerSideEmit for an event that each of the other nodes
// shall answer. It returns their answers in the order of arrival, on a single node
// none; with an error, those that came in time.
func (n *Namespace) ServerSideEmitWithAck(ctx context.Context, event string, args ...any) (answers []siowire.Args, err error) {
	e := encode(args)
	defer e.Release()
	if err := n.srv.sendable(event, e); err != nil {
		return nil, err
	}
	err = n.reach(func(n *Namespace) error {
		answers, err = n.adapter.ServerSideEmitWithAck(ctx, adapter.Event{Name: event, Args: e}, adapter.Options{})
		return err
	})
	return answers, err
}

// ServerCount returns the number of nodes that have the namespace. This one counts,
// unless it is a child that no socket of this node is in.
func (n *Namespace) ServerCount(ctx context.Context) (count int, err error) {
	err = n.reach(func(n *Namespace) error {
		count, err = n.adapter.ServerCount(ctx)
		return err
	})
	return count, err
}

// ServerSide implements adapter.Local.
func (l local) ServerSide(ctx context.Context, e adapter.ServerSideEvent) {
	heard := &ServerSideEvent{Name: e.Name, Args: e.Args, ns: l.ns, ack: e.Ack}
	for _, f := range l.ns.handlers.Load().serverSide[e.Name] {
		l.ns.apart("OnServerSide", "", func() { f(ctx, heard) })
	}
}
