// SPDX-License-Identifier: Apache-2.0

package engineio

import (
	"slices"
	"sync"
	"time"

	"github.com/sockgen/sockgen/runtime/eiowire"
)

// An item is one entry of a session's outgoing queue: a message, or a packet of
// the protocol's own.
type item struct {
	message *Message     // the queue's reference; nil for a bare packet
	packet  eiowire.Type // when message is nil
	number  uint64       // of the message, counted from 1 in the session
}

// An itemList is a queue's memory, kept in a pool while nothing is queued.
type itemList struct {
	items []item
	bytes int       // what the messages hold
	since time.Time // when the first item came
}

var itemLists = sync.Pool{New: func() any { return &itemList{items: make([]item, 0, 16)} }}

func (l *itemList) add(it item) {
	l.items = append(l.items, it)
	if it.message != nil {
		l.bytes += it.message.Size()
	}
}

// release gives back the messages and the list.
func (l *itemList) release() {
	for _, it := range l.items {
		if it.message != nil {
			it.message.dequeue()
		}
	}
	clear(l.items)
	if cap(l.items) <= 256 {
		l.items, l.bytes = l.items[:0], 0
		itemLists.Put(l)
	}
}

// last returns the number of the last message, 0 if there is none.
func (l *itemList) last() uint64 {
	for _, it := range slices.Backward(l.items) {
		if it.message != nil {
			return it.number
		}
	}
	return 0
}

// split takes items with at least most bytes, but no item more than that, from the
// beginning of l into a list of their own.
func (l *itemList) split(most int) *itemList {
	first := itemLists.Get().(*itemList)
	first.since = l.since
	n := 0
	for n < len(l.items) && first.bytes < most {
		first.add(l.items[n])
		n++
	}
	clear(l.items[:n])
	l.items = l.items[n:]
	l.bytes -= first.bytes
	return first
}

// queueLocked returns the queue, to add to.
func (s *Session) queueLocked() *itemList {
	if s.queue == nil {
		s.queue = itemLists.Get().(*itemList)
		s.queue.since = s.srv.cfg.Clock.Now()
		s.hasOutput.Store(true)
	}
	return s.queue
}

// pushLocked appends m to the queue and sees to it that somebody writes it.
func (s *Session) pushLocked(m *Message) {
	s.queued++
	s.queueLocked().add(item{message: m, number: s.queued})
	s.wakeWriterLocked()
}

// pushPacketLocked queues a packet of the protocol's own (R108). It overtakes what waits
// when that is much: a ping must not come too late because the application has a lot to
// say.
func (s *Session) pushPacketLocked(p eiowire.Type) {
	l := s.queueLocked()
	place := len(l.items)
	if l.bytes > writeSize {
		place = 0
	}
	l.items = slices.Insert(l.items, place, item{packet: p})
	s.wakeWriterLocked()
}

// writeSize is how much is taken from the queue for one write of a WebSocket. It counts
// until all of it has left, so it is also how finely progress is seen.
const writeSize = 256 << 10

// takeLocked takes from the queue what the next write is to carry; doneLocked ends
// that write. The answer to a GET has all there is (R52).
func (s *Session) takeLocked() *itemList {
	l := s.queue
	s.writing = true
	switch {
	case l == nil:
		return nil
	case s.ws != nil && l.bytes > writeSize && len(l.items) > 1:
		l = l.split(writeSize)
	}
	s.writingSince = l.since
	if l == s.queue || len(s.queue.items) == 0 {
		s.queue = nil
		s.hasOutput.Store(false)
	}
	return l
}

// lessLocked notes that n bytes less wait.
func (s *Session) lessLocked(n int) {
	if s.bytes -= n; s.bytes == 0 {
		s.exempt = 0
	}
}

func (s *Session) doneLocked(l *itemList, err error) {
	s.writing = false
	if l != nil {
		s.lessLocked(l.bytes)
		if err == nil {
			s.sent = max(s.sent, l.last())
		}
		l.release()
		s.progressedLocked()
	}
}

func (s *Session) dropQueueLocked() {
	if l := s.queue; l != nil {
		s.queue = nil
		s.hasOutput.Store(false)
		s.lessLocked(l.bytes)
		l.release()
		s.progressedLocked()
	}
}

// wakeWriterLocked makes sure that waiting output is written soon: it wakes the
// pending GET, or calls a flusher unless someone writes already or is about to.
func (s *Session) wakeWriterLocked() {
	if s.writing || s.state == stateOpening || s.attachedLocked() {
		return // whoever writes looks again when done
	}
	if s.ws == nil {
		if s.poll != nil && (s.queue != nil || s.state == stateClosing) {
			s.poll.signal()
		}
		return
	}
	s.callFlusherLocked()
}

// callFlusherLocked has a flusher write what waits for the WebSocket, if anything does.
func (s *Session) callFlusherLocked() {
	if !s.flushing && (s.unfinished != nil || !s.writing && s.wsOutputLocked()) {
		s.flushing = true
		s.tasks++
		s.srv.flushers.add(s)
	}
}

// appendPayload appends the packets of l as one polling payload.
func appendPayload(b []byte, l *itemList) []byte {
	sep := func() {
		if len(b) > 0 {
			b = append(b, eiowire.Separator)
		}
	}
	for _, it := range l.items {
		m := it.message
		if m == nil {
			sep()
			b = append(b, byte(it.packet))
			continue
		}
		if m.Text != nil {
			sep()
			b = append(slices.Grow(b, 1+len(m.Text)), byte(eiowire.Message))
			b = append(b, m.Text...)
		}
		for _, a := range m.Attachments {
			sep()
			b = eiowire.AppendBinary(b, a)
		}
	}
	return b
}
