// SPDX-License-Identifier: Apache-2.0

// Package socketio is a Socket.IO v5 server: namespaces, sockets, rooms, events and
// acks, over the sessions of package engineio.
//
//	io := socketio.NewServer(socketio.Config{})
//	io.Of("/").On("hello", func(ctx context.Context, s *socketio.Socket, e *socketio.Event) {
//		s.Emit(ctx, "hello back", s.ID())
//	})
//	log.Fatal(io.ListenAndServe(":3000"))
//
// It is tested with every minor version of the official client from 4.0 to 4.8. You can
// use it alone; generated code adds types to it.
//
// # Order and concurrency
//
// For each socket, handlers run one at a time: first the functions given to Use, then
// those of OnConnect, the events in the order sent, and in the end OnDisconnecting and
// OnDisconnect. Different sockets run in parallel. An event passes the socket's catch-all
// listeners, its middleware, its listeners, and the namespace's handler. Handlers may run on the goroutine that reads the connection; if one is slow,
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
// OnDisconnecting and OnDisconnect functions run. [Socket.Context] ends at once. The ctx
// of a handler lives on until the handler returns, or for [Config].DrainTime, so that it
// can finish a save. [Socket.Disconnect] drops the events that wait.
//
// # What a socket sends
//
// Packets leave in the order of the calls. The reply to CONNECT comes first: what Use
// functions emit is held back until then, and broadcasts skip a socket that is not
// connected yet. Once a disconnect has begun, emits return [ErrDisconnected].
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
// A client is closed as a slow consumer when its connection took not one byte for ten
// seconds, or when the hard bound is reached; [ErrSlowConsumer] is then in the cause.
//
// # What a peer may do wrong
//
// A packet that does not parse, or comes when it must not, ends the connection with the
// reason "forced close" and no other answer. A packet for a namespace that the server has
// just closed is dropped, since the client may not have known. Package siowire says what
// parses, and [Limits] has every bound.
package socketio
