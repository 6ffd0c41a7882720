// SPDX-License-Identifier: Apache-2.0

package emitter

import (
	"context"

	"github.com/sockgen/sockgen/runtime/adapter/cluster/wire"
)

// A PublishFunc publishes payload on a channel of Redis: with PUBLISH, or with SPUBLISH
// where that is said.
type PublishFunc func(ctx context.Context, channel string, payload []byte) error

// Classic reaches servers with the Redis adapter (@socket.io/redis-adapter for Node).
type Classic struct {
	Publish PublishFunc // with PUBLISH
	Prefix  string      // of channels, the adapter's option "key"; empty means "socket.io"
}

// Send implements [Bus].
func (c Classic) Send(ctx context.Context, m wire.Message) error {
	format := wire.Classic{Prefix: orDefault(c.Prefix, "socket.io"), Namespace: m.Namespace}
	payload, err := format.Append(nil, m)
	if err != nil {
		return err
	}
	return c.Publish(ctx, format.ChannelOf(m.Body), payload)
}

// Sharded reaches servers with the sharded Redis adapter.
type Sharded struct {
	Publish PublishFunc // with SPUBLISH
	Prefix  string      // of channels, the adapter's option "channelPrefix"; empty means "socket.io"
	Mode    wire.Mode   // the adapter's option "subscriptionMode"
}

// Send implements [Bus].
func (s Sharded) Send(ctx context.Context, m wire.Message) error {
	format := wire.Sharded{Prefix: orDefault(s.Prefix, "socket.io"), Namespace: m.Namespace, Mode: s.Mode}
	payload, err := format.Append(nil, m)
	if err != nil {
		return err
	}
	return s.Publish(ctx, format.ChannelOf(m.Body), payload)
}

// Streams reaches servers with the Redis Streams adapter.
type Streams struct {
	// Add adds an entry to a stream, with XADD: fields are names and values in turn. A
	// stream grows with each, so it is trimmed as the servers do it, by MAXLEN ~ 10000
	// unless they are set up otherwise.
	Add func(ctx context.Context, stream string, fields []string) error
	// Publish publishes what no stream keeps, which is for servers alone: with PUBLISH, or
	// with SPUBLISH if the adapter's option "useShardedPubSub" is set.
	Publish PublishFunc
	Prefix  string // of channels, the adapter's option "channelPrefix"; empty means "socket.io"
	Stream  string // the adapter's option "streamName"; empty means "socket.io"
	Count   int    // the adapter's option "streamCount"; zero means 1
}

// Send implements [Bus].
func (s Streams) Send(ctx context.Context, m wire.Message) error {
	format := wire.Streams{
		Prefix: orDefault(s.Prefix, "socket.io"), Stream: orDefault(s.Stream, "socket.io"), Count: s.Count,
		Namespace: m.Namespace,
	}
	if !format.Kept(m.Body) {
		payload, err := format.Append(nil, m)
		if err != nil {
			return err
		}
		return s.Publish(ctx, format.Channel(), payload)
	}
	e, err := format.Entry(m)
	if err != nil {
		return err
	}
	return s.Add(ctx, format.StreamName(), []string{"uid", e.UID, "nsp", e.Namespace, "type", e.Type, "data", e.Data})
}

func orDefault(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}
