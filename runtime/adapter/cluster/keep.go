// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/adapter/cluster/wire"
	"github.com/sockgen/sockgen/runtime/siowire"
)

// A Keeper is a Bus that keeps broadcasts, so that clients may come back to another node.
// It gives each an offset, as [wire.CompareOffsets] compares them, in the order in which
// all nodes receive them. What is published with a mark comes back to its sender, too.
type Keeper interface {
	Bus
	// Persist keeps a session for a time. It does not wait for the network.
	Persist(s adapter.Session, d time.Duration) error
	// Take takes a session, which nobody else gets then. ok is false when there is none.
	Take(ctx context.Context, pid string) (s adapter.Session, ok bool, err error)
	// Kept reports whether nothing that came after offset in a namespace was dropped.
	Kept(ctx context.Context, namespace, offset string) (bool, error)
	// Read calls f with what came after from, up to and including to, until f returns
	// false.
	Read(ctx context.Context, namespace, from, to string, f func(wire.Message) bool) error
	// Keepers returns how many nodes of this kind listen in a namespace: not those of other
	// servers that share the bus, and do not know of a [wire.TakeOver].
	Keepers(ctx context.Context, namespace string) (int, error)
	// Reach waits until what came up to an offset has been received here.
	Reach(ctx context.Context, namespace, offset string) error
}

// A Beginner is the Listener of a Keeper.
type Beginner interface {
	Listener
	// Begun returns the offset after which the listener receives everything, "" while that
	// is not known.
	Begun() string
}

// turnPatience is how long an event waits to be delivered in its turn among those of all
// nodes. Then this node's sockets get it at once.
const turnPatience = 250 * time.Millisecond

// maxAsking is how many clients other nodes are asked for at a time, in one namespace:
// whoever makes up secrets shall not make all nodes work.
const maxAsking = 64

// A keeping node keeps events and sessions for all nodes.
type keeping struct {
	*node
	keeper Keeper
	home   adapter.Home
	asking chan struct{} // one for each client whose socket other nodes are asked for; further ones wait
	marks  marks         // of what was delivered; of the lane
}

// Broadcast implements adapter.Adapter. What others are to hear too is delivered when it
// comes back, in its turn among those of all nodes, so that its place is known.
func (k *keeping) Broadcast(ctx context.Context, e adapter.Event, o adapter.Options) error {
	if o.Nobody() || o.Local {
		return k.node.Broadcast(ctx, e, o)
	}
	if k.over() {
		return errors.Join(adapter.ErrClosed, k.Memory.Broadcast(ctx, e, o))
	}
	body, err := broadcastOf(e, o, "")
	if err != nil {
		return errors.Join(err, k.Memory.Broadcast(ctx, e, o))
	}
	t, err := k.turns.begin(e, o, func(mark uint64) error {
		return k.keeper.Publish(wire.Message{UID: k.uid, Namespace: k.namespace, Body: body, Mark: mark})
	})
	if err != nil || !k.await(ctx, t) {
		return errors.Join(err, k.Memory.Broadcast(ctx, e, o))
	}
	return nil
}

// await waits until an event was delivered in its turn. It reports false when the caller
// is to deliver it.
func (k *keeping) await(ctx context.Context, t *turn) bool {
	if t.early {
		return false
	}
	over := make(chan struct{})
	stop := k.hub.env.Clock.AfterFunc(turnPatience, func() { close(over) })
	defer stop()
	select {
	case <-t.done:
		return true
	case <-over:
	case <-ctx.Done():
	case <-k.ctx.Done():
	}
	if k.turns.hasten(t) {
		return false
	}
	<-t.done // it is being delivered
	return true
}

// marks are the newest marks of senders, by which an event that is in the stream twice is
// known.
type marks map[string]uint64

// fresh notes the mark of an event, and reports whether it is the first with it.
func (m *marks) fresh(sender string, mark uint64) bool {
	if mark <= (*m)[sender] {
		return false
	}
	if *m == nil || len(*m) >= maxPeers { // most of them have gone long since
		*m = marks{}
	}
	(*m)[sender] = mark
	return true
}

// turns are the events of a node that have not come back to it.
type turns struct {
	publishing sync.Mutex // held while one is published, so that they come back in the order of their marks

	mu       sync.Mutex // guards what follows; a leaf
	last     uint64     // the newest mark
	returned uint64     // the newest that has come back
	open     map[uint64]*turn
	early    int           // of these, delivered before their turn
	detached bool          // they come back late: those that follow are delivered at once
	waiting  chan struct{} // closed when early is 0 again; nil while nobody waits
}

// A turn is one of them. turns.mu guards it, but for done.
type turn struct {
	mark  uint64
	e     adapter.Event
	o     adapter.Options
	early bool          // delivered, or about to be, before its turn
	taken bool          // it is being delivered in its turn
	done  chan struct{} // closed when that is done
}

