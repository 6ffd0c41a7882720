// SPDX-License-Identifier: Apache-2.0

package redisadapter

import (
	"context"
	"errors"
	"fmt"

	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/adapter/cluster"
	"github.com/sockgen/sockgen/runtime/adapter/cluster/wire"
)

// A listener is one of a namespace.
type listener struct {
	bus            *bus
	namespace, uid string
	answersOnly    bool
	to             cluster.Receiver
}

// names returns the channels that l hears from the beginning.
func (l *listener) names() []name {
	if l.bus.clustered() {
		f := l.bus.sharded(l.namespace)
		own := name{text: f.ResponseChannel(l.uid)}
		if l.answersOnly {
			return []name{own}
		}
		return []name{{text: f.Channel()}, own}
	}
	f := l.bus.classic(l.namespace)
	answers := []name{{text: f.ResponseChannel()}, {text: f.SpecificResponseChannel(l.uid)}}
	if l.answersOnly {
		return answers
	}
	return append(answers, name{text: f.RequestChannel()}, name{text: f.Pattern(), pattern: true})
}

// Ready implements cluster.Listener.
func (l *listener) Ready(ctx context.Context) error { return l.bus.hear.await(ctx, l.names()) }

// RoomChanged implements cluster.Listener.
func (l *listener) RoomChanged(e adapter.RoomEvent) {
	if !l.bus.clustered() || l.answersOnly {
		return
	}
	f := l.bus.sharded(l.namespace)
	if !f.HasChannel(e.Room, len(e.Room) == idLength) {
		return
	}
	switch e.Kind {
	case adapter.RoomCreated:
		l.bus.hear.add(l, name{text: f.RoomChannel(e.Room)})
	case adapter.RoomDeleted:
		l.bus.hear.remove(l, name{text: f.RoomChannel(e.Room)})
	}
}

// idLength is that of a socket's id. The official adapter takes any name of this length
// for the room of one socket, and publishes accordingly.
const idLength = 20

// Close implements cluster.Listener.
func (l *listener) Close() { l.bus.hear.forget(l) }

// gap announces that the connection was lost.
func (l *listener) gap(cause error) {
	l.to.Gap(fmt.Errorf("redisadapter: the connection was lost: %w", cause))
}

// receive reads a message of a channel. It runs on the goroutine that hears. One that
// cannot be read may have been an event, and is announced like one that was lost; a type
// of a later version is not.
func (l *listener) receive(channel string, data []byte) {
	m, err := l.parse(channel, data)
	switch {
	case errors.Is(err, wire.ErrUnknown):
	case err != nil:
		l.to.Gap(fmt.Errorf("redisadapter: %d bytes on channel %q: %w", len(data), channel, err))
	case m.Body != nil:
		l.to.Receive(m)
	}
}

// parse reads a message. Without an error and a body it is not for this node.
func (l *listener) parse(channel string, data []byte) (wire.Message, error) {
	if l.bus.clustered() {
		return l.bus.sharded(l.namespace).Parse(data, l.bus.limits)
	}
	f := l.bus.classic(l.namespace)
	switch channel {
	case f.RequestChannel():
		return f.ParseRequest(data, l.bus.limits)
	case f.ResponseChannel(), f.SpecificResponseChannel(l.uid):
		return f.ParseResponse(data, l.bus.limits)
	}
	if room, all, ok := f.Room(channel); !ok || !all && !l.to.Has(room) {
		return wire.Message{}, nil
	}
	return f.ParseBroadcast(data, l.bus.limits)
}
