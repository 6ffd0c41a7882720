// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"strings"
	"time"

	"github.com/sockgen/sockgen/runtime/engineio"
	"github.com/sockgen/sockgen/runtime/internal/guard"
	"github.com/sockgen/sockgen/runtime/siowire"
)

// connect handles a CONNECT packet, on the reader.
func (c *conn) connect(p siowire.Packet) {
	c.supersede(p.Namespace)
	c.awaitLeavers()
	c.join(p, 0)
}

// join makes a socket for a CONNECT, which is a member at once. The socket takes the
// place of own others.
func (c *conn) join(p siowire.Packet, own int) {
	ns := c.srv.acquire(p.Namespace)
	var err error
	if ns == nil {
		parents, slow := c.srv.suitors(p.Namespace)
		if slow {
			if err = c.decide(parents, p); err == nil {
				return
			}
		} else {
			ns, err = c.srv.adopt(c.ctx, parents, p.Namespace, p.Data)
		}
	}
	if err == nil {
		taken := false
		if taken, err = c.comeBack(ns, p); taken {
			return
		}
	}
	c.enter(ns, err, p, nil, own)
}

// enter makes the socket for a CONNECT, of a namespace that was acquired, or answers
// that there is none. d is the decision of parents that were asked, nil if none was; for
// own see crowdedLocked.
func (c *conn) enter(ns *Namespace, err error, p siowire.Packet, d *decision, own int) {
	crowded := limitNamespaces
	if err != nil {
		crowded = limitChildNamespaces
	}
	var s *Socket
	if err != nil && !c.settle(d) {
		err = ErrReplaced
	}
	for err == nil {
		s, err = c.admit(ns, p, d, own)
		if err != errSecondConnect || !c.supersede(p.Namespace) {
			break
		}
		err = nil // the other one was made a moment ago, to continue a third
	}
	if s == nil && ns != nil {
		c.srv.release(ns)
	}
	var tooMany *attemptsError
	switch {
	case err == ErrReplaced:
		return
	case errors.As(err, &tooMany):
		c.hit(limitRefusals)
		c.srv.count.refused.Add(1)
		c.refuse(p.Namespace, tooMany.Error(), tooMany.data())
		return
	case err == errTooManyNamespaces, err == errUnavailable:
		if err == errTooManyNamespaces {
			c.hit(crowded)
		}
		c.srv.count.refused.Add(1)
		c.refuse(p.Namespace, err.Error(), nil)
		return
	case err != nil:
		c.violate(err)
		return
	case s == nil && ns == nil && !c.ended.Load():
		c.srv.count.refused.Add(1)
		c.refuseStrange(p.Namespace)
		return
	case s == nil:
		return // the connection ended
	}
	if s.takeOverOld() {
		s.wake()
		return
	}
	if err := s.Join(); err != nil && !errors.Is(err, ErrDisconnected) {
		c.srv.quiet.Write(context.Background(), slog.LevelError, "adapter", "socketio: the adapter refused a socket", "namespace", ns.name, "cause", report(guard.Text(err)))
		s.refuse(err)
		return
	}
	if len(ns.handlers.Load().use) == 0 {
		// Nothing to wait for: the reply is queued before the next packet is looked at.
		s.accept()
		return
	}
	s.wake()
}

// Errors that refuse a CONNECT. Their texts are for the client.
var (
	errTooManyNamespaces = errors.New("too many namespaces")
	errUnavailable       = errors.New("connection refused") // the namespace's adapter could not be made
)

