// SPDX-License-Identifier: Apache-2.0

package client

import (
	"encoding/base64"

	"github.com/sockgen/sockgen/runtime/eiowire"
)

// A batch is what the writer takes from the queue to write in one go.
type batch struct {
	messages []message
	pong     bool
	farewell bool // the session ends after it
}

// maxBatch is how many bytes the writer takes for one go on WebSocket.
const maxBatch = 256 << 10

// postPackets is how many Engine.IO packets one POST has at most; servers bound it.
const postPackets = 1000

// writeLoop is the writer: it writes whatever waits, until the session ends.
func (s *session) writeLoop() {
	for {
		select {
		case <-s.wake:
		case <-s.ctx.Done():
			return
		}
		for s.writeSome() {
		}
	}
}

// writeSome does one step of the writer's work and reports whether there may be more.
func (s *session) writeSome() bool {
	s.mu.Lock()
	if s.ended {
		s.mu.Unlock()
		return false
	}
	if s.next != nil {
		s.mu.Unlock()
		return s.switchOver()
	}
	ws := s.ws
	b, some := s.takeLocked()
	s.busy = some
	s.mu.Unlock()
	if !some {
		return false
	}
	var err error
	if ws != nil {
		err = ws.write(b)
	} else {
		err = s.post(b)
	}
	if err != nil {
		s.end(TransportError, err)
		return false
	}
	if b.farewell && ws == nil {
		s.end(ClientDisconnect, nil) // on WebSocket the server's Close frame is awaited
	}
	return true
}

// takeLocked takes the next batch. On polling it holds what fits in one POST (R256);
// a packet that is too large for that waits as long as an upgrade may come.
func (s *session) takeLocked() (b batch, some bool) {
	n := s.fittingLocked()
	b.messages = s.queue[:n:n]
	for i := range b.messages {
		s.queued -= b.messages[i].size()
	}
	if s.queue = s.queue[n:]; len(s.queue) == 0 {
		s.queue = nil
	}
	if n > 0 {
		s.roomLocked()
	}
	b.pong, s.pong = s.pong, false
	if s.closing && !s.parted && len(s.queue) == 0 && (n == 0 || s.ws != nil) {
		b.farewell, s.parted = true, true
	}
	return b, n > 0 || b.pong || b.farewell
}

// fittingLocked returns how many packets of the queue the next batch has.
func (s *session) fittingLocked() (n int) {
	size, packets, limit := 0, 0, s.maxPayload
	if s.ws != nil {
		for n < len(s.queue) && size < maxBatch {
			size += s.queue[n].size()
			n++
		}
		return n
	}
	if limit == 0 {
		limit = maxBatch
	}
	if s.pong {
		size = 2 // with its separator
	}
	for n < len(s.queue) {
		more := postSize(&s.queue[n])
		packets += 1 + len(s.queue[n].attachments)
		alone := n == 0 && size == 0
		if !alone && (size+more > limit || packets > postPackets) || alone && more > limit && s.probing {
			break
		}
		size += more + 1
		n++
	}
	return n
}

// postSize returns how many bytes a packet has in a POST.
func postSize(m *message) int {
	n := 1 + len(m.text)
	for _, a := range m.attachments {
		n += 2 + base64.StdEncoding.EncodedLen(len(a))
	}
	return n
}

// payload returns the batch as the body of a POST (R43, R37).
func (b *batch) payload() []byte {
	var out []byte
	add := func(p eiowire.Packet) {
		if len(out) > 0 {
			out = append(out, eiowire.Separator)
		}
		out = eiowire.Append(out, p)
	}
	if b.pong {
		add(eiowire.Packet{Type: eiowire.Pong})
	}
	for i := range b.messages {
		add(eiowire.Packet{Type: eiowire.Message, Data: b.messages[i].text})
		for _, a := range b.messages[i].attachments {
			add(eiowire.Packet{Type: eiowire.Message, Binary: true, Data: a})
		}
	}
	if b.farewell {
		add(eiowire.Packet{Type: eiowire.Close})
	}
	return out
}
