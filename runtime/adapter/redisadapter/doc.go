// SPDX-License-Identifier: Apache-2.0

// Package redisadapter joins servers through Redis: through Pub/Sub with [New], or through
// streams with [NewStreams], so that clients which lost their connection may come back to
// any server. It speaks the formats of @socket.io/redis-adapter and
// @socket.io/redis-streams-adapter, so Go and Node servers can be one cluster.
//
//	rdb := redis.NewClient(&redis.Options{Addr: "localhost:6379"})
//	io := socketio.NewServer(socketio.Config{Adapter: redisadapter.New(rdb, redisadapter.Config{})})
//
// All servers of a cluster use the same Redis, the same names and the same format. The
// client stays the application's: it closes it after [socketio.Server.Shutdown].
//
// # What it loses
//
// Redis Pub/Sub keeps nothing. While Redis is away this node's sockets are served as ever;
// what is for other nodes waits, up to Config.QueueBytes, and is published when Redis is
// back. What others publish while this node's connection is broken is lost, and so is what
// was on its way when it broke: it is not sent again, since it might then arrive twice.
// Both are announced by Config.Cluster.OnGap.
//
// A client that comes back after a lost connection is known to its own node alone.
//
// Redis Streams keep the newest events, StreamsConfig.MaxLen of them. A server whose
// connection was broken reads on where it was. What was dropped before it could is
// announced by StreamsConfig.Cluster.OnGap, and so is that Redis has lost its data.
//
// # A module of its own
//
// The package is a module of its own, so that servers that do not use Redis neither
// download nor list its client: go get
// github.com/sockgen/sockgen/runtime/adapter/redisadapter adds it.
package redisadapter
