// SPDX-License-Identifier: Apache-2.0

package redisadapter

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/adapter/cluster"
	"github.com/sockgen/sockgen/runtime/adapter/cluster/wire"
)

// A bus joins one server to Redis: one connection to hear, and those of the client to say.
type bus struct {
	rdb      redis.UniversalClient
	cfg      Config
	limits   wire.Limits
	publish  publisher
	hear     subscriber
	closeOwn func() error

	ctx  context.Context // ends with the bus
	stop context.CancelFunc
}

func newBus(rdb redis.UniversalClient, cfg Config, env adapter.Environment) *bus {
	b := prepareBus(rdb, cfg, env, func(*int, *time.Duration, *bool) {})
	b.start()
	return b
}

// prepareBus makes a bus whose goroutines do not run yet. change is for the client that
// publishes.
func prepareBus(rdb redis.UniversalClient, cfg Config, env adapter.Environment, change func(*int, *time.Duration, *bool)) *bus {
	b := &bus{rdb: rdb, cfg: cfg, limits: wire.Limits{Packet: env.Limits.Packet}}
	// A server may emit what it would not take from a client.
	b.limits.Packet.Attachments, b.limits.Packet.Depth = 0, 0
	b.ctx, b.stop = context.WithCancel(context.Background())
	own, closeOwn := own(rdb, change)
	b.closeOwn = closeOwn
	b.publish = publisher{
		rdb: own, sharded: cfg.Sharded, prefix: cfg.Prefix, most: cfg.QueueBytes, failed: b.gap,
		wake: make(chan struct{}, 1), over: make(chan struct{}),
	}
	b.hear = subscriber{bus: b, channels: map[string]*channel{}, wake: make(chan struct{}, 1), over: make(chan struct{}), gap: (*listener).gap}
	return b
}

func (b *bus) start() {
	go b.publish.run(b.ctx)
	go b.hear.run(b.ctx)
}

// clustered reports whether messages have the form that most official adapters share.
func (b *bus) clustered() bool { return b.cfg.Sharded || b.cfg.streams }

func (b *bus) classic(namespace string) wire.Classic {
	return wire.Classic{Prefix: b.cfg.Prefix, Namespace: namespace}
}

func (b *bus) sharded(namespace string) wire.Sharded {
	return wire.Sharded{Prefix: b.cfg.Prefix, Namespace: namespace, Mode: b.cfg.Mode}
}

// Publish implements cluster.Bus.
func (b *bus) Publish(m wire.Message) error {
	if b.clustered() {
		f := b.sharded(m.Namespace)
		data, err := b.append(f, m)
		return b.send(m.Namespace, f.ChannelOf(m.Body), data, err)
	}
	f := b.classic(m.Namespace)
	data, err := f.Append(nil, m)
	return b.send(m.Namespace, f.ChannelOf(m.Body), data, err)
}

// Answer implements cluster.Bus.
func (b *bus) Answer(to string, m wire.Message) error {
	if b.clustered() {
		f := b.sharded(m.Namespace)
		data, err := b.append(f, m)
		return b.send(m.Namespace, f.ResponseChannel(to), data, err)
	}
	f := b.classic(m.Namespace)
	data, err := f.Append(nil, m)
	if b.cfg.SpecificResponses && to != "" {
		return b.send(m.Namespace, f.SpecificResponseChannel(to), data, err)
	}
	return b.send(m.Namespace, f.ResponseChannel(), data, err)
}

// append encodes a message that is no entry of a stream.
func (b *bus) append(f wire.Sharded, m wire.Message) ([]byte, error) {
	if b.cfg.streams {
		return wire.AppendPacked(nil, m)
	}
	return f.Append(nil, m)
}

func (b *bus) send(namespace, channel string, data []byte, err error) error {
	if err != nil {
		return err
	}
	return b.publish.add(parcel{namespace: namespace, channel: channel, data: data})
}

// Nodes implements cluster.Counter.
func (b *bus) Nodes(ctx context.Context, namespace string) (int, error) {
	count := b.numSub
	name := b.classic(namespace).RequestChannel()
	if b.clustered() {
		name = b.sharded(namespace).Channel()
	}
	if b.cfg.Sharded {
		count = b.shardNumSub
	}
	return b.count(ctx, namespace, name, count)
}

// count adds up what the servers say of a channel.
func (b *bus) count(ctx context.Context, namespace, name string, count func(context.Context, *redis.Client, string) (int, error)) (int, error) {
	n, err := b.sum(ctx, func(ctx context.Context, c *redis.Client) (int, error) { return count(ctx, c, name) })
	if err != nil {
		return 0, fmt.Errorf("redisadapter: count the nodes of %q: %w", namespace, err)
	}
	return n, nil
}

func (b *bus) numSub(ctx context.Context, c *redis.Client, channel string) (int, error) {
	counts, err := c.PubSubNumSub(ctx, channel).Result()
	return int(counts[channel]), err
}

func (b *bus) shardNumSub(ctx context.Context, c *redis.Client, channel string) (int, error) {
	counts, err := c.PubSubShardNumSub(ctx, channel).Result()
	return int(counts[channel]), err
}

// sum asks every server of a Redis Cluster, or the one that there is.
func (b *bus) sum(ctx context.Context, count func(context.Context, *redis.Client) (int, error)) (int, error) {
	switch c := b.rdb.(type) {
	case *redis.Client:
		return count(ctx, c)
	case *redis.ClusterClient:
		var mu sync.Mutex
		total := 0
		err := c.ForEachShard(ctx, func(ctx context.Context, c *redis.Client) error {
			n, err := count(ctx, c)
			mu.Lock()
			defer mu.Unlock()
			total += n
			return err
		})
		return total, err
	}
	return 0, errors.New("this kind of client does not tell: use redis.NewUniversalClient, NewClient, NewFailoverClient or NewClusterClient")
}

// Listen implements cluster.Bus.
func (b *bus) Listen(namespace, uid string, answersOnly bool, r cluster.Receiver) (cluster.Listener, error) {
	l := &listener{bus: b, namespace: namespace, uid: uid, answersOnly: answersOnly, to: r}
	b.hear.add(l, l.names()...)
	return l, nil
}

// gap announces that messages in a namespace may have been lost.
func (b *bus) gap(namespace string, cause error) {
	for _, l := range b.hear.listeners() {
		if l.namespace == namespace {
			l.to.Gap(cause)
		}
	}
}

// Close implements cluster.Bus. What waits to be published has until ctx ends.
func (b *bus) Close(ctx context.Context) error {
	err := b.publish.drain(ctx)
	b.stop()
	for _, over := range []chan struct{}{b.publish.over, b.hear.over} {
		select {
		case <-over:
		case <-ctx.Done(): // the client's own time limits end them soon
			err = cmp.Or(err, ctx.Err())
		}
	}
	return errors.Join(err, b.closeOwn())
}
