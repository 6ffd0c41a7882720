// SPDX-License-Identifier: Apache-2.0

// Package app is the chat of the example, for the programs that serve it: as one process,
// or as the nodes of a cluster.
package app
