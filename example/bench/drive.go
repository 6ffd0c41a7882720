// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"sync/atomic"
	"time"
)

// driveEcho has each connection send again what came back.
func driveEcho(d *drive, m mode) (figures, error) {
	if err := d.connect(m.connections); err != nil {
		return nil, err
	}
	for i, c := range d.clients {
		d.start(func() error { return d.echo(c, d.shard(i), m) })
	}
	return d.window()
}

// echo keeps m.flight messages of one connection on their way. It sends as many at
// once as have come back at once. Broadcasts are passed over.
func (d *drive) echo(c *client, s *shard, m mode) error {
	one, reply, other := frame(opText, m.message.request), []byte(m.message.reply), []byte(broadcastMessage.reply)
	batch := bytes.Repeat(one, m.flight)
	sent, oldest := make([]time.Time, m.flight), 0 // when those on their way were sent, in a ring
	for i := range sent {
		sent[i] = time.Now()
	}
	if _, err := c.conn.Write(batch); err != nil {
		return err
	}
	for !d.stopped.Load() {
		back := 0
		for back == 0 || back < m.flight && c.ready() {
			packet, err := c.read()
			switch {
			case err != nil:
				return err
			case bytes.Equal(packet, reply):
				back++
			case !bytes.Equal(packet, other):
				return fmt.Errorf("got %q, want %q", packet, reply)
			}
		}
		now := time.Now()
		for range back {
			d.observe(s, now.Sub(sent[oldest]))
			sent[oldest] = now
			oldest = (oldest + 1) % m.flight
		}
		if _, err := c.conn.Write(batch[:back*len(one)]); err != nil {
			return err
		}
	}
	return nil
}

// driveBroadcast has one connection send to all. The next is sent when another one
// has reached everybody; its latency is that of the last delivery.
func driveBroadcast(d *drive, m mode) (figures, error) {
	if err := d.connect(m.connections); err != nil {
		return nil, err
	}
	var deliveries atomic.Int64
	everybody := int64(len(d.clients))
	complete := make(chan struct{}, m.flight) // no more than m.flight are on their way
	for i, c := range d.clients {
		s := d.shard(i)
		d.start(func() error {
			return c.receive([]byte(m.message.reply), func() {
				s.done.Add(1)
				if deliveries.Add(1)%everybody == 0 {
					complete <- struct{}{}
				}
			})
		})
	}
	stop := make(chan struct{})
	defer close(stop)
	d.start(func() error {
		request, sent := frame(opText, m.message.request), make([]time.Time, m.flight)
		for n := 0; ; n++ {
			if n >= m.flight {
				select {
				case <-complete:
				case <-stop:
					return nil
				}
				if d.measuring.Load() {
					d.shard(n).latency.add(time.Since(sent[n%m.flight]))
				}
			}
			sent[n%m.flight] = time.Now()
			if _, err := d.clients[0].conn.Write(request); err != nil {
				return err
			}
		}
	})
	return d.window()
}

// receive calls f for each packet that comes, all of which are alike.
func (c *client) receive(want []byte, f func()) error {
	for {
		packet, err := c.read()
		if err != nil {
			return err
		}
		if !bytes.Equal(packet, want) {
			return fmt.Errorf("got %q, want %q", packet, want)
		}
		f()
	}
}

// driveConnect opens and closes connections.
func driveConnect(d *drive, m mode) (figures, error) {
	for i := range m.connections {
		d.start(func() error {
			for !d.stopped.Load() {
				begin := time.Now()
				c, err := dial(d.addr)
				if err != nil {
					return err
				}
				took := time.Since(begin)
				err = c.leave()
				c.close()
				if err != nil {
					return err
				}
				d.observe(d.shard(i), took)
			}
			return nil
		})
	}
	return d.window()
}

// settle is how long a server with silent connections is left alone before its
// memory is looked at.
const settle = time.Second

