// SPDX-License-Identifier: Apache-2.0

package redisadapter

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// A parcel is a command that waits to be sent: a message to be published, unless it has one
// of the fields that follow data.
type parcel struct {
	namespace, channel string // or stream, or key
	data               []byte

	entry  []string          // for the stream: names and values in turn
	expire time.Duration     // for the key, which is set to data
	taken  chan<- takenValue // gets what the key has, which is deleted
}

// takenValue is what a key had.
type takenValue struct {
	value string
	err   error
}

func (p *parcel) size() int {
	size := len(p.data) + len(p.channel)
	for _, text := range p.entry {
		size += len(text)
	}
	return size
}

// lasting reports whether a parcel is sent again until it is known to have arrived.
func (p *parcel) lasting() bool { return p.entry != nil || p.expire > 0 }

// A publisher sends what it is given, in order. One goroutine does; what comes while it
// waits for Redis goes together in one pipeline.
type publisher struct {
	rdb     redis.UniversalClient
	sharded bool
	prefix  string // of the channels
	most    int    // bytes
	failed  func(namespace string, err error)
	maxLen  int64         // of streams, about
	arrival arrival       // nil where nothing is lasting
	wake    chan struct{} // has room for one; filled when there is something to send
	over    chan struct{} // closed when the goroutine has ended

	mu    sync.Mutex // guards what follows; a leaf
	queue []parcel
	bytes int           // of those in queue and of those under way
	empty chan struct{} // closed when bytes is 0 again; nil while nobody waits
}

// most that goes in one pipeline.
const batch = 512

func (p *publisher) add(one parcel) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	size := one.size()
	if p.bytes > 0 && p.bytes+size > p.most {
		return ErrQueueFull
	}
	p.bytes += size
	p.queue = append(p.queue, one)
	select {
	case p.wake <- struct{}{}:
	default:
	}
	return nil
}

func (p *publisher) run(ctx context.Context) {
	defer close(p.over)
	for {
		list := p.take()
		if len(list) > 0 {
			p.send(ctx, list)
			continue
		}
		select {
		case <-p.wake:
		case <-ctx.Done():
			return
		}
	}
}

func (p *publisher) take() (list []parcel) {
	p.mu.Lock()
	defer p.mu.Unlock()
	list = p.queue[:min(batch, len(p.queue))]
	if p.queue = p.queue[len(list):]; len(p.queue) == 0 {
		p.queue = nil
	}
	return list
}

// send publishes a list, as soon as Redis can be reached. What fails afterwards is not
// sent again, since Redis may have had it, unless it is lasting and Redis can tell.
func (p *publisher) send(ctx context.Context, list []parcel) {
	var before places
	if p.arrival != nil {
		before = p.arrival.places(list)
	}
	for len(list) > 0 {
		if list = p.once(ctx, list, before); len(list) == 0 {
			return
		}
		select {
		case <-time.After(backoff):
		case <-ctx.Done():
		}
	}
}

// once tries to publish a list, and returns what Redis has not had.
func (p *publisher) once(ctx context.Context, list []parcel, before places) (again []parcel) {
	results, err := p.try(ctx, list)
	var open []bool // which of again Redis may have had
	for i, one := range list {
		err := err
		if i < len(results) {
			err = results[i].Err()
		}
		over := ctx.Err() != nil
		switch unsure := p.arrival != nil && one.lasting() && broken(err); {
		case !over && (unreachable(err) || refused(err)):
			again, open = append(again, one), append(open, false)
		case !over && unsure:
			again, open = append(again, one), append(open, true)
		default:
			p.finish(one, results, i, err)
		}
	}
	if !slices.Contains(open, true) {
		return again
	}
	return p.ascertain(ctx, again, open, before)
}

// try publishes a list in one pipeline.
func (p *publisher) try(ctx context.Context, list []parcel) ([]redis.Cmder, error) {
	pipe, err := p.pipeline(ctx)
	if err != nil {
		return nil, err
	}
	for _, one := range list {
		switch {
		case one.entry != nil:
			pipe.XAdd(ctx, &redis.XAddArgs{Stream: one.channel, MaxLen: p.maxLen, Approx: true, Values: one.entry})
		case one.expire > 0:
			pipe.Set(ctx, one.channel, one.data, one.expire)
		case one.taken != nil:
			pipe.GetDel(ctx, one.channel)
		case p.sharded:
			pipe.SPublish(ctx, one.channel, one.data)
		default:
			pipe.Publish(ctx, one.channel, one.data)
		}
	}
	return pipe.Exec(ctx)
}

