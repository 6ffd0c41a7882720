// SPDX-License-Identifier: Apache-2.0

package engineio

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"
)

const wsQuery = "?EIO=4&transport=websocket"

// probing opens a session by polling and a WebSocket that has probed.
func (r *rig) probing() (string, *peer, *wsClient) {
	r.t.Helper()
	sid, p := r.open()
	c, _, err := r.ws(wsQuery + "&sid=" + sid)
	if err != nil {
		r.t.Fatal(err)
	}
	c.send("2probe")
	c.want("3probe")
	return sid, p, c
}

// TestUpgrade is the transcript B.1.
func TestUpgrade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp()
		a.echo = true
		r := newRig(t, true, Config{}, a)
		sid, p := r.open()
		r.post(sid, "4one").want(t, 200, "ok")
		r.get(sid).want(t, 200, "4one")
		get := r.pending(sid, p)
		c, _, err := r.ws(wsQuery + "&sid=" + sid)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		c.send("2probe")
		c.want("3probe")
		start := time.Now()
		r.finish(get, "GET").want(t, 200, "6")
		if d := time.Since(start); d != 0 {
			t.Errorf("the first noop took %v", d)
		}
		c.send("5")
		c.send("4two") // right behind the upgrade packet (R86)
		c.want("4two")
		c.want("2")
		c.send("3")
		c.send("4three")
		c.want("4three")
		c.want("2")
		if p.Transport() != "websocket" {
			t.Errorf("transport %q", p.Transport())
		}
	})
}

// TestNoops holds R83 to R85: the first noop at once, later ones spaced.
func TestNoops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, true, Config{}, newApp())
		sid, p, c := r.probing()
		defer c.Close()
		start := time.Now()
		var at []time.Duration
		for range 4 {
			r.get(sid).want(t, 200, "6")
			at = append(at, time.Since(start))
		}
		if want := fmt.Sprint([]time.Duration{pollHold, pollHold + noopSpacing, pollHold + 2*noopSpacing, pollHold + 3*noopSpacing}); fmt.Sprint(at) != want {
			t.Errorf("noops after %v, want %v", at, want)
		}
		get := r.pending(sid, p)
		_ = p.text("data during the probe") // R85
		r.finish(get, "GET").want(t, 200, "4data during the probe")
		r.post(sid, "4posted").want(t, 200, "ok")
		c.send("2probe") // R92
		c.want("3probe")
		_ = p.text("buffered")
		c.send("5")
		c.want("4buffered")
		if got := p.messages(); len(got) != 1 || got[0] != "posted" {
			t.Errorf("received %q", got)
		}
	})
}

// TestPollHeldForTheUpgrade holds R100 and R87.
func TestPollHeldForTheUpgrade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, true, Config{}, newApp())
		sid, p, c := r.probing()
		defer c.Close()
		get := r.pending(sid, p)
		c.send("5")
		r.finish(get, "GET").want(t, 400, body3)

		sid, p = r.open()
		get = r.pending(sid, p)
		direct, _, err := r.ws(wsQuery + "&sid=" + sid)
		if err != nil {
			t.Fatal(err)
		}
		defer direct.Close()
		direct.send("5") // R92: without a probe
		r.finish(get, "GET").want(t, 200, "1")
		_ = p.text("over")
		direct.want("4over")
	})
}

