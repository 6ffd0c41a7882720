// SPDX-License-Identifier: Apache-2.0

// Package naming turns the words of a schema into identifiers of Go and
// TypeScript, knows the names that those languages keep for themselves, and
// finds collisions.
//
// The rule is words in order: "message:send" becomes MessageSend, "room_id"
// becomes RoomID. Nothing is renamed to make room: a collision is the schema's
// author to resolve, because a silent new name would change with the next event.
package naming
