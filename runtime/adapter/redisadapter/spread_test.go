// SPDX-License-Identifier: Apache-2.0

package redisadapter_test

import (
	"context"
	"fmt"
	"net"
	"os/exec"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/adapter/adaptertest"
	"github.com/sockgen/sockgen/runtime/adapter/redisadapter"
)

// startCluster starts a Redis Cluster of three and returns a client of it.
func startCluster(t *testing.T) *redis.ClusterClient {
	t.Helper()
	create := []string{"--cluster", "create"}
	var addresses []string
	for range 3 {
		bus, err := net.Listen("tcp", "127.0.0.1:0") // a port for what the three say to each other
		if err != nil {
			t.Fatal(err)
		}
		port := bus.Addr().(*net.TCPAddr).Port
		bus.Close()
		s, err := startRedis(t.TempDir(), "--cluster-enabled", "yes", "--cluster-port", fmt.Sprint(port))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.stop)
		addresses = append(addresses, s.options().Addr)
	}
	create = append(append(create, addresses...), "--cluster-yes")
	if out, err := exec.Command("redis-cli", create...).CombinedOutput(); err != nil {
		t.Fatalf("redis-cli: %v\n%s", err, out)
	}
	rdb := redis.NewClusterClient(&redis.ClusterOptions{Addrs: addresses})
	t.Cleanup(func() { rdb.Close() })
	for end := time.Now().Add(patience); rdb.Set(context.Background(), "ready", 1, 0).Err() != nil; time.Sleep(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("the Redis Cluster does not come up")
		}
	}
	return rdb
}

// What every adapter does, on a Redis Cluster.
func TestRedisCluster(t *testing.T) {
	t.Parallel()
	rdb := startCluster(t)
	for _, cfg := range []redisadapter.Config{{}, {Sharded: true}} {
		t.Run(fmt.Sprintf("sharded %t", cfg.Sharded), func(t *testing.T) {
			t.Parallel()
			adaptertest.Run(t, adaptertest.Engine{Network: func(*testing.T) adapter.Factory {
				cfg.Prefix = prefix()
				return redisadapter.New(rdb, cfg)
			}})
		})
	}
	for _, cfg := range []redisadapter.StreamsConfig{streams(false), streams(true)} {
		if testing.Short() && cfg.Sharded {
			continue
		}
		cfg.Count = 3
		t.Run(fmt.Sprintf("streams, sharded %t", cfg.Sharded), func(t *testing.T) {
			t.Parallel()
			adaptertest.Run(t, adaptertest.Engine{Recovery: time.Minute, Network: func(*testing.T) adapter.Factory {
				cfg.Prefix = prefix()
				cfg.Stream = cfg.Prefix
				return redisadapter.NewStreams(rdb, cfg)
			}})
		})
	}
}