// begin publishes an event.
func (ts *turns) begin(e adapter.Event, o adapter.Options, publish func(mark uint64) error) (*turn, error) {
	ts.publishing.Lock()
	defer ts.publishing.Unlock()
	ts.mu.Lock()
	ts.last++
	t := &turn{mark: ts.last, early: ts.detached}
	if t.early {
		ts.early++
	} else {
		t.e, t.o, t.done = e, o, make(chan struct{})
	}
	if ts.open == nil {
		ts.open = map[uint64]*turn{}
	}
	ts.open[t.mark] = t
	ts.mu.Unlock()
	err := publish(t.mark)
	if err != nil {
		ts.mu.Lock()
		defer ts.mu.Unlock()
		ts.dropLocked(t)
	}
	return t, err
}

func (ts *turns) dropLocked(t *turn) {
	if ts.open[t.mark] != t {
		return
	}
	delete(ts.open, t.mark)
	if t.early {
		ts.early--
	}
	if ts.early == 0 {
		ts.detached = false
		if ts.waiting != nil {
			close(ts.waiting)
			ts.waiting = nil
		}
	}
}

// hasten takes an event out of its turn. It reports false when that has come.
func (ts *turns) hasten(t *turn) bool {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if t.taken {
		return false
	}
	t.early, t.e, t.o = true, adapter.Event{}, adapter.Options{}
	switch {
	case ts.open[t.mark] != t:
	case t.mark < ts.returned:
		delete(ts.open, t.mark) // it will not come back
	default:
		ts.early++
		ts.detached = true
	}
	return true
}

// take begins what comes back. It returns nil for what is not known.
func (ts *turns) take(mark uint64) *turn {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	t := ts.open[mark]
	if t != nil && !t.early {
		t.taken = true
	}
	return t
}

// end ends what has come back. What was published before it and has not come back never
// will.
func (ts *turns) end(t *turn) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	for mark := ts.returned + 1; mark < t.mark; mark++ {
		if other := ts.open[mark]; other != nil && other.early {
			ts.dropLocked(other)
		}
	}
	ts.dropLocked(t)
	ts.returned = t.mark
	if t.taken {
		close(t.done)
	}
}

// Settled implements adapter.Keeper.
func (k *keeping) Settled() bool { return k.turns.unsettled() == nil }

// unsettled returns nil when nothing was delivered that has no place yet, otherwise what is
// closed then.
func (ts *turns) unsettled() <-chan struct{} {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if ts.early == 0 {
		return nil
	}
	if ts.waiting == nil {
		ts.waiting = make(chan struct{})
	}
	return ts.waiting
}

