// SPDX-License-Identifier: Apache-2.0

package engineio

import (
	"testing"
	"testing/synctest"
	"time"
)

// sendSized sends a message of n bytes.
func (p *peer) sendSized(n int) error {
	m := NewMessage()
	defer m.Release()
	m.Text = make([]byte, n)
	for i := range m.Text {
		m.Text[i] = 'x'
	}
	return p.Send(m)
}

// TestOutgoingBudget holds that the session ends, when all queues together hold too much,
// whose output has waited longest, and no other.
func TestOutgoingBudget(t *testing.T) {
	const held = 300 + messageOverhead
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, true, Config{PingInterval: time.Hour, Limits: Limits{OutgoingBudget: 3*held + 100}}, newApp())
		var peers []*peer
		for range 4 {
			_, p := r.open()
			peers = append(peers, p)
		}
		order := []int{2, 0, 3, 1}
		for _, i := range order { // 300 bytes each wait, in this order: the fourth is too much
			if err := peers[i].sendSized(300); err != nil {
				t.Fatal(err)
			}
			time.Sleep(time.Second)
			synctest.Wait()
		}
		peers[2].wantClosed(t, TransportError)
		for _, i := range order[1:] {
			peers[i].wantOpen(t)
		}
		if st := r.srv.Stats(); st.Outgoing != 3*held || st.Evicted != 1 {
			t.Errorf("stats %+v", st)
		}
		r.get(string(peers[2].ID())).want(t, 400, body1)
		if a := r.get(string(peers[0].ID())); len(a.body) != 301 {
			t.Errorf("%v", a)
		}
		synctest.Wait()                                 // the answer is read before the server has noted that it left
		if err := peers[1].sendSized(300); err != nil { // there is room again
			t.Fatal(err)
		}
		synctest.Wait()
		if st := r.srv.Stats(); st.Outgoing != 3*held || st.Evicted != 1 {
			t.Errorf("stats %+v", st)
		}
	})
}

// TestOutgoingBudgetCountsOnce holds that sessions which share a message share its
// cost, and that all of it is given back.
func TestOutgoingBudgetCountsOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, true, Config{PingInterval: time.Hour, Limits: Limits{OutgoingBudget: 1000 + messageOverhead}}, newApp())
		m := NewMessage()
		m.Text = append(m.Buffer(), make([]byte, 500)...)
		m.Attachments = [][]byte{make([]byte, 400)}
		var peers []*peer
		var sids []string
		for range 20 {
			sid, p := r.open()
			peers, sids = append(peers, p), append(sids, sid)
			if err := p.Send(m); err != nil {
				t.Fatal(err)
			}
		}
		m.Release()
		synctest.Wait()
		if st := r.srv.Stats(); st.Outgoing != 900+messageOverhead || st.Evicted != 0 {
			t.Errorf("stats %+v", st)
		}
		for i, p := range peers {
			p.wantOpen(t)
			if i%2 == 0 {
				r.get(sids[i])
			} else {
				p.abort(TransportError, nil, closeNoStatus)
			}
		}
		synctest.Wait()
		if st := r.srv.Stats(); st.Outgoing != 0 {
			t.Errorf("%d bytes left", st.Outgoing)
		}
	})
}

// TestOutgoingBudgetCutsWrites holds that a WebSocket whose peer does not read is
// cut in the middle of a write, and that a peer that reads is not touched.
func TestOutgoingBudgetCutsWrites(t *testing.T) {
	r := newRig(t, true, Config{PingInterval: time.Hour, Limits: Limits{OutgoingBudget: 8 << 20, QueueHardBytes: 32 << 20}}, newApp())
	stuck := r.rawWS("") // never reads again
	defer stuck.Close()
	p := r.opened()
	c, healthy := r.openWS()
	defer c.Close()
	for p.sendSized(1<<20) == nil {
		if err := healthy.text("still here"); err != nil {
			t.Fatal(err)
		}
		c.want("4still here")
	}
	p.wantClosed(t, TransportError)
	healthy.wantOpen(t)
	waitFor(t, "the memory", func() bool { return r.srv.Stats().Outgoing == 0 })
	if n := r.srv.Stats().Evicted; n != 1 {
		t.Errorf("%d sessions ended", n)
	}
}

// TestOutgoingBudgetCountsWhatWaits holds that a message which nobody waits for any
// more is off the budget, also while the application keeps it: the events that a
// client may come back for have bounds of their own.
func TestOutgoingBudgetCountsWhatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, true, Config{PingInterval: time.Hour}, newApp())
		_, p := r.open()
		kept := NewMessage()
		defer kept.Release()
		kept.Text = make([]byte, 300)
		for i := range kept.Text {
			kept.Text[i] = 'x'
		}
		for range 2 { // a replay counts again
			if err := p.Send(kept); err != nil {
				t.Fatal(err)
			}
			synctest.Wait()
			if n := r.srv.Stats().Outgoing; n != 300+messageOverhead {
				t.Errorf("%d bytes wait, want 300", n)
			}
			if a := r.get(string(p.ID())); len(a.body) != 301 {
				t.Errorf("%v", a)
			}
			synctest.Wait()
			if n := r.srv.Stats().Outgoing; n != 0 {
				t.Errorf("%d bytes wait after they were sent", n)
			}
		}
	})
}
