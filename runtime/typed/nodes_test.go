// SPDX-License-Identifier: Apache-2.0

package typed

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/sockgen/sockgen/runtime/adapter/cluster/clustertest"
	"github.com/sockgen/sockgen/runtime/socketio"
)

// Typed code is the same on a real cluster: events and questions for rooms reach the
// sockets of both nodes, their data has its type, cluster events arrive in order, and a
// node that is away is an error besides the answers.
func TestTypedAcrossNodes(t *testing.T) {
	network := &clustertest.Network{Counts: true}
	factory := network.Factory()
	heard := make(chan string, 100)
	var nodes [2]*stand
	for i := range nodes {
		nodes[i] = newStand(t, socketio.Config{Adapter: factory}, func(srv *socketio.Server) {
			mounted(srv.Of("/c"), func(m *Mount[member]) {
				handleCluster(m, "parcel", decodeParcel, func(_ context.Context, _ *socketio.Namespace, p parcel) error {
					heard <- fmt.Sprintf("%d: %s %x", i, p.To, p.Data)
					return nil
				})
			})
		})
	}
	ctx, all := t.Context(), Everybody[member](nodes[0].srv.Of("/c"))
	peers := []*peer{nodes[0].enter(t, "/c", "Ada"), nodes[1].enter(t, "/c", "Bob")}

	list, err := Fetch(ctx, all, NewRoomRemote[string])
	var names []string
	for _, r := range list {
		data, unread := RemoteData[author](r.Remote)
		err = errors.Join(err, unread)
		names = append(names, data.Name)
	}
	slices.Sort(names)
	if err != nil || !slices.Equal(names, []string{"Ada", "Bob"}) {
		t.Errorf("fetched %q, %v", names, err)
	}

	for i := range 20 {
		if err := emitCluster(ctx, all, "parcel", &parcel{fmt.Sprint(i), []byte{byte(i)}}, encodeParcel); err != nil {
			t.Error(err)
		}
	}
	for i := range 20 {
		select {
		case got := <-heard:
			if want := fmt.Sprintf("1: %d %02x", i, i); got != want {
				t.Errorf("heard %s, want %s", got, want)
			}
		case <-time.After(20 * time.Second):
			t.Fatal("a cluster event does not arrive")
		}
	}

	ask := func(timeout time.Duration) (answers []string, failed error) {
		for _, r := range AskAll(ctx, In(all, []string{"r"}), "question", timeout, question, ackReader(decodeString)) {
			value, err := r.Value, r.Err
			if failed = errors.Join(failed, err); err == nil {
				answers = append(answers, value)
			}
		}
		slices.Sort(answers)
		return answers, failed
	}
	wait := meanwhile(func() {
		for i, p := range peers {
			p.answer(fmt.Sprintf(`["answer %d"]`, i))
		}
	})
	if answers, err := ask(20 * time.Second); err != nil || !slices.Equal(answers, []string{"answer 0", "answer 1"}) {
		t.Errorf("answered %q, %v", answers, err)
	}
	wait()
	network.Cut(1, true)
	wait = meanwhile(func() { peers[0].answer(`["alone"]`) })
	answers, err := ask(300 * time.Millisecond)
	if err == nil || !slices.Equal(answers, []string{"alone"}) {
		t.Errorf("with a node away: answered %q, %v", answers, err)
	}
	wait()
	network.Cut(1, false)
}
