// SPDX-License-Identifier: Apache-2.0

package engineio

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestHeartbeat holds R101 to R103 with the default times.
func TestHeartbeat(t *testing.T) {
	eachTransport(t, func(t *testing.T, kind transportKind) {
		l, p := newRig(t, true, Config{}, newApp()).connect(kind)
		defer l.close()
		start := p.Request().Time
		l.want("2")
		if d := time.Since(start); d != 25*time.Second {
			t.Errorf("first ping after %v", d)
		}
		time.Sleep(3 * time.Second)
		l.send("3")
		l.want("2")
		if d := time.Since(start); d != 53*time.Second { // 25 s after the pong, not after the ping
			t.Errorf("second ping after %v", d)
		}
		l.want("close 1005")
		if d := time.Since(start); d != 73*time.Second {
			t.Errorf("ping timeout after %v", d)
		}
		p.wantClosed(t, PingTimeout)
	})
}

// TestPingTimeoutWithoutPoll holds R104: the suite's own figures.
func TestPingTimeoutWithoutPoll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, true, Config{PingInterval: 300 * time.Millisecond, PingTimeout: 200 * time.Millisecond}, newApp())
		sid, p := r.open()
		time.Sleep(499 * time.Millisecond)
		p.wantOpen(t)
		time.Sleep(time.Millisecond)
		synctest.Wait()
		r.get(sid).want(t, 400, body1)
		p.wantClosed(t, PingTimeout)
	})
}

// TestPingTimeoutAnswersThePoll holds V111.
func TestPingTimeoutAnswersThePoll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, true, Config{}, newApp())
		sid, p := r.open()
		r.get(sid).want(t, 200, "2")
		r.finish(r.pending(sid, p), "GET").want(t, 200, "1")
		p.wantClosed(t, PingTimeout)
	})
}

// TestTrafficExtendsTheWaitOnce holds R103 for newer servers.
func TestTrafficExtendsTheWaitOnce(t *testing.T) {
	eachTransport(t, func(t *testing.T, kind transportKind) {
		l, p := newRig(t, true, Config{}, newApp()).connect(kind)
		defer l.close()
		start := p.Request().Time
		l.want("2")
		for range 3 {
			time.Sleep(5 * time.Second)
			l.send("4x")
		}
		l.want("close 1005")
		if d := time.Since(start); d != 65*time.Second { // 25 + 20 + 20
			t.Errorf("ping timeout after %v", d)
		}
		p.wantClosed(t, PingTimeout)
	})
}

// TestPingGoesOutUnderTraffic holds R107: traffic does not replace pings.
func TestPingGoesOutUnderTraffic(t *testing.T) {
	eachTransport(t, func(t *testing.T, kind transportKind) {
		l, _ := newRig(t, true, Config{}, newApp()).connect(kind)
		defer l.close()
		for range 24 {
			time.Sleep(time.Second)
			l.send("4x")
		}
		l.want("2")
	})
}

// TestHeartbeatAcrossUpgrade holds R99: a ping by polling may be answered on the
// WebSocket.
func TestHeartbeatAcrossUpgrade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, true, Config{}, newApp())
		sid, p := r.open()
		r.get(sid).want(t, 200, "2")
		c := r.upgrade(sid)
		defer c.Close()
		time.Sleep(10 * time.Second)
		c.send("3")
		start := time.Now()
		c.want("2")
		if d := time.Since(start); d != 25*time.Second {
			t.Errorf("next ping after %v", d)
		}
		p.wantOpen(t)
	})
}

// TestPongFlood holds E-06.
func TestPongFlood(t *testing.T) {
	eachTransport(t, func(t *testing.T, kind transportKind) {
		l, p := newRig(t, true, Config{}, newApp()).connect(kind)
		defer l.close()
		for range maxStrayPongs + 1 {
			l.send("3")
		}
		p.wantClosed(t, TransportError)
	})
}

// TestEndingsAreBounded holds that a peer which never comes back costs a bounded time.
func TestEndingsAreBounded(t *testing.T) {
	eachTransport(t, func(t *testing.T, kind transportKind) {
		r := newRig(t, true, Config{}, newApp())
		l, p := r.connect(kind)
		defer l.close()
		_ = p.text("unread")
		p.Close(ForcedClose)
		time.Sleep(30*time.Second - time.Millisecond)
		synctest.Wait()
		if n := r.kept(); n != 1 {
			t.Errorf("%d sessions kept before the timeout, want 1", n)
		}
		time.Sleep(2 * time.Millisecond)
		synctest.Wait()
		if n := r.kept(); n != 0 {
			t.Errorf("%d sessions kept after the timeout", n)
		}
	})
}

// TestSlowPost holds H-10: the body's deadline and minimum rate.
func TestSlowPost(t *testing.T) {
	for _, tt := range []struct {
		name  string
		every time.Duration
		bytes int
		fast  bool
	}{
		{"one byte every 5 s", 5 * time.Second, 1, false},
		{"2 KiB per second", time.Second, 2048, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRig(t, true, Config{}, newApp())
				sid, p := r.open()
				body := make([]byte, 40_000)
				for i := range body {
					body[i] = '4'
				}
				whole := request("POST", polling+"&sid="+sid, string(body))
				head := len(whole) - len(body)
				c := r.begin(whole[:head])
				start := time.Now()
				sent := make(chan struct{})
				defer func() { <-sent }()
				go func() {
					defer close(sent)
					for rest := whole[head:]; rest != ""; {
						n := min(tt.bytes, len(rest))
						if _, err := c.Write([]byte(rest[:n])); err != nil {
							return
						}
						rest = rest[n:]
						time.Sleep(tt.every)
						select {
						case <-p.closed:
							return
						default:
						}
					}
				}()
				a := r.finish(c, "POST")
				if tt.fast {
					a.want(t, 200, "ok")
					p.wantOpen(t)
					return
				}
				a.want(t, 408, "")
				if d := time.Since(start); d > 11*time.Second {
					t.Errorf("answered after %v", d)
				}
				p.wantClosed(t, TransportError)
			})
		})
	}
}