// settle waits until everything that was delivered has a place.
func (ts *turns) settle(ctx context.Context) error {
	for {
		wait := ts.unsettled()
		if wait == nil {
			return nil
		}
		select {
		case <-wait:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// returned delivers an event of this node, which has come back, on the lane.
func (k *keeping) returned(mark uint64, offset string) {
	t := k.turns.take(mark)
	if t != nil {
		defer k.turns.end(t)
	}
	if t != nil && t.taken {
		t.e.Offset = offset
		_ = k.Memory.Broadcast(k.ctx, t.e, t.o) // whose error is nil
		return
	}
	k.home.Reached(offset)
}

// Begun implements adapter.Keeper.
func (k *keeping) Begun() string {
	if b, ok := k.listener.(Beginner); ok {
		return b.Begun()
	}
	return ""
}

// Persist implements adapter.Keeper.
func (k *keeping) Persist(s adapter.Session) error {
	if k.hub.over() {
		return adapter.ErrClosed
	}
	s.Namespace = k.namespace
	return k.keeper.Persist(s, k.hub.env.Recovery)
}

// Missed implements adapter.Keeper.
func (k *keeping) Missed(ctx context.Context, s *adapter.Session, from, to string, f func(adapter.Event, adapter.Options) bool) error {
	if from == "" || to == "" || wire.CompareOffsets(from, to) >= 0 {
		return nil
	}
	rooms := map[adapter.Room]bool{}
	for _, r := range s.Rooms {
		rooms[r] = true
	}
	var failed error
	var seen marks
	err := k.keeper.Read(ctx, k.namespace, from, to, func(m wire.Message) bool {
		b, ok := m.Body.(wire.Broadcast)
		if m.Mark != 0 && !seen.fresh(m.UID, m.Mark) {
			return true
		}
		if !ok || b.RequestID != "" || b.Options.Volatile || !meant(b.Options, rooms) {
			return true
		}
		e := siowire.NewEncoder()
		defer e.Release()
		if failed = e.Forward(b.Args); failed != nil {
			return false
		}
		return f(adapter.Event{Name: b.Name, Args: e, Offset: m.Offset}, b.Options)
	})
	return errors.Join(err, failed)
}

// meant reports whether an event was for a socket in rooms.
func meant(o adapter.Options, rooms map[adapter.Room]bool) bool {
	for _, r := range o.Except {
		if rooms[r] {
			return false
		}
	}
	for _, r := range o.Rooms {
		if rooms[r] {
			return true
		}
	}
	return o.All
}

// Restore implements adapter.Keeper.
func (k *keeping) Restore(ctx context.Context, pid string) (*adapter.Session, error) {
	s, err := k.take(ctx, pid)
	if s != nil || err != nil {
		return s, err
	}
	if s = k.askFor(ctx, pid); s == nil {
		s, err = k.take(ctx, pid) // its node may have kept it a moment ago
	}
	if s == nil && err == nil {
		err = fmt.Errorf("%w: no session has this secret", adapter.ErrNotKept)
	}
	return s, err
}

func (k *keeping) take(ctx context.Context, pid string) (*adapter.Session, error) {
	s, ok, err := k.keeper.Take(ctx, pid)
	if err != nil || !ok {
		return nil, err
	}
	if s.Namespace != "" && s.Namespace != k.namespace || s.PID != pid {
		return nil, fmt.Errorf("%w: the session is of another namespace", adapter.ErrNotKept)
	}
	return &s, nil
}

// askFor asks the other nodes for a socket whose connection they do not know to be lost.
func (k *keeping) askFor(ctx context.Context, pid string) (found *adapter.Session) {
	select {
	case k.asking <- struct{}{}:
		defer func() { <-k.asking }()
	case <-ctx.Done():
		return nil
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	_ = k.askThose(ctx, k.hub.cfg.TakeOver, k.kin, func(id string) (wire.Body, error) {
		return wire.TakeOver{RequestID: id, PID: pid}, nil
	}, func(b wire.Body) {
		if got, ok := b.(wire.TakenOver); ok && got.Session != nil && found == nil {
			found = got.Session
			cancel()
		}
	}) // who does not answer has it not
	return found
}

// kin are the other nodes of this kind.
func (k *keeping) kin(ctx context.Context) (others, error) {
	count, err := k.keeper.Keepers(ctx, k.namespace)
	return others{count: max(count-1, 0)}, err
}

// takeOver answers another node that wants a session.
func (n *node) takeOver(to string, b wire.TakeOver) {
	if n.keeping == nil { // it has none
		n.answer(to, wire.TakenOver{RequestID: b.RequestID})
		return
	}
	n.apart(func() {
		ctx, done := n.deadline(n.ctx, n.hub.cfg.TakeOver)
		defer done()
		n.answer(to, wire.TakenOver{RequestID: b.RequestID, Session: n.keeping.home.TakeOver(ctx, b.PID)})
	}, func() {})
}

// Place implements adapter.Keeper.
func (k *keeping) Place(ctx context.Context, s *adapter.Session, offset *string) (from string, err error) {
	switch from = s.Start; {
	case offset == nil && (from == "" || s.Sure != ""):
		return "", fmt.Errorf("%w: the client has seen nothing that has a place", adapter.ErrNotKept)
	case offset != nil:
		if from = *offset; !wire.IsOffset(from) {
			return "", fmt.Errorf("%w: the client's offset is none of this cluster", adapter.ErrNotKept)
		}
		if s.End != "" && wire.CompareOffsets(from, s.End) > 0 {
			return "", fmt.Errorf("%w: the client's offset is of the future", adapter.ErrNotKept)
		}
		if s.Sure != "" && wire.CompareOffsets(from, s.Sure) < 0 {
			return "", fmt.Errorf("%w: something that the client may have missed has no place", adapter.ErrNotKept)
		}
	}
	if s.End != "" && (s.Sent == "" || wire.CompareOffsets(from, s.Sent) >= 0) {
		from = s.End // what was sent has arrived
	}
	kept, err := k.keeper.Kept(ctx, k.namespace, from)
	switch {
	case err != nil:
		return "", err
	case !kept:
		return "", fmt.Errorf("%w: what the client missed was dropped", adapter.ErrNotKept)
	}
	return from, k.catchUp(ctx, from)
}

// catchUp waits until everything up to an offset has been delivered, and nothing else.
func (k *keeping) catchUp(ctx context.Context, offset string) error {
	if err := k.keeper.Reach(ctx, k.namespace, offset); err != nil {
		return err
	}
	delivered := make(chan struct{})
	if !k.inbox.add(job{0, func() { close(delivered) }}) {
		return ErrOverflow
	}
	select {
	case <-delivered:
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-k.ctx.Done():
		return adapter.ErrClosed
	}
	return k.turns.settle(ctx)
}
