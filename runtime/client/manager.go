// SPDX-License-Identifier: Apache-2.0

package client

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/sockgen/sockgen/runtime/internal/guard"
)

// A Manager holds one connection to a server, which its sockets share, and renews it.
// It connects when one of its sockets wants to and closes the connection when none
// does any more. Its methods may be called from any goroutine.
type Manager struct {
	cfg       Config
	guard     *guard.Guard
	address   address
	http      *http.Client
	closeIdle func()
	ctx       context.Context // ends with Close
	cancel    context.CancelFunc

	// mu guards what follows and everything that Socket says it does. No function of
	// the application runs under it. It is taken before session.mu.
	mu        sync.Mutex
	sockets   map[string]*Socket // by namespace
	order     []*Socket          // as they were made
	session   *session           // nil while there is none
	running   bool               // the goroutine of run exists
	interrupt context.CancelFunc // ends what run waits for between two sessions
	delayed   bool               // the next attempt has to wait
	attempts  int                // delays since the last session was opened
	closed    bool
	tasks     int           // goroutines
	idle      chan struct{} // made by Close; closed when there are none
	lastErr   error         // of the latest attempt or session
}

// New returns a Manager for the server at rawURL, such as "https://example.com", whose
// path Config.Path tells. It does not connect yet. Errors are those of rawURL and of
// [Config.Validate].
func New(rawURL string, cfg Config) (*Manager, error) {
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	m := &Manager{cfg: cfg.withDefaults(), sockets: map[string]*Socket{}}
	m.guard = guard.New(m.cfg.Logger, m.cfg.Clock.Now, "client: a function of the application did not return")
	m.cfg.contain(m.guard)
	var err error
	if m.address, err = parseAddress(rawURL, &m.cfg); err != nil {
		return nil, err
	}
	m.http, m.closeIdle = newHTTPClient(&m.cfg)
	m.ctx, m.cancel = context.WithCancel(context.Background())
	return m, nil
}

// Dial is New with a connection: one attempt is made to open it, whose error is
// returned. The server closes it if no socket joins in time, 45 seconds for the
// official one.
func Dial(ctx context.Context, rawURL string, cfg Config) (*Manager, error) {
	m, err := New(rawURL, cfg)
	if err != nil {
		return nil, err
	}
	sess, rest, err := m.open(ctx)
	if err != nil {
		m.cancel()
		m.closeIdle()
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.running = true
	m.openedLocked(sess, rest)
	m.goLocked(func() { m.run(sess) })
	return m, nil
}

// Socket returns the socket of a namespace and makes it on first use, when cfg counts.
// The slash at the start may be omitted; "" and "/" are the main namespace. The socket
// does not connect before Open or Connect, so that handlers can be added first. Socket
// panics on a name that cannot be sent.
func (m *Manager) Socket(namespace string, cfg SocketConfig) *Socket {
	if !strings.HasPrefix(namespace, "/") {
		namespace = "/" + namespace
	}
	for _, c := range namespace {
		if c == ',' || c < ' ' || c == 0x7f {
			panic(fmt.Sprintf("client: no namespace can have the name %q: it must not contain commas and control characters", namespace))
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.sockets[namespace]
	if s == nil {
		s = &Socket{m: m, nsp: namespace, cfg: cfg, acks: map[uint64]chan<- reply{}, events: map[string][]*listener{}}
		m.sockets[namespace] = s
		m.order = append(m.order, s)
	}
	return s
}

// Transport returns "polling" or "websocket": what the connection uses now, "" without
// one.
func (m *Manager) Transport() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.session == nil {
		return ""
	}
	return m.session.transport()
}

// Close ends all sockets with ClientDisconnect, writes what is queued, closes the
// connection and waits until all handlers have returned, OnDisconnect's included; so a
// handler must not call it. When ctx ends first, the connection is cut, the contexts
// of handlers end, and Close returns an error that wraps ctx's own and names what
// still runs. A second call waits in the same way.
func (m *Manager) Close(ctx context.Context) error {
	m.mu.Lock()
	if !m.closed {
		m.closed = true
		for _, s := range m.order {
			s.disconnectLocked(ErrClosed)
			s.failAcksLocked(ErrClosed, true)
			s.buffer, s.bufferBytes = nil, 0
		}
		m.detachLocked()
		m.idle = make(chan struct{})
		if m.tasks == 0 {
			close(m.idle)
		}
	}
	m.mu.Unlock()
	defer m.closeIdle()
	defer m.cancel()
	select {
	case <-m.idle:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("client: close: %w, while these still run: %s", context.Cause(ctx), m.stillRunning())
	}
}

func (m *Manager) stillRunning() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var names []string
	for _, s := range m.order {
		if s.running {
			names = append(names, s.doing+" of "+plain(s.nsp))
		}
	}
	if m.running {
		names = append(names, "the connection")
	}
	return strings.Join(names, ", ")
}

// goLocked starts a goroutine that Close waits for.
func (m *Manager) goLocked(f func()) {
	m.tasks++
	go func() {
		defer m.taskDone()
		f()
	}()
}

func (m *Manager) taskDone() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.tasks--; m.tasks == 0 && m.idle != nil {
		close(m.idle)
	}
}

// wantedLocked reports whether some socket wants a connection.
func (m *Manager) wantedLocked() bool {
	return !m.closed && slices.ContainsFunc(m.order, func(s *Socket) bool { return s.active })
}

// quietLocked ends the connection if no socket wants it any more (R199).
func (m *Manager) quietLocked() {
	if !m.wantedLocked() {
		m.detachLocked()
	}
}

// detachLocked lets the session end gracefully, and what would bring another one at
// once.
func (m *Manager) detachLocked() {
	if m.interrupt != nil {
		m.interrupt()
	}
	m.delayed, m.attempts = false, 0
	if m.session == nil {
		return
	}
	m.session.close()
	m.session = nil
	for _, s := range m.order {
		s.state = idle // those that wait for the answer to a CONNECT are done, too
	}
}

// sendLocked sends a packet that is not the application's, to a session that exists.
func (m *Manager) sendLocked(msg message) {
	if _, _, err := m.session.send(msg, false, true); err != nil {
		m.cfg.Logger.Debug("client: a packet was not sent", "error", err)
	}
}