// TestProbeGivenUp holds R93 to R95: polling goes on and a new attempt is allowed.
func TestProbeGivenUp(t *testing.T) {
	tests := []struct {
		name string
		do   func(c *wsClient)
	}{
		{"bare ping", func(c *wsClient) { c.send("2"); c.want("close 1005") }},
		{"message", func(c *wsClient) { c.send("40"); c.want("close 1005") }},
		{"garbage", func(c *wsClient) { c.send("zzz"); c.want("close 1005") }},
		{"binary", func(c *wsClient) { _ = c.WriteMessage(websocket.BinaryMessage, []byte("5")); c.want("close 1005") }},
		{"probe, then binary", func(c *wsClient) {
			c.send("2probe")
			c.want("3probe")
			_ = c.WriteMessage(websocket.BinaryMessage, []byte{1})
			c.want("close 1005")
		}},
		{"timeout", func(c *wsClient) {
			start := time.Now()
			c.want("close 1005")
			if d := time.Since(start); d != 10*time.Second {
				c.t.Errorf("closed after %v", d)
			}
		}},
		{"probe, then silence", func(c *wsClient) { c.send("2probe"); c.want("3probe"); c.want("close 1005") }},
		{"dropped", func(c *wsClient) { c.Close() }},
		{"probe, then dropped", func(c *wsClient) { c.send("2probe"); c.want("3probe"); c.Close() }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := newApp()
				a.echo = true
				r := newRig(t, true, Config{}, a)
				sid, p := r.open()
				c, _, err := r.ws(wsQuery + "&sid=" + sid)
				if err != nil {
					t.Fatal(err)
				}
				tt.do(c)
				c.Close()
				synctest.Wait()
				r.post(sid, "4x").want(t, 200, "ok")
				r.get(sid).want(t, 200, "4x")
				p.wantOpen(t)
				again := r.upgrade(sid)
				defer again.Close()
				again.send("4y")
				again.want("4y")
			})
		})
	}
}

// TestProbePeerNeverAnswers holds that a probe's connection goes even if the peer
// ignores the Close frame.
func TestProbePeerNeverAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, true, Config{PingInterval: time.Hour}, newApp())
		sid, p := r.open()
		c := r.begin(request("GET", wsQuery+"&sid="+sid, "", upgradeHeaders...))
		defer c.Close()
		time.Sleep(39 * time.Second)
		p.Session.mu.Lock()
		before := p.tasks
		p.Session.mu.Unlock()
		time.Sleep(2 * time.Second)
		synctest.Wait()
		p.Session.mu.Lock()
		after := p.tasks
		p.Session.mu.Unlock()
		if before != 1 || after != 0 {
			t.Errorf("%d tasks before the limit, %d after; want 1 and 0", before, after)
		}
	})
}

// TestProbesPileUp holds that probes whose peer ignores the Close frame stay few,
// and that Shutdown cuts them.
func TestProbesPileUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, true, Config{PingInterval: time.Hour}, newApp())
		sid, p := r.open()
		for range 20 {
			c := r.rawWS(sid)
			defer c.Close()
			c.write(frame(0x81, true, "bad"))
			synctest.Wait()
		}
		p.Session.mu.Lock()
		n := len(p.lingering)
		p.Session.mu.Unlock()
		if n != maxLingering {
			t.Errorf("%d probes linger, want %d", n, maxLingering)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_ = r.srv.Shutdown(ctx)
		synctest.Wait()
		if n := r.kept(); n != 0 {
			t.Errorf("%d sessions left", n)
		}
	})
}

// TestSessionEndsDuringProbe holds R96 and R97.
func TestSessionEndsDuringProbe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, true, Config{}, newApp())
		sid, p, c := r.probing()
		r.post(sid, "1").want(t, 200, "ok")
		c.want("close 1005")
		c.Close()
		p.wantClosed(t, TransportClose)

		_, p, c = r.probing()
		c.want("close 1005") // the upgrade timeout; then nobody answers the ping
		c.Close()
		time.Sleep(time.Minute)
		p.wantClosed(t, PingTimeout)

		_, p, c = r.probing()
		_ = p.text("rest")
		p.Close(ForcedClose)
		c.send("5")
		c.want("4rest")
		c.want("close 1005")
		c.Close()
		p.wantClosed(t, ForcedClose)
	})
}

// TestSecondUpgrade holds E-03 and R91: of several WebSockets one becomes the
// session's; the others get a Close frame and disturb nothing.
func TestSecondUpgrade(t *testing.T) {
	var told refusals
	r := newRig(t, false, Config{OnRefused: told.hook}, newApp())
	for range 20 {
		sid, p := r.open()
		first := make(chan *wsClient, 4)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				c, _, err := r.ws(wsQuery + "&sid=" + sid)
				if err != nil {
					t.Error(err)
					return
				}
				c.send("2probe")
				switch got := c.read(); got {
				case "3probe":
					first <- c
				case "close 1005":
					c.Close()
				default:
					t.Errorf("a WebSocket got %q", got)
				}
			})
		}
		wg.Wait()
		if len(first) != 1 {
			t.Fatalf("%d upgrades accepted", len(first))
		}
		won := <-first
		won.send("5")
		_ = p.text("x")
		won.want("4x")
		won.Close()
		p.wantClosed(t, TransportClose)
	}
	wantRefusals(t, r, map[RefusalCause]uint64{RefusedUpgrade: 60})
	for _, e := range told.got {
		if e.Cause != RefusedUpgrade || e.Status != 101 {
			t.Errorf("OnRefused got %+v", e)
		}
	}
	sid, p := r.open()
	p.Close(ForcedClose)
	if got := r.rawUpgrade(wsQuery+"&sid="+sid, upgradeHeaders...); got != rawRefusal("400 Bad Request", "Bad request", "") {
		t.Errorf("upgrade of a closing session: %q", got)
	}
}

