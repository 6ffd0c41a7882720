// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestCONNECTsToNowhere holds that a client which waits for the answers may ask for
// namespaces that do not exist for as long as it likes, one after the other or many at once,
// and that one which does not is closed.
func TestCONNECTsToNowhere(t *testing.T) {
	for _, kind := range []string{"polling", "websocket"} {
		for name, f := range map[string]func(t *testing.T, h *hall, c *talker){
			"a loop that waits": func(t *testing.T, h *hall, c *talker) {
				begun := time.Now()
				for range 1500 {
					c.send("0/nowhere,")
					c.want(`4/nowhere,{"message":"Invalid namespace"}`)
				}
				if took := time.Since(begun); took < 8*time.Second || took > 60*time.Second {
					t.Errorf("1,500 took %v", took)
				}
				c.wantOpen()
				h.unharmed()
			},
			"a burst": func(t *testing.T, h *hall, c *talker) {
				for range 900 {
					c.send("0/nowhere,")
				}
				for range 900 {
					c.want(`4/nowhere,{"message":"Invalid namespace"}`)
				}
				c.wantOpen()
				h.unharmed()
			},
			"a flood": func(t *testing.T, h *hall, c *talker) {
				go c.post("40/nowhere," + strings.Repeat("\x1e40/nowhere,", 3000))
				<-c.ended()
				if st := h.Stats(); st.Violations != 1 || st.Refused > 1100 {
					t.Errorf("%+v", st)
				}
			},
		} {
			t.Run(kind+", "+name, func(t *testing.T) {
				if kind == "websocket" && name == "a flood" {
					return // below
				}
				synctest.Test(t, func(t *testing.T) {
					h := variant{kind: kind}.open(t, Config{}, func(*Server) {})
					c := h.talk(nil)
					f(t, h, c)
					c.leave()
				})
			})
		}
	}
	t.Run("websocket, a flood", func(t *testing.T) {
		r := newRig(t, Config{}, nil)
		c := r.dial()
		go func() {
			for c.ws.WriteMessage(1, []byte("40/nowhere,")) == nil {
			}
		}()
		for !strings.HasPrefix(c.read(), "closed") {
		}
		if st := r.Stats(); st.Violations != 1 {
			t.Errorf("%+v", st)
		}
	})
}
