// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"unicode/utf16"

	"github.com/sockgen/sockgen/runtime/adapter"
)

// A Mode says which rooms have a channel of their own in the sharded format. All servers
// of a cluster use the same.
type Mode uint8

// The modes, by their names in the official adapter.
const (
	Dynamic        Mode = iota // "dynamic": rooms other than those of one socket
	Static                     // "static": none
	DynamicPrivate             // "dynamic-private": all rooms
)

// Sharded is the format of the sharded Redis adapter, for one namespace. Its channels are
// for SSUBSCRIBE and SPUBLISH.
type Sharded struct {
	Prefix    string // of all channels; "socket.io" unless the cluster is set up otherwise
	Namespace string
	Mode      Mode
}

// Channel returns the channel for all servers that have the namespace. Each subscribes
// to it, so that its subscribers count them.
func (s Sharded) Channel() string { return s.Prefix + "#" + s.Namespace + "#" }

// ResponseChannel returns the channel for responses to the server uid, which subscribes
// to it.
func (s Sharded) ResponseChannel(uid string) string { return s.Channel() + uid + "#" }

// RoomChannel returns the channel of a room. The servers that have a socket in it are
// subscribed to it, if HasChannel says that there is one.
func (s Sharded) RoomChannel(room adapter.Room) string { return s.Channel() + string(room) + "#" }

// HasChannel reports whether a room has a channel of its own; private is whether it is
// the room of one socket's id.
func (s Sharded) HasChannel(room adapter.Room, private bool) bool {
	return s.Mode == DynamicPrivate || s.Mode == Dynamic && !private
}

// ChannelOf returns the channel for a message that is no response: for an event without
// acks to a single room the room's, if it has one. In [Dynamic] mode the official adapter
// takes a name of 20 characters for a socket's id, whose room has none; so must
// everybody.
func (s Sharded) ChannelOf(b Body) string {
	broadcast, ok := b.(Broadcast)
	if !ok || broadcast.RequestID != "" || broadcast.Options.All || len(broadcast.Options.Rooms) != 1 {
		return s.Channel()
	}
	if room := broadcast.Options.Rooms[0]; s.HasChannel(room, length(room) == 20) {
		return s.RoomChannel(room)
	}
	return s.Channel()
}

// length returns the length that JavaScript gives to a string.
func length(room adapter.Room) (n int) {
	for _, r := range string(room) {
		n += utf16.RuneLen(r)
	}
	return n
}

// Append appends m: as JSON, or as MessagePack if it has binary values.
func (s Sharded) Append(dst []byte, m Message) ([]byte, error) {
	m.Namespace = s.Namespace
	return AppendMessage(dst, m)
}

// Parse reads a message from one of the channels. Namespace says whether it is meant: a
// channel can carry messages of another one, whose name goes on with a "#".
func (s Sharded) Parse(data []byte, lim Limits) (Message, error) { return ParseMessage(data, lim) }

// AppendMessage appends m in the form that the official adapters share: as JSON, or as
// MessagePack if it has binary values.
func AppendMessage(dst []byte, m Message) ([]byte, error) {
	if len(attachments(m.Body)) == 0 {
		return appendCluster(dst, m)
	}
	return AppendPacked(dst, m)
}

// AppendPacked appends m as MessagePack.
func AppendPacked(dst []byte, m Message) ([]byte, error) {
	return pack(dst, attachments(m.Body), func(text []byte) ([]byte, error) { return appendCluster(text, m) })
}

// ParseMessage reads what AppendMessage or AppendPacked has written, and what the
// official adapters write. The message points into data.
func ParseMessage(data []byte, lim Limits) (Message, error) {
	p, text, err := newParser(data, lim)
	if err != nil {
		return Message{}, err
	}
	return parseCluster(p, text)
}
