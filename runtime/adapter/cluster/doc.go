// SPDX-License-Identifier: Apache-2.0

// Package cluster is what the nodes of a cluster agree on, whatever carries it between
// them: who is there, broadcasts with and without acks, joins and leaves of sockets that
// are elsewhere, descriptions of them, events for the other nodes and their answers, and
// what becomes of all that when a node does not answer.
//
// [New] makes an [adapter.Factory] of a [Bus], which carries messages and no more. What
// the messages say is in package wire.
//
// # What a user can rely on
//
// A broadcast reaches this node's sockets at once, also when the bus is away. On other
// nodes the events of one sender arrive in the order in which they were sent. An event is
// delivered once or, when the bus loses it, not at all; the loss is announced, see
// [Config.OnGap].
//
// Whoever asks other nodes something waits for at most Options.Timeout, or
// Config.RequestTimeout. What came until then is returned, with an
// [adapter.MissingNodesError] that says how many nodes are missing, and which, as far as
// they are known by name.
//
// Server-side events of one namespace run one at a time, in the order of their arrival.
// Those that want an answer do not wait for others.
package cluster
