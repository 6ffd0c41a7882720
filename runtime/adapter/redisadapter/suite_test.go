// SPDX-License-Identifier: Apache-2.0

package redisadapter_test

import (
	"testing"

	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/adapter/adaptertest"
	"github.com/sockgen/sockgen/runtime/adapter/cluster/wire"
	"github.com/sockgen/sockgen/runtime/adapter/redisadapter"
)

// formats are the ways to use Redis, by a name for tests.
var formats = map[string]redisadapter.Config{
	"classic":                 {},
	"classic, own channels":   {SpecificResponses: true},
	"sharded":                 {Sharded: true},
	"sharded static":          {Sharded: true, Mode: wire.Static},
	"sharded dynamic-private": {Sharded: true, Mode: wire.DynamicPrivate},
}

// What every adapter does, on a real Redis. With -short that is for the two formats as they
// are by default.
func TestSuite(t *testing.T) {
	for name, cfg := range formats {
		t.Run(name, func(t *testing.T) {
			if testing.Short() && name != "classic" && name != "sharded" {
				return
			}
			adaptertest.Run(t, adaptertest.Engine{Network: func(t *testing.T) adapter.Factory {
				cfg.Prefix = prefix()
				return redisadapter.New(server.client(t), cfg)
			}})
		})
	}
}
