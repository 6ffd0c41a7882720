// SPDX-License-Identifier: Apache-2.0

// Package siowire turns Socket.IO v5 packets into bytes and back.
//
// A packet is the data of one Engine.IO message: a text such as
//
//	2/chat,17["say","hi"]
//
// and, for the two binary types, as many binary messages after it as the text
// announces. The package knows nothing of sessions or sockets: [Parse] reads a
// text, the Append functions write one, and an [Encoder] collects the arguments
// of an event or an ack.
//
// # What Parse accepts
//
// Parse takes linear time. It checks the grammar, that the rest is one JSON text in valid
// UTF-8, the shape of the payload for its type, and the bounds of [Limits]. The result
// points into the text that it was given.
//
// Official clients may send the following, so it is accepted:
//
//   - an attachment that several placeholders refer to, or none;
//   - an ack without an id, an ack without a payload, an ack id or an attachment
//     count with leading zeros;
//   - an event whose name is a number ([Packet.NumericName] tells), and names such
//     as "__proto__" or "error" that only look special;
//   - duplicate keys and lone surrogates in ordinary data, which are for the
//     decoder of the payload to judge;
//   - any printable character but the comma in the name of a namespace.
//
// No client needs the following. It is refused, although the official server accepts it:
// white space between the packet's head and its JSON, ack ids above 2^53-1, an event
// without a name, zero attachments, a placeholder whose num is not written in plain digits
// or that repeats a key, and control characters in the name of a namespace.
//
// # Binary values
//
// An Encoder writes a placeholder for each binary value and keeps the bytes
// aside, in the order of the JSON text. [Encoder.Value] finds every []byte in a
// value that encoding/json would have written as base64. [Args.Decode] is its
// counterpart, and an Args among the values to emit passes received arguments on.
package siowire
