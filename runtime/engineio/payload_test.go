// SPDX-License-Identifier: Apache-2.0

package engineio

import (
	"strings"
	"testing"
	"testing/synctest"
)

// TestWhatStandsBeforeAViolation holds that of a payload, or of frames in one write, all is
// delivered that stands before what breaks the rules, or before the close packet, and
// nothing after it.
func TestWhatStandsBeforeAViolation(t *testing.T) {
	for _, bad := range []string{"1", "x", "9", "", "2", strings.Repeat("6\x1e", 128) + "6"} {
		for _, kind := range kinds {
			t.Run(string(kind)+" "+bad[:min(len(bad), 2)], func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					r := newRig(t, true, Config{}, newApp())
					l, p := r.connect(kind)
					defer l.close()
					if l.ws == nil {
						r.post(l.sid, "4a\x1e4b\x1e"+bad+"\x1e4c")
					} else if len(bad) > 1 {
						return // which is no packet of a WebSocket
					} else {
						_, _ = l.ws.NetConn().Write([]byte(frame(0x81, true, "4a") + frame(0x81, true, "4b") + frame(0x81, true, bad) + frame(0x81, true, "4c")))
					}
					<-p.closed
					if got := strings.Join(p.messages(), " "); got != "a b" {
						t.Errorf("delivered %q", got)
					}
				})
			})
		}
	}
}
