// SPDX-License-Identifier: Apache-2.0

// Live is an operations board: live updates that are pushed from a ticker and
// from an HTTP handler. Its events are declared in events.yaml beside it.
//
//	go run ./example/live -addr :3002 -tick 1s
//
// It serves its page at / and Socket.IO at /socket.io/. An incident is opened by
// any program that speaks HTTP, and appears on every dashboard:
//
//	curl --json '{"service":"checkout","title":"Cards are declined","detail":{"kind":"outage"}}' \
//	  http://localhost:3002/api/incidents
//
// The body is decoded into the struct that the schema yields, so the HTTP API has
// the schema's constraints and defaults. Whoever reaches the server may open an
// incident: a board of your own asks who it is.
//
// A dashboard that was away asks for the whole board again, which is smaller than
// what it missed; so the server keeps nothing for it.
package main
