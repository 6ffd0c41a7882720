// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"crypto/sha256"
	"maps"
	"strings"
	"sync"
	"time"

	"github.com/sockgen/sockgen/runtime/socketio"
)

// A Rate bounds how often a client may emit an event: Count times in each Per,
// and as many at once. The zero Rate is no bound.
type Rate struct {
	Count int
	Per   time.Duration
}

// errRateLimited refuses an event that would be taken again after wait.
func errRateLimited(wait time.Duration) *Error {
	ms := (wait + time.Millisecond - 1).Milliseconds()
	return &Error{Code: CodeRateLimited, Message: "too many of these events: slow down", Data: RateLimited{RetryAfterMs: ms}}
}

// A limiter is a Rate of one event. What each socket has used up is in its
// bucket, so the memory is bounded by the schema's events; where it is counted by a
// value of its own, in a bucket of that, of which there are only so many.
type limiter struct {
	bucket int           // index into bound.buckets
	every  time.Duration // one event
	burst  time.Duration // Count events
	start  time.Time     // what buckets count from
	shared sharedBuckets
}

// newLimiter returns the limiter of the bucket at index, nil for the zero Rate.
func newLimiter(r Rate, bucket int, now time.Time) *limiter {
	if r.Count <= 0 || r.Per <= 0 {
		return nil
	}
	every := max(r.Per/time.Duration(r.Count), 1)
	return &limiter{bucket: bucket, every: every, burst: every * time.Duration(r.Count), start: now}
}

// take takes one event out of the socket's bucket. If there is none, it returns how long
// that lasts.
func (l *limiter) take(buckets *[]int64, s *socketio.Socket) (wait time.Duration) {
	for len(*buckets) <= l.bucket {
		*buckets = append(*buckets, 0)
	}
	return l.takeFrom(&(*buckets)[l.bucket], l.now(s))
}

// takeShared takes one event out of the bucket of a key, which outlives the socket. A
// socket whose key finds no room has its own.
func (l *limiter) takeShared(key string, buckets *[]int64, s *socketio.Socket) (wait time.Duration) {
	now := l.now(s)
	l.shared.mu.Lock()
	full, room := l.shared.find(key, now)
	if room {
		wait = l.takeFrom(&full, now)
		l.shared.full[key] = full
	}
	l.shared.mu.Unlock()
	if !room {
		return l.take(buckets, s)
	}
	return wait
}

// now returns the time that buckets count. The first nanosecond is left out, since 0
// stands for a bucket that was not used.
func (l *limiter) now(s *socketio.Socket) int64 {
	return int64(clockOf(s.Namespace()).Now().Sub(l.start)) + 1
}

// takeFrom takes one event out of a bucket. It holds the time at which it will be full
// again; one that was not used has been full since before the start.
func (l *limiter) takeFrom(full *int64, now int64) (wait time.Duration) {
	if now-*full > 0 {
		*full = now
	}
	if wait := time.Duration(*full-now) - (l.burst - l.every); wait > 0 {
		return min(wait, l.burst) // a clock that was set back
	}
	*full += int64(l.every)
	return 0
}

// Bounds on what is kept for values that rates are counted by.
const (
	maxShared    = 1 << 16 // buckets of an event
	maxSharedKey = 64      // bytes of a key; of a longer one its hash is kept
	leastShared  = 1 << 10 // buckets before any is looked for that is full again
)

// sharedBuckets are those of values. One that is full again is like one that is not there.
type sharedBuckets struct {
	mu    sync.Mutex
	full  map[string]int64 // guarded by mu
	sweep int              // how many there are when the full ones go; guarded by mu
	after int64            // when they go again at the earliest; guarded by mu
}

// sharedKey returns what is kept of a value.
func sharedKey(value string) string {
	if len(value) <= maxSharedKey {
		return strings.Clone(value) // it may be a part of a large text
	}
	hash := sha256.Sum256([]byte(value))
	return string(hash[:])
}

// find returns the bucket of key, and whether there is room for one. The caller holds mu.
func (b *sharedBuckets) find(key string, now int64) (full int64, room bool) {
	if full, ok := b.full[key]; ok {
		return full, true
	}
	if b.full == nil {
		b.full, b.sweep = map[string]int64{}, leastShared
	}
	if len(b.full) >= b.sweep && now >= b.after {
		b.after = now + int64(time.Second)
		maps.DeleteFunc(b.full, func(_ string, full int64) bool { return full <= now })
		b.sweep = min(max(2*len(b.full), leastShared), maxShared)
	}
	return 0, len(b.full) < maxShared
}
