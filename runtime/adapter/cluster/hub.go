// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"log/slog"
	"sync"

	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/adapter/cluster/wire"
	"github.com/sockgen/sockgen/runtime/internal/guard"
	"github.com/sockgen/sockgen/runtime/internal/quiet"
)

// A hub joins one server to the bus.
type hub struct {
	env   adapter.Environment
	cfg   Config
	bus   Bus
	guard *guard.Guard
	quiet *quiet.Log // lines that may repeat
	uid   string     // of what is sent to namespaces that are not here

	ctx  context.Context // ends with the hub
	stop context.CancelFunc
	wg   sync.WaitGroup // what runs for nodes

	mu     sync.Mutex // guards what follows
	nodes  map[*node]struct{}
	closed bool
	gaps   map[string]error // by namespace, of which nobody has been told
	tells  bool             // somebody is being told
}

func newHub(env adapter.Environment, cfg Config, bus Bus) *hub {
	h := &hub{env: env, cfg: cfg, bus: bus, uid: newUID(), nodes: map[*node]struct{}{}, gaps: map[string]error{}}
	h.guard = guard.New(env.Logger, env.Clock.Now, "cluster: a function of the application did not return")
	h.quiet = quiet.New(env.Logger, env.Clock.Now)
	h.ctx, h.stop = context.WithCancel(context.Background())
	return h
}

// newUID returns a name that no other node has: 16 characters, as the official adapters
// choose them.
func newUID() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // which never fails
	return hex.EncodeToString(b[:])
}

// Open implements adapter.Hub.
func (h *hub) Open(namespace string, local adapter.Local) (adapter.Adapter, error) {
	n := newNode(h, namespace)
	n.local = &listening{Local: local}
	n.Memory = adapter.NewMemory(n.local)
	keeper, able := h.bus.(Keeper)
	home, wanted := local.(adapter.Home)
	keeps := able && wanted && h.env.Recovery > 0
	if keeps {
		n.keeping = &keeping{node: n, keeper: keeper, home: home, asking: make(chan struct{}, maxAsking)}
	}
	if err := n.listen(false); err != nil {
		return nil, err
	}
	n.local.to.Store(&n.listener)
	if keeps {
		return n.keeping, nil
	}
	return n, nil
}

// Elsewhere implements adapter.Hub.
func (h *hub) Elsewhere(namespace string) adapter.Reach { return &remote{h, namespace} }

// add lets the hub know of a node that listens.
func (h *hub) add(n *node) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return adapter.ErrClosed
	}
	h.nodes[n] = struct{}{}
	return nil
}

func (h *hub) remove(n *node) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.nodes, n)
}

// over reports whether Close was called.
func (h *hub) over() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.closed
}

// publish sends a body to a namespace.
func (h *hub) publish(namespace, uid string, b wire.Body) error {
	if h.over() {
		return adapter.ErrClosed
	}
	return h.bus.Publish(wire.Message{UID: uid, Namespace: namespace, Body: b})
}

// Close implements adapter.Hub.
func (h *hub) Close(ctx context.Context) error {
	h.mu.Lock()
	h.closed = true
	left := make([]*node, 0, len(h.nodes))
	for n := range h.nodes {
		left = append(left, n)
	}
	h.mu.Unlock()
	for _, n := range left {
		n.end()
	}
	h.stop()
	err := h.bus.Close(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		h.wg.Wait()
	}()
	select {
	case <-done:
	case <-ctx.Done():
		if err == nil {
			err = ctx.Err()
		}
	}
	return err
}

// warn logs what went wrong with the bus.
func (h *hub) warn(what, namespace string, cause error) {
	h.quiet.Write(context.Background(), slog.LevelWarn, what, "cluster: "+what, "namespace", guard.Quote(namespace, 128), "cause", guard.Quote(guard.Text(cause), 512))
}

// gap announces that messages may have been lost. It does not block.
func (h *hub) gap(g Gap) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return
	}
	h.gaps[g.Namespace] = g.Cause
	if !h.tells {
		h.tells = true
		h.wg.Go(h.tellGaps)
	}
}

// tellGaps tells of all gaps there are.
func (h *hub) tellGaps() {
	for {
		g, ok := h.nextGap()
		if !ok {
			return
		}
		h.warn("messages of other nodes may have been lost", g.Namespace, g.Cause)
		if h.env.Gap != nil {
			h.env.Gap(g.Namespace, g.Cause)
		}
		if h.cfg.OnGap != nil {
			h.guard.Apart(func() { h.cfg.OnGap(g) }, "function", "OnGap")
		}
	}
}

func (h *hub) nextGap() (Gap, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for namespace, cause := range h.gaps {
		delete(h.gaps, namespace)
		return Gap{namespace, cause}, true
	}
	h.tells = false
	return Gap{}, false
}
