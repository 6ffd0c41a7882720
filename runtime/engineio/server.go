// SPDX-License-Identifier: Apache-2.0

package engineio

import (
	"container/list"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"github.com/sockgen/sockgen/runtime/internal/guard"
	"github.com/sockgen/sockgen/runtime/internal/quiet"
)

const (
	transportPolling   = "polling"
	transportWebSocket = "websocket"
)

// A Server accepts Engine.IO sessions. It is an http.Handler.
type Server struct {
	cfg      Config
	handler  Handler
	guard    *guard.Guard
	origins  *originPolicy
	upgrader websocket.Upgrader
	deflater websocket.Upgrader // the same, with permessage-deflate

	opened, queueFull, outdated, evicted atomic.Uint64
	trimmed                              atomic.Uint64
	outgoing                             atomic.Int64                      // bytes of messages that wait in some session's queue
	relieving                            atomic.Bool                       // relieve runs
	refused                              [len(refusalCauses)]atomic.Uint64 // by their place in refusalCauses
	faults                               [len(faults)]atomic.Uint64        // by their place in faults
	quiet                                *quiet.Log
	hijackLogged                         atomic.Bool
	serverSeen                           atomic.Bool // the first request has shown what serves

	hits     [len(limits)]atomic.Uint64 // by their place in limits
	memory   *gauge
	flushers flushers
	incoming incoming

	upgrades string // what a polling handshake lists, as JSON

	mu        sync.Mutex // guards what follows; nothing else is locked while holding it
	sessions  map[SID]*Session
	addresses map[string]*address // only with Limits.SessionsPerIP
	ending    list.List           // of *Session, the oldest end first; only with a limit of sessions
	open      int
	stopping  bool
	draining  bool          // a Shutdown closes the sessions
	idle      chan struct{} // closed when stopping and the last session is forgotten
}

// NewServer returns a Server that gives its sessions to h. It panics when
// cfg.Validate reports an error.
func NewServer(cfg Config, h Handler) *Server {
	if err := cfg.Validate(); err != nil {
		panic(err)
	}
	random := cfg.Rand
	cfg = cfg.withDefaults()
	contained := guard.New(cfg.Logger, cfg.Clock.Now, "engineio: a function of the application did not return")
	cfg.Logger = contained.Logger()
	if random != nil {
		cfg.Rand = contained.Reader(random)
	}
	upgrades := ""
	if slices.Contains(cfg.Transports, transportWebSocket) && !cfg.DisableUpgrades {
		upgrades = `"websocket"`
	}
	return &Server{
		upgrades:  upgrades,
		cfg:       cfg,
		handler:   h,
		guard:     contained,
		origins:   newOriginPolicy(cfg.CORS),
		upgrader:  newUpgrader(false),
		deflater:  newUpgrader(true),
		sessions:  make(map[SID]*Session),
		quiet:     quiet.New(cfg.Logger, cfg.Clock.Now),
		addresses: make(map[string]*address),
		idle:      make(chan struct{}),
		memory:    newGauge(cfg.Limits.MemoryPercent),
		incoming:  incoming{limit: cfg.Limits.IncomingBudget, holders: make(map[*holding]struct{})},
	}
}

// Len returns how many sessions are open.
func (s *Server) Len() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.open
}

// Stats are a Server's counters since its start.
type Stats struct {
	Open      int    // sessions open now
	Ending    int    // sessions that have ended, and for which something still runs or waits; they count in Limits.Sessions
	Opened    uint64 // sessions opened
	Refused   uint64 // requests answered with an error
	QueueFull uint64 // messages that Send refused with ErrQueueFull
	Outdated  uint64 // messages with SlowLatest that gave way to a later one
	Outgoing  int64  // bytes of messages that wait for their peers now, of Limits.OutgoingBudget
	Incoming  int    // bytes held now of what is not complete, of Limits.IncomingBudget
	Evicted   uint64 // sessions that were ended because that budget was used up
	Trimmed   uint64 // sessions that kept a part of their request's header only, for Limits.RequestBytes
	LogsLost  uint64 // lines that were left out because Config.Logger had not done with earlier ones
	Panics    uint64 // functions of the application that panicked or ended their goroutine

	// Refusals is Refused by cause: every RefusalCause, also those that did not happen.
	Refusals map[RefusalCause]uint64
	// Faults are what peers did wrong within sessions: every Fault, also those that did
	// not happen. A POST that is refused for one is in Refusals as well.
	Faults map[Fault]uint64
	// Limits are how often peers came to a limit: every Limit, also those that nobody came to.
	Limits map[Limit]uint64
}

