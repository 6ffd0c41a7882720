// SPDX-License-Identifier: Apache-2.0

package redisadapter

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/adapter/cluster"
	"github.com/sockgen/sockgen/runtime/adapter/cluster/wire"
)

// A StreamsConfig says how to use Redis Streams. Its zero value is that of the official
// adapter. All servers of a cluster use the same Stream, Count, Prefix and Sharded.
type StreamsConfig struct {
	Stream   string // name of the stream: the official option "streamName"; "socket.io"
	Count    int    // of streams, over which namespaces are spread; 1. With official servers leave it at 1: they lose what is in about half of all namespaces otherwise
	Prefix   string // of the channels for what is not kept: "channelPrefix"; "socket.io"
	Sharded  bool   // these channels are those of Redis 7 for a Redis Cluster: "useShardedPubSub"
	Sessions string // prefix of the keys of clients that are away: "sessionKeyPrefix"; "sio:session:"

	// MaxLen is how many events a stream keeps, about: the official option "maxLen". A
	// client, or a server, that is away for longer than they last has missed some. 10,000.
	MaxLen int64
	// ReadCount is how many events are read at once: the official option "readCount". 100.
	ReadCount int64

	QueueBytes int // of messages that wait to be published, then further ones are refused; 64 MiB

	Cluster cluster.Config // what nodes expect of each other
}

// NewStreams returns a factory that joins servers through streams of rdb, in the format of
// @socket.io/redis-streams-adapter. It needs Redis 6.2. Where a server's Recovery is set,
// clients come back to any of the servers. As with [New], rdb may be a client of any kind,
// and it is no error that Redis is away.
func NewStreams(rdb redis.UniversalClient, cfg StreamsConfig) adapter.Factory {
	return cluster.New(cfg.Cluster, func(env adapter.Environment) (cluster.Bus, error) {
		cfg := cfg.withDefaults()
		switch {
		case rdb == nil:
			return nil, errors.New("redisadapter: NewStreams needs a client")
		case min(cfg.QueueBytes, cfg.Count) < 0 || min(cfg.MaxLen, cfg.ReadCount) < 0:
			return nil, errors.New("redisadapter: StreamsConfig has a negative field: use a positive number, or 0 for the default")
		case strings.ContainsAny(cfg.Prefix, "#"):
			return nil, fmt.Errorf(`redisadapter: StreamsConfig.Prefix %q has a "#", which ends it on the wire`, cfg.Prefix)
		}
		return newStreamBus(rdb, cfg, env), nil
	})
}

func (c StreamsConfig) withDefaults() StreamsConfig {
	c.Stream = cmp.Or(c.Stream, "socket.io")
	c.Count = cmp.Or(c.Count, 1)
	c.Prefix = cmp.Or(c.Prefix, "socket.io")
	c.Sessions = cmp.Or(c.Sessions, "sio:session:")
	c.MaxLen = cmp.Or(c.MaxLen, 10_000)
	c.ReadCount = cmp.Or(c.ReadCount, 100)
	c.QueueBytes = cmp.Or(c.QueueBytes, 64<<20)
	return c
}

// replyPatience is how long Redis may take to answer what must not be sent twice. It is
// long, so that Redis may freeze for a while: what is under way then is still done when it
// goes on, and nobody knows when.
const replyPatience = 30 * time.Second

// A streamBus joins one server to Redis: a bus for what is not kept, and one connection to
// each stream.
type streamBus struct {
	*bus
	cfg     StreamsConfig
	env     adapter.Environment
	readers map[string]*reader // by stream; immutable

	closeReaders func() error
}

func newStreamBus(rdb redis.UniversalClient, cfg StreamsConfig, env adapter.Environment) *streamBus {
	b := &streamBus{cfg: cfg, env: env, readers: map[string]*reader{}}
	pubsub := Config{Prefix: cfg.Prefix, Sharded: cfg.Sharded, Mode: wire.Static, QueueBytes: cfg.QueueBytes, streams: true}
	b.bus = prepareBus(rdb, pubsub, env, func(_ *int, read *time.Duration, _ *bool) { *read = replyPatience })
	b.bus.publish.maxLen, b.bus.publish.arrival = cfg.MaxLen, &arrivals{bus: b, newest: map[string]string{}}
	b.bus.hear.gap = b.cut
	reading, closeReaders := own(rdb, func(_ *int, _ *time.Duration, context *bool) { *context = true })
	b.closeReaders = closeReaders
	for i := range cfg.Count {
		stream := cfg.Stream
		if cfg.Count > 1 {
			stream = fmt.Sprint(cfg.Stream, "-", i)
		}
		b.readers[stream] = newReader(b, reading, stream)
	}
	b.bus.start()
	for _, r := range b.readers {
		go r.run(b.ctx)
	}
	return b
}

func (b *streamBus) format(namespace string) wire.Streams {
	return wire.Streams{Prefix: b.cfg.Prefix, Stream: b.cfg.Stream, Count: b.cfg.Count, Sessions: b.cfg.Sessions, Namespace: namespace}
}

func (b *streamBus) reader(namespace string) *reader {
	return b.readers[b.format(namespace).StreamName()]
}

// cut notes that Pub/Sub was interrupted. Events are not lost by that.
func (b *streamBus) cut(l *listener, cause error) {
	b.env.Logger.Warn("redisadapter: the connection for requests was lost; those under way may have got no answer", "namespace", l.namespace, "cause", cause.Error())
}

