// SPDX-License-Identifier: Apache-2.0

package engineio

import (
	"net"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// descriptors counts the process's open files, or reports -1 where that is unknown.
func descriptors() int {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return -1
	}
	return len(entries)
}

// reset closes a connection as a crashed client would.
func reset(c net.Conn) {
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	c.Close()
}

// TestChurnLeavesNothing ends sessions in every way and compares with the start:
// goroutines, descriptors and sessions.
func TestChurnLeavesNothing(t *testing.T) {
	a := newApp()
	a.echo = true
	r := newRig(t, false, Config{
		PingInterval: 300 * time.Millisecond, PingTimeout: 300 * time.Millisecond, UpgradeTimeout: 500 * time.Millisecond,
		Limits: Limits{CloseTimeout: 200 * time.Millisecond},
	}, a)
	endings := map[string]func(){
		"polling, never polled": func() { r.open() },
		"polling, POST 1":       func() { sid, _ := r.open(); r.post(sid, "1") },
		"polling, garbage":      func() { sid, _ := r.open(); r.post(sid, "?") },
		"polling, GET reset": func() {
			sid, _ := r.open()
			c := r.begin(request("GET", polling+"&sid="+sid, ""))
			time.Sleep(20 * time.Millisecond)
			reset(c)
		},
		"polling, POST reset": func() {
			sid, _ := r.open()
			reset(r.begin(strings.TrimSuffix(request("POST", polling+"&sid="+sid, "4abc"), "c")))
		},
		"polling, server closes":  func() { sid, p := r.open(); p.Close(ForcedClose); r.get(sid) },
		"polling, closed, unread": func() { _, p := r.open(); _ = p.text("x"); p.Close(ForcedClose) },
		"websocket, close":        func() { c := r.rawWS(""); c.write(frame(0x88, true, "")); c.next(); c.Close() },
		"websocket, reset":        func() { reset(r.rawWS("").Conn) },
		"websocket, no pong":      func() { c := r.rawWS(""); c.end(); c.Close() },
		"websocket, violation":    func() { c := r.rawWS(""); c.write("\xff\xff\xff\xff\xff\xff"); c.end(); c.Close() },
		"websocket, then reset":   func() { c := r.rawWS(""); c.write(frame(0x81, true, "4x")); reset(c.Conn) },
		"upgrade refused, reset":  func() { reset(r.begin(request("GET", wsQuery+"&sid=no", "", upgradeHeaders...))) },
		"upgrade, reset at once": func() {
			sid, _ := r.open()
			reset(r.begin(request("GET", wsQuery+"&sid="+sid, "", upgradeHeaders...)))
		},
		"upgrade, reset":       func() { sid, _ := r.open(); reset(r.rawWS(sid).Conn) },
		"upgrade, silence":     func() { sid, _ := r.open(); c := r.rawWS(sid); c.end(); c.Close() },
		"upgrade, probe reset": func() { _, _, c := r.probing(); reset(c.NetConn()) },
		"upgrade, switch": func() {
			sid, _ := r.open()
			c := r.upgrade(sid)
			c.send("4x")
			c.read()
			c.Close()
		},
	}
	baseline := func() (int, int) {
		runtime.GC()
		return runtime.NumGoroutine(), descriptors()
	}
	time.Sleep(50 * time.Millisecond)
	goroutines, files := baseline()
	var wg sync.WaitGroup
	slots := make(chan struct{}, 8)
	for _, end := range endings {
		for range 12 {
			slots <- struct{}{}
			wg.Go(func() {
				defer func() { <-slots }()
				end()
			})
		}
	}
	wg.Wait()
	waitFor(t, "every session to end", func() bool { return r.kept() == 0 && r.srv.Len() == 0 })
	for range 300 {
		g, f := baseline()
		if g <= goroutines && f <= files {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if g, f := baseline(); g > goroutines || f > files {
		t.Errorf("%d goroutines and %d descriptors, began with %d and %d", g, f, goroutines, files)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, p := range a.all {
		select {
		case <-p.closed:
		default:
			t.Error("a session ended without Closed")
		}
		p.mu.Lock()
		if p.closings != 1 {
			t.Errorf("Closed ran %d times", p.closings)
		}
		p.mu.Unlock()
	}
}

// TestWriteDeadlineDoesNotOutliveItsWrite sends more than the kernel buffers, so
// that a deadline is set, and then lets it pass while nothing is written.
func TestWriteDeadlineDoesNotOutliveItsWrite(t *testing.T) {
	r := newRig(t, false, Config{Limits: Limits{StallTime: 2 * time.Second}}, newApp())
	c, p := r.openWS()
	defer c.Close()
	_ = p.text(strings.Repeat("x", 3000)) // copied, so that it takes the short way
	c.read()
	small := strings.Repeat("y", 4000)
	for i := range 250 { // a batch of a megabyte that is copied
		if err := p.text(small); err != nil {
			t.Fatalf("message %d: %v", i, err)
		}
	}
	time.Sleep(50 * time.Millisecond)
	for range 250 {
		c.want("4" + small)
	}
	if err := p.text(strings.Repeat("z", 8_000_000)); err != nil {
		t.Fatal(err)
	}
	time.Sleep(50 * time.Millisecond)
	if got := c.read(); len(got) != 8_000_001 {
		t.Fatalf("%d bytes", len(got))
	}
	time.Sleep(2100 * time.Millisecond)
	_ = p.text("later")
	c.want("4later")
}