// Stats returns the counters.
func (s *Server) Stats() Stats {
	s.mu.Lock()
	open, known := s.open, len(s.sessions)
	s.mu.Unlock()
	st := Stats{
		Open: open, Ending: known - open, Opened: s.opened.Load(), QueueFull: s.queueFull.Load(), Outdated: s.outdated.Load(),
		Outgoing: s.outgoing.Load(), Incoming: s.incoming.bytes(), Evicted: s.evicted.Load(), Trimmed: s.trimmed.Load(), Panics: s.guard.Count(), LogsLost: s.guard.Lost(),
		Refusals: make(map[RefusalCause]uint64, len(refusalCauses)),
		Faults:   make(map[Fault]uint64, len(faults)),
		Limits:   make(map[Limit]uint64, len(limits)),
	}
	for i, l := range limits {
		st.Limits[l] = s.hits[i].Load()
	}
	for i, f := range faults {
		st.Faults[f] = s.faults[i].Load()
	}
	for i, cause := range refusalCauses {
		n := s.refused[i].Load()
		st.Refusals[cause] = n
		st.Refused += n
	}
	return st
}

// ServeHTTP serves every request below Config.Path, WebSocket upgrades included,
// and answers 404 to others.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !s.serverSeen.Load() {
		s.lookAtServer(r)
	}
	h := w.Header()
	if r.ContentLength != 0 && r.ProtoMajor == 1 && !wantsUpgrade(r) { // HTTP/2 ends the stream alone
		h.Set("Connection", "close")
		defer leaveBody(w)
	}
	if !strings.HasPrefix(r.URL.EscapedPath(), s.cfg.Path) {
		refuseReferrer(h)
		h.Set("X-Content-Type-Options", "nosniff")
		answer(w, http.StatusNotFound, "text/plain; charset=utf-8", "404 page not found\n") // R6
		return
	}
	if s.cfg.Headers != nil && !s.guard.Run(func() { s.addHeaders(h, s.cfg.Headers, s.facts(r)) }, "function", "Headers") {
		answer(w, http.StatusInternalServerError, "", "") // not without headers that may protect somebody
		return
	}
	var switching http.Header // for a 101, which needs none of what follows
	if len(h) > 0 && wantsUpgrade(r) {
		switching = h.Clone()
	}
	refuseReferrer(h)
	h.Set("X-Content-Type-Options", "nosniff")
	s.origins.setHeaders(h, r)
	q, session, err := s.verify(r)
	q.switching = switching
	switch {
	case err == errPreflight:
		s.origins.preflight(w, r)
	case err == errSession && s.cfg.Elsewhere != nil && s.cfg.Elsewhere.Serve(w, r, string(q.sid)):
	case err != nil:
		s.refuse(w, r, err)
	case q.upgrade && session == nil:
		s.handshakeWebSocket(w, r, q)
	case q.upgrade && s.cfg.DisableUpgrades:
		s.refuse(w, r, errUpgrade) // R98
	case q.upgrade:
		session.upgrade(w, r, q)
	case session == nil:
		s.handshakePolling(w, r, q)
	case r.Method == http.MethodGet:
		session.servePoll(w, r)
	case r.Method == http.MethodPost:
		session.servePost(w, r)
	default:
		w.Header().Set("Allow", "GET, POST")
		s.refusePlain(w, r, refusedVerb) // R15
	}
}

// lookAtServer warns of an http.Server that waits for a request's header for ever (N-01),
// as one with its defaults does.
func (s *Server) lookAtServer(r *http.Request) {
	server, ok := r.Context().Value(http.ServerContextKey).(*http.Server)
	if !ok || s.serverSeen.Swap(true) {
		return
	}
	if server.ReadHeaderTimeout <= 0 && server.ReadTimeout <= 0 {
		s.cfg.Logger.Warn("engineio: the http.Server has no ReadHeaderTimeout: whoever sends half a header holds a connection for ever; set 5 seconds, and an IdleTimeout")
	}
}

