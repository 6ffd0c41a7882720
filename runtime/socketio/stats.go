// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"maps"
	"sync"
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
	Canceled      uint64 // requests that their client took back before they were answered
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
	LogsLost        uint64 // lines that were left out because Config.Logger had not done with earlier ones

	Gaps   uint64            // times at which messages of other nodes may have been lost
	Stuck  uint64            // functions that ran for longer than Config.StuckTime
	Limits map[string]uint64 // how often each limit was reached, by its name in docs/limits.md, all of them
	Causes map[string]uint64 // Violations by cause: those that happened, in the log's words

	Forward ForwardStats // what Config.Forward has passed on to other nodes

	Engine engineio.Stats // of the connections beneath: refused requests and peers' faults by cause, queues
}

type counters struct {
	sockets                                    atomic.Int64
	connects, refused                          atomic.Uint64
	events, unhandled, eventsRefused, dropped  atomic.Uint64
	acksSent, acksReceived, lateAcks, timeouts atomic.Uint64
	canceled, volatileDropped, slow            atomic.Uint64

	stuck, gaps atomic.Uint64
	hits        [len(limitNames)]atomic.Uint64 // of limits

	mu     sync.Mutex        // guards what follows
	causes map[string]uint64 // of violations; all are constants of the program
}

// violated counts a connection that is closed over what its client did.
func (c *counters) violated(cause string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.causes == nil {
		c.causes = map[string]uint64{}
	}
	c.causes[cause]++
}

// violations returns the counts by cause, and their sum.
func (c *counters) violations() (causes map[string]uint64, sum uint64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, n := range c.causes {
		sum += n
	}
	return maps.Clone(c.causes), sum
}

// Stats returns the counts of this moment.
func (s *Server) Stats() Stats {
	c, engine := &s.count, s.engine.Stats()
	causes, violations := c.violations()
	return Stats{
		Forward:  s.forwardStats(),
		Engine:   engine,
		Sessions: engine.Open, Outgoing: engine.Outgoing, Outdated: engine.Outdated, Sockets: c.sockets.Load(),
		Connects: c.connects.Load(), Refused: c.refused.Load(),
		Events: c.events.Load(), Unhandled: c.unhandled.Load(), EventsRefused: c.eventsRefused.Load(), Dropped: c.dropped.Load(),
		Canceled: c.canceled.Load(),
		AcksSent: c.acksSent.Load(), AcksReceived: c.acksReceived.Load(),
		LateAcks: c.lateAcks.Load(), AckTimeouts: c.timeouts.Load(),
		VolatileDropped: c.volatileDropped.Load(), SlowConsumers: c.slow.Load(),
		Violations: violations, Causes: causes, Stuck: c.stuck.Load(), Gaps: c.gaps.Load(), Limits: s.limits(engine), Panics: s.guard.Count() + engine.Panics, LogsLost: s.guard.Lost() + engine.LogsLost,
	}
}
