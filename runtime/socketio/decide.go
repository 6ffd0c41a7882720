// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"errors"
	"slices"

	"github.com/sockgen/sockgen/runtime/siowire"
)

// A decision is a CONNECT for a namespace that does not exist, while parents are
// asked about it, or one that continues a session, while the adapter is. conn.mu guards it.
type decision struct {
	namespace string
	cancel    context.CancelCauseFunc
	replaced  bool // by a later CONNECT: nobody waits for it
	settled   bool // its outcome is what the client is told

	back *comeback // the session that the CONNECT continues; nil for none. Of whoever decides
}

// open reports whether the client waits for the decision.
func (d *decision) open() bool { return !d.replaced && !d.settled }

// decide asks parents about a CONNECT. It returns what the client did wrong.
func (c *conn) decide(parents []*ParentNamespace, p siowire.Packet) error {
	ctx, cancel := context.WithCancelCause(c.ctx)
	d := &decision{namespace: p.Namespace, cancel: cancel}
	err := c.begin(d)
	if err != nil {
		cancel(nil)
		if err == errConnectionEnded {
			return nil
		}
		return err
	}
	go func() {
		defer c.decided(d)
		returned := false
		defer parents[0].proto.contain("a parent of "+p.Namespace, "", &returned)
		ns, err := (*Namespace)(nil), error(nil)
		defer func() { d.giveBack(ns) }()
		defer func() { c.enter(ns, err, p, d, 1) }() // also after runtime.Goexit
		ns, err = c.srv.adopt(ctx, parents, p.Namespace, p.Data)
		if asked, _ := splitAuth(p.Data); err == nil && ns != nil && ns.shared != nil && asked != nil {
			d.back = ns.shared.restore(ctx, c, asked)
		}
		returned = true
	}()
	return nil
}

var errConnectionEnded = errors.New("the connection ended")

func (c *conn) begin(d *decision) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended.Load() {
		return errConnectionEnded
	}
	if c.joiningLocked(d.namespace) {
		return errSecondConnect
	}
	if err := c.crowdedLocked(0); err != nil {
		return err
	}
	c.decisions = append(c.decisions, d)
	return nil
}

// joiningLocked reports whether a CONNECT for the namespace came before.
func (c *conn) joiningLocked(namespace string) bool {
	return slices.ContainsFunc(c.members, func(s *Socket) bool { return s.ns.name == namespace }) ||
		slices.ContainsFunc(c.decisions, func(d *decision) bool { return d.open() && d.namespace == namespace })
}

// supersede gives up a CONNECT for the namespace that is not answered yet, since
// another one has come: the page called connect again, or disconnect and connect, which
// sends nothing in between. Only the later one is answered. It reports whether there was
// one.
//
// A CONNECT for a namespace that is joined stays a violation, as the reference's own
// tests want it (R165). An official client sends one only when it gave up before it had
// read the reply. It then comes back by itself, on a new connection.
func (c *conn) supersede(namespace string) bool {
	c.mu.Lock()
	var waiting *Socket
	found := false
	for _, s := range c.members {
		if s.ns.name == namespace && s.current() == pending {
			waiting, found = s, true
		}
	}
	for _, d := range c.decisions {
		if d.open() && d.namespace == namespace {
			d.replaced, found = true, true
			d.cancel(ErrReplaced)
		}
	}
	c.mu.Unlock()
	if waiting != nil {
		waiting.end(ClientNamespaceDisconnect, ErrReplaced, false)
	}
	return found
}

// settleLocked reports whether the client is to be told what became of d, which is nil
// for a CONNECT that nobody was asked about.
func settleLocked(d *decision) bool {
	if d == nil {
		return true
	}
	if d.replaced {
		return false
	}
	d.settled = true
	return true
}

func (c *conn) settle(d *decision) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return settleLocked(d)
}

// decided drops a decision.
func (c *conn) decided(d *decision) {
	d.cancel(nil)
	c.mu.Lock()
	c.decisions = slices.DeleteFunc(c.decisions, func(other *decision) bool { return other == d })
	c.releaseReaderLocked()
	last := c.idleLocked() && c.ended.Load()
	c.mu.Unlock()
	if last {
		c.srv.forget(c)
	}
}

// openDecisionsLocked counts the decisions that the client waits for.
func (c *conn) openDecisionsLocked() int {
	n := 0
	for _, d := range c.decisions {
		if d.open() {
			n++
		}
	}
	return n
}

// idleLocked reports whether no function of the application runs for the connection
// or will.
func (c *conn) idleLocked() bool { return len(c.live)+len(c.decisions) == 0 }
