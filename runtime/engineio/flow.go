// SPDX-License-Identifier: Apache-2.0

package engineio

import (
	"context"
	"errors"
	"time"
)

// Errors of what is sent.
var (
	// ErrBusy is returned by TrySend while Limits.QueueBytes or more wait.
	ErrBusy = errors.New("engineio: the session's peer has to read first")
	// ErrQueueFull is returned by Send while Limits.QueueHardBytes or more wait for a peer.
	ErrQueueFull = errors.New("engineio: the session's outgoing queue is full")
	// ErrSlowConsumer is why a session ended whose peer did not read.
	ErrSlowConsumer = errors.New("slow_consumer: the peer does not read what is sent to it")
)

// Send queues m behind everything sent before and takes its own reference. It
// never blocks. Limits.QueueHardBytes is for what waits besides the largest message, and
// besides what SendAnyway sent. Errors: ErrSessionClosed, ErrQueueFull, and for a message with SlowDrop
// ErrDropped; after any of them, nothing of m was queued.
func (s *Session) Send(m *Message) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sendLocked(m)
}

// TrySend is Send for a caller that can wait for its turn: a message without a
// SlowPolicy is refused with ErrBusy while Limits.QueueBytes or more wait.
// [Session.AwaitRoom] tells when to try again.
func (s *Session) TrySend(m *Message) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if m.Slow == SlowQueue && s.lagsLocked() && !s.silentLocked() {
		return ErrBusy
	}
	return s.sendLocked(m)
}

// SendAnyway is Send without regard to m's SlowPolicy and to what waits. It is for what
// has a bound of its own.
func (s *Session) SendAnyway(m *Message) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.silentLocked() {
		return ErrSessionClosed
	}
	s.exempt += m.Size()
	s.acceptLocked(m)
	return nil
}

// SendVolatile is Send when the transport can take a message right now, that is when
// nothing is queued or being written and, while polling, a GET waits.
// Otherwise it drops m and reports false.
func (s *Session) SendVolatile(m *Message) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	// A client that sends its next GET has read the answer to the last one, even if whoever
	// wrote that has not noted it yet.
	idle := s.poll != nil || s.ws != nil && !s.writing
	return idle && s.queue == nil && s.state == stateOpen && s.sendLocked(m) == nil
}

// Deliver is Send for a message that goes to many. lags reports that the session lags
// now and may catch up: see [Pace].
func (s *Session) Deliver(m *Message) (lags bool, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	err = s.sendLocked(m)
	return s.catchingUpLocked(), err
}

func (s *Session) sendLocked(m *Message) error {
	if s.silentLocked() {
		return ErrSessionClosed
	}
	if err := s.heedLocked(m); err != nil {
		return err
	}
	place, bytes := 0, s.bytes
	if m.Slow == SlowLatest {
		if place = s.outdatedLocked(m); place > 0 {
			bytes -= s.queue.items[place-1].message.Size()
		}
	}
	if bytes-s.exempt >= s.srv.cfg.Limits.QueueHardBytes {
		s.srv.queueFull.Add(1)
		s.hitLocked(LimitQueueHardBytes)
		return ErrQueueFull
	}
	s.exempt = max(s.exempt, m.Size())
	if place > 0 {
		s.dropOutdatedLocked(place)
	}
	s.acceptLocked(m)
	return nil
}

// silentLocked reports whether nothing can be sent any more.
func (s *Session) silentLocked() bool { return s.closed || s.mute }

func (s *Session) acceptLocked(m *Message) {
	n := m.Size()
	s.holdLocked(m, n)
	s.bytes += n
	s.most = max(s.most, s.bytes)
	s.lagChangedLocked()
	s.pushLocked(m)
}

// lagsLocked reports whether the soft bound of what waits is reached.
func (s *Session) lagsLocked() bool { return s.bytes >= s.srv.cfg.Limits.QueueBytes }

// Waiting returns how many bytes of messages wait for the peer, each with a share of
// what it costs besides its text.
func (s *Session) Waiting() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.bytes
}

// HighWater returns the most that has waited for the peer at once, in bytes.
func (s *Session) HighWater() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.most
}

// AwaitRoom returns nil once less than Limits.QueueBytes wait. Other errors:
// ErrSessionClosed, also when end is closed, and the cause of ctx's end. It may be
// called within [Session.RunAttached]; messages are then received by another goroutine
// meanwhile.
func (s *Session) AwaitRoom(ctx context.Context, end <-chan struct{}) error {
	return s.await(ctx, end, func() bool { return !s.lagsLocked() })
}