// leaveBody bounds how long net/http goes on reading the body of a request that was
// answered without it. The connection was to be closed after the answer, which would
// otherwise wait for that body; a POST whose body was read takes both back.
func leaveBody(w http.ResponseWriter) {
	if w.Header().Get("Connection") == "close" {
		_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(lastBodyTime)) // else the server's own holds
	}
}

// refuseReferrer keeps the session's id, which is in the URL, out of Referer
// headers. The application may have said something else.
func refuseReferrer(h http.Header) {
	if h.Get("Referrer-Policy") == "" {
		h.Set("Referrer-Policy", "no-referrer")
	}
}

// newSession registers a session in stateOpening, so that it can be found before
// its answer is written (R31). The caller is its first task.
func (s *Server) newSession(r *http.Request, q query) (*Session, *refusal) {
	ip := ""
	if s.cfg.Limits.SessionsPerIP > 0 {
		ip, _, _ = net.SplitHostPort(r.RemoteAddr)
	}
	session := &Session{
		srv:     s,
		base64:  q.base64,
		ip:      ip,
		origin:  r.Header.Get("Origin"),
		foreign: ofAnotherHost(r),
		tasks:   1,
		request: s.keep(r),
		values:  context.WithoutCancel(r.Context()),
	}
	id, err := s.generateID(r)
	if refused := s.admit(r, session, id, err); refused != nil {
		return nil, refused
	}
	return session, nil
}

// registerLocked gives session its id, or the one that the application made.
func (s *Server) registerLocked(session *Session, id SID, err error) *refusal {
	if s.cfg.GenerateID == nil {
		id, err = s.newSIDLocked()
	}
	if err == nil && s.cfg.Elsewhere != nil {
		id = SID(s.cfg.Elsewhere.Name(string(id)))
	}
	if err == nil && s.sessions[id] != nil {
		err = errors.New("GenerateID returned the id of another session")
	}
	if err != nil {
		text := guard.Text(err)
		s.cfg.Logger.Error("engineio: no session id", "error", text)
		return errID.with("error", text) // R12
	}
	session.id = id
	s.sessions[id] = session
	s.opened.Add(1)
	s.open++
	if ip := session.ip; ip != "" {
		if s.addresses[ip] == nil {
			s.addresses[ip] = new(address)
		}
		s.addresses[ip].sessions++
	}
	return nil
}

// generateID asks the application for an id, if it makes them.
func (s *Server) generateID(r *http.Request) (SID, error) {
	if s.cfg.GenerateID == nil {
		return "", nil
	}
	const longest = 64
	id, err := "", errNoID
	s.guard.Run(func() { id, err = s.cfg.GenerateID(r) }, "function", "GenerateID")
	switch {
	case err != nil:
		return "", fmt.Errorf("GenerateID: %s", guard.Text(err))
	case id == "" || len(id) > longest || strings.ContainsFunc(id, notInID):
		return "", fmt.Errorf("GenerateID returned %q: use 1 to %d letters, digits and the signs -_.~", clip(id), longest)
	}
	return SID(id), nil
}

var errNoID = errors.New("it did not return")

// notInID reports whether c would need quoting in a URL, in JSON or in a cookie.
func notInID(c rune) bool {
	return !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.ContainsRune("-_.~", c))
}

// newSIDLocked makes an id of 15 random bytes (R29, E-01): 20 characters, which the
// adapters of other servers rely on. Unlike theirs it does not tell how many there were.
func (s *Server) newSIDLocked() (SID, error) {
	var b [15]byte
	for range 8 {
		if _, err := io.ReadFull(s.cfg.Rand, b[:]); err != nil {
			return "", fmt.Errorf("read random bytes: %w", err)
		}
		id := SID(base64.RawURLEncoding.EncodeToString(b[:]))
		if s.sessions[id] == nil {
			return id, nil
		}
	}
	return "", fmt.Errorf("the random source repeats itself")
}

// lookup finds a session that still takes requests.
func (s *Server) lookup(id SID) *Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.sessions[id]
}

// Refuse answers handshakes with 503 from now on. Sessions that are open go on.
func (s *Server) Refuse() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.stopping {
		s.stopping = true
		if len(s.sessions) == 0 {
			close(s.idle)
		}
	}
}

// A Drain says how Shutdown ends sessions: Batch of them at once and the next ones
// after Every, so that not all of their clients connect elsewhere in the same moment.
// Its zero value ends all at once.
type Drain struct {
	Batch int
	Every time.Duration
}

