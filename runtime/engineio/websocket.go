// SPDX-License-Identifier: Apache-2.0

package engineio

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"

	"github.com/sockgen/sockgen/runtime/eiowire"
)

// newUpgrader returns gorilla's part of the handshake. Origins were checked
// before; subprotocols are not offered (R22).
func newUpgrader(deflate bool) websocket.Upgrader {
	return websocket.Upgrader{
		EnableCompression: deflate,
		ReadBufferSize:    128, // what gorilla needs for control frames; our conn buffers
		WriteBufferSize:   128, // never filled: we frame data ourselves
		WriteBufferPool:   new(sync.Pool),
		CheckOrigin:       func(*http.Request) bool { return true },
	}
}

// A wsConn is one WebSocket of a session: the one that carries it, or one that
// probes. gorilla reads from it; this package writes.
type wsConn struct {
	session *Session
	conn    *conn
	gorilla *websocket.Conn

	deflate bool // permessage-deflate was agreed; set before the connection is used

	messages uint64 // that read returned; belongs to the reading goroutine

	hasControl atomic.Bool // written under Session.mu: control is not empty, or a Close frame waits

	// Guarded by Session.mu.
	control   []byte // complete frames, and before them the 101 answer, that go out before data
	pongs     int    // in control
	pinged    bool   // more than may wait
	lastPong  int    // where the last one of them begins, if nothing follows it; else len(control)
	closing   bool   // a Close frame is to be sent, with code
	code      closeCode
	closeSent bool
	failed    bool          // nothing can be written any more
	readDone  bool          // the reader has ended
	dropped   bool          // the connection was closed
	slow      bool          // the last batch had to wait for the peer
	batching  bool          // a batch for this connection is being written
	written   chan struct{} // made by the reader to wait until nothing is left to write
}

// accept lets gorilla answer the upgrade. The 101 stays in control until a flush.
func (s *Session) accept(w http.ResponseWriter, r *http.Request, q query) (*wsConn, error) {
	ws := &wsConn{session: s}
	upgrader, limit := &s.srv.upgrader, int64(s.srv.cfg.MaxPayload)
	if s.srv.cfg.PerMessageDeflate != nil && acceptsDeflate(r.Header) {
		upgrader, limit = &s.srv.deflater, maxDeflated(s.srv.cfg.MaxPayload)
	}
	g, err := upgrader.Upgrade(hijacker{w, ws, r}, r, nil)
	if err != nil {
		return nil, fmt.Errorf("upgrade session: %w", err)
	}
	ws.deflate = bytes.Contains(ws.control, []byte(extensionDeflate)) // gorilla has the last word
	ws.conn.scan.deflate = ws.deflate
	ws.control = insertHeaders(ws.control, q.switching)
	g.SetReadLimit(limit)
	g.SetPingHandler(ws.onPing)
	g.SetCloseHandler(ws.onClose)
	ws.gorilla = g
	return ws, nil
}

// handshakeWebSocket opens a session on a WebSocket (R28).
func (s *Server) handshakeWebSocket(w http.ResponseWriter, r *http.Request, q query) {
	session, refused := s.newSession(r, q)
	if refused != nil {
		s.refuse(w, r, refused)
		return
	}
	defer session.taskDone()
	if s.cfg.InitialHeaders != nil && q.switching == nil {
		q.switching = make(http.Header)
	}
	if !session.initialHeaders(q.switching) {
		answer(w, http.StatusInternalServerError, "", "")
		return
	}
	ws, err := session.accept(w, r, q)
	if err != nil {
		session.abort(TransportError, err, closeNoStatus)
		return
	}
	session.mu.Lock()
	session.ws = ws
	packet := session.openPacket("")
	ws.control = append(appendFrameHeader(ws.control, opText, len(packet)), packet...)
	session.mu.Unlock()
	defer func() { // also when runtime.Goexit ends the goroutine in open
		session.mu.Lock()
		defer session.mu.Unlock()
		session.openedLocked()
		session.goLocked(func() { session.readLoop(ws) })
		session.flushLocked()
	}()
	session.open() // if that does not return, the session has ended
}

// collect takes what gorilla writes: the 101 answer, and the Close frame after a
// protocol error.
func (ws *wsConn) collect(p []byte) (int, error) {
	s := ws.session
	s.mu.Lock()
	defer s.mu.Unlock()
	if ws.gorilla == nil {
		ws.control = append(ws.control, p...)
		ws.hasControl.Store(true)
		return len(p), nil
	}
	if len(p) >= 4 && p[0]&0x0f == opClose {
		ws.setClose(closeCode(p[2])<<8 | closeCode(p[3])) // without gorilla's text (R77)
	}
	return len(p), nil
}

