// SPDX-License-Identifier: Apache-2.0

package client

import (
	"encoding/json"
	"time"

	"github.com/sockgen/sockgen/runtime/siowire"
)

// An assembly is a binary packet whose attachments are still due. There is one at most
// for the whole connection (R213).
type assembly struct {
	packet siowire.Packet
	parts  [][]byte
	size   int // of the text and the parts
	timer  Timer
	since  time.Duration // when the last of it came; see session.elapsed
}

// decode takes one message of the session, on its reader. An error ends the
// connection (R262). data belongs to what is made of it.
func (s *session) decode(data []byte, binary bool) error {
	if binary {
		return s.attachment(data)
	}
	if s.assembly != nil {
		return siowire.ErrTextDuringAssembly // R211
	}
	p, err := siowire.Parse(data, s.m.cfg.Limits.Packet)
	if err != nil {
		return err
	}
	if p.Attachments > 0 {
		return s.assemble(p, len(data))
	}
	s.m.handle(s, p, len(data))
	return nil
}

// assemble begins to wait for the attachments of p, whose text has size bytes.
func (s *session) assemble(p siowire.Packet, size int) error {
	a := &assembly{packet: p, size: size, parts: make([][]byte, 0, p.Attachments)}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return nil
	}
	a.since = s.elapsed()
	a.timer = s.m.cfg.Clock.AfterFunc(s.m.cfg.Limits.AssemblyTime, func() { s.late(a) })
	s.assembly = a
	return nil
}

// late runs when the attachments of a took long. They are late when nothing of them
// has come for that time (R210): a slow connection may be at a large one.
func (s *session) late(a *assembly) {
	s.mu.Lock()
	if s.assembly != a || s.ended {
		s.mu.Unlock()
		return
	}
	heard := a.since
	if s.reading.Load() {
		heard = max(heard, s.heard())
	}
	if left := s.m.cfg.Limits.AssemblyTime - (s.elapsed() - heard); left > 0 {
		a.timer.Reset(left)
		s.mu.Unlock()
		return
	}
	s.mu.Unlock()
	s.end(ParseError, errAssemblyTime)
}

// attachment takes one binary message.
func (s *session) attachment(data []byte) error {
	a := s.assembly
	if a == nil {
		return siowire.ErrBinaryWithoutHeader // R212
	}
	a.parts = append(a.parts, data)
	a.size += len(data)
	if a.size > s.m.cfg.Limits.AssemblyBytes {
		return errAssemblyBytes
	}
	s.mu.Lock()
	missing := len(a.parts) < a.packet.Attachments
	if missing {
		a.since = s.elapsed()
	} else {
		s.assembly = nil
		a.timer.Stop()
	}
	s.mu.Unlock()
	if missing {
		return nil
	}
	a.packet.Args.Attachments = a.parts
	s.m.handle(s, a.packet, a.size)
	return nil
}

// handle takes one complete packet of size bytes, on the reader of sess. What is for
// a namespace that nobody here has asked for is ignored, as the official client does.
func (m *Manager) handle(sess *session, p siowire.Packet, size int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.sockets[p.Namespace]
	if s == nil || m.session != sess {
		return
	}
	switch p.Type {
	case siowire.Connect:
		s.connectedLocked(sess, p.Data)
	case siowire.ConnectError:
		s.refusedLocked(sess, p.Data)
	case siowire.Disconnect:
		s.dismissedLocked()
	case siowire.Ack, siowire.BinaryAck:
		s.acknowledgedLocked(p)
	default:
		s.receivedLocked(sess, newEvent(s, sess, p, size))
	}
}

// A welcome is what the server answers to CONNECT.
type welcome struct {
	SID, PID string
	Cancel   json.RawMessage `json:"$cancel"` // true when requests can be taken back (R297)
}

