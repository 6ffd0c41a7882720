// SPDX-License-Identifier: Apache-2.0

package engineio

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// A Fault is what a peer did wrong within a session. It is an error: errors.Is finds
// it in what Receiver.Closed gets when a fault ended the session.
type Fault string

// The faults, with what the peer sees.
const (
	ErrTooLarge  Fault = "TOO_LARGE"           // more than MaxPayload: a POST body (413, and the session goes on) or a WebSocket message (1009)
	ErrTooSlow   Fault = "TOO_SLOW"            // a POST body (408) or a WebSocket message (1008) that came slower than Limits.BodyRate
	ErrFragments Fault = "TOO_MANY_FRAGMENTS"  // Limits.Fragments (1008)
	ErrText      Fault = "INVALID_UTF8"        // in a text message (1007)
	ErrFrame     Fault = "INVALID_FRAME"       // not WebSocket as RFC 6455 has it (1002)
	ErrPacket    Fault = "INVALID_PACKET"      // not a packet of Engine.IO, on polling 400
	ErrPackets   Fault = "TOO_MANY_PACKETS"    // Limits.PacketsPerPost (400)
	ErrOverlap   Fault = "OVERLAPPING_REQUEST" // a second GET or POST while one was pending (400)
	ErrIncoming  Fault = "INCOMING_BUDGET"     // Limits.IncomingBudget was used up, and this peer was silent in the middle of something for longest (1008)
)

var faults = [...]Fault{ErrTooLarge, ErrTooSlow, ErrFragments, ErrText, ErrFrame, ErrPacket, ErrPackets, ErrOverlap, ErrIncoming}

// Error is f in words.
func (f Fault) Error() string {
	return "engineio: " + strings.ReplaceAll(strings.ToLower(string(f)), "_", " ")
}

// with returns f with what was found.
func (f Fault) with(err error) error { return fmt.Errorf("%w: %w", f, err) }

// noteFault counts and logs err if it is a peer's fault. The caller holds no lock.
func (s *Server) noteFault(err error, r *Request) {
	if f, ok := s.countFault(err); ok {
		s.logFault(f, err, r)
	}
}

// countFault counts err if it is a peer's fault.
func (s *Server) countFault(err error) (f Fault, ok bool) {
	if !errors.As(err, &f) {
		return "", false
	}
	i := slices.Index(faults[:], f)
	if i < 0 {
		return "", false
	}
	s.faults[i].Add(1)
	return f, true
}

func (s *Server) logFault(f Fault, err error, r *Request) {
	if l, ok := faultLimits[f]; ok {
		s.hit(l, r)
	}
	level, msg := slog.LevelInfo, "engineio: a peer broke the rules"
	if f == ErrTooLarge { // as often as not it is MaxPayload that is wrong
		level, msg = slog.LevelWarn, "engineio: a peer sent more than MaxPayload"
	}
	s.quiet.Write(context.Background(), level, "fault "+string(f), msg,
		"fault", string(f), "error", shown(err.Error()), "maxPayload", s.cfg.MaxPayload, "remote", r.RemoteAddr)
}

// noHijack tells that a WebSocket cannot be had because the ResponseWriter does not
// give its connection away.
func (s *Server) noHijack(w http.ResponseWriter, err error) {
	if s.hijackLogged.Swap(true) {
		return
	}
	s.cfg.Logger.Error("engineio: WebSocket is impossible: a middleware wraps the http.ResponseWriter and hides Hijack. "+
		"Give the wrapper a method Unwrap() http.ResponseWriter, or keep it off this path. Clients stay on polling. This is logged once",
		"writer", innermost(w), "error", shown(err.Error()))
}

// innermost names the type of the ResponseWriter that does not unwrap any further.
func innermost(w http.ResponseWriter) string {
	for {
		u, ok := w.(interface{ Unwrap() http.ResponseWriter })
		if !ok {
			return fmt.Sprintf("%T", w)
		}
		w = u.Unwrap()
	}
}

// shown makes what a peer has written fit for a line of a log, whatever prints it:
// short, and without anything that is not printable.
func shown(s string) string {
	quoted := strconv.Quote(s[:min(len(s), 129)])
	s = strings.ReplaceAll(strings.ReplaceAll(quoted[1:len(quoted)-1], `\"`, `"`), `\\`, `\`)
	return clip(s)
}
