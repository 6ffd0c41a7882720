// SPDX-License-Identifier: Apache-2.0

package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"github.com/sockgen/sockgen/runtime/internal/seam"
	"github.com/sockgen/sockgen/runtime/siowire"
)

// A Socket is the application's presence in one namespace. It outlives connections:
// its handlers, its ack ids and what it could not send yet stay. Its methods may be
// called from any goroutine.
type Socket struct {
	// Handlers run in the worker, a goroutine that exists while there is something to run.
	// The connection's reader fills the inbox and handles acks itself.

	m       *Manager
	nsp     string
	cfg     SocketConfig
	nextAck atomic.Uint64

	// Manager.mu guards what follows.
	active    bool // wants to be connected
	state     state
	epoch     uint64 // counts CONNECTs, so that a late Auth does no harm
	id        string
	pid       string // the secret that recovery needs, "" when the server has it off
	offset    string // of the last event, for recovery
	recovered bool
	takesBack bool // the server wants to know of requests that are given up

	ctx     context.Context // of handlers, from Open to the end; nil before
	cancel  context.CancelFunc
	waiters []chan<- error // of Connect

	buffer      []waiting // emitted without a connection
	bufferBytes int
	acks        map[uint64]chan<- reply // those that the server owes, and of events in buffer
	held        []*Event                // received before the reply to CONNECT
	heldBytes   int

	events     map[string][]*listener
	any        []*listener
	changed    []*listener   // of connects, failures and disconnects
	due        []task        // for the worker
	inbox      int           // events in due
	inboxBytes int           // what these take
	space      chan struct{} // closed when the inbox has room; nil when nobody waits
	running    bool          // the worker exists
	doing      string        // what the worker runs
}

// A state says how far a socket has come on the present session.
type state uint8

const (
	idle        state = iota // not at all
	authorizing              // Auth is asked
	connecting               // CONNECT was sent
	leaving                  // and its answer is to be undone
	connected
)

// Open has the socket connect, and reconnect, until Disconnect, the server's refusal
// or its DISCONNECT. It does not wait: OnConnect and OnConnectError tell what comes of
// it. On a socket that is open already it does nothing. After Close it returns
// ErrClosed.
func (s *Socket) Open() error {
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	if s.m.closed {
		return ErrClosed
	}
	s.openLocked()
	return nil
}

// Connect is Open and waits until the socket is connected. Meanwhile the client tries
// again and again, as Config says, so it is ctx that limits the waiting; when it ends,
// a socket that this call has opened is disconnected.
//
// Errors: *ConnectError when the server refuses, one that wraps ErrGaveUp when no
// further attempt is made, ctx's own with that of the last attempt, ErrDisconnected
// and ErrClosed.
func (s *Socket) Connect(ctx context.Context) error {
	result := make(chan error, 1)
	s.m.mu.Lock()
	if s.m.closed {
		s.m.mu.Unlock()
		return ErrClosed
	}
	if s.state == connected {
		s.m.mu.Unlock()
		return nil
	}
	opened := s.openLocked()
	s.waiters = append(s.waiters, result)
	s.m.mu.Unlock()
	select {
	case err := <-result:
		return err
	case <-ctx.Done():
	}
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	select {
	case err := <-result: // at the same moment
		return err
	default:
	}
	s.waiters = slices.DeleteFunc(s.waiters, func(w chan<- error) bool { return w == result })
	if opened {
		s.disconnectLocked(ErrDisconnected)
	}
	if s.m.lastErr != nil {
		return fmt.Errorf("client: connect %s: %w (the last failure: %w)", plain(s.nsp), context.Cause(ctx), s.m.lastErr)
	}
	return fmt.Errorf("client: connect %s: %w", plain(s.nsp), context.Cause(ctx))
}

// openLocked makes the socket active and reports whether it was not.
func (s *Socket) openLocked() bool {
	if s.active {
		return false
	}
	s.active = true
	s.ctx, s.cancel = context.WithCancel(s.m.ctx)
	switch {
	case s.m.session == nil:
		s.m.wantLocked()
	case s.state == idle:
		s.joinLocked()
	}
	return true
}

// Disconnect leaves the namespace with ClientDisconnect and does not come back unless
// it is opened again. It does not wait: OnDisconnect runs when the handler that may
// run now has returned; events that have not been handled yet are dropped. What was
// emitted before is still sent. The last socket to leave ends the connection.
func (s *Socket) Disconnect() {
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	s.disconnectLocked(ErrDisconnected)
}

// disconnectLocked does what Disconnect does; err is for those who wait in Connect.
func (s *Socket) disconnectLocked(err error) {
	if !s.active {
		return
	}
	switch s.state {
	case connected:
		s.m.sendLocked(message{text: siowire.AppendDisconnect(nil, s.nsp)})
		s.lostLocked(ClientDisconnect)
	case connecting, leaving:
		s.quitLocked()
		s.state = leaving
	default:
		s.quitLocked()
	}
	s.due = slices.DeleteFunc(s.due, func(t task) bool { return t.what == runEvent })
	s.inbox, s.inboxBytes = 0, 0
	s.cancel()
	s.deactivateLocked(err)
}

// joinLocked asks to enter the namespace, on a session that exists.
func (s *Socket) joinLocked() {
	s.epoch++
	if s.cfg.Auth == nil {
		s.sendConnectLocked(nil)
		return
	}
	s.state = authorizing
	epoch, sess := s.epoch, s.m.session
	ctx, cancel := context.WithCancel(s.ctx)
	stop := context.AfterFunc(sess.ctx, cancel)
	s.m.goLocked(func() {
		defer cancel()
		defer stop()
		s.authorize(ctx, sess, epoch)
	})
}

