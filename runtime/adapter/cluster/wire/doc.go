// SPDX-License-Identifier: Apache-2.0

// Package wire holds what servers of a cluster tell each other, and its bytes.
//
// A [Message] is what one server says: its Body is a [Broadcast], a [Join], a [Fetch]
// and so on. The bodies mean the same whatever carries them. How they look there is what
// the official adapters for Node define:
//
//   - [Classic], of @socket.io/redis-adapter: broadcasts, requests and responses, each on
//     channels of their own;
//   - [Sharded], of the same package's sharded adapter: one form for all of it;
//   - [Streams], of @socket.io/redis-streams-adapter: entries of a stream, Pub/Sub for
//     what is not to be kept, and the sessions of clients that may come back;
//   - the emitters of these, for processes without sockets: the same messages from the
//     sender [Emitter].
//
// The package does no I/O and starts nothing.
//
// # What is accepted
//
// A message is checked whole before anything of it is returned: JSON or MessagePack
// without anything after it, the kinds of all fields that are used, names and ids within
// [Limits]. Fields that are not known are passed over. What is not a message is an error
// that wraps [ErrInvalid], or [ErrUnknown] for a type of message that a later version may
// have added. Bytes after the first ones are never trusted for the size of an allocation.
//
// A missing list of rooms is refused, since an empty one means everybody.
//
// # Arguments
//
// Arguments are a [siowire.Args] in every message, with binary values as attachments.
// They keep pointing into the bytes that were parsed. An event's name that is a number
// becomes its digits.
//
// # Vectors
//
// testdata/vectors.json holds what the official packages publish, for every operation of
// their API: the command, the channel, the bytes, and what they mean. The scripts in
// capture start official servers on a redis-server of their own and note each command
// that reaches it. "make vectors" captures them anew with the packages of the lock file;
// "npm run test:vectors" fails when these publish something else than is there.
package wire
