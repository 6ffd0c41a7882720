// SPDX-License-Identifier: Apache-2.0

//go:build unix

package engineio

import (
	"fmt"
	"io"
	"net"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"
)

// cpu returns the processor time of the process so far.
func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkEcho measures a message's way in and out over loopback WebSockets. The
// client, in the same process, does as little as it can.
func BenchmarkEcho(b *testing.B) {
	for _, c := range []struct{ conns, flight int }{{1, 1}, {100, 1}, {100, 16}} {
		b.Run(fmt.Sprintf("%dx%d", c.conns, c.flight), func(b *testing.B) {
			a := newApp()
			a.receive = func(p *peer, data []byte, _ bool) {
				p.received = p.received[:0]
				m := NewMessage()
				m.Text = append(m.Buffer(), data...)
				_ = p.Send(m)
				m.Release()
			}
			r := newRig(b, false, Config{}, a)
			one := frame(0x81, true, "4hello, 20 bytes long")
			batch, answer := "", 2+len("4hello, 20 bytes long")
			for range c.flight {
				batch += one
			}
			conns := make([]net.Conn, c.conns)
			for i := range conns {
				conns[i] = benchConn(b, r)
			}
			rounds := max(b.N/(c.conns*c.flight), 1)
			b.ReportAllocs()
			b.ResetTimer()
			start := cpu()
			var wg sync.WaitGroup
			for _, conn := range conns {
				wg.Go(func() {
					buf := make([]byte, answer*c.flight)
					for range rounds {
						_, _ = io.WriteString(conn, batch)
						_, _ = io.ReadFull(conn, buf)
					}
				})
			}
			wg.Wait()
			b.StopTimer()
			b.ReportMetric(float64(cpu()-start)/float64(rounds*c.conns*c.flight), "cpu-ns/msg")
			for _, conn := range conns {
				conn.Close()
			}
		})
	}
}

// benchConn opens a session and leaves the bare connection.
func benchConn(b *testing.B, r *rig) net.Conn {
	c := r.begin(request("GET", wsQuery, "", upgradeHeaders...))
	buf, n := make([]byte, 4096), 0
	for n == 0 || buf[n-1] != '}' {
		m, err := c.Read(buf[n:])
		if err != nil {
			b.Fatal(err)
		}
		n += m
	}
	return c
}

// BenchmarkSendFlush measures the way out alone: one message, one write.
func BenchmarkSendFlush(b *testing.B) {
	r := newRig(b, false, Config{}, newApp())
	c := benchConn(b, r)
	defer c.Close()
	go func() { _, _ = io.Copy(io.Discard, c) }()
	p := r.opened()
	m := NewMessage()
	defer m.Release()
	m.Text = append(m.Buffer(), "hello, 20 bytes long"...)
	b.ReportAllocs()
	for b.Loop() {
		if p.Send(m) != nil {
			time.Sleep(time.Microsecond)
		}
		p.Flush()
	}
}

// BenchmarkBroadcast measures one message to a thousand WebSocket sessions, until
// the last one has it.
func BenchmarkBroadcast(b *testing.B) {
	const sessions = 1000
	r := newRig(b, false, Config{}, newApp())
	payload := "hello, 20 bytes long"
	var peers []*peer
	got := make(chan struct{}, sessions)
	for range sessions {
		c := benchConn(b, r)
		defer c.Close()
		peers = append(peers, r.opened())
		go func() {
			buf := make([]byte, 3+len(payload))
			for {
				if _, err := io.ReadFull(c, buf); err != nil {
					return
				}
				got <- struct{}{}
			}
		}()
	}
	b.ReportAllocs()
	start, n := cpu(), 0
	for b.Loop() {
		m := NewMessage()
		m.Text = append(m.Buffer(), payload...)
		for _, p := range peers {
			_ = p.Send(m)
		}
		m.Release()
		for range peers {
			<-got
		}
		n++
	}
	b.ReportMetric(float64(cpu()-start)/float64(n*sessions), "cpu-ns/delivery")
}

// BenchmarkIdle reports the memory of an idle WebSocket session, both ends in
// this process: the client's is a descriptor and nothing more.
func BenchmarkIdle(b *testing.B) {
	const sessions = 2000
	for b.Loop() {
		r := newRig(b, false, Config{}, newApp())
		before := inUse()
		conns := make([]net.Conn, sessions)
		for i := range conns {
			conns[i] = benchConn(b, r)
		}
		b.ReportMetric(float64(inUse()-before)/sessions, "B/session")
		for _, c := range conns {
			c.Close()
		}
	}
}

func inUse() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse + m.StackInuse)
}
