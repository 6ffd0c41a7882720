// Package socketio is a Socket.IO v5 server: namespaces, sockets, rooms, events and
// acks, over the sessions of package engineio.
//
//	io := socketio.NewServer(socketio.Config{})
//	io.Of("/").On("hello", func(ctx context.Context, s *socketio.Socket, e *socketio.Event) {
//		s.Emit(ctx, "hello back", s.ID())
//	})
//	log.Fatal(io.ListenAndServe(":3000"))
//
// The official clients of version 4 can connect, each minor version of which is
// tested. Generated code stands on this package, which is complete without it.
//
// # Order and concurrency
//
// The functions given to Use, OnConnect, On, OnDisconnecting and OnDisconnect, of a
// namespace or a socket, run one at a time for each socket, in that order and with
// events in the order sent; different sockets run in parallel. An event passes the
// socket's catch-all listeners, its middleware, its listeners, and the namespace's
// handler. They run in a goroutine that exists only while its socket has work, or in
// the one that reads the connection, of which another takes the place should that take
// long. Acks, heartbeats and disconnects do not pass through it, so a handler may wait
// for an ack of its own client. A panic ends that one call: it is logged with its
// stack and counted, and the socket lives on.
//
// A socket's inbox holds [Limits.Inbox] events. When it is full the session reads
// nothing more until the handlers catch up. After a disconnect no further event is
// handled; what waited in the inbox is dropped (R178, R249).
//
// # What a socket sends
//
// Packets leave in the order of the calls. Nothing precedes the reply to CONNECT:
// what Use functions emit is held back until then, and broadcasts pass over a
// socket that is not connected yet (R169, R248). Once a disconnect has begun,
// emits return [ErrDisconnected] and send nothing. A peer that does not read fills
// its session's queue, whose bounds are those of engineio; then the connection is
// closed with "transport error", and logged and counted as slow_consumer. Volatile
// emits are dropped instead.
//
// # What a peer may do wrong
//
// A packet that does not parse, or comes when it must not, ends the connection with
// the reason "forced close" and no other answer (R153, 16.1). A packet for a
// namespace that the server has just closed is dropped instead, for it was sent
// before the client knew (R195). What siowire accepts is told there; every bound is
// a field of [Limits].
package socketio
