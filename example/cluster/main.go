// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/redis/go-redis/v9"

	"github.com/sockgen/sockgen/example/app"
	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/adapter/redisadapter"
	"github.com/sockgen/sockgen/runtime/socketio"
)

// Settings are what the command line says.
type settings struct {
	addr, redis, adapter, advertise, origins string
}

func main() {
	var s settings
	flag.StringVar(&s.addr, "addr", ":3000", "listen on this `host:port`")
	flag.StringVar(&s.redis, "redis", "redis://localhost:6379", "meet the other nodes in the Redis at this `URL`")
	flag.StringVar(&s.adapter, "adapter", "pubsub", "speak to the other nodes by pubsub, sharded or streams; all nodes by the same `kind`")
	flag.StringVar(&s.advertise, "advertise", "", "have other nodes pass requests on to this one at `URL`, so that a balancer needs no affinity")
	flag.StringVar(&s.origins, "origin", "http://localhost:8081", "admit pages of these `origins` besides our own, separated by commas")
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "unexpected argument %q\n", flag.Arg(0))
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, s); err != nil {
		fmt.Fprintln(os.Stderr, "cluster:", err)
		os.Exit(1)
	}
}

// run serves a node until ctx ends.
func run(ctx context.Context, s settings) error {
	options, err := redis.ParseURL(s.redis)
	if err != nil {
		return fmt.Errorf("-redis: %w", err)
	}
	rdb := redis.NewClient(options)
	defer rdb.Close()
	server := socketio.Config{CORS: socketio.CORS{Origins: strings.Split(s.origins, ",")}}
	if server.Adapter, err = adapterOf(s.adapter, rdb); err != nil {
		return err
	}
	if s.adapter == "streams" {
		server.Recovery = &socketio.Recovery{}
	}
	if s.advertise != "" {
		server.Forward = &socketio.Forward{Advertise: s.advertise}
	}
	return app.Run(ctx, app.Config{Addr: s.addr, Server: server, Lobby: newLobby(rdb, "chat"), Input: os.Stdin})
}

// adapterOf returns the adapter that the flag names.
func adapterOf(kind string, rdb redis.UniversalClient) (adapter.Factory, error) {
	switch kind {
	case "pubsub":
		return redisadapter.New(rdb, redisadapter.Config{}), nil
	case "sharded":
		return redisadapter.New(rdb, redisadapter.Config{Sharded: true}), nil
	case "streams":
		return redisadapter.NewStreams(rdb, redisadapter.StreamsConfig{}), nil
	}
	return nil, fmt.Errorf("-adapter: there is no %q; write pubsub, sharded or streams", kind)
}
