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
}

// An itemList is a queue's memory, kept in a pool while nothing is queued.
type itemList struct {
	items []item
	since time.Time // when the first item came
}

var itemLists = sync.Pool{New: func() any { return &itemList{items: make([]item, 0, 16)} }}

// release gives back the messages and the list.
func (l *itemList) release() {
	for _, it := range l.items {
		if it.message != nil {
			it.message.dequeue()
		}
	}
	clear(l.items)
	if cap(l.items) <= 256 {
		l.items = l.items[:0]
		itemLists.Put(l)
	}
}

// cost is what the list counts for in the queue's bounds.
func (l *itemList) cost() (bytes, messages int) {
	for _, it := range l.items {
		if it.message != nil {
			bytes += it.message.size()
			messages++
		}
	}
	return bytes, messages
}

// pushLocked appends it to the queue and sees to it that somebody writes it.
func (s *Session) pushLocked(it item) {
	if s.queue == nil {
		s.queue = itemLists.Get().(*itemList)
		s.queue.since = s.srv.cfg.Clock.Now()
	}
	s.queue.items = append(s.queue.items, it)
	s.hasOutput.Store(true)
	s.wakeWriterLocked()
}

// takeLocked empties the queue for a write; doneLocked ends that write.
func (s *Session) takeLocked() *itemList {
	l := s.queue
	s.queue = nil
	s.hasOutput.Store(false)
	s.writing = true
	if l != nil {
		s.writingSince = l.since
	}
	return l
}

func (s *Session) doneLocked(l *itemList) {
	s.writing = false
	if l != nil {
		bytes, messages := l.cost()
		s.bytes -= bytes
		s.messages -= messages
		l.release()
	}
}

func (s *Session) dropQueueLocked() {
	if l := s.queue; l != nil {
		s.queue = nil
		s.hasOutput.Store(false)
		bytes, messages := l.cost()
		s.bytes -= bytes
		s.messages -= messages
		l.release()
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
	if !s.flushing && s.wsOutputLocked() {
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
