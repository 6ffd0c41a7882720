// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"context"
	"strings"
	"unicode/utf8"

	"github.com/sockgen/sockgen/runtime/socketio"
)

// A Socket is the part of a generated Socket that is the same in every
// namespace. Its methods may be called from any goroutine.
type Socket struct {
	raw *socketio.Socket
}

// NewSocket returns the typed side of s.
func NewSocket(s *socketio.Socket) Socket { return Socket{raw: s} }

// Untyped returns the socket as the runtime sees it, for what no schema says.
func (s Socket) Untyped() *socketio.Socket { return s.raw }

// ID returns the id that peers may know the socket by.
func (s Socket) ID() socketio.ID { return s.raw.ID() }

// Handshake returns what is known of the request that opened the connection.
func (s Socket) Handshake() *socketio.Handshake { return s.raw.Handshake() }

// Context returns the context that ends with the socket.
func (s Socket) Context() context.Context { return s.raw.Context() }

// Recovered tells whether the socket continues one that was lost.
func (s Socket) Recovered() bool { return s.raw.Recovered() }

// Disconnect takes the socket out of its namespace. The connection beneath it
// stays for the others that share it.
func (s Socket) Disconnect() { s.raw.Disconnect() }

// A bound is what the runtime keeps with a socket for this package.
type bound[S any] struct {
	socket  *S
	buckets []int64 // of the limited events; only the socket's worker looks at them
}

// DataOf returns what SetData kept with s, the zero D when that was nothing yet.
func DataOf[D any](s *socketio.Socket) D {
	data, _ := socketio.DataOf[D](s)
	return data
}

// A RoomSocket is a [Socket] of a namespace that declares rooms of type R.
type RoomSocket[R ~string] struct{ Socket }

// NewRoomSocket returns the typed side of s.
func NewRoomSocket[R ~string](s *socketio.Socket) RoomSocket[R] {
	return RoomSocket[R]{NewSocket(s)}
}

// Join adds the socket to rooms. It fails when the socket would be in too many
// or a room's name is too long; the socket is then in none of rooms that it was
// not in before.
func (s RoomSocket[R]) Join(rooms ...R) error { return s.raw.Join(Rooms(rooms)...) }

// Leave removes the socket from rooms. It may leave rooms that it is not in.
func (s RoomSocket[R]) Leave(rooms ...R) { s.raw.Leave(Rooms(rooms)...) }

// Rooms returns the rooms that the socket is in, without the room that every
// socket is alone in.
func (s RoomSocket[R]) Rooms() []R { return joined[R](s.raw.ID(), s.raw.Rooms()) }

// joined returns rooms without the one that the socket id is alone in.
func joined[R ~string](id socketio.ID, rooms []socketio.Room) []R {
	var list []R
	for _, room := range rooms {
		if string(room) != string(id) {
			list = append(list, R(room))
		}
	}
	return list
}

// Rooms returns rooms as the runtime takes them.
func Rooms[R ~string](rooms []R) []socketio.Room {
	names := make([]socketio.Room, len(rooms))
	for i, room := range rooms {
		names[i] = socketio.Room(room)
	}
	return names
}

// RoomPart returns s as one of several parameters in a room's name: whatever
// could be the boundary between two is escaped.
func RoomPart(s string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= utf8.RuneSelf, 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_', c == '.':
			b.WriteByte(c)
		default:
			b.WriteByte('%')
			b.WriteByte(hex[c>>4])
			b.WriteByte(hex[c&15])
		}
	}
	return b.String()
}
