package socketio

import (
	"context"
	"errors"
	"iter"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

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
	mu      sync.Mutex
	last    uint64 // position of the newest event; the first one has 1
	entries []entry
	timer   engineio.Timer
	closed  bool
}

// An entry is one event. Its message is the log's.
type entry struct {
	m      *engineio.Message
	size   int
	at     time.Time
	rooms  []Room
	except []Room
}

// entryOverhead is what an entry costs besides its bytes.
const entryOverhead = 128

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
		args.Pad()
	}
}

// messageLocked encodes an event with its offset.
func (l *eventLog) messageLocked(event string, args *siowire.Encoder, position uint64) *engineio.Message {
	e := siowire.NewEncoder()
	defer e.Release()
	e.Next()
	if args != nil && args.Len() > 0 {
		e.B = append(e.B, args.B...)
		e.Attachments = append(e.Attachments, args.Attachments...)
		e.Next()
	}
	e.B = siowire.AppendString(e.B, l.offset(position))
	return l.ns.eventMessage(event, 0, false, e)
}

// storeLocked appends an event whose position is last+1, and takes over m.
func (l *eventLog) storeLocked(m *engineio.Message, rooms, except []Room) {
	cfg, used := &l.ns.srv.cfg, &l.ns.srv.recoveries.used
	size := entryOverhead + len(m.Text)
	for _, a := range m.Attachments {
		size += len(a)
	}
	l.last++
	now := cfg.Clock.Now()
	l.entries = append(l.entries, entry{m, size, now, slices.Clone(rooms), slices.Clone(except)})
	used.Add(int64(size))
	l.pruneLocked(now)
	if l.timer == nil && len(l.entries) > 0 && !l.closed {
		l.timer = cfg.Clock.AfterFunc(l.retention(), l.expire)
	}
}

// retention is how long an event may be asked for: a lost connection is noticed late.
func (l *eventLog) retention() time.Duration {
	cfg := &l.ns.srv.cfg
	interval, timeout := cfg.PingInterval, cfg.PingTimeout
	orDefault(&interval, 25*time.Second)
	orDefault(&timeout, 20*time.Second)
	return cfg.Recovery.MaxDisconnectionDuration + interval + timeout
}

// pruneLocked drops what is too old or too much.
func (l *eventLog) pruneLocked(now time.Time) {
	used, retention := &l.ns.srv.recoveries.used, l.retention()
	n := 0
	for n < len(l.entries) {
		e := &l.entries[n]
		if !l.closed && now.Sub(e.at) < retention && used.Load() <= int64(l.ns.srv.cfg.Recovery.Budget) {
			break
		}
		used.Add(-int64(e.size))
		e.m.Release()
		*e = entry{}
		n++
	}
	if l.entries = l.entries[n:]; len(l.entries) == 0 {
		l.entries = nil
	}
}

func (l *eventLog) expire() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.timer = nil
	now := l.ns.srv.cfg.Clock.Now()
	l.pruneLocked(now)
	if len(l.entries) > 0 {
		l.timer = l.ns.srv.cfg.Clock.AfterFunc(max(l.retention()-now.Sub(l.entries[0].at), time.Millisecond), l.expire)
	}
}

// close drops everything.
func (l *eventLog) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
	l.pruneLocked(time.Time{})
	if l.timer != nil {
		l.timer.Stop()
		l.timer = nil
	}
}

// deliver is Deliver of the namespace.
func (l *eventLog) deliver(ids iter.Seq[ID], e adapter.Event, o adapter.Options) {
	l.mu.Lock()
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
	l.mu.Unlock()
	l.ns.tell(d.watched, e.Name, e.Args)
	d.finish()
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
// false when that cannot be said, or is too much.
func (l *eventLog) missedLocked(r *resumption) (missed []entry, from uint64, ok bool) {
	p := r.from
	if !p.rememberedLocked() {
		return nil, 0, false
	}
	from = p.start // nothing seen since the CONNECT reply
	if r.offset != nil {
		seen, ours := l.position(*r.offset)
		if !ours || seen > p.end {
			return nil, 0, false
		}
		from = max(from, seen)
	}
	if from >= p.sent {
		from = p.end // what was sent has arrived
	}
	oldest := l.last - uint64(len(l.entries)) // every event after it is here
	if from < oldest {
		return nil, 0, false
	}
	limits, size := l.ns.srv.cfg.Recovery, 0
	for i, e := range l.entries[from-oldest:] {
		position := from + uint64(i) + 1
		if position <= p.end && position > p.sent || !e.meant(p.rooms) {
			continue
		}
		missed = append(missed, e)
		if size += e.size; len(missed) > limits.Packets || size > limits.Bytes {
			return nil, 0, false
		}
	}
	return missed, from, true
}

// rememberedLocked reports whether the presence was parked.
func (p *presence) rememberedLocked() bool {
	r := &p.ns.srv.recoveries
	r.mu.Lock()
	defer r.mu.Unlock()
	return p.parked
}

// meant reports whether the event was for a socket in these rooms, which are
// sorted (R229).
func (e *entry) meant(rooms []Room) bool {
	in := func(r Room) bool { _, found := slices.BinarySearch(rooms, r); return found }
	return (len(e.rooms) == 0 || slices.ContainsFunc(e.rooms, in)) && !slices.ContainsFunc(e.except, in)
}
