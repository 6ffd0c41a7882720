// SPDX-License-Identifier: Apache-2.0

package engineio

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
)

// sendAs sends a text with a policy, whose key is the text's first word.
func (p *peer) sendAs(policy SlowPolicy, text string) error {
	m := NewMessage()
	defer m.Release()
	m.Text = append(m.Buffer(), text...)
	m.Slow = policy
	m.Key, _, _ = strings.Cut(text, " ")
	return p.Send(m)
}

// fill makes the session lag by n messages. Nobody reads meanwhile.
func (p *peer) fill(t *testing.T, n int) {
	t.Helper()
	for i := range n {
		if err := p.text(fmt.Sprint("fill", i)); err != nil {
			t.Fatal(err)
		}
	}
}

// The latest message of a key takes the turn of the one that waits, and the order of
// all that is sent stays as it was.
func TestSlowLatest(t *testing.T) {
	eachTransport(t, func(t *testing.T, kind transportKind) {
		r := newRig(t, true, Config{Limits: Limits{QueueHardBytes: 2000 + 8*messageOverhead}}, newApp())
		r.mem.Buffer = 256
		l, p := r.connect(kind)
		defer l.close()
		big := strings.Repeat("x", 2000)
		if err := p.sendAs(SlowLatest, "a "+big); err != nil {
			t.Fatal(err)
		}
		synctest.Wait() // on WebSocket it is being written now, and so does not wait any more
		var want []string
		if kind != "polling" {
			want = append(want, "4a "+big)
		}
		for _, text := range []string{"a 1", "b 1", "plain", "a 2", "c 1", "b 2", "a 3"} {
			policy := SlowLatest
			if text == "plain" {
				policy = SlowQueue
			}
			if err := p.sendAs(policy, text); err != nil {
				t.Errorf("%s: %v", text, err)
			}
		}
		fills := 0
		for p.text(fmt.Sprint("fill", fills)) == nil {
			fills++
		}
		if fills == 0 {
			t.Error("the queue is full of what gave way")
		}
		for range 100 { // no more than one of a key waits, so there is room
			if err := p.sendAs(SlowLatest, "a 4"); err != nil {
				t.Errorf("in a full queue: %v", err)
			}
		}
		want = append(want, "4plain", "4c 1", "4b 2")
		for i := range fills {
			want = append(want, fmt.Sprint("4fill", i))
		}
		want = append(want, "4a 4")
		for _, text := range want {
			l.want(text)
		}
		p.wantOpen(t)
	})
}

// A session lags at the soft bound, which small messages reach as well; what the
// policies say then counts for a message of theirs alone.
func TestSlowDropAndClose(t *testing.T) {
	const soft = 64 << 10
	for name, fill := range map[string]func(t *testing.T, p *peer){
		"small": func(t *testing.T, p *peer) { p.fill(t, soft/(messageOverhead+7)-3) },
		"large": func(t *testing.T, p *peer) { _ = p.text(strings.Repeat("x", soft-4*messageOverhead)) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, true, Config{Limits: Limits{QueueBytes: soft}}, newApp())
				sid, p := r.open()
				fill(t, p)
				for _, policy := range []SlowPolicy{SlowDrop, SlowClose} {
					if err := p.sendAs(policy, ""); err != nil {
						t.Errorf("policy %d below the bounds: %v", policy, err)
					}
				}
				p.fill(t, 6) // now it lags
				if err := p.sendAs(SlowDrop, "x"); !errors.Is(err, ErrDropped) {
					t.Errorf("SlowDrop: %v", err)
				}
				if err := p.sendAs(SlowClose, "x"); !errors.Is(err, ErrQueueFull) {
					t.Errorf("SlowClose: %v", err)
				}
				m := NewMessage()
				m.Text, m.Slow = []byte("anyway"), SlowDrop
				if err := errors.Join(p.sendAs(SlowLatest, "x"), p.text("z"), p.SendAnyway(m)); err != nil {
					t.Error(err)
				}
				m.Release()
				if body := r.get(sid).body; strings.Contains(body, "4x\x1e4x") || !strings.HasSuffix(body, "4x\x1e4z\x1e4anyway") {
					t.Errorf("received %.200q", body)
				}
				synctest.Wait()
				if err := errors.Join(p.sendAs(SlowDrop, "x"), p.sendAs(SlowClose, "x")); err != nil {
					t.Errorf("after it caught up: %v", err)
				}
				r.get(sid).want(t, 200, "4x\x1e4x")
				r.post(sid, "1")
				for _, policy := range []SlowPolicy{SlowQueue, SlowDrop, SlowLatest, SlowClose} {
					if err := p.sendAs(policy, "x"); !errors.Is(err, ErrSessionClosed) {
						t.Errorf("policy %d after the end: %v", policy, err)
					}
				}
			})
		})
	}
}
