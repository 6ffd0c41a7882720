// SPDX-License-Identifier: Apache-2.0

package adapter

import (
	"context"
	"encoding/json"
	"errors"
)

// A Keeper is an Adapter that keeps events and the sessions of clients that are away, so
// that a client may come back to any node. The adapter of a namespace is one where
// Environment.Recovery is set, its Local is a [Home] and what joins the nodes can do it. What is kept on one node
// alone needs no Keeper: a server does that by itself.
type Keeper interface {
	Adapter

	// Persist keeps a session until it is restored, or Environment.Recovery has passed. It
	// does not wait for the network.
	Persist(s Session) error
	// Restore takes the session whose secret is pid: from then on nobody else gets it. If
	// another node still has its socket, that socket ends first. With ErrNotKept there is
	// no such session.
	Restore(ctx context.Context, pid string) (*Session, error)
	// Place returns the place after which a session continues, and has this node catch up
	// with it. offset is what the client saw last, nil for nothing. With ErrNotKept the
	// client cannot continue.
	Place(ctx context.Context, s *Session, offset *string) (from string, err error)
	// Missed calls f with the events that were for sockets in the session's rooms and that
	// came after from, up to and including to, in their order, until f returns false. An
	// Event is valid until f returns.
	Missed(ctx context.Context, s *Session, from, to string, f func(Event, Options) bool) error
	// Settled reports whether everything that was delivered has a place, or never gets one.
	// It does not block, as Begun does not: a lock may be held.
	Settled() bool
	// Begun returns the place after which this adapter has delivered everything, "" while
	// that is not known.
	Begun() string
}

// A Home is the Local of a namespace to which clients come back that were on another node.
type Home interface {
	Local
	// Reached says that everything up to an offset has been delivered, as Deliver says by an
	// Event.Offset. An adapter holds no lock meanwhile.
	Reached(offset string)
	// TakeOver ends the socket whose secret is pid, since its client has come back to
	// another node, and returns what it leaves behind once its functions have returned. It
	// returns nil when there is none that may be continued, or ctx ends.
	TakeOver(ctx context.Context, pid string) *Session
}

// A Session is what is kept of a client that is away.
type Session struct {
	ID    ID
	PID   string          // the secret that the client shows
	Rooms []Room          // its own id among them, sorted
	Data  json.RawMessage // what the application kept with the socket; nil for nothing

	Namespace string // that it is of; empty where a server does not tell

	// Places among the events, as the node knows them that had the socket; empty in what
	// comes from a server that does not tell.
	Start string // of the CONNECT reply
	Sure  string // a client that has seen less than this is not told what it missed: something has no place
	Sent  string // of the last event that was sent to it
	End   string // of the last event before the end
}

// ErrNotKept says that a client cannot continue: its session or what it missed is no
// longer kept, or never was. Errors about that wrap it.
var ErrNotKept = errors.New("adapter: not kept")
