// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"context"
	"fmt"

	"github.com/sockgen/sockgen/runtime/socketio"
)

// A Remote is a socket as a generated FetchSockets found it, on any node. Its methods act on
// the socket, if it still exists, and do not wait for other nodes.
type Remote struct{ raw socketio.RemoteSocket }

// Untyped returns the socket as the runtime sees it.
func (r Remote) Untyped() socketio.RemoteSocket { return r.raw }

// ID returns the id that peers may know the socket by.
func (r Remote) ID() socketio.ID { return r.raw.ID() }

// Handshake returns what is known of the request that opened the connection.
func (r Remote) Handshake() *socketio.Handshake { return r.raw.Handshake() }

// Disconnect takes the socket out of its namespace.
func (r Remote) Disconnect(ctx context.Context) error { return r.raw.Disconnect(ctx) }

// A RoomRemote is a [Remote] of a namespace that declares rooms of type R.
type RoomRemote[R ~string] struct{ Remote }

// NewRoomRemote returns r in a namespace with rooms.
func NewRoomRemote[R ~string](r Remote) RoomRemote[R] { return RoomRemote[R]{r} }

// Rooms returns the rooms that the socket was in, without the room that every
// socket is alone in.
func (r RoomRemote[R]) Rooms() []R { return joined[R](r.raw.ID(), r.raw.Rooms()) }

// Join adds the socket to rooms.
func (r RoomRemote[R]) Join(ctx context.Context, rooms ...R) error {
	return r.raw.Join(ctx, Rooms(rooms)...)
}

// Leave takes the socket out of rooms.
func (r RoomRemote[R]) Leave(ctx context.Context, rooms ...R) error {
	return r.raw.Leave(ctx, Rooms(rooms)...)
}

// RemoteData returns the data that was kept with the socket, the zero value when
// none was. It fails when another program than this one keeps something else.
func RemoteData[D any](r Remote) (D, error) {
	var data D
	if err := r.raw.Data(&data); err != nil {
		var none D
		return none, fmt.Errorf("typed: data of socket %s: %w", r.raw.ID(), err)
	}
	return data, nil
}
