// SPDX-License-Identifier: Apache-2.0

package engineio

import (
	"bytes"
	"fmt"
	"runtime"
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

// goroutine returns the number of the goroutine that calls it.
func goroutine() string {
	var b [64]byte
	return string(bytes.Fields(b[:runtime.Stack(b[:], false)])[1])
}

// What a message asks for runs where the message was received, in order, and its
// output is written without being waited for.
func TestRunAttachedUsesTheReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // where time stands still, no function takes long
		a := newApp()
		a.receive = func(p *peer, data []byte, _ bool) {
			receiving := goroutine()
			attached := p.RunAttached(func() {
				if running := goroutine(); running != receiving {
					t.Errorf("goroutine %s received %s, %s ran it", receiving, data, running)
				}
				_ = p.text(string(data))
				p.Flush()
			})
			if !attached {
				t.Errorf("%s was not attached", data)
			}
		}
		c, _ := newRig(t, true, Config{}, a).openWS()
		defer c.Close()
		const messages = 1000
		go func() {
			for n := range messages {
				c.send("4" + strconv.Itoa(n))
			}
		}()
		for n := range messages {
			c.want("4" + strconv.Itoa(n))
		}
	})
}

// A session that polls has no goroutine to attach to.
func TestRunAttachedNeedsAWebSocket(t *testing.T) {
	eachTransport(t, func(t *testing.T, kind transportKind) {
		a := newApp()
		a.receive = func(p *peer, _ []byte, _ bool) {
			_ = p.text(fmt.Sprint(p.RunAttached(func() {})))
		}
		l, _ := newRig(t, true, Config{}, a).connect(kind)
		defer l.close()
		l.send("4?")
		l.want(fmt.Sprint("4", kind != "polling"))
	})
}

// A reader that the application keeps is replaced: what the function has sent is
// written while it is still busy, the messages after it are received, and the one
// that was kept does not read again.
func TestAnotherReaderTakesOver(t *testing.T) {
	gate := make(chan struct{})
	returned := make(chan bool, 1)
	a := newApp()
	a.receive = func(p *peer, data []byte, _ bool) {
		if string(data) != "wait" {
			_ = p.text("got " + string(data))
			return
		}
		returned <- p.RunAttached(func() {
			_ = p.text("before")
			<-gate
			_ = p.text("after")
		})
	}
	c, p := newRig(t, false, Config{}, a).openWS()
	defer c.Close()
	c.send("4wait")
	c.want("4before")
	for n := range 100 {
		c.send("4" + strconv.Itoa(n))
		c.want("4got " + strconv.Itoa(n))
	}
	select {
	case <-returned:
		t.Fatal("RunAttached returned before its function did")
	default:
	}
	close(gate)
	c.want("4after")
	if !<-returned {
		t.Error("RunAttached returned false after its function ran")
	}
	c.send("4again")
	c.want("4got again")
	p.wantOpen(t)
}

// Without Detach a function that waits for the next message waits for the timer too.
func TestDetach(t *testing.T) {
	for detach, want := range map[bool]time.Duration{false: 100 * patience, true: 0} {
		synctest.Test(t, func(t *testing.T) {
			var next chan struct{} // closed by the message that a function waits for
			a := newApp()
			a.receive = func(p *peer, data []byte, _ bool) {
				if string(data) == "go on" {
					close(next)
					return
				}
				next = make(chan struct{})
				wait := next
				p.RunAttached(func() {
					_ = p.text("ready")
					if detach {
						p.Detach()
					}
					<-wait
					_ = p.text("done")
				})
			}
			c, p := newRig(t, true, Config{}, a).openWS()
			defer c.Close()
			p.Detach() // outside of RunAttached it does nothing
			start := time.Now()
			for range 100 {
				c.send("4wait")
				c.want("4ready")
				c.send("4go on")
				c.want("4done")
			}
			if took := time.Since(start); took != want {
				t.Errorf("with Detach %v: 100 rounds took %v, want %v", detach, took, want)
			}
		})
	}
}

// A function that ends its goroutine, or panics, ends neither the session nor its
// reading.
func TestRunAttachedSurvivesItsFunction(t *testing.T) {
	a := newApp()
	a.receive = func(p *peer, data []byte, _ bool) {
		if string(data) != "goexit" {
			_ = p.text("got " + string(data))
			return
		}
		p.RunAttached(func() {
			_ = p.text("going")
			runtime.Goexit()
		})
	}
	c, p := newRig(t, false, Config{}, a).openWS()
	defer c.Close()
	for range 3 {
		c.send("4goexit")
		c.want("4going")
		c.send("4next")
		c.want("4got next")
	}
	p.wantOpen(t)
}

// A panic ends the session, as one in Receive does, and leaves no goroutine behind.
func TestPanicInRunAttached(t *testing.T) {
	a := newApp()
	a.receive = func(p *peer, _ []byte, _ bool) { p.RunAttached(func() { panic("oh") }) }
	c, p := newRig(t, false, Config{}, a).openWS()
	defer c.Close()
	c.send("4?")
	p.wantClosed(t, TransportError)
}

// A reader whose peer may be silent for long leaves its stack behind: after the first
// message, and after a pong.
func TestASilentReaderGivesWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newApp()
		var ran string
		a.receive = func(*peer, []byte, bool) { ran = goroutine() }
		c, _ := newRig(t, true, Config{PingInterval: time.Hour}, a).openWS()
		defer c.Close()
		receive := func() string {
			c.send("4")
			synctest.Wait()
			return ran
		}
		first, second, third := receive(), receive(), receive()
		if first == second || second != third {
			t.Errorf("goroutines %s, %s and %s received; want the second and third by one other than the first", first, second, third)
		}
		c.send("3")
		synctest.Wait()
		if fourth := receive(); fourth == third {
			t.Errorf("goroutine %s received before and after a pong", fourth)
		}
	})
}

// Whatever follows the first message is found, wherever a read happens to end.
func TestNothingWaitsForASilentReader(t *testing.T) {
	stream := frame(0x81, true, "4a") + frame(0x89, true, "p") + frame(0x81, true, "4b") + frame(0x81, true, "3") +
		frame(0x01, true, "4") + frame(0x89, true, "q") + frame(0x80, true, "c") + frame(0x82, true, "") + frame(0x89, true, "r")
	for cut := range len(stream) + 1 {
		synctest.Test(t, func(t *testing.T) {
			r := newRig(t, true, Config{PingInterval: time.Hour}, newApp())
			c := r.rawWS("")
			defer c.Close()
			p := r.opened()
			c.write(stream[:cut])
			synctest.Wait()
			if cut < len(stream) {
				c.write(stream[cut:])
			}
			for _, want := range []string{"8a:p", "8a:q", "8a:r"} {
				if got := c.next(); got != want {
					t.Errorf("cut at %d: %s, want %s", cut, got, want)
				}
			}
			synctest.Wait()
			if got := fmt.Sprint(p.messages()); got != "[a b c <>]" {
				t.Errorf("cut at %d: received %s", cut, got)
			}
		})
	}
}
