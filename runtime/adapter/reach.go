// SPDX-License-Identifier: Apache-2.0

package adapter

import (
	"context"
	"slices"

	"github.com/sockgen/sockgen/runtime/siowire"
)

// This file is what a Memory does for the whole cluster, which is one node.

// BroadcastWithAck implements [Adapter].
func (m *Memory) BroadcastWithAck(ctx context.Context, e Event, o Options, answer func(Answer) bool) (missing []ID, err error) {
	return m.Ask(ctx, e, o, nil, answer), nil
}

// Ask is BroadcastWithAck for whoever has to know how many sockets were asked.
func (m *Memory) Ask(ctx context.Context, e Event, o Options, asked func(n int), answer func(Answer) bool) (missing []ID) {
	return m.local.DeliverWithAck(ctx, slices.Values(m.targets(o)), e, o, asked, answer)
}

// AddSockets implements [Adapter].
func (m *Memory) AddSockets(_ context.Context, o Options, rooms ...Room) error {
	return m.local.Join(slices.Values(m.targets(o)), rooms)
}

// RemoveSockets implements [Adapter].
func (m *Memory) RemoveSockets(_ context.Context, o Options, rooms ...Room) error {
	m.local.Leave(slices.Values(m.targets(o)), rooms)
	return nil
}

// DisconnectSockets implements [Adapter].
func (m *Memory) DisconnectSockets(_ context.Context, o Options, closeConnection bool) error {
	m.local.Disconnect(slices.Values(m.targets(o)), closeConnection)
	return nil
}

// FetchSockets implements [Adapter].
func (m *Memory) FetchSockets(_ context.Context, o Options) ([]Description, error) {
	return m.local.Describe(slices.Values(m.targets(o))), nil
}

// ServerSideEmit implements [Adapter]. There is no other node.
func (m *Memory) ServerSideEmit(context.Context, Event) error { return nil }

// ServerSideEmitWithAck implements [Adapter]. There is no other node, so there is no
// answer.
func (m *Memory) ServerSideEmitWithAck(context.Context, Event, Options) ([]siowire.Args, error) {
	return nil, nil
}

// ServerCount implements [Adapter].
func (m *Memory) ServerCount(context.Context) (int, error) { return 1, nil }

// targets returns the sockets that o means, sorted.
func (m *Memory) targets(o Options) []ID {
	s := snapshots.Get().(*snapshot)
	defer s.release()
	m.snapshot(s, o)
	ids := slices.Clone(s.ids)
	slices.Sort(ids)
	return ids
}
