// SPDX-License-Identifier: Apache-2.0

// Package typed is what generated code calls: it decodes and validates what a
// peer sent, hands it to a handler, and encodes what the handler answers.
//
// In an application you meet [Opt] and [Null] in payloads, [Error] and [ErrorData] for
// refusals, [AsError] beside HTTP handlers, [Skip], and the [MountOption]s:
//
//	chat.Mount(io, app{}, typed.WithInterceptor(authorise), typed.WithSchemaPolicy(typed.SchemaReject))
//
// The rest is for generated code and may gain functions in any release. It has four parts.
//
//   - A [Decoder] reads one JSON value into a generated struct without
//     reflection and collects every issue it finds, each with its path.
//   - An [Encoder] appends JSON to the arguments of an event or ack and turns
//     bytes into attachments on the way.
//   - An [Error] is a failure that the peer may see. Everything else that goes
//     wrong in a handler, a panic included, reaches the peer as [CodeInternal]
//     with an id to find it by in the log.
//   - A [Mount] joins a generated handler interface to a namespace: connect,
//     events, acks, the $error event, and disconnect.
//
// Generated code names the least version that it needs in a constant such as
// [IsAtLeastVersion1], so that it does not compile with an older runtime.
package typed

// IsAtLeastVersion1 is the runtime contract that generated code of language
// version 1 relies on. A later contract adds a constant and keeps this one.
const IsAtLeastVersion1 = true
