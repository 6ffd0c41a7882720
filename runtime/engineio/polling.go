// SPDX-License-Identifier: Apache-2.0

package engineio

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/sockgen/sockgen/runtime/eiowire"
)

// A pollAnswer says what a pending GET is answered with.
type pollAnswer uint8

const (
	answerData     pollAnswer = iota // whatever is queued
	answerClose                      // the packet "1"
	answerNoop                       // the packet "6"
	answerUpgraded                   // 400: the session has moved to WebSocket (R89)
)

// A poll is one pending GET. Its handler waits on wake; everything else is
// guarded by Session.mu.
type poll struct {
	wake       chan struct{} // capacity 1
	answer     pollAnswer
	closing    bool      // it arrived when the session was closing already
	afterProbe bool      // it arrived after a probe was answered (R100)
	since      time.Time // when afterProbe
}

func (p *poll) signal() {
	select {
	case p.wake <- struct{}{}:
	default:
	}
}

// A post is the POST in flight.
type post struct {
	rc      *http.ResponseController
	holding               // the body, while it is not complete
	closing bool          // the session was closing already: only a close packet counts
	killed  bool          // another POST came: this one's connection is dropped (R59)
	read    bool          // the body has been read; written by the POST's own goroutine, under Session.mu
	until   time.Time     // when the body must have come, if the session has ended; guarded by Session.mu
	done    chan struct{} // made by whoever waits for the POST's end; guarded by Session.mu
	last    chan struct{} // Session.last, if this POST closed the session; of the POST's own goroutine
}

// kill makes a body that is still being read fail. Session.mu is held.
func (p *post) kill() {
	p.killed = true
	_ = p.rc.SetReadDeadline(time.Unix(1, 0)) // without deadlines the body ends by itself, or by the server's timeouts
}

// lastBodyTime is how long a body may take to arrive that nobody waits for any more.
const lastBodyTime = 5 * time.Second

// hurryLocked bounds the body that is being read when its session has ended.
func (s *Session) hurryLocked() {
	if p := s.post; p != nil && !p.read && !p.killed && p.until.IsZero() {
		p.until = time.Now().Add(lastBodyTime)
		_ = p.rc.SetReadDeadline(p.until)
	}
}

// releasePollLocked answers the pending GET, if there is one.
func (s *Session) releasePollLocked(a pollAnswer) {
	if p := s.poll; p != nil {
		s.poll = nil
		p.answer = a
		p.signal()
	}
}

// handshakePolling opens a session by GET (R25).
func (s *Server) handshakePolling(w http.ResponseWriter, r *http.Request, q query) {
	session, refused := s.newSession(r, q)
	if refused != nil {
		s.refuse(w, r, refused)
		return
	}
	defer session.taskDone()
	body := session.openPacket(s.upgrades) // R27
	if !session.initialHeaders(w.Header()) || !session.open() {
		answer(w, http.StatusInternalServerError, "", "")
		return
	}
	session.mu.Lock()
	session.openedLocked()
	if session.state == stateClosed {
		session.mu.Unlock()
		s.refuse(w, r, errEnded)
		return
	}
	session.mu.Unlock()
	if c := s.cfg.Cookie; c != nil {
		w.Header().Add("Set-Cookie", c.render(session.id)) // beside those of the application
	}
	session.answerPoll(w, r, body, false)
}

// servePoll answers a GET that asks for data (R50).
func (s *Session) servePoll(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	if s.state == stateClosed && s.last != nil {
		close(s.last)
		s.last = nil
		s.mu.Unlock()
		s.writePollAnswer(w, r, answerNoop)
		return
	}
	if s.state == stateClosed || s.ws != nil {
		err := errSession
		if s.state != stateClosed {
			err = errMismatch.with("previousTransport", s.transportLocked())
		}
		s.mu.Unlock()
		s.srv.refuse(w, r, err)
		return
	}
	if s.poll != nil { // R58
		s.abortLocked(TransportError, errSecondGET, closeNoStatus, answerClose)
		s.mu.Unlock()
		s.srv.refusePlain(w, r, refusedOverlap)
		return
	}
	p := &poll{wake: make(chan struct{}, 1), closing: s.state == stateClosing}
	s.poll = p
	s.tasks++
	defer s.taskDone()
	if s.probe != nil {
		s.holdPollLocked(p)
	}
	s.wakeWriterLocked()
	s.mu.Unlock()

	// A poll waits for the heartbeat, longer than servers let a request take.
	rc := http.NewResponseController(w)
	_ = rc.SetReadDeadline(time.Time{})
	_ = rc.SetWriteDeadline(time.Time{})
	for {
		select {
		case <-p.wake:
		case <-r.Context().Done():
			s.pollAborted(p)
			return
		}
		s.mu.Lock()
		if s.poll != p {
			s.mu.Unlock()
			s.writePollAnswer(w, r, p.answer)
			return
		}
		if s.writing {
			s.mu.Unlock() // the write that is under way wakes this poll when done
			continue
		}
		s.poll = nil
		s.mu.Unlock()
		s.answerPoll(w, r, nil, p.closing)
		return
	}
}

