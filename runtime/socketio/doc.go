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
// events in the order sent. Different sockets run in parallel. An event passes the
// socket's catch-all listeners, its middleware, its listeners, and the namespace's
// handler. Handlers may run on the goroutine that reads the connection; if one is slow,
// another goroutine takes over reading. A panic ends that one call: it is logged with
// its stack and counted, and the socket lives on.
//
// Acks, heartbeats, disconnects and the events of other namespaces do not wait for a
// handler. So a handler may wait for an ack of its own client, however many events wait
// behind it. What waits for the handlers of one connection is bounded in bytes by
// [Limits].InboxBytes. Then nothing more is read from that connection until they catch
// up.
//
// # The end of a socket
//
// When a client leaves, what it sent before is handled first, in order. Then the
// OnDisconnecting and OnDisconnect functions run. [Socket.Context] ends at once; the ctx
// of handlers lives on until they have returned, or for [Config].DrainTime, so that a
// save under way is not torn. [Socket.Disconnect] drops what waits instead.
//
// # What a socket sends
//
// Packets leave in the order of the calls. Nothing precedes the reply to CONNECT: what
// Use functions emit is held back until then, and broadcasts pass over a socket that is
// not connected yet. Once a disconnect has begun, emits return [ErrDisconnected].
//
// A writer waits for its reader. While more than a soft bound of bytes waits to be sent
// to a client, 1 MiB unless configured, [Socket.Emit] waits too, as long as its ctx
// allows. A loop of a million emits runs at the client's pace. [Socket.AwaitSent] waits
// until everything has left, and [Config.OnLag] and [Stats] tell how much waits.
//
// A broadcast does not wait for a client that is stuck. It may take up to ten
// milliseconds while clients that lag catch up. Past the soft bound the event's
// [SlowPolicy] decides; by default it is queued up to a hard bound, 16 MiB.
//
// A client is closed as a slow consumer, with [ErrSlowConsumer] in the cause, when its
// connection took not one byte for ten seconds, or when it is at the hard bound. Whoever
// reads is not.
//
// # What a peer may do wrong
//
// A packet that does not parse, or comes when it must not, ends the connection with
// the reason "forced close" and no other answer. A packet for a
// namespace that the server has just closed is dropped instead, for it was sent
// before the client knew. What siowire accepts is told there; every bound is
// a field of [Limits].
package socketio
