// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/adapter/cluster/wire"
)

// A request is a question to the other nodes, and perhaps to the sockets of this one.
type request struct {
	id      string        // empty when no other node is asked
	arrived chan struct{} // has room for one; filled when there is something to look at
	asked   int           // how many nodes were
	open    bool          // whoever answers may

	// node.mu guards these.
	answers     []wire.Message   // that the asking goroutine has not looked at
	bytes       int              // of all answers of other nodes
	waiting     map[string]bool  // nodes that are to answer, where they are known by name
	left        int              // how many these are, known or not
	clients     map[string]int   // by node, how many sockets are to answer; one entry for the nodes without a name
	here        bool             // sockets of this node are being asked
	answersHere []adapter.Answer // of these, which the asking goroutine has not looked at
	missing     []adapter.ID     // of these, once here is false again
}

// progress is how far a request is.
type progress struct {
	answers []wire.Message   // of other nodes, since the last look
	here    []adapter.Answer // of this one's sockets, since then
	left    int              // nodes that are to answer
	clients int              // sockets of those that did, which are to answer
	asking  bool             // this node's sockets are being asked
	missing []adapter.ID     // of these
}

// complete reports whether nothing more will come.
func (p progress) complete() bool { return p.left == 0 && p.clients == 0 && !p.asking }

func (n *node) newRequest() *request {
	return &request{arrived: make(chan struct{}, 1), clients: map[string]int{}}
}

// begin addresses a request to those who are there. Its id stays empty when nobody is.
func (n *node) begin(ctx context.Context, r *request) error { return n.beginFor(ctx, r, n.others) }

// beginFor is begin for some of those who are there.
func (n *node) beginFor(ctx context.Context, r *request, who func(context.Context) (others, error)) error {
	if n.over() {
		return adapter.ErrClosed
	}
	if err := n.listener.Ready(ctx); err != nil {
		return err
	}
	there, err := who(ctx)
	if err != nil || there.count == 0 {
		return err
	}
	r.id = newUID()
	n.mu.Lock()
	defer n.mu.Unlock()
	r.left, r.asked = there.count, there.count
	if there.names != nil {
		r.waiting = map[string]bool{}
		for _, name := range there.names {
			r.waiting[name] = true
		}
	}
	n.requests[r.id] = r
	return nil
}

func (n *node) forget(r *request) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.requests, r.id)
}

// giveUp waits for no node any longer: none was asked.
func (n *node) giveUp(r *request) {
	n.mu.Lock()
	defer n.mu.Unlock()
	r.left, r.waiting = 0, nil
}

// look returns what has arrived for a request since the last call.
func (n *node) look(r *request) (p progress) {
	n.mu.Lock()
	defer n.mu.Unlock()
	p = progress{answers: r.answers, here: r.answersHere, left: r.left, asking: r.here, missing: r.missing}
	r.answers, r.answersHere = nil, nil
	for _, count := range r.clients {
		p.clients += max(count, 0)
	}
	return p
}

// answered notes what answers a request of this node. It runs on the bus's goroutine. It
// reports false when there is too much.
func (n *node) answered(id string, m wire.Message) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	r := n.requests[id]
	if r == nil {
		return true // it is over
	}
	switch b := m.Body.(type) {
	case wire.Answer:
		r.clients[m.UID]--
	case wire.ClientCount:
		if r.settleLocked(m.UID) {
			r.clients[m.UID] += b.Count
			r.wakeLocked()
		}
		return true
	default:
		if !r.settleLocked(m.UID) {
			return true // it has answered before
		}
	}
	if r.bytes += sizeOf(m); r.bytes > n.hub.cfg.InboxBytes {
		return false
	}
	r.answers = append(r.answers, m)
	r.wakeLocked()
	return true
}

// settleLocked counts a node that answered. It reports false for one that is not waited
// for.
func (r *request) settleLocked(uid string) bool {
	if r.open {
		return true
	}
	if r.waiting == nil {
		if r.left == 0 {
			return false
		}
		r.left--
		return true
	}
	if !r.waiting[uid] {
		return false
	}
	delete(r.waiting, uid)
	r.left = len(r.waiting)
	return true
}

// goneLocked no longer waits for a node that is known by name, nor for its sockets.
func (r *request) goneLocked(uid string) {
	if r.waiting[uid] {
		r.settleLocked(uid)
	}
	delete(r.clients, uid)
	r.wakeLocked()
}

func (r *request) wakeLocked() {
	select {
	case r.arrived <- struct{}{}:
	default:
	}
}

// missing returns the error about nodes that did not answer, nil when all did. cause is
// why nobody waits any longer.
func (n *node) missing(r *request, cause error) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if r.left == 0 {
		return nil
	}
	return &adapter.MissingNodesError{Nodes: slices.Sorted(maps.Keys(r.waiting)), Count: r.left, Of: r.asked, Cause: cause}
}

// deadline returns a ctx for a request, with the time that it may take.
func (n *node) deadline(ctx context.Context, timeout time.Duration) (within context.Context, done func()) {
	within, cancel := context.WithCancelCause(ctx)
	unlink := context.AfterFunc(n.ctx, func() { cancel(adapter.ErrClosed) })
	stop := n.hub.env.Clock.AfterFunc(cmp.Or(timeout, n.hub.cfg.RequestTimeout), func() { cancel(context.DeadlineExceeded) })
	return within, func() {
		stop()
		unlink()
		cancel(nil)
	}
}

// ask puts a question to every other node and hands the answers to use, in this
// goroutine, until each has given one or the time is over.
func (n *node) ask(ctx context.Context, timeout time.Duration, question func(id string) (wire.Body, error), use func(wire.Body)) error {
	return n.askThose(ctx, timeout, n.others, question, use)
}

// askThose is ask for some of the other nodes.
func (n *node) askThose(ctx context.Context, timeout time.Duration, who func(context.Context) (others, error), question func(id string) (wire.Body, error), use func(wire.Body)) error {
	within, done := n.deadline(ctx, timeout)
	defer done()
	r := n.newRequest()
	if err := n.beginFor(within, r, who); err != nil || r.id == "" {
		return err
	}
	defer n.forget(r)
	body, err := question(r.id)
	if err != nil {
		return err
	}
	if err := n.send(body); err != nil {
		return err
	}
	for {
		p := n.look(r)
		for _, m := range p.answers {
			use(m.Body)
		}
		if p.left == 0 {
			return nil
		}
		select {
		case <-r.arrived:
		case <-within.Done():
			for _, m := range n.look(r).answers {
				use(m.Body)
			}
			return n.missing(r, context.Cause(within))
		}
	}
}