// TestSecondUpgradeLeavesTheFirstAlone holds R91 at each step of the first one.
func TestSecondUpgradeLeavesTheFirstAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp()
		a.echo = true
		r := newRig(t, true, Config{PingInterval: time.Hour}, a)
		second := func(sid string) {
			t.Helper()
			c := r.rawWS(sid)
			defer c.Close()
			if got := c.end(); got != "close" {
				t.Errorf("second WebSocket: %q", got)
			}
		}
		sid, p := r.open()
		get := r.pending(sid, p)
		c, _, err := r.ws(wsQuery + "&sid=" + sid)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		second(sid) // before the probe
		c.send("2probe")
		c.want("3probe")
		r.finish(get, "GET").want(t, 200, "6")
		second(sid)
		r.post(sid, "4polled").want(t, 200, "ok")
		r.get(sid).want(t, 200, "4polled")
		c.send("5")
		c.send("4x")
		c.want("4x")
		second(sid)
		c.send("4y")
		c.want("4y")
		p.wantOpen(t)

		ws, p := r.openWS() // a session that began on WebSocket
		defer ws.Close()
		second(string(p.ID()))
		ws.send("4z")
		ws.want("4z")
	})
}

// TestSecondUpgradesPileUp holds that those whose peers do not answer the Close frame
// stay few and go soon, and that the session's end does not wait for them.
func TestSecondUpgradesPileUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t, true, Config{PingInterval: time.Hour}, newApp())
		c, p := r.openWS()
		defer c.Close()
		count := func() (lingering, tasks int) {
			synctest.Wait()
			p.Session.mu.Lock()
			defer p.Session.mu.Unlock()
			return len(p.lingering), p.tasks
		}
		_, before := count()
		for range 50 {
			second := r.rawWS(string(p.ID()))
			defer second.Close()
			if got := second.next(); got != "close" {
				t.Errorf("second WebSocket: %q", got)
			}
		}
		if n, tasks := count(); n != maxLingering || tasks != before+maxLingering {
			t.Errorf("%d linger and %d tasks, want %d more than %d", n, tasks, maxLingering, before)
		}
		time.Sleep(lingerTime)
		if n, tasks := count(); n != 0 || tasks != before {
			t.Errorf("%d linger and %d tasks after a while", n, tasks)
		}
		r.rawWS(string(p.ID()))
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		_ = r.srv.Shutdown(ctx)
		synctest.Wait()
		if n := r.kept(); n != 0 {
			t.Errorf("%d sessions left", n)
		}
	})
}

// TestUpgradeWaitsForThePost holds R246: messages of a POST that is still being
// handed on come before those of the WebSocket.
func TestUpgradeWaitsForThePost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp()
		release := make(chan struct{})
		a.receive = func(_ *peer, data []byte, _ bool) {
			if string(data) == "1" {
				<-release
			}
		}
		r := newRig(t, true, Config{}, a)
		sid, p, c := r.probing()
		defer c.Close()
		post := r.begin(request("POST", polling+"&sid="+sid, "41\x1e42"))
		synctest.Wait()
		c.send("5")
		c.send("43")
		synctest.Wait()
		if got := fmt.Sprint(p.messages()); got != "[1]" {
			t.Errorf("received %v", got)
		}
		close(release)
		r.finish(post, "POST").want(t, 200, "ok")
		synctest.Wait()
		if got := fmt.Sprint(p.messages()); got != "[1 2 3]" {
			t.Errorf("received %v", got)
		}
	})
}

