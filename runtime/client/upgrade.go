// SPDX-License-Identifier: Apache-2.0

package client

import (
	"context"
	"fmt"

	"github.com/sockgen/sockgen/runtime/eiowire"
)

// probe tries whether a WebSocket reaches the session and, if so, hands it to the
// writer. If not, the session goes on polling.
func (s *session) probe() {
	ws, err := s.tryWebSocket()
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.probing = false
		if !s.ended {
			s.m.cfg.Logger.Debug("client: no upgrade to WebSocket", "error", err)
		}
	} else {
		s.next = ws
	}
	s.wakeWriter() // a packet may have waited for the outcome
}

// tryWebSocket opens a WebSocket for the session and has its probe answered.
func (s *session) tryWebSocket() (*socketConn, error) {
	ctx, cancel := context.WithCancelCause(s.ctx)
	defer cancel(nil)
	timer := s.m.cfg.Clock.AfterFunc(s.m.cfg.Timeout, func() { cancel(fmt.Errorf("%w: no WebSocket within %v", ErrTimeout, s.m.cfg.Timeout)) })
	defer timer.Stop()
	ws, err := s.dialWebSocket(ctx, s.sid)
	if err != nil {
		return nil, err
	}
	return ws, s.exchangeProbe(ctx, ws)
}

// exchangeProbe sends "2probe" and waits for "3probe" (R82).
func (s *session) exchangeProbe(ctx context.Context, ws *socketConn) error {
	stop := context.AfterFunc(ctx, func() { _ = ws.conn.Close() })
	defer stop()
	if err := ws.packet(eiowire.Ping, []byte("probe")); err != nil {
		return err
	}
	p, err := ws.read()
	if err == nil && (p.Type != eiowire.Pong || string(p.Data) != "probe") {
		err = fmt.Errorf("client: the probe was answered with a packet %v", p.Type)
	}
	if err != nil {
		_ = ws.conn.Close()
	}
	return err
}

// switchOver replaces polling by the WebSocket that was probed, on the writer: no POST
// is under way. The last poll, which the server answers now, is delivered before the
// server hears that it may write to the WebSocket, so nothing is overtaken (R88).
func (s *session) switchOver() bool {
	s.mu.Lock()
	s.pausing = true
	ws := s.next
	s.mu.Unlock()
	select {
	case <-s.polled:
	case <-s.ctx.Done():
		return false
	}
	if err := ws.packet(eiowire.Upgrade, nil); err != nil {
		s.end(TransportError, fmt.Errorf("client: upgrade: %w", err))
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ended {
		return false
	}
	s.ws, s.next, s.probing, s.pausing = ws, nil, false, false
	s.tasks.Go(func() { s.readLoop(ws) })
	return true
}