// connectedLocked handles the reply to CONNECT (R158, R221).
func (s *Socket) connectedLocked(sess *session, data []byte) {
	var reply welcome
	const maxID = 256
	err := json.Unmarshal(orNull(data), &reply)
	sound := err == nil && reply.SID != "" && len(reply.SID) <= maxID && len(reply.PID) <= maxID
	switch {
	case s.state == connecting && sound:
		s.joinedLocked(reply)
	case s.state == connecting:
		s.failedLocked(errOldServer) // R161
	case s.state == leaving:
		s.m.sendLocked(message{text: siowire.AppendDisconnect(nil, s.nsp)})
		s.rejoinLocked()
	case s.state == connected && !(sound && reply.SID == s.id):
		s.contradictedLocked(sess)
	}
}

// contradictedLocked ends a connection whose server takes back its answer to CONNECT:
// it may not have the socket any more, and would never answer it.
func (s *Socket) contradictedLocked(sess *session) {
	s.m.cfg.Logger.Warn("client: the server took back its answer to CONNECT", "namespace", plain(s.nsp))
	sess.end(ParseError, errContradiction)
}

// orNull makes JSON of an absent payload.
func orNull(data []byte) []byte {
	if data == nil {
		return []byte("null")
	}
	return data
}

// refusedLocked handles CONNECT_ERROR (R163).
func (s *Socket) refusedLocked(sess *session, data []byte) {
	var refusal struct {
		Message string          `json:"message"`
		Data    json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal(data, &refusal); err != nil {
		refusal.Message = "unknown reason" // its message is not a string
	}
	switch s.state {
	case connecting:
		s.failedLocked(&ConnectError{Message: refusal.Message, Data: refusal.Data})
	case leaving:
		s.rejoinLocked()
	case connected:
		s.contradictedLocked(sess)
	}
}

// rejoinLocked goes on once the server has answered a CONNECT that nobody waited for
// any more.
func (s *Socket) rejoinLocked() {
	s.state = idle
	if s.active {
		s.joinLocked()
	}
}

// dismissedLocked handles DISCONNECT: the server does not want the socket (R194).
func (s *Socket) dismissedLocked() {
	if s.state == connected {
		s.lostLocked(ServerDisconnect)
		s.deactivateLocked(ErrDisconnected)
	}
}

// receivedLocked takes an event. While the inbox is full it waits, with the lock
// released, and with it everything that the connection brings; the end of the session
// or the socket releases it.
func (s *Socket) receivedLocked(sess *session, e *Event) {
	lim := &s.m.cfg.Limits
	for s.state == connected && s.m.session == sess &&
		s.inbox > 0 && s.inboxBytes+e.size > lim.InboxBytes {
		s.space = make(chan struct{})
		space := s.space
		s.m.mu.Unlock()
		sess.block(true)
		select {
		case <-space:
		case <-sess.ctx.Done():
		}
		sess.block(false)
		s.m.mu.Lock()
		if sess.ctx.Err() != nil {
			return
		}
	}
	switch {
	case s.m.session != sess:
	case s.state == connected:
		s.rememberLocked(e)
		s.pushLocked(task{what: runEvent, event: e})
	case s.state == connecting: // R227, R258
		if len(s.held) > 0 && s.heldBytes+e.size > lim.InboxBytes {
			sess.end(ParseError, errHeldFull)
			return
		}
		s.held = append(s.held, e)
		s.heldBytes += e.size
	}
}

// rememberLocked keeps the position of an event, to ask for what follows it should the
// connection be lost. It is the last argument, if that is a string (R222). Events that
// ask for an ack have none (R224), and what is long is none either (R225).
func (s *Socket) rememberLocked(e *Event) {
	const maxOffset = 256
	n := e.Args.Len()
	if s.pid == "" || e.wantsAck || n == 0 {
		return
	}
	raw := e.Args.At(n - 1)
	var offset string
	if raw[0] == '"' && len(raw) <= maxOffset && json.Unmarshal(raw, &offset) == nil {
		s.offset = offset
	}
}
