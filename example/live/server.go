// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"

	"github.com/sockgen/sockgen/generated/live"
	"github.com/sockgen/sockgen/runtime/socketio"
)

// everybody is the board's audience: the dashboards of all nodes.
type everybody struct{ live.All }

func (e everybody) EmitLogAppended(ctx context.Context, p live.LogAppended) error {
	return e.To(live.InService(p.Service)).EmitLogAppended(ctx, p)
}

// A server serves the dashboards.
type server struct{ board *board }

var _ live.Handler = (*server)(nil)

func (v *server) Connect(context.Context, *live.Socket) error {
	v.board.look(1)
	return nil
}

func (v *server) Disconnect(context.Context, *live.Socket, socketio.DisconnectReason) {
	v.board.look(-1)
}

func (v *server) Board(context.Context, *live.Socket) (live.BoardAckInput, error) {
	return v.board.snapshot().AsInput(), nil
}

func (v *server) Watch(_ context.Context, s *live.Socket, p live.Watch) (ack live.WatchAck, err error) {
	ack.Log, err = v.board.watch(p.Service, func() error { return s.Join(live.InService(p.Service)) })
	return ack, err
}

func (v *server) Unwatch(_ context.Context, s *live.Socket, p live.Unwatch) error {
	if !v.board.has(p.Service) {
		return noSuchService(p.Service)
	}
	s.Leave(live.InService(p.Service))
	return nil
}

func (v *server) Acknowledge(_ context.Context, _ *live.Socket, p live.Acknowledge) (live.IncidentInput, error) {
	incident, err := v.board.acknowledge(p.Incident, p.By)
	return incident.AsInput(), err
}

func (v *server) Resolve(_ context.Context, _ *live.Socket, p live.Resolve) error {
	return v.board.resolve(p.Incident)
}