// Shutdown refuses new sessions with 503, closes every session with
// ServerShutdown, in the batches of Config.Drain, and waits until their goroutines and
// callbacks have ended. What was queued is still delivered: a pending GET gets its data
// and "1", a WebSocket its frames and a Close frame. Peers that do not come for it
// within five seconds are dropped, since some will have vanished unnoticed. When ctx
// ends first, every connection is cut and ctx's error returned. A second call waits as
// well.
func (s *Server) Shutdown(ctx context.Context) error {
	s.Refuse()
	s.closeBatches(ctx)
	select {
	case <-s.idle:
		s.flushers.wg.Wait() // nothing is due any more
		return nil
	case <-ctx.Done():
	}
	sessions := s.list()
	for _, session := range sessions {
		session.cut()
	}
	return fmt.Errorf("engineio: shutdown cut %d sessions: %w", len(sessions), ctx.Err())
}

// closeBatches closes the sessions, until ctx ends, unless another call does.
func (s *Server) closeBatches(ctx context.Context) {
	s.mu.Lock()
	begun := s.draining
	s.draining = true
	s.mu.Unlock()
	if begun {
		return
	}
	drain := s.cfg.Drain
	for i, session := range s.list() {
		if drain.Batch > 0 && i > 0 && i%drain.Batch == 0 {
			due := make(chan struct{})
			timer := s.cfg.Clock.AfterFunc(drain.Every, func() { close(due) })
			select {
			case <-due:
			case <-s.idle:
			case <-ctx.Done():
				timer.Stop()
				return
			}
			timer.Stop()
		}
		session.shutdown()
	}
}

// list returns the sessions of this moment.
func (s *Server) list() []*Session {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := make([]*Session, 0, len(s.sessions))
	for _, session := range s.sessions {
		list = append(list, session)
	}
	return list
}

// shutdownGrace is how long a closing session of a server that shuts down waits
// for its peer, if Limits.CloseTimeout is not shorter.
const shutdownGrace = 5 * time.Second

// shutdown closes s. A polling session that neither waits nor has anything to
// fetch is dropped, since its client may never ask again (R113).
func (s *Session) shutdown() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closeLocked(ServerShutdown)
	if s.state != stateClosing {
		return
	}
	if s.ws == nil && s.poll == nil && s.queue == nil && !s.writing {
		s.closedLocked()
		return
	}
	s.heart.final = true
	s.heart.set(s, phaseClosing, min(shutdownGrace, s.srv.cfg.Limits.CloseTimeout))
}

// openPacket is the handshake's answer (R26).
func (s *Session) openPacket(upgrades string) []byte {
	b := append(make([]byte, 0, 160), `0{"sid":"`...)
	b = append(b, s.id...)
	b = append(b, `","upgrades":[`...)
	b = append(b, upgrades...)
	b = append(b, `],"pingInterval":`...)
	b = strconv.AppendInt(b, s.srv.cfg.PingInterval.Milliseconds(), 10)
	b = append(b, `,"pingTimeout":`...)
	b = strconv.AppendInt(b, s.srv.cfg.PingTimeout.Milliseconds(), 10)
	b = append(b, `,"maxPayload":`...)
	b = strconv.AppendInt(b, int64(s.srv.cfg.MaxPayload), 10)
	return append(b, '}')
}

// open sends the initial packet and calls the application. It reports false when that
// did not return.
func (s *Session) open() (ok bool) {
	if text := s.srv.cfg.InitialPacket; text != "" {
		m := NewMessage()
		m.Text = append(m.Buffer(), text...)
		_ = s.Send(m) // nothing else waits
		m.Release()
	}
	defer s.contain("Open", &ok)
	receiver := s.srv.handler.Open(s)
	s.mu.Lock()
	s.receiver = receiver
	s.mu.Unlock()
	return true
}

// openedLocked leaves stateOpening. What happened to the session meanwhile takes
// effect now.
func (s *Session) openedLocked() {
	if s.state != stateOpening {
		s.announceLocked() // aborted while opening
		return
	}
	s.state = stateOpen
	if !s.closed {
		s.heart.start(s)
		return
	}
	s.state = stateClosing
	s.heart.closing(s)
	s.announceLocked()
	if s.ws != nil {
		s.ws.setClose(closeNoStatus)
	}
}
