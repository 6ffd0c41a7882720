// SPDX-License-Identifier: Apache-2.0

package redisadapter

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/sockgen/sockgen/runtime/adapter/cluster/wire"
)

// How long a read waits for something to come, and how much longer the answer may take.
const (
	block    = time.Second
	overtime = 4 * time.Second
)

// A reader reads one stream, from the end that it had at first. After a break it reads on
// where it was, so nothing is lost that the stream still has.
type reader struct {
	bus    *streamBus
	rdb    redis.UniversalClient // which obeys deadlines
	stream string
	over   chan struct{} // closed when the goroutine has ended

	told   string    // the place that all namespaces were told of last; of the goroutine, as is toldAt
	toldAt time.Time // and when

	mu        sync.Mutex // guards what follows; a leaf
	taken     string     // id of the entry that was delivered last or is being delivered; "" until Redis was reached
	position  string     // of the one that was delivered last
	moved     chan struct{}
	listeners map[string][]*streamListener // by namespace; the lists are replaced when they change
}

func newReader(b *streamBus, rdb redis.UniversalClient, stream string) *reader {
	return &reader{bus: b, rdb: rdb, stream: stream, over: make(chan struct{}), listeners: map[string][]*streamListener{}}
}

func (r *reader) add(l *streamListener) {
	r.mu.Lock()
	defer r.mu.Unlock()
	l.begun = r.taken
	r.listeners[l.namespace] = append(slices.Clone(r.listeners[l.namespace]), l)
}

func (r *reader) remove(l *streamListener) {
	r.mu.Lock()
	defer r.mu.Unlock()
	left := slices.DeleteFunc(slices.Clone(r.listeners[l.namespace]), func(o *streamListener) bool { return o == l })
	if r.listeners[l.namespace] = left; len(left) == 0 {
		delete(r.listeners, l.namespace)
	}
}

// place returns the id of the entry that was delivered last, "" until Redis was reached.
func (r *reader) place() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.position
}

// moveTo notes that everything up to an entry was delivered.
func (r *reader) moveTo(id string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.position == "" {
		for _, list := range r.listeners {
			for _, l := range list {
				l.begun = id
			}
		}
	}
	r.taken, r.position = id, id
	if r.moved != nil {
		close(r.moved)
		r.moved = nil
	}
}

