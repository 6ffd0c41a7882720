package typed

import (
	"context"
	"encoding/json"
	"log/slog"

	"github.com/sockgen/sockgen/runtime/socketio"
)

// HandleCluster registers handle for an event that another node of the cluster
// sends with [EmitCluster]. A payload that does not fit the schema, as from a node
// of another version, is logged and dropped, and so is what handle returns.
func HandleCluster[S, P any](m *Mount[S], event string, decode func(*Decoder, *P), handle func(context.Context, *socketio.Namespace, P) error) {
	m.host.OnServerSide(event, func(ctx context.Context, e *socketio.ServerSideEvent) {
		m.attempt(func() error {
			var p P
			if _, nothing := any(&p).(*Nothing); !nothing {
				if e.Args.Len() == 0 {
					return &PayloadError{Event: event, Issues: []Issue{{Message: "is required"}}}
				}
				if err := UnmarshalJSON(e.Args.At(0), &p, decode); err != nil {
					return err
				}
			}
			return handle(ctx, e.Namespace(), p)
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
// handlers [HandleCluster] registered. This node does not hear it. p travels as
// JSON, in which bytes are base64 strings.
func EmitCluster[S, P any](ctx context.Context, a Audience[S], event string, p *P, encode func(Encoder, *P)) error {
	data, err := MarshalJSON(p, encode)
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
