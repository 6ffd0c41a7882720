// SPDX-License-Identifier: Apache-2.0

package redisadapter

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/adapter/cluster"
	"github.com/sockgen/sockgen/runtime/adapter/cluster/wire"
)

// A Config says how to use Redis. Its zero value is that of the official adapter.
type Config struct {
	Prefix string // of all channels, the official option "key" or "channelPrefix"; "socket.io"

	// Sharded uses the format and the channels of the official sharded adapter, for Redis 7.
	// All servers of a cluster use the same.
	Sharded bool
	// Mode says which rooms have a channel of their own in the sharded format, so that
	// nodes without them do not hear what is for them. All servers use the same.
	Mode wire.Mode

	// SpecificResponses answers a request on a channel of whoever asked, and not on the one
	// that all servers hear: the official option publishOnSpecificResponseChannel. The
	// sharded format always does. Servers may switch one after the other.
	SpecificResponses bool

	QueueBytes int // of messages that wait to be published, then further ones are refused; 64 MiB

	Cluster cluster.Config // what nodes expect of each other

	streams bool // Pub/Sub is what a stream does not carry
}

// ErrQueueFull refuses a message: Redis is away, or too slow, and as much as
// Config.QueueBytes waits.
var ErrQueueFull = errors.New("redisadapter: too much waits to be published")

// New returns a factory that joins servers through rdb, which may be a client of a single
// Redis, of one that sentinels watch, or of a Redis Cluster. It is no error that Redis is
// away.
func New(rdb redis.UniversalClient, cfg Config) adapter.Factory {
	return cluster.New(cfg.Cluster, func(env adapter.Environment) (cluster.Bus, error) {
		cfg.Prefix = cmp.Or(cfg.Prefix, "socket.io")
		cfg.QueueBytes = cmp.Or(cfg.QueueBytes, 64<<20)
		switch {
		case rdb == nil:
			return nil, errors.New("redisadapter: New needs a client")
		case cfg.QueueBytes < 0:
			return nil, errors.New("redisadapter: Config.QueueBytes is negative: use a positive number, or 0 for the default")
		case strings.ContainsAny(cfg.Prefix, "#"):
			return nil, fmt.Errorf(`redisadapter: Config.Prefix %q has a "#", which ends it on the wire`, cfg.Prefix)
		case cfg.Mode != wire.Dynamic && !cfg.Sharded:
			return nil, errors.New("redisadapter: Config.Mode is for the sharded format: set Config.Sharded")
		}
		return newBus(rdb, cfg, env), nil
	})
}

// spread reports whether rdb is a client of a Redis Cluster.
func spread(rdb redis.UniversalClient) bool {
	_, ok := rdb.(*redis.ClusterClient)
	return ok
}
