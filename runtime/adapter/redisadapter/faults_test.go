// SPDX-License-Identifier: Apache-2.0

package redisadapter_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/adapter/adaptertest"
	"github.com/sockgen/sockgen/runtime/adapter/cluster"
	"github.com/sockgen/sockgen/runtime/adapter/redisadapter"
)

// A numbered event is broadcast by a node of a pair, and counted on both.
type pair struct {
	t      *testing.T
	redis  *redisServer
	engine string // its name in the table of faults
	nodes  [2]adapter.Adapter
	locals [2]*adaptertest.Recorder
	gaps   atomic.Int32

	mu   sync.Mutex // guards what follows
	next int
	got  [2]map[string]int // how often each event came

	order [2][]string // which came, one after the other

	took [2][]time.Duration // of the traffic's broadcasts; each node's goroutine has one list
}

// newPair starts a Redis of its own with two nodes.
func newPair(t *testing.T, cfg redisadapter.Config) *pair {
	t.Helper()
	return newPairOver(t, nil, func(_ int, rdb *redis.Options, c cluster.Config) adapter.Factory {
		cfg.Cluster = c
		return redisadapter.New(clientOf(t, rdb), cfg)
	})
}

// clientOf returns a client that ends with the test.
func clientOf(t *testing.T, options *redis.Options) *redis.Client {
	rdb := redis.NewClient(options)
	t.Cleanup(func() { rdb.Close() })
	return rdb
}

// newPairOver is newPair for any engine, and a Redis with arguments.
func newPairOver(t *testing.T, args []string, join func(i int, rdb *redis.Options, c cluster.Config) adapter.Factory) *pair {
	t.Helper()
	own, err := startRedis(t.TempDir(), args...)
	if err != nil {
		t.Fatal(err)
	}
	p := &pair{t: t, redis: own, got: [2]map[string]int{{}, {}}}
	t.Cleanup(func() { own.stop() })
	for i := range p.nodes {
		env := adaptertest.Environment()
		env.Recovery = time.Minute
		hub, err := join(i, own.options(), cluster.Config{RequestTimeout: time.Second, OnGap: func(cluster.Gap) { p.gaps.Add(1) }})(env)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			defer cancel()
			_ = hub.Close(ctx) // Redis may be away
		})
		p.locals[i] = &adaptertest.Recorder{}
		if p.nodes[i], err = hub.Open("/chat", p.locals[i]); err != nil {
			t.Fatal(err)
		}
		if err := p.nodes[i].Add(adapter.ID(fmt.Sprint("socket ", i)), "red"); err != nil {
			t.Fatal(err)
		}
	}
	p.inService()
	return p
}

// emit broadcasts one more event from the node, and checks that this node has it at once.
func (p *pair) emit(from int) (name string, took time.Duration) {
	p.t.Helper()
	p.mu.Lock()
	p.next++
	name = fmt.Sprint("event ", p.next)
	p.mu.Unlock()
	begun := time.Now()
	err := p.nodes[from].Broadcast(context.Background(), adapter.Event{Name: name}, adapter.Options{Rooms: []adapter.Room{"red", "blue"}})
	took = time.Since(begun)
	if err != nil && !errors.Is(err, redisadapter.ErrQueueFull) {
		p.t.Errorf("%s: %v", name, err)
	}
	if p.count(from, name) != 1 {
		p.t.Errorf("%s came %d times to its own node", name, p.count(from, name))
	}
	return name, took
}

// count returns how often an event came to a node.
func (p *pair) count(node int, name string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, d := range p.locals[node].Take() {
		p.got[node][d.Event]++
		p.order[node] = append(p.order[node], d.Event)
	}
	return p.got[node][name]
}

// inService waits until what each node sends arrives on the other, and returns how long
// that took.
func (p *pair) inService() time.Duration {
	p.t.Helper()
	begun := time.Now()
	for from := range p.nodes {
		for arrived := false; !arrived; {
			name, _ := p.emit(from)
			for end := time.Now().Add(50 * time.Millisecond); !arrived && time.Now().Before(end); time.Sleep(time.Millisecond) {
				arrived = p.count(1-from, name) > 0
			}
			if time.Since(begun) > patience {
				p.t.Fatalf("node %d does not hear node %d", 1-from, from)
			}
		}
	}
	for i, n := range p.nodes {
		for {
			count, err := n.ServerCount(context.Background())
			if err == nil && count == 2 {
				break
			}
			if time.Since(begun) > patience {
				p.t.Fatalf("node %d counts %d, %v", i, count, err)
			}
		}
	}
	return time.Since(begun)
}

// away checks what is left while Redis is away: this node's sockets are served, and who
// asks other nodes is told so in time.
func (p *pair) away() {
	p.t.Helper()
	for i := range 200 {
		if _, took := p.emit(i % 2); took > time.Second {
			p.t.Errorf("a broadcast took %v", took)
		}
	}
	begun := time.Now()
	list, err := p.nodes[0].FetchSockets(context.Background(), adapter.Options{All: true})
	if err == nil || len(list) != 1 {
		p.t.Errorf("%d sockets, %v", len(list), err)
	}
	if took := time.Since(begun); took > 15*time.Second {
		p.t.Errorf("the request took %v", took)
	}
}

