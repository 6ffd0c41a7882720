// SPDX-License-Identifier: Apache-2.0

package engineio

import (
	"errors"
	"slices"
)

// A SlowPolicy says what becomes of a message for a session that lags: for which
// Limits.QueueBytes or more wait or are being written.
type SlowPolicy uint8

// The policies.
const (
	SlowQueue  SlowPolicy = iota // it is queued until Limits.QueueHardBytes wait
	SlowDrop                     // it is dropped when the session lags
	SlowLatest                   // it is queued, and a message with the same Key that still waits is dropped; whatever waits besides stays in order
	SlowClose                    // the queue counts as full when the session lags
)

// ErrDropped is returned by Send for a message with SlowDrop that was dropped.
var ErrDropped = errors.New("engineio: the session lags, and the message was dropped")

// heedLocked returns why m is not queued because the session lags, nil if it is.
func (s *Session) heedLocked(m *Message) error {
	if m.Slow != SlowDrop && m.Slow != SlowClose || !s.lagsLocked() {
		return nil
	}
	if m.Slow == SlowDrop {
		return ErrDropped
	}
	s.srv.queueFull.Add(1)
	s.hitLocked(LimitQueueBytes)
	return ErrQueueFull
}

// outdatedLocked returns the place in the queue, from 1, of the message that m takes
// the turn of, or 0.
func (s *Session) outdatedLocked(m *Message) int {
	if s.queue == nil {
		return 0
	}
	return 1 + slices.IndexFunc(s.queue.items, func(it item) bool {
		return it.message != nil && it.message.Slow == SlowLatest && it.message.Key == m.Key
	})
}

// dropOutdatedLocked takes a message out of the queue, where another one follows.
func (s *Session) dropOutdatedLocked(place int) {
	old := s.queue.items[place-1].message
	s.queue.items = slices.Delete(s.queue.items, place-1, place)
	s.queue.bytes -= old.Size()
	s.bytes -= old.Size()
	s.srv.outdated.Add(1)
	old.dequeue()
}
