// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"iter"
	"time"

	"github.com/sockgen/sockgen/runtime/siowire"
)

// answersEncoded is [AckBroadcast.Answers] with encoded arguments, nil for none. The
// loop takes ownership of args and releases it, so there is one loop.
func (b AckBroadcast) answersEncoded(ctx context.Context, event string, args *siowire.Encoder) iter.Seq2[Answer, error] {
	return func(yield func(Answer, error) bool) {
		stopped := false
		err := b.each(ctx, event, args, func(a Answer) bool {
			stopped = !yield(a, nil)
			return !stopped
		})
		if err != nil && !stopped {
			yield(Answer{}, err)
		}
	}
}

// timeoutOr is Timeout with the server's Config.AckTimeout in place of zero.
func (b Broadcast) timeoutOr(d time.Duration) AckBroadcast {
	if d == 0 && b.ns != nil {
		d = b.ns.srv.cfg.AckTimeout
	}
	return b.Timeout(d)
}
