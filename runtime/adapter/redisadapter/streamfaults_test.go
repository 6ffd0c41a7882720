// SPDX-License-Identifier: Apache-2.0

package redisadapter_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/adapter/adaptertest"
	"github.com/sockgen/sockgen/runtime/adapter/cluster"
	"github.com/sockgen/sockgen/runtime/adapter/redisadapter"
)

// lasting are arguments of a Redis that forgets nothing.
var lasting = []string{"--appendonly", "yes", "--appendfsync", "always"}

// newStreamPair starts a Redis with two nodes that use a stream. gates are those of the
// nodes, nil for none.
func newStreamPair(t *testing.T, cfg redisadapter.StreamsConfig, args []string, gates *[2]gate) *pair {
	t.Helper()
	return newPairOver(t, args, func(i int, rdb *redis.Options, c cluster.Config) adapter.Factory {
		cfg.Cluster = c
		if gates != nil {
			rdb.Dialer = gates[i].dial
		}
		return redisadapter.NewStreams(clientOf(t, rdb), cfg)
	})
}

// A gate is what a node's connections go through.
type gate struct {
	mu     sync.Mutex // guards what follows
	closed bool
	conns  []net.Conn
	to     string // the server that is behind it; empty for the one that is asked for
}

func (g *gate) dial(ctx context.Context, network, address string) (net.Conn, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return nil, &net.OpError{Op: "dial", Net: network, Err: errors.New("the gate is closed")}
	}
	if g.to != "" {
		address = g.to
	}
	conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err == nil {
		g.conns = append(g.conns, conn)
	}
	return conn, err
}

// set closes the gate, and breaks what goes through it, or opens it.
func (g *gate) set(closed bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = closed
	if closed {
		for _, c := range g.conns {
			c.Close()
		}
		g.conns = nil
	}
}

// traffic emits from both nodes until the returned function is called, which returns how
// many events each has emitted.
func (p *pair) traffic(every time.Duration) (stop func() [2]int) {
	over := make(chan struct{})
	var wg sync.WaitGroup
	var counts [2]int
	for from, n := range p.nodes {
		wg.Go(func() {
			for {
				e := adapter.Event{Name: fmt.Sprint("of ", from, " number ", counts[from])}
				begun := time.Now()
				if err := n.Broadcast(context.Background(), e, adapter.Options{Rooms: []adapter.Room{"red", "blue"}}); err != nil {
					p.t.Errorf("%s: %v", e.Name, err)
				}
				p.took[from] = append(p.took[from], time.Since(begun))
				counts[from]++
				select {
				case <-over:
					return
				case <-time.After(every):
				}
			}
		})
	}
	return func() [2]int {
		close(over)
		wg.Wait()
		return counts
	}
}

// complete checks that each node has had each event once, those of the other in their
// order.
func (p *pair) complete(counts [2]int) {
	p.t.Helper()
	for node := range p.nodes {
		next := [2]int{}
		seen := map[string]int{}
		p.mu.Lock()
		for _, name := range p.order[node] {
			var from, number int
			if _, err := fmt.Sscanf(name, "of %d number %d", &from, &number); err != nil {
				continue
			}
			if seen[name]++; seen[name] > 1 {
				p.t.Errorf("%s came %d times to node %d", name, seen[name], node)
			}
			if number != next[from] {
				p.t.Errorf("node %d got %s, and waits for number %d", node, name, next[from])
			}
			next[from] = number + 1
		}
		p.mu.Unlock()
		if next != counts {
			p.t.Errorf("node %d got %v of %v", node, next, counts)
		}
	}
}

// Redis ends in the midst of things and comes again with what it knew; it freezes; the
// connections of a node break: nothing is lost, nothing comes twice, all comes in order.
func TestStreamsLoseNothing(t *testing.T) {
	t.Parallel()
	for name, harm := range map[string]func(p *pair, gates *[2]gate){
		"restarts": func(p *pair, _ *[2]gate) {
			p.redis.stop()
			time.Sleep(300 * time.Millisecond)
			if err := p.redis.start(); err != nil {
				p.t.Fatal(err)
			}
		},
		"freezes": func(p *pair, _ *[2]gate) {
			_ = p.redis.cmd.Process.Signal(syscall.SIGSTOP)
			time.Sleep(time.Second)
			_ = p.redis.cmd.Process.Signal(syscall.SIGCONT)
		},
		"breaks": func(_ *pair, gates *[2]gate) {
			for i := range 2 * len(gates) {
				gates[i%2].set(true)
				time.Sleep(100 * time.Millisecond)
				gates[i%2].set(false)
				time.Sleep(100 * time.Millisecond)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var gates [2]gate
			p := newStreamPair(t, redisadapter.StreamsConfig{}, lasting, &gates)
			p.once()
			rounds := 5
			if testing.Short() {
				rounds = 2
			}
			stop := p.traffic(2 * time.Millisecond)
			for range rounds {
				harm(p, &gates)
				time.Sleep(200 * time.Millisecond)
			}
			counts := stop()
			t.Logf("back in service after %v; %v events", p.inService(), counts)
			p.complete(counts)
			p.once()
			if n := p.gaps.Load(); n > 0 {
				t.Errorf("%d gaps were announced", n)
			}
		})
	}
}

// What was dropped before a node could read it is announced, and so is that a Redis has
// forgotten everything. Then it goes on, and nothing comes twice.
func TestStreamsAnnounceGaps(t *testing.T) {
	t.Parallel()
	for name, harm := range map[string]func(p *pair, gates *[2]gate){
		"trimmed": func(p *pair, gates *[2]gate) {
			gates[1].set(true)
			for range 1000 {
				p.emit(0)
			}
			gates[1].set(false)
		},
		"forgotten": func(p *pair, _ *[2]gate) {
			p.redis.stop()
			p.emit(0)
			if err := p.redis.start(); err != nil {
				p.t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var gates [2]gate
			p := newStreamPair(t, redisadapter.StreamsConfig{MaxLen: 100}, nil, &gates)
			if n := p.gaps.Load(); n > 0 {
				t.Errorf("%d gaps were announced before", n)
			}
			harm(p, &gates)
			p.inService()
			for end := time.Now().Add(patience); p.gaps.Load() == 0; time.Sleep(time.Millisecond) {
				if time.Now().After(end) {
					t.Fatal("nothing was announced")
				}
			}
			p.once()
		})
	}
}

// What cannot work makes no hub.
func TestStreamsConfig(t *testing.T) {
	for _, cfg := range []redisadapter.StreamsConfig{{Prefix: "a#b"}, {QueueBytes: -1}, {Count: -1}, {MaxLen: -1}, {ReadCount: -1}} {
		if _, err := redisadapter.NewStreams(server.client(t), cfg)(adaptertest.Environment()); err == nil {
			t.Errorf("%+v makes a hub", cfg)
		}
	}
	if _, err := redisadapter.NewStreams(nil, redisadapter.StreamsConfig{})(adaptertest.Environment()); err == nil {
		t.Error("no client makes a hub")
	}
}
