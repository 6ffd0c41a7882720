// SPDX-License-Identifier: Apache-2.0

// Package client is a Socket.IO v5 client: polling, WebSocket and the upgrade between
// them, reconnection, acks both ways, binary values and connection state recovery. It
// talks to package socketio and to the official server alike.
//
//	m, err := client.New("http://localhost:3000", client.Config{})
//	chat := m.Socket("/chat", client.SocketConfig{Auth: fetchToken})
//	chat.On("message", func(ctx context.Context, e *client.Event) { … })
//	if err := chat.Connect(ctx); err != nil { … }
//	reply, err := chat.EmitWithAck(ctx, "say", "hello")
//	defer m.Close(ctx)
//
// A [Manager] is the connection, a [Socket] is a namespace on it. Both outlive connections,
// which come and go. Nothing connects before [Socket.Open] or [Socket.Connect], so add
// handlers first. Options have the names and defaults of the official client where they
// make sense in Go.
//
// # Order and concurrency
//
// The functions given to On, OnAny, OnConnect, OnConnectError and OnDisconnect run one
// at a time for each socket, in the order of what happened; sockets run in parallel.
// They run in a goroutine that exists only while its socket has work. Acks, heartbeats
// and disconnects do not pass through it, so a handler may wait for an ack. A panic
// ends that one call and is logged with its stack.
//
// Limits.InboxBytes bounds the events that wait for handlers. When that much waits, nothing
// more is read until the handlers catch up; acks and pings wait, too. If this takes longer
// than the server's ping timeout, the server gives the connection up. The client does so
// after twice that time.
//
// Emit waits in its turn while Limits.QueueBytes are on their way to the server. A
// message of any size may take its time, in both directions, as long as it moves.
//
// # Connections
//
// The connection opens for the first socket that wants it and closes when the last one has
// left. A lost connection is opened again after a random delay that grows from
// ReconnectionDelay to ReconnectionDelayMax, and every socket asks Auth again. The client
// does not come back by itself after the server's DISCONNECT ([ServerDisconnect]) or its
// refusal ([ConnectError]): call Open or Connect again if you want that.
//
// Events that are emitted without a connection wait for the next one; volatile events are
// dropped. When a connection is lost, acks that were asked for over it fail with
// [ErrDisconnected]: nobody knows whether the server has handled the event.
//
// A server with connection state recovery may continue a socket: see [Socket.Recovered].
// It appends the position of each event to its arguments, as a string that handlers see.
//
// # What a server may do wrong
//
// [Limits] bounds everything that a server can make the client hold. A packet that is
// malformed or too large ends the connection with [ParseError] or [TransportError], and
// another one is made. The client follows no redirects and offers no WebSocket extension.
//
// # What is left out
//
// There is no option retries: to deliver an event at least once, repeat EmitWithAck. There
// is no JSONP, no WebTransport and no MessagePack parser.
package client
