// SPDX-License-Identifier: Apache-2.0

package engineio

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sockgen/sockgen/runtime/eiowire"
	"github.com/sockgen/sockgen/runtime/internal/guard"
)

// A SID names a session: 20 characters of URL-safe base64, unless
// Config.GenerateID makes them. Whoever knows it can
// read and write the session, so it is a secret between server and client.
type SID string

// A CloseReason says why a session ended.
type CloseReason string

// The reasons. Session.Close takes any text; these are the ones
// that the package itself gives.
const (
	TransportError CloseReason = "transport error" // the connection failed, or the peer broke the rules of its transport
	TransportClose CloseReason = "transport close" // the peer ended the session or went away
	ForcedClose    CloseReason = "forced close"    // the application closed it
	PingTimeout    CloseReason = "ping timeout"    // no pong in time
	ParseError     CloseReason = "parse error"     // a packet that could not be read
	ServerShutdown CloseReason = "server shutting down"
)

// ErrSessionClosed is returned by what sends once a session has begun to close, or its
// connection has failed.
var ErrSessionClosed = errors.New("engineio: session closed")

// A Handler is the application's side of a Server.
type Handler interface {
	// Open is called once for each session, before any of its messages and before
	// the handshake is answered: messages sent in it ride with the answer. Calls for
	// different sessions overlap. A panic in it is logged and ends the session.
	Open(s *Session) Receiver
}

// A Receiver is the application's side of a session. A panic in its methods is
// logged and ends the session, and so does runtime.Goexit.
type Receiver interface {
	// Receive gets the session's messages in order, one at a time. data belongs to
	// the receiver; it is UTF-8 unless binary, and may be empty. While Receive
	// blocks, the session reads nothing more and its ping timeout is suspended; but
	// see [Session.RunAttached].
	Receive(data []byte, binary bool)
	// Closed is called exactly once, with the first reason, as soon as the session
	// takes no more messages; what was sent before may still be on its way to the
	// peer. It runs in a goroutine of its own, so it may overlap a Receive that
	// began, or was about to begin, before.
	Closed(reason CloseReason, err error)
}

// An UpgradeReceiver is a Receiver that is told when its session has moved to
// WebSocket.
type UpgradeReceiver interface {
	Receiver
	// Upgraded is called at most once, between two calls of Receive: after it for all
	// messages that came by polling, and before it for those that come by WebSocket.
	// It must not block, since nothing is read meanwhile. A session that began on
	// WebSocket, or has ended, has no such call.
	Upgraded()
}

// A LagReceiver is a Receiver that is told when its session begins to lag, because
// Limits.QueueBytes wait for its peer, and when it does not any more, because half of
// that waits.
type LagReceiver interface {
	Receiver
	// Lags gets what waited when that changed. It runs in a goroutine of its own, so the
	// session may have moved on; calls do not overlap, and what is no longer true may be
	// left out.
	Lags(lags bool, waiting int)
}

// A SwitchReceiver is an UpgradeReceiver that is told when its session is about to move:
// see [Session.Switching].
type SwitchReceiver interface {
	UpgradeReceiver
	// Switching is called when that has become true, in any goroutine. It must not block.
	Switching()
}

// A Request is what a session keeps of the request that opened it. Readers must
// not change it.
type Request struct {
	Header     http.Header // without the largest fields, if it and URL exceed Limits.RequestBytes
	URL        string      // the request target, as it was sent
	RawQuery   string      // encoded, without "?"
	RemoteAddr string
	Secure     bool // TLS ended at this server
	Time       time.Time
}

// Query returns the values of RawQuery, without those that are malformed. Each call
// parses it again: parsed, a query is several times as large.
func (r *Request) Query() url.Values {
	values, _ := url.ParseQuery(r.RawQuery) // with an error come the values that are sound
	return values
}

type state uint8

const (
	stateOpening state = iota // the handshake is not answered: output waits
	stateOpen
	stateClosing // the application closed it; queued output is still to deliver
	stateClosed  // the peer gets nothing more but an ending
)

