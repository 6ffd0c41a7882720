// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"time"

	"github.com/sockgen/sockgen/runtime/engineio"
	"github.com/sockgen/sockgen/runtime/siowire"
)

// An assembly is a binary packet whose attachments are still due. The decoder's
// state is per connection, not per namespace (R213). conn.mu guards it.
type assembly struct {
	conn   *conn
	packet siowire.Packet
	parts  [][]byte
	size   int       // of the text and the parts
	since  time.Time // when the last of them came
	timer  engineio.Timer
}

// partOverhead is what an attachment costs besides its bytes.
const partOverhead = 24

// held is what a holds in memory, about.
func (a *assembly) held() int {
	const overhead = 256 // the assembly and its timer
	return overhead + a.size + a.packet.Args.Held() + cap(a.parts)*partOverhead
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
	c.session.Hold(a.held())
	c.mu.Unlock()
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
		c.session.Hold(a.held())
		c.mu.Unlock()
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
		c.session.Hold(0)
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