// reach waits until everything up to an entry was delivered.
func (r *reader) reach(ctx context.Context, id string) error {
	for {
		r.mu.Lock()
		if r.position != "" && wire.CompareOffsets(r.position, id) >= 0 {
			r.mu.Unlock()
			return nil
		}
		if r.moved == nil {
			r.moved = make(chan struct{})
		}
		moved := r.moved
		r.mu.Unlock()
		select {
		case <-moved:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// run reads until ctx ends.
func (r *reader) run(ctx context.Context) {
	defer close(r.over)
	for ctx.Err() == nil {
		_ = r.read(ctx) // Redis is away, or ctx has ended
		select {
		case <-time.After(backoff):
		case <-ctx.Done():
		}
	}
}

// read reads until that fails.
func (r *reader) read(ctx context.Context) error {
	if r.place() == "" {
		if err := r.begin(ctx); err != nil {
			return err
		}
	} else if err := r.resume(ctx); err != nil {
		return err
	}
	for doubt := true; ; {
		from := r.place()
		list, err := r.next(ctx, from)
		if err != nil {
			return err
		}
		// Whoever lags may be overtaken by what is trimmed.
		if doubt || int64(len(list)) >= r.bus.cfg.ReadCount {
			if err := r.check(ctx, from, len(list)); err != nil {
				return err
			}
		}
		doubt = false
		for _, x := range list {
			r.deliver(x)
		}
		r.tell()
	}
}

// tell tells all namespaces how far this node has read, once a second at most: whoever
// leaves then has a place that the stream still has, however much is said elsewhere.
func (r *reader) tell() {
	if time.Since(r.toldAt) < time.Second {
		return
	}
	position := r.place()
	if position == r.told {
		return
	}
	r.told, r.toldAt = position, time.Now()
	for _, l := range r.all() {
		l.to.Reached(position)
	}
}

// begin finds the end of the stream.
func (r *reader) begin(ctx context.Context) error {
	last, err := r.last(ctx)
	if err == nil {
		r.moveTo(last)
	}
	return err
}

// last returns the id of the newest entry.
func (r *reader) last(ctx context.Context) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, overtime)
	defer cancel()
	list, err := r.rdb.XRevRangeN(ctx, r.stream, "+", "-", 1).Result()
	if err != nil || len(list) == 0 {
		return "0-0", err
	}
	return list[0].ID, nil
}

// errReset says that a stream does not go on from where it was.
var errReset = errors.New("redisadapter: the stream is not what it was: Redis has lost its end, or all of it")

// resume looks, after a break, whether the stream still has its end: without persistence
// it begins anew, and a replica that took over may not have had the last entries.
func (r *reader) resume(ctx context.Context) error {
	last, err := r.last(ctx)
	if err != nil {
		return err
	}
	if wire.CompareOffsets(last, r.place()) < 0 {
		r.gap(errReset)
		r.moveTo(last)
	}
	return nil
}

// next reads what follows an entry, and waits for it for a moment.
func (r *reader) next(ctx context.Context, from string) ([]redis.XMessage, error) {
	ctx, cancel := context.WithTimeout(ctx, block+overtime)
	defer cancel()
	streams, err := r.rdb.XRead(ctx, &redis.XReadArgs{Streams: []string{r.stream, from}, Count: r.bus.cfg.ReadCount, Block: block}).Result()
	if errors.Is(err, redis.Nil) {
		return nil, nil
	}
	if err != nil || len(streams) == 0 {
		return nil, err
	}
	return streams[0].Messages, nil
}

// errTrimmed says that this node was away, or slow, for too long.
var errTrimmed = errors.New("redisadapter: entries of the stream were dropped before they were read: StreamsConfig.MaxLen is too small")

// check announces a gap if entries were dropped after one that was delivered and before
// those that were read.
func (r *reader) check(ctx context.Context, from string, got int) error {
	if got == 0 {
		return nil
	}
	kept, err := r.has(ctx, from)
	if err == nil && !kept {
		r.gap(errTrimmed)
	}
	return err
}

// has reports whether the stream has everything that came after an entry. It cannot tell
// that of an entry which it no longer has.
func (r *reader) has(ctx context.Context, id string) (bool, error) {
	ctx, cancel := context.WithTimeout(ctx, overtime)
	defer cancel()
	if id == "0-0" {
		n, err := r.rdb.XLen(ctx, r.stream).Result()
		return n < r.bus.cfg.MaxLen, err
	}
	list, err := r.rdb.XRangeN(ctx, r.stream, id, id, 1).Result()
	return len(list) > 0, err
}

// gap announces it in all namespaces.
func (r *reader) gap(cause error) {
	for _, l := range r.all() {
		l.to.Gap(cause)
	}
}

// all returns everybody who listens.
func (r *reader) all() (list []*streamListener) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, some := range r.listeners {
		list = append(list, some...)
	}
	return list
}

// deliver brings an entry to those who listen in its namespace.
func (r *reader) deliver(x redis.XMessage) {
	e := entryOf(x)
	r.mu.Lock()
	r.taken = x.ID
	list := r.listeners[e.Namespace]
	r.mu.Unlock()
	for _, l := range list {
		m, err := e.Message(r.bus.limits)
		switch {
		case errors.Is(err, wire.ErrUnknown):
		case err != nil:
			l.to.Gap(fmt.Errorf("redisadapter: entry %s of stream %q: %w", x.ID, r.stream, err))
		default:
			m.Offset = x.ID
			l.to.Receive(m)
		}
	}
	r.moveTo(x.ID)
}