// A Session is one Engine.IO connection, from handshake to close. It goes on when an
// upgrade moves it from polling to WebSocket. Methods may be called from any goroutine.
type Session struct {
	// At any moment one goroutine reads for it, the WebSocket's reader or the POST in
	// flight, and hands messages to the Receiver. At most one goroutine writes: a poll's
	// handler, the reader before it waits, the caller of Flush, or one of the server's
	// flushers, which Send calls when none of the others is there.

	srv      *Server
	id       SID
	request  Request
	values   context.Context // of the request that opened it; never ends
	base64   bool            // binary messages as text, also on WebSocket (R39)
	ip       string          // for Limits.SessionsPerIP
	receiver Receiver        // set once, before the state leaves stateOpening

	held holding // what the receiver keeps of what is not complete

	hasOutput atomic.Bool // written under mu: something waits that Flush could write
	due       *Session    // the next one that waits for a flusher; the flushers' mu guards it

	mu        sync.Mutex // guards what follows; Server.mu may be taken while holding it, never the reverse
	state     state
	announced bool        // Closed was started
	closed    bool        // a reason is set: the application's part is over
	mute      bool        // nothing can be written any more, while what the peer sent before is still read
	gone      bool        // reported to the server as finished
	reason    CloseReason // the first one
	err       error
	foreign   bool   // a page of another host opened it; immutable
	origin    string // the first non-empty Origin header; later ones must equal it

	ws    *wsConn       // the WebSocket that carries the session; nil while it polls
	probe *probe        // the upgrade under way
	poll  *poll         // the pending GET
	post  *post         // the POST in flight
	last  chan struct{} // closed by the GET that a closing client's POST waits for; nil when none does

	lingering []*wsConn // probes given up whose readers have not ended

	queue        *itemList     // outgoing, nil when empty
	bytes        int           // of the messages in queue or being written
	most         int           // that bytes has been
	exempt       int           // of these, what does not count in the hard bound; 0 again once nothing waits
	queued, sent uint64        // numbers of the last message that was queued, and of the last one that has left
	progress     chan struct{} // closed when less waits; nil while nobody wants to know
	writing      bool          // a write by whichever transport has begun and not ended
	flushing     bool          // a flusher was called and has not come yet
	writingSince time.Time     // when the write's first item was queued
	unfinished   *batch        // the write, while the peer has to read before it goes on and no flusher has come yet
	polled       time.Time     // when the last GET was answered
	lagging      bool          // as a LagReceiver is to know
	telling      bool          // a goroutine tells it
	pollWaited   int64         // when the last answer to a GET that the peer took its time for was taken, in Unix nanoseconds; 0 for never

	reader     *reader     // of the WebSocket that carries the session; nil while it polls
	impatience *time.Timer // calls impatient; nil until a reader was busy once
	armed      bool        // impatience will fire

	receiving bool // Receive is running, and nothing is read meanwhile
	heart     heartbeat
	tasks     int     // goroutines and requests working for the session
	ending    *ending // set when the session ends and Limits bound how many there are; Server.mu guards it
}

// ID returns the session's id.
func (s *Session) ID() SID { return s.id }

// Request returns the facts kept of the request that opened the session.
func (s *Session) Request() *Request { return &s.request }

// Values returns the context of the request that opened the session, for the values that
// handlers around the server have put there. It does not end with the request.
func (s *Session) Values() context.Context { return s.values }

// Transport returns "polling" or "websocket", whichever carries the session now.
func (s *Session) Transport() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.transportLocked()
}

func (s *Session) transportLocked() string {
	if s.ws != nil {
		return transportWebSocket
	}
	return transportPolling
}

// Close ends the session after what is queued was delivered. The
// first reason given to a session wins; later calls do nothing. It does not wait.
func (s *Session) Close(reason CloseReason) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closeLocked(reason)
}

func (s *Session) closeLocked(reason CloseReason) {
	if s.closed {
		return
	}
	s.endLocked(reason, nil)
	if s.state == stateOpening {
		return // the handshake's answer carries the ending
	}
	s.state = stateClosing
	s.heart.closing(s)
	if s.ws != nil {
		s.ws.setClose(closeNoStatus)
		s.wakeWriterLocked()
		return
	}
	if s.poll != nil && s.queue == nil && !s.writing {
		s.closedLocked() // nothing left to say: gone at once (R112)
		s.releasePollLocked(answerClose)
		return
	}
	s.wakeWriterLocked()
}

// Abort is Close for a peer that gets nothing more: what is queued is dropped. err is
// given to Closed.
func (s *Session) Abort(reason CloseReason, err error) { s.abort(reason, err, closeNoStatus) }

// abort ends the session at once: what is queued is dropped. A WebSocket gets a
// Close frame with code, a pending GET the packet "1".
func (s *Session) abort(reason CloseReason, err error, code closeCode) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.abortLocked(reason, err, code, answerClose)
}

func (s *Session) abortLocked(reason CloseReason, err error, code closeCode, answer pollAnswer) {
	if s.state == stateClosed {
		return
	}
	s.endLocked(reason, err)
	s.dropQueueLocked()
	if s.ws != nil {
		s.ws.setClose(code)
	}
	s.closedLocked()
	s.releasePollLocked(answer)
	s.wakeWriterLocked()
}

// endLocked ends the application's part of the session.
func (s *Session) endLocked(reason CloseReason, err error) {
	if s.closed {
		return
	}
	s.closed, s.reason, s.err = true, reason, err
	s.hurryLocked()
	s.progressedLocked()
	s.srv.ended(s, err)
	if s.state != stateOpening {
		s.announceLocked()
	}
}

