// SPDX-License-Identifier: Apache-2.0

package engineio

import (
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestASlowUploadIsAlive holds that a peer whose pong is behind a message which takes its
// time is waited for, and pinged.
func TestASlowUploadIsAlive(t *testing.T) {
	eachTransport(t, func(t *testing.T, kind transportKind) {
		r := newRig(t, true, Config{}, newApp())
		l, p := r.connect(kind)
		defer l.close()
		const size, piece = 1_000_000, 5_000 // at 5 KB/s
		data := "4" + strings.Repeat("x", size-1)
		var c net.Conn
		if kind == "polling" {
			c = r.begin(fmt.Sprintf("POST /engine.io/%s&sid=%s HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n", polling, l.sid, size))
		} else {
			c = l.ws.NetConn()
			data = frame(0x81, true, data)
		}
		var readers sync.WaitGroup
		readers.Go(func() { // fetches pings, and cannot answer them in time
			last := time.Now()
			for got := "2"; got == "2"; {
				got = l.read()
				if silent := time.Since(last); silent >= 45*time.Second {
					t.Errorf("%q after %v: the official client has given up", got, silent)
				}
				last = time.Now()
			}
		})
		defer readers.Wait()
		for len(data) > 0 {
			n := min(piece, len(data))
			if _, err := io.WriteString(c, data[:n]); err != nil {
				t.Fatal(err)
			}
			data = data[n:]
			time.Sleep(time.Second)
		}
		synctest.Wait()
		p.wantOpen(t)
		if got := p.messages(); len(got) != 1 || len(got[0]) != size-1 {
			t.Errorf("%d messages", len(got))
		}
		if kind == "polling" {
			r.finish(c, "POST").want(t, 200, "ok")
		}
		p.Close(ForcedClose)
	})
}

// TestASteadyUploadIsNoEndlessMessage has a client send without pause for longer than
// AssemblyTime, to an application that is slower: every read finds some message that has
// begun and not ended, but each time another one.
func TestASteadyUploadIsNoEndlessMessage(t *testing.T) {
	for _, size := range []int{20, 1500, 100_000} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := newApp()
				n := 2_000_000/size + 100
				got := make(chan int, n)
				a.receive = func(_ *peer, data []byte, _ bool) {
					time.Sleep(2 * time.Minute / time.Duration(n))
					got <- len(data)
				}
				r := newRig(t, true, Config{PingInterval: time.Hour}, a)
				c := r.rawWS("")
				defer c.Close()
				p := r.opened()
				go c.write(strings.Repeat(frame(0x81, true, "4"+strings.Repeat("x", size)), n))
				for i := range n {
					select {
					case bytes := <-got:
						if bytes != size {
							t.Fatalf("message %d has %d bytes", i, bytes)
						}
					case <-p.closed:
						t.Fatalf("after %d messages of %d: %v, %v", i, n, p.reason, p.err)
					}
				}
				p.wantOpen(t)
			})
		})
	}
}

// TestWhatAGonePeerSentIsRead holds that messages which arrived before the peer closed its
// connection are received although the answers to the first of them cannot be written
// (R178), and that nothing can be sent meanwhile.
func TestWhatAGonePeerSentIsRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const n = 1000
		a := newApp()
		a.receive = func(p *peer, data []byte, _ bool) {
			time.Sleep(time.Millisecond) // until a flusher has tried
			err := p.sendWaiting(t.Context(), string(data)+strings.Repeat("x", 5000))
			if string(data) == "999" && !errors.Is(err, ErrSessionClosed) {
				t.Errorf("the answer to the last message: %v", err)
			}
		}
		r := newRig(t, true, Config{}, a)
		c := r.rawWS("")
		p := r.opened()
		var b strings.Builder
		for i := range n {
			b.WriteString(frame(0x81, true, fmt.Sprint("4", i)))
		}
		c.write(b.String())
		c.Close()
		<-p.closed
		synctest.Wait()
		got := p.messages()
		if len(got) != n || got[n-1] != "999" {
			t.Errorf("%d messages were received, want %d", len(got), n)
		}
		p.wantClosed(t, TransportClose)
		if left := p.Waiting(); left != 0 {
			t.Errorf("%d bytes wait for nobody", left)
		}
	})
}
