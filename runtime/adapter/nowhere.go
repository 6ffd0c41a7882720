package adapter

import (
	"context"
	"iter"
)

// Nowhere is the Local of a namespace that is not on this node. It has no sockets and
// no listeners.
var Nowhere Local = nowhere{}

type nowhere struct{}

func (nowhere) Deliver(iter.Seq[ID], Event, Options) {}

func (nowhere) DeliverWithAck(_ context.Context, _ iter.Seq[ID], _ Event, _ Options, asked func(n int), _ func(Answer) bool) []ID {
	if asked != nil {
		asked(0)
	}
	return nil
}

func (nowhere) Join(iter.Seq[ID], []Room) error { return nil }

func (nowhere) Leave(iter.Seq[ID], []Room) {}

func (nowhere) Disconnect(iter.Seq[ID], bool) {}

func (nowhere) Describe(iter.Seq[ID]) []Description { return nil }

func (nowhere) RoomChanged(RoomEvent) {}

// ServerSide answers at once, so that no node waits for one without listeners.
func (nowhere) ServerSide(_ context.Context, e ServerSideEvent) {
	if e.Ack != nil {
		_ = e.Ack(nil) // whoever asked may have gone
	}
}
