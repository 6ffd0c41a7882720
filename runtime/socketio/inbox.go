// SPDX-License-Identifier: Apache-2.0

package socketio

// What a client sent and no handler has had yet. Each socket has a queue of its
// events; what all sockets of a connection have waiting is counted together, and bounds
// how far the reader may run ahead of the handlers.

// eventOverhead is what an event holds besides its bytes, about.
const eventOverhead = 256

// enqueue puts an event into the inbox. start says that the caller is to call attend.
// Errors: errNotJoined before the CONNECT reply, ErrDisconnected.
func (s *Socket) enqueue(e *Event) (start bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.state == pending:
		return false, errNotJoined
	case s.state != connected:
		return false, ErrDisconnected
	}
	if err := s.paceLocked(); err != nil {
		return false, err
	}
	if s.tail == nil {
		s.head = e
	} else {
		s.tail.next = e
	}
	s.tail = e
	s.noteRequestLocked(e)
	s.conn.waiting.Add(int64(e.size))
	start = !s.running
	s.running = true
	return start, nil
}

// takeLocked takes the first event out of the inbox, and those behind it that their
// client took back.
func (s *Socket) takeLocked() *Event {
	e := s.popLocked()
	s.forgetRequestLocked(e)
	s.skipGoneLocked()
	return e
}

// popLocked takes the first event out of the inbox.
func (s *Socket) popLocked() *Event {
	e := s.head
	s.head, e.next = e.next, nil
	if s.head == nil {
		s.tail = nil
	}
	s.conn.handled(e.size)
	return e
}

// dropInboxLocked empties the inbox.
func (s *Socket) dropInboxLocked() {
	for s.head != nil {
		s.takeLocked()
		s.ns.srv.count.dropped.Add(1)
	}
}

// handled takes size bytes off what waits for handlers.
func (c *conn) handled(size int) {
	c.waiting.Add(-int64(size))
	c.releaseReader()
}

// releaseReader lets a reader that waits in pause look again.
func (c *conn) releaseReader() {
	if c.paused.Load() == 0 {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.space != nil {
		close(c.space)
		c.space = nil
	}
}

// full reports whether the reader has to wait for the handlers. It reads on for longer
// while one of them waits for an answer of this client, which may be behind further
// events, and while the client switches its transport, for which it waits for the answer
// to its POST.
func (c *conn) full() bool {
	lim, waiting := &c.srv.cfg.Limits, c.waiting.Load()
	switch {
	case waiting < int64(lim.InboxBytes) || c.ended.Load():
		return false
	case c.asked.Load() > 0 || c.session.Switching():
		return waiting >= int64(lim.InboxHardBytes)
	}
	return true
}

// Switching implements engineio.SwitchReceiver.
func (c *conn) Switching() { c.releaseReader() }

// pause holds the reader back until less waits for the handlers.
func (c *conn) pause() {
	if !c.full() {
		return
	}
	c.hit(limitInboxBytes)
	c.paused.Add(1)
	defer c.paused.Add(-1)
	for c.full() {
		c.mu.Lock()
		if c.space == nil {
			c.space = make(chan struct{})
		}
		space := c.space
		c.mu.Unlock()
		if c.full() { // again: whoever changed that meanwhile may not have found space
			c.session.Flush()
			<-space
		}
	}
}
