// SPDX-License-Identifier: Apache-2.0

package engineio

import "slices"

// A Limit names a bound that a peer has come to: the field of Config that sets it.
type Limit string

// The limits.
const (
	LimitMaxPayload     Limit = "MaxPayload"
	LimitUpgradeTimeout Limit = "UpgradeTimeout"
	LimitQueueBytes     Limit = "Limits.QueueBytes" // the session lags; nobody is refused anything
	LimitQueueHardBytes Limit = "Limits.QueueHardBytes"
	LimitOutgoing       Limit = "Limits.OutgoingBudget"
	LimitIncoming       Limit = "Limits.IncomingBudget"
	LimitStallTime      Limit = "Limits.StallTime"
	LimitBodyRate       Limit = "Limits.BodyRate" // and BodyTimeout, AssemblyTime
	LimitPacketsPerPost Limit = "Limits.PacketsPerPost"
	LimitFragments      Limit = "Limits.Fragments"
	LimitPongs          Limit = "Limits.Pongs"
	LimitCloseTimeout   Limit = "Limits.CloseTimeout"
	LimitQueryBytes     Limit = "Limits.QueryBytes"
	LimitRequestBytes   Limit = "Limits.RequestBytes"
	LimitSessions       Limit = "Limits.Sessions"
	LimitSessionsPerIP  Limit = "Limits.SessionsPerIP"
	LimitMemory         Limit = "Limits.MemoryPercent"
)

var limits = [...]Limit{
	LimitMaxPayload, LimitUpgradeTimeout, LimitQueueBytes, LimitQueueHardBytes, LimitOutgoing, LimitIncoming,
	LimitStallTime, LimitBodyRate, LimitPacketsPerPost, LimitFragments, LimitPongs, LimitCloseTimeout, LimitQueryBytes,
	LimitRequestBytes, LimitSessions, LimitSessionsPerIP, LimitMemory,
}

// A LimitHit says that a peer has come to a limit, for Config.OnLimit.
type LimitHit struct {
	Limit   Limit
	Request *Request // that opened the session, or that was refused
}

// hit counts that a limit was reached, and tells the application. The caller holds no lock.
func (s *Server) hit(l Limit, r *Request) {
	s.countHit(l)
	s.tellHit(l, r)
}

func (s *Server) countHit(l Limit) { s.hits[slices.Index(limits[:], l)].Add(1) }

func (s *Server) tellHit(l Limit, r *Request) {
	if f := s.cfg.OnLimit; f != nil {
		s.guard.Apart(func() { f(LimitHit{l, r}) }, "function", "OnLimit")
	}
}

// hitLocked is hit for a session's mu holder: the application is told by another goroutine.
func (s *Session) hitLocked(l Limit) {
	s.srv.countHit(l)
	if s.srv.cfg.OnLimit != nil {
		s.goLocked(func() { s.srv.tellHit(l, &s.request) })
	}
}

// faultLimits are those that a Fault is about.
var faultLimits = map[Fault]Limit{
	ErrTooLarge: LimitMaxPayload, ErrTooSlow: LimitBodyRate, ErrFragments: LimitFragments, ErrPackets: LimitPacketsPerPost, ErrIncoming: LimitIncoming,
}

// refusalLimits are those that a refusal is about, and that no Fault counts.
var refusalLimits = map[RefusalCause]Limit{
	RefusedSessions: LimitSessions, RefusedSessionsPerIP: LimitSessionsPerIP, RefusedQuery: LimitQueryBytes, RefusedMemory: LimitMemory,
}

// lenient reports whether what is beyond a limit on a count is let pass, since limits are
// only to report.
func (s *Server) lenient() bool { return s.cfg.Limits.ReportOnly }
