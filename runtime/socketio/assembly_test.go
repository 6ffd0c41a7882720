// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"encoding/base64"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sockgen/sockgen/runtime/engineio"
)

func count(srv *Server) {
	srv.Of("/").On("bin", func(_ context.Context, _ *Socket, e *Event) {
		e.Ack(len(e.Args.Attachments))
	})
}

// R210: attachments must arrive in time.
func TestAssemblyDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, Config{PingInterval: time.Hour}, count)
		c, _ := r.join("/")
		c.send(`452-1["bin",`+ph0+`]`, "<01>")
		time.Sleep(9 * time.Second)
		c.send("<02>")
		c.want("431[2]") // just in time
		start := time.Now()
		c.send(`452-2["bin",`+ph0+`]`, "<01>")
		c.ws.SetReadDeadline(time.Time{})
		if _, data, err := c.ws.ReadMessage(); err == nil {
			t.Errorf("got %q", data)
		}
		if waited := time.Since(start); waited != 10*time.Second {
			t.Errorf("closed after %v", waited)
		}
		if got := r.incoming(); got != 0 {
			t.Errorf("the budget still counts %d bytes", got)
		}
		c.ws.Close()
	})
}

// R210: attachments that take long are in time as long as they come.
func TestAttachmentsOfASlowClient(t *testing.T) {
	for _, kind := range []string{"polling", "websocket", "upgrade"} {
		for name, sizes := range map[string][]int{
			"one of 600 KB":        {600_000},
			"ten of 100 KB":        slices.Repeat([]int{100_000}, 10),
			"two of 600 KB":        {600_000, 600_000}, // by polling these are two POSTs
			"a small one is first": {1, 600_000, 1},
		} {
			t.Run(kind+", "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					h := variant{kind: kind}.open(t, Config{}, count)
					h.sendsSlowly(20_000)
					c := h.talk(nil)
					c.join("/")
					packets := []string{fmt.Sprintf(`45%d-1["bin",%s]`, len(sizes), ph0)}
					for _, size := range sizes {
						packets = append(packets, "b"+base64.StdEncoding.EncodeToString(make([]byte, size)))
					}
					for _, p := range packets {
						c.post(p)
					}
					c.want(fmt.Sprintf("31[%d]", len(sizes)))
					h.unharmed()
					c.leave()
				})
			})
		}
	}
}

// R210: the bytes of a packet are bounded in total.
func TestAssemblyBytes(t *testing.T) {
	r := newRig(t, Config{Limits: Limits{AssemblyBytes: 60}}, count)
	header := `452-1["bin",` + ph0 + `]` // 40 bytes behind the 4
	c, _ := r.join("/")
	c.send(header, "<01 02 03 04>", "<01 02 03 04>")
	c.want("431[2]")
	c.send(header, "<01 02 03 04>", "<"+strings.Repeat("00", 30)+">")
	c.want("closed")
	if got := r.Stats().Violations; got != 1 {
		t.Errorf("%d violations", got)
	}
}

// What many arguments hold counts in the budget, but not against the bytes of a packet:
// whatever fits into its messages arrives.
func TestAssemblyOfManyArguments(t *testing.T) {
	header := `452-1["bin",` + ph0 + strings.Repeat(",1", 5000) + `]`
	r := newRig(t, Config{Limits: Limits{AssemblyBytes: len(header) - 1 + 5}}, count)
	c, _ := r.join("/")
	c.send(header)
	eventually(t, "the header counts", func() bool { return r.incoming() >= len(header)-1+8*5000 })
	c.send("<01 02 03 04>", "<05>")
	c.want("431[2]")
}

// incoming is what the server holds of what is not complete.
func (r *rig) incoming() int { return r.Stats().Engine.Incoming }

// S-05: incomplete packets share the budget of all that is not complete. Who has been silent
// for longest gives way, or who began first.
func TestAssemblyBudget(t *testing.T) {
	header := `451-1["bin",` + ph0 + `]`
	each := 256 + partOverhead + len(header) - 1
	cfg := Config{MaxPayload: 200}
	cfg.Limits.Engine.IncomingBudget = 3*each + each/3
	r := newRig(t, cfg, count)
	var clients []*client
	for n := range 3 {
		c, _ := r.join("/")
		c.send(header)
		clients = append(clients, c)
		eventually(t, "the header arrives", func() bool { return r.incoming() == (n+1)*each })
	}
	c, _ := r.join("/")
	c.send(header)
	if got := clients[0].read(); !strings.Contains(got, "1008") {
		t.Errorf("the oldest read %q", got)
	}
	for _, c := range append(clients[1:], c) {
		c.send("<07>")
		c.want("431[1]")
	}
	if st := r.Stats(); st.Engine.Incoming != 0 || st.Engine.Faults[engineio.ErrIncoming] != 1 {
		t.Errorf("%+v", st.Engine)
	}
}

// S-05: nothing is held for a namespace that is not joined.
func TestAssemblyNeedsANamespace(t *testing.T) {
	r := newRig(t, Config{}, count)
	c := r.dial()
	c.send(`451-["bin",` + ph0 + `]`)
	c.want("closed")
	if r.incoming() != 0 {
		t.Error("the packet was kept")
	}
}

// A namespace that the server closes while a packet for it is under way drops the
// packet, and the connection lives (R195).
func TestNamespaceEndsDuringAssembly(t *testing.T) {
	r, c, s := joined(t, Config{})
	c.send(`451-["bin",` + ph0 + `]`)
	eventually(t, "the header arrives", func() bool { return r.incoming() > 0 })
	s.Disconnect()
	c.want("41")
	c.send("<01>")
	c.wantOpen()
}

// R215: text and attachments of one packet stay together, whoever emits meanwhile.
func TestBinaryEmitsDoNotInterleave(t *testing.T) {
	const writers, emits = 16, 40
	r := newRig(t, Config{}, func(srv *Server) {
		srv.Of("/").OnConnect(func(_ context.Context, s *Socket) { s.Join("room") })
	})
	c, id := r.join("/")
	s, _ := r.Of("/").Socket(id)
	eventually(t, "the room", func() bool { return len(r.Of("/").Members("room")) == 1 })
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for range emits {
				if w%2 == 0 {
					emit(t, s, "pair", w, []byte{byte(w), 1}, []byte{byte(w), 2})
				} else if err := r.Of("/").To("room").Emit(context.Background(), "pair", w, []byte{byte(w), 1}, []byte{byte(w), 2}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range writers * emits {
		head := c.read()
		_, rest, _ := strings.Cut(head, `452-["pair",`)
		number, _, ok := strings.Cut(rest, ","+ph0+","+ph1+"]")
		if !ok {
			t.Fatalf("got %q", head)
		}
		one, two := c.read(), c.read()
		if len(one) != 7 || one[3:] != " 01>" || two[3:] != " 02>" || one[:3] != two[:3] {
			t.Fatalf("after %q came %q and %q", number, one, two)
		}
	}
	wg.Wait()
}
