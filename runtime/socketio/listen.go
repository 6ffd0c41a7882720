// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// ListenAndServe listens on a TCP address such as ":3000" and serves until Shutdown,
// after which it returns http.ErrServerClosed. Any other error is that of listening
// or accepting, as it is. Applications with routes of their own use the Server as an
// http.Handler instead.
func (s *Server) ListenAndServe(addr string) error {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return err
	}
	return s.Serve(l)
}

// Serve accepts connections from l, which it closes in the end, until Shutdown, and
// then returns http.ErrServerClosed. Headers must arrive within 5 seconds and have
// at most 16 KiB; idle connections are closed after 60 seconds. Long polls last, so
// answers have no deadline but those of package engineio.
func (s *Server) Serve(l net.Listener) error {
	server := &http.Server{
		Handler:           s,
		ReadHeaderTimeout: 5 * time.Second,
		IdleTimeout:       60 * time.Second,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(s.cfg.Logger.Handler(), slog.LevelDebug),
	}
	s.mu.Lock()
	if s.shutdown {
		s.mu.Unlock()
		l.Close()
		return http.ErrServerClosed
	}
	s.servers[server] = l
	s.mu.Unlock()
	err := server.Serve(l)
	s.mu.Lock()
	down := s.shutdown
	if !down {
		delete(s.servers, server)
	}
	s.mu.Unlock()
	if down {
		return http.ErrServerClosed
	}
	return err
}

// Shutdown ends the server. Listeners are closed and new connections refused at once.
// Then the handlers that run, or have an event waiting, may finish, and what they and
// others sent may leave, for at most Config.DrainTime. After that every socket ends with
// "server shutting down" but without a DISCONNECT packet, so that clients reconnect, to
// another node; Config.Drain spreads these ends over time. Shutdown returns when all
// handlers have returned, OnDisconnect included. When ctx ends first it returns an
// error that wraps ctx.Err() and names what still runs; the contexts of handlers end
// then. A second call does the same again.
//
// With an http.Server of one's own, Shutdown comes before that server's: see
// docs/shutdown.md.
func (s *Server) Shutdown(ctx context.Context) error {
	s.mu.Lock()
	s.shutdown = true
	servers := make([]*http.Server, 0, len(s.servers))
	for server, l := range s.servers {
		l.Close() // nobody new, whatever the goroutines below are doing
		servers = append(servers, server)
	}
	s.mu.Unlock()
	s.engine.Refuse()
	var wg sync.WaitGroup
	if s.forward != nil {
		wg.Go(func() { s.drainForward(ctx) })
	}
	s.quiesce(ctx)

	for _, server := range servers {
		wg.Go(func() {
			if server.Shutdown(ctx) != nil {
				server.Close()
			}
		})
	}
	engineErr := s.engine.Shutdown(ctx)
	idleErr := s.awaitHandlers(ctx)
	if idleErr == nil {
		idleErr = s.awaitRooms(ctx)
	}
	wg.Wait()
	s.stop()
	s.watchdog.stop()
	s.closeRecovery()
	if idleErr != nil {
		return idleErr
	}
	return s.closeAdapters(ctx, engineErr)
}

// quiesce waits until what has begun is finished and what was sent has left, for
// DrainTime at most.
func (s *Server) quiesce(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	timer := s.cfg.Clock.AfterFunc(s.cfg.DrainTime, cancel)
	defer timer.Stop()
	s.mu.Lock()
	conns := slices.Collect(maps.Keys(s.conns))
	s.mu.Unlock()
	for _, c := range conns {
		for _, socket := range c.unfinished() {
			if socket.awaitIdle(ctx) != nil {
				return
			}
		}
	}
	for _, c := range conns {
		_ = c.session.AwaitSent(ctx, nil) // whose error is the end of one of the two
	}
}

// awaitHandlers waits until no connection has a handler left, or ctx ends.
func (s *Server) awaitHandlers(ctx context.Context) error {
	s.mu.Lock()
	if len(s.conns) == 0 {
		s.mu.Unlock()
		return nil
	}
	if s.idle == nil {
		s.idle = make(chan struct{})
	}
	idle := s.idle
	s.mu.Unlock()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("socketio: shutdown: still running: %s: %w", s.running(), ctx.Err())
	}
}

// closeRecovery forgets what is kept for clients that are away.
func (s *Server) closeRecovery() {
	s.recoveries.close()
	s.mu.Lock()
	namespaces := slices.Collect(maps.Values(s.namespaces))
	s.mu.Unlock()
	for _, n := range namespaces {
		if n.log != nil {
			n.log.close()
		}
	}
}

// awaitRooms waits for the functions that hear of rooms.
func (s *Server) awaitRooms(ctx context.Context) error {
	s.mu.Lock()
	namespaces := slices.AppendSeq(slices.Collect(maps.Values(s.namespaces)), maps.Keys(s.leaving))
	s.mu.Unlock()
	for _, n := range namespaces {
		if err := n.rooms.wait(ctx, -1); err != nil {
			return fmt.Errorf("socketio: shutdown: still running: functions for rooms of %s: %w", n.name, err)
		}
	}
	return nil
}

// running names the handlers that have not returned.
func (s *Server) running() string {
	s.mu.Lock()
	conns := slices.Collect(maps.Keys(s.conns))
	s.mu.Unlock()
	handlers := map[string]int{}
	for _, c := range conns {
		for _, socket := range c.unfinished() {
			if what := socket.callingNow(); what != "" {
				handlers[socket.ns.name+" "+what]++
			}
		}
	}
	if len(handlers) == 0 {
		return "nothing but the ends of connections"
	}
	const most = 10
	var names []string
	for _, name := range slices.Sorted(maps.Keys(handlers)) {
		if len(names) == most {
			names = append(names, "and others")
			break
		}
		names = append(names, fmt.Sprintf("%s (%d)", name, handlers[name]))
	}
	return strings.Join(names, ", ")
}
