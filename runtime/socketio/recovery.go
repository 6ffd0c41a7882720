package socketio

import (
	"bytes"
	"container/list"
	"crypto/sha256"
	"encoding/json"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sockgen/sockgen/runtime/engineio"
)

// Recovery lets a client that lost its connection continue with the same id, rooms
// and data, and with the events that it missed (PROTOCOL 18). The Use functions run
// for it again, since what they check may have changed. A zero field means its
// default. What is kept is kept on this node: a client that comes back to another one
// is a new socket there. One that comes back while functions of its lost socket still
// run waits for them.
//
// While recovery is on, every event without ack has one more argument for the client
// to remember, a string at the end, which handlers of clients see (R223).
type Recovery struct {
	MaxDisconnectionDuration time.Duration // how long a client may be away; 2 minutes

	Packets  int // events that one client may have missed, else it starts anew; 1,000
	Bytes    int // of these, together; 1 MiB
	Budget   int // bytes of all events kept; then the namespace's oldest go; 256 MiB
	Sessions int // clients that are away, then the oldest cannot return; 100,000
}

func (r Recovery) withDefaults() *Recovery {
	orDefault(&r.MaxDisconnectionDuration, 2*time.Minute)
	orDefault(&r.Packets, 1000)
	orDefault(&r.Bytes, 1<<20)
	orDefault(&r.Budget, 256<<20)
	orDefault(&r.Sessions, 100_000)
	return &r
}

// A presence is what a socket leaves behind. While the socket is connected, and
// while its client is away, it is found by its key, the hash of its secret pid.
type presence struct {
	key  [sha256.Size]byte
	ns   *Namespace
	id   ID
	over chan struct{} // closed when the socket's last function has returned

	// recoveries.mu guards these.
	socket  *Socket // nil once it has ended
	claimed bool    // a CONNECT continues it, so nobody else may
	element *list.Element
	parked  bool // the client is away and may come back
	since   time.Time

	// Set before parked, and read after over was closed.
	rooms            []Room
	bound, data      any
	start, sent, end uint64 // positions in the log: of the CONNECT reply, of the last event sent, and of the end
}

// recoveries are the presences of a server.
type recoveries struct {
	srv  *Server
	used atomic.Int64 // bytes that the logs of all namespaces hold

	mu     sync.Mutex // guards what follows; a leaf
	byKey  map[[sha256.Size]byte]*presence
	away   list.List // of *presence, the oldest first
	timer  engineio.Timer
	closed bool
}

// A resumption is a CONNECT that continues a presence.
type resumption struct {
	from   *presence
	old    *Socket // still connected, as far as this server knows
	pid    string
	offset *string // what the client saw last; nil when that was nothing
}

// withoutSecrets returns a CONNECT's payload without what only recovery needs.
func withoutSecrets(auth []byte) []byte {
	var fields map[string]json.RawMessage
	if json.Unmarshal(auth, &fields) != nil {
		return auth
	}
	delete(fields, "pid")
	delete(fields, "offset")
	rest, err := json.Marshal(fields)
	if err != nil {
		return auth
	}
	return rest
}

// claim finds what a CONNECT wants to continue, nil if nothing. It works once (R233).
func (r *recoveries) claim(ns *Namespace, auth []byte) *resumption {
	if !bytes.Contains(auth, []byte(`"pid"`)) {
		return nil
	}
	var asked struct{ Pid, Offset *string }
	if json.Unmarshal(auth, &asked) != nil || asked.Pid == nil {
		return nil // an ordinary CONNECT (R226)
	}
	key := sha256.Sum256([]byte(*asked.Pid))
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.byKey[key]
	if p == nil || p.ns != ns {
		return nil
	}
	p.claimed = true
	r.removeLocked(p)
	return &resumption{p, p.socket, *asked.Pid, asked.Offset}
}

func (r *recoveries) removeLocked(p *presence) {
	if r.byKey[p.key] == p {
		delete(r.byKey, p.key)
	}
	if p.element != nil {
		r.away.Remove(p.element)
		p.element = nil
		p.ns.away--
	}
}

