// SPDX-License-Identifier: Apache-2.0

package forward

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sockgen/sockgen/runtime/adapter"
	"github.com/sockgen/sockgen/runtime/internal/quiet"
)

// A Config says where a node is and what it may take upon itself. No field has a default.
type Config struct {
	Advertise *url.URL      // where the other nodes reach this one, as ParseURL returns it
	Requests  int           // that are passed on at the same time; further ones are answered 503
	Stall     time.Duration // how long a client may take nothing of what is passed on to it
	TLS       *tls.Config   // for nodes whose address is https; nil means the defaults
	Logger    *slog.Logger
	Clock     adapter.Clock
}

// Stats are counts since the start, and what there is now.
type Stats struct {
	Peers     int    // other nodes that are known now
	Active    int    // requests that are being passed on now, WebSockets included
	Forwarded uint64 // requests passed on
	Failed    uint64 // of these, those that the other node did not answer
	Refused   uint64 // requests that were not passed on, because there were too many
}

// A Forwarder passes requests on to the nodes that hold their sessions. Its methods may be
// called from any goroutine.
type Forwarder struct {
	cfg     Config
	id      string
	key     key
	quiet   *quiet.Log
	proxy   *proxy
	adapter atomic.Pointer[adapter.Adapter] // set by Join; notes may come before
	peers   atomic.Pointer[[]*peer]

	ready     chan struct{} // closed when the other nodes have told where they are, or had the time
	readyOnce sync.Once

	ctx  context.Context // ends with the Forwarder
	stop context.CancelFunc
	wg   sync.WaitGroup // of run

	forwarded, failed, refused atomic.Uint64

	mu      sync.Mutex           // guards what follows, and changes of peers
	flights map[*flight]struct{} // requests that are being passed on
	ending  bool
	idle    chan struct{} // closed when ending and no flight is left
}

// A flight is a request that is being passed on.
type flight struct {
	cancel context.CancelFunc
	tunnel bool // of a WebSocket
}

// New returns a Forwarder that knows no other node.
func New(cfg Config) (*Forwarder, error) {
	k, err := newKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("forward: read random bytes: %w", err)
	}
	var id [15]byte
	if _, err := io.ReadFull(rand.Reader, id[:]); err != nil {
		return nil, fmt.Errorf("forward: read random bytes: %w", err)
	}
	f := &Forwarder{
		cfg: cfg, key: k, id: base64.RawURLEncoding.EncodeToString(id[:]), quiet: quiet.New(cfg.Logger, cfg.Clock.Now),
		ready: make(chan struct{}), flights: map[*flight]struct{}{}, idle: make(chan struct{}),
	}
	f.peers.Store(new([]*peer))
	f.proxy = newProxy(cfg.TLS)
	f.ctx, f.stop = context.WithCancel(context.Background())
	return f, nil
}

// Join begins to find the other nodes. It is called once.
func (f *Forwarder) Join(hub adapter.Hub) error {
	a, err := hub.Open(Namespace, listener{f})
	if err != nil {
		return err
	}
	f.adapter.Store(&a)
	f.wg.Go(f.run)
	return nil
}

// Name returns the id of a new session, with the mark of this node. It does not block.
func (f *Forwarder) Name(id string) string { return id + f.key.mark(id) }

// Stats returns the counts of this moment.
func (f *Forwarder) Stats() Stats {
	f.mu.Lock()
	active := len(f.flights)
	f.mu.Unlock()
	return Stats{len(*f.peers.Load()), active, f.forwarded.Load(), f.failed.Load(), f.refused.Load()}
}

// begin notes that a request is passed on. It returns nil when there are too many, or
// none any more.
func (f *Forwarder) begin(cancel context.CancelFunc, tunnel bool) *flight {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ending || len(f.flights) >= f.cfg.Requests {
		return nil
	}
	t := &flight{cancel, tunnel}
	f.flights[t] = struct{}{}
	return t
}

func (f *Forwarder) end(t *flight) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.flights, t)
	if f.ending && len(f.flights) == 0 {
		close(f.idle)
	}
}

// Drain passes nothing on any more and cuts the WebSockets that it carries, whose clients
// reconnect. Requests that are under way may end until ctx does, and are cut then.
func (f *Forwarder) Drain(ctx context.Context) {
	f.mu.Lock()
	if !f.ending {
		f.ending = true
		if len(f.flights) == 0 {
			close(f.idle)
		}
	}
	f.cutLocked(func(t *flight) bool { return t.tunnel })
	f.mu.Unlock()
	select {
	case <-f.idle:
		return
	case <-ctx.Done():
	}
	f.mu.Lock()
	f.cutLocked(func(*flight) bool { return true })
	f.mu.Unlock()
	<-f.idle
}

func (f *Forwarder) cutLocked(which func(*flight) bool) {
	for t := range f.flights {
		if which(t) {
			t.cancel()
		}
	}
}

// Close tells the other nodes that this one goes and ends what New and Join began. It
// comes after Drain and before the hub's end.
func (f *Forwarder) Close() error {
	f.tell(eventGone)
	f.stop()
	f.wg.Wait()
	f.proxy.close()
	return (*f.adapter.Load()).Close()
}
