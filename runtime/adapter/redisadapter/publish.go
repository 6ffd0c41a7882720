// SPDX-License-Identifier: Apache-2.0

package redisadapter

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

// A parcel is a message that waits to be published.
type parcel struct {
	namespace, channel string
	data               []byte
}

// A publisher sends what it is given, in order. One goroutine does; what comes while it
// waits for Redis goes together in one pipeline.
type publisher struct {
	rdb     redis.UniversalClient
	sharded bool
	prefix  string // of the channels
	most    int    // bytes
	failed  func(namespace string, err error)
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
	size := len(one.data) + len(one.channel)
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
// sent again: Redis may have had it.
func (p *publisher) send(ctx context.Context, list []parcel) {
	for {
		results, err := p.try(ctx, list)
		result := func(i int) error {
			if i < len(results) {
				return results[i].Err()
			}
			return err
		}
		var again []parcel // of which no server of a Redis Cluster has heard
		for i, one := range list {
			if unreachable(result(i)) && ctx.Err() == nil {
				again = append(again, one)
			} else {
				p.done(one, result(i))
			}
		}
		if len(again) == 0 {
			return
		}
		list = again
		select {
		case <-time.After(backoff):
		case <-ctx.Done():
		}
	}
}

// try publishes a list in one pipeline.
func (p *publisher) try(ctx context.Context, list []parcel) ([]redis.Cmder, error) {
	pipe, err := p.pipeline(ctx)
	if err != nil {
		return nil, err
	}
	for _, one := range list {
		if p.sharded {
			pipe.SPublish(ctx, one.channel, one.data)
		} else {
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
	if !ok || p.sharded {
		return p.rdb.Pipeline(), nil
	}
	master, err := cluster.MasterForKey(ctx, p.prefix)
	if err != nil {
		return nil, err
	}
	return master.Pipeline(), nil
}

// done notes that a message has been sent, or not.
func (p *publisher) done(one parcel, err error) {
	p.mu.Lock()
	if p.bytes -= len(one.data) + len(one.channel); p.bytes == 0 && p.empty != nil {
		close(p.empty)
		p.empty = nil
	}
	p.mu.Unlock()
	if err != nil {
		p.failed(one.namespace, fmt.Errorf("redisadapter: publish: %w", err))
	}
}

// once returns a client like rdb that does not send a command twice. It is the caller's
// to close.
func once(rdb redis.UniversalClient) (redis.UniversalClient, func() error) {
	quiet := &maintnotifications.Config{Mode: maintnotifications.ModeDisabled} // rdb's belongs to rdb
	switch c := rdb.(type) {
	case *redis.Client:
		opt := *c.Options()
		opt.MaxRetries, opt.MaintNotificationsConfig, opt.PushNotificationProcessor = -1, quiet, nil
		own := redis.NewClient(&opt)
		return own, own.Close
	case *redis.ClusterClient:
		opt := *c.Options()
		opt.MaxRetries, opt.MaintNotificationsConfig, opt.PushNotificationProcessor = -1, quiet, nil
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
