// SPDX-License-Identifier: Apache-2.0

// Package msgpack turns MessagePack into JSON with binary values aside, and back.
//
// Servers of a cluster tell each other about events in MessagePack, as the official
// adapters do, while all other code knows arguments as JSON with attachments. So
// there is no tree of values in between: [ToJSON] and [AppendJSON] each go once from
// bytes to bytes.
//
// # What is read
//
// Everything that notepack.io (2.2 and 3.0) and @msgpack/msgpack write: nil, booleans,
// all forms of numbers, str, bin, arrays, maps whose keys are strings or numbers, dates
// (extension -1, and 0 with eight bytes), undefined (extension 0 with one byte), and
// bytes of older browsers (extension 0 of any length). It comes out as
// JSON.stringify would print it:
//
//   - dates are strings such as "2026-11-30T12:00:00.000Z";
//   - NaN and infinities are null; undefined is null in an array and leaves out its
//     key in a map;
//   - floats have JavaScript's digits. Integers keep all of theirs, also beyond 2^53;
//   - bytes of a str that are not UTF-8 become U+FFFD, as many as Buffer.toString makes.
//
// One thing differs: -0 stays -0, so that a float is the same on every server.
//
// notepack.io spoils integers from 2^64 on, and @msgpack/msgpack an ArrayBuffer (it
// sends an empty map). What is written here is right for both to read.
//
// # Bounds
//
// Depth and the number of binary values are limited. Every length is held against
// the bytes that are left, before anything is made for it. The text is measured first
// and allocated once. It is at most six times as long as the input (a control character
// becomes six), besides what stands for a binary value, which points into the input.
package msgpack