// onPing answers a WebSocket ping (R73). Unlike gorilla's own handler it bounds
// what a peer that pings and does not read can make us hold: once Limits.Pongs
// answers wait, a further one takes the place of the last (RFC 6455, 5.5.3).
func (ws *wsConn) onPing(data string) error {
	ws.session.mu.Lock()
	defer ws.session.mu.Unlock()
	if ws.pongs >= ws.session.srv.cfg.Limits.Pongs {
		if ws.pongs == ws.session.srv.cfg.Limits.Pongs && !ws.pinged {
			ws.session.hitLocked(LimitPongs) // once for each write
		}
		ws.pinged = true
		ws.control = ws.control[:ws.lastPong]
		ws.pongs--
	}
	begin := len(ws.control)
	ws.replyLocked(opPong, data)
	ws.lastPong = begin
	ws.pongs++
	return nil
}

// replyLocked queues a small frame that overtakes the session's data.
func (ws *wsConn) replyLocked(opcode byte, data string) {
	if ws.closing || ws.failed {
		return
	}
	ws.control = append(appendFrameHeader(ws.control, opcode, len(data)), data...)
	ws.lastPong = len(ws.control)
	ws.hasControl.Store(true)
}

// onClose echoes the peer's Close frame.
func (ws *wsConn) onClose(code int, _ string) error {
	ws.session.mu.Lock()
	defer ws.session.mu.Unlock()
	switch {
	case code == websocket.CloseNoStatusReceived:
		code = int(closeNoStatus)
	case ws.conn.scan.gateway:
		code = closeGateway
	}
	ws.setClose(closeCode(code))
	return nil
}

// setClose makes a Close frame the last thing written; the first code wins.
// Session.mu is held.
func (ws *wsConn) setClose(code closeCode) {
	if !ws.closing {
		ws.closing, ws.code = true, code
		ws.hasControl.Store(true)
	}
}

// takeControlLocked empties control and says whether the Close frame is due. It is not
// before last, which says that nothing else is left to write.
func (ws *wsConn) takeControlLocked(last bool) (control []byte, sendClose bool) {
	control, ws.control, ws.pongs, ws.lastPong, ws.pinged = ws.control, nil, 0, 0, false
	if sendClose = last && ws.closing && !ws.closeSent; sendClose {
		ws.closeSent = true
	}
	ws.hasControl.Store(ws.closing && !ws.closeSent)
	return control, sendClose
}

// wantsFlush tells the reader whether flush would find something.
func (ws *wsConn) wantsFlush() bool {
	return ws.hasControl.Load() || ws.session.hasOutput.Load()
}

// flush writes what waits for this WebSocket, unless a write is under way. It runs
// on the reader, which goes on reading while a flusher serves a slow peer.
func (ws *wsConn) flush() {
	s := ws.session
	if !ws.wantsFlush() {
		return
	}
	s.mu.Lock()
	s.disarmLocked()
	if s.ws == ws {
		s.writeSoonLocked()
		s.mu.Unlock()
		return
	}
	control, sendClose := ws.takeControlLocked(true)
	failed, code := ws.failed, ws.code
	s.mu.Unlock()
	if len(control) == 0 && !sendClose || failed {
		return
	}
	t := takeBatch(ws)
	defer t.release()
	t.b, t.sendClose, t.code = append(t.b, control...), sendClose, code
	if _, err := t.run(&flusher{left: true}); err != nil {
		s.mu.Lock()
		ws.failed = true
		s.dropLocked(ws)
		s.mu.Unlock()
	}
}

// dropLocked closes the connection, in a goroutine because closing TLS may wait.
func (s *Session) dropLocked(ws *wsConn) {
	if ws == nil || ws.dropped || ws.conn == nil {
		return
	}
	ws.dropped, ws.failed = true, true
	s.wroteLocked(ws)
	s.goLocked(func() { _ = ws.conn.Conn.Close() })
}

var errUTF8 = errors.New("engineio: text frame is not UTF-8")

// empty reports whether everything received was read, so that read would wait. It
// may be false although it would.
func (ws *wsConn) empty() bool { return ws.conn.chunk == nil && ws.conn.scan.endsWith(ws.messages) }

// read returns the next packet. Its Data belongs to the caller.
func (ws *wsConn) read() (eiowire.Packet, error) {
	kind, r, err := ws.gorilla.NextReader()
	if err != nil {
		return eiowire.Packet{}, err
	}
	data, err := readAll(r, kind == websocket.TextMessage, ws.session.srv.cfg.MaxPayload, &ws.conn.held)
	ws.conn.held = 0
	ws.conn.hold(0)
	if err != nil {
		return eiowire.Packet{}, err
	}
	ws.messages++
	if kind == websocket.BinaryMessage {
		return eiowire.Packet{Type: eiowire.Message, Binary: true, Data: data}, nil // R36
	}
	p, err := eiowire.Parse(data)
	if err != nil {
		return eiowire.Packet{}, &parseError{err}
	}
	return p, nil
}

