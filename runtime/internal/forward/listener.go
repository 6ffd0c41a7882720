// SPDX-License-Identifier: Apache-2.0

package forward

import (
	"context"
	"iter"

	"github.com/sockgen/sockgen/runtime/adapter"
)

// A listener is the node's end of the namespace in which nodes find each other. There are
// no sockets.
type listener struct{ f *Forwarder }

// ServerSide implements adapter.Local: it hears what other nodes tell.
func (l listener) ServerSide(_ context.Context, e adapter.ServerSideEvent) {
	switch e.Name {
	case eventGone:
		if p, err := l.f.peerOf(e.Args); err == nil {
			l.f.part(func(o *peer) bool { return o.id == p.id })
		}
	case eventHere:
		fresh := l.f.hear(e.Args)
		switch {
		case e.Ack != nil:
			note := l.f.note()
			if err := e.Ack(note); err != nil {
				l.f.warn("another node could not be answered", err)
			}
		case fresh:
			l.f.tell(eventHere) // it may not know this node either
		}
	}
}

// Deliver implements adapter.Local, as the other methods do: there is nobody.
func (listener) Deliver(iter.Seq[adapter.ID], adapter.Event, adapter.Options) {}

func (listener) DeliverWithAck(_ context.Context, _ iter.Seq[adapter.ID], _ adapter.Event, _ adapter.Options, asked func(n int), _ func(adapter.Answer) bool) []adapter.ID {
	if asked != nil {
		asked(0)
	}
	return nil
}

func (listener) Join(iter.Seq[adapter.ID], []adapter.Room) error     { return nil }
func (listener) Leave(iter.Seq[adapter.ID], []adapter.Room)          {}
func (listener) Disconnect(iter.Seq[adapter.ID], bool)               {}
func (listener) Describe(iter.Seq[adapter.ID]) []adapter.Description { return nil }
func (listener) RoomChanged(adapter.RoomEvent)                       {}
