// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"encoding/json"
	"iter"
	"slices"
	"sync"

	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/engineio"
	"github.com/sockgen/sockgen/runtime/siowire"
)

// A sharedLog is an eventLog of events that the adapter keeps, for clients that may come
// back to any node. The adapter gives the offsets, and says in which order events are
// delivered.
type sharedLog struct {
	ns     *Namespace
	keeper adapter.Keeper

	// mu guards what follows. It is held while an event is sent, and comes before
	// Socket.mu.
	mu       sync.Mutex
	last     string      // offset of the newest event that has one; "" before the first
	arriving []*comeback // sockets that are to be told of what is delivered, once they are accepted
}

// placeLocked returns the offset up to which everything has been delivered here.
func (l *sharedLog) placeLocked() string {
	if l.last == "" {
		l.last = l.keeper.Begun()
	}
	return l.last
}

// offsetLocked is placeLocked for a client: it always names something (R225).
func (l *sharedLog) offsetLocked() string {
	if place := l.placeLocked(); place != "" {
		return place
	}
	return "0-0"
}

// Reached is that of the namespace.
func (l *sharedLog) reached(offset string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.last = offset
}

// deliver is Deliver of the namespace.
func (l *sharedLog) deliver(ids iter.Seq[ID], e adapter.Event, o adapter.Options) {
	d := l.send(ids, e, o)
	l.ns.tell(d.watched, e.Name, e.Args)
	d.finish()
}

func (l *sharedLog) send(ids iter.Seq[ID], e adapter.Event, o adapter.Options) *delivery {
	l.mu.Lock()
	defer l.mu.Unlock() // also when ids, which is the adapter's, panics
	if e.Offset != "" {
		l.last = e.Offset
	}
	d := delivery{m: l.ns.messageWith(e.Name, e.Args, l.offsetLocked()), volatile: o.Volatile}
	defer d.m.Release()
	d.m.NoCompress = o.Uncompressed
	l.ns.setSlow(d.m, e.Name, o.Slow)
	p := placed{e.Offset, e.Offset == "" && !o.Local}
	for id := range ids {
		if s := l.ns.lookup(id); s != nil {
			s.deliverPlaced(&d, p)
		}
	}
	if !o.Volatile {
		for _, b := range l.arriving {
			b.hearLocked(d.m, p, o, l.ns.srv.cfg.Recovery)
		}
	}
	return &d
}

// placed says where an event stands.
type placed struct {
	offset string // "" for none
	early  bool   // the event will get an offset, which nobody knows yet
}

// deliverPlaced is deliver for an event with a place. It counts as sent unless it is
// volatile: if its connection ends, the client can ask for it.
func (s *Socket) deliverPlaced(d *delivery, p placed) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != connected {
		return
	}
	if sent := d.sendLocked(s); sent || !d.volatile {
		s.journey.sent(p)
	}
}

// emit sends an event to one socket, whose CONNECT was answered. It goes the way of a
// broadcast to the room of the socket's id, so that it has a place among the others.
func (l *sharedLog) emit(ctx context.Context, v Emitter, event string, args *siowire.Encoder) error {
	s := v.s
	if s.current() != connected {
		return ErrDisconnected
	}
	if !v.volatile {
		if err := s.awaitRoom(ctx); err != nil {
			return err
		}
	}
	o := adapter.Options{Rooms: []Room{Room(s.id)}, Volatile: v.volatile, Uncompressed: v.uncompressed, Slow: v.slow}
	_ = l.ns.adapter.Broadcast(ctx, adapter.Event{Name: event, Args: args}, o) // whose error is about other nodes
	return nil
}

