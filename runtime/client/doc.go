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
// A [Manager] is the connection, a [Socket] is a namespace on it. Both live as long as
// the application likes: connections come and go beneath them. Nothing connects before
// [Socket.Open] or [Socket.Connect], so that handlers are there when the first event
// comes. Names and defaults of the options are those of the official client, where
// they make sense in Go.
//
// # Order and concurrency
//
// The functions given to On, OnAny, OnConnect, OnConnectError and OnDisconnect run one
// at a time for each socket, in the order of what happened; sockets run in parallel.
// They run in a goroutine that exists only while its socket has work. Acks, heartbeats
// and disconnects do not pass through it, so a handler may wait for an ack. A panic
// ends that one call and is logged with its stack.
//
// Events that wait for handlers are bounded in bytes, by Limits.InboxBytes. When that
// much waits, the connection reads nothing more until the handlers catch up, which
// holds back the server: then acks and pings wait, too. A server that waits for longer
// than its ping timeout gives the connection up, and so does the client after twice the
// time, since it could not tell whether the server is still there.
//
// Emit waits in its turn while Limits.QueueBytes are on their way to the server. A
// message of any size may take its time, in both directions, as long as it moves.
//
// # Connections
//
// The connection is opened for the first socket that wants it and closed when the last
// one has left. A connection that is lost is renewed after a randomised delay that
// grows from ReconnectionDelay to ReconnectionDelayMax, and every socket sends CONNECT
// with what Auth returns then. The client does not come back by itself after the
// server's DISCONNECT ([ServerDisconnect]) and its refusal ([ConnectError]): the
// application decides, and calls Open or Connect again.
//
// What is emitted without a connection waits for the next one, after the reply to
// CONNECT; volatile events are dropped instead. Acks of events that were sent
// over a connection that is lost fail with [ErrDisconnected], since nobody knows whether
// the server has handled them.
//
// A server with connection state recovery may continue a socket: see
// [Socket.Recovered]. It adds to each event a string as the last argument, its
// position, which handlers see.
//
// # What a server may do wrong
//
// Whatever a server can make the client hold is bounded: see [Limits]. A packet that
// cannot be understood, or is larger than allowed, ends the connection with
// [ParseError] or [TransportError], and another one is made. Redirects are not
// followed, and neither compression nor any other WebSocket extension is offered.
//
// # What is left out
//
// The official client's option retries, which sends each event with an ack until it
// is answered: an application that wants "at least once" repeats EmitWithAck. There
// are no JSONP, no WebTransport and no MessagePack parser.
package client
