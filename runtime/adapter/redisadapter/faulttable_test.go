// SPDX-License-Identifier: Apache-2.0

package redisadapter_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/adapter/adaptertest"
	"github.com/sockgen/sockgen/runtime/adapter/cluster"
	"github.com/sockgen/sockgen/runtime/adapter/redisadapter"
)

var faults = flag.Bool("faults", false, "harm Redis as often and for as long as make faults does")

// engines are the ways to use Redis that the table has.
var engines = []struct {
	name string
	join func(rdb redis.UniversalClient, c cluster.Config) adapter.Factory
}{
	{"Pub/Sub", func(rdb redis.UniversalClient, c cluster.Config) adapter.Factory {
		return redisadapter.New(rdb, redisadapter.Config{Cluster: c})
	}},
	{"Pub/Sub, sharded", func(rdb redis.UniversalClient, c cluster.Config) adapter.Factory {
		return redisadapter.New(rdb, redisadapter.Config{Sharded: true, Cluster: c})
	}},
	{"Streams", func(rdb redis.UniversalClient, c cluster.Config) adapter.Factory {
		return redisadapter.NewStreams(rdb, redisadapter.StreamsConfig{MaxLen: 1_000_000, Cluster: c})
	}},
}

// A fault harms two nodes under load, and returns when they may be whole again.
type fault struct {
	name  string
	keeps bool // a stream loses nothing
	short bool // other tests do the same, for less long
	harm  func(p *pair, gates *[2]gate)
}

// theFaults are as long as make faults wants them, or short.
func theFaults(full bool) []fault {
	restarts, freeze := 2, time.Second
	if full {
		restarts, freeze = 50, 10*time.Second
	}
	return []fault{
		{"nothing", true, true, func(*pair, *[2]gate) { time.Sleep(time.Second) }},
		{fmt.Sprintf("Redis restarts, %d times", restarts), true, true, func(p *pair, _ *[2]gate) {
			for range restarts {
				p.redis.stop()
				time.Sleep(100 * time.Millisecond)
				if err := p.redis.start(); err != nil {
					p.t.Fatal(err)
				}
				time.Sleep(200 * time.Millisecond)
			}
		}},
		{fmt.Sprintf("Redis freezes for %v", freeze), true, true, func(p *pair, _ *[2]gate) {
			_ = p.redis.cmd.Process.Signal(syscall.SIGSTOP)
			time.Sleep(freeze)
			_ = p.redis.cmd.Process.Signal(syscall.SIGCONT)
		}},
		{"a replica takes over", false, false, failOver},
		{"a third node is killed", true, false, kill},
	}
}

// failOver has a replica take the place of Redis.
func failOver(p *pair, gates *[2]gate) {
	replica, err := startRedis(p.t.TempDir(), "--replicaof", "127.0.0.1", fmt.Sprint(p.redis.port))
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(replica.stop)
	rdb := replica.client(p.t)
	for end := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		info, err := rdb.Info(context.Background(), "replication").Result()
		if err == nil && strings.Contains(info, "master_link_status:up") {
			break
		} else if time.Now().After(end) {
			p.t.Fatalf("the replica does not follow: %v", err)
		}
	}
	p.redis.stop()
	for i := range gates {
		gates[i].mu.Lock()
		gates[i].to = replica.options().Addr
		gates[i].mu.Unlock()
	}
	if err := rdb.ReplicaOf(context.Background(), "no", "one").Err(); err != nil {
		p.t.Fatal(err)
	}
}

// What a process that is to be killed finds in its environment.
const doomedAddress, doomedEngine = "SOCKGEN_TEST_REDIS", "SOCKGEN_TEST_ENGINE"

// doomed is a node in a process of its own, under load until it is killed.
func doomed() {
	rdb := redis.NewClient(&redis.Options{Addr: os.Getenv(doomedAddress)})
	for _, e := range engines {
		if e.name != os.Getenv(doomedEngine) {
			continue
		}
		hub, err := e.join(rdb, cluster.Config{})(adaptertest.Environment())
		if err != nil {
			panic(err)
		}
		n, err := hub.Open("/chat", &adaptertest.Recorder{})
		if err != nil {
			panic(err)
		}
		for number := 0; ; number++ {
			_ = n.Broadcast(context.Background(), adapter.Event{Name: fmt.Sprint("of 2 number ", number)}, adapter.Options{Rooms: []adapter.Room{"red"}})
			time.Sleep(time.Millisecond)
		}
	}
}

