// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"net"
	"time"
)

// readsSlowly has clients read so many bytes a second, in steps of a tenth of a second.
func (h *hall) readsSlowly(rate int) {
	dial := h.dial
	h.slow = true
	h.dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := dial(ctx, network, addr)
		return &slowConn{Conn: c, step: rate / 10}, err
	}
}

type slowConn struct {
	net.Conn
	step, left int // one goroutine reads
}

func (c *slowConn) Read(p []byte) (int, error) {
	if c.left == 0 {
		time.Sleep(100 * time.Millisecond)
		c.left = c.step
	}
	n, err := c.Conn.Read(p[:min(len(p), c.left)])
	c.left -= n
	return n, err
}

// sendsSlowly has clients send so many bytes a second, in steps of a tenth of a second.
func (h *hall) sendsSlowly(rate int) {
	dial := h.dial
	h.dial = func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := dial(ctx, network, addr)
		return &slowWriter{Conn: c, step: rate / 10}, err
	}
}

type slowWriter struct {
	net.Conn
	step int
}

func (c *slowWriter) Write(p []byte) (wrote int, err error) {
	for len(p) > 0 && err == nil {
		time.Sleep(100 * time.Millisecond)
		var n int
		n, err = c.Conn.Write(p[:min(len(p), c.step)])
		p, wrote = p[n:], wrote+n
	}
	return wrote, err
}
