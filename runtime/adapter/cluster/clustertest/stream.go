// SPDX-License-Identifier: Apache-2.0

package clustertest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/adapter/cluster"
	"github.com/sockgen/sockgen/runtime/adapter/cluster/wire"
)

// A stream is what a Network that keeps has instead of Redis.
type stream struct {
	mu       sync.Mutex // guards what follows
	last     uint64     // the newest offset's number
	entries  []kept     // the newest, without a gap
	sessions map[string]parked
	frozen   bool
}

// kept is one entry.
type kept struct {
	offset string
	entry  wire.Entry
}

// parked is the value of a session.
type parked struct {
	value string
	until time.Time
}

func (s *stream) add(e wire.Entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last++
	s.entries = append(s.entries, kept{offsetOf(s.last), e})
}

func offsetOf(n uint64) string { return fmt.Sprint("1000-", n) }

func numberOf(offset string) (n uint64) {
	_, _ = fmt.Sscanf(offset, "1000-%d", &n) // 0 for one of before the first
	return n
}

// after returns the entry that follows n, and its number.
func (s *stream) after(n uint64) (e kept, number uint64, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	oldest := s.last - uint64(len(s.entries)) + 1
	n = max(n+1, oldest)
	if s.frozen || n > s.last {
		return kept{}, 0, false
	}
	return s.entries[n-oldest], n, true
}

// holds reports whether something follows n.
func (s *stream) holds(n uint64) bool {
	_, _, ok := s.after(n)
	return ok
}

// Trim drops all but so many of the newest events of a network that keeps.
func (n *Network) Trim(left int) {
	n.stream.mu.Lock()
	defer n.stream.mu.Unlock()
	n.stream.entries = n.stream.entries[max(0, len(n.stream.entries)-left):]
}

// Repeat keeps the newest event once more, as a sender does that does not know whether it
// has arrived.
func (n *Network) Repeat() {
	n.stream.mu.Lock()
	e := n.stream.entries[len(n.stream.entries)-1].entry
	n.stream.mu.Unlock()
	n.stream.add(e)
	n.wakeAll()
}

// Freeze has nobody hear what is kept, until it is called with false.
func (n *Network) Freeze(frozen bool) {
	n.stream.mu.Lock()
	n.stream.frozen = frozen
	n.stream.mu.Unlock()
	n.wakeAll()
}

func (n *Network) wakeAll() {
	for _, b := range n.all() {
		b.mu.Lock()
		b.wakeLocked()
		b.mu.Unlock()
	}
}

// A keeping bus keeps what wire.Streams says.
type keeping struct{ counting }

// Publish implements cluster.Bus.
func (k keeping) Publish(m wire.Message) error {
	format := wire.Streams{Namespace: m.Namespace}
	if !format.Kept(m.Body) {
		return k.counting.Publish(m)
	}
	e, err := format.Entry(m)
	if err != nil {
		return err
	}
	if k.isCut() {
		return errCut
	}
	k.network.stream.add(e)
	k.network.wakeAll()
	return nil
}

// Keepers implements cluster.Keeper.
func (k keeping) Keepers(ctx context.Context, namespace string) (int, error) {
	return k.Nodes(ctx, namespace)
}

// Persist implements cluster.Keeper.
func (k keeping) Persist(s adapter.Session, d time.Duration) error {
	value, err := wire.AppendSession(nil, s)
	if err != nil {
		return err
	}
	if k.isCut() {
		return errCut
	}
	to := &k.network.stream
	to.mu.Lock()
	defer to.mu.Unlock()
	if to.sessions == nil {
		to.sessions = map[string]parked{}
	}
	to.sessions[s.PID] = parked{string(value), time.Now().Add(d)}
	return nil
}

// Take implements cluster.Keeper.
func (k keeping) Take(_ context.Context, pid string) (s adapter.Session, ok bool, err error) {
	if k.isCut() {
		return s, false, errCut
	}
	from := &k.network.stream
	from.mu.Lock()
	defer from.mu.Unlock()
	v, ok := from.sessions[pid]
	delete(from.sessions, pid)
	if !ok || time.Now().After(v.until) {
		return s, false, nil
	}
	s, err = wire.ParseSession(v.value, wire.Limits{})
	return s, err == nil, err
}

// Kept implements cluster.Keeper.
func (k keeping) Kept(_ context.Context, _, offset string) (bool, error) {
	s := &k.network.stream
	s.mu.Lock()
	defer s.mu.Unlock()
	n := numberOf(offset)
	return offset == offsetOf(n) && n <= s.last && n+uint64(len(s.entries)) >= s.last, nil
}

// Read implements cluster.Keeper.
func (k keeping) Read(_ context.Context, namespace, from, to string, f func(wire.Message) bool) error {
	s := &k.network.stream
	s.mu.Lock()
	list := slices.Clone(s.entries)
	s.mu.Unlock()
	for _, e := range list {
		if e.entry.Namespace != namespace || wire.CompareOffsets(e.offset, from) <= 0 || wire.CompareOffsets(e.offset, to) > 0 {
			continue
		}
		m, err := e.entry.Message(wire.Limits{})
		if err != nil {
			return err
		}
		if m.Offset = e.offset; !f(m) {
			return nil
		}
	}
	return nil
}

// Reach implements cluster.Keeper.
func (k keeping) Reach(ctx context.Context, _, offset string) error {
	for k.position() < numberOf(offset) {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(time.Millisecond):
		}
	}
	return nil
}

// Listen implements cluster.Bus.
func (k keeping) Listen(namespace, uid string, answersOnly bool, r cluster.Receiver) (cluster.Listener, error) {
	l, err := k.counting.Listen(namespace, uid, answersOnly, r)
	return beginning{l, offsetOf(k.position())}, err
}

// A beginning listener knows where it began.
type beginning struct {
	cluster.Listener
	begun string
}

// Begun implements cluster.Beginner.
func (b beginning) Begun() string { return b.begun }

func (b *bus) isCut() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.cut
}

// position returns the number of the last entry that was received.
func (b *bus) position() uint64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.read
}

// nextKept takes the next entry, if there is one.
func (b *bus) nextKept() (e kept, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.cut || b.closed || !b.network.Keeps {
		return kept{}, false
	}
	e, n, ok := b.network.stream.after(b.taken)
	if ok {
		b.taken = n
	}
	return e, ok
}

// deliverKept brings an entry to the listeners, in the order of the stream.
func (b *bus) deliverKept(e kept) {
	b.deliverTo(parcel{namespace: e.entry.Namespace}, func() (wire.Message, error) {
		m, err := e.entry.Message(wire.Limits{})
		m.Offset = e.offset
		return m, err
	})
	b.mu.Lock()
	listeners := slices.Clone(b.listeners)
	b.mu.Unlock()
	for _, l := range listeners {
		if l.namespace != e.entry.Namespace {
			l.to.Reached(e.offset)
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.read = numberOf(e.offset)
}
