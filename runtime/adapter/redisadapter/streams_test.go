// SPDX-License-Identifier: Apache-2.0

package redisadapter_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/adapter/adaptertest"
	"github.com/sockgen/sockgen/runtime/adapter/redisadapter"
)

// streams returns a configuration that no other test has.
func streams(sharded bool) redisadapter.StreamsConfig {
	name := prefix()
	return redisadapter.StreamsConfig{Stream: name, Prefix: name, Sharded: sharded, Sessions: name + " session:"}
}

// What every adapter does, over a stream: without clients that come back, and with them.
func TestStreamsSuite(t *testing.T) {
	t.Parallel()
	for _, recovery := range []time.Duration{0, time.Minute} {
		for _, sharded := range []bool{false, true} {
			t.Run(fmt.Sprintf("recovery %v, sharded %t", recovery, sharded), func(t *testing.T) {
				t.Parallel()
				if testing.Short() && sharded != (recovery > 0) {
					return
				}
				adaptertest.Run(t, adaptertest.Engine{Recovery: recovery, Network: func(t *testing.T) adapter.Factory {
					return redisadapter.NewStreams(server.client(t), streams(sharded))
				}})
			})
		}
	}
}
