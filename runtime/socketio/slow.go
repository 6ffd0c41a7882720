// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/engineio"
)

// A SlowPolicy says what becomes of an event for a socket whose connection lags: for
// which engineio's Limits.QueueBytes, 1 MiB unless configured, wait to be sent. Sockets of other nodes may get
// the event as with SlowQueue. Events with ack, and those that a Use function emits or
// a client gets when it comes back (see [Recovery]), have no policy.
type SlowPolicy = adapter.SlowPolicy

// The policies. Whatever they drop is missing from what the client gets, and the rest
// keeps its order.
const (
	SlowQueue  = adapter.SlowQueue  // the event waits, until the hard bound of the connection's queue; an Emit to one socket waits for the client
	SlowDrop   = adapter.SlowDrop   // it is dropped when the connection lags, and counted as VolatileDropped
	SlowLatest = adapter.SlowLatest // it waits, and drops the event of the same name and namespace that still waits, also when it is volatile
	SlowClose  = adapter.SlowClose  // a connection that lags is closed as a slow consumer
)

// Slow returns b with events that have the policy.
func (b Broadcast) Slow(p SlowPolicy) Broadcast {
	b.slow = p
	return b
}

// Slow returns s with emits that have the policy.
func (s *Socket) Slow(p SlowPolicy) Emitter { return Emitter{s: s, slow: p} }

// Slow is [Socket.Slow].
func (v Emitter) Slow(p SlowPolicy) Emitter {
	v.slow = p
	return v
}

// setSlow tells m, which carries an event, about the policy.
func (n *Namespace) setSlow(m *engineio.Message, event string, p SlowPolicy) {
	m.Slow = engineio.SlowPolicy(p)
	if p == SlowLatest {
		m.Key = n.name + "," + event // a name has no comma
	}
}
