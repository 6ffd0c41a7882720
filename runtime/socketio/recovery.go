// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"time"
)

// Recovery lets a client that lost its connection continue with the same id, rooms
// and data, and with the events that it missed. The Use functions run for it again,
// since what they check may have changed. A zero field means its default. What is kept
// is kept on this node, where a client that comes back to another one is a new socket,
// unless [Config.Adapter] keeps it for all nodes, as Redis Streams do.
// One that comes back while functions of its lost socket still run waits for them.
//
// Of a client that is away the server keeps the id, the names of the rooms and the value
// of [Socket.SetData], which should not refer to the socket: then it would keep the
// socket, too. Nothing else of its connection is kept.
//
// A client that cannot continue is not refused: it gets a new socket with a new id, and
// learns so from the CONNECT reply.
//
// While recovery is on, every event without ack has one more argument for the client
// to remember, a string at the end, which handlers of clients see.
type Recovery struct {
	MaxDisconnectionDuration time.Duration // how long a client may be away; 2 minutes

	Packets int // events that one client may have missed, else it starts anew; 1,000
	Bytes   int // of these, together; 1 MiB
	Budget  int // bytes of the events kept on this node, over all namespaces, with what holds them; then the oldest go; 256 MiB

	// RestoreTimeout is how long a client that comes back waits for a cluster to find what it
	// missed. Then it starts anew. 5 seconds.
	RestoreTimeout time.Duration

	Sessions      int // clients that are away; then the one that left first cannot return; 100,000
	SessionBudget int // bytes kept of these, the values of SetData not counted; then the one that left first cannot return; 128 MiB
}

func (r Recovery) withDefaults() *Recovery {
	orDefault(&r.MaxDisconnectionDuration, 2*time.Minute)
	orDefault(&r.Packets, 1000)
	orDefault(&r.Bytes, 1<<20)
	orDefault(&r.Budget, 256<<20)
	orDefault(&r.RestoreTimeout, 5*time.Second)
	orDefault(&r.Sessions, 100_000)
	orDefault(&r.SessionBudget, 128<<20)
	return &r
}

// A resumption is a CONNECT that continues a presence.
type resumption struct {
	from   *presence
	old    *Socket           // has the presence, as far as this server knows: still connected, or of another CONNECT
	after  []<-chan struct{} // closed when the sockets that had the presence before are done
	offset *string           // what the client saw last; nil when that was nothing
}

// prepareRecovery gives a new socket the presence that it will leave behind, and the
// identity of the one that its CONNECT continues, if any.
func (s *Socket) prepareRecovery() error {
	pid, err := s.ns.srv.ids.next()
	if err != nil {
		return err
	}
	asked, auth := splitAuth(s.auth)
	s.auth = auth
	s.presence = &presence{ns: s.ns, over: make(chan struct{})}
	r := &s.ns.srv.recoveries
	if asked != nil && r.claim(s, asked) {
		s.recovered = true
		s.id, pid = s.resumes.from.id, ID(asked.pid)
	}
	s.pid = string(pid)
	s.presence.id, s.presence.key = s.id, keyOf(s.pid)
	return nil
}

// takeOverOld ends the connection whose client has come back on this one: the old one
// is half open. It reports whether s continues something.
func (s *Socket) takeOverOld() bool {
	s.mu.Lock()
	resumes := s.resumes
	s.mu.Unlock()
	if resumes != nil && resumes.old != nil && resumes.old.conn != s.conn {
		resumes.old.conn.takeOver()
	}
	return s.recovered
}

// resume puts a socket in the place of the one that it continues, in the worker. It
// waits for the functions of the sockets before it first. It reports false when the
// CONNECT is dealt with in another way.
func (s *Socket) resume() bool {
	for _, over := range s.resumes.after {
		select {
		case <-over:
		case <-s.ctx.Done():
			return false
		}
	}
	p := s.resumes.from
	if !s.ns.log.mayResume(s.resumes) {
		s.restart()
		return false
	}
	s.mu.Lock()
	s.data = p.data
	s.mu.Unlock()
	if err := s.Join(p.rooms...); err != nil {
		s.restart()
		return false
	}
	return true
}

// restart gives the CONNECT to a fresh socket: this one cannot continue (R230).
func (s *Socket) restart() {
	s.mu.Lock()
	s.unclaimable = true
	s.mu.Unlock()
	if !s.end(TransportClose, nil, false) {
		return
	}
	s.conn.join(connectPacket(s.ns.name, s.auth), 1)
}
