// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/engineio"
	"github.com/sockgen/sockgen/runtime/siowire"
)

// An eventLog keeps the events of a namespace, each encoded once, for clients that
// lose their connection. Every event without ack passes through it and gets an
// offset as its last argument, the position of the last event kept (R222, R225).
type eventLog struct {
	ns    *Namespace
	epoch string // begins every offset, so that those of another server are not taken for ours

	// mu guards what follows. It is held while an event is sent, so that all
	// sockets get the events in the order of the log. It comes before Socket.mu.
	mu   sync.Mutex
	last uint64 // position of the newest event; the first one has 1

	// replay.mu guards these.
	entries []*entry // the newest events without a gap
	place   int      // in replay.logs, while there are entries
	closed  bool     // nothing more is kept
}

func newEventLog(n *Namespace, epoch string) *eventLog { return &eventLog{ns: n, epoch: epoch} }

// offset names a position.
func (l *eventLog) offset(position uint64) string {
	return l.epoch + "." + strconv.FormatUint(position, 36)
}

// position reads an offset of this log.
func (l *eventLog) position(offset string) (uint64, bool) {
	text, ours := strings.CutPrefix(offset, l.epoch+".")
	n, err := strconv.ParseUint(text, 36, 64)
	return n, ours && err == nil
}

// pad sees to it that the offset which recovery appends to an event follows all of
// its arguments, so that no client takes it for one that is absent.
func (s *Server) pad(args *siowire.Encoder) {
	if s.cfg.Recovery != nil && args != nil {
		padEncoder(args)
	}
}

// messageLocked encodes an event with its offset. The message holds no more memory than
// it needs, since the log keeps it.
func (l *eventLog) messageLocked(event string, args *siowire.Encoder, position uint64) *engineio.Message {
	return l.ns.messageWith(event, args, l.offset(position))
}

// messageWith encodes an event with an offset as its last argument.
func (n *Namespace) messageWith(event string, args *siowire.Encoder, offset string) *engineio.Message {
	e := siowire.NewEncoder()
	defer e.Release()
	e.Next()
	if args != nil && args.Len() > 0 {
		e.B = append(e.B, args.B...)
		e.Attachments = append(e.Attachments, args.Attachments...)
		e.Next()
	}
	e.B = siowire.AppendString(e.B, offset)
	const frame = 16                                                        // what stands around the parts, about
	text := slices.Grow([]byte(nil), len(n.name)+len(event)+len(e.B)+frame) // its capacity says what it holds
	m := engineio.MessageOf(siowire.AppendEvent(text, n.name, 0, false, event, e), nil)
	attach(m, e)
	return m
}

// storeLocked appends an event whose position is last+1, and takes over m.
func (l *eventLog) storeLocked(m *engineio.Message, rooms, except []Room) {
	l.last++
	replay := &l.ns.srv.recoveries.replay
	replay.store(l, replay.newEntry(m, rooms, except))
}

// close drops everything.
func (l *eventLog) close() { l.ns.srv.recoveries.replay.close(l) }

// deliver is Deliver of the namespace.
func (l *eventLog) deliver(ids iter.Seq[ID], e adapter.Event, o adapter.Options) {
	d := l.send(ids, e, o)
	l.ns.tell(d.watched, e.Name, e.Args)
	d.finish()
}

func (l *eventLog) send(ids iter.Seq[ID], e adapter.Event, o adapter.Options) *delivery {
	l.mu.Lock()
	defer l.mu.Unlock() // also when ids, which is the adapter's, panics
	position := l.last
	if !o.Volatile {
		position++
	}
	d := delivery{m: l.messageLocked(e.Name, e.Args, position), volatile: o.Volatile}
	d.m.NoCompress = o.Uncompressed
	l.ns.setSlow(d.m, e.Name, o.Slow)
	for id := range ids {
		if s := l.ns.lookup(id); s != nil {
			s.deliverAt(&d, position)
		}
	}
	if o.Volatile {
		d.m.Release()
	} else {
		l.storeLocked(d.m, o.Rooms, o.Except)
	}
	return &d
}