// AwaitSent returns nil once everything that was sent before the call has been handed
// to the network. Otherwise it is like AwaitRoom.
func (s *Session) AwaitSent(ctx context.Context, end <-chan struct{}) error {
	s.mu.Lock()
	target := s.queued
	s.mu.Unlock()
	return s.await(ctx, end, func() bool { return s.sent >= target })
}

// await waits until done, which is called with mu held.
func (s *Session) await(ctx context.Context, end <-chan struct{}, done func() bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for first := true; !done(); first = false {
		if s.silentLocked() {
			return ErrSessionClosed
		}
		if first {
			s.detachLocked()
			s.writeSoonLocked()
			continue // which may have unlocked mu
		}
		progress := s.progressLocked()
		s.mu.Unlock()
		select {
		case <-progress:
			s.mu.Lock()
		case <-end:
			s.mu.Lock()
			return ErrSessionClosed
		case <-ctx.Done():
			s.mu.Lock()
			return context.Cause(ctx)
		}
	}
	return nil
}

// progressLocked returns what is closed when less waits than now, or the session has
// ended.
func (s *Session) progressLocked() <-chan struct{} {
	if s.progress == nil {
		s.progress = make(chan struct{})
	}
	return s.progress
}

// progressedLocked wakes those who wait for progress.
func (s *Session) progressedLocked() {
	s.lagChangedLocked()
	if s.progress != nil {
		close(s.progress)
		s.progress = nil
	}
}

// lagChangedLocked notes whether the session lags, for a LagReceiver.
func (s *Session) lagChangedLocked() {
	switch soft := s.srv.cfg.Limits.QueueBytes; {
	case s.lagging && s.bytes < soft/2, !s.lagging && s.bytes >= soft:
		if s.lagging = !s.lagging; s.lagging {
			s.hitLocked(LimitQueueBytes)
		}
	default:
		return
	}
	if r, ok := s.receiver.(LagReceiver); ok && !s.telling {
		s.telling = true
		s.goLocked(func() { s.tellLag(r) })
	}
}

// tellLag tells r for as long as it has not heard the latest.
func (s *Session) tellLag(r LagReceiver) {
	returned := false
	defer s.contain("Lags", &returned)
	s.mu.Lock()
	for told := !s.lagging; told != s.lagging; {
		told = s.lagging
		waiting := s.bytes
		s.mu.Unlock()
		r.Lags(told, waiting)
		s.mu.Lock()
	}
	s.telling = false
	s.mu.Unlock()
	returned = true
}

// paceTime is how long Pace may take.
const paceTime = 10 * time.Millisecond

// Lags reports whether Limits.QueueBytes or more wait for a peer that may still catch
// up: one that takes something now and then.
func (s *Session) Lags() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.catchingUpLocked()
}

func (s *Session) catchingUpLocked() bool {
	return s.lagsLocked() && !s.silentLocked() && !s.stuckLocked()
}

// Pace waits until none of the sessions lags, for ten milliseconds at most. It keeps a
// loop that sends to many from running away from peers that read. It does not wait for
// peers that take nothing.
func Pace(sessions []*Session) {
	timer := time.NewTimer(paceTime) // not a Clock's: no peer can tell
	defer timer.Stop()
	for _, s := range sessions {
		if !s.catchUp(timer.C) {
			return
		}
	}
}

// catchUp waits until the session does not lag. It reports false when time is up.
func (s *Session) catchUp(late <-chan time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.catchingUpLocked() {
		progress := s.progressLocked()
		s.wakeWriterLocked()
		s.mu.Unlock()
		select {
		case <-progress:
			s.mu.Lock()
		case <-late:
			s.mu.Lock()
			return false
		}
	}
	return true
}

// stuckLocked reports whether the peer has taken nothing for a tenth of
// Limits.StallTime although something waits for it.
func (s *Session) stuckLocked() bool {
	patience := s.srv.cfg.Limits.StallTime / 10
	if s.ws != nil {
		since := s.ws.conn.waiting.Load()
		return since != 0 && time.Since(time.Unix(0, since)) > patience
	}
	return !s.writing && s.poll == nil && s.srv.cfg.Clock.Now().Sub(s.polled) > patience
}
