// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sockgen/sockgen/runtime/engineio"
	"github.com/sockgen/sockgen/runtime/internal/guard"
	"github.com/sockgen/sockgen/runtime/siowire"
)

// A conn is what the Socket.IO layer keeps of one Engine.IO session: the decoder's
// state and a socket for each namespace joined. The session calls Receive for one
// message at a time; everything that needs no handler is done there, and events go
// to their socket's inbox.
type conn struct {
	srv     *Server
	session *engineio.Session
	ctx     context.Context // the server's, with the values of the request that opened the connection
	ended   atomic.Bool     // set under mu; nothing is processed any more (R156)

	waiting atomic.Int64 // bytes of events that no handler has had
	asked   atomic.Int64 // acks of this client that somebody waits for
	paused  atomic.Int64 // how many readers, of which all but one were replaced, wait or are about to

	mu         sync.Mutex     // guards what follows
	members    []*Socket      // joined or being decided, in the order of their CONNECTs
	live       []*Socket      // made and not yet done with, those that left included
	decisions  []*decision    // CONNECTs that parents are asked about
	tombstones []tombstone    // namespaces that the server closed lately
	assembly   *assembly      // the binary packet under way
	timer      engineio.Timer // until the first namespace is joined
	joined     bool           // a namespace was joined once
	excess     int            // CONNECTs refused for the number of namespaces
	left       chan struct{}  // closed when the reader, which waits for sockets that left, may look again
	strange    strange        // CONNECTs to namespaces that do not exist
	space      chan struct{}  // closed when the reader, which waits for handlers, may look again
	attempts   []attempts     // that were refused in the last minute, one for each namespace and auth; at most Limits.Namespaces
}

// A tombstone marks a namespace that the server closed, whose client may still send
// for a moment (R195).
type tombstone struct {
	namespace string
	until     time.Time
}

// Receive implements engineio.Receiver.
func (c *conn) Receive(data []byte, binary bool) {
	if c.ended.Load() {
		return
	}
	if binary {
		c.attachment(data)
		return
	}
	if c.assembling() {
		c.violate(siowire.ErrTextDuringAssembly) // R211
		return
	}
	p, err := c.srv.parser.Parse(data)
	switch {
	case err != nil:
		c.violate(err)
	case p.Type.Binary():
		c.assemble(p, len(data))
	default:
		c.handle(p, len(data))
	}
}

// handle processes one complete packet, of size bytes in all.
func (c *conn) handle(p siowire.Packet, size int) {
	switch p.Type {
	case siowire.Connect:
		c.connect(p)
		return
	case siowire.ConnectError:
		c.violate(errConnectError)
		return
	}
	s, buried := c.member(p.Namespace)
	if s == nil {
		if buried {
			c.srv.count.dropped.Add(1)
			return
		}
		c.violate(errNotJoined)
		return
	}
	var start bool
	var err error
	switch p.Type {
	case siowire.Disconnect:
		err = s.leave()
	case siowire.Ack, siowire.BinaryAck:
		err = s.acknowledged(p)
	default:
		var taken bool
		if taken, err = s.takeBack(&p); !taken {
			start, err = s.enqueue(newEvent(s, &p, size))
		}
	}
	if start {
		s.attend()
	}
	switch err {
	case nil:
	case errEventRate:
		c.violate(err)
	case errNotJoined: // its CONNECT is not answered yet (R167)
		c.violate(err)
	default: // it ended while the packet was on its way
		c.srv.count.dropped.Add(1)
	}
	c.pause()
}

// member returns the socket in a namespace; if there is none it tells whether the
// server closed it lately.
func (c *conn) member(namespace string) (s *Socket, buried bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, s := range c.members {
		if s.ns.name == namespace {
			return s, false
		}
	}
	if len(c.tombstones) == 0 {
		return nil, false
	}
	now := c.srv.cfg.Clock.Now()
	c.tombstones = slices.DeleteFunc(c.tombstones, func(t tombstone) bool { return now.After(t.until) })
	return nil, slices.ContainsFunc(c.tombstones, func(t tombstone) bool { return t.namespace == namespace })
}

// remove takes a socket out of the connection; bury leaves a tombstone.
func (c *conn) remove(s *Socket, bury bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	i := slices.Index(c.members, s)
	if i < 0 {
		return
	}
	c.members = slices.Delete(c.members, i, i+1)
	if bury {
		c.unburyLocked(s.ns.name)
		if len(c.tombstones) >= c.srv.cfg.Limits.Namespaces {
			c.tombstones = slices.Delete(c.tombstones, 0, 1)
		}
		c.tombstones = append(c.tombstones, tombstone{s.ns.name, c.srv.cfg.Clock.Now().Add(c.srv.cfg.Limits.TombstoneTime)})
	}
}

// unburyLocked drops the tombstone of a namespace: after its CONNECT, everything
// that comes for it was sent afterwards.
func (c *conn) unburyLocked(namespace string) {
	c.tombstones = slices.DeleteFunc(c.tombstones, func(t tombstone) bool { return t.namespace == namespace })
}

// sockets returns the present members.
func (c *conn) sockets() []*Socket {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.members)
}

