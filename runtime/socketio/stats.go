// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"sync/atomic"

	"github.com/sockgen/sockgen/runtime/engineio"
)

// Stats are counts since the server was made, but for the first three, which are of
// this moment.
type Stats struct {
	Sessions int   // Engine.IO sessions
	Sockets  int64 // connected sockets of all namespaces
	Outgoing int64 // bytes of messages that wait to be sent, each once however many sockets it is for

	Connects      uint64 // sockets that were accepted
	Refused       uint64 // CONNECTs answered with CONNECT_ERROR
	Events        uint64 // events received for a handler
	Unhandled     uint64 // of these, those with none
	EventsRefused uint64 // of these, those that a socket's middleware refused
	Dropped       uint64 // packets dropped because their socket had ended meanwhile

	AcksSent     uint64 // answers to events of clients
	AcksReceived uint64 // answers of clients
	LateAcks     uint64 // acks that nobody waited for (any more)
	AckTimeouts  uint64 // acks that did not come in time

	VolatileDropped uint64 // volatile messages and those with SlowDrop, each counted once per socket
	Outdated        uint64 // messages with SlowLatest that gave way to a later one, each counted once per socket
	SlowConsumers   uint64 // connections closed because their clients did not read
	Violations      uint64 // connections closed over what the client sent, or did not send in time
	Panics          uint64 // functions of the application that panicked or ended their goroutine

	Forward ForwardStats // what Config.Forward has passed on to other nodes

	Engine engineio.Stats // of the connections beneath: refused requests and peers' faults by cause, queues
}

type counters struct {
	sockets                                    atomic.Int64
	connects, refused                          atomic.Uint64
	events, unhandled, eventsRefused, dropped  atomic.Uint64
	acksSent, acksReceived, lateAcks, timeouts atomic.Uint64
	volatileDropped, slow, violations          atomic.Uint64
}

// Stats returns the counts of this moment.
func (s *Server) Stats() Stats {
	c, engine := &s.count, s.engine.Stats()
	return Stats{
		Forward:  s.forwardStats(),
		Engine:   engine,
		Sessions: engine.Open, Outgoing: engine.Outgoing, Outdated: engine.Outdated, Sockets: c.sockets.Load(),
		Connects: c.connects.Load(), Refused: c.refused.Load(),
		Events: c.events.Load(), Unhandled: c.unhandled.Load(), EventsRefused: c.eventsRefused.Load(), Dropped: c.dropped.Load(),
		AcksSent: c.acksSent.Load(), AcksReceived: c.acksReceived.Load(),
		LateAcks: c.lateAcks.Load(), AckTimeouts: c.timeouts.Load(),
		VolatileDropped: c.volatileDropped.Load(), SlowConsumers: c.slow.Load(),
		Violations: c.violations.Load(), Panics: s.guard.Count() + s.engine.Stats().Panics,
	}
}
