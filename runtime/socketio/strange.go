// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"time"

	"github.com/sockgen/sockgen/runtime/engineio"
)

// CONNECTs to namespaces that do not exist cost next to nothing to send and something to
// answer. A client that waits for its answers is slowed by them, and never closed; one that
// floods does not wait.

// strangeTime is how many seconds' worth of Limits.StrangeConnects is answered at once; as
// many may wait besides.
const strangeTime = 5

// strange is what a connection knows of such CONNECTs. conn.mu guards it.
type strange struct {
	due   time.Time // when those that were answered are within the pace
	late  []string  // namespaces of those whose answers wait
	timer engineio.Timer
}

// refuseStrange answers a CONNECT to a namespace that does not exist (R162), now or when
// its turn comes.
func (c *conn) refuseStrange(namespace string) {
	pace := time.Second / time.Duration(c.srv.cfg.Limits.StrangeConnects)
	most := strangeTime * c.srv.cfg.Limits.StrangeConnects
	now := c.srv.cfg.Clock.Now()
	c.mu.Lock()
	s := &c.strange
	switch {
	case c.ended.Load():
		c.mu.Unlock()
	case len(s.late) == 0 && s.due.Sub(now) < strangeTime*time.Second:
		s.count(now, pace)
		c.mu.Unlock()
		c.refuseUnknown(namespace)
	case len(s.late) >= most && c.srv.cfg.Limits.ReportOnly:
		c.mu.Unlock()
		c.hit(limitStrangeConnects)
		c.refuseUnknown(namespace)
	case len(s.late) >= most:
		c.mu.Unlock()
		c.violate(errStrange)
	default:
		if s.late = append(s.late, namespace); len(s.late) == 1 {
			s.timer = c.srv.cfg.Clock.AfterFunc(pace, c.refuseLate)
		}
		c.mu.Unlock()
	}
}

// refuseLate answers the first of those that wait. It runs in the timer's goroutine.
func (c *conn) refuseLate() {
	c.mu.Lock()
	s := &c.strange
	if c.ended.Load() || len(s.late) == 0 {
		c.mu.Unlock()
		return
	}
	first, pace := s.late[0], time.Second/time.Duration(c.srv.cfg.Limits.StrangeConnects)
	s.count(c.srv.cfg.Clock.Now(), pace)
	c.mu.Unlock()
	c.refuseUnknown(first)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended.Load() || len(s.late) == 0 {
		return
	}
	if s.late = s.late[1:]; len(s.late) == 0 {
		s.late = nil
		return
	}
	s.timer.Reset(pace)
}

// count takes note of an answer.
func (s *strange) count(now time.Time, pace time.Duration) {
	if s.due.Before(now) {
		s.due = now
	}
	s.due = s.due.Add(pace)
}

// dropStrangeLocked forgets the answers that wait.
func (c *conn) dropStrangeLocked() {
	if c.strange.late = nil; c.strange.timer != nil {
		c.strange.timer.Stop()
	}
}

func (c *conn) refuseUnknown(namespace string) { c.refuse(namespace, "Invalid namespace", nil) }