// pollAborted ends the session of a client that dropped its GET (R61).
func (s *Session) pollAborted(p *poll) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.poll == p {
		s.poll = nil
		s.abortLocked(TransportError, errors.New("engineio: the client dropped its GET"), closeNoStatus, answerClose)
	}
}

func (s *Session) writePollAnswer(w http.ResponseWriter, r *http.Request, a pollAnswer) {
	switch a {
	case answerClose:
		writePayload(w, r, []byte{byte(eiowire.Close)}, s.srv.cfg.Limits.StallTime)
	case answerNoop:
		writePayload(w, r, []byte{byte(eiowire.Noop)}, s.srv.cfg.Limits.StallTime)
	case answerUpgraded:
		s.srv.refuse(w, r, errMismatch.with("previousTransport", transportWebSocket))
	}
}

// answerPoll writes head, if any, and everything queued as one payload. It holds
// the session's write until the bytes have left, so that an upgrade cannot
// overtake them (R88).
func (s *Session) answerPoll(w http.ResponseWriter, r *http.Request, head []byte, closing bool) {
	buf := takeScratch()
	defer buf.release()

	s.mu.Lock()
	list := s.takeLocked()
	// The last data and "1" come apart, unless the session ends in its handshake:
	// since 4.5 the official client hands packets on in a later turn than it closes,
	// and would report the end before what came with it (R112).
	ending := s.state == stateClosing && s.queue == nil && (list == nil || head != nil)
	if ending {
		s.closedLocked()
	}
	s.mu.Unlock()

	body := append(buf.b, head...)
	if list != nil {
		body = appendPayload(body, list)
	}
	if ending {
		if len(body) == 0 && closing {
			body = append(body, byte(eiowire.Noop)) // R112
		}
		if len(body) > 0 {
			body = append(body, eiowire.Separator)
		}
		body = append(body, byte(eiowire.Close))
	}
	buf.b = body
	if z := s.srv.cfg.HTTPCompression; z != nil {
		w.Header().Add("Vary", "Accept-Encoding")
		if len(body) >= z.Threshold && list.compressible() {
			small := takeScratch()
			defer small.release()
			var name string
			if body, name = compressAnswer(small.b, body, r); name != "" {
				w.Header().Set("Content-Encoding", name)
				small.b = body
			}
		}
	}
	begun := time.Now()
	err := writePayload(w, r, body, s.srv.cfg.Limits.StallTime)

	s.mu.Lock()
	s.doneLocked(list, err)
	s.polled = s.srv.cfg.Clock.Now()
	if now := time.Now(); now.Sub(begun) > paceTime {
		s.pollWaited = now.UnixNano()
	}
	if errors.Is(err, ErrSlowConsumer) {
		s.hitLocked(LimitStallTime)
	}
	if err != nil {
		s.abortLocked(TransportError, err, closeNoStatus, answerClose)
	}
	s.wakeWriterLocked()
	s.mu.Unlock()
}

// A scratch is a pooled buffer for polling answers and POST bodies.
type scratch struct{ b []byte }

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// takeScratch returns an empty scratch.
func takeScratch() *scratch { return scratches.Get().(*scratch) }

func (sc *scratch) release() {
	if cap(sc.b) <= maxPooledText {
		sc.b = sc.b[:0]
		scratches.Put(sc)
	}
}

// writePayload answers a GET (R51) and returns once the answer was handed to the
// kernel. It fails with ErrSlowConsumer when the peer takes nothing for long: twice
// stall, since what it takes shows late here.
func writePayload(w http.ResponseWriter, r *http.Request, body []byte, stall time.Duration) error {
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=UTF-8")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	h.Set("Cache-Control", "no-store")
	setXSSProtection(h, r)
	rc := http.NewResponseController(w)
	defer func() { _ = rc.SetWriteDeadline(time.Time{}) }()
	for first := true; first || len(body) > 0; first = false {
		_ = rc.SetWriteDeadline(time.Now().Add(2 * stall)) // recorders in tests have none
		piece := body[:min(len(body), pieceSize)]
		body = body[len(piece):]
		_, err := w.Write(piece)
		if err == nil && len(body) == 0 {
			err = rc.Flush()
		}
		var timeout interface{ Timeout() bool }
		switch {
		case err == nil, errors.Is(err, http.ErrNotSupported):
		case errors.As(err, &timeout) && timeout.Timeout():
			return ErrSlowConsumer
		default:
			return err
		}
	}
	return nil
}