// announceLocked starts Closed in a goroutine of its own: whoever ended the
// session may hold locks that Closed needs.
func (s *Session) announceLocked() {
	if s.announced || s.receiver == nil {
		return
	}
	s.announced = true
	s.goLocked(func() {
		returned := false
		defer s.contain("Closed", &returned)
		s.receiver.Closed(s.reason, s.err)
		returned = true
	})
}

// closedLocked makes the session unknown to later requests. Only what is already
// on its way continues: a poll's answer, the WebSocket's Close frame.
func (s *Session) closedLocked() {
	if s.state == stateClosed {
		return
	}
	s.state = stateClosed
	if s.probe != nil {
		s.endProbeLocked(s.probe) // R96
	}
	s.heart.closing(s)
	if s.ws == nil {
		s.heart.stop()
	}
	s.checkGoneLocked()
}

// cut drops every connection of the session, for a shutdown that ran out of time.
func (s *Session) cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.abortLocked(ServerShutdown, nil, closeNoStatus, answerClose)
	if s.post != nil {
		s.post.kill()
	}
	if s.ws != nil {
		s.dropLocked(s.ws)
	}
	for _, ws := range s.lingering {
		s.dropLocked(ws)
	}
}

// goLocked starts a goroutine that the session's end, and so Shutdown, waits for.
func (s *Session) goLocked(f func()) {
	s.tasks++
	go func() {
		defer s.taskDone()
		f()
	}()
}

// Go runs f in a goroutine that Server.Shutdown waits for. A panic in it is logged and ends
// the session.
func (s *Session) Go(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.goLocked(func() {
		returned := false
		defer s.contain("Go", &returned)
		f()
		returned = true
	})
}

func (s *Session) taskDone() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.taskDoneLocked()
}

func (s *Session) taskDoneLocked() {
	s.tasks--
	s.checkGoneLocked()
}

func (s *Session) checkGoneLocked() {
	if s.state == stateClosed && s.tasks == 0 && !s.gone {
		s.gone = true
		s.heart.stop()
		s.dropQueueLocked()
		s.srv.forget(s)
	}
}

// receive handles one packet from the peer. It reports whether to go on reading.
func (s *Session) receive(p eiowire.Packet) bool {
	s.mu.Lock()
	closed := s.closed
	s.mu.Unlock()
	if closed {
		if p.Type == eiowire.Close {
			s.left() // by a POST that was on its way
		}
		return false // R116
	}
	switch p.Type {
	case eiowire.Message:
		return s.deliver(p.Data, p.Binary)
	case eiowire.Pong:
		return s.pong()
	case eiowire.Ping: // only the server pings in revision 4 (R106)
		s.abort(TransportError, ErrPacket.with(errors.New("a ping from a client of revision 4")), closeNoStatus)
		return false
	case eiowire.Close:
		s.mu.Lock()
		s.expectLastPollLocked()
		// R110: unlike every other ending, the pending GET gets a noop.
		s.abortLocked(TransportClose, nil, closeNoStatus, answerNoop)
		s.mu.Unlock()
		return false
	}
	return s.traffic() // R41: open, upgrade and noop mean nothing here
}

// deliver hands one message to the application.
func (s *Session) deliver(data []byte, binary bool) bool {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return false // R116
	}
	s.receiving = true
	s.heart.traffic(s)
	r := s.reader
	s.mu.Unlock()
	returned := false
	defer s.received(r, &returned)
	defer func() {
		v := recover()
		if returned || v == nil && r != nil && r.replaced.Load() {
			return // or a function that RunAttached has called ended the goroutine
		}
		s.failed("Receive", v)
	}()
	s.receiver.Receive(data, binary)
	returned = true
	return true
}

// received notes that Receive has returned to the reader r, which is nil while the
// session polls. A reader that ends without is replaced: somebody has to read until the
// peer has taken note of the end.
func (s *Session) received(r *reader, returned *bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case r == nil:
		s.receivedLocked()
	case !*returned:
		s.replaceLocked(r)
	case !r.replaced.Load():
		s.receivedLocked()
	}
}

func (s *Session) receivedLocked() {
	s.receiving = false
	s.heart.resume(s)
}

// contain ends the session when a function of the application did not return. It is
// deferred, and stops a panic; runtime.Goexit goes on and ends the goroutine.
func (s *Session) contain(where string, returned *bool) {
	if !*returned {
		s.failed(where, recover())
	}
}

func (s *Session) failed(where string, v any) {
	s.srv.guard.Note(v, "function", where)
	s.abort(TransportError, fmt.Errorf("engineio: %s did not return: %s", where, guard.Text(v)), closeNoStatus)
}