// unfinished returns the sockets whose handlers have not all returned.
func (c *conn) unfinished() []*Socket {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.live)
}

// done is called once for each socket, when its last handler has returned.
func (c *conn) done(s *Socket) {
	c.mu.Lock()
	c.live = slices.DeleteFunc(c.live, func(other *Socket) bool { return other == s })
	c.releaseReaderLocked()
	last := c.idleLocked() && c.ended.Load()
	c.mu.Unlock()
	s.endHandlers()
	c.srv.release(s.ns)
	if s.presence != nil {
		s.leaveData()
	}
	if s.journey != nil {
		s.bequeath()
	}
	if last {
		c.srv.forget(c)
	}
}

// Closed implements engineio.Receiver: the session is over.
func (c *conn) Closed(reason engineio.CloseReason, err error) {
	defer c.srv.observeEnd(c, reason, err)
	if !c.end(DisconnectReason(reason), err) {
		return
	}
	var fault engineio.Fault
	switch {
	case errors.Is(err, ErrSlowConsumer):
		c.countSlow()
	case errors.As(err, &fault): // which the session has logged
		c.srv.count.violated(fault.Error())
	}
}

// Lags implements engineio.LagReceiver.
func (c *conn) Lags(lags bool, waiting int) {
	if f := c.srv.cfg.OnLag; f != nil {
		c.srv.guard.Apart(func() { f(Lag{c.sockets(), lags, waiting}) }, "function", "OnLag")
	}
}

// Upgraded implements engineio.UpgradeReceiver.
func (c *conn) Upgraded() {
	for _, s := range c.sockets() {
		s.upgraded()
	}
}

// end ends every socket of the connection with one reason, and an error that says
// more, or nil. It reports whether this was the first call.
func (c *conn) end(reason DisconnectReason, err error) bool {
	c.mu.Lock()
	if c.ended.Load() {
		c.mu.Unlock()
		return false
	}
	c.ended.Store(true)
	members := c.members
	c.members, c.tombstones = nil, nil
	c.dropAssemblyLocked()
	c.dropStrangeLocked()
	c.releaseReaderLocked()
	if c.space != nil {
		close(c.space)
		c.space = nil
	}
	if c.timer != nil {
		c.timer.Stop()
		c.timer = nil
	}
	for _, d := range c.decisions {
		d.cancel(nil)
	}
	idle := c.idleLocked()
	c.mu.Unlock()
	for _, s := range members {
		s.end(reason, err, false)
	}
	if idle {
		c.srv.forget(c)
	}
	return true
}

// violate closes the connection over something that its client did. There is no
// other answer (R153).
func (c *conn) violate(err error) {
	if !c.end(ForcedClose, err) {
		return
	}
	text := guard.Text(err)
	kind := text
	if e, ok := errors.AsType[*siowire.Error](err); ok {
		kind, text = e.Kind.Error(), e.Text()+" ("+e.Detail+")"
	}
	c.srv.count.violated(kind)
	if l, ok := limitOf(err); ok {
		c.hit(l)
	}
	c.srv.quiet.Write(context.Background(), slog.LevelInfo, "violation "+kind, "socketio: connection closed over what its client sent",
		"reason", string(ForcedClose), "cause", report(text), "remote", c.session.Request().RemoteAddr)
	c.session.Close(engineio.ForcedClose)
}

// limitOf returns the limit that a violation is about.
func limitOf(err error) (limit, bool) {
	switch err {
	case errAssemblyTime:
		return limitAssemblyTime, true
	case errAssemblyBytes:
		return limitAssemblyBytes, true
	case errConnectTimeout:
		return limitConnectTimeout, true
	case errStrange:
		return limitStrangeConnects, true
	case errTooManyConnects:
		return limitNamespaces, true
	}
	if e, ok := errors.AsType[*siowire.Error](err); ok && e.Limit != "" {
		i := slices.Index(limitNames[limitPacket:], "Packet."+e.Limit)
		return limitPacket + limit(i), i >= 0
	}
	return 0, false
}

// slow closes a connection whose outgoing queue is full.
func (c *conn) slow() {
	if c.end(TransportError, ErrSlowConsumer) {
		c.countSlow()
		c.session.Abort(engineio.TransportError, ErrSlowConsumer)
	}
}

// countSlow notes that a connection ended because its peer does not read.
func (c *conn) countSlow() {
	c.srv.count.slow.Add(1)
	c.srv.quiet.WriteSome(context.Background(), slog.LevelWarn, "slow", someLines, "socketio: connection closed", "reason", string(TransportError), "cause", ErrSlowConsumer.Error(), "waiting", c.session.Waiting())
}

// connectTimeout runs when no namespace was joined for Config.ConnectTimeout (R168).
func (c *conn) connectTimeout() {
	c.mu.Lock()
	joined := c.joined
	c.mu.Unlock()
	if !joined {
		c.violate(errConnectTimeout)
	}
}

// markJoined stops the connect timeout for good.
func (c *conn) markJoined() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.joined = true
	if c.timer != nil {
		c.timer.Stop()
		c.timer = nil
	}
}
