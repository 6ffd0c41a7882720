// SPDX-License-Identifier: Apache-2.0

package client

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"github.com/sockgen/sockgen/runtime/eiowire"
)

// A socketConn is one WebSocket. The reader reads; the writer, or the probe before
// it, writes; gorilla answers WebSocket pings between the two.
type socketConn struct {
	session *session
	conn    *websocket.Conn
	raw     *meteredConn
	scratch []byte // the reader's
}

// tlsConfig returns what both transports use: HTTP/1.1, which the WebSocket needs.
func tlsConfig(cfg *Config) *tls.Config {
	c := &tls.Config{}
	if cfg.TLS != nil {
		c = cfg.TLS.Clone()
	}
	c.NextProtos = []string{"http/1.1"}
	return c
}

// writeBuffer is how many bytes of a message a frame has: gorilla splits longer ones.
const writeBuffer = 32 << 10

// writeBuffers are shared by all connections, so that an idle one needs none.
var writeBuffers sync.Pool

var errExtension = errors.New("client: the server uses a WebSocket extension that was not offered")

// dialWebSocket opens a WebSocket, for a new session when sid is empty. It is closed
// when the session ends.
func (s *session) dialWebSocket(ctx context.Context, sid string) (*socketConn, error) {
	cfg := &s.m.cfg
	var raw *meteredConn
	stop := func() bool { return true }
	defer func() { stop() }()
	dialer := websocket.Dialer{
		NetDialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			c, err := cfg.DialContext(ctx, network, addr)
			if err != nil {
				return nil, err
			}
			raw = &meteredConn{Conn: c, wrote: s.wentOut}
			raw.left.Store(int64(cfg.Limits.HandshakeBytes))
			context.AfterFunc(s.ctx, func() { _ = c.Close() })
			stop = context.AfterFunc(ctx, func() { _ = c.Close() }) // gorilla heeds only its deadline
			return raw, nil
		},
		TLSClientConfig: tlsConfig(cfg),
		Proxy:           cfg.Proxy,
		Jar:             s.m.http.Jar,
		WriteBufferSize: writeBuffer,
		WriteBufferPool: &writeBuffers,
	}
	header := http.Header{}
	for name, values := range cfg.Headers {
		header[http.CanonicalHeaderKey(name)] = values
	}
	ws, res, err := (*websocket.Conn)(nil), (*http.Response)(nil), errFunction
	s.m.guard.Apart(func() { // TLS and Jar may call the application
		ws, res, err = dialer.DialContext(ctx, s.m.address.url(webSocket, sid), header)
	}, "function", "dial")
	switch {
	case err == nil && res.Header.Get("Sec-Websocket-Extensions") != "":
		_ = ws.Close()
		return nil, errExtension
	case errors.Is(err, websocket.ErrBadHandshake) && res != nil:
		text, _ := io.ReadAll(res.Body) // gorilla keeps the first 1,024 bytes
		return nil, &HTTPError{Status: res.StatusCode, Body: string(text)}
	case err != nil:
		return nil, err
	}
	raw.left.Store(-1)
	ws.SetReadLimit(int64(cfg.Limits.MessageBytes))
	return &socketConn{session: s, conn: ws, raw: raw}, nil
}

// openWebSocket opens the session on a WebSocket; the server speaks first (R28).
func (s *session) openWebSocket(ctx context.Context) ([]byte, error) {
	ws, err := s.dialWebSocket(ctx, "")
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, s.cancel)
	defer stop()
	p, err := ws.read()
	if err != nil {
		return nil, err
	}
	close(s.polled) // there is no poller
	s.ws = ws
	return nil, s.adopt(p, webSocket)
}

// read returns the next packet. On WebSocket a binary frame is a message (R36).
func (ws *socketConn) read() (eiowire.Packet, error) {
	kind, r, err := ws.conn.NextReader()
	if err != nil {
		return eiowire.Packet{}, err
	}
	data, err := ws.readAll(r)
	if err != nil {
		return eiowire.Packet{}, err
	}
	if kind == websocket.BinaryMessage {
		return eiowire.Packet{Type: eiowire.Message, Binary: true, Data: data}, nil
	}
	return eiowire.Parse(data)
}

// maxScratch is up to how many bytes a message is collected in a buffer that stays.
const maxScratch = 16 << 10

// readAll returns one message, in no more memory than it needs: it may wait for a
// handler with thousands of others.
func (ws *socketConn) readAll(r io.Reader) ([]byte, error) {
	ws.session.reading.Store(true)
	defer ws.session.reading.Store(false)
	b := slices.Grow(ws.scratch, 512)
	for {
		b = slices.Grow(b, 1)
		n, err := r.Read(b[len(b):cap(b)])
		b = b[:len(b)+n]
		if n > 0 {
			ws.session.cameIn()
		}
		switch {
		case err == io.EOF && cap(b) <= maxScratch:
			ws.scratch = b[:0]
			return bytes.Clone(b), nil
		case err == io.EOF:
			return b, nil
		case err != nil:
			return nil, err
		}
	}
}

