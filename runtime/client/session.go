// SPDX-License-Identifier: Apache-2.0

package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sockgen/sockgen/runtime/eiowire"
)

// A session is one Engine.IO connection, from its handshake to its end. An upgrade
// swaps polling for WebSocket beneath it.
//
// One goroutine reads for it: the poller, or the WebSocket's reader after the poller
// has ended. One goroutine writes, the writer, which also carries out the upgrade.
// All of them, and the probe, are counted in tasks.
type session struct {
	m      *Manager
	ctx    context.Context // ends with the session
	cancel context.CancelFunc
	tasks  sync.WaitGroup
	wake   chan struct{} // has room for one: there is something to write
	polled chan struct{} // closed when the poller has ended

	// Immutable after the handshake.
	sid        string
	patience   time.Duration // without a ping, pingInterval + pingTimeout
	maxPayload int           // bytes that the server accepts in one message or POST; 0 when it does not tell
	upgrade    bool          // WebSocket shall be probed
	born       time.Time

	// When bytes of a message last came and last left, see elapsed, and whether a
	// message is being received. Whoever reads and writes sets them.
	came, left atomic.Int64
	reading    atomic.Bool

	mu       sync.Mutex // guards what follows; taken after Manager.mu
	queue    []message
	queued   int           // bytes in queue
	room     chan struct{} // closed when the queue gets shorter; nil when nobody waits
	busy     bool          // the writer is writing
	pong     bool          // a ping is to be answered
	ws       *socketConn   // nil while polling
	next     *socketConn   // a probed WebSocket that takes over
	probing  bool          // an upgrade may still come
	pausing  bool          // no further poll begins
	closing  bool          // nothing is queued any more, and the end follows
	parted   bool          // the peer has been told of the end, or is just being
	ended    bool
	reason   DisconnectReason
	err      error
	watchdog Timer
	due      time.Time // when watchdog means it
	blocked  bool      // the reader waits for a handler, so pings cannot be seen
	paused   time.Time // since when
	closer   Timer     // ends a graceful end

	assembly *assembly // the reader's; its timer's under mu
}

// A message is one Socket.IO packet: its text and its attachments, which are sent
// without another packet between them (R215).
type message struct {
	text        []byte
	attachments [][]byte
}

// messageCost is about what a message takes besides its bytes while it waits.
const messageCost = 100

func (m *message) size() int {
	n := messageCost + len(m.text)
	for _, a := range m.attachments {
		n += len(a)
	}
	return n
}

// A handshake is the data of the packet that opens a session (R26).
type handshake struct {
	SID          string   `json:"sid"`
	Upgrades     []string `json:"upgrades"`
	PingInterval int64    `json:"pingInterval"`
	PingTimeout  int64    `json:"pingTimeout"`
	MaxPayload   int64    `json:"maxPayload"`
}

// adopt takes over what the handshake says, if it makes sense.
func (s *session) adopt(packet eiowire.Packet, transport string) error {
	const maxHandshake, maxSID = 16 << 10, 256
	if packet.Type != eiowire.Open || len(packet.Data) > maxHandshake {
		return fmt.Errorf("%w: the connection begins with a packet %v of %d bytes", errHandshake, packet.Type, len(packet.Data))
	}
	var h handshake
	if err := json.Unmarshal(packet.Data, &h); err != nil {
		return fmt.Errorf("%w: %w", errHandshake, err)
	}
	// The longest time is that of the timers of JavaScript.
	sane := func(ms int64) bool { return ms > 0 && ms <= math.MaxInt32 }
	if h.SID == "" || len(h.SID) > maxSID || !sane(h.PingInterval) || !sane(h.PingTimeout) || h.MaxPayload < 0 {
		return fmt.Errorf("%w: sid of %d bytes, pingInterval %d, pingTimeout %d, maxPayload %d",
			errHandshake, len(h.SID), h.PingInterval, h.PingTimeout, h.MaxPayload)
	}
	s.sid = h.SID
	s.patience = time.Duration(h.PingInterval+h.PingTimeout) * time.Millisecond
	s.maxPayload = int(min(h.MaxPayload, math.MaxInt32))
	s.upgrade = transport == polling && !s.m.cfg.NoUpgrade &&
		slices.Contains(h.Upgrades, webSocket) && slices.Contains(s.m.cfg.Transports, webSocket)
	return nil
}

