// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"container/heap"
	"slices"
	"sync"
	"time"

	"github.com/sockgen/sockgen/runtime/engineio"
)

// A replay bounds the events that the logs of all namespaces keep. The oldest ones go
// first, whichever namespace they are of.
type replay struct {
	cfg *Config

	mu    sync.Mutex // guards what follows, and the entries of all logs; a leaf
	used  int        // bytes that the entries hold
	logs  logHeap    // those with entries, by their oldest one
	timer engineio.Timer
}

// An entry is one event that a log keeps. It does not change. Its message holds a
// reference for the log.
type entry struct {
	m      *engineio.Message
	size   int // what it holds, for Recovery.Budget
	bytes  int // what the client is sent, for Recovery.Bytes
	at     time.Time
	rooms  []Room
	except []Room
}

// What an entry holds, about, besides its bytes and the names of its rooms: itself, its
// message and its place in the log; and for each attachment.
const (
	entryOverhead      = 320
	attachmentOverhead = 40
)

func (r *replay) newEntry(m *engineio.Message, rooms, except []Room) *entry {
	e := &entry{m: m, rooms: slices.Clone(rooms), except: slices.Clone(except)}
	for _, a := range m.Attachments {
		e.bytes += len(a)
		e.size += attachmentOverhead
	}
	e.bytes += len(m.Text)
	e.size += e.bytes + cap(m.Text) - len(m.Text)
	if r.cfg.PerMessageDeflate != nil && !m.NoCompress {
		e.size += e.bytes // the message keeps its compressed form
	}
	for _, names := range [][]Room{e.rooms, e.except} {
		for _, room := range names {
			e.size += roomOverhead + len(room)
		}
	}
	e.size += entryOverhead
	return e
}

// store appends an entry to a log, whose lock is held. What is larger than the whole
// budget is not kept, and neither is what came before it in the log: clients would
// miss the one between.
func (r *replay) store(l *eventLog, e *entry) {
	r.mu.Lock()
	defer r.mu.Unlock()
	e.at = r.cfg.Clock.Now()
	if l.closed || e.size > r.cfg.Recovery.Budget {
		r.dropLocked(l)
		e.m.Release()
	} else {
		l.entries = append(l.entries, e)
		r.used += e.size
		if len(l.entries) == 1 {
			heap.Push(&r.logs, l)
		}
	}
	r.pruneLocked(e.at)
}

// retention is how long an event may be asked for: a lost connection is noticed late.
func (r *replay) retention() time.Duration {
	interval, timeout := r.cfg.PingInterval, r.cfg.PingTimeout
	orDefault(&interval, 25*time.Second)
	orDefault(&timeout, 20*time.Second)
	return r.cfg.Recovery.MaxDisconnectionDuration + interval + timeout
}

// pruneLocked drops what is too old or too much, and sees to it that this happens in
// time.
func (r *replay) pruneLocked(now time.Time) {
	retention := r.retention()
	for len(r.logs) > 0 && (r.used > r.cfg.Recovery.Budget || now.Sub(r.logs[0].entries[0].at) >= retention) {
		r.dropOldestLocked()
	}
	switch {
	case len(r.logs) == 0 && r.timer != nil:
		r.timer.Stop()
		r.timer = nil
	case len(r.logs) > 0 && r.timer == nil:
		wait := r.logs[0].entries[0].at.Add(retention).Sub(now)
		r.timer = r.cfg.Clock.AfterFunc(max(wait, time.Millisecond), r.expire)
	}
}

// dropOldestLocked drops the oldest entry of all.
func (r *replay) dropOldestLocked() {
	l := r.logs[0]
	e := l.entries[0]
	l.entries[0] = nil
	if l.entries = l.entries[1:]; len(l.entries) == 0 {
		l.entries = nil
		heap.Pop(&r.logs)
	} else {
		heap.Fix(&r.logs, 0)
	}
	r.used -= e.size
	e.m.Release()
}

// dropLocked drops the entries of one log.
func (r *replay) dropLocked(l *eventLog) {
	if len(l.entries) == 0 {
		return
	}
	heap.Remove(&r.logs, l.place)
	for _, e := range l.entries {
		r.used -= e.size
		e.m.Release()
	}
	l.entries = nil
}

// expire runs when the oldest entry may be too old.
func (r *replay) expire() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.timer = nil
	r.pruneLocked(r.cfg.Clock.Now())
}

// close drops the entries of a log, which keeps no more from now on.
func (r *replay) close(l *eventLog) {
	r.mu.Lock()
	defer r.mu.Unlock()
	l.closed = true
	r.dropLocked(l)
	r.pruneLocked(r.cfg.Clock.Now())
}

// stretch is how many entries are looked at under one lock of the replay, which all
// namespaces need.
const stretch = 512

// collect looks through the entries of a log, whose lock is held, that follow a
// position, and appends to missed what was for p. It returns how far it came, and false
// when these events are no longer kept. The caller releases what is appended.
func (r *replay) collect(l *eventLog, from uint64, p *presence, missed []*entry) (list []*entry, to uint64, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	oldest := l.last - uint64(len(l.entries)) // every event after it is here
	if from < oldest {
		return missed, from, false
	}
	entries := l.entries[from-oldest:]
	for i, e := range entries[:min(stretch, len(entries))] {
		position := from + uint64(i) + 1
		if position <= p.end && position > p.sent || !e.meant(p.rooms) {
			continue
		}
		e.m.Retain()
		missed = append(missed, e)
	}
	return missed, from + uint64(min(stretch, len(entries))), true
}

// meant reports whether the event was for a socket in these rooms, which are
// sorted (R229).
func (e *entry) meant(rooms []Room) bool {
	in := func(r Room) bool { _, found := slices.BinarySearch(rooms, r); return found }
	return (len(e.rooms) == 0 || slices.ContainsFunc(e.rooms, in)) && !slices.ContainsFunc(e.except, in)
}

// A logHeap has the log with the oldest entry first. Each log knows its place.
type logHeap []*eventLog

func (h logHeap) Len() int           { return len(h) }
func (h logHeap) Less(i, j int) bool { return h[i].entries[0].at.Before(h[j].entries[0].at) }
func (h logHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].place, h[j].place = i, j
}

func (h *logHeap) Push(l any) {
	l.(*eventLog).place = len(*h)
	*h = append(*h, l.(*eventLog))
}

func (h *logHeap) Pop() any {
	last := len(*h) - 1
	l := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	return l
}