// setXSSProtection switches off a filter of old browsers that can be turned
// against a page (R65).
func setXSSProtection(h http.Header, r *http.Request) {
	if ua := r.UserAgent(); strings.Contains(ua, ";MSIE") || strings.Contains(ua, "Trident/") {
		h.Set("X-XSS-Protection", "0")
	}
}

// Errors that a request within a session can end with.
var (
	errSecondGET  = ErrOverlap.with(errors.New("a second GET while one was pending"))
	errSecondPOST = ErrOverlap.with(errors.New("a second POST while one was pending"))
	errOctets     = ErrPacket.with(errors.New("POST of application/octet-stream"))
	errTooLarge   = ErrTooLarge.with(errors.New("POST body"))
	errTooSlow    = ErrTooSlow.with(errors.New("POST body"))
	errBody       = errors.New("engineio: the client dropped its POST")
)

// Besides nil, which is "ok", and a refusal, a POST can end with one of these.
var (
	postIgnored = &refusal{} // "ok", though nothing was read
	postDropped = &refusal{} // no answer: the connection is dropped
)

// servePost takes a payload from the client (R53).
func (s *Session) servePost(w http.ResponseWriter, r *http.Request) {
	p := &post{rc: http.NewResponseController(w)}
	result := s.beginPost(p, r)
	if result == nil {
		defer s.taskDone()
		read := s.readPost
		if p.closing {
			read = s.readLastPost
		}
		result = func() *refusal {
			defer s.endPost(p) // also after runtime.Goexit in Receive
			return read(p, r)
		}()
		s.awaitLastPoll(p)
	}
	// A body in chunks may have had a length as well, which net/http hides: whoever stands
	// between may read the connection in another way.
	if p.read && r.TransferEncoding == nil || result == postDropped { // which drops the connection at once
		w.Header().Del("Connection") // see leaveBody
	}
	switch result {
	case nil, postIgnored:
		answerOK(w, r)
	case postDropped:
		panic(http.ErrAbortHandler) // R59, R62
	case refusedTooSlow:
		w.Header().Set("Connection", "close")
		fallthrough
	default:
		s.srv.refusePlain(w, r, result)
	}
}

// beginPost occupies the session's POST slot. Unless it returns nil, that is how the
// POST ends.
func (s *Session) beginPost(p *post, r *http.Request) *refusal {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.state == stateClosing && s.ws == nil:
		if s.post != nil {
			return postIgnored // R112
		}
		p.closing = true
	case s.state == stateClosed || s.ws != nil:
		return refusedLate
	case s.post != nil: // R59
		s.post.kill()
		s.abortLocked(TransportError, errSecondPOST, closeNoStatus, answerClose)
		return refusedOverlap
	case r.Header.Get("Content-Type") == "application/octet-stream": // R55
		s.abortLocked(TransportError, errOctets, closeNoStatus, answerClose)
		return refusedPayload
	}
	p.session = s
	s.post = p
	s.tasks++
	return nil
}

func (s *Session) endPost(p *post) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.post = nil
	s.postedLocked()
	if p.done != nil {
		close(p.done)
	}
}

// lastPollWait is how long the POST that closes a session waits for a GET that
// the client sent before it.
const lastPollWait = 100 * time.Millisecond

// expectLastPollLocked is called when a client closes its session. The official
// client has a GET on its way then, on another connection, which the POST can
// overtake: that GET is to find its noop, not an unknown session (R110, R272).
func (s *Session) expectLastPollLocked() {
	if s.ws == nil && s.post != nil && s.poll == nil && s.state != stateClosed {
		s.last = make(chan struct{})
		s.post.last = s.last
	}
}

// awaitLastPoll holds back the answer to the POST that closed the session until
// the client's last GET has come, for a moment at most. Whatever comes after the
// answer finds the session unknown.
func (s *Session) awaitLastPoll(p *post) {
	if p.last == nil {
		return
	}
	late := make(chan struct{})
	timer := s.srv.cfg.Clock.AfterFunc(lastPollWait, func() { close(late) })
	defer timer.Stop()
	select {
	case <-p.last:
	case <-late:
		s.mu.Lock()
		s.last = nil
		s.mu.Unlock()
	}
}

// readPost reads and dispatches a body, and says how the POST ends.
func (s *Session) readPost(p *post, r *http.Request) *refusal {
	buf := takeScratch()
	defer buf.release()
	switch err := s.readBody(p, r, buf); {
	case errors.Is(err, errTooLarge):
		s.srv.noteFault(err, &s.request)
		return refusedTooLarge // the session lives on (R57)
	case err != nil:
		s.mu.Lock()
		killed := p.killed
		s.mu.Unlock()
		s.abort(TransportError, err, closeNoStatus)
		if errors.Is(err, errTooSlow) && !killed {
			return refusedTooSlow
		}
		return postDropped
	}
	return s.dispatch(buf.b)
}