// Publish implements cluster.Bus.
func (b *streamBus) Publish(m wire.Message) error {
	f := b.format(m.Namespace)
	if !f.Kept(m.Body) {
		return b.bus.Publish(m)
	}
	e, err := f.Entry(m)
	if err != nil {
		return err
	}
	return b.publish.add(parcel{namespace: m.Namespace, channel: f.StreamName(), entry: e.Fields()})
}

// Keepers implements cluster.Keeper. Servers of this project are on a channel of their own,
// on which nothing is ever said.
func (b *streamBus) Keepers(ctx context.Context, namespace string) (int, error) {
	count := b.numSub
	if b.cfg.Sharded {
		count = b.shardNumSub
	}
	return b.count(ctx, namespace, b.keepers(namespace), count)
}

func (b *streamBus) keepers(namespace string) string {
	return b.format(namespace).Channel() + "keepers#"
}

// Persist implements cluster.Keeper.
func (b *streamBus) Persist(s adapter.Session, d time.Duration) error {
	value, err := wire.AppendSession(nil, s)
	if err != nil {
		return err
	}
	return b.publish.add(parcel{namespace: s.Namespace, channel: b.format("").SessionKey(s.PID), data: value, expire: d})
}

// Take implements cluster.Keeper. It goes the way of Persist, so that it comes after it.
func (b *streamBus) Take(ctx context.Context, pid string) (s adapter.Session, ok bool, err error) {
	taken := make(chan takenValue, 1)
	if err := b.publish.add(parcel{channel: b.format("").SessionKey(pid), taken: taken}); err != nil {
		return s, false, err
	}
	select {
	case v := <-taken:
		switch {
		case errors.Is(v.err, redis.Nil):
			return s, false, nil
		case v.err != nil:
			return s, false, fmt.Errorf("redisadapter: take a session: %w", v.err)
		}
		s, err = wire.ParseSession(v.value, b.limits)
		return s, err == nil, err
	case <-ctx.Done():
		return s, false, context.Cause(ctx)
	}
}

// Kept implements cluster.Keeper.
func (b *streamBus) Kept(ctx context.Context, namespace, offset string) (bool, error) {
	return b.reader(namespace).has(ctx, offset)
}

// Reach implements cluster.Keeper.
func (b *streamBus) Reach(ctx context.Context, namespace, offset string) error {
	return b.reader(namespace).reach(ctx, offset)
}

// Read implements cluster.Keeper.
func (b *streamBus) Read(ctx context.Context, namespace, from, to string, f func(wire.Message) bool) error {
	stream := b.reader(namespace).stream
	for {
		list, err := b.rdb.XRangeN(ctx, stream, "("+from, to, pageSize).Result()
		if err != nil {
			return fmt.Errorf("redisadapter: read %q: %w", stream, err)
		}
		for _, x := range list {
			from = x.ID
			e := entryOf(x)
			if e.Namespace != namespace {
				continue
			}
			m, err := e.Message(b.limits)
			if err != nil {
				continue // nobody has been told of it
			}
			if m.Offset = x.ID; !f(m) {
				return nil
			}
		}
		if len(list) < pageSize {
			return nil
		}
	}
}

// pageSize is how many entries of the past are read at once.
const pageSize = 1000

func entryOf(x redis.XMessage) wire.Entry {
	text := func(name string) string {
		value, _ := x.Values[name].(string)
		return value
	}
	return wire.Entry{UID: text("uid"), Namespace: text("nsp"), Type: text("type"), Data: text("data"), Mark: text("mark")}
}

// Listen implements cluster.Bus.
func (b *streamBus) Listen(namespace, uid string, answersOnly bool, to cluster.Receiver) (cluster.Listener, error) {
	l := &streamListener{listener: &listener{bus: b.bus, namespace: namespace, uid: uid, answersOnly: answersOnly, to: to}}
	if !answersOnly {
		l.reader = b.reader(namespace)
		l.reader.add(l)
	}
	names := l.names()
	if !answersOnly {
		names = append(names, name{text: b.keepers(namespace)})
	}
	b.hear.add(l.listener, names...)
	return l, nil
}

// Close implements cluster.Bus.
func (b *streamBus) Close(ctx context.Context) error {
	err := b.bus.Close(ctx)
	err = errors.Join(err, b.closeReaders()) // which wakes those that wait for something to read
	for _, r := range b.readers {
		select {
		case <-r.over:
		case <-ctx.Done():
			err = cmp.Or(err, ctx.Err())
		}
	}
	return err
}

// A streamListener is a listener that hears a stream, too.
type streamListener struct {
	*listener
	reader *reader // nil for one that listens for answers alone
	begun  string  // after which it hears the stream; guarded by reader.mu
}

// Ready implements cluster.Listener.
func (l *streamListener) Ready(ctx context.Context) error {
	if l.reader != nil {
		if err := l.reader.reach(ctx, "0-0"); err != nil {
			return fmt.Errorf("redisadapter: Redis has not been reached: %w", err)
		}
	}
	return l.listener.Ready(ctx)
}

// Begun implements cluster.Beginner.
func (l *streamListener) Begun() string {
	if l.reader == nil {
		return ""
	}
	l.reader.mu.Lock()
	defer l.reader.mu.Unlock()
	return l.begun
}

// Close implements cluster.Listener.
func (l *streamListener) Close() {
	if l.reader != nil {
		l.reader.remove(l)
	}
	l.listener.Close()
}
