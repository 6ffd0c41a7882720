package engineio

import (
	"net"
	"slices"
	"sync"

	"github.com/sockgen/sockgen/runtime/eiowire"
)

// Flush writes what is queued from the caller's goroutine, unless a write is
// under way. A caller that has sent everything it has for now saves the session a
// goroutine. It may wait for a peer that reads slowly, at most as long as
// Limits.WriteTimeout for each write. On polling it does nothing, for the pending
// GET was woken by Send, nor within [Session.RunAttached], which sees to it.
func (s *Session) Flush() {
	if !s.hasOutput.Load() {
		return
	}
	s.mu.Lock()
	s.flushLocked()
	s.mu.Unlock()
}

// flushLocked writes one batch, and leaves to a flusher what came meanwhile.
func (s *Session) flushLocked() {
	if s.ws == nil || s.writing || s.state == stateOpening || s.attachedLocked() || !s.wsOutputLocked() {
		return
	}
	s.writeBatchLocked(nil)
	s.wakeWriterLocked()
}

// flushLater is what a flusher does for a session. There may be nothing to do, when
// the reader or a Flush was faster.
func (s *Session) flushLater(f *flusher) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.flushing = false
	for !s.writing && s.ws != nil && s.wsOutputLocked() {
		s.writeBatchLocked(f)
	}
	s.taskDoneLocked()
}

// wsOutputLocked reports whether the session's WebSocket has something to write.
func (s *Session) wsOutputLocked() bool {
	ws := s.ws
	return !ws.failed && !ws.dropped && (s.queue != nil || len(ws.control) > 0 || ws.closing && !ws.closeSent)
}

// writeBatchLocked writes everything that waits, for the flusher f if there is one. It
// unlocks mu while writing.
func (s *Session) writeBatchLocked(f *flusher) {
	ws := s.ws
	list := s.takeLocked()
	control, sendClose := ws.takeControlLocked()
	ws.batching = true
	s.mu.Unlock()
	err := ws.writeBatch(f, control, list, sendClose)
	slow := ws.conn.slow()
	s.mu.Lock()
	ws.batching, ws.slow = false, slow
	s.doneLocked(list)
	if err != nil {
		ws.failed = true
		s.abortLocked(TransportError, err, closeNoStatus, answerClose)
		s.dropLocked(ws)
	}
	if sendClose && s.state == stateClosing {
		s.closedLocked() // everything was said; a session that is open ends in wsEnded, which has the reason
	}
	if ws.readDone && !s.wsOutputLocked() {
		s.dropLocked(ws)
	}
	s.wroteLocked(ws)
}

const (
	// copyLimit is the largest payload that is copied next to its header; a larger
	// one is handed to the kernel where it is.
	copyLimit = 4 << 10
	// batchSize is how much is collected for one write.
	batchSize = 64 << 10
)

// A batch collects frames for one write.
type batch struct {
	b     []byte
	start int         // b[start:] is not yet in parts
	parts net.Buffers // filled only when a payload is not copied
	size  int
}

var batches = sync.Pool{New: func() any { return &batch{b: make([]byte, 0, copyLimit)} }}

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

// send writes what was collected.
func (t *batch) send(ws *wsConn, f *flusher) error {
	if len(t.parts) > 0 && len(t.b) > t.start {
		t.parts = append(t.parts, t.b[t.start:])
	}
	if len(t.b) == 0 {
		return nil
	}
	err := ws.conn.send(f, t.b, t.parts, ws.session.srv.cfg.Limits.WriteTimeout)
	clear(t.parts[:cap(t.parts)])
	t.b, t.parts, t.start, t.size = t.b[:0], t.parts[:0], 0, 0
	return err
}

var messagePrefix = []byte{byte(eiowire.Message)}

// writeBatch frames control, list and the Close frame and writes them with as
// few system calls as their size allows. The caller owns the session's write.
func (ws *wsConn) writeBatch(f *flusher, control []byte, list *itemList, sendClose bool) error {
	t := batches.Get().(*batch)
	defer func() {
		if cap(t.b) <= 2*batchSize {
			t.b = t.b[:0]
			batches.Put(t)
		}
	}()
	t.b = append(t.b, control...)
	if list != nil {
		for _, it := range list.items {
			ws.appendItem(t, it)
			if t.size >= batchSize {
				if err := t.send(ws, f); err != nil {
					return err
				}
			}
		}
	}
	if sendClose {
		t.b = appendCloseFrame(t.b, ws.code)
	}
	return t.send(ws, f)
}

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
