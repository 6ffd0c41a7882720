// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"time"

	"github.com/sockgen/sockgen/runtime/engineio"
	"github.com/sockgen/sockgen/runtime/internal/forward"
	"github.com/sockgen/sockgen/runtime/internal/guard"
)

// A Forward says how nodes pass requests on to each other. Each session's id carries a mark
// that tells the nodes, and nobody else, which of them holds it. A poll, a POST or an upgrade
// that comes to another one is passed on to it, and a WebSocket stays connected through both.
//
// The nodes learn of each other's addresses and keys through the Adapter, in the namespace
// "/$sockgen": whoever can publish there can have requests sent to an address of their choice,
// and read them.
type Forward struct {
	// Advertise is the address at which the other nodes reach this one, such as
	// "http://10.0.0.7:3000". The server must be served there under the same path as here.
	Advertise string
	// Requests is how many requests this node passes on at the same time, WebSockets included;
	// further ones are answered with 503. 10,000 when zero.
	Requests int
	// TLS is used to reach nodes that advertise https; nil means the defaults of crypto/tls.
	TLS *tls.Config
}

// ForwardStats count what a node passes on to others.
type ForwardStats struct {
	Peers     int    // other nodes that are known now
	Active    int    // requests that are being passed on now, WebSockets included
	Forwarded uint64 // requests passed on
	Failed    uint64 // of these, those that the other node did not answer
	Refused   uint64 // requests that were not passed on, because of Forward.Requests
}

// defaultStall is that of engineio.Limits.StallTime.
const defaultStall = 10 * time.Second

// validateForward reports what is wrong with Config.Forward.
func (c Config) validateForward() error {
	f := c.Forward
	if f == nil {
		return nil
	}
	_, err := forward.ParseURL(f.Advertise)
	switch {
	case err != nil:
		return fmt.Errorf("socketio: Config.Forward.Advertise: %w", err)
	case f.Requests < 0:
		return fmt.Errorf("socketio: Config.Forward.Requests is %d: use a positive number, or 0 for the default", f.Requests)
	case c.Adapter == nil:
		return errors.New("socketio: Config.Forward needs a Config.Adapter, through which the nodes find each other")
	}
	return nil
}

// connectForward begins to find the other nodes, and has the sessions' server ask them.
func (s *Server) connectForward(engine *engineio.Config) error {
	cfg := forward.Config{
		Requests: s.cfg.Forward.Requests, Stall: s.cfg.Limits.Engine.StallTime, TLS: s.cfg.Forward.TLS,
		Logger: s.cfg.Logger, Clock: hubClock{s.cfg.Clock},
	}
	orDefault(&cfg.Requests, 10_000)
	orDefault(&cfg.Stall, defaultStall)
	var err error
	if cfg.Advertise, err = forward.ParseURL(s.cfg.Forward.Advertise); err != nil {
		return err
	}
	if s.forward, err = forward.New(cfg); err != nil {
		return err
	}
	err = errAdapter
	s.guard.Apart(func() { err = s.forward.Join(s.hub) }, "function", "Config.Adapter")
	if err != nil {
		return fmt.Errorf("Config.Forward: %s", guard.Text(err))
	}
	engine.Elsewhere = s.forward
	return nil
}

// drainForward ends what is passed on to other nodes: WebSockets at once, requests when
// they are answered, or when DrainTime is over.
func (s *Server) drainForward(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	timer := s.cfg.Clock.AfterFunc(s.cfg.DrainTime, cancel)
	defer timer.Stop()
	s.forward.Drain(ctx)
}

// closeForward takes leave of the other nodes.
func (s *Server) closeForward() error {
	if s.forward == nil {
		return nil
	}
	err := errAdapter
	s.guard.Apart(func() { err = s.forward.Close() }, "function", "Config.Adapter")
	if err != nil {
		return fmt.Errorf("socketio: close Config.Forward: %s", guard.Text(err))
	}
	return nil
}

func (s *Server) forwardStats() ForwardStats {
	if s.forward == nil {
		return ForwardStats{}
	}
	return ForwardStats(s.forward.Stats())
}
