// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"net/http"
	"os"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// loadCommand drives one server in one mode and prints its figures.
func loadCommand(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("bench load", flag.ContinueOnError)
	name := flags.String("mode", "echo-1", "drive the server in this `mode`; bench help lists them")
	addr := flags.String("addr", "127.0.0.1:3003", "the server's `host:port`")
	pid := flags.Int("pid", 0, "the server's `process`, whose processor time and memory are read")
	var p pace
	flags.DurationVar(&p.warmup, "warmup", 500*time.Millisecond, "drive it this long before the counting begins")
	flags.DurationVar(&p.duration, "duration", 3*time.Second, "count this long")
	flags.IntVar(&p.most, "connections", 0, "open no more than `n` connections; 0 means what the mode says")
	if err := parse(flags, args); err != nil {
		return err
	}
	m, err := modeNamed(*name)
	if err != nil {
		return err
	}
	if *pid == 0 {
		return errors.New("load: say with -pid which process the server is")
	}
	d := &drive{ctx: ctx, addr: *addr, pid: *pid, pace: p, late: 10 * time.Second, failed: make(chan error, 1)}
	found, err := d.run(m)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(found)
}

// A drive is one measurement: clients that run until it has been made.
type drive struct {
	ctx  context.Context
	addr string
	pid  int
	pace pace
	late time.Duration // how much longer than pace.duration the first answer may take

	measuring atomic.Bool // latencies count
	stopped   atomic.Bool // errors mean nothing any more
	failed    chan error  // the first error
	shards    [16]shard
	clients   []*client // set before the goroutines start
	running   sync.WaitGroup
}

// A shard counts for some of the clients, so that they do not wait for each other.
type shard struct {
	done    atomic.Int64
	latency histogram
}

func (d *drive) shard(i int) *shard { return &d.shards[i%len(d.shards)] }

// observe counts an answer, and how long it took.
func (d *drive) observe(s *shard, took time.Duration) {
	s.done.Add(1)
	if d.measuring.Load() {
		s.latency.add(took)
	}
}

// run measures. Nothing of it is left when it returns.
func (d *drive) run(m mode) (figures, error) {
	if d.pace.most > 0 {
		m.connections = min(m.connections, d.pace.most)
	}
	found, err := m.drive(d, m)
	d.stopped.Store(true)
	for _, c := range d.clients {
		c.close()
	}
	d.running.Wait()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", m.name, err)
	}
	return found, nil
}

// start runs a client until run has what it wants. An error of f ends the measurement.
func (d *drive) start(f func() error) {
	d.running.Go(func() {
		if err := f(); err != nil && !d.stopped.Load() {
			select {
			case d.failed <- err:
			default: // another was first
			}
		}
	})
}

// connect opens n connections, several at a time.
func (d *drive) connect(n int) error {
	const atOnce = 32
	var opening sync.WaitGroup
	clients, errs := make([]*client, n), make([]error, n)
	var failed atomic.Bool
	slots := make(chan struct{}, atOnce)
	for i := range n {
		slots <- struct{}{}
		if failed.Load() || d.ctx.Err() != nil {
			break
		}
		opening.Go(func() {
			if clients[i], errs[i] = dial(d.addr); errs[i] != nil {
				failed.Store(true)
			}
			<-slots
		})
	}
	opening.Wait()
	for _, c := range clients {
		if c != nil {
			d.clients = append(d.clients, c)
		}
	}
	if i := slices.IndexFunc(errs, func(err error) bool { return err != nil }); i >= 0 {
		return fmt.Errorf("connection %d of %d: %w", i+1, n, errs[i])
	}
	return d.ctx.Err()
}

// wait lets the clients run.
func (d *drive) wait(long time.Duration) error {
	timer := time.NewTimer(long)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case err := <-d.failed:
		return err
	case <-d.ctx.Done():
		return d.ctx.Err()
	}
}

// A reading is what is known at one moment.
type reading struct {
	at     time.Time
	cpu    time.Duration
	done   int64
	inside inside
}

func (d *drive) read() (r reading, err error) {
	if r.inside, err = d.ask(""); err != nil {
		return r, err
	}
	r.at, r.done = time.Now(), d.done()
	r.cpu, err = processorTime(d.pid)
	return r, err
}

// ask asks the server about itself.
func (d *drive) ask(query string) (found inside, err error) {
	res, err := http.Get("http://" + d.addr + "/debug/bench" + query)
	if err != nil {
		return found, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return found, fmt.Errorf("/debug/bench is answered with %s", res.Status)
	}
	return found, json.NewDecoder(res.Body).Decode(&found)
}

// warm waits until the counting may begin: where there are thousands of connections,
// each is to have had its turn.
func (d *drive) warm() error {
	const step = 50 * time.Millisecond
	err := d.wait(d.pace.warmup)
	for waited := time.Duration(0); err == nil && d.done() < int64(len(d.clients)) && waited < d.late; waited += step {
		err = d.wait(step)
	}
	return err
}

// done counts what has come back so far.
func (d *drive) done() (n int64) {
	for i := range d.shards {
		n += d.shards[i].done.Load()
	}
	return n
}

// window measures while the clients run.
func (d *drive) window() (figures, error) {
	if err := d.warm(); err != nil {
		return nil, err
	}
	d.measuring.Store(true)
	before, err := d.read()
	if err != nil {
		return nil, err
	}
	after := before
	for waited := time.Duration(0); after.done == before.done; waited += d.pace.duration {
		if waited > d.late {
			return nil, fmt.Errorf("nothing came back within %v", waited)
		}
		if err := d.wait(d.pace.duration); err != nil {
			return nil, err
		}
		if after, err = d.read(); err != nil {
			return nil, err
		}
	}
	d.measuring.Store(false)
	found := d.between(before, after)
	size, err := resident(d.pid)
	found[residentSize] = float64(size) / (1 << 20)
	return found, err
}

// between returns the figures of the time between two readings.
func (d *drive) between(before, after reading) figures {
	n := float64(after.done - before.done)
	found := figures{
		cpuTime:   float64((after.cpu - before.cpu).Nanoseconds()) / 1e3 / n,
		perSecond: n / after.at.Sub(before.at).Seconds(),
	}
	var latencies []*histogram
	for i := range d.shards {
		latencies = append(latencies, &d.shards[i].latency)
	}
	if p50 := percentile(latencies, 0.50); p50 > 0 {
		found[latency50] = p50.Seconds() * 1e3
		found[latency99] = percentile(latencies, 0.99).Seconds() * 1e3
	}
	if after.inside.Mallocs > 0 {
		found[allocations] = float64(after.inside.Mallocs-before.inside.Mallocs) / n
		found[allocated] = float64(after.inside.Bytes-before.inside.Bytes) / n
	}
	return found
}