// admit makes the socket for a CONNECT, unless the connection has ended or ns is
// nil.
func (c *conn) admit(ns *Namespace, p siowire.Packet, d *decision, own int) (*Socket, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ended.Load() {
		return nil, nil
	}
	if !settleLocked(d) {
		return nil, ErrReplaced
	}
	switch {
	case d != nil || !c.joiningLocked(p.Namespace):
	case own > 0:
		return nil, ErrReplaced // while it gave up what it was to continue
	default:
		return nil, errSecondConnect // R165
	}
	if ns == nil {
		return nil, nil
	}
	if err := c.crowdedLocked(own); err != nil {
		return nil, err
	}
	if err := c.refusedLocked(ns, p.Data); err != nil {
		return nil, err
	}
	s, err := ns.newSocketFor(c, p.Data, d)
	if err != nil {
		return nil, err
	}
	c.unburyLocked(p.Namespace)
	c.members = append(c.members, s)
	c.live = append(c.live, s)
	return s, nil
}

// leavePatience is how long a CONNECT waits for the functions of sockets that left.
const leavePatience = 5 * time.Second

// awaitLeavers holds the reader back while sockets that left, and whose last functions
// have not returned, take the place of the namespace that comes next. A client may
// leave and join faster than these run, and means no harm.
func (c *conn) awaitLeavers() {
	c.mu.Lock()
	defer c.mu.Unlock()
	late := false // guarded by mu
	var timer engineio.Timer
	most := c.srv.cfg.Limits.Namespaces
	for !late && !c.ended.Load() && len(c.live)+len(c.decisions) >= most && len(c.members)+c.openDecisionsLocked() < most {
		if timer == nil {
			timer = c.srv.cfg.Clock.AfterFunc(leavePatience, func() {
				c.mu.Lock()
				defer c.mu.Unlock()
				late = true
				c.releaseReaderLocked()
			})
			defer timer.Stop()
		}
		left := make(chan struct{})
		c.left = left
		c.mu.Unlock()
		<-left
		c.mu.Lock()
	}
}

// releaseReaderLocked lets a reader that waits in awaitLeavers look again.
func (c *conn) releaseReaderLocked() {
	if c.left != nil {
		close(c.left)
		c.left = nil
	}
}

// crowdedLocked refuses a CONNECT beyond the limit of namespaces, and after some
// the connection. Sockets that left count until their last handler has returned.
// Otherwise a client could leave and join for ever while its handlers hang. So do
// decisions, and both when a later CONNECT took their place. own of all these end with the CONNECT, and do not count.
func (c *conn) crowdedLocked(own int) error {
	const patience = 3 // excess CONNECTs until the connection is closed
	if len(c.live)+len(c.decisions)-own < c.srv.cfg.Limits.Namespaces {
		return nil
	}
	if c.srv.cfg.Limits.ReportOnly {
		c.hit(limitNamespaces)
		return nil
	}
	if c.excess++; c.excess >= patience {
		return errTooManyConnects
	}
	return errTooManyNamespaces
}

// ownAuth returns a CONNECT's payload as the application sees it.
func (n *Namespace) ownAuth(auth []byte) []byte {
	if n.log != nil || n.shared != nil {
		_, auth = splitAuth(auth)
	}
	if auth == nil {
		auth = []byte("{}") // never null (R159)
	}
	return auth
}

func (n *Namespace) newSocket(c *conn, auth []byte) (*Socket, error) {
	return n.newSocketFor(c, auth, nil)
}

// newSocketFor makes a socket. d is the decision that came before, nil if none did.
func (n *Namespace) newSocketFor(c *conn, auth []byte, d *decision) (*Socket, error) {
	id, err := n.srv.ids.next()
	if err != nil {
		return nil, err
	}
	s := &Socket{ns: n, conn: c, id: id, auth: auth, time: n.srv.cfg.Clock.Now(), todo: todoUse}
	if n.log != nil {
		if err := s.prepareRecovery(); err != nil {
			return nil, err
		}
	}
	if n.shared != nil {
		if err := s.prepareJourney(d); err != nil {
			return nil, err
		}
	}
	if s.auth == nil {
		s.auth = []byte("{}") // never null (R159)
	}
	s.ctx, s.cancel = context.WithCancelCause(c.ctx)
	return s, nil
}