// A parseError is a frame that is sound WebSocket and no Engine.IO packet.
type parseError struct{ error }

// readAll reads a message of at most limit bytes, inflated if it was compressed.
// Memory is claimed as bytes arrive, never because a header announces them; held says how
// much it is. Text is checked on the way, so that bad UTF-8 is noticed before the message
// ends (R71).
func readAll(r io.Reader, text bool, limit int, held *int) ([]byte, error) {
	var p pieces
	defer p.release()
	for {
		room := p.room(limit + 1 - p.size) // the one byte more is to see that the message goes on
		*held = p.held
		n, err := r.Read(room)
		p.took(n)
		end := err == io.EOF
		switch {
		case err != nil && !end:
			return nil, err
		case p.size > limit:
			return nil, websocket.ErrReadLimit
		case !p.check(text, end):
			return nil, errUTF8
		case end:
			return p.whole(), nil
		}
	}
}

// validText returns how much of b is valid UTF-8. It reports false when more
// bytes cannot make b valid; when final, no more will come.
func validText(b []byte, final bool) (int, bool) {
	if utf8.Valid(b) {
		return len(b), true
	}
	for cut := 1; !final && cut < utf8.UTFMax && cut <= len(b); cut++ {
		whole, tail := b[:len(b)-cut], b[len(b)-cut:]
		if utf8.RuneStart(tail[0]) { // perhaps the beginning of a character
			return len(whole), !utf8.FullRune(tail) && utf8.Valid(whole)
		}
	}
	return 0, false
}

// lingerTime is how long a peer whose fault ended the connection may go on
// sending before the connection is closed under it.
const lingerTime = time.Second

// wsEnded ends the WebSocket, and the session if it was its transport. It runs
// on the reader.
func (s *Session) wsEnded(ws *wsConn, cause error) {
	reason, code, fault := classify(cause)
	if fault != "" {
		cause = fault.with(cause)
	}
	s.mu.Lock()
	if fault != "" {
		ws.setClose(code)
	} else if !ws.closing {
		ws.failed = true // the connection is gone: nobody reads a Close frame
	}
	carries := s.ws == ws
	if carries {
		s.abortLocked(reason, cause, code, answerClose)
	}
	s.mu.Unlock()
	if !carries {
		s.srv.noteFault(cause, &s.request)
	}
	ws.flush()
	if fault != "" {
		s.waitWritten(ws)
		ws.conn.drain(lingerTime)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	ws.readDone = true
	if s.ws != ws || !s.writing {
		s.dropLocked(ws) // else whoever writes does it afterwards
	}
}

// waitWritten waits until a write of another goroutine has carried the Close
// frame. The write deadline bounds it.
func (s *Session) waitWritten(ws *wsConn) {
	s.mu.Lock()
	var written chan struct{}
	if s.ws == ws && (ws.batching || s.unfinished != nil || (s.writing || s.flushing) && s.wsOutputLocked()) {
		written = make(chan struct{})
		ws.written = written
	}
	s.mu.Unlock()
	if written != nil {
		<-written
	}
}

// wroteLocked releases waitWritten when nothing is left to write.
func (s *Session) wroteLocked(ws *wsConn) {
	if ws.written != nil && !ws.batching && s.unfinished == nil && !s.wsOutputLocked() {
		close(ws.written)
		ws.written = nil
	}
}

// classify says what an error of the reader means for the session. If it is the peer's
// fault, the peer is told with a Close frame.
func classify(err error) (CloseReason, closeCode, Fault) {
	var closed *websocket.CloseError
	var parse *parseError
	var netErr net.Error
	switch {
	case errors.As(err, &closed):
		return TransportClose, closeNoStatus, "" // R74; also a connection that just ended
	case errors.As(err, &parse):
		return ParseError, closeNoStatus, ErrPacket // R35
	case errors.Is(err, websocket.ErrReadLimit):
		return TransportError, closeTooBig, ErrTooLarge // R70
	case errors.Is(err, errUTF8):
		return TransportError, closeInvalid, ErrText // R71
	case errors.Is(err, errFragments):
		return TransportError, closePolicy, ErrFragments
	case errors.As(err, &netErr) && netErr.Timeout():
		return TransportError, closePolicy, ErrTooSlow // the only read deadline is a message's
	case errors.Is(err, io.EOF), errors.Is(err, net.ErrClosed), errors.Is(err, io.ErrClosedPipe), errors.As(err, &netErr), isErrno(err):
		return TransportClose, closeNoStatus, ""
	}
	return TransportError, closeProtocol, ErrFrame // R72: gorilla's own verdict
}
