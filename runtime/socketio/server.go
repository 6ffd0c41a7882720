// SPDX-License-Identifier: Apache-2.0

package socketio

import (
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/engineio"
	"github.com/sockgen/sockgen/runtime/internal/forward"
	"github.com/sockgen/sockgen/runtime/internal/guard"
	"github.com/sockgen/sockgen/runtime/internal/quiet"
	"github.com/sockgen/sockgen/runtime/siowire"
)

// A Server accepts Socket.IO connections. It is an http.Handler for requests under
// Config.Path and answers 404 to others. Its methods may be called from any
// goroutine.
type Server struct {
	// Locks are taken in this order: Socket.roomMu, conn.mu, eventLog.mu, Socket.mu, then
	// one of Server.mu, Namespace.mu, replay.mu, the budget's and the adapter's or session's
	// own. No function of the application runs under any of them (R252).

	cfg        Config
	engine     *engineio.Server
	guard      *guard.Guard
	ids        *idSource
	words      words
	hub        adapter.Hub
	forward    *forward.Forwarder // nil without Config.Forward
	parser     *siowire.Parser
	count      counters
	observer   Observer // all nil without one
	watchdog   watchdog
	quiet      *quiet.Log // lines that a peer can cause
	epoch      string     // begins the offsets of events; empty unless Config.Recovery is set
	recoveries recoveries

	ctx  context.Context // what sockets' contexts derive from, and what OnDisconnect gets
	stop context.CancelFunc

	mu         sync.Mutex // guards what follows
	namespaces map[string]*Namespace
	making     map[string]chan struct{} // closed when the namespace is there, or could not be made
	hooks      []func(*Namespace)       // of OnNewNamespace; replaced when it changes
	parents    []*ParentNamespace       // in the order in which they were made; replaced when it changes
	dynamic    int                      // children that are there because of clients
	leaving    map[*Namespace]struct{}  // children that were removed and whose room functions may still run
	conns      map[*conn]struct{}       // open, or closed with handlers still running
	idle       chan struct{}            // closed when conns is empty; set by Shutdown
	servers    map[*http.Server]net.Listener
	shutdown   bool

	adaptersClosed bool
}

// NewServer returns a server with no namespace yet. It panics when cfg contradicts
// itself, which Config.Validate tells beforehand, and when Config.Adapter fails.
func NewServer(cfg Config) *Server {
	if err := cfg.Validate(); err != nil {
		panic(fmt.Sprintf("socketio: NewServer: %v", err))
	}
	s := &Server{
		cfg:        cfg.withDefaults(),
		namespaces: map[string]*Namespace{},
		making:     map[string]chan struct{}{},
		leaving:    map[*Namespace]struct{}{},
		conns:      map[*conn]struct{}{},
		servers:    map[*http.Server]net.Listener{},
	}
	s.guard = guard.New(s.cfg.Logger, s.cfg.Clock.Now, "socketio: a function of the application did not return")
	s.cfg.Logger = s.guard.Logger()
	if cfg.Rand != nil {
		cfg.Rand = s.guard.Reader(cfg.Rand)
	}
	s.ids = newIDSource(cfg.Rand)
	s.parser = siowire.NewParser(cfg.Limits.Packet, s.words.of)
	s.recoveries.srv, s.recoveries.byKey = s, map[[sha256.Size]byte]*presence{}
	s.recoveries.replay.cfg = &s.cfg
	if s.cfg.Recovery != nil {
		id, err := s.ids.next()
		if err != nil {
			panic(fmt.Sprintf("socketio: NewServer: Config.Rand: %v", err))
		}
		s.epoch = string(id[:6])
	}
	s.quiet = quiet.New(s.cfg.Logger, s.cfg.Clock.Now)
	s.ctx, s.stop = context.WithCancel(context.Background())
	if cfg.Observer != nil {
		s.observer = *cfg.Observer
	}
	if err := s.connectHub(); err != nil {
		panic(fmt.Sprintf("socketio: NewServer: %v", err))
	}
	s.watchdog.srv = s
	engine := cfg.engine()
	if s.observer.Limit != nil {
		engine.OnLimit = func(h engineio.LimitHit) { s.tellLimit(engineLimit(h.Limit), h.Request) }
	}
	if cfg.Forward != nil {
		if err := s.connectForward(&engine); err != nil {
			panic(fmt.Sprintf("socketio: NewServer: %v", err))
		}
	}
	s.engine = engineio.NewServer(engine, opener{s})
	return s
}

