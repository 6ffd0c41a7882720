// SPDX-License-Identifier: Apache-2.0

package engineio

import (
	"bufio"
	"errors"
	"math"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// A conn is the net.Conn that gorilla gets instead of the real one.
//
// Reading: on a plain socket it holds no memory while the peer is silent, because
// a pooled chunk is taken only once data is there. Other connections, like TLS,
// keep a chunk while they wait. Before a read has to wait, what the session has
// queued is written.
//
// Writing: gorilla writes its handshake and control frames here. They are
// collected in the wsConn, which writes them together with the session's data.
type conn struct {
	net.Conn
	ws  *wsConn
	raw syscall.RawConn // nil when the connection is not a plain socket, like TLS

	// What follows belongs to the reading goroutine.
	chunk *[chunkSize]byte // received bytes; nil while there are none
	from  int              // unread is chunk[from:to]
	to    int
	tryN  int   // the result of try
	tryE  error // the result of try
	eager bool  // try must not wait
	full  int   // reads in a row that filled a chunk, after each of which more is likely
	tryFn func(fd uintptr) bool
	scan  frameScanner
	fault error // of a frame, or of the connection, that the next Read comes to

	received uint64 // bytes that gorilla got
	reported bool   // that a message has more fragments than it should
	held     int    // memory of the message that gorilla reads
	counted  int    // of these, what counts in Limits.IncomingBudget
	unfinished

	holding             // the message that has begun and not ended
	midway  atomic.Bool // there is one; written by the reader

	stopped atomic.Bool // nothing more is to be read

	// In Unix nanoseconds, both written by the one that writes.
	waiting atomic.Int64 // since when it waits for the peer to take something; 0 when it does not
	waited  atomic.Int64 // when the peer last took something that had to wait; 0 for never

	writeMu sync.Mutex // held by the one that writes; guards what follows
	out     []byte     // what push writes
	outN    int        // the result of push
	outE    error      // the result of push
	pushFn  func(fd uintptr) bool
}

func newConn(c net.Conn, ws *wsConn) *conn {
	wrapped := &conn{Conn: c, ws: ws, holding: holding{session: ws.session}}
	// Only the net package's own types: another type may embed one of them and
	// yet mean something else by Read and Write.
	var sc syscall.Conn
	switch c := c.(type) {
	case *net.TCPConn:
		sc = c
	case *net.UnixConn:
		sc = c
	}
	if sc != nil && canReadRaw {
		if raw, err := sc.SyscallConn(); err == nil {
			wrapped.raw = raw
			wrapped.tryFn, wrapped.pushFn = wrapped.try, wrapped.push
		}
	}
	return wrapped
}

// Read implements net.Conn for gorilla.
func (c *conn) Read(p []byte) (int, error) {
	if c.fault != nil {
		if c.chunk != nil {
			c.release()
		}
		return 0, c.fault
	}
	if c.chunk == nil {
		if err := c.fill(); err != nil {
			return 0, err
		}
	}
	n := copy(p, c.chunk[c.from:c.to])
	sound, err := c.scan.advance(p[:n], c.fragments())
	if err != nil {
		if c.fault = err; sound == 0 {
			c.release()
			return 0, err
		}
		n = sound // what came before is good; the next Read tells the error
	}
	c.received += uint64(n)
	if c.from += n; c.from == c.to {
		c.release()
	}
	return n, nil
}

// fragments is how many short frames a message may have.
func (c *conn) fragments() int {
	srv := c.ws.session.srv
	most := srv.cfg.Limits.Fragments
	if !srv.lenient() {
		return most
	}
	if c.scan.short >= most && !c.reported {
		c.reported = true
		srv.hit(LimitFragments, &c.ws.session.request)
	}
	return math.MaxInt
}

// await is what the reader waits in while gorilla has nothing to read. gorilla's own
// way down here would take half of a small stack.
func (c *conn) await() {
	if err := c.fill(); err != nil {
		c.fault = err
	}
}

// fill waits for bytes and puts them into chunk.
func (c *conn) fill() error {
	c.from, c.to = 0, 0
	c.boundAssembly()
	if c.raw == nil {
		c.ws.flush()
		c.chunk = chunks.Get().(*[chunkSize]byte)
		n, err := c.Conn.Read(c.chunk[:])
		return c.filled(n, err)
	}
	// What the peer has sent is read first, so that one write answers all of it; but
	// not for ever.
	const most = 8
	if c.eager = c.full > 0 && c.full <= most; !c.eager {
		c.ws.flush()
	}
	for ; ; c.eager = false {
		c.tryN, c.tryE = 0, errWouldBlock
		if err := c.raw.Read(c.tryFn); err != nil {
			return err
		}
		if c.tryE != errWouldBlock {
			return c.filled(c.tryN, c.tryE)
		}
		c.ws.flush()
	}
}

var errWouldBlock = errors.New("engineio: no data")

// try is called by the runtime's poller when the descriptor may be readable; it
// reports false to wait. Nothing in it may close the connection, which would wait
// for this call to end.
func (c *conn) try(fd uintptr) bool {
	chunk := chunks.Get().(*[chunkSize]byte)
	n, again, err := readRaw(fd, chunk[:])
	if again {
		chunks.Put(chunk)
		return c.eager && c.ws.wantsFlush()
	}
	c.chunk, c.tryN, c.tryE = chunk, n, err
	return true
}

// filled takes the result of a read into chunk.
func (c *conn) filled(n int, err error) error {
	if n == chunkSize {
		c.full++
	} else {
		c.full = 0
	}
	if n > 0 {
		c.to = n
		return nil
	}
	c.release()
	if err == nil {
		err = errors.New("engineio: read nothing")
	}
	return err
}

func (c *conn) release() {
	chunks.Put(c.chunk)
	c.chunk = nil
}

// An unfinished is what a conn knows of the message that has begun and not ended.
type unfinished struct {
	timed bool      // there is one, and its deadline is set
	ended uint64    // messages before it
	begin time.Time // when it was noticed
	base  uint64    // of conn.received, at that time
	last  uint64    // of conn.received, when the deadline was set
}

// boundAssembly bounds the time from a message's first byte to its last: it must come
// at BodyRate, after a grace. The deadline is touched only when a read finds a message
// unfinished, and again for every 16 KiB of it.
func (c *conn) boundAssembly() {
	const step = 16 << 10
	if !c.scan.midway() {
		if c.timed {
			c.timed = false
			c.midway.Store(false)
			_ = c.Conn.SetReadDeadline(time.Time{}) // a closed connection says so when read
		}
		return
	}
	now := time.Now()
	c.moved.Store(now.UnixNano())
	if !c.timed {
		c.midway.Store(true)
	}
	c.hold(c.held)
	if ended := c.scan.ended(); !c.timed || ended != c.ended {
		c.unfinished = unfinished{timed: true, ended: ended, begin: now, base: c.received}
	} else if c.received-c.last < step {
		return
	}
	c.last = c.received
	lim := &c.ws.session.srv.cfg.Limits
	allowed := lim.AssemblyTime + time.Duration(c.received-c.base)*time.Second/time.Duration(lim.BodyRate)
	_ = c.Conn.SetReadDeadline(c.begin.Add(allowed))
	if c.stopped.Load() { // meanwhile
		c.stopReading()
	}
}

// hold counts n bytes for the message that is being read, in place of what counted.
func (c *conn) hold(n int) {
	if n != c.counted {
		c.counted = n
		if n > 0 && c.ws.deflate {
			n += inflaterSize
		}
		c.ws.session.srv.incoming.hold(&c.holding, n)
	}
}

// stopReading makes the read that waits, and those to come, fail.
func (c *conn) stopReading() {
	c.stopped.Store(true)
	_ = c.Conn.SetReadDeadline(time.Unix(1, 0))
}

// Write implements net.Conn for gorilla: it takes the 101 answer, and control
// frames.
func (c *conn) Write(p []byte) (int, error) { return c.ws.collect(p) }

// SetWriteDeadline does nothing: gorilla writes into memory.
func (c *conn) SetWriteDeadline(time.Time) error { return nil }

// send writes what t has collected. Without a flusher it does not wait, where the
// connection allows that, and reports false when the peer has to read first.
func (c *conn) send(f *flusher, t *batch) (done bool, err error) {
	c.writeMu.Lock()
	defer c.writeMu.Unlock()
	t.waited = false
	if c.raw != nil {
		// Most writes fit into the socket's buffer: no deadline is set for them,
		// because that would cost more than the write.
		for !t.empty() {
			n, err := c.offer(t.parts[t.at])
			if err != nil {
				return false, err
			}
			whole := n == len(t.parts[t.at])
			if t.wrote(n); !whole {
				break
			}
		}
		if t.empty() {
			return true, nil
		}
		t.waited = true
		if f == nil {
			return false, nil
		}
	}
	f.leave()
	err = c.sendWaiting(t)
	return err == nil, err
}

// offer writes as much of b as the kernel takes at once.
func (c *conn) offer(b []byte) (int, error) {
	c.out, c.outN, c.outE = b, 0, nil
	err := c.raw.Write(c.pushFn)
	c.out = nil
	if err == nil {
		err = c.outE
	}
	return c.outN, err
}

// pieceSize is how much of a message is written under one deadline where a write that
// ran into its deadline cannot be taken up again.
const pieceSize = 16 << 10

// sendWaiting writes what t has collected for as long as the peer takes something of
// it at least every StallTime. The kernel wakes a writer only once much of a socket's
// buffer is free, which at a slow peer takes longer than that: so it is asked anew
// several times before the peer is given up.
func (c *conn) sendWaiting(t *batch) error {
	stall := c.ws.session.srv.cfg.Limits.StallTime
	again := stall // from one attempt to the next
	if c.raw != nil {
		again = stall / 8
	}
	last := time.Now() // of progress
	defer c.waiting.Store(0)
	c.waiting.Store(last.UnixNano())
	for !t.empty() {
		b := t.parts[t.at]
		if c.raw == nil {
			b = b[:min(len(b), pieceSize)]
		}
		begun := time.Now()
		if err := c.Conn.SetWriteDeadline(begun.Add(again)); err != nil {
			return err
		}
		n, err := c.Conn.Write(b)
		t.wrote(n)
		if n > 0 {
			last = time.Now()
			c.waiting.Store(last.UnixNano())
			if last.Sub(begun) > paceTime {
				c.waited.Store(last.UnixNano())
			}
		}
		var timeout interface{ Timeout() bool }
		switch {
		case err == nil:
		case !errors.As(err, &timeout) || !timeout.Timeout():
			return err
		case c.raw == nil || time.Since(last) >= stall:
			return ErrSlowConsumer
		}
	}
	return c.Conn.SetWriteDeadline(time.Time{}) // or offer would fail once it has passed
}

// push makes one attempt to write; it never waits.
func (c *conn) push(fd uintptr) bool {
	c.outN, _, c.outE = writeOnce(fd, c.out)
	return true
}

// drain reads and forgets what the peer still sends, so that closing the
// connection does not reset it before our Close frame was read.
func (c *conn) drain(d time.Duration) {
	const most = 1 << 20
	if cw, ok := c.Conn.(interface{ CloseWrite() error }); ok {
		_ = cw.CloseWrite()
	}
	_ = c.Conn.SetReadDeadline(time.Now().Add(d))
	chunk := chunks.Get().(*[chunkSize]byte)
	defer chunks.Put(chunk)
	for total := 0; total < most; {
		n, err := c.Conn.Read(chunk[:])
		if err != nil {
			return
		}
		total += n
	}
}

func setWriteTimeout(c net.Conn) { _ = c.SetDeadline(time.Now().Add(5 * time.Second)) }

// A hijacker is the ResponseWriter for gorilla: its Hijack gives our conn.
type hijacker struct {
	http.ResponseWriter
	ws      *wsConn
	request *http.Request
}

// Hijack implements http.Hijacker.
func (h hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c, brw, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		srv := h.ws.session.srv
		srv.noHijack(h.ResponseWriter, err)
		srv.noteRefusal(h.request, refusedHijack, http.StatusInternalServerError) // gorilla writes the answer
		return nil, nil, err
	}
	h.ws.conn = newConn(c, h.ws)
	return h.ws.conn, brw, nil
}