// open makes one attempt to open a session. The session has not started yet.
func (m *Manager) open(ctx context.Context) (s *session, rest []byte, err error) {
	transports := m.cfg.Transports
	if !m.cfg.TryAllTransports {
		transports = transports[:1]
	}
	for _, transport := range transports {
		if s, rest, err = m.openOn(ctx, transport); err == nil || ctx.Err() != nil {
			break
		}
	}
	return s, rest, err
}

func (m *Manager) openOn(ctx context.Context, transport string) (*session, []byte, error) {
	s := &session{m: m, wake: make(chan struct{}, 1), polled: make(chan struct{}), born: m.cfg.Clock.Now()}
	s.ctx, s.cancel = context.WithCancel(m.ctx)
	attempt, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	timer := m.cfg.Clock.AfterFunc(m.cfg.Timeout, func() { cancel(fmt.Errorf("%w: no handshake within %v", ErrTimeout, m.cfg.Timeout)) })
	defer timer.Stop()
	stop := context.AfterFunc(m.ctx, func() { cancel(ErrClosed) })
	defer stop()

	open := s.openPolling
	if transport == webSocket {
		open = s.openWebSocket
	}
	rest, err := open(attempt)
	if err != nil {
		s.cancel()
		if attempt.Err() != nil {
			err = context.Cause(attempt)
		}
		return nil, nil, fmt.Errorf("client: connect by %s: %w", transport, err)
	}
	return s, rest, nil
}

// start begins to read and to write. rest is the payload that came after the handshake.
func (s *session) start(rest []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.due = s.m.cfg.Clock.Now().Add(s.patience)
	s.watchdog = s.m.cfg.Clock.AfterFunc(s.patience, s.silence)
	s.tasks.Go(s.writeLoop)
	if ws := s.ws; ws != nil {
		s.tasks.Go(func() { s.readLoop(ws) })
		return
	}
	s.tasks.Go(func() { s.pollLoop(rest) })
	if s.upgrade {
		s.probing = true
		s.tasks.Go(s.probe)
	}
}

// elapsed returns how old the session is.
func (s *session) elapsed() time.Duration { return s.m.cfg.Clock.Now().Sub(s.born) }

// cameIn notes that bytes of a message have come, wentOut that some have left.
func (s *session) cameIn()  { s.came.Store(int64(s.elapsed())) }
func (s *session) wentOut() { s.left.Store(int64(s.elapsed())) }

// heard returns how old the session was when the last bytes of a message came.
func (s *session) heard() time.Duration { return time.Duration(s.came.Load()) }

// silence runs when the server's pings stay away (R107). A ping also stays away while a
// large message comes slowly, which is no silence, and while the reader is paused: then
// it is missed after twice the time.
func (s *session) silence() {
	s.mu.Lock()
	due := s.due
	if heard := s.born.Add(s.heard() + s.patience); heard.After(due) {
		due = heard
	}
	if limit := s.paused.Add(2 * s.patience); s.blocked && limit.After(due) {
		due = limit
	}
	left := due.Sub(s.m.cfg.Clock.Now())
	if left > 0 && !s.ended {
		s.watchdog.Reset(left)
	}
	s.mu.Unlock()
	if left <= 0 {
		s.end(PingTimeout, errors.New("client: no ping from the server"))
	}
}

// pinged answers a ping, before anything else that waits, and at most once however
// many pings have come.
func (s *session) pinged() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pong = true
	s.watchLocked()
	s.wakeWriter()
}

func (s *session) watchLocked() {
	if !s.ended {
		s.due = s.m.cfg.Clock.Now().Add(s.patience)
		s.watchdog.Reset(s.patience)
	}
}

// block notes that the reader waits for a handler, or no longer does. Pings that
// cannot be seen meanwhile are not missed for a while; the server may still miss their
// answers.
func (s *session) block(blocked bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.blocked, s.paused = blocked, s.m.cfg.Clock.Now()
	if !blocked {
		s.watchLocked()
	}
}