// decide runs the Use functions, in the worker, and answers the CONNECT.
func (s *Socket) decide() {
	decided := false
	defer func() {
		if !decided { // a Use function, or what it called, did not return
			s.refuse(errPanicked)
		}
	}()
	if s.resumes != nil && !s.resume() || !s.rejoin(s.continues()) {
		decided = true
		return
	}
	for _, use := range s.ns.handlers.Load().use {
		if err := use(s.ctx, s); err != nil {
			decided = true
			s.refuse(err)
			return
		}
	}
	decided = true
	switch s.accept() {
	case connectionGone:
		s.abandon()
	case tooLate:
		s.restart()
		s.abandon()
	}
}

// An acceptance is how accept ends.
type acceptance uint8

const (
	accepted       acceptance = iota
	connectionGone            // nobody to answer
	tooLate                   // it cannot continue what it was to continue any more
)

// takeOver ends a connection whose client has come back on another one.
func (c *conn) takeOver() {
	if c.end(Replaced, errTakenOver) {
		c.session.Close(engineio.CloseReason(Replaced))
	}
}

func connectPacket(namespace string, auth []byte) siowire.Packet {
	return siowire.Packet{Type: siowire.Connect, Namespace: namespace, Data: auth}
}

// abandon sees to OnDisconnect for a socket that every Use function accepted but
// whose connection ended first: whatever they began for it has to end.
func (s *Socket) abandon() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.todo |= todoDisconnect
}

// errPanicked refuses a socket whose Use function did not return.
var errPanicked = errors.New("socketio: a Use function did not return")

// accept answers the CONNECT, unless the connection has ended meanwhile (R170). What
// was missed (R227), the reply, what was held back, and the state change come under
// one lock, so that nothing can overtake them (R169).
func (s *Socket) accept() acceptance {
	s.conn.markJoined()
	reply := engineio.NewMessage()
	defer reply.Release()
	sid := make([]byte, 0, 96)
	sid = append(sid, `{"sid":"`...)
	sid = append(sid, s.id...)
	if s.pid != "" {
		sid = append(sid, `","pid":"`...)
		sid = append(sid, s.pid...)
	}
	sid = append(sid, '"')
	if s.mayTakeBack() {
		sid = append(sid, `,"`+cancelEvent+`":true`...)
	}
	sid = append(sid, '}')
	reply.Text = siowire.AppendConnect(reply.Buffer(), s.ns.name, sid)

	result, err := s.acceptLocking(reply)
	s.closeIfFull(err)
	return result
}

