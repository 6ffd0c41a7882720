// SPDX-License-Identifier: Apache-2.0

// Package adapter keeps the rooms of a namespace and brings broadcasts to them.
//
// One [Adapter] serves one namespace on one node. It knows sockets by their ids
// alone: for a broadcast it decides which of this node's sockets are meant and
// hands them to [Local], which encodes the event once and sends it. An adapter that
// spans several nodes also passes the event on to its peers, each of which does
// the same. What the namespaces of a server share, such as a connection to a broker, is
// its [Hub].
//
// [InMemory] makes the hub of a single node. Package adaptertest holds the
// behaviour that every adapter shares.
package adapter
