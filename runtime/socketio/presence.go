// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"container/list"
	"crypto/sha256"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/sockgen/sockgen/runtime/engineio"
)

// A presence is what a socket leaves behind. While the socket is connected, and
// while its client is away, it is found by its key, the hash of its secret pid.
//
// Sockets that have the presence one after the other have the same id. Each waits
// until those before it are done, so only one of them at a time is in the namespace or
// in a room.
type presence struct {
	key  [sha256.Size]byte
	ns   *Namespace
	id   ID
	over chan struct{} // closed when the socket's last function has returned

	// recoveries.mu guards these.
	socket   *Socket           // nil once it has ended
	claimer  *Socket           // of the CONNECT that continues the presence; nil when none does
	attempts []<-chan struct{} // over of the claimers, as far as these are not done
	element  *list.Element     // its place in away; nil unless the client is away and may come back
	parked   bool              // the client is, or was, away, and might come back
	since    time.Time         // when it was parked

	// Set before parked or before over was closed, and read after both.
	rooms            []Room
	data             any    // as the socket's last function left it
	size             int    // what it counts for in Recovery.SessionBudget
	start, sent, end uint64 // positions in the log: of the CONNECT reply, of the last event sent, and of the end
}

// presenceOverhead is what a presence costs besides its rooms, about: itself, its
// channel and its places in the map and the list.
const presenceOverhead = 640

// roomOverhead is what a room costs besides its name.
const roomOverhead = 16

// recoveries are the presences of a server.
type recoveries struct {
	srv    *Server
	replay replay

	mu     sync.Mutex // guards what follows; a leaf
	byKey  map[[sha256.Size]byte]*presence
	away   list.List // of *presence, the oldest first
	bytes  int       // of those in away
	timer  engineio.Timer
	closed bool

	travellers travellers // sessions on this node that the adapter keeps when they end
}

func keyOf(pid string) [sha256.Size]byte { return sha256.Sum256([]byte(pid)) }

// claim finds what the CONNECT of s wants to continue, and reports whether there is
// anything. The last claim counts: a client that connects again has given up the
// connection before (R233).
func (r *recoveries) claim(s *Socket, asked *returning) bool {
	key := keyOf(asked.pid)
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.byKey[key]
	if p == nil || p.ns != s.ns {
		return false
	}
	old := p.claimer
	if old == nil {
		old = p.socket
	}
	p.attempts = slices.DeleteFunc(p.attempts, isClosed)
	after := append(slices.Clone(p.attempts), p.over)
	p.attempts = append(p.attempts, s.presence.over)
	p.claimer = s
	s.resumes = &resumption{from: p, old: old, after: after, offset: asked.offset}
	return true
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// unclaim undoes claim: the CONNECT's connection ended before the reply, so another
// one may continue the presence.
func (r *recoveries) unclaim(s *Socket) {
	p := s.resumes.from
	r.mu.Lock()
	defer r.mu.Unlock()
	if p.claimer == s {
		p.claimer = nil
	}
}

// forget drops what s was to continue: it was refused, or cannot.
func (r *recoveries) forget(s *Socket) {
	p := s.resumes.from
	r.mu.Lock()
	defer r.mu.Unlock()
	if p.claimer == s {
		p.claimer = nil
		r.removeLocked(p)
	}
}

// accept makes the presence of a socket that is about to be connected known, in place
// of the one that it continues. It reports false when another CONNECT continues that
// one: the connection of s is about to be taken over.
func (r *recoveries) accept(s *Socket) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s.resumes != nil {
		old := s.resumes.from
		if old.claimer != s {
			return false
		}
		old.claimer = nil
		r.removeLocked(old)
	}
	s.presence.socket = s
	if !r.closed {
		r.byKey[s.presence.key] = s.presence
	}
	return true
}

func (r *recoveries) removeLocked(p *presence) {
	if r.byKey[p.key] == p {
		delete(r.byKey, p.key)
	}
	if p.element != nil {
		r.away.Remove(p.element)
		p.element = nil
		p.ns.away--
		r.bytes -= p.size
	}
}

// park keeps p after its socket has ended, if it may come back and nobody has dropped
// it. Whoever has been away for longest gives way.
func (r *recoveries) park(p *presence, mayReturn bool) {
	var left emptied
	defer left.release(r.srv)
	r.mu.Lock()
	defer r.mu.Unlock()
	p.socket, p.parked, p.since = nil, mayReturn, r.srv.cfg.Clock.Now()
	if !mayReturn || r.closed {
		r.removeLocked(p)
	}
	if r.byKey[p.key] != p {
		return
	}
	p.element = r.away.PushBack(p)
	p.ns.away++
	r.bytes += p.size
	for cfg := r.srv.cfg.Recovery; r.away.Len() > cfg.Sessions || r.bytes > cfg.SessionBudget; {
		left.add(r.removeFirstLocked())
	}
	r.armLocked()
}

// removeFirstLocked forgets who has been away for longest, and returns the namespace.
func (r *recoveries) removeFirstLocked() *Namespace {
	p := r.away.Front().Value.(*presence)
	r.removeLocked(p)
	return p.ns
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
	var left emptied
	defer left.release(r.srv)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.timer = nil
	if r.closed {
		return
	}
	now := r.srv.cfg.Clock.Now()
	for r.away.Len() > 0 && now.Sub(r.away.Front().Value.(*presence).since) >= r.srv.cfg.Recovery.MaxDisconnectionDuration {
		left.add(r.removeFirstLocked())
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
	for r.away.Len() > 0 {
		r.removeFirstLocked()
	}
	clear(r.byKey)
}

// holds reports whether somebody who is away may come back to n.
func (r *recoveries) holds(n *Namespace) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return n.away > 0
}

// emptied are children to which nobody may come back any more, perhaps.
type emptied map[*Namespace]struct{}

func (e *emptied) add(n *Namespace) {
	if n.parent == nil {
		return
	}
	if *e == nil {
		*e = emptied{}
	}
	(*e)[n] = struct{}{}
}

// release removes the children that nobody needs. No lock is held.
func (e *emptied) release(srv *Server) {
	for n := range *e {
		srv.vacated(n)
	}
}

// mayReturn reports whether a socket that ended so may be continued (16.1).
func mayReturn(reason DisconnectReason) bool {
	switch reason {
	case TransportClose, TransportError, PingTimeout, ForcedClose, Replaced:
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
	p.start, p.sent, p.end = s.start, s.sent, end
	s.mu.Unlock()
	p.rooms, p.size = packed(rooms)
	p.size += presenceOverhead
	s.ns.srv.recoveries.park(p, mayReturn(s.reason))
}

// leaveData is called when the socket's last function has returned.
func (s *Socket) leaveData() {
	s.mu.Lock()
	s.presence.data = s.data
	s.mu.Unlock()
	close(s.presence.over)
}

// packed copies rooms, so that nothing larger is kept for the sake of a name, and
// returns how many bytes the copy has.
func packed(rooms []Room) (list []Room, size int) {
	var b strings.Builder
	for _, r := range rooms {
		size += len(r)
	}
	b.Grow(size)
	for _, r := range rooms {
		b.WriteString(string(r))
	}
	names := b.String()
	list = make([]Room, len(rooms))
	for i, r := range rooms {
		list[i], names = Room(names[:len(r)]), names[len(r):]
	}
	return list, size + len(list)*roomOverhead
}