// TestOrderAcrossUpgrades holds R88 under traffic both ways.
func TestOrderAcrossUpgrades(t *testing.T) {
	const upgrades, each = 60, 120
	a := newApp()
	r := newRig(t, false, Config{}, a)
	var wg sync.WaitGroup
	slots := make(chan struct{}, 6)
	for range upgrades {
		slots <- struct{}{}
		sid, p := r.open()
		wg.Go(func() {
			defer func() { <-slots }()
			orderedUpgrade(t, r, sid, p, each)
		})
	}
	wg.Wait()
}

// orderedUpgrade plays the official client: it polls, posts, probes, pauses and
// switches, while numbered messages flow both ways.
func orderedUpgrade(t *testing.T, r *rig, sid string, p *peer, each int) {
	var server sync.WaitGroup
	server.Go(func() { // the server's traffic
		for i := range each {
			for p.text(strconv.Itoa(i)) == ErrQueueFull {
				time.Sleep(time.Millisecond)
			}
			if i%8 == 0 {
				time.Sleep(200 * time.Microsecond)
			}
		}
	})
	defer server.Wait()

	next := 0
	take := func(packets ...string) {
		for _, packet := range packets {
			if packet == "6" {
				continue
			}
			if packet != "4"+strconv.Itoa(next) {
				t.Errorf("packet %q, want number %d", packet, next)
			}
			next++
		}
	}
	paused := make(chan struct{})
	var poller sync.WaitGroup
	poller.Go(func() {
		for {
			select {
			case <-paused:
				return
			default:
				take(strings.Split(r.get(sid).body, "\x1e")...)
			}
		}
	})
	sent := 0
	for ; sent < each/4; sent++ {
		r.post(sid, "4"+strconv.Itoa(sent))
	}
	c, _, err := r.ws(wsQuery + "&sid=" + sid)
	if err != nil {
		t.Error(err)
		close(paused)
		poller.Wait()
		return
	}
	defer c.Close()
	c.send("2probe")
	c.want("3probe")
	close(paused)
	r.post(sid, "4"+strconv.Itoa(sent))
	sent++
	poller.Wait()
	c.send("5")
	for ; sent < each; sent++ {
		c.send("4" + strconv.Itoa(sent))
	}
	for next < each {
		take(c.read())
		if t.Failed() {
			return
		}
	}
	waitFor(t, "the client's messages", func() bool { return len(p.messages()) >= each })
	for i, got := range p.messages() {
		if got != strconv.Itoa(i) {
			t.Errorf("received %q as number %d", got, i)
			return
		}
	}
}

// TestUpgraded holds R86 for the application: it is told once, after what came by
// polling and before what comes by WebSocket.
func TestUpgraded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp()
		a.upgrade = func(p *peer) {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.received = append(p.received, "upgraded to "+p.Transport())
		}
		r := newRig(t, true, Config{}, a)
		sid, p := r.open()
		r.post(sid, "4one")
		c := r.upgrade(sid)
		defer c.Close()
		c.send("4two")
		c.send("5") // R41: has no meaning now
		c.send("4three")
		synctest.Wait()
		if got, want := fmt.Sprint(p.messages()), "[one upgraded to websocket two three]"; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		ws, p := r.openWS()
		defer ws.Close()
		ws.send("4direct")
		synctest.Wait()
		if got := fmt.Sprint(p.messages()); got != "[direct]" {
			t.Errorf("a session that began on WebSocket got %s", got)
		}
	})
}

// TestUpgradedPanics holds that a panic ends the session and nothing else, and that a
// session that is closing is not told.
func TestUpgradedPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp()
		a.upgrade = func(p *peer) { panic("oops") }
		r := newRig(t, true, Config{}, a)
		sid, p := r.open()
		c := r.upgrade(sid)
		defer c.Close()
		p.wantClosed(t, TransportError)

		told := false
		a.upgrade = func(p *peer) { told = true }
		_, p, c = r.probing()
		defer c.Close()
		p.Close(ForcedClose)
		c.send("5") // R97
		synctest.Wait()
		if told {
			t.Error("a session that was closed is told of its upgrade")
		}
		c.want("close 1005")
	})
}