// Of returns the namespace with the given name and creates it on first use. The
// slash at the start may be omitted; "" and "/" are the main namespace. Clients can
// connect to namespaces that exist, so an application calls Of before it serves.
// A name that matches an OfPattern becomes a child of that parent. A child that the
// application has from Of stays when it is empty. Of panics on a name that no client could
// send. When Config.Adapter cannot make the namespace's adapter, which is logged, the
// namespace serves this node's sockets, and what is for other nodes fails with that error.
func (s *Server) Of(name string) *Namespace {
	if !strings.HasPrefix(name, "/") {
		name = "/" + name
	}
	if s.forward != nil && name == forward.Namespace {
		panic(fmt.Sprintf("socketio: namespace %q is where the nodes of a cluster find each other", name))
	}
	if len(name) > s.cfg.Limits.Packet.NamespaceBytes || strings.ContainsFunc(name, notInNamespace) {
		panic(fmt.Sprintf("socketio: namespace %q: use at most %d bytes, and neither commas nor control characters", name, s.cfg.Limits.Packet.NamespaceBytes))
	}
	n, hooks, _ := s.obtain(wish{name: name}) // whose error is about clients alone
	s.words.add(name)
	n.introduce(hooks)
	return n
}

// Namespaces returns the namespaces that the server has now, children of parents
// included, sorted by name.
func (s *Server) Namespaces() []*Namespace {
	s.mu.Lock()
	defer s.mu.Unlock()
	return sortedByName(s.namespaces)
}

// sortedByName returns the namespaces of a map whose lock is held.
func sortedByName(m map[string]*Namespace) []*Namespace {
	list := slices.Collect(maps.Values(m))
	slices.SortFunc(list, func(a, b *Namespace) int { return strings.Compare(a.name, b.name) })
	return list
}

// OnNewNamespace adds a function that is called with each namespace that is made from now
// on, by [Server.Of] or as the child of a parent; not with the main namespace. It may
// register handlers and call Of. CONNECTs of clients, and the call of Of, wait until it has
// returned, so it must not wait for a client. Calls for different namespaces overlap. A
// panic is logged.
func (s *Server) OnNewNamespace(f func(n *Namespace)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hooks = with(s.hooks, f)
}

// newLocked returns the functions to be told of n, for introduce. Server.mu is held.
func (s *Server) newLocked(n *Namespace) []func(*Namespace) {
	if n.name == "/" || len(s.hooks) == 0 {
		return nil
	}
	n.introduced = make(chan struct{})
	return s.hooks
}

// introduce tells the functions, if any, of a new namespace, and then lets its clients
// in.
func (n *Namespace) introduce(hooks []func(*Namespace)) {
	if len(hooks) == 0 {
		return
	}
	go func() {
		returned := false
		defer close(n.introduced) // also after runtime.Goexit
		defer n.contain("OnNewNamespace", "", &returned)
		call(n, "OnNewNamespace", "", hooks, func(f func(*Namespace)) { f(n) })
		returned = true
	}()
	n.awaitIntroduction()
}

// awaitIntroduction waits until the functions know of n.
func (n *Namespace) awaitIntroduction() {
	if n.introduced != nil {
		<-n.introduced
	}
}

func notInNamespace(r rune) bool { return r == ',' || r < ' ' || r == 0x7f || r == '\ufffd' }

// ServeHTTP serves the requests under Config.Path and answers 404 to others.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if s.forward != nil {
		r = s.forward.Arrived(r)
	}
	s.engine.ServeHTTP(w, r)
}

// opener is a Server as its sessions see it.
type opener struct{ srv *Server }

// Open implements engineio.Handler: it begins a connection.
func (o opener) Open(session *engineio.Session) engineio.Receiver {
	s := o.srv
	c := &conn{srv: s, session: session, ctx: &valued{s.ctx, session.Values()}}
	s.mu.Lock()
	s.conns[c] = struct{}{}
	s.mu.Unlock()
	c.mu.Lock()
	c.timer = s.cfg.Clock.AfterFunc(s.cfg.ConnectTimeout, c.connectTimeout)
	c.mu.Unlock()
	s.watchdog.wake()
	s.observeConnection(c)
	return c
}

// A valued context has values of another one besides its own.
type valued struct {
	context.Context
	values context.Context
}

// Value implements context.Context. The embedded one comes first: there are the keys by
// which package context knows it.
func (v *valued) Value(key any) any {
	if value := v.Context.Value(key); value != nil {
		return value
	}
	return v.values.Value(key)
}

// forget drops a connection whose handlers have all returned.
func (s *Server) forget(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
	if s.idle != nil && len(s.conns) == 0 {
		close(s.idle)
		s.idle = nil
	}
}