func (s *session) wakeWriter() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// send queues a packet. A volatile one is dropped unless it can leave at once (R190).
// One that belongs to the protocol's own course, or was buffered, is not counted
// against the queue's bound; for others send returns room while the queue is full, which
// is closed when it has become shorter or the session has ended. Errors: ErrTooLarge,
// ErrDisconnected.
func (s *session) send(msg message, volatile, unbounded bool) (sent bool, room <-chan struct{}, err error) {
	size := msg.size()
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.ended || s.closing:
		return false, nil, ErrDisconnected
	case !s.fitsLocked(&msg):
		return false, nil, fmt.Errorf("%w: %d bytes in one message", ErrTooLarge, s.maxPayload)
	case volatile && (s.busy || len(s.queue) > 0 || s.pausing || s.next != nil):
		return false, nil, nil
	case !unbounded && len(s.queue) > 0 && s.queued+size > s.m.cfg.Limits.QueueBytes:
		if s.room == nil {
			s.room = make(chan struct{})
		}
		return false, s.room, nil
	}
	s.queue = append(s.queue, msg)
	s.queued += size
	s.wakeWriter()
	return true, nil, nil
}

// roomLocked lets those who wait for room in the queue look again.
func (s *session) roomLocked() {
	if s.room != nil {
		close(s.room)
		s.room = nil
	}
}

// fitsLocked reports whether the server takes messages as large as those of msg. In a
// POST they are larger, but what an upgrade may still carry can wait for it.
func (s *session) fitsLocked(msg *message) bool {
	if s.maxPayload == 0 {
		return true
	}
	if s.ws == nil && s.next == nil && !s.probing {
		return postSize(msg) <= s.maxPayload
	}
	for _, a := range msg.attachments {
		if len(a) > s.maxPayload {
			return false
		}
	}
	return 1+len(msg.text) <= s.maxPayload
}

// close ends the session once everything queued has been written.
func (s *session) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing || s.ended {
		return
	}
	s.closing = true
	s.roomLocked() // nothing is queued any more
	s.closer = s.m.cfg.Clock.AfterFunc(s.m.cfg.Limits.CloseTimeout, s.unclosed)
	s.wakeWriter()
}

// unclosed runs when an ending takes long. The server has a while for its part of it,
// from when the last byte of what was queued has left.
func (s *session) unclosed() {
	s.mu.Lock()
	left := s.m.cfg.Limits.CloseTimeout - (s.elapsed() - time.Duration(s.left.Load()))
	if left > 0 && !s.ended {
		s.closer.Reset(left)
	}
	s.mu.Unlock()
	if left <= 0 {
		s.end(ClientDisconnect, nil)
	}
}

// end ends the session at once. The first reason counts.
func (s *session) end(reason DisconnectReason, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return
	}
	s.ended, s.reason, s.err = true, reason, err
	if s.watchdog != nil {
		s.watchdog.Stop()
	}
	if s.closer != nil {
		s.closer.Stop()
	}
	if s.assembly != nil {
		s.assembly.timer.Stop()
	}
	s.queue, s.queued = nil, 0
	s.roomLocked()
	s.cancel() // closes the connections
}

// transport returns what the session uses now.
func (s *session) transport() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ws != nil {
		return webSocket
	}
	return polling
}

// receive handles one Engine.IO packet on the reader. It reports whether reading goes
// on. Packet types that a server has no business sending have no effect (R41).
func (s *session) receive(p eiowire.Packet) bool {
	switch p.Type {
	case eiowire.Ping:
		s.pinged()
	case eiowire.Close:
		s.end(TransportClose, errors.New("client: the server closed the connection"))
		return false
	case eiowire.Message:
		if err := s.decode(p.Data, p.Binary); err != nil {
			s.m.cfg.Logger.Warn("client: the server sent what cannot be understood", "error", err)
			s.end(ParseError, err)
			return false
		}
	}
	return s.ctx.Err() == nil
}
