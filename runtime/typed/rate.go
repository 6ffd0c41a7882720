package typed

import (
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
// bucket, so the memory is bounded by the schema's events.
type limiter struct {
	bucket int           // index into bound.buckets
	every  time.Duration // one event
	burst  time.Duration // Count events
	start  time.Time     // what buckets count from
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
// that lasts. A bucket holds the time at which it will be full again; one that was not used has
// been full since before the start.
func (l *limiter) take(buckets *[]int64, s *socketio.Socket) (wait time.Duration) {
	for len(*buckets) <= l.bucket {
		*buckets = append(*buckets, 0)
	}
	full := &(*buckets)[l.bucket]
	// The first nanosecond is left out, since 0 stands for a bucket that was not used.
	now := int64(clockOf(s.Namespace()).Now().Sub(l.start)) + 1
	if now-*full > 0 {
		*full = now
	}
	if wait := time.Duration(*full-now) - (l.burst - l.every); wait > 0 {
		return min(wait, l.burst) // a clock that was set back
	}
	*full += int64(l.every)
	return 0
}
