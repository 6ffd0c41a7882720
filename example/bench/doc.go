// SPDX-License-Identifier: Apache-2.0

// Bench measures what a message costs the server: its processor time, its memory
// and how long the message takes. It compares ours with two others that answer the
// same events (events.yaml): a plain echo over gorilla/websocket and encoding/json,
// which is called the floor, and the official server in Node.
//
//	go run ./example/bench run                    # everything: a quarter of an hour, then one table
//	go run ./example/bench run -short             # seconds, to see that it works
//	go run ./example/bench run -modes 'echo|order' -servers ours,floor -json bench.json
//	go run ./example/bench serve -addr 127.0.0.1:3003 -pprof cpu.out
//	go run ./example/bench help
//
// Servers, load generator and the program that starts them are processes of their
// own. docs/performance.md explains the method and every column. It runs on Linux,
// from which it reads processor time and memory of the servers.
package main
