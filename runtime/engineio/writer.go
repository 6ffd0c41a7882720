// SPDX-License-Identifier: Apache-2.0

package engineio

import (
	"errors"
	"slices"
	"sync"

	"github.com/sockgen/sockgen/runtime/eiowire"
)

// Who writes: a session's WebSocket is written to by one goroutine at a time, and
// while there is nothing to say by none. It is the reader before it waits for the
// peer, or whoever calls Flush, as long as the kernel takes what there is at once.
// When the peer has to read first, the write stays unfinished until a flusher comes:
// flushers are the only ones that wait.

// Flush writes what is queued from the caller's goroutine, unless a write is
// under way. A caller that has sent everything it has for now saves the session a
// goroutine. It does not wait for a peer that reads slowly. On polling it does
// nothing, for the pending GET was woken by Send, nor within [Session.RunAttached],
// which sees to it.
func (s *Session) Flush() {
	if !s.hasOutput.Load() {
		return
	}
	s.mu.Lock()
	s.writeSoonLocked()
	s.mu.Unlock()
}

// smallWrite is how much is written at once to a connection on which every write may
// wait: so much fits into its buffers unless the peer is slow.
const smallWrite = 4 << 10

// writeSoonLocked writes what is queued, or leaves it to a flusher when that may take
// long. It may unlock mu meanwhile.
func (s *Session) writeSoonLocked() {
	ws := s.ws
	if ws == nil || s.writing || s.state == stateOpening || s.attachedLocked() {
		return
	}
	if ws.slow || s.bytes > batchSize || ws.conn.raw == nil && s.bytes > smallWrite+messageOverhead {
		s.callFlusherLocked()
		return
	}
	s.flushLocked()
}

// flushLocked writes once, and leaves to a flusher what came meanwhile.
func (s *Session) flushLocked() {
	if s.ws == nil || s.writing || s.state == stateOpening || s.attachedLocked() || !s.wsOutputLocked() {
		return
	}
	s.writeLocked(nil)
	s.wakeWriterLocked()
}

// flushLater is what a flusher does for a session. There may be nothing to do, when
// the reader or a Flush was faster.
func (s *Session) flushLater(f *flusher) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flushing = false
	for s.unfinished != nil || !s.writing && s.ws != nil && s.wsOutputLocked() {
		s.writeLocked(f)
	}
	s.taskDoneLocked()
}

// wsOutputLocked reports whether the session's WebSocket has something to write.
func (s *Session) wsOutputLocked() bool {
	ws := s.ws
	return !ws.failed && !ws.dropped && (s.queue != nil || len(ws.control) > 0 || ws.closing && !ws.closeSent)
}

// writeLocked begins a write of what waits, or goes on with the one that is
// unfinished. It unlocks mu while writing. Without a flusher it does not wait for the
// peer, and what is left over is for a flusher to finish.
func (s *Session) writeLocked(f *flusher) {
	ws, t := s.ws, s.unfinished
	if s.unfinished = nil; t == nil {
		t = s.beginWriteLocked()
	}
	ws.batching = true
	s.mu.Unlock()
	done, err := t.run(f)
	s.mu.Lock()
	ws.batching, ws.slow = false, t.waited
	if err == nil && !done {
		s.unfinished = t
		s.callFlusherLocked()
		return
	}
	s.doneLocked(t.list, err)
	sendClose := t.sendClose
	t.release()
	if err != nil {
		s.writeFailedLocked(ws, err)
	}
	if sendClose && s.state == stateClosing {
		s.closedLocked() // everything was said; a session that is open ends in wsEnded, which has the reason
	}
	if ws.readDone && !s.wsOutputLocked() {
		s.dropLocked(ws)
	}
	s.wroteLocked(ws)
}

// writeFailedLocked ends a session to which nothing can be written any more. When its peer
// is gone, what that sent before may still be unread (R178): the session is then mute, and
// ends when its reader has come to the end.
func (s *Session) writeFailedLocked(ws *wsConn, err error) {
	ws.failed = true
	if errors.Is(err, ErrSlowConsumer) {
		s.hitLocked(LimitStallTime)
	}
	if s.closed || ws.readDone || errors.Is(err, ErrSlowConsumer) {
		s.abortLocked(TransportError, err, closeNoStatus, answerClose)
		s.dropLocked(ws)
		return
	}
	s.mute = true
	s.dropQueueLocked()
	s.progressedLocked()
}

