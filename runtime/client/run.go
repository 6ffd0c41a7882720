// SPDX-License-Identifier: Apache-2.0

package client

import (
	"context"
	"fmt"
	"time"
)

// wantLocked has a connection made, unless somebody is at it.
func (m *Manager) wantLocked() {
	if !m.running {
		m.running = true
		m.goLocked(func() { m.run(nil) })
	}
}

// run opens one session after the other for as long as a socket wants one. It begins
// with sess if there is one.
func (m *Manager) run(sess *session) {
	for {
		if sess == nil {
			ctx, cancel, wanted := m.begin()
			if !wanted {
				m.closeIdle()
				return
			}
			sess = m.attempt(ctx)
			cancel()
			if sess == nil {
				continue
			}
		}
		<-sess.ctx.Done()
		sess.tasks.Wait() // nothing more comes from it
		sess.end(TransportClose, nil)
		m.over(sess)
		sess = nil
	}
}

// begin reports whether an attempt shall be made. ctx ends when it shall not any more.
func (m *Manager) begin() (ctx context.Context, cancel context.CancelFunc, wanted bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.wantedLocked() {
		m.running, m.interrupt = false, nil
		m.delayed, m.attempts = false, 0
		return nil, nil, false
	}
	ctx, cancel = context.WithCancel(m.ctx)
	m.interrupt = cancel
	return ctx, cancel, true
}

// attempt waits for its time and then tries to open a session. It returns nil when
// that failed.
func (m *Manager) attempt(ctx context.Context) *session {
	m.mu.Lock()
	delay := time.Duration(0)
	if m.delayed {
		delay = m.cfg.backoff(m.attempts)
		m.attempts++
	}
	m.mu.Unlock()
	if !m.pause(ctx, delay) {
		return nil
	}
	sess, rest, err := m.open(ctx)
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case err == nil:
		m.openedLocked(sess, rest)
		return sess
	case ctx.Err() == nil:
		m.failedLocked(err)
	}
	return nil
}

// pause waits for d and reports whether ctx lived on.
func (m *Manager) pause(ctx context.Context, d time.Duration) bool {
	if d > 0 {
		due := make(chan struct{})
		timer := m.cfg.Clock.AfterFunc(d, func() { close(due) })
		defer timer.Stop()
		select {
		case <-due:
		case <-ctx.Done():
		}
	}
	return ctx.Err() == nil
}

// backoff returns how long to wait after that many attempts in a row (R259).
func (c *Config) backoff(attempts int) time.Duration {
	d := float64(c.ReconnectionDelay)
	for range min(attempts, 62) {
		d *= 2
	}
	d = min(d, float64(c.ReconnectionDelayMax))
	if c.RandomizationFactor > 0 {
		d *= 1 + c.RandomizationFactor*(2*c.Rand()-1)
	}
	return min(time.Duration(d), c.ReconnectionDelayMax)
}

// openedLocked starts a session and has all sockets join their namespaces.
func (m *Manager) openedLocked(sess *session, rest []byte) {
	m.interrupt, m.delayed, m.attempts = nil, false, 0
	sess.start(rest)
	if m.closed {
		sess.close()
		return
	}
	m.session = sess
	for _, s := range m.order {
		if s.active {
			s.joinLocked()
		}
	}
}

// failedLocked tells the sockets that an attempt has failed, and gives up if it was
// the last one.
func (m *Manager) failedLocked(err error) {
	m.delayed, m.lastErr = true, err
	last := m.cfg.NoReconnection || m.cfg.ReconnectionAttempts > 0 && m.attempts >= m.cfg.ReconnectionAttempts
	if last {
		err = fmt.Errorf("%w: %w", ErrGaveUp, err)
	}
	for _, s := range m.order {
		switch {
		case !s.active:
		case last:
			s.failedLocked(err)
		default:
			s.pushLocked(task{what: runConnectError, err: err})
		}
	}
}

// over tells the sockets that their connection has ended.
func (m *Manager) over(sess *session) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.session != sess {
		return // nobody wanted it any more
	}
	m.session, m.delayed = nil, true
	sess.mu.Lock()
	reason, err := sess.reason, sess.err
	sess.mu.Unlock()
	m.cfg.Logger.Debug("client: the connection has ended", "reason", string(reason), "error", err)
	m.lastErr = err
	for _, s := range m.order {
		wasConnected := s.state == connected
		if wasConnected {
			s.lostLocked(reason)
		} else {
			s.quitLocked()
		}
		if s.active && m.cfg.NoReconnection {
			if wasConnected {
				s.deactivateLocked(ErrDisconnected)
			} else {
				s.failedLocked(fmt.Errorf("%w: the connection ended: %s", ErrGaveUp, reason))
			}
		}
	}
}
