// SPDX-License-Identifier: Apache-2.0

// Package engineio is an Engine.IO revision 4 server: it opens sessions over HTTP
// long-polling and WebSocket, moves them from one to the other, keeps them alive and ends
// them. Most applications use package socketio, which stands on it.
//
//	srv := engineio.NewServer(engineio.Config{}, handler)
//	http.Handle("/engine.io/", srv)
//
// A session that is silent costs one goroutine and no buffer. [Session.Send] queues a
// message and returns. Whoever reads the session writes it, or a [Session.Flush], or one of
// a few goroutines that all sessions of a server share; only these wait for a slow peer. The
// application may work on the reading goroutine for as long as it likes
// ([Session.RunAttached]): after a millisecond another goroutine takes over reading.
//
// # How much may wait
//
// Queues are bounded in bytes. A session lags when more than Limits.QueueBytes wait. Then
// [Session.TrySend] refuses, [Session.AwaitRoom] waits for the peer, and a message's
// [SlowPolicy] decides. [Session.Send] accepts more until Limits.QueueHardBytes wait. One
// message may be of any size while less than that waits. A session ends with
// [ErrSlowConsumer] when its peer takes not one byte for Limits.StallTime.
//
// # Where it differs from the reference server
//
//   - A refused WebSocket handshake is answered before the 101, also for a wrong
//     revision, for transport=polling and for an upgrade of a session
//     that is closing. Only a second WebSocket beside a session's own one gets a 101
//     and then a Close frame.
//   - An Origin that is neither listed nor the server's own is refused, with 403,
//     on every request; the reference leaves that to the application. A
//     session belongs to the first Origin that it was used from.
//   - Subprotocols are not echoed. JSONP is not spoken.
//   - HTTP compression is off unless Config.HTTPCompression is set, and
//     permessage-deflate unless Config.PerMessageDeflate is; then no context
//     is taken over between messages, and offers that ask for a smaller window of
//     the server are declined. A ping in a polling answer is no reason to compress
//     the messages beside it.
//   - A Cookie, if any, is Secure unless told otherwise.
//   - Methods other than GET and POST are answered 405, a malformed payload
//     400; junk in base64 is malformed.
//   - A run of bytes in a POST that is not UTF-8 becomes one U+FFFD.
//   - A bad plain GET for WebSocket is answered instead of waiting.
//   - The close packet "1" ends a WebSocket session at once. The POST that
//     brings it on polling waits up to 100 ms for a GET that the client sent before
//     it and that it has overtaken.
//   - Of the POSTs to a session that is closing, one with the close packet ends it
//     instead of being ignored: its client will not come for the ending.
//   - A shutdown gives its peers five seconds to come for what is queued.
//   - The first noop of an upgrade is sent at once, later ones 100 ms apart. A GET that
//     follows the probe's answer waits 50 ms for the upgrade packet and is answered 400 if
//     that comes.
//   - One unasked pong postpones the next ping, a few are tolerated, a
//     flood ends the session.
//   - While the application's Receive blocks, the ping timeout waits for it, at most
//     twice its length, and pings go on. It also waits for a peer that is
//     slow to read. A ping overtakes more than 256 KiB of messages.
//   - Queues, POSTs, fragments, writes and endings are bounded: see [Limits]. A
//     message in too many short fragments, or that comes too slowly, is closed with
//     1008.
//   - Of many WebSocket pings that wait for their answers, the first few and the last
//     are answered (RFC 6455, 5.5.3).
package engineio
