// SPDX-License-Identifier: Apache-2.0

package engineio

import (
	"cmp"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// An incoming bounds what a server holds of what is not complete: WebSocket messages, POST
// bodies, and what Receivers keep because its rest is still to come. It counts memory, not
// what has arrived in it.
//
// When it is too much, sessions give way of whose peers nothing has come for longest; of
// those that are as long silent, in whole seconds, the ones that began first. So peers that
// stop in the middle go before one that is sending, however slowly.
type incoming struct {
	limit int

	mu      sync.Mutex // guards what follows; nothing else is locked while holding it
	used    int
	holders map[*holding]struct{} // those that hold something
}

// A holding is one part of what a session holds of what is not complete.
type holding struct {
	session *Session     // immutable, once it holds something
	moved   atomic.Int64 // when a part last came, in Unix nanoseconds

	// incoming.mu guards these.
	bytes int
	since int64 // when it began
	over  bool  // it gave way and holds nothing for long
}

var errIncoming = ErrIncoming.with(errors.New("this session has been silent in the middle of something for longest"))

// hold makes n what h counts for. The caller holds no lock of a session's.
func (in *incoming) hold(h *holding, n int) {
	in.mu.Lock()
	if h.over {
		in.mu.Unlock()
		return
	}
	in.setLocked(h, n)
	leaving := in.relieveLocked()
	in.mu.Unlock()
	for _, s := range leaving {
		s.giveWay()
	}
}

func (in *incoming) setLocked(h *holding, n int) {
	in.used += n - h.bytes
	switch {
	case n == 0:
		delete(in.holders, h)
	case h.bytes == 0:
		h.since = time.Now().UnixNano()
		in.holders[h] = struct{}{}
	}
	h.bytes = n
}

// relieveLocked returns the sessions that give way, none while the limit holds. What they
// hold does not count any more. A sixteenth of the limit is freed at once, since looking
// for them takes time.
func (in *incoming) relieveLocked() (leaving []*Session) {
	if in.used <= in.limit {
		return nil
	}
	type candidate struct {
		h      *holding
		silent time.Duration
	}
	now := time.Now().UnixNano()
	list := make([]candidate, 0, len(in.holders))
	for h := range in.holders {
		list = append(list, candidate{h, time.Duration(now - h.moved.Load()).Truncate(time.Second)})
	}
	slices.SortFunc(list, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.silent, a.silent), cmp.Compare(a.h.since, b.h.since))
	})
	for _, c := range list {
		if in.used <= in.limit-in.limit/16 {
			break
		}
		in.setLocked(c.h, 0)
		c.h.over = true
		leaving = append(leaving, c.h.session)
	}
	return leaving
}

// bytes is what is held now.
func (in *incoming) bytes() int {
	in.mu.Lock()
	defer in.mu.Unlock()
	return in.used
}

// giveWay ends the session and whatever is being read for it.
func (s *Session) giveWay() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.abortLocked(TransportError, errIncoming, closePolicy, answerClose)
	if s.post != nil {
		s.post.kill()
	}
	if s.ws != nil {
		s.ws.conn.stopReading()
	}
	if s.probe != nil && s.probe.ws != nil {
		s.probe.ws.conn.stopReading()
	}
	for _, ws := range s.lingering {
		ws.conn.stopReading()
	}
}

// Hold says that the Receiver holds n bytes whose rest the peer has yet to send: they count
// in Limits.IncomingBudget until the next call, which replaces them. Zero when all is there.
// When the budget is used up, the session may end.
func (s *Session) Hold(n int) {
	s.held.session = s
	s.held.moved.Store(time.Now().UnixNano())
	s.srv.incoming.hold(&s.held, n)
}
