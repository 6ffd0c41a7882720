// SPDX-License-Identifier: Apache-2.0

package engineio

import (
	"sync"
	"sync/atomic"
)

// A Message is one outgoing text message, or one with the binary messages that
// belong to it: a group that nothing comes between. It may be sent to many
// sessions and must not change once it was sent.
//
// A Message counts its references. NewMessage gives one to the caller, each
// queue takes its own, and the last Release returns the buffer to a pool.
type Message struct {
	// Text is the message without the Engine.IO type character, in UTF-8. Nil
	// means that there is no text and the attachments are bare binary messages.
	Text []byte
	// Attachments follow the text as binary messages, in order. Their bytes belong
	// to the Message until the last reference is released, and are never recycled.
	Attachments [][]byte
	// NoCompress keeps the message as it is where compression is on. A polling answer
	// is compressed when any of its messages allows it.
	NoCompress bool
	// Slow says what becomes of the message where a session lags.
	Slow SlowPolicy
	Key  string // with SlowLatest, what the message is the latest of

	deflated deflated

	budget  atomic.Pointer[atomic.Int64] // of the server that first queued it
	waiting atomic.Int32                 // queues that hold it; its size counts in budget while there is one

	refs   atomic.Int32
	buf    []byte // empty, with the capacity that earlier texts needed
	pooled bool   // Text was appended to buf, so its memory may be used again
}

var messages = sync.Pool{New: func() any { return new(Message) }}

// maxPooledText is the capacity above which a text's memory is left to the
// garbage collector, so that one large message does not stay for ever.
const maxPooledText = 64 << 10

// NewMessage returns an empty Message with one reference, which the caller
// releases.
func NewMessage() *Message {
	m := messages.Get().(*Message)
	m.refs.Store(1)
	return m
}

// Buffer returns an empty slice from the pool, to build Text on:
//
//	m.Text = append(m.Buffer(), "hello"...)
//
// The memory of a Text built so is used again after the last Release. A Text that
// was set otherwise stays the caller's.
func (m *Message) Buffer() []byte {
	m.pooled = true
	if m.buf == nil {
		m.buf = make([]byte, 0, 256)
	}
	return m.buf[:0]
}

// Release gives one reference back. The caller must not use m afterwards.
func (m *Message) Release() {
	switch n := m.refs.Add(-1); {
	case n > 0:
		return
	case n < 0:
		panic("engineio: Message released more often than it was referenced")
	}
	m.budget.Store(nil)
	if m.pooled && cap(m.Text) > cap(m.buf) && cap(m.Text) <= maxPooledText {
		m.buf = m.Text[:0]
	}
	m.Text, m.Attachments, m.NoCompress, m.pooled = nil, nil, false, false
	m.Slow, m.Key = SlowQueue, ""
	m.deflated.parts, m.deflated.done = nil, nil
	messages.Put(m)
}

// enqueue takes a queue's reference. It reports whether m, which waits nowhere
// else, was counted in budget: however many queues hold a message, they share its
// memory.
func (m *Message) enqueue(budget *atomic.Int64, size int) (counted bool) {
	m.refs.Add(1)
	m.budget.CompareAndSwap(nil, budget)
	if m.waiting.Add(1) > 1 {
		return false
	}
	m.budget.Load().Add(int64(size))
	return true
}

// dequeue gives a queue's reference back. What others hold a message for, such as
// the events that a client may come back for, is in their bounds and not in ours.
func (m *Message) dequeue() {
	if m.waiting.Add(-1) == 0 {
		m.budget.Load().Add(-int64(m.Size()))
	}
	m.Release()
}

// messageOverhead is what a message holds besides its bytes, about: the Message and
// the least memory of a text. Without it a flood of tiny messages would count for
// next to nothing.
const messageOverhead = 448

// Size is what m counts for in a queue, in bytes: those of Text and Attachments, and
// what holds them.
func (m *Message) Size() int {
	n := messageOverhead + len(m.Text)
	for _, a := range m.Attachments {
		n += len(a)
	}
	return n
}
