// SPDX-License-Identifier: Apache-2.0

// Package soak proves that connections leave nothing behind, however they end. It
// plays every ending thousands of times against servers on loopback sockets and on a
// network in memory, and compares goroutines, timers, descriptors, the heap and
// every collection of the servers with what there was before.
//
//	make soak                                  # 100,000 connections, and a table
//	go test -race ./runtime/conformance/soak   # 2,000
//	go test ./runtime/conformance/soak -v -cycles 10000 -endings probe
//
// A collection is found by walking through the server with package reflect, so that
// none can be forgotten. An ending is one row of a table: what the client does, and
// the reason that the application has to hear, exactly once.
package soak
