// SPDX-License-Identifier: Apache-2.0

package adapter_test

import (
	"context"
	"fmt"
	"iter"
	"testing"

	"go.uber.org/goleak"

	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/adapter/adaptertest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestMemory(t *testing.T) {
	adaptertest.Run(t, adaptertest.Engine{
		Network: func(*testing.T) adapter.Factory { return adapter.InMemory },
		Alone:   true, Bubble: true,
	})
}

// discard counts what it is asked to deliver.
type discard struct {
	adapter.Local
	n int
}

func (d *discard) Deliver(ids iter.Seq[adapter.ID], _ adapter.Event, _ adapter.Options) {
	for range ids {
		d.n++
	}
}

func (d *discard) RoomChanged(adapter.RoomEvent) {}

// A broadcast or a join takes as long with a hundred thousand rooms as with ten.
func BenchmarkMemory(b *testing.B) {
	for _, rooms := range []int{10, 1_000, 100_000} {
		d := &discard{}
		m := adapter.NewMemory(d)
		for i := range 100_000 {
			m.Add(adapter.ID(fmt.Sprint("socket ", i)), adapter.Room(fmt.Sprint("room ", i%rooms)))
		}
		for i := range 1000 {
			m.Add(adapter.ID(fmt.Sprint("member ", i)), "thousand")
		}
		b.Run(fmt.Sprintf("broadcast to 1,000 among %d rooms", rooms), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				m.Broadcast(context.Background(), adapter.Event{}, adapter.Options{Rooms: []adapter.Room{"thousand"}})
			}
		})
		b.Run(fmt.Sprintf("join and leave among %d rooms", rooms), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				m.Add("member 1", "other")
				m.Remove("member 1", "other")
			}
		})
	}
}