// tell tells the sockets' listeners of an event that was sent to them.
func (n *Namespace) tell(watched []*Socket, event string, encoded *siowire.Encoder) {
	if len(watched) == 0 {
		return
	}
	m := n.eventMessage(event, 0, false, encoded)
	defer m.Release()
	args := sentArgs(m)
	for _, s := range watched {
		s.tell(event, args)
	}
}

// deliverAt is deliver for a message with a position in the log. The log has it whether
// or not that succeeds, unless it is volatile: then it counts as sent, and the client
// can ask for it.
func (s *Socket) deliverAt(d *delivery, position uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != connected {
		return
	}
	if sent := d.sendLocked(s); sent || !d.volatile {
		s.sent = position
	}
}

// emit sends an event to one socket, whose CONNECT was answered, as soon as there is
// room.
func (l *eventLog) emit(ctx context.Context, v Emitter, event string, args *siowire.Encoder) error {
	for {
		sent, err := l.tryEmit(v, event, args)
		if errors.Is(err, engineio.ErrBusy) {
			if err := v.s.awaitRoom(ctx); err != nil {
				return err
			}
			continue
		}
		v.s.closeIfFull(err)
		if sent && v.s.watched() {
			l.ns.tell([]*Socket{v.s}, event, args)
		}
		return err
	}
}

// tryEmit is one attempt, at the position that is next.
func (l *eventLog) tryEmit(v Emitter, event string, args *siowire.Encoder) (sent bool, err error) {
	s := v.s
	l.mu.Lock()
	defer l.mu.Unlock()
	position := l.last
	if !v.volatile {
		position++
	}
	m := l.messageLocked(event, args, position)
	m.NoCompress = v.uncompressed
	l.ns.setSlow(m, event, v.slow)
	s.mu.Lock()
	sent, err = s.sendLocked(m, v.volatile, nil)
	if sent {
		s.sent = position
	}
	s.mu.Unlock()
	if sent && !v.volatile {
		l.storeLocked(m, []Room{Room(s.id)}, nil)
	} else {
		m.Release()
	}
	return sent, err
}

// missedLocked returns what a client missed, and the position from which on. ok is
// false when that cannot be said, or is too much. The caller releases the entries.
func (l *eventLog) missedLocked(r *resumption) (missed []*entry, from uint64, ok bool) {
	if from, ok = l.seenLocked(r); !ok {
		return nil, 0, false
	}
	replay, p := &l.ns.srv.recoveries.replay, r.from
	for to := from; ; {
		missed, to, ok = replay.collect(l, to, p, missed)
		if !ok || tooMuch(missed, l.ns.srv.cfg.Recovery) {
			releaseEntries(missed)
			return nil, 0, false
		}
		if to == l.last {
			return missed, from, true
		}
	}
}

// seenLocked returns the position up to which a client has seen everything.
func (l *eventLog) seenLocked(r *resumption) (position uint64, ok bool) {
	p := r.from
	if !p.remembered() {
		return 0, false
	}
	position = p.start // nothing seen since the CONNECT reply
	if r.offset != nil {
		seen, ours := l.position(*r.offset)
		if !ours || seen > p.end {
			return 0, false
		}
		position = max(position, seen)
	}
	if position >= p.sent {
		position = p.end // what was sent has arrived
	}
	return position, true
}

// tooMuch reports whether a client missed more than it may.
func tooMuch(missed []*entry, limits *Recovery) bool {
	size := 0
	for _, e := range missed {
		size += e.bytes
	}
	return len(missed) > limits.Packets || size > limits.Bytes
}

func releaseEntries(entries []*entry) {
	for _, e := range entries {
		e.m.Release()
	}
}

// mayResume reports whether a client can get all that it missed, as things stand.
func (l *eventLog) mayResume(r *resumption) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	missed, _, ok := l.missedLocked(r)
	releaseEntries(missed)
	return ok
}

// remembered reports whether the presence was parked.
func (p *presence) remembered() bool {
	r := &p.ns.srv.recoveries
	r.mu.Lock()
	defer r.mu.Unlock()
	return p.parked
}
