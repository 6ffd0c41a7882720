// SPDX-License-Identifier: Apache-2.0

// Package conformance holds a server for the published Engine.IO and Socket.IO
// suites, and the project's own cases, written from docs/protocol.md, which
// run against that server over loopback sockets.
//
//	go run ./runtime/conformance/server -addr 127.0.0.1:3000
//	go test -v -run Rules/R57 ./runtime/conformance
//
// Each case is named after what it holds the server to: a rule (R57), a vector
// (V12), a transcript (B1), a mistake of other servers (D3) or an advisory. Where
// a rule leaves a choice or the project is stricter than the reference server, as
// the documentation of engineio, siowire and socketio tells, the cases expect what
// is told there.
//
// # Rules without a case
//
// A test holds this list complete: every rule of docs/protocol.md has cases
// or stands here.
//
//   - R5: how load balancers have to be set up.
//   - R12, R98: options, which engineio's own tests hold.
//   - R16, R120, R127, R154: hooks for the application, of which a peer sees
//     only what the application does with them.
//   - R63: what the protocol cannot do.
//   - R105: the peer cannot tell a drifting deadline from a busy machine;
//     engineio's own tests do, with a clock of theirs.
//   - R111: R74 and R75 say it.
//   - R122: how often something is encoded is a matter of benchmarks.
//   - R130: HTTP/2 needs TLS; engineio's own tests have both.
//   - R131 to R136: WebTransport is not offered.
//   - R201: what the official client reports.
//   - R219: no API sends binary values in the packets named there.
//   - R223, R225, R229, R231, R234, R235: socketio's own tests hold what recovery
//     stores and replays, and official clients take part in it.
//   - R252: no peer can see a lock.
//   - R254 to R256, R258 to R273: what official clients do and how the published
//     suites are run; both are tested with themselves.
//   - R274 to R291: revision 3 is not offered.
//   - R292 to R296: the MessagePack parser is not offered.
//
// Of the mistakes, D13 is about memory. Of the advisories, CVE-2024-47764 is about cookie
// attributes, which engineio's own tests hold.
package conformance