// continues returns what the socket is about to continue, nil for nothing.
func (s *Socket) continues() *comeback {
	if s.journey == nil {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.journey.back
}

// A journey is what a socket's session will need when it ends. Socket.mu guards it, but
// for the traveller.
type journey struct {
	traveller *traveller
	back      *comeback // what it is about to continue; nil from the CONNECT reply on

	accepted bool // the CONNECT was answered

	start  string // offset at the CONNECT reply
	last   string // of the last event that was sent to it and has one; "" for none
	sure   string // of the first after the last one without a place; "" when there was none
	unsure bool   // an event without a place came since

	left *adapter.Session // what it leaves behind; nil for nothing. Set before its last function runs
}

// sent takes note of an event that was sent.
func (j *journey) sent(p placed) {
	switch {
	case p.offset != "":
		j.last = p.offset
		if j.unsure {
			j.sure, j.unsure = p.offset, false
		}
	case p.early:
		j.unsure = true
	}
}

// prepareJourney gives a new socket its secret, or the identity of the one that its CONNECT
// continues.
func (s *Socket) prepareJourney(d *decision) error {
	_, s.auth = splitAuth(s.auth)
	s.journey = &journey{}
	if d != nil && d.back != nil {
		b := d.back
		b.adopted = true
		s.journey.traveller, s.journey.back = b.traveller, b
		s.id, s.pid, s.recovered = b.session.ID, b.session.PID, true
		if b.session.Data != nil {
			s.data = traveled{text: b.session.Data}
		}
		return nil
	}
	pid, err := s.ns.srv.ids.next()
	s.pid = string(pid)
	s.journey.traveller = newTraveller(s.ns, s.pid, s.conn)
	return err
}

// acceptShared is acceptLocking for a namespace whose events the adapter keeps.
func (s *Socket) acceptShared(reply *engineio.Message) (acceptance, error) {
	l := s.ns.shared
	l.mu.Lock()
	defer l.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	j := s.journey
	b := j.back
	if s.state != pending {
		return connectionGone, nil
	}
	j.start = l.placeLocked()
	var missed []*engineio.Message
	if b != nil {
		if b.tooMuch {
			return tooLate, nil
		}
		l.leaveLocked(b)
		defer b.release()
		missed, j.start, j.last, j.unsure = b.messages, b.from, b.last, b.unsure
		j.back = nil
	} else {
		s.ns.srv.recoveries.depart(j.traveller)
	}
	j.accepted = true
	return accepted, s.welcomeLocked(missed, reply)
}

// leaveLocked no longer tells b of what is delivered.
func (l *sharedLog) leaveLocked(b *comeback) {
	l.arriving = slices.DeleteFunc(l.arriving, func(o *comeback) bool { return o == b })
}

// giveUp drops what b has collected: its socket has ended before it was accepted.
func (l *sharedLog) giveUp(b *comeback) {
	l.mu.Lock()
	defer l.mu.Unlock()
	b.over = true
	l.leaveLocked(b)
	b.release()
}

// part prepares what the socket leaves behind, as its end begins.
func (s *Socket) part(e endOf) {
	j, l := s.journey, s.ns.shared
	s.mu.Lock()
	b := j.back
	j.back = nil
	s.mu.Unlock()
	switch {
	case b != nil:
		l.giveUp(b)
		if e.unclaim {
			j.left = &b.session
		}
	case e.was == connected && mayTravel(s.reason):
		s.roomMu.Lock() // a Join under way comes first
		rooms, _ := packed(s.ns.adapter.Rooms(s.id))
		s.roomMu.Unlock()
		s.mu.Lock()
		defer s.mu.Unlock()
		if !j.unsure {
			j.left = &adapter.Session{ID: s.id, PID: s.pid, Rooms: rooms, Start: j.start, Sure: j.sure, Sent: j.last, End: e.place}
		}
	}
}

// mayTravel is mayReturn where other nodes are left when this one goes.
func mayTravel(reason DisconnectReason) bool {
	return mayReturn(reason) || reason == ServerShuttingDown
}

// bequeath leaves the session when the socket's last function has returned.
func (s *Socket) bequeath() {
	j := s.journey
	if j.left != nil && j.accepted {
		j.left.Data = s.encodeData()
	}
	s.ns.srv.recoveries.arrived(s.ns, j.traveller, j.left)
}

// A traveled value came from another node, which kept it with SetData there. DataOf makes
// what it was of it.
type traveled struct {
	text  json.RawMessage
	value any // what DataOf made of it last, which the application may have changed; nil before
}

// MarshalJSON implements json.Marshaler.
func (t traveled) MarshalJSON() ([]byte, error) {
	if t.value == nil {
		return t.text, nil
	}
	return json.Marshal(t.value)
}