// authorize asks for credentials, again and again until it gets them, and then sends
// CONNECT.
func (s *Socket) authorize(ctx context.Context, sess *session, epoch uint64) {
	for attempts := 0; ; attempts++ {
		data, err := s.askAuth(ctx)
		s.m.mu.Lock()
		switch {
		case s.epoch != epoch || s.state != authorizing || s.m.session != sess:
			s.m.mu.Unlock()
			return
		case err == nil:
			s.sendConnectLocked(data)
			s.m.mu.Unlock()
			return
		case s.m.cfg.NoReconnection, errors.As(err, new(*seam.UnsendableAuth)): // another time it would be the same
			s.failedLocked(err)
			s.m.mu.Unlock()
			return
		}
		s.pushLocked(task{what: runConnectError, err: err})
		s.m.lastErr = err
		s.m.mu.Unlock()
		if !s.m.pause(ctx, s.m.cfg.backoff(attempts)) {
			return
		}
	}
}

// askAuth calls Auth and returns its result as a JSON object, nil for none.
func (s *Socket) askAuth(ctx context.Context) (data []byte, err error) {
	if !s.m.guard.Apart(func() { data, err = s.auth(ctx) }, "namespace", plain(s.nsp), "function", "Auth") {
		return nil, fmt.Errorf("client: SocketConfig.Auth: %w", errFunction)
	}
	return data, err
}

func (s *Socket) auth(ctx context.Context) (data []byte, err error) {
	v, err := s.cfg.Auth(ctx)
	if err != nil {
		return nil, fmt.Errorf("client: SocketConfig.Auth: %w", err)
	}
	if data, err = json.Marshal(v); err != nil {
		return nil, fmt.Errorf("%w: %w", errAuth, err)
	}
	if data = bytes.TrimSpace(data); bytes.Equal(data, []byte("null")) {
		return nil, nil
	}
	if data[0] != '{' {
		return nil, errAuth
	}
	return data, nil
}

// sendConnectLocked sends CONNECT with auth, a JSON object or nil, and what recovery
// needs before it (R226).
func (s *Socket) sendConnectLocked(auth []byte) {
	data := auth
	if s.pid != "" {
		data = siowire.AppendString([]byte(`{"pid":`), s.pid)
		if s.offset != "" {
			data = siowire.AppendString(append(data, `,"offset":`...), s.offset)
		}
		if members := bytes.TrimSpace(bytes.TrimPrefix(auth, []byte("{"))); len(members) > 1 {
			data = append(append(data, ','), members...)
		} else {
			data = append(data, '}')
		}
	}
	s.state = connecting
	s.m.sendLocked(message{text: siowire.AppendConnect(nil, s.nsp, data)})
}

// joinedLocked notes that the socket is in its namespace. What came before the reply
// is handled after OnConnect, what waited for the connection is sent.
func (s *Socket) joinedLocked(reply welcome) {
	pid := reply.PID
	s.state, s.id = connected, reply.SID
	s.takesBack = string(reply.Cancel) == "true"
	s.recovered = pid != "" && pid == s.pid
	if !s.recovered {
		s.pid, s.offset = pid, ""
	}
	s.pushLocked(task{what: runConnect, ctx: s.ctx})
	for _, e := range s.held {
		s.rememberLocked(e)
		s.pushLocked(task{what: runEvent, event: e})
	}
	s.held, s.heldBytes = nil, 0
	s.flushLocked()
	s.settleLocked(nil)
}

// lostLocked notes that a connected socket is not any more.
func (s *Socket) lostLocked(reason DisconnectReason) {
	s.quitLocked()
	s.failAcksLocked(ErrDisconnected, false)
	s.pushLocked(task{what: runDisconnect, reason: reason})
}

// quitLocked forgets what belongs to the present session.
func (s *Socket) quitLocked() {
	s.state, s.id, s.recovered = idle, "", false
	s.held, s.heldBytes = nil, 0
	s.epoch++
	s.roomLocked()
}

// failedLocked notes that the socket could not join and shall not try again.
func (s *Socket) failedLocked(err error) {
	s.quitLocked()
	s.pushLocked(task{what: runConnectError, err: err})
	s.deactivateLocked(err)
}

// deactivateLocked notes that the socket does not want to be connected any more. Its
// handlers' context ends when they have seen what is due. err is for those who wait in
// Connect.
func (s *Socket) deactivateLocked(err error) {
	s.active = false
	s.pushLocked(task{what: runCancel, cancel: s.cancel})
	s.settleLocked(err)
	s.m.quietLocked()
}

// settleLocked ends the waiting of Connect.
func (s *Socket) settleLocked(err error) {
	for _, w := range s.waiters {
		w <- err
	}
	s.waiters = nil
}

// Namespace returns the name of the namespace, with its slash.
func (s *Socket) Namespace() string { return s.nsp }

// Manager returns the Manager that made s.
func (s *Socket) Manager() *Manager { return s.m }

// ID returns the id that the server has given the socket, "" while it is not
// connected.
func (s *Socket) ID() string {
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	return s.id
}

// Connected reports whether the socket is connected now.
func (s *Socket) Connected() bool {
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	return s.state == connected
}

// Active reports whether the socket is connected or tries to be.
func (s *Socket) Active() bool {
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	return s.active
}

// Recovered reports whether the present connection continues the one before it: the
// server has kept the socket's id, rooms and data, and the events that it missed
// follow.
func (s *Socket) Recovered() bool {
	s.m.mu.Lock()
	defer s.m.mu.Unlock()
	return s.recovered
}
