// SPDX-License-Identifier: Apache-2.0

// Up starts a Redis, several nodes of the chat and an nginx that sends each request to the
// next of them, and ends them all on Ctrl-C:
//
//	go run ./up -addr localhost:3000
//
// It needs Debian's redis-server and nginx-light.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/sockgen/sockgen/example/cluster/stack"
)

func main() {
	addr := flag.String("addr", "localhost:3000", "where nginx listens, `host:port`")
	count := flag.Int("nodes", 3, "how `many` nodes there are")
	kind := flag.String("adapter", "pubsub", "how they speak to each other: pubsub, sharded or streams")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *addr, *kind, *count); err != nil {
		fmt.Fprintln(os.Stderr, "up:", err)
		os.Exit(1)
	}
}

// run starts everything, waits until ctx ends, and ends it in the opposite order.
func run(ctx context.Context, addr, kind string, count int) error {
	dir, err := os.MkdirTemp("", "sockgen-cluster-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	program := filepath.Join(dir, "node")
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		return fmt.Errorf("go build: %w\n%s", err, out)
	}
	broker, err := stack.FreeAddr()
	if err != nil {
		return err
	}
	redis, err := stack.Redis(broker, dir)
	if err != nil {
		return err
	}
	defer redis.Stop()
	var nodes []string
	for range count {
		node, err := stack.FreeAddr()
		if err != nil {
			return err
		}
		p, err := stack.Start(node, program, "-addr", node, "-redis", "redis://"+broker, "-adapter", kind, "-advertise", "http://"+node)
		if err != nil {
			return err
		}
		defer p.Stop()
		nodes = append(nodes, node)
	}
	nginx, err := stack.Nginx(addr, dir, nodes)
	if err != nil {
		return err
	}
	defer nginx.Stop()
	fmt.Printf("\n%d nodes behind nginx: http://%s\nWhoever opens the page several times is on several nodes. Ctrl-C ends all of it.\n", count, addr)
	<-ctx.Done()
	return nil
}
