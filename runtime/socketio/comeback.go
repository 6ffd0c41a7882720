// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"errors"
	"log/slog"
	"slices"

	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/engineio"
	"github.com/sockgen/sockgen/runtime/internal/guard"
	"github.com/sockgen/sockgen/runtime/siowire"
)

// This file is how clients come back whose sessions the adapter keeps. While the network
// is asked no lock is held, and the CONNECT is a decision that the client may replace.

// A comeback is a CONNECT that continues a session.
type comeback struct {
	traveller *traveller
	session   adapter.Session
	from      string // after which it continues
	adopted   bool   // a socket has it, and leaves the session behind

	// sharedLog.mu guards these, of a comeback in arriving.
	messages []*engineio.Message // what the client missed, and what was delivered since; a reference to each
	bytes    int                 // of these
	last     string              // offset of the newest that has one
	unsure   bool                // the newest has none yet
	tooMuch  bool
	over     bool // its socket has ended
}

// add appends a message, and takes a reference to it. It reports false when the client
// missed too much.
func (b *comeback) add(m *engineio.Message, p placed, limits *Recovery) bool {
	b.bytes += len(m.Text)
	for _, a := range m.Attachments {
		b.bytes += len(a)
	}
	if len(b.messages) >= limits.Packets || b.bytes > limits.Bytes {
		b.tooMuch = true
		return false
	}
	m.Retain()
	b.messages = append(b.messages, m)
	if p.offset != "" {
		b.last = p.offset
	}
	b.unsure = p.early
	return true
}

// hearLocked takes note of an event that is delivered while the socket is not accepted.
func (b *comeback) hearLocked(m *engineio.Message, p placed, o adapter.Options, limits *Recovery) {
	in := func(r Room) bool { return slices.Contains(b.session.Rooms, r) }
	if !b.tooMuch && (o.All || slices.ContainsFunc(o.Rooms, in)) && !slices.ContainsFunc(o.Except, in) {
		b.add(m, p, limits)
	}
}

func (b *comeback) release() {
	for _, m := range b.messages {
		m.Release()
	}
	b.messages = nil
}

// comeBack asks the adapter for the session that a CONNECT wants to continue, if it does,
// and then makes the socket. It reports whether it has taken over.
func (c *conn) comeBack(ns *Namespace, p siowire.Packet) (taken bool, err error) {
	if ns == nil || ns.shared == nil {
		return false, nil
	}
	asked, _ := splitAuth(p.Data)
	if asked == nil {
		return false, nil
	}
	ctx, cancel := context.WithCancelCause(c.ctx)
	d := &decision{namespace: p.Namespace, cancel: cancel}
	switch err := c.begin(d); {
	case err == errConnectionEnded:
		cancel(nil)
		c.srv.release(ns)
		return true, nil
	case err != nil:
		cancel(nil)
		return false, err
	}
	go func() {
		defer c.decided(d)
		defer d.giveBack(ns)
		d.back = ns.shared.restore(ctx, c, asked)
		c.enter(ns, nil, p, d, 1)
	}()
	return true, nil
}

// giveBack leaves a session to whoever comes next: no socket was made to continue it.
func (d *decision) giveBack(ns *Namespace) {
	if d.back != nil && !d.back.adopted {
		ns.srv.recoveries.arrived(ns, d.back.traveller, &d.back.session)
	}
}

// restore finds the session, wherever it is. It returns nil when the client is to start
// anew.
func (l *sharedLog) restore(ctx context.Context, c *conn, asked *returning) *comeback {
	ctx, stop := l.patient(ctx)
	defer stop()
	r := &l.ns.srv.recoveries
	t, before := r.travel(l.ns, asked.pid, c)
	var session *adapter.Session
	if before != nil {
		session = r.takeOver(ctx, before, c)
	}
	err := errAdapter
	if session == nil {
		l.ns.apart("Adapter.Restore", "", func() { session, err = l.keeper.Restore(ctx, asked.pid) })
	}
	if session == nil || l.ns.lookup(session.ID) != nil {
		l.warn(err)
		r.arrived(l.ns, t, nil)
		return nil
	}
	b := &comeback{traveller: t, session: *session}
	err = errAdapter
	l.ns.apart("Adapter.Place", session.ID, func() { b.from, err = l.keeper.Place(ctx, session, asked.offset) })
	switch {
	case err == nil:
		return b
	case c.ended.Load() || errors.Is(context.Cause(ctx), ErrReplaced):
		r.arrived(l.ns, t, session) // for the client's next attempt
	default:
		l.warn(err)
		r.arrived(l.ns, t, nil)
	}
	return nil
}

// patient bounds how long a client that comes back waits before it starts anew.
func (l *sharedLog) patient(ctx context.Context) (within context.Context, stop func()) {
	within, cancel := context.WithCancelCause(ctx)
	timer := l.ns.srv.cfg.Clock.AfterFunc(l.ns.srv.cfg.Recovery.RestoreTimeout, func() { cancel(context.DeadlineExceeded) })
	return within, func() {
		timer.Stop()
		cancel(nil)
	}
}

