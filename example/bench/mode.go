// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"time"
)

// A mode is one way to drive a server.
type mode struct {
	name, doc   string
	unit        string // what is counted, and what the CPU time is divided by
	drive       func(d *drive, m mode) (figures, error)
	connections int
	flight      int     // messages that each sender has on their way
	message     message // what is sent
	main        figure  // what the table shows first, and compares
	noFloor     bool    // the floor cannot do it
}

var modes = []mode{
	{name: "echo-1", doc: "echo, 100 connections, 1 in flight each", unit: "message",
		drive: driveEcho, connections: 100, flight: 1, message: echoMessage, main: cpuTime},
	{name: "echo-16", doc: "echo, 100 connections, 16 in flight each", unit: "message",
		drive: driveEcho, connections: 100, flight: 16, message: echoMessage, main: cpuTime},
	{name: "echo-1000", doc: "echo, 1,000 connections, 1 in flight each", unit: "message",
		drive: driveEcho, connections: 1000, flight: 1, message: echoMessage, main: cpuTime},
	{name: "echo-15000", doc: "echo, 15,000 connections, 1 in flight each", unit: "message",
		drive: driveEcho, connections: 15_000, flight: 1, message: echoMessage, main: cpuTime},
	{name: "order-1", doc: "typed event of 350 bytes, 100 connections, 1 in flight each", unit: "message",
		drive: driveEcho, connections: 100, flight: 1, message: orderMessage, main: cpuTime},
	{name: "order-16", doc: "typed event of 350 bytes, 100 connections, 16 in flight each", unit: "message",
		drive: driveEcho, connections: 100, flight: 16, message: orderMessage, main: cpuTime},
	{name: "ack-1", doc: "event with an ack, 100 connections, 1 in flight each", unit: "message",
		drive: driveEcho, connections: 100, flight: 1, message: askMessage, main: cpuTime},
	{name: "ack-16", doc: "event with an ack, 100 connections, 16 in flight each", unit: "message",
		drive: driveEcho, connections: 100, flight: 16, message: askMessage, main: cpuTime},
	{name: "broadcast-100", doc: "broadcast to 100, 4 in flight", unit: "delivery",
		drive: driveBroadcast, connections: 100, flight: 4, message: broadcastMessage, main: cpuTime},
	{name: "broadcast-1000", doc: "broadcast to 1,000, 4 in flight", unit: "delivery",
		drive: driveBroadcast, connections: 1000, flight: 4, message: broadcastMessage, main: cpuTime},
	{name: "broadcast-10000", doc: "broadcast to 10,000, 4 in flight", unit: "delivery",
		drive: driveBroadcast, connections: 10_000, flight: 4, message: broadcastMessage, main: cpuTime},
	{name: "polling", doc: "echo over long-polling, 100 sessions, 1 in flight each", unit: "message",
		drive: drivePolling, connections: 100, flight: 1, message: echoMessage, main: cpuTime, noFloor: true},
	{name: "connect", doc: "WebSocket handshake, namespace, close; 32 at a time", unit: "connection",
		drive: driveConnect, connections: 32, flight: 1, main: cpuTime},
	{name: "idle-5000", doc: "memory of 5,000 connections in a namespace that say nothing", unit: "connection",
		drive: driveIdle, connections: 5000, main: idleMemory},
	{name: "idle-15000", doc: "memory of 15,000 connections in a namespace that say nothing", unit: "connection",
		drive: driveIdle, connections: 15_000, main: idleMemory},
	{name: "latency-quiet", doc: "echo on 100 of 1,000 connections, 1 in flight each; the others are silent", unit: "message",
		drive: driveQuiet, connections: 1000, flight: 1, message: echoMessage, main: latency99},
	{name: "latency-storm", doc: "the same, while all of them get 20 broadcasts a second", unit: "message",
		drive: driveStorm, connections: 1000, flight: 1, message: echoMessage, main: latency99},
	{name: "latency-stuck", doc: "the same, while one neighbour sends and never reads", unit: "message",
		drive: driveStuck, connections: 1000, flight: 1, message: echoMessage, main: latency99},
}

func modeNamed(name string) (mode, error) {
	for _, m := range modes {
		if m.name == name {
			return m, nil
		}
	}
	return mode{}, fmt.Errorf("no mode %q; bench help lists them", name)
}

// A message is what a client sends and what comes back, as Engine.IO packets.
type message struct{ request, reply string }

const text = `"hello, 20 bytes long"`

// order is a payload as every server writes it again, byte for byte.
const order = `{"id":1047281,"placed":"2026-05-04T09:30:15.256Z","express":true,` +
	`"customer":{"id":"c-88213","name":"Ada Lovelace","email":"ada@example.org",` +
	`"address":{"street":"12 Saint James Square","city":"London","zip":"SW1Y 4JH","country":"GB"}},` +
	`"items":[{"sku":"SOCK-42-RED","quantity":2,"cents":1290},{"sku":"SOCK-44-BLUE","quantity":1,"cents":1490,"gift":true}],` +
	`"cents":4070}`

var (
	echoMessage      = message{`42["echo",` + text + `]`, `42["echo",` + text + `]`}
	broadcastMessage = message{`42["broadcast",` + text + `]`, `42["broadcast",` + text + `]`}
	askMessage       = message{`421["ask",` + text + `]`, `431[` + text + `]`}
	orderMessage     = message{`42["order",` + order + `]`, `42["order",` + order + `]`}
)

// A figure is something that is measured in a mode.
type figure string

const (
	cpuTime      figure = "cpuMicros"      // of the server, for each unit
	perSecond    figure = "perSecond"      // units
	latency50    figure = "p50Millis"      // from a message to its answer
	latency99    figure = "p99Millis"      //
	allocations  figure = "allocations"    // for each unit; servers in Go alone
	allocated    figure = "allocatedBytes" //
	idleMemory   figure = "idleKiB"        // resident for each connection, after a collection
	idleGarbage  figure = "idleDirtyKiB"   // the same before the collection
	goroutines   figure = "goroutines"     // for each connection
	residentSize figure = "residentMiB"    // of the server at the end
)

// figures are what one measurement yields. What cannot be measured is absent.
type figures map[figure]float64

// pace is how long a measurement takes.
type pace struct {
	warmup   time.Duration // before the counting begins
	duration time.Duration // of the counting
	most     int           // connections; zero means what the mode says
}
