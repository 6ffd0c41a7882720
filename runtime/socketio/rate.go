// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"fmt"
	"time"

	"github.com/sockgen/sockgen/runtime/siowire"
)

// rateErrorEvent is how package typed tells a client, too, that an event was not welcome.
const rateErrorEvent = "$error"

// paceLocked counts one more event of the client, where Limits.EventRate is set. Beyond a
// burst the client is warned. Beyond two paceLocked fails, and the client is closed. Nothing
// is lost before that.
func (s *Socket) paceLocked() error {
	lim := &s.ns.srv.cfg.Limits
	if lim.EventRate == 0 {
		return nil
	}
	now := s.ns.srv.cfg.Clock.Now()
	if s.due.Before(now) {
		s.due, s.warned = now, false
	}
	s.due = s.due.Add(time.Second / time.Duration(lim.EventRate))
	burst := time.Second * time.Duration(lim.EventBurst) / time.Duration(lim.EventRate)
	switch lag := s.due.Sub(now); {
	case lag > 2*burst && !lim.ReportOnly:
		s.conn.hit(limitEventRate)
		return errEventRate
	case lag > burst && !s.warned:
		s.warned = true
		s.conn.hit(limitEventRate)
		if !lim.ReportOnly {
			s.conn.session.Go(func() { s.warn(lag - burst) })
		}
	}
	return nil
}

// warn tells the client that it sends too much.
func (s *Socket) warn(wait time.Duration) {
	e := siowire.NewEncoder()
	defer e.Release()
	e.Next()
	e.B = fmt.Appendf(e.B, `{"code":"rate_limited","message":"too many events","data":{"retryAfterMs":%d}}`, (wait + time.Millisecond - 1).Milliseconds())
	m := s.ns.eventMessage(rateErrorEvent, 0, false, e)
	defer m.Release()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state == connected {
		_ = s.conn.session.SendAnyway(m) // whose error is the connection's end; one for each burst
	}
}