// warn logs why a client could not continue, unless that is as it should be.
func (l *sharedLog) warn(err error) {
	if err == nil || errors.Is(err, adapter.ErrNotKept) || errors.Is(err, ErrReplaced) || errors.Is(err, context.Canceled) {
		return
	}
	l.ns.srv.quiet.Write(context.Background(), slog.LevelWarn, "restore", "socketio: a client that came back could not continue",
		"namespace", quoted(l.ns.name), "cause", report(guard.Text(err)))
}

// rejoin gets what the client missed of a socket that continues b, if it does, in the
// worker. It reports false when the CONNECT is dealt with in another way.
func (s *Socket) rejoin(b *comeback) bool {
	if b == nil {
		return true
	}
	if err := s.Join(b.session.Rooms...); err != nil || !s.ns.shared.follow(s.ctx, b) {
		s.restart()
		return false
	}
	return true
}

// follow collects what a client missed, and has b told of what is delivered from now on.
func (l *sharedLog) follow(ctx context.Context, b *comeback) bool {
	ctx, stop := l.patient(ctx)
	defer stop()
	limits := l.ns.srv.cfg.Recovery
	missed := &comeback{} // whose messages come first
	l.mu.Lock()
	to := l.placeLocked()
	settled := l.keeper.Settled()
	if !b.over {
		l.arriving = append(l.arriving, b)
	}
	l.mu.Unlock()
	err := errAdapter
	l.ns.apart("Adapter.Missed", b.session.ID, func() {
		err = l.keeper.Missed(ctx, &b.session, b.from, to, func(e adapter.Event, o adapter.Options) bool {
			m := l.ns.messageWith(e.Name, e.Args, e.Offset)
			defer m.Release()
			m.NoCompress = o.Uncompressed
			return missed.add(m, placed{offset: e.Offset}, limits)
		})
	})
	l.mu.Lock()
	defer l.mu.Unlock()
	if b.over {
		missed.release()
		return false
	}
	b.bytes += missed.bytes
	b.messages = append(missed.messages, b.messages...)
	if b.last == "" {
		b.last = missed.last
	}
	b.tooMuch = b.tooMuch || missed.tooMuch || len(b.messages) > limits.Packets || b.bytes > limits.Bytes
	l.warn(err)
	return err == nil && settled && !b.tooMuch
}

// A traveller is a session's way from one connection to the next, on this node.
type traveller struct {
	ns   *Namespace
	pid  string
	conn *conn
	over chan struct{} // closed when left is known

	// recoveries.mu guards these.
	left   *adapter.Session // what nobody has taken; nil for nothing
	wanted int              // how many wait for it
}

// travellers are those of a server's sessions that are on this node. recoveries.mu guards
// them.
type travellers map[string]*traveller

func newTraveller(ns *Namespace, pid string, c *conn) *traveller {
	return &traveller{ns: ns, pid: pid, conn: c, over: make(chan struct{})}
}

// travel begins the way of a session that a CONNECT wants to continue. before is the one
// that has it on this node, nil if none has.
func (r *recoveries) travel(ns *Namespace, pid string, c *conn) (t, before *traveller) {
	t = newTraveller(ns, pid, c)
	r.mu.Lock()
	defer r.mu.Unlock()
	before = r.travellers[pid]
	r.departLocked(t)
	if before != nil && before.ns != ns {
		before = nil
	}
	return t, before
}

// depart makes the session of a new socket known.
func (r *recoveries) depart(t *traveller) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.departLocked(t)
}

func (r *recoveries) departLocked(t *traveller) {
	if r.travellers == nil {
		r.travellers = travellers{}
	}
	r.travellers[t.pid] = t
}

// arrived ends the way of a session. What is left goes to whoever waits for it, otherwise
// the adapter keeps it. Who comes in between waits, and then finds it there.
func (r *recoveries) arrived(ns *Namespace, t *traveller, left *adapter.Session) {
	if left != nil && !r.hand(t, left) {
		err := errAdapter
		ns.apart("Adapter.Persist", left.ID, func() { err = ns.shared.keeper.Persist(*left) })
		ns.shared.warn(err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.travellers[t.pid] == t {
		delete(r.travellers, t.pid)
	}
	close(t.over)
}

// hand leaves a session to whoever waits for it. It reports false when nobody does.
func (r *recoveries) hand(t *traveller, left *adapter.Session) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if t.wanted > 0 {
		t.left = left
	}
	return t.wanted > 0
}

// takeOver ends the connection that a session is on, unless it is c, and returns what is
// left of the session. It returns nil when that is nothing, or ctx ends.
func (r *recoveries) takeOver(ctx context.Context, t *traveller, c *conn) *adapter.Session {
	r.mu.Lock()
	t.wanted++
	r.mu.Unlock()
	if t.conn != c {
		t.conn.takeOver()
	}
	select {
	case <-t.over:
	case <-ctx.Done():
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	t.wanted--
	left := t.left
	t.left = nil
	return left
}

// TakeOver implements adapter.Home.
func (l local) TakeOver(ctx context.Context, pid string) *adapter.Session {
	r := &l.ns.srv.recoveries
	r.mu.Lock()
	t := r.travellers[pid]
	r.mu.Unlock()
	if t == nil || t.ns != l.ns {
		return nil
	}
	return r.takeOver(ctx, t, nil)
}

// Reached implements adapter.Home.
func (l local) Reached(offset string) {
	if l.ns.shared != nil {
		l.ns.shared.reached(offset)
	}
}