// kill starts a third node, and kills it under load. Who asks everybody at that moment is
// answered in time.
func kill(p *pair, _ *[2]gate) {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), doomedAddress+"="+p.redis.options().Addr, doomedEngine+"="+p.engine)
	if err := cmd.Start(); err != nil {
		p.t.Fatal(err)
	}
	defer func() { _ = cmd.Wait() }()
	for end := time.Now().Add(patience); ; time.Sleep(10 * time.Millisecond) {
		if n, err := p.nodes[0].ServerCount(context.Background()); err == nil && n == 3 && p.count(0, "of 2 number 0") == 1 {
			break
		} else if time.Now().After(end) {
			_ = cmd.Process.Kill()
			p.t.Fatalf("the third node does not come: %d nodes, %v", n, err)
		}
	}
	_ = cmd.Process.Signal(syscall.SIGSTOP) // so that it is asked, and cannot answer
	begun := time.Now()
	time.AfterFunc(100*time.Millisecond, func() { _ = cmd.Process.Kill() })
	list, err := p.nodes[0].FetchSockets(context.Background(), adapter.Options{All: true})
	var missing *adapter.MissingNodesError
	if took := time.Since(begun); len(list) != 2 || !errors.As(err, &missing) || took > 3*time.Second {
		p.t.Errorf("%d sockets, %v, after %v", len(list), err, took)
	}
}

// row is what a fault did to an engine.
func (p *pair) row(f fault, gates *[2]gate) string {
	stop := p.traffic(time.Millisecond)
	time.Sleep(100 * time.Millisecond)
	f.harm(p, gates)
	ended := time.Now()
	counts := stop()
	p.inService()
	back := time.Since(ended)
	var took []time.Duration
	for _, list := range p.took {
		took = append(took, list...)
	}
	slices.Sort(took)
	lost, twice := p.losses(counts)
	if twice > 0 {
		p.t.Errorf("%s, %s: %d events came twice", p.engine, f.name, twice)
	}
	if p.engine == "Streams" && f.keeps && (lost > 0 || p.gaps.Load() > 0) {
		p.t.Errorf("%s, %s: %d events were lost, %d gaps announced", p.engine, f.name, lost, p.gaps.Load())
	}
	if lost > 0 && p.gaps.Load() == 0 && f.keeps {
		p.t.Errorf("%s, %s: %d events were lost, and that was not announced", p.engine, f.name, lost)
	}
	return fmt.Sprintf("| %s | %s | %d | %d | %d | %d | %v | %v |", f.name, p.engine, counts[0]+counts[1], lost, twice, p.gaps.Load(),
		back.Round(10*time.Millisecond), took[len(took)*99/100].Round(10*time.Microsecond))
}

// losses counts what did not come to the other node, and what came twice.
func (p *pair) losses(counts [2]int) (lost, twice int) {
	for from, emitted := range counts {
		for number := range emitted {
			if p.count(1-from, fmt.Sprint("of ", from, " number ", number)) == 0 {
				lost++
			}
		}
	}
	for _, got := range p.got {
		for _, times := range got {
			twice += times - 1
		}
	}
	return lost, twice
}

// What each fault does to each engine, under load, as a table. make faults has it for
// docs/scaling.md.
func TestFaultTable(t *testing.T) {
	if !*faults {
		t.Parallel()
	}
	rows := []string{"| what happens | engine | events | lost | twice | gaps announced | back after | p99 of a local delivery |", "|---|---|---|---|---|---|---|---|"}
	for _, f := range theFaults(*faults) {
		for _, e := range engines {
			if !*faults && testing.Short() && (e.name == "Pub/Sub, sharded" || f.short) {
				continue // other tests have it
			}
			t.Run(f.name+", "+e.name, func(t *testing.T) {
				var gates [2]gate
				args := append([]string{"--repl-diskless-sync-delay", "0"}, lasting...)
				p := newPairOver(t, args, func(i int, rdb *redis.Options, c cluster.Config) adapter.Factory {
					rdb.Dialer = gates[i].dial
					return e.join(clientOf(t, rdb), c)
				})
				p.engine = e.name
				rows = append(rows, p.row(f, &gates))
			})
		}
	}
	t.Log("\n" + strings.Join(rows, "\n"))
}