// readLoop is the reader of a session on WebSocket.
func (s *session) readLoop(ws *socketConn) {
	for {
		p, err := ws.read()
		if err != nil {
			s.end(reasonOf(err), fmt.Errorf("client: read: %w", err))
			return
		}
		if !s.receive(p) {
			return
		}
	}
}

// reasonOf tells a connection that was closed, in whatever way, from one that failed.
func reasonOf(err error) DisconnectReason {
	var closed *websocket.CloseError
	switch {
	case errors.Is(err, eiowire.ErrEmpty), errors.Is(err, eiowire.ErrType), errors.Is(err, eiowire.ErrBase64):
		return ParseError
	case errors.As(err, &closed), errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		return TransportClose
	}
	return TransportError
}

// write writes a batch with as few system calls as may be.
func (ws *socketConn) write(b batch) error {
	ws.raw.cork()
	err := ws.writeFrames(b)
	if flushed := ws.raw.uncork(); err == nil {
		err = flushed
	}
	if err != nil {
		return fmt.Errorf("client: write: %w", err)
	}
	return nil
}

func (ws *socketConn) writeFrames(b batch) error {
	if b.pong {
		if err := ws.packet(eiowire.Pong, nil); err != nil {
			return err
		}
	}
	for i := range b.messages {
		m := &b.messages[i]
		if err := ws.packet(eiowire.Message, m.text); err != nil {
			return err
		}
		for _, a := range m.attachments {
			if err := ws.conn.WriteMessage(websocket.BinaryMessage, a); err != nil {
				return err
			}
		}
	}
	if b.farewell {
		// Without a code, as a browser's close() has none (R199).
		return ws.conn.WriteControl(websocket.CloseMessage, nil, time.Time{})
	}
	return nil
}

// packet writes one text packet.
func (ws *socketConn) packet(kind eiowire.Type, data []byte) error {
	w, err := ws.conn.NextWriter(websocket.TextMessage)
	if err != nil {
		return err
	}
	if _, err = w.Write([]byte{byte(kind)}); err == nil {
		_, err = w.Write(data)
	}
	if err != nil {
		return err
	}
	return w.Close()
}

var errHandshakeBytes = errors.New("client: the server's WebSocket handshake is larger than Limits.HandshakeBytes")

// A meteredConn bounds what is read before it is told otherwise, since gorilla reads
// a header of any length, and collects what is written while it is corked. What it
// writes may take as long as it likes: the server may be busy with what came before, and
// the session ends when its heartbeat stays away.
type meteredConn struct {
	net.Conn
	wrote func()       // is told when bytes were taken
	left  atomic.Int64 // bytes that may still be read; negative means any number

	mu     sync.Mutex // guards what follows
	corked bool
	held   []byte
}

// Read implements net.Conn.
func (c *meteredConn) Read(p []byte) (int, error) {
	left := c.left.Load()
	if left < 0 {
		return c.Conn.Read(p)
	}
	if left == 0 {
		return 0, errHandshakeBytes
	}
	n, err := c.Conn.Read(p[:min(int64(len(p)), left)])
	c.left.CompareAndSwap(left, left-int64(n))
	return n, err
}

// maxHeld is how many bytes a corked connection collects before it writes.
const maxHeld = 64 << 10

// Write implements net.Conn.
func (c *meteredConn) Write(p []byte) (int, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.corked {
		return c.push(p)
	}
	c.held = append(c.held, p...)
	if len(c.held) >= maxHeld {
		if err := c.flushLocked(); err != nil {
			return 0, err
		}
	}
	return len(p), nil
}

func (c *meteredConn) flushLocked() error {
	if len(c.held) == 0 {
		return nil
	}
	_, err := c.push(c.held)
	if c.held = c.held[:0]; cap(c.held) > 4*maxHeld {
		c.held = nil
	}
	return err
}

// push writes p, in parts so that progress is seen.
func (c *meteredConn) push(p []byte) (written int, err error) {
	const part = 16 << 10
	for written < len(p) && err == nil {
		var n int
		n, err = c.Conn.Write(p[written:min(len(p), written+part)])
		written += n
		if n > 0 {
			c.wrote()
		}
	}
	return written, err
}

// SetWriteDeadline does nothing: gorilla's deadlines are for whole messages.
func (c *meteredConn) SetWriteDeadline(time.Time) error { return nil }

// cork makes Write collect.
func (c *meteredConn) cork() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.corked = true
}

// uncork writes what was collected.
func (c *meteredConn) uncork() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.corked = false
	return c.flushLocked()
}
