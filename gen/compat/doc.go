// SPDX-License-Identifier: Apache-2.0

// Package compat knows what a schema says on the wire, and who understands whom
// when it changes.
//
// A [Model] is one namespace without everything that no peer can see: docs,
// order, identifiers, the names of types. Its [Model.Fingerprint] is what a client
// shows when it connects; it is the same for two schemas exactly when their
// models allow the same packets as far as types can tell. What only the server
// heeds is no part of it and may change at any time: rooms, "to", the audience
// of a -> b, rate, timeout, slow, volatile, annotations, data and cluster events.
//
// [Compare] looks from a server of the new schema at clients of the old one, for
// those are the clients that are out there when a server is replaced. What
// clients send must still be accepted: generated servers skip unknown fields
// and validate all the rest. What the server sends must still be understood:
// clients in TypeScript validate nothing, so that a wrong value surfaces
// somewhere in the page; clients in Go validate as servers do.
//
// A [Lock] is the file sockgen.lock, which remembers the models that were
// released.
package compat
