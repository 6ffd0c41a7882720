// SPDX-License-Identifier: Apache-2.0

// Cluster is the chat of the example as one node of several, which meet in Redis:
//
//	go run . -redis redis://localhost:6379 -addr :3000 -advertise http://localhost:3000
//
// Rooms and events reach all nodes through an adapter. What the chat remembers, names,
// members and history, is in Redis, too; the members of a node that was killed leave within
// a quarter of a minute. With -advertise the nodes pass requests on to each other, so that
// what is in front of them needs no affinity.
//
// The command up, in a folder beside, starts a Redis, three nodes and an nginx.
//
// It is a module of its own, so that sockgen does not need a client of Redis.
package main
