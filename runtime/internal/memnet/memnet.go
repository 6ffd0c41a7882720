// SPDX-License-Identifier: Apache-2.0

package memnet

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// DefaultBuffer is how many bytes each direction of a connection holds before
// Write waits for the reader.
const DefaultBuffer = 64 << 10

// ErrReset is what both ends get after Conn.Reset.
var ErrReset = &net.OpError{Op: "read", Net: "memory", Err: errors.New("connection reset by peer")}

// A Listener accepts connections made with Dial. Its methods may overlap.
type Listener struct {
	Buffer int // bytes that each direction holds; DefaultBuffer when zero

	backlog chan net.Conn
	closed  chan struct{}
	once    sync.Once
	dialed  atomic.Int64
}

// Listen returns a Listener that is ready for Dial.
func Listen() *Listener {
	return &Listener{backlog: make(chan net.Conn), closed: make(chan struct{})}
}

// Accept implements net.Listener.
func (l *Listener) Accept() (net.Conn, error) {
	select {
	case c := <-l.backlog:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close implements net.Listener. Accepted connections stay.
func (l *Listener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

// Addr implements net.Listener.
func (l *Listener) Addr() net.Addr { return addr("memory:80") }

// Dial connects to the listener.
func (l *Listener) Dial(ctx context.Context) (*Conn, error) {
	size := l.Buffer
	if size == 0 {
		size = DefaultBuffer
	}
	client, server := Pipe(size)
	client.local = addr("192.0.2.1:" + strconv.FormatInt(l.dialed.Add(1), 10))
	client.remote = l.Addr()
	server.local, server.remote = client.remote, client.local
	select {
	case l.backlog <- server:
		return client, nil
	case <-l.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// DialContext is Dial with the signature that dialers of other packages want.
func (l *Listener) DialContext(ctx context.Context, _, _ string) (net.Conn, error) {
	return l.Dial(ctx)
}

type addr string

func (addr) Network() string  { return "memory" }
func (a addr) String() string { return string(a) }

// A Conn is one end of a connection in memory. Its methods may overlap.
type Conn struct {
	in, out       *half
	local, remote net.Addr
	writes        atomic.Int64
}

// Pipe returns the two ends of a connection whose directions hold size bytes each.
func Pipe(size int) (*Conn, *Conn) {
	ab, ba := newHalf(size), newHalf(size)
	a, b := addr("memory:1"), addr("memory:2")
	return &Conn{in: ba, out: ab, local: a, remote: b}, &Conn{in: ab, out: ba, local: b, remote: a}
}

// Read implements net.Conn.
func (c *Conn) Read(p []byte) (int, error) { return c.in.read(p) }

// Write implements net.Conn.
func (c *Conn) Write(p []byte) (int, error) {
	c.writes.Add(1)
	return c.out.write(p)
}

// Writes returns how often Write was called on this end.
func (c *Conn) Writes() int { return int(c.writes.Load()) }

// Close implements net.Conn: the peer reads what was written and then io.EOF.
func (c *Conn) Close() error {
	c.in.close(net.ErrClosed, io.ErrClosedPipe)
	c.out.close(io.EOF, net.ErrClosed)
	return nil
}

// CloseWrite ends this direction; the peer reads what was written and then io.EOF.
func (c *Conn) CloseWrite() error {
	c.out.close(io.EOF, net.ErrClosed)
	return nil
}

// Reset ends the connection as a lost host would: both ends fail at once with
// ErrReset, and what was not yet read is lost.
func (c *Conn) Reset() {
	c.in.discard()
	c.out.discard()
	c.in.close(ErrReset, ErrReset)
	c.out.close(ErrReset, ErrReset)
}

// LocalAddr implements net.Conn.
func (c *Conn) LocalAddr() net.Addr { return c.local }

// RemoteAddr implements net.Conn.
func (c *Conn) RemoteAddr() net.Addr { return c.remote }

// SetDeadline implements net.Conn.
func (c *Conn) SetDeadline(t time.Time) error {
	_ = c.SetReadDeadline(t)
	return c.SetWriteDeadline(t)
}

// SetReadDeadline implements net.Conn; a waiting Read notices it.
func (c *Conn) SetReadDeadline(t time.Time) error { return c.in.readLimit.set(c.in, t) }

// SetWriteDeadline implements net.Conn; a waiting Write notices it.
func (c *Conn) SetWriteDeadline(t time.Time) error { return c.out.writeLimit.set(c.out, t) }

// A half is one direction: a bounded buffer.
type half struct {
	mu       sync.Mutex // guards what follows
	changed  *sync.Cond
	buf      []byte
	size     int
	readErr  error // after buf is empty
	writeErr error

	readLimit, writeLimit limit
}

func newHalf(size int) *half {
	h := &half{size: size}
	h.changed = sync.NewCond(&h.mu)
	return h
}

// A limit is a deadline, guarded by half.mu.
type limit struct {
	passed bool
	timer  *time.Timer
	gen    int // tells a timer that a later call replaced it
}

func (l *limit) set(h *half, t time.Time) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if l.timer != nil {
		l.timer.Stop()
		l.timer = nil
	}
	l.gen++
	l.passed = false
	switch d := time.Until(t); {
	case t.IsZero() || h.writeErr != nil && h.readErr != nil:
	case d <= 0:
		l.passed = true
	default:
		gen := l.gen
		l.timer = time.AfterFunc(d, func() {
			h.mu.Lock()
			defer h.mu.Unlock()
			if l.gen == gen {
				l.passed = true
				h.changed.Broadcast()
			}
		})
	}
	h.changed.Broadcast()
	return nil
}

func (h *half) read(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for {
		switch {
		case h.readErr == net.ErrClosed:
			return 0, net.ErrClosed
		case h.readLimit.passed:
			return 0, os.ErrDeadlineExceeded
		case len(p) == 0:
			return 0, nil
		case len(h.buf) > 0:
			n := copy(p, h.buf)
			h.buf = h.buf[n:]
			h.changed.Broadcast()
			return n, nil
		case h.readErr != nil:
			return 0, h.readErr
		}
		h.changed.Wait()
	}
}

func (h *half) write(p []byte) (n int, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for {
		switch {
		case h.writeErr != nil:
			return n, h.writeErr
		case h.writeLimit.passed:
			return n, os.ErrDeadlineExceeded
		case len(p) == 0:
			return n, nil
		}
		if room := min(h.size-len(h.buf), len(p)); room > 0 {
			h.buf = append(h.buf, p[:room]...)
			p = p[room:]
			n += room
			h.changed.Broadcast()
			continue
		}
		h.changed.Wait()
	}
}

// close sets what reads and writes return from now on; the first error stays.
// The other end's Close reaches here as well: writing to nobody fails.
func (h *half) close(readErr, writeErr error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.readErr == nil || readErr == net.ErrClosed {
		h.readErr = readErr
	}
	if h.writeErr == nil {
		h.writeErr = writeErr
	}
	for _, l := range []*limit{&h.readLimit, &h.writeLimit} {
		if l.timer != nil {
			l.timer.Stop()
		}
	}
	h.changed.Broadcast()
}

func (h *half) discard() {
	h.mu.Lock()
	h.buf = nil
	h.mu.Unlock()
}
