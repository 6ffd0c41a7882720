// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"

	"github.com/sockgen/sockgen/generated/game"
	"github.com/sockgen/sockgen/runtime/socketio"
)

// A gameServer serves the namespaces of all matches.
type gameServer struct {
	io   *socketio.Server
	hall *hall
}

var _ game.Handler = (*gameServer)(nil)

// errOver is never seen by a client: its match ends after its last event.
var errOver = errors.New("the match has ended")

func newGameServer(io *socketio.Server) *gameServer {
	return &gameServer{io: io, hall: newHall(func(id game.MatchID) audience {
		return game.On(io, game.Params{Match: id})
	})}
}

func (g *gameServer) Connect(_ context.Context, s *game.Socket, auth game.Auth) (game.Data, error) {
	return game.Data{Name: auth.Name}, g.hall.enter(s.Params().Match, s.ID())
}

func (g *gameServer) Disconnect(_ context.Context, s *game.Socket, _ socketio.DisconnectReason) {
	g.hall.leave(s.Params().Match, s.ID())
}

func (g *gameServer) Join(ctx context.Context, s *game.Socket) (game.JoinAck, error) {
	m := g.hall.match(s.Params().Match)
	if m == nil {
		return game.JoinAck{}, errOver
	}
	ack, replaced, err := m.join(s.ID(), s.Data().Name, s.Auth().Key.Or(""))
	if err != nil {
		return ack, err
	}
	s.SetData(game.Data{Name: s.Data().Name, Seat: ack.Seat})
	if replaced != "" {
		if old, ok := s.Untyped().Namespace().Socket(replaced); ok {
			old.Disconnect()
		}
	}
	return ack, nil
}

func (g *gameServer) Watch(_ context.Context, s *game.Socket) (game.Floor, error) {
	m := g.hall.match(s.Params().Match)
	if m == nil {
		return game.Floor{}, errOver
	}
	return m.floor(), nil
}

// Measure is acknowledged at once: the page takes the time.
func (*gameServer) Measure(context.Context, *game.Socket) error { return nil }

func (g *gameServer) Steer(_ context.Context, s *game.Socket, p game.Steer) error {
	m, seat := g.hall.match(s.Params().Match), s.Data().Seat
	if m == nil || seat == 0 {
		return game.NotSeated
	}
	return m.steer(s.ID(), seat, float64(p.Angle), float64(p.Speed))
}

func (g *gameServer) Shout(_ context.Context, s *game.Socket, what game.Shout) (game.Shouted, error) {
	seat := s.Data().Seat
	if seat == 0 {
		return game.Shouted{}, game.NotSeated
	}
	return game.Shouted{Seat: seat, What: what}, nil
}
