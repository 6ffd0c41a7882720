// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"container/list"
	"sync"
	"time"

	"github.com/sockgen/sockgen/runtime/engineio"
	"github.com/sockgen/sockgen/runtime/siowire"
)

// An assembly is a binary packet whose attachments are still due. The decoder's
// state is per connection, not per namespace (R213). conn.mu guards it, but for
// element and counted, which the budget's lock does.
type assembly struct {
	conn   *conn
	packet siowire.Packet
	parts  [][]byte
	size   int       // of the text and the parts
	since  time.Time // when the last of them came
	timer  engineio.Timer

	element *list.Element // in budget.oldest
	counted int           // bytes in budget.used
}

func (c *conn) assembling() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.assembly != nil
}

// assemble begins to wait for the attachments of p, whose text has size bytes.
func (c *conn) assemble(p siowire.Packet, size int) {
	// The rule is checked again when the packet is complete (R214); a namespace that
	// is unknown now shall not make the server hold anything.
	if s, buried := c.member(p.Namespace); s == nil && !buried {
		c.violate(errNotJoined)
		return
	}
	a := &assembly{conn: c, packet: p, size: size, since: c.srv.cfg.Clock.Now(), parts: make([][]byte, 0, p.Attachments)}
	c.mu.Lock()
	if c.ended.Load() {
		c.mu.Unlock()
		return
	}
	c.assembly = a
	a.timer = c.srv.cfg.Clock.AfterFunc(c.srv.cfg.Limits.AssemblyTime, a.timeout)
	evicted := c.srv.budget.grow(a, size+p.Args.Held())
	c.mu.Unlock()
	evict(evicted)
}

// attachment takes one binary message.
func (c *conn) attachment(data []byte) {
	c.mu.Lock()
	a := c.assembly
	if a == nil {
		ended := c.ended.Load()
		c.mu.Unlock()
		if !ended {
			c.violate(siowire.ErrBinaryWithoutHeader) // R212
		}
		return
	}
	a.parts = append(a.parts, data)
	a.size += len(data)
	a.since = c.srv.cfg.Clock.Now()
	if a.size > c.srv.cfg.Limits.AssemblyBytes {
		c.mu.Unlock()
		c.violate(errAssemblyBytes)
		return
	}
	if len(a.parts) < a.packet.Attachments {
		evicted := c.srv.budget.grow(a, len(data))
		c.mu.Unlock()
		evict(evicted)
		return
	}
	c.dropAssemblyLocked()
	c.mu.Unlock()
	p := a.packet
	p.Args.Attachments = a.parts
	c.handle(p, a.size)
}

func (c *conn) dropAssemblyLocked() {
	if a := c.assembly; a != nil {
		c.assembly = nil
		a.timer.Stop()
		c.srv.budget.release(a)
	}
}

// timeout runs when the attachments have taken long. They are late when none has come
// for that time and none is on its way (R210): a slow connection may be at a large one.
func (a *assembly) timeout() {
	c := a.conn
	coming := c.session.Receiving()
	c.mu.Lock()
	patience := c.srv.cfg.Limits.AssemblyTime
	left := patience - c.srv.cfg.Clock.Now().Sub(a.since)
	if coming {
		left = patience
	}
	present := c.assembly == a
	if present && left > 0 {
		a.timer.Reset(left)
	}
	c.mu.Unlock()
	if present && left <= 0 {
		c.violate(errAssemblyTime)
	}
}

// A budget bounds the bytes of all incomplete packets of a server.
type budget struct {
	limit int

	mu     sync.Mutex // guards what follows; a leaf
	used   int
	oldest list.List // of *assembly, the oldest first
}

// grow counts n more bytes for a and returns the connections whose assemblies have
// to give way, the oldest first.
func (b *budget) grow(a *assembly, n int) (evicted []*conn) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if a.element == nil {
		a.element = b.oldest.PushBack(a)
	}
	a.counted += n
	b.used += n
	for b.used > b.limit && b.oldest.Len() > 0 {
		old := b.oldest.Front().Value.(*assembly)
		b.releaseLocked(old)
		evicted = append(evicted, old.conn)
	}
	return evicted
}

// release gives back what a counts for. It may be called again.
func (b *budget) release(a *assembly) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.releaseLocked(a)
}

func (b *budget) releaseLocked(a *assembly) {
	if a.element != nil {
		b.oldest.Remove(a.element)
		a.element = nil
		b.used -= a.counted
		a.counted = 0
	}
}

func evict(conns []*conn) {
	for _, c := range conns {
		c.violate(errAssemblyBudget)
	}
}