// once checks that nothing came twice.
func (p *pair) once() {
	p.t.Helper()
	for i, got := range p.got {
		for name, n := range got {
			if n > 1 {
				p.t.Errorf("%s came %d times to node %d", name, n, i)
			}
		}
	}
}

var faultFormats = map[string]redisadapter.Config{"classic": {}, "sharded": {Sharded: true}}

// Redis ends and comes again, without anything of what it knew.
func TestRedisRestarts(t *testing.T) {
	for name, cfg := range faultFormats {
		t.Run(name, func(t *testing.T) {
			p := newPair(t, cfg)
			rounds := 5
			if testing.Short() {
				rounds = 2
			}
			for range rounds {
				p.redis.stop()
				p.away()
				last, _ := p.emit(0)
				if err := p.redis.start(); err != nil {
					t.Fatal(err)
				}
				t.Logf("back in service after %v", p.inService())
				t.Logf("what was emitted while Redis was away came %d times to the other node", p.count(1, last))
			}
			p.once()
			if p.gaps.Load() == 0 {
				t.Error("the gap was not announced")
			}
		})
	}
}

// Redis does not answer for a while, and goes on then.
func TestRedisFreezes(t *testing.T) {
	for name, cfg := range faultFormats {
		t.Run(name, func(t *testing.T) {
			p := newPair(t, cfg)
			times := []time.Duration{time.Second, 7 * time.Second}
			if testing.Short() && cfg.Sharded {
				times = times[:1]
			}
			for _, long := range times {
				if err := p.redis.cmd.Process.Signal(syscall.SIGSTOP); err != nil {
					t.Fatal(err)
				}
				thaw := time.AfterFunc(long, func() { _ = p.redis.cmd.Process.Signal(syscall.SIGCONT) })
				for end := time.Now().Add(long); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
					for i := range p.nodes {
						if _, took := p.emit(i); took > time.Second {
							t.Errorf("a broadcast took %v", took)
						}
					}
				}
				thaw.Stop()
				_ = p.redis.cmd.Process.Signal(syscall.SIGCONT)
				t.Logf("back in service after %v", p.inService())
			}
			p.once()
		})
	}
}

// What waits for Redis is bounded, and refused beyond.
func TestTooMuchForRedis(t *testing.T) {
	p := newPair(t, redisadapter.Config{QueueBytes: 64 << 10})
	p.redis.stop()
	refused := 0
	for range 5000 {
		err := p.nodes[0].Broadcast(context.Background(), adapter.Event{Name: "e"}, adapter.Options{All: true})
		if errors.Is(err, redisadapter.ErrQueueFull) {
			refused++
		}
	}
	if refused == 0 || refused == 5000 {
		t.Errorf("%d were refused", refused)
	}
	if n := len(p.locals[0].Take()); n < 5000 {
		t.Errorf("this node got %d of them", n)
	}
}

// What cannot work makes no hub.
func TestConfig(t *testing.T) {
	for _, cfg := range []redisadapter.Config{{Prefix: "a#b"}, {QueueBytes: -1}, {Mode: 1}} {
		if _, err := redisadapter.New(server.client(t), cfg)(adaptertest.Environment()); err == nil {
			t.Errorf("%+v makes a hub", cfg)
		}
	}
	if _, err := redisadapter.New(nil, redisadapter.Config{})(adaptertest.Environment()); err == nil {
		t.Error("no client makes a hub")
	}
}

// What others publish on this namespace's channels and nobody can read is announced, and
// harms nothing; a type of message of a later version is passed over.
func TestRedisBringsWhatNobodyCanRead(t *testing.T) {
	for _, test := range []struct {
		cfg     redisadapter.Config
		channel string
		later   string
	}{
		{redisadapter.Config{}, "socket.io#/chat#", ""},
		{redisadapter.Config{}, "socket.io-request#/chat#", `{"type":99,"uid":"x","requestId":"y"}`},
		{redisadapter.Config{}, "socket.io-response#/chat#", ""},
		{redisadapter.Config{Sharded: true}, "socket.io#/chat#", `{"uid":"0123456789abcdef","nsp":"/chat","type":99}`},
	} {
		t.Run(fmt.Sprint(test.channel, " sharded ", test.cfg.Sharded), func(t *testing.T) {
			p := newPair(t, test.cfg)
			rdb := p.redis.client(t)
			publish := func(text string) {
				t.Helper()
				do := rdb.Publish
				if test.cfg.Sharded {
					do = rdb.SPublish
				}
				if heard, err := do(context.Background(), test.channel, text).Result(); err != nil || !test.cfg.Sharded && heard == 0 {
					t.Fatalf("%d nodes heard %q: %v", heard, text, err)
				}
			}
			before := p.gaps.Load()
			if test.later != "" {
				publish(test.later)
				p.inService()
				if n := p.gaps.Load(); n != before {
					t.Errorf("a type of a later version was announced %d times", n-before)
				}
			}
			for _, text := range []string{"nonsense", "{", "\x93\xff\xff\xff", "[[[[[[[["} {
				publish(text)
			}
			for end := time.Now().Add(patience); p.gaps.Load() == before; time.Sleep(time.Millisecond) {
				if time.Now().After(end) {
					t.Fatal("nothing was announced")
				}
			}
			p.inService()
		})
	}
}