// driveIdle compares the server's memory before and after connections have come.
func driveIdle(d *drive, m mode) (figures, error) {
	pause := min(settle, d.pace.duration)
	before, err := d.memory("?gc=1")
	if err != nil {
		return nil, err
	}
	if err := d.connect(m.connections); err != nil {
		return nil, err
	}
	for _, c := range d.clients {
		d.start(func() error { return c.receive(nil, func() {}) }) // pings alone
	}
	if err := d.wait(pause); err != nil {
		return nil, err
	}
	dirty, err := d.memory("")
	if err != nil {
		return nil, err
	}
	after, err := d.memory("?gc=1")
	if err != nil {
		return nil, err
	}
	n := float64(m.connections)
	found := figures{
		idleMemory:   float64(after.size-before.size) / 1024 / n,
		idleGarbage:  float64(dirty.size-before.size) / 1024 / n,
		residentSize: float64(after.size) / (1 << 20),
	}
	if before.inside.Goroutines > 0 {
		found[goroutines] = float64(after.inside.Goroutines-before.inside.Goroutines) / n
	}
	return found, d.wait(0)
}

type memory struct {
	size   int64
	inside inside
}

// memory asks the server about itself, then the operating system about its memory.
func (d *drive) memory(query string) (found memory, err error) {
	if found.inside, err = d.ask(query); err == nil {
		found.size, err = resident(d.pid)
	}
	return found, err
}

// The modes of latency echo on a tenth of the connections; the others listen.
func driveQuiet(d *drive, m mode) (figures, error) { return d.disturbed(m, nil) }
func driveStorm(d *drive, m mode) (figures, error) { return d.disturbed(m, d.storm) }
func driveStuck(d *drive, m mode) (figures, error) { return d.disturbed(m, d.stuck) }

// disturbed measures echoes while another client does what disturb does, until stop
// is closed.
func (d *drive) disturbed(m mode, disturb func(stop <-chan struct{}) error) (figures, error) {
	if err := d.connect(m.connections); err != nil {
		return nil, err
	}
	for i, c := range d.clients {
		if i%10 == 0 {
			d.start(func() error { return d.echo(c, d.shard(i), m) })
			continue
		}
		d.start(func() error { return c.receive([]byte(broadcastMessage.reply), func() {}) })
	}
	stop := make(chan struct{})
	defer close(stop)
	if disturb != nil {
		d.start(func() error { return disturb(stop) })
	}
	found, err := d.window()
	delete(found, cpuTime) // it includes what disturbs
	delete(found, allocations)
	delete(found, allocated)
	return found, err
}

// storm sends a broadcast 20 times a second: to 1,000 connections, these are 20,000
// deliveries a second.
func (d *drive) storm(stop <-chan struct{}) error {
	ticks := time.NewTicker(time.Second / 20)
	defer ticks.Stop()
	request, listener := frame(opText, broadcastMessage.request), d.clients[len(d.clients)-1]
	for {
		select {
		case <-ticks.C:
		case <-stop:
			return nil
		}
		if _, err := listener.conn.Write(request); err != nil {
			return err
		}
	}
}

// stuck asks for 6 MiB of echoes a second and reads none of them. Whenever the
// server has enough of it, it comes back.
func (d *drive) stuck(stop <-chan struct{}) error {
	ticks := time.NewTicker(5 * time.Millisecond)
	defer ticks.Stop()
	request := frame(opText, `42["echo","`+strings.Repeat("x", 32<<10)+`"]`)
	var c *client
	defer func() {
		if c != nil {
			c.close()
		}
	}()
	var rest []byte // of the request that is being written
	for {
		select {
		case <-ticks.C:
		case <-stop:
			return nil
		}
		if c == nil {
			var err error
			if c, err = dialStuck(d.addr); err != nil {
				return err
			}
			rest = nil
		}
		if len(rest) == 0 {
			rest = request
		}
		if err := c.conn.SetWriteDeadline(time.Now().Add(5 * time.Millisecond)); err != nil {
			return err
		}
		n, err := c.conn.Write(rest)
		rest = rest[n:]
		// A server that reads nothing more from it, for it does not read either, may do so.
		if err != nil && !errors.Is(err, os.ErrDeadlineExceeded) {
			c.close() // as the server has done
			c = nil
		}
	}
}

// dialStuck opens a connection on which little can be on its way.
func dialStuck(addr string) (*client, error) {
	c, err := dial(addr)
	if err != nil {
		return nil, err
	}
	if tcp, ok := c.conn.(*net.TCPConn); ok {
		err = tcp.SetReadBuffer(4 << 10)
	}
	return c, err
}