// unclaim undoes claim: the CONNECT's connection ended before the reply.
func (r *recoveries) unclaim(p *presence) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p.claimed = false
	if p.socket == nil && !p.parked || r.byKey[p.key] != nil {
		return
	}
	r.byKey[p.key] = p
	if p.parked {
		r.putAwayLocked(p, r.away.PushFront)
	}
}

// add makes the presence of a connected socket known.
func (r *recoveries) add(p *presence, s *Socket) {
	r.mu.Lock()
	defer r.mu.Unlock()
	p.socket = s
	r.byKey[p.key] = p
}

// park keeps p after its socket has ended, if it may come back.
func (r *recoveries) park(p *presence, mayReturn bool) {
	now := r.srv.cfg.Clock.Now()
	var evicted *presence
	defer func() {
		if evicted != nil {
			r.srv.vacated(evicted.ns)
		}
	}()
	r.mu.Lock()
	defer r.mu.Unlock()
	p.socket, p.parked, p.since = nil, mayReturn, now
	switch {
	case !mayReturn:
		r.removeLocked(p)
	case !p.claimed:
		r.putAwayLocked(p, r.away.PushBack)
		if r.away.Len() > r.srv.cfg.Recovery.Sessions {
			evicted = r.away.Front().Value.(*presence)
			r.removeLocked(evicted)
		}
	}
}

func (r *recoveries) armLocked() {
	if r.timer == nil && r.away.Len() > 0 {
		since := r.away.Front().Value.(*presence).since
		wait := since.Add(r.srv.cfg.Recovery.MaxDisconnectionDuration).Sub(r.srv.cfg.Clock.Now())
		r.timer = r.srv.cfg.Clock.AfterFunc(max(wait, time.Millisecond), r.expire)
	}
}

// expire forgets who has been away too long.
func (r *recoveries) expire() {
	now := r.srv.cfg.Clock.Now()
	var left []*Namespace
	defer func() {
		for _, n := range left {
			r.srv.vacated(n) // a child may be empty now
		}
	}()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.timer = nil
	for r.away.Len() > 0 {
		p := r.away.Front().Value.(*presence)
		if now.Sub(p.since) < r.srv.cfg.Recovery.MaxDisconnectionDuration {
			break
		}
		r.removeLocked(p)
		if p.ns.parent != nil {
			left = append(left, p.ns)
		}
	}
	r.armLocked()
}

// close forgets everybody.
func (r *recoveries) close() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	if r.timer != nil {
		r.timer.Stop()
	}
	clear(r.byKey)
	r.away.Init()
}

// holds reports whether somebody who is away may come back to n.
func (r *recoveries) holds(n *Namespace) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return n.away > 0
}

// putAwayLocked keeps p for its client.
func (r *recoveries) putAwayLocked(p *presence, put func(any) *list.Element) {
	if r.closed {
		return
	}
	p.element = put(p)
	p.ns.away++
	r.armLocked()
}

// mayReturn reports whether a socket that ended so may be continued (16.1).
func mayReturn(reason DisconnectReason) bool {
	switch reason {
	case TransportClose, TransportError, PingTimeout, ForcedClose:
		return true
	}
	return false
}

// park leaves the presence of a socket that has just ended.
func (s *Socket) park(end uint64) {
	p := s.presence
	s.roomMu.Lock() // a Join under way comes first
	rooms := s.ns.adapter.Rooms(s.id)
	s.roomMu.Unlock()
	s.mu.Lock()
	p.rooms, p.bound, p.data = rooms, s.bound, s.data
	p.start, p.sent, p.end = s.start, s.sent, end
	s.mu.Unlock()
	s.ns.srv.recoveries.park(p, mayReturn(s.reason))
}

// resume puts a socket in the place of the one that it continues, in the worker. It
// waits for that one's functions first. It reports false when the CONNECT is dealt
// with in another way.
func (s *Socket) resume() bool {
	p := s.resumes.from
	select {
	case <-p.over:
	case <-s.ctx.Done():
		return false
	}
	s.ns.log.mu.Lock()
	_, _, ok := s.ns.log.missedLocked(s.resumes)
	s.ns.log.mu.Unlock()
	if !ok {
		s.restart()
		return false
	}
	s.mu.Lock()
	s.bound, s.data = p.bound, p.data
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
