// Package engineio is an Engine.IO revision 4 server: sessions over HTTP
// long-polling and WebSocket, the upgrade from one to the other, heartbeat and
// endings. The rules that its comments cite (R1, R2, …) stand in
// docs/protocol.md.
//
//	srv := engineio.NewServer(engineio.Config{}, handler)
//	http.Handle("/engine.io/", srv)
//
// A Session reads on one goroutine and writes on at most one. While nothing happens a
// WebSocket session is a goroutine that waits for its descriptor, with no buffer. What
// [Session.Send] queues is written by the reader, by a [Session.Flush], or by one of a
// few goroutines that the sessions of a server share; only the last wait for a slow peer.
// The application may work on the reading goroutine for as long as it likes, see
// [Session.RunAttached]: another one takes over the reading after a millisecond.
//
// # How much may wait
//
// What is queued counts in bytes that are held. A session lags when Limits.QueueBytes
// wait: [Session.TrySend] then refuses, [Session.AwaitRoom] waits for the peer, and a
// message's [SlowPolicy] counts. [Session.Send] goes on until Limits.QueueHardBytes wait.
// A message of any size passes below these bounds. A session ends with [ErrSlowConsumer]
// when its peer takes nothing of what is being written for Limits.StallTime.
//
// # Where it differs from the reference server
//
//   - A refused WebSocket handshake is answered before the 101, also for a wrong
//     revision (R18), for transport=polling (R19) and for an upgrade of a session
//     that is closing. Only a second WebSocket beside a session's own one gets a 101
//     and then a Close frame (R91).
//   - An Origin that is neither listed nor the server's own is refused, with 403,
//     on every request; the reference leaves that to the application (R24). A
//     session belongs to the first Origin that it was used from.
//   - Subprotocols are not echoed (R22). JSONP is not spoken (R67).
//   - HTTP compression is off unless Config.HTTPCompression is set (R66), and
//     permessage-deflate unless Config.PerMessageDeflate is (R78); then no context
//     is taken over between messages, and offers that ask for a smaller window of
//     the server are declined. A ping in a polling answer is no reason to compress
//     the messages beside it.
//   - A Cookie, if any, is Secure unless told otherwise (R126).
//   - Methods other than GET and POST are answered 405 (R15), a malformed payload
//     400 (R45); junk in base64 is malformed (R40).
//   - A run of bytes in a POST that is not UTF-8 becomes one U+FFFD (R47).
//   - A bad plain GET for WebSocket is answered instead of waiting (R90).
//   - The close packet "1" ends a WebSocket session at once (R75). The POST that
//     brings it on polling waits up to 100 ms for a GET that the client sent before
//     it and that it has overtaken (R110).
//   - Of the POSTs to a session that is closing, one with the close packet ends it
//     instead of being ignored (R112): its client will not come for the ending.
//   - A shutdown gives its peers five seconds to come for what is queued.
//   - The first noop of an upgrade is sent at once, later ones 100 ms apart (R83,
//     R84); a GET that follows the probe's answer waits 50 ms for the upgrade
//     packet and is answered 400 if that comes (R100).
//   - One unasked pong postpones the next ping (R102), a few are tolerated, a
//     flood ends the session.
//   - While the application's Receive blocks, the ping timeout waits for it, at most
//     twice its length, and pings go on (R107, R177). It also waits for a peer that is
//     slow to read. A ping overtakes more than 256 KiB of messages (R108).
//   - Queues, POSTs, fragments, writes and endings are bounded: see [Limits]. A
//     message in too many short fragments, or that comes too slowly, is closed with
//     1008.
//   - Of many WebSocket pings that wait for their answers, the first few and the last
//     are answered (RFC 6455, 5.5.3).
package engineio