// unreachable reports whether an error says that no connection was made, so that nothing
// was sent.
func unreachable(err error) bool {
	var dial *net.OpError
	return errors.As(err, &dial) && dial.Op == "dial"
}

// pipeline returns one that keeps the order. A Redis Cluster does that for what goes
// through one of its servers, or through one channel of its own.
func (p *publisher) pipeline(ctx context.Context) (redis.Pipeliner, error) {
	cluster, ok := p.rdb.(*redis.ClusterClient)
	if !ok || p.sharded || p.arrival != nil {
		return p.rdb.Pipeline(), nil
	}
	master, err := cluster.MasterForKey(ctx, p.prefix)
	if err != nil {
		return nil, err
	}
	return master.Pipeline(), nil
}

// refused reports whether an error is an answer of a Redis that cannot do anything now.
func refused(err error) bool {
	var answer redis.Error
	if !errors.As(err, &answer) {
		return false
	}
	word, _, _ := strings.Cut(answer.Error(), " ")
	return slices.Contains([]string{"LOADING", "READONLY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN"}, word)
}

// broken reports whether an error leaves open what Redis did.
func broken(err error) bool {
	var answer redis.Error
	return err != nil && !errors.As(err, &answer)
}

// ascertain finds out which of a list Redis has not had, as soon as it can tell.
func (p *publisher) ascertain(ctx context.Context, list []parcel, open []bool, before places) (again []parcel) {
	for ctx.Err() == nil {
		outcomes, err := p.arrival.outcomes(ctx, list, open, before)
		if err != nil {
			select {
			case <-time.After(backoff):
			case <-ctx.Done():
			}
			continue
		}
		for i, one := range list {
			switch outcomes[i] {
			case absent:
				again = append(again, one)
			case arrived:
				p.done(one, nil)
			case unknown:
				p.done(one, errUnknown)
			}
		}
		return again
	}
	for _, one := range list {
		p.done(one, ctx.Err())
	}
	return nil
}

// finish tells what came of a command.
func (p *publisher) finish(one parcel, results []redis.Cmder, i int, err error) {
	if one.taken != nil {
		v := takenValue{err: err}
		if i < len(results) && err == nil {
			v.value = results[i].(*redis.StringCmd).Val()
		}
		one.taken <- v // there is room
		err = nil
	}
	if one.entry != nil && err == nil {
		p.arrival.confirmed(one.channel, results[i].(*redis.StringCmd).Val())
	}
	p.done(one, err)
}

// done notes that a message has been sent, or not.
func (p *publisher) done(one parcel, err error) {
	p.mu.Lock()
	if p.bytes -= one.size(); p.bytes == 0 && p.empty != nil {
		close(p.empty)
		p.empty = nil
	}
	p.mu.Unlock()
	if err != nil {
		p.failed(one.namespace, fmt.Errorf("redisadapter: publish: %w", err))
	}
}

// own returns a client like rdb, with options of its own: by default one that does not send
// a command twice. It is the caller's to close.
func own(rdb redis.UniversalClient, change func(retries *int, read *time.Duration, context *bool)) (redis.UniversalClient, func() error) {
	quiet := &maintnotifications.Config{Mode: maintnotifications.ModeDisabled} // rdb's belongs to rdb
	switch c := rdb.(type) {
	case *redis.Client:
		opt := *c.Options()
		opt.MaxRetries, opt.MaintNotificationsConfig, opt.PushNotificationProcessor = -1, quiet, nil
		change(&opt.MaxRetries, &opt.ReadTimeout, &opt.ContextTimeoutEnabled)
		own := redis.NewClient(&opt)
		return own, own.Close
	case *redis.ClusterClient:
		opt := *c.Options()
		opt.MaxRetries, opt.MaintNotificationsConfig, opt.PushNotificationProcessor = -1, quiet, nil
		change(&opt.MaxRetries, &opt.ReadTimeout, &opt.ContextTimeoutEnabled)
		own := redis.NewClusterClient(&opt)
		return own, own.Close
	}
	return rdb, func() error { return nil }
}

// drain waits until everything has been sent, or ctx ends.
func (p *publisher) drain(ctx context.Context) error {
	for {
		p.mu.Lock()
		left := p.bytes
		if left == 0 {
			p.mu.Unlock()
			return nil
		}
		if p.empty == nil {
			p.empty = make(chan struct{})
		}
		empty := p.empty
		p.mu.Unlock()
		select {
		case <-empty:
		case <-ctx.Done():
			return fmt.Errorf("redisadapter: %d bytes were not published: %w", left, ctx.Err())
		}
	}
}