func (s *Socket) acceptLocking(reply *engineio.Message) (acceptance, error) {
	if s.journey != nil {
		return s.acceptShared(reply)
	}
	var missed []*entry
	defer func() { releaseEntries(missed) }()
	log := s.ns.log
	if log != nil {
		log.mu.Lock()
		defer log.mu.Unlock()
		s.start, s.sent = log.last, log.last
		if s.resumes != nil {
			var ok bool
			if missed, s.start, ok = log.missedLocked(s.resumes); !ok {
				return tooLate, nil
			}
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.state != pending || s.presence != nil && !s.ns.srv.recoveries.accept(s) {
		return connectionGone, nil
	}
	s.resumes = nil // which would keep the old socket
	messages := make([]*engineio.Message, 0, len(missed))
	for _, e := range missed {
		messages = append(messages, e.m)
	}
	return accepted, s.welcomeLocked(messages, reply)
}

// welcomeLocked sends what was missed, the reply and what was held back.
func (s *Socket) welcomeLocked(missed []*engineio.Message, reply *engineio.Message) error {
	s.ns.insert(s)
	s.ns.srv.count.connects.Add(1)
	s.ns.srv.count.sockets.Add(1)
	for _, m := range missed {
		s.conn.session.SendAnyway(m) // whose error is the connection's end
	}
	err := s.conn.session.Send(reply)
	for _, h := range s.held {
		s.sendHeldLocked(h)
		release(h.args)
	}
	s.held = nil
	s.state = connected
	s.todo = s.todo&todoUpgrade | todoConnect
	s.wakeLocked()
	return err
}

// sendHeldLocked sends what was emitted in a Use function, whatever else waits: what is
// held back has bounds of its own. The log's lock is held too, if there is one.
func (s *Socket) sendHeldLocked(h heldEvent) {
	log := s.ns.log
	if shared := s.ns.shared; shared != nil {
		m := s.ns.messageWith(h.name, h.args, shared.offsetLocked())
		m.NoCompress = h.uncompressed
		defer m.Release()
		s.conn.session.SendAnyway(m)
		s.journey.sent(placed{early: true}) // it never gets a place
		return
	}
	if log == nil {
		m := s.ns.eventMessage(h.name, 0, false, h.args)
		m.NoCompress = h.uncompressed
		defer m.Release()
		s.conn.session.SendAnyway(m)
		return
	}
	m := log.messageLocked(h.name, h.args, log.last+1)
	m.NoCompress = h.uncompressed
	s.conn.session.SendAnyway(m)
	log.storeLocked(m, []Room{Room(s.id)}, nil)
	s.sent = log.last
}

// refuse undoes the socket and tells the client why, if it is meant to know.
func (s *Socket) refuse(err error) {
	if !s.end("", nil, false) {
		return // the connection ended first: nobody to tell
	}
	s.ns.srv.count.refused.Add(1)
	s.conn.countRefusal(s.ns.name, s.auth)
	if shown := s.shown(err); shown != nil {
		s.conn.refuse(s.ns.name, shown.Message, shown.Data)
		return
	}
	id := strings.ToLower(rand.Text()[:16]) // to search the log for, no secret
	s.ns.srv.quiet.WriteSome(context.Background(), slog.LevelInfo, "refused "+s.ns.name, someLines, "socketio: connection refused",
		"namespace", s.ns.name, "socket", string(s.id), "id", id, "cause", report(guard.Text(err)))
	s.conn.refuse(s.ns.name, "connection refused", map[string]string{"id": id})
}

// shown returns the part of err that the client is meant to see, nil for none.
func (s *Socket) shown(err error) (shown *ConnectError) {
	if err != errPanicked {
		s.ns.apart("Use", s.id, func() { shown, _ = errors.AsType[*ConnectError](err) }) // which calls methods of err
	}
	return shown
}

// refuse sends a CONNECT_ERROR (R163).
func (c *conn) refuse(namespace, message string, data any) {
	object := append([]byte(`{"message":`), siowire.AppendString(nil, message)...)
	if data != nil {
		text, err := c.srv.refusalData(data)
		if err != nil {
			c.srv.quiet.Write(context.Background(), slog.LevelError, "refusal data", "socketio: ConnectError.Data cannot be sent", "namespace", quoted(namespace), "cause", report(guard.Text(err)))
		} else {
			object = append(append(object, `,"data":`...), text...)
		}
	}
	m := engineio.NewMessage()
	defer m.Release()
	m.Text = siowire.AppendConnectError(m.Buffer(), namespace, append(object, '}'))
	// A client that asks faster than it reads the answers is not read from meanwhile.
	for errors.Is(c.session.TrySend(m), engineio.ErrBusy) {
		if c.session.AwaitRoom(c.srv.ctx, nil) != nil {
			return // it ended
		}
	}
}

// refusalData returns ConnectError.Data as JSON.
func (s *Server) refusalData(data any) (text []byte, err error) {
	e := siowire.NewEncoder()
	defer e.Release()
	switch {
	case !s.guard.Apart(func() { err = e.Value(data) }, "handler", "ConnectError.Data"):
		return nil, errMarshal
	case err != nil:
		return nil, err
	case len(e.Attachments) > 0:
		return nil, errors.New("binary values cannot be sent here")
	}
	return bytes.Clone(e.B), nil
}