// readLastPost takes a POST for a session that is closing (R112). It is ignored but for
// a close packet: clients before 4.5 send one when they have read that their last
// namespace is gone, and never come for the ending.
func (s *Session) readLastPost(p *post, r *http.Request) *refusal {
	buf := takeScratch()
	defer buf.release()
	err := s.readBody(p, r, buf)
	s.srv.noteFault(err, &s.request)
	switch {
	case errors.Is(err, errTooLarge):
		return refusedTooLarge
	case errors.Is(err, errTooSlow):
		return refusedTooSlow
	case err != nil:
		return postDropped
	}
	for packet := range bytes.SplitSeq(buf.b, []byte{eiowire.Separator}) {
		if len(packet) == 1 && packet[0] == byte(eiowire.Close) {
			s.left()
			break
		}
	}
	return nil
}

// left ends a session that was closing when its client's close packet came: nobody will
// fetch what is queued.
func (s *Session) left() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state == stateClosing && s.ws == nil {
		s.expectLastPollLocked()
		s.abortLocked(TransportClose, nil, closeNoStatus, answerNoop) // the first reason stays
	}
}

// readBody reads the whole body into buf, never more than MaxPayload bytes of it.
func (s *Session) readBody(p *post, r *http.Request, buf *scratch) error {
	limit := s.srv.cfg.MaxPayload
	if r.ContentLength > int64(limit) {
		return errTooLarge
	}
	var body pieces
	counted := 0
	defer func() {
		body.release()
		if counted > 0 {
			s.srv.incoming.hold(&p.holding, 0)
		}
	}()
	for start := time.Now(); ; {
		room := body.room(limit + 1 - body.size)
		if body.held != counted && body.size > 0 {
			counted = body.held
			s.srv.incoming.hold(&p.holding, counted)
		}
		killed := s.allowBody(p, start, body.size)
		n, err := r.Body.Read(room)
		p.moved.Store(time.Now().UnixNano())
		if body.took(n); body.size > limit {
			return errTooLarge
		}
		body.check(false, false)
		var timeout interface{ Timeout() bool }
		switch {
		case err == io.EOF:
			buf.b = body.appendTo(buf.b)
			s.mu.Lock()
			p.read = true
			// Only now: after a failure net/http still reads from the connection.
			_ = p.rc.SetReadDeadline(time.Time{})
			s.mu.Unlock()
			return nil
		case killed:
			return errBody
		case errors.As(err, &timeout) && timeout.Timeout():
			return errTooSlow
		case err != nil:
			return errors.Join(errBody, err)
		}
	}
}

// allowBody sets the time until which the next part of a body must come: at BodyRate, after
// a grace. It reports whether the POST is to be dropped instead.
func (s *Session) allowBody(p *post, start time.Time, size int) (killed bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !p.killed && p.until.IsZero() {
		lim := &s.srv.cfg.Limits
		allowed := lim.BodyTimeout + time.Duration(size)*time.Second/time.Duration(lim.BodyRate)
		_ = p.rc.SetReadDeadline(start.Add(allowed))
	}
	return p.killed
}

// dispatch hands the packets of a payload on, in order, and says how the POST ends.
func (s *Session) dispatch(payload []byte) *refusal {
	others := 0 // packets that are no messages
	for p, err := range eiowire.Packets(payload) {
		if others++; err == nil && p.Type == eiowire.Message {
			others--
		}
		// There may be as many messages as MaxPayload holds: an honest client packs a burst,
		// or all that it emitted while it was away, into one payload.
		if most := s.srv.cfg.Limits.PacketsPerPost; others == most+1 && s.srv.lenient() {
			s.srv.hit(LimitPacketsPerPost, &s.request)
		} else if others > most && !s.srv.lenient() {
			err = ErrPackets.with(fmt.Errorf("more than %d in one POST that are no messages", most))
			s.abort(ParseError, err, closeNoStatus)
			return refusedPayload
		}
		if err != nil { // R45: what came before stays delivered
			s.abort(ParseError, ErrPacket.with(err), closeNoStatus)
			return refusedPayload
		}
		if p.Binary {
			p.Data = bytes.Clone(p.Data)
		} else {
			p.Data = cloneText(p.Data)
		}
		if !s.receive(p) {
			break // R46
		}
	}
	return nil
}

// cloneText copies b for the application, with invalid UTF-8 replaced (R47).
func cloneText(b []byte) []byte {
	return bytes.Clone(bytes.ToValidUTF8(b, []byte("\uFFFD")))
}

// answerOK answers a POST (R53).
func answerOK(w http.ResponseWriter, r *http.Request) {
	setXSSProtection(w.Header(), r)
	answer(w, http.StatusOK, "text/html", "ok")
}
