// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"crypto/sha256"
	"slices"
	"time"
)

// attempts counts how often a namespace refused the connection with one auth.
type attempts struct {
	namespace string
	auth      [sha256.Size]byte
	n         int
	until     time.Time // when the count ends
}

// attemptTime is how long refusals count.
const attemptTime = time.Minute

// An attemptsError refuses a CONNECT that was refused too often.
type attemptsError struct{ wait time.Duration }

// Error is for the client.
func (e *attemptsError) Error() string { return "too many attempts" }

// data is for the client, too.
func (e *attemptsError) data() any {
	return map[string]any{"code": "rate_limited", "retryAfterMs": (e.wait + time.Millisecond - 1).Milliseconds()}
}

// refusedLocked returns an *attemptsError when ns has refused the connection so often
// lately that its Use functions are not asked again: they may look up tokens or
// passwords. A CONNECT with another auth is always asked.
func (c *conn) refusedLocked(ns *Namespace, auth []byte) error {
	if len(c.attempts) == 0 {
		return nil
	}
	now := c.srv.cfg.Clock.Now()
	c.attempts = slices.DeleteFunc(c.attempts, func(a attempts) bool { return !now.Before(a.until) })
	i := c.attemptsLocked(ns.name, sha256.Sum256(ns.ownAuth(auth)))
	if i < 0 || c.attempts[i].n < c.srv.cfg.Limits.Refusals {
		return nil
	}
	if c.srv.cfg.Limits.ReportOnly {
		c.hit(limitRefusals)
		return nil
	}
	return &attemptsError{c.attempts[i].until.Sub(now)}
}

// countRefusal takes note of a refusal, if their number has a limit.
func (c *conn) countRefusal(namespace string, auth []byte) {
	limits := &c.srv.cfg.Limits
	if limits.Refusals == 0 {
		return
	}
	key := sha256.Sum256(auth)
	c.mu.Lock()
	defer c.mu.Unlock()
	if i := c.attemptsLocked(namespace, key); i >= 0 {
		c.attempts[i].n++
		return
	}
	if len(c.attempts) >= limits.Namespaces {
		c.attempts = slices.Delete(c.attempts, 0, 1)
	}
	c.attempts = append(c.attempts, attempts{namespace, key, 1, c.srv.cfg.Clock.Now().Add(attemptTime)})
}

// attemptsLocked returns the index of a namespace and an auth, or -1.
func (c *conn) attemptsLocked(namespace string, auth [sha256.Size]byte) int {
	return slices.IndexFunc(c.attempts, func(a attempts) bool { return a.namespace == namespace && a.auth == auth })
}
