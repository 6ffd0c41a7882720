// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"context"
	"encoding/json"
	"log/slog"

	"github.com/sockgen/sockgen/runtime/socketio"
)

// A ClusterEvent is an event that another node of the cluster has sent.
type ClusterEvent struct{ raw *socketio.ServerSideEvent }

// Namespace returns the namespace that the event is of.
func (e ClusterEvent) Namespace() *socketio.Namespace { return e.raw.Namespace() }

// Decode reads what the event carries with decode. With an error, what that has read
// is of no use.
func (e ClusterEvent) Decode(decode func(*Decoder)) error {
	if e.raw.Args.Len() == 0 {
		return &PayloadError{Event: e.raw.Name, Issues: []Issue{{Message: "is required"}}}
	}
	return unmarshalJSON(e.raw.Args.At(0), decode)
}

// HandleCluster registers handle for an event that another node of the cluster
// sends with [EmitCluster]. What handle returns is logged: that a payload does not fit
// the schema, as from a node of another version, and its own errors.
func (m *Mount[S]) HandleCluster(event string, handle func(context.Context, ClusterEvent) error) {
	m.host.OnServerSide(event, func(ctx context.Context, e *socketio.ServerSideEvent) {
		m.attempt(func() error {
			return handle(ctx, ClusterEvent{e})
		}, func(err error) {
			if e.WantsAck() {
				_ = e.Ack() // a node of another kind must not wait for ever; it may have gone
			}
			if err != nil {
				m.logger().LogAttrs(context.WithoutCancel(ctx), slog.LevelError, "typed: cluster event failed",
					slog.String("namespace", e.Namespace().Name()), slog.String("event", event), causeOf(err))
			}
		})
	})
}

// EmitCluster sends event to the other nodes that have a's namespace, whose
// handlers HandleCluster registered. This node does not hear it. It takes over what
// e holds, which [NewJSON] made.
func EmitCluster[S any](ctx context.Context, a Audience[S], event string, e Encoder) error {
	data, err := e.json(event)
	if err != nil {
		return err
	}
	return a.home.with(func(n *socketio.Namespace) error {
		return n.ServerSideEmit(ctx, event, json.RawMessage(data))
	})
}

// EmitClusterNothing is [EmitCluster] for an event that carries nothing.
func EmitClusterNothing[S any](ctx context.Context, a Audience[S], event string) error {
	return a.home.with(func(n *socketio.Namespace) error { return n.ServerSideEmit(ctx, event) })
}