// beginWriteLocked takes what waits. The Close frame is the last thing that a
// WebSocket carries, so it waits for a write that takes all.
func (s *Session) beginWriteLocked() *batch {
	t := takeBatch(s.ws)
	t.list = s.takeLocked()
	control, sendClose := s.ws.takeControlLocked(s.queue == nil)
	t.b = append(t.b, control...)
	t.sendClose, t.code = sendClose, s.ws.code
	return t
}

const (
	// copyLimit is the largest payload that is copied next to its header; a larger
	// one is handed to the kernel where it is.
	copyLimit = 16 << 10
	// batchSize is how much is collected for one system call.
	batchSize = 64 << 10
)

// A batch is one write: the frames of a list, collected for as few system calls as
// their size allows. Whoever owns the session's write owns it.
type batch struct {
	ws        *wsConn
	list      *itemList // what is written; nil for control frames alone
	next      int       // list.items[next:] are not yet framed
	sendClose bool      // a Close frame with code is the end
	closed    bool      // it was framed
	code      closeCode
	waited    bool // the peer had to read first

	b     []byte
	start int      // b[start:] is not yet in parts
	parts [][]byte // what the next system calls write; filled by frame where a payload is not copied
	at    int      // parts[:at] are written
	size  int      // of what was collected
}

var batches = sync.Pool{New: func() any { return &batch{b: make([]byte, 0, 4<<10)} }}

func takeBatch(ws *wsConn) *batch {
	t := batches.Get().(*batch)
	t.ws = ws
	return t
}

// release gives the batch's memory back; its list was released before.
func (t *batch) release() {
	t.reset()
	if cap(t.b) <= 2*batchSize {
		*t = batch{b: t.b, parts: t.parts}
		batches.Put(t)
	}
}

// reset forgets what was collected and written.
func (t *batch) reset() {
	clear(t.parts)
	t.b, t.parts, t.start, t.at, t.size = t.b[:0], t.parts[:0], 0, 0, 0
}

// run frames and writes until everything is written. Without a flusher it stops, and
// is not done, when the peer has to read first.
func (t *batch) run(f *flusher) (done bool, err error) {
	for {
		t.fill()
		if t.empty() {
			return true, nil
		}
		if done, err = t.ws.conn.send(f, t); err != nil || !done {
			return false, err
		}
		t.reset()
	}
}

// fill collects frames for the next system call, unless something is collected.
func (t *batch) fill() {
	if len(t.parts) > 0 {
		return // begun, and not yet written
	}
	for t.list != nil && t.next < len(t.list.items) && t.size < batchSize {
		t.ws.appendItem(t, t.list.items[t.next])
		t.next++
	}
	if t.sendClose && !t.closed && (t.list == nil || t.next == len(t.list.items)) {
		t.b = appendCloseFrame(t.b, t.code)
		t.closed = true
	}
	if len(t.b) > t.start {
		t.parts = append(t.parts, t.b[t.start:])
	}
}

// empty reports whether all that was collected is written.
func (t *batch) empty() bool { return t.at == len(t.parts) }

// wrote notes that n bytes of the present part are written.
func (t *batch) wrote(n int) {
	if t.parts[t.at] = t.parts[t.at][n:]; len(t.parts[t.at]) == 0 {
		t.at++
	}
}

// frame adds one frame: prefix and payload.
func (t *batch) frame(opcode byte, prefix, payload []byte) {
	n := len(prefix) + len(payload)
	t.size += n
	t.b = appendFrameHeader(t.b, opcode, n)
	t.b = append(t.b, prefix...)
	if len(payload) <= copyLimit {
		t.b = append(t.b, payload...)
		return
	}
	// b may move when it grows; the part cut here keeps the old memory.
	t.parts = append(t.parts, t.b[t.start:len(t.b):len(t.b)], payload)
	t.start = len(t.b)
}

var messagePrefix = []byte{byte(eiowire.Message)}

// appendItem frames one item (R68).
func (ws *wsConn) appendItem(t *batch, it item) {
	m := it.message
	if m == nil {
		t.frame(opText, []byte{byte(it.packet)}, nil)
		return
	}
	if m.Text != nil {
		ws.part(t, m, 0, opText, messagePrefix, m.Text)
	}
	for i, a := range m.Attachments {
		if !ws.session.base64 {
			ws.part(t, m, 1+i, opBinary, nil, a)
			continue
		}
		text := takeScratch() // R39
		text.b = eiowire.AppendBinary(text.b, a)
		t.frame(opText, nil, slices.Clone(text.b))
		text.release()
	}
}
