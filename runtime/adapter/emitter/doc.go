// SPDX-License-Identifier: Apache-2.0

// Package emitter sends events to the sockets of a cluster from a process that has none,
// such as a worker or a cron job.
//
//	e := emitter.New(emitter.Classic{Publish: func(ctx context.Context, channel string, payload []byte) error {
//		return rdb.Publish(ctx, channel, payload).Err()
//	}})
//	err := e.Of("/chat").To("room 7").Emit(ctx, "news", "hello")
//
// An Emitter needs no client of Redis in particular, only the one function that sends what
// it is given. [Classic], [Sharded] and [Streams] speak to servers that use the adapter of
// that name, those of Go and the official ones for Node alike: Classic publishes the bytes
// of @socket.io/redis-emitter.
//
// [Adapter] does the same for generated code: it joins a server without sockets to the
// cluster, so that each typed event can be emitted from anywhere.
//
// Nobody answers an Emitter. That an event was taken says nothing about whether a server
// heard it.
package emitter
